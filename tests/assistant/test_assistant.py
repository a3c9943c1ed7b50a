"""A language model beside the receptionist: when it is asked, what it is told, what it does."""

import json
import logging
import re
import time
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest
from fake_models import Asked, Fails, Raw, Says
from hostile import PAYLOADS
from salon_state import bystander
from talking_models import TALKING, TalkingGemini, TalkingOpenAI, answers, calls, results
from wiring import settings_for

from vernis.adapters.assistant_model import ModelAssistant
from vernis.adapters.model_budget import Budget
from vernis.domain import Address, Locale

UNSURE = "эх волосы как солома после этой зимы конечно"


def reads_a_wish(_: Asked) -> Says:
    return answers(intent="book", topic="free_times")


def warmer(asked: Asked) -> Says:
    """What a good model does with code's draft."""
    return answers(text=f"Конечно, {{имя}}! {asked.data['draft']}")


# --- when ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("output", ["native", "tool", "prompted"])
@pytest.mark.parametrize("kind", TALKING)
async def test_a_reply_that_code_is_not_sure_of_is_read_by_the_model(helped, kind, output):
    desk = await helped(reads_a_wish, kind=kind, speaks=False, output=output)
    turn = await desk.says(UNSURE)

    assert len(desk.asked) == 1
    assert turn.intent == "book"
    assert len(turn.offered) == 3
    assert turn.assistant == "changed"


@pytest.mark.parametrize(
    "text",
    ["Да, запишите меня", "Сколько стоит?", "Нет, спасибо", "Стоп", "Вы ошиблись номером",
     "В прошлый раз всё испортили, позовите администратора"],
)  # fmt: skip
async def test_a_reply_that_code_is_sure_of_costs_nothing(helped, text):
    desk = await helped(reads_a_wish, speaks=False)
    turn = await desk.says(text)

    assert desk.asked == []
    assert turn.assistant is None


@pytest.mark.parametrize(
    "text", ["Стоп", "Отстаньте", "Вы ошиблись номером", "Ужасно сделали, верните деньги"]
)
async def test_a_stop_a_stranger_and_a_complaint_are_never_told_to_a_model(helped, text):
    desk = await helped(warmer)
    await desk.says(text)
    await desk.says(UNSURE)  # stopped, or a person's

    assert desk.asked == []


async def test_beside_a_person_who_answers_the_model_is_not_asked(helped):
    desk = await helped(reads_a_wish)
    await desk.says("Да")
    asked = len(desk.asked)
    await desk.desk.person_says("Сейчас посмотрю")
    turn = await desk.says(UNSURE)

    assert len(desk.asked) == asked
    assert turn.text is None


async def test_voice_and_stickers_are_not_told_to_a_model(helped):
    desk = await helped(warmer)
    await desk.says(None, kind="voice")
    await desk.says(None, kind="sticker")
    assert desk.asked == []


# --- what it does -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", TALKING)
@pytest.mark.parametrize("output", ["native", "tool", "prompted"])
async def test_it_says_in_warmer_words_what_code_has_decided(helped, kind, output):
    desk = await helped(warmer, kind=kind, output=output)
    offered = await desk.says("Да, запишите меня")
    booked = await desk.says("второе")

    assert offered.text.startswith("Конечно, Мария! Есть время:")
    assert booked.text.startswith("Конечно, Мария! Записали вас на маникюр")
    assert booked.booked == offered.offered[1]
    assert booked.assistant == "text"
    assert len(desk.asked) == 2


@pytest.mark.parametrize("kind", TALKING)
async def test_it_speaks_english_where_the_company_does(helped, desk, kind):
    desk.settle(locale=Locale.EN, name="Linen", facts={"address": "5 Main Street"})
    await desk.salon.execute("UPDATE clients SET name = 'Mary'")
    await desk.salon.execute("UPDATE staff SET name = 'Kate'")
    await desk.salon.execute("UPDATE services SET title = 'Manicure'")
    said = "Of course, {name}! "
    helped_desk = await helped(
        lambda asked: answers(text=said + (asked.data.get("draft") or "")), kind=kind
    )
    turns = [
        await helped_desk.says(text)
        for text in (
            "Yes please, book me in",
            "the second one",
            "where are you?",
            "Thanks, cancel it",
        )
    ]

    assert turns[0].text.startswith("Of course, Mary! ")
    assert turns[1].booked == turns[0].offered[1]
    assert [turn.assistant for turn in turns] == ["text"] * 4


