"""YClients' REST API on the loopback: strict about what it takes, and as unreliable as it is told.

    async with YClients(make_world(clients=50, records=500)) as crm:
        ... crm.base_url, crm.partner_token, crm.user_token, crm.world ...

    python -m tests.crm.yclients_server --clients 10000 --records 100000 [--limits]

Written from the official description. Not said there, and so switchable or narrowly read: that a
429 exists and has Retry-After, the status of a taken time, what is left of a deleted record or
client, the forms of wrong fields' errors; that webhooks come once, in any order and unsigned.
"""

import argparse
import asyncio
import json
import logging
import math
import random
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

from tests.crm import yclients_requests as requests
from tests.crm import yclients_shapes as shapes
from tests.crm.yclients_requests import Asked, Endpoint, RefusedError
from tests.crm.yclients_routes import Answer, Salon
from tests.crm.yclients_salon import make_world
from tests.crm.yclients_world import Client, Happened, Record, Service, Staff, World

PREFIX = "/api/v1"
ACCEPT = "application/vnd.yclients.v2+json"
PARTNER_TOKEN = "fake-partner-token"
LOGIN, PASSWORD = "79000000002", "a-password-of-the-tests"
FLAG_OF = {"company": "salon", "staff": "master"}  # settings name these webhooks differently


class How(StrEnum):
    """How a request is answered instead of properly."""

    FAULT = "fault"  # 500
    GATEWAY = "gateway"  # 502 with a page instead of JSON
    UNAVAILABLE = "unavailable"  # 503 with Retry-After
    LIMITED = "limited"  # 429 with Retry-After
    CLOSED = "closed"  # the connection breaks before anything is done
    LOST = "lost"  # it is done, and the connection breaks before the answer
    LATE_FAULT = "late_fault"  # it is done, and a 504 comes back
    CUT = "cut"  # it is done, and half of the answer comes
    NOT_JSON = "not_json"  # it is done, and something comes that is no JSON
    SLOW = "slow"  # it is done, answered `seconds` later


BEFORE = {How.FAULT, How.GATEWAY, How.UNAVAILABLE, How.LIMITED, How.CLOSED}


@dataclass(kw_only=True)
class Fault:
    """`times` None: always. `path` begins so, without /api/v1."""

    how: How
    method: str | None = None
    path: str = "/"
    times: int | None = 1
    after: int = 0  # let so many pass first
    seconds: float = 1.0  # Retry-After, or how long SLOW takes

    def hits(self, method: str, path: str) -> bool:
        if self.method not in (None, method) or not path.startswith(self.path) or self.times == 0:
            return False
        if self.after:
            self.after -= 1
            return False
        if self.times is not None:
            self.times -= 1
        return True


@dataclass(kw_only=True)
class Limits:
    """Requests in any second and any minute, 0 for no limit. The description counts them by the
    asker's address; `by_company` gives each company its own."""

    per_second: int = 5
    per_minute: int = 200
    by_company: bool = False
    clock: Callable[[], float] = time.monotonic
    _taken: dict[str, deque[float]] = field(default_factory=dict)

    def wait(self, whose: str) -> float:
        """Seconds until this asker's next request would be taken; 0 takes this one."""
        taken, now = self._taken.setdefault(whose if self.by_company else "", deque()), self.clock()
        while taken and taken[0] <= now - 60:
            taken.popleft()
        waits = [0.0]
        for most, window in ((self.per_second, 1), (self.per_minute, 60)):
            if most and len(taken) >= most and taken[-most] > now - window:
                waits.append(taken[-most] + window - now)
        if not max(waits):
            taken.append(now)
        return max(waits)


