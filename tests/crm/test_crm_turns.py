"""A worker reads many companies' CRMs by turns: none waits for another, limits are kept."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.crm.yclients_salon import make_world
from tests.crm.yclients_server import YClients

from vernis.app import App, PinnedClock, open_app
from vernis.config import Settings
from vernis.crm import Entity
from vernis.domain import Company, Locale
from vernis.jobs import work
from vernis.jobs.stopping import Stop
from vernis.jobs.work import carry_out
from vernis.stages import companies, crm_connections, dispatching, syncing
from vernis.stages.dispatching import Kind, Work

NOW = datetime(2024, 4, 1, 9, tzinfo=UTC)


@dataclass
class Town:
    """Companies with a salon each in one CRM, and the hands of a worker."""

    app: App
    crm: YClients
    clock: PinnedClock
    companies: list[Company]

    async def turn(self, company: Company) -> list[Any]:
        work = Work(kind=Kind.SYNC, company_id=company.company_id)
        return await carry_out(self.app, work, Stop(grace_seconds=1))

    async def due(self) -> list[int]:
        now = self.clock()
        found = await dispatching.find(self.app.db, now=now, abandoned_before=now)
        return [one.company_id for one in found if one.kind is Kind.SYNC]

    async def is_read(self, company: Company) -> bool:
        known = await syncing.progress(self.app.db, company)
        return Entity.RECORDS in known and known[Entity.RECORDS].succeeded_at is not None


@pytest.fixture
async def town(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    worlds = [make_world(clients=6, records=40, now=NOW, company_id=id_) for id_ in (11, 12, 13)]
    async with YClients(*worlds) as crm:
        settings = Settings(
            home=tmp_path,
            DATABASE_URL=database_url,
            REDIS_URL=redis_url,
            yclients_base_url=crm.base_url,
            yclients_partner_token=crm.partner_token,
            yclients_per_second=0,
            yclients_per_minute=12,
        )
        clock = PinnedClock(NOW)
        async with open_app(settings, clock=clock) as app:
            made = []
            for number, world in enumerate(worlds):
                company = await companies.find_or_create(
                    app.db,
                    name=f"Салон {number}",
                    locale=Locale.RU,
                    timezone="Europe/Moscow",
                    currency="RUB",
                    country="RU",
                )
                await crm_connections.connect(
                    app.db,
                    company,
                    crm="yclients",
                    external_id=str(world.company.id),
                    token=crm.token_of(world.company.id),
                    seal=app.sealer.seal,
                    now=NOW - timedelta(minutes=number),
                )
                made.append(company)
            yield Town(app, crm, clock, made)


async def test_whoever_has_waited_longest_comes_first_and_who_was_read_is_not_due(town):
    assert await town.due() == [one.company_id for one in reversed(town.companies)]
    last = town.companies[-1]
    assert await town.turn(last) == []
    assert await town.is_read(last)
    assert last.company_id not in await town.due()
    asked = len(town.crm.seen)
    assert await town.turn(last) == []
    assert len(town.crm.seen) == asked


async def test_a_long_sync_gives_way_after_its_turn_and_goes_on(town, monkeypatch):
    monkeypatch.setattr(work, "SYNC_SECONDS", 0.0)
    town.app.settings.yclients_per_minute = 0
    (first, *_) = town.companies
    turns = 0
    while hints := await town.turn(first):
        assert [one.work for one in hints] == [Work(kind=Kind.SYNC, company_id=first.company_id)]
        assert first.company_id in await town.due()
        turns += 1
    assert await town.is_read(first)
    assert first.company_id not in await town.due()
    assert turns == len(Entity) - 1


async def test_a_company_at_its_limit_leaves_the_hand_to_the_others(town, monkeypatch):
    monkeypatch.setattr(work, "SYNC_SECONDS", 1.0)
    town.app.settings.yclients_per_minute = 3
    (first, second, _) = town.companies
    (hint,) = await town.turn(first)
    assert hint.at == NOW + syncing.BUSY_AGAIN
    assert first.company_id not in await town.due()
    assert len(town.crm.seen) == 3
    await town.turn(second)
    assert len(town.crm.seen) == 6


async def test_nobody_is_planned_for_before_the_first_sync_is_whole(town, monkeypatch):
    monkeypatch.setattr(work, "SYNC_SECONDS", 0.0)
    town.app.settings.yclients_per_minute = 0
    (first, *_) = town.companies
    morning = Work(kind=Kind.MORNING, company_id=first.company_id)
    await town.turn(first)
    assert await carry_out(town.app, morning, Stop(grace_seconds=1)) == []
    assert not await dispatching.is_planned(town.app.db, first, on=NOW.date())
    while not await town.is_read(first):
        await town.turn(first)
    await carry_out(town.app, morning, Stop(grace_seconds=1))
    assert await dispatching.is_planned(town.app.db, first, on=NOW.date())
