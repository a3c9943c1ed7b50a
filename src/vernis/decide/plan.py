"""Who is written to today, and why not the others."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import blake2b

from vernis.decide.consent import evidence
from vernis.decide.hours import is_day_open
from vernis.decide.writing.message import campaign_for
from vernis.domain import Arm, Campaign, Company, Reason, Source


@dataclass(frozen=True, slots=True)
class Candidate:
    """What the plan knows of one client with a visit. Positional: rows of SQL become these."""

    client_id: int
    external_key: str
    name: str | None
    phone: str | None
    phone_state: str
    blacklisted: bool
    consent: str
    opted_out: bool
    declined_on: date | None  # the last "no" to a message
    remind_on: date | None  # asked for a message on that day, and for none before
    visited_since: bool  # came after the visit that the due date goes by
    booked_on: date | None  # the next booking on or after the day
    talked_on: date | None  # their last message, or today while the dialog is a person's
    contacted_on: date | None  # the last campaign message to this phone
    open_reactivation: bool  # one is already on its way
    attempts: int  # of this lapse, sent or held out
    last_attempt_on: date | None
    arm: Arm | None  # of this lapse, where it already has one
    last_visit_on: date
    interval_days: int
    low_days: int
    high_days: int
    due_on: date
    first_on: date  # the day on which the first message of the lapse belongs
    interval_source: Source
    confidence: float
    service_id: int | None
    service_title: str | None
    staff_id: int | None
    visit_count: int
    spent_minor: int
    returning_chance: float | None  # to come back by themselves, as of the last computation
    falling_chance: float | None  # how much of it the coming week takes
    heard: bool = False  # wrote to the company before: a message opens no new chat
    unreachable: bool = False  # known to be on none of the company's channels

    @property
    def at_stake(self) -> float:
        """What waiting another week puts at stake: the part of the chance of return that it
        takes, by what the client has spent (minor units)."""
        return (self.falling_chance or 0.0) * max(self.spent_minor, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is decided about one client for one day.

    `arm` and `attempt` are set for those who are due; `next_on` is the day on which a `not_due`
    becomes due.
    """

    reason: Reason
    arm: Arm | None = None
    attempt: int | None = None
    next_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    candidate: Candidate
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What the company's number may send on a day, `new_chats` of it to people who never wrote."""

    messages: int
    new_chats: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A company's decision for a day: contacts in the order of sending, then all the others.

    `unread` are clients about whom nothing had to be read, by reason: those who are not due
    yet, are gone too long or have had their last wave, and those who wait because the day is full.
    """

    on: date
    decisions: tuple[Decision, ...]
    unread: Counter[Reason] = field(default_factory=Counter)

    @property
    def contacts(self) -> list[Decision]:
        return [d for d in self.decisions if d.verdict.reason in CONTACTED]

    @property
    def held_out(self) -> list[Decision]:
        return [d for d in self.decisions if d.verdict.reason is Reason.HOLDOUT]

    @property
    def counts(self) -> Counter[Reason]:
        return Counter(d.verdict.reason for d in self.decisions) + self.unread


CONTACTED = (Reason.DUE, Reason.LAPSED)
_NO = {reason: Verdict(reason=reason) for reason in Reason}  # thousands of times the same
WAVES = 3
DIALOG_DAYS = 2  # who wrote yesterday is in a conversation, not due for a campaign


def decide(
    candidates: Iterable[Candidate],
    company: Company,
    *,
    on: date,
    planned: int = 0,
    room: Room | None = None,
) -> Plan:
    """The plan for a day. `planned` contacts of that day exist already and count for the cap.

    The cap is filled from those down with whom waiting costs most (`Candidate.at_stake`), by the
    due date where it costs the same. Held-out clients are met on the same way down, so that both
    arms are drawn from the same ranks, also where the number has `room` for fewer than the cap.
    On a day off nobody is.
    """
    due: list[Decision] = []
    others: list[Decision] = []
    for candidate in candidates:
        verdict = look_at(candidate, company, on=on)
        (due if verdict.arm else others).append(Decision(candidate=candidate, verdict=verdict))
    due.sort(key=lambda d: (-d.candidate.at_stake, d.candidate.due_on, d.candidate.client_id))

    left, is_closed = company.daily_cap - planned, not is_day_open(company, on)
    room = room or Room(messages=left, new_chats=left)
    messages, new_chats = room.messages, room.new_chats
    phones: set[str] = set()
    contacts: list[Decision] = []
    for decision in due:
        verdict, opens_chat = decision.verdict, not decision.candidate.heard
        if is_closed:
            verdict = _NO[Reason.OUTSIDE_HOURS]
        elif decision.candidate.phone in phones:
            verdict = _NO[Reason.SHARED_PHONE]
        elif left <= 0:
            verdict = _NO[Reason.DAILY_CAP]
        elif messages <= 0 or (opens_chat and new_chats <= 0):
            verdict = _NO[Reason.ACCOUNT_LIMIT]
        else:
            phones.add(decision.candidate.phone or "")
            is_contact = verdict.arm is Arm.CONTACT
            left -= is_contact
            messages -= is_contact
            new_chats -= is_contact and opens_chat
        decided = Decision(candidate=decision.candidate, verdict=verdict)
        (contacts if verdict.reason in CONTACTED else others).append(decided)
    return Plan(on=on, decisions=(*contacts, *others))


def look_at(candidate: Candidate, company: Company, *, on: date) -> Verdict:
    """Everything but the cap: exclusions first, from the lasting to the passing ones."""
    if reason := _never(candidate, company, on) or _not_now(candidate, company, on):
        return _NO[reason]
    attempt = candidate.attempts + 1
    opens: date | None = candidate.first_on
    if candidate.last_attempt_on is not None:
        first_days = (candidate.first_on - candidate.last_visit_on).days
        opens = next_wave_on(
            candidate.last_visit_on,
            wave_days(candidate.interval_days, first_days),
            candidate.last_attempt_on,
            candidate.remind_on,
        )
    if opens is None:
        return _NO[Reason.ATTEMPTS_EXHAUSTED]
    if on < opens:
        return Verdict(reason=Reason.NOT_DUE, next_on=opens)
    arm = candidate.arm or arm_of(candidate, company)
    if arm is Arm.HOLDOUT:
        return Verdict(reason=Reason.HOLDOUT, arm=arm, attempt=attempt)
    late = on > candidate.last_visit_on + timedelta(days=candidate.high_days)
    return Verdict(reason=Reason.LAPSED if late else Reason.DUE, arm=arm, attempt=attempt)


# What `look_at` asks, in its order: whoever gets one of these as the reason passed all before it.
ASKED = (
    Reason.BLACKLISTED,
    Reason.OPTED_OUT,
    Reason.NO_CONSENT,
    Reason.NO_PHONE,
    Reason.INVALID_PHONE,
    Reason.NOT_ON_CHANNEL,
    Reason.GONE_TOO_LONG,
    Reason.VISITED_SINCE,
    Reason.FUTURE_BOOKING,
    Reason.DECLINED,
    Reason.ASKED_LATER,
    Reason.ATTEMPTS_EXHAUSTED,
    Reason.CONTACTED_RECENTLY,
    Reason.IN_DIALOG,
    Reason.NOT_DUE,
    Reason.HOLDOUT,
)


def _never(client: Candidate, company: Company, on: date) -> Reason | None:
    if client.blacklisted:
        return Reason.BLACKLISTED
    if client.opted_out:
        return Reason.OPTED_OUT
    visit = client.last_visit_on
    if evidence(company, consent=client.consent, last_visit_on=visit, on=on) is None:
        return Reason.NO_CONSENT
    if client.phone is None:
        return Reason.INVALID_PHONE if client.phone_state == "invalid" else Reason.NO_PHONE
    return Reason.NOT_ON_CHANNEL if client.unreachable else None


def _not_now(client: Candidate, company: Company, on: date) -> Reason | None:
    if (on - client.last_visit_on).days > company.gone_too_long_days:
        return Reason.GONE_TOO_LONG
    if client.visited_since:
        return Reason.VISITED_SINCE
    if client.booked_on is not None:
        return Reason.FUTURE_BOOKING
    if client.declined_on is not None and client.declined_on >= client.last_visit_on:
        return Reason.DECLINED
    if client.remind_on is not None and on < client.remind_on:
        return Reason.ASKED_LATER
    if client.attempts >= company.max_attempts:
        return Reason.ATTEMPTS_EXHAUSTED
    if client.open_reactivation or _within(client.contacted_on, company.cooldown_days, on):
        return Reason.CONTACTED_RECENTLY
    if _within(client.talked_on, DIALOG_DAYS, on):
        return Reason.IN_DIALOG
    return None


def _within(day: date | None, days: int, on: date) -> bool:
    return day is not None and on < day + timedelta(days=days)


# --- waves -----------------------------------------------------------------------------------


def wave_days(interval_days: int, first_days: int) -> int:
    """The days from one wave to the next, from the interval and the first message's day.

    Where that message waits longer than the interval, until half of the expected returns have
    come, the later waves wait in proportion: by the interval alone the second would follow days
    after the first, or the last be over before it.
    """
    return max(interval_days, first_days)


def wave_of(inactive_days: int, every_days: int) -> int:
    """Which wave a day belongs to: 2 and 3 from twice and three times `wave_days`, 1 before."""
    return max(1, min(WAVES, inactive_days // every_days))


def next_wave_on(
    last_visit_on: date, every_days: int, last_attempt_on: date, remind_on: date | None
) -> date | None:
    """The first day on which the next attempt of this lapse belongs; None after the last wave.

    One attempt a wave: whoever was written to in a wave waits for the next one, and whoever was
    met late is in the wave that their absence says. A day that the client asked for comes first.
    """
    if remind_on is not None and remind_on > last_attempt_on:
        return remind_on
    wave = wave_of((last_attempt_on - last_visit_on).days, every_days) + 1
    if wave > WAVES:
        return None
    return last_visit_on + timedelta(days=wave * every_days)


# --- the experiment ---------------------------------------------------------------------------


def arm_of(client: Candidate, company: Company) -> Arm:
    """The arm of a lapse: the same on every machine and every day, independent of anything else.

    A hash of company, client and last visit, so that a client who comes back draws anew.
    """
    lapse = f"{company.company_id}:{client.external_key}:{client.last_visit_on}"
    share = int.from_bytes(blake2b(lapse.encode(), digest_size=8).digest()) / 2**64
    return Arm.HOLDOUT if share * 100 < company.holdout_percent else Arm.CONTACT


def campaign(client: Candidate, on: date) -> Campaign:
    """By how long the client has been away."""
    return campaign_for((on - client.last_visit_on).days)
