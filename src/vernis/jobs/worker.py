"""The worker process: queues of hands, a sweep beside them, and an orderly end.

The sweep is a loop of its own and no periodic job: a job may stall or wait for a free hand, and
the sweep is what puts such things right.
"""

import asyncio
import logging
import os
import random
import signal
import threading
import traceback
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType

from psycopg import AsyncConnection, Notify, OperationalError

from vernis import tracing
from vernis.app import App, PinnedClock, open_app
from vernis.config import Settings
from vernis.errors import UnavailableError, VernisError
from vernis.jobs import queue as queues
from vernis.jobs.queue import BACKLOG, Hint, Queue
from vernis.jobs.stopping import Hurried, Stop
from vernis.jobs.work import carry_out
from vernis.stages import companies, context, dispatching, settling
from vernis.stages.dispatching import Kind, Work

log = logging.getLogger(__name__)

STOP_SECONDS = 8.0  # jobs still running so long after the signal are broken off
TELLERS = 16  # companies whose webhooks are called side by side: they mostly wait
LIMIT_SECONDS = 9.5  # whatever hangs then, the process ends; the sweep of another one goes on
AGAIN_SECONDS = 5.0  # until the next sweep, where there is more than the queue takes
LISTEN = "LISTEN vernis_received; LISTEN vernis_told; LISTEN vernis_written"


Beside = Callable[[App, Callable[[], Awaitable[None]]], Awaitable[None]]


async def run(settings: Settings, beside: Sequence[Beside] = ()) -> None:
    """Work until SIGTERM or SIGINT, then end within 10 seconds; at once on a second signal.

    Those `beside` it run on the same app and end when what they are given returns. Raises what
    `open_app` raises.
    """
    stop = Stop(grace_seconds=settings.grace_seconds)
    with _signals(stop):
        async with open_app(settings, clock=PinnedClock()) as wired:
            hurried = {name: Hurried(channel, stop) for name, channel in wired.channels.items()}
            app = replace(wired, channels=hurried)
            async with queues.opened(app.database_url) as queue:
                queue.carry_out_by(_carrier(app, queue, stop))
                log.info("worker=up pid=%d", os.getpid())
                await asyncio.gather(
                    _staff(queue, queues.DIALOGS, settings.workers, settings, stop),
                    _staff(queue, queues.CAMPAIGNS, settings.workers, settings, stop),
                    _staff(queue, queues.SYNCS, settings.workers, settings, stop),
                    _staff(queue, queues.TELLINGS, TELLERS, settings, stop),
                    _sweep_regularly(app, queue, stop),
                    _listen(app, queue, stop),
                    *(one(app, stop.wait_until_asked) for one in beside),
                )
    log.info("worker=down pid=%d", os.getpid())


async def restore_lost_context(app: App) -> int:
    """Put back what Redis has lost or let expire, for all companies; how many contexts.

    A mark in Redis tells: it goes with everything else, and by itself after some hours.
    """
    try:
        if not await app.store.needs_restoring():
            return 0
        restored = 0
        for company_id in await companies.names(app.db):
            company = await companies.get(app.db, company_id)
            restored += await context.restore(app.db, company, app.store, now=app.clock())
        await app.store.mark_restored()
    except UnavailableError:
        log.warning("stage=context error=UnavailableError")
        return 0
    log.info("stage=context restored=%d", restored)
    return restored


async def sweep(app: App, queue: Queue) -> tuple[int, int]:
    """Drop the jobs of dead workers, find all work, hint at it; how much was found and is new."""
    settings = app.settings
    with tracing.span("sweep") as span:
        released = await queue.release(silent_seconds=3 * settings.heartbeat_seconds)
        now = app.clock()
        found = await dispatching.find(app.db, now=now, abandoned_before=now - settling.LEASE)
        new = await queue.add([Hint(work=work) for work in found], backlog=BACKLOG)
        span.set(found=len(found))
    level = logging.INFO if new or released else logging.DEBUG
    log.log(level, "stage=sweep found=%d new=%d released=%d", len(found), new, released)
    return len(found), new


def _carrier(app: App, queue: Queue, stop: Stop) -> Callable[[Work], Awaitable[None]]:
    async def carry(work: Work) -> None:
        try:
            hints = await carry_out(app, work, stop)
        except VernisError as error:
            log.warning("stage=%s company=%d error=%s", work.kind, work.company_id, error)
        except Exception as error:
            # not its text: the database quotes rows in it
            where = "stage=%s company=%d error=%s at %s"
            log.error(where, work.kind, work.company_id, type(error).__name__, _place(error))  # noqa: TRY400
        else:
            await queue.add(hints)

    return carry


async def _staff(queue: Queue, name: str, hands: int, settings: Settings, stop: Stop) -> None:
    """Keep a queue staffed until the stop, also when PostgreSQL goes away for a while."""
    while not stop.asked:
        try:
            await queue.work(
                name,
                stop.wait_until_asked,
                hands=hands,
                heartbeat_seconds=settings.heartbeat_seconds,
                stop_seconds=STOP_SECONDS,
            )
        except Exception as error:
            log.warning("queue=%s error=%s at %s", name, type(error).__name__, _place(error))
        if not stop.asked:
            log.warning("queue=%s starts again", name)
            await stop.wait(1.0)


async def _sweep_regularly(app: App, queue: Queue, stop: Stop) -> None:
    while not stop.asked:
        pause = app.settings.sweep_seconds * random.uniform(0.9, 1.1)  # noqa: S311
        try:
            found, _ = await sweep(app, queue)
            await restore_lost_context(app)
            if found > BACKLOG:
                pause = min(pause, AGAIN_SECONDS)
        except Exception as error:  # the next one will do
            log.warning("stage=sweep error=%s at %s", type(error).__name__, _place(error))
        await stop.wait(pause)


async def _listen(app: App, queue: Queue, stop: Stop) -> None:
    """Look at a dialog as soon as a message for it is stored; send what a person wrote and tell
    what is to be told as soon as that is, whoever stored it."""
    while not stop.asked:
        try:
            async with await AsyncConnection.connect(
                app.database_url, autocommit=True
            ) as connection:
                await connection.execute(LISTEN)
                while not stop.asked:
                    async for received in connection.notifies(timeout=1.0):
                        await queue.add([Hint(work=_work(received))])
        except (OperationalError, ValueError) as error:  # the sweep finds it
            log.warning("stage=listen error=%s", type(error).__name__)
            await stop.wait(AGAIN_SECONDS)


def _work(received: Notify) -> Work:
    """Raises ValueError where it is nobody's of ours."""
    company_id, *dialog = map(int, received.payload.split())
    if received.channel == "vernis_told":
        return Work(kind=Kind.TELL, company_id=company_id)
    if received.channel == "vernis_written":
        return Work(kind=Kind.ANSWER, company_id=company_id)
    (dialog_id,) = dialog
    return Work(kind=Kind.HANDLE, company_id=company_id, dialog_id=dialog_id)


@contextmanager
def _signals(stop: Stop) -> Iterator[None]:
    """SIGTERM and SIGINT ask for the stop; a second one ends the process where it is."""
    loop = asyncio.get_running_loop()

    def end(number: int, _: FrameType | None) -> None:
        if stop.asked:
            os._exit(128 + number)
        limit = threading.Timer(LIMIT_SECONDS, os._exit, (1,))
        limit.daemon = True
        limit.start()
        loop.call_soon_threadsafe(stop.ask)

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    return " < ".join(f"{Path(f.filename).name}:{f.lineno}" for f in reversed(frames)) or "unknown"
