"""`vernis` that kills itself with SIGKILL at a named point: `python victim.py up`, `... web`.

The product knows nothing of this: its functions and the ends of its transactions are wrapped here,
in the child. The file `armed` in CHAOS_DIR names a point and how many passages to let by; whoever
reaches the point renames the file, so of all processes exactly one dies.
"""

import functools
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Any

REQUEST_OUT = 0.01  # seconds after which a request has been written, and not yet answered

_passages: Counter[str] = Counter()


def passed(point: str) -> None:
    """A passage of this point; the last one, if the point is armed and its turn has come."""
    here = Path(os.environ["CHAOS_DIR"])
    try:
        armed = (here / "armed").read_text()
    except FileNotFoundError:
        return
    name, _, count = armed.partition("\t")
    if name != point:
        return
    _passages[armed] += 1
    if _passages[armed] <= int(count.split()[0]):
        return
    try:
        (here / "armed").rename(here / f"died-{os.getpid()}")
    except FileNotFoundError:
        return  # another process was faster
    os.kill(os.getpid(), signal.SIGKILL)


# --- the ends of transactions -------------------------------------------------------------------

# The function that opens a transaction (and, where it opens several, a variable that it has only in
# this one) -> the points before and after its commit.
COMMITS: tuple[tuple[str, str, str, str], ...] = (
    ("sending.claim", "claimed", "claim: before its commit", "claim: after its commit"),
    ("sending._settle", "", "settle: before its commit", "settle: after its commit"),
    (
        "receiving.receive",
        "dialog_id",
        "webhook: message, before commit",
        "webhook: message, after",
    ),
    ("deliveries.take_in", "", "webhook: status, before commit", "webhook: status, after commit"),
    ("reception.handle", "brief", "reception: before it understands", "reception: understood"),
    ("reception._finish", "", "reception: before its commit", "reception: after its commit"),
    ("answering.answer", "columns", "answer: before it is settled", "answer: settled"),
    ("answering._claim", "rows", "answer: before its claim's commit", "answer: claimed"),
    ("settling.recover", "found", "recover: before its commit", "recover: after its commit"),
)


def _watch_transactions() -> None:
    from vernis.adapters.postgres import Database

    points = {f"vernis.stages.{where}": rest for where, *rest in COMMITS}
    opened = Database.tenant

    def tenant(self: Database, company_id: int) -> AbstractAsyncContextManager[Any]:
        frame = sys._getframe(1)
        where = f"{frame.f_globals['__name__']}.{frame.f_code.co_name}"
        if where not in points:
            return opened(self, company_id)
        return _watched(opened(self, company_id), frame, *points[where])

    Database.tenant = tenant  # type: ignore[method-assign, assignment]


@asynccontextmanager
async def _watched(
    opened: AbstractAsyncContextManager[Any],
    frame: FrameType,
    variable: str,
    before: str,
    after: str,
) -> AsyncIterator[Any]:
    counts = False
    async with opened as connection:
        yield connection
        counts = not variable or bool(frame.f_locals.get(variable))
        if counts:
            passed(before)
    if counts:
        passed(after)


# --- functions ----------------------------------------------------------------------------------


def _around(module: Any, name: str, before: str | None = None, after: str | None = None) -> None:
    """Replace a coroutine function by one with points at its ends. `after` where it returned
    something."""
    inner = getattr(module, name)

    @functools.wraps(inner)
    async def wrapped(*args: Any, **kwargs: Any) -> Any:
        if before:
            passed(before)
        result = await inner(*args, **kwargs)
        if after and result != []:
            passed(after)
        return result

    setattr(module, name, wrapped)


def _before(module: Any, name: str, point: str) -> None:
    inner = getattr(module, name)

    @functools.wraps(inner)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        passed(point)
        return inner(*args, **kwargs)

    setattr(module, name, wrapped)


def _watch_functions() -> None:
    from vernis.adapters import channel_http
    from vernis.adapters.channel_bridge import Bridge
    from vernis.adapters.channel_cloud import Cloud
    from vernis.stages import answering, deliveries, dispatching, reception, sending, settling

    _around(sending, "_remember", "context: before", "context: after")
    for channel in (Bridge, Cloud):
        _around(channel, "send", "call: before")
        _call_under_way(channel)
    _before(channel_http.Http, "_read", "call: answer there, not read")
    _around(sending, "_settle", "settle: before")
    _around(answering, "attempt", "answer: claimed, not called", "answer: called, not settled")
    _around(settling, "report", after="webhook: status, reported")
    _around(deliveries, "take_in", after="webhook: stored, not answered")
    _around(reception, "handle", after="reception: after")
    _around(dispatching, "find", after="sweep: found, not queued")


def _call_under_way(channel: Any) -> None:
    import asyncio

    inner = channel.send

    @functools.wraps(inner)
    async def send(*args: Any, **kwargs: Any) -> Any:
        loop = asyncio.get_running_loop()
        timer = loop.call_later(REQUEST_OUT, passed, "call: under way")
        try:
            return await inner(*args, **kwargs)
        finally:
            timer.cancel()

    channel.send = send


def _watch_web() -> None:
    from vernis.web import webhooks

    _before(webhooks, "_deliveries", "webhook: body read")


FUNCTIONS = (
    "context: before",
    "context: after",
    "call: before",
    "call: under way",
    "call: answer there, not read",
    "settle: before",
    "webhook: body read",
    "webhook: status, reported",
    "webhook: stored, not answered",
    "reception: after",
    "answer: claimed, not called",
    "answer: called, not settled",
    "sweep: found, not queued",
)
POINTS = (*FUNCTIONS, *(point for _, _, *both in COMMITS for point in both))


def _shorten_leases() -> None:
    """A claim of the dead is taken back after so many seconds instead of two minutes."""
    from vernis.stages import settling

    if seconds := os.environ.get("CHAOS_LEASE_SECONDS"):
        settling.LEASE = timedelta(seconds=float(seconds))


def _prepare() -> None:
    _shorten_leases()
    _watch_transactions()
    _watch_functions()
    if "up" not in sys.argv:
        _watch_web()


def main() -> None:
    from vernis.cli import main as vernis

    _prepare()
    vernis()


# --- many short lives -----------------------------------------------------------------------------


def fork_on_demand() -> None:
    """Imports everything once; each line of standard input is a process from then on, whose id is
    the answer. A start costs a test 20 ms instead of seconds."""
    from vernis.cli import main as vernis
    from vernis.jobs import work, worker
    from vernis.stages import reception
    from vernis.web import server

    assert work, (worker, reception)
    _prepare()
    server._warm_up()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead need nobody to wait for them
    for line in sys.stdin:
        wanted = json.loads(line)
        if pid := os.fork():
            print(pid, flush=True)
            continue
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        log = os.open(wanted["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        for descriptor in (1, 2):
            os.dup2(log, descriptor)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.environ.update(wanted["environment"])
        _shorten_leases()
        sys.argv = ["vernis", *wanted["words"]]
        if wanted["words"] == ["pacer"]:
            from pacer import main as vernis
        vernis()
        os._exit(0)


if __name__ == "__main__":
    fork_on_demand() if sys.argv[1:] == ["fork"] else main()
