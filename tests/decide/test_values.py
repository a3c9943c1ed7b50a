"""Cells as values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vernis.decide.files.values import (
    Fault,
    Memo,
    currency_digits,
    decide_decimal,
    fold,
    is_nobody,
    is_product_title,
    is_total,
    parse_flag,
    parse_gender,
    parse_minutes,
    parse_money,
    parse_price,
    parse_quantity,
    parse_state,
    split_name,
)
from vernis.domain import BookingState, Gender


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("82", 8200),
        ("82.5", 8250),
        ("$82.00", 8200),
        ("CA$1,082.50", 108250),
        ("82,00", 8200),
        ("1 500,00 ₽", 150000),
        ("1\u00a0500 руб.", 150000),
        ("1\u202f500р", 150000),
        ("1,500", 150000),
        ("1.500", 150000),
        ("1.500,00 €", 150000),
        ("1,234,567.89", 123456789),
        ("1'500.00 CHF", 150000),
        ("0.125", 13),
        (".5", 50),
        ("-50", -5000),
        ("−50,00", -5000),
        ("(50.00)", -5000),
        ("-$50.00", -5000),
        ("бесплатно", 0),
        ("", None),
        ("—", None),
        ("82 card", Fault.BAD_AMOUNT),
        ("12 5", Fault.BAD_AMOUNT),
        ("1.2.3", Fault.BAD_AMOUNT),
        ("дорого", Fault.BAD_AMOUNT),
        ("9" * 30, Fault.BAD_AMOUNT),
    ],
)
def test_amounts_become_minor_units(text: str, minor: int | Fault | None) -> None:
    assert parse_money(text, digits=2) == minor


def test_a_currency_without_minor_units_has_none() -> None:
    assert currency_digits("RUB") == 2
    assert currency_digits("jpy") == 0
    assert parse_money("¥1,500", digits=0) == 1500


@pytest.mark.parametrize(
    ("values", "decimal", "text", "minor"),
    [
        (["1,500", "99.90"], ".", "33.333", 3333),
        (["1.500", "99,90"], ",", "1.500", 150000),
        (["1,500", "2,000"], None, "1,500", 150000),
        (["700", ""], None, "700", 70000),
    ],
)
def test_the_column_decides_what_three_digits_after_a_sign_are(
    values: list[str], decimal: str | None, text: str, minor: int
) -> None:
    assert decide_decimal(values) == decimal
    assert parse_money(text, digits=2, decimal=decimal) == minor


@given(st.integers(min_value=-(10**12), max_value=10**12), st.sampled_from([".", ","]))
def test_a_formatted_amount_is_read_back(minor: int, decimal: str) -> None:
    group = {".": ",", ",": "\u00a0"}[decimal]
    whole, part = divmod(abs(minor), 100)
    text = f"{'-' if minor < 0 else ''}{whole:,}".replace(",", group) + f"{decimal}{part:02} ₽"
    assert parse_money(text, digits=2) == minor
    assert parse_money(text, digits=2, decimal=decimal) == minor


@given(st.text())
def test_any_text_is_a_value_or_none_without_an_exception(text: str) -> None:
    parse_price(text, digits=2)
    parse_minutes(text)
    parse_quantity(text)
    parse_state(text)
    parse_flag(text)
    parse_gender(text)
    split_name(text)
    is_product_title(text)
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("text", "minor"),
    [("от 1 500", 150000), ("from 45", 4500), ("1500–2000", 150000), ("1 500 - 2 000 ₽", 150000)],
)
def test_of_a_range_of_prices_the_lower_end_counts(text: str, minor: int) -> None:
    assert parse_price(text, digits=2) == minor


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("60", 60),
        ("60.0", 60),
        ("1:30", 90),
        ("01:30:00", 90),
        ("1 ч 30 мин", 90),
        ("90 мин.", 90),
        ("1 час", 60),
        ("1.5h", 90),
        ("2 hrs", 120),
        ("3600", 60),
        ("0", None),
        ("долго", None),
        ("", None),
    ],
)
def test_durations_are_minutes(text: str, minutes: int | None) -> None:
    assert parse_minutes(text) == minutes


@pytest.mark.parametrize(
    ("text", "count"), [("", 1), ("2", 2), ("2.0", 2), ("3 шт.", 3), ("0,5", 1), ("много", 1)]
)
def test_quantities_are_whole_and_at_least_one(text: str, count: int) -> None:
    assert parse_quantity(text) == count


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("Да", True),
        ("TRUE", True),
        ("+", True),
        ("1", True),
        ("нет", False),
        ("-", False),
        ("No", False),
        ("может быть", None),
        ("", None),
    ],
)
def test_yes_and_no(text: str, flag: bool | None) -> None:
    assert parse_flag(text) is flag


def test_genders() -> None:
    assert parse_gender("Ж") is Gender.FEMALE
    assert parse_gender("male") is Gender.MALE
    assert parse_gender("?") is None


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("Клиент пришёл", BookingState.COMPLETED),
        ("Checked-out", BookingState.COMPLETED),
        ("1", BookingState.COMPLETED),
        ("Не пришёл", BookingState.NO_SHOW),
        ("No-show", BookingState.NO_SHOW),
        ("-1", BookingState.NO_SHOW),
        ("Отменён", BookingState.CANCELLED),
        ("Canceled", BookingState.CANCELLED),
        ("Подтверждён", BookingState.BOOKED),
        ("Ожидание клиента", BookingState.BOOKED),
        ("Unpaid", None),
    ],
)
def test_status_words(text: str, state: BookingState | None) -> None:
    assert parse_state(text) is state


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Мария", ("Мария", "")),
        ("Тестова Мария Петровна", ("Мария", "Тестова")),
        ("Мария Петровна", ("Мария Петровна", "")),
        ("Мария Тестова", ("Мария Тестова", "")),
        ("Sample, Maria", ("Maria", "Sample")),
        ("  Мария \n Т. ", ("Мария Т.", "")),
        ("???", ("", "")),
        ("-", ("", "")),
        ("79990000001", ("", "")),
    ],
)
def test_names_are_taken_apart_only_where_their_order_is_certain(
    text: str, parts: tuple[str, str]
) -> None:
    assert split_name(text) == parts


@pytest.mark.parametrize(
    "text", ["WALK_IN", "Walk-In", "Розничный покупатель", "«Гость»", " ", "-"]
)
def test_the_words_of_a_till_for_nobody(text: str) -> None:
    assert is_nobody(text)


@pytest.mark.parametrize("text", ["Гостева Анна", "WALK01", "Гость Анна", "0"])
def test_a_client_is_somebody(text: str) -> None:
    assert not is_nobody(text)


@pytest.mark.parametrize(
    ("title", "product"),
    [
        ("Shampoo 250ml", True),
        ("Шампунь 250 мл", True),
        ("Глина 100 гр.", True),
        ("Wax 100g", True),
        ("Serum fine 150m", True),
        ("Пилка 10 шт", True),
        ("Стразы (1 шт.)", False),
        ("Массаж 60 мин", False),
        ("Детская стрижка до 7 л.", False),
        ("Градуированная стрижка", False),
        ("Наращивание 2D", False),
        ("Women's cut", False),
    ],
)
def test_units_tell_a_product(title: str, product: bool) -> None:
    assert is_product_title(title) is product


@pytest.mark.parametrize(
    "text", ["Итого", "ИТОГО:", "Всего за март", "Grand total", "Total for May"]
)
def test_lines_of_totals(text: str) -> None:
    assert is_total(text)


@pytest.mark.parametrize("text", ["Total blonde", "Тотал блонд", "Summer", "Итогов Пётр", ""])
def test_lines_that_are_no_totals(text: str) -> None:
    assert not is_total(text)


def test_a_memo_parses_each_value_once_and_forgets_at_its_limit() -> None:
    parsed = []
    memo = Memo(lambda text: parsed.append(text) or len(text), limit=2)
    assert [memo["a"], memo["a"], memo["bb"]] == [1, 1, 2]
    assert memo["ccc"] == 3
    assert parsed == ["a", "bb", "ccc"]
    assert len(memo) == 1
