"""Import: files of a salon's software become clients, services, staff and bookings.

All files of one import are one transaction: either everything is in, or nothing. Rows go into
staging tables by COPY and are merged set-based, so that reading a file twice changes nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache, partial
from typing import Any

from psycopg.types.json import Jsonb

from vernis.decide.files.column_names import Kind
from vernis.decide.files.columns import Row, Understanding
from vernis.decide.files.phones import e164
from vernis.decide.files.reading import records, service_key
from vernis.decide.files.records import (
    BookingRecord,
    ClientRecord,
    Reject,
    ServiceRecord,
    Skipped,
    Why,
)
from vernis.decide.files.values import split_name
from vernis.domain import Company
from vernis.ports import Connection, Database
from vernis.sql import load
from vernis.stages import erasure, intervals
from vernis.stages.opt_outs import HashPhone
from vernis.stages.services import Services

sql = load("importing")

FOLLOWED = 1_000  # clients that an import brings up to date one by one; more are a new history

# What a row refers to must be known before it: services name visits, clients have the phones, and
# what could be booked is no product on a receipt.
ORDER = (
    *(Kind.SERVICES, Kind.CLIENTS, Kind.BOOKINGS),
    *(Kind.CANCELLATIONS, Kind.NO_SHOWS, Kind.VISITS),
)
_BOOKING = (
    "COPY staged_bookings (ref, phone, name, surname, service, key, staff, on_date, at_time,"
    " amount_minor, state, booked_on, cancelled_on, external_key, line) FROM STDIN"
)
_CLIENT = (
    "COPY staged_clients (ref, name, surname, phone, phone_state, gender, consent, blacklisted,"
    " line) FROM STDIN"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One file, understood. `rows` gives (line, cells) from the start at each call."""

    name: str
    sha256: str
    understanding: Understanding
    rows: Callable[[], Iterator[Row]]


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What became of a file's rows. `left_out` counts by reason what is no client's visit."""

    name: str
    kind: Kind
    taken: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)

    def is_nobody(self) -> None:
        """A row that was taken turns out to name nobody: its phone is none."""
        self.taken -= 1
        self.left_out[Why.WALK_IN] += 1

    def as_dict(self) -> dict[str, Any]:
        counts = {"left_out": dict(self.left_out), "rejected": dict(self.rejected)}
        return {"file": self.name, "kind": self.kind.value, "taken": self.taken, **counts}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Import:
    connection: Connection
    company: Company
    today: date
    on_reject: Callable[[Source, Reject], None]
    on_row: Callable[[], None]
    services: Services
    hash_phone: HashPhone

    @property
    def values(self) -> dict[str, Any]:
        place = {"company_id": self.company.company_id, "timezone": self.company.timezone}
        return place | {"today": self.today}


async def import_files(
    db: Database,
    company: Company,
    sources: Sequence[Source],
    *,
    now: datetime,
    hash_phone: HashPhone,
    on_reject: Callable[[Source, Reject], None] = lambda *_: None,
    on_row: Callable[[], None] = lambda: None,
) -> list[Outcome]:
    """Import the files, whatever their order. Due dates are old afterwards, unless few clients
    came since they were computed. Whoever was erased stays nobody."""
    async with db.tenant(company.company_id) as connection:
        await connection.execute(sql.room_to_sort.sql)
        await connection.execute(sql.one_at_a_time.sql, {"company_id": company.company_id})
        services = Services(connection, company.company_id)
        await services.read()
        job = _Import(
            connection=connection,
            company=company,
            today=now.astimezone(company.zone).date(),
            on_reject=on_reject,
            on_row=on_row,
            services=services,
            hash_phone=hash_phone,
        )
        ordered = sorted(sources, key=lambda source: ORDER.index(source.understanding.kind))
        outcomes = [await _import_one(job, source, now) for source in ordered]
        if any(outcome.kind is not Kind.CLIENTS and outcome.taken for outcome in outcomes):
            for step in (sql.release, sql.occupy, sql.infer_hours, sql.retire_staff):
                await connection.execute(step.sql, job.values)
        await _renew_due_dates(job, outcomes, now)
        return outcomes


async def _renew_due_dates(job: _Import, outcomes: Sequence[Outcome], now: datetime) -> None:
    """A day's visits bring their own clients up to date; whatever changes more, all of them."""
    connection, company = job.connection, job.company
    if not await intervals.is_stale_within(connection, company, on=job.today):
        cursor = await connection.execute(sql.touched.sql, job.values)
        came = [client_id for (client_id,) in await cursor.fetchall()]
        if len(came) <= FOLLOWED and all(one.kind is not Kind.SERVICES for one in outcomes):
            await intervals.follow_within(connection, company, came, on=job.today, now=now)
            return
    await connection.execute(sql.due_dates_are_old.sql, job.values)


async def _import_one(job: _Import, source: Source, now: datetime) -> Outcome:
    kind = source.understanding.kind
    outcome = Outcome(name=source.name, kind=kind)
    if kind is Kind.SERVICES:
        await _import_services(job, source, outcome)
    elif kind is Kind.CLIENTS:
        await _import_clients(job, source, outcome)
    else:
        await _import_bookings(job, source, outcome)
    done = {"file_name": source.name, "file_sha256": source.sha256, "kind": kind, "now": now}
    counts = {"counts": Jsonb(outcome.as_dict())}
    await job.connection.execute(sql.record_import.sql, job.values | done | counts)
    return outcome


