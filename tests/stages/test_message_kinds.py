"""What a phone sends besides words."""

import pytest


async def test_who_sends_voice_is_asked_to_write_once_then_a_person_listens(desk):
    assert (await desk.says(None, kind="sticker")).text is None
    turn = await desk.says(None, kind="voice")
    assert "текстом" in turn.text
    assert turn.handed_over is None
    turn = await desk.says(None, kind="voice")
    assert turn.handed_over == "voice"
    assert (await desk.says("ау, вы тут?")).text is None  # a person has it now


async def test_who_writes_after_the_voice_message_is_answered(desk):
    await desk.says(None, kind="voice")
    assert (await desk.says("хочу в субботу")).offered


@pytest.mark.parametrize("kind", ["photo", "other", "document", "location"])
async def test_a_person_looks_at_what_we_cannot_read(desk, kind):
    turn = await desk.says(None, kind=kind)
    assert turn.handed_over == "picture"


async def test_a_photo_with_words_is_read_by_its_words(desk):
    assert (await desk.says("Сколько стоит?", kind="photo")).intent == "question"


@pytest.mark.parametrize("emoji", ["👍", "👍🏽", "👌", "✅"])
async def test_a_reaction_is_a_yes_and_never_a_choice(desk, emoji):
    assert (await desk.says(emoji, kind="reaction")).offered  # to «Записать вас?»
    turn = await desk.says(emoji, kind="reaction")
    assert turn.booked is None
    assert "1, 2 или 3" in turn.text


async def test_a_reaction_to_the_one_time_on_offer_books_it(desk):
    await desk.says("В субботу в 16:00 свободно?")
    assert (await desk.says("👍", kind="reaction")).booked


async def test_a_thumb_down_is_a_no_that_is_not_discussed(desk):
    turn = await desk.says("👎", kind="reaction")
    assert (turn.intent, turn.text) == ("decline", None)
    rows = await desk.salon.execute("SELECT declined_at IS NOT NULL FROM clients")
    assert rows == [(True,)]


@pytest.mark.parametrize("emoji", ["❤️", "😂", "🔥", None])
async def test_a_mere_mood_is_not_answered(desk, emoji):
    turn = await desk.says(emoji, kind="reaction")
    assert turn.text is None
    assert await desk.row("response_type") == (None,)


async def test_a_reaction_to_an_older_message_says_nothing_of_the_last(desk):
    await desk.says("В субботу в 16:00 свободно?")
    turn = await desk.says("👍", kind="reaction", quoted_message_id="an older one")
    assert (turn.booked, turn.text) == (None, None)


# --- taken back and mended -----------------------------------------------------------------------


async def test_a_deleted_message_is_not_answered_and_its_words_are_gone(desk):
    stored = await desk.receives("Запишите на субботу в 16:00", id="in-a")
    await desk.receives(kind="deleted", quoted_message_id="in-a")
    assert await desk.handles(stored.dialog_id) is None
    assert await desk.bookings() == []
    assert await desk.salon.execute("SELECT body FROM messages ORDER BY message_id") == [
        (None,),
        (None,),
    ]


async def test_what_was_answered_already_is_not_undone_by_a_deletion(desk):
    stored = await desk.receives("Запишите на субботу в 16:00", id="in-a")
    assert (await desk.handles(stored.dialog_id)).booked
    await desk.receives(kind="deleted", quoted_message_id="in-a")
    assert await desk.handles(stored.dialog_id) is None
    assert [state for _, state, _ in await desk.bookings()] == ["booked"]


async def test_an_edited_message_is_read_as_it_is_now(desk):
    stored = await desk.receives("Запишите на пятницу в 16:00", id="in-a")
    await desk.receives("Запишите на субботу в 16:00", kind="edited", quoted_message_id="in-a")
    turn = await desk.handles(stored.dialog_id)
    assert turn.booked.starts_at.day == 6
    assert len(await desk.bookings()) == 1


async def test_an_edit_after_the_answer_counts_where_it_says_something_else(desk):
    stored = await desk.receives("Сколько стоит?", id="in-a")
    await desk.handles(stored.dialog_id)
    same = await desk.receives("Сколько стоит??", kind="edited", quoted_message_id="in-a")
    assert await desk.handles(same.dialog_id) is None
    other = await desk.receives("Запишите на субботу", kind="edited", quoted_message_id="in-a")
    assert (await desk.handles(other.dialog_id)).offered


async def test_an_edit_of_a_message_that_never_came_is_a_message(desk):
    stored = await desk.receives("Сколько стоит?", kind="edited", quoted_message_id="unknown")
    assert (await desk.handles(stored.dialog_id)).intent == "question"


async def test_a_deletion_of_somebody_elses_message_deletes_nothing(desk):
    stored = await desk.receives("Сколько стоит?", id="in-a")
    _, other, _ = await desk.written_to()
    await desk.receives(kind="deleted", quoted_message_id="in-a", phone=other)
    assert (await desk.handles(stored.dialog_id)).text
