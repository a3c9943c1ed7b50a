"""`kill -9` at every named point of the way out and the way in, while four workers and the web run.

A thousand clients in waves, one wave a point: whoever gets to the point dies there, and is started
again as systemd would. In the end everything must have an explanation.
"""

import asyncio
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from ground import BRIDGE, CLOUD, Ground, until
from town import Town
from victim import POINTS

LEASE_SECONDS = 5  # instead of two minutes: of a claim of the dead
SETTINGS = {
    "VERNIS_SWEEP_SECONDS": "1",
    "VERNIS_HEARTBEAT_SECONDS": "0.5",
    "VERNIS_BURST_SECONDS": "0.3",
    "CHAOS_LEASE_SECONDS": str(LEASE_SECONDS),
}
# What is taken back must have been left by somebody.
AFTER_ANOTHER = {point: "claim: after its commit" for point in POINTS if "recover" in point}
MOST_PASSAGES = {point: 0 for point in POINTS if "recover" in point or "sweep" in point}


@dataclass(kw_only=True)
class Kills:
    """What came of one seed. `faults` is empty where everything held."""

    seed: int
    points: list[str] = field(default_factory=list)
    clients: int = 0
    resumed: list[float] = field(default_factory=list)  # seconds from each kill to the next message
    settled: float = 0.0  # seconds from the last kill until nothing waits
    states: dict[str, int] = field(default_factory=dict)
    answers: dict[str, int] = field(default_factory=dict)
    requests: int = 0
    posted: int = 0
    refused: dict[int, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"seed {self.seed}: {len(self.points)} kills at {len(set(self.points))} points,"
            f" {self.clients} clients, {self.requests} requests to send, {self.posted} webhooks"
            f" (not 2xx: {self.refused or 'none'}); next message after a kill at most"
            f" {max(self.resumed):.1f} s, all settled {self.settled:.1f} s after the last;"
            f" {self.states}; {self.answers}"
        )


