"""The real command line, in a data folder of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from command_line import Typed, Vernis
from redis import Redis

from vernis.adapters.embedded import running


@pytest.fixture
def type_at(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[Vernis], Typed]:
    """To go on in this process where processes have begun."""
    return lambda at: Typed(at.home, at.environment, monkeypatch=monkeypatch, capsys=capsys)


@pytest.fixture
def typed(
    tmp_path: Path, database_url: str, redis_url: str, type_at: Callable[[Vernis], Typed]
) -> Typed:
    """On the servers of the whole test run."""
    with Redis.from_url(redis_url) as redis:
        redis.flushdb()
    urls = {"DATABASE_URL": database_url, "REDIS_URL": redis_url}
    return type_at(Vernis(tmp_path / "home", urls))


@pytest.fixture
def vernis(tmp_path: Path) -> Iterator[Vernis]:
    """Its servers stay up for the whole test, as a worker would keep them."""
    home = tmp_path / "home"
    with running(home, durable=False):
        yield Vernis(home)
