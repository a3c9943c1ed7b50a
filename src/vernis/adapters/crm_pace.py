"""How often a company's CRM may be asked: limits that all processes and hosts share.

They are exact over any window: a request counts from when it is allowed until a window after it
ended, by PostgreSQL's clock, and in between it reached the CRM. One that a killed process had
under way counts for as long as it could have lasted.
"""

import asyncio
from datetime import datetime
from typing import Protocol

from vernis.errors import CrmBusyError
from vernis.ports import Database
from vernis.sql import load

sql = load("crm_pace")

SECOND, MINUTE = 1.0, 60.0
LONGEST_SECONDS = 40.0  # that one request may take, with some room
PATIENCE_SECONDS = 150.0


class Pace(Protocol):
    """When the next request may be made."""

    async def take(self) -> datetime | None:
        """Wait until one more request is allowed; returns its mark for `ended`.

        Raises CrmBusyError where that would take too long.
        """
        ...

    async def ended(self, taken: datetime | None) -> None:
        """The request is over, whatever came of it."""
        ...

    async def pause(self, seconds: float) -> None:
        """The CRM asks everybody of this company to wait."""
        ...


class NoPace:
    """No limits."""

    async def take(self) -> datetime | None:
        return None

    async def ended(self, taken: datetime | None) -> None:
        pass

    async def pause(self, seconds: float) -> None:
        pass


class SharedPace:
    """Limits of one company in its row of crm_connections; without the row there are none.

    `per_second` and `per_minute` are numbers of requests, 0 for no such limit: without both, a
    pause is kept by the one who was told of it. `second` and `minute` are the windows' seconds,
    the second one the longer. A transaction that holds the row must not ask.
    """

    def __init__(
        self,
        db: Database,
        company_id: int,
        *,
        per_second: int,
        per_minute: int,
        second: float = SECOND,
        minute: float = MINUTE,
        longest: float = LONGEST_SECONDS,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._db = db
        self._company_id = company_id
        self._limits = {
            "company_id": company_id,
            "per_second": per_second,
            "per_minute": per_minute,
            "second_seconds": second,
            "minute_seconds": minute,
            "longest_seconds": longest,
        }
        # A pause fills the shortest window that has a limit.
        self._pauses = (per_second, second) if per_second else (per_minute, minute)
        self._patience = patience
        self._longest_sleep = second

    async def take(self) -> datetime | None:
        if not self._is_limited:
            return None
        while True:
            seconds, taken = await self._asked()
            if seconds <= 0:
                return taken
            if seconds > self._patience:
                raise CrmBusyError(
                    "The CRM asked for a pause: what was to be read is read after it."
                )
            # what is under way may end long before its mark
            await asyncio.sleep(min(seconds, self._longest_sleep))

    async def _asked(self) -> tuple[float, datetime | None]:
        async with self._db.tenant(self._company_id) as connection:
            await connection.execute(sql.lock.sql, self._limits)
            cursor = await connection.execute(sql.take.sql, self._limits)
            row = await cursor.fetchone()
        return (row[0], row[1]) if row else (0.0, None)

    async def ended(self, taken: datetime | None) -> None:
        if taken is None:
            return
        async with self._db.tenant(self._company_id) as connection:
            await connection.execute(
                sql.ended.sql, {"company_id": self._company_id, "taken": taken}
            )

    async def pause(self, seconds: float) -> None:
        if not self._is_limited:
            return
        most, window = self._pauses
        values = {"seconds": seconds, "most": most, "window_seconds": window}
        async with self._db.tenant(self._company_id) as connection:
            await connection.execute(sql.pause.sql, {"company_id": self._company_id} | values)

    @property
    def _is_limited(self) -> bool:
        return self._pauses[0] > 0
