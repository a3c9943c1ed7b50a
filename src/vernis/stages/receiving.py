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
from vernis.stages import opt_outs, settling, silence

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
        seen, sender = await _known(connection, values)
        if seen is not None:
            return Stored(dialog_id=seen, is_new=False)
        values["dialog_id"] = dialog_id = await _dialog(
            connection, company, inbound, sender, values, hash_phone
        )
        if dialog_id == NO_DIALOG:
            return Stored(dialog_id=NO_DIALOG, is_new=False)
        if inbound.kind == MessageKind.STAFF:
            is_new = await _person_wrote(connection, company, values, hash_phone)
            return Stored(dialog_id=dialog_id, is_new=is_new)
        values["state"] = await _state_of(connection, company, inbound, values, now)
        values["answered"] = _answered(inbound, sender)
        if await _one(connection, sql.store_message.sql, values) is None:
            return Stored(dialog_id=dialog_id, is_new=False)
        if inbound.kind == MessageKind.DELETED:
            return Stored(dialog_id=dialog_id, is_new=True)
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


def _answered(inbound: Inbound, sender: Sender) -> State | None:
    """The state of the reactivation that this answers; None where it answers none."""
    if sender.state is None or inbound.kind == MessageKind.DELETED:
        return None
    return delivery.after(sender.state, Event.READ)


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
        "since": now - RECOGNISED,
        "now": now,
    }


async def recognised(
    connection: Connection, company: Company, inbound: Inbound, *, now: datetime
) -> Sender:
    """Who a message is from and what it answers, as `receive` finds it. Nothing is stored."""
    _, sender = await _known(connection, _values(company, inbound, now))
    return sender


async def _known(connection: Connection, values: dict[str, Any]) -> tuple[int | None, Sender]:
    """The dialog that has this message already, and who writes."""
    row = await _one(connection, sql.known.sql, values)
    assert row is not None
    seen, client_id, phone, reactivation_id, state = row
    return seen, Sender(client_id, phone, reactivation_id, State(state) if state else None)


async def _dialog(
    connection: Connection,
    company: Company,
    inbound: Inbound,
    sender: Sender,
    values: dict[str, Any],
    hash_phone: HashPhone,
) -> int:
    """The dialog of this phone, or of this LID while the phone is not known; NO_DIALOG where
    whoever has them was erased since this was said. `values` is told of the sender."""
    values |= {
        "phone": sender.phone,
        "client_id": sender.client_id,
        "reactivation_id": sender.reactivation_id,
        "keys": _keys(sender.phone, inbound.lid, hash_phone),
    }
    if inbound.lid and sender.phone:
        if sender.client_id is not None:
            await connection.execute(sql.learn_lid.sql, values)
        await opt_outs.carry_over(
            connection, company, phone=sender.phone, lid=inbound.lid, hash_phone=hash_phone
        )
    row = await _one(connection, sql.open_dialog.sql, values)
    assert row is not None
    return int(row[0])


def _keys(phone: str | None, lid: str | None, hash_phone: HashPhone) -> list[bytes]:
    keys = [hash_phone(phone)] if phone else []
    return keys + ([opt_outs.hash_lid(lid, hash_phone)] if lid else [])


async def _one(
    connection: Connection, query: str, values: dict[str, Any]
) -> tuple[Any, ...] | None:
    return await (await connection.execute(query, values)).fetchone()
