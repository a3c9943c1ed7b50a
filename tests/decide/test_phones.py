"""Phones as people type them."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vernis.decide.files import phones


@pytest.mark.parametrize(
    ("raw", "country", "expected"),
    [
        ("+7 900 000-00-01", "RU", "79000000001"),
        ("8 (900) 000-00-01", "RU", "79000000001"),
        ("8-900-000-00-01", "RU", "79000000001"),
        ("79990001234", "RU", "79990001234"),
        ("9990001234", "RU", "79990001234"),
        ("+7\u00a0999\u00a0000\u00a012\u201134", "CA", "79990001234"),
        ("84951234567", "RU", "74951234567"),
        ("8 701 000 12 34", "KZ", "77010001234"),
        ("80291234567", "BY", "375291234567"),
        ("375 29 123-45-67", "RU", "375291234567"),
        ("+44 20 7946 0958", "RU", "442079460958"),
        ("79990001234", "CA", "79990001234"),
        ("14165550123", "RU", "14165550123"),
        ("+1 705 555 0164", "CA", "17055550164"),
        ("(416) 555-0123", "CA", "14165550123"),
        ("1-212-555-0101", "US", "12125550101"),
        ("416.555.0123", "CA", "14165550123"),
        ("79990001234.0", "RU", "79990001234"),
        ("7.9990001234E+10", "RU", "79990001234"),
        ("+7 900 000-00-01, +7 900 000-00-02", "RU", "79000000001"),
        ("мама 8 900 000-00-01", "RU", "79000000001"),
        ("8(900)0000001 доб. 5", "RU", "79000000001"),
        ("416-555-0123 (work)", "CA", "14165550123"),
    ],
)
def test_a_number_becomes_e164_digits(raw: str, country: str, expected: str) -> None:
    assert phones.e164(raw, country=country) == expected


@pytest.mark.parametrize(
    ("raw", "country"),
    [
        ("", "RU"),
        ("   ", "RU"),
        ("see notes", "CA"),
        ("нет", "RU"),
        ("-", "RU"),
        ("0000000000", "CA"),
        ("9999999999", "CA"),
        ("9999999999", "RU"),
        ("+7 999 999-99-99", "RU"),
        ("1111111111", "CA"),
        ("555-0123", "CA"),
        ("246-370-0123", "CA"),
        ("8 930 000-00-01", "RU"),
        ("8 123 000-12-34", "RU"),
        ("12345", "RU"),
        ("7.9999E+10", "RU"),
        ("899900012345678901", "RU"),
        ("9990001234", "XX"),
    ],
)
def test_what_is_no_valid_number_is_none(raw: str, country: str) -> None:
    assert phones.e164(raw, country=country) is None


def by_the_library(raw: str, country: str) -> str | None:
    try:
        number = phonenumbers.parse(raw, country)
    except phonenumbers.NumberParseException:
        return None
    valid = phonenumbers.is_valid_number(number) and len(set(str(number.national_number))) > 1
    return f"{number.country_code}{number.national_number}" if valid else None


@given(
    prefix=st.sampled_from(["", "+7", "7", "8", "+7 ", "8 "]),
    number=st.from_regex(r"9(300)?[0-9]{6,9}", fullmatch=True),
)
def test_the_fast_way_for_russian_mobiles_agrees_with_the_library(prefix: str, number: str) -> None:
    raw = prefix + number
    assert phones.e164(raw, country="RU") == by_the_library(raw, "RU")


@given(
    prefix=st.sampled_from(["", "+1", "1", "+1 "]),
    area=st.sampled_from(["416", "705", "212", "246", "876", "658", "500", "523", "800", "999"])
    | st.from_regex(r"[2-9][0-9]{2}", fullmatch=True),
    rest=st.from_regex(r"[2-9][0-9]{6}", fullmatch=True),
    country=st.sampled_from(["US", "CA"]),
)
def test_the_fast_way_for_north_america_agrees_with_the_library(
    prefix: str, area: str, rest: str, country: str
) -> None:
    raw = prefix + area + rest
    assert phones.e164(raw, country=country) == by_the_library(raw, country)


@given(raw=st.text(max_size=40), country=st.sampled_from(["RU", "CA", "DE", "XX"]))
def test_any_text_gives_digits_or_none(raw: str, country: str) -> None:
    found = phones.e164(raw, country=country)
    assert found is None or (found.isascii() and found.isdigit() and 7 <= len(found) <= 15)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("8 900 123-45-67", "79001234567"),
        ("9001234567", "79001234567"),
        ("79001234567", "79001234567"),
        ("79001234567@c.us", "79001234567"),
        ("79001234567:12@s.whatsapp.net", "79001234567"),
        ("+7 (900) 123-45-67", "79001234567"),
        ("+8 900 123-45-67", "79001234567"),
        ("8 (495) 123-45-67", "74951234567"),
        ("8 701 000-12-34", "77010001234"),
        ("+84 912 345 678", "84912345678"),
        ("85290001234", "85290001234"),
        ("14165550123", "14165550123"),
        ("4512345678", "4512345678"),
        ("1234567", "1234567"),
        ("123456789012345", "123456789012345"),
        ("123456", None),
        ("1234567890123456", None),
        ("", None),
        ("0501234567", None),
        ("118972653154@lid", None),
        ("12036302@g.us", None),
        ("позвоните 9001234567", None),
    ],
)
def test_the_contract_names_a_phone_by_its_digits(raw: str, expected: str | None) -> None:
    assert phones.contract_phone(raw) == expected


@given(st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True))
def test_a_number_that_names_its_country_keeps_its_digits(raw: str) -> None:
    expected = "7" + raw[2:] if raw.startswith("+89") and len(raw) == 12 else raw[1:]
    assert phones.contract_phone(raw) == expected
