"""Bookings while the CRM fails in every way, at a small size; `make chaos` has the full one."""

from tests.chaos import crm_bookings


async def test_each_booking_is_made_once_or_told_as_not_made(db, company):
    found = await crm_bookings.run(db, company, bookings=30, seed=3)
    assert found.faults == []
    assert found.failed
    assert not found.outcomes["unknown"]
