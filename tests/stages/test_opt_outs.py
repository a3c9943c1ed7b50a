"""Never written to again: at once, from anywhere, and for good."""

from datetime import date

import pytest
from outbox import hash_phone

from vernis.stages import opt_outs, planning

OTHER = "79990000777"


async def stopped(desk) -> set[bytes]:
    rows = await desk.salon.execute("SELECT phone_hash FROM opt_outs")
    return {bytes(key) for (key,) in rows}


@pytest.fixture
def add(desk):
    async def add(*phones: str, source: str = "person") -> opt_outs.Added:
        return await opt_outs.add(
            desk.salon.db,
            desk.salon.company,
            phones,
            source=source,
            now=desk.clock(),
            hash_phone=hash_phone,
        )

    return add


@pytest.fixture
def take_back(desk):
    async def take_back(phone: str) -> bool:
        return await opt_outs.remove(
            desk.salon.db, desk.salon.company, phone, now=desk.clock(), hash_phone=hash_phone
        )

    return take_back


async def queued(desk, phone: str) -> int:
    """A message that waits to leave to this phone."""
    client = await desk.salon.client("Мария", phone=None, phone_state="missing")
    return await desk.salon.contact(
        client, "2024-04-02 11:00", state="written", phone=phone, message_sent_at=None
    )


# --- by a reply ----------------------------------------------------------------------------------


async def test_a_stop_is_obeyed_when_it_arrives_before_anybody_handles_it(desk):
    waiting = await queued(desk, desk.phone)
    await desk.receives("Больше не пишите мне")
    assert await stopped(desk) == {hash_phone(desk.phone)}
    assert await desk.row("state, reason", waiting) == ("skipped", "opted_out")


async def test_a_stop_in_a_burst_beats_whatever_is_said_around_it(desk):
    turn = await desk.says("Да, запишите в субботу в 16:00", "стоп", "а сколько стоит?")
    assert turn.intent == "opt_out"
    assert turn.booked is None
    assert turn.text == "Хорошо, больше не напишем. Всего доброго!"


@pytest.mark.parametrize(
    "before",
    [
        ["да"],
        ["В субботу в 16:00"],
        ["В субботу в 16:00", "отмените запись"],
        ["я уже записана"],
        ["позовите администратора"],
        ["нет, спасибо"],
        ["всё испортили!"],
        [None],
    ],
)
async def test_a_stop_is_obeyed_in_every_state(desk, before):
    for text in before:
        await desk.says(text, **({} if text else {"kind": "voice"}))
    assert (await desk.says("стоп")).intent == "opt_out"
    assert await stopped(desk) == {hash_phone(desk.phone)}
    assert (await desk.says("ок")).text is None
    answers = await desk.salon.execute(
        "SELECT count(*) FROM messages WHERE direction = 'out' AND state = 'written'"
    )
    assert answers == [(1,)]  # the confirmation, and nothing after it


async def test_a_stranger_known_by_a_lid_is_stopped_and_stays_so_as_a_phone(desk):
    turn = await desk.says("стоп", phone=None, lid="L1")
    assert turn.text
    assert await stopped(desk) == {hash_phone("lid:L1")}
    await desk.says("это я", phone=OTHER, lid="L1")
    assert await stopped(desk) == {hash_phone("lid:L1"), hash_phone(OTHER)}


async def test_a_wrong_number_is_not_written_to_again(desk):
    turn = await desk.says("Вы ошиблись номером")
    assert turn.text.startswith("Извините")
    assert await stopped(desk) == {hash_phone(desk.phone)}


# --- by a person, by a list -----------------------------------------------------------


async def test_a_person_stops_a_number_and_what_is_queued_for_it(desk, add):
    waiting = await queued(desk, desk.phone)
    assert await add(desk.phone, desk.phone) == opt_outs.Added(new=1, known=0)
    assert await add(desk.phone, OTHER) == opt_outs.Added(new=1, known=1)
    assert await desk.row("state, reason", waiting) == ("skipped", "opted_out")


async def test_a_list_of_thousands_is_one_statement(desk, add):
    phones = [f"7999{number:07}" for number in range(5_000)]
    assert await add(*phones, source="list") == opt_outs.Added(new=5_000, known=0)


async def test_an_opt_out_that_is_taken_back_lets_the_assistant_answer_again(desk, take_back):
    await desk.says("стоп")
    assert (await desk.says("запишите меня на субботу")).text is None
    assert await take_back(desk.phone)
    assert await stopped(desk) == set()
    assert (await desk.says("запишите меня на субботу")).offered
    assert not await take_back(desk.phone)


# --- for good --------------------------------------------------------------------------------


async def test_an_opt_out_outlives_the_clients_data(desk):
    """The number comes back with the next import, as another client."""
    await desk.says("стоп")
    for table in ("messages", "dialogs", "client_reactivation_history", "clients"):
        await desk.salon.execute(f"DELETE FROM {table}")
    assert await desk.salon.execute("SELECT count(*) FROM clients") == [(0,)]

    again = await desk.salon.client("Мария", phone=desk.phone)
    day = date(2024, 3, 1)
    await desk.salon.booking(again, day.isoformat(), service_id=desk.service)
    await desk.is_due(again, day)
    plan = await planning.look(
        desk.salon.db,
        desk.salon.company,
        on=desk.clock().date(),
        now=desk.clock(),
        hash_phone=hash_phone,
    )
    assert not plan.contacts
    assert {reason.value for reason, number in plan.counts.items() if number} >= {"opted_out"}
