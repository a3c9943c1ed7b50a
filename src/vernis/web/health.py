"""Whether this process lives, whether what it needs answers, and whether work is done."""

import asyncio
from collections.abc import Awaitable
from datetime import date, datetime
from typing import Annotated, Literal

import psycopg
from fastapi import APIRouter, Query, Request, Response
from psycopg_pool import PoolTimeout
from pydantic import BaseModel, ConfigDict

from vernis.errors import UnavailableError
from vernis.stages import health as stage
from vernis.stages.health import Figures
from vernis.web.errors import documented
from vernis.web.keys import vernis_of
from vernis.web.watching import SECONDS, figures_of, may_look, runs_of

router = APIRouter(tags=["health"])

CompanyQuery = Annotated[int | None, Query(ge=1, lt=10**18, description="Only this company's run.")]


class Live(BaseModel):
    status: Literal["ok"] = "ok"


class JobsHealth(BaseModel):
    """`none`: no worker was ever started. A worker counts once for each queue that it staffs."""

    status: Literal["ok", "down", "none"]
    workers: int = 0
    dead: int = 0
    waiting: int = 0
    oldest_seconds: float = 0.0


class AccountsHealth(BaseModel):
    """`other`: neither connected nor paused, like logged out."""

    connected: int
    paused: int
    other: int


class LastDay(BaseModel):
    """Campaign messages of the last 24 hours, and the replies and bookings that came in them."""

    messages: int
    replies: int
    bookings: int


class RunHealth(BaseModel):
    """A company's last planned day, and its last 24 hours."""

    model_config = ConfigDict(from_attributes=True)

    company_id: int
    name: str
    started_at: datetime | None
    plan_on: date | None
    planned_at: datetime | None
    messages: int
    replies: int
    bookings: int


class Ready(BaseModel):
    """`degraded`: Redis or every worker is away; the rest still works. `companies` are the last
    runs, at most 100, for whoever shows VERNIS_METRICS_TOKEN or asks from the same machine."""

    status: Literal["ok", "degraded", "down"]
    database: bool
    redis: bool
    jobs: JobsHealth | None = None
    accounts: AccountsHealth | None = None
    last_day: LastDay | None = None
    unknown_messages: int | None = None
    companies: list[RunHealth] | None = None


@router.get("/healthz", summary="This process lives")
async def live() -> Live:
    return Live()


@router.get(
    "/readyz",
    summary="What this process needs answers",
    responses=documented(422)
    | {503: {"model": Ready, "description": "The database does not answer"}},
)
async def ready(request: Request, response: Response, company: CompanyQuery = None) -> Ready:
    database, redis = await asyncio.gather(database_answers(request), redis_answers(request))
    if not database:
        response.status_code = 503
        return Ready(status="down", database=False, redis=redis)
    figures = await figures_of(request).get()
    jobs = _jobs(figures)
    works = redis and (jobs is None or jobs.status != "down")
    return Ready(
        status="ok" if works else "degraded",
        database=True,
        redis=redis,
        jobs=jobs,
        accounts=_accounts(figures),
        last_day=_last_day(figures),
        unknown_messages=figures.unknown if figures else None,
        companies=await _companies(request, company) if may_look(request) else None,
    )


async def database_answers(request: Request) -> bool:
    return await _answers(_ask_database(request))


async def redis_answers(request: Request) -> bool:
    return await _answers(vernis_of(request).store.needs_restoring())


def _jobs(figures: Figures | None) -> JobsHealth | None:
    if figures is None:
        return None
    if (jobs := figures.jobs) is None:
        return JobsHealth(status="none")
    return JobsHealth(
        status="ok" if jobs.alive else "down",
        workers=jobs.alive,
        dead=jobs.dead,
        waiting=jobs.waits.count,
        oldest_seconds=round(jobs.waits.oldest_seconds, 1),
    )


def _accounts(figures: Figures | None) -> AccountsHealth | None:
    if figures is None:
        return None
    connected, paused = figures.accounts_connected, figures.accounts_paused
    other = sum(figures.accounts.values()) - connected - paused
    return AccountsHealth(connected=connected, paused=paused, other=other)


def _last_day(figures: Figures | None) -> LastDay | None:
    if figures is None:
        return None
    return LastDay(messages=figures.messages, replies=figures.replies, bookings=figures.bookings)


async def _companies(request: Request, company_id: int | None) -> list[RunHealth] | None:
    if company_id is None:
        runs = await runs_of(request).get()
    else:
        app = vernis_of(request)
        runs = await stage.runs(app.db, now=app.clock(), company_id=company_id)
    return None if runs is None else [RunHealth.model_validate(run) for run in runs]


async def _ask_database(request: Request) -> None:
    async with vernis_of(request).db.dispatch() as connection:
        await connection.execute("SELECT 1")


async def _answers(call: Awaitable[object]) -> bool:
    try:
        async with asyncio.timeout(SECONDS):
            await call
    except (psycopg.OperationalError, PoolTimeout, UnavailableError, TimeoutError, OSError):
        return False
    return True
