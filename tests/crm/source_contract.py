"""What every CRM's source promises to the sync. One joins by a Rig (test_source_contract.py)."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from tests.crm.yclients_world import Line, Record, World

from vernis.crm import CrmClient, CrmRecord, Rejected
from vernis.decide.crm.yclients_records import NOBODY
from vernis.domain import BookingState
from vernis.errors import CrmAccessError
from vernis.ports import CrmSource

NOW = datetime(2024, 4, 1, 9, tzinfo=UTC)
LATER = NOW + timedelta(days=1)  # when something happens
BETWEEN = NOW + timedelta(hours=12)
LONG_AGO = date(2021, 4, 1)


@dataclass(kw_only=True)
class Rig:
    """A small salon over several pages. `settle` lets the CRM tell what the world has become;
    `stranger` is a source that is not let in."""

    world: World
    source: CrmSource
    stranger: CrmSource
    settle: Callable[[], None]

    async def clients(self, changed_after: datetime | None = None) -> list[CrmClient]:
        self.settle()
        found, page = [], None
        while True:
            read = await self.source.clients(changed_after=changed_after, page=page)
            found += read.items
            if (page := read.next) is None:
                return found

    async def records(
        self, changed_after: datetime | None = None, *, since: date = LONG_AGO
    ) -> tuple[list[CrmRecord], list[Rejected]]:
        self.settle()
        found, rejected, page = [], [], None
        while True:
            read = await self.source.records(since=since, changed_after=changed_after, page=page)
            found += read.items
            rejected += read.rejected
            if (page := read.next) is None:
                return found, rejected

    def book(self, client_id: int | None, *titles: str, **more: Any) -> Record:
        services = [one.id for one in self.world.services.values() if one.title in titles]
        at = LATER + timedelta(days=2)
        staff = next(iter(self.world.staff))
        return self.world.book(
            client_id, staff_id=staff, starts_at=at, service_ids=services, **more
        )

    @property
    def somebody(self) -> int:
        return next(iter(self.world.clients))


class Source:
    async def test_the_company_its_staff_and_its_services_are_told(self, rig: Rig):
        rig.settle()
        company = await rig.source.company()
        ours = rig.world.company
        assert (company.name, company.timezone, company.currency) == (
            ours.title,
            ours.timezone,
            "RUB",
        )
        staff = (await rig.source.staff()).items
        assert {one.external_id for one in staff} == {str(one) for one in rig.world.staff}
        cut = next(
            one for one in (await rig.source.services()).items if one.title == "Стрижка женская"
        )
        assert (cut.category, cut.price_minor, cut.duration_minutes) == ("Волосы", 240_000, 60)
        assert {staff_id for staff_id, _ in cut.staff} == {str(one) for one in rig.world.staff}

    async def test_a_whole_salon_is_told_once_over_pages(self, rig: Rig):
        clients = Counter(one.external_id for one in await rig.clients())
        assert clients == Counter(str(one) for one in rig.world.clients)
        records, rejected = await rig.records()
        told = Counter(one.external_id for one in records)
        assert told == Counter(str(one) for one in rig.world.records)
        assert rejected == []

    async def test_a_record_is_told_as_it_is(self, rig: Rig):
        record = next(one for one in rig.world.records.values() if one.attendance == 1)
        rig.world.change_record(record.id, is_deleted=False)
        told = next(one for one in (await rig.records())[0] if one.external_id == str(record.id))
        assert (told.starts_at, told.ends_at) == (record.starts_at, record.ends_at)
        assert (told.client.external_id, told.staff_id) == (
            str(record.client_id),
            str(record.staff_id),
        )
        assert told.state is BookingState.COMPLETED
        assert told.booked_at == record.created_at
        assert await rig.source.record(str(record.id)) == told

    async def test_records_begin_with_the_day_that_is_asked_for(self, rig: Rig):
        since = date(2023, 6, 1)
        records, _ = await rig.records(since=since)
        zone = rig.world.zone
        assert {one.external_id for one in records} == {
            str(one.id)
            for one in rig.world.records.values()
            if one.starts_at.astimezone(zone).date() >= since
        }

    async def test_nothing_new_is_nothing(self, rig: Rig):
        assert await rig.clients(BETWEEN) == []
        assert await rig.records(BETWEEN) == ([], [])

    async def test_a_change_shows_and_nothing_else_does(self, rig: Rig):
        rig.world.now = LATER
        rig.world.change_phone(rig.somebody, "8 (900) 000-11-22")
        record = next(one for one in rig.world.records.values() if not one.is_deleted)
        rig.world.attend(record.id, -1)
        (client,) = await rig.clients(BETWEEN)
        assert (client.external_id, client.phone_raw) == (str(rig.somebody), "8 (900) 000-11-22")
        assert client.changed_at == LATER
        ((told,), _) = await rig.records(BETWEEN)
        assert (told.external_id, told.state) == (str(record.id), BookingState.NO_SHOW)

    async def test_more_changes_than_a_page_holds_are_all_told(self, rig: Rig):
        rig.world.now = LATER
        for client_id in rig.world.clients:
            rig.world.change_client(client_id, comment="из файла")  # all at one moment
        told = {one.external_id for one in await rig.clients(BETWEEN)}
        assert told == {str(one) for one in rig.world.clients}

    async def test_a_deleted_record_is_told_as_cancelled(self, rig: Rig):
        record = rig.book(rig.somebody, "Стрижка женская")
        rig.world.now = LATER
        rig.world.delete_record(record.id)
        ((told,), _) = await rig.records(BETWEEN)
        assert (told.external_id, told.state) == (str(record.id), BookingState.CANCELLED)
        assert told.cancelled_at == LATER

    async def test_a_record_has_all_its_services_and_what_they_cost(self, rig: Rig):
        rig.world.now = LATER
        rig.book(rig.somebody, "Стрижка женская", "Укладка")
        ((told,), _) = await rig.records(BETWEEN)
        assert {line.title for line in told.lines} == {"Стрижка женская", "Укладка"}
        assert sum(line.amount_minor or 0 for line in told.lines) == 420_000

    async def test_nobodys_record_is_left_out_with_the_reason(self, rig: Rig):
        rig.world.now = LATER
        nobodys = rig.book(None, "Укладка")
        somebodys = rig.book(rig.somebody, "Укладка")
        (told, rejected) = await rig.records(BETWEEN)
        assert [one.external_id for one in told] == [str(somebodys.id)]
        assert rejected == [Rejected(external_id=str(nobodys.id), reason=NOBODY)]
        assert await rig.source.record(str(nobodys.id)) is None

    async def test_amounts_may_be_strings(self, rig: Rig):
        rig.world.now = LATER
        service_id = next(iter(rig.world.services))
        line: Any = Line(service_id, 1300.5, 0, "1300.50")  # type: ignore[arg-type]
        rig.book(rig.somebody, lines=(line,))
        ((told,), _) = await rig.records(BETWEEN)
        assert [one.amount_minor for one in told.lines] == [130_050]

    @pytest.mark.parametrize("phone", ["", "8 (900) 000-11-22", "нет телефона", "79000001122"])
    async def test_phones_are_told_as_they_are(self, rig: Rig, phone: str):
        rig.world.now = LATER
        rig.world.change_phone(rig.somebody, phone)
        assert [one.phone_raw for one in await rig.clients(BETWEEN)] == [phone or None]

    async def test_a_missing_field_rejects_that_record_alone(self, rig: Rig):
        rig.world.now = LATER
        broken, sound = rig.book(rig.somebody, "Укладка"), rig.book(rig.somebody, "Укладка")
        broken.attendance = None  # type: ignore[assignment]
        told, rejected = await rig.records(BETWEEN)
        assert [one.external_id for one in told] == [str(sound.id)]
        ((id_, reason),) = [(one.external_id, one.reason) for one in rejected]
        assert (id_, reason.endswith(": missing")) == (str(broken.id), True)

    async def test_what_nobody_knows_is_left_alone(self, rig: Rig):
        rig.world.now = LATER
        rig.book(rig.somebody, "Укладка", custom_fields={"surprise": "неизвестно"})
        told, rejected = await rig.records(BETWEEN)
        assert (len(told), rejected) == (1, [])

    async def test_what_is_not_there_is_none(self, rig: Rig):
        rig.settle()
        assert await rig.source.record("999") is None
        assert await rig.source.client("999") is None

    async def test_one_client_is_told_as_they_are_now(self, rig: Rig):
        rig.world.change_phone(rig.somebody, "79000001122")
        rig.settle()
        told = await rig.source.client(str(rig.somebody))
        assert told is not None
        assert told.phone_raw == "79000001122"

    async def test_who_may_not_is_told_so(self, rig: Rig):
        with pytest.raises(CrmAccessError):
            await rig.stranger.company()
        with pytest.raises(CrmAccessError):
            await rig.stranger.clients(changed_after=None, page=None)
