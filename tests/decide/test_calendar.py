from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vernis.decide.calendar import NOTICE, QUARTER, Shift, days, free_starts, quarters, shifts_on

MOSCOW = ZoneInfo("Europe/Moscow")
MONDAY = date(2024, 4, 1)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def shift(opens: str = "10:00", closes: str = "13:00", weekday: int = 1) -> Shift:
    return Shift(
        staff_id=1,
        staff_name="Ольга",
        weekday=weekday,
        opens=time.fromisoformat(opens),
        closes=time.fromisoformat(closes),
    )


def starts(
    work: Shift, *, busy=(), duration=HOUR, now=LONG_AGO, day=MONDAY, zone=MOSCOW
) -> list[str]:
    """Free starts as local times; `busy` are pairs of local times of this day."""
    taken = set()
    for begins, ends in busy:
        moments = [datetime.combine(day, time.fromisoformat(at), zone) for at in (begins, ends)]
        taken |= {(work.staff_id, quarter) for quarter in quarters(*moments)}
    found = free_starts(work, day, busy=frozenset(taken), duration=duration, zone=zone, now=now)
    return [f"{start.astimezone(zone):%H:%M}" for start in found]


# --- quarters ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("begins", "ends", "touched"),
    [
        ("10:00", "10:30", ["10:00", "10:15"]),
        ("10:00", "10:01", ["10:00"]),
        ("10:10", "10:20", ["10:00", "10:15"]),
        ("10:14", "11:01", ["10:00", "10:15", "10:30", "10:45", "11:00"]),
    ],
)
def test_an_appointment_touches_every_quarter_it_reaches_into(begins, ends, touched):
    at = [datetime.combine(MONDAY, time.fromisoformat(text), UTC) for text in (begins, ends)]

    assert [f"{quarter:%H:%M}" for quarter in quarters(*at)] == touched


def test_quarters_are_counted_in_real_time_over_a_clock_change():
    toronto = ZoneInfo("America/Toronto")
    begins = datetime(2024, 3, 10, 1, 30, tzinfo=toronto)
    ends = datetime(2024, 3, 10, 3, 30, tzinfo=toronto)  # an hour later

    found = list(quarters(begins, ends))

    assert found == [datetime(2024, 3, 10, 6, 30, tzinfo=UTC) + QUARTER * n for n in range(4)]
    assert {quarter.tzinfo for quarter in found} == {UTC}


@given(
    st.integers(1_600_000_000, 1_900_000_000).map(lambda s: datetime.fromtimestamp(s, UTC)),
    st.integers(1, 1440),
)
def test_the_quarters_cover_the_appointment_and_no_more(begins, minutes):
    ends = begins + timedelta(minutes=minutes)

    found = list(quarters(begins, ends))

    assert all(quarter.timestamp() % 900 == 0 for quarter in found)
    assert found[0] <= begins < found[0] + QUARTER
    assert found[-1] < ends <= found[-1] + QUARTER
    assert len(set(found)) == len(found) == (found[-1] - found[0]) / QUARTER + 1


# --- free starts -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("busy", "expected"),
    [
        ([], ["10:00", "10:30", "11:00", "11:30", "12:00"]),
        ([("10:00", "13:00")], []),
        ([("11:00", "11:30")], ["10:00", "11:30", "12:00"]),
        ([("11:25", "11:30")], ["10:00", "11:30", "12:00"]),  # a quarter is taken as a whole
        ([("10:00", "10:30"), ("12:30", "13:00")], ["10:30", "11:00", "11:30"]),
    ],
)
def test_free_starts_are_the_shift_less_what_is_busy(busy, expected):
    assert starts(shift(), busy=busy) == expected


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [(30, "12:30"), (45, "12:00"), (60, "12:00"), (180, "10:00")],
)
def test_the_last_start_leaves_time_until_the_shift_ends(minutes, expected):
    assert starts(shift(), duration=timedelta(minutes=minutes))[-1] == expected


