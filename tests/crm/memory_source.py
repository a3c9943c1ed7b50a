"""A CRM in memory, behind our own port: what a sync makes of what it tells."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from vernis.crm import (
    CrmClient,
    CrmCompany,
    CrmLine,
    CrmRecord,
    CrmService,
    CrmShift,
    CrmStaff,
    Page,
    Rejected,
)
from vernis.domain import BookingState

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
USUAL = "the usual one"


@dataclass
class MemorySource:
    """Tells what it holds, `size` things a page; `asked` names every request, `before` may fail."""

    staff_list: list[CrmStaff] = field(default_factory=list)
    service_list: list[CrmService] = field(default_factory=list)
    client_list: dict[str, CrmClient] = field(default_factory=dict)
    record_list: dict[str, CrmRecord] = field(default_factory=dict)
    shift_list: list[CrmShift] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)  # among the records
    size: int = 2
    asked: list[str] = field(default_factory=list)
    fail_at: int | None = None  # which request
    error: Exception = field(default_factory=KeyboardInterrupt)
    now: datetime = LONG_AGO  # when what is put here changes

    # --- what happens in the salon -------------------------------------------------------------

    def put(self, *things: CrmStaff | CrmService | CrmClient | CrmRecord) -> None:
        for thing in things:
            match thing:
                case CrmStaff():
                    self.staff_list.append(thing)
                case CrmService():
                    self.service_list.append(thing)
                case CrmClient():
                    self.client_list[thing.external_id] = replace(thing, changed_at=self.now)
                case CrmRecord():
                    self.record_list[thing.external_id] = replace(thing, changed_at=self.now)

    # --- ports.CrmSource -----------------------------------------------------------------------

    async def company(self) -> CrmCompany:
        self._ask("company")
        return CrmCompany(external_id="7", name="Лён", timezone="Europe/Moscow", currency="RUB")

    async def staff(self) -> Page[CrmStaff]:
        self._ask("staff")
        return Page(items=tuple(self.staff_list))

    async def services(self) -> Page[CrmService]:
        self._ask("services")
        return Page(items=tuple(self.service_list))

    async def clients(
        self, *, changed_after: datetime | None, page: dict[str, Any] | None
    ) -> Page[CrmClient]:
        self._ask(f"clients {(page or {}).get('at', 0)}")
        return _page(_changed(list(self.client_list.values()), changed_after), page, self.size)

    async def records(
        self, *, since: date, changed_after: datetime | None, page: dict[str, Any] | None
    ) -> Page[CrmRecord]:
        self._ask(f"records {(page or {}).get('at', 0)}")
        found = [one for one in self.record_list.values() if one.starts_at.date() >= since]
        told = _page(_changed(found, changed_after), page, self.size)
        return replace(told, rejected=() if page else tuple(self.rejected))

    async def schedules(self, *, first_day: date, last_day: date) -> Page[CrmShift]:
        self._ask("schedules")
        return Page(items=tuple(self.shift_list))

    async def record(self, external_id: str) -> CrmRecord | None:
        self._ask(f"record {external_id}")
        return self.record_list.get(external_id)

    async def client(self, external_id: str) -> CrmClient | None:
        self._ask(f"client {external_id}")
        return self.client_list.get(external_id)

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if self.fail_at == len(self.asked):
            self.fail_at = None
            raise self.error


def _changed(things: Sequence[Any], after: datetime | None) -> list[Any]:
    return [one for one in things if after is None or one.changed_at >= after]


def _page(things: list[Any], page: dict[str, Any] | None, size: int) -> Page[Any]:
    at = (page or {}).get("at", 0)
    following = {"at": at + size} if at + size < len(things) else None
    return Page(items=tuple(things[at : at + size]), next=following, total=len(things))


# --- what a salon has ---------------------------------------------------------------------------


def client(number: int, phone: str | None = USUAL, **changes: Any) -> CrmClient:
    """`phone` is made of the number unless it is given."""
    usual = f"+7 999 000-{number:02}-{number:02}"
    values = {"name": "Анна", "phone_raw": usual if phone == USUAL else phone} | changes
    return CrmClient(external_id=str(number), **values)


def record(
    number: int,
    of: CrmClient,
    starts_at: datetime,
    *lines: str,
    state: BookingState = BookingState.COMPLETED,
    **changes: Any,
) -> CrmRecord:
    """Each line is a service's id, with its price after a colon where it has one."""
    values = {"staff_id": "1", "booked_at": starts_at - timedelta(days=2)} | changes
    return CrmRecord(
        external_id=str(number),
        client=of,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=1),
        state=state,
        lines=tuple(_line(one) for one in lines),
        **values,
    )


def _line(said: str) -> CrmLine:
    service_id, _, amount = said.partition(":")
    return CrmLine(service_id=service_id, amount_minor=int(amount) if amount else None)
