"""What a language model may know of one turn of a dialog, and what it may propose.

Types of the words in `domain`. Nothing here holds a phone, a surname or the id of a person that
a model would be told; names of clients are placeholders.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from vernis.domain import Address, Appointment, FreeTime, Intent, Locale, Reading, Topic, When


class Act(StrEnum):
    """What a language model may propose to do. Code does it, or does not."""

    OFFER = "offer"  # these free times
    BOOK = "book"
    MOVE = "move"  # one of the client's own bookings
    CANCEL = "cancel"
    REMIND = "remind"  # not now: on that day
    HAND_OVER = "hand_over"  # to a person
    ANSWER = "answer"  # a question, from the facts


class Refused(StrEnum):
    """Why something that a model proposed was not done or not said."""

    DECIDED = "decided"  # code is sure of another move
    OPT_OUT = "opt_out"  # that, and whose number it is, code decides alone
    WRONG_PERSON = "wrong_person"
    UNKNOWN = "unknown"  # a time or a booking that was not given
    SEVERAL = "several"  # actions at once
    NOTHING = "nothing"  # an action without what it acts on
    NOT_FREE = "not_free"
    PAST = "past"
    NOT_OWN = "not_own"
    NO_YES = "no_yes"  # asked instead
    NO_DATE = "no_date"  # a day that the client did not name
    TEXT = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """A service as it is said: «маникюр — 2 000 ₽», 60."""

    said: str
    minutes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One message of the dialog, without what tells who the client is."""

    ours: bool
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnFacts:
    """All that a language model may know of a turn. Moments are aware, `now` company-local.

    `said` are the client's last words, `lines` what was said before them, `context` the
    reactivation that they answer and what to do about it, as other assistants are told. `free` are
    real free times that were looked up, `offered` those that the client was shown, in that order,
    `own` the client's bookings. `reading` is how code understands the words, `phrase` what code
    would say, None where that stands as it is; `facts` are what may be stated.
    """

    locale: Locale
    address: Address
    now: datetime
    said: str = field(repr=False)
    reading: Reading
    phrase: str | None = field(repr=False)
    company_name: str | None = None
    has_name: bool = False
    lines: tuple[Line, ...] = ()
    context: str | None = field(default=None, repr=False)
    service: str | None = None
    services: tuple[Priced, ...] = ()
    facts: Mapping[Topic, str] = field(default_factory=dict)
    free: tuple[FreeTime, ...] = ()
    offered: tuple[FreeTime, ...] = ()
    own: tuple[Appointment, ...] = ()
    banned_words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a language model makes of a turn: how it reads it, what to do, what to say.

    `failed` says why there is none: `unavailable`, `budget`, `money`, `slow`, `nonsense`. `faults`
    are what it named and was never given. `text` is as the model wrote it.
    """

    model: str | None = None
    intent: Intent | None = None
    topic: Topic | None = None
    when: When | None = None
    choice: int | None = None
    act: Act | None = None
    times: tuple[FreeTime, ...] = ()
    booking: Appointment | None = None
    on: date | None = None
    about: Topic | None = None
    text: str | None = field(default=None, repr=False)
    faults: tuple[Refused, ...] = ()
    failed: str | None = None
