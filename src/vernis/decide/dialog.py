"""What to do next in a dialog. The dialog is a state that code owns; a text only proposes.

    read(text) -> decide(dialog, reading) -> a move
        OfferTimes: the stage looks free times up from `first_day` to `last_day`, then
                    offer(dialog, when, times) -> Turn with `Offered`, `NoTimes` or `Book`
        Book:       the stage books; TimeTakenError: offer(..., taken=True) with fresh times
        any other:  nothing to look up
    advance(dialog, move) -> the next dialog, `phrases.say(move)` -> what is said, or None

An opt-out is obeyed in every state. After it, and after a handover, nothing is said.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from vernis.domain import FreeTime, Intent, Reading, Topic, When

LOOK_AHEAD_DAYS = 7  # where no day was named
MOST_OFFERED = 3
MOST_TURNS = 12  # then a person takes over: two programs may be talking to each other
SURE = 0.5  # below it a reading is a guess


class DialogState(StrEnum):
    """Where a dialog is."""

    IDLE = "idle"
    OFFERED = "offered"
    BOOKED = "booked"
    HANDED_OVER = "handed_over"
    CLOSED = "closed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialog:
    """What is remembered between two messages of a client. Stored as JSON."""

    state: DialogState = DialogState.IDLE
    reactivation_id: int | None = None
    service_id: int | None = None
    service_title: str | None = None
    staff_id: int | None = None  # the client's usual master
    offered: tuple[FreeTime, ...] = ()
    wish: When | None = None  # the last one, so that «в 4» keeps the day said before
    booked: FreeTime | None = None
    asked_again: int = 0  # times in a row that the client was not understood
    turns: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        plain = {item.name: getattr(self, item.name) for item in fields(self)}
        plain["state"] = self.state.value
        plain["offered"] = [_time_out(free) for free in self.offered]
        plain["booked"] = self.booked and _time_out(self.booked)
        plain["wish"] = self.wish and _when_out(self.wish)
        return plain

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "Dialog":
        """The reverse; unknown keys are ignored, missing ones get their default."""
        known = {item.name: plain[item.name] for item in fields(cls) if item.name in plain}
        if "state" in known:
            known["state"] = DialogState(known["state"])
        known["offered"] = tuple(_time_in(free) for free in plain.get("offered") or ())
        known["booked"] = _time_in(plain["booked"]) if plain.get("booked") else None
        known["wish"] = _when_in(plain["wish"]) if plain.get("wish") else None
        return cls(**known)


# --- moves ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferTimes:
    """Look free times up on these days (both included), then `offer`.

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
class Offered:
    """Say these times. `fits`: they are what was wished; `taken`: the chosen one just went.

    `wish`: the days and hours that were looked for; `asked` as in `OfferTimes`.
    """

    times: tuple[FreeTime, ...]
    fits: bool = True
    taken: bool = False
    wish: When | None = None
    asked: Topic | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoTimes:
    """Nothing is free on the days that were looked at: ask for another day."""

    taken: bool = False
    wish: When | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """Book this time: one that was offered, or the only free one that the client named."""

    time: FreeTime


@dataclass(frozen=True, slots=True, kw_only=True)
class AskDay:
    """Ask for a day; `unclear` where the reply was not understood."""

    unclear: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AskWhich:
    """A yes to several times, or something `unclear` after them: which one?"""

    times: tuple[FreeTime, ...]
    unclear: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Goodbye:
    """The client does not want to: a short goodbye, no persuasion."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OptOut:
    """Stop writing to this client, now and for good, and say so once."""


class Why(StrEnum):
    """Why a person takes over."""

    QUESTION = "question"
    COMPLAINT = "complaint"
    WANTS_PERSON = "wants_person"
    CHANGE = "change"  # a booking is to be moved or cancelled
    UNCLEAR = "unclear"
    TOO_LONG = "too_long"
    AFTER_OPT_OUT = "after_opt_out"  # nothing is said, a person reads it


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """A person answers; the assistant says so and is silent from then on."""

    why: Why


@dataclass(frozen=True, slots=True, kw_only=True)
class ThankAlreadyBooked:
    """The client has a booking or was just here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongPerson:
    """The number is somebody else's: apologise, stop the number for this client."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerQuestion:
    """Answer from the given facts."""

    topic: Topic
    then_ask: bool = True  # ask for a day after the answer


@dataclass(frozen=True, slots=True, kw_only=True)
class RemindLater:
    """Not now. `on`: the first day that the client named, if any; no message before it."""

    on: date | None = None
    ill: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """Say nothing: not everything needs an answer."""


Move = (
    OfferTimes | Offered | NoTimes | Book | AskDay | AskWhich | Goodbye | OptOut | HandOver
    | ThankAlreadyBooked | WrongPerson | AnswerQuestion | RemindLater | Nothing
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What comes of free times: a move to say or to carry out, and the dialog after it."""

    move: Offered | NoTimes | Book
    dialog: Dialog


