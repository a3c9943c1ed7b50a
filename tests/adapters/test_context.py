"""The Redis contract with AI Admin v2, on a real Valkey."""

import asyncio
import itertools
import json
import socket
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from ai_admin import running_valkey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from vernis.adapters.context import (
    PENDING_ACTION,
    PREFIXES,
    RedisDialogStore,
    connect,
    dialog_key,
    marked_client,
)
from vernis.domain import Campaign
from vernis.errors import ConfigError, DataError, UnavailableError
from vernis.ports import ReactivationContext

PHONE = "79990001234"
DAY = 24 * 60 * 60
SENT_AT = datetime(2026, 3, 2, 9, 30, 15, 123456, tzinfo=UTC)
NOW = SENT_AT + timedelta(hours=1)
companies = itertools.count(1)


@pytest.fixture(scope="session")
def valkey_url() -> Iterator[str]:
    with TemporaryDirectory() as folder:
        socket_path = f"{folder}/s"
        with running_valkey(Path(folder), "--port", "0", "--unixsocket", socket_path):
            yield f"unix://{socket_path}"


@pytest.fixture
async def redis(valkey_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(valkey_url, decode_responses=True) as client:
        yield client


@pytest.fixture
async def store(valkey_url: str) -> AsyncIterator[RedisDialogStore]:
    store = RedisDialogStore(connect(valkey_url), clock=lambda: NOW)
    yield store
    await store.aclose()


@pytest.fixture
def company() -> int:
    return next(companies)


def context(company: int, phone: str = PHONE, **changes: Any) -> ReactivationContext:
    action = {
        "reactivationHistoryId": 77,
        "campaign": Campaign.DORMANT_60,
        "daysInactive": 61,
        "lastVisitDate": date(2025, 12, 31),
        "suggestedService": {"id": 5, "name": "Стрижка"},
        "intervalDays": 35,
        "intervalSource": "personal",
        "confidence": Decimal("0.8"),
    }
    given_values = {
        "company_id": company,
        "phone": phone,
        "client_name": "Анна",
        "pending_action": action,
        "text": "Анна, ждём вас 💅",
        "sent_at": SENT_AT,
    }
    return ReactivationContext(**(given_values | changes))


@pytest.mark.parametrize(
    ("phone", "platform", "key"),
    [
        ("79990001234", None, "dialog:7:79990001234"),
        ("79990001234", "whatsapp", "dialog:7:whatsapp:79990001234"),
        ("79990001234", "telegram", "dialog:7:telegram:79990001234"),
        ("79990001234@c.us", None, "dialog:7:79990001234"),
        ("8 999 000-12-34", None, "dialog:7:79990001234"),
        ("84912345678", None, "dialog:7:84912345678"),
        ("14165550123", None, "dialog:7:14165550123"),
    ],
)
def test_a_key_names_company_platform_and_phone(phone: str, platform: str | None, key: str) -> None:
    assert dialog_key("dialog", 7, phone, platform=platform) == key


@pytest.mark.parametrize("phone", ["", "123456", "1" * 16, "118972653154@lid", "нет"])
def test_a_key_needs_a_phone(phone: str) -> None:
    with pytest.raises(DataError, match="7 to 15 digits") as caught:
        dialog_key("dialog", 7, phone)
    assert not phone or phone not in str(caught.value)


def test_a_platform_that_the_contract_does_not_know_is_refused() -> None:
    with pytest.raises(ConfigError, match="whatsapp, telegram"):
        RedisDialogStore(connect("redis://127.0.0.1"), clock=lambda: NOW, platform="viber")


async def test_a_new_dialog_holds_what_the_contract_says(
    store: RedisDialogStore, redis: Redis, company: int
) -> None:
    await store.remember([context(company)])

    dialog = await redis.hgetall(f"dialog:{company}:{PHONE}")
    action = json.loads(dialog.pop("pendingAction"))
    assert dialog == {
        "phone": PHONE,
        "companyId": str(company),
        "state": "active",
        "clientName": "Анна",
        "selection": "{}",
        "lastUpdated": "2026-03-02T10:30:15.123Z",
    }
    assert action == {
        "type": "reactivation_response",
        "campaign": "dormant_60",
        "daysInactive": 61,
        "lastVisitDate": "2025-12-31",
        "suggestedService": {"id": 5, "name": "Стрижка"},
        "intervalDays": 35,
        "intervalSource": "personal",
        "confidence": 0.8,
        "messageSent": "Анна, ждём вас 💅",
        "messageSentAt": "2026-03-02T09:30:15.123Z",
        "reactivationHistoryId": 77,
    }
    assert tuple(action) == PENDING_ACTION
    assert await store.pending_action(company, PHONE) == action
    assert DAY - 60 < await redis.ttl(f"dialog:{company}:{PHONE}") <= DAY


async def test_the_sent_text_is_the_newest_message(
    store: RedisDialogStore, redis: Redis, company: int
) -> None:
    await store.add_message(
        company, PHONE, sender="user", text="?", at=SENT_AT - timedelta(days=1), kind="text"
    )
    await store.remember([context(company)])

    newest, oldest = map(json.loads, await redis.lrange(f"messages:{company}:{PHONE}", 0, -1))
    assert newest == {
        "sender": "bot",
        "type": "reactivation",
        "text": "Анна, ждём вас 💅",
        "timestamp": "2026-03-02T09:30:15.123Z",
    }
    assert oldest["sender"] == "user"
    assert DAY - 60 < await redis.ttl(f"messages:{company}:{PHONE}") <= DAY


async def test_remembering_twice_changes_nothing(
    store: RedisDialogStore, redis: Redis, company: int
) -> None:
    await redis.set(f"client:{company}:{PHONE}", "{}")
    await store.remember([context(company)])
    dialog = await redis.hgetall(f"dialog:{company}:{PHONE}")
    client = await redis.get(f"client:{company}:{PHONE}")

    await store.remember([context(company), context(company)])

    assert await redis.hgetall(f"dialog:{company}:{PHONE}") == dialog
    assert await redis.get(f"client:{company}:{PHONE}") == client
    assert await redis.llen(f"messages:{company}:{PHONE}") == 1


async def test_messages_are_cut_to_fifty_newest_first(
    store: RedisDialogStore, redis: Redis, company: int
) -> None:
    for i in range(55):
        at = SENT_AT + timedelta(seconds=i)
        await store.add_message(company, PHONE, sender="user", text=str(i), at=at, kind="text")
    await store.remember([context(company, sent_at=SENT_AT - timedelta(days=1))])

    kept = [json.loads(entry) for entry in await redis.lrange(f"messages:{company}:{PHONE}", 0, -1)]
    assert [message["text"] for message in kept] == [str(i) for i in range(54, 4, -1)]


@given(order=st.permutations(range(6)), repeats=st.lists(st.integers(0, 5), max_size=4))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_messages_put_back_in_any_order_are_newest_first_and_once(
    valkey_url: str, order: list[int], repeats: list[int]
) -> None:
    company = next(companies)

    async def scenario() -> list[str]:
        store = RedisDialogStore(connect(valkey_url), clock=lambda: NOW)
        for i in [*order, *repeats]:
            at = SENT_AT + timedelta(minutes=i)
            await store.add_message(company, PHONE, sender="bot", text=str(i), at=at, kind="text")
        await store.aclose()
        async with Redis.from_url(valkey_url, decode_responses=True) as redis:
            return await redis.lrange(f"messages:{company}:{PHONE}", 0, -1)

    texts = [json.loads(entry)["text"] for entry in asyncio.run(scenario())]
    assert texts == ["5", "4", "3", "2", "1", "0"]


async def test_unreadable_messages_stay_where_they_are(
    store: RedisDialogStore, redis: Redis, company: int
) -> None:
    await redis.rpush(f"messages:{company}:{PHONE}", "{broken", "17", '{"timestamp": 5}')
    await store.remember([context(company)])
    assert (await redis.lrange(f"messages:{company}:{PHONE}", 1, -1)) == [
        "{broken",
        "17",
        '{"timestamp": 5}',
    ]


FIELD_NAMES = st.text(min_size=1, max_size=12).filter(
    lambda name: name not in {"pendingAction", "state", "lastUpdated", "clientName"}
)


@given(unknown=st.dictionaries(FIELD_NAMES, st.binary(max_size=40), min_size=1, max_size=8))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_fields_that_we_do_not_know_survive_every_write(
    valkey_url: str, unknown: dict[str, bytes]
) -> None:
    company = next(companies)
    key = f"dialog:{company}:{PHONE}"

    async def scenario() -> dict[bytes, bytes]:
        store = RedisDialogStore(connect(valkey_url), clock=lambda: NOW)
        async with Redis.from_url(valkey_url) as redis:
            await redis.hset(key, mapping=unknown)
            await store.remember([context(company)])
            await store.clear_pending_action(company, PHONE)
            await store.remember([context(company)], only_if_absent=True)
            await store.aclose()
            return await redis.hgetall(key)

    found = asyncio.run(scenario())
    assert unknown.items() <= {name.decode(): value for name, value in found.items()}.items()


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(client=st.dictionaries(st.text(st.characters(exclude_categories=())), JSON_VALUES))
def test_a_client_entry_keeps_all_that_it_held(client: dict[str, Any]) -> None:
    kept = {name: value for name, value in client.items() if name != "lastReactivationAt"}
    marked = marked_client(json.dumps(kept).encode(), context(1))
    assert marked is not None
    assert json.loads(marked) == kept | {
        "lastReactivationAt": "2026-03-02T09:30:15.123Z",
        "reactivationCampaign": "dormant_60",
    }


@pytest.mark.parametrize(
    "entry",
    [
        None,
        b"",
        b"null",
        b"[1]",
        b"{broken",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"lastReactivationAt": "2026-03-02T09:30:15.124Z"}',
    ],
)
def test_a_client_entry_that_is_unreadable_or_newer_is_left_alone(entry: bytes | None) -> None:
    assert marked_client(entry, context(1)) is None


