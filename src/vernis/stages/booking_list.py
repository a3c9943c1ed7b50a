"""Bookings as a list: whose, for what, when, and whether a message brought them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg.rows import dict_row

from vernis.domain import BookingState, Company
from vernis.errors import NotFoundError
from vernis.ports import Database
from vernis.sql import load

sql = load("booking_list")

NEWEST = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One service of one appointment. `origin` is file, crm or vernis, `external_key` the CRM's id
    of it; `reactivation_id` is set where it came of one. Money in minor units."""

    booking_id: int
    client_id: int
    client_key: str
    client_name: str | None
    service_id: int | None
    service_title: str | None
    staff_id: int | None
    staff_name: str | None
    on_date: date
    starts_at: datetime | None
    ends_at: datetime | None
    state: str
    amount_minor: int | None
    booked_at: datetime | None
    cancelled_at: datetime | None
    origin: str
    external_key: str | None
    reactivation_id: int | None


async def listed(
    db: Database,
    company: Company,
    *,
    client_id: int | None = None,
    state: BookingState | None = None,
    origin: str | None = None,
    won: bool | None = None,
    first_day: date | None = None,
    last_day: date | None = None,
    before: int = NEWEST,
    most: int = 50,
) -> list[Listed]:
    """The newest bookings with an id below `before`, of these company-local days (both included);
    `won`: those that came of a reactivation, or the others."""
    values: dict[str, Any] = {"client_id": client_id, "state": state, "origin": origin, "won": won}
    values |= {"first_day": first_day, "last_day": last_day, "before": before, "most": most}
    return await _read(db, company, values | {"booking_id": None})


async def one(db: Database, company: Company, booking_id: int) -> Listed:
    """Raises NotFoundError."""
    names = ("client_id", "state", "origin", "won", "first_day", "last_day")
    values: dict[str, Any] = dict.fromkeys(names)
    values |= {"booking_id": booking_id, "before": NEWEST, "most": 1}
    if not (found := await _read(db, company, values)):
        raise NotFoundError(f"There is no booking {booking_id}.")
    return found[0]


async def _read(db: Database, company: Company, values: dict[str, Any]) -> list[Listed]:
    async with db.tenant(company.company_id) as connection:
        cursor = connection.cursor(row_factory=dict_row)
        await cursor.execute(sql.listed.sql, {"company_id": company.company_id} | values)
        return [Listed(**row) for row in await cursor.fetchall()]
