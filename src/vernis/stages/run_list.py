"""Runs as a list: the plans that were stored, and what has become of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg.rows import dict_row

from vernis.domain import Company
from vernis.errors import ConflictError, NotFoundError
from vernis.ports import Database
from vernis.sql import load

sql = load("run_list")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A day's plan that was stored. `counts` says of how many clients it decided what, by reason;
    `states` how many of its reactivations are where."""

    plan_on: date
    planned_at: datetime
    counts: Mapping[str, int]
    states: Mapping[str, int]


async def listed(
    db: Database, company: Company, *, before: date | None = None, most: int = 50
) -> list[Run]:
    """The newest runs, those of days before one where it is given."""
    return await _read(db, company, before=before, on=None, most=most)


async def one(db: Database, company: Company, on: date) -> Run:
    """Raises NotFoundError."""
    found = await _read(db, company, before=None, on=on, most=1)
    if not found:
        raise NotFoundError(f"There was no run on {on}.")
    return found[0]


async def require_begun(db: Database, company: Company) -> None:
    """Raises ConflictError where nobody has said yet that sending may begin."""
    async with db.tenant(company.company_id) as connection:
        values = {"company_id": company.company_id}
        row = await (await connection.execute(sql.has_begun.sql, values)).fetchone()
    if row is None or not row[0]:
        raise ConflictError(f"{company.name} has not begun: start it on its page first.")


async def _read(db: Database, company: Company, **values: Any) -> list[Run]:
    async with db.tenant(company.company_id) as connection:
        cursor = connection.cursor(row_factory=dict_row)
        await cursor.execute(sql.listed.sql, {"company_id": company.company_id} | values)
        return [Run(**row) for row in await cursor.fetchall()]
