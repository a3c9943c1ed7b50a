"""A thousand sends whose answer is lost: the server takes the message and breaks the connection.

The senders are stopped and started again meanwhile. On the Cloud API, which knows no keys, each
message is asked for exactly once; on the bridge it may be asked for again and is delivered once.
"""

import asyncio
import signal
from collections import Counter
from dataclasses import dataclass, field

from ground import BRIDGE, CLOUD, Ground, until
from kills import SETTINGS
from town import Town


@dataclass(kw_only=True)
class Lost:
    """What came of it."""

    messages: int
    restarts: int = 0
    cloud_requests: int = 0
    bridge_requests: int = 0
    bridge_messages: int = 0  # distinct WhatsApp message ids
    before: dict[str, int] = field(default_factory=dict)  # states while nobody has reported
    after: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.messages} lost answers on each channel, {self.restarts} restarts:"
            f" Cloud API {self.cloud_requests} requests; bridge {self.bridge_requests} requests,"
            f" {self.bridge_messages} WhatsApp ids; {self.before}, and once deliveries are"
            f" reported {self.after}"
        )


async def lose(
    ground: Ground,
    *,
    messages: int,
    port: int,
    workers: int = 2,
    restarts: int = 4,
    **quicker: str,
) -> Lost:
    ground.open_salons()
    for company in (CLOUD, BRIDGE):
        ground.write(company, messages)
    found = Lost(messages=messages)
    async with Town(slow=(0.005, 0.03), loses=lambda _: True) as town:
        settings = SETTINGS | town.settings | quicker
        running = [ground.start("up", **settings) for _ in range(workers)]
        for step in range(1, restarts + 1):
            share = messages * step // (restarts + 1)
            await until(
                lambda share=share: len(_keys(town)) >= 2 * share or _is_over(ground),
                "the senders get on",
                seconds=3600,
            )
            one = running.pop(0)
            one.process.send_signal(signal.SIGTERM)  # an update: calls under way may finish
            await until(lambda one=one: one.is_dead, "it ends")
            ground.children.remove(one)
            running.append(ground.start("up", **settings))
            found.restarts += 1
        await until(lambda: _is_over(ground), "nothing waits", seconds=3600)
        sweeps = 2.5 * float(settings["VERNIS_SWEEP_SECONDS"])
        await asyncio.sleep(sweeps)  # nothing may come back
        found.before = ground.states()
        _judge(town, found)
        ground.start("web", "--port", str(port), **settings)
        town.webhooks = f"http://127.0.0.1:{port}"
        for sent in {sent.message_id: sent for sent in town.requests}.values():
            town.report(sent, "delivered")
        await until(lambda: town.is_quiet, "all is reported", seconds=3600)
        found.after = ground.states()
        if found.after != {"delivered": 2 * messages}:
            found.faults.append(f"after the reports: {found.after}")
    return found


def _keys(town: Town) -> set[str]:
    return {sent.key for sent in town.requests}


def _is_over(ground: Ground) -> bool:
    states = ground.states()
    return not (states.get("written") or states.get("claimed"))


def _judge(town: Town, found: Lost) -> None:
    cloud = Counter(sent.key for sent in town.requests if sent.channel == "cloud")
    bridge = [sent for sent in town.requests if sent.channel == "baileys"]
    found.cloud_requests = cloud.total()
    found.bridge_requests = len(bridge)
    found.bridge_messages = len({sent.message_id for sent in bridge})
    if set(cloud.values()) != {1} or len(cloud) != found.messages:
        found.faults.append(f"{cloud.total()} requests at the Cloud API")
    if found.bridge_messages != found.messages:
        found.faults.append(f"{found.bridge_messages} messages over the bridge")
    if any(len(shown) != 1 for shown in town.shown.values()):
        found.faults.append("a phone shows two messages")
    if found.before != {"unknown": 2 * found.messages}:
        found.faults.append(f"before anything is reported: {found.before}")
