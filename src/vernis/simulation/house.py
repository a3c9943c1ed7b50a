"""Where a rehearsal lives: servers and a data folder of its own, never those of the real work."""

import fcntl
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from vernis.adapters.embedded import running
from vernis.config import Settings
from vernis.errors import ConfigError, UsageError

NAME = "demo"  # of the folder inside the data folder
_PATIENCE = 10.0  # seconds for servers to stop before their folder goes


@contextmanager
def house(settings: Settings, *, keep: bool) -> Iterator[Settings]:
    """Settings with fresh, empty servers in HOME/demo, or in a folder that goes afterwards.

    Whatever a rehearsal left in HOME/demo is dropped first: the same seed gives the same ids.
    DATABASE_URL and REDIS_URL are not touched. Raises UsageError where another one is running.
    """
    folder = _kept(settings.home / NAME) if keep else _passing()
    with folder as home, running(home, durable=False) as servers:
        _empty(servers.database_url)
        _flush(servers.redis_url)
        urls = {"database_url": servers.database_url, "redis_url": servers.redis_url}
        yield settings.model_copy(update={"home": home, "redis_platform": None, **urls})


def gather_statistics(database_url: str) -> None:
    """What autovacuum does within a minute; a simulation lives through a month in that time."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("ANALYZE")


@contextmanager
def _kept(home: Path) -> Iterator[Path]:
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (home / "rehearsal.lock").open("w")
    except OSError as error:
        raise ConfigError(
            f"The data folder {home} cannot be used ({error.strerror}): set VERNIS_HOME to a"
            " folder of your own."
        ) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(
                f"Another demo is running in {home}: wait for it, or use --once."
            ) from None
        yield home


@contextmanager
def _passing() -> Iterator[Path]:
    # A short path: sockets are in it.
    home = Path(tempfile.mkdtemp(prefix="vernis-"))
    try:
        yield home
    finally:
        deadline = time.monotonic() + _PATIENCE
        while any((home / "run").glob("*.json")) and time.monotonic() < deadline:
            time.sleep(0.1)
        shutil.rmtree(home, ignore_errors=True)


def _empty(url: str) -> None:
    """Put a new, empty database in place of the one that this URL names."""
    before, _, query = url.partition("?")
    server, _, own = before.rpartition("/")
    name = sql.Identifier(own)
    with psycopg.connect(f"{server}/postgres?{query}", autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(name))


def _flush(url: str) -> None:
    from redis import Redis

    with Redis.from_url(url) as connection:
        connection.flushall()