async def kill_everywhere(
    ground: Ground,
    *,
    seed: int,
    clients: int,
    points: tuple[str, ...] = POINTS,
    workers: int = 4,
    port: int = 0,
    **quicker: str,
) -> Kills:
    """One seed: the order of the points, the passages let by, and all that the town does.

    `quicker` are settings that replace these."""
    draw = random.Random(seed)
    order = [*points]
    draw.shuffle(order)
    order = [step for point in order for step in (AFTER_ANOTHER.get(point), point) if step]
    ground.open_salons()
    found = Kills(seed=seed)
    address = f"http://127.0.0.1:{port}"
    async with Town(
        webhooks=address, seed=seed, slow=(0.01, 0.06), reply_share=0.6, twice_share=0.3
    ) as town:
        settings = SETTINGS | town.settings | quicker
        for _ in range(workers):
            ground.start("up", **settings)
        ground.start("web", "--port", str(port), **settings)
        wave, extra = divmod(clients, len(order))
        killed_at = None
        for place, point in enumerate(order):
            ground.arm(point, draw.randint(0, MOST_PASSAGES.get(point, 2)))
            count = wave + (place < extra)
            for company, share in ((CLOUD, count // 2), (BRIDGE, count - count // 2)):
                ground.write(company, share)
            if killed_at is not None:
                found.resumed.append(await _next_progress(town, killed_at))
            killed_at = await _strike(ground, town, point)
            found.points.append(point)
            for child in ground.dead():
                ground.again(child)
        assert killed_at is not None
        ground.write(CLOUD, 1)  # something is left to do after the last one too
        found.resumed.append(await _next_progress(town, killed_at))
        last = killed_at
        try:
            await until(lambda: _is_over(ground, town), "all settled", seconds=600)
        except AssertionError:
            how = f"{ground.states()}, {ground.answers()}, every webhook taken: {town.is_quiet}"
            raise AssertionError(f"not everything was settled in the end: {how}") from None
        found.settled = time.monotonic() - last
        await asyncio.sleep(0.5)  # what would come now would be too much
        _judge(ground, town, found)
    return found


def _is_over(ground: Ground, town: Town) -> bool:
    """All is sent, so all is said; that is answered, so the last statuses have come too."""
    return all(question() for question in 2 * (ground.is_settled, lambda: town.is_quiet))


async def _strike(ground: Ground, town: Town, point: str) -> float:
    """When the armed point killed its process. Clients write meanwhile, so that no point waits."""
    began = time.monotonic()
    nudge_at = began + 4
    while not (ground.has_struck() and ground.dead()):
        ground.dead()
        if time.monotonic() - began > 180:
            raise AssertionError(f"nobody ever came to: {point}")
        await asyncio.sleep(0.01)
        if time.monotonic() > nudge_at:
            nudge_at = time.monotonic() + 1
            _nudge(ground, town)
    return time.monotonic()


def _nudge(ground: Ground, town: Town) -> None:
    """A point that needs more passages than this wave has gets them from more clients, and from
    those who know us."""
    for company in (CLOUD, BRIDGE):
        ground.write(company, 1)
    reached = [sent for sent in town.requests if sent.key.startswith("r")]
    if reached:
        one = reached[len(town.said) % len(reached)]
        town.say(one.channel, one.phone, "А мастер Ольга ещё работает?")


async def _next_progress(town: Town, since: float) -> float:
    await until(lambda: town.progress[-1] > since, "somebody goes on", seconds=120)
    return next(at for at in town.progress if at > since) - since


# --- what must hold -------------------------------------------------------------------------------


def _judge(ground: Ground, town: Town, found: Kills) -> None:
    found.states, found.answers = ground.states(), ground.answers()
    found.clients = sum(found.states.values())
    found.requests, found.posted = len(town.requests), town.posted
    found.refused = dict(town.refused)
    found.faults += [
        *_copies(town), *_rows(ground, town), *_inbound(ground, town), *_answers(ground, town)
    ]  # fmt: skip


def _copies(town: Town) -> list[str]:
    """No phone shows a message twice, nor two messages of a campaign."""
    faults = []
    for shown in town.shown.values():
        keys = Counter(shown.values())
        if any(count > 1 for count in keys.values()):
            faults.append("a phone shows the same message twice")
        if sum(key.startswith("r") for key in keys) > 1:
            faults.append("a client got two campaign messages")
    return faults


def _rows(ground: Ground, town: Town) -> list[str]:
    """Each reactivation is where the phone says it is, or explains why not."""
    shown = {key for keys in town.shown.values() for key in keys.values()}
    faults = []
    rows = ground.query(
        "SELECT 'r' || company_id || '-' || id, state, reason, claimed_at IS NOT NULL,"
        " message_sent_at IS NOT NULL FROM client_reactivation_history"
    )
    for key, state, reason, is_claimed, is_sent in rows:
        is_explained = (
            state in {"delivered", "read"} and is_sent
            if key in shown
            else (state == "unknown" and is_claimed)
            or (state in {"skipped", "expired", "failed"} and reason != "due")
        )
        if not is_explained:
            where = "is on the phone" if key in shown else "is on no phone"
            faults.append(f"a reactivation that {where} is {state} ({reason})")
    return faults


def _inbound(ground: Ground, town: Town) -> list[str]:
    """What was acknowledged is stored once and handled; nothing else is there."""
    stored = Counter(
        id_ for (id_,) in ground.query(
            "SELECT provider_message_id FROM messages"
            " WHERE direction = 'in' AND state = 'handled'"
        )
    )  # fmt: skip
    faults = [f"{count} of a message are stored" for count in stored.values() if count != 1]
    faults += ["a message was acknowledged and lost" for id_ in town.said if id_ not in stored]
    faults += ["a message came from nowhere" for id_ in stored if id_ not in town.said]
    return faults


def _answers(ground: Ground, town: Town) -> list[str]:
    """At most one answer to a message, in the tables and on the phones."""
    wrote = Counter(town.said.values())
    faults = []
    for phone, shown in town.shown.items():
        answers = sum(key.startswith("m") for key in shown.values())
        if answers > wrote[phone]:
            faults.append(f"{wrote[phone]} messages got {answers} answers")
    twice = ground.query(
        "SELECT 1 FROM messages WHERE direction = 'out' AND answers_message_id IS NOT NULL"
        " GROUP BY company_id, answers_message_id HAVING count(*) > 1"
    )
    faults += ["a message is answered twice"] * len(twice)
    for key, state in ground.query(
        "SELECT 'm' || company_id || '-' || message_id, state FROM messages WHERE direction = 'out'"
    ):
        is_shown = any(key in shown.values() for shown in town.shown.values())
        if (state in {"delivered", "read"}) != is_shown and state not in {"unknown", "skipped"}:
            faults.append(f"an answer is {state}, on the phone: {is_shown}")
    return faults


def free_port() -> int:
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def run(ground: Ground, **of: Any) -> Kills:
    return asyncio.run(kill_everywhere(ground, port=free_port(), **of))
