"""What channels post: proved to be theirs, stored, and only then answered."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import httpx2
import psycopg
import pytest
from fake_bridge import SECRET as BRIDGE_SECRET
from fake_bridge import FakeAiAdmin, FakeBridge
from fake_cloud import APP_SECRET, BUSINESS, NUMBER, VERIFY_TOKEN, FakeCloud
from fake_evolution import SECRET as EVOLUTION_SECRET
from fake_evolution import FakeEvolution
from fake_waha import SECRET as WAHA_SECRET
from fake_waha import FakeWaha
from outbox import hash_phone
from programs import served
from psycopg.types.json import Jsonb
from recorded import ANNA, load
from salon_rows import Salon
from wire import Letter

from vernis.app import App
from vernis.config import Settings
from vernis.stages import opt_outs

# The webhook's name -> the channel that speaks there, what the account is called, and who posts.
CHANNELS: dict[str, tuple[str, str, Any]] = {
    "bridge": ("baileys", "salon", FakeBridge()),
    "ai_admin": ("ai_admin", "default", FakeAiAdmin()),
    "cloud": ("cloud", NUMBER, FakeCloud()),
    "waha": ("waha", "salon", FakeWaha()),
    "evolution": ("evolution", "salon", FakeEvolution()),
}
SECRETS = {
    "bridge_secret": BRIDGE_SECRET,
    "ai_admin_secret": BRIDGE_SECRET,
    "cloud_app_secret": APP_SECRET,
    "cloud_verify_token": VERIFY_TOKEN,
    "waha_secret": WAHA_SECRET,
    "evolution_secret": EVOLUTION_SECRET,
}
MEGABYTE = 1024 * 1024


@pytest.fixture
def app(app: App) -> App:
    return replace(app, settings=Settings(home=app.settings.home, **SECRETS))


@dataclass
class Post:
    """A company with an account on each channel, and webhooks that arrive for it."""

    client: httpx2.AsyncClient
    salon: Salon

    async def account(self, channel: str, address: str, **values: Any) -> int:
        row = {"channel": channel, "name": f"{channel} {address}", "address": address}
        return await self.salon.insert("accounts", "account_id", **row | values)

    async def brings(self, channel: str, letter: Letter) -> int:
        path, posted = f"/webhooks/{channel}", {"content": letter.content}
        response = await self.client.post(path, headers=letter.headers, **posted)
        if response.status_code != 200:
            assert response.headers["content-type"] == "application/problem+json"
            assert response.json()["detail"].endswith(".")
        return response.status_code

    async def recorded(self, name: str, change: Callable[[str], str] = lambda text: text) -> int:
        """A recording of Meta's, signed as it stands."""
        body = json.loads(change(json.dumps(load(name))))
        return await self.brings("cloud", FakeCloud().letter(body))

    async def sent(self, account_id: int, **values: Any) -> int:
        row = {"account_id": account_id, "provider_message_id": "wamid.OUT1", "phone": ANNA}
        client = await self.salon.client()
        return await self.salon.contact(client, "2024-04-01 11:30", **row | values)

    async def one(self, table: str, columns: str) -> tuple[Any, ...]:
        (row,) = await self.salon.execute(f"SELECT {columns} FROM {table}")
        return row

    async def texts(self) -> list[tuple[int, str]]:
        return await self.salon.execute("SELECT account_id, body FROM messages ORDER BY message_id")

    async def stops(self) -> list[tuple[bytes, str]]:
        rows = await self.salon.execute("SELECT phone_hash, source FROM opt_outs")
        return [(bytes(key), source) for key, source in rows]


@pytest.fixture
async def post(client: httpx2.AsyncClient, db, company) -> Post:
    return Post(client, Salon(db, company))


# --- whose it is ---------------------------------------------------------------------------------