def _read(
    job: _Import, source: Source, outcome: Outcome, known: Sequence[str] = ()
) -> Iterator[ClientRecord | ServiceRecord | BookingRecord]:
    """The usable rows; the others are counted and reported."""
    for result in records(
        source.rows(),
        source.understanding,
        today=job.today,
        currency=job.company.currency,
        zone=job.company.zone,
        known_services=known,
    ):
        job.on_row()
        if isinstance(result, Reject):
            outcome.rejected[result.reason] += 1
            job.on_reject(source, result)
        elif isinstance(result, Skipped):
            outcome.left_out[result.why] += 1
        else:
            outcome.taken += 1
            yield result


# --- services ----------------------------------------------------------------------------------


async def _import_services(job: _Import, source: Source, outcome: Outcome) -> None:
    for record in _read(job, source, outcome):
        assert isinstance(record, ServiceRecord)
        await job.services.put(record)
    await job.connection.execute(sql.durations.sql, job.values)


# --- clients -------------------------------------------------------------------------------------


async def _import_clients(job: _Import, source: Source, outcome: Outcome) -> None:
    connection = job.connection
    await connection.execute(sql.stage_clients.sql)
    async with connection.cursor() as cursor, cursor.copy(_CLIENT) as copy:
        for record in _read(job, source, outcome):
            assert isinstance(record, ClientRecord)
            row = _client_row(record, job.company.country)
            if row[0]:
                await copy.write_row(row)
            else:
                outcome.is_nobody()
    await _leave_erased(job, sql.staged_clients.sql, sql.leave_out_erased.sql)
    await connection.execute(sql.adopt_clients.sql, job.values)
    await connection.execute(sql.merge_clients.sql, job.values)
    await connection.execute("DROP TABLE staged_clients")


def _client_row(record: ClientRecord, country: str) -> tuple[Any, ...]:
    phone, state = None, "missing"
    if record.phone_raw and record.phone_raw.strip():
        phone = e164(record.phone_raw, country=country)
        state = "valid" if phone else "invalid"
    consent = {True: "given", False: "refused", None: None}[record.consent]
    return (
        _ref(record.key, phone, f"{record.name} {record.surname}"),
        *(record.name, record.surname, phone, state, record.gender, consent),
        *(record.blacklisted, record.line),
    )


def _ref(key: str | None, phone: str | None, name: str) -> str | None:
    """How a client is known: by the CRM's code, else by phone, else by name."""
    if key or phone:
        return key or f"tel:{phone}"
    folded = service_key(name)
    return f"name:{folded}" if folded else None


async def _leave_erased(job: _Import, staged: str, change: str) -> None:
    """What a file says of people who were erased names nobody: their visits count, no more."""
    rows = await (await job.connection.execute(staged)).fetchall()
    found = await erasure.among(
        job.connection, job.company, (ref for (ref,) in rows), job.hash_phone
    )
    if found:
        keys = {"refs": [*found], "nobodies": [*found.values()]}
        await job.connection.execute(change, job.values | keys)


# --- bookings ------------------------------------------------------------------------------------


async def _import_bookings(job: _Import, source: Source, outcome: Outcome) -> None:
    connection = job.connection
    known = await job.services.listed()
    who = lru_cache(20_000)(partial(_who, job.company.country))  # a file repeats its clients
    await connection.execute(sql.stage_bookings.sql)
    async with connection.cursor() as cursor, cursor.copy(_BOOKING) as copy:
        for record in _read(job, source, outcome, known):
            assert isinstance(record, BookingRecord)
            row = _booking_row(job, record, who)
            if row[0]:
                await copy.write_row(row)
            else:
                outcome.is_nobody()
    cursor = await connection.execute(sql.new_services.sql, job.values)
    for (title,) in await cursor.fetchall():
        await job.services.named(title)
    await _leave_erased(job, sql.staged_visitors.sql, sql.unname_erased.sql)
    for step in (sql.index_staged, sql.create_clients, sql.create_staff):
        await connection.execute(step.sql, job.values)
    await connection.execute(sql.merge_bookings.sql, job.values)
    if source.understanding.kind is not Kind.VISITS:  # a till numbers receipts, not appointments
        await connection.execute(sql.forget_moved.sql, job.values)
    await connection.execute("DROP TABLE staged_bookings")


def _who(
    country: str, key: str | None, phone_raw: str | None, full_name: str | None
) -> tuple[str | None, ...]:
    """Reference, phone, name and surname."""
    phone = e164(phone_raw, country=country) if phone_raw else None
    name, surname = split_name(full_name or "")
    return _ref(key, phone, f"{name} {surname}"), phone, name, surname


def _booking_row(
    job: _Import, record: BookingRecord, who: Callable[..., tuple[str | None, ...]]
) -> tuple[Any, ...]:
    key = job.services.keys[record.service] if record.service else None
    return (
        *who(record.client_key, record.client_phone_raw, record.client_name),
        *(record.service, key or None, record.staff),
        *(record.on_date, record.at_time, record.amount_minor, record.state.value),
        *(record.booked_at, record.cancelled_at, record.external_key, record.line),
    )
