"""The command line as a person types it: as processes, or in this one."""

import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from vernis.cli import main
from vernis.config import load

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


@dataclass
class Typed(Vernis):
    """The same command line in this process, where many lines are typed: a start takes a second."""

    monkeypatch: pytest.MonkeyPatch = field(kw_only=True)
    capsys: pytest.CaptureFixture[str] = field(kw_only=True)

    def __call__(self, *words: str, code: int = 0, stdin: str = "") -> str:
        load.cache_clear()
        with self.monkeypatch.context() as here:
            for name in os.environ.keys() - self.env.keys():
                here.delenv(name)
            for name, value in self.env.items():
                here.setenv(name, value)
            here.setattr(sys, "argv", ["vernis", *words])
            here.setattr(sys, "stdin", io.StringIO(stdin))
            with pytest.raises(SystemExit) as ended:
                main()
        load.cache_clear()
        said = self.capsys.readouterr()
        assert int(ended.value.code or 0) == code, f"{said.out}\n{said.err}"
        return said.out if code == 0 else said.err
