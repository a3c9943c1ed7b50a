"""The built-in calendar: for a company without a CRM connection, our own tables are the CRM."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from psycopg.errors import UniqueViolation

from vernis.decide.calendar import Shift, days, free_starts, quarters, shifts_on
from vernis.domain import FreeTime
from vernis.errors import NotFoundError, TimeTakenError
from vernis.ports import BookingRequest, Clock, Connection, Database
from vernis.sql import load

sql = load("calendar")


class Calendar:
    """Free times from working hours; a double booking is impossible by `busy_quarters`' key."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def free_times(
        self, company_id: int, *, service_id: int, first_day: date, last_day: date
    ) -> list[FreeTime]:
        async with self._db.tenant(company_id) as connection:
            values: dict[str, Any] = {"company_id": company_id, "service_id": service_id}
            zone = await self._zone(connection, company_id)
            title, duration = await self._service(connection, values)
            cursor = await connection.execute(sql.shifts.sql, values)
            shifts = [
                Shift(staff_id=id_, staff_name=name, weekday=weekday, opens=opens, closes=closes)
                for id_, name, weekday, opens, closes in await cursor.fetchall()
            ]
            values["since"] = datetime.combine(first_day, datetime.min.time(), tzinfo=zone)
            values["until"] = datetime.combine(last_day, datetime.max.time(), tzinfo=zone)
            cursor = await connection.execute(sql.busy.sql, values)
            busy = frozenset((row[0], row[1].astimezone(UTC)) for row in await cursor.fetchall())
        now = self._clock()
        times = [
            FreeTime(
                starts_at=start,
                ends_at=start + duration,
                staff_id=shift.staff_id,
                staff_name=shift.staff_name,
                service_id=service_id,
                service_title=title,
            )
            for day in days(first_day, last_day)
            for shift in shifts_on(shifts, day)
            for start in free_starts(shift, day, busy=busy, duration=duration, zone=zone, now=now)
        ]
        return sorted(times, key=lambda time: (time.starts_at, time.staff_id))

    async def book(self, company_id: int, request: BookingRequest) -> int:
        time = request.time
        try:
            async with self._db.tenant(company_id) as connection:
                zone = await self._zone(connection, company_id)
                values: dict[str, Any] = {
                    "company_id": company_id,
                    "key": request.key,
                    "client_id": request.client_id,
                    "service_id": time.service_id,
                    "staff_id": time.staff_id,
                    "on_date": time.starts_at.astimezone(zone).date(),
                    "starts_at": time.starts_at,
                    "ends_at": time.ends_at,
                    "now": self._clock(),
                    "reactivation_id": request.reactivation_id,
                }
                cursor = await connection.execute(sql.book.sql, values)
                row = await cursor.fetchone()
                if row is None:  # this request was carried out before
                    return await self._find(connection, values)
                values |= {
                    "booking_id": row[0],
                    "quarters": list(quarters(time.starts_at, time.ends_at)),
                }
                await connection.execute(sql.occupy.sql, values)
                return int(row[0])
        except UniqueViolation:
            raise TimeTakenError("This time has just been taken.") from None

    async def find(self, company_id: int, request: BookingRequest) -> int | None:
        async with self._db.tenant(company_id) as connection:
            cursor = await connection.execute(
                sql.find.sql, {"company_id": company_id, "key": request.key}
            )
            row = await cursor.fetchone()
        return int(row[0]) if row else None

    async def _find(self, connection: Connection, values: dict[str, Any]) -> int:
        cursor = await connection.execute(sql.find.sql, values)
        row = await cursor.fetchone()
        assert row is not None
        return int(row[0])

    async def _zone(self, connection: Connection, company_id: int) -> ZoneInfo:
        cursor = await connection.execute(sql.zone.sql, {"company_id": company_id})
        if (row := await cursor.fetchone()) is None:
            raise NotFoundError(f"There is no company {company_id}.")
        return ZoneInfo(row[0])

    async def _service(
        self, connection: Connection, values: dict[str, Any]
    ) -> tuple[str, timedelta]:
        cursor = await connection.execute(sql.service.sql, values)
        if (row := await cursor.fetchone()) is None:
            raise NotFoundError(f"There is no service {values['service_id']}.")
        return row[0], timedelta(minutes=row[1])
