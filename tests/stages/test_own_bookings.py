"""The client's own bookings, told, moved and cancelled on the real calendar."""

import pytest

from vernis.domain import FreeTime
from vernis.errors import BookingGoneError, BookingUnknownError, TimeTakenError
from vernis.ports import ChangeRequest

SATURDAY = "В субботу в 16:00"


class KilledError(Exception):
    pass


class Through:
    """The calendar; what a test gives stands in for a call of it."""

    def __init__(self, crm, **instead):
        self._crm, self._instead = crm, instead

    def __getattr__(self, name):
        return self._instead.get(name) or getattr(self._crm, name)


@pytest.fixture
async def booked(desk):
    """The client has a booking on Saturday at 16:00."""
    assert (await desk.says(SATURDAY)).booked
    return desk


async def quarters(desk) -> int:
    return (await desk.salon.execute("SELECT count(*) FROM busy_quarters"))[0][0]


# --- moved -----------------------------------------------------------------------------------


async def test_a_booking_is_moved_in_place_and_its_old_time_is_free_again(booked):
    turn = await booked.says("Можно перенести на пятницу?")
    assert "перенести" in turn.text
    assert (await booked.bookings())[0][2].day == 6  # nothing without a yes

    turn = await booked.says("первое")

    assert turn.moved is not None
    ((client, state, at),) = await booked.bookings()
    assert (client, state, at.day) == (booked.client, "booked", 5)
    assert await quarters(booked) == 4
    assert turn.text.startswith("Перенесли вашу запись на пятницу, 5 апреля")
    _, other, _ = await booked.written_to()
    assert (await booked.says(SATURDAY, phone=other)).booked


async def test_a_time_that_went_meanwhile_keeps_the_old_one(booked):
    offered = (await booked.says("перенесите на пятницу")).offered
    _, other, _ = await booked.written_to()
    local = offered[0].starts_at.astimezone(booked.salon.company.zone)
    assert (await booked.says(f"В пятницу в {local:%H:%M}", phone=other)).booked

    turn = await booked.says("первое")

    assert turn.moved is None
    assert "только что заняли" in turn.text
    (_, state, at), *_ = await booked.bookings()
    assert (state, at.day) == ("booked", 6)
    assert await quarters(booked) == 8


async def test_a_crm_that_moved_but_lost_the_answer_is_read_and_not_asked_again(booked):
    calls = []

    async def change(company_id, request):
        calls.append(request)
        await booked.crm.change(company_id, request)
        raise BookingUnknownError("The CRM did not answer.")

    await booked.says("перенесите на пятницу")
    dialog = await booked.hears("первое")
    turn = await booked.handles(dialog, crm=Through(booked.crm, change=change))

    assert turn.moved is not None
    assert len(calls) == 1
    assert (await booked.bookings())[0][2].day == 5


@pytest.mark.parametrize("happened", [True, False])
async def test_a_turn_that_died_while_it_cancelled_is_finished_once(booked, happened):
    async def change(company_id, request):
        if happened:
            await booked.crm.change(company_id, request)
        raise KilledError

    await booked.says("отмените запись")
    dialog = await booked.hears("да")
    with pytest.raises(KilledError):
        await booked.handles(dialog, crm=Through(booked.crm, change=change))

    turn = await booked.handles(dialog)

    assert turn.cancelled
    assert [state for _, state, _ in await booked.bookings()] == ["cancelled"]
    assert await quarters(booked) == 0


async def test_where_even_reading_does_not_tell_a_person_takes_over(booked):
    async def change(company_id, request):
        raise BookingUnknownError("The CRM did not answer.")

    await booked.says("отмените запись")
    dialog = await booked.hears("да")
    turn = await booked.handles(dialog, crm=Through(booked.crm, change=change))

    assert turn.handed_over == "unclear"
    assert not turn.cancelled


# --- cancelled ---------------------------------------------------------------------------------


async def test_a_booking_is_cancelled_after_a_yes_and_not_before(booked):
    turn = await booked.says("К сожалению, не смогу прийти")
    assert "Отменить запись на субботу" in turn.text
    assert (await booked.bookings())[0][1] == "booked"

    turn = await booked.says("да")

    assert turn.cancelled
    assert (await booked.bookings())[0][1] == "cancelled"
    assert await quarters(booked) == 0


@pytest.mark.parametrize("answer", ["нет", "нет, оставьте", "не отменяйте", "передумала отменять"])
async def test_a_booking_that_is_to_stay_stays(booked, answer):
    await booked.says("отмените запись")
    turn = await booked.says(answer)
    assert "остаётся" in turn.text
    assert (await booked.bookings())[0][1] == "booked"


