"""How fast a simulation lives: as fast as it can, or so that a person can watch."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from vernis.app import PinnedClock

STEP_SECONDS = 1.0


class Tempo:
    """A simulated day takes `day_seconds` of the watcher's time. `keep_up` is done meanwhile."""

    def __init__(
        self, clock: PinnedClock, *, day_seconds: float, keep_up: Callable[[], Awaitable[None]]
    ) -> None:
        self._clock = clock
        self._speed = timedelta(days=1).total_seconds() / day_seconds
        self._keep_up = keep_up
        self._from, self._began = clock(), time.monotonic()

    async def until(self, moment: datetime) -> None:
        """Let the clock run until this moment."""
        while True:
            passed = (time.monotonic() - self._began) * self._speed
            now = self._from + timedelta(seconds=passed)
            if now >= moment:
                return
            self._clock.pin(max(now, self._clock()))
            await self._keep_up()
            left = (moment - now).total_seconds() / self._speed
            await asyncio.sleep(min(STEP_SECONDS, left))
