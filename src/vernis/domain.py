"""The words of Vernis as types: frozen, without behaviour that needs a clock or a server.

Dates are days in the company's own time zone, datetimes are aware and in UTC unless a name
says local, money is integer minor units (kopecks, cents), phones are E.164 digits without a plus.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from vernis.errors import Refusal


class Locale(StrEnum):
    """The language a company speaks with its clients."""

    RU = "ru"
    EN = "en"


class Address(StrEnum):
    """How a Russian-speaking company addresses its clients."""

    VY = "vy"
    TY = "ty"


class Assistant(StrEnum):
    """Who answers a company's clients."""

    VERNIS = "vernis"
    EXTERNAL = "external"  # the company's own assistant; Vernis tells it what it needs


class Gender(StrEnum):
    """Grammatical gender for the forms that need one."""

    FEMALE = "female"
    MALE = "male"


class Source(StrEnum):
    """The level that gave an interval, from the most to the least specific."""

    PERSONAL = "personal"
    SERVICE_AVERAGE = "service_average"
    INDUSTRY_STANDARD = "industry_standard"
    UNIVERSAL = "universal"
    OWN = "own"  # what the owner has set for the service, in place of the three before it


class Campaign(StrEnum):
    """How long the client has been away: under 45 days, under 75, longer."""

    DORMANT_30 = "dormant_30"
    DORMANT_60 = "dormant_60"
    DORMANT_90 = "dormant_90"


class Band(StrEnum):
    """Tone of a message, by the same bands as the campaign."""

    GENTLE = "gentle"
    OFFER = "offer"
    WIN_BACK = "win_back"


class Tone(StrEnum):
    """Manner of a message, whatever its band."""

    WARM = "warm"
    BRIEF = "brief"


class Arm(StrEnum):
    """Side of the experiment that a lapse is on."""

    CONTACT = "contact"
    HOLDOUT = "holdout"


