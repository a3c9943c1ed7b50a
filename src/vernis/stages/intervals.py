"""Intervals: from visits to a due date for every client of a company.

Visits come as arrays, a part of the clients at a time, and go back as arrays: what is between
is pure and in `decide/`.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from psycopg.rows import kwargs_row

from vernis.decide import rhythms, timing
from vernis.decide.due import FRESH_DAYS, Attempted, DueDates, due_dates
from vernis.decide.timing.packing import pack, pack_foretold, unpack, unpack_foretold
from vernis.decide.timing.review import foretell, held_back
from vernis.decide.timing.words import told
from vernis.domain import Company, Interval
from vernis.ports import Connection, Database
from vernis.sql import load

sql = load("intervals")

PART = 50_000  # clients looked at at once, and the most that a company's model is learned from
FEW = 100  # clients; see _prepare

Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Visits:
    """Completed bookings in the order of client and day; a number that is not known is -1."""

    client: Whole
    day: Whole
    service: Whole
    staff: Whole
    amount: Whole


@dataclass(frozen=True, slots=True, kw_only=True)
class _Learned:
    """A company's model; its lines are the services in the order of `services`."""

    services: Whole
    model: timing.Model
    foretold: timing.Foretold


@dataclass(frozen=True, slots=True, kw_only=True)
class _Looked:
    """What a part of the clients came to; `staff` and `spent` are those of `due.client`."""

    clients: Whole
    due: DueDates
    staff: Whole
    spent: Whole
    personal: rhythms.Personal
    lines: rhythms.Lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """How many clients' due dates a level gave, and what they look like."""

    source: str
    clients: int
    median_days: int
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceInterval:
    """What is known of a service; None where the company's own data does not say.

    `own_days` are the owner's, in place of all the others.
    """

    service_id: int
    title: str
    standard_key: str | None
    median_days: int | None
    low_days: int | None
    high_days: int | None
    returns: int | None
    standard_days: int | None
    own_days: int | None


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


@dataclass(frozen=True, slots=True, kw_only=True)
class LineInterval:
    """When a client is expected back for one service, by the visits for it alone."""

    service_id: int
    title: str
    last_on: date
    interval: Interval
    told: dict[str, str]


async def line_intervals(
    db: Database, company: Company, client_id: int, *, on: date
) -> list[LineInterval]:
    """Each of a client's services, the most frequent first; none before the first computation."""
    values = {"company_id": company.company_id, "on": on}
    async with db.tenant(company.company_id) as connection:
        learned = await _learned_before(connection, values)
        if learned is None:
            return []
        learned = await _with_own(connection, values, learned)
        visits = await _visits(connection, values, np.array([client_id]))
        cursor = await connection.execute(sql.titles.sql, values)
        titles: dict[int, str] = dict(await cursor.fetchall())
    line = _line(visits.service, learned.services)
    known = line >= 0
    # each line as a history of its own
    history = timing.history(line[known], visits.day[known], line[known])
    ends = np.flatnonzero(history.ends)
    away = np.maximum(on.toordinal() - history.day[ends], 0)
    found = timing.estimate(learned.model, history, ends, away=away)
    lines = []
    for index, visit in enumerate(ends):
        service_id = int(learned.services[history.line[visit]])
        interval = timing.interval(found, index, history, int(visit), learned.model)
        lines.append(
            LineInterval(
                service_id=service_id,
                title=titles[service_id],
                last_on=date.fromordinal(int(history.day[visit])),
                interval=interval,
                told=told(interval),
            )
        )
    return sorted(lines, key=lambda line: (-int(line.interval.evidence["visits"]), line.title))


async def compute(db: Database, company: Company, *, on: date, now: datetime) -> int:
    """Recompute all intervals and due dates as they are known on a day; how many clients."""
    async with db.tenant(company.company_id) as connection:
        values: dict[str, Any] = {"company_id": company.company_id, "on": on, "now": now}
        await connection.execute(sql.lock_company.sql, values)
        clients = await _clients(connection, values)
        visits = await _visits(connection, values, clients[:: _parts(clients)])
        learned = await _learn(connection, values, visits)
        known = visits if _parts(clients) == 1 else None
        tally, number = rhythms.Tally.empty(len(learned.services)), 0
        heard = await _with_own(connection, values, learned)
        async for looked in _look_at_all(connection, values, clients, heard, known):
            await _store(connection, values, learned, looked)
            tally += rhythms.Tally.of(looked.lines, len(tally.returns), as_of=learned.model.day)
            number += len(looked.due.client)
        await _store_services(connection, values, learned, tally)
        await _store_model(connection, values, learned)
        await connection.execute(sql.mark_computed.sql, values)
        return number


