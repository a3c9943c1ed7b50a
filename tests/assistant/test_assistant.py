"""A language model beside the receptionist: when it is asked, what it is told, what it may do."""

import json

import pytest
from talking_models import TALKING, answers, calls, results


@pytest.mark.parametrize("kind", TALKING)
async def test_a_reply_that_code_is_not_sure_of_is_read_by_the_model(helped, kind):
    desk = await helped(
        lambda _: answers(intent="book", topic="free_times"), kind=kind, speaks=False
    )

    turn = await desk.says("эх волосы как солома после этой зимы конечно")

    assert len(desk.asked) == 1
    assert turn.intent == "book"
    assert len(turn.offered) == 3
    assert turn.assistant == "changed"


@pytest.mark.parametrize("kind", TALKING)
async def test_it_looks_times_up_offers_them_and_says_so_in_its_own_words(helped, kind):
    def script(asked):
        if not (found := results(asked)):
            return calls("free_times", first_day="2024-04-06", last_day="2024-04-06")
        moment = json.loads(found[0]) if "t" in found[0][:2] else found[0]
        assert "t" in str(moment)
        return answers(intent="book", action="offer", times=["t1"], text="Да, конечно!")

    desk = await helped(script, kind=kind)
    turn = await desk.says("эх волосы как солома после этой зимы конечно")

    assert len(desk.asked) == 2
    assert len(turn.offered) == 1
    assert turn.offered[0].starts_at.astimezone(desk.desk.salon.company.zone).day == 6
    assert "text refused" in turn.assistant