@dataclass(kw_only=True)
class User:
    """Someone in whose name the API is used. `lacks`: services, clients, records, records_change,
    schedule, settings."""

    token: str
    companies: set[int]
    login: str = LOGIN
    password: str = PASSWORD
    lacks: set[str] = field(default_factory=set)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A request and what was answered: 0 where nothing was. `at` is monotonic."""

    at: float
    method: str
    path: str
    query: dict[str, list[str]]
    body: Any
    status: int
    message: str = ""

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True, kw_only=True)
class Reply:
    status: int
    content: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class YClients:
    """The server. `seen` has every request; what a real one would have refused is in `refused`."""

    def __init__(self, *worlds: World, limits: Limits | None = None, port: int = 0) -> None:
        self.salons = {one.company.id: Salon(world=one) for one in worlds or (make_world(),)}
        self.limits = limits
        self.port = port
        self.partner_tokens = {PARTNER_TOKEN}
        self.users = {
            f"fake-user-token-{one}": User(token=f"fake-user-token-{one}", companies={one})
            for one in self.salons
        }
        self.accept = ACCEPT
        self.faults: list[Fault] = []
        self.mischief: tuple[random.Random, Mapping[How, float], float] | None = None
        self.seen: list[Seen] = []
        self.told: list[dict[str, Any]] = []  # webhooks that were posted
        self.loses_webhooks = False
        self._server: asyncio.Server | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        for world in [one.world for one in self.salons.values()]:
            world.listeners.append(partial(self._happened, world))

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # --- for tests ----------------------------------------------------------------------------

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}{PREFIX}"

    @property
    def salon(self) -> Salon:
        return next(iter(self.salons.values()))

    @property
    def world(self) -> World:
        return self.salon.world

    @property
    def partner_token(self) -> str:
        return next(iter(self.partner_tokens), PARTNER_TOKEN)

    @property
    def user_token(self) -> str:
        return self.token_of(self.world.company.id)

    def token_of(self, company_id: int) -> str:
        return next(one.token for one in self.users.values() if company_id in one.companies)

    def revoke(self, user_token: str) -> None:
        """As when the user has changed the password."""
        del self.users[user_token]

    def misbehave(self, how: How, **what: Any) -> Fault:
        """See Fault. The first of several that fits is used."""
        fault = Fault(how=how, **what)
        self.faults.append(fault)
        return fault

    def be_unreliable(self, seed: int, rates: Mapping[How, float], *, seconds: float = 0.2) -> None:
        """Each request fails so with these chances, the same for the same seed and order."""
        self.mischief = random.Random(seed), rates, seconds

    def be_reliable(self) -> None:
        self.faults.clear()
        self.mischief = None

    @property
    def refused(self) -> list[Seen]:
        """What was refused by the rules, faults and limits aside: an honest client has none."""
        return [one for one in self.seen if 400 <= one.status < 500 and one.status != 429]

    def counts(self) -> Counter[str]:
        """Requests by method and path, ids left out."""
        return Counter(
            " ".join((one.method, "/".join(p for p in one.path.split("/") if not p.isdigit())))
            for one in self.seen
        )

    async def settled(self) -> None:
        """Until every webhook that is due has been posted."""
        await asyncio.sleep(0)
        posting = [one for one in self._tasks if one.get_name() == "webhook"]
        await asyncio.gather(*posting, return_exceptions=True)

    # --- HTTP ---------------------------------------------------------------------------------

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
        parts = urlsplit(target)
        path = unquote(parts.path).removeprefix(PREFIX)
        query = parse_qs(parts.query, keep_blank_values=True)
        fault = self._fault(method, path)
        how = fault.how if fault else None
        if how in BEFORE:
            reply = _failing(fault) if fault else None
        elif parts.path.startswith("/simulator/"):
            reply = self._by_hand(parts.path.rpartition("/")[2], content)
        else:
            reply = self._reply(method, path, query, headers, content)
        self._note(method, path, query, content, reply, gone=how in {How.CLOSED, How.LOST})
        if reply is None or how in {How.CLOSED, How.LOST}:
            return False
        if how is How.SLOW and fault:
            await asyncio.sleep(fault.seconds)
        if how is How.LATE_FAULT:
            reply = _page(504)
        elif how is How.NOT_JSON:
            reply = Reply(status=reply.status, content=b'{"success": true, "data": [{"id":')
        lines = [
            f"HTTP/1.1 {reply.status} X",
            "content-type: application/json",
            f"content-length: {len(reply.content)}",
            *(f"{name}: {value}" for name, value in reply.headers.items()),
        ]
        whole = reply.content if reply.status != 204 else b""
        sent = whole[: len(whole) // 2] if how is How.CUT else whole
        writer.write("\r\n".join([*lines, "", ""]).encode() + sent)
        await writer.drain()
        return how is not How.CUT

    def _note(
        self,
        method: str,
        path: str,
        query: dict[str, list[str]],
        content: bytes,
        reply: Reply | None,
        *,
        gone: bool,
    ) -> None:
        body = None
        with suppress(ValueError):
            body = json.loads(content) if content else None
        message = ""
        if reply and reply.status >= 400:
            with suppress(ValueError):
                message = json.loads(reply.content)["meta"]["message"]
        status = 0 if reply is None or gone else reply.status
        self.seen.append(
            Seen(
                at=time.monotonic(),
                method=method,
                path=path,
                query=query,
                body=body,
                status=status,
                message=message,
            )
        )

    # --- the rules ----------------------------------------------------------------------------

    def _reply(
        self,
        method: str,
        path: str,
        query: dict[str, list[str]],
        headers: dict[str, str],
        content: bytes,
    ) -> Reply:
        try:
            answer = self._answer(method, path, query, headers, content)
        except RefusedError as error:
            meta: dict[str, Any] = {"message": error.message}
            if error.errors:
                meta["errors"] = error.errors
            after = {} if error.wait is None else {"retry-after": str(math.ceil(error.wait))}
            told = {"success": False, "data": None, "meta": meta}
            return Reply(status=error.status, content=json.dumps(told).encode(), headers=after)
        if answer.is_empty:
            return Reply(status=answer.status)
        told = {"success": True, "data": answer.data, "meta": answer.meta}
        return Reply(status=answer.status, content=json.dumps(told).encode())

    def _answer(
        self,
        method: str,
        path: str,
        query: dict[str, list[str]],
        headers: dict[str, str],
        content: bytes,
    ) -> Answer:
        self._keep_pace(headers)
        endpoint, parts = requests.find(method, path)
        user = self._who(endpoint, headers, is_mine=query.get("my") == ["1"])
        if headers.get("accept") != self.accept:
            raise RefusedError(400, f"Ожидается Accept: {self.accept}")
        ids, days = requests.split(parts)
        salon = self._salon(endpoint, ids, user)
        zone = salon.world.zone if salon else ZoneInfo("Europe/Moscow")
        asked = Asked(
            endpoint=endpoint,
            ids=ids,
            days=days,
            query=requests.check_query(endpoint, query, zone),
            body=_body(endpoint, headers, content),
            user=user.token if user else None,
        )
        if endpoint.path == "/auth":
            return self._auth(asked)
        if endpoint.path == "/companies":
            return self._companies(asked)
        assert salon is not None
        return salon.answer(asked)

    def _keep_pace(self, headers: dict[str, str]) -> None:
        whose = headers.get("authorization", "").rpartition("User ")[2]
        if self.limits and (wait := self.limits.wait(whose)):
            raise RefusedError(429, "Слишком много запросов", wait=wait)

    def _who(self, endpoint: Endpoint, headers: dict[str, str], *, is_mine: bool) -> User | None:
        """The user, where one is named. Raises RefusedError for tokens that are not known."""
        partner, _, name = headers.get("authorization", "").partition(", User ")
        if partner.removeprefix("Bearer ") not in self.partner_tokens or partner[:7] != "Bearer ":
            raise RefusedError(401, "Партнёр не найден")
        if name:
            if (user := self.users.get(name)) is None:
                raise RefusedError(401, "Пользователь не авторизован")
            return user
        if endpoint.needs_user or is_mine:
            raise RefusedError(401, "Необходима авторизация пользователя")
        return None

    def _salon(self, endpoint: Endpoint, ids: Mapping[str, int], user: User | None) -> Salon | None:
        named = ids.get("company_id", ids.get("id"))
        if named is None:
            return None
        if (salon := self.salons.get(named)) is None:
            raise RefusedError(404, "Филиал не найден.")
        is_let_in = user is None or (named in user.companies and endpoint.right not in user.lacks)
        if endpoint.needs_user and not is_let_in:
            raise RefusedError(403, "Недостаточно прав")
        return salon

    def _auth(self, asked: Asked) -> Answer:
        given = asked.body["login"], asked.body["password"]
        for user in self.users.values():
            if given == (user.login, user.password):
                return Answer(data={"user_token": user.token}, status=201)
        raise RefusedError(401, "Неверный логин или пароль")

    def _companies(self, asked: Asked) -> Answer:
        query, user = asked.query, self.users.get(asked.user or "")
        number, size = requests.page(query, usual=50, most=200)
        told = [
            shapes.listed_company(one.world, next_slot=one.next_slot(asked))
            for company_id, one in self.salons.items()
            if not query.get("my") or (user is not None and company_id in user.companies)
            if query.get("title", "").lower() in one.world.company.title.lower()
        ]
        return Answer(data=told[(number - 1) * size : number * size])

    # --- faults -------------------------------------------------------------------------------

    def _fault(self, method: str, path: str) -> Fault | None:
        if (
            set_by_hand := next((f for f in self.faults if f.hits(method, path)), None)
        ) is not None:
            return set_by_hand
        if self.mischief is None:
            return None
        chance, rates, seconds = self.mischief
        point = chance.random()
        for how, rate in rates.items():
            if point < rate:
                return Fault(how=how, seconds=seconds)
            point -= rate
        return None

    # --- webhooks -----------------------------------------------------------------------------

    def letter(self, world: World, it: Happened) -> dict[str, Any]:
        """A webhook's body: the entity as it is read over the API, and what it is."""
        entity = it.entity
        match entity:
            case Record():
                data = shapes.record(
                    world, entity, api_id=self.salons[world.company.id].gives_api_id
                )
            case Client():
                data = shapes.client(world, entity)
            case Service():
                data = shapes.service(entity)
            case Staff():
                data = shapes.staff_as_of_old(entity)
            case _:
                data = {"id": entity.id, "title": entity.title}
        return {
            "company_id": world.company.id,
            "resource": it.resource,
            "resource_id": entity.id,
            "status": it.status,
            "data": data,
        }

    def _happened(self, world: World, it: Happened) -> None:
        hooks = self.salons[world.company.id].hooks
        flag = FLAG_OF.get(it.resource, it.resource)
        if self.loses_webhooks or self._loop is None or not (hooks["active"] and hooks[flag]):
            return
        letter = self.letter(world, it)
        for url in hooks["urls"]:
            self._loop.call_soon_threadsafe(self._start_posting, url, letter)

    def _start_posting(self, url: str, letter: dict[str, Any]) -> None:
        assert self._loop is not None
        task = self._loop.create_task(self.post(url, letter), name="webhook")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def post(self, url: str, letter: dict[str, Any]) -> int:
        """Once, unsigned, whatever the answer; 0 where there was none."""
        import httpx2

        self.told.append(letter)
        try:
            async with httpx2.AsyncClient(trust_env=False, verify=False, timeout=10) as client:
                return (await client.post(url, json=letter)).status_code
        except httpx2.HTTPError:
            return 0

    # --- by hand, from another process --------------------------------------------------------

    def _by_hand(self, verb: str, content: bytes) -> Reply:
        """POST /simulator/<a verb of World> with its arguments; `moments` are ISO 8601.
        /simulator/seen gives the counts of requests."""
        if verb == "seen":
            return Reply(status=200, content=json.dumps(self.counts()).encode())
        given = json.loads(content or b"{}")
        for name in {"starts_at", "now"} & set(given):
            given[name] = datetime.fromisoformat(given[name])
        if verb == "now":
            self.world.now = given["now"]
            return Reply(status=200, content=b"{}")
        done = getattr(self.world, verb)(**given)
        return Reply(status=200, content=json.dumps({"id": getattr(done, "id", None)}).encode())


