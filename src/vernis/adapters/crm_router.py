"""Each company's calendar: the one in its CRM where it is connected, else the built-in one."""

import time as clocks
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from psycopg.rows import dict_row

from vernis.adapters.crm_calendar import Calendar
from vernis.adapters.crm_http import CrmHttp
from vernis.adapters.crm_yclients_bookings import YClientsCrm, kept_elsewhere
from vernis.adapters.crm_yclients_rows import Rows
from vernis.adapters.sealing import Sealer
from vernis.domain import Appointment, FreeTime
from vernis.errors import UnavailableError
from vernis.ports import BookingRequest, ChangeRequest, Clock, Crm, Database
from vernis.sql import load

sql = load("crm_bookings")

FRESH_SECONDS = 30.0  # that a connection is believed in before it is looked at again
MOST = 1000  # companies whose calendars are kept open

# A company's way to YClients: its id here and its user's token.
Opener = Callable[[int, str], CrmHttp]


@dataclass(frozen=True, slots=True)
class _Connection:
    crm: str
    external_id: str
    sealed_token: bytes | None
    state: str


class Crms:
    """All companies' calendars as one. `open_yclients` makes one company's way to YClients.

    Where a CRM is named but cannot be used now (disconnected, or only read from), nothing is
    offered and nothing booked: UnavailableError says that a person does it.
    """

    def __init__(
        self, db: Database, clock: Clock, *, sealer: Sealer, open_yclients: Opener | None
    ) -> None:
        self._db = db
        self._clock = clock
        self._sealer = sealer
        self._open_yclients = open_yclients
        self._built_in = Calendar(db, clock)
        self._away = _Away(db, clock)
        self._open: dict[int, tuple[float, _Connection | None, Crm]] = {}

    async def free_times(
        self, company_id: int, *, service_id: int, first_day: date, last_day: date
    ) -> list[FreeTime]:
        crm = await self._of(company_id)
        return await crm.free_times(
            company_id, service_id=service_id, first_day=first_day, last_day=last_day
        )

    async def book(self, company_id: int, request: BookingRequest) -> int:
        return await (await self._of(company_id)).book(company_id, request)

    async def find(self, company_id: int, request: BookingRequest) -> int | None:
        return await (await self._of(company_id)).find(company_id, request)

    async def appointments(
        self, company_id: int, *, client_id: int, first_day: date
    ) -> list[Appointment]:
        crm = await self._of(company_id)
        return await crm.appointments(company_id, client_id=client_id, first_day=first_day)

    async def change(self, company_id: int, request: ChangeRequest) -> None:
        await (await self._of(company_id)).change(company_id, request)

    async def is_changed(self, company_id: int, request: ChangeRequest) -> bool:
        return await (await self._of(company_id)).is_changed(company_id, request)

    async def aclose(self) -> None:
        for _, _, crm in self._open.values():
            await _close(crm)
        self._open.clear()

    async def _of(self, company_id: int) -> Crm:
        """The same one as long as the connection stays as it is: it remembers free times."""
        until, known, crm = self._open.get(company_id, (0.0, None, self._built_in))
        if clocks.monotonic() < until:
            return crm
        connection = await self._connection(company_id)
        if connection != known:
            await _close(crm)
            crm = self._opened(company_id, connection)
        elif connection is None:
            crm = self._built_in
        self._open.pop(company_id, None)
        self._open[company_id] = (clocks.monotonic() + FRESH_SECONDS, connection, crm)
        while len(self._open) > MOST:
            _, _, oldest = self._open.pop(next(iter(self._open)))
            await _close(oldest)
        return crm

    async def _connection(self, company_id: int) -> _Connection | None:
        async with self._db.tenant(company_id) as connection:
            cursor = connection.cursor(row_factory=dict_row)
            await cursor.execute(sql.connection.sql, {"company_id": company_id})
            row = await cursor.fetchone()
        return _Connection(**row) if row else None

    def _opened(self, company_id: int, connection: _Connection | None) -> Crm:
        if connection is None:
            return self._built_in
        usable = connection.crm == "yclients" and connection.state == "connected"
        if not usable or connection.sealed_token is None or self._open_yclients is None:
            return self._away
        token = self._sealer.unseal(connection.sealed_token, company_id=company_id, account_id=0)
        return YClientsCrm(
            self._db,
            self._clock,
            self._open_yclients(company_id, token),
            company_id=company_id,
            salon_id=connection.external_id,
        )


class _Away:
    """A calendar that is kept where we cannot go now."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def free_times(
        self,
        company_id: int,  # noqa: ARG002
        *,
        service_id: int,  # noqa: ARG002
        first_day: date,  # noqa: ARG002
        last_day: date,  # noqa: ARG002
    ) -> list[FreeTime]:
        raise _unavailable()

    async def book(self, company_id: int, request: BookingRequest) -> int:  # noqa: ARG002
        raise _unavailable()

    async def find(self, company_id: int, request: BookingRequest) -> int | None:  # noqa: ARG002
        raise _unavailable()

    async def appointments(
        self, company_id: int, *, client_id: int, first_day: date
    ) -> list[Appointment]:
        rows = await Rows(self._db, company_id).ahead(client_id, first_day)
        return kept_elsewhere(rows, self._clock())

    async def change(self, company_id: int, request: ChangeRequest) -> None:  # noqa: ARG002
        raise _unavailable()

    async def is_changed(self, company_id: int, request: ChangeRequest) -> bool:  # noqa: ARG002
        raise _unavailable()


def _unavailable() -> UnavailableError:
    return UnavailableError(
        "The company's CRM is not connected for bookings: a person books, or `vernis connect` does."
    )


async def _close(crm: Crm) -> None:
    if isinstance(crm, YClientsCrm):
        await crm.aclose()
