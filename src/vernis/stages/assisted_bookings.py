"""Bookings that the company's own assistant made: told to us, so that the conversion counts."""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vernis.decide.files.reading import service_key
from vernis.domain import Company
from vernis.errors import ConflictError, DataError, NotFoundError, UnavailableError
from vernis.ports import Connection, Database, DialogStore
from vernis.sql import load
from vernis.stages import assisting, context, conversions, receiving
from vernis.stages.assisting import Person
from vernis.stages.occasions import reactivation

sql = load("assisting")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBooking:
    """A booking as the company's CRM has it. `reference` is its id there, `starts_at` aware.

    Service and staff go by our ids, which suggested services carry, or by their names; a name
    that is not known is left out.
    """

    reference: str
    starts_at: datetime
    service_id: int | None = None
    service_name: str | None = None
    staff_id: int | None = None
    staff_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """The booking as we keep it. `is_new` False: it was known. `in_redis` False: Redis could not
    be told that nothing is pending any more."""

    booking_id: int
    reactivation_id: int
    is_new: bool
    in_redis: bool


async def booking_created(
    db: Database,
    company: Company,
    store: DialogStore,
    new: NewBooking,
    *,
    reactivation_id: int | None = None,
    person: Person | None = None,
    now: datetime,
) -> Recorded:
    """Count a booking as what came of a reactivation, named by its id or by whom it was sent to.

    Once per reference: told again, it is brought up to date. Raises NotFoundError where there is no
    such reactivation, ConflictError where the reference is another client's booking, DataError
    where a service or staff id is not the company's.
    """
    async with db.tenant(company.company_id) as connection:
        row = await _reactivation(connection, company, reactivation_id, person, now)
        values = await _values(connection, company, new, row, now)
        await connection.execute(sql.lock_client.sql, values)
        booking_id, is_new = await _stored(connection, values)
        await conversions.record(
            connection,
            company,
            reactivation_id=row["id"],
            booking_id=booking_id,
            source="assistant",
            now=now,
        )
    in_redis = True
    try:
        await context.settle(db, company, store, phone=row["phone"], now=now)
    except UnavailableError:
        log.warning("Redis does not answer: one pendingAction is cleared in PostgreSQL only.")
        in_redis = False
    return Recorded(
        booking_id=booking_id, reactivation_id=row["id"], is_new=is_new, in_redis=in_redis
    )


async def _reactivation(
    connection: Connection,
    company: Company,
    reactivation_id: int | None,
    person: Person | None,
    now: datetime,
) -> dict[str, Any]:
    if reactivation_id is None and person is not None:
        inbound = await assisting.inbound_of(connection, company, person, message_id="", at=now)
        sender = await receiving.recognised(connection, company, inbound, now=now)
        reactivation_id = sender.reactivation_id
    row = await reactivation(connection, company, reactivation_id)
    if row is None:
        raise NotFoundError("There is no such reactivation: ask for the context of this person.")
    return row


async def _values(
    connection: Connection, company: Company, new: NewBooking, row: dict[str, Any], now: datetime
) -> dict[str, Any]:
    values: dict[str, Any] = {
        "company_id": company.company_id,
        "client_id": row["client_id"],
        "reactivation_id": row["id"],
        "reference": new.reference,
        "starts_at": new.starts_at,
        "on_date": new.starts_at.astimezone(company.zone).date(),
        "service_id": new.service_id,
        "folded": service_key(new.service_name or ""),
        "staff_id": new.staff_id,
        "name": new.staff_name,
        "now": now,
    }
    if new.service_id is None and new.service_name:
        values["service_id"] = await _id(connection, sql.service_named.sql, values)
    elif new.service_id is not None and await _id(connection, sql.service.sql, values) is None:
        raise DataError("The company has no service of this id: give its name instead.")
    if new.staff_id is None and new.staff_name:
        values["staff_id"] = await _id(connection, sql.staff_named.sql, values)
    elif new.staff_id is not None and await _id(connection, sql.staff.sql, values) is None:
        raise DataError("The company has nobody of this id on its staff: give the name instead.")
    return values


async def _stored(connection: Connection, values: dict[str, Any]) -> tuple[int, bool]:
    known = await (await connection.execute(sql.booking.sql, values)).fetchone()
    if known is None:
        booking_id, is_new = await _id(connection, sql.add_booking.sql, values), True
    else:
        booking_id, is_new = int(known[0]), False
    if booking_id is None or (known is not None and known[1] != values["client_id"]):
        raise ConflictError("This booking reference is another client's: check the reference.")
    values |= {"booking_id": booking_id}
    if not is_new:
        await connection.execute(sql.bring_up_to_date.sql, values)
    await connection.execute(sql.release.sql, values)
    await connection.execute(sql.occupy.sql, values)
    return booking_id, is_new


async def _id(connection: Connection, query: str, values: dict[str, Any]) -> int | None:
    row = await (await connection.execute(query, values)).fetchone()
    return int(row[0]) if row else None
