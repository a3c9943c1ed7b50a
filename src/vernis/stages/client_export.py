"""Everything that is held of one client, for the person who asks for their data."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from psycopg.rows import dict_row

from vernis.domain import Company
from vernis.errors import NotFoundError
from vernis.plain import plain
from vernis.ports import Connection, Database
from vernis.sql import load
from vernis.stages.opt_outs import hash_lid

sql = load("client_export")

_CONSENT = ("consent", "consent_source", "consent_on")


async def exported(
    db: Database,
    company: Company,
    client_id: int,
    *,
    hash_phone: Callable[[str], bytes],
    now: datetime,
) -> dict[str, Any]:
    """All of it as plain JSON values, unmasked: who it is, visits and bookings, what is expected of
    them, reactivations, dialogs with their messages, consent, opt-outs.

    Money is in minor units of `currency`, moments are in UTC. Raises NotFoundError.
    """
    values: dict[str, Any] = {"company_id": company.company_id, "client_id": client_id}
    async with db.tenant(company.company_id) as connection:
        if not (found := await _rows(connection, "client", values)):
            raise NotFoundError(f"{company.name} has no client {client_id}.")
        client = found[0]
        consent = {name: client.pop(name) for name in _CONSENT}
        phone, lid = client["phone"], client["whatsapp_id"]
        values |= {"phone": phone, "lid": lid}
        dialogs = await _rows(connection, "dialogs", values)
        values |= {"dialogs": [dialog["dialog_id"] for dialog in dialogs]}
        keys = [hash_phone(phone)] if phone else []
        keys += [hash_lid(lid, hash_phone)] if lid else []
        everything = {
            "company": company.name,
            "currency": company.currency,
            "exported_at": now,
            "client": client,
            "consent": consent,
            "opt_outs": await _rows(connection, "opt_outs", values | {"keys": keys}),
            "bookings": await _rows(connection, "bookings", values),
            "expected": await _rows(connection, "expected", values),
            "rhythms": await _rows(connection, "rhythms", values),
            "reactivations": await _rows(connection, "reactivations", values),
            "dialogs": dialogs,
            "messages": await _rows(connection, "messages", values),
            "reach": await _rows(connection, "reach", values),
            "booking_requests": await _rows(connection, "intents", values),
        }
    result: dict[str, Any] = plain(everything)
    return result


async def _rows(connection: Connection, query: str, values: dict[str, Any]) -> list[dict[str, Any]]:
    cursor = connection.cursor(row_factory=dict_row)
    await cursor.execute(getattr(sql, query).sql, values)
    return await cursor.fetchall()
