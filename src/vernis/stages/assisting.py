"""Assisting: what the company's own assistant is told where it answers instead of Vernis.

The functions are those of our own receptionist: `receiving` stores and recognises, `reception`
reads and records; here is only put into words what they found. Recognition and what came of a
reply are PostgreSQL's; Redis is written as a favour, and one that is away stops nothing.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from psycopg.rows import dict_row

from vernis.decide.reception.assisting import Kept, bounds, starts_booking
from vernis.decide.reception.details import refined
from vernis.decide.reception.instructions import describe, instruct
from vernis.decide.replies.reading import read
from vernis.domain import Company, Inbound, Intent, MessageKind, ResponseType, Topic
from vernis.errors import ConflictError, UnavailableError
from vernis.ports import Clock, Connection, Crm, Database, DialogStore, ReactivationContext
from vernis.sql import load
from vernis.stages import context, opt_outs, receiving, reception
from vernis.stages.occasions import occasion_of, reactivation

sql = load("assisting")
log = logging.getLogger(__name__)

MOST_TRIES = 5  # each message of a burst may come while the one before it is being read
_STOPS = {Intent.OPT_OUT, Intent.WRONG_PERSON}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who writes: a phone (E.164 digits), a WhatsApp LID, and the message that is quoted."""

    phone: str | None = None
    lid: str | None = None
    quoted: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service as the company's data names it."""

    id: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Whether what this person writes answers a reactivation, and what is to be known of it.

    `pending_action` has the contract's fields, None where nothing is pending any more: booked,
    cleared or opted out. `in_redis`: Redis holds it now.
    """

    is_reply: bool
    reactivation_id: int | None = None
    opted_out: bool = False
    booking_created: bool = False
    pending_action: Mapping[str, Any] | None = None
    in_redis: bool = False
    instruction: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A reply as it was read, and what to do about it. `when`: the first and the last moment that
    it names, company-local."""

    is_reply: bool
    reactivation_id: int | None
    type: ResponseType
    intent: Intent
    confidence: float
    topic: Topic | None
    when: tuple[datetime, datetime] | None
    suggested_service: Service | None
    start_booking: bool
    opted_out: bool
    instruction: str | None


async def recognise(
    db: Database,
    company: Company,
    store: DialogStore,
    person: Person,
    *,
    now: datetime,
    hash_phone: Callable[[str], bytes],
) -> Context:
    """Whether this person's message is a reply to a reactivation. Stores no message; puts the
    pendingAction back into Redis where that lost it."""
    local = now.astimezone(company.zone)
    async with db.tenant(company.company_id) as connection:
        inbound = await inbound_of(connection, company, person, message_id="", at=now)
        sender = await receiving.recognised(connection, company, inbound, now=now)
        phone, lid = sender.phone, person.lid
        stopped = await _is_stopped(connection, company, phone, lid, hash_phone)
        row = await reactivation(connection, company, sender.reactivation_id)
    if row is None:
        return Context(is_reply=False, opted_out=stopped)
    pending = None if stopped else _pending(company, row)
    booked = row["booking_created_at"] is not None
    occasion = replace(occasion_of(company, row, local), booked=booked)
    return Context(
        is_reply=True,
        reactivation_id=row["id"],
        opted_out=stopped,
        booking_created=booked,
        pending_action=pending.pending_action if pending else None,
        in_redis=await _put_back(store, pending),
        instruction=describe(occasion, now=local),
    )


async def handle_reply(
    db: Database,
    company: Company,
    store: DialogStore,
    person: Person,
    *,
    message_id: str,
    text: str,
    at: datetime,
    clock: Clock,
    crm: Crm,
    hash_phone: Callable[[str], bytes],
) -> Told:
    """Store a client's message, record what it says of the reactivation, tell what to do.

    Once per `message_id`: the same id again changes nothing and is told the same. A stop is obeyed
    before anything else. Raises ConflictError where Vernis answers this company's clients itself.
    """
    if company.answers:
        raise ConflictError(
            "Vernis answers this company's clients itself: `vernis set assistant=external` first."
        )
    now = clock()
    async with db.tenant(company.company_id) as connection:
        inbound = await inbound_of(connection, company, person, message_id, at, text)
    stored = await receiving.receive(db, company, inbound, now=now, hash_phone=hash_phone)
    if stored.dialog_id == receiving.NO_DIALOG:
        raise ConflictError("Whoever wrote this was erased since: there is nothing to answer.")
    is_read = not stored.is_new
    for _ in range(MOST_TRIES):
        if not is_read:
            await reception.handle(
                db,
                company,
                dialog_id=stored.dialog_id,
                crm=crm,
                store=store,
                clock=clock,
                hash_phone=hash_phone,
            )
        async with db.tenant(company.company_id) as connection:
            message = await _message(connection, company, inbound)
            if message["state"] != "received":
                kept = _kept(company, message)
                row = await reactivation(connection, company, message["reactivation_id"])
                service = await _service(connection, company, kept, row)
                break
        is_read = False
    else:
        raise UnavailableError("This dialog is very busy: send the message again in a second.")
    if stored.is_new and row is not None and kept.intent not in _STOPS:
        await _put_back(store, _pending(company, row))
    return _told(company, kept, row, service)


