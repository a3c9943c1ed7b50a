"""Which free times a message offers, and whether they are still free when it leaves."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from hashlib import blake2b
from typing import Any
from zoneinfo import ZoneInfo

from vernis.decide.writing.free_times import blot_times
from vernis.domain import FreeTime, Locale

MOST = 3
DAYS = 7  # from the day of the message on
NOTICE = timedelta(hours=3)  # nobody reads, decides and comes sooner
APART = timedelta(hours=2)

Offered = Counter[tuple[int, datetime]]  # how often a start with one of the staff was offered


def choose(
    times: Iterable[FreeTime],
    *,
    staff_id: int,
    zone: ZoneInfo,
    after: datetime,
    seed: int,
    offered: Offered,
) -> tuple[FreeTime, ...]:
    """Up to three times with one of the staff, NOTICE after a moment, earliest first.

    On different days where there are enough. The same seed chooses the same; others choose
    others, and what `offered` counts comes last: one free hour is not promised to everybody.
    """

    def rank(free: FreeTime) -> tuple[int, bytes]:
        start = f"{seed}:{free.starts_at.timestamp()}"
        return offered[free.staff_id, free.starts_at], blake2b(start.encode()).digest()

    theirs = [
        free for free in times if free.staff_id == staff_id and free.starts_at >= after + NOTICE
    ]
    chosen: list[FreeTime] = []
    for same_day in (False, True):
        for free in sorted(theirs, key=rank):
            if len(chosen) < MOST and all(
                _apart(free, other, zone, same_day=same_day) for other in chosen
            ):
                chosen.append(free)
    offered.update((free.staff_id, free.starts_at) for free in chosen)
    return tuple(sorted(chosen, key=lambda free: free.starts_at))


def stated(
    text: str, times: Sequence[FreeTime], zone: ZoneInfo, locale: Locale
) -> tuple[FreeTime, ...]:
    """Those of the times that a text really names."""
    local = [free.starts_at.astimezone(zone) for free in times]
    without_any = blot_times(text, local, locale, "")
    return tuple(
        free
        for free, at in zip(times, local, strict=True)
        if blot_times(text, [other for other in local if other != at], locale, "") != without_any
    )


def gone(offered: Iterable[FreeTime], free: Iterable[FreeTime]) -> list[FreeTime]:
    """Those of the offered times that are not free any more."""
    still = {(one.staff_id, one.service_id, one.starts_at) for one in free}
    return [one for one in offered if (one.staff_id, one.service_id, one.starts_at) not in still]


def days_of(times: Sequence[FreeTime], zone: ZoneInfo) -> tuple[date, date]:
    """The first and the last company-local day of some times, at least one."""
    days = [free.starts_at.astimezone(zone).date() for free in times]
    return min(days), max(days)


def to_plain(free: FreeTime) -> dict[str, Any]:
    """As JSON keeps it, in the names of the type."""
    return {
        "starts_at": free.starts_at.isoformat(),
        "ends_at": free.ends_at.isoformat(),
        "staff_id": free.staff_id,
        "staff_name": free.staff_name,
        "service_id": free.service_id,
        "service_title": free.service_title,
    }


def from_plain(plain: Mapping[str, Any]) -> FreeTime:
    """The reverse of `to_plain`."""
    return FreeTime(
        starts_at=datetime.fromisoformat(plain["starts_at"]),
        ends_at=datetime.fromisoformat(plain["ends_at"]),
        staff_id=plain["staff_id"],
        staff_name=plain["staff_name"],
        service_id=plain["service_id"],
        service_title=plain["service_title"],
    )


def _apart(free: FreeTime, other: FreeTime, zone: ZoneInfo, *, same_day: bool) -> bool:
    if same_day:
        return abs(free.starts_at - other.starts_at) >= APART
    return free.starts_at.astimezone(zone).date() != other.starts_at.astimezone(zone).date()
