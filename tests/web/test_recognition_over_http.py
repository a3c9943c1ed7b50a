"""A reply is recognised over HTTP whatever happened to Redis, to the number or to the call."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from programs import ANNA, Program, served

from vernis.adapters.context import PENDING_ACTION, RedisDialogStore, connect
from vernis.app import App


async def test_a_reply_has_its_whole_context(program: Program) -> None:
    service = await program.salon.insert("services", "service_id", title="Маникюр")
    id_ = await program.written_to(
        last_service_id=service, last_service_name="Маникюр", message_text="Анна, записать вас?"
    )
    told = await program.told("context", phone="8 900 000-00-01")

    assert (told["is_reply"], told["reactivation_id"], told["opted_out"]) == (True, id_, False)
    pending = told["pending_action"]
    assert set(PENDING_ACTION) <= set(pending)
    assert pending["suggestedService"] == {"id": service, "name": "Маникюр"}
    assert (pending["messageSent"], pending["reactivationHistoryId"]) == (
        "Анна, записать вас?",
        id_,
    )
    for said in (
        "Анна",
        "46 дней назад",
        "маникюр",
        "dormant_30",
        "31 марта 12:00",
        "записать вас?",
    ):
        assert said in told["instruction"]


async def flushed(program: Program) -> None:
    await program.told("context", phone=ANNA)
    await program.redis.flushall()


async def cancelling(program: Program) -> None:
    key = f"dialog:{program.company.company_id}:{ANNA}"
    await program.redis.hset(key, "pendingAction", '{"type": "cancellation"}')


async def thirty_days_later(program: Program) -> None:
    program.clock.now += timedelta(days=30)


@pytest.mark.parametrize("happens", [flushed, cancelling, thirty_days_later])
async def test_whatever_happened_meanwhile(program: Program, happens: Any) -> None:
    id_ = await program.written_to()
    await happens(program)
    told = await program.told("context", phone=ANNA)
    assert (told["is_reply"], told["reactivation_id"]) == (True, id_)
    is_ours = happens is not cancelling
    assert told["in_redis"] is is_ours
    pending = await program.pending()
    assert pending["type"] == ("reactivation_response" if is_ours else "cancellation")
    assert (await program.replies("Да, хочу"))["reactivation_id"] == id_


async def test_by_a_lid_alone_once_it_is_known_whose_it_is(program: Program) -> None:
    id_ = await program.written_to()
    assert not (await program.told("context", lid="184467@lid"))["is_reply"]
    await program.replies("Здравствуйте", lid="184467")
    assert (await program.told("context", lid="184467@lid"))["reactivation_id"] == id_
    assert (await program.told("context", phone="184467@lid"))["reactivation_id"] == id_


async def test_by_the_message_that_is_quoted(program: Program) -> None:
    rows = await program.salon.execute("SELECT account_id FROM accounts")
    of = {"account_id": rows[0][0]}
    older = await program.written_to(provider_message_id="wa-1", **of)
    newer = await program.written_to(
        provider_message_id="wa-2", attempt=2, sent="2024-04-01 11:00", **of
    )
    lid_only = await program.told("context", lid="L1", quoted_message_id="wa-1")
    assert lid_only["reactivation_id"] == older
    assert (await program.told("context", phone=ANNA))["reactivation_id"] == newer
    quoting = {"phone": ANNA, "quoted_message_id": "wa-1"}
    assert (await program.told("context", **quoting))["reactivation_id"] == older
    assert (await program.replies("Да!", **quoting))["reactivation_id"] == older


async def test_where_the_reply_comes_before_the_send_call_returned(program: Program) -> None:
    id_ = await program.written_to(state="claimed", message_sent_at=None)
    assert (await program.told("context", phone=ANNA))["reactivation_id"] == id_
    assert (await program.replies("Да!"))["is_reply"]
    assert await program.history(id_, "state", "response_text") == ("read", "Да!")


async def test_who_was_not_written_to_is_no_reply(program: Program) -> None:
    await program.written_to()
    told = await program.told("context", phone="79000000099")
    assert told == {
        "is_reply": False,
        "reactivation_id": None,
        "opted_out": False,
        "booking_created": False,
        "pending_action": None,
        "in_redis": False,
        "instruction": None,
    }
    reply = await program.replies("Сколько стоит маникюр?", phone="79000000099")
    assert (reply["is_reply"], reply["instruction"]) == (False, None)


async def test_it_works_with_redis_down(program: Program, app: App) -> None:
    id_ = await program.written_to()
    away = RedisDialogStore(connect("unix:///nowhere"), clock=program.clock)
    async with served(replace(app, open_store=lambda: away)) as address:
        program.client.base_url = address
        told = await program.told("context", phone=ANNA)
        assert (told["reactivation_id"], told["in_redis"]) == (id_, False)
        assert (await program.replies("Да, на завтра"))["start_booking"]
        assert await program.told("clear", phone=ANNA) == {"in_redis": False}
        booked = {"booking_id": "7", "starts_at": "2024-04-02T10:00", "phone": ANNA}
        assert not (await program.told("bookings", **booked))["in_redis"]
        ready = await program.client.get("/readyz")
        assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
