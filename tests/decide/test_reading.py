"""Rows become records, or say why not."""

from datetime import date, time

import pytest

from vernis.decide.files.column_names import Kind
from vernis.decide.files.columns import understand
from vernis.decide.files.reading import records, service_key
from vernis.decide.files.records import (
    BookingRecord,
    ClientRecord,
    Reject,
    Result,
    ServiceRecord,
    Skipped,
)
from vernis.decide.files.values import Fault
from vernis.domain import BookingState, Gender

TODAY = date(2024, 7, 1)


def read(
    header: str,
    *lines: str,
    name: str = "",
    kind: Kind | None = None,
    currency: str = "RUB",
    known_services: frozenset[str] = frozenset(),
) -> list[Result]:
    rows = [(number, line.split("|")) for number, line in enumerate(lines, start=2)]
    found = understand(header.split("|"), rows, name=name, kind=kind)
    return list(records(rows, found, today=TODAY, currency=currency, known_services=known_services))


def outcome(result: Result) -> str:
    match result:
        case Skipped():
            return result.why.value
        case Reject():
            return result.reason.value
        case _:
            return "record"


VISITS = "Дата визита|Клиент|Телефон|Услуга|Мастер|Оплачено|Чек"


def test_a_visit_is_read_whole() -> None:
    [visit] = read(VISITS, "12.03.2024 14:30|Анна|+7 900 000-00-01|Маникюр|Ольга|1 500,50 ₽|77")
    assert visit == BookingRecord(
        client_key=None,
        client_phone_raw="+7 900 000-00-01",
        client_name="Анна",
        service="Маникюр",
        staff="Ольга",
        on_date=date(2024, 3, 12),
        at_time=time(14, 30),
        amount_minor=150050,
        quantity=1,
        state=BookingState.COMPLETED,
        booked_at=None,
        cancelled_at=None,
        external_key="77",
        line=2,
    )


@pytest.mark.parametrize(
    ("line", "result"),
    [
        ("12.03.2024|Анна|79990000001|Маникюр|Ольга|1500|1", "record"),
        ("12.03.2024|Анна||Маникюр|Ольга||1", "record"),
        ("12.03.2024||79990000001|Маникюр|Ольга|0|1", "record"),
        ("12.03.2024|Гость|79990000001|Маникюр|Ольга|1500|1", "record"),
        ("12.03.2024|Анна|нет|||1500|1", "record"),
        ("12.03.2024|||Маникюр|Ольга|1500|1", "walk_in"),
        ("12.03.2024|Розничный покупатель|-|Маникюр|Ольга|1500|1", "walk_in"),
        ("Итого||||||", "total"),
        ("Всего за март||||1|9000|", "total"),
        ("12.03.2024|Анна|79990000001|Шампунь 250 мл|Ольга|900|1", "product"),
        ("12.03.2024|Анна|79990000001|Маникюр|Ольга|-1500|1", "refund"),
        ("|Анна|79990000001|Маникюр|Ольга|1500|1", "no_date"),
        ("32.03.2024|Анна|79990000001|Маникюр|Ольга|1500|1", "bad_date"),
        ("12.03.1924|Анна|79990000001|Маникюр|Ольга|1500|1", "date_out_of_range"),
        ("12.03.2028|Анна|79990000001|Маникюр|Ольга|1500|1", "date_out_of_range"),
        ("12.03.2024|Анна|79990000001|Маникюр|Ольга|картой|1", "bad_amount"),
        ("12.03.2024|Анна|79990000001|Маникюр|Ольга|1500|1|ещё", "wrong_columns"),
    ],
)
def test_each_row_has_one_outcome(line: str, result: str) -> None:
    good = ["13.03.2024|Мария|79990000002|Стрижка|Ольга|1500|2"] * 3
    results = read(VISITS, line, *good)
    assert [outcome(each) for each in results] == [result, "record", "record", "record"]


def test_a_reject_keeps_its_line_its_row_and_says_which_column() -> None:
    _, reject = read(
        VISITS,
        "12.03.2024|Анна|79990000001|Маникюр|Ольга|1500|1",
        "45.03.2024|Анна||Маникюр||1|2",
    )
    assert isinstance(reject, Reject)
    assert (reject.line, reject.reason) == (3, Fault.BAD_DATE)
    assert reject.detail == "Дата визита: 45.03.2024"
    assert reject.row == ("45.03.2024", "Анна", "", "Маникюр", "", "1", "2")


def test_neither_a_record_nor_a_reject_shows_a_person_in_its_repr() -> None:
    results = read(
        VISITS,
        "12.03.2024|Тестова Анна|79990000001|Маникюр|Ольга|1500|1",
        "Тестова|Тестова Анна|79990000001|Маникюр|Ольга|1500|1",
    )
    assert "Тестова" not in repr(results)
    assert "7999" not in repr(results)


