"""What is logged: JSON where it is wanted, and no word of anybody."""

import ast
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from vernis.cli.logs import JsonLines

SRC = Path(__file__).parents[1] / "src" / "vernis"
LEVELS = {"debug", "info", "warning", "error", "exception", "critical", "log"}
# What may hold something of a person, by the last word of its name.
PERSONAL = {"phone", "text", "body", "address", "payload", "said", "password", "token", "key"}
PERSONAL |= {"secret", "login", "lid", "url", "message", "reply", "draft", "content"}


def formatted(message: str, *values: object, fault: BaseException | None = None) -> dict:
    exc_info = (type(fault), fault, None) if fault else None
    record = logging.LogRecord("vernis.x", logging.INFO, "x.py", 1, message, values, exc_info)
    line = JsonLines().format(record)
    assert "\n" not in line
    return json.loads(line)


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        ("stage=plan company=7 contacts=3 seconds=0.123",
         {"stage": "plan", "company": 7, "contacts": 3, "seconds": 0.123}),
        ("stage=sync company=7 error=The CRM says no: look at the tokens.",
         {"stage": "sync", "company": 7, "error": "The CRM says no: look at the tokens."}),
        ("worker=up pid=12", {"worker": "up", "pid": 12}),
        ("No plans for companies in an unknown time zone: Nowhere", {}),
        ("level=5 seconds=nan", {"level": "INFO", "seconds": "nan"}),
        ("a\nb=«1»", {"b": "«1»"}),
    ],
)  # fmt: skip
def test_a_line_of_json_has_the_fields_of_the_line(line: str, fields: dict) -> None:
    said = formatted(line)

    assert said.items() >= fields.items()
    assert set(said) == set(fields) | {"at", "level", "logger", "message"}
    assert (said["logger"], said["message"], said["level"]) == ("vernis.x", line, "INFO")


def test_of_an_exception_its_class_is_told_and_nothing_it_quotes() -> None:
    said = formatted("stage=%s", "plan", fault=ValueError("Key (phone)=(79990000001)"))

    assert said["exception"] == "ValueError"
    assert "7999" not in json.dumps(said)


def log_calls() -> Iterator[tuple[str, ast.Call]]:
    for path in sorted(SRC.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in LEVELS
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id in {"log", "logger", "logging", "_log"}
            ):
                yield f"{path.relative_to(SRC)}:{node.lineno}", node


def named(call: ast.Call) -> Iterator[str]:
    """The last words of what a call is given, but for the numbers that `len` makes of it."""
    waiting: list[ast.AST] = [*call.args, *(k.value for k in call.keywords)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            waiting += [] if node.func.id == "len" else node.args
            continue
        if isinstance(node, ast.Name):
            yield node.id.rpartition("_")[2]
        if isinstance(node, ast.Attribute):
            yield node.attr.rpartition("_")[2]
        waiting += ast.iter_child_nodes(node)


def test_no_log_call_is_given_what_may_be_of_a_person() -> None:
    calls = list(log_calls())
    suspicious = [where for where, call in calls if PERSONAL & set(named(call))]

    assert len(calls) > 20
    assert suspicious == []


def test_no_log_call_formats_by_itself() -> None:
    """Else what it says is decided where nobody looks for it; and it costs where nobody hears."""
    assert [where for where, call in log_calls() if isinstance(call.args[0], ast.JoinedStr)] == []


def test_no_log_call_tells_an_exceptions_text() -> None:
    told = [where for where, call in log_calls() if call.func.attr == "exception"]  # type: ignore[attr-defined]

    assert told == []
