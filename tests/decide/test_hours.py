from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from salons import salon

from vernis.decide.hours import (
    deadline,
    is_day_open,
    is_open,
    is_open_for,
    moment_of,
    next_opening,
    next_opening_for,
    opening,
)

NOWHERE = "ZZ"  # a country with neither holidays nor rules of its own

# Zones and the days around a clock change; Havana's and Beirut's come at midnight.
CHANGES = [
    ("Europe/Berlin", date(2024, 3, 31)),
    ("Europe/Berlin", date(2024, 10, 27)),
    ("America/Toronto", date(2024, 3, 10)),
    ("America/Toronto", date(2024, 11, 3)),
    ("America/Havana", date(2024, 3, 10)),
    ("America/Havana", date(2024, 11, 3)),
    ("Asia/Beirut", date(2024, 3, 31)),
    ("Asia/Beirut", date(2024, 10, 27)),
    ("Australia/Lord_Howe", date(2024, 4, 7)),
    ("Europe/Moscow", date(2024, 3, 31)),
    ("Asia/Kathmandu", date(2024, 3, 31)),
]
HOURS = [
    (time(10), time(20)),
    (time(0), time(23, 59)),
    (time(2, 30), time(9)),
    (time(7, 30), time(8, 30)),
    (time(9, 5), time(9, 20)),
]
MINUTE = timedelta(minutes=1)


def around(day: date, zone: str) -> list[datetime]:
    """Every quarter of an hour of three local days, in UTC."""
    ends = [datetime.combine(day + timedelta(days=n), time(), ZoneInfo(zone)) for n in (-1, 2)]
    first, last = (end.astimezone(UTC) for end in ends)
    return [first + timedelta(minutes=15 * n) for n in range((last - first) // (15 * MINUTE))]


@pytest.mark.parametrize(("zone", "day"), CHANGES)
def test_in_the_hours_of_the_day_is_open_whatever_the_clocks_do(zone, day):
    company = salon(timezone=zone, country=NOWHERE)

    for moment in around(day, zone):
        local = moment.astimezone(ZoneInfo(zone)).time()
        assert is_open(company, moment) == (time(10) <= local < time(20))


@pytest.mark.parametrize(("zone", "day"), CHANGES)
@pytest.mark.parametrize(("send_from", "send_until"), HOURS)
def test_a_day_opens_and_closes_once(zone, day, send_from, send_until):
    company = salon(timezone=zone, country=NOWHERE, send_from=send_from, send_until=send_until)
    days = [day + timedelta(days=ahead) for ahead in (-1, 0, 1)]

    moments = sorted({*around(day, zone), *(deadline(company, day) for day in days)})
    opened = [is_open(company, moment) for moment in moments]

    assert sum(later and not earlier for earlier, later in pairwise([False, *opened])) <= 3
    assert not any(is_open(company, deadline(company, day)) for day in days)


@pytest.mark.parametrize(("zone", "day"), CHANGES)
@pytest.mark.parametrize(("send_from", "send_until"), HOURS)
def test_the_next_opening_is_open_and_no_earlier_moment_is(zone, day, send_from, send_until):
    company = salon(timezone=zone, country=NOWHERE, send_from=send_from, send_until=send_until)

    expected = None
    for moment in reversed(around(day, zone)):
        opening = next_opening(company, moment)
        if is_open(company, moment):
            expected = moment
            assert opening == moment
        else:
            assert moment < opening
            assert is_open(company, opening)
            assert not is_open(company, opening - MINUTE)
            assert expected is None or opening <= expected
            expected = opening


def test_a_time_that_a_clock_change_skips_is_the_first_after_the_gap():
    skipped = moment_of(ZoneInfo("America/Toronto"), date(2024, 3, 10), time(2, 30))

    assert skipped == datetime(2024, 3, 10, 7, tzinfo=UTC)  # 03:00, what was 02:00


def test_of_a_time_that_comes_twice_the_first_one_counts():
    twice = moment_of(ZoneInfo("America/Toronto"), date(2024, 11, 3), time(1, 30))

    assert twice == datetime(2024, 11, 3, 5, 30, tzinfo=UTC)


def test_a_day_that_never_was_is_no_opening():
    company = salon(timezone="Pacific/Apia", country=NOWHERE)
    evening = datetime(2011, 12, 29, 21, tzinfo=company.zone)

    assert next_opening(company, evening) == datetime(2011, 12, 31, 10, tzinfo=company.zone)


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2024-04-05 12:00", "2024-04-05 12:00"),  # a Friday, in the hours
        ("2024-04-05 06:00", "2024-04-05 10:00"),
        ("2024-04-05 19:59", "2024-04-05 19:59"),
        ("2024-04-05 20:00", "2024-04-08 10:00"),  # Monday
        ("2024-04-06 12:00", "2024-04-08 10:00"),
    ],
)
def test_messages_wait_for_the_companys_days(moment, opens):
    company = salon(send_days=(1, 2, 3, 4, 5))
    local = company.zone

    opening = next_opening(company, datetime.fromisoformat(moment).replace(tzinfo=local))

    assert opening == datetime.fromisoformat(opens).replace(tzinfo=local)


