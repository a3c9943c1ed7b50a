"""A company that keeps its own assistant: Vernis stores, recognises and records, and is silent."""

from dataclasses import replace

import pytest

from vernis.domain import Assistant
from vernis.stages import companies


@pytest.fixture
async def theirs(desk):
    desk.salon.company = await companies.change(
        desk.salon.db, desk.salon.company, ["assistant=external"]
    )
    assert desk.salon.company.assistant is Assistant.EXTERNAL
    return desk


async def outgoing(desk):
    return await desk.salon.execute("SELECT body FROM messages WHERE direction = 'out'")


@pytest.mark.parametrize(
    "texts",
    [
        ("Да, хочу", "первое", "да"),
        ("запишите меня завтра в 12", "отмените", "да, отменить"),
        ("Сколько стоит?",),
        ("Позовите администратора",),
        (None, None),
    ],
)
async def test_nothing_is_said_and_nothing_is_booked(theirs, texts):
    for text in texts:
        turn = await theirs.says(text, kind="text" if text else "voice")
        assert (turn.text, turn.booked, turn.offered, turn.handed_over) == (None, None, (), None)
    assert await outgoing(theirs) == []
    assert await theirs.salon.execute("SELECT 1 FROM bookings") == []
    assert await theirs.salon.execute("SELECT 1 FROM booking_intents") == []
    waiting = await theirs.salon.execute("SELECT waiting_since FROM dialogs")
    assert waiting == [(None,)]


async def test_the_reply_is_recognised_and_recorded(theirs):
    turn = await theirs.says("Да, хочу")
    assert turn.reactivation_id == theirs.reactivation
    rows = await theirs.salon.execute(
        "SELECT response_received, response_type FROM client_reactivation_history"
    )
    assert rows == [(True, "positive")]


async def test_a_stop_is_obeyed_without_a_word(theirs):
    await theirs.says("не пишите мне больше")
    assert await theirs.salon.execute("SELECT source FROM opt_outs") == [("reply",)]
    assert await outgoing(theirs) == []


async def test_the_clients_words_are_left_to_that_assistant_in_redis(theirs):
    await theirs.says("Да, хочу")
    company = theirs.salon.company.company_id
    key = f"messages:{company}:{theirs.phone}"
    assert await theirs.store._client.lrange(key, 0, -1) == []


async def test_given_back_to_vernis_it_answers_again(theirs):
    await theirs.says("Да, хочу")
    vernis = replace(theirs.salon.company, assistant=Assistant.VERNIS)
    theirs.salon.company = vernis
    turn = await theirs.says("Сколько стоит?")
    assert turn.text
