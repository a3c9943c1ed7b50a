"""What a receptionist can do next. `decide.dialog` chooses, a stage carries out, phrases say it.

Three kinds look something up first and become another move by what is found: `OfferTimes`,
`FindBookings`, and `Book` or `Change`, whose time may be gone.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from vernis.domain import Appointment, FreeTime, Topic, When


class Why(StrEnum):
    """Why a person takes over."""

    QUESTION = "question"
    COMPLAINT = "complaint"
    WANTS_PERSON = "wants_person"
    CHANGE = "change"  # a booking that the assistant cannot move or cancel
    CHECK = "check"  # says that they are booked, and nothing is found
    NOTE = "note"  # the salon must know: comes late, brings somebody
    VOICE = "voice"
    PICTURE = "picture"
    UNCLEAR = "unclear"
    TOO_LONG = "too_long"
    AFTER_OPT_OUT = "after_opt_out"  # nothing is said, a person reads it
    TAKEN = "taken"  # a person wanted to answer, so nothing is said either


class Purpose(StrEnum):
    """What the client's own bookings are looked up for."""

    MOVE = "move"
    CANCEL = "cancel"
    CHECK = "check"  # the client says that there is one
    TELL = "tell"  # the client asks when it is


# --- to look up ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferTimes:
    """Look free times up on these days (both included), then `offering.offer`.

    `definite`: the client named the time to have, not only asked what is free. `asked`: what else
    was said of it, of OTHER_TIME, LATER_TIME, EARLIER_TIME and MASTER. `not_on`: days at which
    the client cannot.
    """

    when: When | None
    first_day: date
    last_day: date
    definite: bool = False
    asked: Topic | None = None
    not_on: tuple[date, date] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FindBookings:
    """Look the client's bookings up, then `own_bookings.found`; `otherwise`: if there is none.

    `asked`: EARLIER_TIME or LATER_TIME than the booking; `not_on` as in `OfferTimes`.
    """

    purpose: Purpose
    when: When | None = None
    asked: Topic | None = None
    not_on: tuple[date, date] | None = None
    otherwise: "Move | None" = None


# --- to carry out -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """Book this time: one that was offered, or the only free one that the client named."""

    time: FreeTime


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Move the client's own booking to `time`, or cancel it where that is None."""

    booking: Appointment
    time: FreeTime | None


# --- to say -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """Say these times. `fits`: they are what was wished; `taken`: the chosen one just went.

    `wish`: the days and hours that were looked for; `asked` as in `OfferTimes`; `moving`: an
    existing booking is to be moved.
    """

    times: tuple[FreeTime, ...]
    fits: bool = True
    taken: bool = False
    wish: When | None = None
    asked: Topic | None = None
    moving: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NoTimes:
    """Nothing is free on the days that were looked at: ask for another day."""

    taken: bool = False
    wish: When | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskDay:
    """Ask for a day; `unclear` where the reply was not understood."""

    unclear: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AskWhich:
    """A yes to several times, or something `unclear` after them: which one?"""

    times: tuple[FreeTime, ...]
    unclear: bool = False
    moving: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AskService:
    """Which service? These are meant, or the most wanted ones; titles as in the CRM."""

    titles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskCancel:
    """Shall this booking be cancelled, or moved?"""

    booking: Appointment


@dataclass(frozen=True, slots=True, kw_only=True)
class AskWhichBooking:
    """Which of these bookings is meant?"""

    bookings: tuple[Appointment, ...]
    purpose: Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class TellBookings:
    """When the client is booked. `claimed`: the client said so, and is thanked."""

    bookings: tuple[Appointment, ...]
    claimed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NoBookings:
    """None is found: say so gently and ask for its day."""

    purpose: Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """The booking stays as it is."""

    booking: Appointment


@dataclass(frozen=True, slots=True, kw_only=True)
class Goodbye:
    """The client does not want to: a short goodbye, no persuasion; none after a mere reaction."""

    silent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OptOut:
    """Stop writing to this client, now and for good, and say so once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """A person answers; the assistant says so and is silent from then on."""

    why: Why


@dataclass(frozen=True, slots=True, kw_only=True)
class ThankAlreadyBooked:
    """The client was just here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongPerson:
    """The number is somebody else's: apologise, stop the number for this client."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerQuestion:
    """Answer from the given facts.

    `then_ask`: ask whether to book after the answer, or which of the `times` on offer. `also`:
    what was asked besides.
    """

    topic: Topic
    then_ask: bool = True
    times: tuple[FreeTime, ...] = ()
    also: tuple[Topic, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RemindLater:
    """Not now. `on`: the first day that the client named, if any; no message before it."""

    on: date | None = None
    ill: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AskToWrite:
    """A voice message: ask kindly to write instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """Say nothing: not everything needs an answer."""


Move = (
    OfferTimes | FindBookings | Book | Change | Offered | NoTimes | AskDay | AskWhich | AskService
    | AskCancel | AskWhichBooking | TellBookings | NoBookings | Keep | Goodbye | OptOut | HandOver
    | ThankAlreadyBooked | WrongPerson | AnswerQuestion | RemindLater | AskToWrite | Nothing
)  # fmt: skip
