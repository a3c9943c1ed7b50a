"""Proxies on the loopback: HTTP (both by whole address and by CONNECT) and SOCKS5."""

import asyncio
import struct
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from fake_models import FakeModel


@dataclass(kw_only=True)
class FakeProxy:
    """Passes on whatever comes, wherever it wants to go, to one fake model; or refuses."""

    scheme: str  # http or socks5
    behind: FakeModel | None = None  # None: refuses
    asked_for: list[str] = field(default_factory=list)
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def __aenter__(self) -> "FakeProxy":
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
        return f"{self.scheme}://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
                talk = self._http if self.scheme == "http" else self._socks
                first = await talk(reader, writer)
                if first is not None and self.behind is not None:
                    await self._pass_on(first, reader, writer)
        finally:
            writer.close()
            self._tasks.discard(task)

    async def _http(self, reader, writer) -> bytes | None:
        head = await reader.readuntil(b"\r\n\r\n")
        method, target, rest = head.split(b" ", 2)
        self.asked_for.append(target.decode())
        if self.behind is None:
            writer.write(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")
            return None
        if method == b"CONNECT":
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
            return b""
        path = urlsplit(target.decode()).path.encode()
        return b" ".join([method, path, rest])

    async def _socks(self, reader, writer) -> bytes | None:
        """RFC 1928, without authentication."""
        _, count = await reader.readexactly(2)
        await reader.readexactly(count)
        writer.write(b"\x05\x00")
        _, _, _, kind = await reader.readexactly(4)
        length = 4 if kind == 1 else (await reader.readexactly(1))[0]
        host = await reader.readexactly(length)
        (port,) = struct.unpack(">H", await reader.readexactly(2))
        name = ".".join(map(str, host)) if kind == 1 else host.decode()
        self.asked_for.append(f"{name}:{port}")
        code = b"\x05" if self.behind is None else b"\x00"
        writer.write(b"\x05" + code + b"\x00\x01\x7f\x00\x00\x01\x00\x00")
        return None if self.behind is None else b""

    async def _pass_on(self, first: bytes, reader, writer) -> None:
        assert self.behind is not None
        inner, outer = await asyncio.open_connection("127.0.0.1", self.behind.port)
        outer.write(first)

        async def copy(source, target) -> None:
            while data := await source.read(65536):
                target.write(data)
                await target.drain()

        pair = [
            asyncio.ensure_future(copy(reader, outer)),
            asyncio.ensure_future(copy(inner, writer)),
        ]
        try:
            await asyncio.wait(pair, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in pair:
                one.cancel()
            outer.close()
