"""The built-in calendar: for a company without a CRM connection, our own tables are the CRM."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from psycopg.errors import UniqueViolation
from psycopg.rows import dict_row

from vernis.decide.calendar import Shift, days, free_starts, quarters, shifts_on
from vernis.domain import Appointment, FreeTime
from vernis.errors import BookingGoneError, NotFoundError, TimeTakenError
from vernis.ports import BookingRequest, ChangeRequest, Clock, Connection, Database
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

    async def appointments(
        self, company_id: int, *, client_id: int, first_day: date
    ) -> list[Appointment]:
        values = {"company_id": company_id, "client_id": client_id, "first_day": first_day}
        async with self._db.tenant(company_id) as connection:
            cursor = connection.cursor(row_factory=dict_row)
            await cursor.execute(sql.appointments.sql, values)
            rows = await cursor.fetchall()
        return [_appointment(row) for row in rows if not self._is_over(row["starts_at"])]

    async def change(self, company_id: int, request: ChangeRequest) -> None:
        try:
            async with self._db.tenant(company_id) as connection:
                values = _changes(company_id, request) | {"now": self._clock()}
                changed = await (await connection.execute(sql.is_changed.sql, values)).fetchone()
                if changed == (True,):
                    return
                rows = await (await connection.execute(sql.to_change.sql, values)).fetchall()
                if len(rows) != len(request.booking_ids):
                    raise BookingGoneError("There is no such booking of this client any more.")
                await connection.execute(sql.free.sql, values)
                if (time := request.time) is None:
                    await connection.execute(sql.cancel.sql, values)
                    return
                zone = await self._zone(connection, company_id)
                values |= {
                    "on_date": time.starts_at.astimezone(zone).date(),
                    "ends_at": time.ends_at,
                    "service_id": time.service_id,
                    "booking_id": request.booking_ids[0],
                    "quarters": list(quarters(time.starts_at, time.ends_at)),
                }
                await connection.execute(sql.move.sql, values)
                await connection.execute(sql.occupy.sql, values)
        except UniqueViolation:  # the old time is kept: nothing of this transaction stands
            raise TimeTakenError("This time has just been taken.") from None

    async def is_changed(self, company_id: int, request: ChangeRequest) -> bool:
        values = _changes(company_id, request)
        async with self._db.tenant(company_id) as connection:
            row = await (await connection.execute(sql.is_changed.sql, values)).fetchone()
        return row == (True,)

    def _is_over(self, starts_at: datetime | None) -> bool:
        return starts_at is not None and starts_at <= self._clock()

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


def _changes(company_id: int, request: ChangeRequest) -> dict[str, Any]:
    return {
        "company_id": company_id,
        "client_id": request.client_id,
        "booking_ids": list(request.booking_ids),
        "starts_at": request.time.starts_at if request.time else None,
        "staff_id": request.time.staff_id if request.time else None,
    }


def _appointment(row: dict[str, Any]) -> Appointment:
    """One master or one service is named, several are not."""
    one_master, one_service = row.pop("masters") == 1, row.pop("services") == 1
    for name in ("staff_id", "staff_name"):
        row[name] = row[name] if one_master else None
    for name in ("service_id", "service_title"):
        row[name] = row[name] if one_service else None
    return Appointment(**row | {"booking_ids": tuple(row["booking_ids"])})
