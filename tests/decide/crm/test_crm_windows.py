"""Windows over a list: everything is read, in few requests, and in one that is of one moment."""

from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vernis.decide.crm.windows import Window, following, narrower

SIZE = 10


class Listed:
    """A list of things, each on its unit; the page of a window is asked for as of a CRM."""

    def __init__(self, counts: dict[int, int], *, most: int = SIZE) -> None:
        self.things = [(unit, n) for unit, count in counts.items() for n in range(count)]
        self.most = most
        self.requests = 0

    def ask(self, window: Window) -> tuple[list[tuple[int, int]], int]:
        self.requests += 1
        end = None if window.width is None else window.since + window.width
        fits = [one for one in self.things if window.since <= one[0] and (not end or one[0] < end)]
        begins = (window.page - 1) * self.most
        return fits[begins : begins + self.most], len(fits)


def read_all(listed: Listed, since: int, *, usual: int = 7) -> list[tuple[int, int]]:
    window: Window | None = Window(since=since, usual=usual)
    read = []
    while window is not None:
        while True:
            items, total = listed.ask(window)
            if (instead := narrower(window, count=len(items), total=total)) is None:
                break
            window = instead
        read += items
        window = following(window, count=len(items), total=total, size=SIZE)
        window = Window(**window.as_json()) if window else None  # as it is stored between pages
    return read


DAYS = st.dictionaries(st.integers(700_000, 701_100), st.integers(1, 45), max_size=25)


@given(DAYS, st.sampled_from([SIZE, 7, 1]))
def test_everything_is_read_once_however_it_lies(counts, most):
    listed = Listed(counts, most=most)
    read = read_all(listed, 700_000)
    assert sorted(read) == sorted(listed.things)
    assert listed.requests <= 3 * len(listed.things) // most + 30 * len(counts) + 30


def test_what_fits_on_a_page_is_one_request():
    listed = Listed({700_003: 4, 700_900: 6})
    assert len(read_all(listed, 700_000)) == 10
    assert listed.requests == 1


def test_a_steady_list_is_read_in_little_more_requests_than_it_has_pages():
    listed = Listed(dict.fromkeys(range(700_000, 700_300), 1))
    read_all(listed, 700_000)
    assert listed.requests <= 1.6 * 300 / SIZE


def test_years_without_anything_cost_few_requests():
    listed = Listed(dict.fromkeys(range(701_000, 701_030), 1))
    read_all(listed, 699_900)
    assert listed.requests <= 30


@pytest.mark.parametrize("moved", [3, 40])
def test_a_list_that_shrinks_comes_to_an_end(moved):
    listed = Listed(dict.fromkeys(range(700_000, 700_060), 1))
    window: Window | None = Window(since=700_000, usual=7)
    while window is not None:
        items, total = listed.ask(window)
        if instead := narrower(window, count=len(items), total=total):
            window = instead
            continue
        window = following(window, count=len(items), total=total, size=SIZE)
        listed.things = listed.things[:-moved]
        assert listed.requests < 40
        assert window is None or date.fromordinal(window.since)


def test_pages_of_a_single_day_begin_anew_where_its_total_changed():
    paged = Window(since=700_000, width=1, usual=1, page=3, held=25, full=10)
    assert narrower(paged, count=5, total=25) is None
    again = narrower(paged, count=4, total=24)
    assert again == Window(since=700_000, width=1, usual=1)


def test_a_page_may_hold_less_than_was_asked_for():
    listed = Listed({700_000: 30, 700_001: 3}, most=4)
    assert Counter(read_all(listed, 700_000)) == Counter(listed.things)
