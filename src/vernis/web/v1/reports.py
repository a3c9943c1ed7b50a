"""What it earned: the report on some days, and the overview at a glance."""

from typing import Annotated

from fastapi import Query, Request, Response
from pydantic import TypeAdapter

from vernis.stages import overview as stage
from vernis.stages import reporting
from vernis.stages.overview import DAYS, Overview
from vernis.stages.reporting import Report
from vernis.web.errors import invalid
from vernis.web.recent import Recent
from vernis.web.v1 import common
from vernis.web.v1.common import Reader
from vernis.web.v1.paging import Day

router = common.router("report")

FRESH_SECONDS, STALE_SECONDS = 3.0, 10.0
MOST_DAYS = 366
_JSON = TypeAdapter(Overview)


@router.get("/report", operation_id="report", summary="What was sent, and what it earned")
async def report(
    caller: Reader,
    first_day: Annotated[Day | None, Query(alias="from", description="Plans from then.")] = None,
    last_day: Annotated[Day | None, Query(alias="to", description="That day included.")] = None,
) -> Report:
    """Of the plans of these days, all by default. `experiment` compares those who were written to
    with the holdout: docs/decisions/0003-lift.md says how."""
    if first_day and last_day and last_day < first_day:
        raise invalid("to", "to is before from: give the first day first.")
    return await reporting.report(
        caller.app.db,
        caller.company,
        first_day=first_day,
        last_day=last_day,
        now=caller.app.clock(),
    )


@router.get(
    "/overview",
    operation_id="overview",
    summary="The figures of the owner's page",
    response_model=Overview,
)
async def overview(
    request: Request, caller: Reader, days: Annotated[int, Query(ge=1, le=MOST_DAYS)] = DAYS
) -> Response:
    """What was asked for within the last 10 seconds may be answered again; `as_of` says of when it
    is."""
    app, company, on = caller.app, caller.company, caller.today

    async def compute() -> bytes:
        found = await stage.overview(app.db, company, on=on, now=app.clock(), days=days)
        return _JSON.dump_json(found)

    recent = recent_of(request)
    content = await recent.get((company.company_id, on, days), compute)
    return Response(content, media_type="application/json")


def recent_of(request: Request) -> Recent[bytes]:
    """This web's overviews of the last seconds."""
    state = request.app.state
    if not hasattr(state, "overviews"):
        state.overviews = Recent[bytes](fresh=FRESH_SECONDS, stale=STALE_SECONDS)
    found: Recent[bytes] = state.overviews
    return found