async def test_which_of_two_bookings_is_meant_is_asked(booked):
    await booked.says("и ещё раз")
    friday = await booked.salon.booking(
        booked.client,
        "2024-04-05",
        "booked",
        starts="2024-04-05 12:00",
        staff_id=booked.staff,
        service_id=booked.service,
    )
    turn = await booked.says("отмените запись")
    assert turn.text.startswith("Какую запись отменить?\n1) в пятницу")

    await booked.says("пятничную")
    turn = await booked.says("да")

    assert turn.cancelled
    assert turn.booking_id == friday
    assert [state for _, state, _ in await booked.bookings()] == ["booked", "cancelled"]


async def test_several_services_of_one_visit_are_cancelled_together_and_moved_by_a_person(desk):
    for key in ("B1", "B2"):
        await desk.salon.booking(
            desk.client,
            "2024-04-05",
            "booked",
            external_key=key,
            starts="2024-04-05 12:00",
            staff_id=desk.staff,
            service_id=desk.service,
        )
    assert (await desk.says("перенесите мою запись")).handed_over == "change"
    await desk.salon.execute("UPDATE dialogs SET state = '{}'")
    await desk.says("отмените запись")
    assert (await desk.says("да")).cancelled
    assert {state for _, state, _ in await desk.bookings()} == {"cancelled"}


async def test_what_is_kept_in_another_program_is_told_and_changed_by_a_person(desk):
    await desk.salon.booking(
        desk.client,
        "2024-04-05",
        "booked",
        origin="file",
        starts="2024-04-05 12:00",
        service_id=desk.service,
    )
    turn = await desk.says("во сколько я записана?")
    assert turn.text == "Да, вижу вашу запись: в пятницу, 5 апреля, в 12:00. Ждём вас!"
    assert (await desk.says("отмените запись")).handed_over == "change"
    assert [state for _, state, _ in await desk.bookings()] == ["booked"]


# --- told ------------------------------------------------------------------------------------


async def test_who_says_to_be_booked_is_thanked_where_it_is_so_and_asked_where_it_is_not(desk):
    turn = await desk.says("Я уже записана")
    assert "записи пока не вижу" in turn.text
    assert (await desk.says("на пятницу в 12")).handed_over == "check"

    _, other, _ = await desk.written_to()
    ((client,),) = await desk.salon.execute("SELECT client_id FROM clients WHERE phone = %s", other)
    await desk.salon.booking(client, "2024-04-05", "booked", starts="2024-04-05 12:00")
    turn = await desk.says("Я уже записана", phone=other)
    assert turn.text.startswith("Отлично, вижу вашу запись: в пятницу, 5 апреля, в 12:00")


async def test_who_asks_when_is_told(booked):
    turn = await booked.says("Во сколько я записана?")
    assert turn.text == "Да, вижу вашу запись: в субботу, 6 апреля, в 16:00 к Анне. Ждём вас!"


# --- never somebody else's -----------------------------------------------------------------------


async def test_the_calendar_changes_only_the_clients_own(booked):
    other, _, _ = await booked.written_to()
    ((booking_id,),) = await booked.salon.execute("SELECT booking_id FROM bookings")
    company_id = booked.salon.company.company_id
    request = ChangeRequest(client_id=other, booking_ids=(booking_id,), time=None)
    with pytest.raises(BookingGoneError):
        await booked.crm.change(company_id, request)
    assert not await booked.crm.is_changed(company_id, request)
    assert (
        await booked.crm.appointments(company_id, client_id=other, first_day=booked.clock().date())
        == []
    )
    assert (await booked.bookings())[0][1] == "booked"


async def test_a_time_that_is_taken_moves_nothing_and_repeating_a_move_changes_nothing(booked):
    company_id = booked.salon.company.company_id
    _, other, _ = await booked.written_to()
    assert (await booked.says("В пятницу в 12:00", phone=other)).booked
    rows = await booked.salon.execute("SELECT booking_id FROM bookings ORDER BY booking_id")

    def request(local: str) -> ChangeRequest:
        starts_at = booked.salon.at(local)
        time = FreeTime(
            starts_at=starts_at,
            ends_at=starts_at.replace(hour=starts_at.hour + 1),
            staff_id=booked.staff,
            staff_name="Анна",
            service_id=booked.service,
            service_title="Маникюр",
        )
        return ChangeRequest(client_id=booked.client, booking_ids=(rows[0][0],), time=time)

    with pytest.raises(TimeTakenError):
        await booked.crm.change(company_id, request("2024-04-05 12:30"))
    assert await quarters(booked) == 8
    for _ in range(2):
        await booked.crm.change(company_id, request("2024-04-06 16:30"))  # over its own old time
    assert await booked.crm.is_changed(company_id, request("2024-04-06 16:30"))
    assert await quarters(booked) == 8
