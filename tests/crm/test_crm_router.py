"""Which calendar a company has, and what is said where it cannot be used now."""

from collections.abc import AsyncIterator

import pytest
from tests.crm.connected import MONDAY, Connected, connected

from vernis.adapters import crm_router
from vernis.adapters.crm_router import Crms
from vernis.adapters.sealing import Sealer
from vernis.errors import UnavailableError

SEALER = Sealer("a-secret-of-the-tests")


@pytest.fixture
async def salon(db, company, clock) -> AsyncIterator[Connected]:
    clock.now = MONDAY
    async with connected(db, company, clock) as salon:
        yield salon


def sealed(salon: Connected) -> bytes:
    return SEALER.seal(salon.server.user_token, company_id=salon.company_id, account_id=0)


def routed(salon: Connected, opened: list[tuple[int, str]] | None = None) -> Crms:
    def open_yclients(company_id: int, token: str):
        if opened is not None:
            opened.append((company_id, token))
        return salon.crm._http

    return Crms(salon.db, salon.clock, sealer=SEALER, open_yclients=open_yclients)


async def free(salon: Connected, crm: Crms) -> list:
    day = MONDAY.date()
    return await crm.free_times(
        salon.company_id, service_id=salon.service, first_day=day, last_day=day
    )


async def test_a_connected_companys_times_are_its_crms_and_the_token_is_its_own(salon):
    await salon.is_connected(sealed(salon))
    opened: list[tuple[int, str]] = []
    crm = routed(salon, opened)
    assert await free(salon, crm) == await salon.free(MONDAY.date())
    before = len(salon.server.seen)
    await free(salon, crm)  # the same calendar, which remembers
    assert len(salon.server.seen) == before
    assert opened == [(salon.company_id, salon.server.user_token)]


async def test_a_company_without_a_crm_has_the_built_in_calendar(salon):
    assert await free(salon, routed(salon)) == []  # nobody has hours there
    assert salon.server.seen == []


@pytest.mark.parametrize("why", ["disconnected", "no partner token", "no user token", "read only"])
async def test_a_crm_that_cannot_be_used_now_is_a_persons_matter(salon, why):
    time = (await salon.free())[0]
    booking = await salon.book(time)
    await salon.is_connected(
        sealed(salon), "disconnected" if why == "disconnected" else "connected"
    )
    if why == "no user token":
        await salon.execute("UPDATE crm_connections SET sealed_token = NULL")
    if why == "read only":
        await salon.execute("UPDATE crm_connections SET crm = 'ai_admin'")
    crm = routed(salon)
    if why == "no partner token":
        crm = Crms(salon.db, salon.clock, sealer=SEALER, open_yclients=None)
    with pytest.raises(UnavailableError, match="a person books"):
        await free(salon, crm)
    with pytest.raises(UnavailableError):
        await crm.book(salon.company_id, salon.request(time, "d1-2"))
    with pytest.raises(UnavailableError):
        await crm.change(salon.company_id, salon.to_change(booking))
    (own,) = await crm.appointments(
        salon.company_id, client_id=salon.client, first_day=MONDAY.date()
    )
    assert (own.booking_ids, own.changeable) == ((booking,), False)
    assert len(salon.records()) == 1


async def test_a_connection_is_looked_at_again_after_a_while(salon, monkeypatch):
    monkeypatch.setattr(crm_router, "FRESH_SECONDS", 0.0)
    await salon.is_connected(sealed(salon))
    crm = routed(salon)
    assert await free(salon, crm)
    await salon.is_connected(sealed(salon), "disconnected")
    with pytest.raises(UnavailableError):
        await free(salon, crm)
    await salon.execute("DELETE FROM crm_connections")
    assert await free(salon, crm) == []
