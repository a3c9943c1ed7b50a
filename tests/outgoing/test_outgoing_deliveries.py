"""What waits to be told gets there: at least once, in time, whoever dies in between."""

import asyncio
import signal
import sys
from datetime import UTC, datetime, timedelta

import pytest
from tests.channels.wire import LOST, Reply
from tests.outgoing.receiver import Receiver, is_signed
from tests.outgoing.telling import Teller

from vernis.adapters.sealing import Sealer
from vernis.adapters.webhook_sender import WebhookSender
from vernis.errors import ConflictError, NotFoundError, UsageError
from vernis.stages import notices, outgoing_deliveries, outgoing_events, outgoing_webhooks
from vernis.stages.outgoing_deliveries import LEASE

FINE, FAULT = Reply(status=204, text=""), Reply(status=500, body={"never": "read"})


# --- what arrives -------------------------------------------------------------------------------


async def test_an_event_arrives_signed_as_standard_webhooks_says(
    teller: Teller, receiver: Receiver
) -> None:
    webhook = await teller.add(receiver)
    await teller.happens(7)
    assert await teller.deliver() == 1
    (asked,) = receiver.asked
    assert (asked.method, asked.path) == ("POST", "/hook")
    assert is_signed(asked, teller.secrets[webhook.webhook_id])
    assert asked.headers["webhook-timestamp"] == str(int(teller.now.timestamp()))
    assert "." not in asked.headers["webhook-id"]
    assert asked.body == {
        "type": "reply.received",
        "timestamp": "2024-04-01T09:00:00+00:00",
        "company_id": teller.company.company_id,
        "data": {"number": 7},
    }
    (delivery,) = await teller.log()
    assert (delivery.state, delivery.attempts, delivery.last_status) == ("delivered", 1, 204)
    assert (delivery.delivered_at, delivery.next_attempt_at) == (teller.now, None)


async def test_the_same_happening_is_told_once(teller: Teller, receiver: Receiver) -> None:
    await teller.add(receiver)
    await teller.happens(7, 7)
    await teller.deliver()
    await teller.happens(7)
    await teller.deliver()
    assert len(receiver.asked) == 1


async def test_each_webhook_is_told_what_it_asked_for(teller: Teller, receiver: Receiver) -> None:
    async with Receiver() as other:
        await teller.add(receiver, "booking.created", "account.paused")
        await teller.add(other, "reply.received", "booking.created")
        await teller.happens(1, event="booking.created")
        await teller.happens(2, event="reply.received")
        await teller.happens(3, event="handover.needed")
        assert await teller.deliver() == 3
        told = [sorted(body["type"] for body in one.bodies) for one in (receiver, other)]
    assert told == [["booking.created"], ["booking.created", "reply.received"]]


async def test_a_transaction_that_is_undone_has_told_nothing(
    teller: Teller, receiver: Receiver
) -> None:
    async def breaks() -> None:
        async with teller.db.tenant(teller.company.company_id) as connection:
            await outgoing_events.tell(
                connection, teller.company, "reply.received", 1, now=teller.now
            )
            raise RuntimeError

    await teller.add(receiver)
    with pytest.raises(RuntimeError):
        await breaks()
    assert await teller.log() == []


# --- again --------------------------------------------------------------------------------------


async def test_what_fails_is_tried_again_under_the_same_id_later_and_later(
    teller: Teller, receiver: Receiver
) -> None:
    await teller.add(receiver)
    receiver.says = [FAULT, LOST, Reply(status=302, text=""), FINE]
    await teller.happens(7)
    waits = []
    for _ in range(4):
        assert await teller.deliver() == 1
        (one,) = await teller.log()
        if one.next_attempt_at is not None:
            waits.append(one.next_attempt_at - teller.now)
            teller.clock.now = one.next_attempt_at - timedelta(seconds=1)
            assert await teller.deliver() == 0
            teller.pass_by(seconds=1)
    assert waits == [timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=5)]
    assert (one.state, one.attempts) == ("delivered", 4)
    assert len({asked.headers["webhook-id"] for asked in receiver.asked}) == 1
    assert len({asked.headers["webhook-timestamp"] for asked in receiver.asked}) == 4
    assert len({asked.content for asked in receiver.asked}) == 1


async def test_a_retry_after_is_obeyed(teller: Teller, receiver: Receiver) -> None:
    await teller.add(receiver)
    receiver.says = [Reply(status=429, headers={"retry-after": "600"}, text="")]
    await teller.happens(1)
    await teller.deliver()
    await teller.happens(2)
    (_, first) = await teller.log()
    assert first.next_attempt_at == teller.now + timedelta(minutes=10)


async def test_410_pauses_the_webhook_and_the_owner_is_told(
    teller: Teller, receiver: Receiver
) -> None:
    webhook = await teller.add(receiver)
    receiver.says = [Reply(status=410, text="")]
    await teller.happens(*range(6))
    await teller.deliver()
    assert set(await teller.states()) == {"failed"}
    found = await outgoing_webhooks.get(teller.db, teller.company, webhook.webhook_id)
    assert found.pause_reason == "gone"
    (notice,) = await notices.listed(teller.db, teller.company)
    assert (notice.kind, notice.details) == (
        "webhook_paused",
        {"webhook_id": webhook.webhook_id, "reason": "gone"},
    )


