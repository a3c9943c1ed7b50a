"""`vernis up` as it runs: several at once, stopped, killed."""

import asyncio
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest
from workers import House, Worker, house, open_salon, until

from vernis.adapters.postgres import Database
from vernis.domain import Inbound
from vernis.stages import companies, receiving

CLIENTS = 120  # two batches


@pytest.fixture
def salon(tmp_path: Path, database_url: str, redis_url: str) -> Iterator[House]:
    with house(tmp_path, database_url, redis_url) as built:
        open_salon(built, clients=CLIENTS)
        yield built


def test_two_workers_that_lost_their_connections_send_to_each_client_once(
    tmp_path: Path, database_url: str, redis_url: str
) -> None:
    with house(tmp_path, database_url, redis_url) as built:
        workers = [built.start(), built.start()]
        for worker in workers:
            until(worker.is_up, "both are up")
        built.cut_connections()
        open_salon(built, clients=CLIENTS)
        until(built.is_all_sent, "everything is sent")
        states = built.states()
        assert set(states) == {"accepted", "held_out"}
        assert sum(states.values()) == CLIENTS
        assert set(built.copies().values()) == {1}
        assert len(built.copies()) == states["accepted"]

        memory = [psutil.Process(worker.pid).memory_info().rss for worker in workers]
        assert max(memory) < 200_000_000
        assert [worker.end() for worker in workers] == [0, 0]
        assert "7999" not in "".join(worker.log.read_text() for worker in workers)


def test_a_worker_answers_a_clients_burst_of_messages_once(salon: House) -> None:
    salon.start(VERNIS_BURST_SECONDS="1")
    until(salon.is_all_sent, "everything is sent")
    asyncio.run(_say(salon, "добрый день", "спасибо, больше не пишите мне"))
    until(lambda: salon.query("SELECT 1 FROM opt_outs"), "the client is opted out")
    until(
        lambda: salon.query(
            "SELECT 1 FROM messages WHERE direction = 'out' AND state = 'accepted'"
        ),
        "the answer is sent",
    )
    assert salon.query("SELECT count(*) FROM messages WHERE direction = 'out'") == [(1,)]
    assert salon.query("SELECT count(*) FROM messages WHERE state = 'handled'") == [(2,)]


def test_sigterm_lets_the_messages_under_way_finish(salon: House) -> None:
    salon.misbehave(slow_ms=1500)
    worker = salon.start()
    until(lambda: salon.states()["claimed"], "a batch is under way")
    asked = time.monotonic()
    assert worker.end(signal.SIGTERM) == 0
    assert time.monotonic() - asked < 10
    states = salon.states()
    assert states["claimed"] == 0
    assert states["accepted"] > 0
    assert states["accepted"] == len(salon.copies())


def test_sigint_hands_back_what_takes_too_long(salon: House) -> None:
    salon.misbehave(slow_ms=60_000)
    worker = salon.start(VERNIS_GRACE_SECONDS="0.5")
    until(lambda: salon.states()["claimed"], "a batch is under way")
    asked = time.monotonic()
    assert worker.end(signal.SIGINT) == 0
    assert time.monotonic() - asked < 10
    assert set(salon.states()) == {"written", "held_out"}


def test_a_second_signal_ends_at_once(salon: House) -> None:
    salon.misbehave(slow_ms=60_000)
    worker = salon.start()
    until(lambda: salon.states()["claimed"], "a batch is under way")
    worker.process.terminate()
    worker.process.terminate()  # may melt into the first
    time.sleep(0.2)
    assert worker.end(signal.SIGTERM) == 128 + signal.SIGTERM


def test_a_worker_killed_in_the_middle_changes_nothing_in_the_end(salon: House) -> None:
    other = _kill_in_the_middle(salon)
    until(salon.is_all_sent, "the other one sends the rest")
    after_kill, report_after_kill = salon.outcome(), salon.report()
    assert len(after_kill) == CLIENTS
    assert set(salon.states()) == {"accepted", "held_out"}
    assert set(salon.copies().values()) == {1}

    # the same day again, without the kill
    salon.query("DELETE FROM client_reactivation_history")
    salon.query("UPDATE companies SET planned_on = NULL")
    until(salon.is_all_sent, "all is sent again")
    assert salon.outcome() == after_kill
    assert salon.report() == report_after_kill
    assert other.end() == 0


def test_over_a_channel_that_would_repeat_a_killed_batch_stays_unknown(salon: House) -> None:
    _kill_in_the_middle(salon, VERNIS_SANDBOX_FORGETFUL="1")
    until(salon.is_all_sent, "the other one sends the rest")
    states = salon.states()
    assert states["unknown"] == 100
    assert set(salon.copies().values()) == {1}
    assert len(salon.copies()) == states["unknown"] + states["accepted"]


def _kill_in_the_middle(salon: House, **settings: str) -> Worker:
    """The worker that is left, after the lease of what the killed one held has run out."""
    salon.misbehave(slow_ms=60_000)
    killed = salon.start(**settings)
    until(lambda: salon.states()["claimed"] and salon.copies(), "a batch is under way")
    other = salon.start(**settings)
    until(other.is_up, "the other worker is up")
    killed.end(signal.SIGKILL)
    salon.misbehave(slow_ms=0)
    salon.query("UPDATE client_reactivation_history SET claimed_at = claimed_at - interval '3 min'")
    return other


async def _say(salon: House, *texts: str) -> None:
    phone, account_id = salon.query("SELECT phone, account_id FROM sandbox_messages LIMIT 1")[0]
    async with Database(salon.database_url, size=1) as db:
        company = await companies.get(db, 1)
        now = datetime.now(UTC)
        for number, text in enumerate(texts):
            inbound = Inbound(
                account_id=account_id,
                provider_message_id=f"in-{number}",
                received_at=now,
                phone=phone,
                text=text,
            )
            await receiving.receive(
                db, company, inbound, now=now, hash_phone=lambda phone: phone.encode().rjust(32)
            )