async def refresh(db: Database, company: Company, *, on: date, now: datetime) -> int | None:
    """Recompute where the due dates do not fit a day; how many clients, None where they do."""
    if not await is_stale(db, company, on=on):
        return None
    return await compute(db, company, on=on, now=now)


async def follow(
    db: Database, company: Company, clients: Sequence[int], *, on: date, now: datetime
) -> int:
    """Bring the due dates of these clients up to date, after visits of theirs; how many.

    What is known of the company stays as the last computation left it; 0 where there is none.
    """
    async with db.tenant(company.company_id) as connection:
        return await follow_within(connection, company, clients, on=on, now=now)


async def follow_within(
    connection: Connection, company: Company, clients: Sequence[int], *, on: date, now: datetime
) -> int:
    """`follow` as a part of the transaction that brought the visits."""
    values: dict[str, Any] = {"company_id": company.company_id, "on": on, "now": now}
    await connection.execute(sql.lock_company.sql, values)
    learned = await _learned_before(connection, values)
    if learned is None:
        return 0
    learned = await _with_own(connection, values, learned)
    wanted = np.unique(np.asarray(clients, np.int64))
    visits = await _visits(connection, values, wanted)
    attempted = await _attempted(connection, values, wanted)
    looked = _look(visits, wanted, learned, attempted, on)
    await _store(connection, values, learned, looked)
    return len(looked.due.client)


async def is_stale(db: Database, company: Company, *, on: date) -> bool:
    """Whether the due dates do not fit a day: new data, a later state, or a week old."""
    async with db.tenant(company.company_id) as connection:
        return await is_stale_within(connection, company, on=on)


async def is_stale_within(connection: Connection, company: Company, *, on: date) -> bool:
    cursor = await connection.execute(sql.computed_on.sql, {"company_id": company.company_id})
    row = await cursor.fetchone()
    computed_on: date | None = row[0] if row else None
    return computed_on is None or not 0 <= (on - computed_on).days < FRESH_DAYS


# --- reading ------------------------------------------------------------------------------------


def _prepare(clients: Whole) -> bool | None:
    """Statements that take many clients are never prepared: a plan for arrays of any length
    expects ten elements, and compares ten thousand with each of ten thousand."""
    return None if len(clients) <= FEW else False


async def _clients(connection: Connection, values: dict[str, Any]) -> Whole:
    cursor = connection.cursor(binary=True)
    await cursor.execute(sql.clients.sql, values)
    ((ids,),) = await cursor.fetchall()
    return np.asarray(ids, np.int64)


async def _visits(connection: Connection, values: dict[str, Any], clients: Whole) -> _Visits:
    cursor = connection.cursor(binary=True)
    await cursor.execute(sql.visits.sql, values | {"clients": clients}, prepare=_prepare(clients))
    (columns,) = await cursor.fetchall()
    return _Visits(*(np.asarray(column, np.int64) for column in columns))


async def _attempted(
    connection: Connection, values: dict[str, Any], clients: Whole
) -> list[Attempted]:
    cursor = connection.cursor(row_factory=kwargs_row(Attempted))
    await cursor.execute(
        sql.attempted.sql, values | {"clients": clients}, prepare=_prepare(clients)
    )
    return await cursor.fetchall()


# --- learning -----------------------------------------------------------------------------------


