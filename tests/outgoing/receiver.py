"""A receiver of webhooks on the loopback, and its signature check, written independently."""

import asyncio
import base64
import hashlib
import hmac
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

from tests.channels.wire import Asked, FakeServer, Reply


@dataclass(kw_only=True)
class Receiver(FakeServer):
    """Answers with `says`, one after the other, and then with the last one again."""

    says: list[Reply] = field(default_factory=lambda: [Reply(status=204, text="")])
    tls: ssl.SSLContext | None = None
    silent: bool = False  # takes the connection and says nothing
    connections: int = 0
    _moved: asyncio.Event = field(default_factory=asyncio.Event)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(
            self._connected, "127.0.0.1", 0, ssl=self.tls, backlog=500
        )
        return self

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    @property
    def bodies(self) -> list[Any]:
        return [asked.body for asked in self.asked]

    async def until(self, reached: Callable[[], bool]) -> None:
        """Wait until what arrives here has made something true."""
        while not reached():
            self._moved.clear()
            await self._moved.wait()

    def reply(self, asked: Asked) -> Reply:
        self._moved.set()
        return self.says.pop(0) if len(self.says) > 1 else self.says[0]

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        self.connections += 1
        self._moved.set()
        if self.silent:
            await asyncio.Event().wait()
        await super()._one(reader, writer)
        return False


def is_signed(asked: Asked, secret: str) -> bool:
    """By the words of the specification, with nothing of ours."""
    key = base64.standard_b64decode(secret[len("whsec_") :])
    signed = b".".join(
        [
            asked.headers["webhook-id"].encode(),
            asked.headers["webhook-timestamp"].encode(),
            asked.content,
        ]
    )
    wanted = "v1," + base64.standard_b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    return wanted in asked.headers["webhook-signature"].split(" ")
