"""Where the bars of the overview stand: shares of the width in percent, heights in pixels."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from vernis.decide.earnings import Earnings
from vernis.stages.overview import OneDay
from vernis.stages.reporting import Group, Level

HEIGHT = 120  # of columns
MOST_COLUMNS = 92  # more days than these are shown as weeks


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """An interval on a line that holds 0: where its ends, its middle and 0 are, in percent."""

    low: float
    high: float
    middle: float
    zero: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: from `x`, `width` wide, both in percent; `top` and `height` in pixels."""

    x: float
    width: float
    top: float
    height: float
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The days of one column: one, or a week."""

    first_day: date
    last_day: date
    messages: int
    replies: int
    bookings: int
    visits: int
    revenue_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a whole bar: where it begins and how long it is, in percent."""

    x: float
    width: float
    level: Level


def interval(found: Earnings) -> Range | None:
    """The interval of the difference, or None where there is none."""
    if found.low is None or found.high is None or found.difference is None:
        return None
    least, most = min(found.low, 0.0), max(found.high, 0.0)
    margin = 0.12 * ((most - least) or 1.0)
    least, most = least - margin, most + margin

    def at(value: float) -> float:
        return round(100 * (value - least) / (most - least), 2)

    middle = min(max(found.difference, found.low), found.high)
    return Range(low=at(found.low), high=at(found.high), middle=at(middle), zero=at(0.0))


def columns(values: Sequence[int], *, gap: float = 0.25) -> list[Column]:
    """Columns side by side, the highest of full height; `gap` is a share of a column's place."""
    most, place = max(values, default=0), 100 / max(len(values), 1)
    found = []
    for number, value in enumerate(values):
        height = round(HEIGHT * value / most, 1) if most else 0.0
        found.append(
            Column(
                x=round(place * (number + gap / 2), 3),
                width=round(place * (1 - gap), 3),
                top=HEIGHT - height,
                height=height,
                value=value,
            )
        )
    return found


def spans(series: Sequence[OneDay]) -> list[Span]:
    """The days, or where they are too many for a column each their weeks, from Monday on."""
    if len(series) <= MOST_COLUMNS:
        return [_span([one]) for one in series]
    weeks: dict[date, list[OneDay]] = {}
    for one in series:
        weeks.setdefault(one.day - timedelta(days=one.day.weekday()), []).append(one)
    return [_span(days) for days in weeks.values()]


def _span(days: Sequence[OneDay]) -> Span:
    return Span(
        first_day=days[0].day,
        last_day=days[-1].day,
        messages=sum(one.messages for one in days),
        replies=sum(one.replies for one in days),
        bookings=sum(one.bookings for one in days),
        visits=sum(one.visits for one in days),
        revenue_minor=sum(one.revenue_minor for one in days),
    )


def parts(levels: Sequence[Level]) -> list[Part]:
    """What the levels have of all messages, side by side."""
    sent, x, found = sum(level.sent for level in levels), 0.0, []
    for level in levels:
        width = 100 * level.sent / sent if sent else 0.0
        found.append(Part(x=round(x, 2), width=round(width, 2), level=level))
        x += width
    return found


def funnel(group: Group, *, receipts: bool) -> list[tuple[str, int]]:
    """The steps from a message to a visit; without receipts nobody knows what was read."""
    read = [("delivered", group.delivered), ("read", group.read)] if receipts else []
    return [
        ("sent", group.sent),
        *read,
        ("replied", group.replies),
        ("positive", group.positive),
        ("booked", group.bookings),
        ("came", group.visits),
    ]
