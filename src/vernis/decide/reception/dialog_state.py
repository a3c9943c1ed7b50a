"""Where a dialog is, as it is stored between two messages, and how a move changes it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from vernis.decide.reception import moves
from vernis.decide.reception.moves import Move, Purpose, Why
from vernis.decide.reception.offered_times import from_plain, to_plain
from vernis.domain import Appointment, FreeTime, When

RESTED = timedelta(hours=12)  # a conversation that pauses for longer begins anew
FORGOTTEN = timedelta(days=14)  # then nobody remembers which times were offered


class DialogState(StrEnum):
    """Where a dialog is."""

    IDLE = "idle"
    OFFERED = "offered"  # times; to move the booking in `own` there, where one is
    ASKED_SERVICE = "asked_service"
    ASKED_CANCEL = "asked_cancel"  # whether to cancel the booking in `own`
    ASKED_BOOKING = "asked_booking"  # which of those in `own`
    CHECKING = "checking"  # when they are booked, for we find nothing
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
    staff_id: int | None = None  # the client's usual master, or the one asked for
    usual_at: time | None = None  # the hour at which the client usually comes
    offered: tuple[FreeTime, ...] = ()
    services: tuple[int, ...] = ()  # between which was asked
    own: tuple[Appointment, ...] = ()  # the client's bookings that are talked about
    purpose: Purpose | None = None  # what those in `own` are talked about for
    wish: When | None = None  # the last one, so that «в 4» keeps the day said before
    booked: FreeTime | None = None
    asked_again: int = 0  # times in a row that the client was not understood
    asked_to_write: bool = False  # instead of voice messages
    turns: int = 0
    last_said: str = ""  # so that it is not said twice in a row

    @property
    def moving(self) -> Appointment | None:
        """The booking that is to be moved to one of the times on offer."""
        moving = self.purpose is Purpose.MOVE and len(self.own) == 1
        return self.own[0] if moving else None

    def rested(self, quiet: timedelta) -> "Dialog":
        """The dialog after a pause of its client: what belongs to one sitting is over."""
        if quiet < RESTED:
            return self
        fresh = replace(self, turns=0, asked_again=0, asked_to_write=False)
        lasting = {DialogState.STOPPED, DialogState.HANDED_OVER}
        if quiet < FORGOTTEN or self.state in lasting:
            return fresh
        return replace(
            fresh,
            state=DialogState.IDLE,
            offered=(),
            services=(),
            own=(),
            purpose=None,
            wish=None,
            booked=None,
        )

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        plain = {item.name: getattr(self, item.name) for item in fields(self)}
        plain["state"] = self.state.value
        plain["purpose"] = self.purpose and self.purpose.value
        plain["offered"] = [to_plain(free) for free in self.offered]
        plain["usual_at"] = self.usual_at and self.usual_at.isoformat()
        plain["services"] = list(self.services)
        plain["own"] = [_appointment_out(booking) for booking in self.own]
        plain["booked"] = self.booked and to_plain(self.booked)
        plain["wish"] = self.wish and when_out(self.wish)
        return plain

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "Dialog":
        """The reverse; unknown keys are ignored, missing ones get their default."""
        known = {item.name: plain[item.name] for item in fields(cls) if item.name in plain}
        if "state" in known:
            known["state"] = DialogState(known["state"])
        known["purpose"] = Purpose(plain["purpose"]) if plain.get("purpose") else None
        known["offered"] = tuple(from_plain(free) for free in plain.get("offered") or ())
        known["usual_at"] = time.fromisoformat(plain["usual_at"]) if plain.get("usual_at") else None
        known["services"] = tuple(plain.get("services") or ())
        known["own"] = tuple(_appointment_in(one) for one in plain.get("own") or ())
        known["booked"] = from_plain(plain["booked"]) if plain.get("booked") else None
        known["wish"] = when_in(plain["wish"]) if plain.get("wish") else None
        return cls(**known)


# --- the dialog after a move ---------------------------------------------------------

_STATE_AFTER: dict[type, DialogState] = {
    moves.Goodbye: DialogState.CLOSED,
    moves.RemindLater: DialogState.CLOSED,
    moves.ThankAlreadyBooked: DialogState.CLOSED,
    moves.TellBookings: DialogState.BOOKED,
    moves.Keep: DialogState.BOOKED,
    moves.NoBookings: DialogState.CHECKING,
    moves.OptOut: DialogState.STOPPED,
    moves.WrongPerson: DialogState.STOPPED,
    moves.HandOver: DialogState.HANDED_OVER,
}


def advance(dialog: Dialog, move: Move) -> Dialog:
    """The dialog after a move was carried out (a `Book` only after the booking was made)."""
    turned = replace(dialog, turns=dialog.turns + 1, asked_again=0)
    settled = replace(turned, offered=(), services=(), own=(), purpose=None, wish=None)
    match move:
        case moves.Nothing() | moves.HandOver(why=Why.AFTER_OPT_OUT):
            return dialog
        case moves.Offered(times=times):
            return replace(turned, state=DialogState.OFFERED, offered=times, services=())
        case moves.Book(time=booked) | moves.Change(time=FreeTime() as booked):
            return replace(settled, state=DialogState.BOOKED, booked=booked)
        case moves.AskToWrite():
            return replace(turned, asked_to_write=True)
        case moves.AskService():
            again = dialog.state is DialogState.ASKED_SERVICE
            asked_again = dialog.asked_again + 1 if again else 0
            return replace(
                turned, state=DialogState.ASKED_SERVICE, offered=(), asked_again=asked_again
            )
        case moves.AskDay(unclear=True) | moves.AskWhich(unclear=True):
            return replace(turned, asked_again=dialog.asked_again + 1)
        case moves.AskCancel() | moves.AskWhichBooking():
            return _asked_about_own(dialog, settled, move)
        case _ if (state := _state_after(move)) is not None:
            return replace(settled, state=state)
    return turned


def _asked_about_own(
    before: Dialog, after: Dialog, move: moves.AskCancel | moves.AskWhichBooking
) -> Dialog:
    own: tuple[Appointment, ...]
    if isinstance(move, moves.AskCancel):
        state, own, purpose = DialogState.ASKED_CANCEL, (move.booking,), Purpose.CANCEL
    else:
        state, own, purpose = DialogState.ASKED_BOOKING, move.bookings, move.purpose
    again = before.asked_again + 1 if before.state is state else 0
    return replace(after, state=state, own=own, purpose=purpose, asked_again=again)


def _state_after(move: Move) -> DialogState | None:
    match move:
        case moves.Change(time=None):
            return DialogState.CLOSED
        case moves.NoBookings(purpose=Purpose.TELL):
            return DialogState.IDLE
        case _:
            return _STATE_AFTER.get(type(move))


# --- JSON ----------------------------------------------------------------------------


def _appointment_out(booking: Appointment) -> dict[str, Any]:
    plain = {item.name: getattr(booking, item.name) for item in fields(booking)}
    plain["booking_ids"] = list(booking.booking_ids)
    plain["on"] = booking.on.isoformat()
    plain["starts_at"] = booking.starts_at and booking.starts_at.isoformat()
    return plain


def _appointment_in(plain: Mapping[str, Any]) -> Appointment:
    starts_at = plain["starts_at"]
    return Appointment(
        booking_ids=tuple(plain["booking_ids"]),
        on=date.fromisoformat(plain["on"]),
        starts_at=datetime.fromisoformat(starts_at) if starts_at else None,
        staff_id=plain["staff_id"],
        staff_name=plain["staff_name"],
        service_id=plain["service_id"],
        service_title=plain["service_title"],
        changeable=plain.get("changeable", True),
    )


def when_out(when: When) -> dict[str, list[str] | None]:
    return {
        "days": [day.isoformat() for day in when.days] if when.days else None,
        "hours": [hour.isoformat() for hour in when.hours] if when.hours else None,
    }


def when_in(plain: Mapping[str, Any]) -> When:
    days, hours = plain.get("days"), plain.get("hours")
    return When(
        days=(date.fromisoformat(days[0]), date.fromisoformat(days[1])) if days else None,
        hours=(time.fromisoformat(hours[0]), time.fromisoformat(hours[1])) if hours else None,
    )
