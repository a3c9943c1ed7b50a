"""The whole report, and its tables as files for a spreadsheet."""

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse

from vernis.cells import CellWriter
from vernis.decide.files.values import currency_digits
from vernis.domain import Arm, Band, Campaign, Locale
from vernis.stages import reporting
from vernis.stages.reporting import Bucket, Group, Report
from vernis.web.errors import Problem
from vernis.web.pages import overview, words
from vernis.web.pages.catalog import N_, texts
from vernis.web.pages.overview import PERIODS, USUAL, period_of
from vernis.web.pages.rendering import page, say
from vernis.web.security import forms
from vernis.web.security.viewer import Member, Reader

router = APIRouter(
    prefix="/c/{company_id}", include_in_schema=False, dependencies=[Depends(forms.check)]
)

Days = Annotated[str, Query(max_length=10)]
Row = Sequence[object]
BANDS: Mapping[str, str] = {
    Campaign.DORMANT_30: words.BANDS[Band.GENTLE],
    Campaign.DORMANT_60: words.BANDS[Band.OFFER],
    Campaign.DORMANT_90: words.BANDS[Band.WIN_BACK],
}
HELD_OUT = N_("comparison group")
ALL = N_("all")


@router.get("/report")
async def show(request: Request, viewer: Reader, days: Days = USUAL) -> HTMLResponse:
    period = await period_of(viewer, days)
    found = await _report(viewer, period)
    compared = found.experiment
    if period.days is not None:  # a few weeks say too little
        async with viewer.app.db.tenant(viewer.company.company_id) as connection:
            compared = await reporting.experiment(connection, viewer.company, now=viewer.now)
    contact = found.totals[0]
    earned = overview.summed_up(compared, sent=contact.sent, days=viewer.company.attribution_days)
    return page(
        request,
        "overview/report.html",
        viewer,
        period=period,
        periods=PERIODS,
        report=found,
        told=overview.speaker(viewer, compared, contact.bookings, period).tell(earned),
        totals=[group for group in found.totals if group.planned],
        bands=BANDS,
        held_out=HELD_OUT,
        buckets=[(late(bucket, viewer.locale), bucket) for bucket in found.timing.buckets],
    )


@router.get("/report.csv")
async def download(
    viewer: Reader, part: Annotated[str, Query(max_length=20)], days: Days = USUAL
) -> Response:
    """One table of the report; what a spreadsheet would compute is text in it."""
    if part not in TABLES:
        raise Problem(404, "no_such_page", "There is no such page.")
    period = await period_of(viewer, days)
    header, rows = TABLES[part](await _report(viewer, period), viewer)
    name = f"vernis-{part}-{period.first_day}-{period.last_day}.csv"
    return Response(
        _written([say(viewer.locale, title) for title in header], rows, viewer.locale),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


async def _report(viewer: Member, period: overview.Period) -> Report:
    return await reporting.report(
        viewer.app.db,
        viewer.company,
        first_day=period.first_day if period.days else None,
        last_day=period.last_day if period.days else None,
        now=viewer.now,
    )


def late(bucket: Bucket, locale: Locale) -> str:
    """When messages left, against the day on which the client was expected."""
    catalog = texts(locale)
    if bucket.from_days is None:
        ends, said = -(bucket.to_days or 0), N_("%(first)s or more days earlier")
        return catalog.gettext(said) % {"first": ends}
    if bucket.to_days is None:
        return catalog.gettext(N_("%(first)s or more days later")) % {"first": bucket.from_days}
    if bucket.to_days < 0:
        ends_ = {"first": -bucket.to_days, "last": -bucket.from_days}
        return catalog.gettext(N_("%(first)s to %(last)s days earlier")) % ends_
    ends_ = {"first": bucket.from_days, "last": bucket.to_days}
    return catalog.gettext(N_("%(first)s to %(last)s days later")) % ends_


# --- tables as files ------------------------------------------------------------------------------


def _written(header: Row, rows: Iterable[Row], locale: Locale) -> bytes:
    """As Excel opens it in that language: with a mark of UTF-8, in Russian with semicolons."""
    text = io.StringIO(newline="")
    writer = CellWriter(text, delimiter=";" if locale is Locale.RU else ",")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def _bands(found: Report, viewer: Member) -> tuple[Row, Iterable[Row]]:
    header = (N_("Away"), N_("Clients"), N_("Replied"), N_("Said yes"), N_("Booked"),
              N_("Cancelled"), N_("Came"), N_("Revenue"))  # fmt: skip
    groups = (*found.groups, *(total for total in found.totals if total.planned))
    return header, (
        (
            _named(group, viewer.locale),
            group.planned if group.arm is Arm.HOLDOUT else group.sent,
            group.replies,
            group.positive,
            group.bookings,
            group.cancelled,
            group.visits,
            _amount(group.revenue_minor, viewer),
        )
        for group in groups
    )


def _variants(found: Report, _: Member) -> tuple[Row, Iterable[Row]]:
    header = (N_("Variant"), N_("Clients"), N_("Replied"), N_("Said yes"), N_("Booked"))
    variants = found.test.variants if found.test else ()
    return header, ((one.name, one.sent, one.replied, one.positive, one.booked) for one in variants)


def _levels(found: Report, viewer: Member) -> tuple[Row, Iterable[Row]]:
    header = (
        N_("How the day is known"),
        N_("Messages"),
        N_("Replies"),
        N_("Bookings"),
        N_("Visits"),
    )
    return header, (
        (say(viewer.locale, words.LEVELS[one.source]), one.sent, one.replies, one.bookings,
         one.visits)
        for one in found.levels
    )  # fmt: skip


def _days(found: Report, _: Member) -> tuple[Row, Iterable[Row]]:
    header = (N_("Day"), N_("Messages"), N_("Replies"), N_("Bookings"))
    return header, ((one.day, one.messages, one.replies, one.bookings) for one in found.days)


def _timing(found: Report, viewer: Member) -> tuple[Row, Iterable[Row]]:
    header = (N_("Against the expected day"), N_("Messages"), N_("Bookings"))
    return header, (
        (late(one, viewer.locale), one.sent, one.bookings) for one in found.timing.buckets
    )


def _named(group: Group, locale: Locale) -> str:
    band = say(locale, BANDS[group.campaign] if group.campaign else ALL)
    return f"{band}, {say(locale, HELD_OUT)}" if group.arm is Arm.HOLDOUT else band


def _amount(minor: int, viewer: Member) -> object:
    """In whole units, a number to a spreadsheet of that language."""
    digits = currency_digits(viewer.company.currency)
    value = minor / 10**digits
    if value == int(value):
        return int(value)
    return f"{value:.{digits}f}".replace(".", "," if viewer.locale is Locale.RU else ".")


TABLES: Mapping[str, Callable[[Report, Member], tuple[Any, Iterable[Row]]]] = {
    "bands": _bands,
    "variants": _variants,
    "levels": _levels,
    "days": _days,
    "timing": _timing,
}
