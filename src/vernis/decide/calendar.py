"""Free times of the built-in calendar: working hours less what is busy, in quarter hours."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

QUARTER = timedelta(minutes=15)  # the grain of the calendar
STEP = timedelta(minutes=30)  # appointments start on the hour or the half hour
NOTICE = timedelta(minutes=60)  # nobody can be there sooner


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """When one of the staff works on an ISO weekday, company-local."""

    staff_id: int
    staff_name: str
    weekday: int
    opens: time
    closes: time


def quarters(starts_at: datetime, ends_at: datetime) -> Iterator[datetime]:
    """The quarter hours (UTC, on the quarter) that an appointment touches."""
    moment = datetime.fromtimestamp(starts_at.timestamp() // 900 * 900, tz=UTC)
    while moment < ends_at:
        yield moment
        moment += QUARTER


def free_starts(
    shift: Shift,
    day: date,
    *,
    busy: frozenset[tuple[int, datetime]],
    duration: timedelta,
    zone: ZoneInfo,
    now: datetime,
) -> list[datetime]:
    """When an appointment of this length can start in a shift, in UTC.

    `busy` holds (staff_id, quarter in UTC). Counted in real time, so a clock change neither
    loses nor doubles an hour.
    """
    moment = datetime.combine(day, shift.opens, tzinfo=zone).astimezone(UTC)
    closes = datetime.combine(day, shift.closes, tzinfo=zone).astimezone(UTC)
    starts = []
    while moment + duration <= closes:
        free = not any((shift.staff_id, q) in busy for q in quarters(moment, moment + duration))
        if free and moment >= now + NOTICE:
            starts.append(moment)
        moment += STEP
    return starts


def days(first: date, last: date) -> Iterator[date]:
    """Both ends included."""
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)


def shifts_on(shifts: Sequence[Shift], day: date) -> list[Shift]:
    return [shift for shift in shifts if shift.weekday == day.isoweekday()]
