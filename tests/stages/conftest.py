"""The front desk, as several files need it."""

import pytest
from front_desk import MONDAY, Desk
from salon_rows import Salon


@pytest.fixture
async def desk(db, company, store, clock):
    clock.now = MONDAY
    return await Desk(Salon(db, company), store, clock).furnish()
