"""Syncing: what a CRM tells becomes a company's clients, services and bookings, and follows it."""

import sys
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from outbox import hash_phone
from salon_rows import Salon

sys.path.append(str(Path(__file__).parents[1] / "crm"))

from memory_source import MemorySource, client, record

from vernis.crm import CrmClient, CrmLine, CrmService, CrmShift, CrmStaff, Entity, Rejected
from vernis.decide.crm.yclients_records import NOBODY
from vernis.domain import BookingState, Company
from vernis.errors import ConflictError, CrmAccessError, UnavailableError
from vernis.stages import (
    conversions,
    crm_clients,
    crm_connections,
    crm_rejects,
    intervals,
    notices,
    opt_outs,
    syncing,
)
from vernis.stages.syncing import Outcome

NOW = datetime(2024, 4, 1, 9, tzinfo=UTC)
HAIRCUT = CrmService(
    external_id="11",
    title="Стрижка",
    category="Волосы",
    price_minor=150000,
    duration_minutes=45,
    staff=(("1", None), ("2", 60)),
)
COLOUR = CrmService(external_id="12", title="Окрашивание", price_minor=500000, duration_minutes=120)
OLGA, IRA = CrmStaff(external_id="1", name="Ольга"), CrmStaff(external_id="2", name="Ира")
ANNA, BELLA, VERA = client(1), client(2, name="Белла"), client(3, name="Вера")
BOOKED, NO_SHOW, CANCELLED = BookingState.BOOKED, BookingState.NO_SHOW, BookingState.CANCELLED


def at(text: str) -> datetime:
    """A moment in Moscow."""
    return datetime.fromisoformat(f"{text}+03:00")


@dataclass
class House(Salon):
    """A company whose calendar is a CRM in memory, and a clock that is turned by hand."""

    source: MemorySource = field(default_factory=MemorySource)
    now: datetime = NOW

    async def connect(self) -> "House":
        await crm_connections.connect(
            self.db,
            self.company,
            crm="yclients",
            external_id="7",
            token="a fake token",
            seal=lambda text, **_: text.encode(),
            now=self.now,
        )
        return self

    async def sync(self, **how: Any) -> dict[Entity, Outcome]:
        self.source.asked.clear()
        outcomes = await syncing.sync(
            self.db, self.company, self.source, now=self.now, hash_phone=hash_phone, **how
        )
        return {one.entity: one for one in outcomes}

    def later(self, **by: float) -> "MemorySource":
        """Time passes; what is put into the source then has changed since."""
        self.now += timedelta(**(by or {"hours": 1}))
        self.source.now = self.now
        return self.source

    async def bookings(self) -> list[tuple[Any, ...]]:
        """The client's key, day, service, state and amount of each booking of the CRM."""
        return await self.execute(
            "SELECT c.external_key, b.on_date::text, s.title, b.state, b.amount_minor"
            " FROM bookings b JOIN clients c USING (company_id, client_id)"
            " LEFT JOIN services s ON s.company_id = b.company_id AND s.service_id = b.service_id"
            " WHERE b.origin = 'crm' ORDER BY b.on_date, b.external_key, s.title"
        )

    async def clients(self, columns: str = "external_key, name, phone") -> list[tuple[Any, ...]]:
        return await self.execute(f"SELECT {columns} FROM clients ORDER BY external_key")

    async def dump(self) -> list[list[tuple[Any, ...]]]:
        """Everything that a sync writes, but for the moments at which it did."""
        return [
            await self.clients("external_key, name, phone, phone_state, erased_at IS NULL"),
            await self.bookings(),
            await self.execute("SELECT external_key, name, is_active FROM staff ORDER BY 1"),
            await self.execute("SELECT external_key, title, is_active FROM services ORDER BY 1"),
            await self.execute("SELECT entity, external_id, reason FROM crm_rejects ORDER BY 1, 2"),
        ]


