"""Importing: what a salon's files become, whatever their order and however often."""

import random
from collections.abc import AsyncIterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from salon_files import (
    BOOKINGS,
    CANCELLATIONS,
    CLIENTS,
    MOSCOW,
    NO_SHOWS,
    NOW,
    RECEIPTS,
    SERVICES,
    TORONTO,
    bookings,
    dump,
    take_in,
    whole_rows,
    write,
    write_rows,
)
from salon_rows import Salon

from vernis.adapters.postgres import Database
from vernis.decide.files.records import Reject
from vernis.domain import Company, Locale
from vernis.errors import DataError
from vernis.stages import companies
from vernis.stages.importing import Source

TORONTO_ZONE = ZoneInfo("America/Toronto")


async def _toronto(db: Database, name: str = "Juniper") -> Company:
    return await companies.find_or_create(
        db, name=name, locale=Locale.EN, timezone="America/Toronto", currency="CAD", country="CA"
    )


@pytest.fixture
async def toronto(db: Database) -> Company:
    return await _toronto(db)


# --- one salon with codes ------------------------------------------------------------------------


async def test_a_whole_export_becomes_clients_services_staff_and_bookings(
    db: Database, toronto: Company, tmp_path: Path
) -> None:
    await take_in(db, toronto, write(tmp_path, TORONTO).values())

    tables = await dump(db, toronto)
    assert [row[:5] for row in tables["clients"]] == [
        ("BROA01", "Alice", None, "14165550101", "valid"),
        ("GRED01", "Dora", None, "14165550102", "valid"),
        ("LEEM01", "Mia", None, None, "missing"),
        ("NEWB01", None, None, None, "missing"),  # only a receipt names them
        ("WILT01", "Tom", None, None, "invalid"),
    ]
    assert [(row[0], row[1], row[2], row[4]) for row in tables["services"]] == [
        ("Men's haircut", "CUTS", 3500, True),
        ("Perm", "COLOR", 12000, False),
        ("Root touch up", "COLOR", 8000, True),
        ("Women's haircut", "CUTS", 6000, True),
    ]
    assert await bookings(db, toronto) == {
        ("BROA01", "2024-01-15", "Women's haircut", "completed"),
        ("BROA01", "2024-01-15", "Root touch up", "completed"),
        ("GRED01", "2024-02-13", "Women's haircut", "completed"),
        ("WILT01", "2024-02-14", "Men's haircut", "completed"),
        ("NEWB01", "2024-03-05", "Women's haircut", "completed"),
        ("BROA01", "2024-03-19", "Women's haircut", "booked"),
        ("GRED01", "2024-03-26", "Women's haircut", "booked"),
        ("LEEM01", "2024-04-02", "Root touch up", "cancelled"),
        ("LEEM01", "2024-03-04", "Women's haircut", "cancelled"),
        ("WILT01", "2024-02-20", "Men's haircut", "no_show"),
    }


async def test_the_days_booking_and_its_receipt_become_one(
    db: Database, toronto: Company, tmp_path: Path
) -> None:
    await take_in(db, toronto, write(tmp_path, TORONTO).values())

    (visit,) = [
        row
        for row in (await dump(db, toronto))["bookings"]
        if row[:2] == ("WILT01", date(2024, 2, 14))
    ]
    assert visit[4:7] == ("completed", 3500, datetime(2024, 2, 14, 9, tzinfo=TORONTO_ZONE))


async def test_refunds_products_walk_ins_and_totals_are_counted_and_no_visits(
    db: Database, toronto: Company, tmp_path: Path
) -> None:
    outcomes = await take_in(db, toronto, write(tmp_path, TORONTO).values())

    receipts = outcomes[RECEIPTS]
    assert receipts.taken == 5
    assert receipts.left_out == {"product": 1, "walk_in": 2, "refund": 1}
    assert receipts.rejected == {"bad_date": 1, "bad_amount": 1}


