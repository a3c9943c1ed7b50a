"""How free times are said, and which of a text's days and times were given."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vernis.decide.writing.free_times import blot_times, say_last_day, say_times
from vernis.domain import Locale

ZONE = ZoneInfo("Europe/Moscow")


def on(day: int, hour: int, minute: int = 0) -> datetime:
    """In November 2026; the 25th is a Wednesday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("times", "russian", "english"),
    [
        ([on(25, 12)], "в среду, 25 ноября, в 12:00", "Wed 25 Nov at 12:00"),
        (
            [on(25, 12), on(26, 18, 30)],
            "в среду, 25 ноября, в 12:00 и в четверг в 18:30",
            "Wed 25 Nov at 12:00 or Thu 26 Nov at 18:30",
        ),
        (
            [on(24, 9, 5), on(24, 15, 30)],
            "во вторник, 24 ноября, в 9:05 или в 15:30",
            "Tue 24 Nov at 9:05 or 15:30",
        ),
        (
            [on(24, 12), on(26, 15, 30), on(30, 9, 30)],
            "во вторник, 24 ноября, в 12:00, в четверг в 15:30 и в понедельник в 9:30",
            "Tue 24 Nov at 12:00, Thu 26 Nov at 15:30 or Mon 30 Nov at 9:30",
        ),
        (
            [on(24, 12), on(24, 15), on(26, 9, 30)],
            "во вторник, 24 ноября, в 12:00 или в 15:00, а также в четверг в 9:30",
            "Tue 24 Nov at 12:00 or 15:00 or Thu 26 Nov at 9:30",
        ),
        (
            [on(18, 12), on(25, 12)],
            "в среду, 18 ноября, в 12:00 и в среду, 25 ноября, в 12:00",
            "Wed 18 Nov at 12:00 or Wed 25 Nov at 12:00",
        ),
        ([on(26, 18, 30), on(25, 12), on(25, 12)], None, None),
        ([], None, None),
    ],
)
def test_times_are_said_as_people_say_them(
    times: list[datetime], russian: str | None, english: str | None
) -> None:
    if russian is None and times:  # order and repetition do not matter
        assert say_times(times, Locale.RU) == say_times(sorted(set(times)), Locale.RU)
        return
    assert say_times(times, Locale.RU) == russian
    assert say_times(times, Locale.EN) == english


def test_more_than_three_are_not_said() -> None:
    assert say_times([on(25, hour) for hour in range(4)], Locale.RU) is None


@pytest.mark.parametrize(
    ("days", "russian", "english"),
    [
        (10, "до 5 декабря", "until 5 Dec"),
        (40, "до 4 января", "until 4 Jan"),
        (365, "до 25 ноября 2027 года", "until 25 Nov 2027"),
        (0, None, None),
        (-1, None, None),
    ],
)
def test_the_last_day_counts_from_the_message(
    days: int, russian: str | None, english: str | None
) -> None:
    assert say_last_day(date(2026, 11, 25), days, Locale.RU) == russian
    assert say_last_day(date(2026, 11, 25), days, Locale.EN) == english
    assert say_last_day(None, days, Locale.RU) is None


GIVEN = (on(25, 12), on(26, 18, 30))


@pytest.mark.parametrize(
    "said",
    [
        "в среду, 25 ноября, в 12:00 и в четверг в 18:30",
        "в среду в 12:00",
        "в четверг, 26 ноября, в 18:30",
        "26 ноября в 18:30",
        "в среду в 12.00",
        "в четверг",
    ],
)
def test_given_times_are_recognised_in_russian(said: str) -> None:
    assert not any(c.isdigit() or c.isalpha() for c in blot_times(said, GIVEN, Locale.RU, "*")[:-9])


@pytest.mark.parametrize(
    "said",
    [
        "в среду в 18:30",
        "в среду, 26 ноября, в 12:00",
        "в пятницу в 12:00",
        "27 ноября",
        "в 12:00",  # of which day?
        "в четверг в 12:00",
        "в среду в 25:00",
    ],
)
def test_other_times_stay(said: str) -> None:
    left = blot_times(said, GIVEN, Locale.RU, "*")
    assert any(c.isdigit() for c in left)


@pytest.mark.parametrize(
    ("said", "is_given"),
    [
        ("Wed 25 Nov at 12:00", True),
        ("on Wednesday at 12 pm", True),
        ("Thursday, Nov 26 at 6:30 p.m.", True),
        ("Thu 26th November at 18:30", True),
        ("Thu at 12:00", False),
        ("Wednesday at 12 am", False),
        ("Fri at 12:00", False),
        ("Wed 25 Nov at 13 pm", False),
    ],
)
def test_given_times_are_recognised_in_english(said: str, is_given: bool) -> None:
    left = blot_times(said, GIVEN, Locale.EN, "*")
    assert any(c.isdigit() for c in left) != is_given


@given(
    st.lists(
        st.builds(on, st.integers(1, 30), st.integers(0, 23), st.integers(0, 59)),
        min_size=1,
        max_size=3,
    ),
    st.sampled_from(Locale),
)
def test_whatever_is_said_of_the_times_is_recognised(times: list[datetime], locale: Locale) -> None:
    said = say_times(times, locale)
    assert said is not None
    assert not any(c.isdigit() for c in blot_times(said, times, locale, "*"))