@pytest.fixture
async def house(db, company) -> House:
    """Two services, two masters, three clients, four records; nothing is read yet."""
    house = House(db=db, company=company)
    house.source.put(OLGA, IRA, HAIRCUT, COLOUR, ANNA, BELLA, VERA)
    house.source.put(
        record(1, ANNA, at("2024-01-10T12:00"), "11:150000", "12:500000"),
        record(2, ANNA, at("2024-02-10T12:00"), "11:150000"),
        record(3, BELLA, at("2024-03-10T23:30"), "11:150000", state=NO_SHOW),
        record(4, VERA, at("2024-04-10T12:00"), "12", state=BOOKED),
    )
    return await house.connect()


# --- the first sync -----------------------------------------------------------------------------


async def test_everything_of_the_crm_is_here_after_the_first_sync(house):
    outcomes = await house.sync()

    assert await house.clients() == [
        ("yclients:1", "Анна", "79990000101"),
        ("yclients:2", "Белла", "79990000202"),
        ("yclients:3", "Вера", "79990000303"),
    ]
    assert await house.bookings() == [
        ("yclients:1", "2024-01-10", "Окрашивание", "completed", 500000),
        ("yclients:1", "2024-01-10", "Стрижка", "completed", 150000),
        ("yclients:1", "2024-02-10", "Стрижка", "completed", 150000),
        ("yclients:2", "2024-03-10", "Стрижка", "no_show", 150000),
        ("yclients:3", "2024-04-10", "Окрашивание", "booked", None),
    ]
    assert await house.execute(
        "SELECT external_key, title, category, price_minor, duration_minutes, standard_key IS NULL"
        " FROM services ORDER BY external_key"
    ) == [
        ("yclients:11", "Стрижка", "Волосы", 150000, 45, True),
        ("yclients:12", "Окрашивание", None, 500000, 120, False),
    ]
    assert await house.execute(
        "SELECT t.name, s.title, d.duration_minutes FROM staff_services d"
        " JOIN staff t USING (company_id, staff_id) JOIN services s USING (company_id, service_id)"
        " ORDER BY 1"
    ) == [("Ира", "Стрижка", 60), ("Ольга", "Стрижка", None)]
    assert outcomes[Entity.RECORDS] == Outcome(
        entity=Entity.RECORDS, is_done=True, pages=2, taken=4, changed=5, total=4
    )


async def test_three_years_back_and_everything_ahead_is_read(house):
    house.source.put(record(5, ANNA, at("2021-03-30T12:00"), "11"))
    house.source.put(record(6, ANNA, at("2021-04-02T12:00"), "11"))
    await house.sync()
    assert (await house.bookings())[0][1] == "2021-04-02"


async def test_due_dates_follow_once_all_records_are_here(house, company):
    await house.sync()
    assert await intervals.is_stale(house.db, company, on=house.now.date())
    await intervals.compute(house.db, company, on=house.now.date(), now=house.now)

    house.later().put(record(2, ANNA, at("2024-03-31T12:00"), "11:150000"))
    await house.sync()
    assert not await intervals.is_stale(house.db, company, on=house.now.date())
    assert await house.execute("SELECT last_visit_on FROM client_due_dates") == [
        (date(2024, 3, 31),)
    ]


async def test_usual_hours_are_kept_by_weekday(house):
    monday = date(2024, 4, 1)
    house.source.shift_list += [
        CrmShift(staff_id="1", on=monday + timedelta(weeks=week), opens=opens, closes=time(20))
        for week, opens in enumerate((time(10), time(11), time(10)))
    ]
    await house.sync()
    assert await house.execute("SELECT weekday, opens, closes FROM staff_hours") == [
        (1, time(10), time(20))
    ]


@pytest.mark.parametrize(
    ("said", "phone", "state"),
    [
        ("+7 (999) 000-11-22", "79990001122", "valid"),
        ("89990001122", "79990001122", "valid"),
        ("999 000 11 22", "79990001122", "valid"),
        ("79990001122.0", "79990001122", "valid"),
        ("+1 212 555 0142", "12125550142", "valid"),
        ("", None, "missing"),
        (None, None, "missing"),
        ("нет", None, "invalid"),
        ("+7 999 000", None, "invalid"),
    ],
)
async def test_phones_come_in_every_format(db, company, said, phone, state):
    house = await House(db=db, company=company).connect()
    house.source.put(HAIRCUT, client(1, said))
    await house.sync()
    assert await house.clients("phone, phone_state") == [(phone, state)]


