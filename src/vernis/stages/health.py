"""Health: what is counted over all companies, by the role that sees states and times only."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from vernis.ports import Connection, Database
from vernis.sql import load

sql = load("health")

DAY = timedelta(hours=24)
HORIZON = timedelta(days=90)  # nobody replies to an older message, or books by it
MOST_RUNS = 100
_WINDOW = 1000  # of the newest plans, among which the newest runs are looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """How many wait, and for how many seconds the oldest could have been taken."""

    count: int = 0
    oldest_seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Jobs:
    """The workers and what waits for them. A worker counts once for each queue that it staffs."""

    alive: int
    dead: int
    queues: Mapping[str, Waits]

    @property
    def waits(self) -> Waits:
        """The hints of all queues."""
        return Waits(
            count=sum(one.count for one in self.queues.values()),
            oldest_seconds=max((one.oldest_seconds for one in self.queues.values()), default=0.0),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Crm:
    """Connections of one CRM in one state, and the age of what the latest of them was read."""

    crm: str
    state: str
    count: int
    oldest_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Totals of an installation. Days are the last 24 hours, money is millionths of a US dollar."""

    jobs: Jobs | None  # None: no worker was ever started
    accounts: Mapping[tuple[str, str], int]  # channel, state
    companies: int
    companies_started: int
    sent: Mapping[tuple[str, str], int]  # channel, outcome; of a day
    fallbacks: Mapping[str, int]  # why a template stood in; of a day
    replies: int  # of a day
    bookings: int  # of a day
    waiting: Mapping[str, Waits]  # campaign messages by state
    unknown_reactivations: int
    unknown_answers: int
    crms: tuple[Crm, ...]
    models: Mapping[str, bool]  # whether the last request to it worked
    model_requests: int  # of this month
    model_micro_usd: int  # of this month

    @property
    def messages(self) -> int:
        return sum(self.sent.values())

    @property
    def unknown(self) -> int:
        return self.unknown_reactivations + self.unknown_answers

    @property
    def accounts_connected(self) -> int:
        return self._accounts("connected")

    @property
    def accounts_paused(self) -> int:
        return self._accounts("paused")

    def _accounts(self, state: str) -> int:
        return sum(count for (_, is_), count in self.accounts.items() if is_ == state)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A company's last run, and what its last 24 hours brought."""

    company_id: int
    name: str
    started_at: datetime | None  # None: nobody has said yet that sending may begin
    plan_on: date | None  # None: no day was ever planned
    planned_at: datetime | None
    messages: int
    replies: int
    bookings: int


async def count(db: Database, *, now: datetime, silent_seconds: float) -> Figures:
    """Count everything; a worker that was silent for longer is dead."""
    day = {"now": now, "since": now - DAY, "month": now.astimezone(UTC).date().replace(day=1)}
    async with db.dispatch() as connection:
        jobs = await _jobs(connection, silent_seconds)
        rows = {
            name: await (await connection.execute(getattr(sql, name).sql, day)).fetchall()
            for name in (
                "accounts", "companies", "sent", "came_back", "waiting", "unknown", "crms",
                "models", "spent",
            )
        }  # fmt: skip
    ((companies, started),) = rows["companies"]
    ((replies, bookings),) = rows["came_back"]
    ((unknown_reactivations, unknown_answers),) = rows["unknown"]
    ((requests, micro_usd),) = rows["spent"]
    sent, fallbacks = Counter[tuple[str, str]](), Counter[str]()
    for channel, outcome, fallback, number in rows["sent"]:
        sent[channel or "none", outcome] += number
        if fallback is not None:
            fallbacks[fallback] += number
    return Figures(
        jobs=jobs,
        accounts={(channel, state): number for channel, state, number in rows["accounts"]},
        companies=companies,
        companies_started=started,
        sent=sent,
        fallbacks=fallbacks,
        replies=replies,
        bookings=bookings,
        waiting=_waits(rows["waiting"]),
        unknown_reactivations=unknown_reactivations,
        unknown_answers=unknown_answers,
        crms=tuple(
            Crm(crm=crm, state=state, count=number, oldest_seconds=seconds)
            for crm, state, number, seconds in rows["crms"]
        ),
        models=dict(rows["models"]),
        model_requests=requests,
        model_micro_usd=micro_usd,
    )


async def runs(
    db: Database, *, now: datetime, company_id: int | None = None, limit: int = MOST_RUNS
) -> tuple[Run, ...]:
    """The last run of a company, or of those that were planned last, the newest first."""
    values = {"since": now - DAY, "horizon": now - HORIZON, "ids": [company_id]}
    async with db.dispatch() as connection:
        if company_id is None:
            cursor = await connection.execute(
                sql.newest_runs.sql, {"window": _WINDOW, "limit": limit}
            )
            values["ids"] = [id_ for (id_,) in await cursor.fetchall()]
        cursor = await connection.execute(sql.runs.sql, values)
        names = [column.name for column in cursor.description or ()]
        return tuple(Run(**dict(zip(names, row, strict=True))) for row in await cursor.fetchall())


async def _jobs(connection: Connection, silent_seconds: float) -> Jobs | None:
    found = await (await connection.execute(sql.has_jobs.sql)).fetchone()
    if not (found and found[0]):
        return None
    cursor = await connection.execute(sql.workers.sql, {"silent_seconds": silent_seconds})
    ((alive, dead),) = await cursor.fetchall()
    cursor = await connection.execute(sql.queues.sql)
    return Jobs(alive=alive, dead=dead, queues=_waits(await cursor.fetchall()))


def _waits(rows: Sequence[tuple[Any, ...]]) -> dict[str, Waits]:
    return {name: Waits(count=number, oldest_seconds=seconds) for name, number, seconds in rows}
