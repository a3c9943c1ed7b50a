"""Services as a list, with the intervals that the company's levels give."""

from dataclasses import dataclass
from typing import Any

from psycopg.rows import dict_row

from vernis.domain import Company
from vernis.errors import NotFoundError
from vernis.ports import Database
from vernis.sql import load

sql = load("service_list")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A service. `own_interval_days` is what the owner set, `learned_*` what its visits say (the
    days that hold 80% of the returns, of `sample_size`), `standard_days` the industry's. `clients`
    are those whose last visit was for it. Money in minor units."""

    service_id: int
    title: str
    category: str | None
    price_minor: int | None
    duration_minutes: int
    is_active: bool
    own_interval_days: int | None
    learned_days: int | None
    learned_from_days: int | None
    learned_to_days: int | None
    sample_size: int | None
    standard_key: str | None
    standard_days: int | None
    clients: int


async def listed(
    db: Database,
    company: Company,
    *,
    is_active: bool | None = None,
    after: int = 0,
    most: int = 50,
) -> list[Listed]:
    """Services in the order of their ids, those above `after`."""
    values = {"is_active": is_active, "after": after, "most": most, "service_id": None}
    return await _read(db, company, values)


async def one(db: Database, company: Company, service_id: int) -> Listed:
    """Raises NotFoundError."""
    values = {"is_active": None, "after": 0, "most": 1, "service_id": service_id}
    if not (found := await _read(db, company, values)):
        raise NotFoundError(f"There is no service {service_id}.")
    return found[0]


async def _read(db: Database, company: Company, values: dict[str, Any]) -> list[Listed]:
    async with db.tenant(company.company_id) as connection:
        cursor = connection.cursor(row_factory=dict_row)
        await cursor.execute(sql.listed.sql, {"company_id": company.company_id} | values)
        return [Listed(**row) for row in await cursor.fetchall()]
