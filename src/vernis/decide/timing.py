"""When is a client due? A distribution over the day of return, learned from a company's visits.

Several readings of a client's past each give a density of the next gap: the client's own gaps,
spread narrowly, widely and over whole weeks; what the company's clients of the same rhythm did;
what its clients of the same service did, starting from the industry standard; and the standard or
the universal answer itself. They are mixed by how well each has foretold the company's returns
and this client's own. See docs/timing.md.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vernis.decide.timing_history import RECENT, REMEMBERED, History, history
from vernis.decide.timing_learning import fit
from vernis.decide.timing_model import (
    DOUBT,
    HIT,
    HORIZONS,
    MEDIAN_SHARE,
    OWN,
    PRIOR,
    READINGS,
    RHYTHM,
    SERVICE,
    Foretold,
    Model,
    chances,
    rhythm_of,
    stages,
)
from vernis.decide.timing_tables import DAYS, WEEK, Floats, Whole, own_tables
from vernis.domain import Interval, Source

__all__ = ["Estimates", "Foretold", "History", "Model", "estimate", "fit", "history", "interval"]

_BATCH = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimates:
    """For each visit asked about, the day of the next. All arrays have one entry per visit.

    `days`, `low`, `high` count from the visit. `hit` is the chance that a return is within five
    days of `days` (`promised` before it was corrected), `client` that there will be one, given
    the days waited; `back` the chance at the visit to be back within each of `HORIZONS`.
    `levels` are the weights of the four sources in their order, shape (visits, 4). `tail` is,
    where the next visit is known, how near to an end of the distribution it was, 0 to 0.5.
    """

    days: Whole
    low: Whole
    high: Whole
    promised: Floats
    hit: Floats
    client: Floats
    back: Floats
    levels: Floats
    tail: Floats

    def source(self, index: int) -> Source:
        return list(Source)[int(self.levels[index].argmax())]


def estimate(
    model: Model, history: History, visits: Whole, *, away: Whole | None = None
) -> Estimates:
    """The distribution of the return after each of the visits, given by index in the history.

    `away` are the days waited since, 0 where not given: they lower the chance of a return.
    """
    waited = np.zeros(len(visits), np.int64) if away is None else np.clip(away, 0, DAYS)
    parts = [
        _estimate(model, history, visits[start : start + _BATCH], waited[start : start + _BATCH])
        for start in range(0, max(len(visits), 1), _BATCH)
    ]
    return Estimates(
        **{
            name: np.concatenate([getattr(part, name) for part in parts])
            for name in Estimates.__slots__
        }
    )


def _estimate(model: Model, history: History, rows: Whole, waited: Whole) -> Estimates:
    stage, line, gaps = stages(history.nth[rows]), history.line[rows], history.gaps[rows]
    weights = model.weights[stage] * np.exp(_success(model, history, rows))
    weights /= weights.sum(axis=1, keepdims=True)

    density = weights[:, [RHYTHM]] * model.rhythms[rhythm_of(history, rows)]
    density += weights[:, [SERVICE]] * model.lines[line]
    density += weights[:, [PRIOR]] * model.priors[line]
    for back in range(REMEMBERED):
        at = np.flatnonzero(gaps[:, back] > 0)
        for one, table in enumerate(own_tables()):
            share = weights[at, one] * history.shares[rows[at], back]
            density[at] += share[:, None] * table[gaps[at, back]]
    start = (history.day[rows] % WEEK)[:, None]
    density *= model.weekdays[(start + np.arange(DAYS + 1)) % WEEK]
    density /= density.sum(axis=1, keepdims=True)
    until = density.cumsum(axis=1, dtype=np.float64)
    until /= until[:, -1:]

    days = _best(until)
    low = np.maximum(1, (until >= model.outside).argmax(axis=1))
    high = (until >= 1 - model.outside).argmax(axis=1)
    promised = _within(until, days, np.full(len(rows), HIT)).astype(np.float32)
    came = np.minimum(history.gap[rows], DAYS)
    each = np.arange(len(rows))
    coming = 1.0 - model.never[stage].astype(np.float64)
    to_come = 1.0 - until[each, waited]
    tail = np.minimum(until[each, came], 1 - until[each, np.maximum(came, 1) - 1])
    return Estimates(
        days=days,
        low=np.minimum(low, days),
        high=np.maximum(high, days),
        promised=promised,
        hit=(promised * model.kept / (1 - promised + promised * model.kept)).astype(np.float32),
        client=(coming * to_come / (coming * to_come + 1 - coming)).astype(np.float32),
        back=(coming[:, None] * until[:, HORIZONS]).astype(np.float32),
        levels=_levels(model, weights, line),
        tail=tail.astype(np.float32),
    )


def _success(model: Model, history: History, rows: Whole) -> Floats:
    """How well each reading foretold this client's own returns, as a log likelihood."""
    result = np.zeros((len(rows), READINGS), np.float32)
    for back in range(REMEMBERED):
        at = np.flatnonzero(history.nth[rows] > back + 1)  # before the second visit: no own gap
        before = rows[at] - 1 - back
        doubt = DOUBT * model.company[np.minimum(history.gap[before], DAYS)][:, None]
        result[at] += RECENT**back * np.log(chances(model, history, before) + doubt)
    return np.asarray(result - result.max(axis=1, keepdims=True), np.float32)