# --- which move ----------------------------------------------------------------------


def decide(
    dialog: Dialog, reading: Reading, *, now: datetime, known: frozenset[Topic] = frozenset()
) -> Move:
    """The next move. `now` is aware and company-local; `known` are the topics with facts."""
    if reading.intent == Intent.OPT_OUT:
        return Nothing() if dialog.state == DialogState.STOPPED else OptOut()
    if dialog.state == DialogState.STOPPED:
        wants = reading.intent in {Intent.BOOK, Intent.QUESTION, Intent.COMPLAINT}
        return HandOver(why=Why.AFTER_OPT_OUT) if wants else Nothing()
    if dialog.state == DialogState.HANDED_OVER:
        return Nothing()
    if dialog.turns >= MOST_TURNS:
        return HandOver(why=Why.TOO_LONG)
    if reading.intent == Intent.COMPLAINT:
        person = reading.topic == Topic.PERSON
        return HandOver(why=Why.WANTS_PERSON if person else Why.COMPLAINT)
    if reading.intent == Intent.WRONG_PERSON:
        return WrongPerson()
    if dialog.state == DialogState.BOOKED:
        return _after_booking(reading, known)
    return _before_booking(dialog, reading, now, known)


def _before_booking(
    dialog: Dialog, reading: Reading, now: datetime, known: frozenset[Topic]
) -> Move:
    if reading.topic in {Topic.RESCHEDULE, Topic.CANCEL} and not dialog.offered:
        return HandOver(why=Why.CHANGE)
    match reading.intent:
        case Intent.BOOK:
            return _towards_booking(dialog, reading, now)
        case Intent.QUESTION:
            return _question(reading, known, then_ask=dialog.state != DialogState.CLOSED)
        case Intent.LATER:
            days = reading.when.days if reading.when else None
            ahead = days is not None and days[0] > now.date()
            ill = reading.topic == Topic.ILLNESS
            return RemindLater(on=days[0] if days and ahead else None, ill=ill)
        case Intent.DECLINE:
            return Nothing() if dialog.state == DialogState.CLOSED else Goodbye()
        case Intent.ALREADY_BOOKED:
            return ThankAlreadyBooked()
        case _:
            return _neutral(dialog, reading)


def _towards_booking(dialog: Dialog, reading: Reading, now: datetime) -> Move:
    chosen = _chosen(dialog, reading)
    if chosen is not None:
        if chosen.starts_at <= now:
            return _look_up(dialog, reading.when, now)
        # After «Записать вас?» the time itself is a yes; one of several that is asked for is not.
        if reading.topic == Topic.FREE_TIMES and len(dialog.offered) > 1:
            return Offered(times=(chosen,))
        return Book(time=chosen)
    meant = _meant(dialog, reading, now)
    if meant and (len(meant) > 1 or reading.topic == Topic.MASTER):
        all_of_them = meant == dialog.offered
        return AskWhich(times=meant) if all_of_them else Offered(times=meant)
    if reading.topic == Topic.ASSENT and dialog.state == DialogState.OFFERED and dialog.offered:
        return AskWhich(times=dialog.offered)
    if reading.topic == Topic.ASSENT and dialog.state == DialogState.CLOSED:
        return Nothing()
    when = _wish(dialog, reading, now)
    vague = when is None and reading.topic not in {
        Topic.FREE_TIMES, Topic.OTHER_TIME, Topic.LATER_TIME, Topic.EARLIER_TIME, Topic.MASTER,
    }  # fmt: skip
    if vague and dialog.state == DialogState.OFFERED and dialog.offered and reading.when is None:
        return AskWhich(times=dialog.offered)
    found = _look_up(dialog, when, now, definite=reading.topic is None, asked=reading.topic)
    return replace(found, not_on=reading.not_on)