async def test_rejected_rows_are_handed_out_with_line_and_reason(
    db: Database, toronto: Company, tmp_path: Path
) -> None:
    kept: list[tuple[str, int, str]] = []

    def keep(source: Source, reject: Reject) -> None:
        kept.append((source.name, reject.line, reject.reason))

    await take_in(db, toronto, write(tmp_path, TORONTO).values(), on_reject=keep)

    assert kept == [(RECEIPTS, 10, "bad_date"), (RECEIPTS, 11, "bad_amount")]


async def test_every_row_read_is_reported_for_the_progress_bar(
    db: Database, toronto: Company, tmp_path: Path
) -> None:
    seen = []
    await take_in(db, toronto, [write(tmp_path, TORONTO)[RECEIPTS]], on_row=lambda: seen.append(1))
    assert len(seen) == 11


@pytest.mark.parametrize("seed", range(4))
async def test_the_order_of_the_files_makes_no_difference(
    db: Database, tmp_path: Path, seed: int
) -> None:
    paths = list(write(tmp_path, TORONTO).values())
    one, other = await _toronto(db, "One"), await _toronto(db, "Other")
    await take_in(db, one, paths)

    random.Random(seed).shuffle(paths)
    await take_in(db, other, paths)

    assert await dump(db, other) == await dump(db, one)


@pytest.mark.parametrize(
    "order",
    [
        (RECEIPTS, BOOKINGS, CANCELLATIONS, NO_SHOWS, CLIENTS, SERVICES),
        (NO_SHOWS, CANCELLATIONS, BOOKINGS, SERVICES, RECEIPTS, CLIENTS),
        (CLIENTS, BOOKINGS, RECEIPTS, SERVICES, NO_SHOWS, CANCELLATIONS),
        (SERVICES, RECEIPTS, CANCELLATIONS, CLIENTS, BOOKINGS, NO_SHOWS),
    ],
)
async def test_files_that_come_day_by_day_end_in_the_same_tables(
    db: Database, tmp_path: Path, order: tuple[str, ...]
) -> None:
    paths = write(tmp_path, TORONTO)
    together, apart = await _toronto(db, "Together"), await _toronto(db, "Apart")
    await take_in(db, together, paths.values())

    for name in order:
        await take_in(db, apart, [paths[name]])

    expected, found = await dump(db, together), await dump(db, apart)
    for table in ("clients", "services", "bookings", "busy_quarters"):
        assert found[table] == expected[table], table


async def test_files_read_twice_change_nothing(
    db: Database, toronto: Company, tmp_path: Path
) -> None:
    paths = write(tmp_path, TORONTO)
    await take_in(db, toronto, paths.values())
    before = await whole_rows(db, toronto)

    await take_in(db, toronto, paths.values())
    assert await whole_rows(db, toronto) == before

    for path in paths.values():
        await take_in(db, toronto, [path])
        assert await whole_rows(db, toronto) == before, path.name


async def test_a_damaged_last_file_leaves_nothing_of_the_others(
    db: Database, toronto: Company, tmp_path: Path
) -> None:
    texts = {SERVICES: TORONTO[SERVICES], RECEIPTS: TORONTO[RECEIPTS]}
    texts[NO_SHOWS] = TORONTO[NO_SHOWS] + '02/21/2024,BROA01,"WCUT,KATE\n' + "x\n" * 300
    paths = write(tmp_path, texts)
    with pytest.raises(DataError):
        await take_in(db, toronto, paths.values())
    sources = [RECEIPTS, SERVICES]

    def broken(*_: Any) -> None:
        raise DataError("The disk is full.")

    with pytest.raises(DataError, match="disk"):
        await take_in(db, toronto, [paths[name] for name in sources], on_reject=broken)

    assert not any((await whole_rows(db, toronto)).values())
    assert await Salon(db, toronto).execute("SELECT count(*) FROM imports") == [(0,)]


async def test_two_imports_at_once_wait_for_each_other(db: Database, toronto: Company) -> None:
    async with db.tenant(toronto.company_id) as first, db.tenant(toronto.company_id) as second:
        from vernis.stages.importing import sql

        values = {"company_id": toronto.company_id}
        await first.execute(sql.one_at_a_time.sql, values)
        cursor = await second.execute(
            "SELECT pg_try_advisory_xact_lock(hashtext('vernis.import'), %(company_id)s::integer)",
            values,
        )
        assert await cursor.fetchone() == (False,)


