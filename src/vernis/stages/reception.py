"""Reception: what a dialog received is read as one turn, decided, carried out and answered.

Code owns the dialog: `decide/reception/dialog.py` says what happens next, this stage only fetches
and stores. The answer is left as a row that `answering.answer` finds.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from psycopg import Rollback
from psycopg.types.json import Jsonb

from vernis.decide.reception import dialog as dialogs
from vernis.decide.reception import moves
from vernis.decide.reception.assisting import Kept
from vernis.decide.reception.details import refined
from vernis.decide.reception.dialog_state import Dialog
from vernis.decide.reception.moves import Move, Why
from vernis.decide.reception.own_bookings import choices
from vernis.decide.reception.phrases import Voice, say
from vernis.decide.replies.reading import read
from vernis.domain import Company, FreeTime, Intent, MessageKind, Reading, ResponseType
from vernis.errors import UnavailableError
from vernis.ports import Assistant, Clock, Connection, Crm, Database, DialogStore
from vernis.sql import load
from vernis.stages import (
    acting,
    briefing,
    context,
    conversions,
    opt_outs,
    outgoing_events,
    proposing,
)
from vernis.stages.acting import Desk, Done
from vernis.stages.briefing import Briefing
from vernis.stages.proposing import Assisted, Seen

sql = load("reception")
log = logging.getLogger(__name__)

_NO_WORDS = {MessageKind.REACTION, MessageKind.DELETED, MessageKind.STAFF}


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What came of a client's messages: how they were read, what was said and done.

    `moved` and `cancelled` are of a booking that the client had; `booking_id` is what was booked,
    moved or cancelled.
    """

    dialog_id: int
    intent: Intent
    confidence: float
    response_type: ResponseType
    text: str | None
    offered: tuple[FreeTime, ...] = ()
    booked: FreeTime | None = None
    moved: FreeTime | None = None
    cancelled: bool = False
    booking_id: int | None = None
    handed_over: Why | None = None
    reactivation_id: int | None = None
    assistant: str | None = None  # what came of asking a language model, if one was

    def as_dict(self) -> dict[str, Any]:
        return {
            "intent": self.intent,
            "response_type": self.response_type,
            "confidence": self.confidence,
            "answer": self.text,
            "offered": [free.starts_at for free in self.offered],
            "booked": self.booked.starts_at if self.booked else None,
            "moved": self.moved.starts_at if self.moved else None,
            "cancelled": self.cancelled,
            "booking_id": self.booking_id,
            "handed_over": self.handed_over,
            "reactivation_id": self.reactivation_id,
            "assistant": self.assistant,
        }


@dataclass(frozen=True, slots=True)
class _Message:
    id: int
    kind: str
    body: str | None
    quoted: str | None
    said_at: datetime
    reactivation_id: int | None


@dataclass(frozen=True, slots=True)
class _Burst:
    """What a dialog received since its last answer; `texts` are its messages with words."""

    messages: list[_Message]

    @property
    def ids(self) -> list[int]:
        return [message.id for message in self.messages]

    @property
    def texts(self) -> list[str]:
        return [
            message.body
            for message in self.messages
            if message.body and message.body.strip() and message.kind not in _NO_WORDS
        ]

    @property
    def text(self) -> str:
        return "\n".join(self.texts)

    @property
    def reactivation_id(self) -> int | None:
        """The reactivation that they reply to, if they do."""
        return next(
            (one.reactivation_id for one in self.messages[::-1] if one.reactivation_id), None
        )

    @property
    def kinds(self) -> frozenset[str]:
        return frozenset(message.kind for message in self.messages)


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
    assistant: Assistant | None = None,
) -> Turn | None:
    """Handle what a dialog received; None where nothing is waiting or another worker was faster.

    An `assistant` is asked where `decide.proposals` says so.

    May be interrupted anywhere and repeated: a booking is made once per turn, an answer is
    written once per turn.
    """
    now = clock().astimezone(company.zone)
    async with db.tenant(company.company_id) as connection:
        burst = await _received(connection, company, dialog_id)
        if burst is None:
            return None
        row = await briefing.row_of(connection, company, dialog_id)
        brief, move = await _understood(connection, company, row, burst, now)
    key = f"d{dialog_id}-{burst.ids[0]}"
    desk = Desk(db=db, company=company, crm=Seen(crm), row=row, now=now, key=key)
    found = await acting.look_up(desk, brief.dialog, move)
    helped = await proposing.assisted(
        assistant, desk, brief, found, burst.text, message_ids=burst.ids
    )
    if helped.outdated:  # whatever was written meanwhile belongs to this turn
        return None
    done = await acting.settle(desk, helped.found)
    turn = await _finish(desk, burst, helped, done, hash_phone)
    if turn is not None:
        await _tell_other_assistants(store, desk, burst, turn)
    return turn


