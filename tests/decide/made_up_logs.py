"""Made-up visit logs: clients with a rhythm of their own who one day stop coming."""

from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class MadeUp:
    """Clients and days of visits, and what the log does not show: every gap that will be."""

    clients: NDArray[np.int64]
    days: NDArray[np.int64]


def regulars(
    *,
    clients: int = 300,
    length: int = 420,
    rhythm: int = 35,
    stray: float = 0.15,
    start: int | None = None,
    seed: int = 1,
) -> MadeUp:
    """A salon: rhythms around `rhythm` days, gaps that stray by `stray` in logs.

    Clients begin in the first half of the log, or in its first `start` days.
    """
    random = Random(seed)
    rows = []
    for client in range(clients):
        own = rhythm * random.lognormvariate(0, 0.3)
        day = random.randrange(start or length // 2)
        while day < length:
            rows.append((client, day))
            if random.random() < 0.1:
                break
            day += max(1, round(own * random.lognormvariate(0, stray)))
    found = np.array(rows, np.int64)
    return MadeUp(found[:, 0], found[:, 1])


def every(gap: int, visits: int, *, client: int = 10_000, start: int = 0) -> MadeUp:
    days = start + gap * np.arange(visits)
    return MadeUp(np.full(visits, client), days)


def together(*logs: MadeUp) -> MadeUp:
    return MadeUp(
        np.concatenate([one.clients for one in logs]), np.concatenate([one.days for one in logs])
    )


def irregular(visits: int, *, client: int = 10_000, seed: int = 5) -> MadeUp:
    """A client whose gaps say nothing of the next: from a week to some months."""
    random = Random(seed)
    gaps = [max(1, round(35 * random.lognormvariate(0, 1.0))) for _ in range(visits)]
    return MadeUp(np.full(visits, client), np.cumsum(gaps))
