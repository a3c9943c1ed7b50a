"""Bookings in YClients (abroad: Altegio): its free times, and ours as its records.

The CRM is the truth; our rows follow it. A record is found again by our key in it, and is never
made over somebody else's time, so that repeating a doubtful booking cannot make two.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from vernis.adapters.crm_http import CrmHttp
from vernis.adapters.crm_yclients_rows import Place, Rows, Wanted
from vernis.adapters.crm_yclients_times import FRESH_SECONDS, FreeTimes
from vernis.decide.crm import yclients_bookings as words
from vernis.decide.crm.yclients_bookings import Record
from vernis.domain import Appointment, FreeTime
from vernis.errors import (
    BookingGoneError,
    BookingUnknownError,
    CrmError,
    CrmRefusedError,
    DataError,
    NotFoundError,
    TimeTakenError,
    UnavailableError,
)
from vernis.ports import BookingRequest, ChangeRequest, Clock, Database

PAGE = 200  # records
MOST_PAGES = 20  # of one look


class YClientsCrm:
    """One company's calendar. `salon_id` is what YClients calls the company.

    Every method may raise CrmAccessError (a token, a right or the licence is gone) and
    UnavailableError (no answer after repeats; nothing was done); `book` and `change` also
    CrmRefusedError, where the CRM does not take it for a reason other than the time.
    """

    def __init__(
        self,
        db: Database,
        clock: Clock,
        http: CrmHttp,
        *,
        company_id: int,
        salon_id: str,
        fresh_seconds: float = FRESH_SECONDS,
    ) -> None:
        self._company_id = company_id
        self._rows = Rows(db, company_id)
        self._clock = clock
        self._http = http
        self._salon = salon_id
        self._times = FreeTimes(self._rows, http, salon_id=salon_id, fresh_seconds=fresh_seconds)

    async def aclose(self) -> None:
        await self._http.aclose()

    async def free_times(
        self, company_id: int, *, service_id: int, first_day: date, last_day: date
    ) -> list[FreeTime]:
        assert company_id == self._company_id
        zone = (await self._rows.place()).zone
        found = await self._times.between(service_id, first_day, last_day, zone)
        now = self._clock()
        return [free for free in found if free.starts_at > now]

    # --- to book -------------------------------------------------------------------------------

    async def book(self, company_id: int, request: BookingRequest) -> int:
        assert company_id == self._company_id
        place = await self._rows.place()
        wanted = await self._rows.wanted(request, place)
        try:
            record_id = await self._made(wanted, request.key, place)
            if record_id is None:
                record_id = await self._make(wanted, request, place)
        finally:
            self._times.forget()
        return await self._keep(request, record_id, wanted)

    async def find(self, company_id: int, request: BookingRequest) -> int | None:
        """Whatever the CRM has of it is kept as our booking; nothing is made there."""
        assert company_id == self._company_id
        place = await self._rows.place()
        wanted = await self._rows.wanted(request, place)
        record_id = await self._made(wanted, request.key, place)
        return None if record_id is None else await self._keep(request, record_id, wanted)

    async def _make(self, wanted: Wanted, request: BookingRequest, place: Place) -> str:
        if not await self._is_free(wanted):
            return await self._by_a_twin(wanted, request.key, place)
        body = words.new_record(
            key=request.key,
            staff_id=wanted.staff_id,
            service_id=wanted.service_id,
            guest=wanted.guest,
            starts_at=wanted.starts_at,
            length=request.time.ends_at - request.time.starts_at,
            locale=place.locale,
            invited=request.reactivation_id is not None,
        )
        try:
            told = await self._http.post(f"/records/{self._salon}", body, repeatable=False)
        except CrmRefusedError as refusal:
            if _is_about_time(refusal) or not await self._is_free(wanted):
                return await self._by_a_twin(wanted, request.key, place)
            raise
        except NotFoundError:
            raise _gone_there() from None
        if (record_id := words.id_of(told)) is None:
            raise BookingUnknownError("The CRM did not say which record it made.")
        return record_id

    async def _by_a_twin(self, wanted: Wanted, key: str, place: Place) -> str:
        """Whoever took the time may have been this very request, elsewhere at the same time."""
        try:
            record_id = await self._made(wanted, key, place)
        except (CrmError, UnavailableError):
            raise BookingUnknownError("The CRM did not say who took this time.") from None
        if record_id is None:
            raise TimeTakenError("This time has just been taken.")
        return record_id

    async def _is_free(self, wanted: Wanted) -> bool:
        return await self._times.is_free(
            service_id=wanted.service_id, staff_id=wanted.staff_id, starts_at=wanted.starts_at
        )

    async def _made(self, wanted: Wanted, key: str, place: Place) -> str | None:
        """The record with our key: on its day, or wherever the salon has moved it."""
        day = wanted.starts_at.date().isoformat()
        looks: list[dict[str, Any]] = [{"start_date": day, "end_date": day}]
        if wanted.client_id is not None:
            today = self._clock().astimezone(place.zone).date()
            looks.append({"client_id": wanted.client_id, "start_date": today.isoformat()})
        for look in looks:
            for record in await self._records(look, place):
                if record.key == key and not record.is_deleted:
                    return record.record_id
        return None

    async def _keep(self, request: BookingRequest, record_id: str, wanted: Wanted) -> int:
        return await self._rows.keep(
            request, record_id, on=wanted.starts_at.date(), now=self._clock()
        )

    # --- what is booked ------------------------------------------------------------------------

    async def appointments(
        self, company_id: int, *, client_id: int, first_day: date
    ) -> list[Appointment]:
        """Our rows, less what the CRM no longer has, and where it has the rest now.

        Where the CRM does not answer, our rows alone: a change asks it again.
        """
        assert company_id == self._company_id
        place = await self._rows.place()
        rows = await self._rows.ahead(client_id, first_day)
        client = (await self._rows.client(client_id)).external_id
        if client is not None and any(row["in_crm"] for row in rows):
            look = {"client_id": client, "start_date": first_day.isoformat()}
            try:
                records = {one.record_id: one for one in await self._records(look, place)}
            except (CrmError, UnavailableError):
                pass
            else:
                seen = [await self._as_now(row, records, place) for row in rows]
                rows = [row for row in seen if row is not None]
        return _appointments(rows, self._clock())

    async def _as_now(
        self, row: dict[str, Any], records: dict[str, Record], place: Place
    ) -> dict[str, Any] | None:
        if not row["in_crm"]:
            return row
        record = records.get(row["record_id"])
        if record is None or not record.is_ahead:
            return None
        if record.starts_at == row["starts_at"] and record.staff_id == row["staff_key"]:
            return row
        staff_id, staff_name = await self._rows.known_as(record.staff_id) or (None, None)
        time = FreeTime(
            starts_at=record.starts_at,
            ends_at=record.starts_at + record.length,
            staff_id=staff_id or 0,
            staff_name=staff_name or "",
            service_id=row["service_id"] or 0,
            service_title=row["service_title"] or "",
        )
        await self._rows.moved([record.record_id], time, place, self._clock())
        on = record.starts_at.astimezone(place.zone).date()
        return row | {
            "starts_at": record.starts_at,
            "on_date": on,
            "staff_id": staff_id,
            "staff_name": staff_name,
        }

    # --- to change -----------------------------------------------------------------------------

    async def change(self, company_id: int, request: ChangeRequest) -> None:
        """A record that holds more services than are meant keeps the others."""
        assert company_id == self._company_id
        place = await self._rows.place()
        meant = await self._rows.to_change(request)
        if request.time is not None and len(meant) > 1:
            raise BookingGoneError("Bookings of several records are moved by a person.")
        try:
            for record_id, services in meant.items():
                record = await self._record(record_id, place)
                if await self._is_so(record, services, request.time):
                    continue
                if record is None or record.is_deleted:
                    raise BookingGoneError("There is no such booking of this client any more.")
                await self._require_theirs(request.client_id, record)
                if request.time is None:
                    await self._cancel(record, services)
                else:
                    await self._move(record, request.time, place)
        finally:
            self._times.forget()
        await self._store(request, list(meant), place)

    async def is_changed(self, company_id: int, request: ChangeRequest) -> bool:
        assert company_id == self._company_id
        place = await self._rows.place()
        meant = await self._rows.to_change(request)
        for record_id, services in meant.items():
            record = await self._record(record_id, place)
            if not await self._is_so(record, services, request.time):
                return False
        await self._store(request, list(meant), place)
        return True

    async def _is_so(
        self, record: Record | None, services: Sequence[str], time: FreeTime | None
    ) -> bool:
        """Whether a record is already as it is wished."""
        if time is not None:
            staff_id = await self._rows.staff(time.staff_id)
            return record is not None and record.stands_at(time.starts_at, staff_id)
        if record is None or record.is_deleted:
            return True
        return bool(services) and not set(services) & set(record.services)

    async def _require_theirs(self, client_id: int, record: Record) -> None:
        person = await self._rows.client(client_id)
        theirs = record.is_of(client_id=person.external_id, phone=person.phone)
        if not (theirs and record.is_ahead):
            raise BookingGoneError("There is no such booking of this client any more.")

    async def _cancel(self, record: Record, services: Sequence[str]) -> None:
        path = f"/record/{self._salon}/{record.record_id}"
        try:
            if set(record.services) - set(services):
                body = words.changed_record(record, without=services)
                await self._http.put(path, body, repeatable=False)
            else:
                await self._http.delete(path, repeatable=False)
        except NotFoundError:  # gone meanwhile
            return

    async def _move(self, record: Record, time: FreeTime, place: Place) -> None:
        """To the other master's own length where it is for one service, else as long as it is."""
        staff_id = await self._rows.staff(time.staff_id)
        theirs = len(record.services) == 1 and staff_id != record.staff_id
        body = words.changed_record(
            record,
            staff_id=staff_id,
            starts_at=time.starts_at.astimezone(place.zone),
            length=time.ends_at - time.starts_at if theirs else None,
        )
        path = f"/record/{self._salon}/{record.record_id}"
        try:
            await self._http.put(path, body, repeatable=False)
        except NotFoundError:
            raise BookingGoneError("There is no such booking of this client any more.") from None
        except CrmRefusedError as refusal:
            if _is_about_time(refusal):
                raise TimeTakenError("This time has just been taken.") from None
            raise

    async def _store(self, request: ChangeRequest, record_ids: list[str], place: Place) -> None:
        if request.time is None:
            await self._rows.cancelled(request.booking_ids, self._clock())
        else:
            await self._rows.moved(record_ids, request.time, place, self._clock())

    # --- records -------------------------------------------------------------------------------

    async def _record(self, record_id: str, place: Place) -> Record | None:
        try:
            data = await self._http.get(f"/record/{self._salon}/{record_id}")
            return words.record_of(data, zone=place.zone)
        except NotFoundError:
            return None
        except DataError as error:
            raise UnavailableError(str(error)) from None

    async def _records(self, look: dict[str, Any], place: Place) -> list[Record]:
        found: list[Record] = []
        for page in range(1, MOST_PAGES + 1):
            params = look | {"page": page, "count": PAGE}
            try:
                data = await self._http.get(f"/records/{self._salon}", params)
            except NotFoundError:
                raise _gone_there() from None
            if not isinstance(data, list):
                raise UnavailableError("The CRM's list of records cannot be read.")
            for one in data:
                try:
                    found.append(words.record_of(one, zone=place.zone))
                except DataError:  # the sync tells people of it
                    continue
            if len(data) < PAGE:
                break
        return found