async def test_a_webhook_that_fails_for_days_is_paused_and_the_owner_is_told(
    teller: Teller, receiver: Receiver
) -> None:
    webhook = await teller.add(receiver)
    receiver.says = [FAULT]
    began, number = teller.now, 0
    while teller.now < began + timedelta(days=6):
        await teller.happens(number := number + 1)
        await teller.deliver()
        found = await outgoing_webhooks.get(teller.db, teller.company, webhook.webhook_id)
        if found.paused_at is not None:
            break
        teller.pass_by(hours=2)
    assert found.pause_reason == "failing"
    assert timedelta(days=3) <= teller.now - began <= timedelta(days=5)
    (notice,) = await notices.listed(teller.db, teller.company)
    assert notice.details["reason"] == "failing"
    assert set(await teller.states()) == {"failed"}


async def test_an_event_that_a_receiver_cannot_digest_does_not_pause_it(
    teller: Teller, receiver: Receiver
) -> None:
    webhook = await teller.add(receiver)
    for day in range(5):
        receiver.says = [FAULT]
        await teller.happens(f"bad {day}")
        while waiting := await teller.log(state="waiting"):
            teller.clock.now = waiting[0].next_attempt_at
            await teller.deliver()
        receiver.says = [FINE]
        await teller.happens(f"good {day}")
        await teller.deliver()
    assert sorted(await teller.states()) == ["delivered"] * 5 + ["failed"] * 5
    found = await outgoing_webhooks.get(teller.db, teller.company, webhook.webhook_id)
    assert found.paused_at is None


async def test_an_address_that_became_private_is_not_called(
    teller: Teller, receiver: Receiver
) -> None:
    await teller.add(receiver)
    await teller.happens(1)
    strict = WebhookSender()
    await teller.deliver(sender=strict)
    (one,) = await teller.log()
    assert (one.state, one.last_error) == ("waiting", "url_refused")
    assert receiver.connections == 0


async def test_a_secret_that_cannot_be_opened_waits_and_a_rotation_helps(
    teller: Teller, receiver: Receiver
) -> None:
    webhook = await teller.add(receiver)
    await teller.happens(1)
    moved = Sealer("another secret")
    await teller.deliver(sealer=moved)
    (one,) = await teller.log()
    assert (one.state, one.last_error) == ("waiting", "secret")
    secret = await outgoing_webhooks.rotate_secret(
        teller.db, teller.company, webhook.webhook_id, sealer=moved, now=teller.now
    )
    teller.pass_by(minutes=5)
    await teller.deliver(sealer=moved)
    assert is_signed(receiver.asked[0], secret)


# --- killed, side by side -----------------------------------------------------------------------

_VICTIM = """
import asyncio, sys
from datetime import datetime
from vernis.adapters.postgres import Database
from vernis.adapters.sealing import Sealer
from vernis.adapters.webhook_sender import WebhookSender
from vernis.stages import companies, outgoing_deliveries

async def main(url, company_id, now):
    async with Database(url, size=2) as db:
        await outgoing_deliveries.deliver(
            db, await companies.get(db, int(company_id)), sender=WebhookSender(private=True),
            sealer=Sealer("a secret of tests"), clock=lambda: datetime.fromisoformat(now))

asyncio.run(main(*sys.argv[1:]))
"""


async def test_what_a_killed_process_was_telling_is_told_again_after_the_lease(
    teller: Teller, receiver: Receiver, database_url: str
) -> None:
    await teller.add(receiver)
    await teller.happens(1)
    receiver.silent = True
    arguments = [database_url, str(teller.company.company_id), teller.now.isoformat()]
    victim = await asyncio.create_subprocess_exec(sys.executable, "-c", _VICTIM, *arguments)
    await receiver.until(lambda: receiver.connections > 0)
    victim.send_signal(signal.SIGKILL)
    await victim.wait()

    receiver.silent = False
    assert await teller.deliver() == 0  # it may still be at it
    teller.clock.now += LEASE
    assert await teller.deliver() == 1
    (one,) = await teller.log()
    assert (one.state, one.attempts, len(receiver.asked)) == ("delivered", 2, 1)


async def test_what_was_told_after_the_lease_is_told_whoever_says_so(
    teller: Teller, receiver: Receiver
) -> None:
    """A process that was asleep comes back with a good answer; another one has it by then."""
    await teller.add(receiver)
    await teller.happens(1)
    answer = asyncio.Event()

    class Slow(WebhookSender):
        async def send(self, *asked, **how):
            answered = await super().send(*asked, **how)
            await answer.wait()
            return answered

    slow = Slow(private=True)
    first = asyncio.create_task(teller.deliver(sender=slow))
    await receiver.until(lambda: bool(receiver.asked))
    teller.clock.now += LEASE
    receiver.says = [FAULT]
    await teller.deliver()
    assert await teller.states() == ["waiting"]
    answer.set()
    await first
    assert await teller.states() == ["delivered"]
    await slow.aclose()


