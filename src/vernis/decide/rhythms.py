"""What visits show of single clients and of whole services, in plain figures for people to read.

The plan goes by `decide/timing`; these are the medians that an owner would compute, without their
two usual faults: they count those who have not come back yet, and recent years weigh more.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vernis.decide.timing.model import HALF_LIFE

Whole = NDArray[np.int64]
Floats = NDArray[np.float64]

YEAR = 365  # a longer gap is not a rhythm: the client was gone
REMEMBERED_GAPS = 8  # older gaps belong to another life
PERSONAL_VISITS = 3  # two gaps are the least that show how regular a client is
SERVICE_RETURNS = 10  # the mission's least number for an average


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Visits for one service by one client after another, in the order of client, service, day.

    One entry per client, service and day; `gap` is the days to the next visit of the same line,
    0 where it is the line's last.
    """

    client: Whole
    service: Whole
    day: Whole
    gap: Whole


def lines(client: Whole, service: Whole, day: Whole) -> Lines:
    """Visits in any order, with duplicates; those without a service (-1) are left out."""
    known = service >= 0
    clients, at = np.unique(client[known], return_inverse=True)
    # one number a visit sorts ten times as fast as three
    services, first = int(service.max(initial=0)) + 1, int(day.min(initial=0))
    days = int(day.max(initial=0)) - first + 1
    line, since = np.divmod(
        np.unique((at * services + service[known]) * days + (day[known] - first)), days
    )
    gap = np.zeros(len(line), np.int64)
    gap[:-1] = np.where(line[1:] == line[:-1], since[1:] - since[:-1], 0)
    at, code = np.divmod(line, services)
    return Lines(client=clients[at], service=code, day=since + first, gap=gap)


# --- single clients ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Personal:
    """The rhythms of lines with at least three visits; one entry per client and service.

    `days` is the median of the last eight gaps of up to a year, `consistency` 1 - spread / mean
    of the same, 0 to 1.
    """

    client: Whole
    service: Whole
    days: Whole
    visits: Whole
    consistency: Floats


def personal(found: Lines) -> Personal:
    ends = np.flatnonzero(found.gap == 0)
    starts = np.concatenate(([0], ends[:-1] + 1)) if len(ends) else ends
    gaps = np.zeros((len(ends), REMEMBERED_GAPS))
    for back in range(REMEMBERED_GAPS):
        at = ends - 1 - back
        there = np.flatnonzero(at >= starts)
        gaps[there, back] = found.gap[at[there]]
    gaps[(gaps <= 0) | (gaps > YEAR)] = np.inf
    number = np.isfinite(gaps).sum(axis=1)
    kept = number + 1 >= PERSONAL_VISITS
    gaps, number, ends = np.sort(gaps[kept], axis=1), number[kept], ends[kept]
    each = np.arange(len(ends))
    middles = (gaps[each, (number - 1) // 2] + gaps[each, number // 2]) / 2
    gaps[~np.isfinite(gaps)] = 0
    mean = gaps.sum(axis=1) / number
    spread = np.sqrt(np.maximum((gaps**2).sum(axis=1) - number * mean**2, 0) / (number - 1))
    return Personal(
        client=found.client[ends],
        service=found.service[ends],
        days=np.maximum(np.rint(middles), 1).astype(np.int64),
        visits=number + 1,
        consistency=np.maximum(0, np.round(1 - spread / mean, 2)),
    )


# --- services ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceReturns:
    """What a service's returns come to; days. 80% of them lie from `low` to `high`."""

    service: int
    median: int
    average: float
    shortest: int
    longest: int
    spread: float
    low: int
    high: int
    returns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Gaps counted by service and day, shape (services, YEAR + 1): what can be added up.

    `back` and `waiting` are weighted by age, a visit of a year ago counting half: gaps that ended
    on a day, and gaps that had not ended by then and were last seen on it. `returns` counts.
    """

    back: Floats
    waiting: Floats
    returns: Whole

    @classmethod
    def of(cls, found: Lines, services: int, *, as_of: int) -> "Tally":
        """The gaps of lines as known on a day; later visits must not be among them."""
        came = (found.gap > 0) & (found.gap <= YEAR)
        days = np.minimum(np.where(found.gap > 0, found.gap, as_of - found.day), YEAR)
        seen = days > 0
        cell = found.service * (YEAR + 1) + days
        age = 0.5 ** ((as_of - found.day) / HALF_LIFE)
        shape, size = (services, YEAR + 1), services * (YEAR + 1)
        back, waiting = came & seen, ~came & seen
        return cls(
            back=np.bincount(cell[back], age[back], size).reshape(shape).astype(float),
            waiting=np.bincount(cell[waiting], age[waiting], size).reshape(shape).astype(float),
            returns=np.bincount(cell[back], minlength=size).reshape(shape),
        )

    @classmethod
    def empty(cls, services: int) -> "Tally":
        shape = (services, YEAR + 1)
        return cls(back=np.zeros(shape), waiting=np.zeros(shape), returns=np.zeros(shape, np.int64))

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            back=self.back + other.back,
            waiting=self.waiting + other.waiting,
            returns=self.returns + other.returns,
        )

    def averages(self) -> Iterator[ServiceReturns]:
        """Of each service with ten returns the day by which half of all who come back within a
        year are back: Kaplan and Meier (1958), so that those whose time still runs count too."""
        for service in np.flatnonzero(self.returns.sum(axis=1) >= SERVICE_RETURNS):
            back, returns = self.back[service], self.returns[service]
            at_risk = (back + self.waiting[service])[::-1].cumsum()[::-1]
            away = np.cumprod(1 - back / np.maximum(at_risk, 1e-12))
            share = (1 - away) / (1 - away[-1])
            low, median, high = (int((share >= part - 1e-9).argmax()) for part in (0.1, 0.5, 0.9))
            days = np.repeat(np.arange(YEAR + 1), returns)
            yield ServiceReturns(
                service=int(service),
                median=median,
                average=float(days.mean()),
                shortest=int(days[0]),
                longest=int(days[-1]),
                spread=float(days.std(ddof=1)),
                low=low,
                high=high,
                returns=len(days),
            )
