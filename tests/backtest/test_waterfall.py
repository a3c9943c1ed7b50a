import pytest
from hypothesis import given
from hypothesis import strategies as st

from vernis.backtest.waterfall import (
    REMEMBERED_GAPS,
    Rhythm,
    ServiceRhythm,
    StandardRhythm,
    choose,
    rhythm,
    universal,
)
from vernis.domain import Source

SERVICE = ServiceRhythm(median=34, low=25, high=60, returns=120)
STANDARD = StandardRhythm(category_key="pedicure", days=30, low=21, high=40, confidence=0.75)

gaps = st.lists(st.integers(-5, 800), max_size=20)


@st.composite
def service_rhythms(draw: st.DrawFn) -> ServiceRhythm:
    low, median, high = sorted(draw(st.tuples(*[st.integers(1, 365)] * 3)))
    return ServiceRhythm(median=median, low=low, high=high, returns=draw(st.integers(10, 10_000)))


# --- one client's rhythm -----------------------------------------------------------------------


def test_two_equal_gaps_make_a_rhythm():
    own = rhythm([30, 30])

    assert own == Rhythm(visits=3, median=30, spread=0, shortest=30, longest=30, consistency=1)


def test_the_spread_is_that_of_a_sample():
    own = rhythm([20, 30, 40])

    assert own is not None
    assert (own.median, own.spread, own.consistency) == (30, 10.0, 0.67)


@pytest.mark.parametrize("few", [[], [30], [30, 0], [30, 400], [0, 0, 0]])
def test_fewer_than_three_visits_are_no_rhythm(few):
    assert rhythm(few) is None


def test_a_gap_over_a_year_is_an_absence_and_no_part_of_the_rhythm():
    assert rhythm([30, 366, 30]) == rhythm([30, 30])


def test_a_gap_of_a_year_still_counts():
    own = rhythm([365, 365])

    assert own is not None
    assert own.median == 365


def test_only_the_newest_gaps_are_remembered():
    assert rhythm([28] * REMEMBERED_GAPS + [90] * 20) == rhythm([28] * REMEMBERED_GAPS)


@given(gaps)
def test_a_rhythm_lies_between_the_gaps_it_comes_from(days):
    own = rhythm(days)

    if own is not None:
        assert 1 <= own.shortest <= own.median <= own.longest <= 365
        assert 0 <= own.consistency <= 1
        assert 3 <= own.visits <= REMEMBERED_GAPS + 1


# --- the first level that knows ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "source", "days"),
    [
        ({"own": [30, 32, 31], "service": SERVICE, "standard": STANDARD}, Source.PERSONAL, 31),
        ({"own": [10, 90], "service": SERVICE, "standard": STANDARD}, Source.SERVICE_AVERAGE, 34),
        ({"own": [30], "service": SERVICE, "standard": STANDARD}, Source.SERVICE_AVERAGE, 34),
        ({"service": SERVICE}, Source.SERVICE_AVERAGE, 34),
        ({"own": [10, 90], "standard": STANDARD}, Source.INDUSTRY_STANDARD, 30),
        ({"standard": STANDARD, "inactive_days": 80}, Source.INDUSTRY_STANDARD, 30),
        ({"own": [10, 90], "inactive_days": 50}, Source.UNIVERSAL, 60),
        ({}, Source.UNIVERSAL, 30),
    ],
)
def test_the_most_specific_level_that_knows_answers(known, source, days):
    own = rhythm(known.pop("own", []))

    interval = choose(own=own, **known)

    assert (interval.source, interval.days) == (source, days)


@pytest.mark.parametrize(
    ("inactive", "days"),
    [(None, 30), (-3, 30), (0, 30), (44, 30), (45, 60), (74, 60), (75, 90), (4000, 90)],
)
def test_the_last_resort_goes_by_the_time_away(inactive, days):
    interval = universal(inactive)

    assert (interval.days, interval.confidence) == (days, 0.60)
    assert interval.low == days * 2 / 3
    assert interval.high == days * 4 / 3


def test_each_level_says_how_sure_it_is_and_why():
    own = choose(own=rhythm([30, 32, 31]))

    assert own.evidence == {"visits": 4, "shortest": 30, "longest": 32}
    assert own.confidence == pytest.approx(0.85, abs=0.05)
    assert choose(service=SERVICE).confidence == 0.85
    assert choose(service=SERVICE).evidence == {"returns": 120}
    assert choose(standard=STANDARD).confidence == 0.75
    assert choose(standard=STANDARD).evidence == {"category": "pedicure"}
    assert choose(inactive_days=50).evidence == {"inactive_days": 50}


def test_certainty_comes_with_visits_and_with_regularity():
    few, many, irregular = rhythm([30, 30]), rhythm([30] * 8), rhythm([20, 40] * 4)

    sure = [choose(own=own).confidence for own in (irregular, few, many)]

    assert sure == sorted(sure)
    assert len(set(sure)) == 3


def test_a_regular_client_still_has_a_window_of_some_days():
    interval = choose(own=rhythm([30, 30]))

    assert interval.low < 30 < interval.high


@given(
    gaps,
    st.none() | service_rhythms(),
    st.none() | st.just(STANDARD),
    st.none() | st.integers(-10, 5000),
)
def test_there_is_always_an_answer_that_can_be_planned_with(days, service, standard, inactive):
    interval = choose(own=rhythm(days), service=service, standard=standard, inactive_days=inactive)

    assert 0 < interval.low <= interval.days <= interval.high
    assert 0.5 <= interval.confidence <= 1
    assert interval.evidence
