"""What each level of the intervals knows of a company's services, and which of them are used."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from vernis.decide import gaps
from vernis.decide.gaps import Gaps
from vernis.domain import Company, Source
from vernis.ports import Database
from vernis.sql import load

sql = load("service_levels")


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """Clients whose due date a level gives, and the middle of their days."""

    clients: int
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """`visits` are its bookings that took place; `rhythms` clients keep one of their own for it,
    `rhythm_days` in the middle. `used` is by level, of those who had it last."""

    visits: int = 0
    rhythms: int = 0
    rhythm_days: int | None = None
    used: Mapping[Source, Used] = field(default_factory=dict)

    @property
    def due(self) -> int:
        """How many clients are expected back for it."""
        return sum(used.clients for used in self.used.values())


async def levels(
    db: Database, company: Company, *, service: int | None = None
) -> dict[int, Levels]:
    """By service, of all of them or of one; those of which nothing is known are missing.

    Of one its visits are not counted: `distribution` reads them all anyway.
    """
    values: dict[str, Any] = {"company_id": company.company_id, "service_id": service}
    async with db.tenant(company.company_id) as connection:
        visits: dict[int, int] = {}
        if service is None:
            visits = dict(await (await connection.execute(sql.visits.sql, values)).fetchall())
        personal = await (await connection.execute(sql.personal.sql, values)).fetchall()
        used = await (await connection.execute(sql.used.sql, values)).fetchall()
    own = {service_id: (number, days) for service_id, number, days in personal}
    by_level: dict[int, dict[Source, Used]] = {}
    for service_id, source, clients, days in used:
        by_level.setdefault(service_id, {})[Source(source)] = Used(clients=clients, days=days)
    return {
        service_id: Levels(
            visits=visits.get(service_id, 0),
            rhythms=own.get(service_id, (0, None))[0],
            rhythm_days=own.get(service_id, (0, None))[1],
            used=by_level.get(service_id, {}),
        )
        for service_id in {*visits, *own, *by_level}
    }


async def distribution(db: Database, company: Company, service: int, *, on: date) -> Gaps:
    """How long its clients stay away between two visits for it, as known on a day."""
    values = {"company_id": company.company_id, "service_id": service, "on": on}
    async with db.tenant(company.company_id) as connection:
        cursor = connection.cursor(binary=True)
        await cursor.execute(sql.days.sql, values)
        ((clients, days, newest),) = await cursor.fetchall()
    as_of = min(newest or on, on).toordinal()
    return await asyncio.to_thread(gaps.gaps, clients, days, as_of=max([as_of, *days[:1]]))
