"""What was computed a moment ago: kept in this process's memory for some seconds.

An answer may be as old as `stale` seconds, and says itself how old it is. Whoever asks for one that
is older than `fresh` gets it at once, and starts the next; whoever asks for one that is too old, or
not there, waits for it together with all others who do. So however many ask, it is computed once
every `fresh` seconds for each key. Several processes compute each for themselves.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

MOST = 1_000  # keys that are kept


@dataclass(slots=True)
class _Kept(Generic[T]):
    value: T
    at: float


class Recent(Generic[T]):
    def __init__(
        self, *, fresh: float, stale: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._fresh, self._stale, self._clock = fresh, stale, clock
        self._kept: dict[Hashable, _Kept[T]] = {}
        self._under_way: dict[Hashable, asyncio.Task[T]] = {}

    async def get(self, key: Hashable, compute: Callable[[], Awaitable[T]]) -> T:
        """The value of a key; raises what `compute` raises, where there is nothing to answer."""
        kept = self._kept.get(key)
        age = self._clock() - kept.at if kept else self._stale
        if kept is not None and age < self._fresh:
            return kept.value
        task = self._under_way.get(key)
        if task is None:
            task = self._under_way[key] = asyncio.create_task(self._computed(key, compute))
            task.add_done_callback(_seen)
        if kept is not None and age < self._stale:
            return kept.value
        return await asyncio.shield(task)

    async def _computed(self, key: Hashable, compute: Callable[[], Awaitable[T]]) -> T:
        try:
            value = await compute()
            if len(self._kept) >= MOST:
                self._kept.clear()
            self._kept[key] = _Kept(value, self._clock())
            return value
        finally:
            del self._under_way[key]


def _seen(task: "asyncio.Task[object]") -> None:
    """Its failure is told to whoever waits; where nobody does, the next who asks tries again."""
    if not task.cancelled():
        task.exception()
