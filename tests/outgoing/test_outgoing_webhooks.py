"""Whom a company wants to be told."""

import base64
from datetime import timedelta

import pytest
from tests.outgoing.receiver import Receiver, is_signed
from tests.outgoing.telling import Teller

from vernis.adapters.postgres import Database
from vernis.adapters.webhook_sender import WebhookSender
from vernis.domain import Company, Locale
from vernis.errors import ConflictError, NotFoundError, UsageError
from vernis.stages import companies, outgoing_webhooks


async def test_a_webhook_has_a_secret_that_is_shown_once_and_kept_sealed(
    teller: Teller, receiver: Receiver
) -> None:
    webhook = await teller.add(receiver, "booking.created", "reply.received", "reply.received")
    assert webhook.events == ("reply.received", "booking.created")
    secret = teller.secrets[webhook.webhook_id]
    assert secret.startswith("whsec_")
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32
    assert await outgoing_webhooks.listed(teller.db, teller.company) == [webhook]
    async with teller.db.tenant(teller.company.company_id) as connection:
        cursor = await connection.execute("SELECT sealed_secret FROM webhooks")
        ((sealed,),) = await cursor.fetchall()
    assert secret.encode() not in sealed
    assert secret.removeprefix("whsec_").encode() not in sealed


@pytest.mark.parametrize(
    "url", ["http://example.com/", "https://127.0.0.1/", "https://169.254.169.254/", "example.com"]
)
async def test_a_url_that_is_not_called_is_refused_at_once(teller: Teller, url: str) -> None:
    teller.sender = WebhookSender()
    with pytest.raises(UsageError):
        await teller.add(url)
    assert await outgoing_webhooks.listed(teller.db, teller.company) == []


async def test_a_webhook_is_changed_to_what_is_called_only(
    teller: Teller, receiver: Receiver
) -> None:
    webhook = await teller.add(receiver)
    with pytest.raises(UsageError):
        await teller.change(webhook, url="https://169.254.169.254/")
    with pytest.raises(UsageError):
        await teller.change(webhook, events=[])
    changed = await teller.change(webhook, url=f"{receiver.url}/new", events=["account.paused"])
    assert (changed.url, changed.events) == (f"{receiver.url}/new", ("account.paused",))


async def test_an_event_must_be_known(teller: Teller, receiver: Receiver) -> None:
    with pytest.raises(UsageError, match=r"reply\.received, booking\.created"):
        await teller.add(receiver, "client.erased")


async def test_there_are_not_endlessly_many(teller: Teller, receiver: Receiver) -> None:
    for _ in range(outgoing_webhooks.MOST):
        await teller.add(receiver)
    with pytest.raises(ConflictError, match="remove one first"):
        await teller.add(receiver)


async def test_nothing_is_kept_for_a_webhook_that_is_paused(
    teller: Teller, receiver: Receiver
) -> None:
    webhook = await teller.add(receiver)
    await teller.happens("before")
    paused = await teller.change(webhook, paused=True)
    assert (paused.paused_at, paused.pause_reason) == (teller.now, "by_hand")
    await teller.happens("meanwhile")
    assert await teller.deliver() == 0
    assert [one.last_error for one in await teller.log()] == ["paused"]
    assert (await teller.change(webhook, paused=False)).paused_at is None
    await teller.happens("after")
    assert await teller.deliver() == 1
    assert [body["data"]["number"] for body in receiver.bodies] == ["after"]


async def test_a_webhook_goes_with_its_log(teller: Teller, receiver: Receiver) -> None:
    webhook = await teller.add(receiver)
    await teller.happens(1, 2)
    await outgoing_webhooks.remove(teller.db, teller.company, webhook.webhook_id)
    assert await teller.log() == []
    with pytest.raises(NotFoundError):
        await outgoing_webhooks.remove(teller.db, teller.company, webhook.webhook_id)


async def test_after_a_rotation_both_secrets_hold_for_a_day(
    teller: Teller, receiver: Receiver
) -> None:
    webhook = await teller.add(receiver)
    old = teller.secrets[webhook.webhook_id]
    new = await outgoing_webhooks.rotate_secret(
        teller.db, teller.company, webhook.webhook_id, sealer=teller.sealer, now=teller.now
    )
    await teller.happens("on the same day")
    await teller.deliver()
    teller.clock.now += timedelta(days=1, seconds=1)
    await teller.happens("a day later")
    await teller.deliver()
    first, second = receiver.asked
    assert (is_signed(first, old), is_signed(first, new)) == (True, True)
    assert (is_signed(second, old), is_signed(second, new)) == (False, True)


async def test_another_companys_webhooks_are_not_there(
    db: Database, teller: Teller, receiver: Receiver, company: Company
) -> None:
    webhook = await teller.add(receiver)
    await teller.happens(1)
    (delivery,) = await teller.log()
    other = await companies.find_or_create(
        db, name="Other", locale=Locale.EN, timezone="UTC", currency="USD", country="US"
    )
    stranger = Teller(
        db=db, company=other, sender=teller.sender, sealer=teller.sealer, clock=teller.clock
    )
    assert await outgoing_webhooks.listed(db, other) == []
    assert await stranger.log() == []
    await stranger.happens(2)
    assert await stranger.deliver() == 0
    with pytest.raises(NotFoundError):
        await stranger.log(webhook_id=webhook.webhook_id)
    with pytest.raises(NotFoundError):
        await stranger.change(webhook, paused=True)
    with pytest.raises(NotFoundError):
        await outgoing_webhooks.remove(db, other, webhook.webhook_id)
    with pytest.raises(NotFoundError):
        await outgoing_webhooks.rotate_secret(
            db, other, webhook.webhook_id, sealer=teller.sealer, now=teller.now
        )
    assert [one.delivery_id for one in await teller.log()] == [delivery.delivery_id]
