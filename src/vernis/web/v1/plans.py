"""The plan of a day, and the runs: plans that were stored and what became of them."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any

from fastapi import Query
from pydantic import Field

from vernis.decide.plan import CONTACTED, Decision, Plan, campaign
from vernis.domain import Arm, Campaign, Reason, Source
from vernis.stages import intervals, planning, run_list
from vernis.stages.run_list import Run
from vernis.web.errors import invalid
from vernis.web.keys import Caller
from vernis.web.v1 import common
from vernis.web.v1.common import Answer, Reader, Writer, moment_of
from vernis.web.v1.paging import Cursor, Day, Limit, Page, after, number, page

router = common.router("plan")

AHEAD = timedelta(days=14)  # how far a plan is worth looking at


class Decided(Answer):
    """What is decided about one client, and what the decision goes by."""

    client_id: int = Field(examples=[12])
    client_key: str = Field(examples=["C17"])
    client_name: str | None = Field(examples=["Анна"])
    is_contact: bool = Field(description="Is written to.")
    reason: Reason
    arm: Arm | None
    attempt: int | None
    next_on: date | None = Field(description="When a client who is not due becomes due.")
    campaign: Campaign
    service_title: str | None = Field(examples=["Маникюр"])
    last_visit_on: date
    interval_days: int = Field(examples=[30])
    interval_source: Source
    confidence: float = Field(ge=0, le=1)
    opens_on: date = Field(description="From this day to `closes_on`: 80% of the returns.")
    due_on: date
    closes_on: date
    visit_count: int
    spent_minor: int
    at_stake_minor: int = Field(description="What waiting a week costs, about: the order.")


class PlanAnswer(Page[Decided]):
    """A day's plan as it would be now; nothing is stored."""

    on: date
    counts: dict[Reason, int] = Field(
        description="Of all clients, by reason; those of whom nothing had to be read too.",
        examples=[{"due": 7, "not_due": 211, "holdout": 1}],
    )


class RunAnswer(Answer):
    """A day's plan that was stored, and where its reactivations are."""

    plan_on: date = Field(examples=["2026-03-31"])
    planned_at: datetime
    counts: dict[str, int] = Field(examples=[{"due": 7, "not_due": 211, "holdout": 1}])
    states: dict[str, int] = Field(examples=[{"delivered": 4, "read": 3, "held_out": 1}])


@router.get("/plan", operation_id="plan", summary="Whom a day's plan writes to, and why not others")
async def plan(
    caller: Reader,
    on: Annotated[Day | None, Query(description="Today or one of the next 14 days.")] = None,
    reason: Reason | None = None,
    everybody: Annotated[
        bool, Query(description="Those who are not due as well: that looks at all clients.")
    ] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> PlanAnswer:
    """Contacts in the order of sending, then the others. Each page looks anew."""
    day = on or caller.today
    if not caller.today <= day <= caller.today + AHEAD:
        raise invalid("on", "on is not a day ahead: give today or one of the next 14 days.")
    begin = after("plan", cursor, number)
    found = await _looked(caller, day, everybody=everybody)
    decisions = [one for one in found.decisions if reason is None or one.verdict.reason is reason]
    start = begin[0] if begin else 0
    shown: dict[str, Any] = page(
        "plan",
        decisions[start : start + limit + 1],
        limit,
        key=lambda _: [start + limit],
        shown=lambda one: _decided(one, day),
    )
    return PlanAnswer(on=day, counts=dict(found.counts), **shown)


@router.post("/runs", operation_id="run", summary="Carry today's plan out")
async def carry_out(caller: Writer) -> RunAnswer:
    """Stores the plan; the worker writes the messages and sends them in the company's hours. A
    second run on the same day fills what the day's cap has left."""
    app, of, now = caller.app, caller.company, caller.app.clock()
    await run_list.require_begun(app.db, of)
    await intervals.refresh(app.db, of, on=caller.today, now=now)
    await planning.store(app.db, of, on=caller.today, now=now, hash_phone=app.hash_phone)
    return _run(await run_list.one(app.db, of, caller.today))


@router.get("/runs", operation_id="runs", summary="The runs, newest first")
async def runs(caller: Reader, limit: Limit = 50, cursor: Cursor = None) -> Page[RunAnswer]:
    begin = after("runs", cursor, date.fromisoformat)
    rows = await run_list.listed(
        caller.app.db, caller.company, before=begin[0] if begin else None, most=limit + 1
    )
    return Page(**page("runs", rows, limit, key=lambda row: [row.plan_on.isoformat()], shown=_run))


@router.get("/runs/{plan_on}", operation_id="runOf", summary="One day's run")
async def one(caller: Reader, plan_on: Day) -> RunAnswer:
    return _run(await run_list.one(caller.app.db, caller.company, plan_on))


async def _looked(caller: Caller, on: date, *, everybody: bool) -> Plan:
    app, of = caller.app, caller.company
    await intervals.refresh(app.db, of, on=caller.today, now=app.clock())
    return await planning.look(
        app.db,
        of,
        on=on,
        now=moment_of(caller, on),
        hash_phone=app.hash_phone,
        everybody=everybody,
    )


def _run(run: Run) -> RunAnswer:
    return RunAnswer.model_validate(run)


def _decided(decision: Decision, on: date) -> Decided:
    client, verdict = decision.candidate, decision.verdict
    return Decided(
        client_id=client.client_id,
        client_key=client.external_key,
        client_name=client.name,
        is_contact=verdict.reason in CONTACTED,
        reason=verdict.reason,
        arm=verdict.arm,
        attempt=verdict.attempt,
        next_on=verdict.next_on,
        campaign=campaign(client, on),
        service_title=client.service_title,
        last_visit_on=client.last_visit_on,
        interval_days=client.interval_days,
        interval_source=client.interval_source,
        confidence=round(client.confidence, 3),
        opens_on=client.last_visit_on + timedelta(days=client.low_days),
        due_on=client.due_on,
        closes_on=client.last_visit_on + timedelta(days=client.high_days),
        visit_count=client.visit_count,
        spent_minor=client.spent_minor,
        at_stake_minor=round(client.at_stake),
    )
