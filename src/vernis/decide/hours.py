"""When advertising may leave: the company's hours and days, its country's, the client's own clock.

    is_open(company, moment)                 by the company's clock
    is_open_for(company, zone, moment)       by the client's as well, where it is known
    next_opening(company, moment)            what missed this one waits for that
    deadline(company, day)                   the end of a day's hours

Replies to a client who just wrote are exempt: whoever sends them does not ask here.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from vernis.decide.holidays import is_public_holiday
from vernis.decide.policies import policy_of
from vernis.domain import Company

AHEAD_DAYS = 60  # beyond that there is no opening
_MINUTE = timedelta(minutes=1)


def is_open(company: Company, moment: datetime) -> bool:
    """Whether a campaign message may leave at this moment, by the company's clock and days."""
    day = moment.astimezone(company.zone).date()
    return is_day_open(company, day) and opening(company, day) <= moment < deadline(company, day)


def is_open_for(company: Company, client_zone: str | None, moment: datetime) -> bool:
    """Whether it may leave for a client: the same hours by the client's own clock as well."""
    if not is_open(company, moment):
        return False
    return client_zone is None or _is_awake(company, ZoneInfo(client_zone), moment)


def is_day_open(company: Company, day: date) -> bool:
    """Whether messages leave on a company-local day at all."""
    policy = policy_of(company.country)
    weekday = day.isoweekday()
    if weekday not in company.send_days or weekday in policy.closed_weekdays:
        return False
    if day in company.days_off:
        return False
    rests = company.public_holidays or policy.closed_on_holidays
    return not (rests and is_public_holiday(company.country, day))


def next_opening(company: Company, moment: datetime) -> datetime | None:
    """The first moment from this one on at which messages may leave, None where there is none
    within AHEAD_DAYS."""
    if is_open(company, moment):
        return moment
    first = moment.astimezone(company.zone).date()
    return next((opens for opens in _openings(company, first) if opens >= moment), None)


def next_opening_for(
    company: Company, client_zone: str | None, moment: datetime
) -> datetime | None:
    """The first moment at which both the company's and the client's clock allow it."""
    zone = ZoneInfo(client_zone) if client_zone else None
    last = moment + timedelta(days=AHEAD_DAYS)
    opens = next_opening(company, moment)
    while opens is not None and opens <= last:
        if zone is None or _is_awake(company, zone, opens):
            return opens
        opens = next_opening(company, _next_morning(company, zone, opens))
    return None


def opening(company: Company, day: date) -> datetime:
    """When a day's hours begin, whether the day is open or not."""
    return moment_of(company.zone, day, allowed(company)[0])


def deadline(company: Company, day: date) -> datetime:
    """When a message planned for a day has missed it: the end of that day's hours."""
    return moment_of(company.zone, day, allowed(company)[1])


def allowed(company: Company) -> tuple[time, time]:
    """The company's hours within its country's; empty where the second is not the later one."""
    policy = policy_of(company.country)
    return max(company.send_from, policy.earliest), min(company.send_until, policy.latest)


def moment_of(zone: ZoneInfo, day: date, at: time) -> datetime:
    """A local time of a day, in UTC; where it comes twice, the first one.

    One that a clock change skips is the first moment after the gap.
    """
    local = datetime.combine(day, at, tzinfo=zone)
    moment = local.astimezone(UTC)
    after = moment.astimezone(zone)
    if after.time() != at:
        while (moment - _MINUTE).astimezone(zone).utcoffset() == after.utcoffset():
            moment -= _MINUTE
    return moment


def _openings(company: Company, first: date) -> Iterator[datetime]:
    for ahead in range(AHEAD_DAYS + 1):
        day = first + timedelta(days=ahead)
        if is_day_open(company, day) and opening(company, day) < deadline(company, day):
            yield opening(company, day)


def _is_awake(company: Company, zone: ZoneInfo, moment: datetime) -> bool:
    begins, ends = allowed(company)
    return begins <= moment.astimezone(zone).time() < ends


def _next_morning(company: Company, zone: ZoneInfo, moment: datetime) -> datetime:
    """The next beginning of the hours by the client's clock, after this moment."""
    begins, _ = allowed(company)
    day = moment.astimezone(zone).date()
    mornings = (moment_of(zone, day + timedelta(days=ahead), begins) for ahead in range(4))
    return next(morning for morning in mornings if morning > moment)
