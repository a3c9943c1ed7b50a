"""Live updates of dialogs: server-sent events that hold numbers only, as long as one may look."""

import math
import time
from collections.abc import AsyncIterator

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from psycopg import OperationalError
from psycopg_pool import PoolTimeout

from vernis.stages import members, users
from vernis.web.errors import Problem
from vernis.web.live import AGAIN_SECONDS, FullError, Live
from vernis.web.security.viewer import Member, Reader

router = APIRouter(prefix="/c/{company_id}", include_in_schema=False)

HEARTBEAT_SECONDS = 15.0  # so that nobody on the way takes the connection for dead
CHECK_SECONDS = 30.0  # whether they may still look


@router.get("/dialogs/events")
async def events(request: Request, viewer: Reader) -> StreamingResponse:
    """`changed` with the numbers of dialogs, 0 where any may have."""
    live: Live = request.app.state.live
    if live.is_full(viewer.user.user_id):
        again = {"retry-after": str(math.ceil(AGAIN_SECONDS))}
        raise Problem(503, "busy", "Too many pages are open.", headers=again)
    return StreamingResponse(
        told(live, viewer),
        media_type="text/event-stream",
        headers={"x-accel-buffering": "no"},  # nginx passes it on at once
    )


async def told(
    live: Live,
    viewer: Member,
    *,
    heartbeat: float = HEARTBEAT_SECONDS,
    check: float = CHECK_SECONDS,
) -> AsyncIterator[str]:
    """What a page hears until it is closed, we stop, or its person may look no more."""
    checked = time.monotonic()
    try:
        with live.page(viewer.company.company_id, viewer.user.user_id) as page:
            yield f"retry: {1000 * math.ceil(AGAIN_SECONDS)}\n\n"
            while not live.is_over:
                changed = await page.next(heartbeat)
                if live.is_over:
                    return
                if time.monotonic() - checked >= check:
                    if not await may_look(viewer):
                        return
                    checked = time.monotonic()
                numbers = " ".join(map(str, sorted(changed)))
                yield f"event: changed\ndata: {numbers}\n\n" if changed else ": \n\n"
    except (FullError, OperationalError, PoolTimeout):
        return  # the browser comes again


async def may_look(viewer: Member) -> bool:
    """Whether this person is still logged in there, and still one of this company."""
    app = viewer.app
    sessions = await users.sessions(app.db, viewer.user, now=app.clock())
    if all(session.session_id != viewer.session_id for session in sessions):
        return False
    return await members.role_of(app.db, viewer.company.company_id, viewer.user) is not None
