"""Book: intent first. The intent is stored, the CRM is called, and after a doubtful answer the CRM
is read before anything is repeated."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psycopg.rows import dict_row

from vernis.domain import Company, FreeTime
from vernis.errors import BookingUnknownError, TimeTakenError
from vernis.ports import BookingRequest, Crm, Database
from vernis.sql import load

sql = load("booking")


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """A booking that certainly exists in the CRM."""

    booking_id: int
    time: FreeTime


async def book(
    db: Database, company: Company, crm: Crm, *, dialog_id: int, request: BookingRequest
) -> Booked:
    """Make a booking once per `request.key`.

    Raises TimeTakenError where the time is gone, BookingUnknownError where even reading did not
    tell: the intent stays and the next try reads the CRM first.
    """
    time = request.time
    values: dict[str, Any] = {
        "company_id": company.company_id,
        "key": request.key,
        "dialog_id": dialog_id,
        "client_id": request.client_id,
        "reactivation_id": request.reactivation_id,
        "service_id": time.service_id,
        "staff_id": time.staff_id,
        "starts_at": time.starts_at,
        "ends_at": time.ends_at,
    }
    async with db.tenant(company.company_id) as connection:
        await connection.execute(sql.intend.sql, values)
    try:
        booking_id = await _made(company, crm, request)
    except TimeTakenError:
        attempt = time.starts_at.strftime("%Y%m%d%H%M")
        async with db.tenant(company.company_id) as connection:
            await connection.execute(sql.refuse.sql, values | {"attempt": attempt})
        raise
    async with db.tenant(company.company_id) as connection:
        await connection.execute(sql.confirm.sql, values | {"booking_id": booking_id})
    return Booked(booking_id=booking_id, time=time)


async def intended(db: Database, company: Company, *, key: str) -> FreeTime | None:
    """The time that a turn set out to book before it was interrupted."""
    async with db.tenant(company.company_id) as connection:
        cursor = connection.cursor(row_factory=dict_row)
        await cursor.execute(sql.intended.sql, {"company_id": company.company_id, "key": key})
        row = await cursor.fetchone()
    return _time(row) if row else None


async def _made(company: Company, crm: Crm, request: BookingRequest) -> int:
    try:
        return await crm.book(company.company_id, request)
    except BookingUnknownError:
        found = await crm.find(company.company_id, request)
        if found is None:
            raise
        return found


def _time(row: Mapping[str, Any]) -> FreeTime:
    names = ("starts_at", "ends_at", "staff_id", "staff_name", "service_id", "service_title")
    return FreeTime(**{name: row[name] for name in names})
