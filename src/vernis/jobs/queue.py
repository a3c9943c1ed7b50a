"""The queue of hints: Procrastinate in a PostgreSQL schema of its own.

A hint says "look there": it carries a company or a dialog, never a message. At most one waits per
company (or dialog) and kind, by its queueing lock, and at most one runs, by its lock.
"""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import procrastinate
import psycopg
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status
from procrastinate.schema import SchemaManager
from procrastinate.worker import Worker

from vernis.errors import ConfigError
from vernis.sql import load
from vernis.stages.dispatching import Kind, Work

sql = load("jobs")

SCHEMA = "vernis_jobs"
DIALOGS = "dialogs"  # clients who wait for an answer
CAMPAIGNS = "campaigns"  # everything that can wait for them
SYNCS = "syncs"  # what waits for other people's servers
TELLINGS = "tellings"  # what other people's servers are told
BACKLOG = 2000  # more than this a sweep does not queue up: it comes again
UNBOUNDED = 1_000_000_000
SLICE = 1000  # hints a statement
_LOCK = 0x766A6F62  # "vjob"

_QUEUE_OF = {
    Kind.ANSWER: DIALOGS,
    Kind.HANDLE: DIALOGS,
    Kind.TELL: TELLINGS,
    Kind.DELIVER: CAMPAIGNS,
    Kind.MORNING: CAMPAIGNS,
    Kind.INTERVALS: CAMPAIGNS,
    Kind.WATCH: CAMPAIGNS,
    Kind.SYNC: SYNCS,
}
# What one lock covers never runs side by side: both replace the due dates that a plan goes by.
_LOCK_OF = {Kind.INTERVALS: Kind.MORNING}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """Work to look for, now or not before `at`."""

    work: Work
    at: datetime | None = None


class Queue:
    """Hints in, work out. Use `opened`."""

    def __init__(self, app: procrastinate.App, connector: procrastinate.PsycopgConnector) -> None:
        self._app = app
        self._connector = connector

    async def add(self, hints: Sequence[Hint], *, backlog: int = UNBOUNDED) -> int:
        """Queue the hints that do not wait yet, the first ones where `backlog` is reached; how
        many were new."""
        if not hints:
            return 0
        added = 0
        async with self._connector.pool.connection() as connection:
            row = await (await connection.execute(sql.ready.sql)).fetchone()
            room = max(0, backlog - (row[0] if row else 0))
            for start in range(0, len(hints), SLICE):
                if added >= room:
                    break
                values = _columns(hints[start : start + SLICE]) | {"room": room - added}
                cursor = await connection.execute(sql.enqueue.sql, values)
                added += cursor.rowcount
        return added

    def carry_out_by(self, carry_out: Callable[[Work], Awaitable[None]]) -> None:
        """Name who does the work."""
        for kind in Kind:
            self._register(kind, carry_out)

    def _register(self, kind: Kind, carry_out: Callable[[Work], Awaitable[None]]) -> None:
        async def task(company_id: int, dialog_id: int | None = None) -> None:
            await carry_out(Work(kind=kind, company_id=company_id, dialog_id=dialog_id))

        self._app.task(name=kind.value, queue=_QUEUE_OF[kind])(task)

    async def work(
        self,
        queue: str,
        stopped: Callable[[], Awaitable[None]],
        *,
        hands: int,
        heartbeat_seconds: float,
        stop_seconds: float,
    ) -> None:
        """Carry out the hints of one queue, `hands` of them side by side, until `stopped` returns;
        then end what is under way within `stop_seconds`."""
        worker = Worker(
            self._app,
            queues=[queue],
            name=queue,
            concurrency=hands,
            fetch_job_polling_interval=1.0,  # scheduled hints come without a notification
            shutdown_graceful_timeout=stop_seconds,
            delete_jobs="always",
            install_signal_handlers=False,
            update_heartbeat_interval=heartbeat_seconds,
            stalled_worker_timeout=3 * heartbeat_seconds,
        )
        # asked to stop, not cancelled: a cancellation may be lost in the middle of a query
        running = asyncio.create_task(worker.run())
        stopping = asyncio.ensure_future(stopped())
        both: set[asyncio.Future[None]] = {running, stopping}
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            worker.stop()
            await running
        finally:
            stopping.cancel()
            running.cancel()

    async def release(self, *, silent_seconds: float) -> int:
        """Drop the jobs of workers that have been silent so long; how many.

        Dropped, not retried: a retry collides with a hint that waits behind the same queueing
        lock (procrastinate#1543), and a hint is found again anyway.
        """
        manager, released = self._app.job_manager, 0
        await manager.prune_stalled_workers(silent_seconds)
        for job in await manager.get_stalled_jobs(seconds_since_heartbeat=silent_seconds):
            try:
                await manager.finish_job(job, status=Status.ABORTED, delete_job=True)
                released += 1
            except ConnectorException:  # another worker was faster
                continue
        return released


