import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from vernis.decide.attribution import (
    LEAST_LAPSES,
    Outcome,
    Verdict,
    earned,
    lapses_needed,
    lift,
    newcombe,
    wilson,
)


def outcome(converted: int, lapses: int) -> Outcome:
    return Outcome(lapses=lapses, converted=converted)


outcomes = st.integers(1, 2000).flatmap(
    lambda lapses: st.builds(outcome, st.integers(0, lapses), st.just(lapses))
)


# Table II of Newcombe 1998 (difference of independent proportions), method 10, examples (a) to (h).
@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        (outcome(56, 70), outcome(48, 80), 0.0524, 0.3339),
        (outcome(9, 10), outcome(3, 10), 0.1705, 0.8090),
        (outcome(6, 7), outcome(2, 7), 0.0582, 0.8062),
        (outcome(5, 56), outcome(0, 29), -0.0381, 0.1926),
        (outcome(0, 10), outcome(0, 20), -0.1611, 0.2775),
        (outcome(0, 10), outcome(0, 10), -0.2775, 0.2775),
        (outcome(10, 10), outcome(0, 20), 0.6791, 1.0000),
        (outcome(10, 10), outcome(0, 10), 0.6075, 1.0000),
    ],
)
def test_the_interval_agrees_with_the_published_examples(first, second, low, high):
    assert newcombe(first, second) == pytest.approx((low, high), abs=0.00006)


# Newcombe 1998, the companion paper on single proportions: Table I, method 3.
@pytest.mark.parametrize(
    ("converted", "lapses", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_of_one_share_agrees_with_the_published_examples(converted, lapses, low, high):
    assert wilson(converted, lapses) == pytest.approx((low, high), abs=0.00006)


@given(outcomes, outcomes)
def test_the_interval_holds_the_difference_and_stays_within_one(first, second):
    low, high = newcombe(first, second)
    difference = first.converted / first.lapses - second.converted / second.lapses
    assert -1 <= low <= difference + 1e-12
    assert difference - 1e-12 <= high <= 1


@given(outcomes, outcomes)
def test_exchanging_the_arms_mirrors_the_interval(first, second):
    low, high = newcombe(first, second)
    assert newcombe(second, first) == pytest.approx((-high, -low), abs=1e-12)


@given(outcomes, outcomes, st.integers(2, 10))
def test_the_same_rates_in_more_lapses_give_a_narrower_interval(first, second, times):
    few = newcombe(first, second)
    many = newcombe(
        outcome(first.converted * times, first.lapses * times),
        outcome(second.converted * times, second.lapses * times),
    )
    assert many[1] - many[0] < few[1] - few[0]


@pytest.mark.parametrize(
    ("first", "second", "ratio", "needed"),
    [
        (0.15, 0.10, 1, 686),
        (0.10, 0.15, 1, 686),
        (0.60, 0.50, 1, 388),
    ],
)
def test_lapses_needed_agree_with_textbook_cases(first, second, ratio, needed):
    assert lapses_needed(first, second, ratio=ratio) == needed


@given(st.floats(0.01, 0.9), st.floats(0.02, 0.09), st.floats(1, 20))
def test_a_larger_contact_arm_needs_a_smaller_holdout_but_more_in_all(base, effect, ratio):
    equal = lapses_needed(base + effect, base)
    unequal = lapses_needed(base + effect, base, ratio=ratio)
    assert unequal <= equal * 1.3  # the rates' own variances differ a little
    assert unequal * (1 + ratio) >= 2 * equal * 0.95


@pytest.mark.parametrize(
    ("contact", "holdout", "verdict"),
    [
        (outcome(0, 0), outcome(0, 0), Verdict.NOT_ENOUGH_DATA),
        (outcome(40, 250), outcome(0, 0), Verdict.NOT_ENOUGH_DATA),
        (outcome(0, 0), outcome(3, 33), Verdict.NOT_ENOUGH_DATA),
        (outcome(38, 250), outcome(3, 33), Verdict.NOT_ENOUGH_DATA),
        (outcome(300, 1500), outcome(10, 150), Verdict.LIFT),
        (outcome(75, 1500), outcome(20, 150), Verdict.HARM),
        (outcome(20, 20), outcome(0, 29), Verdict.NOT_ENOUGH_DATA),
        (outcome(30, 30), outcome(0, 30), Verdict.LIFT),
        (outcome(1000, 10000), outcome(100, 1000), Verdict.NO_DIFFERENCE),
        (outcome(250, 2500), outcome(25, 250), Verdict.NOT_ENOUGH_DATA),
    ],
)
def test_nothing_is_said_before_there_is_enough_data(contact, holdout, verdict):
    assert lift(contact, holdout, holdout_percent=10).verdict is verdict


@pytest.mark.parametrize(
    ("contact", "holdout", "sure"),
    [
        (outcome(300, 1500), outcome(10, 150), True),
        (outcome(270, 1500), outcome(16, 150), False),
        (outcome(30, 30), outcome(0, 29), False),
        (outcome(0, 0), outcome(0, 0), False),
    ],
)
def test_a_verdict_is_sure_when_it_stands_being_looked_at_every_day(contact, holdout, sure):
    assert lift(contact, holdout, holdout_percent=10).sure is sure


def test_it_says_how_many_lapses_are_missing():
    seen = lift(outcome(38, 250), outcome(3, 33), holdout_percent=10)
    assert seen.planned_for == pytest.approx(seen.difference)
    assert seen.more_holdout == lapses_needed(38 / 250, 3 / 33, ratio=250 / 33) - 33
    assert seen.more_contact is not None
    assert seen.more_contact > seen.more_holdout


def test_before_the_first_lapse_it_plans_for_five_points_above_the_usual_rate():
    empty = lift(outcome(0, 0), outcome(0, 0), holdout_percent=50)
    assert (empty.difference, empty.interval, empty.planned_for) == (None, None, 0.05)
    assert (empty.more_contact, empty.more_holdout) == (686, 686)


def test_without_a_holdout_no_number_of_clients_is_enough():
    unmeasured = lift(outcome(40, 250), outcome(0, 0), holdout_percent=0)
    assert (unmeasured.more_contact, unmeasured.more_holdout) == (None, None)


@given(outcomes, outcomes, st.integers(0, 50))
def test_what_is_said_agrees_with_the_interval(contact, holdout, percent):
    said = lift(contact, holdout, holdout_percent=percent)
    assert said.interval is not None
    low, high = said.interval
    match said.verdict:
        case Verdict.LIFT:
            assert low > 0
        case Verdict.HARM:
            assert high < 0
        case Verdict.NO_DIFFERENCE:
            assert low <= 0 <= high
    if min(contact.lapses, holdout.lapses) < LEAST_LAPSES:
        assert not said.enough
    if said.sure:
        assert said.verdict in (Verdict.LIFT, Verdict.HARM)
    assert said.more_contact is None or said.more_contact >= 0


def test_what_was_earned_is_the_lift_times_the_contacted_lapses():
    said = lift(outcome(300, 1500), outcome(10, 150), holdout_percent=10)
    bookings = earned(said)
    money = earned(said, each=250_000.0)
    assert bookings is not None
    assert money is not None
    assert bookings.value == pytest.approx(200)
    assert bookings.low < 200 < bookings.high
    assert money.value == pytest.approx(200 * 250_000)


@given(outcomes, outcomes)
def test_nothing_is_earned_on_too_little_data(contact, holdout):
    said = lift(contact, holdout, holdout_percent=10)
    assume(not said.enough)
    assert earned(said) is None
