"""The simulated salon's diary as its CRM would sync it: events become rows of bookings.

Nothing hidden passes: what was booked, who came, what they paid.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from vernis.decide.files.reading import service_key
from vernis.domain import BookingState, Company
from vernis.ports import Connection, Database
from vernis.simulation.events import Booked, Came, Cancelled, NoShow
from vernis.simulation.world import World
from vernis.sql import load

sql = load("simulation")

_ROSTER = ("names", "weekdays", "opens", "closes")
_BOOKED = ("keys", "clients", "services", "staff", "starts", "ends", "booked")
_ENDED = ("bookings", "states", "amounts", "ats")


class Diary:
    """Collects what happens in the salon and writes it in batches, one transaction each."""

    def __init__(self, db: Database, company: Company) -> None:
        self._db = db
        self._company = company
        self._services: dict[str, int] = {}  # code -> service_id
        self._bookings: dict[str, int] = {}  # the event's key -> booking_id
        self._booked: list[Booked] = []
        self._ended: list[tuple[str, BookingState, int | None, datetime]] = []
        self._came: set[int] = set()

    @property
    def _values(self) -> dict[str, Any]:
        return {"company_id": self._company.company_id, "timezone": self._company.timezone}

    async def open(self, world: World) -> None:
        """After the import: the roster, and which rows are the appointments still to come."""
        async with self._db.tenant(self._company.company_id) as connection:
            await connection.execute(sql.forget_hours.sql, self._values)
            shifts = [
                (staff.name, weekday, staff.opens, staff.closes)
                for staff in world.salon.staff
                for weekday in staff.weekdays
            ]
            await connection.execute(sql.set_hours.sql, self._values | _columns(_ROSTER, shifts))
            cursor = await connection.execute(sql.services.sql, self._values)
            named: dict[str, int] = dict(await cursor.fetchall())
            cursor = await connection.execute(sql.open_bookings.sql, self._values)
            ahead = {(key, day, id_): row for key, day, id_, row in await cursor.fetchall()}
        self._services = {
            service.code: named[service_key(service.code)] for service in world.salon.services
        }
        for appointment in world.appointments:
            if appointment.state is BookingState.BOOKED:
                for line in appointment.lines:
                    day = line.starts_at.astimezone(self._company.zone).date()
                    service_id = self._services[line.service.code]
                    self._bookings[line.key] = ahead[appointment.client_key, day, service_id]

    def service_code(self, service_id: int) -> str:
        return next(code for code, id_ in self._services.items() if id_ == service_id)

    def client_key(self, external_key: str) -> str:
        return external_key

    async def knows(self, key: str, booking_id: int) -> None:
        """A booking that Vernis made itself: its events come with this key."""
        self._bookings[key] = booking_id

    def note(self, event: Booked | Came | Cancelled | NoShow) -> None:
        match event:
            case Booked():
                self._booked.append(event)
            case Came():
                ended = (event.key, BookingState.COMPLETED, event.amount_minor, event.at)
                self._ended.append(ended)
            case Cancelled():
                self._ended.append((event.key, BookingState.CANCELLED, None, event.at))
            case NoShow():
                self._ended.append((event.key, BookingState.NO_SHOW, None, event.at))

    async def write(self) -> None:
        """Write what was noted."""
        if not self._booked and not self._ended:
            return
        async with self._db.tenant(self._company.company_id) as connection:
            added = await self._add(connection)
            rows = [(self._bookings[key], *what) for key, *what in self._ended]
            released = [row[0] for row in rows if row[1] is BookingState.CANCELLED]
            if rows:
                ended = self._values | _columns(_ENDED, rows)
                cursor = await connection.execute(sql.end_bookings.sql, ended)
                completed = BookingState.COMPLETED
                self._came |= {id_ for id_, state in await cursor.fetchall() if state == completed}
            if released:
                values = self._values | {"bookings": released}
                await connection.execute(sql.release.sql, values)
            if added:
                await connection.execute(sql.occupy.sql, self._values | {"bookings": added})
        self._booked.clear()
        self._ended.clear()

    async def catch_up(self) -> list[int]:
        """Clients whose visits were written since the last call."""
        await self.write()
        came, self._came = sorted(self._came), set()
        return came

    async def _add(self, connection: Connection) -> list[int]:
        if not self._booked:
            return []
        rows = [
            (
                *(one.key, one.client_key, self._services[one.service_code], one.staff),
                *(one.starts_at, one.ends_at, one.at),
            )
            for one in self._booked
        ]
        added = self._values | _columns(_BOOKED, rows)
        cursor = await connection.execute(sql.add_bookings.sql, added)
        new: dict[str, int] = dict(await cursor.fetchall())
        self._bookings |= new
        return list(new.values())


def _columns(names: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> dict[str, list[Any]]:
    columns = [list(column) for column in zip(*rows, strict=True)]
    return dict(zip(names, columns or [[] for _ in names], strict=True))
