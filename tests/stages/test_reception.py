"""What becomes of a client's messages, on the real calendar."""

import asyncio
import itertools
from datetime import date, datetime, time, timedelta

import pytest
from front_desk import MONDAY
from psycopg.types.json import Jsonb

from vernis.decide.reception import offered_times
from vernis.domain import FreeTime, Intent
from vernis.errors import BookingUnknownError


async def test_a_yes_is_offered_times_and_a_choice_books(desk):
    turn = await desk.says("Да, хочу! Есть что-нибудь в субботу?")
    assert turn.intent is Intent.BOOK
    assert [free.starts_at.astimezone(desk.salon.company.zone).weekday() for free in turn.offered]
    assert {free.starts_at.astimezone(desk.salon.company.zone).day for free in turn.offered} == {6}

    turn = await desk.says("второй вариант")
    assert turn.booked is not None
    assert "субботу" in turn.text
    assert await desk.row("booking_created, booking_id, response_type, state") == (
        True,
        turn.booking_id,
        "positive",
        "read",
    )
    ((state, reactivation, service),) = await desk.salon.execute(
        "SELECT state, reactivation_id, service_id FROM bookings WHERE booking_id = %s",
        turn.booking_id,
    )
    assert (state, reactivation, service) == ("booked", desk.reactivation, desk.service)


@pytest.mark.parametrize(
    ("text", "intent", "response"),
    [
        ("Нет, спасибо", "decline", "negative"),
        ("Сколько стоит?", "question", "neutral"),
        ("Стоп", "opt_out", "negative"),
        ("Вы ошиблись номером", "wrong_person", "negative"),
        ("Уже записалась к вам", "already_booked", "neutral"),
        ("В прошлый раз всё испортили, позовите администратора", "complaint", "negative"),
        ("Давайте попозже, через месяц", "later", "neutral"),
    ],
)
async def test_each_kind_of_reply_is_recorded_with_its_reactivation(desk, text, intent, response):
    turn = await desk.says(text)

    assert turn.intent == intent
    assert turn.reactivation_id == desk.reactivation
    assert turn.text
    recorded = await desk.row("response_received, response_type, response_text, booking_created")
    assert recorded == (True, response, text, False)


@pytest.mark.parametrize(
    ("text", "hour"), [("второе", 15), ("Давайте в 15:00", 15), ("первое подходит", 12)]
)
async def test_the_times_that_the_campaign_message_named_stand_on_offer(desk, text, hour):
    zone = desk.salon.company.zone
    named = [
        FreeTime(
            starts_at=datetime(2024, 4, 3, at, tzinfo=zone),
            ends_at=datetime(2024, 4, 3, at + 1, tzinfo=zone),
            staff_id=desk.staff,
            staff_name="Анна",
            service_id=desk.service,
            service_title="Маникюр",
        )
        for at in (12, 15)
    ]
    await desk.salon.execute(
        "UPDATE client_reactivation_history SET message_times = %s",
        Jsonb([offered_times.to_plain(free) for free in named]),
    )

    turn = await desk.says(text)

    assert turn.booked is not None
    assert turn.booked.starts_at.astimezone(zone).hour == hour


async def test_a_price_is_answered_from_the_salons_own_list(desk):
    turn = await desk.says("Сколько стоит?")
    assert "2\u00a0000\u00a0₽" in turn.text


async def test_a_question_about_the_usual_master_is_answered_about_that_master(desk):
    await desk.is_due(desk.client, date(2024, 3, 1))
    turn = await desk.says("А мой мастер не уволился?")
    assert turn.text == "Да, Анна работает. Записать вас к ней?"


async def test_a_master_who_does_not_work_here_is_a_question_for_a_person(desk):
    turn = await desk.says("А Виктор работает?")
    assert turn.handed_over is not None


