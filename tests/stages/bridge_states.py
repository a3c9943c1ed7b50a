"""A bridge on loopback that only says how its logins stand."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass
class BridgeStates:
    """`states` is what `GET /accounts/{login}` answers, by login; `asked` every path asked for."""

    states: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    url: str = ""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        path = head.split(b" ", 2)[1].decode()
        self.asked.append(path)
        login = path.rpartition("/")[2].rpartition("account=")[2]
        said = {"ids": True, "connected": True} | self.states.get(login, {"state": "connected"})
        body = json.dumps(said).encode()
        writer.write(
            b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: application/json\r\n"
            b"content-length: %d\r\n\r\n%s" % (len(body), body)
        )
        await writer.drain()
        writer.close()
        await writer.wait_closed()


@asynccontextmanager
async def bridge_states() -> AsyncIterator[BridgeStates]:
    fake = BridgeStates()
    server = await asyncio.start_server(fake.answer, "127.0.0.1", 0)
    async with server:
        fake.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield fake