# --- services of two names --------------------------------------------------------------------


async def test_the_list_of_services_unites_the_code_and_the_title_of_one_service(
    db: Database, toronto: Company, tmp_path: Path
) -> None:
    paths = write(tmp_path, TORONTO)
    await take_in(db, toronto, [paths[RECEIPTS], paths[BOOKINGS]])
    salon = Salon(db, toronto)
    ids = dict(await salon.execute("SELECT folded, service_id FROM service_names"))
    ((client_id,),) = await salon.execute(
        "SELECT client_id FROM clients WHERE external_key = 'BROA01'"
    )
    for attempt, name in enumerate(["wcut", "women s haircut"], start=1):
        await salon.contact(
            client_id, "2024-03-10 12:00", attempt=attempt, last_service_id=ids[name]
        )

    await take_in(db, toronto, [paths[SERVICES]])

    names = dict(await salon.execute("SELECT folded, service_id FROM service_names"))
    assert names["wcut"] == names["women s haircut"]
    assert await salon.execute(
        "SELECT DISTINCT last_service_id FROM client_reactivation_history"
    ) == [(names["wcut"],)]
    assert await salon.execute("SELECT count(*) FROM services") == [(4,)]


async def test_conversions_stay_with_the_visit_when_two_services_become_one(
    db: Database, toronto: Company, tmp_path: Path
) -> None:
    paths = write(tmp_path, TORONTO)
    await take_in(db, toronto, [paths[BOOKINGS], paths[RECEIPTS]])
    salon = Salon(db, toronto)
    rows = await salon.execute(
        "SELECT client_id, booking_id, state FROM bookings WHERE on_date = '2024-02-14'"
    )
    booking_of = {state: booking_id for _, booking_id, state in rows}
    reactivation = await salon.contact(
        rows[0][0],
        "2024-02-10 12:00",
        booking_created=True,
        booking_id=booking_of["booked"],
    )

    await take_in(db, toronto, [paths[SERVICES]])

    converted, _, _ = await salon.conversion(reactivation)
    assert converted == booking_of["completed"]


async def test_a_title_that_only_bookings_name_is_no_product_on_a_receipt(
    db: Database, toronto: Company, tmp_path: Path
) -> None:
    texts = {name: TORONTO[name] for name in (SERVICES, RECEIPTS)}
    texts[BOOKINGS] = TORONTO[BOOKINGS] + "BROA01,KATE,Glaze,03/20/2024,1:00:00 PM,780\n"
    texts[RECEIPTS] += "9,02/27/2024,Glaze,BROA01,KATE,1,40,2,3.2\n"
    texts[RECEIPTS] += "9,02/27/2024,Gift box,BROA01,KATE,1,40,2,3.2\n"
    paths = write(tmp_path, texts).values()

    outcomes = await take_in(db, toronto, paths)
    before = await whole_rows(db, toronto)
    await take_in(db, toronto, paths)

    assert outcomes[RECEIPTS].left_out["product"] == 2  # the shampoo and the box
    assert ("BROA01", "2024-02-27", "Glaze", "completed") in await bookings(db, toronto)
    assert await whole_rows(db, toronto) == before


# --- clients --------------------------------------------------------------------------------


