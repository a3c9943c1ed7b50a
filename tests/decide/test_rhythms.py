"""What visits show of single clients and of services."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vernis.decide.rhythms import Tally, lines, personal

TODAY = 700_000


def visits(*rows: tuple[int, int, int]):
    """(client, service, days ago)."""
    client, service, ago = np.array(rows, np.int64).reshape(-1, 3).T
    return lines(client, service, TODAY - ago)


def evenly(client: int, gap: int, number: int, service: int = 0) -> list[tuple[int, int, int]]:
    return [(client, service, 10 + gap * n) for n in range(number)]


# --- single clients ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ago", "days", "seen", "consistency"),
    [
        ((70, 40, 10), 30, 3, 1.0),
        ((75, 40, 10), 32, 3, 0.89),
        ((10, 40, 70, 70), 30, 3, 1.0),  # twice on a day is once
        ((500, 70, 40, 10), 30, 3, 1.0),  # gone for more than a year: another life
        ((110, 100, 10), 50, 3, 0.0),
    ],
)
def test_a_rhythm_is_the_median_gap_and_how_steady_it_is(ago, days, seen, consistency):
    found = personal(visits(*((7, 0, day) for day in ago)))

    assert found.client.tolist() == [7]
    assert (found.days[0], found.visits[0]) == (days, seen)
    assert found.consistency[0] == pytest.approx(consistency, abs=0.01)


def test_only_the_last_eight_gaps_count():
    slow = [(1, 0, 400 + 90 * n) for n in range(4)]
    found = personal(visits(*slow, *((1, 0, 40 * n) for n in range(9))))

    assert (found.days[0], found.visits[0]) == (40, 9)


def test_two_visits_are_no_rhythm_and_services_have_their_own():
    found = personal(visits(*evenly(1, 30, 2), *evenly(2, 30, 4, 0), *evenly(2, 20, 5, 3)))

    assert found.client.tolist() == [2, 2]
    assert found.service.tolist() == [0, 3]
    assert found.days.tolist() == [30, 20]


def test_visits_without_a_service_belong_to_no_line():
    assert len(visits((1, -1, 10), (1, -1, 40)).client) == 0
    assert len(personal(visits()).client) == 0


# --- services ------------------------------------------------------------------------------------


def averages(found, services: int = 1):
    return list(Tally.of(found, services, as_of=TODAY).averages())


def test_fewer_than_ten_returns_are_no_average():
    nine = [row for client in range(9) for row in evenly(client, 30, 2)]

    assert averages(visits(*nine)) == []
    (service,) = averages(visits(*nine, *evenly(9, 50, 2)))
    assert (service.median, service.shortest, service.longest, service.returns) == (30, 30, 50, 10)


def test_clients_who_did_not_come_back_make_the_median_longer():
    """Most returns were after 30 days only because the later ones have not had their time yet."""
    quick = [row for client in range(20) for row in ((client, 0, 130), (client, 0, 100))]
    slow = [row for client in range(20, 30) for row in ((client, 0, 130), (client, 0, 30))]
    waiting = [(client, 0, 60) for client in range(30, 66)]

    (alone,), (all_,) = averages(visits(*quick, *slow)), averages(visits(*quick, *slow, *waiting))

    assert (alone.median, all_.median) == (30, 100)


def test_recent_years_weigh_more():
    once = [row for client in range(20) for row in ((client, 0, 1500), (client, 0, 1440))]
    now = [row for client in range(20, 40) for row in ((client, 0, 100), (client, 0, 70))]

    (service,) = averages(visits(*once, *now))

    assert service.median == 30
    assert service.returns == 40


def test_parts_add_up_to_the_whole():
    rows = [row for client in range(30) for row in evenly(client, 20 + client, 4, client % 2)]
    first, second = [row for row in rows if row[0] < 11], [row for row in rows if row[0] >= 11]
    parts = [Tally.of(visits(*some), 2, as_of=TODAY) for some in (first, second)]

    assert list((Tally.empty(2) + parts[0] + parts[1]).averages()) == averages(visits(*rows), 2)


@given(
    st.lists(st.tuples(st.integers(1, 5), st.integers(-1, 2), st.integers(0, 8000)), max_size=80)
)
def test_whatever_the_visits_are_gaps_are_positive_and_end_once_per_line(rows):
    found = visits(*rows)

    assert (found.gap >= 0).all()
    assert (found.gap == 0).sum() == len({row[:2] for row in rows if row[1] >= 0})
    rhythm = personal(found)
    assert ((rhythm.days >= 1) & (rhythm.days <= 365)).all()
    assert ((rhythm.consistency >= 0) & (rhythm.consistency <= 1)).all()
