"""Plan: who is written to on a day. Looking decides nothing; storing is what a run does."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from datetime import date, datetime, timedelta
from enum import Enum, auto
from typing import Any

from psycopg.rows import args_row, dict_row
from psycopg.types.json import Jsonb

from vernis.decide import pacing
from vernis.decide.pacing import Pace
from vernis.decide.plan import (
    CONTACTED,
    Candidate,
    Decision,
    Plan,
    Room,
    Verdict,
    campaign,
    decide,
    look_at,
)
from vernis.domain import Arm, Company, Reason, Source, State
from vernis.errors import ConflictError
from vernis.ports import Connection, Database
from vernis.sql import load
from vernis.stages import auditing, opt_outs
from vernis.stages.auditing import Who

sql = load("planning")

HashPhone = Callable[[str], bytes]

NOT_STARTED = "{company} is not started yet: open /c/{id}/start in the pages and press Start."

READ_FOR_KNOWN = 2000  # of the due, for those who wrote before, once strangers are full
BLOCK = 100  # of the due, looked at before seeing whether the day is full


class Whom(Enum):
    """Whom a plan looks at: the due until the day is full, all of them, or everybody who came."""

    UNTIL_FULL = auto()
    ALL_DUE = auto()
    EVERYBODY = auto()


_REACTIVATION = (
    *("clients", "arms", "states", "reasons", "attempts", "campaigns", "phones", "services"),
    *("lasts", "inactive", "intervals", "sources", "confidences", "dues"),
)


async def look(
    db: Database,
    company: Company,
    *,
    on: date,
    now: datetime,
    hash_phone: HashPhone,
    everybody: bool = False,
    until_full: bool = False,
) -> Plan:
    """The plan for a day, without storing anything: a verdict for each client who is due.

    With `everybody` also for those who are not. What `store` decides is the same, except that it
    looks no further once the day is full; as this does with `until_full`.
    """
    async with db.tenant(company.company_id) as connection:
        whom = Whom.UNTIL_FULL if until_full else Whom.ALL_DUE
        whom = Whom.EVERYBODY if everybody else whom
        return await _look(connection, company, _values(company, on, now), hash_phone, whom=whom)


async def verdict(
    db: Database,
    company: Company,
    client_id: int,
    *,
    on: date,
    now: datetime,
    hash_phone: HashPhone,
) -> Verdict:
    """What a day's plan says of one client, but for the day's cap and those who share a phone."""
    async with db.tenant(company.company_id) as connection:
        found = await verdicts_within(
            connection, company, [client_id], on=on, now=now, hash_phone=hash_phone
        )
    return found.get(client_id, Verdict(reason=Reason.NO_VISITS))


async def verdicts_within(
    connection: Connection,
    company: Company,
    clients: Sequence[int],
    *,
    on: date,
    now: datetime,
    hash_phone: HashPhone,
) -> dict[int, Verdict]:
    """`verdict` of some clients, by id, in the caller's transaction; without those who never came
    and those who were erased."""
    values = _values(company, on, now)
    found = await _candidates(connection, company, values, list(clients), hash_phone)
    return {one.client_id: look_at(one, company, on=on) for one in found}


async def store(
    db: Database, company: Company, *, on: date, now: datetime, hash_phone: HashPhone
) -> Plan:
    """Decide and store a day's plan. A second time on the same day it fills what the cap has left.

    Leaves rows in state `planned` and `held_out`. Raises ConflictError where nobody has started
    the company yet.
    """
    if company.started_at is None:
        raise ConflictError(NOT_STARTED.format(company=company.name, id=company.company_id))
    async with db.tenant(company.company_id) as connection:
        values = _values(company, on, now)
        await connection.execute(sql.lock_day.sql, values)
        cursor = await connection.execute(sql.decided_on.sql, values)
        decided: dict[int, str] = dict(await cursor.fetchall())
        plan = await _look(connection, company, values, hash_phone)
        chosen = [_row(decision, on) for decision in (*plan.contacts, *plan.held_out)]
        if chosen:
            columns = [list(column) for column in zip(*chosen, strict=True)]
            reactivations = dict(zip(_REACTIVATION, columns, strict=True))
            await connection.execute(sql.store_reactivations.sql, values | reactivations)
        counts = Counter[str](
            decided.get(decision.candidate.client_id, decision.verdict.reason)
            for decision in plan.decisions
        )
        counts.update(plan.unread)
        await connection.execute(sql.store_plan.sql, values | {"counts": Jsonb(counts)})
        await connection.execute(sql.mark_planned.sql, values)
        return plan


async def set_aside(
    db: Database,
    company: Company,
    client_id: int,
    because: str,
    *,
    on: date,
    now: datetime,
    hash_phone: HashPhone,
    who: Who,
) -> bool:
    """Do not write to a client this time, before a plan has them; False where none would.

    Like a draft that a person rejects: the client waits for the next wave.
    """
    values = _values(company, on, now)
    async with db.tenant(company.company_id) as connection:
        await connection.execute(sql.lock_day.sql, values)
        found = await _candidates(connection, company, values, [client_id], hash_phone)
        decided = [Decision(candidate=one, verdict=look_at(one, company, on=on)) for one in found]
        chosen = [_row(one, on) for one in decided if one.verdict.reason in CONTACTED]
        if not chosen:
            return False
        columns = dict(zip(_REACTIVATION, ([value] for value in chosen[0]), strict=True))
        columns |= {"states": [State.SKIPPED], "reasons": [Reason.REJECTED]}
        await connection.execute(sql.store_reactivations.sql, values | columns)
        aside = values | {"client_id": client_id, "because": because}
        await connection.execute(sql.say_why.sql, aside)
        subject = f"client {client_id}"
        await auditing.note(
            connection, company, who=who, action="client.set_aside", subject=subject, now=now
        )
    return True


async def states(db: Database, company: Company, *, on: date) -> dict[str, int]:
    """How many of a day's reactivations are in each state."""
    values = {"company_id": company.company_id, "on": on}
    async with db.tenant(company.company_id) as connection:
        cursor = await connection.execute(sql.states.sql, values)
        return dict(await cursor.fetchall())


