"""A client's visits on a line of days."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from vernis.web.pages.client_rhythm import SHOWN, drawn

TODAY = date(2026, 5, 1)


def test_days_between_visits_stand_where_there_is_room():
    visits = [TODAY - timedelta(days=ago) for ago in (90, 60, 59, 30)]

    found = drawn(visits, today=TODAY)

    assert found is not None
    assert [(gap.days, gap.labelled) for gap in found.gaps] == [(30, True), (1, False), (29, True)]


def test_nothing_is_drawn_of_somebody_who_never_came():
    assert drawn([], today=TODAY) is None
    assert drawn([TODAY + timedelta(days=1)], today=TODAY) is None


@given(
    st.lists(st.integers(0, 900), min_size=1, max_size=30, unique=True),
    st.integers(-800, 400),
    st.integers(0, 200),
)
def test_everything_is_on_the_line(ago: list[int], opens: int, width: int) -> None:
    visits = sorted(TODAY - timedelta(days=days) for days in ago)
    opens_on = max(TODAY + timedelta(days=opens), visits[-1])
    closes_on = opens_on + timedelta(days=width)

    found = drawn(visits, today=TODAY, opens=opens_on, due=opens_on, closes=closes_on)

    assert found is not None
    assert found.window is not None
    assert len(found.visits) == min(len(visits), SHOWN)
    places = [x for x, _ in found.visits] + [found.today, found.due, sum(found.window)]
    assert all(0 <= x <= 100 for x in places)
