"""Days and hours as clients name them."""

from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vernis.decide.replies import moments
from vernis.domain import When

MOSCOW = ZoneInfo("Europe/Moscow")
WEDNESDAY = datetime(2026, 5, 13, 11, tzinfo=MOSCOW)


def _table(name: str) -> list[tuple[str, When | None]]:
    rows: list[tuple[str, When | None]] = []
    text = (Path(__file__).parent / "data" / name).read_text(encoding="utf-8")
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        phrase, *wish = line.split("\t")
        rows.append((phrase, None if wish == ["none"] else _when(*wish)))
    return rows


def _when(first: str, last: str, start: str, end: str) -> When:
    days = hours = None
    if first != "-":
        days = (date.fromisoformat(f"2026-{first}"), date.fromisoformat(f"2026-{last}"))
    if start != "-":
        hours = (time.fromisoformat(start), time.fromisoformat(end))
    return When(days=days, hours=hours)


@pytest.mark.parametrize("table", ["moments.tsv", "moments_fresh.tsv"])
def test_every_phrase_of_the_tables_names_its_days_and_hours(table: str) -> None:
    found = [(row, moments.find(row[0], now=WEDNESDAY)) for row in _table(table)]
    assert [(row, wish) for row, wish in found if wish != row[1]] == []


def test_the_table_holds_at_least_two_hundred_phrases() -> None:
    assert len({phrase for phrase, _ in _table("moments.tsv")}) >= 200


@pytest.mark.parametrize(
    ("now", "phrase", "day"),
    [
        (datetime(2026, 5, 16, 10, tzinfo=MOSCOW), "в субботу", date(2026, 5, 16)),
        (datetime(2026, 5, 16, 20, 30, tzinfo=MOSCOW), "в субботу", date(2026, 5, 23)),
        (datetime(2026, 5, 16, 15, tzinfo=MOSCOW), "в субботу в 12", date(2026, 5, 23)),
        (datetime(2026, 5, 16, 15, tzinfo=MOSCOW), "в субботу в 18", date(2026, 5, 16)),
        (datetime(2026, 5, 17, 12, tzinfo=MOSCOW), "на выходных", date(2026, 5, 17)),
        (datetime(2026, 12, 30, 12, tzinfo=MOSCOW), "3 января", date(2027, 1, 3)),
        (datetime(2026, 12, 30, 12, tzinfo=MOSCOW), "через неделю", date(2027, 1, 6)),
        (datetime(2027, 1, 31, 12, tzinfo=MOSCOW), "через месяц", date(2027, 2, 28)),
        (datetime(2026, 6, 20, 12, tzinfo=MOSCOW), "31-го", date(2026, 7, 31)),
        (datetime(2026, 5, 13, 12, tzinfo=MOSCOW), "8 марта", date(2027, 3, 8)),
        (datetime(2026, 5, 13, 12, tzinfo=MOSCOW), "29 февраля", None),
        (datetime(2027, 5, 13, 12, tzinfo=MOSCOW), "29 февраля", date(2028, 2, 29)),
        (datetime(2026, 5, 17, 12, tzinfo=MOSCOW), "завтра", date(2026, 5, 18)),
    ],
)
def test_days_are_counted_from_the_given_moment(
    now: datetime, phrase: str, day: date | None
) -> None:
    found = moments.find(phrase, now=now)
    assert (found and found.days and found.days[0]) == day


@given(
    st.lists(
        st.sampled_from(
            [
                "в",
                "на",
                "с",
                "до",
                "после",
                "не",
                "завтра",
                "субботу",
                "пятницу",
                "5",
                "25",
                "16:00",
                "25:00",
                "3/4",
                "через",
                "неделю",
                "часов",
                "вечера",
                "утром",
                "или",
                ",",
                ".",
                "-",
                "мая",
                "июня",
                "конце",
                "начале",
                "месяца",
                "полседьмого",
                "без",
                "next",
                "week",
                "at",
                "5pm",
                "may",
                "99",
                "00",
                "25-го",
                "14-17",
                "31.02",
                "раньше",
                "позже",
                "по",
                "и",
                "числа",
            ]
        ),
        max_size=9,
    ).map(" ".join)
    | st.text(max_size=60),
    st.integers(0, 11 * 365 * 24 * 60).map(
        lambda m: datetime(2024, 1, 1, tzinfo=MOSCOW) + timedelta(minutes=m)
    ),
)
def test_any_words_give_a_wish_in_order_and_not_in_the_past(text: str, now: datetime) -> None:
    wish = moments.find(text, now=now)
    if wish is None:
        return
    assert wish.days or wish.hours
    if wish.days:
        assert wish.days[0] <= wish.days[1]
        assert wish.days[1] >= now.date()
        assert wish.days[1] - now.date() < timedelta(5 * 366)
    if wish.hours:
        assert wish.hours[0] <= wish.hours[1]
