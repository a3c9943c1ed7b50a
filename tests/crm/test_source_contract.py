"""Every CRM that is read from keeps the same promises: YClients, and AI Admin's database."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from zoneinfo import ZoneInfo

import pytest
from tests.crm import ai_admin_database
from tests.crm import source_contract as contract
from tests.crm.ai_admin_database import AiAdminDatabase
from tests.crm.source_contract import NOW, Rig
from tests.crm.yclients_salon import make_world
from tests.crm.yclients_server import YClients
from tests.crm.yclients_world import World

from vernis.adapters import crm_ai_admin, crm_yclients
from vernis.adapters.crm_ai_admin import AiAdminSource
from vernis.adapters.crm_http import CrmHttp
from vernis.adapters.crm_pace import NoPace
from vernis.adapters.crm_yclients import YClientsSource
from vernis.ai_admin_tables import AiAdminTables

MOSCOW = ZoneInfo("Europe/Moscow")


@pytest.fixture(scope="module")
def ai_admin_url(servers) -> str:
    return ai_admin_database.create(servers.database_url)


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(crm_yclients, "RECORDS_A_PAGE", 12)
    monkeypatch.setattr(crm_yclients, "CLIENTS_A_PAGE", 6)
    monkeypatch.setattr(crm_ai_admin, "ROWS_A_PAGE", 7)
    return


@asynccontextmanager
async def yclients(world: World) -> AsyncIterator[Rig]:
    async with YClients(world) as server:

        def opened(user_token: str) -> YClientsSource:
            http = CrmHttp(
                server.base_url,
                partner_token=server.partner_token,
                user_token=user_token,
                pace=NoPace(),
            )
            return YClientsSource(http, str(world.company.id), zone=MOSCOW, currency="RUB")

        source, stranger = opened(server.user_token), opened("fake-revoked")
        yield Rig(world=world, source=source, stranger=stranger, settle=lambda: None)
        await source.aclose()
        await stranger.aclose()


@asynccontextmanager
async def ai_admin(world: World, url: str) -> AsyncIterator[Rig]:
    database = AiAdminDatabase(url)

    def opened(url: str) -> AiAdminSource:
        id_ = str(world.company.id)
        return AiAdminSource(url, AiAdminTables(), id_, zone=MOSCOW, currency="RUB")

    source = opened(url)
    stranger = opened(f"{url}&user=nobody_of_ours&password=fake")
    yield Rig(world=world, source=source, stranger=stranger, settle=lambda: database.hold(world))
    await source.aclose()
    database.close()


@pytest.fixture(params=["yclients", "ai_admin"])
async def rig(request, small_pages) -> AsyncIterator[Rig]:
    world = make_world(clients=20, records=40, now=NOW)
    if request.param == "yclients":
        async with yclients(world) as rig:
            yield rig
    else:
        async with ai_admin(world, request.getfixturevalue("ai_admin_url")) as rig:
            yield rig


class TestSource(contract.Source):
    """Each rig."""