def _body(endpoint: Endpoint, headers: dict[str, str], content: bytes) -> Any:
    if endpoint.body is None:
        if content not in (b"", b"{}", b"[]"):
            raise RefusedError(400, "Тело запроса не ожидается")
        return None
    if headers.get("content-type", "").partition(";")[0] != "application/json":
        raise RefusedError(415, "Ожидается Content-Type: application/json")
    try:
        body = json.loads(content)
    except ValueError:
        raise RefusedError(400, "Неверный JSON") from None
    if not endpoint.takes_array:
        return requests.check_body(endpoint.body, body)
    if not isinstance(body, list):
        raise RefusedError(422, "Ожидается массив")
    return [requests.check_body(endpoint.body, one) for one in body]


def _failing(fault: Fault) -> Reply | None:
    after = {"retry-after": str(math.ceil(fault.seconds))}
    match fault.how:
        case How.CLOSED:
            return None
        case How.GATEWAY:
            return _page(502)
        case How.UNAVAILABLE:
            return Reply(status=503, content=_failure("Технические работы"), headers=after)
        case How.LIMITED:
            return Reply(status=429, content=_failure("Слишком много запросов"), headers=after)
    return Reply(status=500, content=_failure("Произошла ошибка"))


def _failure(message: str) -> bytes:
    return json.dumps({"success": False, "data": None, "meta": {"message": message}}).encode()


