"""What may be told of what the messages earned."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vernis.decide.attribution import LEAST_LAPSES, Outcome, lift
from vernis.decide.earnings import Case, Earnings, case_of, earnings, rounded_up


def measured(contact: tuple[int, int], holdout: tuple[int, int], percent: int = 20):
    """Arms as (lapses, converted)."""
    first, second = (Outcome(lapses=n, converted=k) for n, k in (contact, holdout))
    return lift(first, second, holdout_percent=percent)


def told(contact: tuple[int, int], holdout: tuple[int, int], **more) -> Earnings:
    found = measured(contact, holdout, more.pop("percent", 20))
    return earnings(found, visited=found, visit_minor=3_000_00, sent=contact[0], **more)


@pytest.mark.parametrize(
    ("contact", "holdout", "percent", "case"),
    [
        ((0, 0), (0, 0), 20, Case.NOTHING_SENT),
        ((0, 0), (9, 1), 20, Case.NOTHING_SENT),
        ((80, 12), (0, 0), 0, Case.NO_COMPARISON),
        ((80, 12), (LEAST_LAPSES - 1, 3), 0, Case.NO_COMPARISON),
        ((80, 12), (LEAST_LAPSES - 1, 3), 20, Case.TOO_EARLY),
        ((10, 5), (200, 3), 20, Case.TOO_EARLY),
        ((501, 100), (140, 19), 20, Case.NOT_ENOUGH),
        ((501, 60), (140, 19), 20, Case.NOT_ENOUGH),
        ((9000, 900), (2000, 200), 20, Case.NO_DIFFERENCE),
        ((900, 200), (250, 38), 20, Case.PROBABLY_MORE),
        ((2000, 440), (500, 60), 20, Case.MORE),
        ((900, 100), (250, 42), 20, Case.PROBABLY_FEWER),
        ((2000, 200), (500, 100), 20, Case.FEWER),
    ],
)
def test_each_case_is_told_from_the_others(contact, holdout, percent, case) -> None:
    assert case_of(measured(contact, holdout, percent), sent=contact[0]) is case


def test_a_message_without_a_window_that_is_over_is_early_not_nothing() -> None:
    assert case_of(measured((0, 0), (0, 0)), sent=5) is Case.TOO_EARLY
    assert case_of(measured((0, 0), (0, 0), percent=0), sent=5) is Case.NO_COMPARISON


def test_what_is_not_proved_is_told_with_what_is_missing_and_how_long_that_takes() -> None:
    found = told((501, 100), (140, 19), held_out_a_week=20)
    assert (found.came, found.would_have, found.out_of) == (20, 14, 100)
    assert found.visits is not None
    assert round(found.visits.value) == 32
    assert found.visits.low < 0 < found.visits.high
    assert found.revenue_minor is not None
    assert found.revenue_minor.value == pytest.approx(found.visits.value * 3_000_00)
    assert found.more_clients == rounded_up(measured((501, 100), (140, 19)).more_holdout)
    assert found.more_weeks is not None
    assert found.more_weeks == pytest.approx(found.more_clients / 20, abs=2)


def test_nobody_is_told_to_wait_for_years() -> None:
    assert told((501, 100), (140, 19), held_out_a_week=0.5).more_weeks is None
    assert told((501, 100), (140, 19)).more_weeks is None


@pytest.mark.parametrize(
    ("contact", "holdout", "out_of"),
    [
        ((2000, 440), (500, 60), 100),
        ((2000, 60), (500, 3), 1000),  # 3 against 0.6 of 100
        ((2000, 60), (500, 0), 100),  # none is none
        ((90_000, 12_960), (50_000, 6_850), 1000),  # 14 of 100 twice, and proved to differ
    ],
)
def test_rates_are_of_1000_only_where_100_would_hide_them(contact, holdout, out_of) -> None:
    assert told(contact, holdout).out_of == out_of
    assert told(contact, holdout).difference != 0


def test_nothing_is_told_to_be_earned_where_there_is_no_difference() -> None:
    assert told((9000, 900), (2000, 200)).visits is None


def test_visits_that_contradict_the_bookings_are_not_told() -> None:
    booked, visited = measured((501, 100), (140, 19)), measured((501, 60), (140, 19))
    found = earnings(booked, visited=visited, visit_minor=100, sent=501)
    assert found.came is not None
    assert found.visits is None


@pytest.mark.parametrize(
    ("number", "about"), [(0, 0), (7, 7), (99, 99), (213, 220), (1001, 1100), (12_345, 13_000)]
)
def test_what_is_missing_is_told_to_two_digits(number: int, about: int) -> None:
    assert rounded_up(number) == about


@st.composite
def outcomes(draw) -> tuple[int, int]:
    lapses = draw(st.integers(0, 5000))
    return lapses, draw(st.integers(0, lapses))


@given(outcomes(), outcomes(), st.integers(0, 50))
def test_a_comparison_is_told_exactly_where_both_arms_are_large_enough(contact, holdout, percent):
    found = told(contact, holdout, percent=percent)
    enough = min(contact[0], holdout[0]) >= LEAST_LAPSES
    assert (found.came is not None) == enough
    if found.came is not None and found.low is not None and found.high is not None:
        assert 0 <= found.came <= found.out_of
        assert found.low - 1 <= found.difference <= found.high + 1