class State(StrEnum):
    """Where a reactivation is in its life. Events may jump forward, never back."""

    HELD_OUT = "held_out"
    PLANNED = "planned"
    WRITTEN = "written"
    CLAIMED = "claimed"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    READ = "read"
    SKIPPED = "skipped"
    EXPIRED = "expired"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why a client is, or is not, written to."""

    DUE = "due"
    LAPSED = "lapsed"
    NOT_DUE = "not_due"
    NO_VISITS = "no_visits"
    NO_PHONE = "no_phone"
    INVALID_PHONE = "invalid_phone"
    SHARED_PHONE = "shared_phone"
    BLACKLISTED = "blacklisted"
    OPTED_OUT = "opted_out"
    NO_CONSENT = "no_consent"
    FUTURE_BOOKING = "future_booking"
    CONTACTED_RECENTLY = "contacted_recently"
    ATTEMPTS_EXHAUSTED = "attempts_exhausted"
    HOLDOUT = "holdout"
    DAILY_CAP = "daily_cap"
    OUTSIDE_HOURS = "outside_hours"
    GONE_TOO_LONG = "gone_too_long"
    DECLINED = "declined"
    ASKED_LATER = "asked_later"
    VISITED_SINCE = "visited_since"
    IN_DIALOG = "in_dialog"
    CHANNEL_REFUSED = "channel_refused"
    ACCOUNT_PAUSED = "account_paused"
    ACCOUNT_LIMIT = "account_limit"  # the number may write to no more that day
    NOT_WRITABLE = "not_writable"
    REJECTED = "rejected"  # a person read the draft and said no
    NOT_ON_CHANNEL = "not_on_channel"  # on none of the company's channels
    CHANNEL_CAPPED = "channel_capped"  # the channel lets nobody write to them for some days
    NOT_SENT = "not_sent"  # a person looked: it had not left


class PauseReason(StrEnum):
    """Why an account rests."""

    BY_HAND = "by_hand"
    FEW_REPLIES = "few_replies"  # under a tenth of those who had never written answer
    MANY_FAILURES = "many_failures"
    NOT_DELIVERED = "not_delivered"  # accepted, and then nothing
    RATE_LIMITED = "rate_limited"  # 429
    RESTRICTED = "restricted"  # 463: no new chats
    LOGGED_OUT = "logged_out"  # 401, or the device was unlinked
    UNAUTHORISED = "unauthorised"  # the token expired or was taken back
    QUALITY = "quality"  # WhatsApp rates the number low
    TEMPLATE = "template"  # no approved template to open a conversation with


class ConnectionState(StrEnum):
    """Whether a channel could send for an account right now."""

    UNKNOWN = "unknown"  # nobody has looked
    CONNECTED = "connected"
    CONNECTING = "connecting"
    DISCONNECTED = "disconnected"
    LOGGED_OUT = "logged_out"
    RESTRICTED = "restricted"
    UNAUTHORISED = "unauthorised"
    UNREACHABLE = "unreachable"  # the bridge or gateway does not answer
    TEMPLATE_MISSING = "template_missing"


class BookingState(StrEnum):
    """What became of an appointment. `completed` ones are visits."""

    BOOKED = "booked"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"


class Intent(StrEnum):
    """What a reply wants."""

    BOOK = "book"
    QUESTION = "question"
    LATER = "later"
    DECLINE = "decline"
    OPT_OUT = "opt_out"
    ALREADY_BOOKED = "already_booked"
    COMPLAINT = "complaint"
    WRONG_PERSON = "wrong_person"
    NEUTRAL = "neutral"


class Topic(StrEnum):
    """What a reply is about, where the intent alone does not say."""

    PRICE = "price"
    ADDRESS = "address"
    PARKING = "parking"
    PAYMENT = "payment"  # by card, and in what other ways
    HOURS = "hours"
    STAFF = "staff"
    MASTER = "master"  # one of the staff: the usual one, or one that was named
    SERVICES = "services"
    DURATION = "duration"
    DISCOUNT = "discount"
    IDENTITY = "identity"  # who writes, and where from the number is known
    ROBOT = "robot"  # whether a person or a program answers
    FREE_TIMES = "free_times"  # asks what is free, has not chosen yet
    OTHER_TIME = "other_time"  # none of the offered ones
    LATER_TIME = "later_time"  # later on that day
    EARLIER_TIME = "earlier_time"
    RESCHEDULE = "reschedule"
    CANCEL = "cancel"
    PERSON = "person"  # wants to talk to somebody
    GREETING = "greeting"
    THANKS = "thanks"
    ILLNESS = "illness"  # comes later because of it
    NOTE = "note"  # something that the salon must know: comes late, brings somebody
    ASSENT = "assent"  # yes, and nothing else


class MessageKind(StrEnum):
    """What a message is; any other kind that a channel names is treated as OTHER."""

    TEXT = "text"
    VOICE = "voice"
    PHOTO = "photo"
    STICKER = "sticker"
    REACTION = "reaction"  # its text is the emoji, nothing where it was taken back
    EDITED = "edited"  # the new text of the message that it quotes
    DELETED = "deleted"  # the message that it quotes is taken back
    STAFF = "staff"  # not from the client: one of the salon wrote from the salon's own phone
    OTHER = "other"


class ResponseType(StrEnum):
    """The three types that the report counts."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    NEUTRAL = "neutral"


RESPONSE_TYPE: dict[Intent, ResponseType] = {
    Intent.BOOK: ResponseType.POSITIVE,
    Intent.DECLINE: ResponseType.NEGATIVE,
    Intent.OPT_OUT: ResponseType.NEGATIVE,
    Intent.COMPLAINT: ResponseType.NEGATIVE,
    Intent.WRONG_PERSON: ResponseType.NEGATIVE,
    Intent.QUESTION: ResponseType.NEUTRAL,
    Intent.LATER: ResponseType.NEUTRAL,
    Intent.ALREADY_BOOKED: ResponseType.NEUTRAL,
    Intent.NEUTRAL: ResponseType.NEUTRAL,
}


