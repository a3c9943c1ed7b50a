"""Eight senders on one number, killed and started again: no limit is ever exceeded.

Their common clock runs so fast that minutes of ours are days of theirs.
"""

import asyncio
import random
import signal
import time
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from ground import BRIDGE, Ground

PACER = Path(__file__).with_name("pacer.py")
FIRST = datetime(2024, 4, 1, 12, tzinfo=UTC)  # a Monday


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Of the account. `known` of a hundred clients wrote to it before."""

    gap_seconds: float = 60
    daily: int = 60
    hourly: int = 12
    new_chats: int = 30
    known: int = 20


@dataclass(kw_only=True)
class Race:
    """What came of it; the most of each kind that was ever seen, beside its limit."""

    limits: Limits
    days: float = 0.0
    sent: int = 0
    kills: int = 0
    most_daily: int = 0
    most_hourly: int = 0
    most_new_chats: int = 0
    shortest_gap: float = 0.0
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"8 senders, {self.kills} killed, {self.days:.1f} days, {self.sent} messages: at most"
            f" {self.most_daily} a day (limit {self.limits.daily}), {self.most_hourly} in an hour"
            f" ({self.limits.hourly}), {self.most_new_chats} new chats in 24 hours"
            f" ({self.limits.new_chats}), shortest gap {self.shortest_gap:.0f} s"
            f" ({0.6 * self.limits.gap_seconds:.0f})"
        )


async def race(
    ground: Ground,
    *,
    seconds: float,
    speed: float,
    clients: int,
    limits: Limits = Limits(),
    senders: int = 8,
    kills: int = 8,
    seed: int = 0,
) -> Race:
    """`speed` times as fast as real time, for so many real seconds; longer on a machine that is
    too busy for the senders to come to their limits by then."""
    draw = random.Random(seed)
    _prepare(ground, clients, limits)
    began = time.time() + (0.3 if ground.mother else 2.0)  # until they are up
    settings = {
        "PACE_BEGAN": str(began),
        "PACE_SPEED": str(speed),
        "PACE_FIRST": FIRST.isoformat(),
        "PACE_COMPANY": str(BRIDGE),
    }
    found = Race(limits=limits)
    for _ in range(senders):
        ground.start("pacer", program=PACER, **settings)
    while time.time() < began + seconds or (
        time.time() < began + 10 * seconds and not _is_at_every_limit(ground, limits)
    ):
        await asyncio.sleep(draw.uniform(0.7, 1.3) * seconds / kills)
        victim = draw.choice(ground.children)
        victim.process.send_signal(signal.SIGKILL)
        victim.process.wait()
        ground.children.remove(victim)
        ground.start("pacer", program=PACER, **settings)
        found.kills += 1
    found.days = (time.time() - began) * speed / 86400
    for child in ground.children:
        if child.is_dead:
            found.faults.append(f"a sender ended by itself: {child.log.read_text()[-300:]}")
        child.process.kill()
        child.process.wait()
    _judge(ground, found)
    return found


def _prepare(ground: Ground, clients: int, limits: Limits) -> None:
    ground.open_salons()
    ground.query("UPDATE companies SET timezone = 'UTC', send_from = '08:00', send_until = '21:00'")
    ground.query(
        "UPDATE accounts SET gap_seconds = %s, daily_limit = %s, hourly_limit = %s,"
        " new_chats_limit = %s WHERE company_id = %s",
        limits.gap_seconds, limits.daily, limits.hourly, limits.new_chats, BRIDGE,
    )  # fmt: skip
    ground.write(BRIDGE, clients)
    ground.query(
        "UPDATE client_reactivation_history SET planned_at = %s, send_after = %s, deadline = %s,"
        " plan_on = '2024-04-01', last_visit_date = '2024-02-20'",
        FIRST - timedelta(hours=1), FIRST, FIRST + timedelta(days=365),
    )  # fmt: skip
    ground.query(
        "INSERT INTO dialogs (company_id, account_id, phone, client_id)"
        " SELECT company_id, account_id, phone, client_id FROM client_reactivation_history"
        " WHERE client_id %% 100 < %s",
        limits.known,
    )
    ground.query(
        "INSERT INTO messages (company_id, dialog_id, account_id, direction, body, state, said_at)"
        " SELECT company_id, dialog_id, account_id, 'in', 'Спасибо', 'handled', %s FROM dialogs",
        FIRST - timedelta(days=30),
    )
    ground.query("ANALYZE")


def _is_at_every_limit(ground: Ground, limits: Limits) -> bool:
    seen = Race(limits=limits)
    _judge(ground, seen)
    return not seen.faults


def _judge(ground: Ground, found: Race) -> None:
    """By when each was claimed: that is when the account was used, whatever became of the call."""
    rows = ground.query(
        "SELECT tried_at, new_chat FROM client_reactivation_history"
        " WHERE tried_at IS NOT NULL ORDER BY tried_at"
    )
    at = [tried_at.astimezone(UTC) for tried_at, _ in rows]
    new = [tried_at for tried_at, (_, is_new) in zip(at, rows, strict=True) if is_new]
    found.sent = len(at)
    days: Counter[date] = Counter(moment.date() for moment in at)
    found.most_daily = max(days.values(), default=0)
    found.most_hourly = _densest(at, timedelta(hours=1))
    found.most_new_chats = _densest(new, timedelta(days=1))
    gaps = [(b - a).total_seconds() for a, b in pairwise(at)]
    found.shortest_gap = min(gaps, default=0.0)
    limits = found.limits
    held = (
        (found.most_daily, limits.daily, "a day"),
        (found.most_hourly, limits.hourly, "in an hour"),
        (found.most_new_chats, limits.new_chats, "new chats in 24 hours"),
    )
    found.faults += [f"{most} {what}" for most, limit, what in held if most > limit]
    found.faults += [
        f"never {limit} {what}: no proof" for most, limit, what in held if most < limit
    ]
    if any(not 8 <= moment.hour < 21 for moment in at):
        found.faults.append("a message left outside of the hours")
    if found.shortest_gap < 0.6 * limits.gap_seconds - 0.001:
        found.faults.append(f"a gap of {found.shortest_gap} s")


def _densest(moments: list[datetime], span: timedelta) -> int:
    """The most of them within any span."""
    return max(
        (bisect_left(moments, moment + span) - place for place, moment in enumerate(moments)),
        default=0,
    )