async def test_walk_ins_are_counted_and_what_cannot_be_read_is_kept_with_its_reason(house, company):
    house.source.rejected = [
        Rejected(external_id="8", reason=NOBODY),
        Rejected(external_id="9", reason="datetime: missing"),
    ]
    outcome = (await house.sync())[Entity.RECORDS]
    assert (outcome.taken, outcome.left_out, outcome.rejected) == (4, 1, 1)
    kept = await crm_rejects.listed(house.db, company)
    assert [(one.external_id, one.reason) for one in kept] == [("9", "datetime: missing")]

    house.source.rejected = []
    house.later().put(record(9, ANNA, at("2024-03-01T12:00"), "11"))
    await house.sync()
    assert await crm_rejects.listed(house.db, company) == []


async def test_what_only_records_know_is_added_to_the_lists(house):
    house.source.put(
        replace(
            record(5, client(77, name="Дина"), at("2023-04-10T12:00"), staff_id="9"),
            staff_name="Прежняя",
            lines=(CrmLine(service_id="99", title="Чистка лица"),),
        )
    )
    await house.sync()
    assert ("yclients:77", "2023-04-10", "Чистка лица", "completed", None) in await house.bookings()
    assert await house.execute("SELECT name FROM staff WHERE NOT is_active") == [("Прежняя",)]
    assert await house.execute("SELECT title FROM services WHERE NOT is_active") == [
        ("Чистка лица",)
    ]


async def test_a_company_without_services_is_told_so_and_keeps_what_it_had(house):
    await house.sync()
    house.later()
    house.source.service_list.clear()
    outcomes = await house.sync()
    assert outcomes[Entity.SERVICES].error == syncing.NO_SERVICES
    assert await house.execute("SELECT count(*) FROM services WHERE is_active") == [(2,)]


# --- again and again ----------------------------------------------------------------------------


async def test_a_second_sync_with_nothing_new_asks_four_times_and_changes_nothing(house):
    await house.sync()
    before = await house.dump()
    rows = await house.execute("SELECT booking_id, updated_at FROM bookings ORDER BY 1")
    house.later()
    outcomes = await house.sync()
    assert house.source.asked == ["staff", "services", "clients 0", "records 0"]
    assert await house.dump() == before
    assert await house.execute("SELECT booking_id, updated_at FROM bookings ORDER BY 1") == rows
    assert {one.changed for one in outcomes.values()} == {0}


async def test_a_full_sync_of_an_unchanged_crm_changes_nothing(house):
    await house.sync()
    before = await house.dump()
    house.later(days=1)
    outcomes = await house.sync(full=True)
    assert await house.dump() == before
    assert {one.changed for one in outcomes.values()} == {0}


async def test_what_changed_during_a_sync_comes_with_the_next_one(house):
    await house.sync()
    house.source.now = house.now - timedelta(minutes=5)  # written while it was read
    house.source.put(record(2, ANNA, at("2024-02-11T12:00"), "11:150000"))
    house.later()
    await house.sync()
    assert "2024-02-11" in [row[1] for row in await house.bookings()]


@pytest.mark.parametrize("request_", range(1, 9))
async def test_killed_at_any_page_it_goes_on_there(house, request_):
    house.source.fail_at = request_
    with pytest.raises(KeyboardInterrupt):
        await house.sync()
    read = list(house.source.asked)
    house.later(minutes=1)
    await house.sync()
    again = house.source.asked
    assert again[0] == read[-1]  # the page that was not taken in
    assert not set(read[:-1]) & set(again)
    uninterrupted = ["company", "staff", "services", "clients 0", "clients 2"]
    uninterrupted += ["records 0", "records 2", "schedules"]
    assert read[:-1] + again == uninterrupted
    assert len(await house.bookings()) == 5


