"""Reception: what a dialog received is read as one turn, decided, carried out and answered.

Code owns the dialog: `decide/dialog.py` says what happens next, this stage only fetches and stores.
The answer is left as a row that `sending.answer` finds.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from psycopg import Rollback
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from vernis.decide import dialog as moves
from vernis.decide.companies import say_company
from vernis.decide.dialog import Dialog, DialogState, Move, Why
from vernis.decide.facts import Known, facts, named, names_somebody
from vernis.decide.phrases import Voice, say
from vernis.decide.replies import read
from vernis.decide.titles import say_title
from vernis.domain import Company, FreeTime, Intent, Reading, ResponseType
from vernis.errors import BookingUnknownError, TimeTakenError, UnavailableError
from vernis.ports import BookingRequest, Clock, Connection, Crm, Database, DialogStore
from vernis.sql import load
from vernis.stages import booking

sql = load("reception")
log = logging.getLogger(__name__)

_SILENT_KINDS = frozenset({"reaction", "sticker", "deleted", "edited"})  # nothing to answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What came of a client's messages: how they were read, what was said and done."""

    dialog_id: int
    intent: Intent
    confidence: float
    response_type: ResponseType
    text: str | None
    offered: tuple[FreeTime, ...] = ()
    booked: FreeTime | None = None
    booking_id: int | None = None
    handed_over: Why | None = None
    reactivation_id: int | None = None

    def as_dict(self) -> dict[str, Any]:
        return {
            "intent": self.intent,
            "response_type": self.response_type,
            "confidence": self.confidence,
            "answer": self.text,
            "offered": [free.starts_at for free in self.offered],
            "booked": self.booked.starts_at if self.booked else None,
            "booking_id": self.booking_id,
            "handed_over": self.handed_over,
            "reactivation_id": self.reactivation_id,
        }


@dataclass(frozen=True, slots=True)
class _Burst:
    """What a dialog received since its last answer."""

    ids: list[int]
    text: str | None
    kinds: frozenset[str]
    said_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Room:
    """Everything that a turn needs at hand."""

    db: Database
    company: Company
    crm: Crm
    row: dict[str, Any]
    voice: Voice
    now: datetime  # company-local
    key: str  # of a booking that this turn makes

    @property
    def values(self) -> dict[str, Any]:
        return {
            "company_id": self.company.company_id,
            "dialog_id": self.row["dialog_id"],
            "phone": self.row["phone"],
            "client_id": self.row["client_id"],
            "account_id": self.row["account_id"],
            "reactivation_id": self.row["reactivation_id"],
            "now": self.now,
        }


async def waiting(db: Database, company: Company, *, quiet_since: datetime) -> list[int]:
    """Dialogs with something to handle whose last message is older than a moment."""
    values = {"company_id": company.company_id, "quiet_since": quiet_since}
    async with db.tenant(company.company_id) as connection:
        cursor = await connection.execute(sql.waiting.sql, values)
        return [row[0] for row in await cursor.fetchall()]


async def handle(
    db: Database,
    company: Company,
    *,
    dialog_id: int,
    crm: Crm,
    store: DialogStore,
    clock: Clock,
    hash_phone: Callable[[str], bytes],
) -> Turn | None:
    """Handle what a dialog received; None where nothing is waiting or another worker was faster.

    May be interrupted anywhere and repeated: a booking is made once per turn, an answer is
    written once per turn.
    """
    async with db.tenant(company.company_id) as connection:
        values = {"company_id": company.company_id, "dialog_id": dialog_id}
        burst = await _received(connection, values)
        if burst is None:
            return None
        cursor = connection.cursor(row_factory=dict_row)
        await cursor.execute(sql.dialog.sql, values)
        row = await cursor.fetchone()
        assert row is not None
        dialog, voice, master = await _dialog(connection, company, row, burst.text or "")
    room = _Room(
        db=db,
        company=company,
        crm=crm,
        row=row,
        voice=voice,
        now=clock().astimezone(company.zone),
        key=f"d{dialog_id}-{burst.ids[0]}",
    )
    reading, dialog, move = _understood(dialog, burst, room, master)
    done = await _carried_out(room, dialog, move)
    turn = await _finish(room, burst, reading, done, hash_phone)
    if turn is not None:
        await _tell_other_assistants(store, room, burst, turn)
    return turn


# --- understanding -------------------------------------------------------------------------------


async def _received(connection: Connection, values: dict[str, Any]) -> _Burst | None:
    rows = await (await connection.execute(sql.received.sql, values)).fetchall()
    if not rows:
        return None
    texts = [body for _, _, body, _ in rows if body and body.strip()]
    return _Burst(
        ids=[row[0] for row in rows],
        text="\n".join(texts) or None,
        kinds=frozenset(row[1] for row in rows),
        said_at=rows[-1][3],
    )


