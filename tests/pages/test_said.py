"""How pages write money, days and shares."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from vernis.domain import Locale
from vernis.web.pages.said import filters, money

MOSCOW = ZoneInfo("Europe/Moscow")
NOW = datetime(2026, 5, 12, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minor", "currency", "russian", "english"),
    [
        (1_230_000, "RUB", "12 300 ₽", "₽12,300"),
        (1_230_050, "RUB", "12 300,5 ₽", "₽12,300.5"),
        (-7_190_000, "RUB", "−71 900 ₽", "−₽71,900"),
        (4_500, "USD", "45 $", "$45"),
        (12_000_000, "KZT", "120 000 ₸", "₸120,000"),
        (5_000, "JPY", "5 000 ¥", "¥5,000"),
        (10_000, "CHF", "100 CHF", "CHF 100"),
        (None, "RUB", "–", "–"),
    ],
)
def test_money(minor: int | None, currency: str, russian: str, english: str) -> None:
    assert money(minor, currency, Locale.RU).replace("\xa0", " ") == russian
    assert money(minor, currency, Locale.EN).replace("\xa0", " ") == english


@pytest.mark.parametrize(
    ("moment", "russian", "english"),
    [
        (datetime(2026, 5, 12, 11, 30, tzinfo=UTC), "сегодня, 14:30", "today, 14:30"),
        (datetime(2026, 5, 11, 6, 5, tzinfo=UTC), "вчера, 09:05", "yesterday, 09:05"),
        (datetime(2026, 5, 12, 22, 0, tzinfo=UTC), "завтра, 01:00", "tomorrow, 01:00"),
        (datetime(2025, 12, 3, 9, 0, tzinfo=UTC), "3 дек. 2025, 12:00", "3 Dec 2025, 12:00"),
    ],
)
def test_moments_are_said_in_the_salons_zone(moment: datetime, russian: str, english: str) -> None:
    assert filters(Locale.RU)["moment"](moment, MOSCOW, NOW) == russian
    assert filters(Locale.EN)["moment"](moment, MOSCOW, NOW) == english


def test_shares_and_days() -> None:
    russian, english = filters(Locale.RU), filters(Locale.EN)
    assert russian["percent"](15, 100).replace("\u202f", " ").replace("\xa0", " ") == "15 %"
    assert english["percent"](15, 100) == "15%"
    assert russian["percent"](1, 0) == "–"
    assert russian["weekday"](date(2026, 5, 12)) == "вторник, 12 мая"
    assert english["weekday"](date(2026, 5, 12)) == "Tuesday, 12 May"