async def test_a_salon_without_codes_knows_its_clients_by_phone(
    db: Database, company: Company, tmp_path: Path
) -> None:
    outcomes = await take_in(db, company, write(tmp_path, MOSCOW).values())

    tables = await dump(db, company)
    assert [row[:5] + row[6:] for row in tables["clients"]] == [
        ("name:ольга", "Ольга", None, None, "invalid", "unknown", False),
        ("tel:79000000001", "Анна", "Иванова", "79000000001", "valid", "given", False),
        ("tel:79000000002", "Мария", None, "79000000002", "valid", "refused", False),
        ("tel:79000000004", "Светлана", None, "79000000004", "valid", "unknown", True),
        ("tel:79000000009", "Новая клиентка", None, "79000000009", "valid", "unknown", False),
    ]
    assert await bookings(db, company) == {
        ("tel:79000000001", "2024-01-13", "Маникюр с покрытием", "completed"),
        ("tel:79000000001", "2024-02-14", "Маникюр с покрытием", "completed"),
        ("tel:79000000001", "2024-03-20", "Маникюр с покрытием", "booked"),
        ("tel:79000000002", "2024-02-15", "Женская стрижка", "completed"),
        ("tel:79000000002", "2024-03-21", "Женская стрижка", "cancelled"),
        ("tel:79000000009", "2024-02-20", "Женская стрижка", "completed"),
    }
    # «Гость», and a visit whose phone is none and who has no name: nobody's, not one client's
    assert outcomes["Визиты.csv"].left_out == {"walk_in": 2}
    assert outcomes["Визиты.csv"].taken == 4


async def test_russian_files_read_apart_and_twice_change_nothing(
    db: Database, company: Company, tmp_path: Path
) -> None:
    paths = write(tmp_path, MOSCOW)
    other = await companies.find_or_create(
        db, name="Ива", locale=Locale.RU, timezone="Europe/Moscow", currency="RUB", country="RU"
    )
    await take_in(db, company, paths.values())
    before = await whole_rows(db, company)
    await take_in(db, company, paths.values())
    assert await whole_rows(db, company) == before

    for name in ("Записи.csv", "Визиты.csv", "Услуги.csv", "Клиенты.csv"):
        await take_in(db, other, [paths[name]])
    expected, found = await dump(db, company), await dump(db, other)
    for table in ("services", "bookings", "busy_quarters"):
        assert found[table] == expected[table], table


async def test_a_cp1251_export_is_read_like_its_utf8_twin(
    db: Database, company: Company, tmp_path: Path
) -> None:
    other = await companies.find_or_create(
        db, name="Ива", locale=Locale.RU, timezone="Europe/Moscow", currency="RUB", country="RU"
    )
    await take_in(db, company, write(tmp_path / "utf-8", MOSCOW).values())
    await take_in(db, other, write(tmp_path / "cp1251", MOSCOW, encoding="cp1251").values())
    assert await dump(db, other) == await dump(db, company)


async def test_a_list_of_clients_adopts_those_who_were_known_by_phone_only(
    db: Database, company: Company, tmp_path: Path
) -> None:
    paths = write(
        tmp_path,
        {
            "Визиты.csv": MOSCOW["Визиты.csv"],
            "Клиенты.csv": "Код клиента;Имя;Телефон\nA17;Анна;8 900 000-00-01\n",
        },
    )
    await take_in(db, company, [paths["Визиты.csv"]])
    await take_in(db, company, [paths["Клиенты.csv"]])
    await take_in(db, company, [paths["Визиты.csv"]])

    keys = [row[0] for row in (await dump(db, company))["clients"]]
    assert keys == ["A17", "tel:79000000002", "tel:79000000009"]
    assert ("A17", "2024-02-14", "Маникюр с покрытием", "completed") in await bookings(db, company)


async def test_a_family_phone_is_adopted_by_the_same_client_in_any_order(
    db: Database, company: Company, tmp_path: Path
) -> None:
    other = await companies.find_or_create(
        db, name="Ива", locale=Locale.RU, timezone="Europe/Moscow", currency="RUB", country="RU"
    )
    family = "Код клиента;Имя;Телефон\nB2;Анна;89000000001\nA1;Пётр;89000000001\n"
    texts = {"Визиты.csv": MOSCOW["Визиты.csv"], "Клиенты.csv": family}
    visits, clients = write(tmp_path, texts).values()
    for path in (visits, clients):
        await take_in(db, company, [path])
    for path in (clients, visits):
        await take_in(db, other, [path])
    assert await bookings(db, company) == await bookings(db, other)


