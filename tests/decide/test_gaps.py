"""What is drawn of a service: returns as they were, shares that count those who still wait."""

import pytest

from vernis.decide.gaps import DRAWN, gaps


def test_returns_are_counted_by_weeks_and_those_who_wait_beside_them():
    clients = [client for client in range(12) for _ in range(2)] + [99]
    days = [day for _ in range(12) for day in (1000, 1030)] + [1000]

    found = gaps(clients, days, as_of=1040)

    assert [(bar.first, bar.last) for bar in found.bars if bar.returns] == [(29, 35)]
    assert (found.returns, found.waiting, found.median) == (12, 13, 30)
    assert found.back[14] == 0
    assert found.back[30] == pytest.approx(12 / 13, abs=0.01)


def test_long_gaps_share_a_bar():
    found = gaps([1, 1], [1000, 1300], as_of=1300)

    assert found.bars[-1].first == DRAWN + 1
    assert found.bars[-1].returns == 1


def test_few_returns_have_no_middle():
    found = gaps([1, 1], [1000, 1030], as_of=1030)

    assert (found.median, found.low, found.high) == (None, None, None)


@pytest.mark.parametrize("days", [[], [1000]])
def test_nobody_who_came_back_is_nothing_to_draw(days):
    found = gaps([1] * len(days), days, as_of=1000)

    assert (found.returns, found.waiting) == (0, len(days))
    assert set(found.back.values()) == {0}
