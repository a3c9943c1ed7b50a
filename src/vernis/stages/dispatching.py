"""Dispatching: which companies have something to do, found in the tables and nowhere else.

Whatever a job, a notification or a process lost is found here again.
"""

import logging
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from vernis.decide.due import FRESH_DAYS
from vernis.domain import Company
from vernis.ports import Connection, Database
from vernis.sql import load

sql = load("dispatching")
log = logging.getLogger(__name__)


class Kind(StrEnum):
    """What there is to do, the most urgent first."""

    ANSWER = "answer"  # send what the reception wrote
    HANDLE = "handle"  # read and answer what a dialog received
    TELL = "tell"  # call the webhooks of those who want to know
    DELIVER = "deliver"  # write, recover and send campaign messages
    MORNING = "morning"  # plan the day
    INTERVALS = "intervals"  # recompute the due dates
    WATCH = "watch"  # judge the accounts by what became of their messages
    SYNC = "sync"  # read what changed in the CRM


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Something to do for one company, or for one of its dialogs."""

    kind: Kind
    company_id: int
    dialog_id: int | None = None


async def find(db: Database, *, now: datetime, abandoned_before: datetime) -> list[Work]:
    """All work of all companies, the most urgent first. Claims older than `abandoned_before`
    belong to a process that died."""
    values = {
        "now": now,
        "abandoned_before": abandoned_before,
        # a day more than FRESH_DAYS: it is a week in every time zone
        "stale_before": now.astimezone(UTC).date() - timedelta(days=FRESH_DAYS),
    }
    async with db.dispatch() as connection:
        cursor = await connection.execute(sql.dialogs.sql)
        dialogs = await cursor.fetchall()
        companies = {Kind.MORNING: await _mornings(connection, now)}
        for kind, query in (
            (Kind.ANSWER, sql.answers),
            (Kind.TELL, sql.tellings),
            (Kind.DELIVER, sql.deliveries),
            (Kind.INTERVALS, sql.intervals),
        ):
            cursor = await connection.execute(query.sql, values)
            companies[kind] = sorted(row[0] for row in await cursor.fetchall())
        cursor = await connection.execute(sql.syncs.sql, values)
        companies[Kind.SYNC] = [row[0] for row in await cursor.fetchall()]
    found = [Work(kind=kind, company_id=id_) for kind, ids in companies.items() for id_ in ids]
    found += [Work(kind=Kind.HANDLE, company_id=c, dialog_id=d) for c, d in sorted(dialogs)]
    urgency = list(Kind)
    return sorted(found, key=lambda work: urgency.index(work.kind))


async def is_planned(db: Database, company: Company, *, on: date) -> bool:
    """Whether a day is planned already, or done with."""
    async with db.tenant(company.company_id) as connection:
        cursor = await connection.execute(sql.planned_on.sql, {"company_id": company.company_id})
        row = await cursor.fetchone()
    return row is not None and row[0] is not None and row[0] >= on


async def close_day(db: Database, company: Company, *, on: date) -> None:
    """Leave a day unplanned, because nothing may be sent on it any more."""
    async with db.tenant(company.company_id) as connection:
        await connection.execute(sql.close_day.sql, {"company_id": company.company_id, "on": on})


async def next_delivery(db: Database, company: Company) -> datetime | None:
    """When the next written message may leave, maybe already now; None where none waits."""
    async with db.tenant(company.company_id) as connection:
        cursor = await connection.execute(sql.next_delivery.sql, {"company_id": company.company_id})
        row = await cursor.fetchone()
    return row[0] if row else None


async def newest_message(db: Database, company: Company, *, dialog_id: int) -> datetime | None:
    """When the last message came that nobody has handled; None where none waits."""
    values = {"company_id": company.company_id, "dialog_id": dialog_id}
    async with db.tenant(company.company_id) as connection:
        cursor = await connection.execute(sql.newest_message.sql, values)
        row = await cursor.fetchone()
    return row[0] if row else None


async def _mornings(connection: Connection, now: datetime) -> list[int]:
    cursor = await connection.execute(sql.zones.sql)
    local = [(zone, at) for (zone,) in await cursor.fetchall() if (at := _local(zone, now))]
    days: list[date] = [at.date() for _, at in local]
    times: list[time] = [at.time() for _, at in local]
    values = {"zones": [zone for zone, _ in local], "days": days, "times": times}
    cursor = await connection.execute(sql.mornings.sql, values)
    return sorted(row[0] for row in await cursor.fetchall())


def _local(zone: str, now: datetime) -> datetime | None:
    try:
        return now.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError):
        log.warning("No plans for companies in an unknown time zone: %s", zone)
        return None
