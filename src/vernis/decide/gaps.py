"""How long clients of one service stay away, as a person can look at it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vernis.decide import rhythms
from vernis.decide.rhythms import YEAR, Tally

STEP = 7  # days that a bar stands for
DRAWN = 182  # days that have bars of their own; all longer gaps are one more
ASKED = (14, 30, 60, 90, 180, YEAR)  # days by which the share of those who are back is told


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """Returns after `first` to `last` days, both included."""

    first: int
    last: int
    returns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gaps:
    """What the `visits` for a service show. `waiting` clients have not come back for it so far.

    `back` is the share of all visits after which the client is back by so many days, corrected
    for those whose time still runs (Kaplan and Meier 1958), a visit of a year ago counting half.
    `median`, `low`, `high` are of those who come back within a year; None under ten returns.
    """

    visits: int
    bars: tuple[Bar, ...]
    returns: int
    waiting: int
    back: Mapping[int, float]
    median: int | None
    low: int | None
    high: int | None


def gaps(clients: Sequence[int], days: Sequence[int], *, as_of: int) -> Gaps:
    """Of the visits for one service, as known on a day; days are ordinals."""
    service = np.zeros(len(clients), np.int64)
    found = rhythms.lines(np.asarray(clients, np.int64), service, np.asarray(days, np.int64))
    tally = Tally.of(found, 1, as_of=as_of)
    counted = tally.returns[0]
    at_risk = (tally.back[0] + tally.waiting[0])[::-1].cumsum()[::-1]
    away = np.cumprod(1 - tally.back[0] / np.maximum(at_risk, 1e-12))
    average = next(tally.averages(), None)
    edges = [*range(1, DRAWN + 1, STEP), DRAWN + 1]
    lasts = [*(first + STEP - 1 for first in edges[:-1]), YEAR]
    return Gaps(
        visits=len(found.day),
        bars=tuple(
            Bar(first=first, last=last, returns=int(counted[first : last + 1].sum()))
            for first, last in zip(edges, lasts, strict=True)
        ),
        returns=int(counted.sum()),
        waiting=int((found.gap == 0).sum()),
        back={day: float(1 - away[day]) for day in ASKED},
        median=average.median if average else None,
        low=average.low if average else None,
        high=average.high if average else None,
    )
