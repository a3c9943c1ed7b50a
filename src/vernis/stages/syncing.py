"""Sync: what a company's CRM tells becomes clients, services, staff and bookings here.

Page by page, each in one transaction with where it stands: killed anywhere, it goes on at the page
where it was. Several at once share the pages; none is taken in twice.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from vernis.crm import CrmClient, Entity, Page
from vernis.decide import syncs
from vernis.decide.crm.yclients_records import NOBODY
from vernis.decide.syncs import Progress, Run
from vernis.domain import Company
from vernis.errors import ConflictError, CrmAccessError, CrmBusyError, DataError, UnavailableError
from vernis.ports import Connection, CrmSource, Database
from vernis.sql import load
from vernis.stages import (
    crm_clients,
    crm_connections,
    crm_records,
    crm_rejects,
    crm_services,
    intervals,
)
from vernis.stages.crm_job import Job
from vernis.stages.opt_outs import HashPhone

sql = load("syncing")

EVERY = timedelta(minutes=10)
SCHEDULE_DAYS = 30
BUSY_AGAIN = timedelta(seconds=20)
NO_SERVICES = "The CRM lists no services: look at the rights of the user whose token it is."


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run has read of a kind of things so far.

    `taken` were usable, `changed` of what we keep of them was new or other than before (a record
    is a booking for each service), `left_out` are records of nobody, `replaced` bookings of files.
    `total` is what the CRM says there is, where it says so.
    """

    entity: Entity
    is_done: bool = False
    pages: int = 0
    taken: int = 0
    changed: int = 0
    left_out: int = 0
    rejected: int = 0
    erased: int = 0
    replaced: int = 0
    total: int | None = None
    error: str | None = None

    @property
    def counts(self) -> dict[str, int]:
        names = ("pages", "taken", "changed", "left_out", "rejected", "erased", "replaced")
        return {name: getattr(self, name) for name in names if getattr(self, name)}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    db: Database
    company: Company
    crm: str
    source: CrmSource
    now: datetime
    hash_phone: HashPhone
    on_page: Callable[[Outcome], None]

    def job(self, connection: Connection) -> Job:
        return Job(connection=connection, company=self.company, crm=self.crm, now=self.now)

    @property
    def values(self) -> dict[str, Any]:
        return {"company_id": self.company.company_id, "now": self.now}


class _OvertakenError(ConflictError):
    """Somebody else has read this page in the meantime."""


async def sync(
    db: Database,
    company: Company,
    source: CrmSource,
    *,
    now: datetime,
    hash_phone: HashPhone,
    full: bool = False,
    every: timedelta = EVERY,
    only_due: bool = False,
    on_page: Callable[[Outcome], None] = lambda _: None,
    stopping: Callable[[], bool] = lambda: False,
) -> list[Outcome]:
    """Read what changed since the last time, everything the first time and with `full`.

    A run that was interrupted goes on; between two pages it is when `stopping` says so: then the
    last outcome is not done and the next sync due at once, else after `every`. With `only_due`
    nothing is read before.

    Raises CrmAccessError, and the company is disconnected then; UnavailableError, and it is tried
    again later; ConflictError where another sync is under way or nothing is connected.
    """
    connection = await crm_connections.connected(db, company)
    until = await crm_connections.claim(db, company, now=now, only_due=only_due)
    if until is None:
        return []
    run = _Run(
        db=db,
        company=company,
        crm=connection.crm,
        source=source,
        now=syncs.moment(await progress(db, company), now),
        hash_phone=hash_phone,
        on_page=on_page,
    )
    next_at = now + syncs.FIRST_RETRY
    try:
        outcomes, is_over = await _read(run, full=full, stopping=stopping)
        next_at = now + every if is_over else now
    except CrmBusyError:
        next_at = now + BUSY_AGAIN
        raise
    except _Failed as failed:
        next_at = now + syncs.retry_after(failed.failures)
        raise failed.error from None
    except CrmAccessError as error:
        await crm_connections.mark_disconnected(db, company, str(error), now=now)
        raise
    finally:
        await crm_connections.finish(db, company, until=until, next_sync_at=next_at)
    return outcomes


async def is_first_under_way(db: Database, company: Company) -> bool:
    """Whether a connected company's records have never been read to their end: what is known of
    its clients is not enough to write to anybody."""
    connection = await crm_connections.find(db, company)
    if connection is None or not connection.is_connected:
        return False
    records = (await progress(db, company)).get(Entity.RECORDS)
    return records is None or records.succeeded_at is None