@pytest.mark.parametrize("request_", [4, 5, 6, 7])
async def test_a_full_sync_that_was_killed_goes_on_and_comes_to_the_same(house, request_):
    await house.sync()
    house.later(days=1)
    del house.source.client_list["3"], house.source.record_list["2"], house.source.record_list["4"]
    house.source.fail_at = request_
    with pytest.raises(KeyboardInterrupt):
        await house.sync(full=True)
    read = list(house.source.asked)
    house.later(minutes=1)
    await house.sync(full=True)
    assert not set(read[:-1]) & set(house.source.asked)
    assert ("yclients:1", "2024-02-10", "Стрижка", "cancelled", 150000) in await house.bookings()
    assert await house.clients("name, erased_at IS NULL") == [
        ("Анна", True),
        ("Белла", True),
        (None, False),
    ]


async def test_a_turn_ends_between_two_pages_and_the_next_one_is_due_at_once(house, company):
    outcomes = await house.sync(stopping=lambda: len(house.source.asked) >= 4)
    assert not outcomes[Entity.CLIENTS].is_done
    assert await syncing.is_first_under_way(house.db, company)
    assert (await crm_connections.get(house.db, company)).next_sync_at == house.now
    await house.sync()
    assert house.source.asked[0] == "clients 2"
    assert not await syncing.is_first_under_way(house.db, company)
    due = (await crm_connections.get(house.db, company)).next_sync_at
    assert due == house.now + syncing.EVERY


async def test_a_page_that_somebody_else_has_taken_in_is_not_taken_in_again(house, company):
    other = MemorySource(**{**vars(house.source), "asked": []})
    clients = house.source.clients

    async def overtaken(**where: Any) -> Any:
        page = await clients(**where)
        house.source.clients = clients  # type: ignore[method-assign]
        await syncing.sync(house.db, company, other, now=house.now, hash_phone=hash_phone)
        return page

    house.source.clients = overtaken  # type: ignore[method-assign]
    with pytest.raises(ConflictError, match="under way"):
        await house.sync()
    assert len(await house.bookings()) == 5


# --- clients ------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["tel:79990000101", "CARD-17"])
async def test_a_client_of_the_files_with_the_same_phone_is_that_client(house, key):
    known = await house.client("Аня", external_key=key, phone="79990000101", surname="Ким")
    await house.sync()
    assert await house.execute(
        "SELECT client_id, name, surname FROM clients WHERE external_key = 'yclients:1'"
    ) == [(known, "Анна", "Ким")]


async def test_where_two_have_the_phone_nobody_is_taken_for_anybody(house):
    for key in ("C1", "C2"):
        await house.client(external_key=key, phone="79990000101")
    await house.sync()
    assert len(await house.clients()) == 5


async def test_who_does_not_want_to_be_written_to_does_not_at_a_new_number_either(house, company):
    await house.sync()
    await opt_outs.add(
        house.db, company, ["79990000101"], source="client", now=house.now, hash_phone=hash_phone
    )
    house.later().put(client(1, "+7 999 000-55-55"))
    await house.sync()
    assert (await house.clients())[0] == ("yclients:1", "Анна", "79990005555")
    async with house.db.tenant(company.company_id) as connection:
        stopped = await opt_outs.among(connection, company, ["79990005555"], hash_phone)
    assert stopped == {"79990005555"}


async def test_a_refusal_and_a_blacklisting_are_not_taken_back(house):
    house.source.put(client(1, consent=False, blacklisted=True))
    await house.sync()
    house.later().put(client(1, consent=True))
    await house.sync()
    assert (await house.clients("consent, blacklisted"))[0] == ("refused", True)


async def test_two_cards_that_were_made_one_are_one_here(house, company):
    await house.sync()
    anna, bella = await house.execute("SELECT client_id FROM clients ORDER BY external_key LIMIT 2")
    row = await house.execute("SELECT booking_id FROM bookings WHERE external_key = '2'")
    reactivation = await house.contact(anna[0], "2024-02-08 12:00", booking_id=row[0][0],
                                       booking_created=True)  # fmt: skip
    source = house.later()
    del source.client_list["1"]
    for number in ("1", "2"):
        source.put(replace(source.record_list[number], client=BELLA))
    async with house.db.tenant(company.company_id) as connection:
        job = crm_clients.Job(connection=connection, company=company, crm="yclients", now=house.now)
        await crm_clients.suspect(job, ["1"], reason=crm_clients.SUSPECTED)
    await house.sync()

    assert source.asked[-1] == "client 1"
    assert {row[0] for row in await house.bookings()} == {"yclients:2", "yclients:3"}
    assert (await house.clients("name, phone, erased_at IS NULL"))[0] == (None, None, False)
    assert await house.execute(
        "SELECT client_id FROM client_reactivation_history WHERE id = %s", reactivation
    ) == [bella]
    assert await house.execute("SELECT count(*) FROM crm_rejects") == [(0,)]