def _values(company: Company, on: date, now: datetime) -> dict[str, Any]:
    return {
        "company_id": company.company_id,
        "on": on,
        "now": now,
        "timezone": company.timezone,
        "recently": now - timedelta(days=7),
        "gone_before": on - timedelta(days=company.gone_too_long_days),
    }


async def _look(
    connection: Connection,
    company: Company,
    values: dict[str, Any],
    hash_phone: HashPhone,
    *,
    whom: Whom = Whom.UNTIL_FULL,
) -> Plan:
    """Look at the due, those first with whom waiting costs most."""
    planned = (await _counts(connection, sql.planned_on.sql, values))[0]
    room = await _room(connection, values, planned)
    query = sql.everybody.sql if whom is Whom.EVERYBODY else sql.due.sql
    ids = connection.cursor(binary=True)
    # never prepared: a plan for any company fits no large one
    ((due,),) = await (await ids.execute(query, values, prepare=False)).fetchall()
    candidates: list[Candidate] = []
    read, size = 0, BLOCK if whom is Whom.UNTIL_FULL else len(due)
    while True:
        block = due[read : read + size]
        candidates += await _candidates(connection, company, values, block, hash_phone)
        read, size = read + len(block), size * 4
        plan = decide(candidates, company, on=values["on"], planned=planned, room=room)
        if read == len(due) or planned + len(plan.contacts) >= company.daily_cap:
            break
        if room is not None and whom is Whom.UNTIL_FULL and _is_used_up(room, plan, read):
            break
    (never_came,) = await _counts(connection, sql.without_visits.sql, values)
    is_full = planned + len(plan.contacts) >= company.daily_cap
    waits = Reason.DAILY_CAP if is_full else Reason.ACCOUNT_LIMIT
    unread = Counter({Reason.NO_VISITS: never_came, waits: len(due) - read})
    if whom is not Whom.EVERYBODY:
        why = (Reason.NOT_DUE, Reason.ATTEMPTS_EXHAUSTED, Reason.GONE_TOO_LONG)
        numbers = await _counts(connection, sql.not_due.sql, values)
        unread.update(dict(zip(why, numbers, strict=True)))
    return replace(plan, unread=+unread)


async def _room(connection: Connection, values: dict[str, Any], planned: int) -> Room | None:
    """What the company's number has left of the day; None where it has no number yet."""
    cursor = connection.cursor(row_factory=dict_row)
    await cursor.execute(sql.number.sql, values)
    if (number := await cursor.fetchone()) is None:
        return None
    (strangers,) = await _counts(connection, sql.planned_strangers.sql, values)
    day = pacing.of_day(Pace(**number), on=values["on"])
    return Room(messages=day.messages - planned, new_chats=day.new_chats - strangers)


def _is_used_up(room: Room, plan: Plan, read: int) -> bool:
    """Whether reading on is not worth it: somebody known may be further down, but not far."""
    strangers = sum(not decision.candidate.heard for decision in plan.contacts)
    is_full = len(plan.contacts) >= room.messages
    return is_full or (strangers >= room.new_chats and read >= READ_FOR_KNOWN)


async def _counts(connection: Connection, query: str, values: dict[str, Any]) -> tuple[int, ...]:
    # never prepared, as above
    return await (await connection.execute(query, values, prepare=False)).fetchone() or (0,)


async def _candidates(
    connection: Connection,
    company: Company,
    values: dict[str, Any],
    clients: Any,
    hash_phone: HashPhone,
) -> list[Candidate]:
    cursor = connection.cursor(row_factory=args_row(_candidate))
    await cursor.execute(sql.candidates.sql, values | {"clients": clients})
    found = await cursor.fetchall()
    phones = [one.phone for one in found if one.phone]
    stopped = await opt_outs.among(connection, company, phones, hash_phone)
    if not stopped:
        return found
    return [replace(one, opted_out=one.phone in stopped) for one in found]


_ARMS = {None: None} | {arm.value: arm for arm in Arm}
_SOURCES = {source.value: source for source in Source}
_ARM, _SOURCE = (
    [field.name for field in fields(Candidate)].index(name) for name in ("arm", "interval_source")
)


def _candidate(*row: Any) -> Candidate:
    """From a row in the order of Candidate's fields: ten thousand of them are a plan."""
    values = list(row)
    values[_ARM] = _ARMS[row[_ARM]]
    values[_SOURCE] = _SOURCES[row[_SOURCE]]
    return Candidate(*values)


def _row(decision: Decision, on: date) -> tuple[Any, ...]:
    client, verdict = decision.candidate, decision.verdict
    state = State.HELD_OUT if verdict.arm is Arm.HOLDOUT else State.PLANNED
    return (
        *(client.client_id, verdict.arm, state, verdict.reason, verdict.attempt),
        *(campaign(client, on), client.phone, client.service_id, client.last_visit_on),
        *((on - client.last_visit_on).days, client.interval_days, client.interval_source),
        *(client.confidence, client.due_on),
    )
