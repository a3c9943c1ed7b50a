"""Receive: a message is stored, tied to its dialog and its reactivation, before anybody is told
that it arrived. A stop is obeyed right then; a person of the salon who writes silences us."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from vernis.decide import delivery
from vernis.decide.replies.reading import read
from vernis.domain import Company, Event, Inbound, Intent, MessageKind, State, Status
from vernis.ports import Connection, Database
from vernis.sql import load
from vernis.stages import erasure, opt_outs, settling, silence

sql = load("receiving")

HashPhone = Callable[[str], bytes]

# A reply this late still belongs to the message; later it is a client who writes to their salon.
RECOGNISED = timedelta(days=60)
NO_DIALOG = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """Where a message went. `is_new` False: it was delivered before.

    `dialog_id` is NO_DIALOG where whoever wrote it was erased since: it is not taken in again.
    """

    dialog_id: int
    is_new: bool
    reactivation_id: int | None = None


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes, and which reactivation it is about, as far as is known."""

    client_id: int | None
    phone: str | None
    reactivation_id: int | None
    state: State | None


async def receive(
    db: Database,
    company: Company,
    inbound: Inbound,
    *,
    now: datetime,
    hash_phone: HashPhone,
) -> Stored:
    """Store a message once. Leaves it in state `received` where something is to be answered.

    Recognition goes by what cannot be lost: the quoted message, the phone, the LID; all of it
    from PostgreSQL. Redis is never asked.

    A demand to stop is carried out in the same transaction. What an `edited` message says
    replaces the text it quotes while nobody has handled that; a `deleted` one is not answered;
    of kind `staff` it is a person's, who answers in our place.
    """
    values = _values(company, inbound, now)
    async with db.tenant(company.company_id) as connection:
        if (row := await _one(connection, sql.seen.sql, values)) is not None:
            return Stored(dialog_id=row[0], is_new=False)
        sender = await _sender(connection, company, inbound, values, now, hash_phone)
        if await erasure.said_before(
            connection,
            company,
            phone=sender.phone,
            lid=inbound.lid,
            said_at=inbound.received_at,
            hash_phone=hash_phone,
        ):
            return Stored(dialog_id=NO_DIALOG, is_new=False)
        values |= {
            "phone": sender.phone,
            "client_id": sender.client_id,
            "reactivation_id": sender.reactivation_id,
        }
        values["dialog_id"] = dialog_id = await _dialog(connection, values)
        if inbound.kind == MessageKind.STAFF:
            is_new = await _person_wrote(connection, company, values, hash_phone)
            return Stored(dialog_id=dialog_id, is_new=is_new)
        values["state"] = await _state_of(connection, company, inbound, values, now)
        if await _one(connection, sql.store_message.sql, values) is None:
            return Stored(dialog_id=dialog_id, is_new=False)
        if inbound.kind == MessageKind.DELETED:
            return Stored(dialog_id=dialog_id, is_new=True)
        if sender.reactivation_id is not None and sender.state is not None:
            values["state"] = delivery.after(sender.state, Event.READ)
            await connection.execute(sql.record_response.sql, values)
        if inbound.text and _stops(inbound.text, company, now):
            await opt_outs.stop(
                connection,
                company,
                phone=sender.phone,
                lid=inbound.lid,
                source="reply",
                now=now,
                hash_phone=hash_phone,
            )
    return Stored(dialog_id=dialog_id, is_new=True, reactivation_id=sender.reactivation_id)


def _stops(text: str, company: Company, now: datetime) -> bool:
    return read(text, now=now.astimezone(company.zone)).intent is Intent.OPT_OUT


# --- edited, deleted, written by a person ---------------------------------------------------


async def _state_of(
    connection: Connection,
    company: Company,
    inbound: Inbound,
    values: dict[str, Any],
    now: datetime,
) -> str:
    """Whether a message is to be handled, or has done what it does by arriving."""
    if inbound.kind == MessageKind.DELETED:
        await connection.execute(sql.forget_message.sql, values)
        return "handled"
    if inbound.kind != MessageKind.EDITED or not inbound.text:
        return "received"
    if (row := await _one(connection, sql.edit_message.sql, values)) is None:
        return "received"
    state, before = row
    local = now.astimezone(company.zone)
    same = before is not None and _means(inbound.text, local) == _means(before, local)
    return "handled" if state == "received" or same else "received"