async def test_one_code_with_two_phones_adopts_only_one_of_them(
    db: Database, company: Company, tmp_path: Path
) -> None:
    twice = "Код клиента;Имя;Телефон\nA1;Анна;89000000001\nA1;Анна;89000000002\n"
    texts = {"Визиты.csv": MOSCOW["Визиты.csv"], "Клиенты.csv": twice}
    visits, clients = write(tmp_path, texts).values()
    await take_in(db, company, [visits])
    await take_in(db, company, [clients])
    keys = [row[0] for row in (await dump(db, company))["clients"]]
    assert keys == ["A1", "tel:79000000002", "tel:79000000009"]


@pytest.mark.parametrize(
    ("consent", "blacklisted", "kept"),
    [
        ("да", "нет", ("refused", True)),
        ("", "", ("refused", True)),
        ("нет", "да", ("refused", True)),
    ],
)
async def test_no_file_takes_back_a_refusal_or_a_blacklisting(
    db: Database,
    company: Company,
    tmp_path: Path,
    consent: str,
    blacklisted: str,
    kept: tuple[str, bool],
) -> None:
    header = "Имя;Телефон;Согласие на рассылку;Чёрный список\n"
    first = f"{header}Анна;89000000001;нет;да\n"
    later = f"{header}Анна;89000000001;{consent};{blacklisted}\n"
    for text in (first, later):
        await take_in(db, company, write(tmp_path, {"Клиенты.csv": text}).values())
    (client,) = (await dump(db, company))["clients"]
    assert client[6:] == kept


async def test_one_refusal_among_a_clients_rows_is_enough(
    db: Database, company: Company, tmp_path: Path
) -> None:
    text = (
        "Имя;Телефон;Согласие на рассылку;Чёрный список\n"
        "Анна;89000000001;нет;да\nАнна;8 900 000 00 01;да;нет\n"
    )
    await take_in(db, company, write(tmp_path, {"Клиенты.csv": text}).values())
    (client,) = (await dump(db, company))["clients"]
    assert client[6:] == ("refused", True)


async def test_consent_comes_with_its_source_and_the_first_day_it_was_told(
    db: Database, company: Company, tmp_path: Path
) -> None:
    header = "Код клиента;Имя;Телефон;Согласие на рассылку\n"
    days = {
        NOW: "A1;Анна;89000000001;да\nA2;Ева;89000000002;\nA3;Ия;89000000003;да\n",
        NOW + timedelta(days=9): "A1;Анна;89000000001;да\nA2;Ева;89000000002;да\n"
        "A3;Ия;89000000003;нет\n",
    }
    for now, text in days.items():
        sources = write(tmp_path, {"Клиенты.csv": header + text}).values()
        await take_in(db, company, sources, now=now)
    async with db.tenant(company.company_id) as connection:
        cursor = await connection.execute(
            "SELECT external_key, consent, consent_source, consent_on FROM clients"
            " WHERE company_id = %s ORDER BY external_key",
            [company.company_id],
        )
        told = await cursor.fetchall()
    first, then = (now.astimezone(company.zone).date() for now in days)
    assert told == [
        ("A1", "given", "file", first),
        ("A2", "given", "file", then),
        ("A3", "refused", "file", then),
    ]
    assert await companies.without_consent(db, company) == 0


async def test_a_later_file_keeps_what_it_does_not_say(
    db: Database, toronto: Company, tmp_path: Path
) -> None:
    for text in ("Code,Name,Phone\nA1,Ann,4165550101\n", "Code,Name,Phone\nA1,,\n"):
        await take_in(db, toronto, write(tmp_path, {CLIENTS: text}).values())
    (client,) = (await dump(db, toronto))["clients"]
    assert client[:5] == ("A1", "Ann", None, "14165550101", "valid")


# --- appointments that change ------------------------------------------------------------------

_WITH_ID = "Appointment ID,Client code,Staff,Service,Appointment date,Time,Status\n"


async def _appointments(db: Database, company: Company, folder: Path, *lines: str) -> None:
    text = _WITH_ID + "".join(f"{line}\n" for line in lines)
    await take_in(db, company, write(folder, {"Appointments.csv": text}).values())