async def test_a_client_entry_keeps_its_ttl_and_is_never_created(
    store: RedisDialogStore, redis: Redis, company: int
) -> None:
    other = "79990005678"
    await redis.set(f"client:{company}:{PHONE}", '{"visits":3}', ex=5000)
    await store.remember([context(company), context(company, other)])

    assert json.loads(await redis.get(f"client:{company}:{PHONE}")) == {
        "visits": 3,
        "lastReactivationAt": "2026-03-02T09:30:15.123Z",
        "reactivationCampaign": "dormant_60",
    }
    assert 4900 < await redis.ttl(f"client:{company}:{PHONE}") <= 5000
    assert not await redis.exists(f"client:{company}:{other}")


async def test_every_write_deletes_the_cached_context(
    store: RedisDialogStore, redis: Redis, company: int
) -> None:
    async def stale() -> int:
        await redis.set(f"full_ctx:{company}:{PHONE}", "{}")
        return 0

    for write in (
        lambda: store.remember([context(company)]),
        lambda: store.remember([context(company)], only_if_absent=True),
        lambda: store.clear_pending_action(company, PHONE),
        lambda: store.add_message(company, PHONE, sender="user", text="да", at=NOW, kind="text"),
    ):
        await stale()
        await write()
        assert not await redis.exists(f"full_ctx:{company}:{PHONE}")