async def _dialog(
    connection: Connection, company: Company, row: dict[str, Any], text: str
) -> tuple[Dialog, Voice, int | None]:
    """The dialog as it stands, started afresh by a new reactivation, what may be said, and which
    of the staff who do the service the text names."""
    dialog = Dialog.from_dict(row["state"])
    service_id = dialog.service_id
    if dialog.reactivation_id != row["reactivation_id"] or service_id is None:
        service_id = row["service_id"]
        fresh = Dialog(reactivation_id=row["reactivation_id"], staff_id=row["staff_id"])
        stopped = dialog.state is DialogState.STOPPED
        dialog = dialog if stopped else replace(fresh, service_id=service_id)
    values = {"company_id": company.company_id, "service_id": service_id}
    service = await (await connection.execute(sql.service.sql, values)).fetchone()
    title, price, minutes = service or (None, None, None)
    spoken = say_title(title, company.locale) if title else None
    rows = await (await connection.execute(sql.masters.sql, values)).fetchall()
    masters = {name: staff_id for staff_id, name in rows}
    master = named(text, [*masters])
    usual = next((name for name, id_ in masters.items() if id_ == dialog.staff_id), None)
    asked_for = master or (None if names_somebody(text) else usual)
    hours = await (await connection.execute(sql.hours.sql, values)).fetchall()
    known = Known(
        service=spoken.called if spoken else None,
        price_minor=price,
        duration_minutes=minutes,
        masters=[*masters],
        hours=[(day, opens, closes) for day, opens, closes in hours],
        asked_for=asked_for,
    )
    voice = Voice(
        locale=company.locale,
        address=company.address,
        company_name=say_company(company.name, company.locale),
        service=known.service,
        for_service=spoken.wanted if spoken else None,
        master=asked_for,
        facts=facts(company, known),
    )
    return replace(dialog, service_title=title), voice, masters[master] if master else None


def _understood(
    dialog: Dialog, burst: _Burst, room: _Room, master: int | None
) -> tuple[Reading, Dialog, Move]:
    if burst.text is None:  # a voice message, a photo: only a person understands it
        reading = Reading(intent=Intent.NEUTRAL, confidence=0.0, evidence="no_text")
        silent = burst.kinds <= _SILENT_KINDS or dialog.state is DialogState.HANDED_OVER
        return reading, dialog, moves.Nothing() if silent else moves.HandOver(why=Why.UNCLEAR)
    reading = read(burst.text, now=room.now, offered=dialog.offered)
    known = frozenset(room.voice.facts)
    if master is not None:
        dialog = moves.with_master(dialog, reading, master)
    return reading, dialog, moves.decide(dialog, reading, now=room.now, known=known)


# --- carrying out --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Done:
    """A move that was carried out, and the dialog after it."""

    move: Move
    dialog: Dialog
    booked: booking.Booked | None = None


async def _carried_out(room: _Room, dialog: Dialog, move: Move) -> _Done:
    begun = await booking.intended(room.db, room.company, key=room.key)
    if begun is not None:  # this turn was interrupted while it booked
        return await _book(room, dialog, begun)
    if isinstance(move, moves.Book):
        return await _book(room, dialog, move.time)
    if isinstance(move, moves.OfferTimes):
        return await _offer(room, dialog, move)
    return _Done(move=move, dialog=moves.advance(dialog, move))


async def _offer(room: _Room, dialog: Dialog, move: moves.OfferTimes) -> _Done:
    if dialog.service_id is None or room.row["client_id"] is None:
        return _handed_over(dialog, Why.QUESTION)
    times = await room.crm.free_times(
        room.company.company_id,
        service_id=dialog.service_id,
        first_day=move.first_day,
        last_day=move.last_day,
    )
    turn = moves.offer(
        dialog,
        move.when,
        times,
        now=room.now,
        definite=move.definite,
        asked=move.asked,
        not_on=move.not_on,
    )
    if isinstance(turn.move, moves.Book):
        return await _book(room, turn.dialog, turn.move.time)
    return _Done(move=turn.move, dialog=turn.dialog)


async def _book(room: _Room, dialog: Dialog, time: FreeTime) -> _Done:
    if room.row["client_id"] is None:
        return _handed_over(dialog, Why.QUESTION)
    request = BookingRequest(
        key=room.key,
        client_id=room.row["client_id"],
        reactivation_id=room.row["reactivation_id"],
        time=time,
    )
    dialog_id = room.row["dialog_id"]
    try:
        made = await booking.book(
            room.db, room.company, room.crm, dialog_id=dialog_id, request=request
        )
    except TimeTakenError:
        return await _offer_instead(room, dialog, time)
    except BookingUnknownError:
        return _handed_over(dialog, Why.UNCLEAR)
    move = moves.Book(time=time)
    return _Done(move=move, dialog=moves.advance(dialog, move), booked=made)


