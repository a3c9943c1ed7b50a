"""Foretelling: how near to the expected day clients do come back."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from vernis.domain import Company
from vernis.ports import Database
from vernis.sql import load

sql = load("foretelling")

MOST = 1000  # clients: enough to judge by, and quickly read
NEAR = 7  # days
FURTHEST = 4  # weeks: whatever is further off is counted there


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """Visits whose day was this many weeks after the expected one, to the nearest; before it where
    negative. At FURTHEST weeks all that were further off are counted too."""

    late: int
    visits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Foretold:
    """Visits by their distance from the expected day, and how many were at most NEAR days off.

    Expected was the visit before and the client's interval as it is now known.
    """

    visits: int
    near: int
    weeks: tuple[Week, ...]


async def returns(db: Database, company: Company, *, first_day: date, last_day: date) -> Foretold:
    """Of the clients who came back in these days each one's last visit, MOST of them at most."""
    values: dict[str, Any] = {"company_id": company.company_id, "most": MOST}
    values |= {"first_day": first_day, "last_day": last_day}
    async with db.tenant(company.company_id) as connection:
        rows = await (await connection.execute(sql.returns.sql, values)).fetchall()
    weeks: Counter[int] = Counter()
    for days_late, visits in rows:
        weeks[max(-FURTHEST, min(FURTHEST, round(days_late / 7)))] += visits
    return Foretold(
        visits=sum(visits for _, visits in rows),
        near=sum(visits for days_late, visits in rows if abs(days_late) <= NEAR),
        weeks=tuple(Week(late=late, visits=weeks[late]) for late in range(-FURTHEST, FURTHEST + 1)),
    )
