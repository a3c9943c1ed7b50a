"""Records of a CRM become bookings: one row for each service of a record.

A row stays the same row through every change, so that what was counted by it stays true.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from psycopg.types.json import Jsonb

from vernis.crm import CrmRecord, Entity
from vernis.domain import BookingState
from vernis.sql import load
from vernis.stages import crm_clients, crm_rejects, crm_services
from vernis.stages.crm_job import Job

sql = load("crm_records")


async def merge(job: Job, told: Sequence[CrmRecord]) -> tuple[set[int], int]:
    """Take in records; whose bookings changed, and how many of them."""
    records = list({record.external_id: record for record in told}.values())
    await _add_unknown(job, records)
    rows = [row for record in records for row in _rows(job, record)]
    connection, values = job.connection, job.values
    await connection.execute(sql.stage.sql, values | {"rows": Jsonb(rows)}, prepare=False)
    await connection.execute("ANALYZE staged_records")
    touched, changed = set[int](), 0
    for step in await _steps(job, records, values):
        cursor = await connection.execute(step.sql, values, prepare=False)
        if cursor.description:
            changed += cursor.rowcount if step is not sql.moved_from else 0
            touched.update(row[0] for row in await cursor.fetchall())
    await connection.execute(sql.drop.sql)
    taken = [record.external_id for record in records]
    await crm_rejects.taken(connection, job.company, Entity.RECORDS, taken)
    return touched, changed


async def _steps(job: Job, records: Sequence[CrmRecord], values: dict[str, Any]) -> list[Any]:
    """What is to be done, as far as anything is: most records are new, or not deleted."""
    asked = {"records": [record.external_id for record in records]}
    cursor = await job.connection.execute(sql.known.sql, values | asked, prepare=False)
    known = [row[0] for row in await cursor.fetchall()]
    values["records"] = known
    steps = [sql.cancel, sql.forget_cancelled] if known and _any_cancelled(records) else []
    steps += [sql.moved_from, sql.exchange, sql.take_off] if known else []
    return [*steps, sql.merge]


def _any_cancelled(records: Sequence[CrmRecord]) -> bool:
    return any(record.state is BookingState.CANCELLED for record in records)


async def mark_seen(job: Job, external_ids: Sequence[str], *, started_at: datetime) -> None:
    values = job.values | {"records": list(external_ids), "started_at": started_at}
    await job.connection.execute(sql.seen.sql, values, prepare=False)


async def cancel_unseen(job: Job, *, since: date, started_at: datetime) -> set[int]:
    """What a run through all records from a day on has not seen is gone; whose they were."""
    values = job.values | {"since": since, "started_at": started_at}
    cursor = await job.connection.execute(sql.cancel_unseen.sql, values)
    return {row[0] for row in await cursor.fetchall()}


async def replace_files(job: Job, *, since: date) -> int:
    """Delete the files' bookings of the days that the CRM covers; how many.

    It covers the days from its first record on: salons bring files from the program before it.
    """
    cursor = await job.connection.execute(sql.covered_from.sql, job.values | {"since": since})
    row = await cursor.fetchone()
    if row is None or row[0] is None:
        return 0
    values = job.values | {"covered_from": row[0]}
    return (await job.connection.execute(sql.replace_files.sql, values)).rowcount


async def make_due_dates_old(job: Job) -> None:
    await job.connection.execute(sql.due_dates_are_old.sql, job.values)


async def _add_unknown(job: Job, records: Sequence[CrmRecord]) -> None:
    """What only records know: clients, staff and services that the lists do not have."""
    clients = {job.key(record.client.external_id): record.client for record in records}
    unknown = await _unknown(job, sql.known_clients.sql, clients)
    if unknown:
        await crm_clients.add(job, [clients[key] for key in unknown])
    staff = {
        job.key(record.staff_id): (record.staff_id, record.staff_name or "")
        for record in records
        if record.staff_id is not None
    }
    if unknown := await _unknown(job, sql.known_staff.sql, staff):
        await crm_services.add_staff(job, dict(staff[key] for key in unknown))
    services = {
        job.key(line.service_id): (line.service_id, line.title)
        for record in records
        for line in record.lines
    }
    if unknown := await _unknown(job, sql.known_services.sql, services):
        await crm_services.add_services(job, dict(services[key] for key in unknown))


async def _unknown(job: Job, query: str, keys: "dict[str, Any]") -> list[str]:
    values = {"company_id": job.company.company_id, "keys": list(keys)}
    cursor = await job.connection.execute(query, values, prepare=False)
    known = {row[0] for row in await cursor.fetchall()}
    return [key for key in keys if key not in known]


def _rows(job: Job, record: CrmRecord) -> list[dict[str, Any]]:
    """A service that a record has twice is one row, for both."""
    amounts: dict[str | None, int | None] = {}
    for line in record.lines:
        before = amounts.get(line.service_id)
        told = [one for one in (before, line.amount_minor) if one is not None]
        amounts[line.service_id] = sum(told) if told else None
    starts, ends = record.starts_at, record.ends_at
    return [
        {
            "record": record.external_id,
            "client": job.key(record.client.external_id),
            "staff": job.key(record.staff_id) if record.staff_id else None,
            "service": job.key(service_id) if service_id else None,
            "on_date": starts.astimezone(job.company.zone).date().isoformat(),
            "starts_at": starts.isoformat(),
            "ends_at": ends.isoformat() if ends > starts else None,
            "state": record.state,
            "amount_minor": amount,
            "booked_at": _moment(record.booked_at),
            "cancelled_at": _moment(record.cancelled_at),
            "key": record.key,
        }
        for service_id, amount in (amounts or {None: None}).items()
    ]


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
