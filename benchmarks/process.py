"""What a person waits for and a small server pays for: start-up, memory, the demo's first message.

The worker's memory is the resident size of the `vernis up` process itself; PostgreSQL and Valkey
are servers of their own.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import psutil

from benchmarks.measure import Figure

VERNIS = str(Path(sys.executable).with_name("vernis"))
MIB = 1024 * 1024


def help_seconds() -> Figure:
    """Seconds of `vernis --help`, once its bytecode is there."""
    run = [VERNIS, "--help"]
    taken = []
    for _ in range(6):
        start = time.perf_counter()
        subprocess.run(run, check=True, stdout=subprocess.DEVNULL)
        taken.append(time.perf_counter() - start)
    return Figure(
        what="`vernis --help`", measured=taken[1:], at_most=0.5, unit="s", how="wall time"
    )


def first_message(home: Path) -> Figure:
    """Seconds from an empty data folder to the first message of the demo's salon."""
    from vernis.config import Settings
    from vernis.simulation.rehearsal import Policy, rehearse

    seen: list[float] = []
    start = time.perf_counter()

    def on_day(_: date, tally: Any) -> None:
        if tally.messages:
            seen.append(time.perf_counter() - start)

    policy = Policy(weeks=1)
    asyncio.run(rehearse(Settings(home=home), policy, keep=False, on_day=on_day))
    return Figure(
        what="`vernis demo` to its first message", measured=seen[:1], at_most=10, unit="s",
        how="wall time, empty data folder",
    )  # fmt: skip


def worker_memory(home: Path) -> list[Figure]:
    """Resident size of `vernis up` with nothing to do, and on the salon whose intervals are old."""
    return [
        Figure(
            what="the worker's memory", measured=[_largest(folder)], at_most=200, unit="MB", how=how
        )
        for folder, how in (
            (home / "idle", "nothing to do"),
            (home / "data", "a salon of 10,000 clients"),
        )
    ]


def _largest(home: Path, *, seconds: float = 25) -> float:
    """The largest size of a worker seen during this time, in MB."""
    sizes = []
    with _worker(home) as worker:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            sizes.append(worker.memory_info().rss / MIB)
            time.sleep(0.1)
    return max(sizes)


@contextmanager
def _worker(home: Path) -> Iterator[psutil.Process]:
    environment = os.environ | {"VERNIS_HOME": str(home), "VERNIS_WEB_PORT": "0"}
    process = psutil.Popen(
        [VERNIS, "up"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=20)