async def test_only_those_who_do_the_service_are_named_and_one_who_is_asked_for_comes(desk):
    salon = desk.salon
    staff = {}
    for name in ("Тимур", "Ольга"):
        staff[name] = await salon.insert("staff", "staff_id", external_key=name, name=name)
        for weekday in range(1, 7):
            hours = {"weekday": weekday, "opens": time(10), "closes": time(19)}
            await salon.insert("staff_hours", "staff_id", staff_id=staff[name], **hours)
    for staff_id in (desk.staff, staff["Тимур"]):
        await salon.booking(desk.client, "2024-02-01", service_id=desk.service, staff_id=staff_id)

    turn = await desk.says("А кто у вас работает?")
    assert "Анна, Тимур." in turn.text

    turn = await desk.says("Запишите к Тимуру")
    assert {free.staff_name for free in turn.offered} == {"Тимур"}


async def test_the_times_still_stand_where_the_client_is_asked_which(desk):
    offered = (await desk.says("Да")).offered
    turn = await desk.says("подойдёт")
    assert turn.booked is None
    assert turn.offered == offered


async def test_a_question_does_not_unsay_a_yes(desk):
    await desk.says("Да, запишите меня")
    await desk.says("А сколько это стоит?")
    assert await desk.row("response_type") == ("positive",)


async def test_stop_opts_out_at_once_and_takes_back_what_is_queued(desk):
    _, phone, _ = await desk.written_to()
    queued = await desk.salon.client("Мария", phone=None, phone_state="missing")
    waiting = await desk.salon.contact(queued, "2024-04-02 11:00", state="written", phone=phone)
    await desk.salon.execute(
        "UPDATE client_reactivation_history SET message_sent_at = NULL WHERE id = %s", waiting
    )

    turn = await desk.says("Больше не пишите мне", phone=phone)

    assert turn.intent is Intent.OPT_OUT
    assert await desk.row("state, reason", waiting) == ("skipped", "opted_out")
    assert await desk.salon.execute("SELECT count(*) FROM opt_outs") == [(1,)]
    answers = await desk.salon.execute(
        "SELECT body FROM messages WHERE direction = 'out' AND state = 'written'"
    )
    assert answers == [(turn.text,)]  # one confirmation, and nothing after it
    assert (await desk.says("ок", phone=phone)).text is None


async def test_a_burst_is_one_turn_with_one_answer(desk):
    turn = await desk.says("Здравствуйте", "хочу записаться", "на пятницу после обеда")

    assert turn.intent is Intent.BOOK
    local = [free.starts_at.astimezone(desk.salon.company.zone) for free in turn.offered]
    assert {moment.weekday() for moment in local} == {4}
    assert min(moment.hour for moment in local) >= 12
    answers = await desk.salon.execute("SELECT count(*) FROM messages WHERE direction = 'out'")
    assert answers == [(1,)]


async def test_a_turn_that_several_workers_take_is_answered_once(desk):
    dialog = await desk.hears("В субботу в 16:00")

    turns = await asyncio.gather(*(desk.handles(dialog) for _ in range(4)))

    assert len([turn for turn in turns if turn is not None]) == 1
    assert await desk.salon.execute("SELECT count(*) FROM bookings") == [(1,)]
    answers = await desk.salon.execute("SELECT count(*) FROM messages WHERE direction = 'out'")
    assert answers == [(1,)]


async def test_a_turn_that_died_after_the_booking_finds_it_and_says_so(desk):
    class KilledError(Exception):
        pass

    class DiesAfterBooking:
        """The process ends between the CRM's answer and our own transaction."""

        def __init__(self, crm):
            self.free_times, self.find, self._book = crm.free_times, crm.find, crm.book

        async def book(self, company_id, request):
            await self._book(company_id, request)
            raise KilledError

    dialog = await desk.hears("В субботу в 16:00")
    with pytest.raises(KilledError):
        await desk.handles(dialog, crm=DiesAfterBooking(desk.crm))

    turn = await desk.handles(dialog)

    assert turn.booked.starts_at.astimezone(desk.salon.company.zone).hour == 16
    assert await desk.salon.execute("SELECT count(*) FROM bookings") == [(1,)]


