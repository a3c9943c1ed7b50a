"""Variants: who gets which, and what may be said of them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from salons import salon

from vernis.decide.attribution import Z_WATCHED, Outcome, lapses_needed, newcombe
from vernis.decide.plan import arm_of
from vernis.decide.variants import Standing, as_told, begun_as, compare, variant_of
from vernis.domain import Arm, Band, Offer, Tone, Variant

BEGAN = datetime(2024, 3, 1, 9, tzinfo=UTC)
VISIT = date(2024, 2, 1)
SOFT, SHORT = Variant(name="soft"), Variant(name="short", tone=Tone.BRIEF)


def in_test(*variants, since=BEGAN, **settings):
    return salon(variants=variants or (SOFT, SHORT), variants_since=since, **settings)


def drawn(company, count=4_000):
    return [variant_of(company, client_key=f"C{n}", last_visit_on=VISIT).name for n in range(count)]


# --- who gets which -----------------------------------------------------------------------------


def test_without_a_test_there_is_no_variant():
    assert variant_of(salon(), client_key="C1", last_visit_on=VISIT) is None


def test_a_lapse_has_the_same_variant_wherever_it_is_drawn():
    here = in_test(since=datetime(2024, 3, 1, 9, tzinfo=UTC))
    there = in_test(since=datetime.fromisoformat("2024-03-01T12:00+03:00"))
    assert drawn(here, 50) == drawn(there, 50)


@pytest.mark.parametrize("weights", [(1, 1), (1, 3), (2, 1, 1), (1, 1, 1, 1, 1, 1)])
def test_each_variant_gets_its_share(weights):
    variants = [Variant(name=str(n), weight=weight) for n, weight in enumerate(weights)]
    found = drawn(in_test(*variants))
    for variant in variants:
        expected = variant.weight / sum(weights)
        assert found.count(variant.name) / len(found) == pytest.approx(expected, abs=0.03)


def test_a_client_who_comes_back_draws_anew_and_so_does_each_test():
    before = drawn(in_test())
    again = [
        variant_of(in_test(), client_key=f"C{n}", last_visit_on=date(2024, 5, 1)).name
        for n in range(len(before))
    ]
    next_test = drawn(in_test(since=BEGAN + timedelta(days=60)))
    for other in (again, next_test):
        same = sum(a == b for a, b in zip(before, other, strict=True)) / len(before)
        assert same == pytest.approx(0.5, abs=0.03)


def test_the_variant_says_nothing_about_the_arm():
    company = in_test(holdout_percent=50)

    class Someone:  # what `arm_of` asks of a candidate
        def __init__(self, n):
            self.external_key, self.last_visit_on = f"C{n}", VISIT

    pairs = [
        (variant.name, arm_of(Someone(n), company))
        for n in range(4_000)
        if (variant := variant_of(company, client_key=f"C{n}", last_visit_on=VISIT))
    ]
    held_out = {
        name: sum(pair == (name, Arm.HOLDOUT) for pair in pairs) for name in ("soft", "short")
    }
    assert held_out["soft"] == pytest.approx(1_000, abs=100)
    assert held_out["short"] == pytest.approx(1_000, abs=100)


@pytest.mark.parametrize(
    ("name", "since", "expected"),
    [
        ("short", BEGAN, SHORT),
        ("short", BEGAN - timedelta(days=1), None),  # of an earlier test
        (None, None, None),  # begun before any test
        ("gone", BEGAN, None),
    ],
)
def test_a_lapse_stays_in_the_variant_that_it_began_in(name, since, expected):
    assert begun_as(in_test(), name, since) == expected


def test_a_lapse_of_no_test_stays_out_when_there_is_none_any_more():
    assert begun_as(salon(), None, None) is None


OWN = {Band.OFFER: Offer(percent=10)}
OTHER = {Band.OFFER: Offer(percent=20)}


@pytest.mark.parametrize(
    ("variant", "tone", "offers"),
    [
        (None, Tone.WARM, OWN),
        (Variant(name="a"), Tone.WARM, OWN),
        (Variant(name="a", tone=Tone.BRIEF), Tone.BRIEF, OWN),
        (Variant(name="a", offers=OTHER), Tone.WARM, OTHER),
        (Variant(name="a", offers={}), Tone.WARM, {}),
    ],
)
def test_a_variant_changes_what_it_names(variant, tone, offers):
    told = as_told(salon(offers=OWN), variant)
    assert (told.tone, told.offers) == (tone, offers)
    assert replace(told, tone=Tone.WARM, offers=OWN) == salon(offers=OWN)


# --- what may be said -----------------------------------------------------------------------------


def outcomes(**figures):
    return {name: Outcome(lapses=n, converted=x) for name, (n, x) in figures.items()}


@pytest.mark.parametrize("figures", [{}, {"a": (50, 5)}, {"a": (50, 5), "b": (0, 0)}])
def test_fewer_than_two_are_not_compared(figures):
    assert compare(outcomes(**figures)) is None


@pytest.mark.parametrize(
    ("figures", "standing"),
    [
        ({"a": (20, 0), "b": (20, 20)}, Standing.NOT_ENOUGH_DATA),  # a handful is mostly luck
        ({"a": (100, 10), "b": (100, 20)}, Standing.NOT_ENOUGH_DATA),  # 95%, but not every day
        ({"a": (400, 40), "b": (400, 80)}, Standing.BETTER),
        ({"a": (4000, 400), "b": (4000, 410)}, Standing.NO_DIFFERENCE),
        ({"a": (4000, 400), "b": (4000, 410), "c": (50, 5)}, Standing.NOT_ENOUGH_DATA),
        ({"a": (400, 40), "b": (400, 80), "c": (0, 0)}, Standing.BETTER),
        ({"a": (40_000, 4_000), "b": (40_000, 4_200)}, Standing.NOT_ENOUGH_DATA),  # 0.5 points
    ],
)
def test_nothing_is_better_before_it_is(figures, standing):
    found = compare(outcomes(**figures))
    assert found.standing is standing
    assert bool(found.more) <= (standing is Standing.NOT_ENOUGH_DATA)


def test_several_variants_make_every_interval_wider():
    two = compare(outcomes(a=(400, 40), b=(400, 60)))
    three = compare(outcomes(a=(400, 40), b=(400, 60), c=(400, 45)))
    (pair,) = two.differences
    same = next(one for one in three.differences if one.second == "a")
    assert pair.interval == pytest.approx(
        newcombe(Outcome(lapses=400, converted=60), Outcome(lapses=400, converted=40))
    )
    assert same.interval[0] < pair.interval[0]
    assert same.interval[1] > pair.interval[1]


def test_the_same_figures_that_tell_two_apart_do_not_tell_six():
    worst, best = (250, 20), (250, 45)
    two = compare(outcomes(a=worst, b=best))
    six = compare(outcomes(a=worst, b=best, c=(250, 30), d=(250, 30), e=(250, 30), f=(250, 30)))
    assert two.standing is Standing.BETTER
    assert six.standing is Standing.NOT_ENOUGH_DATA


def test_what_is_missing_is_told_for_each_variant():
    found = compare(outcomes(a=(700, 70), b=(200, 20)))
    assert found.planned_for == 0.05
    assert found.more["b"] - found.more["a"] == 500
    enough = {name: lapses + found.more[name] for name, lapses in (("a", 700), ("b", 200))}
    middle, half = 0.1, 0.025  # on both sides of the rate of all together
    assert enough["b"] == lapses_needed(middle + half, middle - half, z=Z_WATCHED)


@given(
    st.lists(
        st.integers(0, 500).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))),
        min_size=2,
        max_size=6,
    )
)
def test_whatever_is_called_better_differs_beyond_its_interval(figures):
    found = compare(outcomes(**{f"v{n}": figure for n, figure in enumerate(figures)}))
    if found is None:
        return
    for difference in found.differences:
        low, high = difference.interval
        assert low <= difference.value <= high
        assert difference.value >= 0
        assert not difference.sure or low > 0
    assert (found.standing is Standing.BETTER) == any(d.sure for d in found.differences)
