"""What an owner has said of a service beats what was learned, but not a client's own rhythm."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_logs import every, regulars, together

from vernis.decide import timing
from vernis.decide.timing.owner import OWN_VISITS, owners_window
from vernis.domain import Source

CLIENT = 10_000


def last_estimate(*, visits: int, gap: int = 45, own: int | None = None, away: int = 0):
    """Of a client with so many visits, in a salon whose clients return after about 45 days."""
    log = together(regulars(rhythm=45, stray=0.1), every(gap, visits, client=CLIENT))
    lines = np.zeros(len(log.days), np.int64)
    known = timing.history(log.clients, log.days, lines)
    at = np.flatnonzero(known.client == CLIENT)[-1:]
    model = timing.fit(known, on=int(known.day.max()), lines=1)
    if own is not None:
        model = replace(model, own={0: own})
    return timing.estimate(model, known, at, away=np.array([away])), known, model, int(at[0])


@pytest.mark.parametrize("visits", [1, 2])
@pytest.mark.parametrize("days", [1, 14, 30, 90, 400, 730])
def test_without_a_rhythm_a_client_is_expected_on_exactly_the_owners_day(
    visits: int, days: int
) -> None:
    found, *_ = last_estimate(visits=visits, own=days)

    assert (found.days[0], found.half[0], found.source(0)) == (days, days, Source.OWN)
    assert found.low[0] <= days <= found.high[0]


def test_a_client_who_keeps_a_rhythm_is_still_expected_by_it() -> None:
    found, *_ = last_estimate(visits=9, gap=21, own=60)
    alone, *_ = last_estimate(visits=9, gap=21)

    assert found.source(0) is Source.PERSONAL
    assert found.days[0] == alone.days[0]


@pytest.mark.parametrize(("visits", "held"), [(1, True), (2, True), (OWN_VISITS + 5, False)])
def test_the_more_a_client_has_shown_the_less_the_owners_word_counts(
    visits: int, held: bool
) -> None:
    found, *_ = last_estimate(visits=visits, gap=20, own=60)

    assert (found.source(0) is Source.OWN) is held


def test_the_chance_to_come_back_unasked_stays_what_the_visits_show() -> None:
    said, *_ = last_estimate(visits=1, own=20, away=50)
    learned, *_ = last_estimate(visits=1, away=50)

    assert said.returning[0] == learned.returning[0]
    assert said.hit[0] < learned.hit[0], "few return about day 20, and the confidence says so"


def test_the_reason_says_who_has_set_it() -> None:
    found, known, model, at = last_estimate(visits=1, own=30)
    said = timing.interval(found, 0, known, at, model)

    assert (said.low, said.days, said.high) == (25, 30, 36)
    assert (said.source, said.confidence) == (Source.OWN, pytest.approx(found.hit[0], abs=0.01))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 730), min_size=1, max_size=20))
def test_the_window_is_about_the_day(days: list[int]) -> None:
    low, high = owners_window(np.array(days))

    assert (low >= 1).all()
    assert (low <= days).all()
    assert (high >= days).all()