async def clear(
    db: Database, company: Company, store: DialogStore, person: Person, *, now: datetime
) -> bool:
    """Nothing is pending with this person any more. False where Redis could not be told; the
    pendingAction is not put back then either."""
    async with db.tenant(company.company_id) as connection:
        inbound = await inbound_of(connection, company, person, message_id="", at=now)
        sender = await receiving.recognised(connection, company, inbound, now=now)
    if sender.phone is None:
        return True
    try:
        await context.settle(db, company, store, phone=sender.phone, now=now)
    except UnavailableError:
        log.warning("Redis does not answer: one pendingAction is cleared in PostgreSQL only.")
        return False
    return True


# --- looking up -------------------------------------------------------------------------------


async def inbound_of(
    connection: Connection,
    company: Company,
    person: Person,
    message_id: str,
    at: datetime,
    text: str | None = None,
) -> Inbound:
    values = {
        "company_id": company.company_id,
        "message_id": message_id,
        "phone": person.phone,
        "lid": person.lid,
        "quoted": person.quoted,
    }
    row = await (await connection.execute(sql.account.sql, values)).fetchone()
    if row is None or row[0] is None:
        raise ConflictError("This company has no number that messages come to: add an account.")
    return Inbound(
        account_id=row[0],
        provider_message_id=message_id,
        received_at=at,
        phone=person.phone,
        lid=person.lid,
        text=text,
        kind=MessageKind.TEXT,
        quoted_message_id=person.quoted,
    )


async def _message(connection: Connection, company: Company, inbound: Inbound) -> dict[str, Any]:
    values = {
        "company_id": company.company_id,
        "account_id": inbound.account_id,
        "message_id": inbound.provider_message_id,
    }
    row = await _row(connection, sql.message.sql, values)
    assert row is not None
    return row


async def _service(
    connection: Connection, company: Company, kept: Kept, row: Mapping[str, Any] | None
) -> Service | None:
    """The one that the reply is about, else the last one that the client came for."""
    last = row["last_service_id"] if row else None
    values = {"company_id": company.company_id, "service_id": kept.service_id or last}
    found = await _row(connection, sql.service.sql, values)
    return Service(id=found["service_id"], name=found["title"]) if found else None


async def _is_stopped(
    connection: Connection,
    company: Company,
    phone: str | None,
    lid: str | None,
    hash_phone: Callable[[str], bytes],
) -> bool:
    keys = [hash_phone(phone)] if phone else []
    keys += [opt_outs.hash_lid(lid, hash_phone)] if lid else []
    values = {"company_id": company.company_id, "keys": keys}
    row = await (await connection.execute(sql.is_stopped.sql, values)).fetchone()
    return row == (True,)


async def _row(connection: Connection, query: str, values: dict[str, Any]) -> dict[str, Any] | None:
    cursor = connection.cursor(row_factory=dict_row)
    await cursor.execute(query, values)
    return await cursor.fetchone()


# --- telling -----------------------------------------------------------------------------------


def _kept(company: Company, message: Mapping[str, Any]) -> Kept:
    """As it was read when it was handled; anew where a person had answered before."""
    if message["reading"] is not None:
        return Kept.from_dict(message["reading"])
    at = message["said_at"].astimezone(company.zone)
    text = message["body"] or ""
    return Kept.of(refined(read(text, now=at), text, now=at), service_id=None, at=at)


def _told(
    company: Company, kept: Kept, row: Mapping[str, Any] | None, service: Service | None
) -> Told:
    at = kept.at.astimezone(company.zone)
    occasion = occasion_of(company, row, at) if row else None
    told = occasion is not None or kept.intent in _STOPS
    return Told(
        is_reply=row is not None,
        reactivation_id=row["id"] if row else None,
        type=kept.response_type,
        intent=kept.intent,
        confidence=kept.confidence,
        topic=kept.topic,
        when=bounds(kept.when, at) if kept.when else None,
        suggested_service=service,
        start_booking=starts_booking(kept, booked=occasion is not None and occasion.booked),
        opted_out=kept.intent in _STOPS,
        instruction=instruct(occasion, kept, locale=company.locale, now=at) if told else None,
    )


def _pending(company: Company, row: Mapping[str, Any]) -> ReactivationContext | None:
    """What Redis should hold about it; None where nothing is pending."""
    if row["booking_created_at"] is not None or row["settled_at"] is not None:
        return None
    return context.context_of(row, company.company_id, sent_at=row["said_at"])


async def _put_back(store: DialogStore, pending: ReactivationContext | None) -> bool:
    if pending is None:
        return False
    try:
        await store.remember([pending], only_if_absent=True)
        found = await store.pending_action(pending.company_id, pending.phone)
    except UnavailableError:
        log.warning("Redis does not answer: one context waits in PostgreSQL.")
        return False
    ours = pending.pending_action["reactivationHistoryId"]
    return found is not None and found.get("reactivationHistoryId") == ours
