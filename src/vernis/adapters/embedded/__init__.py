"""PostgreSQL and Valkey of our own, for whoever sets neither DATABASE_URL nor REDIS_URL.

The servers live in the data folder and listen on Unix sockets only, so no port can be in use.
Any number of processes share them. A process holds a shared file lock for as long as it uses a
server; a small supervisor (`python -m vernis.adapters.embedded`) owns the server, starts it
again when it dies, and ends with it soon after the last lock is gone. The kernel drops the lock
of a killed process, so there is no counter that could be wrong.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from vernis.adapters.embedded.joining import joined
from vernis.adapters.embedded.place import Place

__all__ = ["Servers", "running"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Servers:
    """Where the servers of a data folder answer; a text is empty for one not asked for."""

    database_url: str  # postgresql://vernis@/vernis?host=FOLDER: the superuser of the cluster
    redis_url: str  # unix:///PATH/valkey.sock


@contextmanager
def running(
    home: Path, *, postgres: bool = True, valkey: bool = True, durable: bool = True
) -> Iterator[Servers]:
    """Keep the servers of this data folder up while the block runs; they answer on entry.

    Blocks for about 0.2 s, the first time about a second. `durable=False` gives up what was
    written last when the machine (not the process) fails, for the speed of tests; it counts only
    for the process that happens to start the server.

    Raises ConfigError where the folder cannot be used, UnavailableError where a server does not
    start.
    """
    with ExitStack() as stack:

        def url(name: str) -> str:
            place = Place(home=home.expanduser().resolve(), name=name)
            return stack.enter_context(joined(place, durable=durable))

        yield Servers(
            database_url=url("postgres") if postgres else "",
            redis_url=url("valkey") if valkey else "",
        )
