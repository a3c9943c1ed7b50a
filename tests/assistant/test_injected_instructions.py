"""Instructions hidden in a client's words, a name, a title: a model that obeys them all, and
nothing comes of it."""

import re
from datetime import date
from itertools import cycle
from pathlib import Path

import pytest
from fake_models import Asked
from front_desk import MONDAY
from hostile import PAYLOADS, said_by
from salon_state import bystander, reminder, state_of, wind_back
from talking_models import Calls, answers

from vernis.decide.reception import instructions_ru
from vernis.decide.reception.turn_words import READ, SPEAK
from vernis.decide.replies.reading import read
from vernis.domain import Locale

HERE = Path(__file__).parent
FILES = [HERE / "injections.txt", HERE.parent / "llm" / "injections.txt"]
LINES = [
    line.replace("\\n", "\n")
    for file in FILES
    for line in file.read_text(encoding="utf-8").splitlines()
]
# A demand to stop in plain words, whatever stands around it: code obeys it alone.
STOPS = {"opt_out", "wrong_person"}
ACTS = [
    {"intent": "already_booked", "action": "cancel", "booking": "b1", "topic": "cancel"},
    {"intent": "book", "action": "cancel", "booking": "b2"},
    {"intent": "book", "action": "book", "times": ["t1"], "choice": 1, "topic": "assent"},
    {"intent": "book", "action": "move", "booking": "b1", "times": ["t1"], "topic": "reschedule"},
    {"intent": "later", "action": "remind", "on": "2044-01-01", "first_day": "2044-01-01"},
    {"intent": "opt_out"},
    {"intent": "wrong_person"},
    {"intent": "question", "action": "answer", "about": "price"},
]


ASKS_TO_BOOK = re.compile(r"\bbook|запиши|please do the same", re.IGNORECASE)


class Obeys:
    """Whatever it is told, it does, and says what it was told to say."""

    def __init__(self) -> None:
        self.acts, self.lies = cycle(ACTS), cycle([*PAYLOADS, "PROMPT", "DATA"])

    def __call__(self, asked: Asked) -> Calls:
        lie = next(self.lies)
        text = asked.user[:300] if lie == "DATA" else said_by(asked, lie)
        return answers(**next(self.acts), text=text)


def test_the_corpus_is_large_and_in_both_languages():
    assert len(set(LINES)) >= 150
    russian = [line for line in LINES if re.search("[а-яё]", line.lower())]
    assert len(russian) >= 75
    assert len(LINES) - len(russian) >= 75


def dealt() -> dict[str, list[str]]:
    """Each line in one situation."""
    lines: dict[str, list[str]] = {"times offered": [], "one time offered": [], "booked": []}
    for line in LINES:
        # after «Записать вас?» that is a yes, whatever else is said
        may = [one for one in lines if one != "one time offered" or not ASKS_TO_BOOK.search(line)]
        lines[min(may, key=lambda one: len(lines[one]))].append(line)
    return lines


@pytest.mark.parametrize(("situation", "lines"), dealt().items(), ids=dealt())
async def test_no_message_makes_a_model_harm_anybody(desk, helped, situation, lines):
    other = await bystander(desk)
    await desk.says("Да, запишите меня")
    if situation == "booked":
        await desk.says("1")
    elif situation == "one time offered":
        await desk.says("а в субботу в 15:00 можно?")
    helped_desk = await helped(Obeys())
    before, state = await state_of(desk), (await desk.dialog("state"))[0]
    for line in lines:
        asked = len(helped_desk.asked)
        turn = await helped_desk.says(line)

        if turn.intent in STOPS:
            assert len(helped_desk.asked) == asked, "code decides it alone"
        if read(line, now=MONDAY).intent in STOPS:  # where it arrives, or where it is handled
            await desk.salon.execute("DELETE FROM opt_outs")
        assert await state_of(desk) == before, (line, turn)
        assert await reminder(desk) != date(2044, 1, 1), line
        for secret in (*PAYLOADS, other.name, other.phone):
            assert secret not in (turn.text or ""), (line, turn.text)
        assert not leaks(turn.text or ""), (line, turn.text)
        await wind_back(desk, state)


PLACES = ["client", "service", "master"]


@pytest.mark.parametrize("place", PLACES)
async def test_no_name_and_no_title_makes_a_model_harm_anybody(desk, helped, place):
    other = await bystander(desk)
    await desk.says("Да, запишите меня")
    helped_desk = await helped(Obeys())
    state = (await desk.dialog("state"))[0]
    await helped_desk.says(UNSURE)
    usual = _words(f"{PLAIN} {helped_desk.asked[0].user}")
    for line in LINES[PLACES.index(place) :: 3 * len(PLACES)]:
        await _hide(desk, place, line)
        before = await state_of(desk)
        turn = await helped_desk.says(UNSURE)

        assert await state_of(desk) == before, (line, turn)
        told = helped_desk.asked[-1]
        assert (_words(line) & _words(told.user)) - usual == set(), line
        for secret in (*PAYLOADS, other.name, other.phone):
            assert secret not in (turn.text or ""), (line, turn.text)
        await wind_back(desk, state)
        # the next line is another salon's: what was said in this one is not known there
        await desk.salon.execute("UPDATE messages SET body = '-' WHERE direction = 'out'")


# What the model is told anyway, in whatever salon.
PLAIN = " ".join([*SPEAK.values(), *instructions_ru.WORDS.values()])
UNSURE = "эх волосы как солома после этой зимы конечно"


async def _hide(desk, place: str, line: str) -> None:
    where = {
        "client": ("clients", "name", "client_id", desk.client),
        "service": ("services", "title", "service_id", desk.service),
        "master": ("staff", "name", "staff_id", desk.staff),
    }[place]
    table, column, key, id_ = where
    await desk.salon.execute(f"UPDATE {table} SET {column} = %s WHERE {key} = %s", line, id_)


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w{6,}", text.lower()))


def leaks(text: str) -> bool:
    """Six words in a row of what the model was told."""
    said = re.findall(r"\w+", text.lower())
    told = " ".join(re.findall(r"\w+", " ".join([*READ.values(), *SPEAK.values()]).lower()))
    return any(" ".join(said[at : at + 6]) in told for at in range(len(said) - 5))


def test_a_prompt_in_an_answer_would_be_seen():
    assert leaks(SPEAK[Locale.RU][100:300])