async def suspect_deleted(
    db: Database, company: Company, external_id: str, *, crm: str, now: datetime
) -> None:
    """Somebody says that the CRM has a client no more: the next sync asks the CRM itself."""
    async with db.tenant(company.company_id) as connection:
        job = Job(connection=connection, company=company, crm=crm, now=now)
        await crm_clients.suspect(job, [external_id], reason=crm_clients.SUSPECTED)


async def progress(db: Database, company: Company) -> dict[Entity, Progress]:
    """How far each kind of thing is."""
    async with db.tenant(company.company_id) as connection:
        return await _progress(connection, company)


async def _progress(connection: Connection, company: Company) -> dict[Entity, Progress]:
    cursor = connection.cursor(row_factory=dict_row)
    await cursor.execute(sql.progress.sql, {"company_id": company.company_id})
    rows = await cursor.fetchall()
    found = [Progress(**row | {"entity": Entity(row["entity"])}) for row in rows]
    return {one.entity: one for one in found}


class _Failed(Exception):  # noqa: N818 (carries an error on)
    def __init__(self, error: UnavailableError, failures: int) -> None:
        super().__init__(failures)
        self.error = error
        self.failures = failures


# --- a run --------------------------------------------------------------------------------------


async def _read(
    run: _Run, *, full: bool, stopping: Callable[[], bool]
) -> tuple[list[Outcome], bool]:
    """The outcomes, and whether the run is over."""
    wanted, known = await _begin(run, full=full)
    outcomes: list[Outcome] = []
    erased: int | None = None
    for entity in wanted.entities:
        if outcomes and stopping():
            return [*outcomes, Outcome(entity=entity)], False
        if entity is Entity.SCHEDULES:  # nothing depends on them: deletions come first
            erased = await _settle_deleted(run)
        try:
            outcomes.append(await _read_one(run, known[entity], stopping))
        except UnavailableError as error:
            if isinstance(error, CrmBusyError):
                raise
            raise _Failed(error, await _fail(run, entity, error)) from None
        except CrmAccessError as error:
            if entity is not Entity.SCHEDULES:
                await _fail(run, entity, error)
                raise
            outcomes.append(await _without(run, known[entity], str(error)))
        if not outcomes[-1].is_done:
            return outcomes, False
    if erased is None:
        erased = await _settle_deleted(run)
    if erased:
        outcomes = [
            replace(one, erased=erased) if one.entity is Entity.CLIENTS else one for one in outcomes
        ]
    return outcomes, True


async def _begin(run: _Run, *, full: bool) -> tuple[Run, Mapping[Entity, Progress]]:
    async with run.db.tenant(run.company.company_id) as connection:
        await connection.execute(sql.one_at_a_time.sql, run.values)
        known = await _progress(connection, run.company)
        wanted = syncs.next_run(known, full=full, now=run.now)
        if wanted.anew:
            values = run.values | {"entities": sorted(wanted.anew), "full": wanted.full}
            await connection.execute(sql.begin.sql, values)
            known = await _progress(connection, run.company)
            if wanted.full and Entity.CLIENTS in wanted.anew:
                job = run.job(connection)
                if await crm_clients.any_known(job):
                    page: dict[str, Any] = {"next": None, "seen": []}
                    values = run.values | {"entity": Entity.CLIENTS, "page": Jsonb(page)}
                    await connection.execute(sql.prepare.sql, values)
                    clients = replace(known[Entity.CLIENTS], page=page)
                    known = known | {Entity.CLIENTS: clients}
    return wanted, known


async def _read_one(run: _Run, at: Progress, stopping: Callable[[], bool]) -> Outcome:
    """Read a kind of things from where it stands, to its end or until `stopping`."""
    outcome = replace(Outcome(entity=at.entity), **_counted(at.counts))
    while True:
        page = await _ask(run, at)
        left_out = sum(one.reason == NOBODY for one in page.rejected)
        outcome = replace(
            outcome,
            pages=outcome.pages + 1,
            taken=outcome.taken + len(page.items),
            left_out=outcome.left_out + left_out,
            rejected=outcome.rejected + len(page.rejected) - left_out,
            total=page.total if page.total is not None else outcome.total,
            is_done=page.next is None,
        )
        async with run.db.tenant(run.company.company_id) as connection:
            at, outcome = await _take_in(run, connection, at, page, outcome)
        run.on_page(outcome)
        if outcome.is_done or stopping():
            return outcome