async def _offer_instead(room: _Room, dialog: Dialog, taken: FreeTime) -> _Done:
    """The chosen time has just gone: say so, with the nearest others."""
    day = taken.starts_at.astimezone(room.company.zone).date()
    times = await room.crm.free_times(
        room.company.company_id,
        service_id=taken.service_id,
        first_day=day,
        last_day=day + timedelta(days=2),
    )
    turn = moves.offer(dialog, dialog.wish, times, now=room.now, taken=True)
    return _Done(move=turn.move, dialog=turn.dialog)


def _handed_over(dialog: Dialog, why: Why) -> _Done:
    move = moves.HandOver(why=why)
    return _Done(move=move, dialog=moves.advance(dialog, move))


# --- storing --------------------------------------------------------------------------------


async def _finish(
    room: _Room,
    burst: _Burst,
    reading: Reading,
    done: _Done,
    hash_phone: Callable[[str], bytes],
) -> Turn | None:
    """Everything that a turn changes, in one transaction."""
    text = say(done.move, room.voice, now=room.now)
    values = room.values | {
        "message_ids": burst.ids,
        "intent": reading.intent,
        "confidence": reading.confidence,
        "response_type": reading.response_type,
        "answers": burst.ids[-1],
        "body": text,
        "state": Jsonb(done.dialog.as_dict()),
        "booking_id": done.booked.booking_id if done.booked else None,
    }
    mine = False
    async with room.db.tenant(room.company.company_id) as connection:
        await connection.execute(sql.lock_dialog.sql, values)
        cursor = await connection.execute(sql.handled.sql, values)
        if cursor.rowcount != len(burst.ids):  # another worker has had it
            raise Rollback
        mine = True
        await _effects(connection, done.move, values, hash_phone)
        if text is not None:
            await connection.execute(sql.store_answer.sql, values)
        await connection.execute(sql.store_dialog.sql, values)
        await connection.execute(sql.record_type.sql, values)
        if done.booked is not None:
            await connection.execute(sql.record_booking.sql, values)
    if not mine:
        return None
    move = done.move
    return Turn(
        dialog_id=room.row["dialog_id"],
        intent=reading.intent,
        confidence=reading.confidence,
        response_type=reading.response_type,
        text=text,
        offered=move.times if isinstance(move, moves.Offered | moves.AskWhich) else (),
        booked=done.booked.time if done.booked else None,
        booking_id=done.booked.booking_id if done.booked else None,
        handed_over=move.why if isinstance(move, moves.HandOver) else None,
        reactivation_id=room.row["reactivation_id"],
    )


async def _effects(
    connection: Connection,
    move: Move,
    values: dict[str, Any],
    hash_phone: Callable[[str], bytes],
) -> None:
    match move:
        case moves.OptOut() | moves.WrongPerson() if values["phone"]:
            source = "reply" if isinstance(move, moves.OptOut) else "wrong_person"
            await stop(connection, values, hash_phone(values["phone"]), source=source)
        case moves.Goodbye() | moves.HandOver(why=Why.COMPLAINT):  # no sales talk after either
            await connection.execute(sql.declined.sql, values)
        case moves.RemindLater(on=on) if on is not None:
            await connection.execute(sql.remind.sql, values | {"remind_on": on})
        case _:
            pass


async def stop(
    connection: Connection, values: dict[str, Any], phone_hash: bytes, *, source: str
) -> None:
    """Never write to this phone again; what is queued for it is cancelled with it.

    `values` has company_id, phone and now.
    """
    known = values | {"phone_hash": phone_hash, "source": source}
    for step in (sql.opt_out, sql.cancel_reactivations, sql.cancel_answers):
        await connection.execute(step.sql, known)


async def _tell_other_assistants(
    store: DialogStore, room: _Room, burst: _Burst, turn: Turn
) -> None:
    """The context in Redis follows; it is disposable, so a Redis that is away stops nothing."""
    company_id, phone = room.company.company_id, room.row["phone"]
    if phone is None:
        return
    try:
        if burst.text:
            await store.add_message(
                company_id, phone, sender="user", text=burst.text, at=burst.said_at, kind="text"
            )
        if turn.text:
            await store.add_message(
                company_id, phone, sender="bot", text=turn.text, at=room.now, kind="text"
            )
        if turn.booked or turn.intent is Intent.OPT_OUT:
            await store.clear_pending_action(company_id, phone)
    except UnavailableError:
        log.warning("Redis does not answer: the context of one dialog is not up to date.")
