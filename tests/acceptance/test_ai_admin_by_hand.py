"""AI Admin's database, connected and read by hand."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from command_line import Typed
from tests.crm import ai_admin_database
from tests.crm.ai_admin_database import AiAdminDatabase
from tests.crm.yclients_salon import make_world
from tests.crm.yclients_world import World

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def world() -> World:
    return make_world(clients=10, records=30, now=NOW)


@pytest.fixture
def theirs(servers, world: World) -> Iterator[AiAdminDatabase]:
    database = AiAdminDatabase(ai_admin_database.create(servers.database_url))
    database.hold(world)
    yield database
    database.close()


def test_a_salon_is_connected_read_and_read_again(typed: Typed, theirs, world: World):
    asks = typed("connect", "ai-admin", "--salon", "4564", code=2)
    assert "VERNIS_AI_ADMIN_DATABASE_URL" in asks

    typed.environment |= {"VERNIS_AI_ADMIN_DATABASE_URL": theirs.url}
    assert "no company 7" in typed("connect", "ai-admin", "--salon", "7", code=2)
    told = typed("connect", "ai-admin", "--salon", "4564")
    assert "is connected to the salon 4564" in told
    assert "a person books" in told
    assert "webhook" not in told

    read = {one["entity"]: one for one in typed.json("sync")["entities"]}
    assert read["clients"]["taken"] == len(world.clients)
    assert read["records"]["taken"] == len(world.records)
    assert read["services"]["rejected"] == read["records"]["rejected"] == 0

    world.now = NOW + timedelta(days=1)
    came = (one for one in world.records.values() if one.attendance == 1 and not one.is_deleted)
    world.attend(next(came).id, -1)
    theirs.hold(world)
    again = {one["entity"]: one for one in typed.json("sync")["entities"]}
    assert (again["clients"]["changed"], again["records"]["changed"]) == (0, 1)

    theirs.execute("ALTER TABLE bookings RENAME COLUMN datetime TO starts")
    assert "VERNIS_AI_ADMIN_TABLES" in typed("sync", code=2)
    names = '{"bookings": {"starts_at": "starts"}}'
    typed.environment |= {"VERNIS_AI_ADMIN_TABLES": names}
    typed("sync", "--full")
