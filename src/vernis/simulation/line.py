"""What connects the simulated clients' phones with Vernis: the sandbox, or any other channel."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from typing import Protocol, TypeAlias

from vernis.app import App
from vernis.domain import Company
from vernis.stages import receiving, sandbox
from vernis.stages.receiving import Stored


class Line(Protocol):
    """The clients' end of a channel."""

    async def say(self, *, phone: str, text: str, now: datetime) -> Stored:
        """A client writes: where the message went once Vernis has stored it."""
        ...

    async def settle(self) -> None:
        """What has left arrives, and what the channel tells of it is taken in."""
        ...


# Sets a company up with a channel; the line is open inside the block.
OpenLine: TypeAlias = Callable[[App, Company], AbstractAsyncContextManager[Line]]


@asynccontextmanager
async def over_sandbox(app: App, company: Company) -> AsyncIterator[Line]:
    """The account that every company starts with."""
    yield _Sandbox(app, company)


class _Sandbox:
    def __init__(self, app: App, company: Company) -> None:
        self._app = app
        self._company = company

    async def say(self, *, phone: str, text: str, now: datetime) -> Stored:
        app, company = self._app, self._company
        inbound = await sandbox.say(app.db, company, phone=phone, text=text, now=now)
        return await receiving.receive(app.db, company, inbound, now=now, hash_phone=app.hash_phone)

    async def settle(self) -> None:
        """It arrived with the call, and nobody tells of it."""