async def _ahead(db: Database, company: Company) -> list[tuple[Any, ...]]:
    """Day, local start and state of the bookings, and how many quarters each takes."""
    rows = await Salon(db, company).execute(
        "SELECT on_date, starts_at, state,"
        " (SELECT count(*) FROM busy_quarters q WHERE q.booking_id = b.booking_id)"
        " FROM bookings b ORDER BY on_date"
    )
    return [
        (day.isoformat(), f"{starts.astimezone(company.zone):%H:%M}", state, quarters)
        for day, starts, state, quarters in rows
    ]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["7,A1,KATE,WCUT,03/28/2024,14:00,Booked"], [("2024-03-28", "14:00", "booked", 4)]),
        (["7,A1,KATE,WCUT,03/21/2024,16:30,Booked"], [("2024-03-21", "16:30", "booked", 4)]),
        (["7,A1,JOE,WCUT,03/21/2024,14:00,Booked"], [("2024-03-21", "14:00", "booked", 4)]),
        (["7,A1,KATE,WCUT,03/14/2024,14:00,Completed"], [("2024-03-14", "14:00", "completed", 0)]),
        (["7,A1,KATE,WCUT,03/21/2024,14:00,Cancelled"], [("2024-03-21", "14:00", "cancelled", 0)]),
        (
            [
                "7,A1,KATE,WCUT,03/21/2024,14:00,Booked",
                "7,A1,KATE,WCUT,03/28/2024,14:00,Booked",
            ],
            [("2024-03-21", "14:00", "booked", 4), ("2024-03-28", "14:00", "booked", 4)],
        ),
    ],
    ids=["another day", "another time", "another master", "moved and done", "cancelled", "series"],
)
async def test_a_changed_appointment_replaces_what_it_was(
    db: Database, toronto: Company, tmp_path: Path, lines: list[str], expected: list[Any]
) -> None:
    await _appointments(db, toronto, tmp_path, "7,A1,KATE,WCUT,03/21/2024,14:00,Booked")
    await _appointments(db, toronto, tmp_path, *lines)
    assert await _ahead(db, toronto) == expected

    before = await whole_rows(db, toronto)
    await _appointments(db, toronto, tmp_path, *lines)
    assert await whole_rows(db, toronto) == before


async def test_the_conversion_goes_along_with_a_moved_appointment(
    db: Database, toronto: Company, tmp_path: Path
) -> None:
    await _appointments(db, toronto, tmp_path, "7,A1,KATE,WCUT,03/21/2024,14:00,Booked")
    salon = Salon(db, toronto)
    ((booking_id, client_id),) = await salon.execute("SELECT booking_id, client_id FROM bookings")
    reactivation = await salon.contact(
        client_id, "2024-03-10 12:00", booking_created=True, booking_id=booking_id
    )

    await _appointments(db, toronto, tmp_path, "7,A1,KATE,WCUT,03/28/2024,14:00,Booked")

    ((moved_to, on),) = await salon.execute("SELECT booking_id, on_date FROM bookings")
    assert on == date(2024, 3, 28)
    assert (await salon.conversion(reactivation))[0] == moved_to


async def test_a_receipt_with_an_appointments_number_moves_nothing(
    db: Database, toronto: Company, tmp_path: Path
) -> None:
    await _appointments(db, toronto, tmp_path, "7,A1,KATE,WCUT,03/21/2024,14:00,Booked")
    text = "Receipt,Date,Description,Client,Staff,Amount,GST\n7,02/13/2024,Trim,A1,KATE,20,1\n"
    await take_in(db, toronto, write(tmp_path, {RECEIPTS: text}).values())
    assert await bookings(db, toronto) == {
        ("A1", "2024-03-21", "WCUT", "booked"),
        ("A1", "2024-02-13", "Trim", "completed"),
    }


