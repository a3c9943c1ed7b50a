"""The overview: what the owner looks at first."""

from datetime import date

import pytest
from salon_rows import Salon

from vernis.domain import Arm, Company
from vernis.ports import Database
from vernis.stages.overview import overview

ON = date(2024, 4, 1)


@pytest.fixture
def salon(db: Database, company: Company) -> Salon:
    return Salon(db, company)


async def test_an_empty_salon_has_an_overview(db, company, clock) -> None:
    found = await overview(db, company, on=ON, now=clock())
    assert (found.first_day, found.on, len(found.series)) == (date(2024, 3, 5), ON, 28)
    assert found.funnel.sent == found.needs.total == 0
    assert found.experiment.lift.difference is None


async def test_days_are_counted_by_what_happened_on_them(db, company, clock, salon) -> None:
    client = await salon.client()
    visit = await salon.booking(client, "2024-03-30", amount_minor=2000_00)
    await salon.contact(
        client,
        "2024-03-20 12:00",
        state="read",
        delivered_at=salon.at("2024-03-20 12:01"),
        read_at=salon.at("2024-03-20 12:02"),
        response_received=True,
        response_at=salon.at("2024-03-21 12:00"),
        response_type="positive",
        booking_created=True,
        booking_id=visit,
        booking_created_at=salon.at("2024-03-21 12:05"),
        visit_on=date(2024, 3, 30),
        revenue_minor=2000_00,
        last_visit="2024-02-15",  # due on 16 March
    )
    await salon.held_out(await salon.client(), "2024-03-25 12:00")
    found = await overview(db, company, on=ON, now=clock())
    funnel = found.funnel
    assert (funnel.arm, funnel.sent, funnel.delivered, funnel.read) == (Arm.CONTACT, 1, 1, 1)
    assert (funnel.replies, funnel.positive, funnel.bookings, funnel.visits) == (1, 1, 1, 1)
    assert found.held_out.planned == 1
    by_day = {one.day.isoformat(): one for one in found.series}
    assert by_day["2024-03-20"].messages == 1
    assert (by_day["2024-03-21"].replies, by_day["2024-03-21"].bookings) == (1, 1)
    assert (by_day["2024-03-30"].visits, by_day["2024-03-30"].revenue_minor) == (1, 2000_00)
    assert [(one.from_days, one.visits) for one in found.returns if one.visits] == [(14, 1)]
    assert found.levels[0].sent == 1


async def test_what_a_person_is_to_do_is_counted(db, company, clock, salon) -> None:
    now = clock()
    client, other = await salon.client(), await salon.client()
    await salon.reactivation(client, now, state="written", deadline=now.replace(hour=20))
    await salon.reactivation(other, now, state="unknown", phone="79990000002")
    ((account,),) = await salon.execute("SELECT account_id FROM accounts")
    await salon.insert(
        "dialogs",
        "dialog_id",
        account_id=account,
        phone="79990000001",
        waiting_since=now,
        waiting_why="complaint",
    )
    await salon.insert("notices", "notice_id", kind="warned", created_at=now)
    needs = (await overview(db, company, on=ON, now=now)).needs
    assert (needs.handovers, needs.drafts, needs.unknown, needs.notices) == (1, 1, 1, 1)
    assert needs.total == 4
