"""Figures that are not counted at each question, and the port of a worker without the web."""

import asyncio
from collections.abc import Callable

import httpx2
import psycopg
import pytest
from pydantic import SecretStr

from vernis import tracing
from vernis.config import Settings
from vernis.errors import ConfigError
from vernis.web import metrics, watching
from vernis.web.watching import Fresh

TOKEN = "obviously-a-fake-token"


class Counting:
    """A question that takes a while, or fails."""

    def __init__(self, *, seconds: float = 0.0, fault: Exception | None = None) -> None:
        self.asked, self.seconds, self.fault = 0, seconds, fault

    async def __call__(self) -> int:
        self.asked += 1
        await asyncio.sleep(self.seconds)
        if self.fault is not None:
            raise self.fault
        return self.asked


@pytest.fixture
def turn(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Turns the clock on."""
    now = [1000.0]
    monkeypatch.setattr(watching, "monotonic", lambda: now[0])

    def on(seconds: float) -> None:
        now[0] += seconds

    return on


async def test_an_answer_is_kept_for_some_seconds(turn: Callable[[float], None]) -> None:
    fresh = Fresh(ask := Counting())
    first = [await fresh.get() for _ in range(3)]
    turn(watching.FRESH_SECONDS)

    assert first == [1, 1, 1]
    assert await fresh.get() == 2
    assert ask.asked == 2


async def test_many_that_ask_at_once_are_one_question() -> None:
    fresh = Fresh(ask := Counting(seconds=0.01))

    assert await asyncio.gather(*(fresh.get() for _ in range(20))) == [1] * 20
    assert ask.asked == 1


async def test_the_longer_an_answer_takes_the_longer_it_is_kept(
    turn: Callable[[float], None],
) -> None:
    class Slow(Counting):
        async def __call__(self) -> int:
            turn(2.0)
            return await super().__call__()

    fresh = Fresh(ask := Slow())
    await fresh.get()
    turn(2.0 * watching.SHARE - 1)
    await fresh.get()
    assert ask.asked == 1
    turn(2.0)
    await fresh.get()
    assert ask.asked == 2


async def test_who_waits_too_long_gets_the_last_answer(
    turn: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = Fresh(ask := Counting())
    await fresh.get()
    turn(watching.FRESH_SECONDS)
    ask.seconds = 0.05
    monkeypatch.setattr(watching, "SECONDS", 0.0)

    assert await fresh.get() == 1
    await asyncio.sleep(0.1)
    assert await fresh.get() == 2


async def test_what_cannot_be_counted_is_not_known_and_asked_again_later(
    turn: Callable[[float], None],
) -> None:
    fresh = Fresh(ask := Counting(fault=psycopg.OperationalError("away")))
    assert await fresh.get() is None
    ask.fault = None
    assert await fresh.get() is None
    turn(watching.FRESH_SECONDS)
    assert await fresh.get() == 2


# --- a worker's port ---------------------------------------------------------------------------


async def beside(settings: Settings, *asked: dict[str, str]) -> list[httpx2.Response]:
    """What a worker's port answers, with these headers."""
    stop = asyncio.Event()

    async def stopped() -> None:
        await stop.wait()

    served = metrics.Beside(settings)
    serving = asyncio.create_task(served(None, stopped))  # type: ignore[arg-type]
    try:
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{served.port}") as client:
            found = [await client.get("/metrics", headers=headers) for headers in asked]
            return [*found, await client.get("/")]
    finally:
        stop.set()
        await serving


async def test_a_worker_tells_what_it_measured_and_no_figure_of_the_tables() -> None:
    with tracing.span("sweep"):
        pass
    said, other = await beside(Settings(metrics_port=0), {})

    assert said.status_code == 200
    assert "vernis_sweep_duration_seconds_count" in said.text
    assert "vernis_accounts" not in said.text
    assert other.status_code == 404


async def test_a_workers_port_wants_the_token_where_one_is_set() -> None:
    settings = Settings(metrics_port=0, metrics_token=SecretStr(TOKEN))
    right = {"Authorization": f"Bearer {TOKEN}"}
    answers = await beside(settings, {}, {"Authorization": "Bearer no"}, right)

    assert [answer.status_code for answer in answers] == [401, 401, 200, 404]


def test_a_port_for_all_the_world_wants_a_token() -> None:
    with pytest.raises(ConfigError, match="VERNIS_METRICS_TOKEN"):
        metrics.Beside(Settings(metrics_port=0, metrics_host="0.0.0.0"))


async def test_a_port_that_is_taken_is_said_in_one_sentence() -> None:
    first = metrics.Beside(Settings(metrics_port=0))
    try:
        with pytest.raises(ConfigError, match="VERNIS_METRICS_PORT") as fault:
            metrics.Beside(Settings(metrics_port=first.port))
    finally:
        first._server.server_close()
    assert str(first.port) in str(fault.value)
