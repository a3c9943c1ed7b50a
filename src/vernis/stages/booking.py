"""Book, move, cancel: intent first. The intent is stored, the CRM is called, and after a doubtful
answer the CRM is read before anything is repeated."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from psycopg.rows import dict_row

from vernis.domain import Company, FreeTime
from vernis.errors import BookingUnknownError, CrmError, UnavailableError
from vernis.ports import BookingRequest, ChangeRequest, Crm, Database
from vernis.sql import load

sql = load("booking")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a turn sets out to do, once per `key`.

    `changes` are the client's own bookings that are moved to `time`, or cancelled where it is
    None; without any, `time` is booked.
    """

    key: str
    dialog_id: int
    client_id: int
    reactivation_id: int | None
    time: FreeTime | None
    changes: tuple[int, ...] = ()

    @property
    def action(self) -> str:
        if not self.changes:
            return "book"
        return "move" if self.time else "cancel"


async def carry_out(db: Database, company: Company, crm: Crm, wanted: Wanted) -> int:
    """Do it once; the booking that was made, moved or cancelled.

    Raises TimeTakenError where the time is gone, BookingGoneError where what was to be changed is,
    BookingUnknownError where even reading did not tell: the intent stays, and the next try reads
    the CRM first. Any other CrmError, and UnavailableError: it certainly was not done.
    """
    time = wanted.time
    values: dict[str, Any] = {
        "company_id": company.company_id,
        "key": wanted.key,
        "dialog_id": wanted.dialog_id,
        "client_id": wanted.client_id,
        "reactivation_id": wanted.reactivation_id,
        "service_id": time.service_id if time else None,
        "staff_id": time.staff_id if time else None,
        "starts_at": time.starts_at if time else None,
        "ends_at": time.ends_at if time else None,
        "action": wanted.action,
        "changes": list(wanted.changes),
    }
    async with db.tenant(company.company_id) as connection:
        await connection.execute(sql.intend.sql, values)
    try:
        if time is not None and not wanted.changes:
            booking_id = await _booked(company.company_id, crm, wanted, time)
        else:
            booking_id = await _changed(company.company_id, crm, wanted)
    except BookingUnknownError:
        raise
    except (CrmError, UnavailableError):
        async with db.tenant(company.company_id) as connection:
            await connection.execute(sql.refuse.sql, values)
        raise
    async with db.tenant(company.company_id) as connection:
        await connection.execute(sql.confirm.sql, values | {"booking_id": booking_id})
    return booking_id


async def intended(
    db: Database, company: Company, *, key: str
) -> tuple[FreeTime | None, tuple[int, ...]] | None:
    """What a turn set out to do before it was interrupted: `time` and `changes` as in `Wanted`."""
    async with db.tenant(company.company_id) as connection:
        cursor = connection.cursor(row_factory=dict_row)
        await cursor.execute(sql.intended.sql, {"company_id": company.company_id, "key": key})
        row = await cursor.fetchone()
    if row is None:
        return None
    action, changes = row.pop("action"), tuple(row.pop("changes"))
    return None if action == "cancel" else FreeTime(**row), changes


async def _booked(company_id: int, crm: Crm, wanted: Wanted, time: FreeTime) -> int:
    request = BookingRequest(
        key=wanted.key,
        client_id=wanted.client_id,
        reactivation_id=wanted.reactivation_id,
        time=time,
    )
    return await _certain(
        lambda: crm.book(company_id, request), lambda: crm.find(company_id, request)
    )


async def _changed(company_id: int, crm: Crm, wanted: Wanted) -> int:
    request = ChangeRequest(
        client_id=wanted.client_id, booking_ids=wanted.changes, time=wanted.time
    )
    first = wanted.changes[0]

    async def change() -> int:
        await crm.change(company_id, request)
        return first

    async def read() -> int | None:
        return first if await crm.is_changed(company_id, request) else None

    return await _certain(change, read)


async def _certain(
    act: Callable[[], Awaitable[int]], read: Callable[[], Awaitable[int | None]]
) -> int:
    """Act; after a doubtful answer read what came of it, and act once more where nothing did: the
    same again is never done twice."""
    for is_last in (False, True):
        try:
            return await act()
        except BookingUnknownError as doubt:
            found = await _read(read, doubt)
            if found is not None:
                return found
            if is_last:
                raise
    raise AssertionError("the last try raises")


async def _read(
    read: Callable[[], Awaitable[int | None]], doubt: BookingUnknownError
) -> int | None:
    """What cannot be read stays doubtful."""
    try:
        return await read()
    except (CrmError, UnavailableError):
        raise doubt from None