async def test_who_is_deleted_but_expected_is_forgotten_only_when_that_is_over(house):
    await house.sync()
    source = house.later()
    source.put(client(3, is_deleted=True))
    await house.sync()
    assert (await house.clients("name"))[2] == ("Вера",)
    source = house.later()
    source.put(replace(source.record_list["4"], state=CANCELLED))
    await house.sync()
    assert (await house.clients("name"))[2] == (None,)


async def test_a_client_who_comes_back_is_known_again(house):
    await house.sync()
    house.later().put(client(2, is_deleted=True))
    await house.sync()
    assert (await house.clients("name, erased_at IS NULL"))[1] == (None, False)
    house.later().put(client(2, name="Белла"))
    await house.sync()
    assert (await house.clients("name, phone, erased_at IS NULL"))[1] == (
        *("Белла", "79990000202"),
        True,
    )


async def test_a_client_whom_a_full_list_does_not_have_is_asked_for_before_being_forgotten(house):
    await house.sync()
    source = house.later(days=1)
    hidden = source.client_list.pop("1")

    async def there(external_id: str) -> CrmClient | None:
        return hidden if external_id == "1" else None

    source.client = there  # type: ignore[method-assign]
    await house.sync(full=True)
    assert (await house.clients("name"))[0] == ("Анна",)
    assert await house.execute("SELECT count(*) FROM crm_rejects") == [(0,)]


# --- services -----------------------------------------------------------------------------------


async def test_a_renamed_service_stays_the_same_under_both_names(house):
    await house.sync()
    ((before, standard),) = await house.execute(
        "SELECT service_id, standard_key FROM services WHERE external_key = 'yclients:12'"
    )
    house.later()
    house.source.service_list[1] = replace(COLOUR, title="Маникюр с покрытием")
    await house.sync()
    ((after, other),) = await house.execute(
        "SELECT service_id, standard_key FROM services WHERE title = 'Маникюр с покрытием'"
    )
    assert after == before
    assert other != standard
    names = await house.execute("SELECT folded FROM service_names WHERE service_id = %s", before)
    assert sorted(names) == [("маникюр с покрытием",), ("окрашивание",)]


async def test_a_service_of_the_files_with_this_title_is_that_service(house):
    known = await house.insert("services", "service_id", title="Стрижка")
    await house.insert("service_names", "service_id", folded="стрижка", service_id=known)
    await house.sync()
    assert await house.execute(
        "SELECT service_id FROM services WHERE external_key = 'yclients:11'"
    ) == [(known,)]


async def test_two_services_of_the_same_title_stay_two(house):
    house.source.put(replace(HAIRCUT, external_id="13", category="Мужской зал"))
    await house.sync()
    await house.sync()
    assert await house.execute("SELECT count(*) FROM services WHERE title = 'Стрижка'") == [(2,)]


async def test_what_the_crm_lists_no_more_cannot_be_booked(house):
    await house.sync()
    house.later()
    house.source.service_list.remove(COLOUR)
    house.source.staff_list.remove(IRA)
    await house.sync()
    assert await house.execute("SELECT title FROM services WHERE is_active") == [("Стрижка",)]
    assert await house.execute("SELECT name FROM staff WHERE is_active") == [("Ольга",)]


# --- records ------------------------------------------------------------------------------------


async def test_a_service_taken_off_a_record_loses_its_row_and_what_was_counted_by_it_stays(house):
    await house.sync()
    ((colour, anna),) = await house.execute(
        "SELECT booking_id, client_id FROM bookings WHERE external_key = '1'"
        " AND amount_minor = 500000"
    )
    reactivation = await house.contact(
        anna, "2024-01-07 12:00", booking_id=colour, booking_created=True
    )
    house.later().put(record(1, ANNA, at("2024-01-10T12:00"), "11:150000"))
    await house.sync()
    assert [row[2] for row in await house.bookings() if row[1] == "2024-01-10"] == ["Стрижка"]
    ((kept,),) = await house.execute("SELECT booking_id FROM bookings WHERE external_key = '1'")
    assert (await house.conversion(reactivation))[0] == kept


