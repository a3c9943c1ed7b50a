"""Where everything is measured: durable servers of our own in a folder that goes away."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import psycopg
from redis.asyncio import Redis

from benchmarks import salon
from vernis.adapters import schema
from vernis.adapters.embedded import running
from vernis.adapters.postgres import Database
from vernis.app import App, PinnedClock, open_app
from vernis.config import Settings
from vernis.domain import Company, Locale
from vernis.stages import companies


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """An open app whose clock stands at noon of the planned day, and the salon's file."""

    app: App
    file: Path
    redis_url: str

    @asynccontextmanager
    async def bare(
        self, database: str = "vernis"
    ) -> AsyncIterator[psycopg.AsyncConnection[tuple[Any, ...]]]:
        """The superuser, whom no row level security slows down. Each statement commits."""
        url = self.app.database_url.replace("/vernis?", f"/{database}?")
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            yield connection

    @asynccontextmanager
    async def redis(self) -> AsyncIterator[Redis]:
        async with Redis.from_url(self.redis_url) as redis:
            yield redis

    @asynccontextmanager
    async def empty_database(self, name: str = "empty") -> AsyncIterator[Database]:
        """A new database of the same server with the schema and no statistics of its own."""
        async with self.bare() as connection:
            await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            await connection.execute(f"CREATE DATABASE {name}")
            await connection.execute("CHECKPOINT")
        url = self.app.database_url.replace("/vernis?", f"/{name}?")
        schema.ensure(url)
        async with Database(url) as db:
            yield db


@asynccontextmanager
async def opened(home: Path) -> AsyncIterator[House]:
    file = home / "visits.csv"
    salon.write(file)
    with running(home / "data") as servers:
        settings = Settings(
            home=home / "data", database_url=servers.database_url, redis_url=servers.redis_url
        )
        async with open_app(settings, clock=PinnedClock(noon())) as app:
            yield House(app=app, file=file, redis_url=servers.redis_url)


async def new_company(db: Database) -> Company:
    """A salon without a holdout that may write to a thousand clients a day."""
    company = await companies.find_or_create(
        db, name="Салон", locale=Locale.RU, timezone="Europe/Moscow", currency="RUB", country="RU"
    )
    settings = ["daily_cap=1000", "holdout_percent=0", "consent_basis=a signed form"]
    return await companies.change(db, company, settings)


def noon() -> datetime:
    """Noon UTC of the planned day: the salon is open."""
    return datetime.combine(salon.PLANNED_ON, time(12), tzinfo=UTC)
