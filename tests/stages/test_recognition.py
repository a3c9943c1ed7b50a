"""A reply is always recognised, whatever happened to Redis, to the number or to the call."""

from datetime import timedelta

import pytest
from outbox import OPEN, Outbox, Taking, Watched, hash_phone
from salon_rows import Salon

from vernis.domain import Inbound
from vernis.stages import reception
from vernis.stages.context import restore
from vernis.stages.receiving import Stored, receive

ANNA = "79000000001"


@pytest.fixture
def outbox(db, company, store, clock):
    clock.now = OPEN
    return Outbox(Salon(db, company), store, clock)


@pytest.fixture
def hears(outbox):
    numbers = iter(range(1000))

    async def hear(text: str = "Да, хочу", **values) -> Stored:
        inbound = {
            "account_id": await outbox.account(),
            "provider_message_id": f"in-{next(numbers)}",
            "received_at": outbox.clock(),
            "text": text,
        }
        return await receive(
            outbox.salon.db,
            outbox.salon.company,
            Inbound(**inbound | values),
            now=outbox.clock(),
            hash_phone=hash_phone,
        )

    return hear


async def written_to(outbox, **values) -> tuple[int, int]:
    """A client, and the message that has left."""
    client = await outbox.salon.client(phone=ANNA)
    sent = {"state": "accepted", "claimed_at": OPEN, "message_sent_at": OPEN}
    return client, await outbox.message(client=client, **sent | values)


async def test_after_redis_was_flushed(outbox, store, hears):
    _, id_ = await written_to(outbox)
    await restore(outbox.salon.db, outbox.salon.company, store, now=OPEN)
    await store._client.flushall()
    assert (await hears(phone=ANNA)).reactivation_id == id_


async def test_after_thirty_days(outbox, clock, hears):
    _, id_ = await written_to(outbox)
    clock.now += timedelta(days=30)
    assert (await hears(phone=ANNA)).reactivation_id == id_


async def test_with_a_pending_action_that_another_assistant_overwrote(outbox, store, hears):
    _, id_ = await written_to(outbox)
    company_id = outbox.salon.company.company_id
    await restore(outbox.salon.db, outbox.salon.company, store, now=OPEN)
    key = f"dialog:{company_id}:{ANNA}"
    await store._client.hset(key, "pendingAction", '{"type": "cancellation"}')

    assert (await hears(phone=ANNA)).reactivation_id == id_

    assert await store.pending_action(company_id, ANNA) == {"type": "cancellation"}


async def test_by_the_message_that_is_quoted(outbox, hears):
    _, id_ = await written_to(outbox, provider_message_id="wa-1")
    assert (await hears(phone="79000000099", quoted_message_id="wa-1")).reactivation_id == id_


async def test_with_two_reactivations_the_newer_or_the_quoted_one(outbox, hears):
    client, older = await written_to(outbox, provider_message_id="wa-1")
    newer = await outbox.message(
        client=client,
        attempt=2,
        state="accepted",
        claimed_at=OPEN + timedelta(minutes=1),
        provider_message_id="wa-2",
    )
    assert (await hears(phone=ANNA)).reactivation_id == newer
    assert (await hears(phone=ANNA, quoted_message_id="wa-1")).reactivation_id == older


async def test_where_the_reply_comes_before_the_send_call_returned(outbox, hears):
    id_ = await outbox.message(client=await outbox.salon.client(phone=ANNA))

    async def replies(_message) -> Stored:
        return await hears("Да!", phone=ANNA)

    channel = Watched(look=replies)
    assert await outbox.send(channel) == 1

    assert channel.seen[0].reactivation_id == id_
    row = await outbox.row(id_)
    assert (row["state"], row["response_text"]) == ("read", "Да!")
    assert row["provider_message_id"] == f"wa-r{outbox.salon.company.company_id}-{id_}"


async def test_from_a_lid_without_a_number_and_the_answer_leaves_to_it(outbox, store, hears):
    channel = Taking()
    stored = await hears("Сколько стоит?", lid="L1")
    turn = await reception.handle(
        outbox.salon.db,
        outbox.salon.company,
        dialog_id=stored.dialog_id,
        crm=None,
        store=store,
        clock=outbox.clock,
        hash_phone=hash_phone,
    )
    assert await outbox.send_answers(channel) == 1
    (sent,) = channel.calls
    assert (sent.phone, sent.lid, sent.text) == (None, "L1", turn.text)


async def test_a_lid_without_a_number_is_recognised_by_what_it_quotes(outbox, hears):
    _, id_ = await written_to(outbox, provider_message_id="wa-1")
    assert (await hears(lid="L1", quoted_message_id="wa-1")).reactivation_id == id_
    assert (await hears(lid="L1")).reactivation_id == id_


async def test_an_answer_to_a_known_number_names_no_lid(outbox, hears):
    channel = Taking()
    dialog = await outbox.dialog(ANNA)
    await outbox.salon.execute("UPDATE dialogs SET lid = 'L1'")
    await outbox.answer(dialog, "Ждём вас!")
    await outbox.send_answers(channel)
    assert (channel.calls[0].phone, channel.calls[0].lid) == (ANNA, None)