async def test_a_crm_that_made_the_booking_but_lost_the_answer_is_read_and_not_asked_again(desk):
    class LosesTheAnswer:
        def __init__(self, crm):
            self.free_times, self.find, self._book = crm.free_times, crm.find, crm.book
            self.calls = 0

        async def book(self, company_id, request):
            self.calls += 1
            await self._book(company_id, request)
            raise BookingUnknownError("The CRM did not answer.")

    crm = LosesTheAnswer(desk.crm)
    turn = await desk.handles(await desk.hears("В субботу в 16:00"), crm=crm)

    assert turn.booking_id is not None
    assert crm.calls == 1
    assert await desk.salon.execute("SELECT count(*) FROM bookings") == [(1,)]


async def test_a_time_that_somebody_took_meanwhile_is_offered_no_more(desk):
    first = await desk.says("Есть время в субботу?")
    _, other_phone, _ = await desk.written_to()
    local = first.offered[0].starts_at.astimezone(desk.salon.company.zone)
    taken = await desk.says(f"Запишите на субботу в {local:%H:%M}", phone=other_phone)
    assert taken.booked is not None

    turn = await desk.says("первый")

    assert turn.booked is None
    assert first.offered[0].starts_at not in {free.starts_at for free in turn.offered}
    assert "заняли" in turn.text


async def test_one_time_is_booked_once_however_many_want_it(desk):
    phones = [(await desk.written_to())[1] for _ in range(12)]
    dialogs = [await desk.hears("В субботу в 16:00", phone=phone) for phone in phones]

    turns = await asyncio.gather(*(desk.handles(dialog) for dialog in dialogs))

    assert len([turn for turn in turns if turn.booked]) == 1
    assert await desk.salon.execute("SELECT count(*) FROM bookings") == [(1,)]


async def test_later_with_a_day_is_remembered(desk):
    await desk.says("Напишите через месяц, пожалуйста")
    ((day,),) = await desk.salon.execute(
        "SELECT remind_on FROM clients WHERE client_id = %s", desk.client
    )
    assert day is not None
    assert 28 <= (day - MONDAY.date()).days <= 31


async def test_a_complaint_goes_to_a_person_and_no_campaign_follows_in_this_lapse(desk):
    turn = await desk.says("В прошлый раз всё испортили!")
    assert turn.handed_over == "complaint"
    rows = await desk.salon.execute(
        "SELECT declined_at IS NOT NULL FROM clients WHERE client_id = %s", desk.client
    )
    assert rows == [(True,)]


async def test_after_a_booking_other_assistants_no_longer_see_it_pending(desk):
    company_id = desk.salon.company.company_id
    from vernis.stages.context import restore

    await restore(desk.salon.db, desk.salon.company, desk.store, now=desk.clock())
    assert await desk.store.pending_action(company_id, desk.phone)

    await desk.says("В субботу в 16:00")

    assert await desk.store.pending_action(company_id, desk.phone) is None


async def test_a_day_to_be_reminded_on_is_when_the_plan_looks_again(desk):
    await desk.is_due(desk.client, date(2024, 3, 1), opens_on=date(2024, 8, 1))
    await desk.says("Напишите через месяц, пожалуйста")
    ((remind_on, opens_on),) = await desk.salon.execute(
        "SELECT c.remind_on, d.opens_on FROM clients c JOIN client_due_dates d USING (client_id)"
    )
    assert remind_on == opens_on < date(2024, 8, 1)


