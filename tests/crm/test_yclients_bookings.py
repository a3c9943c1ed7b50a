"""Free times and bookings in YClients: each booking is made once, or told as not made."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.crm.connected import MONDAY, TUESDAY, Connected, connected
from tests.crm.yclients_server import How

from vernis.errors import (
    BookingGoneError,
    BookingUnknownError,
    CrmAccessError,
    CrmRefusedError,
    TimeTakenError,
    UnavailableError,
)

DONE = (How.LOST, How.LATE_FAULT, How.CUT, How.NOT_JSON, How.SLOW)
NOT_DONE = (How.FAULT, How.GATEWAY, How.UNAVAILABLE, How.CLOSED)


@pytest.fixture
async def salon(db, company, clock) -> AsyncIterator[Connected]:
    clock.now = MONDAY
    async with connected(db, company, clock) as salon:
        yield salon
        assert [one for one in salon.server.refused if one.status == 400] == []


# --- free times ----------------------------------------------------------------------------------


async def test_free_times_are_those_of_the_crm_with_each_masters_own_length(salon):
    world = salon.world
    service = next(iter(world.services.values()))
    busy = next(iter(world.staff))
    world.book(None, staff_id=busy, starts_at=MONDAY + timedelta(days=1), length=5400)
    expected = {
        (salon.staff[master.id], at, at + timedelta(seconds=service.lengths[master.id]))
        for master in world.doers([service.id])
        for day in range(10)
        for at in world.times(master.id, TUESDAY + timedelta(days=day), service.lengths[master.id])
    }
    found = await salon.free(days=10)
    assert {(free.staff_id, free.starts_at, free.ends_at) for free in found} == expected
    assert found == sorted(found, key=lambda free: (free.starts_at, free.staff_id))
    assert len({free.ends_at - free.starts_at for free in found}) > 1
    assert {free.service_title for free in found} == {service.title}


async def test_free_times_over_the_end_of_a_month_are_whole(salon):
    found = await salon.free(TUESDAY + timedelta(days=27), days=4)
    assert {free.starts_at.astimezone(salon.world.zone).month for free in found} == {4, 5}


async def test_what_is_over_today_is_not_free(salon):
    found = await salon.free(MONDAY.date())
    assert min(free.starts_at for free in found) > MONDAY
    salon.clock.now = MONDAY + timedelta(hours=4)  # known, and over meanwhile
    assert min(free.starts_at for free in await salon.free(MONDAY.date())) > salon.clock.now


async def test_a_look_costs_few_requests_and_the_next_one_none(salon):
    await salon.free(days=3)
    first = len(salon.server.seen)
    assert first <= len(salon.staff) * (1 + 3)
    await salon.free(days=3)
    assert len(salon.server.seen) == first


async def test_what_was_booked_here_is_not_offered_again(salon):
    time = (await salon.free())[0]
    await salon.book(time)
    assert time not in await salon.free()


async def test_where_nobody_is_known_to_do_a_service_the_crm_is_asked_who_does(salon):
    expected = await salon.free()
    await salon.execute("DELETE FROM staff_services")
    service = next(iter(salon.world.services.values()))
    del service.lengths[next(iter(salon.world.staff))]
    salon.crm._times.forget()
    fewer = {free.staff_id for free in await salon.free()}
    assert fewer < {free.staff_id for free in expected}


async def test_a_service_that_the_crm_no_longer_has_is_a_persons_matter(salon):
    salon.world.delete_service(next(iter(salon.services)))
    with pytest.raises(UnavailableError, match="a person"):
        await salon.free()


@pytest.mark.parametrize("how", [*NOT_DONE, How.NOT_JSON, How.CUT, How.LIMITED])
async def test_a_look_that_fails_is_repeated(salon, how):
    expected = await salon.free()
    salon.crm._times.forget()
    salon.server.misbehave(how, times=2, seconds=0)
    assert await salon.free() == expected


# --- to book -------------------------------------------------------------------------------------


async def test_a_booking_is_a_record_with_everything_the_salon_needs(salon):
    time = (await salon.free())[0]
    booking = await salon.book(time, "d7-9")
    (record,) = salon.records()
    assert record.starts_at == time.starts_at
    assert record.length == (time.ends_at - time.starts_at).total_seconds()
    assert salon.staff[record.staff_id] == time.staff_id
    assert [salon.services[line.service_id] for line in record.services] == [time.service_id]
    assert salon.clients[record.client_id] == salon.client
    assert record.api_id == "vernis-d7-9"
    assert "Записал ассистент Vernis" in record.comment
    sent = next(one.body for one in salon.server.seen if one.method == "POST")
    assert (sent["save_if_busy"], sent["send_sms"]) == (False, False)
    rows = await salon.execute(
        "SELECT booking_id, origin, external_key, booked_at, state FROM bookings"
    )
    assert rows == [(booking, "crm", str(record.id), MONDAY, "booked")]


async def test_a_booking_costs_few_requests(salon):
    time = (await salon.free())[0]
    before = len(salon.server.seen)
    await salon.book(time)
    assert len(salon.server.seen) - before == 4


async def test_the_same_key_is_booked_once(salon):
    time = (await salon.free())[0]
    first = await salon.book(time)
    assert await salon.book(time) == first
    assert len(salon.records()) == 1


async def test_twins_of_one_request_make_one_record(salon):
    time = (await salon.free())[0]
    made = await asyncio.gather(*(salon.book(time) for _ in range(4)))
    assert len(set(made)) == 1
    assert len(salon.records()) == 1


async def test_where_nobody_says_who_took_a_time_it_may_have_been_us(salon):
    time = (await salon.free())[0]
    await salon.book(time)
    looks = f"/records/{salon.world.company.id}"
    salon.server.misbehave(How.FAULT, method="GET", path=looks, times=None, after=2)
    with pytest.raises(BookingUnknownError):
        await salon.book(time, "d1-2")


async def test_what_the_crm_took_meanwhile_is_taken_whatever_was_known(salon):
    time = (await salon.free())[0]
    master = next(id_ for id_, ours in salon.staff.items() if ours == time.staff_id)
    salon.world.book(None, staff_id=master, starts_at=time.starts_at, length=900)
    with pytest.raises(TimeTakenError):
        await salon.book(time)
    assert not [one for one in salon.server.seen if one.method == "POST"]


@pytest.mark.parametrize("status", [422, 409])
async def test_one_time_is_booked_once_however_many_want_it(salon, status):
    salon.server.salon.busy_status = status
    time = (await salon.free())[0]
    tries = (
        salon.book(time, f"d{place}-1", client=client)
        for place, client in enumerate(salon.clients.values())
    )
    made = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(type(one).__name__ for one in made) == ["TimeTakenError"] * 3 + ["int"]
    assert len(salon.records()) == 1


@pytest.mark.parametrize("tells_api_id", [True, False])
@pytest.mark.parametrize("how", DONE)
async def test_a_booking_whose_answer_was_lost_is_found_and_kept_once(salon, how, tells_api_id):
    salon.server.salon.gives_api_id = tells_api_id
    time = (await salon.free())[0]
    salon.server.misbehave(how, method="POST", seconds=1)
    with pytest.raises(BookingUnknownError):
        await salon.book(time)
    booking = await salon.find(time)
    assert booking is not None
    assert await salon.find(time) == await salon.book(time) == booking
    (record,) = salon.records()
    assert await salon.bookings() == [("booked", str(record.id), time.starts_at)]


@pytest.mark.parametrize("how", NOT_DONE)
async def test_a_booking_that_was_lost_on_its_way_is_told_as_not_made_and_can_be_tried_again(
    salon, how
):
    time = (await salon.free())[0]
    salon.server.misbehave(how, method="POST", seconds=0)
    with pytest.raises(BookingUnknownError):
        await salon.book(time)
    assert await salon.find(time) is None
    assert (salon.records(), await salon.bookings()) == ([], [])
    await salon.book(time)
    assert len(salon.records()) == 1


async def test_a_booking_that_waits_for_its_turn_is_made_once(salon):
    time = (await salon.free())[0]
    salon.server.misbehave(How.LIMITED, method="POST", times=2, seconds=0)
    await salon.book(time)
    assert len(salon.records()) == 1


async def test_a_doubtful_booking_that_the_salon_has_moved_meanwhile_is_found(salon):
    time = (await salon.free())[0]
    salon.server.misbehave(How.LOST, method="POST")
    with pytest.raises(BookingUnknownError):
        await salon.book(time)
    (record,) = salon.records()
    salon.world.move(record.id, record.starts_at + timedelta(days=3))
    assert await salon.find(time) is not None


async def test_a_doubtful_booking_on_a_full_day_is_found(salon):
    time = (await salon.free())[0]
    crowd = next(iter(salon.world.staff))
    for _ in range(450):  # pages of it
        salon.world.book(None, staff_id=crowd, starts_at=time.starts_at, length=900)
    salon.world.book(None, staff_id=crowd, starts_at=time.starts_at, api_id="vernis-d1-1")
    assert await salon.find(time) is not None


async def test_a_booking_that_somebody_deleted_is_not_there(salon):
    time = (await salon.free())[0]
    await salon.book(time)
    salon.world.delete_record(salon.records()[0].id)
    assert await salon.find(time) is None


async def test_a_client_whom_the_crm_does_not_know_is_made_there_once(salon):
    stranger = await salon.new_client("Зоя", "79990005555", "C77")
    first, *_, last = await salon.free()
    salon.server.misbehave(How.LOST, method="POST")
    with pytest.raises(BookingUnknownError):
        await salon.book(first, "d1-1", client=stranger)
    await salon.find(first, "d1-1", client=stranger)
    await salon.book(last, "d1-2", client=stranger)
    new = [one for one in salon.world.clients.values() if one.phone.endswith("79990005555")]
    assert [(one.name, len(salon.world.records_of(one.id))) for one in new] == [("Зоя", 2)]


async def test_a_refusal_for_another_reason_is_no_taken_time(salon):
    time = (await salon.free())[0]
    weird = replace(time, ends_at=time.starts_at + timedelta(days=3))
    with pytest.raises(CrmRefusedError):
        await salon.book(weird)
    assert salon.records() == []


@pytest.mark.parametrize("lacks", ["records", "records_change"])
async def test_without_the_right_nothing_is_booked_and_it_is_said_so(salon, lacks):
    time = (await salon.free())[0]
    for user in salon.server.users.values():
        user.lacks.add(lacks)
    with pytest.raises(CrmAccessError):
        await salon.book(time)
    assert salon.records() == []


async def test_a_revoked_token_is_told_as_such(salon):
    time = (await salon.free())[0]
    booking = await salon.book(time)
    salon.server.revoke(salon.server.user_token)
    with pytest.raises(CrmAccessError, match="connect"):
        await salon.book(time, "d1-2")
    with pytest.raises(CrmAccessError):
        await salon.crm.change(salon.company_id, salon.to_change(booking))
    own = await salon.crm.appointments(
        salon.company_id, client_id=salon.client, first_day=MONDAY.date()
    )
    assert [one.booking_ids for one in own] == [(booking,)]  # what we know of it


async def test_a_sync_that_was_faster_leaves_one_row_and_the_reactivation(salon):
    time = (await salon.free())[0]
    salon.server.misbehave(How.LOST, method="POST")
    with pytest.raises(BookingUnknownError):
        await salon.book(time)
    (record,) = salon.records()
    values = {"key": str(record.id), "client": salon.client, "service": salon.service}
    await salon.execute(
        "INSERT INTO bookings (company_id, origin, external_key, client_id, service_id, on_date,"
        " starts_at, state) VALUES (current_setting('vernis.company_id')::bigint, 'crm', %(key)s,"
        " %(client)s, %(service)s, '2024-04-02', %(at)s, 'booked')",
        **values,
        at=time.starts_at,
    )
    await salon.find(time)
    assert await salon.execute("SELECT booked_at FROM bookings") == [(MONDAY,)]


# --- what is booked ------------------------------------------------------------------------------


async def own(salon: Connected) -> list[tuple]:
    found = await salon.crm.appointments(
        salon.company_id, client_id=salon.client, first_day=MONDAY.date()
    )
    return [(one.booking_ids, one.starts_at, one.changeable) for one in found]


async def test_a_client_is_told_what_the_crm_has_now(salon):
    first, *_, last = await salon.free(days=3)
    one, two = await salon.book(first, "d1-1"), await salon.book(last, "d1-2")
    assert await own(salon) == [((one,), first.starts_at, True), ((two,), last.starts_at, True)]
    gone, moved = sorted(salon.records(), key=lambda record: record.starts_at)
    salon.world.delete_record(gone.id)
    salon.world.move(moved.id, moved.starts_at - timedelta(hours=1))
    assert await own(salon) == [((two,), last.starts_at - timedelta(hours=1), True)]


async def test_a_client_is_told_what_we_know_where_the_crm_is_away(salon):
    time = (await salon.free())[0]
    booking = await salon.book(time)
    salon.server.misbehave(How.GATEWAY, times=None)
    assert await own(salon) == [((booking,), time.starts_at, True)]


async def test_what_was_booked_before_the_crm_was_connected_is_changed_by_a_person(salon):
    await salon.execute(
        "INSERT INTO bookings (company_id, origin, external_key, client_id, on_date, starts_at,"
        " state) VALUES (current_setting('vernis.company_id')::bigint, 'vernis', 'd0-0',"
        " %(client)s, '2024-04-02', '2024-04-02 12:00Z', 'booked')",
        client=salon.client,
    )
    assert [changeable for *_, changeable in await own(salon)] == [False]


# --- to change -----------------------------------------------------------------------------------


@pytest.fixture
async def booked(salon) -> tuple[Connected, int]:
    time = (await salon.free())[0]
    return salon, await salon.book(time)


async def test_a_move_keeps_everything_else_of_the_record(booked):
    salon, booking = booked
    (record,) = salon.records()
    extra = list(salon.world.services)[3]
    lines = (*record.services, record.services[0]._replace(service_id=extra, cost=700.0))
    salon.world.change_record(record.id, services=lines, length=record.length + 2700, attendance=2)
    same = [
        free for free in await salon.free(days=2) if salon.staff[record.staff_id] == free.staff_id
    ]
    change = salon.to_change(booking, time=same[-4])
    await salon.crm.change(salon.company_id, change)
    (moved,) = salon.records()
    assert (moved.starts_at, moved.services) == (same[-4].starts_at, lines)
    assert (moved.comment, moved.api_id, moved.attendance) == (record.comment, "vernis-d1-1", 2)
    assert moved.length == record.length
    assert await salon.bookings() == [("booked", str(record.id), same[-4].starts_at)]
    await salon.crm.change(salon.company_id, change)  # again changes nothing more
    assert [one.name for one in salon.server.seen if one.method == "PUT"] == [
        f"PUT /record/{salon.world.company.id}/{record.id}"
    ]


async def test_a_booking_is_moved_over_its_own_old_time_and_to_another_master(booked):
    salon, booking = booked
    times = await salon.free(days=2)
    (record,) = salon.records()
    near = replace(
        times[0],
        staff_id=salon.staff[record.staff_id],
        starts_at=record.starts_at + timedelta(minutes=30),
        ends_at=record.ends_at + timedelta(minutes=30),
    )
    await salon.crm.change(salon.company_id, salon.to_change(booking, time=near))
    assert salon.records()[0].starts_at == near.starts_at
    other = next(one for one in times if one.staff_id != near.staff_id)
    await salon.crm.change(salon.company_id, salon.to_change(booking, time=other))
    (record,) = salon.records()
    assert salon.staff[record.staff_id] == other.staff_id
    assert record.length == (other.ends_at - other.starts_at).total_seconds()


async def test_a_move_to_a_taken_time_keeps_the_old_one(booked):
    salon, booking = booked
    target = (await salon.free(days=2))[-1]
    before = salon.records()[0].starts_at
    await salon.book(target, "d2-1", client=list(salon.clients.values())[1])
    with pytest.raises(TimeTakenError):
        await salon.crm.change(salon.company_id, salon.to_change(booking, time=target))
    assert salon.records()[0].starts_at == before
    assert (await salon.bookings())[0][2] == before


async def test_a_cancelled_booking_is_gone_there_and_cancelled_here(booked):
    salon, booking = booked
    for _ in range(2):
        await salon.crm.change(salon.company_id, salon.to_change(booking))
    assert salon.records() == []
    assert [state for state, *_ in await salon.bookings()] == ["cancelled"]


async def test_of_a_record_with_several_services_only_what_is_meant_is_cancelled(booked):
    salon, booking = booked
    (record,) = salon.records()
    other = list(salon.world.services)[1]
    lines = (*record.services, record.services[0]._replace(service_id=other))
    salon.world.change_record(record.id, services=lines)
    await salon.crm.change(salon.company_id, salon.to_change(booking))
    assert [line.service_id for line in salon.records()[0].services] == [other]
    assert await salon.crm.is_changed(salon.company_id, salon.to_change(booking))


# What is deleted is answered by a status alone: no JSON of it can be broken.
CHANGES = [
    (how, to)
    for to in ("move", "cancel")
    for how in (*DONE, *NOT_DONE)
    if to == "move" or how not in {How.CUT, How.NOT_JSON}
]


@pytest.mark.parametrize(("how", "to"), CHANGES)
async def test_a_change_whose_answer_was_lost_is_read_and_told_as_it_is(booked, how, to):
    salon, booking = booked
    time = (await salon.free(days=2))[-1] if to == "move" else None
    request = salon.to_change(booking, time=time)
    salon.server.misbehave(how, method="PUT" if time else "DELETE", seconds=1)
    with pytest.raises(BookingUnknownError):
        await salon.crm.change(salon.company_id, request)
    happened = await salon.crm.is_changed(salon.company_id, request)
    assert happened == (how in DONE)
    await salon.crm.change(salon.company_id, request)
    assert await salon.crm.is_changed(salon.company_id, request)
    assert [one.starts_at for one in salon.records()] == ([time.starts_at] if time else [])
    state, _, at = (await salon.bookings())[0]
    assert state == ("booked" if time else "cancelled")
    assert time is None or at == time.starts_at


@pytest.mark.parametrize("shows_deleted", [True, False])
async def test_what_the_salon_deleted_cannot_be_moved_and_counts_as_cancelled(
    booked, shows_deleted
):
    salon, booking = booked
    salon.server.salon.shows_deleted = shows_deleted
    time = (await salon.free(days=2))[-1]
    salon.world.delete_record(salon.records()[0].id)
    with pytest.raises(BookingGoneError):
        await salon.crm.change(salon.company_id, salon.to_change(booking, time=time))
    await salon.crm.change(salon.company_id, salon.to_change(booking))
    assert [state for state, *_ in await salon.bookings()] == ["cancelled"]


async def test_nobody_changes_what_is_anothers_or_over(booked):
    salon, booking = booked
    other = list(salon.clients.values())[1]
    with pytest.raises(BookingGoneError):
        await salon.crm.change(salon.company_id, salon.to_change(booking, client=other))
    salon.world.attend(salon.records()[0].id, 1)
    with pytest.raises(BookingGoneError):
        await salon.crm.change(salon.company_id, salon.to_change(booking))
    assert len(salon.records()) == 1


async def test_what_the_salon_gave_to_somebody_else_is_no_longer_this_clients(booked):
    salon, booking = booked
    (record,) = salon.records()
    salon.world.change_record(record.id, client_id=list(salon.clients)[1])
    with pytest.raises(BookingGoneError):
        await salon.crm.change(salon.company_id, salon.to_change(booking))
    assert len(salon.records()) == 1
