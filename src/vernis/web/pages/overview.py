"""The overview: what the messages earned, what came of them, and what needs a person now."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from vernis.decide.earnings import Case, Earnings, earnings
from vernis.decide.pausing import WORKS
from vernis.domain import ConnectionState
from vernis.errors import ConflictError, NotFoundError
from vernis.stages import (
    account_activity,
    accounts,
    foretelling,
    handovers,
    notices,
    overview,
    reporting,
    settling,
)
from vernis.stages.accounts import Standing
from vernis.stages.overview import Overview
from vernis.stages.reporting import Experiment
from vernis.web.pages import notice_words, overview_charts
from vernis.web.pages.catalog import N_
from vernis.web.pages.earnings_words import Speaker
from vernis.web.pages.rendering import page
from vernis.web.security import forms
from vernis.web.security.viewer import Manager, Member, Reader

router = APIRouter(
    prefix="/c/{company_id}", include_in_schema=False, dependencies=[Depends(forms.check)]
)

PERIODS: Mapping[str, int | None] = {"7": 7, "28": 28, "90": 90, "all": None}
USUAL = "28"
SHOWN = 3  # of each kind of what needs a person

STEPS: Mapping[str, str] = {
    "sent": N_("Sent"),
    "delivered": N_("Delivered"),
    "read": N_("Read"),
    "replied": N_("Replied"),
    "positive": N_("Said yes"),
    "booked": N_("Booked"),
    "came": N_("Came"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Days up to today, both included. `days` is None for all there are."""

    name: str
    days: int | None
    first_day: date
    last_day: date

    @property
    def length(self) -> int:
        return (self.last_day - self.first_day).days + 1


async def period_of(viewer: Member, asked: str) -> Period:
    """The period of a link; the usual one for whatever else is asked."""
    today = viewer.now.astimezone(viewer.company.zone).date()
    name = asked if asked in PERIODS else USUAL
    if (days := PERIODS[name]) is not None:
        first_day = today - timedelta(days=days - 1)
    else:
        first_day = await reporting.began_on(viewer.app.db, viewer.company) or today
    return Period(name=name, days=days, first_day=min(first_day, today), last_day=today)


@router.get("/")
async def show(
    request: Request, viewer: Reader, days: Annotated[str, Query(max_length=10)] = USUAL
) -> HTMLResponse:
    db, company, now = viewer.app.db, viewer.company, viewer.now
    period = await period_of(viewer, days)
    days_of = {"first_day": period.first_day, "last_day": period.last_day}
    found, standings, foretold, activity, before = await asyncio.gather(
        overview.overview(db, company, on=period.last_day, now=now, days=period.length),
        accounts.standings(db, company, viewer.app.channels, now=now),
        foretelling.returns(db, company, **days_of),
        account_activity.activity(db, company, **days_of),
        _before(viewer, period),
    )
    window = company.attribution_days
    earned = summed_up(found.experiment, sent=found.funnel.sent, days=window)
    has_clients = has_sent = True
    if earned.case is Case.NOTHING_SENT:  # in these days
        has_clients, has_sent = await overview.begun(db, company)
        earned = summed_up(found.experiment, sent=int(has_sent), days=window)
    known: dict[str, Any] = {
        "period": period,
        "periods": PERIODS,
        "found": found,
        "earned": earned,
        "told": speaker(viewer, found.experiment, found.funnel.bookings, period).tell(earned),
        "needs": await _needs(viewer, found, standings),
        "standings": standings,
        "cures": notice_words.CURES,
        "connection_cures": notice_words.CONNECTION_CURES,
    }
    if not has_sent:
        return page(request, "overview/nothing_yet.html", viewer, **known, has_clients=has_clients)
    receipts = any(_reports(viewer, standing) for standing in standings)
    spans = overview_charts.spans(found.series)
    return page(
        request,
        "overview/overview.html",
        viewer,
        **known,
        before=before,
        range=overview_charts.interval(earned),
        funnel=overview_charts.funnel(found.funnel, receipts=receipts),
        steps=STEPS,
        spans=spans,
        day_columns=overview_charts.columns([span.bookings for span in spans]),
        levels=overview_charts.parts(found.levels),
        foretold=foretold,
        week_columns=overview_charts.columns([week.visits for week in foretold.weeks]),
        furthest=foretelling.FURTHEST,
        height=overview_charts.HEIGHT,
        activity=activity,
        nothing=account_activity.Activity(),
    )


