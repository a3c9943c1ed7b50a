"""YClients' webhooks: taken at an address that nobody can guess, and healed where they are lost."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from outbox import hash_phone
from programs import served
from salon_rows import Salon
from tests.crm.yclients_salon import make_world
from tests.crm.yclients_server import YClients

from vernis.adapters.crm_http import CrmHttp
from vernis.adapters.crm_pace import NoPace
from vernis.adapters.crm_yclients import YClientsSource
from vernis.app import App
from vernis.domain import Company
from vernis.stages import crm_connections, syncing
from vernis.stages.crm_connections import CrmConnection

NOW = datetime(2024, 4, 1, 9, tzinfo=UTC)


@dataclass
class Listening:
    """A company that was synced with a CRM, and webhooks that arrive for it."""

    app: App
    company: Company
    connection: CrmConnection
    crm: YClients
    source: YClientsSource
    http: httpx2.AsyncClient

    @property
    def address(self) -> str:
        key = crm_connections.webhook_key(self.connection, hash_phone)
        return f"/webhooks/yclients/{key}"

    async def sync(self, **how: Any) -> list[syncing.Outcome]:
        now = self.app.clock()
        return await syncing.sync(
            self.app.db, self.company, self.source, now=now, hash_phone=hash_phone, **how
        )

    async def later(self, **by: float) -> None:
        self.app.clock.now += timedelta(**by)  # type: ignore[attr-defined]
        self.crm.world.now = self.app.clock()

    async def post(self, address: str | None = None, **changes: Any) -> httpx2.Response:
        letter = {
            "company_id": self.crm.world.company.id,
            "resource": "record",
            "resource_id": 1,
            "status": "create",
            "data": {"anything": "at all"},
        }
        return await self.http.post(address or self.address, json=letter | changes)

    async def is_due(self) -> bool:
        connection = await crm_connections.get(self.app.db, self.company)
        return connection.next_sync_at <= self.app.clock()


@pytest.fixture
async def here(app: App, company: Company, clock: Any) -> AsyncIterator[Listening]:
    world = make_world(clients=6, records=30, now=NOW)
    app = replace(app, hash_phone=hash_phone)
    async with YClients(world) as crm, served(app) as address:
        http = CrmHttp(
            crm.base_url,
            partner_token=crm.partner_token,
            user_token=crm.user_token,
            pace=NoPace(),
        )
        salon = str(world.company.id)
        connection = await crm_connections.connect(
            app.db, company, crm="yclients", external_id=salon, token="fake",
            seal=lambda text, **_: text.encode(), now=clock(),
        )  # fmt: skip
        source = YClientsSource(http, salon, zone=company.zone, currency="RUB")
        async with httpx2.AsyncClient(base_url=address) as client:
            listening = Listening(app, company, connection, crm, source, client)
            await listening.sync()
            crm.salon.hooks.update(
                urls=[f"{address}{listening.address}"], active=1, record=1, client=1
            )
            yield listening
        await source.aclose()


async def _bookings(here: Listening, client: int) -> list[tuple[Any, ...]]:
    return await Salon(here.app.db, here.company).execute(
        "SELECT b.external_key, b.state FROM bookings b JOIN clients c"
        " USING (company_id, client_id) WHERE c.external_key = %s ORDER BY 1",
        f"yclients:{client}",
    )


async def test_what_happens_in_the_crm_makes_its_sync_due_and_is_here_after_it(here):
    assert not await here.is_due()
    await here.later(minutes=1)
    world = here.crm.world
    client, record = next(iter(world.clients)), next(iter(world.records.values()))
    made = world.book(
        client,
        staff_id=record.staff_id,
        service_ids=[one.service_id for one in record.services],
        starts_at=NOW + timedelta(days=20, hours=3),
    )
    await here.crm.settled()
    assert here.crm.told[-1]["resource"] == "record"
    assert await here.is_due()
    await here.sync(only_due=True)
    assert (str(made.id), "booked") in await _bookings(here, client)
    world.delete_record(made.id)
    await here.crm.settled()
    await here.later(minutes=1)
    await here.sync(only_due=True)
    assert (str(made.id), "cancelled") in await _bookings(here, client)


async def test_what_a_lost_webhook_would_have_said_comes_with_the_next_sync(here):
    here.crm.loses_webhooks = True
    await here.later(minutes=1)
    record = next(one for one in here.crm.world.records.values() if one.attendance == 1)
    here.crm.world.attend(record.id, -1)
    await here.later(minutes=10)
    assert await here.is_due()
    await here.sync()
    assert (str(record.id), "no_show") in await _bookings(here, record.client_id)


async def test_a_deleted_client_is_asked_for_and_forgotten(here):
    await here.later(minutes=1)
    world = here.crm.world
    ahead = {one.client_id for one in world.records.values() if one.starts_at >= world.moment()}
    gone = next(one for one in world.clients if one not in ahead)
    world.delete_client(gone)
    await here.crm.settled()
    await here.sync(only_due=True)
    assert await Salon(here.app.db, here.company).execute(
        "SELECT name, phone, erased_at IS NULL FROM clients WHERE external_key = %s",
        f"yclients:{gone}",
    ) == [(None, None, False)]


async def test_a_client_who_is_said_to_be_deleted_and_is_not_stays(here):
    await here.later(minutes=1)
    client = next(iter(here.crm.world.clients))
    assert (await here.post(resource="client", status="delete", resource_id=client)).is_success
    await here.sync(only_due=True)
    rows = await Salon(here.app.db, here.company).execute(
        "SELECT erased_at IS NULL FROM clients WHERE external_key = %s", f"yclients:{client}"
    )
    assert rows == [(True,)]


@pytest.mark.parametrize(
    "key", ["1-", "1", "-", "1-00112233", "2-00112233", "999999999999999999999-0", "x-1", "١-1"]
)
async def test_at_a_guessed_address_nobody_is_there(here, key):
    answer = await here.post(f"/webhooks/yclients/{key}")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_address")
    assert not await here.is_due()


async def test_another_salons_webhook_is_refused(here):
    assert (await here.post(company_id=1)).status_code == 400
    assert not await here.is_due()


async def test_what_is_not_read_asks_for_nothing(here):
    assert (await here.post(resource="good")).is_success
    assert not await here.is_due()


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b'"x"', b"[" * 100_000])
async def test_what_is_no_webhook_is_refused(here, body):
    answer = await here.http.post(here.address, content=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "unreadable")


@pytest.mark.parametrize("id_", [None, "", "x' OR 1=1", {"a": 1}, True, -1, 1.5, "9" * 400])
async def test_an_odd_id_is_only_a_hint_to_look(here, id_):
    answer = await here.post(resource="client", status="delete", resource_id=id_)
    assert answer.is_success
    assert await here.is_due()
    await here.sync(only_due=True)


async def test_a_company_that_left_gets_no_webhooks(here):
    await crm_connections.disconnect(here.app.db, here.company)
    assert (await here.post()).status_code == 404
