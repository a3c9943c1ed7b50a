"""The bridge's own tests, run by Node.js: its process over real HTTP, a WhatsApp that is not there.

What they promise stands in their names: bridge/test/*.test.js.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest
from bridge_package import FOLDER, NODE, install

FILES = sorted(FOLDER.glob("test/*.test.js"))


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.name.split(".")[0])
def test_the_bridge_keeps_what_its_own_tests_promise(file: Path) -> None:
    install()
    done = subprocess.run(
        [NODE, "--test", "--test-reporter=spec", file],
        cwd=FOLDER,
        env={"PATH": os.environ.get("PATH", "")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_all_that_the_bridge_installs_comes_from_the_npm_registry_alone() -> None:
    packages = json.loads((FOLDER / "package-lock.json").read_text())["packages"]
    asked = [packages.pop(""), *packages.values()]
    wanted = {version for one in asked for version in one.get("dependencies", {}).values()}

    assert not [version for version in wanted if ":" in version or "/" in version]
    assert all("integrity" in one and "resolved" not in one for one in packages.values())
