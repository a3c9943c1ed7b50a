"""Receive: a client's message is stored, tied to its dialog and its reactivation, before anybody
is told that it arrived."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from vernis.decide import delivery
from vernis.decide.delivery import Event
from vernis.domain import Company, Inbound, State
from vernis.ports import Connection, Database
from vernis.sql import load

sql = load("receiving")

# A reply this late still belongs to the message; later it is a client who writes to their salon.
RECOGNISED = timedelta(days=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """Where a message went. `is_new` False: it was delivered before."""

    dialog_id: int
    is_new: bool
    reactivation_id: int | None = None


@dataclass(frozen=True, slots=True)
class _Sender:
    client_id: int | None
    phone: str | None
    reactivation_id: int | None
    state: State | None


async def receive(db: Database, company: Company, inbound: Inbound, *, now: datetime) -> Stored:
    """Store a message once. Leaves it in state `received`.

    Recognition goes by what cannot be lost: the quoted message, the phone, the LID; all of it
    from PostgreSQL. Redis is never asked.
    """
    values: dict[str, Any] = {
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
    async with db.tenant(company.company_id) as connection:
        if (row := await _one(connection, sql.seen.sql, values)) is not None:
            return Stored(dialog_id=row[0], is_new=False)
        sender = await _sender(connection, inbound, values, now)
        values |= {
            "phone": sender.phone,
            "client_id": sender.client_id,
            "reactivation_id": sender.reactivation_id,
        }
        values["dialog_id"] = dialog_id = await _dialog(connection, values)
        if await _one(connection, sql.store_message.sql, values) is None:
            return Stored(dialog_id=dialog_id, is_new=False)
        if sender.reactivation_id is not None and sender.state is not None:
            values["state"] = delivery.after(sender.state, Event.READ)
            await connection.execute(sql.record_response.sql, values)
    return Stored(dialog_id=dialog_id, is_new=True, reactivation_id=sender.reactivation_id)


async def _sender(
    connection: Connection, inbound: Inbound, values: dict[str, Any], now: datetime
) -> _Sender:
    """Who writes, and about which reactivation."""
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
        phone = phone or written_to
        if inbound.lid:  # now it is known whose it is
            await connection.execute(sql.learn_lid.sql, values | {"client_id": client_id})
        return _Sender(client_id, phone, id_, State(state))
    if client_id is None and phone:
        row = await _one(connection, sql.client_by_phone.sql, values | {"phone": phone})
        client_id = row[0] if row else None
        if client_id is not None and inbound.lid:
            await connection.execute(sql.learn_lid.sql, values | {"client_id": client_id})
    return _Sender(client_id, phone, None, None)


async def _dialog(connection: Connection, values: dict[str, Any]) -> int:
    """The dialog of this phone, or of this LID while the phone is not known."""
    row = await _one(connection, sql.open_dialog.sql, values)
    if row is None and values["phone"]:
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