ASKED = {"hub.mode": "subscribe", "hub.verify_token": VERIFY_TOKEN, "hub.challenge": "1158201444"}


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (ASKED, 200),
        (ASKED | {"hub.verify_token": "another"}, 403),
        (ASKED | {"hub.mode": "unsubscribe"}, 403),
        ({}, 403),
    ],
)
async def test_meta_s_challenge_is_answered_to_who_knows_the_token(
    post: Post, asked: dict[str, str], status: int
) -> None:
    response = await post.client.get("/webhooks/cloud", params=asked)
    assert response.status_code == status
    assert (response.text == "1158201444") is (status == 200)


async def test_a_channel_without_a_secret_takes_nothing(app: App, tmp_path) -> None:
    bare = replace(app, settings=Settings(home=tmp_path))
    async with served(bare) as address, httpx2.AsyncClient(base_url=address) as client:
        for channel, (_, _, fake) in CHANNELS.items():
            letter = fake.wrote(ANNA, "Да")
            response = await client.post(
                f"/webhooks/{channel}", content=letter.content, headers=letter.headers
            )
            assert (response.status_code, response.json()["code"]) == (403, "not_configured")
            assert f"VERNIS_{channel.upper()}_" in response.json()["detail"]
        assert (await client.get("/webhooks/cloud", params=ASKED)).status_code == 403


def letter_of(channel: str, content: bytes) -> Letter:
    """Any bytes, signed as this channel signs."""
    match channel:
        case "cloud":
            signature = hmac.digest(APP_SECRET.encode(), content, "sha256").hex()
            headers = {"x-hub-signature-256": f"sha256={signature}"}
        case "waha":
            signature = hmac.digest(WAHA_SECRET.encode(), content, "sha512").hex()
            headers = {"x-webhook-hmac": signature}
        case "evolution":
            headers = {"x-webhook-secret": EVOLUTION_SECRET}
        case _:
            signed = b"1711962000." + content
            signature = hmac.new(BRIDGE_SECRET.encode(), signed, hashlib.sha256).hexdigest()
            headers = {"x-timestamp": "1711962000", "x-signature": f"sha256={signature}"}
    return Letter(content=content, headers=headers)


@pytest.mark.parametrize("channel", CHANNELS)
async def test_what_is_not_theirs_or_not_readable_is_refused(post: Post, channel: str) -> None:
    name, address, fake = CHANNELS[channel]
    await post.account(name, address)
    letter = fake.wrote(ANNA, "Да")
    other = dict.fromkeys(letter.headers, "sha256=" + "0" * 64) | {"x-timestamp": "1711962000"}
    faults = {
        401: [Letter(content=letter.content, headers=headers) for headers in ({}, other)],
        400: [
            letter_of(channel, content)
            for content in (b"", b"{", b"\xff\xfe", b"[]", b'"text"', b"null", b"[" * 100_000)
        ],
        413: [letter_of(channel, letter.content + b" " * MEGABYTE)],
    }
    if channel != "evolution":  # which does not sign what it says
        faults[401].append(Letter(content=letter.content + b" ", headers=letter.headers))
    for status, letters in faults.items():
        for wrong in letters:
            assert await post.brings(channel, wrong) == status, (wrong.content[:20], wrong.headers)
    assert await post.texts() == []


async def test_a_webhook_of_a_megabyte_is_taken(post: Post) -> None:
    await post.account("cloud", NUMBER)
    content = FakeCloud().wrote(ANNA, "Да").content.ljust(MEGABYTE)
    assert await post.brings("cloud", letter_of("cloud", content)) == 200
    assert len(await post.texts()) == 1


async def test_a_channel_that_nobody_has_heard_of_is_not_there(post: Post) -> None:
    letter = FakeBridge().wrote(ANNA, "Да")
    assert await post.brings("telegraph", letter) == 404
    assert await post.brings("sandbox", letter) == 404


async def test_a_bridge_does_not_speak_for_another_channel(post: Post) -> None:
    await post.account("ai_admin", "default")
    assert await post.brings("bridge", FakeBridge().letter(load("bridge_ai_admin_one"))) == 200
    assert await post.texts() == []