async def _ask(run: _Run, at: Progress) -> Page[Any]:
    source, place = run.source, (at.page or {}).get("next")
    match at.entity:
        case Entity.COMPANY:
            return Page(items=(await source.company(),))
        case Entity.STAFF:
            return await source.staff()
        case Entity.SERVICES:
            return await source.services()
        case Entity.CLIENTS:
            return await source.clients(changed_after=at.changed_after, page=place)
        case Entity.RECORDS:
            return await source.records(
                since=_since(run, at), changed_after=at.changed_after, page=place
            )
        case Entity.SCHEDULES:
            last = run.now.astimezone(run.company.zone).date() + timedelta(days=SCHEDULE_DAYS)
            first = last - timedelta(days=SCHEDULE_DAYS)
            return await source.schedules(first_day=first, last_day=last)


def _since(run: _Run, at: Progress) -> date:
    """The same day for all pages of a run."""
    assert at.started_at is not None
    began = at.started_at.astimezone(run.company.zone).date()
    years_ago = date(began.year - syncs.YEARS, began.month, 1)
    return years_ago.replace(day=min(began.day, 28))


async def _take_in(
    run: _Run, connection: Connection, at: Progress, page: Page[Any], outcome: Outcome
) -> tuple[Progress, Outcome]:
    """Merge a page and turn it, in one transaction; where it stands then."""
    values = run.values | {"entity": at.entity, "started_at": at.started_at}
    await connection.execute(sql.one_at_a_time.sql, values)
    before = Jsonb(at.page) if at.page is not None else None
    row = await (await connection.execute(sql.is_ours.sql, values | {"page": before})).fetchone()
    if row != (True,):
        raise _OvertakenError("Another sync of this company is under way: it goes on by itself.")
    job = run.job(connection)
    rejected = [one for one in page.rejected if one.reason != NOBODY]
    await crm_rejects.keep(connection, run.company, at.entity, rejected, now=run.now)
    outcome = await _STEPS[at.entity](run, job, at, page, outcome)
    values |= {"counts": Jsonb(outcome.counts)}
    if outcome.is_done:
        assert at.started_at is not None
        later = {"changed_after": syncs.changed_after(at.started_at), "error": outcome.error}
        await connection.execute(sql.succeed.sql, values | later)
        return at, outcome
    place: dict[str, Any] = {"next": page.next}
    if at.page is not None and "seen" in at.page:
        place["seen"] = [*at.page["seen"], *(one.external_id for one in page.items)]
    await connection.execute(sql.turn_page.sql, values | {"page": Jsonb(place)})
    return replace(at, page=place), outcome


async def _fail(run: _Run, entity: Entity, error: Exception) -> int:
    """Note why it did not go on; how often in a row."""
    values = run.values | {"entity": entity, "error": str(error)}
    async with run.db.tenant(run.company.company_id) as connection:
        row = await (await connection.execute(sql.fail.sql, values)).fetchone()
    return row[0] if row else 1


async def _without(run: _Run, at: Progress, why: str) -> Outcome:
    """What the salon does well without is not read until the next day."""
    assert at.started_at is not None
    values = run.values | {"entity": at.entity, "counts": Jsonb({}), "error": why}
    async with run.db.tenant(run.company.company_id) as connection:
        values |= {"changed_after": syncs.changed_after(at.started_at)}
        await connection.execute(sql.succeed.sql, values)
    return Outcome(entity=at.entity, is_done=True, error=why)


def _counted(counts: Mapping[str, int]) -> dict[str, Any]:
    """What an interrupted run had counted."""
    return {name: number for name, number in counts.items() if name in Outcome.__slots__}


# --- what becomes of a page ---------------------------------------------------------------------


async def _company(_: _Run, __: Job, ___: Progress, ____: Page[Any], outcome: Outcome) -> Outcome:
    return outcome  # that it is there is all that matters


async def _staff(_: _Run, job: Job, at: Progress, page: Page[Any], outcome: Outcome) -> Outcome:
    changed = await crm_services.merge_staff(job, page.items)
    await _taken(job, at, page)
    return replace(outcome, changed=outcome.changed + changed)


