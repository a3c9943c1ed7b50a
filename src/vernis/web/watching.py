"""Who may see more than whether we are well, and figures that are not counted at each question."""

import asyncio
import hmac
import logging
from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from time import monotonic
from typing import Generic, TypeVar

import psycopg
from fastapi import Request
from psycopg_pool import PoolTimeout
from pydantic import SecretStr

from vernis.stages import health
from vernis.stages.health import Figures, Run
from vernis.web.keys import vernis_of

log = logging.getLogger(__name__)
T = TypeVar("T")

SECONDS = 2.0  # an answer later than this is none
FRESH_SECONDS = 5.0
LONGEST_SECONDS = 60.0  # of one count; then it is given up
SHARE = 50  # counting takes at most this part of the time of one connection
SILENT_HEARTBEATS = 3
_FORWARDED = ("x-forwarded-for", "x-real-ip", "forwarded", "x-forwarded-host", "via")


def may_look(request: Request) -> bool:
    """Whoever shows VERNIS_METRICS_TOKEN; where none is set, whoever asks from this machine.

    What a proxy brings came from somewhere else, wherever the proxy is.
    """
    token = vernis_of(request).settings.metrics_token
    said = request.headers.get("authorization", "")
    if token is not None:
        return shows(token, said)
    if request.client is None or any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def shows(token: SecretStr, authorization: str) -> bool:
    """Whether an Authorization header is this bearer token."""
    right = f"Bearer {token.get_secret_value()}"
    return hmac.compare_digest(right.encode(), authorization.encode())


class Fresh(Generic[T]):
    """What a question brought some seconds ago; asked again by one at a time.

    The longer the answer takes, the longer it is kept. Who waits too long gets the last one.
    """

    def __init__(self, ask: Callable[[], Awaitable[T]]) -> None:
        self._ask = ask
        self._asking: asyncio.Task[None] | None = None
        self._last: T | None = None
        self._until = 0.0
        self.counted_at = 0.0  # monotonic

    async def get(self) -> T | None:
        """The answer, None where there is none yet."""
        if monotonic() >= self._until:
            if self._asking is None or self._asking.done():
                self._asking = asyncio.create_task(self._renew())
            await asyncio.wait({self._asking}, timeout=SECONDS)
        return self._last

    async def _renew(self) -> None:
        began = monotonic()
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                self._last = await self._ask()
            self.counted_at = monotonic()
        except (psycopg.Error, PoolTimeout, TimeoutError, OSError) as error:
            self._last = None
            log.warning("health=uncounted error=%s", type(error).__name__)
        self._until = monotonic() + max(FRESH_SECONDS, SHARE * (monotonic() - began))


def figures_of(request: Request) -> "Fresh[Figures]":
    """The totals, shared by all who ask this process."""
    state, app = request.app.state, vernis_of(request)

    async def ask() -> Figures:
        silent = SILENT_HEARTBEATS * app.settings.heartbeat_seconds
        return await health.count(app.db, now=app.clock(), silent_seconds=silent)

    if not hasattr(state, "figures"):
        state.figures = Fresh(ask)
    figures: Fresh[Figures] = state.figures
    return figures


def runs_of(request: Request) -> "Fresh[tuple[Run, ...]]":
    """The newest runs, shared by all who ask this process."""
    state, app = request.app.state, vernis_of(request)

    async def ask() -> tuple[Run, ...]:
        return await health.runs(app.db, now=app.clock())

    if not hasattr(state, "runs"):
        state.runs = Fresh(ask)
    runs: Fresh[tuple[Run, ...]] = state.runs
    return runs
