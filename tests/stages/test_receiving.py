"""Receiving: whose message it is and what it answers, from PostgreSQL alone."""

import asyncio
from datetime import timedelta

import pytest
from outbox import OPEN, Outbox, Taking, hash_phone
from salon_rows import Salon

from vernis.domain import Inbound
from vernis.stages.receiving import Stored, receive

ANNA = "79000000001"
OLGA = "79000000002"


@pytest.fixture
def outbox(db, company, store, clock):
    return Outbox(Salon(db, company), store, clock)


@pytest.fixture
def salon(outbox):
    return outbox.salon


@pytest.fixture
def hears(outbox):
    """A message comes in."""
    count = iter(range(1000))

    async def hear(text: str | None = "Да, хочу", **values) -> Stored:
        inbound = {
            "account_id": await outbox.account(),
            "provider_message_id": f"in-{next(count)}",
            "received_at": outbox.clock(),
            "text": text,
        }
        salon = outbox.salon
        return await receive(
            salon.db,
            salon.company,
            Inbound(**inbound | values),
            now=outbox.clock(),
            hash_phone=hash_phone,
        )

    return hear


async def _written_to(outbox, phone: str = ANNA, *, ago: timedelta = timedelta(), **values):
    """A client, and the message that has left to them."""
    client = await outbox.salon.client(phone=phone)
    sent = {"state": "accepted", "claimed_at": OPEN - ago, "message_sent_at": OPEN - ago}
    return client, await outbox.message(client=client, **sent | values)


# --- recognised ----------------------------------------------------------------------------------


async def test_a_reply_is_recognised_by_phone_and_recorded(outbox, hears):
    _, id_ = await _written_to(outbox)

    stored = await hears("Да, хочу", phone=ANNA)

    assert (stored.reactivation_id, stored.is_new) == (id_, True)
    row = await outbox.row(id_)
    assert row["state"] == "read"  # who answers has read
    assert (row["response_received"], row["response_text"]) == (True, "Да, хочу")
    rows = await outbox.salon.execute("SELECT state, body, reactivation_id FROM messages")
    assert rows == [("received", "Да, хочу", id_)]


async def test_the_first_answer_is_the_response(outbox, hears):
    _, id_ = await _written_to(outbox)
    await hears("Да", phone=ANNA)
    await hears("А сколько стоит?", phone=ANNA)
    assert (await outbox.row(id_))["response_text"] == "Да"
    assert await outbox.salon.execute("SELECT count(*) FROM dialogs") == [(1,)]


async def test_a_quoted_message_tells_which_of_two_reactivations_it_was(outbox, hears):
    client, older = await _written_to(
        outbox, ago=timedelta(days=20), provider_message_id="wa-1", attempt=1
    )
    newer = await outbox.message(
        client=client, state="accepted", claimed_at=OPEN, provider_message_id="wa-2", attempt=2
    )
    quoting = await hears(phone=ANNA, quoted_message_id="wa-1")
    without = await hears(phone=ANNA)
    assert (quoting.reactivation_id, without.reactivation_id) == (older, newer)


async def test_a_quote_of_something_else_falls_back_to_the_phone(outbox, hears):
    _, id_ = await _written_to(outbox)
    stored = await hears(phone=ANNA, quoted_message_id="an answer of ours")
    assert stored.reactivation_id == id_


async def test_a_quote_from_another_number_is_the_same_client(outbox, hears):
    client, id_ = await _written_to(outbox, provider_message_id="wa-1")
    stored = await hears(phone=OLGA, quoted_message_id="wa-1")
    assert stored.reactivation_id == id_
    assert await outbox.salon.execute("SELECT phone, client_id FROM dialogs") == [(OLGA, client)]


async def test_the_latest_of_a_familys_reactivations_is_answered(outbox, hears):
    await _written_to(outbox, ago=timedelta(days=3))
    _, newer = await _written_to(outbox, ago=timedelta(days=1))
    assert (await hears(phone=ANNA)).reactivation_id == newer


# --- WhatsApp's own ids ------------------------------------------------------------------------


async def test_a_lid_that_came_with_a_phone_is_enough_the_next_time(outbox, hears):
    _, id_ = await _written_to(outbox)
    first = await hears(phone=ANNA, lid="L1")
    second = await hears(lid="L1")
    assert second.reactivation_id == first.reactivation_id == id_
    assert second.dialog_id == first.dialog_id


async def test_a_lid_is_learned_from_a_client_who_was_not_written_to(outbox, salon, hears):
    client = await salon.client(phone=ANNA)
    await hears("Здравствуйте", phone=ANNA, lid="L1")
    id_ = await outbox.message(client=client, state="accepted", claimed_at=OPEN)
    assert (await hears(lid="L1")).reactivation_id == id_


async def test_a_lid_alone_is_recognised_by_what_it_quotes(outbox, salon, hears):
    client, id_ = await _written_to(outbox, provider_message_id="wa-1")
    stored = await hears(lid="L1", quoted_message_id="wa-1")
    assert stored.reactivation_id == id_
    assert await salon.execute("SELECT lid FROM clients WHERE client_id = %s", client) == [("L1",)]
    assert await salon.execute("SELECT phone, lid FROM dialogs") == [(ANNA, "L1")]