@asynccontextmanager
async def opened(database_url: str) -> AsyncIterator[Queue]:
    """The queue of a database, its tables made where they are missing or of another version.

    Needs the URL of the database's owner. Raises ConfigError where the user may not do that.
    """
    await _ensure(database_url)
    connector = procrastinate.PsycopgConnector(
        conninfo=database_url,
        kwargs={"options": f"-c search_path={SCHEMA} -c timezone=UTC"},
        min_size=1,
        max_size=4,
        timeout=5,
    )
    app = procrastinate.App(connector=connector)
    async with app.open_async():
        yield Queue(app, connector)


# What health.sql counts: how much waits since when, and which workers live. No arguments of jobs.
_GRANTS = f"""
GRANT USAGE ON SCHEMA {SCHEMA} TO vernis_dispatcher;
GRANT SELECT (id, queue_name, status, scheduled_at) ON procrastinate_jobs TO vernis_dispatcher;
GRANT SELECT (job_id, type, at) ON procrastinate_events TO vernis_dispatcher;
GRANT SELECT ON procrastinate_workers TO vernis_dispatcher;
"""


async def _ensure(database_url: str) -> None:
    """Make the tables, or make them anew: hints are worth nothing, a migration is work."""
    schema = SchemaManager.get_schema() + _GRANTS
    version = hashlib.sha256(schema.encode()).hexdigest()[:16]
    try:
        async with await psycopg.AsyncConnection.connect(database_url) as connection:
            if await _version(connection) == version:
                return
            await connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            if await _version(connection) == version:
                return
            await connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
            await connection.execute(f"CREATE SCHEMA {SCHEMA}")
            await connection.execute(f"SET LOCAL search_path = {SCHEMA}")
            await connection.execute(schema)
            await connection.execute(f"COMMENT ON SCHEMA {SCHEMA} IS '{version}'")
    except psycopg.errors.InsufficientPrivilege:
        raise ConfigError(
            "The database user may not create the schema of the jobs: use the database's owner."
        ) from None


async def _version(connection: psycopg.AsyncConnection) -> str | None:
    cursor = await connection.execute(
        "SELECT obj_description(to_regnamespace(%s), 'pg_namespace')", (SCHEMA,)
    )
    row = await cursor.fetchone()
    return row[0] if row else None


def _columns(hints: Sequence[Hint]) -> dict[str, Any]:
    works = [hint.work for hint in hints]
    return {
        "queues": [_QUEUE_OF[work.kind] for work in works],
        "tasks": [work.kind.value for work in works],
        "priorities": [-list(Kind).index(work.kind) for work in works],
        "locks": [_key(_LOCK_OF.get(work.kind, work.kind), work) for work in works],
        "keys": [_key(work.kind, work) for work in works],
        "args": [_arguments(work) for work in works],
        "ats": [hint.at for hint in hints],
    }


def _arguments(work: Work) -> str:
    arguments = {"company_id": work.company_id}
    if work.dialog_id is not None:
        arguments["dialog_id"] = work.dialog_id
    return json.dumps(arguments)


def _key(kind: Kind, work: Work) -> str:
    key = f"{kind.value}-{work.company_id}"
    return key if work.dialog_id is None else f"{key}-{work.dialog_id}"
