"""One time is one booking, however many want it at once."""

import asyncio
from datetime import timedelta

import pytest
from front_desk import MONDAY, Desk
from salon_rows import Salon

from vernis.adapters.crm_calendar import Calendar
from vernis.adapters.postgres import Database
from vernis.domain import FreeTime
from vernis.errors import TimeTakenError
from vernis.ports import BookingRequest, ChangeRequest

ATTEMPTS = 500
CONNECTIONS = 40  # of their own, at work side by side


@pytest.fixture
async def crowd(database_url):
    async with Database(database_url, size=CONNECTIONS) as database:
        yield database


def at(desk: Desk, local: str) -> FreeTime:
    starts_at = desk.salon.at(local)
    return FreeTime(
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=1),
        staff_id=desk.staff,
        staff_name="Анна",
        service_id=desk.service,
        service_title="Маникюр",
    )


async def test_five_hundred_attempts_at_one_time_are_one_booking(desk, crowd):
    crm = Calendar(crowd, desk.clock)
    company_id = desk.salon.company.company_id
    # Not all at the same minute: what overlaps is the same time as well.
    times = [at(desk, f"2024-04-05 12:{minute:02}") for minute in (0, 15, 30, 45)]

    async def attempt(number: int) -> int | None:
        request = BookingRequest(
            key=f"d{number}-1",
            client_id=desk.client,
            reactivation_id=None,
            time=times[number % len(times)],
        )
        try:
            return await crm.book(company_id, request)
        except TimeTakenError:
            return None

    made = await asyncio.gather(*(attempt(number) for number in range(ATTEMPTS)))

    assert len([id_ for id_ in made if id_ is not None]) == 1
    assert len(await desk.bookings()) == 1
    assert await desk.salon.execute("SELECT count(*) FROM busy_quarters") == [(4,)]


async def test_who_moves_and_who_books_at_once_do_not_meet(desk, crowd):
    crm = Calendar(crowd, desk.clock)
    company_id = desk.salon.company.company_id
    free = at(desk, "2024-04-05 12:00")
    moving = []
    for hour in range(10, 19):
        request = BookingRequest(
            key=f"old-{hour}",
            client_id=desk.client,
            reactivation_id=None,
            time=at(desk, f"2024-04-08 {hour}:00"),
        )
        moving.append(await crm.book(company_id, request))

    async def move(booking_id: int) -> bool:
        request = ChangeRequest(client_id=desk.client, booking_ids=(booking_id,), time=free)
        try:
            await crm.change(company_id, request)
        except TimeTakenError:
            return False
        return True

    async def book(number: int) -> bool:
        request = BookingRequest(
            key=f"new-{number}", client_id=desk.client, reactivation_id=None, time=free
        )
        try:
            await crm.book(company_id, request)
        except TimeTakenError:
            return False
        return True

    won = await asyncio.gather(*map(move, moving), *(book(number) for number in range(50)))

    assert won.count(True) == 1
    assert [b[2] for b in await desk.bookings()].count(free.starts_at) == 1


async def test_a_hundred_clients_who_name_one_time_are_answered_and_one_is_booked(desk, crowd):
    salon = Salon(crowd, desk.salon.company)
    busy = Desk(salon, desk.store, desk.clock)
    busy.account, busy.service, busy.staff = desk.account, desk.service, desk.staff
    desk.clock.now = MONDAY
    clients = [await desk.written_to() for _ in range(100)]
    dialogs = [await desk.hears("В субботу в 16:00", phone=phone) for _, phone, _ in clients]

    turns = await asyncio.gather(*(busy.handles(dialog) for dialog in dialogs))

    assert len([turn for turn in turns if turn.booked]) == 1
    assert all(turn.text for turn in turns)
    assert len(await desk.bookings()) == 1
