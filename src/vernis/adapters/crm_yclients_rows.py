"""Our rows of a company whose calendar is in YClients, and what YClients calls them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from psycopg.rows import dict_row

from vernis.decide.crm.yclients_bookings import PREFIX, Guest, external
from vernis.domain import FreeTime, Locale
from vernis.errors import BookingGoneError, NotFoundError, UnavailableError
from vernis.ports import BookingRequest, ChangeRequest, Database
from vernis.sql import load

sql = load("crm_bookings")


@dataclass(frozen=True, slots=True, kw_only=True)
class Master:
    staff_id: int
    name: str
    external_id: str
    length: timedelta  # of the service that was asked about


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A service, and who does it."""

    service_id: int
    title: str
    external_id: str
    masters: tuple[Master, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A client. `external_id` None: not known to be in the CRM."""

    external_id: str | None
    phone: str | None = field(repr=False)
    name: str | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A booking as YClients is asked for it; `starts_at` is company-local."""

    service_id: str
    staff_id: str
    client_id: str | None
    guest: Guest
    starts_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    zone: ZoneInfo
    locale: Locale


class Rows:
    """One company's. Raises NotFoundError where we do not have what an id names, UnavailableError
    where YClients does not."""

    def __init__(self, db: Database, company_id: int) -> None:
        self._db = db
        self._company_id = company_id

    async def place(self) -> Place:
        row = await self._row(sql.company.sql, "company")
        return Place(zone=ZoneInfo(row["timezone"]), locale=Locale(row["locale"]))

    async def service(self, service_id: int) -> Offered:
        row = await self._row(sql.service.sql, "service", service_id=service_id)
        masters = await self._all(sql.masters.sql, service_id=service_id, prefix=PREFIX)
        return Offered(
            service_id=service_id,
            title=row["title"],
            external_id=_known(row, "service"),
            masters=tuple(
                Master(
                    staff_id=one["staff_id"],
                    name=one["name"],
                    external_id=_known(one, "master"),
                    length=timedelta(minutes=one["duration_minutes"] or row["duration_minutes"]),
                )
                for one in masters
            ),
        )

    async def staff(self, staff_id: int) -> str:
        """What YClients calls them."""
        return _known(await self._row(sql.staff.sql, "master", staff_id=staff_id), "master")

    async def client(self, client_id: int) -> Person:
        row = await self._row(sql.client.sql, "client", client_id=client_id)
        names = " ".join(part for part in (row["name"], row["surname"]) if part)
        id_ = external(row["external_key"])
        return Person(external_id=id_, phone=row["phone"], name=names or None)

    async def wanted(self, request: BookingRequest, place: Place) -> Wanted:
        person = await self.client(request.client_id)
        if person.phone is None:
            raise UnavailableError("A client without a phone is booked by a person.")
        service = await self._row(sql.service.sql, "service", service_id=request.time.service_id)
        return Wanted(
            service_id=_known(service, "service"),
            staff_id=await self.staff(request.time.staff_id),
            client_id=person.external_id,
            guest=Guest(phone=person.phone, name=person.name),
            starts_at=request.time.starts_at.astimezone(place.zone),
        )

    # --- bookings ------------------------------------------------------------------------------

    async def keep(
        self, request: BookingRequest, record_id: str, *, on: date, now: datetime
    ) -> int:
        """A record that we made as our booking, once."""
        rows = await self._all(
            sql.keep.sql,
            record_id=record_id,
            client_id=request.client_id,
            service_id=request.time.service_id,
            staff_id=request.time.staff_id,
            on_date=on,
            starts_at=request.time.starts_at,
            ends_at=request.time.ends_at,
            reactivation_id=request.reactivation_id,
            now=now,
        )
        return int(rows[0]["booking_id"])

    async def ahead(self, client_id: int, first_day: date) -> list[dict[str, Any]]:
        """A client's booked rows, one per service."""
        return await self._all(sql.appointments.sql, client_id=client_id, first_day=first_day)

    async def to_change(self, request: ChangeRequest) -> dict[str, list[str]]:
        """The records that hold these bookings, each with the services that are meant.

        Raises BookingGoneError where one of them is not this client's, or not in the CRM.
        """
        rows = await self._all(
            sql.to_change.sql, client_id=request.client_id, booking_ids=list(request.booking_ids)
        )
        if len(rows) != len(request.booking_ids):
            raise BookingGoneError("There is no such booking of this client any more.")
        records: dict[str, list[str]] = {}
        for row in rows:
            services = records.setdefault(row["record_id"], [])
            if service := external(row["service_key"]):
                services.append(service)
        return records

    async def cancelled(self, booking_ids: Sequence[int], now: datetime) -> None:
        await self._all(sql.cancelled.sql, booking_ids=list(booking_ids), now=now)

    async def moved(
        self, record_ids: Sequence[str], time: FreeTime, place: Place, now: datetime
    ) -> None:
        """`time` tells when and with whom they are now; 0 is nobody whom we know."""
        await self._all(
            sql.moved.sql,
            record_ids=list(record_ids),
            starts_at=time.starts_at,
            ends_at=time.ends_at,
            on_date=time.starts_at.astimezone(place.zone).date(),
            staff_id=time.staff_id or None,
            now=now,
        )

    async def known_as(self, external_id: str) -> tuple[int, str] | None:
        """One of the staff by what YClients calls them: our id and the name."""
        rows = await self._all(sql.staff_known_as.sql, external_key=PREFIX + external_id)
        return (rows[0]["staff_id"], rows[0]["name"]) if rows else None

    # --- beneath -------------------------------------------------------------------------------

    async def _row(self, query: str, what: str, **values: Any) -> dict[str, Any]:
        rows = await self._all(query, **values)
        if not rows:
            raise NotFoundError(f"The company has no such {what}.")
        return rows[0]

    async def _all(self, query: str, **values: Any) -> list[dict[str, Any]]:
        async with self._db.tenant(self._company_id) as connection:
            cursor = connection.cursor(row_factory=dict_row)
            await cursor.execute(query, values | {"company_id": self._company_id})
            return await cursor.fetchall() if cursor.description else []


def _known(row: dict[str, Any], what: str) -> str:
    if (found := external(row["external_key"])) is None:
        raise UnavailableError(f"This {what} is not in YClients: a person books it.")
    return found
