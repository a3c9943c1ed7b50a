"""Staff and services of a CRM become ours: who works there, when, and what they do."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time
from typing import Any

from psycopg.types.json import Jsonb

from vernis.crm import CrmService, CrmShift, CrmStaff
from vernis.decide.files.records import ServiceRecord
from vernis.sql import load
from vernis.stages.crm_job import Job
from vernis.stages.services import Services

sql = load("crm_services")

SHORTEST, LONGEST = 5, 1440  # minutes of a service


async def merge_staff(job: Job, staff: Sequence[CrmStaff]) -> int:
    """Take in the whole list; how many are new or changed."""
    await _stage_staff(job, [(one.external_id, one.name, one.is_active) for one in staff])
    await job.connection.execute(sql.adopt_staff.sql, job.values)
    changed = (await job.connection.execute(sql.merge_staff.sql, job.values)).rowcount
    if staff:
        changed += (await job.connection.execute(sql.retire_staff.sql, job.values)).rowcount
    await job.connection.execute(sql.drop_staff.sql)
    return changed


async def add_staff(job: Job, named: Mapping[str, str]) -> None:
    """Names by the CRM's ids, of people whom only records know."""
    await _stage_staff(job, [(id_, name, False) for id_, name in named.items()])
    await job.connection.execute(sql.add_staff.sql, job.values)
    await job.connection.execute(sql.drop_staff.sql)


async def _stage_staff(job: Job, staff: Iterable[tuple[str, str, bool]]) -> None:
    rows = [
        {"key": job.key(id_), "name": _text(name) or f"№ {id_}", "is_active": is_active}
        for id_, name, is_active in staff
    ]
    await job.connection.execute(sql.stage_staff.sql, {"rows": Jsonb(rows)})


async def staff_ids(job: Job) -> dict[str, int]:
    """Our ids by the CRM's keys."""
    return dict(await (await job.connection.execute(sql.staff_ids.sql, job.values)).fetchall())


async def merge_services(job: Job, listed: Sequence[CrmService]) -> int:
    """Take in the whole list, with who does what; how many are new or changed.

    An empty list changes nothing: a salon without services is rather a missing right.
    """
    if not listed:
        return 0
    services = Services(job.connection, job.company.company_id)
    await services.read()
    changed = 0
    for one in listed:
        changed += await services.put_listed(job.key(one.external_id), _record(one))
    changed += await services.retire_others({job.key(one.external_id) for one in listed})
    await _put_doers(job, listed, services.ids())
    return changed


async def add_services(job: Job, named: Mapping[str, str | None]) -> None:
    """Titles by the CRM's ids, of services that only records know: nobody can book them."""
    services = Services(job.connection, job.company.company_id)
    await services.read()
    for id_, title in named.items():
        if (key := job.key(id_)) not in services.ids():
            told = CrmService(external_id=id_, title=title or f"№ {id_}", is_active=False)
            await services.put_listed(key, _record(told))


def _record(one: CrmService) -> ServiceRecord:
    minutes = one.duration_minutes
    return ServiceRecord(
        code=None,
        title=_text(one.title) or f"№ {one.external_id}",
        category=_text(one.category or ""),
        price_minor=one.price_minor if (one.price_minor or 0) >= 0 else None,
        duration_minutes=max(SHORTEST, min(minutes, LONGEST)) if minutes else None,
        is_active=one.is_active,
        line=0,
    )


def _text(said: str) -> str | None:
    return said.replace("\0", "").strip() or None


async def _put_doers(job: Job, listed: Sequence[CrmService], ids: Mapping[str, int]) -> None:
    """Who does what, where that changed."""
    staff = await staff_ids(job)
    rows = await (await job.connection.execute(sql.doers.sql, job.values)).fetchall()
    known: dict[tuple[int, int], int | None] = {(row[0], row[1]): row[2] for row in rows}
    wanted: dict[tuple[int, int], int | None] = {}
    for one in listed:
        for staff_id, minutes in one.staff:
            if (who := staff.get(job.key(staff_id))) is not None:
                own = min(minutes, LONGEST) if minutes and minutes > 0 else None
                wanted[ids[job.key(one.external_id)], who] = own
    gone = sorted(known.keys() - wanted.keys())
    new = sorted(pair for pair in wanted if pair not in known or known[pair] != wanted[pair])
    for pairs, step in ((gone, sql.forget_doers), (new, sql.put_doers)):
        if pairs:
            columns: dict[str, Any] = {"services": [service for service, _ in pairs]}
            columns |= {"staff": [who for _, who in pairs]}
            columns |= {"minutes": [wanted.get(pair) for pair in pairs]}
            await job.connection.execute(step.sql, job.values | columns)


# --- hours --------------------------------------------------------------------------------------


async def merge_schedules(job: Job, shifts: Sequence[CrmShift]) -> int:
    """The usual hours of each weekday, from the shifts of some weeks; whether they changed.

    Free times come from the CRM itself: docs/decisions/0009-crm.md.
    """
    staff = await staff_ids(job)
    days: dict[tuple[int, date], set[tuple[time, time]]] = {}
    for shift in shifts:
        who = staff.get(job.key(shift.staff_id))
        if who is not None and shift.opens < shift.closes:
            days.setdefault((who, shift.on), set()).add((shift.opens, shift.closes))
    seen: dict[tuple[int, int], Counter[tuple[tuple[time, time], ...]]] = {}
    for (who, on), slots in days.items():
        seen.setdefault((who, on.isoweekday()), Counter())[tuple(sorted(slots))] += 1
    usual = sorted(
        (*of, *slot)
        for of, patterns in seen.items()
        for slot in max(patterns, key=lambda one: (patterns[one], one))
    )
    rows = await (await job.connection.execute(sql.staff_with_hours.sql, job.values)).fetchall()
    if sorted(rows) == usual:
        return 0
    await job.connection.execute(sql.forget_hours.sql, job.values)
    columns = dict(
        zip(("staff", "weekdays", "opens", "closes"), zip(*usual, strict=True), strict=True)
    )
    if usual:
        lists = {name: list(column) for name, column in columns.items()}
        await job.connection.execute(sql.put_hours.sql, job.values | lists)
    return 1