def test_what_takes_longer_than_the_shift_cannot_start():
    assert starts(shift(), duration=timedelta(minutes=181)) == []


def test_nobody_is_expected_sooner_than_the_notice():
    now = datetime(2024, 4, 1, 10, 1, tzinfo=MOSCOW)

    assert starts(shift(), now=now) == ["11:30", "12:00"]
    assert starts(shift(), now=now - timedelta(minutes=1)) == ["11:00", "11:30", "12:00"]


def test_another_ones_appointments_take_no_time():
    taken = frozenset({(2, datetime(2024, 4, 1, 10, tzinfo=MOSCOW).astimezone(UTC))})

    found = free_starts(
        shift(), MONDAY, busy=taken, duration=HOUR, zone=MOSCOW, now=LONG_AGO
    )  # fmt: skip

    assert found[0] == datetime(2024, 4, 1, 10, tzinfo=MOSCOW)


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2024, 3, 10), 23), (date(2024, 11, 3), 25), (date(2024, 11, 4), 24)]
)
def test_a_clock_change_neither_loses_nor_doubles_an_hour(day, hours):
    whole_day = shift("00:00", "23:59", weekday=day.isoweekday())
    toronto = ZoneInfo("America/Toronto")

    found = free_starts(
        whole_day, day, busy=frozenset(), duration=timedelta(minutes=29), zone=toronto, now=LONG_AGO
    )

    assert len(set(found)) == hours * 2


@st.composite
def shifts(draw: st.DrawFn) -> Shift:
    opens, closes = sorted(draw(st.sets(st.integers(24, 92), min_size=2, max_size=2)))
    return shift(f"{opens // 4:02}:{opens % 4 * 15:02}", f"{closes // 4:02}:{closes % 4 * 15:02}")


@given(
    work=shifts(),
    day=st.sampled_from([MONDAY, date(2024, 3, 10), date(2024, 3, 31), date(2024, 11, 3)]),
    zone=st.sampled_from(["Europe/Moscow", "America/Toronto", "Europe/Berlin", "Asia/Kathmandu"]),
    taken=st.sets(st.integers(0, 95), max_size=30),
    duration=st.integers(1, 48).map(lambda n: timedelta(minutes=5 * n)),
    hours=st.integers(-10, 30),
)
def test_free_starts_never_overlap_what_is_busy_nor_leave_the_shift(
    work, day, zone, taken, duration, hours
):
    zone = ZoneInfo(zone)
    midnight = datetime.combine(day, time(), zone).astimezone(UTC)
    busy = frozenset((work.staff_id, midnight + QUARTER * n) for n in taken)
    now = midnight + timedelta(hours=hours)

    found = free_starts(work, day, busy=busy, duration=duration, zone=zone, now=now)

    assert found == sorted(set(found))
    for start in found:
        assert start.tzinfo is UTC
        assert start >= now + NOTICE
        local, ends = start.astimezone(zone), (start + duration).astimezone(zone)
        assert local.date() == ends.date() == day
        assert work.opens <= local.time()
        assert ends.time() <= work.closes
        for _, quarter in busy:
            assert start + duration <= quarter or quarter + QUARTER <= start


# --- days --------------------------------------------------------------------------------------


def test_both_ends_of_the_days_are_included():
    assert list(days(date(2024, 2, 28), date(2024, 3, 1))) == [
        date(2024, 2, 28),
        date(2024, 2, 29),
        date(2024, 3, 1),
    ]
    assert list(days(MONDAY, MONDAY)) == [MONDAY]
    assert list(days(MONDAY, MONDAY - timedelta(days=1))) == []


def test_a_shift_is_worked_on_its_weekday():
    work = [shift(weekday=1), shift("15:00", "18:00", weekday=1), shift(weekday=7)]

    assert shifts_on(work, MONDAY) == work[:2]
    assert shifts_on(work, MONDAY - timedelta(days=1)) == work[2:]
