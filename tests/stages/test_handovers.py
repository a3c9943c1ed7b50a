"""A person takes over: by being asked for, or by simply answering from the salon's phone."""

from datetime import timedelta

import pytest
from outbox import Taking

from vernis.stages import handovers


@pytest.fixture
def waiting(desk):
    return lambda: handovers.waiting(desk.salon.db, desk.salon.company)


@pytest.fixture
def give_back(desk):
    async def give(dialog_id: int) -> bool:
        return await handovers.give_back(
            desk.salon.db, desk.salon.company, dialog_id=dialog_id, now=desk.clock()
        )

    return give


# --- handed over -----------------------------------------------------------------------------


async def test_a_dialog_that_is_handed_over_is_listed_with_why_and_since(desk, waiting):
    await desk.says("В прошлый раз всё испортили!")
    since = desk.clock.now
    desk.clock.now += timedelta(hours=1)
    await desk.says("И что вы скажете?")

    (one,) = await waiting()

    assert (one.why, one.since, one.client_name) == ("complaint", since, "Мария")
    assert (one.text, one.person_at) == ("И что вы скажете?", None)


async def test_it_stays_handed_over_until_it_is_given_back(desk, waiting, give_back):
    turn = await desk.says("позовите администратора")
    desk.clock.now += timedelta(days=40)
    assert (await desk.says("запишите меня на субботу")).text is None
    await desk.salon.contact(
        desk.client,
        "2024-05-10 11:00",
        phone=desk.phone,
        claimed_at=desk.clock(),
        attempt=2,
        last_service_id=desk.service,
    )
    assert (await desk.says("да")).text is None  # a new reactivation does not give it back

    assert await give_back(turn.dialog_id)

    assert await waiting() == []
    assert (await desk.says("запишите меня на субботу")).offered
    assert not await give_back(turn.dialog_id)


async def test_an_opt_out_is_obeyed_while_a_person_has_the_dialog(desk):
    await desk.says("позовите администратора")
    turn = await desk.says("больше не пишите мне")
    assert turn.text == "Хорошо, больше не напишем. Всего доброго!"
    assert await desk.salon.execute("SELECT count(*) FROM opt_outs") == [(1,)]


async def test_giving_back_does_not_undo_an_opt_out(desk, give_back):
    await desk.says("стоп")
    turn = await desk.says("запишите меня")
    assert turn.handed_over == "after_opt_out"
    assert await give_back(turn.dialog_id)
    assert (await desk.says("запишите меня")).text is None


# --- a person answers ----------------------------------------------------------------------------


async def test_a_person_who_answers_silences_the_assistant_for_the_set_time(desk):
    desk.settle(silence_minutes=90)
    await desk.says("Да")
    await desk.person_says("Мария, это Анна, сейчас посмотрю")

    desk.clock.now += timedelta(minutes=89)
    turn = await desk.says("в субботу можно?")
    assert (turn.text, turn.intent) == (None, "book")

    desk.clock.now += timedelta(minutes=2)
    assert (await desk.says("в субботу можно?")).offered


async def test_an_opt_out_is_obeyed_in_the_silence(desk):
    await desk.person_says("Мария, это Анна")
    assert (await desk.says("стоп")).text


async def test_a_yes_after_a_person_wrote_takes_none_of_the_times_offered_before(desk):
    desk.settle(silence_minutes=0)
    assert (await desk.says("В субботу в 16:00 свободно?")).offered
    await desk.person_says("Мария, а маникюр с покрытием?")
    turn = await desk.says("да")
    assert turn.booked is None


async def test_what_waits_to_be_answered_and_what_waits_to_leave_is_the_persons(desk):
    await desk.says("Сколько стоит?")  # the answer is written and has not left
    await desk.receives("И где вы?")
    await desk.person_says("2000, Садовая 12")

    channel = Taking()
    assert await desk.answers_leave(channel) == 0
    assert await desk.salon.execute(
        "SELECT direction, kind, state FROM messages ORDER BY message_id"
    ) == [
        ("in", "text", "handled"),
        ("out", "text", "skipped"),
        ("in", "text", "handled"),
        ("out", "staff", "accepted"),
    ]


async def test_our_own_message_that_comes_back_as_an_echo_is_no_persons(desk):
    turn = await desk.says("Сколько стоит?")
    channel = Taking()
    await desk.answers_leave(channel)
    ((sent,),) = await desk.salon.execute(
        "SELECT provider_message_id FROM messages WHERE direction = 'out'"
    )
    assert not (await desk.person_says(turn.text, id=sent)).is_new
    # a campaign message whose call has not returned has no id yet
    assert not (await desk.person_says("Здравствуйте! Записать вас?", id="wa-9")).is_new
    assert await desk.dialog("silent_until") == (None,)


async def test_a_persons_message_is_stored_once(desk):
    first = await desk.person_says("Мария, это Анна", id="wa-7")
    again = await desk.person_says("Мария, это Анна", id="wa-7")
    assert (first.is_new, again.is_new) == (True, False)


async def test_the_list_tells_that_a_person_has_written(desk, waiting):
    await desk.says("позовите администратора")
    desk.clock.now += timedelta(minutes=5)
    await desk.person_says("Слушаю вас")
    (one,) = await waiting()
    assert one.person_at == desk.clock.now