# --- understanding -------------------------------------------------------------------------------


async def _received(connection: Connection, company: Company, dialog_id: int) -> _Burst | None:
    values = {"company_id": company.company_id, "dialog_id": dialog_id}
    rows = await (await connection.execute(sql.received.sql, values)).fetchall()
    return _Burst([_Message(*row) for row in rows]) if rows else None


async def _understood(
    connection: Connection, company: Company, row: dict[str, Any], burst: _Burst, now: datetime
) -> tuple[Briefing, Move]:
    """How the messages are read, what may be said, and the next move."""
    dialog = briefing.dialog_of(row, now)
    reading = _read(dialog, burst, row, now)
    if reading is None:
        quiet = Reading(intent=Intent.NEUTRAL, confidence=0.0, evidence="no_text")
        voice = Voice(locale=company.locale, address=company.address)
        move = dialogs.without_words(dialog, burst.kinds)
        brief = Briefing(dialog=dialog, reading=quiet, voice=voice)
    else:
        brief = await briefing.brief(connection, company, row, dialog, reading, burst.text, now)
        known = frozenset(brief.voice.facts)
        move = brief.move or dialogs.decide(brief.dialog, brief.reading, now=now, known=known)
    silent = row["silent_until"] is not None and row["silent_until"] > now
    if silent and not isinstance(move, moves.OptOut):
        return replace(brief, dialog=dialog), moves.Nothing()
    return brief, move


def _read(dialog: Dialog, burst: _Burst, row: dict[str, Any], now: datetime) -> Reading | None:
    """The reading of the words, or of a reaction to what we said last; None without either."""
    if burst.texts:
        shown = dialog.offered or choices(dialog.own)
        for text in burst.texts:  # whatever is said around it, a stop is obeyed
            reading = read(text, now=now, offered=shown)
            if reading.intent is Intent.OPT_OUT:
                return reading
        if len(burst.texts) > 1:
            reading = read(burst.text, now=now, offered=shown)
        return refined(reading, burst.text, now=now)
    last = burst.messages[-1]
    ours = {None, row["last_message_id"] or row["campaign_message_id"]}
    if last.kind != MessageKind.REACTION or last.quoted not in ours:
        return None
    return dialogs.reacted(dialog, last.body or "")


# --- storing --------------------------------------------------------------------------------


async def _finish(
    desk: Desk,
    burst: _Burst,
    helped: Assisted,
    done: Done,
    hash_phone: Callable[[str], bytes],
) -> Turn | None:
    """Everything that a turn changes, in one transaction."""
    brief, move, row = helped.brief, done.move, desk.row
    reading = brief.reading
    before = brief.dialog
    text = None
    if desk.company.answers:
        text = say(
            move,
            brief.voice,
            now=desk.now,
            turn=before.turns,
            last=before.last_said,
            also=() if reading.intent is Intent.QUESTION else reading.also,
        )
    text, note = helped.worded(desk, move, text)
    dialog = replace(done.dialog, last_said=text or before.last_said)
    values = {
        "company_id": desk.company.company_id,
        "dialog_id": row["dialog_id"],
        "client_id": row["client_id"],
        "account_id": row["account_id"],
        "reactivation_id": row["reactivation_id"],
        "now": desk.now,
        "message_ids": burst.ids,
        "intent": reading.intent,
        "confidence": reading.confidence,
        "response_type": reading.response_type,
        "answers": burst.ids[-1],
        "body": text,
        "state": Jsonb(dialog.as_dict()),
        "waiting_why": move.why if isinstance(move, moves.HandOver) else None,
        "booking_id": done.booking_id,
        "reading": Jsonb(Kept.of(reading, service_id=dialog.service_id, at=desk.now).as_dict()),
    }
    mine = False
    async with desk.db.tenant(desk.company.company_id) as connection:
        await connection.execute(sql.lock_dialog.sql, values)
        cursor = await connection.execute(sql.handled.sql, values)
        if cursor.rowcount != len(burst.ids):  # another worker has had it
            raise Rollback
        mine = True
        await _effects(connection, desk, move, values, hash_phone)
        if text is not None:
            await connection.execute(sql.store_answer.sql, values)
        await connection.execute(sql.store_dialog.sql, values)
        if reading.evidence != "no_text":
            await connection.execute(sql.record_type.sql, values)
        if isinstance(move, moves.Book) and row["reactivation_id"] and done.booking_id:
            await conversions.record(
                connection,
                desk.company,
                reactivation_id=row["reactivation_id"],
                booking_id=done.booking_id,
                source="vernis",
                now=desk.now,
            )
        await _tell(connection, desk, burst, reading, move)
    return _turn(desk, reading, done, text, note) if mine else None


