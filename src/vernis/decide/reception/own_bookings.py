"""The client's own bookings in a dialog: told, moved or cancelled, and never without a yes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from vernis.decide.reception import moves
from vernis.decide.reception.dialog_state import Dialog, DialogState, advance
from vernis.decide.reception.moves import FindBookings, Move, Purpose, Why
from vernis.decide.reception.offering import LOOK_AHEAD_DAYS, look_up
from vernis.domain import Appointment, FreeTime, Intent, Reading, Topic, When


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What comes of looking: a move, maybe one that looks free times up, and the dialog."""

    move: Move
    dialog: Dialog


def found(dialog: Dialog, move: FindBookings, own: Sequence[Appointment], *, now: datetime) -> Turn:
    """The next move, now that the client's bookings from today on are known, earliest first."""
    if not own and move.otherwise is not None:
        return _turn(dialog, move.otherwise)
    if not own:
        return _turn(dialog, moves.NoBookings(purpose=move.purpose))
    meant = [booking for booking in own if _is_on(booking, move.when)] or list(own)
    if move.purpose in {Purpose.CHECK, Purpose.TELL}:
        told = moves.TellBookings(bookings=tuple(own), claimed=move.purpose is Purpose.CHECK)
        return _turn(dialog, told)
    if len(meant) > 1:
        asked = moves.AskWhichBooking(bookings=tuple(meant), purpose=move.purpose)
        return _turn(dialog, asked)
    if not meant[0].changeable:
        return _turn(dialog, moves.HandOver(why=Why.CHANGE))
    if move.purpose is Purpose.CANCEL:
        return _turn(dialog, moves.AskCancel(booking=meant[0]))
    # «перенесите запись в субботу»: the day is the old one; otherwise it is the wished one.
    if _stands_then(meant[0], move.when, now):  # the client repeats what was just booked
        return _turn(dialog, moves.TellBookings(bookings=(meant[0],)))
    when = None if _is_on(meant[0], move.when) else move.when
    turn = to_move(dialog, meant[0], _from(meant[0], when, move.asked, now), now)
    if isinstance(turn.move, moves.OfferTimes):
        return replace(turn, move=replace(turn.move, not_on=move.not_on))
    return turn


def _stands_then(booking: Appointment, when: When | None, now: datetime) -> bool:
    """Whether a booking is at the very hour that is wished."""
    if when is None or when.hours is None or booking.starts_at is None:
        return False
    start = booking.starts_at.astimezone(now.tzinfo).time()
    return when.hours == (start, start) and (when.days is None or _is_on(booking, when))


def _from(
    booking: Appointment, when: When | None, asked: Topic | None, now: datetime
) -> When | None:
    """«В 15:30», «пораньше»: of the booking's own day, where no other was named."""
    days = when.days if when and when.days else (booking.on, booking.on)
    if when is not None and when.hours is not None:
        return replace(when, days=days)
    if booking.starts_at is not None and asked in {Topic.EARLIER_TIME, Topic.LATER_TIME}:
        start = booking.starts_at.astimezone(now.tzinfo).time().replace(second=0, microsecond=0)
        earlier = asked is Topic.EARLIER_TIME
        return When(days=days, hours=(time.min, start) if earlier else (start, time(23, 59)))
    return when


def to_move(dialog: Dialog, booking: Appointment, when: When | None, now: datetime) -> Turn:
    """Offer times to move a booking to; several services at once are moved by a person."""
    if booking.service_id is None or len(booking.booking_ids) != 1:
        return _turn(dialog, moves.HandOver(why=Why.CHANGE))
    moving = replace(
        dialog,
        own=(booking,),
        purpose=Purpose.MOVE,
        offered=(),
        service_id=booking.service_id,
        service_title=booking.service_title,
        staff_id=booking.staff_id or dialog.staff_id,
        wish=None,
        usual_at=_hour(booking, now) or dialog.usual_at,
    )
    first = look_up(moving, when, now)
    if when is None:  # later rather than earlier
        ahead = max(first.first_day, booking.on)
        first = replace(first, first_day=ahead, last_day=ahead + timedelta(LOOK_AHEAD_DAYS))
    return Turn(move=first, dialog=moving)


def _hour(booking: Appointment, now: datetime) -> time | None:
    return booking.starts_at.astimezone(now.tzinfo).time() if booking.starts_at else None


def answered(dialog: Dialog, reading: Reading) -> Move | None:
    """The move after «Отменить запись?», «Какую из записей?», «Когда вы записаны?»; None where
    the reply is about something else."""
    if dialog.state is DialogState.ASKED_CANCEL:
        return _about_cancelling(dialog.own[0], dialog, reading)
    if dialog.state is DialogState.ASKED_BOOKING:
        return _about_which(dialog, reading)
    says_when = reading.when is not None or reading.intent is Intent.ALREADY_BOOKED
    return moves.HandOver(why=Why.CHECK) if says_when else None


def choices(own: Sequence[Appointment]) -> tuple[FreeTime, ...]:
    """Bookings as times, so that «вторую» and «в субботу» are understood as a choice of them."""
    return tuple(
        FreeTime(
            starts_at=booking.starts_at,
            ends_at=booking.starts_at,
            staff_id=booking.staff_id or 0,
            staff_name=booking.staff_name or "",
            service_id=booking.service_id or 0,
            service_title=booking.service_title or "",
        )
        for booking in own
        if booking.starts_at is not None
    )


def _about_cancelling(booking: Appointment, dialog: Dialog, reading: Reading) -> Move | None:
    if reading.topic in {Topic.CANCEL, Topic.ASSENT}:
        return moves.Change(booking=booking, time=None)
    named = reading.topic is not None or reading.when is not None
    if named and (reading.intent in {Intent.BOOK, Intent.LATER}):
        return FindBookings(purpose=Purpose.MOVE, when=reading.when, not_on=reading.not_on)
    if reading.intent is Intent.DECLINE:
        return moves.Keep(booking=booking)
    if reading.intent is Intent.QUESTION:
        return None
    again = dialog.asked_again > 0
    return moves.HandOver(why=Why.UNCLEAR) if again else moves.AskCancel(booking=booking)


def _about_which(dialog: Dialog, reading: Reading) -> Move | None:
    purpose = dialog.purpose or Purpose.CANCEL
    if reading.intent is Intent.QUESTION:
        return None
    if reading.intent is Intent.DECLINE and reading.topic is not Topic.CANCEL:
        return moves.Keep(booking=dialog.own[0])
    meant = [booking for booking in dialog.own if _is_on(booking, reading.when)]
    if reading.choice is not None and len(choices(dialog.own)) == len(dialog.own):
        place = len(dialog.own) if reading.choice == -1 else reading.choice
        meant = [dialog.own[place - 1]] if 1 <= place <= len(dialog.own) else []
    if len(meant) == 1:
        on = meant[0].on
        return FindBookings(purpose=purpose, when=When(days=(on, on)))
    if dialog.asked_again:
        return moves.HandOver(why=Why.CHANGE)
    return moves.AskWhichBooking(bookings=dialog.own, purpose=purpose)


def _is_on(booking: Appointment, when: When | None) -> bool:
    return (
        when is not None and when.days is not None and (when.days[0] <= booking.on <= when.days[1])
    )


def _turn(dialog: Dialog, move: Move) -> Turn:
    """The dialog after what is only said; what is still to be done advances it later."""
    waits = isinstance(move, moves.OfferTimes | moves.Book | moves.Change | FindBookings)
    return Turn(move=move, dialog=dialog if waits else advance(dialog, move))
