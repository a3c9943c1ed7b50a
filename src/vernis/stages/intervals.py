"""Intervals: from visits to a due date for every client of a company, set-based."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from psycopg.rows import kwargs_row

from vernis.decide.intervals import Rhythm, ServiceRhythm, StandardRhythm, choose, rhythm
from vernis.domain import Company, Interval, Source
from vernis.ports import Connection, Database
from vernis.sql import load

sql = load("intervals")

FRESH_DAYS = 7  # the weekly job recomputes everything
_LEVELS = {source: level for level, source in enumerate(Source)}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Services:
    averages: dict[int, ServiceRhythm]
    standards: dict[int, StandardRhythm]


@dataclass(frozen=True, slots=True)
class _Line:
    """One client's line of visits for one service."""

    service_id: int
    last_on: int  # as date.toordinal() counts
    own: Rhythm | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """How many clients' due dates a level gave, and what they look like."""

    source: str
    clients: int
    median_days: int
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceInterval:
    """What is known of a service; None where the company's own data does not say."""

    title: str
    standard_key: str | None
    median_days: int | None
    low_days: int | None
    high_days: int | None
    returns: int | None
    standard_days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    levels: list[Level]
    services: list[ServiceInterval]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


async def summary(db: Database, company: Company) -> Summary:
    """What the last computation came to."""
    values = {"company_id": company.company_id}
    async with db.tenant(company.company_id) as connection:
        levels = await (await connection.execute(sql.summary.sql, values)).fetchall()
        cursor = connection.cursor(row_factory=kwargs_row(ServiceInterval))
        services = await (await cursor.execute(sql.service_summary.sql, values)).fetchall()
    return Summary(
        levels=[
            Level(source=source, clients=clients, median_days=days, confidence=float(confidence))
            for source, clients, days, confidence in levels
        ],
        services=services,
    )


async def compute(db: Database, company: Company, *, on: date, now: datetime) -> int:
    """Recompute all intervals and due dates as they are known on a day; how many clients."""
    async with db.tenant(company.company_id) as connection:
        return await _compute(connection, company.company_id, on, now)


async def follow(
    db: Database, company: Company, clients: Sequence[int], *, on: date, now: datetime
) -> int:
    """Bring the due dates of these clients up to date, after visits of theirs; how many.

    What is known of the services stays as the last computation left it.
    """
    async with db.tenant(company.company_id) as connection:
        values = {"company_id": company.company_id, "on": on, "now": now}
        await connection.execute(sql.lock_company.sql, values)
        return await _compute_clients(connection, values | {"clients": list(clients)}, on)


async def is_stale(db: Database, company: Company, *, on: date) -> bool:
    """Whether the due dates do not fit a day: new data, a later state, or a week old."""
    async with db.tenant(company.company_id) as connection:
        cursor = await connection.execute(sql.computed_on.sql, {"company_id": company.company_id})
        row = await cursor.fetchone()
    computed_on: date | None = row[0] if row else None
    return computed_on is None or not 0 <= (on - computed_on).days < FRESH_DAYS


async def _compute(connection: Connection, company_id: int, on: date, now: datetime) -> int:
    values: dict[str, Any] = {"company_id": company_id, "on": on, "now": now, "clients": None}
    await connection.execute(sql.lock_company.sql, values)
    number = await _compute_clients(connection, values, on, services_too=True)
    await connection.execute(sql.mark_computed.sql, values)
    return number


async def _compute_clients(
    connection: Connection, values: dict[str, Any], on: date, *, services_too: bool = False
) -> int:
    """The due dates of `clients`; of all where it is None.

    The server works on one statement while a thread looks at the rows of the one before.
    """
    days = await (await connection.execute(sql.rhythms.sql, values)).fetchall()
    lines, (visitors, services) = await asyncio.gather(
        asyncio.to_thread(_lines, days), _around(connection, values, services_too=services_too)
    )
    due_dates, _ = await asyncio.gather(
        asyncio.to_thread(_due_dates, visitors, lines, services, on),
        _store_personal(connection, values, lines),
    )
    await connection.execute(sql.store_due_dates.sql, values | {"rows": due_dates})
    return len(visitors)


