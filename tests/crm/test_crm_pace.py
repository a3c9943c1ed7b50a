"""The limits of a company's CRM over everybody who asks it."""

import asyncio
import random
import time
from datetime import UTC, datetime
from itertools import chain

import pytest

from vernis.adapters.crm_pace import SharedPace
from vernis.adapters.postgres import Database
from vernis.domain import Company, Locale
from vernis.errors import UnavailableError
from vernis.stages import companies

SECOND, MINUTE = 0.1, 0.4


async def connected(db: Database, company: Company) -> None:
    async with db.tenant(company.company_id) as connection:
        await connection.execute(
            "INSERT INTO crm_connections (company_id, crm, external_id, connected_at, next_sync_at)"
            " VALUES (%s, 'yclients', '4564', now(), now())",
            (company.company_id,),
        )


def shared(db: Database, company: Company, **limits: float) -> SharedPace:
    settings = {"per_second": 3, "per_minute": 8, "second": SECOND, "minute": MINUTE}
    return SharedPace(db, company.company_id, **settings | limits)  # type: ignore[arg-type]


async def arrivals(pace: SharedPace, count: int) -> list[float]:
    """When each request reached the CRM: some time between its start and its end."""
    seen = []
    for _ in range(count):
        taken = await pace.take()
        await asyncio.sleep(random.uniform(0, 0.03))
        seen.append(time.monotonic())
        await asyncio.sleep(random.uniform(0, 0.03))
        await pace.ended(taken)
    return seen


def most_in(window: float, seen: list[float]) -> int:
    """The most that any window of this length held."""
    return max(sum(at <= other < at + window for other in seen) for at in seen)


async def test_no_window_ever_holds_more_than_it_may_whoever_asks(db, database_url, company):
    await connected(db, company)
    async with Database(database_url, size=2) as other:
        askers = [shared(which, company) for which in (db, db, other, other)]
        seen = list(chain(*await asyncio.gather(*(arrivals(pace, 6) for pace in askers))))
    assert len(seen) == 24
    assert most_in(SECOND, seen) <= 3
    assert most_in(MINUTE, seen) <= 8


async def test_one_who_asks_alone_is_hardly_held_up(db, company):
    await connected(db, company)
    pace, began = shared(db, company, per_second=5, per_minute=0), time.monotonic()
    for _ in range(11):
        await pace.ended(await pace.take())
    assert 2 * SECOND <= time.monotonic() - began < 10 * SECOND


async def test_companies_do_not_wait_for_each_other(db, company):
    neighbour = await companies.find_or_create(
        db, name="Мята", locale=Locale.RU, timezone="Europe/Moscow", currency="RUB", country="RU"
    )
    for each in (company, neighbour):
        await connected(db, each)
        pace = shared(db, each, per_second=1, second=30, minute=60)
        assert await pace.take() is not None


async def test_a_request_under_way_counts_until_it_ends(db, company):
    await connected(db, company)
    pace = shared(db, company, per_second=1, per_minute=0, longest=30)
    taken = await pace.take()
    waiting = asyncio.create_task(pace.take())
    await asyncio.sleep(3 * SECOND)
    assert not waiting.done()
    await pace.ended(taken)
    await waiting


async def test_what_a_killed_process_had_under_way_counts_as_long_as_it_could_have_lasted(
    db, company
):
    await connected(db, company)
    pace = shared(db, company, per_second=1, per_minute=0, longest=0.2)
    await pace.take()
    began = time.monotonic()
    await pace.take()
    assert time.monotonic() - began >= 0.2


@pytest.mark.parametrize("limits", [{}, {"per_second": 0}, {"per_minute": 0}], ids=str)
async def test_a_pause_is_kept_by_everybody(db, database_url, company, limits):
    await connected(db, company)
    async with Database(database_url, size=1) as other:
        began = time.monotonic()
        await shared(db, company, **limits).pause(0.5)
        await shared(other, company, **limits).take()
    assert time.monotonic() - began >= 0.5


async def test_nobody_waits_for_a_pause_that_is_longer_than_their_patience(db, company):
    await connected(db, company)
    pace = shared(db, company)
    await pace.pause(3600)
    with pytest.raises(UnavailableError, match="pause"):
        await pace.take()


async def test_without_limits_nothing_is_counted(db, company):
    await connected(db, company)
    pace = shared(db, company, per_second=0, per_minute=0)
    assert await pace.take() is None
    await pace.pause(3600)
    assert await pace.take() is None


async def test_a_company_that_is_not_connected_yet_has_no_limits(db, company):
    pace = shared(db, company)
    for _ in range(20):
        await pace.ended(await pace.take())


async def test_only_what_still_counts_is_kept(db, company):
    await connected(db, company)
    pace = shared(db, company, per_minute=100, per_second=0, minute=0.05)
    for _ in range(12):
        await pace.ended(await pace.take())
        await asyncio.sleep(0.02)
    async with db.tenant(company.company_id) as connection:
        cursor = await connection.execute("SELECT asked_at FROM crm_connections")
        row = await cursor.fetchone()
    assert row is not None
    assert len(row[0]) <= 6
    assert all(at <= datetime.now(UTC) for at in row[0])
