"""Writing by the real command line: samples, the prompt, drafts that a person decides on."""

from datetime import date

import pytest
from small_salon import write_export

DAY = date(2024, 5, 14)  # a Tuesday
ON = ("--on", str(DAY))


@pytest.fixture
def salon(typed, tmp_path):
    """A company with the small export in it, where a person approves first."""
    write_export(tmp_path / "export", today=DAY)
    place = ["--timezone", "America/Toronto", "--currency", "CAD", "--country", "CA"]
    typed("import", str(tmp_path / "export"), "--company", "Small", *place)
    offer = "10%; on weekdays; from 40; 14 days"
    bands = [f"offer.{band}={offer}" for band in ("gentle", "offer", "win_back")]
    variants = ["variants=warm,brief", "variant.brief.tone=brief"]
    typed("set", "approval=yes", "daily_cap=4", *bands, *variants)
    return typed


def test_from_samples_to_a_message_that_a_person_approved(salon):
    samples = salon.json("write", "--sample", "6", *ON)
    assert len(samples) == 6
    assert {one["band"] for one in samples} >= {"gentle", "offer"}
    assert [one["problems"] for one in samples] == [[]] * 6

    client = samples[0]["client_key"]
    prompt = salon("write", client, "--show-prompt", *ON)
    assert "Small" in prompt
    assert samples[0]["client_name"] not in prompt
    assert client not in prompt
    assert "no plan" not in salon("report", "--at", f"{DAY}T09:00")  # nothing was stored

    assert salon.json("run", *ON)["states"]["written"] == 4
    first, second, third, fourth = salon.json("drafts", *ON)
    assert first["variant"] in {"warm", "brief"}
    listed = salon("drafts", *ON)
    assert first["text"][:20] in listed
    assert "passes all checks" in listed

    edited = salon.json("drafts", "edit", str(first["id"]), "Free haircut tomorrow?", *ON)
    assert edited["generated"] == first["text"]
    assert edited["problems"]
    rejected = salon("drafts", "reject", str(second["id"]), "moved away", *ON)
    assert "moved away" in rejected
    salon("drafts", "approve", str(first["id"]), str(third["id"]), *ON)
    assert "2 messages sent" in salon("send", *ON)

    chats = salon.json("sandbox")
    assert len(chats) == 2
    phone = f"+{chats[0]['phone']}"
    answer = salon.json("reply", phone, "what discount do I get?", "--at", "2024-05-15T12:00")
    assert "10% off until 28 May on bills of $40 or more" in answer["answer"]
    explained = salon("explain", first["client_key"], "--on", "2024-05-15")
    assert "Free haircut tomorrow?" in explained
    assert f"before the edit: {first['text'][:20]}" in " ".join(explained.split())
    assert "then edited by a person" in " ".join(explained.split())
    assert "moved away" in salon("explain", second["client_key"], "--on", "2024-05-15")
    salon("run", *ON)
    still = salon.json("drafts", *ON)
    assert still[0]["id"] == fourth["id"]
    assert second["client_id"] not in {one["client_id"] for one in still}

    report = salon.json("report", "--at", "2024-05-20T10:00")
    assert sum(one["sent"] for one in report["test"]["variants"]) == 2
    assert "not enough data yet" in salon("report", "--at", "2024-05-20T10:00")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["write", "--show-prompt"], "Name a client"),
        (["write", "--sample", "0"], "from 1 to 500"),
        (["drafts", "approve"], "Give ids from `vernis drafts`, or --all"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_sentence(typed, words, told):
    error = typed(*words, code=2)
    assert told in error
    assert len(error.strip().splitlines()) == 1