def _due_dates(
    visitors: Sequence[tuple[Any, ...]],
    lines: dict[int, list[_Line]],
    services: _Services,
    on: date,
) -> str:
    """The rows to store, as JSON: one value that needs no escaping, as fast as COPY."""
    return json.dumps([_due_date(visitor, lines, services, on) for visitor in visitors])


def _due_date(
    visitor: tuple[Any, ...], lines: dict[int, list[_Line]], services: _Services, on: date
) -> dict[str, Any]:
    client_id, last_on, visits, spent, staff_id = visitor
    last = last_on.toordinal()
    at_last = [line for line in lines.get(client_id, ()) if line.last_on == last]
    service_id, interval = _interval(at_last, services, on.toordinal() - last)
    return {
        "client_id": client_id,
        "service_id": service_id,
        "staff_id": staff_id,
        "last_on": last_on.isoformat(),
        "days": interval.days,
        "low": interval.low,
        "high": interval.high,
        "source": interval.source.value,
        "confidence": interval.confidence,
        "evidence": interval.evidence,
        "visits": visits,
        "spent": spent,
    }


def _interval(
    at_last: list[_Line], services: _Services, inactive_days: int
) -> tuple[int | None, Interval]:
    """Of the services of the last visit the one known best; of equals the one due first."""
    best: tuple[int | None, Interval] | None = None
    for line in at_last:
        interval = choose(
            own=line.own,
            service=services.averages.get(line.service_id),
            standard=services.standards.get(line.service_id),
            inactive_days=inactive_days,
        )
        if best is None or _rank(interval) < _rank(best[1]):
            best = (line.service_id, interval)
    return best or (None, choose(inactive_days=inactive_days))


def _rank(interval: Interval) -> tuple[int, int]:
    return _LEVELS[interval.source], interval.days


async def _around(
    connection: Connection, values: dict[str, Any], *, services_too: bool
) -> tuple[list[tuple[Any, ...]], _Services]:
    """The clients' visits as a whole, and what is known of the services."""
    visitors = await (await connection.execute(sql.visitors.sql, values)).fetchall()
    if services_too:
        as_of = max((last_on for _, last_on, *_ in visitors), default=values["on"])
        await connection.execute(sql.forget_service_intervals.sql, values)
        await connection.execute(sql.compute_service_intervals.sql, values | {"as_of": as_of})
    return visitors, await _services(connection, values)


async def _services(connection: Connection, values: dict[str, Any]) -> _Services:
    averages, standards = {}, {}
    cursor = await connection.execute(sql.services.sql, values)
    for id_, median, low, high, returns, key, days, least, most, sure in await cursor.fetchall():
        if median is not None:
            averages[id_] = ServiceRhythm(median=median, low=low, high=high, returns=returns)
        if key is not None:
            standards[id_] = StandardRhythm(
                category_key=key, days=days, low=least, high=most, confidence=float(sure)
            )
    return _Services(averages=averages, standards=standards)


def _lines(rows: Sequence[tuple[int, int, list[int]]]) -> dict[int, list[_Line]]:
    lines: dict[int, list[_Line]] = {}
    for client_id, service_id, days in rows:
        own = rhythm([day - before for day, before in pairwise(days)])
        lines.setdefault(client_id, []).append(_Line(service_id, days[0], own))
    return lines


async def _store_personal(
    connection: Connection, values: dict[str, Any], lines: dict[int, list[_Line]]
) -> None:
    known = [
        {
            "client_id": client_id,
            "service_id": line.service_id,
            "days": line.own.median,
            "visits": line.own.visits,
            "consistency": line.own.consistency,
        }
        for client_id, of_client in lines.items()
        for line in of_client
        if line.own
    ]
    await connection.execute(sql.store_personal.sql, values | {"rows": json.dumps(known)})
