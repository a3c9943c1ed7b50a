"""What to do next in a dialog. The dialog is a state that code owns; a text only proposes.

    read(text) -> decide(dialog, reading) -> a move (decide.moves)
        OfferTimes:   the stage looks free times up from `first_day` to `last_day`, then
                      offering.offer -> Turn with Offered, NoTimes, Book or Change
        FindBookings: the stage looks the client's bookings up, then own_bookings.found -> Turn
        Book, Change: the stage does it; TimeTakenError: offer(..., taken=True) with fresh times
        any other:    nothing to look up
    advance(dialog, move) -> the next dialog, `phrases.say(move)` -> what is said, or None

An opt-out is obeyed in every state. After it, and after a handover, nothing is said.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from vernis.decide.reception.details import ASKS_WHEN, WAS_HERE
from vernis.decide.reception.dialog_state import Dialog, DialogState
from vernis.decide.reception.moves import (
    AnswerQuestion,
    AskDay,
    AskService,
    AskToWrite,
    AskWhich,
    FindBookings,
    Goodbye,
    HandOver,
    Keep,
    Move,
    Nothing,
    Offered,
    OptOut,
    Purpose,
    RemindLater,
    ThankAlreadyBooked,
    Why,
    WrongPerson,
)
from vernis.decide.reception.named_services import Listed
from vernis.decide.reception.offering import day_of, fits, look_up, settle
from vernis.decide.reception.own_bookings import answered
from vernis.domain import FreeTime, Intent, MessageKind, Reading, Topic, When

MOST_SERVICES = 5  # to choose from
MOST_TURNS = 20  # then a person takes over: two programs may be talking to each other
_ASKED = {DialogState.ASKED_CANCEL, DialogState.ASKED_BOOKING, DialogState.CHECKING}
_BEFORE_OFFERS = {DialogState.IDLE, DialogState.ASKED_SERVICE}
_PICTURES = {MessageKind.PHOTO, MessageKind.OTHER}
_SILENT = {
    MessageKind.STICKER,
    MessageKind.REACTION,
    MessageKind.DELETED,
    MessageKind.EDITED,
    MessageKind.STAFF,
}
_AGREES = frozenset("👍👌✅🤝💯")
_DISAGREES = frozenset("👎❌")
_SKIN = str.maketrans("", "", "\ufe0f🏻🏼🏽🏾🏿")


def decide(
    dialog: Dialog, reading: Reading, *, now: datetime, known: frozenset[Topic] = frozenset()
) -> Move:
    """The next move. `now` is aware and company-local; `known` are the topics with facts."""
    if reading.intent == Intent.OPT_OUT:
        return Nothing() if dialog.state == DialogState.STOPPED else OptOut()
    if dialog.state in {DialogState.STOPPED, DialogState.HANDED_OVER}:
        wants = reading.intent in {Intent.BOOK, Intent.QUESTION, Intent.COMPLAINT}
        stopped = dialog.state == DialogState.STOPPED
        return HandOver(why=Why.AFTER_OPT_OUT) if stopped and wants else Nothing()
    if reading.intent == Intent.WRONG_PERSON:
        return WrongPerson()
    if (why := _for_a_person(dialog, reading)) is not None:
        return HandOver(why=why)
    if dialog.state in _ASKED and (move := answered(dialog, reading)):
        return move
    if reading.intent == Intent.QUESTION:
        return _question(dialog, reading, known)
    if dialog.state == DialogState.BOOKED:
        return _after_booking(dialog, reading, now)
    return _before_booking(dialog, reading, now)


def _for_a_person(dialog: Dialog, reading: Reading) -> Why | None:
    if dialog.turns >= MOST_TURNS:
        return Why.TOO_LONG
    if reading.intent == Intent.COMPLAINT:
        return Why.WANTS_PERSON if reading.topic == Topic.PERSON else Why.COMPLAINT
    return Why.NOTE if reading.topic == Topic.NOTE else None


def without_words(dialog: Dialog, kinds: frozenset[str]) -> Move:
    """The next move after messages that hold no text."""
    if dialog.state in {DialogState.STOPPED, DialogState.HANDED_OVER} or kinds <= _SILENT:
        return Nothing()
    if kinds & (_PICTURES | (kinds - set(MessageKind))):
        return HandOver(why=Why.PICTURE)
    return HandOver(why=Why.VOICE) if dialog.asked_to_write else AskToWrite()


def reacted(dialog: Dialog, emoji: str) -> Reading | None:
    """What a reaction to our last message says; None where it is only a mood.

    👍 is a yes to a question, never a choice between several times.
    """
    sign = emoji.translate(_SKIN)
    open_question = dialog.state not in {DialogState.BOOKED, DialogState.CLOSED}
    if sign and sign in _AGREES and open_question:
        return Reading(intent=Intent.BOOK, confidence=0.8, evidence="reaction", topic=Topic.ASSENT)
    if sign and sign in _DISAGREES and open_question:
        return Reading(intent=Intent.DECLINE, confidence=0.8, evidence="reaction")
    return None


# --- towards a booking ----------------------------------------------------------------


def _before_booking(dialog: Dialog, reading: Reading, now: datetime) -> Move:
    if reading.topic in {Topic.CANCEL, Topic.RESCHEDULE}:
        return _change(dialog, reading, now)
    match reading.intent:
        case Intent.BOOK:
            return _towards_booking(dialog, reading, now)
        case Intent.LATER if reading.topic == Topic.FREE_TIMES:
            return _towards_booking(dialog, reading, now)
        case Intent.LATER | Intent.DECLINE if dialog.moving is not None:
            return Keep(booking=dialog.moving)
        case Intent.LATER:
            return _later(reading, now)
        case Intent.DECLINE:
            said_no = dialog.state == DialogState.CLOSED
            return Nothing() if said_no else Goodbye(silent=reading.evidence == "reaction")
        case Intent.ALREADY_BOOKED:
            thanks = ThankAlreadyBooked() if reading.evidence == WAS_HERE else None
            asks = reading.evidence == ASKS_WHEN
            purpose = Purpose.TELL if asks else Purpose.CHECK
            return FindBookings(purpose=purpose, when=reading.when, otherwise=thanks)
        case _:
            return _neutral(dialog, reading)


def _change(dialog: Dialog, reading: Reading, now: datetime) -> Move:
    """A booking is to be cancelled or moved; what was only offered is refused."""
    if reading.topic == Topic.CANCEL:
        refused = Goodbye() if dialog.offered and dialog.moving is None else None
        return FindBookings(purpose=Purpose.CANCEL, when=reading.when, otherwise=refused)
    if dialog.moving is not None:
        return _towards_booking(dialog, reading, now)
    others = look_up(dialog, reading.when, now, asked=Topic.OTHER_TIME)
    return FindBookings(
        purpose=Purpose.MOVE,
        when=reading.when,
        not_on=reading.not_on,
        otherwise=others if dialog.offered else None,
    )


def _later(reading: Reading, now: datetime) -> Move:
    """Not before the first day that was named, or, of days that have begun («до 1 июня»), not
    before they are over."""
    days = reading.when.days if reading.when else None
    on = None
    if days is not None and days[0] > now.date():
        on = days[0]
    elif days is not None and days[1] > now.date():
        on = days[1] + timedelta(days=1)
    return RemindLater(on=on, ill=reading.topic == Topic.ILLNESS)


def _towards_booking(dialog: Dialog, reading: Reading, now: datetime) -> Move:
    chosen = _chosen(dialog, reading)
    if chosen is not None:
        if chosen.starts_at <= now:
            return look_up(dialog, reading.when, now)
        # After «Записать вас?» the time itself is a yes; one of several that is asked for is not.
        if reading.topic == Topic.FREE_TIMES and len(dialog.offered) > 1:
            return Offered(times=(chosen,), moving=dialog.moving is not None)
        return settle(dialog, chosen)
    meant = _meant(dialog, reading, now)
    if meant and (len(meant) > 1 or reading.topic == Topic.MASTER):
        all_of_them = meant == dialog.offered
        if all_of_them:
            return _which(dialog, meant)
        return Offered(times=meant, moving=dialog.moving is not None)
    if reading.topic == Topic.ASSENT and dialog.state == DialogState.OFFERED and dialog.offered:
        return _which(dialog, dialog.offered)
    if reading.topic == Topic.ASSENT and dialog.state == DialogState.CLOSED:
        return Nothing()
    when = _wish(dialog, reading, now)
    vague = when is None and reading.topic not in {
        Topic.FREE_TIMES, Topic.OTHER_TIME, Topic.LATER_TIME, Topic.EARLIER_TIME, Topic.MASTER,
        Topic.RESCHEDULE,
    }  # fmt: skip
    if vague and dialog.state == DialogState.OFFERED and dialog.offered and reading.when is None:
        return _which(dialog, dialog.offered)
    asked = None if reading.topic == Topic.RESCHEDULE else reading.topic
    found = look_up(dialog, when, now, definite=reading.topic is None, asked=asked)
    return replace(found, not_on=reading.not_on)


def _which(dialog: Dialog, times: tuple[FreeTime, ...], *, unclear: bool = False) -> Move:
    return AskWhich(times=times, unclear=unclear, moving=dialog.moving is not None)


def _chosen(dialog: Dialog, reading: Reading) -> FreeTime | None:
    if not dialog.offered or dialog.state != DialogState.OFFERED:
        return None
    if reading.choice is not None:
        place = len(dialog.offered) if reading.choice == -1 else reading.choice
        return dialog.offered[place - 1] if 1 <= place <= len(dialog.offered) else None
    wishes = reading.topic is None and reading.when is None and reading.evidence != "model"
    agreed = reading.topic == Topic.ASSENT or wishes  # what no rule sees is asked about again
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
        return tuple(free for free in dialog.offered if fits(free, when, now))
    on_wished_days = When(days=dialog.wish.days if dialog.wish else None, hours=when.hours)
    same = tuple(free for free in dialog.offered if fits(free, on_wished_days, now))
    return same or tuple(free for free in dialog.offered if fits(free, when, now))


def _wish(dialog: Dialog, reading: Reading, now: datetime) -> When | None:
    """The wish, with what was said before where the reply says only a part of it."""
    when = reading.when
    if when is None and dialog.state in _BEFORE_OFFERS:
        return dialog.wish  # said before a question of ours
    if dialog.offered and reading.topic in {Topic.LATER_TIME, Topic.EARLIER_TIME}:
        return _shifted(dialog.offered, reading.topic, when, now)
    if when is not None and when.days is None and dialog.wish is not None and dialog.wish.days:
        first, last = dialog.wish.days
        days = [day_of(free, now) for free in dialog.offered]
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


# --- anything else ------------------------------------------------------------------


def _question(dialog: Dialog, reading: Reading, known: frozenset[Topic]) -> Move:
    if reading.topic is None or not known.issuperset({reading.topic, *reading.also}):
        return HandOver(why=Why.QUESTION)
    done = {DialogState.BOOKED, DialogState.CLOSED} | _ASKED
    ask = dialog.state not in done and dialog.moving is None
    times = dialog.offered if ask else ()
    return AnswerQuestion(topic=reading.topic, then_ask=ask, times=times, also=reading.also)


def _neutral(dialog: Dialog, reading: Reading) -> Move:
    if dialog.state == DialogState.CLOSED or reading.topic == Topic.THANKS:
        return Nothing()
    if dialog.asked_again:
        return HandOver(why=Why.UNCLEAR)
    if dialog.state == DialogState.OFFERED and dialog.offered:
        return _which(dialog, dialog.offered, unclear=True)
    return AskDay(unclear=reading.topic != Topic.GREETING)


def _after_booking(dialog: Dialog, reading: Reading, now: datetime) -> Move:
    """What is said of a booking that stands; nothing is done to it without a yes."""
    if reading.intent == Intent.ALREADY_BOOKED:
        return FindBookings(purpose=Purpose.TELL, when=reading.when, otherwise=Nothing())
    if reading.intent == Intent.NEUTRAL or reading.topic == Topic.ASSENT:
        return Nothing()
    if reading.intent == Intent.DECLINE:
        return FindBookings(purpose=Purpose.CANCEL, when=reading.when, otherwise=Nothing())
    otherwise: Move = _towards_booking(dialog, reading, now)
    vague = reading.topic is None and reading.when is None and reading.not_on is None
    if reading.intent == Intent.BOOK and vague:  # «буду», «записывайте»
        return FindBookings(purpose=Purpose.TELL, otherwise=otherwise)
    if reading.intent == Intent.LATER and reading.topic != Topic.FREE_TIMES:
        otherwise = _later(reading, now)
    return FindBookings(
        purpose=Purpose.MOVE,
        when=reading.when,
        asked=reading.topic,
        not_on=reading.not_on,
        otherwise=otherwise,
    )


def about_master(reading: Reading, *, does: bool) -> Reading:
    """A reply that names one of the staff: «а к Марине?» asks for their times; one who does not
    do the service is a question, whatever else was wished."""
    if not does and reading.intent in {Intent.BOOK, Intent.QUESTION, Intent.NEUTRAL}:
        return replace(reading, intent=Intent.QUESTION, topic=Topic.MASTER, choice=None)
    if reading.topic is None and reading.intent in {Intent.QUESTION, Intent.NEUTRAL}:
        return replace(reading, intent=Intent.BOOK, topic=Topic.MASTER)
    return reading


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceChoice:
    """The dialog once it is known which service is wanted, and the reading that follows from it;
    or a `move` that must come first."""

    dialog: Dialog
    reading: Reading
    move: Move | None = None


def choose_service(
    dialog: Dialog, reading: Reading, named: Sequence[Listed], popular: Sequence[Listed]
) -> ServiceChoice:
    """Which service a reply wants: `named` are those that its words fit, `popular` are what to
    choose from where the client has no usual one. Several that fit are asked about."""
    chosen = ServiceChoice(dialog=dialog, reading=reading)
    if dialog.state in {DialogState.STOPPED, DialogState.HANDED_OVER} | _ASKED:
        return chosen
    answers = dialog.state is DialogState.ASKED_SERVICE
    usual = any(one.service_id == dialog.service_id for one in named)
    adds = reading.intent is Intent.NEUTRAL and reading.topic is None and len(named) == 1
    if reading.intent not in {Intent.BOOK, Intent.QUESTION} and not answers and not adds:
        return chosen
    if not named and dialog.service_id is None and len(popular) == 1:
        named = popular  # there is nothing to choose
    if len(named) == 1:
        taken = with_service(dialog, named[0])
        if taken is None:
            return replace(chosen, move=HandOver(why=Why.CHANGE))
        wanted = replace(reading, intent=Intent.BOOK, topic=None, when=reading.when or dialog.wish)
        answered_it = adds or (answers and reading.intent in {Intent.BOOK, Intent.NEUTRAL})
        if reading.intent is Intent.QUESTION and reading.topic is None:
            reading = replace(reading, topic=Topic.SERVICES)
        return ServiceChoice(dialog=taken, reading=wanted if answered_it else reading)
    undecided = dialog.service_id is None or answers or (named and not usual)
    asks = reading.intent is Intent.BOOK or (answers and reading.intent is Intent.NEUTRAL)
    if not (undecided and asks):
        return chosen
    if answers and dialog.asked_again:
        return replace(chosen, move=HandOver(why=Why.UNCLEAR))
    between = tuple(named or popular)[:MOST_SERVICES]
    if not between:
        return replace(chosen, move=HandOver(why=Why.QUESTION))
    asked = replace(
        dialog,
        services=tuple(one.service_id for one in between),
        wish=reading.when or dialog.wish,
    )
    move = AskService(titles=tuple(one.title for one in between))
    return ServiceChoice(dialog=asked, reading=reading, move=move)


def with_service(dialog: Dialog, service: Listed) -> Dialog | None:
    """The dialog about another service: what was offered was for the old one. None where a
    booking is being moved, which keeps its service."""
    if service.service_id == dialog.service_id:
        return replace(dialog, services=())
    if dialog.moving is not None:
        return None
    anew = dialog.state in {DialogState.BOOKED, DialogState.CLOSED, DialogState.ASKED_SERVICE}
    return replace(
        dialog,
        state=DialogState.IDLE if anew else dialog.state,
        service_id=service.service_id,
        service_title=service.title,
        services=(),
        offered=(),
    )
