"""What a sync reads next: a run goes through the kinds of things, and goes on where it stopped."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from vernis.crm import Entity

OVERLAP = timedelta(minutes=10)  # clocks differ, and what is being written is not there yet
DAILY = timedelta(hours=20)  # the company itself and its schedules are read once a day
OLD = timedelta(hours=1)  # a run that stopped so long ago looks at the lists again
FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(hours=1)
YEARS = 3  # of records

EVERY_RUN = (Entity.STAFF, Entity.SERVICES, Entity.CLIENTS, Entity.RECORDS)
_LISTS = (Entity.STAFF, Entity.SERVICES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a kind of thing is; the columns of crm_syncs. `page` is where its run goes on."""

    entity: Entity
    page: Mapping[str, Any] | None = None
    changed_after: datetime | None = None
    started_at: datetime | None = None
    succeeded_at: datetime | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    error: str | None = None

    @property
    def is_under_way(self) -> bool:
        if self.started_at is None:
            return False
        return self.succeeded_at is None or self.succeeded_at < self.started_at

    @property
    def is_full(self) -> bool:
        """Whether its run reads everything, not only what changed."""
        return self.changed_after is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What to read, in this order; those `anew` begin at their first page, the others go on."""

    entities: tuple[Entity, ...]
    anew: frozenset[Entity]
    full: bool


def next_run(known: Mapping[Entity, Progress], *, full: bool, now: datetime) -> Run:
    """The run that is under way, or a new one.

    `full` reads everything, and goes on with a run that does already.
    """
    under_way = [one for one in known.values() if one.is_under_way]
    is_full = any(one.is_full for one in under_way)
    if under_way and (is_full or not full):
        begun = min(one.started_at for one in under_way if one.started_at)
        anew = set(_LISTS) if begun < now - OLD else set()
        anew |= {entity for entity in EVERY_RUN if entity not in known}
        wanted = {one.entity for one in under_way} | anew
        return Run(entities=_in_order(wanted), anew=frozenset(anew), full=is_full)
    records = known.get(Entity.RECORDS)
    full = full or records is None or records.is_full
    wanted = set(EVERY_RUN)
    for entity in (Entity.COMPANY, Entity.SCHEDULES):
        before = known.get(entity)
        if (
            full
            or before is None
            or before.succeeded_at is None
            or before.succeeded_at < now - DAILY
        ):
            wanted.add(entity)
    return Run(entities=_in_order(wanted), anew=frozenset(wanted), full=full)


def moment(known: Mapping[Entity, Progress], now: datetime) -> datetime:
    """`now`, but always after what happened before: clocks are turned back, or stand still."""
    marks = [at for one in known.values() for at in (one.started_at, one.succeeded_at) if at]
    return max(now, max(marks) + timedelta(microseconds=1)) if marks else now


def changed_after(started_at: datetime) -> datetime:
    """What the next run asks for, after one that began then."""
    return started_at - OVERLAP


def retry_after(failures: int) -> timedelta:
    """How long to leave a CRM alone that has not answered so many times in a row."""
    doubled: int = 2 ** min(max(failures - 1, 0), 10)
    return min(LONGEST_RETRY, FIRST_RETRY * doubled)


def _in_order(wanted: set[Entity]) -> tuple[Entity, ...]:
    return tuple(entity for entity in Entity if entity in wanted)
