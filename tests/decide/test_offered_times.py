"""Which free times a message offers, and whether they are still free."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from vernis.decide.reception.offered_times import (
    NOTICE,
    Offered,
    choose,
    days_of,
    from_plain,
    gone,
    stated,
    to_plain,
)
from vernis.decide.writing.free_times import say_times
from vernis.domain import FreeTime, Locale

ZONE = ZoneInfo("Europe/Moscow")
MONDAY = datetime(2024, 4, 1, 10, tzinfo=ZONE)


def free(day=0, hour=12, minute=0, staff=1, service=1):
    start = (MONDAY + timedelta(days=day)).replace(hour=hour, minute=minute)
    return FreeTime(
        starts_at=start.astimezone(UTC),
        ends_at=start.astimezone(UTC) + timedelta(hours=1),
        staff_id=staff,
        staff_name="Ольга",
        service_id=service,
        service_title="Стрижка",
    )


WEEK = [free(day, hour) for day in range(7) for hour in range(10, 20)]


def chosen(times, *, seed=1, offered=None, staff=1):
    return choose(
        times,
        staff_id=staff,
        zone=ZONE,
        after=MONDAY,
        seed=seed,
        offered=Offered() if offered is None else offered,
    )


def test_three_times_on_three_days_earliest_first():
    found = chosen(WEEK)
    assert len({one.starts_at.astimezone(ZONE).date() for one in found}) == 3
    assert list(found) == sorted(found, key=lambda one: one.starts_at)
    assert set(found) <= set(WEEK)


def test_the_same_seed_chooses_the_same():
    assert chosen(WEEK, seed=5) == chosen(list(reversed(WEEK)), seed=5)
    assert len({chosen(WEEK, seed=seed) for seed in range(20)}) > 15


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ([], []),
        ([free(1, staff=2)], []),  # not the usual master
        ([free(0, 10), free(0, 12, 59)], []),  # sooner than anybody comes
        ([free(0, 13)], [free(0, 13)]),
        ([free(1, 10), free(1, 15)], [free(1, 10), free(1, 15)]),  # one day only
        ([free(1, 10), free(1, 11)], 1),  # too near to each other to be a choice
    ],
)
def test_only_what_can_be_chosen_is_offered(times, expected):
    found = chosen(times)
    assert len(found) == expected if isinstance(expected, int) else list(found) == expected
    assert all(one.starts_at >= MONDAY + NOTICE for one in found)


def test_one_free_hour_is_not_promised_to_everybody():
    offered = Offered()
    for seed in range(20):
        chosen(WEEK, seed=seed, offered=offered)
    assert sum(offered.values()) == 60
    assert max(offered.values()) <= 2


def test_what_is_kept_comes_back_as_it_was():
    assert from_plain(to_plain(free())) == free()


def test_times_that_were_taken_are_gone():
    offered = [free(1), free(2), free(3)]
    assert gone(offered, WEEK) == []
    assert gone(offered, [free(1), free(3), free(2, staff=2), free(2, service=2)]) == [free(2)]


def test_the_days_of_some_times_are_the_companys_own():
    late = free(1, 0, 30)  # still the day before in UTC
    assert [day.day for day in days_of([free(3), late], ZONE)] == [2, 4]


@pytest.mark.parametrize("locale", Locale)
def test_a_text_names_the_times_that_are_in_it(locale):
    times = [free(1, 12), free(2, 15), free(2, 18)]
    local = [one.starts_at.astimezone(ZONE) for one in times]
    for some in (times, times[:1], times[1:], times[2:]):
        said = say_times([local[times.index(one)] for one in some], locale)
        assert list(stated(f"... {said}?", times, ZONE, locale)) == some


def test_a_text_without_times_names_none():
    assert stated("Записать вас?", [free(1), free(2)], ZONE, Locale.RU) == ()
    assert stated("Записать вас?", [], ZONE, Locale.RU) == ()