async def test_a_service_put_in_anothers_place_keeps_the_booking(house):
    await house.sync()
    before = await house.execute("SELECT booking_id FROM bookings WHERE external_key = '4'")
    house.later().put(record(4, VERA, at("2024-04-12T15:00"), "11:150000", state=BOOKED))
    await house.sync()
    assert await house.execute(
        "SELECT booking_id FROM bookings WHERE external_key = '4'"
    ) == before  # fmt: skip
    assert (await house.bookings())[-1] == (
        *("yclients:3", "2024-04-12", "Стрижка"),
        *("booked", 150000),
    )


async def test_a_service_that_a_record_has_twice_is_one_row_for_both(house):
    house.source.put(record(5, ANNA, at("2024-03-20T12:00"), "11:100000", "11:50000"))
    await house.sync()
    assert ("yclients:1", "2024-03-20", "Стрижка", "completed", 150000) in await house.bookings()


async def test_a_late_change_of_what_became_of_a_visit_corrects_the_report(house, company):
    house.source.put(
        record(5, BELLA, at("2024-03-22T12:00"), "11:150000", booked_at=at("2024-03-20T10:00"))
    )
    await house.sync()
    ((bella,),) = await house.execute(
        "SELECT client_id FROM clients WHERE external_key = 'yclients:2'"
    )
    reactivation = await house.contact(bella, "2024-03-19 12:00")
    await conversions.attribute(house.db, company, now=house.now)
    assert (await house.conversion(reactivation))[1:] == (date(2024, 3, 22), 150000)

    house.later().put(replace(house.source.record_list["5"], state=NO_SHOW))
    await house.sync()
    await conversions.attribute(house.db, company, now=house.now)
    assert (await house.conversion(reactivation))[1:] == (None, None)

    amount = (CrmLine(service_id="11", amount_minor=99000),)
    came = replace(house.source.record_list["5"], state=BookingState.COMPLETED, lines=amount)
    house.later().put(came)
    await house.sync()
    await conversions.attribute(house.db, company, now=house.now)
    assert (await house.conversion(reactivation))[1:] == (date(2024, 3, 22), 99000)


async def test_a_deleted_record_is_cancelled_with_its_services_and_its_moment(house):
    await house.sync()
    gone = replace(house.source.record_list["4"], state=CANCELLED, lines=(),
                   cancelled_at=at("2024-04-01T12:30"))  # fmt: skip
    house.later().put(gone)
    await house.sync()
    assert await house.execute(
        "SELECT state, cancelled_at FROM bookings WHERE external_key = '4'"
    ) == [("cancelled", at("2024-04-01T12:30"))]
    assert (await house.bookings())[-1][2] == "Окрашивание"

    house.later().put(replace(gone, state=BOOKED, lines=(CrmLine(service_id="12"),)))
    await house.sync()
    assert await house.execute(
        "SELECT state, cancelled_at FROM bookings WHERE external_key = '4'"
    ) == [("booked", None)]


async def test_a_booking_that_the_assistant_made_stays_its_reactivations(house):
    await house.sync()
    ((vera,),) = await house.execute(
        "SELECT client_id FROM clients WHERE external_key = 'yclients:3'"
    )
    reactivation = await house.contact(vera, "2024-03-30 12:00")
    await house.execute(
        "UPDATE bookings SET reactivation_id = %s WHERE external_key = '4'", reactivation
    )
    house.later().put(record(4, VERA, at("2024-04-11T12:00"), "12", "11", state=BOOKED))
    await house.sync()
    assert await house.execute(
        "SELECT on_date::text, reactivation_id FROM bookings WHERE external_key = '4'"
        " AND reactivation_id IS NOT NULL"
    ) == [("2024-04-11", reactivation)]


