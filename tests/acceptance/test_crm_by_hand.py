"""A salon whose calendar is in YClients, by hand: connect, sync, intervals, plan, run, reply."""

import signal
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from command_line import Typed, Vernis
from redis import Redis
from tests.crm.yclients_salon import make_world
from tests.crm.yclients_server import How, YClients, in_a_thread

MOSCOW = ZoneInfo("Europe/Moscow")
TOMORROW = datetime.now(MOSCOW).date() + timedelta(days=1)
NOON = datetime.combine(TOMORROW, datetime.min.time(), MOSCOW) + timedelta(hours=12)
CONSENT = ["consent_basis=a form signed at the first visit", "consent_basis_on=2020-01-01"]


@pytest.fixture
def crm() -> Iterator[YClients]:
    world = make_world(clients=40, records=500, now=NOON.astimezone(UTC))
    with in_a_thread(world) as server:
        yield server


@pytest.fixture
def vernis_here(tmp_path: Path, database_url: str, redis_url: str, crm: YClients) -> Vernis:
    """Another process at each command, on the servers of the whole test run."""
    with Redis.from_url(redis_url) as redis:
        redis.flushdb()
    environment = {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "VERNIS_YCLIENTS_BASE_URL": crm.base_url,
        "VERNIS_YCLIENTS_PARTNER_TOKEN": crm.partner_token,
        "VERNIS_YCLIENTS_USER_TOKEN": crm.user_token,
        "VERNIS_YCLIENTS_PER_SECOND": "0",
        "VERNIS_YCLIENTS_PER_MINUTE": "0",
    }
    return Vernis(tmp_path / "home", environment)


@pytest.fixture
def typed_here(vernis_here: Vernis, type_at: Callable[[Vernis], Typed]) -> Typed:
    return type_at(vernis_here)


@pytest.fixture
def rows(database_url: str) -> Iterator[Callable[..., list[tuple[Any, ...]]]]:
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield lambda query, *values: connection.execute(query, values).fetchall()


def test_from_the_connection_to_a_booking_each_command_a_process(
    vernis_here: Vernis,
    typed_here: Typed,
    crm: YClients,
    rows: Callable[..., list[tuple[Any, ...]]],
) -> None:
    vernis, typed, salon = vernis_here, typed_here, str(crm.world.company.id)
    assert "/webhooks/yclients/1-" in vernis("connect", "yclients", "--salon", salon)
    assert "records: 500 read" in vernis("sync")
    typed("set", *CONSENT, "public_holidays=no", "holdout_percent=0")
    vernis("intervals")
    assert "due" in vernis("plan", "--on", str(TOMORROW))
    vernis("run", "--on", str(TOMORROW))
    ((phone, reactivation),) = rows(
        "SELECT phone, id FROM client_reactivation_history WHERE state = 'accepted'"
        " ORDER BY id LIMIT 1"
    )
    before = set(crm.world.records)
    at = f"{TOMORROW}T12:00"
    vernis("reply", phone, "Да, запишите меня", "--at", at)
    vernis("reply", phone, "Первый вариант подходит", "--at", at)
    made = [crm.world.records[one] for one in crm.world.records.keys() - before]
    assert len(made) == 1
    typed("sync")
    assert rows(
        "SELECT origin, external_key, state FROM bookings WHERE reactivation_id = %s", reactivation
    ) == [("crm", str(made[0].id), "booked")]
    status = typed.json("sync", "--status")
    assert status["state"] == "connected"
    assert [one["error"] for one in status["entities"]] == [None] * 6
    assert crm.refused == []


def test_a_sync_killed_at_a_page_goes_on_at_that_page(
    vernis_here: Vernis, typed_here: Typed, crm: YClients
) -> None:
    typed_here("connect", "yclients", "--salon", str(crm.world.company.id))
    looked = len(crm.seen)
    crm.misbehave(How.SLOW, path="/records", after=2, seconds=60)
    process = vernis_here.start("sync")
    while sum("/records/" in one.path for one in crm.seen[looked:]) < 3:  # this one hangs
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    crm.be_reliable()
    read = [(one.name, str(one.query)) for one in crm.seen[looked:]]
    again = len(crm.seen)
    assert "records: 500 read" in typed_here("sync")
    went_on = [(one.name, str(one.query)) for one in crm.seen[again:]]
    assert went_on[0] == read[-1]
    repeated = [one for one in went_on if one in read[:-1]]
    # whose schedules there are is asked of the list of staff
    assert [name for name, _ in repeated] == [f"GET /company/{crm.world.company.id}/staff/"]


def test_what_does_not_work_is_one_sentence(typed_here: Typed, crm: YClients) -> None:
    typed, salon = typed_here, str(crm.world.company.id)
    right = typed.environment.pop("VERNIS_YCLIENTS_USER_TOKEN")
    assert "token" in typed("connect", "yclients", "--salon", salon, code=2)
    assert "one word" in typed("connect", "yclients", "--salon", salon, stdin="a b\n", code=2)
    wrong = typed("connect", "yclients", "--salon", salon, stdin="wrong\n", code=2)
    assert "401" in wrong
    assert len(wrong.splitlines()) == 1
    crm.users[right].lacks = {"records"}
    assert "403" in typed("connect", "yclients", "--salon", salon, stdin=f"{right}\n", code=2)
    crm.users[right].lacks = set()
    assert typed.json("companies") == []
    assert "yclients" in typed("connect", "excel", "--salon", "1", stdin="x\n", code=2)

    services = dict(crm.world.services)
    crm.world.services.clear()
    said = typed("connect", "yclients", "--salon", salon, stdin=f"{right}\n")
    assert "no services" in said
    assert "no services" in typed("sync")
    crm.world.services.update(services)

    crm.revoke(right)
    assert "401" in typed("sync", code=2)
    assert "vernis connect yclients" in typed("sync", code=1)
    assert "disconnected" in typed("sync", "--status")
    assert "it is disconnected" in typed("notices")
    assert "was disconnected already" in typed("disconnect")