async def test_one_dialog_does_not_wait_for_another(desk):
    """The CRM hangs for one client; the other is answered meanwhile."""

    class Hanging:
        def __init__(self, crm):
            self.book, self.find, self.appointments = crm.book, crm.find, crm.appointments
            self.free_times = self.hang

        async def hang(self, *_args, **_values):
            await asyncio.Event().wait()

    _, other, _ = await desk.written_to()
    stuck = await desk.hears("Да")
    task = asyncio.create_task(desk.handles(stuck, crm=Hanging(desk.crm)))
    await asyncio.sleep(0)
    assert (await desk.says("Да", phone=other)).offered
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert (await desk.handles(stuck)).offered  # nothing of it was lost


async def test_what_comes_while_a_turn_is_under_way_is_a_turn_of_its_own(desk):
    crm, late = desk.crm, []

    class Slow:
        def __init__(self):
            self.book, self.find, self.appointments = crm.book, crm.find, crm.appointments

        async def free_times(self, *args, **values):
            late.append(await desk.hears("А сколько стоит?"))
            return await crm.free_times(*args, **values)

    dialog = await desk.hears("Да")
    first = await desk.handles(dialog, crm=Slow())
    second = await desk.handles(dialog)
    assert (first.intent, second.intent) == ("book", "question")
    answers = await desk.salon.execute(
        "SELECT body FROM messages WHERE direction = 'out' ORDER BY message_id"
    )
    assert [body for (body,) in answers] == [first.text, second.text]


async def test_the_same_is_not_said_twice_in_a_row(desk):
    said = [(await desk.says(text)).text for text in ("Да", "Да", "да", "да")]
    assert all(one != other for one, other in itertools.pairwise(said))


async def test_a_client_without_a_usual_service_chooses_one(desk):
    for title in ("Педикюр", "Маникюр с покрытием"):
        await desk.salon.insert("services", "service_id", title=title, duration_minutes=60)
    await desk.salon.client("Ира", phone="79990000555")
    turn = await desk.says("Здравствуйте, хочу записаться на субботу", phone="79990000555")
    assert turn.text.startswith("На что вас записать?\n1) Маникюр")
    turn = await desk.says("педикюр", phone="79990000555")
    assert {free.service_title for free in turn.offered} == {"Педикюр"}
    assert {free.starts_at.day for free in turn.offered} == {6}  # the day was not forgotten


async def test_a_stranger_who_wants_to_book_gets_a_person(desk):
    turn = await desk.says("Хочу записаться на маникюр", phone="79990000999")
    assert turn.handed_over == "question"


async def test_a_price_is_of_the_service_that_was_named(desk):
    await desk.salon.insert("services", "service_id", title="Педикюр", price_minor=300_000)
    assert "3\u00a0000" in (await desk.says("Сколько стоит педикюр?")).text


async def test_what_the_message_promised_is_confirmed_while_it_holds(desk):
    offer = '{"percent": 10, "valid_days": 3}'
    await desk.salon.execute("UPDATE client_reactivation_history SET offer = %s", offer)
    assert (await desk.says("А скидка будет?")).text.startswith("Да, для вас скидка 10%")
    desk.clock.now += timedelta(days=4)
    assert (await desk.says("А скидка будет?")).handed_over == "question"


async def test_two_questions_in_one_burst_are_both_answered(desk):
    desk.settle(facts={"address": "Садовая, 12"})
    turn = await desk.says("Сколько стоит?", "И где вы находитесь?")
    assert turn.text == ("Маникюр — 2\u00a0000\u00a0₽.\nНаш адрес: Садовая, 12.\nЗаписать вас?")


async def test_a_question_beside_a_wish_is_answered_with_it(desk):
    turn = await desk.says("Запишите на субботу. Сколько стоит?")
    assert turn.text.startswith("Маникюр — 2\u00a0000\u00a0₽.\nЕсть время:\n1) в субботу")


async def test_two_questions_of_which_one_is_for_a_person_go_to_a_person(desk):
    assert (await desk.says("Сколько стоит и есть ли парковка?")).handed_over == "question"
