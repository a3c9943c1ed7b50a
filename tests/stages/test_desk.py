"""A person takes a dialog over on a page, answers in it, and gives it back."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from front_desk import Desk
from outbox import Taking, hash_phone

from vernis.domain import Abilities
from vernis.errors import ConflictError, NotFoundError, UsageError
from vernis.stages import auditing, handovers, opt_outs
from vernis.stages import desk as person
from vernis.stages.auditing import Who

OLGA = Who(user_id=1)


class Cloud(Taking):
    """A channel that takes free text for a day after the client's last message only."""

    @property
    def abilities(self) -> Abilities:
        return Abilities(free_text_for=timedelta(hours=24), longest_text=100)


@pytest.fixture
def take_over(desk: Desk):
    async def take(dialog_id: int) -> bool:
        return await person.take_over(
            desk.salon.db, desk.salon.company, dialog_id=dialog_id, who=OLGA, now=desk.clock()
        )

    return take


@pytest.fixture
def write(desk: Desk):
    async def written(dialog_id: int, text: str = "Здравствуйте, это Ольга", **values: Any) -> int:
        known = {"who": OLGA, "now": desk.clock(), "key": text, "hash_phone": hash_phone}
        known |= {"channels": {"sandbox": Taking()}}
        return await person.write(
            desk.salon.db, desk.salon.company, dialog_id=dialog_id, text=text, **known | values
        )

    return written


@pytest.fixture
def give_back(desk: Desk):
    async def given(dialog_id: int) -> bool:
        return await handovers.give_back(
            desk.salon.db, desk.salon.company, dialog_id=dialog_id, now=desk.clock(), who=OLGA
        )

    return given


async def outgoing(desk: Desk) -> list[tuple[Any, ...]]:
    return await desk.salon.execute(
        "SELECT body, state FROM messages WHERE direction = 'out' ORDER BY message_id"
    )


# --- taking over -----------------------------------------------------------------------------


async def test_the_assistant_is_quiet_until_the_dialog_is_given_back(
    desk: Desk, take_over, give_back
):
    turn = await desk.says("Здравствуйте")
    assert await take_over(turn.dialog_id)
    (waiting,) = await handovers.waiting(desk.salon.db, desk.salon.company)
    assert (waiting.why, waiting.since) == ("taken", desk.clock())

    desk.clock.now += timedelta(days=3)
    assert (await desk.says("запишите меня на субботу")).text is None
    assert await give_back(turn.dialog_id)
    assert (await desk.says("запишите меня на субботу")).offered

    entries = await auditing.listed(desk.salon.db, desk.salon.company)
    noted = [(entry.action, entry.subject, entry.user_id) for entry in entries]
    of = f"dialog {turn.dialog_id}"
    assert noted == [("dialog.given_back", of, 1), ("dialog.taken_over", of, 1)]


async def test_what_waited_for_a_person_keeps_its_reason(desk: Desk, take_over):
    turn = await desk.says("В прошлый раз всё испортили!")
    assert not await take_over(turn.dialog_id)
    (waiting,) = await handovers.waiting(desk.salon.db, desk.salon.company)
    assert waiting.why == "complaint"


async def test_taking_over_during_a_turn_leaves_it_to_the_person(desk: Desk, take_over):
    dialog_id = await desk.hears("запишите меня на субботу")

    class Slow:
        """A calendar in which a person is faster."""

        async def free_times(self, *args: Any, **values: Any) -> Any:
            await take_over(dialog_id)
            return await desk.crm.free_times(*args, **values)

        def __getattr__(self, name: str) -> Any:
            return getattr(desk.crm, name)

    assert await desk.handles(dialog_id, crm=Slow()) is None
    assert await outgoing(desk) == []
    assert await desk.handles(dialog_id) is None


async def test_an_answer_that_has_not_left_is_taken_back(desk: Desk, take_over):
    turn = await desk.says("запишите меня на субботу")
    await take_over(turn.dialog_id)
    assert [state for _, state in await outgoing(desk)] == ["skipped"]
    assert await desk.answers_leave(Taking()) == 0


async def test_whoever_asked_for_no_messages_stays_so(desk: Desk, take_over, give_back):
    turn = await desk.says("Не пишите мне больше")
    await take_over(turn.dialog_id)
    assert await give_back(turn.dialog_id)
    rows = await desk.salon.execute("SELECT state->>'state' FROM dialogs")
    assert rows == [("stopped",)]


