"""What a table is and which column holds what."""

import json
from collections.abc import Sequence

import pytest

from vernis.decide.files.column_names import Field, Kind
from vernis.decide.files.columns import Understanding, parse_map, understand
from vernis.decide.files.dates import DateOrder
from vernis.errors import DataError


def look(header: str, *lines: str, **given: object) -> Understanding:
    rows = [(number, line.split("|")) for number, line in enumerate(lines, start=2)]
    return understand(header.split("|"), rows, **given)  # type: ignore[arg-type]


def columns(understanding: Understanding) -> dict[str, str]:
    return {field.value: column for field, column in understanding.fields.items()}


RUSSIAN_VISITS = (
    "Дата визита|Клиент|Телефон|Услуга|Сотрудник|Стоимость, руб.|Статус|Код",
    "12.03.2024 14:00|Анна|+7 900 000-00-01|Маникюр|Ольга|1 500,00|Пришел|10",
    "13.03.2024 15:00|Мария|+7 900 000-00-02|Педикюр|Ольга|2 000,00|Не пришел|11",
    "20.03.2024 15:00|Анна|+7 900 000-00-01|Педикюр|Ольга|2 000,00|Отменен|10",
)


def test_a_russian_list_of_records_with_their_states_is_one_of_bookings() -> None:
    found = look(*RUSSIAN_VISITS, name="Записи за март")
    assert found.kind is Kind.BOOKINGS
    assert columns(found) == {
        "client_code": "Код", "name": "Клиент", "phone": "Телефон", "service": "Услуга",
        "staff": "Сотрудник", "date": "Дата визита", "amount": "Стоимость, руб.",
        "status": "Статус",
    }  # fmt: skip
    assert found.decimal == ","


def test_a_bare_code_that_differs_for_the_same_client_is_the_bookings() -> None:
    found = look(*RUSSIAN_VISITS[:3], RUSSIAN_VISITS[3].replace("|10", "|12"))
    assert found.fields[Field.RECEIPT] == "Код"
    assert Field.CLIENT_CODE not in found.fields
    assert found.notes


def test_a_bare_code_of_clients_who_come_once_is_not_used() -> None:
    found = look(*RUSSIAN_VISITS[:3])
    assert "Код" in found.ignored
    assert "Код" in found.notes[0]


def test_an_english_list_of_appointments() -> None:
    found = look(
        "Ref #|Client|Mobile number|Service|Team member|Scheduled date|Time|Status|Net sales"
        "|Created date",
        "A1|Ann Sample|555-555-0101|Cut|Kim|14 Mar 2024|2:00pm|Completed|$82.00|1 Mar 2024",
        "A2|Bea Sample|555-555-0102|Cut|Kim|15 Mar 2024|3:00pm|No-show|$0.00|2 Mar 2024",
    )  # fmt: skip
    assert found.kind is Kind.BOOKINGS
    assert columns(found) == {
        "name": "Client", "phone": "Mobile number", "service": "Service", "staff": "Team member",
        "date": "Scheduled date", "time": "Time", "amount": "Net sales", "status": "Status",
        "booked_on": "Created date", "receipt": "Ref #",
    }  # fmt: skip


def test_a_receipt_line_per_service_is_a_visit_and_its_client_a_code() -> None:
    found = look(
        "Receipt|Date|Description|Client|Staff|Quantity|Amount|GST",
        "1|03/15/2024|Men's cut|SMIA01|KIM|1|60|3",
        "2|03/16/2024|Wax 100g|WALK_IN|KIM|1|20|1",
    )
    assert found.kind is Kind.VISITS
    assert found.date_order is DateOrder.MDY
    assert columns(found) == {
        "client_code": "Client", "service": "Description", "staff": "Staff", "date": "Date",
        "amount": "Amount", "quantity": "Quantity", "receipt": "Receipt",
    }  # fmt: skip
    assert found.ignored == ("GST",)


@pytest.mark.parametrize(
    ("header", "line", "name", "kind"),
    [
        ("Cancel Date|Code|Booking Date", "03/20/2024|A1|03/25/2024", "", "cancellations"),
        ("Date|Code|Service|Staff", "03/20/2024|A1|CUT|KIM", "No-Show Report", "no_shows"),
        ("Дата|Клиент|Услуга", "20.03.2024|Анна|Маникюр", "Неявки за март", "no_shows"),
        ("Дата|Клиент|Услуга", "20.03.2024|Анна|Маникюр", "Отмены", "cancellations"),
        ("Дата|Клиент|Услуга", "20.03.2024|Анна|Маникюр", "Визиты", "visits"),
        ("Дата|Время|Клиент", "20.03.2024|10:00|Анна", "", "bookings"),
        ("Дата посещения|Клиент", "20.03.2024|Анна", "", "visits"),
        ("client_id|date|amount", "0001|2024-03-20|12.5", "", "visits"),
        ("Code|Desc|Cate|Price", "CUT|Cut|STYLE|60", "", "services"),
        ("Название|Категория|Цена, ₽|Минут", "Маникюр|Ногти|от 1500|60", "", "services"),
        ("Услуга", "Маникюр", "", "services"),
        ("Code|Name|Phone", "A1|Ann|555-555-0101", "", "clients"),
        ("Имя|Дата рождения|Последний визит", "Анна|12.03.1990|01.02.2024", "", "clients"),
        ("Имя|Email|Количество визитов", "Анна|a@example.com|3", "", "clients"),
    ],
)  # fmt: skip
def test_the_kind_is_told_by_columns_then_by_the_files_name(
    header: str, line: str, name: str, kind: str
) -> None:
    assert look(header, line, name=name).kind == kind


