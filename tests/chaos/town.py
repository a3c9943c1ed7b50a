"""The world around Vernis: phones, the two channels that reach them, and what these report.

One server plays Meta's Graph API and our bridge at the wire. It writes down every request and what
each phone shows, loses answers where it is told to, and posts statuses and replies as the real ones
do: signed, again until a 2xx, some of them twice. It outlives every process of Vernis.
"""

import asyncio
import hashlib
import hmac
import json
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

import httpx2

BRIDGE_SECRET = "a-secret-of-the-chaos-bridge"
CLOUD_TOKEN = "EAAfake-token-of-the-chaos"
APP_SECRET = "an-app-secret-of-the-chaos"
NUMBER, BUSINESS, LOGIN = "106500000000001", "102200000000002", "salon"
TEMPLATE = {"name": "come_back", "language": "ru"}

SAYS = (
    "Здравствуйте, а сколько стоит?",
    "Спасибо, не сейчас",
    "Можно завтра вечером?",
    "Больше не пишите мне",
    "Да, запишите",
)


@dataclass(frozen=True, slots=True)
class Sent:
    """A request to send that arrived here. `message_id` is what the phone knows it by."""

    channel: str
    key: str
    phone: str
    message_id: str
    at: float


@dataclass
class Town:
    """`webhooks` is where Vernis listens; nothing is posted without it."""

    webhooks: str = ""
    seed: int = 0
    slow: tuple[float, float] = (0.0, 0.0)  # seconds that an answer takes
    loses: Callable[[str], bool] = lambda _: False  # by key: taken, and the connection breaks
    reply_share: float = 0.0
    twice_share: float = 0.0
    requests: list[Sent] = field(default_factory=list)
    shown: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    said: dict[str, str] = field(default_factory=dict)  # id of an inbound message -> phone
    acknowledged: Counter[str] = field(default_factory=Counter)  # by id of the inbound message
    posted: int = 0
    refused: Counter[int] = field(default_factory=Counter)  # answers to webhooks other than 2xx
    progress: list[float] = field(default_factory=list)
    on_request: Callable[[Sent], None] | None = None
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[Any]] = field(default_factory=set)
    _waiting: int = 0
    _client: httpx2.AsyncClient | None = None

    async def __aenter__(self) -> Self:
        self._random = random.Random(self.seed)
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self._client = httpx2.AsyncClient(trust_env=False, timeout=20)
        self._in_order = asyncio.Lock()
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server
        assert self._client
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._client.aclose()

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    @property
    def settings(self) -> dict[str, str]:
        """How Vernis finds both channels here."""
        return {
            "VERNIS_BRIDGE_URL": self.url,
            "VERNIS_BRIDGE_SECRET": BRIDGE_SECRET,
            "VERNIS_CLOUD_BASE_URL": f"{self.url}/v23.0",
            "VERNIS_CLOUD_TOKEN": CLOUD_TOKEN,
            "VERNIS_CLOUD_APP_SECRET": APP_SECRET,
        }

    @property
    def is_quiet(self) -> bool:
        """Whether nobody has anything more to say, and every webhook has been answered 2xx."""
        return self._waiting == 0

    def later(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- the servers ----------------------------------------------------------------------------

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
        answer = self._answer(method, urlsplit(target).path, content)
        if self.slow[1]:
            await asyncio.sleep(self._random.uniform(*self.slow))
        if answer is None:
            return False
        payload = json.dumps(answer).encode()
        told = f"content-type: application/json\r\ncontent-length: {len(payload)}"
        writer.write(f"HTTP/1.1 200 OK\r\n{told}\r\n\r\n".encode() + payload)
        await writer.drain()
        return True

    def _answer(self, method: str, path: str, content: bytes) -> dict[str, Any] | None:
        """None: the connection breaks instead."""
        if method == "POST" and path == "/send":
            return self._by_bridge(json.loads(content))
        if method == "POST" and path == f"/v23.0/{NUMBER}/messages":
            return self._by_cloud(json.loads(content))
        if path == "/numbers":
            return {
                "numbers": [{"phone": p, "exists": True} for p in json.loads(content)["phones"]]
            }
        if path.endswith("/message_templates"):
            body = {"type": "BODY", "text": "Здравствуйте! {{1}} Ответьте «стоп»."}
            approved = {"status": "APPROVED", "category": "MARKETING", "components": [body]}
            return {"data": [TEMPLATE | approved]}
        if path == f"/v23.0/{NUMBER}":
            tier = {"messaging_limit_tier": "TIER_UNLIMITED", "quality_rating": "GREEN"}
            return {"id": NUMBER, "status": "CONNECTED", **tier}
        return {"connected": True, "state": "connected", "ids": True, "account": LOGIN}

    def _by_bridge(self, letter: dict[str, Any]) -> dict[str, Any] | None:
        """Delivers a message with a key once, however often it is asked to."""
        key, phone = letter["id"], letter["phone"]
        digest = hashlib.sha256(f"{letter['account']}\n{key}".encode()).hexdigest()
        message_id = "3EB0" + digest[:36].upper()
        repeated = message_id in self.shown[phone]
        self._take(Sent("baileys", key, phone, message_id, time.monotonic()), repeated=repeated)
        if self.loses(key):
            return None
        return {"success": True, "messageId": message_id, "repeated": repeated}

    def _by_cloud(self, body: dict[str, Any]) -> dict[str, Any] | None:
        """Knows no keys: what is asked twice arrives twice."""
        key, phone = body["biz_opaque_callback_data"], body["to"]
        message_id = f"wamid.{len(self.requests)}"
        self._take(Sent("cloud", key, phone, message_id, time.monotonic()), repeated=False)
        if self.loses(key):
            return None
        return {"messaging_product": "whatsapp", "messages": [{"id": message_id}]}

    def _take(self, sent: Sent, *, repeated: bool) -> None:
        self.requests.append(sent)
        self.progress.append(sent.at)
        self.shown[sent.phone][sent.message_id] = sent.key
        if self.on_request:
            self.on_request(sent)
        if self.webhooks and not repeated:
            self._waiting += 1
            self.later(self._live(sent))

    # --- the people -----------------------------------------------------------------------------

    async def _live(self, sent: Sent) -> None:
        """What a phone does after a message: it has it, shows it, and somebody may answer."""
        try:
            await self._react(sent)
        finally:
            self._waiting -= 1

    async def _react(self, sent: Sent) -> None:
        await asyncio.sleep(self._random.uniform(0, 0.2))
        told = ["delivered", "read"] if self._random.random() < 0.7 else ["delivered"]
        if sent.channel == "cloud" and self._random.random() < 0.3:
            told.reverse()  # Meta promises no order
        for status in told:
            self.post(sent.channel, statuses=[self._status(sent, status)])
        if not sent.key.startswith("r") or self._random.random() >= self.reply_share:
            return
        await asyncio.sleep(self._random.uniform(0, 0.3))
        for _ in range(1 if self._random.random() < 0.9 else 2):
            self.say(sent.channel, sent.phone, self._random.choice(SAYS))

    def report(self, sent: Sent, status: str) -> None:
        self.post(sent.channel, statuses=[self._status(sent, status)])

    def say(self, channel: str, phone: str, text: str) -> None:
        """A client writes, without quoting."""
        message_id = f"IN{len(self.said)}"
        self.said[message_id] = phone
        self.post(channel, messages=[message(channel, message_id, phone, text)], about=message_id)

    def _status(self, sent: Sent, status: str) -> dict[str, Any]:
        now = int(time.time())
        if sent.channel == "baileys":
            return {"messageId": sent.message_id, "status": status, "timestamp": now}
        told = {"id": sent.message_id, "status": status, "timestamp": str(now)}
        return told | {"recipient_id": sent.phone, "biz_opaque_callback_data": sent.key}

    # --- webhooks -------------------------------------------------------------------------------

    def post(self, channel: str, *, about: str | None = None, **items: Any) -> None:
        """Until it is answered 2xx; some are delivered once more after that."""
        for _ in range(2 if self._random.random() < self.twice_share else 1):
            self._waiting += 1
            self.later(self._until_taken(channel, items, about))

    async def _until_taken(self, channel: str, items: dict[str, Any], about: str | None) -> None:
        if channel == "baileys":
            async with self._in_order:
                await self._insist(channel, items, about)
        else:
            await self._insist(channel, items, about)

    async def _insist(self, channel: str, items: dict[str, Any], about: str | None) -> None:
        assert self._client is not None
        where = self.webhooks + ("/webhooks/bridge" if channel == "baileys" else "/webhooks/cloud")
        while True:
            content, headers = letter(channel, **items)
            self.posted += 1
            try:
                status = (
                    await self._client.post(where, content=content, headers=headers)
                ).status_code
            except httpx2.HTTPError:
                status = 0
            if 200 <= status < 300:
                break
            self.refused[status] += 1
            await asyncio.sleep(0.4)
        self.progress.append(time.monotonic())
        if about:
            self.acknowledged[about] += 1
        self._waiting -= 1


def message(channel: str, message_id: str, phone: str, text: str) -> dict[str, Any]:
    now = int(time.time())
    if channel == "baileys":
        wrote = {"messageId": message_id, "from": phone, "phone": phone, "message": text}
        return wrote | {"timestamp": now, "kind": "text"}
    wrote = {"from": phone, "id": message_id, "timestamp": str(now), "type": "text"}
    return wrote | {"text": {"body": text}}


def letter(channel: str, **items: Any) -> tuple[bytes, dict[str, str]]:
    """The raw bytes of a webhook and its headers, as the channel signs them."""
    if channel == "baileys":
        content = json.dumps({"account": LOGIN, **items}, ensure_ascii=False).encode()
        at = str(int(time.time()))
        digest = hmac.digest(BRIDGE_SECRET.encode(), f"{at}.".encode() + content, "sha256").hex()
        return content, {"x-timestamp": at, "x-signature": f"sha256={digest}"}
    value = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": NUMBER}, **items}
    changes = [{"field": "messages", "value": value}]
    entry = {"id": BUSINESS, "time": int(time.time()), "changes": changes}
    content = json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()
    digest = hmac.digest(APP_SECRET.encode(), content, "sha256").hex()
    return content, {"x-hub-signature-256": f"sha256={digest}"}