async def _tell(
    connection: Connection, desk: Desk, burst: _Burst, reading: Reading, move: Move
) -> None:
    """What programs of others want to know of a turn."""
    tell, row, last = outgoing_events.tell, desk.row, burst.ids[-1]
    of = {"client_id": row["client_id"], "dialog_id": row["dialog_id"], "message_id": last}
    if burst.reactivation_id is not None:
        await tell(
            connection,
            desk.company,
            outgoing_events.REPLY_RECEIVED,
            last,
            now=desk.now,
            reactivation_id=burst.reactivation_id,
            **of,
            intent=reading.intent,
            response_type=reading.response_type,
        )
    if isinstance(move, moves.HandOver) and row["waiting_since"] is None:
        await tell(
            connection,
            desk.company,
            outgoing_events.HANDOVER_NEEDED,
            last,
            now=desk.now,
            **of,
            reason=move.why,
        )


def _turn(
    desk: Desk, reading: Reading, done: Done, text: str | None, assistant: str | None
) -> Turn:
    move = done.move
    return Turn(
        dialog_id=desk.row["dialog_id"],
        intent=reading.intent,
        confidence=reading.confidence,
        response_type=reading.response_type,
        text=text,
        offered=move.times if isinstance(move, moves.Offered | moves.AskWhich) else (),
        booked=move.time if isinstance(move, moves.Book) else None,
        moved=move.time if isinstance(move, moves.Change) else None,
        cancelled=isinstance(move, moves.Change) and move.time is None,
        booking_id=done.booking_id,
        handed_over=move.why if isinstance(move, moves.HandOver) else None,
        reactivation_id=desk.row["reactivation_id"],
        assistant=assistant,
    )


async def _effects(
    connection: Connection,
    desk: Desk,
    move: Move,
    values: dict[str, Any],
    hash_phone: Callable[[str], bytes],
) -> None:
    match move:
        case moves.OptOut() | moves.WrongPerson():
            await opt_outs.stop(
                connection,
                desk.company,
                phone=desk.row["phone"],
                lid=desk.row["lid"],
                source="reply" if isinstance(move, moves.OptOut) else "wrong_person",
                now=desk.now,
                hash_phone=hash_phone,
            )
        case moves.Goodbye() | moves.HandOver(why=Why.COMPLAINT):  # no sales talk after either
            await connection.execute(sql.declined.sql, values)
        case moves.RemindLater(on=on) if on is not None:
            wish = values | {"remind_on": on}
            await connection.execute(sql.remind.sql, wish)
            await connection.execute(sql.look_then.sql, wish)
        case _:
            pass


async def _tell_other_assistants(store: DialogStore, desk: Desk, burst: _Burst, turn: Turn) -> None:
    """The context in Redis follows; it is disposable, so a Redis that is away stops nothing."""
    company_id, phone = desk.company.company_id, desk.row["phone"]
    if phone is None:
        return
    try:
        if burst.text and desk.company.answers:
            at = burst.messages[-1].said_at
            await store.add_message(
                company_id, phone, sender="user", text=burst.text, at=at, kind="text"
            )
        if turn.text:
            await store.add_message(
                company_id, phone, sender="bot", text=turn.text, at=desk.now, kind="text"
            )
        if turn.booked or turn.intent is Intent.OPT_OUT:
            await context.settle(desk.db, desk.company, store, phone=phone, now=desk.now)
    except UnavailableError:
        log.warning("Redis does not answer: the context of one dialog is not up to date.")
