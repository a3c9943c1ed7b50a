import pytest
from salon_rows import Salon

from vernis.stages.context import restore


@pytest.fixture
def salon(db, company):
    return Salon(db, company)


async def test_a_flushed_redis_gets_back_what_may_still_be_answered(salon, store, clock):
    fresh = await salon.client("Анна")
    id_ = await salon.contact(fresh, "2024-03-31 12:00", claimed_at=salon.at("2024-03-31 12:00"))
    old = await salon.client("Ольга")
    await salon.contact(old, "2024-03-20 12:00", claimed_at=salon.at("2024-03-20 12:00"))

    assert await restore(salon.db, salon.company, store, now=clock()) == 1

    ((phone,),) = await salon.execute("SELECT phone FROM clients WHERE client_id = %s", fresh)
    pending = await store.pending_action(salon.company.company_id, phone)
    assert pending["type"] == "reactivation_response"
    assert pending["reactivationHistoryId"] == id_


async def test_what_another_assistant_wrote_meanwhile_stays(salon, store, clock):
    client = await salon.client("Анна")
    await salon.contact(client, "2024-03-31 12:00", claimed_at=salon.at("2024-03-31 12:00"))
    ((phone,),) = await salon.execute("SELECT phone FROM clients WHERE client_id = %s", client)
    key = f"dialog:{salon.company.company_id}:{phone}"
    await store._client.hset(key, "pendingAction", '{"type": "cancellation"}')

    await restore(salon.db, salon.company, store, now=clock())

    pending = await store.pending_action(salon.company.company_id, phone)
    assert pending == {"type": "cancellation"}