async def test_a_stranger_with_a_lid_only_has_a_dialog_that_gets_its_phone_later(salon, hears):
    first = await hears("Здравствуйте", lid="L1")
    second = await hears("Это снова я", lid="L1", phone=ANNA)
    assert second.dialog_id == first.dialog_id
    assert await salon.execute("SELECT phone, lid FROM dialogs") == [(ANNA, "L1")]


async def test_two_dialogs_that_turn_out_to_be_one_person_go_on_in_the_phones(salon, hears):
    by_lid = await hears(lid="L1")
    by_phone = await hears(phone=ANNA)
    both = await hears(phone=ANNA, lid="L1")
    assert both.dialog_id == by_phone.dialog_id != by_lid.dialog_id


# --- when it comes -------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["claimed", "accepted", "delivered", "read", "unknown"])
async def test_a_reply_is_recognised_whatever_the_channel_has_said_so_far(outbox, hears, state):
    _, id_ = await _written_to(outbox, state=state, message_sent_at=None)
    assert (await hears(phone=ANNA)).reactivation_id == id_
    row = await outbox.row(id_)
    assert (row["state"], row["message_sent_at"]) == ("read", row["claimed_at"])


async def test_a_reply_to_what_waits_to_be_repeated_stops_the_repeat(outbox, hears):
    _, id_ = await _written_to(outbox, state="written", message_sent_at=None)
    assert (await hears(phone=ANNA)).reactivation_id == id_
    channel = Taking(repeats_are_safe=True)
    await outbox.send(channel)
    assert (channel.calls, await outbox.state(id_)) == ([], "read")


@pytest.mark.parametrize("state", ["planned", "written", "skipped", "expired", "failed"])
async def test_a_message_that_never_left_is_not_what_is_answered(outbox, hears, state):
    _, id_ = await _written_to(outbox, state=state, claimed_at=None, message_sent_at=None)
    assert (await hears(phone=ANNA)).reactivation_id is None
    assert await outbox.state(id_) == state


@pytest.mark.parametrize(("days", "recognised"), [(1, True), (30, True), (59, True), (61, False)])
async def test_a_late_reply_still_belongs_to_its_message(outbox, hears, days, recognised):
    _, id_ = await _written_to(outbox, ago=timedelta(days=days))
    assert (await hears(phone=ANNA)).reactivation_id == (id_ if recognised else None)


async def test_a_flushed_redis_changes_nothing(outbox, store, hears):
    _, id_ = await _written_to(outbox)
    await store._client.flushall()
    assert (await hears(phone=ANNA)).reactivation_id == id_


# --- once ------------------------------------------------------------------------------------


async def test_a_message_delivered_again_is_stored_once(salon, hears):
    first = await hears(phone=ANNA, provider_message_id="in-7")
    again = await hears(phone=ANNA, provider_message_id="in-7")
    assert (first.is_new, again.is_new) == (True, False)
    assert again.dialog_id == first.dialog_id
    assert await salon.execute("SELECT count(*) FROM messages") == [(1,)]


@pytest.mark.parametrize("sender", [{"phone": ANNA}, {"lid": "L1"}, {"phone": ANNA, "lid": "L1"}])
async def test_twenty_deliveries_of_one_message_at_once_are_one(outbox, salon, hears, sender):
    await _written_to(outbox)
    results = await asyncio.gather(
        *(hears(provider_message_id="in-7", **sender) for _ in range(20))
    )
    assert sum(stored.is_new for stored in results) == 1
    assert len({stored.dialog_id for stored in results}) == 1
    assert await salon.execute("SELECT count(*) FROM messages") == [(1,)]


async def test_twenty_messages_of_one_phone_at_once_are_one_dialog(outbox, salon, hears):
    _, id_ = await _written_to(outbox)
    results = await asyncio.gather(*(hears(f"{n}", phone=ANNA, lid="L1") for n in range(20)))
    assert {stored.reactivation_id for stored in results} == {id_}
    assert len({stored.dialog_id for stored in results}) == 1
    assert await salon.execute("SELECT count(DISTINCT body) FROM messages") == [(20,)]


# --- strangers --------------------------------------------------------------------------------


async def test_an_unknown_phone_gets_a_dialog_of_nobody(salon, hears):
    stored = await hears("Здравствуйте", phone="79000000077")
    assert stored.reactivation_id is None
    assert await salon.execute("SELECT phone, client_id FROM dialogs") == [("79000000077", None)]


async def test_a_client_who_was_not_written_to_is_known(salon, hears):
    client = await salon.client(phone=ANNA)
    await hears("Можно записаться?", phone=ANNA)
    assert await salon.execute("SELECT client_id FROM dialogs") == [(client,)]


async def test_a_message_without_words_is_stored_with_its_kind(outbox, salon, hears):
    _, id_ = await _written_to(outbox)
    await hears(None, phone=ANNA, kind="voice")
    await hears("Да", phone=ANNA)
    assert await salon.execute("SELECT kind, body FROM messages ORDER BY message_id") == [
        ("voice", None),
        ("text", "Да"),
    ]
    row = await outbox.row(id_)
    assert (row["response_received"], row["response_text"]) == (True, "Да")
