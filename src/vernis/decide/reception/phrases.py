"""What the receptionist says for each move, in the company's language and manner.

Short, without pressure, in the forms that people write. A word whose form is not certain (a rare
name, a service) is said in a sentence that needs no form. Nothing is said twice in a row.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from vernis.decide.reception import moves, phrases_en, phrases_ru
from vernis.decide.reception.moves import Purpose, Why
from vernis.decide.writing.titles import say_title
from vernis.domain import Address, Appointment, FreeTime, Locale, Topic, When


class Language(Protocol):
    """What a language's module has; `phrases_ru` says it at length."""

    PHRASES: dict[str, tuple[str, ...]]
    OR: str

    def say_day(self, day: date, today: date, *, to: bool = False) -> str: ...
    def say_moment(self, start: datetime, master: str, today: date, *, to: bool = False) -> str: ...
    def in_a_list(self, moment: str) -> str: ...
    def dative(self, master: str) -> str | None: ...
    def pronoun(self, master: str | None) -> str | None: ...


_LANGUAGES: dict[Locale, Language] = {Locale.RU: phrases_ru, Locale.EN: phrases_en}
_BY_ADDRESS = re.compile(r"\[([^|\]]*)\|([^\]]*)\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """How a company speaks. `service` is the spoken title in the nominative, `for_service` the
    same after «на», if there is one; `master` is whom the fact of Topic.MASTER is about.

    `facts` answer questions: whole sentences or short values, as the company wrote them.
    """

    locale: Locale = Locale.RU
    address: Address = Address.VY
    company_name: str | None = None
    service: str | None = None
    for_service: str | None = None
    master: str | None = None
    facts: Mapping[Topic, str] = field(default_factory=dict)


def say(
    move: moves.Move,
    voice: Voice,
    *,
    now: datetime,
    turn: int = 0,
    last: str = "",
    also: Sequence[Topic] = (),
) -> str | None:
    """The text for a move, or None where nothing is said. `now` is aware and company-local.

    `turn` varies how times are offered; `last` is what was said before: neither it nor the
    question at its end is said again. `also` are topics that were asked about beside a wish.
    """
    speaker = _Speaker(voice, now, turn=turn, last=last)
    texts = [speaker.say(move, again) for again in range(MOST_WORDINGS)]
    text = next((text for text in texts if text != last), texts[0])
    about_times = moves.Offered | moves.NoTimes | moves.Book | moves.AskWhich | moves.AskDay
    if text is None or not isinstance(move, about_times):
        return text
    return "\n".join([*speaker.facts(also), text])


class _Speaker:
    """One voice at one moment."""

    def __init__(self, voice: Voice, now: datetime, *, turn: int, last: str) -> None:
        self._voice = voice
        self._language = _LANGUAGES[voice.locale]
        self._now = now
        self._turn = turn
        self._last = last
        self._again = 0

    def say(self, move: moves.Move, again: int) -> str | None:
        """In the first wording, or in another one."""
        self._again = again
        match move:
            case moves.Offered() | moves.NoTimes() | moves.Book() | moves.Change():
                return self._about_times(move)
            case moves.AskWhich():
                return self._which(move)
            case moves.AskService(titles=titles):
                return self._phrase("which_service", titles=_numbered(titles))
            case moves.AnswerQuestion():
                return self._answer(move)
            case moves.RemindLater(on=on, ill=ill):
                key = ("later_on" if on else "later") + ("_ill" if ill else "")
                return self._phrase(key, day=self._day(on) if on else "")
            case moves.HandOver(why=why):
                return self._handed_over(why)
        return self._own_booking(move)

    def _about_times(self, move: moves.Offered | moves.NoTimes | moves.Book | moves.Change) -> str:
        match move:
            case moves.Offered():
                return self._offer(move)
            case moves.NoTimes(taken=taken, wish=wish):
                text = self._phrase("no_times", missed=self._missed_days(wish))
                return self._phrase("taken", rest=text) if taken else text
            case moves.Book(time=free):
                return self._booked(free)
            case moves.Change(booking=booking, time=None):
                return self._phrase("cancelled", **self._both(booking))
            case moves.Change(time=FreeTime() as free):
                return self._phrase("moved", to_time=self._time(free, to=True))
        raise AssertionError(move)

    # --- times ----------------------------------------------------------------------------

    def _offer(self, move: moves.Offered) -> str:
        slots = {
            "time": self._time(move.times[0]),
            "to_time": self._time(move.times[0], to=True),
            "times": _numbered([self._line(free) for free in move.times]),
            "shall_i": self._phrase("shall_i_move" if move.moving else "shall_i_book"),
        }
        some = "one" if len(move.times) == 1 else "some"
        if move.taken:
            kind = "move" if move.moving else "offer"
            return self._phrase("taken", rest=self._phrase(f"{kind}_{some}", **slots))
        if move.fits:
            kind = "move" if move.moving else "offer"
            text = self._phrase(f"{kind}_{some}", **slots)
            return self._without_the_usual(move, text)
        slots["missed"] = self._missed(move)
        away = move.asked in _SHIFTED and (some == "one" or self._all_other_days(move))
        return self._phrase(f"{'earlier' if away else 'nearest'}_{some}", **slots)

    def _without_the_usual(self, move: moves.Offered, text: str) -> str:
        """«К Марине на это время записи нет. », where all that is offered is with others."""
        master, wish = self._voice.master, move.wish
        if not master or wish is None or move.asked not in {None, Topic.FREE_TIMES}:
            return text
        if any(free.staff_name == master for free in move.times):
            return text
        whom = self._language.dative(_spoken(master))
        if whom is None:
            return text
        one_day = wish.days is not None and wish.days[0] == wish.days[1]
        then = "then_hours" if wish.hours else "then_day" if one_day else "then_days"
        return self._phrase("not_with", master=whom, then=self._phrase(then), rest=text)

    def _missed(self, move: moves.Offered) -> str:
        """What was wished and is not there, without a full stop."""
        if move.asked in _SHIFTED:
            return self._phrase(f"missed_{_SHIFTED[move.asked]}")
        wish = move.wish
        on_the_day = wish is not None and (
            any(_within(self._day_of(free), wish) for free in move.times)
            if wish.days
            else wish.hours is not None
        )
        if wish is not None and on_the_day:
            exact = wish.hours is not None and wish.hours[0] == wish.hours[1]
            return self._phrase("missed_exact" if exact else "missed_hours")
        return self._missed_days(wish)

    def _missed_days(self, wish: When | None) -> str:
        days = wish.days if wish else None
        if days is None:
            return self._phrase("missed_soon")
        if days[0] != days[1]:
            return self._phrase("missed_days")
        return _capital(self._phrase("missed_day", day=self._day(days[0])))

    def _all_other_days(self, move: moves.Offered) -> bool:
        today = self._now.date()
        wish = move.wish if move.wish and move.wish.days else When(days=(today, today))
        return not any(_within(self._day_of(free), wish) for free in move.times)

    def _booked(self, free: FreeTime) -> str:
        voice, time = self._voice, self._time(free)
        if voice.for_service:
            return self._phrase("booked_for", for_service=voice.for_service, time=time)
        if voice.service:
            return self._phrase("booked_service", service=voice.service, time=time)
        return self._phrase("booked", time=time)

    def _which(self, move: moves.AskWhich) -> str:
        if len(move.times) == 1:
            key = "which_move" if move.moving else "which_one"
            time, to_time = self._time(move.times[0]), self._time(move.times[0], to=True)
            return self._phrase(key, time=time, to_time=to_time)
        key = "which_unclear" if move.unclear else "which"
        return self._phrase(key, places=self._places(move.times))

    # --- answers ----------------------------------------------------------------------------

    def facts(self, topics: Sequence[Topic]) -> list[str]:
        """What is known of these topics, a sentence or more each."""
        known = (self._voice.facts.get(topic) for topic in dict.fromkeys(topics))
        return [_sentence(fact) for fact in known if fact]

    def _answer(self, move: moves.AnswerQuestion) -> str | None:
        known = self.facts((move.topic, *move.also))
        if not known:
            return None
        fact = "\n".join(known)
        if not move.then_ask or move.topic in {Topic.IDENTITY, Topic.ROBOT}:
            return fact
        if len(move.times) == 1:
            ask = self._phrase("which_one_then", time=self._time(move.times[0]))
        elif move.times:
            ask = self._phrase("which_then", places=self._places(move.times))
        elif move.topic == Topic.MASTER and (whom := self._language.pronoun(self._voice.master)):
            ask = self._phrase("book_you_with", whom=whom)
        else:
            ask = self._phrase("book_you")
        asked_before = self._again or self._last.endswith(ask)
        between = " " if len(known) == 1 else "\n"
        return fact if asked_before else f"{fact}{between}{ask}"

    def _handed_over(self, why: Why) -> str | None:
        if why in {Why.AFTER_OPT_OUT, Why.TAKEN}:
            return None
        return self._phrase("unclear_person" if why is Why.UNCLEAR else why.value)

    # --- the client's own bookings --------------------------------------------------------------

    def _own_booking(self, move: moves.Move) -> str | None:
        match move:
            case moves.AskCancel(booking=booking):
                return self._phrase("cancel_or_move", **self._both(booking))
            case moves.Keep(booking=booking):
                return self._phrase("kept", visit=self._visit(booking))
            case moves.AskWhichBooking(bookings=bookings, purpose=purpose):
                key = "cancel_which" if purpose is Purpose.CANCEL else "move_which"
                return self._phrase(key, visits=self._visits(bookings))
            case moves.TellBookings(bookings=[booking], claimed=claimed):
                key = "visit_thanks" if claimed else "visit"
                return self._phrase(key, visit=self._visit(booking))
            case moves.TellBookings(bookings=bookings):
                return self._phrase("visits", visits=self._visits(bookings))
            case moves.NoBookings(purpose=purpose):
                return self._phrase("no_visit_to_tell" if purpose is Purpose.TELL else "no_visit")
            case moves.AskDay(unclear=unclear):
                return self._phrase("unclear" if unclear else "greet")
        fixed = None if move == moves.Goodbye(silent=True) else _FIXED.get(type(move))
        return self._phrase(fixed) if fixed else None

    def _visits(self, bookings: Sequence[Appointment]) -> str:
        lines = []
        for booking in bookings:
            spoken = say_title(booking.service_title, self._voice.locale)
            service = spoken.called if spoken else booking.service_title
            line = self._language.in_a_list(self._visit(booking))
            lines.append(f"{line}, {service}" if service else line)
        return _numbered(lines)

    def _both(self, booking: Appointment) -> dict[str, str]:
        return {"visit": self._visit(booking), "to_visit": self._visit(booking, to=True)}

    def _visit(self, booking: Appointment, *, to: bool = False) -> str:
        today = self._now.date()
        if booking.starts_at is None:
            return self._language.say_day(booking.on, today, to=to)
        start = booking.starts_at.astimezone(self._now.tzinfo)
        master = _spoken(booking.staff_name or "")
        return self._language.say_moment(start, master, today, to=to)

    # --- words ----------------------------------------------------------------------------

    def _phrase(self, key: str, **slots: str) -> str:
        wordings = self._language.PHRASES[key]
        place = self._again + (self._turn if key.startswith(_VARIED) else 0)
        text = wordings[place % len(wordings)]
        form = 2 if self._voice.address is Address.TY else 1
        return _BY_ADDRESS.sub(lambda found: found[form], text).format(**slots)

    def _time(self, free: FreeTime, *, to: bool = False) -> str:
        start = free.starts_at.astimezone(self._now.tzinfo)
        return self._language.say_moment(start, _spoken(free.staff_name), self._now.date(), to=to)

    def _line(self, free: FreeTime) -> str:
        return self._language.in_a_list(self._time(free))

    def _day(self, day: date) -> str:
        return self._language.say_day(day, self._now.date())

    def _day_of(self, free: FreeTime) -> date:
        return free.starts_at.astimezone(self._now.tzinfo).date()

    def _places(self, times: Sequence[FreeTime]) -> str:
        """«1, 2 или 3» for times that were just listed; at least one."""
        *before, end = [str(place) for place, _ in enumerate(times, 1)]
        return f"{', '.join(before)} {self._language.OR} {end}" if before else end


MOST_WORDINGS = 3
_VARIED = ("offer_", "move_", "nearest_", "no_times")
_SHIFTED: dict[Topic | None, str] = {Topic.EARLIER_TIME: "earlier", Topic.LATER_TIME: "later"}
_FIXED: dict[type, str] = {
    moves.Goodbye: "goodbye",
    moves.OptOut: "opt_out",
    moves.ThankAlreadyBooked: "was_here",
    moves.WrongPerson: "wrong_person",
    moves.AskToWrite: "write_please",
}


def _within(day: date, wish: When) -> bool:
    return wish.days is not None and wish.days[0] <= day <= wish.days[1]


def _spoken(name: str) -> str:
    """«KELLY» as «Kelly»; initials such as «JJ» stay."""
    return " ".join(
        word.capitalize() if word.isupper() and len(word) > 2 else word for word in name.split()
    )


def _numbered(lines: Sequence[str]) -> str:
    """So that «2» means the second."""
    return "\n".join(f"{place}) {line}" for place, line in enumerate(lines, 1))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else text + "."
