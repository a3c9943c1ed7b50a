"""Start to report, by the real command line, on a small export."""

from datetime import date

import pytest
from small_salon import write_export

DAY = date(2024, 5, 14)  # a Tuesday


@pytest.fixture
def salon(vernis, tmp_path):
    """A company with the small export in it."""
    write_export(tmp_path / "export", today=DAY)
    place = ["--timezone", "America/Toronto", "--currency", "CAD", "--country", "CA"]
    vernis("import", str(tmp_path / "export"), "--company", "Small", *place)
    return vernis


def test_the_whole_loop_from_an_export_to_the_report(salon, type_at, tmp_path):
    """Each command is a process of its own once; what is typed again is typed in this one."""
    again = type_at(salon)
    files = again.json("import", str(tmp_path / "export"))["files"]
    receipts = next(file for file in files if file["file"] == "Receipts.csv")
    assert receipts["left_out"] == {"product": 120, "walk_in": 5}

    levels = salon.json("intervals", "--on", str(DAY))["levels"]
    assert sum(level["clients"] for level in levels) == 60

    plan = salon.json("plan", "--all", "--on", str(DAY))
    reasons = plan["counts"]
    assert reasons["no_phone"] == 5
    assert reasons["invalid_phone"] == 4
    assert reasons["future_booking"] == 1
    assert sum(reasons.values()) == 60
    due = [one for one in plan["decisions"] if one["verdict"] == "contact"]
    assert len(due) == reasons.get("due", 0) + reasons.get("lapsed", 0) <= 20

    run = salon.json("run", "--on", str(DAY))
    assert run["planned"] == len(due)
    assert run["states"]["accepted"] == len(due)

    chats = salon.json("sandbox")
    assert {chat["count"] for chat in chats} == {1}  # one message each
    phones = [f"+{chat['phone']}" for chat in chats]
    assert len(phones) == len(due)

    said = {
        "book": "Yes please, what do you have on Saturday?",
        "decline": "no thanks",
        "opt_out": "stop",
        "question": "how long does it take?",
    }
    for (intent, text), phone in zip(said.items(), phones, strict=False):
        typed = salon if intent == "book" else again
        answer = typed.json("reply", phone, text, "--at", f"{DAY}T12:00")
        assert answer["intent"] == intent
        assert answer["reactivation_id"] is not None
    booked = again.json("reply", phones[0], "the second one", "--at", f"{DAY}T12:10")
    assert booked["booking_id"] is not None
    assert booked["intent"] == "book"

    assert again.json("run", "--on", str(DAY))["planned"] == 0
    assert {chat["count"] for chat in again.json("sandbox") if chat["count"] == 1}

    report = salon.json("report", "--at", "2024-05-20T10:00")
    contact = next(row for row in report["totals"] if row["arm"] == "contact")
    assert contact["sent"] == len(due)
    assert contact["replies"] == len(said)
    assert contact["bookings"] == 1
    holdout = next(row for row in report["totals"] if row["arm"] == "holdout")
    assert holdout["planned"] == reasons["holdout"]
    assert "haircut" in salon("explain", phones[0], "--on", "2024-05-15").lower()

    stopped = phones[list(said).index("opt_out")]
    assert again.json("run", "--on", "2024-06-20")["planned"] > 0
    assert len(again.json("sandbox", stopped)) == 3  # our message, "stop", the confirmation
