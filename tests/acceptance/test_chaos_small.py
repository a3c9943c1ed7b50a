"""The promises about messages, each at a small size; `make chaos` proves them at full size."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "chaos"))

import flood
import forgeries
import kills
import lost_answers
import pace
from ground import Ground, ground, mother

POINTS = (
    "claim: after its commit",
    "call: answer there, not read",
    "webhook: stored, not answered",
    "answer: called, not settled",
)
QUICKER = {
    "VERNIS_SWEEP_SECONDS": "0.3",
    "VERNIS_HEARTBEAT_SECONDS": "0.3",
    "VERNIS_BURST_SECONDS": "0.1",
    "CHAOS_LEASE_SECONDS": "1",
}


@pytest.fixture(scope="module")
def forked() -> Iterator["subprocess.Popen[str]"]:
    with mother() as process:
        yield process


@pytest.fixture
def salons(forked, tmp_path: Path, database_url: str, redis_url: str) -> Iterator[Ground]:
    with ground(tmp_path, database_url, redis_url, forked) as built:
        yield built


def test_whoever_is_killed_and_wherever_no_client_hears_twice_and_nobody_is_lost(
    salons: Ground,
) -> None:
    found = kills.run(salons, seed=7, clients=24, points=POINTS, workers=2, **QUICKER)
    assert found.faults == []
    assert sorted(found.points) == sorted(POINTS)


def test_an_answer_that_is_lost_is_not_asked_for_again(salons: Ground) -> None:
    port = kills.free_port()
    lost = lost_answers.lose(salons, messages=6, port=port, workers=1, restarts=1, **QUICKER)
    assert asyncio.run(lost).faults == []


def test_a_webhook_that_comes_again_and_again_is_stored_and_answered_once(salons: Ground) -> None:
    found = asyncio.run(flood.flood(salons, messages=20, times=5, **QUICKER))
    assert found.faults == []


def test_eight_senders_that_are_killed_keep_every_limit_of_their_number(salons: Ground) -> None:
    limits = pace.Limits(gap_seconds=90, daily=6, hourly=4, new_chats=3, known=4)
    raced = pace.race(salons, seconds=2.5, speed=2000, clients=30, limits=limits, kills=4)
    assert asyncio.run(raced).faults == []


@pytest.mark.parametrize("scheme", forgeries.SCHEMES, ids=lambda scheme: scheme.name)
def test_no_forged_signature_is_accepted(scheme: forgeries.Scheme) -> None:
    assert forgeries.forged(scheme, mutations=300) == 0


async def test_a_body_that_makes_no_sense_is_no_fault_of_ours(
    tmp_path: Path, database_url: str, redis_url: str
) -> None:
    with ground(tmp_path, database_url, redis_url) as built:
        built.open_salons()
        built.query(forgeries.ACCOUNTS)
        async with forgeries.opened(tmp_path, database_url, redis_url) as app:
            found = await forgeries.pester(app, bodies=200)
    assert found.faults == []
