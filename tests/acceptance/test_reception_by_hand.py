"""The receptionist as a person plays with it: chat, reply, handover, optout, optin."""

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest
from command_line import Typed

TODAY = date(2026, 5, 13)  # a Wednesday
AT = f"{TODAY}T11:00"
ANNA = "+7 999 000-00-01"


@pytest.fixture
def salon(typed: Typed, tmp_path: Path) -> Typed:
    """A salon whose three clients come to Olga every six weeks, always at five."""
    rows = [["Дата", "Время", "Клиент", "Код", "Телефон", "Услуга", "Мастер", "Сумма"]]
    for number, name in enumerate(("Анна", "Мария", "Олег"), 1):
        for visit in range(5):
            day = TODAY - timedelta(days=44 * (visit + 1))
            phone = f"7999000000{number}"
            line = [f"{day:%d.%m.%Y}", "17:00", name, f"C{number}", phone]
            rows.append([*line, "Женская стрижка", "Ольга", "2500"])
    for offset in range(1, 60):
        day = TODAY - timedelta(days=offset)
        line = [f"{day:%d.%m.%Y}", "12:00", "Ира", "C9", "79990000009"]
        rows.append([*line, "Женская стрижка", "Ольга", "2500"])
    file = tmp_path / "visits.csv"
    with file.open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened, delimiter=";").writerows(rows)
    typed("import", str(file), "--company", "Лён", "--country", "RU", "--timezone",
          "Europe/Moscow", "--currency", "RUB", "--kind", "visits")  # fmt: skip
    return typed


def chat(salon: Typed, client: str, *lines: str) -> str:
    return salon("chat", client, "--at", AT, stdin="\n".join(lines) + "\n")


def test_a_person_plays_a_client_through_a_booking_a_move_and_a_cancellation(salon: Typed) -> None:
    said = chat(
        salon,
        "C1",
        "Здравствуйте!\\",
        "можно в пятницу?",
        "первое",
        "на когда я записана?",
        "отмените запись",
        "да",
        "/voice",
        "/nonsense",
        "/help",
    )
    for words in (
        "в пятницу, 15 мая",
        "made",
        "Записали вас на женскую стрижку",
        "вижу вашу запись",
        "Отменили запись",
        "cancelled",
        "текстом",
        "/help shows",
        "/staff",
    ):
        assert words in said


def test_what_is_handed_over_is_listed_and_given_back(salon: Typed) -> None:
    assert "complaint" in chat(salon, "C2", "В прошлый раз всё испортили!", "и что?")
    (waiting,) = salon.json("handover")
    assert (waiting["why"], waiting["client_name"], waiting["text"]) == (
        "complaint",
        "Мария",
        "и что?",
    )
    assert "a complaint" in salon("handover")
    assert "answers again" in salon("handover", "give-back", "C2")
    assert salon.json("handover") == []
    assert "Nobody waits" in salon("handover")
    assert "Nobody was waited for" in salon("handover", "give-back", "C2")


def test_numbers_are_stopped_by_hand_and_by_a_list_and_taken_back(
    salon: Typed, tmp_path: Path
) -> None:
    assert "1 numbers are never written to" in salon("optout", "C1")
    assert "0 numbers" in salon("optout", ANNA)
    stops = tmp_path / "stop.txt"
    stops.write_text("8 999 000-00-02\nнет телефона\n79990000001\n+79990000055\n")
    assert salon.json("optout", "--file", str(stops)) == {"new": 2, "known": 1, "faults": [2]}
    assert "may be written to again" in salon("optin", ANNA)
    assert "was not stopped" in salon("optin", "C1")
    assert "+79990000099" not in salon("optin", "nobody", code=2)
    assert "Give a phone or a client" in salon("optout", code=2)


def test_a_fact_that_the_owner_sets_is_told(salon: Typed) -> None:
    answer = salon.json("reply", ANNA, "а парковка есть?", "--at", AT)
    assert answer["handed_over"] == "question"
    salon("set", "fact.parking=Во дворе, бесплатно", "fact.cards=yes")
    answer = salon.json("reply", "+7 999 000-00-02", "а парковка есть?", "--at", AT)
    assert answer["answer"].startswith("Во дворе, бесплатно.")
