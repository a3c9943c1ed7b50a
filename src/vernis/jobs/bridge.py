"""The bridge beside `vernis up`: a Node.js process that is started, watched and ended with us."""

import asyncio
import logging
import os
import shutil
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from vernis.app import App
from vernis.config import Settings
from vernis.errors import ConfigError

log = logging.getLogger(__name__)

END_SECONDS = 5.0  # for what it still has to write down
PAUSES = (1.0, 2.0, 5.0, 10.0, 30.0)  # before it is started again


class BridgeProcess:
    """One bridge, as the settings name it. Raises ConfigError where it cannot be started."""

    def __init__(self, settings: Settings, *, web_address: str) -> None:
        if settings.bridge_dir is None or not settings.bridge_url or not settings.bridge_secret:
            raise ConfigError(
                "VERNIS_BRIDGE_DIR starts the bridge with Vernis: set VERNIS_BRIDGE_URL (like"
                " http://127.0.0.1:3003) and VERNIS_BRIDGE_SECRET as well."
            )
        self._main = settings.bridge_dir / "src" / "main.js"
        self._node = shutil.which("node")
        _require(self._main, self._node)
        where = urlsplit(settings.bridge_url)
        self._environment = os.environ | {
            "BRIDGE_SECRET": settings.bridge_secret.get_secret_value(),
            "BRIDGE_HOST": where.hostname or "127.0.0.1",
            "BRIDGE_PORT": str(where.port or 3003),
            "BRIDGE_WEBHOOK": f"{web_address}/webhooks/bridge",
            "BRIDGE_DATA": str(settings.home / "bridge"),
        }

    async def __call__(self, _: App, stopped: Callable[[], Awaitable[None]]) -> None:
        """Keep it running until `stopped` returns."""
        stopping = asyncio.create_task(_wait(stopped))
        failures = 0
        while not stopping.done():
            began = asyncio.get_running_loop().time()
            code = await self._run_once(stopping)
            if stopping.done():
                return
            lasted = asyncio.get_running_loop().time() - began
            failures = 0 if lasted > PAUSES[-1] else failures + 1
            pause = PAUSES[min(failures, len(PAUSES) - 1)]
            log.warning("bridge=ended code=%d again_in=%.0fs", code, pause)
            await asyncio.wait({stopping}, timeout=pause)

    async def _run_once(self, stopping: "asyncio.Task[None]") -> int:
        assert self._node is not None
        process = await asyncio.create_subprocess_exec(
            self._node, str(self._main), env=self._environment, stdin=asyncio.subprocess.DEVNULL
        )
        log.info("bridge=up pid=%d", process.pid)
        ended = asyncio.create_task(process.wait())
        both: set[asyncio.Task[Any]] = {ended, stopping}
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        if not ended.done():
            process.terminate()
            await asyncio.wait({ended}, timeout=END_SECONDS)
            if not ended.done():
                with suppress(ProcessLookupError):
                    process.kill()
            log.info("bridge=down")
        return await ended


async def _wait(stopped: Callable[[], Awaitable[None]]) -> None:
    await stopped()


def _require(main: Path, node: str | None) -> None:
    if not main.is_file():
        raise ConfigError(
            f"VERNIS_BRIDGE_DIR is {main.parents[1]}, and there is no bridge: name the folder"
            " `bridge` of Vernis."
        )
    if node is None:
        raise ConfigError("The bridge needs Node.js 20 or newer: install it, then start again.")
    if not (main.parents[1] / "node_modules").is_dir():
        raise ConfigError(f"The bridge is not installed: run `npm ci` in {main.parents[1]}.")
