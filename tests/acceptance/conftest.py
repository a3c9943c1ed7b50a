"""The real command line, in a data folder of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from vernis.adapters.embedded import running

_URLS = {"DATABASE_URL", "REDIS_URL"}


@dataclass
class Vernis:
    """Runs `vernis` as a person would: another process, nothing but the environment."""

    home: Path
    environment: dict[str, str] = field(default_factory=dict)

    def __call__(self, *words: str, code: int = 0) -> str:
        done = subprocess.run(
            self.command(*words), capture_output=True, text=True, env=self.env, check=False
        )
        assert done.returncode == code, f"{done.stdout}\n{done.stderr}"
        return done.stdout if code == 0 else done.stderr

    def json(self, *words: str) -> Any:
        return json.loads(self(*words, "--json"))

    def start(self, *words: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            self.command(*words),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=self.env,
        )

    def command(self, *words: str) -> list[str]:
        return [str(Path(sys.executable).with_name("vernis")), *words]

    @property
    def env(self) -> dict[str, str]:
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("VERNIS_", "PYTHON")) and name not in _URLS
        }
        return inherited | {"VERNIS_HOME": str(self.home), "COLUMNS": "120"} | self.environment


@pytest.fixture
def vernis(tmp_path: Path) -> Iterator[Vernis]:
    """Its servers stay up for the whole test, as a worker would keep them."""
    home = tmp_path / "home"
    with running(home, durable=False):
        yield Vernis(home)