def test_with_a_list_of_services_every_other_line_of_a_receipt_is_a_product() -> None:
    known = frozenset(map(service_key, ["Стрижка", "CUT"]))
    lines = [f"2024-03-12|A{n}|{what}|1" for n, what in enumerate(["стрижка ", "cut", "Фен", ""])]
    results = read("Date|Client|Service|Qty", *lines, known_services=known)
    assert [outcome(each) for each in results] == ["record", "record", "product", "product"]


def test_appointments_are_never_products() -> None:
    known = frozenset({service_key("Стрижка")})
    [booking] = read("Date|Time|Client|Service", "2024-03-12|10:00|A1|X", known_services=known)
    assert isinstance(booking, BookingRecord)
    assert booking.state is BookingState.BOOKED


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("Пришел", BookingState.COMPLETED),
        ("Не пришел", BookingState.NO_SHOW),
        ("Отменен", BookingState.CANCELLED),
        ("Подтвержден", BookingState.BOOKED),
        ("", BookingState.BOOKED),
    ],
)
def test_the_status_column_gives_the_state(word: str, state: BookingState) -> None:
    [booking] = read("Дата|Клиент|Статус", f"12.03.2024|Анна|{word}")
    assert isinstance(booking, BookingRecord)
    assert booking.state is state


def test_a_status_that_nobody_knows_is_rejected_aloud() -> None:
    [reject] = read("Дата|Клиент|Статус", "12.03.2024|Анна|Загадка")
    assert isinstance(reject, Reject)
    assert reject.reason is Fault.UNKNOWN_STATUS


@pytest.mark.parametrize(
    ("header", "line", "name", "state", "cancelled"),
    [
        ("Cancel Date|Code|Booking Date", "3/20/24|A1|3/25/24", "", "cancelled", date(2024, 3, 20)),
        ("Date|Code|Service", "03/25/2024|A1|CUT", "no-show", "no_show", None),
    ],
)  # fmt: skip
def test_lists_of_cancellations_and_no_shows_say_the_state_themselves(
    header: str, line: str, name: str, state: str, cancelled: date | None
) -> None:
    [booking] = read(header, line, name=name)
    assert isinstance(booking, BookingRecord)
    assert (booking.on_date, booking.state) == (date(2024, 3, 25), state)
    assert booking.cancelled_at == cancelled
    assert booking.client_key == "A1"


def test_midnight_is_no_time_and_a_time_column_wins() -> None:
    midnight, timed = read(
        "Дата|Время|Клиент", "12.03.2024 00:00:00||Анна", "12.03.2024 00:00:00|10:15|Анна"
    )
    assert isinstance(midnight, BookingRecord)
    assert isinstance(timed, BookingRecord)
    assert (midnight.at_time, timed.at_time) == (None, time(10, 15))


def test_a_currency_without_minor_units() -> None:
    [visit] = read("date|client_id|amount", "2024-03-12|A1|1,500", currency="JPY")
    assert isinstance(visit, BookingRecord)
    assert visit.amount_minor == 1500


def test_clients() -> None:
    results = read(
        "ID клиента|ФИО|Телефон|Пол|Согласие|Черный список|Дата рождения",
        "7|Тестова Анна Петровна|8 (900) 000-00-01|ж|да||12.03.1990",
        "8||see notes||нет|да|30.02.1990",
        "WALK_IN|Розничный покупатель|||||",
    )
    first, second, nobody = results
    assert first == ClientRecord(
        key="7",
        name="Анна",
        surname="Тестова",
        phone_raw="8 (900) 000-00-01",
        gender=Gender.FEMALE,
        consent=True,
        blacklisted=None,
        birthday=date(1990, 3, 12),
        line=2,
    )
    assert isinstance(second, ClientRecord)
    assert (second.name, second.consent, second.blacklisted, second.birthday) == (
        "",
        False,
        True,
        None,
    )
    assert outcome(nobody) == "walk_in"


def test_services() -> None:
    results = read(
        "Код|Название|Категория|Цена|Длительность|Активна",
        "M1|Маникюр|Ногти|от 1 500|1 ч 30 мин|да",
        "F&F|||||",
        "|||100||",
        "|Массаж||договорная||нет",
    )
    assert results[0] == ServiceRecord(
        code="M1",
        title="Маникюр",
        category="Ногти",
        price_minor=150000,
        duration_minutes=90,
        is_active=True,
        line=2,
    )
    coded, nameless, massage = results[1:]
    assert isinstance(coded, ServiceRecord)
    assert coded.title == "F&F"
    assert outcome(nameless) == "no_title"
    assert isinstance(massage, ServiceRecord)
    assert (massage.price_minor, massage.is_active) == (None, False)
