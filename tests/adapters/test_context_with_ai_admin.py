"""AI Admin v2 (Node.js with ioredis) and Vernis on the same keys."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from ai_admin import AiAdmin, install, running_ai_admin, running_valkey

from vernis.adapters.context import PENDING_ACTION, RedisDialogStore, connect
from vernis.ports import ReactivationContext

PHONE = "79990001234"
DAY = 24 * 60 * 60
SENT_AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ACTION = {
    "type": "reactivation_response",
    "campaign": "dormant_60",
    "daysInactive": 61,
    "lastVisitDate": "2025-12-31",
    "suggestedService": {"id": 5, "name": "Стрижка"},
    "intervalDays": 35,
    "intervalSource": "personal",
    "confidence": 0.8,
    "messageSent": "Анна, ждём вас 💅",
    "messageSentAt": "2026-03-02T09:30:00.000Z",
    "reactivationHistoryId": 77,
}
companies = itertools.count(1)


@pytest.fixture(scope="session")
def valkey_url() -> Iterator[str]:
    with TemporaryDirectory() as folder:
        socket_path = f"{folder}/s"
        with running_valkey(Path(folder), "--port", "0", "--unixsocket", socket_path):
            yield f"unix://{socket_path}"


@pytest.fixture(scope="session")
def ioredis() -> None:
    install()


@pytest.fixture
async def ai_admin(valkey_url: str, ioredis: None) -> AsyncIterator[AiAdmin]:
    async with running_ai_admin(valkey_url) as process:
        yield process


@pytest.fixture(params=[None, "whatsapp"], ids=["plain", "with platform"])
async def store(valkey_url: str, request: pytest.FixtureRequest) -> AsyncIterator[RedisDialogStore]:
    store = RedisDialogStore(
        connect(valkey_url), clock=lambda: datetime.now(UTC), platform=request.param
    )
    yield store
    await store.aclose()


@pytest.fixture
def company() -> int:
    return next(companies)


@pytest.fixture
def dialog(company: int, request: pytest.FixtureRequest, store: RedisDialogStore) -> str:
    """What AI Admin calls this dialog's keys after their prefix."""
    platform = request.node.callspec.params["store"]
    return f"{company}:{platform}:{PHONE}" if platform else f"{company}:{PHONE}"


def context(company: int, *, history_id: int = 77, minutes: int = 0) -> ReactivationContext:
    action: dict[str, Any] = ACTION | {"reactivationHistoryId": history_id}
    return ReactivationContext(
        company_id=company,
        phone=PHONE,
        client_name="Анна",
        pending_action=action,
        text=str(ACTION["messageSent"]),
        sent_at=SENT_AT + timedelta(minutes=minutes),
    )


async def test_ai_admin_reads_what_vernis_wrote(
    ai_admin: AiAdmin, store: RedisDialogStore, company: int, dialog: str
) -> None:
    await ai_admin.ask("cache", id=dialog, client={"visits": [1, 2], "notes": []}, ttl=600_000)
    await store.remember([context(company)])

    seen = await ai_admin.ask("read", id=dialog)

    assert seen["dialog"]["pendingAction"] == ACTION
    assert seen["pendingActionFields"] == list(PENDING_ACTION)
    assert seen["dialog"]["state"] == "active"
    assert seen["dialog"]["clientName"] == "Анна"
    assert seen["dialog"]["selection"] == {}
    assert seen["messages"] == [
        {
            "sender": "bot",
            "type": "reactivation",
            "text": ACTION["messageSent"],
            "timestamp": ACTION["messageSentAt"],
        }
    ]
    assert seen["client"] == {
        "visits": [1, 2],
        "notes": [],
        "lastReactivationAt": ACTION["messageSentAt"],
        "reactivationCampaign": "dormant_60",
    }
    assert seen["full_ctx"] is None
    assert DAY - 60 < seen["ttl"]["dialog"] <= DAY
    assert DAY - 60 < seen["ttl"]["messages"] <= DAY
    assert 599_000 < seen["ttl"]["client"] <= 600_000

    await store.clear_pending_action(company, PHONE)
    assert (await ai_admin.ask("read", id=dialog))["dialog"]["pendingAction"] is None


async def test_vernis_reads_and_keeps_what_ai_admin_wrote(
    ai_admin: AiAdmin, store: RedisDialogStore, company: int, dialog: str
) -> None:
    theirs = {
        "pendingAction": '{"type":"cancellation","bookingId":9}',
        "askedForTimeSelection": "true",
        "askedForTimeAt": "2026-03-02T09:00:00.000Z",
        "somethingNew": "ы",
    }
    selection = {"service": 5, "staff": None, "date": "2026-03-07"}
    await ai_admin.ask("update", id=dialog, fields=theirs, selection=selection)
    said = {"sender": "user", "text": "да", "timestamp": "2026-03-02T10:00:00.000Z"}
    await ai_admin.ask("message", id=dialog, message=said)
    assert await store.pending_action(company, PHONE) == {"type": "cancellation", "bookingId": 9}

    await store.remember([context(company)])

    seen = await ai_admin.ask("read", id=dialog)
    kept = {name: seen["dialog"][name] for name in theirs}
    assert kept == theirs | {"pendingAction": ACTION}
    assert seen["dialog"]["selection"] == {"service": 5, "date": "2026-03-07"}
    assert seen["dialog"]["pendingAction"] == ACTION
    assert [message["text"] for message in seen["messages"]] == ["да", ACTION["messageSent"]]


async def test_a_write_between_ai_admins_read_and_its_write_makes_it_try_again(
    ai_admin: AiAdmin, store: RedisDialogStore, company: int, dialog: str
) -> None:
    await ai_admin.ask("update", id=dialog, selection={"service": 5})
    await ai_admin.tell("pausedUpdate", id=dialog, selection={"time": "16:00"})
    assert await ai_admin.answer() == {"paused": True}
    await store.remember([context(company)])

    assert await ai_admin.ask("go on") == {"conflicts": 1}

    seen = await ai_admin.ask("read", id=dialog)
    assert seen["dialog"]["pendingAction"] == ACTION
    assert seen["dialog"]["selection"] == {"service": 5, "time": "16:00"}


async def test_200_updates_from_each_side_lose_nothing(
    ai_admin: AiAdmin, store: RedisDialogStore, company: int, dialog: str
) -> None:
    race = asyncio.create_task(ai_admin.ask("race", id=dialog, times=200))
    for i in range(200):
        await store.remember([context(company, history_id=i, minutes=i)])
        pending = await store.pending_action(company, PHONE)
        assert pending is not None
        assert pending["reactivationHistoryId"] == i
    await race

    seen = await ai_admin.ask("read", id=dialog)
    assert seen["dialog"]["nodeCount"] == "200"
    assert seen["dialog"]["selection"] == {"service": "s199"}
    assert seen["dialog"]["pendingAction"]["reactivationHistoryId"] == 199
    assert len(seen["messages"]) == 50