def test_the_only_day_of_the_week_comes_again_after_its_hours():
    company = salon(send_days=(5,))
    late = datetime(2024, 4, 5, 21, tzinfo=company.zone)

    assert next_opening(company, late) == datetime(2024, 4, 12, 10, tzinfo=company.zone)


def test_without_any_day_there_is_no_opening():
    assert next_opening(salon(send_days=()), datetime(2024, 4, 1, tzinfo=UTC)) is None


@given(
    st.integers(1_600_000_000, 1_900_000_000).map(lambda s: datetime.fromtimestamp(s, UTC)),
    st.sampled_from(["Europe/Moscow", "America/Toronto", "Australia/Sydney", "Pacific/Apia"]),
    st.frozensets(st.integers(1, 7), min_size=1),
)
def test_there_is_always_an_opening_within_eight_days(moment, zone, days):
    company = salon(timezone=zone, country=NOWHERE, send_days=tuple(sorted(days)))

    opening = next_opening(company, moment)

    assert is_open(company, opening)
    assert moment <= opening <= moment + timedelta(days=8)
    assert opening < deadline(company, opening.astimezone(company.zone).date())


# --- days off, holidays, what the country says ----------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "day", "expected"),
    [
        ({}, "2026-03-09", False),  # the day off for the 8th of March, a Sunday
        ({"public_holidays": False}, "2026-03-09", True),
        ({"public_holidays": False, "send_days": (2, 3)}, "2026-03-09", False),
        ({"days_off": (date(2026, 3, 11),)}, "2026-03-11", False),
        ({"days_off": (date(2026, 3, 11),)}, "2026-03-12", True),
        ({"country": "KZ"}, "2026-03-23", False),  # Nauryz, and in Russia a Monday like any other
        ({}, "2026-03-23", True),
        ({"country": "ZZ"}, "2026-01-01", True),
        ({"country": "FR"}, "2026-03-15", False),  # a Sunday
        ({"country": "FR", "public_holidays": False}, "2026-07-14", False),
        ({"country": "DE"}, "2026-03-15", True),
    ],
)
def test_which_days_are_open(changes, day, expected):
    assert is_day_open(salon(**changes), date.fromisoformat(day)) is expected


def test_the_next_opening_jumps_over_holidays():
    company = salon(days_off=(date(2026, 1, 10), date(2026, 1, 11)))
    evening = datetime(2025, 12, 30, 20, tzinfo=company.zone)

    assert next_opening(company, evening) == datetime(2026, 1, 12, 10, tzinfo=company.zone)


def test_two_months_off_have_no_opening():
    first = date(2026, 6, 1)
    company = salon(days_off=tuple(first + timedelta(days=n) for n in range(90)))

    assert next_opening(company, datetime(2026, 6, 1, 12, tzinfo=UTC)) is None
    assert next_opening(company, datetime(2026, 7, 10, 12, tzinfo=UTC)) is not None


@pytest.mark.parametrize(
    ("country", "begins", "ends"),
    [("RU", time(8), time(21)), ("AE", time(9), time(18)), ("FR", time(8), time(20))],
)
def test_the_countrys_hours_bound_the_companys(country, begins, ends):
    company = salon(country=country, send_from=time(0), send_until=time(23, 59))
    day = date(2026, 3, 17)

    assert opening(company, day) == datetime.combine(day, begins, tzinfo=company.zone)
    assert deadline(company, day) == datetime.combine(day, ends, tzinfo=company.zone)


def test_hours_that_the_country_leaves_nothing_of_never_open():
    company = salon(send_from=time(21), send_until=time(23))

    assert next_opening(company, datetime(2026, 3, 17, 18, 30, tzinfo=UTC)) is None


# --- the client's own clock ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "hour", "expected"),
    [
        (None, 12, True),
        ("Europe/Moscow", 12, True),
        ("Asia/Yekaterinburg", 17, True),  # 19:00 there
        ("Asia/Yekaterinburg", 18, False),
        ("Europe/Berlin", 11, False),  # 09:00 there
        ("Europe/Berlin", 12, True),
        ("America/New_York", 12, False),
        ("Europe/Berlin", 20, False),  # 18:00 there, and the company is closed
    ],
)
def test_it_must_be_open_by_the_clients_clock_too(zone, hour, expected):
    moment = datetime(2026, 3, 17, hour, tzinfo=ZoneInfo("Europe/Moscow"))

    assert is_open_for(salon(), zone, moment) is expected


@pytest.mark.parametrize(
    ("zone", "opens"),
    [
        (None, "2026-03-17 10:00"),
        ("Europe/Berlin", "2026-03-17 12:00"),
        ("Asia/Vladivostok", "2026-03-17 10:00"),
        ("America/New_York", "2026-03-17 17:00"),
    ],
)
def test_the_next_opening_waits_for_the_later_of_both(zone, opens):
    company = salon()
    morning = datetime(2026, 3, 17, 6, tzinfo=company.zone)

    opening = next_opening_for(company, zone, morning)

    assert opening == datetime.fromisoformat(opens).replace(tzinfo=company.zone)


def test_where_both_never_wake_together_there_is_none():
    morning = datetime(2026, 3, 17, 6, tzinfo=UTC)

    assert next_opening_for(salon(), "Pacific/Honolulu", morning) is None
