"""The numbers that messages leave from, as a person sets them up: account, notices, doctor."""

import io
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from login_bridge import SECRET, LoginBridge, login_bridge

from vernis import config
from vernis.cli import main


@dataclass
class Terminal:
    """`vernis` in this process: its commands are many here, and each start takes a while."""

    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *words: str, code: int = 0, typed: str = "") -> str:
        config.load.cache_clear()  # a new process reads its settings anew
        self.monkeypatch.setattr(sys, "argv", ["vernis", *words])
        self.monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = self.capsys.readouterr()
        assert (ended.value.code or 0) == code, f"{out}\n{err}"
        return out + err

    def json(self, *words: str) -> Any:
        return json.loads(self(*words, "--json"))


@pytest.fixture
def bridge() -> Iterator[LoginBridge]:
    with login_bridge() as fake:
        yield fake


@pytest.fixture
def salon(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    bridge: LoginBridge,
    tmp_path: Path,
    database_url: str,
    redis_url: str,
) -> Iterator[Terminal]:
    for name, value in {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "VERNIS_HOME": str(tmp_path / "home"),
        "VERNIS_BRIDGE_URL": bridge.url,
        "VERNIS_BRIDGE_SECRET": SECRET,
        "COLUMNS": "120",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("vernis.cli.accounts.LOOK_SECONDS", 0.01)
    file = tmp_path / "visits.csv"
    file.write_text(
        "Дата;Клиент;Телефон;Услуга;Сумма\n01.03.2024;Анна;79990000001;Стрижка;2500\n",
        encoding="utf-8",
    )
    terminal = Terminal(monkeypatch, capsys)
    terminal("import", str(file), "--company", "Лён", "--country", "RU", "--timezone",
             "Europe/Moscow", "--currency", "RUB", "--kind", "visits")  # fmt: skip
    yield terminal
    config.load.cache_clear()


def test_a_number_is_added_linked_limited_paused_and_removed(
    salon: Terminal, bridge: LoginBridge
) -> None:
    said = salon("account", "add", "baileys", "front desk", "--address", "desk", "--daily", "40")
    assert "vernis account login 'front desk'" in said
    desk, sandbox = salon.json("account", "list")
    assert (desk["name"], desk["position"], desk["pace"]["daily_limit"]) == ("front desk", 1, 40)
    assert (sandbox["name"], sandbox["position"]) == ("sandbox", None)

    linked = salon("account", "login", "front desk")
    assert "▀" in linked  # the QR code
    assert f"{bridge.url}/login/desk?key=k" in linked
    assert "front desk is linked." in linked
    assert salon("account", "check", "front desk") == "front desk is connected.\n"

    salon("account", "set", "front desk", "new_chats=9", "name=desk")
    salon("account", "pause", "DESK")
    listed = salon("account", "list")
    for words in (
        "paused since",
        "somebody paused it",
        "0 of 9 new chats",
        "warms up",
        "rehearses",
    ):
        assert words in listed
    assert "desk: it rests: somebody paused it." in salon("notices")
    assert salon("notices") == "Nothing new.\n"
    assert [one["kind"] for one in salon.json("notices", "--seen")] == ["account_paused"]
    assert "BAD Лён, desk: paused since" in salon("doctor", code=1)
    assert salon("account", "resume", "desk") == "The account desk goes on.\n"
    assert salon("account", "resume", "desk") == "The account desk was not paused.\n"
    assert "ok  Лён, desk: connected." in salon("doctor")
    assert salon("account", "remove", "desk") == "The account desk is removed.\n"
    assert bridge.asked[-1] == ("DELETE", "/accounts/desk", None)
    assert bridge.state == "logged_out"
    assert [one["name"] for one in salon.json("account", "list")] == ["sandbox"]


def test_what_is_wrong_is_said_in_a_sentence_and_a_token_is_never_shown(
    salon: Terminal, bridge: LoginBridge
) -> None:
    assert "set VERNIS_WAHA_URL" in salon("account", "add", "waha", "w", "--address", "s", code=2)
    assert "needs an address" in salon("account", "add", "baileys", "desk", code=2)
    token = "EAA-not-a-real-token"
    adding = ("account", "add", "baileys", "desk", "--address", "desk", "--token-stdin")
    said = salon(*adding, typed=f"{token}\n")
    assert token not in said + salon("account", "list", "--json")
    assert "has this address already" in salon(
        "account", "add", "baileys", "two", "--address", "desk", code=1
    )
    assert "at least 10 seconds" in salon("account", "set", "desk", "gap=3", code=2)
    assert "Say what to change" in salon("account", "set", "desk", code=2)
    assert "has no account «nobody»" in salon("account", "check", "nobody", code=2)
    assert "whole number of the phone" in salon("account", "login", "desk", "--phone", "12", code=2)
    linked = salon("account", "login", "desk", "--phone", "+7 999 000-00-01")
    assert "type ABCD1234" in linked
    assert ("POST", "/accounts", {"account": "desk", "phone": "79990000001"}) in bridge.asked
    assert "79990000001" not in linked

    salon("account", "add", "baileys", "other", "--address", "never-linked")
    assert salon("account", "remove", "other") == "The account other is removed.\n"

    salon.monkeypatch.setenv("VERNIS_BRIDGE_URL", "http://127.0.0.1:9")
    assert "start it" in salon("account", "login", "desk", code=2)
    assert "start it" in salon("doctor", code=1)
    salon.monkeypatch.delenv("VERNIS_BRIDGE_URL")
    assert "VERNIS_BRIDGE_URL and VERNIS_BRIDGE_SECRET" in salon("doctor", code=1)

    salon.monkeypatch.setenv("VERNIS_BRIDGE_URL", "http://127.0.0.1:9")
    removed, still_linked = salon("account", "remove", "desk").splitlines()
    assert removed == "The account desk is removed."
    assert still_linked.startswith("Unlink its phone there, in WhatsApp under Linked devices,")
    assert still_linked.endswith("start it, or correct VERNIS_BRIDGE_URL).")