async def test_after_a_booking_the_pending_action_is_the_text_null(
    store: RedisDialogStore, redis: Redis, company: int
) -> None:
    await store.remember([context(company)])
    await redis.expire(f"dialog:{company}:{PHONE}", 50)
    await store.clear_pending_action(company, PHONE)

    assert await redis.hget(f"dialog:{company}:{PHONE}", "pendingAction") == "null"
    assert await redis.ttl(f"dialog:{company}:{PHONE}") > DAY - 60
    assert await store.pending_action(company, PHONE) is None


async def test_clearing_a_dialog_that_is_gone_creates_none(
    store: RedisDialogStore, redis: Redis, company: int
) -> None:
    await store.clear_pending_action(company, PHONE)
    assert not await redis.exists(f"dialog:{company}:{PHONE}")


CANCELLATION = '{"type":"cancellation","bookingId":9}'


async def test_clearing_leaves_what_another_assistant_has_pending(
    store: RedisDialogStore, redis: Redis, company: int
) -> None:
    await redis.hset(f"dialog:{company}:{PHONE}", "pendingAction", CANCELLATION)
    await store.clear_pending_action(company, PHONE)
    assert await store.pending_action(company, PHONE) == {"type": "cancellation", "bookingId": 9}


@pytest.mark.parametrize("settled", [CANCELLATION, "null"])
async def test_putting_back_leaves_a_pending_action_that_is_there(
    store: RedisDialogStore, redis: Redis, company: int, settled: str
) -> None:
    await redis.hset(f"dialog:{company}:{PHONE}", mapping={"pendingAction": settled, "x": "1"})
    await store.remember([context(company)], only_if_absent=True)
    assert await redis.hgetall(f"dialog:{company}:{PHONE}") == {"pendingAction": settled, "x": "1"}


async def test_putting_back_fills_what_is_missing_and_keeps_the_rest(
    store: RedisDialogStore, redis: Redis, company: int
) -> None:
    theirs = {"clientName": "Аня", "selection": '{"service":5}', "shownSlotsAt": "x"}
    await redis.hset(f"dialog:{company}:{PHONE}", mapping=theirs)
    await store.remember([context(company)], only_if_absent=True)

    dialog = await redis.hgetall(f"dialog:{company}:{PHONE}")
    assert theirs.items() <= dialog.items()
    assert dialog["state"] == "active"
    assert json.loads(dialog["pendingAction"])["reactivationHistoryId"] == 77


async def test_a_client_without_a_name_leaves_the_name_that_is_there(
    store: RedisDialogStore, redis: Redis, company: int
) -> None:
    await redis.hset(f"dialog:{company}:{PHONE}", "clientName", "Аня")
    await store.remember([context(company, client_name=None)])
    assert await redis.hget(f"dialog:{company}:{PHONE}", "clientName") == "Аня"


