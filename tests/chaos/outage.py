"""One worker alone with the settings that come out of the box, killed while calls are under way
and started again at once: how long until messages leave again, and until all is explained."""

import os
import signal
import time
from dataclasses import dataclass, field

from ground import BRIDGE, CLOUD, Ground, until
from town import Town

BEFORE = 30  # messages that leave before the kill


@dataclass(kw_only=True)
class Outage:
    """Seconds from the kill."""

    resumed: float = 0.0
    settled: float = 0.0
    states: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            "one worker, settings out of the box: the next message leaves"
            f" {self.resumed:.1f} s after a kill, what was claimed is explained after"
            f" {self.settled:.1f} s; {self.states}"
        )


async def alone(ground: Ground, *, messages: int = 300) -> Outage:
    ground.open_salons()
    for company in (CLOUD, BRIDGE):
        ground.write(company, messages // 2)
    found = Outage()
    async with Town(slow=(0.3, 0.6)) as town:
        worker = ground.start("up", **town.settings)
        await until(lambda: len(town.requests) >= BEFORE, "messages leave")
        os.kill(worker.process.pid, signal.SIGKILL)
        killed_at = time.monotonic()
        worker.process.wait()
        ground.again(worker)
        await until(
            lambda: any(sent.at > killed_at + 0.1 for sent in town.requests),
            "messages leave again",
            seconds=200,
        )
        found.resumed = next(s.at for s in town.requests if s.at > killed_at + 0.1) - killed_at
        await until(ground.is_settled, "all is explained", seconds=400)
        found.settled = time.monotonic() - killed_at
    found.states = ground.states()
    if any(len(shown) > 1 for shown in town.shown.values()):
        found.faults.append("a phone shows two messages")
    if set(found.states) - {"accepted", "unknown"}:
        found.faults.append(f"unexplained: {found.states}")
    return found
