"""Every quarter of an hour of a year in ten time zones: may a message leave then?

    python tests/chaos/quiet_hours.py

The answers of vernis.decide.hours are compared with what two wall clocks say, the company's and
the client's, and with days off and holidays that stand here as they stand in the law. The years
have what is hard: gaps and folds of an hour, of thirty minutes and of two hours, a day that never
was, a change at a minute past midnight, and one for the length of Ramadan.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

sys.path.append(str(Path(__file__).parents[1] / "decide"))

from salons import salon

from vernis.decide.hours import AHEAD_DAYS, is_open, is_open_for, next_opening, next_opening_for
from vernis.domain import Company

QUARTER = timedelta(minutes=15)
HOURS = ((time(10), time(20)), (time(0), time(23, 59)), (time(19, 30), time(22)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A company in a year, its country's hours for advertising and the days without any."""

    zone: str
    year: int
    country: str
    client_zone: str
    closed: str  # month-day, of the country's law
    weekdays: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7)
    earliest: time = time(8)
    latest: time = time(21)
    own_days_off: bool = False  # `closed` is what the company sets, the country's are not asked


PLACES = (
    Place(
        zone="Europe/Moscow",
        year=2026,
        country="RU",
        client_zone="Asia/Vladivostok",
        closed="01-01 01-02 01-03 01-04 01-05 01-06 01-07 01-08 01-09 02-23 03-08 03-09 05-01"
        " 05-09 05-11 06-12 11-04 12-31",
    ),
    Place(
        zone="Europe/Berlin",
        year=2026,
        country="DE",
        client_zone="America/Havana",
        closed="01-01 04-03 04-06 05-01 05-14 05-25 10-03 12-25 12-26",
        weekdays=(1, 2, 3, 4, 5, 6),
    ),
    Place(
        zone="Europe/Paris",
        year=2026,
        country="FR",
        client_zone="Europe/Moscow",
        closed="01-01 04-06 05-01 05-08 05-14 05-25 07-14 08-15 11-01 11-11 12-25",
        weekdays=(1, 2, 3, 4, 5, 6),  # its operators' rules, whatever the company sets
        latest=time(20),
    ),
    Place(
        zone="America/New_York",
        year=2026,
        country="US",
        client_zone="America/Los_Angeles",
        closed="01-01 01-19 02-16 05-25 06-19 07-03 07-04 09-07 10-12 11-11 11-26 12-25",
    ),
    Place(
        zone="America/St_Johns",
        year=2011,
        country="CA",
        client_zone="Pacific/Apia",
        closed="03-12 03-13 11-05 12-30",
        own_days_off=True,
    ),
    Place(
        zone="Australia/Lord_Howe",
        year=2026,
        country="AU",
        client_zone="Asia/Kathmandu",
        closed="04-05 10-03",
        own_days_off=True,
    ),
    Place(
        zone="Africa/Casablanca",
        year=2026,
        country="MA",
        client_zone="Europe/Lisbon",
        closed="02-15 03-23",
        own_days_off=True,
        weekdays=(1, 2, 3, 4, 5),
    ),
    Place(
        zone="Antarctica/Troll",
        year=2026,
        country="NO",
        client_zone="Australia/Lord_Howe",
        closed="03-28 10-24 10-25",
        own_days_off=True,
    ),
    Place(
        zone="Asia/Kathmandu",
        year=2026,
        country="NP",
        client_zone="America/St_Johns",
        closed="04-14",
        own_days_off=True,
        weekdays=(1, 2, 3, 4, 5, 7),
    ),
    Place(
        zone="Pacific/Apia",
        year=2011,
        country="WS",
        client_zone="Antarctica/Troll",
        closed="12-25 12-26 12-28",
        own_days_off=True,
    ),
)


def run(*, sample: bool = False) -> tuple[int, int]:
    """Violations and moments checked: all quarters of the years, or the hard ones and some."""
    violations = checked = 0
    for place in PLACES:
        moments = list(hard_ones(place) if sample else quarters(place))
        for hours in HOURS:
            violations += _violations(place, hours, moments, follow=not sample)
            checked += len(moments)
    return violations, checked


