"""How often a key may ask: a bucket that fills evenly, in this process's memory.

So each web process counts for itself: with several of them a key gets several times its limit.
What it protects is the process, and counting in PostgreSQL would cost a write with every request.
"""

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass

_MOST_BUCKETS = 10_000


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class Limits:
    """Buckets by key. A bucket holds a quarter of a minute's requests, at least one."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: dict[Hashable, _Bucket] = {}

    def take(self, key: Hashable, *, a_minute: int) -> float:
        """0 where one more request is allowed now, else the seconds until it will be."""
        now, rate, most = self._clock(), a_minute / 60, max(1.0, a_minute / 4)
        bucket = self._buckets.get(key)
        if bucket is None:
            if len(self._buckets) >= _MOST_BUCKETS:
                self._buckets.clear()
            bucket = self._buckets[key] = _Bucket(most, now)
        bucket.tokens = min(most, bucket.tokens + (now - bucket.at) * rate)
        bucket.at = now
        if bucket.tokens < 1:
            return (1 - bucket.tokens) / rate
        bucket.tokens -= 1
        return 0.0