# --- the company --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """A tenant and what its owner has set. Times are company-local."""

    company_id: int
    name: str
    locale: Locale
    address: Address
    timezone: str
    currency: str
    country: str
    send_from: time
    send_until: time
    send_days: tuple[int, ...]  # ISO weekdays, 1 is Monday
    plan_at: time
    daily_cap: int
    holdout_percent: int
    max_attempts: int
    cooldown_days: int
    gone_too_long_days: int
    attribution_days: int
    consent_required: bool
    offers: dict[Band, "Offer"]
    tone: Tone = Tone.WARM
    variants: tuple["Variant", ...] = ()  # tested against each other; none: everybody alike
    variants_since: datetime | None = None  # when they were last changed: each change is a new test
    banned_words: tuple[str, ...] = ()  # never in a message, beside the defaults
    approval: bool = False  # a person approves each message first
    free_times_in_messages: bool = False  # offer up to three real ones with the usual master
    model_limit_minor: int | None = None  # what the language model may cost a month, US cents
    facts: dict[str, str] = field(default_factory=dict)  # decide/settings/facts.py's FACTS
    silence_minutes: int = 240  # after a person answers from the salon's own phone
    assistant: Assistant = Assistant.VERNIS
    days_off: tuple[date, ...] = ()  # beside the weekdays that are not in send_days
    public_holidays: bool = True  # of `country`: days off as well
    consent_basis: str | None = None  # how clients consented of whom nothing better is known
    consent_basis_on: date | None = None  # since when
    started_at: datetime | None = None  # None: nobody has said yet that sending may begin
    approval_until: date | None = None  # to this day a person approves, whatever `approval` says

    def wants_approval(self, on: date) -> bool:
        """Whether a person approves the messages that are written on a company-local day."""
        is_first_time = self.approval_until is not None and on <= self.approval_until
        return self.approval or is_first_time

    @property
    def answers(self) -> bool:
        """Whether Vernis talks with the clients itself."""
        return self.assistant is Assistant.VERNIS

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


# --- when a client is due -------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """The days after which a client is expected back, and where that comes from.

    `low` to `high` is the due window: the days that hold 80% of the expected returns.
    """

    days: int
    low: int
    high: int
    source: Source
    confidence: float  # 0 to 1
    evidence: dict[str, int | float | str]


# --- what is said to a client -------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A discount or gift that the company has configured for a band. Never invented.

    Exactly one of `percent`, `amount_minor`, `gift` is set. `floor_minor` is the least bill that
    it holds for, `valid_days` how long from the message on.
    """

    percent: int | None = None
    amount_minor: int | None = None
    currency: str | None = None
    gift: str | None = None
    terms: str | None = None
    floor_minor: int | None = None
    valid_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One side of a company's own test of tones or offers. `weight` is its share among all."""

    name: str
    weight: int = 1
    tone: Tone | None = None  # None: the company's
    offers: dict[Band, Offer] | None = None  # None: the company's


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFacts:
    """All that a writer may know and state. Holds no phone, no surname, no id of a person."""

    locale: Locale
    band: Band
    company_name: str
    client_name: str | None  # as in the CRM; the writer decides whether it can be said
    gender: Gender | None = None
    address: Address = Address.VY
    service_title: str | None = None  # as in the CRM
    staff_name: str | None = None
    inactive_days: int = 0
    attempt: int = 1
    offer: Offer | None = None
    seed: int = 0  # the same facts and seed give the same text
    used_templates: tuple[str, ...] = ()  # ids that this client already got, oldest first
    opt_out_line: bool = False  # the text must say how to stop further messages
    tone: Tone = Tone.WARM
    on: date | None = None  # the company-local day; an offer's validity counts from it
    free_times: tuple[datetime, ...] = ()  # company-local, at most three, with the usual master
    recent_texts: tuple[str, ...] = field(default=(), repr=False)  # what this client got last
    banned_words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A written message, and who wrote it.

    `template` is the template's id, `model` the language model's name; exactly one is set.
    `fallback` says why a template stands where a model was asked: `unavailable`, `budget`,
    `money`, or the names of the checks that its text failed.
    """

    text: str
    template: str | None = None
    model: str | None = None
    fallback: str | None = None


# --- what a client says ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """The days and hours that a reply asks for, in company-local time; both ends included.

    `days` None: no day was named. `hours` None: any time of the day. A single moment has
    equal ends.
    """

    days: tuple[date, date] | None = None
    hours: tuple[time, time] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a reply was understood to say.

    `choice` is the 1-based position of an offered time («второй» is 2, «последний» is -1).
    """

    intent: Intent
    confidence: float  # 0 to 1
    when: When | None = None
    choice: int | None = None
    evidence: str = ""  # name of the rule that decided, never the client's words
    topic: Topic | None = None
    not_on: tuple[date, date] | None = None  # days at which the client cannot
    also: tuple[Topic, ...] = ()  # what is asked besides the topic

    @property
    def response_type(self) -> ResponseType:
        return RESPONSE_TYPE[self.intent]


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeTime:
    """A time that can be booked: `starts_at` to `ends_at` (aware) with one of the staff."""

    starts_at: datetime
    ends_at: datetime
    staff_id: int
    staff_name: str
    service_id: int
    service_title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """A client's own visit that is to come: everything booked for one day.

    `starts_at` and the names are None where the CRM does not tell them. `booking_ids` has more
    than one where several services are booked.
    """

    booking_ids: tuple[int, ...]
    on: date  # company-local
    starts_at: datetime | None = None
    staff_id: int | None = None
    staff_name: str | None = None
    service_id: int | None = None
    service_title: str | None = None
    changeable: bool = True  # False: only the salon can, in the program that it is kept in


