"""`vernis outbox`: what a channel never answered, decided by a person who looked."""

import csv
from datetime import date, timedelta
from pathlib import Path

import psycopg
import pytest
from command_line import Typed

TODAY = date(2026, 5, 13)  # a Wednesday
CLIENTS = 6


@pytest.fixture
def salon(typed: Typed, tmp_path: Path, database_url: str) -> Typed:
    """Its clients are due; the sandbox loses every second answer, and knows no repeats."""
    typed.environment["VERNIS_SANDBOX_FORGETFUL"] = "1"
    rows = [["Дата", "Клиент", "Код", "Телефон", "Услуга", "Мастер", "Сумма"]]
    for number in range(1, CLIENTS + 1):
        for visit in range(4):
            day = TODAY - timedelta(days=37 + 30 * visit)
            line = [f"{day:%d.%m.%Y}", f"Анна {number}", f"C{number}", f"7999000000{number}"]
            rows.append([*line, "Маникюр", "Ольга", "2500"])
    file = tmp_path / "visits.csv"
    with file.open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened, delimiter=";").writerows(rows)
    typed("import", str(file), "--company", "Лён", "--country", "RU", "--timezone",
          "Europe/Moscow", "--currency", "RUB", "--kind", "visits")  # fmt: skip
    typed("set", "holdout_percent=0", "consent_basis=a form", "consent_basis_on=2023-01-01")
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("""UPDATE accounts SET settings = '{"lose": 2}', gap_seconds = 0""")
    return typed


def test_a_person_says_what_became_of_messages_that_nobody_answered_for(
    salon: Typed, database_url: str
) -> None:
    assert "Nothing is unknown" in salon("outbox", "unknown")
    salon("run", "--on", str(TODAY))
    states = salon.json("outbox", "states")
    assert sum(states.values()) == CLIENTS
    assert states == {"accepted": CLIENTS // 2, "unknown": CLIENTS // 2}
    assert "unknown" in salon("outbox", "states")

    first, second, third = (one["key"] for one in salon.json("outbox", "unknown"))
    shown = salon("outbox", "unknown")
    assert all(key in shown for key in (first, second, third))
    assert "+7999000000" in shown
    assert f"{first}: accepted" in salon("outbox", "sent", first)
    assert f"{second}: skipped" in salon("outbox", "not-sent", second)
    assert salon.json("outbox", "states") == {"accepted": 4, "unknown": 1, "skipped": 1}

    # what is decided stays so, whatever is typed or run then
    assert "accepted, not unknown" in salon("outbox", "not-sent", first, code=1)
    assert "names no message" in salon("outbox", "sent", "nonsense", code=2)
    assert "There is no message r999" in salon("outbox", "sent", "r999", code=2)
    assert "each key once" in salon("outbox", "sent", third, third, code=2)
    salon("send", "--on", str(TODAY))
    assert salon.json("outbox", "states") == {"accepted": 4, "unknown": 1, "skipped": 1}
    with psycopg.connect(database_url) as connection:
        copies = connection.execute("SELECT phone, count(*) FROM sandbox_messages GROUP BY 1")
        assert [count for _, count in copies] == [1] * CLIENTS