def _parts(clients: Whole) -> int:
    """In how many parts to look at them; a large company is learned from one in so many."""
    return max(1, -(-len(clients) // PART))


async def _learn(connection: Connection, values: dict[str, Any], visits: _Visits) -> _Learned:
    """What the company's visits show."""
    cursor = await connection.execute(sql.services.sql, values)
    services, standards = np.empty(0, np.int64), dict[int, int]()
    if rows := await cursor.fetchall():
        services = np.array([service_id for service_id, _ in rows], np.int64)
        standards = {line: days for line, (_, days) in enumerate(rows) if days is not None}
    before = await _learned_before(connection, values)
    return await asyncio.to_thread(_fit, visits, services, standards, before)


async def _learned_before(connection: Connection, values: dict[str, Any]) -> _Learned | None:
    """The last computation's; None before the first, and where another version has left it."""
    cursor = connection.cursor(binary=True)
    await cursor.execute(sql.model.sql, values)
    if (row := await cursor.fetchone()) is None:
        return None
    try:
        return _Learned(services=row[0], model=unpack(row[1]), foretold=unpack_foretold(row[2]))
    except ValueError:
        return None


async def _with_own(connection: Connection, values: dict[str, Any], learned: _Learned) -> _Learned:
    """What was learned, and what the owner has said since: that is never stored as learned."""
    cursor = await connection.execute(sql.own_intervals.sql, values)
    known = {int(service_id): line for line, service_id in enumerate(learned.services)}
    own = {known[service]: days for service, days in await cursor.fetchall() if service in known}
    return replace(learned, model=replace(learned.model, own=own))


def _fit(
    visits: _Visits, services: Whole, standards: dict[int, int], before: _Learned | None
) -> _Learned:
    """Beyond the newest visit the data knows nothing: on that day nobody has "not returned"."""
    history = timing.history(visits.client, visits.day, _line(visits.service, services))
    as_of = int(history.day.max(initial=1))
    if before and before.model.day <= as_of and np.array_equal(before.services, services):
        foretold = timing.Foretold.newest(before.foretold, foretell(before.model, history))
    else:
        foretold = held_back(history, on=as_of, standards=standards, lines=len(services))
    model = timing.fit(
        history, on=as_of, standards=standards, lines=len(services), foretold=foretold
    )
    return _Learned(services=services, model=model, foretold=foretold)


def _line(service: Whole, services: Whole) -> Whole:
    """The model's lines of services; -1 for none, and for one that it does not know."""
    if not len(services):
        return np.full(len(service), -1)
    at = np.minimum(np.searchsorted(services, service), len(services) - 1)
    return np.where(services[at] == service, at, -1)


# --- looking ------------------------------------------------------------------------------------


async def _look_at_all(
    connection: Connection,
    values: dict[str, Any],
    clients: Whole,
    learned: _Learned,
    known: _Visits | None,
) -> AsyncIterator[_Looked]:
    """A thread looks at one part of the clients while the server stores the one before it and
    reads the one after it. `known` are the visits of all, where they have been read already."""
    looking: asyncio.Task[_Looked] | None = None
    for part in np.split(clients, range(PART, len(clients), PART)):
        visits = known or await _visits(connection, values, part)
        attempted = await _attempted(connection, values, part)
        look = asyncio.to_thread(_look, visits, part, learned, attempted, values["on"])
        done, looking = looking, asyncio.create_task(look)
        if done:
            yield await done
    if looking:
        yield await looking


def _look(
    visits: _Visits, clients: Whole, learned: _Learned, attempted: Sequence[Attempted], on: date
) -> _Looked:
    line = _line(visits.service, learned.services)
    history = timing.history(visits.client, visits.day, line)
    due = due_dates(learned.model, history, on=on.toordinal(), attempted=attempted)
    lines = rhythms.lines(visits.client, line, visits.day)
    spent = np.zeros(len(due.client), np.int64)
    np.add.at(spent, np.searchsorted(due.client, visits.client), visits.amount)
    return _Looked(
        clients=clients,
        due=due,
        staff=_last_staff(visits, due.client),
        spent=spent,
        personal=rhythms.personal(lines),
        lines=lines,
    )


def _last_staff(visits: _Visits, clients: Whole) -> Whole:
    """Who served each client last; -1 where nobody is known."""
    staff = np.full(len(clients), -1)
    known = np.flatnonzero(visits.staff >= 0)
    last = known[np.lexsort((-visits.staff[known], visits.day[known]))]
    staff[np.searchsorted(clients, visits.client[last])] = visits.staff[last]
    return staff


# --- storing ------------------------------------------------------------------------------------


async def _store(
    connection: Connection, values: dict[str, Any], learned: _Learned, looked: _Looked
) -> None:
    due, own = asdict(looked.due), asdict(looked.personal)
    more = {"clients": looked.clients, "staff": looked.staff, "spent": looked.spent}
    due["service"] = _service_id(looked.due.line, learned.services)
    own["service"] = _service_id(looked.personal.service, learned.services)
    own["consistency"] = own["consistency"].astype(np.float32)
    prepare = _prepare(looked.clients)
    await connection.execute(sql.store_due_dates.sql, values | due | more, prepare=prepare)
    await connection.execute(sql.store_personal.sql, values | own | more, prepare=prepare)


def _service_id(line: Whole, services: Whole) -> Whole:
    return np.where(line >= 0, np.append(services, -1)[line], -1)


async def _store_services(
    connection: Connection, values: dict[str, Any], learned: _Learned, tally: rhythms.Tally
) -> None:
    """A service that fell under ten returns keeps its row, inactive."""
    await connection.execute(sql.forget_service_intervals.sql, values)
    async with connection.cursor() as cursor:
        await cursor.executemany(
            sql.store_service.sql,
            [
                values | asdict(one) | {"service_id": int(learned.services[one.service])}
                for one in tally.averages()
            ],
        )


async def _store_model(connection: Connection, values: dict[str, Any], learned: _Learned) -> None:
    packed = {
        "services": learned.services,
        "model": pack(learned.model),
        "foretold": pack_foretold(learned.foretold),
    }
    await connection.execute(sql.store_model.sql, values | packed)
