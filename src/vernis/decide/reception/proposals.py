"""What a language model proposes in a dialog, allowed or refused. Nothing else lets it act.

    asks(...)          whether it is asked about this turn at all
    understood(...)    its reading, where code is not sure of its own
    acted(...)         its action as a move, or why not
    with_consent(...)  every booking that would follow, asked about where the client said no yes

An opt-out and a wrong person are code's alone; a complaint and whatever a person has in hand are
a person's. A model can therefore propose anything.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from vernis.decide.reception import dialog as dialogs
from vernis.decide.reception import moves
from vernis.decide.reception.answers import may_reword
from vernis.decide.reception.dialog_state import Dialog, DialogState
from vernis.decide.reception.moves import Move, Purpose, Why
from vernis.decide.reception.offering import MOST_OFFERED, fits
from vernis.decide.reception.own_bookings import to_move
from vernis.domain import Appointment, FreeTime, Intent, Reading, Topic, When
from vernis.turns import Act, Proposal, Refused

# Held-out replies (2,438, each file read by a model trained on the others): 18% are read with less
# than this, and 56% of those right; above it 96% are. So a model is asked about the fifth in which
# three in four of all mistakes are.
UNSURE = 0.75

_CODES_ALONE = {Intent.OPT_OUT, Intent.WRONG_PERSON, Intent.COMPLAINT}
_HANDS_OFF = {DialogState.STOPPED, DialogState.HANDED_OVER}
_GIVES_UP = {Why.QUESTION, Why.UNCLEAR}
_FORBIDDEN = {Intent.OPT_OUT: Refused.OPT_OUT, Intent.WRONG_PERSON: Refused.WRONG_PERSON}

_YES = frozenset(
    """
    да ага угу ок окей давай давайте хорошо хор конечно подтверждаю согласен согласна подходит
    пойдет годится записывайте запишите записывай запиши отменяйте отмените отменяй отмени снимайте
    переносите перенесите договорились ладно + 👍 👌 ✅
    yes yep yeah yup ok okay sure confirm confirmed
    """.split()  # noqa: SIM905 (a list of words reads better so)
)
_BESIDE = frozenset(
    """
    пожалуйста спасибо ну вот и тогда меня нас ее запись это то что так уже можно конечно
    please thanks thank you it that then me us so yeah and the do go ahead
    """.split()  # noqa: SIM905
)
_NO = frozenset(
    """
    не нет неа ни никак отбой стоп нельзя но кроме потом
    no not nope never don't dont can't cant won't wont isn't but stop cancel
    """.split()  # noqa: SIM905
)


# --- when a model is asked -----------------------------------------------------------------


def asks(dialog: Dialog, reading: Reading, move: Move, *, speaks: bool) -> bool:
    """Whether a model is asked: where code is not sure or gives up, or, if it `speaks`, wherever
    its words may be said. `move` is what is to be said or done, times and bookings looked up."""
    if dialog.state in _HANDS_OFF or reading.intent in _CODES_ALONE:
        return False
    if isinstance(move, moves.OptOut | moves.WrongPerson | moves.AskToWrite):
        return False
    if isinstance(move, moves.HandOver) and move.why not in _GIVES_UP:
        return False
    if reading.confidence < UNSURE:
        return True
    return speaks and (may_reword(move) or is_open(reading, move))


def is_open(reading: Reading, move: Move) -> bool:
    """Whether a model may act: code is not sure, or does not know how to go on."""
    if reading.confidence < UNSURE:
        return True
    match move:
        case moves.HandOver(why=why):
            return why in _GIVES_UP
        case moves.AskDay(unclear=unclear) | moves.AskWhich(unclear=unclear):
            return unclear
    return False


# --- how it is read ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """The reading that holds; a `move` where it needs no deciding."""

    reading: Reading
    move: Move | None = None
    refused: Refused | None = None


def understood(reading: Reading, proposal: Proposal) -> Understood:
    """How the words are read, now that a model has read them too.

    A demand to stop, or a wrong number, that only a model sees is settled by a person.
    """
    if reading.confidence >= UNSURE or proposal.intent is None:
        return Understood(reading=reading)
    if proposal.intent in _FORBIDDEN:
        person = moves.HandOver(why=Why.UNCLEAR)
        return Understood(reading=reading, move=person, refused=_FORBIDDEN[proposal.intent])
    read = Reading(
        intent=proposal.intent,
        confidence=reading.confidence,
        when=proposal.when or reading.when,
        choice=proposal.choice,
        evidence="model",
        topic=proposal.topic,
        not_on=reading.not_on,
    )
    return Understood(reading=read)


# --- what it does --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A move, and the dialog that it is carried out in."""

    dialog: Dialog
    move: Move


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What there is to act on: free times that were looked up in this turn or offered before it,
    the client's own bookings, topics with facts."""

    free: Collection[FreeTime]
    own: Sequence[Appointment]
    known: frozenset[Topic]
    now: datetime  # company-local


def acted(
    dialog: Dialog, reading: Reading, proposal: Proposal, table: Table
) -> Step | Refused | None:
    """The proposed action as a move, still without the client's consent; None where none is."""
    if proposal.faults:
        return proposal.faults[0]
    match proposal.act:
        case None:
            return None
        case Act.HAND_OVER:
            return Step(dialog=dialog, move=moves.HandOver(why=Why.QUESTION))
        case Act.REMIND:
            return Step(dialog=dialog, move=moves.RemindLater(on=proposal.on))
        case Act.ANSWER:
            return _answer(dialog, reading, proposal, table)
        case Act.MOVE | Act.CANCEL:
            return _about_own(dialog, proposal, table)
    return _wrong_times(dialog, proposal, table) or _to_times(dialog, proposal)