def quarters(place: Place) -> Iterator[datetime]:
    """Every quarter of an hour of the local year."""
    zone = ZoneInfo(place.zone)
    moment = datetime(place.year, 1, 1, tzinfo=zone).astimezone(UTC)
    end = datetime(place.year + 1, 1, 1, tzinfo=zone).astimezone(UTC)
    while moment < end:
        yield moment
        moment += QUARTER


def hard_ones(place: Place) -> Iterator[datetime]:
    """Those of the days with a clock change or beside a missing one, and every 97th."""
    zones = [ZoneInfo(name) for name in (place.zone, place.client_zone)]
    is_hard = False
    for n, moment in enumerate(quarters(place)):
        if n % 96 == 0:
            ends = moment - QUARTER, moment + timedelta(days=1)
            local = [[end.astimezone(zone) for end in ends] for zone in zones]
            is_hard = any(a.utcoffset() != b.utcoffset() for a, b in local)
        if is_hard or n % 97 == 0:
            yield moment


def _violations(
    place: Place, hours: tuple[time, time], moments: Iterable[datetime], *, follow: bool
) -> int:
    """Moments at which the code and the clocks disagree. With `follow` each is a quarter after
    the one before, and what was told to be the next opening has to come then."""
    company, zone, found = _company(place, hours), place.client_zone, 0
    clock = ZoneInfo(zone)
    openings = Openings(lambda moment: next_opening(company, moment))
    for_client = Openings(lambda moment: next_opening_for(company, zone, moment))
    for moment in moments:
        may = _may(place, hours, moment)
        may_client = may and _is_in(place, hours, moment.astimezone(clock))
        found += is_open(company, moment) != may
        found += is_open_for(company, zone, moment) != may_client
        if follow:
            found += openings.are_wrong(moment, may=may)
            found += for_client.are_wrong(moment, may=may_client)
    return found


class Openings:
    """What is told to be the next opening, asked again once it has come."""

    def __init__(self, ask: Callable[[datetime], datetime | None]) -> None:
        self._ask = ask
        self._told: datetime | None = None
        self._none_until: datetime | None = None

    def are_wrong(self, moment: datetime, *, may: bool) -> bool:
        if self._none_until is not None and moment < self._none_until:
            return may
        if self._told is None:
            self._told = self._ask(moment)
            self._none_until = None if self._told else moment + timedelta(days=AHEAD_DAYS)
        if self._told is None:
            return may
        is_right = self._told == moment if may else self._told > moment
        if may or not is_right:
            self._told = None
        return not is_right


def _company(place: Place, hours: tuple[time, time]) -> Company:
    own = tuple(sorted(_closed(place))) if place.own_days_off else ()
    fixed = (1, 2, 3, 4, 5, 6, 7) if place.country == "FR" else place.weekdays
    return salon(
        timezone=place.zone,
        country=place.country,
        send_from=hours[0],
        send_until=hours[1],
        send_days=fixed,
        days_off=own,
        public_holidays=not place.own_days_off,
    )


def _may(place: Place, hours: tuple[time, time], moment: datetime) -> bool:
    local = moment.astimezone(ZoneInfo(place.zone))
    is_day = local.isoweekday() in place.weekdays and local.date() not in _closed(place)
    return is_day and _is_in(place, hours, local)


def _is_in(place: Place, hours: tuple[time, time], local: datetime) -> bool:
    at = local.time()
    return hours[0] <= at < hours[1] and place.earliest <= at < place.latest


@cache
def _closed(place: Place) -> frozenset[date]:
    return frozenset(date.fromisoformat(f"{place.year}-{day}") for day in place.closed.split())


if __name__ == "__main__":
    wrong, looked_at = run()
    print(f"quiet hours: {looked_at:,} moments in {len(PLACES)} time zones, {wrong} violations")
    sys.exit(1 if wrong else 0)
