"""Webhooks of the Cloud API into `vernis web` as it runs, stored before they are answered.

32 requests at a time over connections that stay open; the client, the web and PostgreSQL share the
machine. `python tests/chaos flood` has each message ten times, and looks what became of it.
"""

import asyncio
import sys
from pathlib import Path

from benchmarks.measure import Rate

sys.path.append(str(Path(__file__).parents[1] / "tests" / "chaos"))

import flood
from ground import own_ground

RUNS = 3
WEBHOOKS = 2_000
AT_LEAST = 300  # a second


def measure(home: Path) -> Rate:
    taken = []
    for run in range(RUNS):
        with own_ground(home / f"webhooks{run}") as ground:
            found = asyncio.run(flood.flood(ground, messages=WEBHOOKS, times=1, workers=0))
        assert found.faults == [], found.faults
        taken.append(found.took)
    return Rate(
        what=f"{WEBHOOKS:,} webhooks with a client's message, stored",
        how=f"{flood.AT_ONCE} at a time, signed",
        count=WEBHOOKS,
        at_least=AT_LEAST,
        seconds=taken,
    )
