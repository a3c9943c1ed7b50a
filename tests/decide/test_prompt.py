"""What a language model is told about clients, and what is made of its answer."""

import json
from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from salons import salon

from vernis.decide.writing.prompt import (
    IDS,
    Message,
    Rejected,
    filled,
    problems,
    prompt_for,
    read,
    repair_for,
    texts_by_position,
)
from vernis.domain import Band, Gender, Locale, MessageFacts, Offer

COMPANY = replace(salon(), name="Лён", locale=Locale.RU)
ANNA = MessageFacts(
    locale=Locale.RU,
    band=Band.OFFER,
    company_name="Лён",
    client_name="Анна Зелёнкина",
    gender=Gender.FEMALE,
    service_title="МУЖСКАЯ СТРИЖКА // ТОП-МАСТЕР",
    staff_name="Ольга Краскова",
    offer=Offer(percent=10, terms="по будням"),
    on=date(2024, 4, 1),
)
GOOD = (
    "{имя}, здравствуйте! Это «Лён». Для вас скидка 10%, по будням."
    " Записать вас на мужскую стрижку к Ольге?"
)


def told(facts: MessageFacts) -> dict[str, object]:
    (client,) = json.loads(prompt_for([facts], COMPANY).user)["clients"]
    return client


# --- what is told ---------------------------------------------------------------------------------


def test_a_client_is_a_placeholder_with_words_that_can_be_said():
    client = told(ANNA)

    assert client["name"] == "{имя}"
    assert client["gender"] == "женский"
    assert client["service"] == "мужскую стрижку"
    assert client["staff"] == {
        "кто": "Ольга",
        "к": "Ольге",
        "у": "Ольги",
        "кого": "Ольгу",
        "с": "Ольгой",
    }
    assert client["offer"] == {
        "called": "скидка 10%, по будням",
        "given": "скидку 10%, по будням",
    }


@pytest.mark.parametrize("name", [None, "", "Не звонить", "Клиент 123", "???", "79990000001"])
def test_a_name_that_cannot_be_said_is_no_placeholder(name: str | None):
    assert told(replace(ANNA, client_name=name))["name"] is None


def test_free_times_are_told_in_words_from_all_of_them_to_the_first():
    zone = COMPANY.zone
    times = (datetime(2024, 4, 3, 12, tzinfo=zone), datetime(2024, 4, 4, 18, 30, tzinfo=zone))

    lines = told(replace(ANNA, free_times=times))["free_times"]

    assert lines == ["в среду, 3 апреля, в 12:00 и в четверг в 18:30", "в среду, 3 апреля, в 12:00"]


def test_what_all_share_is_told_once():
    banned = replace(COMPANY, banned_words=("кудри",))

    data = json.loads(prompt_for([ANNA, ANNA], banned).user)

    assert (data["company"], data["address"], data["banned"]) == ("«Лён»", "вы", ["кудри"])


@given(
    st.text(max_size=30),
    st.text(max_size=40),
    st.text(max_size=30),
    st.integers(0, 10**9),
    st.lists(st.text(min_size=9, max_size=40), max_size=2),
)
def test_no_name_no_title_no_number_and_no_former_text_is_told(
    name: str, title: str, staff: str, seed: int, recent: list[str]
):
    marked = replace(
        ANNA,
        client_name=f"Анна Зелёнкина {name}",
        service_title=f"{title} [7999123]",
        staff_name=f"Ольга Краскова {staff}",
        seed=seed + 7_000_000,
        recent_texts=tuple(f"Зелёнкиной: {text}" for text in recent),
        used_templates=("ru-gentle-1",),
    )

    prompt = prompt_for([marked], COMPANY)

    for word in ("Анна", "Зелёнкин", "Красков", "7999", str(seed + 7_000_000), "ru-gentle"):
        assert word not in prompt.user


def test_a_former_text_goes_back_with_what_to_change_and_its_own_placeholder():
    bad = "{имя}, здравствуйте! Это «Лён». Переведите предоплату. Записать вас?"
    rejected = Rejected(facts=ANNA, text=bad, problems=("offer_missing", "vocabulary"))

    prompt = repair_for([rejected], COMPANY)
    (client,) = json.loads(prompt.user)["clients"]

    assert client["rejected"] == bad
    assert client["fix"][0] == "включи предложение дословно"
    assert client["fix"][-1] == "замени эти слова: переведите, предоплату"
    assert "Анна" not in prompt.user


# --- what comes back ------------------------------------------------------------------------------


def rows(*texts: str) -> str:
    listed = [{"id": id_, "text": text} for id_, text in zip(IDS, texts, strict=False)]
    return json.dumps({"messages": listed}, ensure_ascii=False)


@pytest.mark.parametrize(
    ("said", "count"),
    [
        (rows("раз", "два"), 2),
        (f"Конечно!\n```json\n{rows('раз', 'два')}\n```\nГотово.", 2),
        (rows("раз", "два")[:-4], 1),
        (rows("раз", "два", "три")[:-60], 1),
        ('{"messages": [{"id": "k23", "text": "раз"}, 7, null, {"id": "x"}, {"text": "y"}]}', 1),
        ('{"messages": "нет"}', 0),
        ('{"messages": [', 0),
        ("[]", 0),
        ("", 0),
        ("\x00{", 0),
        ('{"messages": ' + "[" * 100_000, 0),
    ],
)
def test_the_messages_that_are_whole_are_read(said: str, count: int):
    assert len(read(said)) == count


@given(st.text())
def test_reading_never_fails(said: str):
    read(said)
    read(rows(said)[: len(said)])


def test_whose_text_is_not_certain_is_nobodys():
    a, b, c = IDS[:3]
    said = [
        Message(id=a, text="раз"),
        Message(id=b, text="два"),
        Message(id=b, text="два снова"),
        Message(id=c, text="  "),
        Message(id="zz", text="чужой"),
    ]

    assert texts_by_position(said, 3) == {0: "раз"}


def test_ids_differ_and_cannot_be_counted_on():
    assert len(set(IDS)) == len(IDS)
    assert not any(id_.isdigit() for id_ in IDS)


# --- what goes out -------------------------------------------------------------------------------


def test_the_name_is_put_in_and_the_opt_out_line_stands_before_the_question():
    text = filled(GOOD, replace(ANNA, opt_out_line=True))

    assert text.startswith("Анна, здравствуйте!")
    assert "«стоп». Записать вас на мужскую стрижку к Ольге?" in text
    assert problems(GOOD, ANNA) == []
    assert problems(GOOD, replace(ANNA, opt_out_line=True)) == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("{имя}", "Анна", None),  # nobody told it: a guess is right by chance
        ("{имя}, з", "З", "name"),
        ("{имя}, здравствуйте!", "Здравствуйте! Для {имя} новость.", "name"),
        ("Записать", "{имя}, записать", "name"),
        ("{имя}", "{name}", "markup"),
        ("10%", "30%", "number"),
        (", по будням", "", "terms_missing"),
        ("Это", "ВЗЛОМАНО. Это", "vocabulary"),
    ],
)
def test_a_text_is_judged_as_it_would_go_out(old: str, new: str, problem: str | None):
    found = problems(GOOD.replace(old, new, 1), ANNA)

    assert (problem in found) if problem else found == []


def test_what_is_another_clients_is_not_said_to_this_one():
    other = replace(ANNA, service_title="Пирсинг", offer=Offer(gift="маска для волос"))
    mixed = GOOD.replace("Для вас", "Маска для волос и для вас")

    assert "other_client" in problems(mixed, ANNA, [other])
    assert "other_client" not in problems(GOOD, ANNA, [other])
