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

from vernis.decide.timing_history import (
    RECENT,
    REMEMBERED,
    History,
    history,
    known_gaps,
    shares,
)
from vernis.decide.timing_learning import fit
from vernis.decide.timing_model import (
    DOUBT,
    HIT,
    HORIZONS,
    MISS,
    MISS_SHARE,
    OWN,
    PRIOR,
    READINGS,
    RHYTHM,
    SERVICE,
    Foretold,
    Model,
    chances,
    known_lines,
    rhythm_of,
    stages,
)
from vernis.decide.timing_tables import DAYS, WEEK, Floats, Whole, own_columns
from vernis.domain import Interval, Source

__all__ = ["Estimates", "Foretold", "History", "Model", "estimate", "fit", "history", "interval"]

_BATCH = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimates:
    """For each visit asked about, the day of the next. All arrays have one entry per visit.

    `days`, `low`, `high` count from the visit. `hit` is the chance that a return is within five
    days of `days` (`promised` before it was corrected), `returning` that the client still comes
    back without being asked, given the days waited, and `falling` how much of that the coming
    week takes if nobody comes; `back` the chance at the visit to be back within each of `HORIZONS`.
    `levels` are the weights of the four sources in their order, shape (visits, 4). `tail` is,
    where the next visit is known, how near to an end of the distribution it was, 0 to 0.5.
    """

    days: Whole
    low: Whole
    high: Whole
    promised: Floats
    hit: Floats
    returning: Floats
    falling: Floats
    back: Floats
    levels: Floats
    tail: Floats

    @property
    def client(self) -> Floats:
        """The chance that each is still a client: who comes back is one."""
        return self.returning

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
    stage, line = stages(history.nth[rows]), known_lines(model, history.line[rows])
    weights = model.weights[stage] * np.exp(_success(model, history, rows))
    weights /= weights.sum(axis=1, keepdims=True)

    density = weights[:, [RHYTHM]] * model.rhythms[rhythm_of(history, rows)]
    density += weights[:, [SERVICE]] * model.lines[line]
    density += weights[:, [PRIOR]] * model.priors[line]
    _add_own(density, weights, history, rows)
    ahead = (np.arange(WEEK)[:, None] + np.arange(DAYS + 1)) % WEEK
    density *= model.weekdays[ahead][history.day[rows] % WEEK]
    until = density.cumsum(axis=1, out=density)
    until /= until[:, -1:].copy()

    days = _best(until)
    low = np.maximum(1, (until >= model.outside).argmax(axis=1))
    high = (until >= 1 - model.outside).argmax(axis=1)
    promised = (_upto(until, days + HIT) - _upto(until, days - HIT - 1)).astype(np.float32)
    came = np.minimum(history.gap[rows], DAYS)
    each = np.arange(len(rows))
    coming = 1.0 - model.never[stage].astype(np.float64)
    returning = _still(coming, 1.0 - until[each, waited])
    in_a_week = _still(coming, 1.0 - until[each, np.minimum(waited + WEEK, DAYS)])
    tail = np.minimum(until[each, came], 1 - until[each, np.maximum(came, 1) - 1])
    return Estimates(
        days=days,
        low=np.minimum(low, days),
        high=np.maximum(high, days),
        promised=promised,
        hit=(promised * model.kept / (1 - promised + promised * model.kept)).astype(np.float32),
        returning=returning.astype(np.float32),
        falling=np.maximum(returning - in_a_week, 0).astype(np.float32),
        back=(coming[:, None] * until[:, HORIZONS]).astype(np.float32),
        levels=_levels(model, weights, line),
        tail=tail.astype(np.float32),
    )


def _still(coming: NDArray[np.float64], to_come: Floats) -> NDArray[np.float64]:
    """The chance of a return of whom so much of the density is still to come: Bayes' rule."""
    return np.asarray(coming * to_come / (coming * to_come + 1 - coming))


def _success(model: Model, history: History, rows: Whole) -> Floats:
    """How well each reading foretold this client's own returns, as a log likelihood."""
    result = np.zeros((len(rows), READINGS), np.float32)
    for back in range(REMEMBERED):
        at = np.flatnonzero(history.nth[rows] > back + 1)  # before the second visit: no own gap
        before = rows[at] - 1 - back
        doubt = DOUBT * model.company[np.minimum(history.gap[before], DAYS)][:, None]
        result[at] += RECENT**back * np.log(chances(model, history, before) + doubt)
    return np.asarray(result - result.max(axis=1, keepdims=True), np.float32)


def _add_own(density: Floats, weights: Floats, history: History, rows: Whole) -> None:
    """Add the readings of the own gaps: which gaps, times how each spreads."""
    at = np.flatnonzero(history.nth[rows] > 0)
    column, tables = own_columns()
    which = np.zeros((len(at), *tables.shape[:2]), np.float32)
    parts = shares()[known_gaps(history.nth[rows[at]])]
    for back in range(REMEMBERED):
        seen = np.flatnonzero(parts[:, back])
        gaps = history.gaps[rows[at[seen]], back]
        which[seen, :, column[gaps]] += weights[at[seen], :OWN] * parts[seen, back, None]
    flat = tables.reshape(-1, DAYS + 1)
    spread_out = which.reshape(len(at), len(flat)) @ flat
    if len(at) == len(rows):
        density += spread_out
    else:
        density[at] += spread_out


def _best(until: Floats) -> Whole:
    """The day with the best chance of a return within HIT days of it, and a little for a miss
    that is near: where the chance is nearly flat, as with first visits, it keeps errors small."""
    near = _around(until, HIT) + np.float32(MISS_SHARE) * _around(until, MISS)
    return np.asarray(near.argmax(axis=1) + 1, np.int64)


def _around(until: Floats, reach: int) -> Floats:
    """The chance of a return within `reach` days of each day from 1 on."""
    chance = np.empty((len(until), DAYS), np.float32)
    chance[:, : DAYS - reach] = until[:, reach + 1 :]
    chance[:, DAYS - reach :] = until[:, -1:]
    chance[:, reach:] -= until[:, : DAYS - reach]
    return chance


def _upto(until: Floats, days: Whole) -> Floats:
    """The chance of a return up to a day; nil before the first."""
    return np.asarray(until[np.arange(len(until)), np.clip(days, 0, DAYS)])


def _levels(model: Model, weights: Floats, line: Whole) -> Floats:
    """The readings' weights as those of the four sources.

    A service's density is the company's as far as its own returns carry it, and what was
    believed before for the rest.
    """
    levels = np.zeros((len(weights), 4), np.float32)
    levels[:, 0] = weights[:, :OWN].sum(axis=1)
    levels[:, 1] = weights[:, RHYTHM] + weights[:, SERVICE] * model.learned[line]
    rest = 1 - levels[:, 0] - levels[:, 1]
    stands = model.standards[line] > 0
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
    evidence["still_client"] = round(float(found.returning[index]), 2)
    return Interval(
        days=int(found.days[index]),
        low=int(found.low[index]),
        high=int(found.high[index]),
        source=found.source(index),
        confidence=round(float(found.hit[index]), 2),
        evidence=evidence,
    )