def _page(status: int) -> Reply:
    page = f"<html><body><h1>{status}</h1></body></html>"
    return Reply(status=status, content=page.encode())


@contextmanager
def in_a_thread(*worlds: World, **settings: Any) -> Iterator[YClients]:
    """The server in a loop of its own, for tests that start other processes and wait for them."""
    server = YClients(*worlds, **settings)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result()
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(server.__aexit__(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _serve(given: argparse.Namespace) -> None:
    now = datetime.fromisoformat(given.now).astimezone(UTC) if given.now else None
    world = make_world(
        clients=given.clients, records=given.records, seed=given.seed, now=now, odd=given.odd
    )
    async with YClients(world, limits=Limits() if given.limits else None, port=given.port) as crm:
        if given.faults:
            rates = {how: given.faults / len(How) for how in How}
            crm.be_unreliable(given.seed, rates, seconds=0.2)
        told = {
            "base_url": crm.base_url,
            "company_id": world.company.id,
            "partner_token": crm.partner_token,
            "user_token": crm.user_token,
            "login": LOGIN,
            "password": PASSWORD,
        }
        print(json.dumps(told), flush=True)
        await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.crm.yclients_server")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--records", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--now", help="where its clock stands still, ISO 8601")
    parser.add_argument("--limits", action="store_true", help="5 a second, 200 a minute")
    parser.add_argument("--odd", action="store_true", help="phones in every way, nobody's records")
    parser.add_argument("--faults", type=float, default=0.0, help="share of requests that fail")
    logging.basicConfig(level=logging.WARNING)
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