# --- messages ------------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", CHANNELS)
async def test_a_message_is_stored_once_and_a_waiting_worker_hears_of_it(
    post: Post, database_url: str, channel: str
) -> None:
    name, address, fake = CHANNELS[channel]
    letter = fake.wrote(ANNA, "Да, давайте")
    assert await post.brings(channel, letter) == 200
    assert await post.texts() == []  # nobody has this account yet
    account = await post.account(name, address)
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as listening:
        await listening.execute("LISTEN vernis_received")
        statuses = await asyncio.gather(*(post.brings(channel, letter) for _ in range(5)))
        assert statuses == [200] * 5
        assert await post.texts() == [(account, "Да, давайте")]
        heard = [one.payload async for one in listening.notifies(timeout=0.1)]
    dialog, phone = await post.one("dialogs", "dialog_id, phone")
    assert heard == [f"{post.salon.company.company_id} {dialog}"]
    assert phone == ANNA


async def test_one_body_may_be_for_several_accounts(post: Post) -> None:
    first = await post.account("cloud", NUMBER, business=BUSINESS)
    second = await post.account("cloud", "106500000000009", business=BUSINESS)
    reactivation = await post.sent(first)
    assert await post.recorded("cloud_everything") == 200
    assert sorted(await post.texts()) == [
        (first, "Второе"),
        (first, "Первое"),
        (first, "Третье"),
        (second, "Другому номеру"),
    ]
    assert (await post.one("client_reactivation_history", "id, state")) == (reactivation, "read")
    paused = await post.salon.execute("SELECT account_id, status FROM channel_templates")
    assert sorted(paused) == [(first, "PAUSED"), (second, "PAUSED")]


async def test_while_the_database_is_away_the_sender_is_told_to_come_again(post: Post) -> None:
    await post.account("baileys", "salon")
    letter = FakeBridge().wrote(ANNA, "Да")
    try:
        await post.salon.db._pool.close()
        response = await post.client.post(
            "/webhooks/bridge", content=letter.content, headers=letter.headers
        )
    finally:
        post.salon.db._pool._closed = True
    assert (response.status_code, response.json()["code"]) == (503, "unavailable")
    assert int(response.headers["retry-after"]) > 0


# --- what became of messages ----------------------------------------------------------------------


@pytest.mark.parametrize("channel", sorted(CHANNELS.keys() - {"ai_admin"}))
async def test_a_status_moves_the_message_that_the_channel_names(post: Post, channel: str) -> None:
    name, address, fake = CHANNELS[channel]
    await post.sent(await post.account(name, address), provider_message_id="OUT1")
    for event, state in (("read", "read"), ("delivered", "read"), ("failed", "read")):
        assert await post.brings(channel, fake.told("OUT1", event)) == 200
        assert await post.one("client_reactivation_history", "state") == (state,)


@pytest.mark.parametrize(
    ("recording", "state", "reason"),
    [
        ("cloud_status_sent", "accepted", "due"),
        ("cloud_status_delivered", "delivered", "due"),
        ("cloud_status_failed_capped", "failed", "channel_capped"),
        ("cloud_status_failed_stopped", "failed", "opted_out"),
    ],
)
async def test_a_status_settles_a_message_whose_call_had_no_outcome_by_our_key(
    post: Post, recording: str, state: str, reason: str
) -> None:
    account = await post.account("cloud", NUMBER)
    values = {"provider_message_id": None, "message_sent_at": None, "state": "unknown"}
    id_ = await post.sent(account, **values, claimed_at=post.salon.at("2024-04-01 11:30"))
    ours = f"r{post.salon.company.company_id}-{id_}"
    assert await post.recorded(recording, lambda text: text.replace("r1-12", ours)) == 200
    columns = "state, reason, provider_message_id"
    assert await post.one("client_reactivation_history", columns) == (state, reason, "wamid.OUT1")
    assert [source for _, source in await post.stops()] == ["channel"] * (reason == "opted_out")


