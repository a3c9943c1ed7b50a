"""What the fakes of all channels stand on: an HTTP server on the loopback that remembers what it
was asked, misbehaves as it is told, and posts webhooks."""

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit


class How(StrEnum):
    """How a server treats messages to a phone."""

    NOT_ON_WHATSAPP = "not_on_whatsapp"
    RATE_LIMITED = "rate_limited"  # with Retry-After: 17 where the channel says one
    LOGGED_OUT = "logged_out"
    UNAUTHORISED = "unauthorised"
    RESTRICTED = "restricted"
    NOT_CONNECTED = "not_connected"
    INVALID = "invalid"
    LOST = "lost"  # it is sent, and the connection breaks before the answer
    UNREADABLE = "unreadable"  # it is sent, and a page comes back instead of an answer
    FAULT = "fault"  # 500


RETRY_AFTER = 17


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request as it arrived. `target` is the path with its query as it stood on the wire."""

    method: str
    target: str
    headers: dict[str, str]
    content: bytes

    @property
    def path(self) -> str:
        return unquote(urlsplit(self.target).path)

    @property
    def query(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.target).query).items()}

    @property
    def body(self) -> Any:
        return json.loads(self.content) if self.content else None


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What goes back: JSON, or text as it is; `breaks` closes the connection instead."""

    status: int = 200
    body: Any = None
    text: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    breaks: bool = False


LOST = Reply(breaks=True)
UNREADABLE = Reply(text="<html><body>502 somewhere behind</body></html>")


@dataclass(frozen=True, kw_only=True)
class Delivered:
    """A message as it reached a client's phone."""

    message_id: str
    text: str
    phone: str | None = None
    lid: str | None = None


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A webhook, ready to be posted: the raw bytes and their headers."""

    content: bytes
    headers: dict[str, str]

    @property
    def body(self) -> Any:
        return json.loads(self.content)


@dataclass(kw_only=True)
class FakeServer:
    """Base of the fakes. A subclass answers in `reply`; `sends` tells its sending path."""

    asked: list[Asked] = field(default_factory=list)
    answered: list[Reply] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)  # what a real server would have refused
    reached: list[Delivered] = field(default_factory=list)
    behaviours: dict[str, How] = field(default_factory=dict)
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    sends = "/send"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    @property
    def requests(self) -> int:
        """How often it was asked to send."""
        return sum(asked.path.startswith(self.sends) for asked in self.asked)

    def behave(self, phone: str, how: How) -> None:
        self.behaviours[phone] = how

    async def delivered(self) -> list[Delivered]:
        """What clients have received, in order."""
        return list(self.reached)

    async def post(self, url: str, letter: Letter) -> int:
        """Deliver a webhook as the real one does; returns the status of the answer."""
        import httpx2

        async with httpx2.AsyncClient(trust_env=False) as client:
            answer = await client.post(url, content=letter.content, headers=letter.headers)
        return answer.status_code

    def reply(self, asked: Asked) -> Reply:
        raise NotImplementedError

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
                while await self._one(reader, writer):
                    pass
        finally:
            writer.close()
            self._tasks.discard(task)

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.strip().split("\r\n")
        method, target, _ = first.split(" ", 2)
        headers = {k.lower(): v.strip() for k, v in (line.split(":", 1) for line in lines)}
        content = await reader.readexactly(int(headers.get("content-length", 0)))
        asked = Asked(method=method, target=target, headers=headers, content=content)
        self.asked.append(asked)
        reply = self.reply(asked)
        self.answered.append(reply)
        if reply.breaks:
            return False
        payload = (
            json.dumps(reply.body, ensure_ascii=False) if reply.text is None else reply.text
        ).encode()
        kind = "application/json" if reply.text is None else "text/html"
        fields = {"content-type": kind, "content-length": str(len(payload)), **reply.headers}
        told = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        writer.write(f"HTTP/1.1 {reply.status} X\r\n{told}\r\n".encode() + payload)
        await writer.drain()
        return True


@dataclass(kw_only=True)
class Mailbox(FakeServer):
    """Takes webhooks in: what arrived is in `asked`."""

    def reply(self, asked: Asked) -> Reply:
        return Reply(body={})


def unix(at: datetime) -> int:
    return int(at.timestamp())
