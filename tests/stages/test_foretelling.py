"""How near to the expected day clients come back."""

from datetime import date, timedelta

import pytest

from vernis.stages import foretelling


@pytest.fixture
def salon(db, company):
    from salon_rows import Salon

    return Salon(db, company)


async def came_back(salon, gap: int, *, expected: int, on: str = "2024-03-10") -> None:
    """A client whose last two visits lie `gap` days apart."""
    client = await salon.client()
    last = date.fromisoformat(on)
    for day in (last - timedelta(days=gap), last):
        await salon.booking(client, f"{day}")
    await salon.insert(
        "client_due_dates", "client_id", client_id=client, last_visit_on=last,
        interval_days=expected, low_days=expected, high_days=expected,
        due_on=last + timedelta(days=expected), interval_source="personal", confidence=0.9,
        visit_count=2, spent_minor=0, first_on=last,
    )  # fmt: skip


async def returns(salon, *, first_day: str = "2024-03-01", last_day: str = "2024-03-31"):
    days = {"first_day": date.fromisoformat(first_day), "last_day": date.fromisoformat(last_day)}
    return await foretelling.returns(salon.db, salon.company, **days)


async def test_visits_are_counted_by_weeks_off_the_expected_day(salon):
    for gap in (30, 33, 34, 23, 300):
        await came_back(salon, gap, expected=30)
    found = await returns(salon)
    assert {week.late: week.visits for week in found.weeks if week.visits} == {
        -1: 1, 0: 2, 1: 1, foretelling.FURTHEST: 1,
    }  # fmt: skip
    assert (found.visits, found.near) == (5, 4)


async def test_a_first_visit_and_other_days_are_not_counted(salon):
    first = await salon.client()
    await salon.booking(first, "2024-03-10")
    await came_back(salon, 30, expected=30, on="2024-02-10")
    found = await returns(salon)
    assert found.visits == 0
    assert len(found.weeks) == 2 * foretelling.FURTHEST + 1