# --- what channels tell besides -------------------------------------------------------------------


async def test_a_stop_told_to_the_channel_is_obeyed_until_it_is_taken_back_there(
    post: Post,
) -> None:
    waiting = await post.sent(
        await post.account("cloud", NUMBER), state="written", message_sent_at=None
    )
    for _ in range(2):
        assert await post.recorded("cloud_preference_stop") == 200
    assert await post.stops() == [(hash_phone(ANNA), "channel")]
    columns = "id, state, reason"
    assert await post.one("client_reactivation_history", columns) == (
        waiting,
        "skipped",
        "opted_out",
    )
    assert await post.recorded("cloud_preference_resume") == 200
    assert await post.stops() == []


async def test_a_stop_told_to_us_outlives_what_the_channel_hears(post: Post, clock) -> None:
    await post.account("cloud", NUMBER)
    company = post.salon.company
    await opt_outs.add(
        post.salon.db, company, [ANNA], source="reply", now=clock(), hash_phone=hash_phone
    )
    for recording in ("cloud_preference_stop", "cloud_preference_resume"):
        assert await post.recorded(recording) == 200
        assert await post.stops() == [(hash_phone(ANNA), "reply")]


async def test_a_template_that_is_paused_lets_its_accounts_rest(post: Post) -> None:
    ours = Jsonb({"template": {"name": "come_back", "language": "ru"}})
    with_it = await post.account("cloud", NUMBER, business=BUSINESS, settings=ours)
    without = await post.account("cloud", "106500000000009", business=BUSINESS)
    looks = (
        "SELECT account_id, state, pause_reason FROM accounts WHERE channel = 'cloud' ORDER BY 1"
    )
    for recording, told, state, reason in (
        ("cloud_template_paused", "PAUSED", "paused", "template"),
        ("cloud_template_reinstated", "APPROVED", "active", None),
    ):
        assert await post.recorded(recording) == 200
        rows = await post.salon.execute("SELECT account_id, status FROM channel_templates")
        assert sorted(rows) == [(with_it, told), (without, told)]
        assert await post.salon.execute(looks) == [
            (with_it, state, reason),
            (without, "active", None),
        ]


NUMBERS = [
    ({"a": "79990009999", "b": "79990008888", "c": None}, ["a"]),
    ({"a": "79990007777", "b": "79990008888", "c": None}, ["c"]),
    ({"a": None, "b": None}, ["a", "b"]),
]


@pytest.mark.parametrize(("numbers", "resting"), NUMBERS, ids=["known", "of the rest", "unknown"])
async def test_what_is_told_of_one_number_of_a_business_is_not_the_others(
    post: Post, numbers: dict[str, str | None], resting: list[str]
) -> None:
    for name, number in numbers.items():
        learned = Jsonb({"number": number} if number else {})
        address = f"10650000000000{name}"
        await post.account("cloud", address, name=name, business=BUSINESS, settings=learned)
    assert await post.recorded("cloud_number_flagged") == 200
    rows = await post.salon.execute("SELECT name FROM accounts WHERE pause_reason = 'quality'")
    assert sorted(name for (name,) in rows) == resting


@pytest.mark.parametrize("channel", sorted(CHANNELS.keys() - {"ai_admin"}))
async def test_what_a_channel_tells_of_an_account_is_kept(post: Post, channel: str) -> None:
    name, address, fake = CHANNELS[channel]
    await post.account(name, address, business=BUSINESS)
    for told, connection, reason in (
        ("logged_out", "logged_out", "logged_out"),
        ("connected", "connected", None),
    ):
        assert await post.brings(channel, fake.became(told)) == 200
        row = await post.salon.execute(
            "SELECT connection, pause_reason FROM accounts WHERE channel = %s", name
        )
        assert row == [(connection, reason)]