def test_a_table_that_may_be_visits_or_no_shows_is_asked_for() -> None:
    header, line = "Date|Code|Service|Staff", "03/20/2024|A1|CUT|KIM"
    with pytest.raises(DataError, match="--kind"):
        look(header, line, name="export")
    assert look(header, line, name="export", kind=Kind.NO_SHOWS).kind is Kind.NO_SHOWS


def test_visits_whose_dates_are_none_are_not_taken_for_clients() -> None:
    with pytest.raises(DataError, match="not clear"):
        look("Дата|Клиент|Телефон", "вчера|Анна|79990000001")


def test_booking_date_is_the_day_of_the_visit_unless_another_column_is() -> None:
    alone = look("Booking Date|Client|Time", "2024-03-20|Ann|10:00")
    beside = look("Booking Date|Client|Appointment Date|Time", "2024-03-01|Ann|2024-03-20|10:00")
    assert alone.fields[Field.DATE] == "Booking Date"
    assert beside.fields[Field.DATE] == "Appointment Date"
    assert beside.fields[Field.BOOKED_ON] == "Booking Date"


def test_columns_of_unknown_names_are_found_by_their_content() -> None:
    found = look("Когда|Кто|Сумма", "20.03.2024|+7 900 000-00-01|1500", kind=Kind.VISITS)
    assert columns(found) == {"phone": "Кто", "date": "Когда", "amount": "Сумма"}
    assert len(found.notes) == 2


def test_a_column_whose_content_denies_its_name_is_not_used() -> None:
    found = look("Дата|Клиент|Сумма|Телефон", "20.03.2024|Анна|наличные|нет", kind=Kind.VISITS)
    assert Field.AMOUNT not in found.fields


def test_overrides_win_over_recognition() -> None:
    found = look(
        "Дата|Клиент|Гость|Статус",
        "20.03.2024|Анна|Мария|странный",
        overrides={"статус": "ignore", "Гость": "name"},
        kind=Kind.VISITS,
    )
    assert columns(found) == {"name": "Гость", "date": "Дата"}
    assert found.ignored == ("Клиент", "Статус")


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        ({"Дота": "date"}, ["Дота", "did you mean", "Дата", "Клиент"]),
        ({"Дата": "dat"}, ['"dat"', 'did you mean "date"', "client_code"]),
        ({"Дата": "date", "Клиент": "date"}, ["two columns"]),
    ],
)
def test_an_unknown_column_or_field_is_refused_with_what_is_close(
    overrides: dict[str, str], words: Sequence[str]
) -> None:
    with pytest.raises(DataError) as caught:
        look("Дата|Клиент", "20.03.2024|Анна", overrides=overrides)
    assert all(word in str(caught.value) for word in words)


@pytest.mark.parametrize(
    ("header", "line", "kind", "missing"),
    [
        ("Клиент|Сумма", "Анна|1500", Kind.VISITS, "date"),
        ("Дата|Сумма", "20.03.2024|1500", Kind.VISITS, "client_code or phone or name"),
        ("Цена", "1500", Kind.SERVICES, "title"),
        ("Пол", "ж", Kind.CLIENTS, "client_code"),
    ],
)
def test_a_missing_column_is_named_with_the_columns_seen_and_what_to_type(
    header: str, line: str, kind: Kind, missing: str
) -> None:
    with pytest.raises(DataError) as caught:
        look(header, line, kind=kind)
    for words in (missing, header.split("|", maxsplit=1)[0], "--map"):
        assert words in str(caught.value)


def dated(*days: str, **given: object) -> Understanding:
    return look("date|client_id|amount", *(f"{day}|A1|5" for day in days), **given)


def test_a_date_that_fits_two_formats_is_asked_for_only_where_it_matters() -> None:
    with pytest.raises(DataError, match=r"03/04/2024.*--date-format"):
        dated("03/04/2024", "05/06/2024")
    assert dated("03/04/2024", date_order=DateOrder.MDY).date_order is DateOrder.MDY
    assert dated("04/04/2024", "05/05/2024").date_order is None
    assert dated("2024-04-03").date_order is None


def test_dates_of_both_orders_are_refused() -> None:
    with pytest.raises(DataError, match="some the month first"):
        dated("25/03/2024", "03/25/2024", "03/04/2024")


def test_as_many_rows_are_read_as_it_takes_to_know_the_order() -> None:
    assert dated(*["03/04/2024"] * 2000, "03/25/2024").date_order is DateOrder.MDY
    unread = iter([(2, ["03/25/2024", "A1", "5"])] * 5000)
    understand(["date", "client_id", "amount"], unread)
    assert len(list(unread)) == 4500


def test_what_was_understood_is_shown_as_text_and_as_json() -> None:
    found = look(*RUSSIAN_VISITS)
    assert "Дата визита     -> date" in str(found)
    assert json.loads(json.dumps(found.as_json()))["fields"]["date"] == "Дата визита"


def test_map_options_are_column_and_field() -> None:
    assert parse_map(["Дата = date", "a=b=name"]) == {"Дата": "date", "a=b": "name"}
    with pytest.raises(DataError, match="column=field"):
        parse_map(["date"])