async def _services(_: _Run, job: Job, at: Progress, page: Page[Any], outcome: Outcome) -> Outcome:
    if not page.items:
        return replace(outcome, error=NO_SERVICES)
    changed = await crm_services.merge_services(job, page.items)
    await _taken(job, at, page)
    if changed:
        await crm_records.make_due_dates_old(job)
    return replace(outcome, changed=outcome.changed + changed)


async def _clients(run: _Run, job: Job, at: Progress, page: Page[Any], outcome: Outcome) -> Outcome:
    changed = await crm_clients.merge(job, page.items, run.hash_phone)
    if outcome.is_done and at.page is not None and "seen" in at.page:
        seen = [*at.page["seen"], *(one.external_id for one in page.items)]
        if seen:
            await crm_clients.suspect_unseen(job, seen)
    return replace(outcome, changed=outcome.changed + changed)


async def _records(run: _Run, job: Job, at: Progress, page: Page[Any], outcome: Outcome) -> Outcome:
    touched, changed = await crm_records.merge(job, page.items)
    if at.is_full:
        assert at.started_at is not None
        seen = [one.external_id for one in (*page.items, *page.rejected)]
        await crm_records.mark_seen(job, seen, started_at=at.started_at)
    outcome = replace(outcome, changed=outcome.changed + changed)
    if at.is_full and outcome.is_done:
        outcome = await _end_of_all_records(run, job, at, outcome)
    elif touched and not at.is_full:
        await _follow(job, touched)
    return outcome


async def _schedules(_: _Run, job: Job, at: Progress, page: Page[Any], outcome: Outcome) -> Outcome:
    changed = await crm_services.merge_schedules(job, page.items)
    await _taken(job, at, page)
    return replace(outcome, changed=outcome.changed + changed)


_Step = Callable[[_Run, Job, Progress, Page[Any], Outcome], Awaitable[Outcome]]
_STEPS: Mapping[Entity, _Step] = {
    Entity.COMPANY: _company,
    Entity.STAFF: _staff,
    Entity.SERVICES: _services,
    Entity.CLIENTS: _clients,
    Entity.RECORDS: _records,
    Entity.SCHEDULES: _schedules,
}


async def _taken(job: Job, at: Progress, page: Page[Any]) -> None:
    ids = [getattr(one, "external_id", None) or one.staff_id for one in page.items]
    rejected = {one.external_id for one in page.rejected}
    await crm_rejects.taken(job.connection, job.company, at.entity, sorted({*ids} - rejected))


async def _end_of_all_records(run: _Run, job: Job, at: Progress, outcome: Outcome) -> Outcome:
    """Everything was read: what is gone, what the files had, and the due dates anew."""
    assert at.started_at is not None
    since = _since(run, at)
    gone: set[int] = set()
    if outcome.taken:
        gone = await crm_records.cancel_unseen(job, since=since, started_at=at.started_at)
    replaced = await crm_records.replace_files(job, since=since)
    if replaced or gone or outcome.changed:
        await crm_records.make_due_dates_old(job)
    return replace(outcome, changed=outcome.changed + len(gone), replaced=replaced)


async def _follow(job: Job, touched: set[int]) -> None:
    """A page's clients are brought up to date, unless everything is computed anew anyway."""
    if await intervals.is_stale_within(job.connection, job.company, on=job.today):
        return
    await intervals.follow_within(
        job.connection, job.company, sorted(touched), on=job.today, now=job.now
    )


async def _settle_deleted(run: _Run) -> int:
    """Ask for those who may be gone, forget those who are; how many were forgotten."""
    async with run.db.tenant(run.company.company_id) as connection:
        asked = await crm_clients.suspected(run.job(connection))
    there, gone, unusable = list[CrmClient](), list[str](), list[str]()
    for external_id in asked:
        try:
            client = await run.source.client(external_id)
        except DataError:  # they are there, whatever is told of them
            unusable.append(external_id)
            continue
        if client is None or client.is_deleted:
            gone.append(external_id)
        else:
            there.append(client)
    async with run.db.tenant(run.company.company_id) as connection:
        await connection.execute(sql.one_at_a_time.sql, run.values)
        job = run.job(connection)
        if there:
            await crm_clients.merge(job, there, run.hash_phone)
        await crm_rejects.taken(connection, run.company, Entity.CLIENTS, unusable)
        await crm_clients.suspect(job, gone, reason=crm_clients.DELETED)
        return await crm_clients.erase_deleted(job)
