"""Whether this process lives, and whether what it needs answers."""

import asyncio
from collections.abc import Awaitable
from typing import Literal

from fastapi import APIRouter, Request, Response
from psycopg import OperationalError
from psycopg_pool import PoolTimeout
from pydantic import BaseModel

from vernis.errors import UnavailableError
from vernis.web.keys import vernis_of

router = APIRouter(tags=["health"])

SECONDS = 2.0  # an answer later than this is none


class Live(BaseModel):
    status: Literal["ok"] = "ok"


class Ready(BaseModel):
    """`degraded`: Redis is away; everything but the context in it still works."""

    status: Literal["ok", "degraded", "down"]
    database: bool
    redis: bool


@router.get("/healthz", summary="This process lives")
async def live() -> Live:
    return Live()


@router.get(
    "/readyz",
    summary="What this process needs answers",
    responses={503: {"model": Ready, "description": "The database does not answer"}},
)
async def ready(request: Request, response: Response) -> Ready:
    app = vernis_of(request)
    database, redis = await asyncio.gather(
        _answers(_ask_database(request)), _answers(app.store.needs_restoring())
    )
    if not database:
        response.status_code = 503
    status: Literal["ok", "degraded", "down"] = "ok" if redis else "degraded"
    return Ready(status=status if database else "down", database=database, redis=redis)


async def _ask_database(request: Request) -> None:
    async with vernis_of(request).db.dispatch() as connection:
        await connection.execute("SELECT 1")


async def _answers(call: Awaitable[object]) -> bool:
    try:
        async with asyncio.timeout(SECONDS):
            await call
    except (OperationalError, PoolTimeout, UnavailableError, TimeoutError, OSError):
        return False
    return True
