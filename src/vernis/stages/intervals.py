"""Intervals: from visits to a due date for every client of a company, set-based."""

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from psycopg.rows import kwargs_row

from vernis.decide.intervals import Rhythm, ServiceRhythm, StandardRhythm, choose, rhythm
from vernis.domain import Company, Interval, Source
from vernis.ports import Connection, Database
from vernis.sql import load

sql = load("intervals")

FRESH_DAYS = 7  # the weekly job recomputes everything
_LEVELS = list(Source)
_DUE_DATE = (
    *("clients", "services", "staff", "lasts", "days", "lows", "highs", "sources"),
    *("confidences", "evidences", "visits", "spent"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Services:
    averages: dict[int, ServiceRhythm]
    standards: dict[int, StandardRhythm]


@dataclass(frozen=True, slots=True)
class _Line:
    """One client's line of visits for one service."""

    service_id: int
    last_on: date
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


async def is_stale(db: Database, company: Company, *, on: date) -> bool:
    """Whether the due dates do not fit a day: new data, a later state, or a week old."""
    async with db.tenant(company.company_id) as connection:
        cursor = await connection.execute(sql.computed_on.sql, {"company_id": company.company_id})
        row = await cursor.fetchone()
    computed_on: date | None = row[0] if row else None
    return computed_on is None or not 0 <= (on - computed_on).days < FRESH_DAYS


async def _compute(connection: Connection, company_id: int, on: date, now: datetime) -> int:
    values: dict[str, Any] = {"company_id": company_id, "on": on, "now": now}
    cursor = await connection.execute(sql.last_known_day.sql, values)
    row = await cursor.fetchone()
    values["as_of"] = row[0] if row and row[0] else on
    await connection.execute(sql.forget_service_intervals.sql, values)
    await connection.execute(sql.compute_service_intervals.sql, values)

    services = await _services(connection, values)
    lines = await _lines(connection, values)
    await _store_personal(connection, values, lines)

    cursor = await connection.execute(sql.visitors.sql, values)
    rows = [_due_date(row, lines, services, on) for row in await cursor.fetchall()]
    columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in _DUE_DATE]
    await connection.execute(sql.forget_due_dates.sql, values)
    await connection.execute(
        sql.store_due_dates.sql, values | dict(zip(_DUE_DATE, columns, strict=True))
    )
    await connection.execute(sql.mark_computed.sql, values)
    return len(rows)


def _due_date(
    visitor: tuple[Any, ...], lines: dict[int, list[_Line]], services: _Services, on: date
) -> tuple[Any, ...]:
    client_id, last_on, visits, spent, staff_id = visitor
    at_last = [line for line in lines.get(client_id, ()) if line.last_on == last_on]
    service_id, interval = _interval(at_last, services, (on - last_on).days)
    return (
        *(client_id, service_id, staff_id, last_on, interval.days, interval.low, interval.high),
        *(interval.source.value, interval.confidence, json.dumps(interval.evidence)),
        *(visits, spent),
    )


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
    return _LEVELS.index(interval.source), interval.days


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


async def _lines(connection: Connection, values: dict[str, Any]) -> dict[int, list[_Line]]:
    lines: dict[int, list[_Line]] = {}
    cursor = await connection.execute(sql.rhythms.sql, values)
    for client_id, service_id, last_on, _, gaps in await cursor.fetchall():
        own = rhythm(gaps) if gaps else None
        lines.setdefault(client_id, []).append(_Line(service_id, last_on, own))
    return lines


async def _store_personal(
    connection: Connection, values: dict[str, Any], lines: dict[int, list[_Line]]
) -> None:
    known = [
        (client_id, line.service_id, line.own)
        for client_id, of_client in lines.items()
        for line in of_client
        if line.own
    ]
    await connection.execute(sql.forget_personal.sql, values)
    await connection.execute(
        sql.store_personal.sql,
        values
        | {
            "clients": [client_id for client_id, _, _ in known],
            "services": [service_id for _, service_id, _ in known],
            "days": [own.median for _, _, own in known],
            "visits": [own.visits for _, _, own in known],
            "consistencies": [own.consistency for _, _, own in known],
        },
    )