@pytest.mark.parametrize("kind", TALKING)
async def test_it_looks_times_up_and_offers_one_of_them(helped, kind):
    def script(asked: Asked) -> Says:
        if not (found := results(asked)):
            return calls("free_times", first_day="2024-04-06", last_day="2024-04-06")
        moment = re.search(r"t1: ([^\"]+?)(?:\"|\\|')", found[0])[1]
        said = f"Понимаю! Есть время {moment}. Записать вас?"
        return answers(intent="book", action="offer", times=["t1"], text=said)

    desk = await helped(script, kind=kind)
    turn = await desk.says(UNSURE)

    assert turn.text == "Понимаю! Есть время в субботу, 6 апреля, в 10:00 к Анне. Записать вас?"
    assert turn.assistant == "changed; text"
    assert (await desk.says("да")).booked == turn.offered[0]


async def test_what_it_notes_by_a_tool_is_asked_about_and_done_after_a_yes(helped):
    def script(asked: Asked) -> Says:
        if asked.data["client_says"] != UNSURE:
            return answers()
        return answers(intent="book") if results(asked) else calls("cancel", booking="b1")

    desk = await helped(script)
    await desk.says("Да")
    await desk.says("1")

    asked = await desk.says(UNSURE)
    assert asked.text.startswith("Отменить запись")
    assert not asked.cancelled
    assert (await desk.says("да")).cancelled


async def test_a_question_that_code_gives_up_is_answered_from_the_facts(helped):
    desk = await helped(lambda _: answers(intent="question", action="answer", about="duration"))
    turn = await desk.says("а надолго ли у вас всё это мероприятие растягивается обычно")

    assert turn.handed_over is None
    assert "60 минут" in turn.text


async def test_a_complaint_that_only_the_model_sees_goes_to_a_person(helped):
    desk = await helped(lambda _: answers(intent="complaint", text="Какой ужас!"), speaks=False)
    turn = await desk.says(UNSURE)
    assert turn.handed_over == "complaint"
    assert "извините" in turn.text.lower()


async def test_a_lie_beside_codes_words_is_kept_back_and_code_speaks(helped, desk):
    told = {"lie": ""}
    helped_desk = await helped(lambda asked: answers(text=f"{told['lie']}. {asked.data['draft']}"))
    for told["lie"] in PAYLOADS:
        turn = await helped_desk.says("Да, запишите меня")

        assert turn.text.startswith("Есть время:"), told
        assert turn.assistant.startswith("text refused"), told
        desk.client, desk.phone, desk.reactivation = await desk.written_to()  # another one
    assert len(helped_desk.asked) >= len(PAYLOADS)


# --- where it fails -------------------------------------------------------------------------------