def _means(text: str, local: datetime) -> tuple[object, ...]:
    reading = read(text, now=local)
    return reading.intent, reading.topic, reading.when, reading.choice, reading.not_on


async def _person_wrote(
    connection: Connection, company: Company, values: dict[str, Any], hash_phone: HashPhone
) -> bool:
    """One of the salon answers from its own phone: we are silent for a while, and what waits to
    be answered is theirs. Our own messages that come back as an echo are no person's."""
    if (echo := await _one(connection, sql.is_echo.sql, values)) is not None:
        if echo[0] is not None:
            await _has_left(connection, company, values, echo[0], hash_phone)
        return False
    if await _one(connection, sql.store_staff_message.sql, values) is None:
        return False
    await silence.begin(connection, company, values["dialog_id"], now=values["now"])
    return True


async def _has_left(
    connection: Connection,
    company: Company,
    values: dict[str, Any],
    key: str,
    hash_phone: HashPhone,
) -> None:
    """The salon's own phone shows a message whose call has no outcome: so it left."""
    status = Status(
        event=Event.ACCEPTED,
        at=values["said_at"],
        provider_message_id=values["provider_id"],
        key=key,
    )
    await settling.report(
        connection,
        company,
        values["account_id"],
        status,
        now=values["now"],
        hash_phone=hash_phone,
    )


# --- whose it is --------------------------------------------------------------------------------


def _values(company: Company, inbound: Inbound, now: datetime) -> dict[str, Any]:
    return {
        "company_id": company.company_id,
        "account_id": inbound.account_id,
        "provider_id": inbound.provider_message_id,
        "quoted": inbound.quoted_message_id,
        "phone": inbound.phone,
        "lid": inbound.lid,
        "kind": inbound.kind,
        "body": inbound.text,
        "said_at": inbound.received_at,
        "now": now,
    }


async def recognised(
    connection: Connection, company: Company, inbound: Inbound, *, now: datetime
) -> Sender:
    """Who a message is from and what it answers, as `receive` finds it. Nothing is stored."""
    return await _recognised(connection, inbound, _values(company, inbound, now), now)


async def _sender(
    connection: Connection,
    company: Company,
    inbound: Inbound,
    values: dict[str, Any],
    now: datetime,
    hash_phone: HashPhone,
) -> Sender:
    """Who writes, and about which reactivation."""
    sender = await _recognised(connection, inbound, values, now)
    if inbound.lid and sender.phone:
        if sender.client_id is not None:
            learned = values | {"client_id": sender.client_id}
            await connection.execute(sql.learn_lid.sql, learned)
        await opt_outs.carry_over(
            connection, company, phone=sender.phone, lid=inbound.lid, hash_phone=hash_phone
        )
    return sender


async def _recognised(
    connection: Connection, inbound: Inbound, values: dict[str, Any], now: datetime
) -> Sender:
    phone, client_id = inbound.phone, None
    if inbound.lid and (row := await _one(connection, sql.client_by_lid.sql, values)):
        client_id, phone = row[0], phone or row[1]
    reactivation = None
    if inbound.quoted_message_id:
        reactivation = await _one(connection, sql.quoted.sql, values)
    if reactivation is None and phone:
        looked_for = values | {"phone": phone, "since": now - RECOGNISED}
        reactivation = await _one(connection, sql.latest.sql, looked_for)
    if reactivation is not None:
        id_, client_id, written_to, state = reactivation
        return Sender(client_id, phone or written_to, id_, State(state))
    if client_id is None and phone:
        row = await _one(connection, sql.client_by_phone.sql, values | {"phone": phone})
        client_id = row[0] if row else None
    return Sender(client_id, phone, None, None)


async def _dialog(connection: Connection, values: dict[str, Any]) -> int:
    """The dialog of this phone, or of this LID while the phone is not known."""
    if (row := await _one(connection, sql.open_dialog.sql, values)) is not None:
        return int(row[0])
    if values["phone"]:
        row = await _one(connection, sql.dialog_by_phone.sql, values)
    if row is None:
        row = await _one(connection, sql.dialog_by_lid.sql, values)
    assert row is not None
    await connection.execute(sql.touch_dialog.sql, values | {"dialog_id": row[0]})
    return int(row[0])


async def _one(
    connection: Connection, query: str, values: dict[str, Any]
) -> tuple[Any, ...] | None:
    return await (await connection.execute(query, values)).fetchone()