async def test_the_files_bookings_of_the_days_that_the_crm_covers_are_replaced(house):
    anna = await house.client(external_key="tel:79990000101", phone="79990000101")
    kept = await house.booking(anna, "2023-11-01", origin="file")
    counted = await house.booking(anna, "2024-02-10", origin="file")
    reactivation = await house.contact(
        anna, "2024-02-08 12:00", booking_id=counted, booking_created=True
    )
    outcomes = await house.sync()
    assert outcomes[Entity.RECORDS].replaced == 1
    assert await house.execute("SELECT booking_id FROM bookings WHERE origin = 'file'") == [(kept,)]
    ((now,),) = await house.execute("SELECT booking_id FROM bookings WHERE external_key = '2'")
    assert (await house.conversion(reactivation))[0] == now


async def test_files_stay_until_the_first_sync_has_succeeded(house):
    anna = await house.client(external_key="tel:79990000101", phone="79990000101")
    await house.booking(anna, "2024-02-10", origin="file")
    house.source.fail_at = 7
    with pytest.raises(KeyboardInterrupt):
        await house.sync()
    assert await house.execute("SELECT count(*) FROM bookings WHERE origin = 'file'") == [(1,)]


# --- when it does not work ----------------------------------------------------------------------


async def test_a_revoked_token_disconnects_and_the_owner_is_told_once(house, company):
    await house.sync()
    house.later()
    house.source.fail_at, house.source.error = 1, CrmAccessError("The token was taken back.")
    with pytest.raises(CrmAccessError):
        await house.sync()
    connection = await crm_connections.get(house.db, company)
    assert (connection.state, connection.reason) == ("disconnected", "The token was taken back.")
    (notice,) = await notices.listed(house.db, company)
    assert notice.kind == notices.Kind.CRM_DISCONNECTED
    with pytest.raises(ConflictError, match="vernis connect"):
        await house.sync()


async def test_a_missing_right_to_the_schedules_disconnects_nothing(house, company):
    house.source.fail_at, house.source.error = 8, CrmAccessError("No right.")
    outcomes = await house.sync()
    assert outcomes[Entity.SCHEDULES].error == "No right."
    assert (await crm_connections.get(house.db, company)).is_connected


async def test_a_crm_that_does_not_answer_is_left_alone_ever_longer(house, company):
    house.source.error = UnavailableError("The CRM does not answer.")
    pauses = []
    for _ in range(3):
        house.source.fail_at = 1
        with pytest.raises(UnavailableError):
            await house.sync()
        at = (await crm_connections.get(house.db, company)).next_sync_at
        pauses.append((at - house.now) / timedelta(minutes=1))
        house.later()
    assert pauses == [1, 2, 4]
    known = await syncing.progress(house.db, company)
    assert known[Entity.COMPANY].error == "The CRM does not answer."
    await house.sync()
    assert (await syncing.progress(house.db, company))[Entity.COMPANY].error is None


async def test_what_is_not_due_is_not_read(house):
    await house.sync()
    assert await house.sync(only_due=True) == {}
    house.later()
    assert await house.sync(only_due=True)


async def test_what_was_asked_for_during_a_sync_is_due_after_it(house, company):
    staff = house.source.staff

    async def meanwhile() -> Any:
        await crm_connections.ask_for_sync(house.db, company, now=house.now)
        return await staff()

    house.source.staff = meanwhile  # type: ignore[method-assign]
    await house.sync()
    assert (await crm_connections.get(house.db, company)).next_sync_at == house.now


# --- connecting ---------------------------------------------------------------------------------


async def test_another_salon_needs_a_disconnection_first_and_begins_anew(house, company: Company):
    await house.sync()

    async def other() -> None:
        await crm_connections.connect(
            house.db, company, crm="yclients", external_id="8", token=None,
            seal=lambda *_, **__: b"", now=house.now,
        )  # fmt: skip

    with pytest.raises(ConflictError, match="vernis disconnect"):
        await other()
    assert await crm_connections.disconnect(house.db, company)
    await other()
    assert await syncing.progress(house.db, company) == {}
    at = await crm_connections.connection_at(house.db, crm="yclients", external_id="8")
    assert at == company.company_id
