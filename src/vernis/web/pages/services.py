"""Services: after how many days their clients come back, and what an owner says of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from vernis.decide.gaps import DRAWN, STEP, Gaps
from vernis.decide.timing.owner import LONGEST, OWN_VISITS, owners_window
from vernis.decide.timing.tables import UNIVERSAL_DAYS
from vernis.decide.writing.titles import say_title
from vernis.domain import Company, Source
from vernis.errors import NotFoundError, UsageError
from vernis.stages import intervals, service_levels, service_list, service_overrides
from vernis.stages.service_levels import Levels
from vernis.stages.service_list import Listed
from vernis.web.errors import Problem
from vernis.web.pages import client_words
from vernis.web.pages.rendering import page, say
from vernis.web.security import forms
from vernis.web.security.viewer import Manager, Member, Reader

router = APIRouter(
    prefix="/c/{company_id}/services", include_in_schema=False, dependencies=[Depends(forms.check)]
)

MOST = 2_000  # services that are looked at, those with most clients are shown first
PAGE = 40

Id = Annotated[int, Path(ge=1, lt=10**18)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A service with what each level knows. `called` is how messages call it; None: not at all."""

    service: Listed
    levels: Levels
    called: str | None

    @property
    def holds(self) -> tuple[Source, int]:
        """The level that counts for clients without a rhythm of their own, and its days."""
        known = {
            Source.OWN: self.service.own_interval_days,
            Source.SERVICE_AVERAGE: self.service.learned_days,
            Source.INDUSTRY_STANDARD: self.service.standard_days,
        }
        return next(
            ((source, days) for source, days in known.items() if days is not None),
            (Source.UNIVERSAL, UNIVERSAL_DAYS),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A bar of the plot, in percent of its width and height."""

    x: float
    width: float
    y: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """Gaps as bars; lines and the window in percent of the width, None where not known."""

    columns: tuple[Column, ...]
    marks: tuple[tuple[float, int], ...]  # days below the axis
    median: float | None
    window: tuple[float, float] | None
    own: float | None


@router.get("")
async def listed(
    request: Request,
    viewer: Reader,
    q: Annotated[str, Query(max_length=100)] = "",
    after: Annotated[int, Query(ge=0, le=MOST)] = 0,
) -> HTMLResponse:
    """Those with most clients first."""
    app, company = viewer.app, viewer.company
    await intervals.refresh(app.db, company, on=_today(viewer), now=viewer.now)
    found = await service_list.listed(app.db, company, most=MOST)
    levels = await service_levels.levels(app.db, company)
    rows = [_row(one, levels, company) for one in found]
    wanted = [row for row in rows if q.strip().casefold() in row.service.title.casefold()]
    wanted.sort(key=lambda row: (-row.levels.due, -row.levels.visits, row.service.title))
    return page(
        request,
        "services/list.html",
        viewer,
        rows=wanted[after : after + PAGE],
        further=after + PAGE if len(wanted) > after + PAGE else None,
        number=len(rows),
        q=q,
        widest=max((_widest(row) for row in wanted), default=1),
    )


@router.get("/{service_id}")
async def one(request: Request, viewer: Reader, service_id: Id) -> HTMLResponse:
    return await _shown(request, viewer, service_id)


@router.post("/{service_id}/interval")
async def set_interval(
    request: Request,
    viewer: Manager,
    service_id: Id,
    days: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """After how many days, or nothing: then as is learned. Due dates follow at once."""
    text = days.strip()
    try:
        number = int(text) if text else None
        await service_overrides.set_interval(
            viewer.app.db, viewer.company, service_id, number, who=viewer.who, now=viewer.now
        )
    except NotFoundError:
        raise Problem(404, "no_such_page", "There is no such page.") from None
    except (UsageError, ValueError):
        return await _shown(request, viewer, service_id, typed=text, fault="days")
    return RedirectResponse(f"{viewer.here}/services/{service_id}?done=saved", status_code=303)


async def _shown(
    request: Request, viewer: Member, service_id: int, *, typed: str | None = None, fault: str = ""
) -> HTMLResponse:
    app, company, on = viewer.app, viewer.company, _today(viewer)
    try:
        service = await service_list.one(app.db, company, service_id)
    except NotFoundError:
        raise Problem(404, "no_such_page", "There is no such page.") from None
    await intervals.refresh(app.db, company, on=on, now=viewer.now)
    row = _row(service, await service_levels.levels(app.db, company, service=service_id), company)
    found = await service_levels.distribution(app.db, company, service_id, on=on)
    own = service.own_interval_days
    return page(
        request,
        "services/one.html",
        viewer,
        status=422 if fault else 200,
        row=row,
        gaps=found,
        plot=plot(found, own) if found.returns else None,
        universal=UNIVERSAL_DAYS,
        longest=LONGEST,
        own_visits=OWN_VISITS,
        window=_window(own) if own is not None else None,
        typed=typed if typed is not None else own or "",
        fault=say(viewer.locale, client_words.FAULTS[fault]) if fault else "",
    )


def plot(found: Gaps, own: int | None) -> Plot:
    """A bar for each week up to half a year, and one for all that is longer."""
    whole = DRAWN + STEP  # days; the last bar is as wide as the others
    most = max((bar.returns for bar in found.bars), default=0) or 1

    def place(day: float) -> float:
        return round(100 * min(max(day, 0), whole) / whole, 2)

    columns = []
    for index, bar in enumerate(found.bars):
        height = round(100 * bar.returns / most, 2)
        columns.append(
            Column(
                x=place(index * STEP + 0.6),
                width=place(STEP - 1.2),
                y=round(100 - height, 2),
                height=height,
            )
        )
    window = None
    if found.low is not None and found.high is not None:
        window = (place(found.low - 1), round(place(found.high) - place(found.low - 1), 2))
    return Plot(
        columns=tuple(columns),
        marks=tuple((place(day), day) for day in (30, 60, 90, 120, 150)),
        median=place(found.median - 0.5) if found.median is not None else None,
        window=window,
        own=place(own - 0.5) if own is not None else None,
    )


def _row(service: Listed, levels: Mapping[int, Levels], company: Company) -> Row:
    called = say_title(service.title, company.locale)
    return Row(
        service=service,
        levels=levels.get(service.service_id, Levels()),
        called=called.called if called else None,
    )


def _widest(row: Row) -> int:
    return max(row.service.learned_to_days or 0, row.holds[1])


def _window(days: int) -> tuple[int, int]:
    import numpy as np

    low, high = owners_window(np.array([days]))
    return int(low[0]), int(high[0])


def _today(viewer: Member) -> date:
    return viewer.now.astimezone(viewer.company.zone).date()
