"""Outgoing events: rows that say what a company's webhooks are to be told, written in the very
transaction that makes it true.

They hold numbers and enums, never a name, a phone or a text: the receiver asks for those over
`/v1`, and erasure has nothing to do here.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from psycopg.types.json import Jsonb

from vernis.domain import Company
from vernis.ports import Connection
from vernis.sql import load

sql = load("outgoing_events")

REPLY_RECEIVED = "reply.received"
BOOKING_CREATED = "booking.created"
HANDOVER_NEEDED = "handover.needed"
ACCOUNT_PAUSED = "account.paused"
PING = "ping"  # of a test; no webhook has to ask for it
EVENTS = (REPLY_RECEIVED, BOOKING_CREATED, HANDOVER_NEEDED, ACCOUNT_PAUSED)
NEWS = timedelta(days=14)  # bookings that were made longer ago are told of no more


async def tell(
    connection: Connection,
    company: Company,
    event: str,
    key: int | str,
    *,
    now: datetime,
    **data: Any,
) -> None:
    """Leave a row for each webhook that wants this event, in the caller's transaction.

    Once per `key`: the same happening again changes nothing. `data` are plain JSON values.
    """
    values = {"company_id": company.company_id, "event": event, "event_key": f"{event}:{key}"}
    body = Jsonb(_body(company, event, data, now))
    await connection.execute(sql.tell.sql, values | {"body": body, "now": now})


async def tell_of_booking(
    connection: Connection,
    company: Company,
    *,
    booking_id: int,
    reactivation_id: int,
    source: str,
    now: datetime,
) -> None:
    """A booking came of a reactivation. `source`: vernis or assistant, who made it."""
    values = {"company_id": company.company_id, "booking_id": booking_id}
    if not await _is_told(connection, company, BOOKING_CREATED):
        return
    row = await (await connection.execute(sql.booking.sql, values)).fetchone()
    client_id, starts_at, service_id = row or (None, None, None)
    await tell(
        connection,
        company,
        BOOKING_CREATED,
        booking_id,
        now=now,
        booking_id=booking_id,
        client_id=client_id,
        reactivation_id=reactivation_id,
        starts_at=starts_at and starts_at.astimezone(UTC).isoformat(),
        service_id=service_id,
        source=source,
    )


async def tell_of_attributed(
    connection: Connection, company: Company, *, since: date, now: datetime
) -> None:
    """Bookings that `conversions.attribute` has found `now`, of reactivations planned `since`."""
    if not await _is_told(connection, company, BOOKING_CREATED):
        return
    values = {"company_id": company.company_id, "since": since, "now": now}
    values |= {"timestamp": now.astimezone(UTC).isoformat(), "news_since": now - NEWS}
    await connection.execute(sql.attributed.sql, values)


async def tell_one(
    connection: Connection, company: Company, webhook_id: int, key: str, *, now: datetime
) -> int:
    """A ping for one webhook; its delivery's id."""
    values = {"company_id": company.company_id, "webhook_id": webhook_id, "event": PING}
    body = Jsonb(_body(company, PING, {"webhook_id": webhook_id}, now))
    known = values | {"event_key": f"{PING}:{key}", "body": body, "now": now}
    ((delivery_id,),) = await (await connection.execute(sql.tell_one.sql, known)).fetchall()
    return int(delivery_id)


async def _is_told(connection: Connection, company: Company, event: str) -> bool:
    values = {"company_id": company.company_id, "event": event}
    ((told,),) = await (await connection.execute(sql.is_told.sql, values)).fetchall()
    return bool(told)


def _body(company: Company, event: str, data: dict[str, Any], now: datetime) -> dict[str, Any]:
    return {
        "type": event,
        "timestamp": now.astimezone(UTC).isoformat(),
        "company_id": company.company_id,
        "data": data,
    }
