"""The plan to look at: today, the days ahead, the days that were, and who is not written to."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from vernis.decide import hours
from vernis.decide.plan import CONTACTED
from vernis.domain import Arm, Reason
from vernis.stages import dispatching, drafts, intervals, outlook, plan_list
from vernis.stages.outlook import Outlook
from vernis.stages.plan_list import Numbers
from vernis.web.errors import Problem
from vernis.web.pages import plan_outlooks, plan_rows, plan_words
from vernis.web.pages.plan_rows import Row
from vernis.web.pages.rendering import page
from vernis.web.security.viewer import Member, Reader

router = APIRouter(prefix="/c/{company_id}", include_in_schema=False)

PAGE = 25  # clients: the checks of a draft take some milliseconds
FIRST_DAY = date(2000, 1, 1)

After = Annotated[int, Query(ge=0, lt=10**18)]


@router.get("/plan")
async def plan(
    request: Request,
    viewer: Reader,
    on: Annotated[str, Query(max_length=10)] = "",
    reason: Annotated[str, Query(max_length=40)] = "",
    show: Annotated[str, Query(max_length=20)] = "",
    after: After = 0,
) -> HTMLResponse:
    """Any day's plan; `reason` shows the clients of one reason, `show=waiting` the drafts."""
    today = viewer.now.astimezone(viewer.company.zone).date()
    day = _day(on) or today
    if reason and reason not in plan_words.REASONS:
        raise Problem(404, "no_such_page", "There is no such page.")
    if day > today + timedelta(days=outlook.DAYS) or day < FIRST_DAY:
        raise Problem(404, "no_such_page", "There is no such page.")
    if day > today:
        return await _to_come(request, viewer, day, reason, after)
    if day < today:
        return await _gone_by(request, viewer, day, reason, after)
    if reason and reason not in CONTACTED:
        return await _of_reason(request, viewer, day, reason, after)
    return await _today(request, viewer, day, reason, show, after)


@router.get("/plan/reasons")
async def reasons(request: Request, viewer: Reader) -> HTMLResponse:
    """Who is not written to today, and why: a part of the plan where thousands are due."""
    today = viewer.now.astimezone(viewer.company.zone).date()
    is_planned = await dispatching.is_planned(viewer.app.db, viewer.company, on=today)
    found = await plan_outlooks.full(
        request, viewer, today, is_planned=is_planned, at_any_cost=True
    )
    is_part = "hx-request" in request.headers
    template = "plan/reasons_part.html" if is_part else "plan/reasons.html"
    return page(request, template, viewer, **plan_words.SAID, **_why_not(viewer, found))


# --- today ---------------------------------------------------------------------------------------


async def _today(
    request: Request, viewer: Member, on: date, reason: str, show: str, after: int
) -> HTMLResponse:
    app, company, now = viewer.app, viewer.company, viewer.now
    await intervals.refresh(app.db, company, on=on, now=now)
    is_planned = await dispatching.is_planned(app.db, company, on=on)
    of_day = await plan_list.numbers(app.db, company, on=on, now=now)
    found = await plan_outlooks.full(request, viewer, on, is_planned=is_planned)
    if is_planned:
        planned = await plan_list.of_day(
            app.db, company, on=on, now=now, reason=reason or None, waiting=show == "waiting",
            after=after, most=PAGE + 1,
        )  # fmt: skip
        is_more = len(planned) > PAGE
        rows = await with_drafts(viewer, planned[:PAGE])
        further = planned[PAGE - 1].reactivation_id if is_more else None
        contacts: Mapping[str, int] = of_day.contacts
    else:
        seen = found or await plan_outlooks.quick(viewer, on, is_planned=False)
        rows, further = await _as_it_would_be(viewer, seen, reason, after)
        contacts = Counter(seen.contacts.values())
    return page(
        request,
        "plan/today.html",
        viewer,
        **plan_words.SAID,
        **_why_not(viewer, found),
        **await _days(viewer, on, on, found, of_day),
        rows=rows,
        further=further,
        reason=reason,
        show=show,
        is_planned=is_planned,
        numbers=of_day,
        contacts={key: contacts.get(key, 0) for key in CONTACTED},
        number=sum(contacts.values()),
        has_begun=company.started_at is not None,
        is_open=hours.is_day_open(company, on),
    )


async def with_drafts(viewer: Member, planned: list[plan_list.Planned]) -> list[Row]:
    """These reactivations, with what the checks say of those that wait for a person."""
    ids = [one.reactivation_id for one in planned if one.waits]
    found = []
    if ids:
        found = await drafts.waiting(viewer.app.db, viewer.company, now=viewer.now, ids=ids)
    return plan_rows.of_plan(planned, {draft.id: draft for draft in found})


async def _as_it_would_be(
    viewer: Member, seen: Outlook, reason: str, after: int
) -> tuple[list[Row], int | None]:
    """Whom today's plan would write to now, before it is made."""
    wanted = [one for one, why in seen.contacts.items() if reason in ("", why)]
    start = wanted.index(after) + 1 if after in wanted else 0
    ids = wanted[start : start + PAGE]
    clients = await plan_list.clients(viewer.app.db, viewer.company, ids, on=seen.on)
    further = ids[-1] if len(wanted) > start + PAGE else None
    return plan_rows.of_clients(clients, seen.contacts), further