async def test_a_dialog_of_nobody_is_not_found(desk: Desk, take_over, write):
    for refused in (take_over(404), write(404)):
        with pytest.raises(NotFoundError):
            await refused


# --- writing ---------------------------------------------------------------------------------


async def test_what_a_person_writes_leaves_as_any_other_answer_and_the_assistant_is_silent(
    desk: Desk, write, give_back
):
    dialog_id = await desk.hears("Можно завтра?")
    await write(dialog_id)
    channel = Taking()
    assert await desk.answers_leave(channel) == 1
    assert [(one.text, one.phone) for one in channel.calls] == [
        ("Здравствуйте, это Ольга", desk.phone)
    ]
    assert await desk.handles(dialog_id) is None  # it was answered
    assert (await desk.says("запишите меня на субботу")).text is None
    assert await give_back(dialog_id)
    assert (await desk.says("запишите меня на субботу")).offered


async def test_a_form_sent_twice_at_once_is_written_once(desk: Desk, write):
    dialog_id = await desk.hears("Можно завтра?")
    first, second = await asyncio.gather(write(dialog_id, key="f"), write(dialog_id, key="f"))
    assert first == second
    channel = Taking()
    await desk.answers_leave(channel)
    assert len(channel.calls) == 1
    with pytest.raises(ConflictError):
        await write(dialog_id, "Другое", key="f")


async def test_the_same_words_on_a_new_form_are_another_message(desk: Desk, write):
    dialog_id = await desk.hears("Можно завтра?")
    assert await write(dialog_id, key="a") != await write(dialog_id, key="b")


async def test_one_who_writes_from_the_salons_phone_does_not_take_back_what_another_wrote(
    desk: Desk, write
):
    dialog_id = await desk.hears("Можно завтра?")
    await write(dialog_id)
    await desk.person_says("Добрый день!")
    assert await desk.answers_leave(Taking()) == 1


@pytest.mark.parametrize("text", ["", " \n ", "я" * 5000])
async def test_a_text_that_cannot_be_sent_is_refused(desk: Desk, write, text: str):
    dialog_id = await desk.hears("Можно завтра?")
    with pytest.raises(UsageError):
        await write(dialog_id, text)
    assert await outgoing(desk) == []


async def test_after_a_day_a_channel_with_a_window_takes_nothing(desk: Desk, write):
    dialog_id = await desk.hears("Можно завтра?")
    cloud = {"sandbox": Cloud()}
    desk.clock.now += timedelta(hours=23, minutes=59)
    await write(dialog_id, "Успели", channels=cloud)
    desk.clock.now += timedelta(minutes=1)
    with pytest.raises(ConflictError, match="over a day ago"):
        await write(dialog_id, "Поздно", channels=cloud)
    await write(dialog_id, "Здесь можно всегда")


async def test_whoever_asked_for_no_messages_is_only_answered(desk: Desk, write):
    dialog_id = await desk.hears("Можно завтра?")
    await opt_outs.add(
        desk.salon.db, desk.salon.company, [desk.phone], source="person", now=desk.clock(),
        hash_phone=hash_phone,
    )  # fmt: skip
    await write(dialog_id, "Да, конечно")
    with pytest.raises(ConflictError, match="asked for no messages"):
        await write(dialog_id, "И ещё у нас скидки")
    await desk.hears("Спасибо")
    desk.clock.now += person.ANSWERED_WITHIN
    with pytest.raises(ConflictError, match="asked for no messages"):
        await write(dialog_id, "Пожалуйста")


# --- looking ---------------------------------------------------------------------------------


async def test_looking_is_noted_where_there_is_something_new(desk: Desk):
    early = datetime(2024, 3, 1, tzinfo=UTC)
    dialog_id = await desk.hears("Можно завтра?", received_at=desk.clock() + timedelta(minutes=2))

    async def looked() -> Any:
        db, company = desk.salon.db, desk.salon.company
        await person.mark_looked(db, company, dialog_id, now=desk.clock())
        ((at,),) = await desk.salon.execute("SELECT looked_at FROM dialogs")
        return at

    first = await looked()
    assert first == desk.clock() + timedelta(minutes=2)  # its channel's clock is ahead of ours
    desk.clock.now += timedelta(hours=1)
    assert await looked() == first
    await desk.hears("Алло?", received_at=early)
    assert await looked() == first
    await desk.hears("Алло?")
    assert await looked() == desk.clock()
