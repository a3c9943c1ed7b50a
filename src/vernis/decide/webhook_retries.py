"""What becomes of a webhook's delivery by how it was answered.

Status codes are taken as https://www.standardwebhooks.com recommends; the delays are its schedule
up to about a day.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

# After the first failed attempt, the second, ...: 27.6 hours in all.
DELAYS = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=10),
)
JITTER = 0.2  # of a delay: what failed together does not come back together
LONGEST_PAUSE = timedelta(hours=12)  # of a Retry-After
HELD = timedelta(minutes=5)  # what else waits for a receiver that is away
_AWAY = {429, 502, 503, 504}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A receiver's answer: its status, or in one word why there is none.

    `fault`: name_unknown, address_refused, url_refused, not_connected, certificate, timed_out, lost
    or secret.
    """

    status: int | None = None
    fault: str | None = None
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`state` as webhook_deliveries has it: `waiting` until `retry_at`, delivered or failed.

    `is_gone`: the receiver wants nothing any more. `held_until`: nobody is there; what else waits
    for this webhook does so until then.
    """

    state: str
    retry_at: datetime | None = None
    is_gone: bool = False
    held_until: datetime | None = None


def judge(answered: Answered, *, attempts: int, now: datetime, chance: float) -> Verdict:
    """What comes of an attempt, the `attempts`-th, that was answered `now`.

    `chance` is a random number of 0 to 1.
    """
    if answered.status is not None and 200 <= answered.status < 300:
        return Verdict(state="delivered")
    if answered.status == 410:
        return Verdict(state="failed", is_gone=True)
    if attempts > len(DELAYS):
        return Verdict(state="failed")
    delay = DELAYS[max(0, attempts - 1)] * (1 + JITTER * (2 * chance - 1))
    if answered.retry_after is not None:
        delay = max(delay, min(answered.retry_after, LONGEST_PAUSE))
    is_away = answered.status is None or answered.status in _AWAY
    asked = answered.retry_after is not None
    held = (delay if asked else min(delay, HELD)) if is_away else None
    return Verdict(
        state="waiting",
        retry_at=now + delay,
        held_until=None if held is None else now + held,
    )