# --- who is not written to -----------------------------------------------------------------------


async def _of_reason(
    request: Request, viewer: Member, on: date, reason: str, after: int
) -> HTMLResponse:
    """The clients of one reason, as the day's plan says now."""
    app, company = viewer.app, viewer.company
    is_planned = await dispatching.is_planned(app.db, company, on=on)
    found = await plan_outlooks.full(request, viewer, on, is_planned=is_planned, at_any_cost=True)
    assert found is not None
    ids = await outlook.of_reason(
        app.db, company, found, reason, after=after or None, most=PAGE + 1
    )
    clients = await plan_list.clients(app.db, company, ids[:PAGE], on=on)
    return page(
        request,
        "plan/reason.html",
        viewer,
        **plan_words.SAID,
        hints=plan_words.hints(viewer.company),
        reason=reason,
        count=found.counts.get(reason, 0),
        at=found.at,
        rows=plan_rows.of_clients(clients, dict.fromkeys(ids, reason)),
        further=ids[PAGE - 1] if len(ids) > PAGE else None,
    )


def _why_not(viewer: Member, found: Outlook | None) -> dict[str, Any]:
    """How many are not written to, by reason, the most first; None where that is still to be
    looked at."""
    counts = None
    if found is not None:
        counts = Counter(found.counts)
        for reason in CONTACTED:
            counts.pop(reason, None)
    return {
        "why_not": None if counts is None else [one for one in counts.most_common() if one[1]],
        "looked_at": found.at if found else None,
        "hints": plan_words.hints(viewer.company),
    }


# --- other days ----------------------------------------------------------------------------------


async def _to_come(
    request: Request, viewer: Member, on: date, reason: str, after: int
) -> HTMLResponse:
    """Who becomes due on a day ahead, as things stand now."""
    app, company = viewer.app, viewer.company
    today = viewer.now.astimezone(company.zone).date()
    opens = hours.opening(company, on)
    verdicts = await outlook.becoming_due(
        app.db, company, on=on, now=opens, hash_phone=app.hash_phone
    )
    of = {client: str(verdict.reason) for client, verdict in verdicts.items()}
    # to know beforehand who is held out would be to treat them differently
    of = {client: Reason.DUE if why == Reason.HOLDOUT else why for client, why in of.items()}
    if not hours.is_day_open(company, on):
        of = {c: Reason.OUTSIDE_HOURS if why in CONTACTED else why for c, why in of.items()}
    counts = Counter(of.values())
    wanted = [client for client, why in of.items() if reason in ("", why)]
    start = wanted.index(after) + 1 if after in wanted else 0
    ids = wanted[start : start + PAGE]
    clients = await plan_list.clients(app.db, company, ids, on=on)
    of_day = await plan_list.numbers(app.db, company, on=today, now=viewer.now)
    return page(
        request,
        "plan/ahead.html",
        viewer,
        **plan_words.SAID,
        then=True,
        **await _days(viewer, today, on, None, of_day),
        rows=plan_rows.of_clients(clients, of),
        further=ids[-1] if len(wanted) > start + PAGE else None,
        reason=reason,
        counts=counts.most_common(),
        is_open=hours.is_day_open(company, on),
    )


async def _gone_by(
    request: Request, viewer: Member, on: date, reason: str, after: int
) -> HTMLResponse:
    """What a day's plan was and what came of it; nothing can be changed."""
    app, company, now = viewer.app, viewer.company, viewer.now
    arm = Arm.HOLDOUT if reason == Reason.HOLDOUT else Arm.CONTACT
    planned = await plan_list.of_day(
        app.db, company, on=on, now=now, arm=arm, reason=reason or None, after=after, most=PAGE + 1
    )
    days = await plan_list.recent_days(app.db, company, before=on, most=1)
    return page(
        request,
        "plan/before.html",
        viewer,
        **plan_words.SAID,
        then=True,
        on=on,
        numbers=await plan_list.numbers(app.db, company, on=on, now=now),
        rows=plan_rows.of_plan(planned[:PAGE], {}),
        further=planned[PAGE - 1].reactivation_id if len(planned) > PAGE else None,
        earlier=days[0][0] if days else None,
        reason=reason,
        contacted=CONTACTED,
    )


async def _days(
    viewer: Member, today: date, shown: date, found: Outlook | None, of_day: Numbers
) -> dict[str, Any]:
    """The strip of days: how many become due, and about how many messages that makes."""
    stored = of_day.counts or {}
    waiting = found.waiting if found else sum(
        stored.get(reason, 0) for reason in (Reason.DAILY_CAP, Reason.ACCOUNT_LIMIT)
    )  # fmt: skip
    ahead = await outlook.ahead(viewer.app.db, viewer.company, today=today, waiting=waiting)
    earlier = await plan_list.recent_days(viewer.app.db, viewer.company, before=today, most=1)
    return {
        "on": shown,
        "days": ahead,
        "most_due": max((day.due for day in ahead), default=0),
        "last_day": earlier[0][0] if earlier else None,
    }


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError:
        raise Problem(404, "no_such_page", "There is no such page.") from None