async def test_what_was_cancelled_and_booked_again_that_day_is_paid_once(
    db: Database, toronto: Company, tmp_path: Path
) -> None:
    header = "Client code,Service,Appointment date,Time,Status,Amount\n"
    text = f"{header}A1,WCUT,02/21/2024,10:00,Cancelled,60\nA1,WCUT,02/21/2024,16:00,Completed,55\n"
    await take_in(db, toronto, write(tmp_path, {"Appointments.csv": text}).values())
    (row,) = (await dump(db, toronto))["bookings"]
    assert row[4:6] == ("completed", 5500)
    assert f"{row[6].astimezone(TORONTO_ZONE):%H:%M}" == "16:00"
    assert row[9] is None  # not cancelled


async def test_what_was_paid_outranks_what_was_planned_in_any_order(
    db: Database, tmp_path: Path
) -> None:
    texts = {
        RECEIPTS: (
            "Receipt,Date,Description,Client,Staff,Amount,GST\n1,02/13/2024,WCUT,A1,JOE,55,1\n"
        ),
        "Appointments.csv": (
            "Client code,Service,Staff,Appointment date,Time,Status,Price\n"
            "A1,WCUT,KATE,02/13/2024,10:00,Confirmed,60\n"
        ),
    }
    paths = list(write(tmp_path, texts).values())
    for name, order in (("One", paths), ("Other", paths[::-1])):
        company = await _toronto(db, name)
        for path in order:
            await take_in(db, company, [path])
        (row,) = (await dump(db, company))["bookings"]
        assert row[3:6] == ("JOE", "completed", 5500), name


# --- the calendar ---------------------------------------------------------------------------------


async def test_appointments_ahead_take_their_masters_time(
    db: Database, toronto: Company, tmp_path: Path
) -> None:
    await take_in(db, toronto, write(tmp_path, TORONTO).values())

    busy = (await dump(db, toronto))["busy_quarters"]
    local = [
        (master, f"{at.astimezone(TORONTO_ZONE):%m-%d %H:%M}", client)
        for master, at, client in busy
    ]
    assert local == [
        *[("KATE", f"03-19 16:{minute:02}", "BROA01") for minute in (0, 15, 30, 45)],
        # 10:10 to 11:10 touches five quarters
        *[("KATE", f"03-26 10:{minute:02}", "GRED01") for minute in (0, 15, 30, 45)],
        ("KATE", "03-26 11:00", "GRED01"),
    ]


async def test_a_longer_duration_takes_more_time_of_what_is_booked_already(
    db: Database, toronto: Company, tmp_path: Path
) -> None:
    await _appointments(db, toronto, tmp_path, "7,A1,KATE,WCUT,03/21/2024,14:00,Booked")
    text = "Service code,Service name,Price,Duration\nWCUT,Women's haircut,60,90\n"
    await take_in(db, toronto, write(tmp_path, {SERVICES: text}).values())
    assert await _ahead(db, toronto) == [("2024-03-21", "14:00", "booked", 6)]


async def test_working_hours_are_inferred_from_when_masters_were_booked(
    db: Database, toronto: Company, tmp_path: Path
) -> None:
    first = date(2024, 1, 2)  # a Tuesday
    rows = [
        (f"C{n}", "KATE", "WCUT", f"{first + timedelta(days=7 * n):%m/%d/%Y}", hour, "Completed")
        for n, hour in enumerate(["10:30", "12:00", "17:15"])
    ]
    rows.append(("C9", "KATE", "WCUT", "01/03/2024", "08:00", "Completed"))  # one Wednesday
    rows.append(("C9", "GONE", "WCUT", "10/03/2023", "08:00", "Completed"))
    path = write_rows(
        tmp_path / "Appointments.csv",
        "Client code,Staff,Service,Appointment date,Time,Status",
        rows,
    )
    await take_in(db, toronto, [path])

    salon = Salon(db, toronto)
    hours = await salon.execute(
        "SELECT s.name, weekday, opens, closes FROM staff_hours JOIN staff s USING (staff_id)"
    )
    assert hours == [("KATE", 2, time(10), time(18, 15))]
    assert await salon.execute("SELECT name, is_active FROM staff ORDER BY name") == [
        ("GONE", False),
        ("KATE", True),
    ]


