"""Every calendar keeps the same promises: the built-in one, YClients, and either by the router."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import time

import pytest
from tests.crm import crm_contract as contract
from tests.crm.connected import connected
from tests.crm.crm_contract import MONDAY, Rig
from tests.crm.yclients_server import How

from vernis.adapters.crm_calendar import Calendar
from vernis.adapters.crm_router import Crms
from vernis.adapters.sealing import Sealer
from vernis.domain import FreeTime
from vernis.ports import BookingRequest

SEALER = Sealer("a-secret-of-the-tests")


@asynccontextmanager
async def built_in(db, company, clock, *, routed: bool) -> AsyncIterator[Rig]:
    async with db.tenant(company.company_id) as connection:

        async def row(statement: str, *values) -> int:
            cursor = await connection.execute(statement, (company.company_id, *values))
            (id_,) = await cursor.fetchone() or (0,)
            return id_

        service = await row(
            "INSERT INTO services (company_id, title) VALUES (%s, 'Стрижка') RETURNING service_id"
        )
        clients = [
            await row(
                "INSERT INTO clients (company_id, external_key, name) VALUES (%s, %s, 'Вера')"
                " RETURNING client_id",
                key,
            )
            for key in ("C1", "C2", "C3")
        ]
        for name in ("Анна", "Олег"):
            staff = await row(
                "INSERT INTO staff (company_id, external_key, name) VALUES (%s, %s, %s)"
                " RETURNING staff_id",
                *(name, name),
            )
            for weekday in range(1, 8):
                await row(
                    "INSERT INTO staff_hours (company_id, staff_id, weekday, opens, closes)"
                    " VALUES (%s, %s, %s, %s, %s) RETURNING 1",
                    *(staff, weekday, time(10), time(20)),
                )
            await row(
                "INSERT INTO bookings (company_id, origin, client_id, service_id, staff_id,"
                " on_date, state) VALUES (%s, 'file', %s, %s, %s, %s, 'completed') RETURNING 1",
                *(clients[2], service, staff, f"2024-01-0{staff}"),
            )
    calendar = Calendar(db, clock)

    async def take(free: FreeTime) -> None:
        request = BookingRequest(key="s-1", client_id=clients[2], reactivation_id=None, time=free)
        await calendar.book(company.company_id, request)

    crm = Crms(db, clock, sealer=SEALER, open_yclients=None) if routed else calendar
    yield Rig(
        crm=crm,
        db=db,
        company=company,
        service=service,
        client=clients[0],
        other=clients[1],
        take=take,
    )


@asynccontextmanager
async def yclients(db, company, clock, *, routed: bool) -> AsyncIterator[Rig]:
    async with connected(db, company, clock) as salon:

        async def take(free: FreeTime) -> None:
            master = next(id_ for id_, ours in salon.staff.items() if ours == free.staff_id)
            length = (free.ends_at - free.starts_at).seconds
            salon.world.book(None, staff_id=master, starts_at=free.starts_at, length=length)

        def lose_an_answer() -> None:
            for method in ("POST", "PUT", "DELETE"):
                salon.server.misbehave(How.LOST, method=method)

        crm = salon.crm
        if routed:
            token = SEALER.seal(
                salon.server.user_token, company_id=company.company_id, account_id=0
            )
            await salon.is_connected(token)
            crm = Crms(db, clock, sealer=SEALER, open_yclients=lambda *_: salon.crm._http)
        client, other, *_ = salon.clients.values()
        yield Rig(
            crm=crm,
            db=db,
            company=company,
            service=salon.service,
            client=client,
            other=other,
            take=take,
            lose_an_answer=lose_an_answer,
        )


RIGS = {
    "built_in": (built_in, False),
    "yclients": (yclients, False),
    "built_in_by_the_router": (built_in, True),
    "yclients_by_the_router": (yclients, True),
}


@pytest.fixture(params=["built_in", "yclients"])
async def rig(request, db, company, clock) -> AsyncIterator[Rig]:
    clock.now = MONDAY
    opened, routed = RIGS[request.param]
    async with opened(db, company, clock, routed=routed) as rig:
        yield rig


class TestFreeTimes(contract.FreeTimes):
    """Each rig."""


class TestBooking(contract.Booking):
    """Each rig."""


class TestChanging(contract.Changing):
    """Each rig."""


@pytest.mark.parametrize("rig", ["built_in_by_the_router", "yclients_by_the_router"], indirect=True)
async def test_the_router_leads_to_the_same_calendar(rig):
    old, *_, new = await rig.free()
    booking = await rig.book(old)
    assert await rig.find(old) == booking
    await rig.change(booking, new)
    assert await rig.is_changed(booking, new)
    assert [own.starts_at for own in await rig.own()] == [new.starts_at]
    assert len(await rig.rows()) == 1
