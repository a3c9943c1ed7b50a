"""What a company can set, in an owner's words: groups of fields, each with its rule."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from vernis.domain import Address, Assistant, Band, Locale, Tone
from vernis.web.pages.catalog import N_
from vernis.web.pages.words import BANDS

CHOOSE = N_("Choose one.")
OFFER_RULE = N_("A percentage like 10%%, an amount like 500, or a gift in words.")
OFFER_HINT = N_("For example: 10%%; 14 days. Or: 500; from 2000. Or a gift in words.")
TOLD_RULE = N_("At most 300 letters: an answer in a messenger.")
WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
YES_OR_NO: Mapping[str, str] = {
    "yes": N_("Yes"),
    "no": N_("No"),
    "": N_("not to be told"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One field. `key` as `vernis set` has it; `rule` is said where what was typed is wrong.

    `kind`: text, time, number, date, switch (yes or no), choice, weekdays, lines or days.
    """

    key: str
    label: str
    rule: str = CHOOSE
    hint: str = ""
    kind: str = "text"
    choices: Mapping[str, str] = field(default_factory=dict)
    least: int | None = None
    most: int | None = None
    is_russian: bool = False  # only where messages are


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Fields that belong together, and why one would set them."""

    name: str
    title: str
    fields: tuple[Setting, ...]
    why: str = ""


def _number(key: str, label: str, rule: str, least: int, most: int, hint: str = "") -> Setting:
    return Setting(
        key=key, label=label, rule=rule, hint=hint, kind="number", least=least, most=most
    )


def _switch(key: str, label: str, hint: str = "") -> Setting:
    return Setting(key=key, label=label, hint=hint, kind="switch")


ABOUT = Group(
    name="about",
    title=N_("About the salon"),
    fields=(
        Setting(
            key="name",
            label=N_("Name of the salon"),
            rule=N_("A salon needs a name of up to 80 letters."),
            hint=N_("As clients know it: messages begin with it."),
        ),
        Setting(
            key="locale",
            label=N_("Messages are in"),
            kind="choice",
            choices={Locale.RU: "Русский", Locale.EN: "English"},
        ),
        Setting(key="timezone", label=N_("Time zone"), kind="choice"),
    ),
)
HOURS = Group(
    name="hours",
    title=N_("When messages leave"),
    fields=(
        Setting(
            key="send_from",
            label=N_("From"),
            rule=N_("A time like 10:00, earlier than the end."),
            kind="time",
        ),
        Setting(
            key="send_until",
            label=N_("Until"),
            rule=N_("A time like 20:00, later than the beginning."),
            kind="time",
        ),
        Setting(key="send_days", label=N_("Days"), rule=N_("At least one day."), kind="weekdays"),
        _switch("public_holidays", N_("Write nothing on public holidays")),
        Setting(
            key="days_off",
            label=N_("Other days without messages"),
            rule=N_(
                "A day like 31.12.2026 or a period like 02.01.2027–08.01.2027, each on a line."
            ),
            hint=N_("One a line: a day like 31.12.2026, or a period like 02.01.2027–08.01.2027."),
            kind="days",
        ),
        Setting(
            key="plan_at",
            label=N_("The plan for the day is made at"),
            rule=N_("A time like 09:30."),
            hint=N_("Some time before the first message, if you want to look at it beforehand."),
            kind="time",
        ),
    ),
)
PACE = Group(
    name="pace",
    title=N_("How many, and how often"),
    fields=(
        _number(
            "daily_cap",
            N_("At most so many messages a day"),
            N_("A whole number from 0 to 10,000."),
            0,
            10_000,
            N_("Those come first with whom waiting costs most."),
        ),
        _number(
            "max_attempts",
            N_("Messages to a client who does not come, at most"),
            N_("A whole number from 1 to 3."),
            1,
            3,
            N_("After a visit it begins anew."),
        ),
        _number(
            "cooldown_days",
            N_("Days between two messages to one client"),
            N_("A whole number from 1 to 90."),
            1,
            90,
        ),
        _number(
            "gone_too_long_days",
            N_("Do not write to clients away for more than so many days"),
            N_("A whole number from 30 to 3,650."),
            30,
            3_650,
            N_("Somebody who was not there for years hardly comes back, but may complain."),
        ),
    ),
)
TONE = Group(
    name="tone",
    title=N_("Tone and words"),
    fields=(
        Setting(
            key="tone",
            label=N_("Tone"),
            kind="choice",
            choices={Tone.WARM: N_("Warm"), Tone.BRIEF: N_("Brief")},
        ),
        Setting(
            key="address",
            label=N_("Clients are addressed as"),
            kind="choice",
            choices={Address.VY: "на «вы»", Address.TY: "на «ты»"},
            is_russian=True,
        ),
        Setting(
            key="banned_words",
            label=N_("Words that never stand in a message"),
            rule=N_("Words with commas between them: at most 100, each of up to 50 letters."),
            hint=N_("With commas between them, like: cheap, last chance."),
            kind="lines",
        ),
        _switch(
            "free_times_in_messages",
            N_("Offer free times in the messages"),
            N_("Up to three real ones, with the client's usual master where possible."),
        ),
    ),
)
OFFERS = Group(
    name="offers",
    title=N_("Offers"),
    why=N_(
        "None is needed: most come back without one. A message never promises what does not"
        " stand here."
    ),
    fields=tuple(Setting(key=f"offer.{band}", label=BANDS[band], rule=OFFER_RULE) for band in Band),
)
COMPARISON = Group(
    name="comparison",
    title=N_("Comparison group"),
    why=N_(
        "Many clients come back by themselves. To see whom the messages brought, a small part of"
        " those whom we could write to is not written to on purpose. That costs a few visits, and"
        " shows what the messages and each discount really earn. 10%% suits most salons; with 0"
        " nobody can tell."
    ),
    fields=(
        _number(
            "holdout_percent",
            N_("Percentage of clients who are not written to"),
            N_("A whole number from 0 to 50."),
            0,
            50,
        ),
        _number(
            "attribution_days",
            N_("Days within which a booking counts as brought by a message"),
            N_("A whole number from 1 to 60."),
            1,
            60,
            N_("Whoever books later came by themselves."),
        ),
    ),
)
CONSENT = Group(
    name="consent",
    title=N_("Consent to messages"),
    why=N_(
        "An invitation is advertising: you must be able to show that a client agreed to it. What"
        " you say here is kept with each message. This is a help, no legal advice."
    ),
    fields=(
        Setting(
            key="consent_basis",
            label=N_("How clients agree"),
            rule=N_("Say how they agreed, in 3 to 200 letters."),
            hint=N_(
                "For example: a form signed at the first visit. It holds for all of whom nothing"
                " else is known; empty: for nobody."
            ),
        ),
        Setting(
            key="consent_basis_on",
            label=N_("Since when"),
            rule=N_("A day, and above it how they agree."),
            hint=N_("May stay empty: as of today."),
            kind="date",
        ),
        _switch(
            "consent_required",
            N_("Write only to those who agreed"),
            N_("Switched off, the exception of your country for own clients holds, if it has one."),
        ),
    ),
)
APPROVAL = Group(
    name="approval",
    title=N_("A look before it leaves"),
    fields=(
        _switch(
            "approval",
            N_("Somebody approves each message first"),
            N_("They wait in the plan. What nobody approves in time does not leave."),
        ),
    ),
)
TALK = Group(
    name="talk",
    title=N_("Answers to clients"),
    fields=(
        Setting(
            key="assistant",
            label=N_("Who answers the clients"),
            kind="choice",
            choices={
                Assistant.VERNIS: N_("Vernis: books, and calls you where it cannot go on"),
                Assistant.EXTERNAL: N_("Our own assistant, over the API"),
            },
        ),
        _number(
            "silence_minutes",
            N_("Minutes of silence after you have written to a client yourself"),
            N_("A whole number from 0 to 10,080: a week."),
            0,
            10_080,
        ),
        Setting(
            key="fact.address",
            label=N_("Address"),
            rule=TOLD_RULE,
            hint=N_("What stands here and below may be told to a client who asks."),
        ),
        Setting(key="fact.directions", label=N_("How to get there"), rule=TOLD_RULE),
        Setting(key="fact.parking", label=N_("Parking"), rule=TOLD_RULE),
        Setting(
            key="fact.cards",
            label=N_("One can pay by card"),
            kind="choice",
            choices=YES_OR_NO,
        ),
    ),
)
MODEL = Group(
    name="model",
    title=N_("Language model"),
    fields=(
        Setting(
            key="model_limit_usd",
            label=N_("At most so many US dollars a month"),
            rule=N_("An amount like 5 or 2.50, or nothing for no limit."),
            hint=N_("Beyond it messages are written from templates. Empty: no limit."),
        ),
    ),
)
GROUPS = (ABOUT, HOURS, PACE, TONE, OFFERS, COMPARISON, CONSENT, APPROVAL, TALK, MODEL)
SETTINGS: Mapping[str, Setting] = {one.key: one for group in GROUPS for one in group.fields}

VARIANTS = N_("Two wordings against each other")
VARIANTS_RULE = N_(
    "Short names with commas between them, like warm, short:2. A number from 1 to 100 after a"
    " colon says how often; 2 to 6 of them, or none."
)
HOURS_CLOSED = N_("Nobody in this country may be written to in these hours: give others.")