def _chosen(dialog: Dialog, reading: Reading) -> FreeTime | None:
    if not dialog.offered or dialog.state != DialogState.OFFERED:
        return None
    if reading.choice is not None:
        place = len(dialog.offered) if reading.choice == -1 else reading.choice
        return dialog.offered[place - 1] if 1 <= place <= len(dialog.offered) else None
    agreed = reading.topic == Topic.ASSENT or (reading.topic is None and reading.when is None)
    return dialog.offered[0] if len(dialog.offered) == 1 and agreed else None


def _meant(dialog: Dialog, reading: Reading, now: datetime) -> tuple[FreeTime, ...]:
    """The offered times that fit what was said: «вечером» where two are, «к моему мастеру»."""
    when = reading.when
    if dialog.state != DialogState.OFFERED:
        return ()
    if reading.topic == Topic.MASTER:
        return tuple(free for free in dialog.offered if free.staff_id == dialog.staff_id)
    if when is None:
        return ()
    exact = when.days is None and when.hours is not None and len(set(when.hours)) == 1
    if reading.topic is not None and not (exact and reading.topic == Topic.FREE_TIMES):
        return ()
    if when.days is not None:
        return tuple(free for free in dialog.offered if _fits(free, when, now))
    on_wished_days = When(days=dialog.wish.days if dialog.wish else None, hours=when.hours)
    same = tuple(free for free in dialog.offered if _fits(free, on_wished_days, now))
    return same or tuple(free for free in dialog.offered if _fits(free, when, now))


def _wish(dialog: Dialog, reading: Reading, now: datetime) -> When | None:
    """The wish, with what was said before where the reply says only a part of it."""
    when = reading.when
    if dialog.offered and reading.topic in {Topic.LATER_TIME, Topic.EARLIER_TIME}:
        return _shifted(dialog.offered, reading.topic, when, now)
    if when is not None and when.days is None and dialog.wish is not None and dialog.wish.days:
        first, last = dialog.wish.days
        days = [_day(free, now) for free in dialog.offered]
        if days and not any(first <= day <= last for day in days):
            return replace(when, days=(min(days), max(days)))  # the wished day had been full
        return replace(when, days=(first, last))
    return when


def _shifted(offered: Sequence[FreeTime], topic: Topic, when: When | None, now: datetime) -> When:
    starts = sorted(free.starts_at.astimezone(now.tzinfo) for free in offered)
    days = when.days if when and when.days else (starts[0].date(), starts[-1].date())
    if topic == Topic.LATER_TIME:
        latest = max(start.time() for start in starts)
        return When(days=days, hours=(_minutes_on(latest, 1), time(23, 59)))
    begins: dict[date, time] = {}
    for start in starts:
        begins.setdefault(start.date(), start.time())
    named = [begin for day, begin in begins.items() if days[0] <= day <= days[1]]
    return When(days=days, hours=(time(0), _minutes_on(max(named or begins.values()), -1)))


