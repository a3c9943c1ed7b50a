"""Plan: who is written to on a day. Looking decides nothing; storing is what a run does."""

from collections import Counter
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date, datetime, timedelta
from typing import Any

from psycopg.rows import args_row
from psycopg.types.json import Jsonb

from vernis.decide.plan import Candidate, Decision, Plan, campaign, decide
from vernis.domain import Arm, Company, Reason, Source, State
from vernis.ports import Connection, Database
from vernis.sql import load

sql = load("planning")

HashPhone = Callable[[str], bytes]

_REACTIVATION = (
    *("clients", "arms", "states", "reasons", "attempts", "campaigns", "phones", "services"),
    *("lasts", "inactive", "intervals", "sources", "confidences", "dues"),
)


async def look(
    db: Database, company: Company, *, on: date, now: datetime, hash_phone: HashPhone
) -> Plan:
    """The plan for a day, without storing anything."""
    async with db.tenant(company.company_id) as connection:
        return await _look(connection, company, on, now, hash_phone)


async def store(
    db: Database, company: Company, *, on: date, now: datetime, hash_phone: HashPhone
) -> Plan:
    """Decide and store a day's plan. A second time on the same day it fills what the cap has left.

    Leaves rows in state `planned` and `held_out`.
    """
    async with db.tenant(company.company_id) as connection:
        values: dict[str, Any] = {"company_id": company.company_id, "on": on, "now": now}
        await connection.execute(sql.lock_day.sql, values)
        cursor = await connection.execute(sql.decided_on.sql, values)
        decided: dict[int, str] = dict(await cursor.fetchall())
        plan = await _look(connection, company, on, now, hash_phone)
        chosen = [_row(decision, on) for decision in (*plan.contacts, *plan.held_out)]
        if chosen:
            columns = [list(column) for column in zip(*chosen, strict=True)]
            reactivations = dict(zip(_REACTIVATION, columns, strict=True))
            await connection.execute(sql.store_reactivations.sql, values | reactivations)
        counts = Counter[str](
            decided.get(decision.candidate.client_id, decision.verdict.reason)
            for decision in plan.decisions
        )
        cursor = await connection.execute(sql.without_visits.sql, values)
        counts[Reason.NO_VISITS] = (await cursor.fetchone() or (0,))[0]
        await connection.execute(sql.store_plan.sql, values | {"counts": Jsonb(counts)})
        await connection.execute(sql.mark_planned.sql, values)
        return plan


async def states(db: Database, company: Company, *, on: date) -> dict[str, int]:
    """How many of a day's reactivations are in each state."""
    values = {"company_id": company.company_id, "on": on}
    async with db.tenant(company.company_id) as connection:
        cursor = await connection.execute(sql.states.sql, values)
        return dict(await cursor.fetchall())


async def _look(
    connection: Connection, company: Company, on: date, now: datetime, hash_phone: HashPhone
) -> Plan:
    values = {
        "company_id": company.company_id,
        "on": on,
        "timezone": company.timezone,
        "recently": now - timedelta(days=7),
    }
    cursor = connection.cursor(row_factory=args_row(_candidate))
    await cursor.execute(sql.candidates.sql, values)
    candidates = await cursor.fetchall()
    opted_out = {
        bytes(row[0])
        for row in await (await connection.execute(sql.opt_outs.sql, values)).fetchall()
    }
    if opted_out:
        candidates = [
            replace(client, opted_out=True)
            if client.phone and hash_phone(client.phone) in opted_out
            else client
            for client in candidates
        ]
    planned = await (await connection.execute(sql.planned_on.sql, values)).fetchone()
    return decide(candidates, company, on=on, planned=planned[0] if planned else 0)


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