def _to_times(dialog: Dialog, proposal: Proposal) -> Step | Refused:
    times = tuple(sorted(proposal.times, key=lambda free: free.starts_at))
    if proposal.act is Act.OFFER:
        move = moves.Offered(times=times, moving=dialog.moving is not None)
        return Step(dialog=dialog, move=move)
    if len(times) > 1 or dialog.moving is not None:
        return Refused.SEVERAL
    return Step(dialog=dialog, move=moves.Book(time=times[0]))


def _wrong_times(dialog: Dialog, proposal: Proposal, table: Table) -> Refused | None:
    times = proposal.times
    if not times:
        return Refused.NOTHING
    if len(times) > MOST_OFFERED or len(set(times)) < len(times):
        return Refused.SEVERAL
    if any(free not in table.free or free.service_id != dialog.service_id for free in times):
        return Refused.NOT_FREE
    return Refused.PAST if any(free.starts_at <= table.now for free in times) else None


def _answer(dialog: Dialog, reading: Reading, proposal: Proposal, table: Table) -> Step | Refused:
    if proposal.about is None or proposal.about not in table.known:
        return Refused.NOTHING
    asked = replace(reading, intent=Intent.QUESTION, topic=proposal.about, choice=None)
    move = dialogs.decide(dialog, asked, now=table.now, known=table.known)
    return Step(dialog=dialog, move=move)


def _about_own(dialog: Dialog, proposal: Proposal, table: Table) -> Step | Refused:
    booking = proposal.booking
    if booking is None:
        return Refused.NOTHING
    if booking not in table.own:
        return Refused.NOT_OWN
    if proposal.act is Act.CANCEL:
        return Step(dialog=dialog, move=moves.Change(booking=booking, time=None))
    if not proposal.times:
        turn = to_move(dialog, booking, proposal.when, table.now)
        return Step(dialog=turn.dialog, move=turn.move)
    if len(proposal.times) > 1 or len(booking.booking_ids) != 1:
        return Refused.SEVERAL
    of_service = replace(dialog, service_id=booking.service_id)  # it keeps its own
    wrong = _wrong_times(of_service, proposal, table)
    move = moves.Change(booking=booking, time=proposal.times[0])
    return wrong or Step(dialog=dialog, move=move)


# --- the client's yes --------------------------------------------------------------------


def with_consent(
    step: Step, *, before: Dialog, said: str, by_code: Reading, table: Table
) -> tuple[Step, Refused | None]:
    """The step itself where code finds the client's yes to it in `said`; else the question.

    `before` is the dialog as the client saw it, `by_code` how code reads the words.
    """
    match step.move:
        case moves.Change(booking=booking) if booking not in table.own:
            return _ask_day(step), Refused.NOT_OWN
        case moves.Change(booking=booking, time=None):
            asked_before = before.state is DialogState.ASKED_CANCEL and before.own == (booking,)
            if not (asked_before and says_yes(said)):
                return replace(step, move=moves.AskCancel(booking=booking)), Refused.NO_YES
        case moves.Book(time=time) | moves.Change(time=FreeTime() as time):
            if time not in table.free or time.starts_at <= table.now:
                return _ask_day(step), Refused.NOT_FREE
            moving = step.move.booking if isinstance(step.move, moves.Change) else None
            named = _named(time, before, said, by_code, table.now)
            if not named or before.moving != moving:
                return _ask_about(step, time, moving), Refused.NO_YES
        case moves.RemindLater(on=on) if on is not None and not _names_day(by_code.when, on):
            return replace(step, move=replace(step.move, on=None)), Refused.NO_DATE
    return step, None


def _ask_about(step: Step, time: FreeTime, booking: Appointment | None) -> Step:
    """«Записать вас на это время?»"""
    asked = moves.Offered(times=(time,), moving=booking is not None)
    if booking is None:
        return replace(step, move=asked)
    moving = replace(step.dialog, own=(booking,), purpose=Purpose.MOVE)
    return Step(dialog=moving, move=asked)


def _ask_day(step: Step) -> Step:
    return replace(step, move=moves.AskDay())


def _named(time: FreeTime, before: Dialog, said: str, by_code: Reading, now: datetime) -> bool:
    """Whether the client's own words choose this time."""
    refuses = by_code.intent in {Intent.DECLINE, Intent.LATER, Intent.COMPLAINT, Intent.OPT_OUT}
    if refuses or "?" in said or _words(said) & _NO:
        return False
    offered = before.offered if before.state is DialogState.OFFERED else ()
    if by_code.choice is not None and offered:
        place = len(offered) if by_code.choice == -1 else by_code.choice
        return 1 <= place <= len(offered) and offered[place - 1] == time
    if offered == (time,) and says_yes(said):
        return True
    when = by_code.when
    if when is None or not fits(time, when, now):
        return False
    if [free for free in offered if fits(free, when, now)] == [time]:
        return True
    exact = when.hours is not None and when.hours[0] == when.hours[1]
    one_day = when.days is not None and when.days[0] == when.days[1]
    usual = before.staff_id is None or time.staff_id == before.staff_id
    return exact and one_day and usual


def says_yes(said: str) -> bool:
    """Whether the words are a yes and nothing but: in anything longer it may be one to something
    else.

    >>> says_yes("Да, отменяйте"), says_yes("да не надо"), says_yes("yes?")
    (True, False, False)
    """
    words = _words(said)
    return "?" not in said and bool(words & _YES) and words <= _YES | _BESIDE


def _words(said: str) -> set[str]:
    plain = said.lower().replace("ё", "е").replace("’", "'").replace("\ufe0f", "")
    return set(re.findall(r"\w+(?:'[a-z]+)?|[+👍👌✅]", plain))


def _names_day(when: When | None, on: object) -> bool:
    return when is not None and when.days is not None and when.days[0] == on