async def test_without_times_masters_work_from_ten_to_seven(
    db: Database, toronto: Company, tmp_path: Path
) -> None:
    rows = [(n, f"{date(2024, 1, 2 + 7 * n):%m/%d/%Y}", "Cut", "A1", "JOE", 20) for n in range(4)]
    header = "Receipt,Date,Description,Client,Staff,Amount"
    await take_in(db, toronto, [write_rows(tmp_path / RECEIPTS, header, rows)])
    hours = await Salon(db, toronto).execute("SELECT weekday, opens, closes FROM staff_hours")
    assert hours == [(2, time(10), time(19))]


@pytest.mark.parametrize("mistyped", [False, True])
async def test_masters_do_not_retire_for_lack_of_visits_or_a_mistyped_year(
    db: Database, toronto: Company, tmp_path: Path, mistyped: bool
) -> None:
    lines = ["7,A1,KATE,WCUT,03/21/2024,14:00,Booked"]
    if mistyped:
        lines.append("8,A1,JOE,WCUT,03/01/2026,14:00,Completed")
    await _appointments(db, toronto, tmp_path, *lines)
    rows = await Salon(db, toronto).execute("SELECT is_active FROM staff WHERE name = 'KATE'")
    assert rows == [(True,)]


# --- any export -----------------------------------------------------------------------------------

_DAYS = st.integers(0, 60).map(lambda n: date(2024, 1, 20) + timedelta(days=n))
_LINES = st.lists(
    st.tuples(
        _DAYS,
        st.sampled_from(["A1", "B2", "C3", "WALK_IN"]),
        st.sampled_from(["WCUT", "ROOT", "", "Women's haircut"]),
        st.sampled_from(["Booked", "Cancelled", "Completed", "No show"]),
        st.one_of(st.none(), st.integers(0, 200)),
    ),
    max_size=12,
)
_HEADER = "Appointment date,Client code,Service,Status,Amount,Time,Staff"
_SURE = ("01/31/2024", "Z9", "WCUT", "Completed", 10, "09:00", "KATE")  # tells the order of dates


def _appointment_rows(lines: list[tuple[date, str, str, str, int | None]]) -> list[tuple[Any, ...]]:
    return [_SURE] + [
        (f"{on:%m/%d/%Y}", client, service, state, amount, f"{9 + on.day % 9}:15", "KATE")
        for on, client, service, state, amount in lines
    ]


@pytest.fixture
async def salons(db: Database) -> AsyncIterator[Any]:
    """A new company for each example, all in one database."""
    count = iter(range(10_000))

    async def another() -> Company:
        return await _toronto(db, f"Salon {next(count)}")

    return another


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(lines=_LINES, cut=_DAYS, listed_first=st.booleans())
async def test_an_export_in_two_parts_is_the_same_as_at_once(
    db: Database,
    salons: Any,
    tmp_path: Path,
    lines: list[tuple[date, str, str, str, int | None]],
    cut: date,
    listed_first: bool,
) -> None:
    once, apart = await salons(), await salons()
    whole = write_rows(tmp_path / "Appointments.csv", _HEADER, _appointment_rows(lines))
    parts = [
        write_rows(tmp_path / f"Appointments {name}.csv", _HEADER, _appointment_rows(part))
        for name, part in (
            ("early", [line for line in lines if line[0] < cut]),
            ("late", [line for line in lines if line[0] >= cut]),
        )
    ]
    services = write(tmp_path, {SERVICES: TORONTO[SERVICES]})[SERVICES]
    await take_in(db, once, [whole, services])

    order = [services, *parts] if listed_first else [parts[1], parts[0], services]
    for path in order:
        await take_in(db, apart, [path])

    expected, found = await dump(db, once), await dump(db, apart)
    assert found["bookings"] == expected["bookings"]
    assert found["clients"] == expected["clients"]
    before = await whole_rows(db, apart)
    await take_in(db, apart, parts)
    assert await whole_rows(db, apart) == before