def _gone_there() -> UnavailableError:
    return UnavailableError("The CRM no longer has what this is about: a person looks at it.")


def _is_about_time(refusal: CrmRefusedError) -> bool:
    return words.says_taken(refusal.status, refusal.words)


def _appointments(rows: list[dict[str, Any]], now: datetime) -> list[Appointment]:
    """Everything of one day together; what is over is left out."""
    ahead = [row for row in rows if row["starts_at"] is None or row["starts_at"] > now]
    ahead.sort(key=lambda row: (row["on_date"], row["starts_at"] or now, row["booking_id"]))
    return [_appointment(on, list(group)) for on, group in groupby(ahead, itemgetter("on_date"))]


def _appointment(on: date, rows: list[dict[str, Any]]) -> Appointment:
    """One master or one service is named, several are not."""
    one = Appointment(
        booking_ids=tuple(row["booking_id"] for row in rows),
        on=on,
        starts_at=min((row["starts_at"] for row in rows if row["starts_at"]), default=None),
        changeable=all(row["in_crm"] for row in rows),
    )
    if len({row["staff_id"] for row in rows}) == 1:
        one = replace(one, staff_id=rows[0]["staff_id"], staff_name=rows[0]["staff_name"])
    if len(rows) == 1:
        one = replace(one, service_id=rows[0]["service_id"], service_title=rows[0]["service_title"])
    return one


def kept_elsewhere(rows: list[dict[str, Any]], now: datetime) -> list[Appointment]:
    """What we know of a client's bookings where the CRM cannot be asked: nothing to change."""
    return [replace(one, changeable=False) for one in _appointments(rows, now)]
