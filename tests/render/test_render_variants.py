"""A test of variants in words: figures first, and nothing better before it is."""

from datetime import UTC, datetime

import pytest
from rich.text import Text
from test_render_report import SALON

from vernis.decide.attribution import Estimate, Outcome, wilson
from vernis.decide.variants import compare
from vernis.render import variants
from vernis.stages.variant_tests import VariantRates, VariantTest


def tried(*, is_over=False, **figures):
    """A test by variant: how many were written to, and how many booked."""
    return VariantTest(
        since=datetime(2024, 3, 1, 21, 30, tzinfo=UTC),
        is_over=is_over,
        variants=tuple(one(name, *figure) for name, figure in figures.items()),
        comparison=compare({n: Outcome(lapses=s, converted=b) for n, (s, b) in figures.items()}),
    )


def one(name, sent, booked):
    rate = Estimate(value=booked / sent, low=wilson(booked, sent)[0], high=wilson(booked, sent)[1])
    rates = {"replied_rate": rate, "positive_rate": rate, "booked_rate": rate}
    return VariantRates(
        name=name, sent=sent, replied=booked, positive=booked, booked=booked, **rates
    )


def said(test):
    return [Text.from_markup(line).plain for line in variants.sentences(test, SALON)]


def test_too_few_say_what_is_missing():
    since, difference, missing = said(tried(soft=(100, 10), short=(120, 24)))
    assert since == "Rates with 95% intervals, of clients written to since 02 Mar 2024."
    assert difference == (
        "short books +10.0 points against soft, 95% interval +0.3 to +19.2: not enough data yet."
    )
    assert missing == (
        "To tell 10.0 points for certain, about this many more clients are needed:"
        " 247 with soft and 227 with short."
    )


@pytest.mark.parametrize(
    ("figures", "conclusion"),
    [
        ({"soft": (400, 40), "short": (400, 80)}, "short is better."),
        ({"soft": (4000, 400), "short": (4000, 410)}, "no difference; one of 5 points would"),
    ],
)
def test_enough_say_so(figures, conclusion):
    _, difference = said(tried(**figures))
    assert conclusion in difference


def test_of_several_each_is_set_against_the_best():
    lines = said(tried(a=(500, 30), b=(500, 60), c=(500, 90)))
    assert [line.split(" books")[0] for line in lines[1:3]] == ["c", "c"]
    assert "against a" in lines[1]
    assert "wider than for two" in lines[3]


def test_a_test_that_is_over_is_called_so():
    assert said(tried(is_over=True, a=(10, 1), b=(10, 1)))[0].endswith("; it is over.")


def test_one_variant_alone_is_not_compared():
    test = VariantTest(since=datetime(2024, 3, 1, tzinfo=UTC), is_over=False, variants=(),
                       comparison=None)  # fmt: skip
    assert "only one of them was sent" in said(test)[1]
