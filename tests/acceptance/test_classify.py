"""`vernis classify` as a person types it."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import Typed, Vernis


def classify(*words: str, stdin: str | bytes = "") -> "subprocess.CompletedProcess[bytes]":
    given = stdin.encode() if isinstance(stdin, str) else stdin
    command = [sys.executable, "-c", "from vernis.cli import main; main()", "classify", *words]
    return subprocess.run(command, input=given, capture_output=True, check=False)


@pytest.fixture
def typed(type_at: Callable[[Vernis], Typed], tmp_path: Path) -> Typed:
    return type_at(Vernis(tmp_path))


def sentence(error: str) -> str:
    (line,) = error.splitlines()
    assert line.startswith("vernis: ")
    return line


AT = ("--on", "2026-05-13T11:00", "--timezone", "Europe/Moscow")


def test_each_text_becomes_a_json_line_with_its_moment() -> None:
    done = classify(
        "-", *AT, stdin="Откуда у вас мой номер?\n\nпослезавтра часов в 7 вечера\r\nв 10\n"
    )
    first, second, third = (json.loads(line) for line in done.stdout.decode().splitlines())
    assert first.keys() == {"text", "intent", "response_type", "confidence", "when"}
    assert (first["intent"], first["response_type"], first["when"]) == ("question", "neutral", None)
    seven = "2026-05-15T19:00:00+03:00"
    assert (second["text"], second["intent"]) == ("послезавтра часов в 7 вечера", "book")
    assert second["when"] == {"from": seven, "to": seven}
    assert third["when"]["from"] == "2026-05-14T10:00:00+03:00"  # ten o'clock is over today


def test_a_span_of_days_lasts_to_its_end(tmp_path: Path) -> None:
    file = tmp_path / "replies.txt"
    file.write_text("\ufeffна выходных", encoding="utf-8")
    (line,) = classify(str(file), *AT).stdout.decode().splitlines()
    answer = json.loads(line)
    assert answer["text"] == "на выходных"
    assert answer["when"] == {
        "from": "2026-05-16T00:00:00+03:00",
        "to": "2026-05-17T23:59:59+03:00",
    }


def test_labelled_replies_are_scored(tmp_path: Path) -> None:
    file = tmp_path / "labelled.tsv"
    file.write_text("book\tда\nopt_out\tстоп\n# a remark\ndecline\tда\n", encoding="utf-8")
    said = classify("--eval", str(file)).stdout.decode()
    for line in ("accuracy                66.7%", "recall of opt_out      100.0%", "wanted / read"):
        assert line in said


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("nowhere.txt",), "nowhere.txt"),
        (("--eval", "nowhere.tsv"), "nowhere.tsv"),
        (("--on", "soon"), "'soon'"),
        (("--timezone", "Mars/Olympus"), "Mars/Olympus"),
    ],
)
def test_bad_input_gets_one_sentence(typed: Typed, words: tuple[str, ...], named: str) -> None:
    assert named in sentence(typed("classify", *words, code=2))


@pytest.mark.parametrize("content", ["да\n", "maybe\tда\n", ""])
def test_a_table_that_is_none_gets_one_sentence(typed: Typed, tmp_path: Path, content: str) -> None:
    file = tmp_path / "labelled.tsv"
    file.write_text(content, encoding="utf-8")
    assert "labelled.tsv" in sentence(typed("classify", "--eval", str(file), code=2))


def test_another_encoding_is_refused() -> None:
    done = classify("-", stdin="да".encode("cp1251"))
    assert done.returncode == 2, done
    assert "UTF-8" in sentence(done.stderr.decode())
