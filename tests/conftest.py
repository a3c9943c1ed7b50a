"""Real servers for all tests: one PostgreSQL and one Valkey a run, one database a test."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from vernis.adapters import schema
from vernis.adapters.context import RedisDialogStore, connect
from vernis.adapters.embedded import Servers, running
from vernis.adapters.postgres import Database
from vernis.domain import Company, Locale
from vernis.stages import companies

AGREED = ["consent_basis=a form signed at the first visit", "consent_basis_on=2023-01-01"]


@pytest.fixture(scope="session")
def servers(testrun_uid: str) -> Iterator[Servers]:
    """Shared by the workers of one run; the last one stops them."""
    home = Path(tempfile.gettempdir()) / f"vernis-tests-{testrun_uid}"
    with running(home, durable=False) as started:
        yield started


@pytest.fixture(scope="session")
def template(servers: Servers) -> str:
    """A database with the schema, to be copied: 30 ms instead of a migration. One a run."""
    name = f"template_{schema.newest()}"
    with psycopg.connect(servers.database_url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(1)")
        if not connection.execute("SELECT FROM pg_database WHERE datname = %s", (name,)).rowcount:
            connection.execute(f'CREATE DATABASE "{name}"')
            schema.ensure(_named(servers.database_url, name))
    return name


@pytest.fixture(scope="session")
def workers_database(servers: Servers, template: str) -> str:
    """One database for each worker of a run, emptied before each test."""
    name = f"test_{uuid4().hex[:12]}"
    with psycopg.connect(servers.database_url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return _named(servers.database_url, name)


@pytest.fixture(scope="session")
def emptying(workers_database: str) -> Iterator["Emptying"]:
    emptying = Emptying(workers_database)
    yield emptying
    emptying.connection.close()


@pytest.fixture
def database_url(workers_database: str, emptying: "Emptying") -> str:
    """A database of one's own, empty but for the schema; ids start at 1."""
    emptying()
    return workers_database


class Emptying:
    """Keeps its connection, which knows the tables by then, from test to test."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.connection = psycopg.connect(url, autocommit=True)

    def __call__(self) -> None:
        try:
            self.connection.execute(_EMPTY)
        except psycopg.OperationalError:  # the test before cut all connections
            self.connection.close()
            self.connection = psycopg.connect(self.url, autocommit=True)
            self.connection.execute(_EMPTY)


# Deleting few rows is ten times as fast as truncating or copying all tables.
_EMPTY = """
DO $$
DECLARE one record;
BEGIN
    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid();
    DROP SCHEMA IF EXISTS vernis_jobs CASCADE;
    SET LOCAL session_replication_role = replica;  -- no triggers: the order does not matter
    FOR one IN SELECT relname FROM pg_class
               WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
                 AND relname NOT IN ('alembic_version', 'industry_standard_intervals')
                 AND pg_relation_size(oid) > 0
    LOOP
        EXECUTE format('DELETE FROM %I', one.relname);
    END LOOP;
    FOR one IN SELECT sequencename FROM pg_sequences
               WHERE schemaname = 'public' AND last_value IS NOT NULL
    LOOP
        EXECUTE format('ALTER SEQUENCE %I RESTART', one.sequencename);
    END LOOP;
END $$
"""


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    async with Database(database_url, size=4) as database:
        yield database


@pytest.fixture
async def company(db: Database) -> Company:
    """A salon in Moscow with the default settings, whose clients have agreed to messages."""
    created = await companies.find_or_create(
        db, name="Лён", locale=Locale.RU, timezone="Europe/Moscow", currency="RUB", country="RU"
    )
    return await companies.change(db, created, AGREED)


@pytest.fixture
def redis_url(servers: Servers, worker_id: str) -> str:
    """A Redis database that only this worker's tests use."""
    number = int(worker_id.removeprefix("gw")) if worker_id.startswith("gw") else 0
    return f"{servers.redis_url}?db={number}"


@pytest.fixture
async def store(redis_url: str, clock: "HandClock") -> AsyncIterator[RedisDialogStore]:
    """The context in Redis, empty."""
    redis = connect(redis_url)
    await redis.flushdb()
    store = RedisDialogStore(redis, clock=clock)
    yield store
    await store.aclose()


class HandClock:
    """A clock that tests turn by hand."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> HandClock:
    return HandClock(datetime(2024, 4, 1, 9, tzinfo=UTC))


def _named(url: str, database: str) -> str:
    """The same server, another database."""
    before, _, query = url.partition("?")
    return f"{before.rpartition('/')[0]}/{database}?{query}"