async def test_two_workers_tell_each_event_once(teller: Teller, receiver: Receiver) -> None:
    await teller.add(receiver)
    await teller.happens(*range(20))
    made = await asyncio.gather(teller.deliver(), teller.deliver())
    assert sum(made) == 20
    assert sorted(body["data"]["number"] for body in receiver.bodies) == list(range(20))


async def test_a_slow_receiver_holds_nobody_else_back(teller: Teller, receiver: Receiver) -> None:
    async with Receiver(silent=True) as slow:
        await teller.add(slow)
        await teller.add(receiver)
        await teller.happens(*range(20))
        telling = asyncio.create_task(teller.deliver())
        await receiver.until(lambda: len(receiver.asked) == 20)
        assert not telling.done()
        assert slow.connections == outgoing_deliveries.AT_ONCE
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)


async def test_a_hundred_events_knock_four_at_a_time_and_few_times_where_nobody_answers(
    teller: Teller, receiver: Receiver
) -> None:
    await teller.add(receiver)
    await teller.happens(*range(100))
    receiver.says = [Reply(status=503, text="")]
    for _ in range(5):
        await teller.deliver()
        teller.pass_by(seconds=1)
    assert len(receiver.asked) == outgoing_deliveries.AT_ONCE
    receiver.says = [FINE]
    teller.pass_by(minutes=10)
    assert await teller.deliver() == 100
    assert set(await teller.states()) == {"delivered"}


async def test_who_must_stop_begins_nothing_more(teller: Teller, receiver: Receiver) -> None:
    await teller.add(receiver)
    await teller.happens(*range(9))
    assert await teller.deliver(stopping=lambda: bool(receiver.asked)) == 4
    assert await teller.deliver() == 5


# --- the log ------------------------------------------------------------------------------------


async def test_the_log_is_paged_the_newest_first(teller: Teller, receiver: Receiver) -> None:
    webhook = await teller.add(receiver)
    await teller.happens(*range(5))
    first = await teller.log(most=2, webhook_id=webhook.webhook_id)
    second = await teller.log(most=9, before=first[-1].delivery_id)
    assert [one.body["data"]["number"] for one in [*first, *second]] == [4, 3, 2, 1, 0]
    assert await teller.log(state="delivered") == []
    with pytest.raises(UsageError):
        await teller.log(state="lost")


async def test_one_of_the_log_is_sent_once_more_under_the_same_id(
    teller: Teller, receiver: Receiver
) -> None:
    webhook = await teller.add(receiver)
    await teller.happens(1)
    await teller.deliver()
    (one,) = await teller.log()
    again = await outgoing_deliveries.redeliver(
        teller.db, teller.company, one.delivery_id, now=teller.now
    )
    assert (again.state, again.attempts) == ("waiting", 0)
    assert await teller.deliver() == 1
    assert len({asked.headers["webhook-id"] for asked in receiver.asked}) == 1
    await teller.change(webhook, paused=True)
    with pytest.raises(ConflictError, match="resume"):
        await outgoing_deliveries.redeliver(
            teller.db, teller.company, one.delivery_id, now=teller.now
        )
    with pytest.raises(NotFoundError):
        await outgoing_deliveries.redeliver(teller.db, teller.company, 999, now=teller.now)


async def test_a_ping_reaches_a_webhook_whatever_it_asked_for(
    teller: Teller, receiver: Receiver
) -> None:
    webhook = await teller.add(receiver, "account.paused")
    await outgoing_deliveries.ping(teller.db, teller.company, webhook.webhook_id, now=teller.now)
    await teller.deliver()
    assert receiver.bodies[0]["type"] == "ping"
    await teller.change(webhook, paused=True)
    with pytest.raises(ConflictError):
        await outgoing_deliveries.ping(
            teller.db, teller.company, webhook.webhook_id, now=teller.now
        )


async def test_the_log_is_kept_for_a_month(teller: Teller, receiver: Receiver) -> None:
    await teller.add(receiver)
    await teller.happens("told")
    await teller.deliver()
    await teller.happens("waits")
    teller.pass_by(days=31)
    assert await outgoing_deliveries.forget_old(teller.db, teller.company, now=teller.now) == 1
    assert await teller.states() == ["waiting"]


def test_a_body_is_signed_as_openssl_signs_it() -> None:
    """openssl dgst -sha256 -mac HMAC over `msg_1_2.1711962000.{"type":"ping"}`, in base64."""
    content, headers = outgoing_deliveries.signed(
        {"type": "ping"},
        message_id="msg_1_2",
        at=datetime(2024, 4, 1, 9, tzinfo=UTC),
        secrets=("whsec_b2YgdGhlIHRlc3RzIG9ubHksIG5vIHNlY3JldA==",),
    )
    assert content == b'{"type":"ping"}'
    assert headers["webhook-timestamp"] == "1711962000"
    assert headers["webhook-signature"] == "v1,K6exZ7mAdhCyotzNuBJqfGriL+D0IjYYbnBBMmVCIhw="