def _minutes_on(moment: time, minutes: int) -> time:
    total = min(max(moment.hour * 60 + moment.minute + minutes, 0), 24 * 60 - 1)
    return time(total // 60, total % 60)


def _look_up(
    dialog: Dialog,
    when: When | None,
    now: datetime,
    *,
    definite: bool = False,
    asked: Topic | None = None,
) -> OfferTimes:
    today = now.date()
    if when is not None and when.days is not None and when.days[1] >= today:
        first, last = max(when.days[0], today), when.days[1]
        # One day may be full: look at its neighbours as well.
        last = max(last, first + timedelta(2))
    else:
        first, last = today, today + timedelta(LOOK_AHEAD_DAYS)
    if asked in {Topic.LATER_TIME, Topic.EARLIER_TIME}:
        first, last = max(today, first - timedelta(2)), last + timedelta(4)
    if dialog.offered and when is None:
        last += timedelta(LOOK_AHEAD_DAYS)
    return OfferTimes(when=when, first_day=first, last_day=last, definite=definite, asked=asked)


def _question(reading: Reading, known: frozenset[Topic], *, then_ask: bool) -> Move:
    if reading.topic is not None and reading.topic in known:
        return AnswerQuestion(topic=reading.topic, then_ask=then_ask)
    return HandOver(why=Why.QUESTION)


def _neutral(dialog: Dialog, reading: Reading) -> Move:
    if dialog.state == DialogState.CLOSED or reading.topic == Topic.THANKS:
        return Nothing()
    if dialog.asked_again:
        return HandOver(why=Why.UNCLEAR)
    if dialog.state == DialogState.OFFERED and len(dialog.offered) > 1:
        return AskWhich(times=dialog.offered, unclear=True)
    return AskDay(unclear=reading.topic != Topic.GREETING)


def _after_booking(reading: Reading, known: frozenset[Topic]) -> Move:
    if reading.intent == Intent.QUESTION:
        return _question(reading, known, then_ask=False)
    if reading.intent in {Intent.NEUTRAL, Intent.ALREADY_BOOKED}:
        return Nothing()
    if reading.topic == Topic.ASSENT:
        return Nothing()
    return HandOver(why=Why.CHANGE)


def with_master(dialog: Dialog, reading: Reading, staff_id: int) -> Dialog:
    """The dialog of a client who named one of the staff to go to, or asked whether they work."""
    if reading.choice is not None:
        return replace(dialog, staff_id=staff_id)
    if reading.intent == Intent.BOOK:
        theirs = tuple(free for free in dialog.offered if free.staff_id == staff_id)
        return replace(dialog, staff_id=staff_id, offered=theirs)
    if reading.topic == Topic.MASTER and staff_id != dialog.staff_id:
        return replace(dialog, staff_id=staff_id, offered=())
    return dialog


# --- which times ---------------------------------------------------------------------


def offer(
    dialog: Dialog,
    when: When | None,
    times: Sequence[FreeTime],
    *,
    now: datetime,
    definite: bool = False,
    asked: Topic | None = None,
    not_on: tuple[date, date] | None = None,
    taken: bool = False,
) -> Turn:
    """Up to three of the free times: nearest to the wish, spread, the usual master first.

    With `definite`, a wish for one moment at which the usual master (or, without one, anybody)
    is free is booked at once. `asked` and `not_on` are as in
    `OfferTimes`. Times of the past are left out.
    """
    ahead = [free for free in times if free.starts_at > now]
    if not_on is not None:
        ahead = [free for free in ahead if not not_on[0] <= _day(free, now) <= not_on[1]]
    if asked == Topic.MASTER:
        ahead = [free for free in ahead if free.staff_id == dialog.staff_id] or ahead
    if not ahead:
        return Turn(
            move=NoTimes(taken=taken, wish=when),
            dialog=replace(dialog, offered=(), wish=when, state=DialogState.OFFERED),
        )
    fitting = [free for free in ahead if _fits(free, when, now)]
    if asked == Topic.EARLIER_TIME:
        fitting = [free for free in fitting if _earlier(free, dialog.offered, now)]
    named = _named(dialog, when, fitting) if definite and not taken else None
    if named is not None:
        return Turn(move=Book(time=named), dialog=replace(dialog, wish=when))
    shown = {_shown(free, now) for free in dialog.offered}
    refused = asked == Topic.OTHER_TIME
    if refused or when is None or when == dialog.wish or when.days is None:
        fresh = [free for free in fitting if _shown(free, now) not in shown] or fitting
    else:
        fresh = fitting  # for another day the same hours are news
    if not fitting and asked in {Topic.LATER_TIME, Topic.EARLIER_TIME}:
        days = {_day(free, now) for free in dialog.offered}
        fresh = [free for free in ahead if _day(free, now) not in days]
    # Where only a day was missed, another hour of it is nearer than another day.
    chosen = _spread(dialog, fresh or ahead, when, now)
    move = Offered(times=chosen, fits=bool(fitting), taken=taken, wish=when, asked=asked)
    return Turn(move=move, dialog=advance(replace(dialog, wish=when), move))


def _shown(free: FreeTime, now: datetime) -> tuple[datetime, int]:
    return free.starts_at.astimezone(now.tzinfo), free.staff_id


def _fits(free: FreeTime, when: When | None, now: datetime) -> bool:
    if when is None:
        return True
    start = free.starts_at.astimezone(now.tzinfo)
    if when.days is not None and not when.days[0] <= start.date() <= when.days[1]:
        return False
    return when.hours is None or when.hours[0] <= start.time() <= when.hours[1]


def _earlier(free: FreeTime, offered: Sequence[FreeTime], now: datetime) -> bool:
    """Before everything that was offered on its day."""
    return all(
        free.starts_at < other.starts_at for other in offered if _day(other, now) == _day(free, now)
    )


def _named(dialog: Dialog, when: When | None, fitting: Sequence[FreeTime]) -> FreeTime | None:
    if when is None or when.days is None or when.hours is None:
        return None
    if when.days[0] != when.days[1] or when.hours[0] != when.hours[1] or not fitting:
        return None
    usual = [free for free in fitting if free.staff_id == dialog.staff_id]
    if dialog.staff_id is not None and not usual:
        return None  # another master only with the client's yes
    return (usual or list(fitting))[0]


def _spread(
    dialog: Dialog, times: Sequence[FreeTime], when: When | None, now: datetime
) -> tuple[FreeTime, ...]:
    """Three by rank, then the least alike: other days first, hours apart."""
    ranked = sorted(times, key=lambda free: _rank(dialog, free, when, now))
    chosen: list[FreeTime] = []
    for gap in (None, timedelta(hours=2), timedelta(hours=1), timedelta(minutes=1)):
        for free in ranked:
            if len(chosen) < MOST_OFFERED and all(_apart(free, one, gap, now) for one in chosen):
                chosen.append(free)
    return tuple(sorted(chosen, key=lambda free: free.starts_at))


def _rank(
    dialog: Dialog, free: FreeTime, when: When | None, now: datetime
) -> tuple[int, float, bool, datetime]:
    start = free.starts_at.astimezone(now.tzinfo)
    days_off = 0
    hours_off = 0.0
    if when is not None and when.days is not None:
        days_off = max((when.days[0] - start.date()).days, (start.date() - when.days[1]).days, 0)
    if when is not None and when.hours is not None:
        minute = start.hour * 60 + start.minute
        first, last = (moment.hour * 60 + moment.minute for moment in when.hours)
        hours_off = max(first - minute, minute - last, 0) / 60
    return days_off, hours_off, free.staff_id != dialog.staff_id, free.starts_at


def _apart(free: FreeTime, other: FreeTime, gap: timedelta | None, now: datetime) -> bool:
    """On different days, or with a `gap` at least so far from each other."""
    if gap is None:
        return _day(free, now) != _day(other, now)
    return abs(free.starts_at - other.starts_at) >= gap


def _day(free: FreeTime, now: datetime) -> date:
    return free.starts_at.astimezone(now.tzinfo).date()


# --- the dialog after a move ---------------------------------------------------------

_STATE_AFTER: dict[type, DialogState] = {
    Goodbye: DialogState.CLOSED,
    RemindLater: DialogState.CLOSED,
    ThankAlreadyBooked: DialogState.CLOSED,
    OptOut: DialogState.STOPPED,
    WrongPerson: DialogState.STOPPED,
}


def advance(dialog: Dialog, move: Move) -> Dialog:
    """The dialog after a move was carried out (a `Book` only after the booking was made)."""
    turned = replace(dialog, turns=dialog.turns + 1, asked_again=0)
    match move:
        case Offered(times=times):
            return replace(turned, state=DialogState.OFFERED, offered=times)
        case Book(time=booked):
            return replace(turned, state=DialogState.BOOKED, offered=(), wish=None, booked=booked)
        case AskDay(unclear=True) | AskWhich(unclear=True):
            return replace(turned, asked_again=dialog.asked_again + 1)
        case HandOver(why=Why.AFTER_OPT_OUT):
            return dialog
        case HandOver():
            return replace(turned, state=DialogState.HANDED_OVER, offered=(), wish=None)
        case Nothing():
            return dialog
        case _ if type(move) in _STATE_AFTER:
            return replace(turned, state=_STATE_AFTER[type(move)], offered=(), wish=None)
        case _:
            return turned


# --- JSON ----------------------------------------------------------------------------


def _time_out(free: FreeTime) -> dict[str, Any]:
    return {
        "starts_at": free.starts_at.isoformat(),
        "ends_at": free.ends_at.isoformat(),
        "staff_id": free.staff_id,
        "staff_name": free.staff_name,
        "service_id": free.service_id,
        "service_title": free.service_title,
    }


def _time_in(plain: Mapping[str, Any]) -> FreeTime:
    return FreeTime(
        starts_at=datetime.fromisoformat(plain["starts_at"]),
        ends_at=datetime.fromisoformat(plain["ends_at"]),
        staff_id=plain["staff_id"],
        staff_name=plain["staff_name"],
        service_id=plain["service_id"],
        service_title=plain["service_title"],
    )


def _when_out(when: When) -> dict[str, list[str] | None]:
    return {
        "days": [day.isoformat() for day in when.days] if when.days else None,
        "hours": [hour.isoformat() for hour in when.hours] if when.hours else None,
    }


def _when_in(plain: Mapping[str, Any]) -> When:
    days, hours = plain.get("days"), plain.get("hours")
    return When(
        days=(date.fromisoformat(days[0]), date.fromisoformat(days[1])) if days else None,
        hours=(time.fromisoformat(hours[0]), time.fromisoformat(hours[1])) if hours else None,
    )
