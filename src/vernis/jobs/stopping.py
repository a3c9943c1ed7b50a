"""A stop that somebody asks for: nothing new begins, calls under way get some seconds more."""

import asyncio
from collections.abc import Sequence

from vernis import tracing
from vernis.domain import Account, Connected, Outgoing, Receipt
from vernis.errors import OutcomeUnknownError, RefusedError
from vernis.ports import Channel


class Stop:
    """Whether this process must end. `grace_seconds` after it was asked, calls are given up."""

    def __init__(self, *, grace_seconds: float) -> None:
        self._grace_seconds = grace_seconds
        self._asked = asyncio.Event()
        self._late = asyncio.Event()

    @property
    def asked(self) -> bool:
        return self._asked.is_set()

    @property
    def late(self) -> bool:
        return self._late.is_set()

    def ask(self) -> None:
        """From the loop's own thread; more than once changes nothing."""
        if not self.asked:
            self._asked.set()
            asyncio.get_running_loop().call_later(self._grace_seconds, self._late.set)

    async def wait(self, seconds: float) -> None:
        """Sleep, but not longer than until somebody asks for the stop."""
        try:
            async with asyncio.timeout(seconds):
                await self._asked.wait()
        except TimeoutError:
            return

    async def wait_until_asked(self) -> None:
        await self._asked.wait()

    async def wait_until_late(self) -> None:
        await self._late.wait()


class Hurried:
    """A channel whose calls end when the time is up, so that what is held can be handed back.

    A call given up has an unknown outcome, one not begun certainly did not leave: the sending
    stage settles both as it settles any such answer.
    """

    def __init__(self, channel: Channel, stop: Stop) -> None:
        self._channel = channel
        self._stop = stop
        self.name = channel.name
        self.abilities = channel.abilities

    def message_id(self, account: Account, message: Outgoing) -> str | None:
        return self._channel.message_id(account, message)

    async def look_up(self, account: Account, phones: Sequence[str]) -> dict[str, bool]:
        return {} if self._stop.asked else await self._channel.look_up(account, phones)

    async def connection(self, account: Account) -> Connected:
        return await self._channel.connection(account)

    async def aclose(self) -> None:
        await self._channel.aclose()

    async def send(self, account: Account, message: Outgoing) -> Receipt:
        if self._stop.late:
            raise RefusedError("stopping", temporary=True)
        with tracing.span("channel.send", channel=self.name):
            return await self._sent(account, message)

    async def _sent(self, account: Account, message: Outgoing) -> Receipt:
        call = asyncio.ensure_future(self._channel.send(account, message))
        late = asyncio.ensure_future(self._stop.wait_until_late())
        try:
            await asyncio.wait({call, late}, return_when=asyncio.FIRST_COMPLETED)
            if call.done():
                return call.result()
            raise OutcomeUnknownError("The process had to end before the channel answered.")
        finally:
            call.cancel()
            late.cancel()