@pytest.mark.parametrize("written", ["", "null", "{broken", "[1]", '"text"', "7", "[" * 100_000])
async def test_an_unreadable_pending_action_is_none(
    store: RedisDialogStore, redis: Redis, company: int, written: str
) -> None:
    await redis.hset(f"dialog:{company}:{PHONE}", "pendingAction", written)
    assert await store.pending_action(company, PHONE) is None


async def test_keys_of_another_type_are_read_as_nothing_and_replaced(
    store: RedisDialogStore, redis: Redis, company: int
) -> None:
    await redis.set(f"dialog:{company}:{PHONE}", "text")
    await redis.set(f"messages:{company}:{PHONE}", "text")
    await redis.rpush(f"client:{company}:{PHONE}", "x")
    assert await store.pending_action(company, PHONE) is None

    await store.remember([context(company)])
    assert await store.pending_action(company, PHONE) is not None
    assert await redis.llen(f"messages:{company}:{PHONE}") == 1


async def test_forgetting_deletes_every_key_of_the_phone_in_every_layout(
    store: RedisDialogStore, redis: Redis, company: int
) -> None:
    others = [f"dialog:{company}:79990005678", f"dialog:{company + 10_000}:{PHONE}"]
    for prefix in PREFIXES:
        for middle in ("", "whatsapp:", "telegram:"):
            await redis.set(f"{prefix}:{company}:{middle}{PHONE}", "x")
    for key in others:
        await redis.set(key, "x")

    await store.forget(company, PHONE)

    assert await redis.keys(f"*:{company}:*{PHONE}") == []
    assert await redis.exists(*others) == 2


async def test_more_contexts_than_one_batch_are_all_remembered(
    store: RedisDialogStore, redis: Redis, company: int
) -> None:
    contexts = [context(company, f"7999000{i:04d}") for i in range(1200)]
    await store.remember(contexts)
    assert len(await redis.keys(f"dialog:{company}:*")) == 1200
    assert len(await redis.keys(f"messages:{company}:*")) == 1200
    await store.remember([])


async def test_a_server_that_is_gone_is_unavailable_and_no_phone_is_told(tmp_path: Path) -> None:
    store = RedisDialogStore(connect(f"unix://{tmp_path}/none"), clock=lambda: NOW)
    for call in (
        store.remember([context(1)]),
        store.pending_action(1, PHONE),
        store.clear_pending_action(1, PHONE),
        store.forget(1, PHONE),
    ):
        with pytest.raises(UnavailableError, match="check REDIS_URL") as caught:
            await call
        assert PHONE not in str(caught.value)
    await store.aclose()


async def test_a_server_that_refuses_is_unavailable_and_no_phone_is_told(tmp_path: Path) -> None:
    url = f"unix://{tmp_path}/s"
    with running_valkey(tmp_path, "--port", "0", "--unixsocket", f"{tmp_path}/s"):
        store = RedisDialogStore(connect(url), clock=lambda: NOW)
        async with Redis.from_url(url) as redis:
            await redis.config_set("maxmemory", "1")
        with pytest.raises(UnavailableError) as caught:
            await store.remember([context(1)])
        assert PHONE not in str(caught.value)
        await store.aclose()


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


async def ready_cluster(redis: Redis) -> None:
    await redis.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
    while "cluster_state:ok" not in str(await redis.execute_command("CLUSTER", "INFO")):  # noqa: ASYNC110
        await asyncio.sleep(0.05)


async def test_a_cluster_takes_the_same_writes_key_by_key(tmp_path: Path) -> None:
    port, bus = free_ports(2)
    url = f"redis://127.0.0.1:{port}"
    options = ["--cluster-enabled", "yes", "--port", str(port), "--cluster-port", str(bus)]
    with running_valkey(tmp_path, "--bind", "127.0.0.1", *options):
        store = RedisDialogStore(connect(url, cluster=True), clock=lambda: NOW)
        async with Redis.from_url(url, decode_responses=True) as redis:
            await ready_cluster(redis)
            await redis.set(f"client:1:{PHONE}", '{"visits":3}')
            await redis.set(f"full_ctx:1:{PHONE}", "{}")
            await store.remember([context(1), context(2)])

            assert (await store.pending_action(2, PHONE) or {})["type"] == "reactivation_response"
            assert json.loads(await redis.get(f"client:1:{PHONE}"))["visits"] == 3
            assert not await redis.exists(f"full_ctx:1:{PHONE}")
            await store.clear_pending_action(2, PHONE)
            assert await store.pending_action(2, PHONE) is None
            await store.forget(1, PHONE)
            assert await redis.keys("*:1:*") == []
        await store.aclose()


async def test_a_redis_that_lost_everything_asks_to_be_restored_and_once_restored_does_not(
    store, redis
):
    assert await store.needs_restoring()
    await store.mark_restored()
    assert not await store.needs_restoring()
    await redis.flushall()
    assert await store.needs_restoring()
