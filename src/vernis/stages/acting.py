"""Carrying a move out: free times and bookings are looked up, a booking is made, moved or
cancelled, and what is found decides what is said."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from vernis.decide.reception import moves, offering, own_bookings
from vernis.decide.reception.assisting import left_to_another
from vernis.decide.reception.dialog_state import Dialog, advance
from vernis.decide.reception.moves import Move, Why
from vernis.domain import Company, FreeTime
from vernis.errors import BookingGoneError, CrmError, TimeTakenError, UnavailableError
from vernis.ports import Crm, Database
from vernis.stages import booking

MOST_STEPS = 6  # looking up leads to one or two more things to look up, never in a circle


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a turn works with. `key` is of a booking that this turn makes or changes."""

    db: Database
    company: Company
    crm: Crm
    row: dict[str, Any]
    now: datetime  # company-local
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A move that was carried out, and the dialog after it. `booking_id`: what was booked, moved
    or cancelled."""

    move: Move
    dialog: Dialog
    booking_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A move with whatever there was to look up for it, and its dialog. `is_done`: it is only to be
    said, the dialog is the one after it; else it is to book or to change, which in `begun` was
    begun before an interruption."""

    move: Move
    dialog: Dialog
    is_done: bool
    begun: bool = False


async def carry_out(desk: Desk, dialog: Dialog, move: Move) -> Done:
    """Do what a move asks for. May be repeated: a booking is made or changed once per turn."""
    return await settle(desk, await look_up(desk, dialog, move))


async def look_up(desk: Desk, dialog: Dialog, move: Move) -> Found:
    """What a move comes to once free times and bookings are read; nothing is changed."""
    if not desk.company.answers:
        dialog, move = left_to_another(dialog, move)
        return Found(move=move, dialog=dialog, is_done=True)
    begun = await booking.intended(desk.db, desk.company, key=desk.key)
    if begun is not None:  # this turn was interrupted while it booked
        time, changes = begun
        move = _begun(dialog, time, changes)
    try:
        found = await _looked_up(desk, dialog, move)
    except (CrmError, UnavailableError):  # the CRM does not tell: a person does
        move = moves.HandOver(why=Why.UNCLEAR)
        found = Found(move=move, dialog=advance(dialog, move), is_done=True)
    return replace(found, begun=begun is not None)


async def _looked_up(desk: Desk, dialog: Dialog, move: Move) -> Found:
    for _ in range(MOST_STEPS):
        match move:
            case moves.OfferTimes():
                dialog, move, is_said = await _offered(desk, dialog, move)
            case moves.FindBookings():
                dialog, move, is_said = await _found(desk, dialog, move)
            case moves.Book() | moves.Change():
                return Found(move=move, dialog=dialog, is_done=False)
            case _:
                dialog, is_said = advance(dialog, move), True
        if is_said:
            return Found(move=move, dialog=dialog, is_done=True)
    raise AssertionError(move)


async def settle(desk: Desk, found: Found) -> Done:
    """Book or change what was found to be booked or changed."""
    if isinstance(found.move, moves.Book | moves.Change) and not found.is_done:
        return await _settled(desk, found.dialog, found.move)
    return Done(move=found.move, dialog=found.dialog)


_Step = tuple[Dialog, Move, bool]  # the dialog, the next move, whether it is only to be said


async def _offered(desk: Desk, dialog: Dialog, move: moves.OfferTimes) -> _Step:
    if dialog.service_id is None or desk.row["client_id"] is None:
        return dialog, moves.HandOver(why=Why.QUESTION), False
    times = await desk.crm.free_times(
        desk.company.company_id,
        service_id=dialog.service_id,
        first_day=move.first_day,
        last_day=move.last_day,
    )
    turn = offering.offer(
        dialog,
        move.when,
        times,
        now=desk.now,
        definite=move.definite,
        asked=move.asked,
        not_on=move.not_on,
    )
    return turn.dialog, turn.move, not isinstance(turn.move, moves.Book | moves.Change)


async def _found(desk: Desk, dialog: Dialog, move: moves.FindBookings) -> _Step:
    own = []
    if desk.row["client_id"] is not None:
        own = await desk.crm.appointments(
            desk.company.company_id,
            client_id=desk.row["client_id"],
            first_day=desk.now.date(),
        )
    turn = own_bookings.found(dialog, move, own, now=desk.now)
    to_do = moves.OfferTimes | moves.FindBookings | moves.Book | moves.Change
    return turn.dialog, turn.move, not isinstance(turn.move, to_do)


async def _settled(desk: Desk, dialog: Dialog, move: moves.Book | moves.Change) -> Done:
    if desk.row["client_id"] is None:
        return _said(dialog, moves.HandOver(why=Why.QUESTION))
    wanted = booking.Wanted(
        key=desk.key,
        dialog_id=desk.row["dialog_id"],
        client_id=desk.row["client_id"],
        reactivation_id=desk.row["reactivation_id"],
        time=move.time,
        changes=move.booking.booking_ids if isinstance(move, moves.Change) else (),
    )
    try:
        booking_id = await booking.carry_out(desk.db, desk.company, desk.crm, wanted)
    except TimeTakenError:
        assert move.time is not None
        return await _offered_instead(desk, dialog, move.time)
    except BookingGoneError:
        return _said(dialog, moves.HandOver(why=Why.CHANGE))
    except (CrmError, UnavailableError):  # done or not, or certainly not: a person looks
        return _said(dialog, moves.HandOver(why=Why.UNCLEAR))
    return Done(move=move, dialog=advance(dialog, move), booking_id=booking_id)


async def _offered_instead(desk: Desk, dialog: Dialog, taken: FreeTime) -> Done:
    """The chosen time has just gone: say so, with the nearest others."""
    day = taken.starts_at.astimezone(desk.company.zone).date()
    try:
        times = await desk.crm.free_times(
            desk.company.company_id,
            service_id=taken.service_id,
            first_day=day,
            last_day=day + timedelta(days=2),
        )
    except (CrmError, UnavailableError):
        return _said(dialog, moves.HandOver(why=Why.UNCLEAR))
    turn = offering.offer(dialog, dialog.wish, times, now=desk.now, taken=True)
    return Done(move=turn.move, dialog=turn.dialog)


def _begun(dialog: Dialog, time: FreeTime | None, changes: tuple[int, ...]) -> Move:
    if not changes:
        assert time is not None
        return moves.Book(time=time)
    own = [one for one in dialog.own if one.booking_ids == changes]
    if not own:
        return moves.HandOver(why=Why.CHANGE)
    return moves.Change(booking=own[0], time=time)


def _said(dialog: Dialog, move: Move) -> Done:
    return Done(move=move, dialog=advance(replace(dialog, offered=()), move))
