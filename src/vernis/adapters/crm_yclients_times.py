"""Free times in YClients, as its online booking shows them, known for a short while."""

import asyncio
import time as clocks
from collections.abc import Callable, Sequence
from datetime import date, datetime, tzinfo
from typing import Any, TypeVar

from vernis.adapters.crm_http import CrmHttp
from vernis.adapters.crm_yclients_rows import Master, Offered, Rows
from vernis.decide.calendar import days
from vernis.decide.crm import yclients_bookings as words
from vernis.decide.crm.yclients_bookings import Seance
from vernis.domain import FreeTime
from vernis.errors import CrmRefusedError, DataError, NotFoundError, UnavailableError

T = TypeVar("T")

FRESH_SECONDS = 30.0  # then they are asked for again
AT_ONCE = 4  # requests of one company's looks side by side


class FreeTimes:
    """One company's. A range costs a request per master and month, and one per master and day on
    which that master can be booked at all."""

    def __init__(
        self, rows: Rows, http: CrmHttp, *, salon_id: str, fresh_seconds: float = FRESH_SECONDS
    ) -> None:
        self._rows = rows
        self._http = http
        self._salon = salon_id
        self._fresh_seconds = fresh_seconds
        self._known: dict[tuple[int, date], tuple[float, list[FreeTime]]] = {}
        self._forgotten = 0
        self._asking = asyncio.Semaphore(AT_ONCE)

    async def between(
        self, service_id: int, first_day: date, last_day: date, zone: tzinfo
    ) -> list[FreeTime]:
        """Of these days (both included), earliest first."""
        now, wanted = clocks.monotonic(), list(days(first_day, last_day))
        self._known = {key: known for key, known in self._known.items() if known[0] > now}
        found = {day: known[1] for (id_, day), known in self._known.items() if id_ == service_id}
        if missing := [day for day in wanted if day not in found]:
            forgotten = self._forgotten
            asked = await self._ask(await self._rows.service(service_id), missing, zone)
            found |= asked
            if forgotten == self._forgotten:  # nothing was booked meanwhile
                until = clocks.monotonic() + self._fresh_seconds
                self._known |= {(service_id, day): (until, asked[day]) for day in missing}
        times = [free for day in wanted for free in found[day]]
        return sorted(times, key=lambda free: (free.starts_at, free.staff_id))

    async def is_free(self, *, service_id: str, staff_id: str, starts_at: datetime) -> bool:
        """As it is now, whatever is known. Ids are YClients', `starts_at` is company-local."""
        told = await self._seances(staff_id, service_id, starts_at.date(), starts_at.tzinfo)
        return any(seance.starts_at == starts_at for seance in told)

    def forget(self) -> None:
        """Something was booked or changed."""
        self._forgotten += 1
        self._known.clear()

    async def _ask(
        self, offered: Offered, on: Sequence[date], zone: tzinfo
    ) -> dict[date, list[FreeTime]]:
        masters, service = offered.masters, offered.external_id
        bookable = await asyncio.gather(*(self._bookable(one, service, on) for one in masters))
        if masters and all(can_be is None for can_be in bookable):
            raise UnavailableError("The CRM no longer offers this service: a person books it.")
        asked = [
            (master, day)
            for master, can_be in zip(masters, bookable, strict=True)
            for day in on
            if can_be and day in can_be
        ]
        told = await asyncio.gather(
            *(self._seances(master.external_id, service, day, zone) for master, day in asked)
        )
        found: dict[date, list[FreeTime]] = {day: [] for day in on}
        for (master, day), seances in zip(asked, told, strict=True):
            found[day] += [_free(offered, master, seance) for seance in seances]
        return found

    async def _bookable(
        self, master: Master, service: str, on: Sequence[date]
    ) -> frozenset[date] | None:
        """Days on which this master can be booked; None for one who does not do it at all."""
        found: frozenset[date] = frozenset()
        for month in sorted({day.replace(day=1) for day in on}):
            first = min(day for day in on if day.replace(day=1) == month)
            params = {
                "service_ids[]": [service],
                "staff_id": master.external_id,
                "date": first.isoformat(),
            }
            try:
                found |= await self._read(words.bookable_days, f"/book_dates/{self._salon}", params)
            except (CrmRefusedError, NotFoundError):
                return None
        return found

    async def _seances(
        self, staff_id: str, service: str, day: date, zone: tzinfo | None
    ) -> list[Seance]:
        """Nothing where the CRM knows no such master or service any more."""
        path = f"/book_times/{self._salon}/{staff_id}/{day.isoformat()}"
        try:
            return await self._read(
                lambda data: words.seances(data, zone=zone), path, {"service_ids[]": [service]}
            )
        except (CrmRefusedError, NotFoundError):
            return []

    async def _read(self, reading: Callable[[Any], T], path: str, params: dict[str, Any]) -> T:
        async with self._asking:
            try:
                return reading(await self._http.get(path, params))
            except DataError as error:
                raise UnavailableError(str(error)) from None


def _free(offered: Offered, master: Master, seance: Seance) -> FreeTime:
    return FreeTime(
        starts_at=seance.starts_at,
        ends_at=seance.starts_at + (seance.length or master.length),
        staff_id=master.staff_id,
        staff_name=master.name,
        service_id=offered.service_id,
        service_title=offered.title,
    )