FAILURES = {
    "500": lambda _: Fails(how="server"),
    "rate limit": lambda _: Fails(how="rate_limit"),
    "nonsense": lambda _: Says(words='{"intent": 5, "times": "x"}'),
    "closed": lambda _: Raw(),
    "no form": lambda _: Raw(payload=b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi"),
}


@pytest.mark.parametrize("speaks", [False, True])
@pytest.mark.parametrize("how", FAILURES)
async def test_a_model_that_fails_leaves_the_turn_as_code_has_it(helped, desk, how, speaks):
    helped_desk = await helped(FAILURES[how], speaks=speaks)
    turn = await helped_desk.says(UNSURE)
    assert turn.text
    assert turn.assistant in {"unavailable", "agrees"}


@pytest.mark.parametrize("kind", TALKING)
async def test_a_slow_model_is_not_waited_for_longer_than_is_set(helped, kind):
    desk = await helped(reads_a_wish, kind=kind, seconds=20)
    await desk.says("привет")  # the library is loaded
    slow = await helped(reads_a_wish, kind=kind, seconds=0.7, delay=30)

    started = time.monotonic()
    turn = await slow.says(UNSURE)

    assert time.monotonic() - started < 3
    assert turn.text
    assert turn.assistant == "slow"


async def test_after_failures_the_model_is_left_alone(helped):
    desk = await helped(FAILURES["500"])
    for _ in range(6):
        turn = await desk.says(UNSURE)
        assert turn is not None
    assert len(desk.asked) == 3


async def test_without_money_the_model_is_not_asked(helped):
    desk = await helped(reads_a_wish, input_price=1, output_price=1)
    desk.desk.settle(model_limit_minor=0)
    turn = await desk.says(UNSURE)

    assert desk.asked == []
    assert turn.assistant == "money"


async def test_without_requests_left_the_model_is_not_asked(helped):
    desk = await helped(reads_a_wish, requests_per_minute=1)
    notes = [(await desk.says(UNSURE)).assistant for _ in range(2)]
    assert notes == ["changed", "budget"]


async def test_what_it_costs_is_the_companys(helped):
    desk = await helped(reads_a_wish, input_price=1, output_price=2)
    await desk.says(UNSURE)
    ((requests, micro_usd),) = await desk.desk.salon.execute(
        "SELECT requests, micro_usd FROM model_spending"
    )
    assert (requests, micro_usd) == (1, 1200 + 2 * 600)


async def test_the_next_model_is_asked_where_the_first_cannot(helped, desk):
    async with (
        TalkingGemini(script=FAILURES["500"]) as first,
        TalkingOpenAI(script=reads_a_wish) as second,
        AsyncExitStack() as stack,
    ):
        models = [settings_for(first), settings_for(second)]
        budget = Budget(desk.salon.db)
        assistant = ModelAssistant(models, budget, seconds=20, speaks=False)
        stack.push_async_callback(assistant.aclose)
        both = replace(await helped(reads_a_wish), assistant=assistant)
        turn = await both.says(UNSURE)

        assert (len(first.asked), len(second.asked)) == (1, 1)
    assert turn.assistant == "changed"


# --- while it is asked ----------------------------------------------------------------------------


async def test_a_stop_that_comes_while_the_model_thinks_is_the_last_word(helped, desk):
    async def script(asked: Asked) -> Says:
        if len(helped_desk.asked) == 1:
            await desk.receives("Стоп")
        return answers(intent="book", text=f"Конечно! {asked.data.get('draft')}")

    helped_desk = await helped(script)
    assert await helped_desk.says(UNSURE) is None
    ((answered,),) = await desk.salon.execute(
        "SELECT count(*) FROM messages WHERE direction = 'out'"
    )
    assert answered == 0

    dialog_id, *_ = await desk.dialog("dialog_id")
    turn = await desk.handles(dialog_id)
    assert turn.intent == "opt_out"


async def test_a_person_who_answers_while_the_model_thinks_silences_it(helped, desk):
    async def script(asked: Asked) -> Says:
        await desk.person_says("Сейчас посмотрю, минуту")
        return answers(intent="book")

    helped_desk = await helped(script)
    assert await helped_desk.says(UNSURE) is None
    dialog_id, *_ = await desk.dialog("dialog_id")
    assert await desk.handles(dialog_id) is None
    rows = await desk.salon.execute("SELECT body FROM messages WHERE state = 'written'")
    assert rows == []


# --- what it is told ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", TALKING)
async def test_nothing_that_tells_who_anybody_is_leaves(helped, desk, kind):
    other = await bystander(desk)
    salon = desk.salon
    await salon.execute(
        "UPDATE clients SET surname = 'Зелёнкина' WHERE client_id = %s", desk.client
    )
    await salon.execute("UPDATE staff SET name = 'Петрова Анна' WHERE staff_id = %s", desk.staff)
    helped_desk = await helped(warmer, kind=kind)
    for text in (
        "Да, запишите меня, я Мария Зелёнкина, телефон +7 999 000-00-01",
        "второе",
        "напишите на maria@example.com, это Мария",
        UNSURE,
    ):
        await helped_desk.says(text)

    sent = json.dumps([asked.body for asked in helped_desk.asked], ensure_ascii=False)
    assert "{имя}" in sent
    assert not re.search(r"Мари|Зел[её]нк|999|example\.com|Петров|Ольга|Тайн", sent)
    assert other.phone not in sent


async def test_it_is_told_what_the_client_answers_and_how_to_deal_with_it(helped):
    desk = await helped(warmer)
    await desk.says("Да, запишите меня")

    told = desk.asked[0].data
    assert "dormant_30" in told["context"]
    assert "82 дня назад" in told["context"]
    assert "«Здравствуйте! Записать вас?»" in told["context"]
    assert told["client_says"] == "Да, запишите меня"
    assert told["address"] == "вы"
    assert told["free_times"][0].startswith("t1: ")
    assert told["services"] == ["маникюр — 2\u00a0000\u00a0₽"]


async def test_the_manner_of_the_company_is_kept(helped, desk):
    desk.settle(address=Address.TY)
    helped_desk = await helped(lambda asked: answers(text=f"Рады вам! {asked.data['draft']}"))
    turn = await helped_desk.says("Да, запишите меня")

    assert helped_desk.asked[0].data["address"] == "ты"
    assert "address" in turn.assistant


async def test_no_log_line_holds_a_word_of_anybody(helped, caplog):
    caplog.set_level(logging.DEBUG)
    desk = await helped(warmer)
    await desk.says("Да, запишите меня")
    await desk.says(UNSURE)

    ours = [record.getMessage() for record in caplog.records if record.name.startswith("vernis")]
    assert any("assistant of company" in line for line in ours)
    lines = "\n".join(record.getMessage() for record in caplog.records)
    assert not re.search("солома|запишите|Конечно|администратор|right-key|Мари", lines)
