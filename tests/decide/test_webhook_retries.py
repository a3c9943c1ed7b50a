"""What becomes of a delivery by how it was answered."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from vernis.decide.webhook_retries import DELAYS, HELD, Answered, judge

NOW = datetime(2024, 4, 1, 9, tzinfo=UTC)
AWAY = Answered(fault="not_connected")
FAULT = Answered(status=500)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_is_a_delivery(status: int) -> None:
    verdict = judge(Answered(status=status), attempts=1, now=NOW, chance=0.5)
    assert verdict.state == "delivered"


@pytest.mark.parametrize("status", [100, 301, 302, 307, 400, 401, 404, 408, 429, 500, 503])
def test_everything_else_is_tried_again(status: int) -> None:
    verdict = judge(Answered(status=status), attempts=1, now=NOW, chance=0.5)
    assert (verdict.state, verdict.retry_at) == ("waiting", NOW + timedelta(seconds=10))


def test_410_is_gone_at_once() -> None:
    verdict = judge(Answered(status=410), attempts=1, now=NOW, chance=0.5)
    assert (verdict.state, verdict.is_gone) == ("failed", True)


def test_the_delays_grow_and_end_after_about_a_day() -> None:
    waits = []
    for attempts in range(1, len(DELAYS) + 1):
        retry_at = judge(FAULT, attempts=attempts, now=NOW, chance=0.5).retry_at
        assert retry_at is not None
        waits.append(retry_at - NOW)
    assert waits == sorted(waits)
    assert timedelta(days=1) < sum(waits, timedelta()) < timedelta(hours=30)
    assert judge(FAULT, attempts=len(DELAYS) + 1, now=NOW, chance=0.5).state == "failed"


@given(some.integers(1, len(DELAYS)), some.floats(0, 1))
def test_a_delay_is_off_by_a_fifth_at_most(attempts: int, chance: float) -> None:
    retry_at = judge(FAULT, attempts=attempts, now=NOW, chance=chance).retry_at
    assert retry_at is not None
    share = (retry_at - NOW) / DELAYS[attempts - 1]
    assert 0.799 < share < 1.201


@pytest.mark.parametrize(
    ("asked", "waits"),
    [
        (timedelta(seconds=1), timedelta(seconds=10)),  # never sooner than we would
        (timedelta(minutes=7), timedelta(minutes=7)),
        (timedelta(days=9), timedelta(hours=12)),
    ],
)
def test_a_retry_after_is_obeyed_within_reason(asked: timedelta, waits: timedelta) -> None:
    answered = Answered(status=429, retry_after=asked)
    verdict = judge(answered, attempts=1, now=NOW, chance=0.5)
    assert verdict.retry_at == verdict.held_until == NOW + waits


@pytest.mark.parametrize(
    ("answered", "held"),
    [
        (AWAY, HELD),
        (Answered(fault="timed_out"), HELD),
        (Answered(status=503), HELD),
        (FAULT, None),  # this event is the trouble, maybe, and another one is not
        (Answered(status=404), None),
    ],
)
def test_a_receiver_that_is_away_holds_the_others_back_for_minutes_only(
    answered: Answered, held: timedelta | None
) -> None:
    verdict = judge(answered, attempts=6, now=NOW, chance=0.5)
    assert verdict.held_until == (held and NOW + held)
