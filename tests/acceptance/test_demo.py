"""The demo as a stranger sees it."""

import json
import os
import re
import signal
import sys
from pathlib import Path
from subprocess import PIPE, Popen

import httpx2
import pytest
from typer.testing import CliRunner
from workers import until

from vernis.cli import app

SMALL = ("--weeks", "1", "--clients", "150")
# Servers of somebody's real work: a rehearsal never touches them.
REAL = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/real", "REDIS_URL": "redis://127.0.0.1:1"}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def start(home: Path, *words: str, **environment: str) -> "Popen[str]":
    command = [str(Path(sys.executable).with_name("vernis")), *words]
    env = os.environ | {"VERNIS_HOME": str(home), "COLUMNS": "100"} | environment
    return Popen(command, stdout=PIPE, stderr=PIPE, text=True, env=env)


def done(*processes: "Popen[str]") -> list[str]:
    """What they printed; all have ended before any is judged."""
    printed = [process.communicate() for process in processes]
    for process, (_, error) in zip(processes, printed, strict=True):
        assert process.returncode == 0, error
    return [output for output, _ in printed]


def test_two_runs_at_once_print_the_same_and_leave_nothing(home: Path) -> None:
    first, second = done(*(start(home, "demo", "--once", *SMALL, **REAL) for _ in "12"))
    assert first == second
    assert "One client:" in first
    assert "Lift" in first
    assert not home.exists()


def test_the_salon_lives_on_in_the_browser_until_it_is_stopped(home: Path) -> None:
    words = ("demo", "--once", "--pages", "--weeks", "1", "--clients", "60")
    process = start(home, *words, VERNIS_WEB_PORT="0", **REAL)
    assert process.stdout is not None
    try:
        said = (re.search(r"http://\S+/demo/\S+", line) for line in process.stdout)
        address = next(found[0] for found in said if found)
        with httpx2.Client(follow_redirects=True, headers={"accept-language": "ru"}) as visitor:
            assert visitor.get(address[:-1]).status_code == 404, "only with the whole address"
            page = visitor.get(address)
            assert page.url.path == "/c/1/"
            assert "Лён" in page.text
            before = _now(visitor, page.url)
            until(lambda: _now(visitor, page.url) > before, "time goes on")
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.communicate()
    assert not home.exists()


def _now(visitor: httpx2.Client, home: httpx2.URL) -> str:
    """The salon's time, by when this browser was last seen."""
    page = visitor.get(home.join("/account"))
    return max(re.findall(r"\d\d:\d\d UTC", page.text))


def test_what_it_says_to_try_next_works(home: Path) -> None:
    (printed,) = done(start(home, "demo", *SMALL, "--json", **REAL))
    result = json.loads(printed)
    key, kept = result["story"]["client_key"], home / "demo"
    ours = {"DATABASE_URL": "", "REDIS_URL": ""}
    explained, reported = done(
        start(kept, "explain", f"key:{key}", "--on", "2026-03-09", **ours),
        start(kept, "report", "--at", "2026-03-09T00:00", "--json", **ours),
    )
    assert result["story"]["name"] in explained
    assert json.loads(reported)["totals"] == result["report"]["totals"]


def test_a_simulation_gives_the_figures_of_a_policy() -> None:
    small = ["--weeks", "1", "--clients", "60", "--seed", "2", "--holdout", "30", "--cap", "5"]
    run = CliRunner().invoke(app, ["simulate", *small, "--json"])
    assert run.exit_code == 0, run.stderr
    figures = json.loads(run.stdout)
    assert figures["policy"]["daily_cap"] == 5
    assert 0 < figures["contact"]["sent"] <= 5 * 7
    assert figures["dialogs"]["recognised"] == figures["dialogs"]["replies"]