def summed_up(compared: Experiment, *, sent: int, days: int) -> Earnings:
    """What may be told of the experiment; its pace is that of its days up to now."""
    began, known = compared.began_on, compared.known_until
    lasted = (known - began).days - days if began and known else 0
    return earnings(
        compared.lift,
        visited=compared.visited,
        visit_minor=compared.visit_minor,
        sent=sent,
        held_out_a_week=7 * compared.lift.holdout.lapses / lasted if lasted > 0 else 0.0,
    )


def speaker(viewer: Member, compared: Experiment, booked: int, period: Period) -> Speaker:
    return Speaker(
        locale=viewer.locale,
        currency=viewer.company.currency,
        by_visits=compared.measured_by == "visits",
        attribution_days=viewer.company.attribution_days,
        booked=booked,
        days=period.days,
    )


async def _before(viewer: Member, period: Period) -> reporting.Group | None:
    """The same figures of as many days before; None where nothing was sent then."""
    if period.days is None:
        return None
    last_day = period.first_day - timedelta(days=1)
    first_day = period.first_day - timedelta(days=period.days)
    found = await reporting.contacted(
        viewer.app.db, viewer.company, first_day=first_day, last_day=last_day, now=viewer.now
    )
    return found if found.sent else None


def _reports(viewer: Member, standing: Standing) -> bool:
    channel = viewer.app.channels.get(standing.channel)
    return channel is not None and channel.abilities.reports_delivery


# --- what needs a person ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """What a person is to look at, of each kind the first few."""

    counts: overview.Needs
    handovers: list[handovers.Waiting]
    unknown: list[settling.Unknown]
    accounts: list[Standing]
    notices: list[tuple[notices.Notice, str]]


async def _needs(viewer: Member, found: Overview, standings: list[Standing]) -> Needed:
    db, company, counts = viewer.app.db, viewer.company, found.needs
    waiting = await handovers.waiting(db, company) if counts.handovers else []
    unknown = await settling.unknown(db, company) if counts.unknown else []
    unseen = await notices.listed(db, company) if counts.notices else []
    return Needed(
        counts=counts,
        handovers=waiting[:SHOWN],
        unknown=unknown[:SHOWN],
        accounts=[one for one in standings if _is_ill(one)],
        notices=[(one, notice_words.sentence(one, viewer.locale)) for one in unseen[:SHOWN]],
    )


def _is_ill(standing: Standing) -> bool:
    """Whether it would send, but cannot."""
    if standing.paused is not None:
        return True
    in_use = standing.position is not None and standing.channel != "sandbox"
    return in_use and standing.connection not in WORKS | {ConnectionState.CONNECTING}


@router.post("/notices/seen")
async def mark_seen(viewer: Manager, notice: Annotated[list[int], Form()]) -> Response:
    """These were shown, and need not be shown again."""
    await notices.mark_seen(
        viewer.app.db, viewer.company, notice[:SHOWN], now=viewer.now, who=viewer.who
    )
    return _back(viewer, "seen")


@router.post("/unknown/{key}")
async def settle(
    viewer: Manager,
    key: str,
    sent: Annotated[bool, Form()],
) -> Response:
    """What a person saw on the phone about a message of which nobody knows whether it left."""
    try:
        await settling.decide(
            viewer.app.db, viewer.company, key, sent=sent, now=viewer.now, who=viewer.who
        )
    except (ConflictError, NotFoundError):
        return _back(viewer, "settled_before")
    return _back(viewer, "settled")


def _back(viewer: Member, done: str) -> RedirectResponse:
    return RedirectResponse(f"{viewer.here}/?done={done}", status_code=303)