def _best(until: NDArray[np.float64]) -> Whole:
    """The day with the best chance of a return within HIT days of it.

    A small part goes to being within the nearer half of the returns: where the chance is nearly
    flat, as with first visits, that keeps the error small.
    """
    reach = np.maximum(HIT, _shortest_half(until) // 2)
    day = np.arange(1, DAYS + 1)[None, :]
    near = _within_all(until, HIT) + MEDIAN_SHARE * _within_each(until, day, reach)
    return np.asarray(near.argmax(axis=1) + 1, np.int64)


def _within_all(until: NDArray[np.float64], reach: int) -> NDArray[np.float64]:
    padded = np.pad(until, ((0, 0), (0, reach)), mode="edge")
    upper = padded[:, reach + 1 :]
    lower = np.pad(until, ((0, 0), (reach, 0)))[:, :DAYS]
    return np.asarray(upper - lower)


def _within_each(until: NDArray[np.float64], day: Whole, reach: Whole) -> NDArray[np.float64]:
    upper = np.take_along_axis(until, np.minimum(day + reach[:, None], DAYS), axis=1)
    lower = np.take_along_axis(until, np.maximum(day - reach[:, None] - 1, 0), axis=1)
    return upper - lower


def _within(until: NDArray[np.float64], day: Whole, reach: Whole) -> NDArray[np.float64]:
    return _within_each(until, day[:, None], reach)[:, 0]


def _shortest_half(until: NDArray[np.float64]) -> Whole:
    """The days of the shortest stretch that holds half of the returns, by halving."""
    each = np.arange(len(until))
    shortest, too_short = np.full(len(until), DAYS), np.zeros(len(until), np.int64)
    day = np.arange(1, DAYS + 1)[None, :]
    for _ in range(9):  # 2 to the 9th covers the days
        middle = (shortest + too_short) // 2
        ends = np.minimum(day + middle[:, None] - 1, DAYS)
        holds = np.take_along_axis(until, ends, axis=1) - until[each[:, None], day - 1]
        enough = holds.max(axis=1) >= 0.5
        shortest = np.where(enough, middle, shortest)
        too_short = np.where(enough, too_short, middle)
    return np.asarray(shortest, np.int64)


def _levels(model: Model, weights: Floats, line: Whole) -> Floats:
    """The readings' weights as those of the four sources.

    A service's density is the company's as far as its own returns carry it, and what was
    believed before for the rest.
    """
    levels = np.zeros((len(weights), 4), np.float32)
    levels[:, 0] = weights[:, :OWN].sum(axis=1)
    levels[:, 1] = weights[:, RHYTHM] + weights[:, SERVICE] * model.learned[line]
    rest = 1 - levels[:, 0] - levels[:, 1]
    stands = model.has_standard[line]
    levels[:, 2] = np.where(stands, rest, 0)
    levels[:, 3] = np.where(stands, 0, rest)
    return levels


# --- one client ------------------------------------------------------------------------------


def interval(found: Estimates, index: int, history: History, visit: int, model: Model) -> Interval:
    """One estimate with its evidence; `visit` is the visit's index in the history."""
    gaps = [int(gap) for gap in history.gaps[visit] if gap]
    evidence: dict[str, int | float | str] = {"visits": int(history.nth[visit]) + 1}
    if gaps:
        evidence |= {"shortest": min(gaps), "longest": max(gaps)}
    if returns_of_line := int(model.returns[history.line[visit]]):
        evidence["returns"] = returns_of_line
    evidence["still_client"] = round(float(found.client[index]), 2)
    return Interval(
        days=int(found.days[index]),
        low=int(found.low[index]),
        high=int(found.high[index]),
        source=found.source(index),
        confidence=round(float(found.hit[index]), 2),
        evidence=evidence,
    )