# --- what goes over a channel -----------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Abilities:
    """What a channel can do, and what it asks of the planner, the writer and the sender."""

    repeats_are_safe: bool = False  # knows our key: a repeat is delivered once
    reports_delivery: bool = False  # `accepted` without `delivered` means something
    looks_up: bool = False  # tells beforehand whether a phone can be reached
    human_pace: bool = False  # a number like a person's: gaps, warm-up, few new chats
    # After the client's last message; later only an approved template may open a conversation.
    free_text_for: timedelta | None = None
    longest_text: int = 4096
    single_line: bool = False  # no line breaks in a campaign text: it becomes a variable


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One number of a company on a channel, as a channel needs it."""

    company_id: int
    account_id: int
    channel: str
    address: str | None  # what the channel calls it
    settings: Mapping[str, Any] = field(default_factory=dict)
    sealed_token: bytes | None = field(default=None, repr=False)
    business: str | None = None  # Meta's id of the WhatsApp Business account that it belongs to


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """Whether an account could send, and in one sentence what to do where it could not.

    `limits` is what the channel itself says: new conversations a day, quality, restriction, and the
    `number` where it is not the address. `pause` is why the account rests, where its state alone
    says too much or too little.
    """

    state: ConnectionState
    says: str | None = None
    limits: Mapping[str, Any] = field(default_factory=dict)
    pause: PauseReason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One message for one phone, or for a LID (WhatsApp's own id of a person) whose phone is not
    known: one of the two is set. `key` is ours, unique and stable over repeats.

    `last_heard_at` is when the client last wrote to this account: a channel with `free_text_for`
    goes by it.
    """

    company_id: int
    account_id: int
    key: str
    phone: str | None
    text: str = field(repr=False)
    lid: str | None = None
    last_heard_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The channel took the message and calls it `provider_message_id`."""

    provider_message_id: str
    accepted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbound:
    """One message from a client, as a webhook or the sandbox brings it.

    `phone` may be missing when the sender is known by WhatsApp LID only. `kind` is a MessageKind.
    Of kind `staff` it is what one of the salon wrote to the client of that phone.
    """

    account_id: int
    provider_message_id: str
    received_at: datetime
    phone: str | None = None
    lid: str | None = None
    text: str | None = field(default=None, repr=False)
    kind: str = "text"
    quoted_message_id: str | None = None


class Event(StrEnum):
    """What a channel reports of a message that was claimed."""

    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    OUTCOME_UNKNOWN = "outcome_unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What a channel tells of a message of ours: by its id, by our key, or by both."""

    event: Event
    at: datetime
    provider_message_id: str | None = None
    key: str | None = None
    refusal: Refusal | None = None  # of a `failed`


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """A client told the channel itself to stop, or to resume, our advertising.

    Whoever hides the phone is known by `lid` only; one of the two is set.
    """

    phone: str | None
    stop: bool
    at: datetime
    lid: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateNews:
    """What Meta tells of a template."""

    name: str
    language: str
    at: datetime
    status: str | None = None
    category: str | None = None
    quality: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountNews:
    """What a channel tells of an account by itself: its connection, its limits, a restriction."""

    at: datetime
    connected: Connected | None = None
    pause: PauseReason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What one webhook brings for one account, in the order in which it is to be taken in."""

    channel: str
    address: str
    messages: tuple[Inbound, ...] = ()  # account_id 0: whoever takes them in fills it in
    statuses: tuple[Status, ...] = ()
    preferences: tuple[Preference, ...] = ()
    templates: tuple[TemplateNews, ...] = ()
    news: tuple[AccountNews, ...] = ()
