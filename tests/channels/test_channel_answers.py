"""Answers that mean more than their status: what each server says when it cannot send."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fake_bridge import SECRET, FakeAiAdmin, FakeBridge
from wire import Asked, FakeServer, Reply

from vernis.adapters.channel_bridge import Bridge
from vernis.adapters.channel_evolution import Evolution
from vernis.adapters.channel_waha import Waha
from vernis.domain import Account, ConnectionState, Outgoing
from vernis.errors import OutcomeUnknownError, Refusal, RefusedError
from vernis.ports import Channel

NOON = datetime(2024, 4, 1, 9, tzinfo=UTC)
DOUBT = None
MESSAGE = Outgoing(company_id=1, account_id=1, key="r1-1", phone="79990000001", text="Ждём вас!")


def account(address: str | None = "salon") -> Account:
    return Account(company_id=1, account_id=1, channel="any", address=address)


def clock() -> datetime:
    return NOON


class Scripted(FakeServer):
    """Answers as the test says."""

    says = Reply(body={})

    def reply(self, asked: Asked) -> Reply:
        return self.says


@pytest.fixture
async def server() -> AsyncIterator[Scripted]:
    async with Scripted() as server:
        yield server


async def meaning(channel: Channel) -> RefusedError | None:
    """What sending comes to; None is a doubt."""
    try:
        with pytest.raises((RefusedError, OutcomeUnknownError)) as caught:
            await channel.send(account(), MESSAGE)
    finally:
        await channel.aclose()
    return caught.value if isinstance(caught.value, RefusedError) else DOUBT


def said(error: str, **more: Any) -> dict[str, Any]:
    return {"success": False, "error": error, "message": "What to do."} | more


@pytest.mark.parametrize(
    ("status", "body", "refusal"),
    [
        (200, {"success": False}, DOUBT),
        (200, {"success": True}, DOUBT),
        (200, {"success": True, "messageId": ""}, DOUBT),
        (200, [], DOUBT),
        (200, said("not_on_whatsapp"), Refusal.NOT_ON_CHANNEL),
        (413, said("too_large"), Refusal.INVALID),
        (404, said("unknown_account"), Refusal.LOGGED_OUT),
        (504, said("outcome_unknown"), DOUBT),
        (500, said("fault"), DOUBT),
        (503, said("something new"), DOUBT),
        (503, "nginx", DOUBT),
        (422, said("something_new"), Refusal.INVALID),
        (404, {"message": "no such address"}, Refusal.NOT_CONNECTED),
    ],
    ids=str,
)
async def test_what_the_bridge_says(server: Scripted, status, body, refusal):
    server.says = Reply(status=status, body=body)
    error = await meaning(Bridge(server.url, SECRET, clock))
    assert (error.refusal if error else DOUBT) == refusal


async def test_the_bridges_own_word_on_time_goes_before_ours(server: Scripted):
    server.says = Reply(status=403, body=said("restricted", temporary=True, retryAfter=90.5))
    error = await meaning(Bridge(server.url, SECRET, clock))
    assert error is not None
    assert (error.temporary, error.retry_after) == (True, timedelta(seconds=90.5))


def engine(message: str) -> dict[str, Any]:
    return {"statusCode": 500, "exception": {"message": message, "name": "Error"}}


@pytest.mark.parametrize(
    ("status", "body", "refusal"),
    [
        (201, {"fromMe": True}, DOUBT),
        (500, engine("Error: No LID for user"), Refusal.NOT_ON_CHANNEL),
        (500, engine("2 UNKNOWN: server returned error 463"), Refusal.RESTRICTED),
        (500, engine("rate-overlimit"), Refusal.RATE_LIMITED),
        (500, engine("Protocol error: Target closed."), DOUBT),
        (500, engine("at 74630 of 146300"), DOUBT),  # digits of something else
        (502, "nginx", DOUBT),
        (422, {"error": "not as expected", "status": "SCAN_QR_CODE"}, Refusal.LOGGED_OUT),
        (422, {"error": "not as expected", "status": "STOPPED"}, Refusal.NOT_CONNECTED),
        (422, {"message": "chatId"}, Refusal.INVALID),
        (404, {"message": "Session not found"}, Refusal.LOGGED_OUT),
    ],
    ids=str,
)
async def test_what_waha_says(server: Scripted, status, body, refusal):
    server.says = Reply(status=status, body=body)
    error = await meaning(Waha(server.url, "key", clock))
    assert (error.refusal if error else DOUBT) == refusal


def evolutions(message: Any) -> dict[str, Any]:
    return {"status": 400, "error": "Bad Request", "response": {"message": message}}


@pytest.mark.parametrize(
    ("status", "body", "refusal"),
    [
        (201, {"key": {}}, DOUBT),
        (400, evolutions([{"exists": False, "jid": "7@s.whatsapp.net"}]), Refusal.NOT_ON_CHANNEL),
        (400, evolutions({"exists": False}), Refusal.NOT_ON_CHANNEL),
        (400, evolutions(["Error: Connection Closed"]), Refusal.NOT_CONNECTED),
        (500, evolutions("Connection Closed"), Refusal.NOT_CONNECTED),
        (400, evolutions("Error: rate-overlimit"), Refusal.RATE_LIMITED),
        (400, evolutions([['instance requires property "text"']]), Refusal.INVALID),
        (400, evolutions("Error: Timed Out"), DOUBT),
        (400, evolutions("PrismaClientKnownRequestError"), DOUBT),  # after it has left
        (400, "nginx", DOUBT),
        (404, evolutions(['The "salon" instance does not exist']), Refusal.LOGGED_OUT),
        (413, "nginx", Refusal.INVALID),
        (500, evolutions("Internal Server Error"), DOUBT),
    ],
    ids=str,
)
async def test_what_evolution_says(server: Scripted, status, body, refusal):
    server.says = Reply(status=status, body=body)
    error = await meaning(Evolution(server.url, "key", clock))
    assert (error.refusal if error else DOUBT) == refusal


# --- the bridge, and what stands in its place ---------------------------------------------------


async def test_a_server_that_would_send_repeats_again_is_not_taken_for_the_bridge():
    async with FakeAiAdmin() as fake:
        channel = Bridge(fake.url, SECRET, clock)
        fake.reply = lambda _: Reply(body={"connected": True})  # whatever it is asked for
        connected = await channel.connection(account())
        await channel.aclose()
    assert connected.state is ConnectionState.DISCONNECTED
    assert connected.says is not None
    assert "ai_admin" in connected.says


async def test_the_sentences_name_the_settings_of_the_server_that_is_meant():
    said = {}
    for name in ("baileys", "ai_admin"):
        channel = Bridge("http://127.0.0.1:9", SECRET, clock, name=name)
        said[name] = (await channel.connection(account())).says or ""
        await channel.aclose()
    assert "VERNIS_BRIDGE_URL" in said["baileys"]
    assert "VERNIS_AI_ADMIN_URL" in said["ai_admin"]


async def test_what_whatsapp_says_of_the_account_comes_with_its_state():
    limits = {"newChatsLeft": 3, "newChatsLimit": 30}
    async with FakeBridge(limits=limits) as fake:
        channel = Bridge(fake.url, SECRET, clock)
        connected = await channel.connection(account())
        await channel.aclose()
    assert (connected.state, connected.limits) == (ConnectionState.CONNECTED, limits)


@pytest.mark.parametrize("login", ["default", "салон №1/2?", "a b&c=d%20"])
async def test_a_login_of_any_name_is_signed_as_it_is_sent(login: str):
    async with FakeBridge(login=login) as fake:
        channel = Bridge(fake.url, SECRET, clock)
        connected = await channel.connection(account(None if login == "default" else login))
        await channel.aclose()
    assert connected.state is ConnectionState.CONNECTED
