"""Webhooks by the thousand against `vernis web` as it runs: 32 at a time, each message ten times.

The client is raw sockets and bodies made beforehand, so that what is measured is Vernis and its
PostgreSQL; it shares the machine's cores with both.
"""

import asyncio
import random
import re
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles

import psutil
from ground import CLOUD, Child, Ground, until
from kills import free_port
from town import APP_SECRET, CLOUD_TOKEN, SAYS, Town, letter, message

AT_ONCE = 32
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


@dataclass(kw_only=True)
class Flood:
    """What came of it. Seconds are wall time of each request, from written to answered."""

    deliveries: int
    messages: int
    seconds: list[float] = field(default_factory=list)
    took: float = 0.0
    web_seconds: float = 0.0  # of a processor, by the web alone
    statuses: Counter[int] = field(default_factory=Counter)
    stored: int = 0
    answered: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def p99(self) -> float:
        return quantiles(self.seconds, n=100)[98] * 1000

    @property
    def per_second(self) -> float:
        return self.deliveries / self.took

    def __str__(self) -> str:
        return (
            f"{self.deliveries} deliveries of {self.messages} messages, {AT_ONCE} at a time:"
            f" {self.stored} stored, {self.answered} answered, {self.per_second:.0f}/s,"
            f" {self.web_seconds / self.deliveries * 1000:.1f} ms of a processor each,"
            f" median {median(self.seconds) * 1000:.0f} ms, p99 {self.p99:.0f} ms,"
            f" longest {max(self.seconds) * 1000:.0f} ms, statuses {dict(self.statuses)}"
        )


def bodies(messages: int, times: int, *, seed: int = 0, port: int) -> list[bytes]:
    """Whole requests, shuffled: each message so many times, from a phone of its own."""
    draw = random.Random(seed)
    found = []
    for n in range(messages):
        wrote = message("cloud", f"IN{n}", f"79{CLOUD:02}{1000001 + n}", SAYS[n % len(SAYS)])
        content, headers = letter("cloud", messages=[wrote])
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        first = f"POST /webhooks/cloud HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n{head}"
        request = f"{first}content-length: {len(content)}\r\n\r\n".encode() + content
        found += [request] * times
    draw.shuffle(found)
    return found


async def pour(requests: Sequence[bytes], port: int, *, at_once: int = AT_ONCE) -> Flood:
    """All of them over so many connections that stay open."""
    waiting = list(reversed(requests))
    found = Flood(deliveries=len(requests), messages=len(set(requests)))

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while waiting:
            request = waiting.pop()
            began = time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = _LENGTH.search(head)
            await reader.readexactly(int(length[1]) if length else 0)
            found.seconds.append(time.perf_counter() - began)
            found.statuses[int(head[9:12])] += 1
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(at_once)))
    found.took = time.perf_counter() - began
    return found


async def flood(
    ground: Ground,
    *,
    messages: int,
    times: int,
    workers: int = 1,
    beside: bool = False,
    **quicker: str,
) -> Flood:
    """Pour, let `workers` answer (already meanwhile where `beside`), and count."""
    port = free_port()
    ground.open_salons()
    ground.write(CLOUD, messages)
    ground.query(
        "UPDATE client_reactivation_history SET state = 'delivered', claimed_at = now(),"
        " tried_at = now(), message_sent_at = now(), provider_message_id = 'wamid.' || id"
    )
    ground.query("ANALYZE")
    async with Town() as town:
        secrets = {"VERNIS_CLOUD_APP_SECRET": APP_SECRET, "VERNIS_CLOUD_TOKEN": CLOUD_TOKEN}
        settings = town.settings | secrets
        web = ground.start("web", "--port", str(port), **settings)
        await until(lambda: _listens(port), "the web listens")
        quick = {"VERNIS_BURST_SECONDS": "0.5", "VERNIS_SWEEP_SECONDS": "5"} | settings | quicker
        if beside:
            for _ in range(workers):
                ground.start("up", **quick)
            await asyncio.sleep(5)
        requests, before = bodies(messages, times, port=port), _processor(web)
        found = await pour(requests, port)
        found.web_seconds = _processor(web) - before
        if not beside:
            for _ in range(workers):
                ground.start("up", **quick)
        if workers:
            await until(ground.is_settled, "all are answered", seconds=300)
        _judge(ground, town, found, answered=workers > 0)
    return found


def _judge(ground: Ground, town: Town, found: Flood, *, answered: bool) -> None:
    rows = ground.query("SELECT provider_message_id FROM messages WHERE direction = 'in'")
    found.stored = len(rows)
    if Counter(dict.fromkeys((id_ for (id_,) in rows), 1)) != Counter(id_ for (id_,) in rows):
        found.faults.append("a message is stored twice")
    if found.stored != found.messages:
        found.faults.append(f"{found.stored} of {found.messages} messages are stored")
    if set(found.statuses) != {200}:
        found.faults.append(f"statuses {dict(found.statuses)}")
    per_phone = Counter(sent.phone for sent in town.requests)
    found.answered = len(per_phone)
    if any(count > 1 for count in per_phone.values()):
        found.faults.append("a message got two answers")
    if answered and not found.answered:
        found.faults.append("nobody was answered")


def _processor(child: Child) -> float:
    times = psutil.Process(child.process.pid).cpu_times()
    return float(times.user + times.system)


def _listens(port: int) -> bool:
    import socket

    try:
        socket.create_connection(("127.0.0.1", port), timeout=0.2).close()
    except OSError:
        return False
    return True
