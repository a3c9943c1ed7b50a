"""When is a client due? A distribution over the day of return, learned from a company's visits.

Several readings of a client's past each give a density of the next gap: the client's own gaps,
spread narrowly, widely and over whole weeks; what the company's clients of the same rhythm did;
what its clients of the same service did, starting from the industry standard; and the standard or
the universal answer itself. They are mixed by how well each has foretold the company's returns
and this client's own. See docs/timing.md.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from vernis.decide.timing.learning import fit
from vernis.decide.timing.model import (
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
from vernis.decide.timing.owner import OWNERS, owners_days, owners_window
from vernis.decide.timing.tables import (
    BIN,
    DAYS,
    FIRST,
    MIDDLE,
    WEEK,
    WIDTH,
    Floats,
    Whole,
    near,
    own_rows,
)
from vernis.decide.timing.visits import RECENT, REMEMBERED, History, Past, history
from vernis.domain import Interval, Source

__all__ = ["Estimates", "Foretold", "History", "Model", "estimate", "fit", "history", "interval"]

_BATCH = 1000  # visits whose densities stay in the processor's cache


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimates:
    """For each visit asked about, the day of the next. All arrays have one entry per visit.

    `days`, `half`, `low`, `high` count from the visit; by `half` half of the expected returns have
    come. `hit` is the chance that a return is within five
    days of `days` (`promised` before it was corrected), `returning` that the client still comes
    back without being asked, given the days waited, and `falling` how much of that the coming
    week takes if nobody comes; `back` the chance at the visit to be back within each of
    `HORIZONS`. `levels` are the parts of the sources in `promised`, in their order, shape
    (visits, 5). `tail` is, where the next visit is known, how near to an end of the distribution
    it was, 0 to 0.5.
    """

    days: Whole
    half: Whole
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
    stage = stages(history.nth.take(rows))
    line, past = known_lines(model, history.line.take(rows)), Past.of(history, rows)
    weights = model.weights.take(stage, axis=1) * np.exp(_success(model, history, rows))
    weights /= weights.sum(axis=0)
    weights[weights < _NO_WEIGHT] = 0

    density = _own(past, weights)
    rhythm = rhythm_of(past)
    density += weights[RHYTHM, :, None] * model.rhythms.take(rhythm, axis=0)
    density += weights[SERVICE, :, None] * model.lines.take(line, axis=0)
    density += weights[PRIOR, :, None] * model.priors.take(line, axis=0)
    density *= _weekdays(model)[history.day[rows] % WEEK]
    total = density.sum(axis=1, keepdims=True)
    density /= total

    best = 1 + (density @ _worth())[:, 1:].argmax(axis=1)
    promised = _promised(density, best)
    levels = _levels(model, weights, promised * total[:, 0], rhythm, line, best)
    own = owners_days(
        model.own, len(model.lines), line, history.nth.take(rows), levels.argmax(axis=1)
    )
    if (held := own > 0).any():
        best = np.where(held, BIN[np.minimum(own, DAYS)], best)
        promised = _promised(density, best)
        levels[held] = OWNERS
    until = density.cumsum(axis=1, out=density)
    until[:, -1] = 1  # but for rounding
    days = np.where(held, own, MIDDLE[best])
    outside = model.outside[(levels.argmax(axis=1) == 0).astype(np.intp)]
    low, high = _first(until, outside), _first(until, 1 - outside)
    half = np.where(held, own, _first(until, np.full_like(outside, 0.5)))
    if held.any():
        window = owners_window(own)
        low, high = np.where(held, window[0], low), np.where(held, window[1], high)
    came = np.minimum(history.gap[rows], DAYS)
    coming = 1.0 - model.never[stage].astype(np.float64)
    returning = _still(coming, 1.0 - _upto(until, waited))
    in_a_week = _still(coming, 1.0 - _upto(until, np.minimum(waited + WEEK, DAYS)))
    tail = np.minimum(_upto(until, came), 1 - _upto(until, np.maximum(came - 1, 0)))
    return Estimates(
        days=days,
        half=half,
        low=np.minimum(low, days),
        high=np.maximum(high, days),
        promised=promised,
        hit=(promised * model.kept / (1 - promised + promised * model.kept)).astype(np.float32),
        returning=returning.astype(np.float32),
        falling=np.maximum(returning - in_a_week, 0).astype(np.float32),
        back=(coming[:, None] * until[:, _HORIZONS]).astype(np.float32),
        levels=levels,
        tail=tail.astype(np.float32),
    )


def _promised(density: Floats, best: Whole) -> Floats:
    """The chance that a return is within `HIT` days of each answer, given as a bin."""
    return np.asarray(np.minimum(np.einsum("vb,vb->v", density, near(HIT).T[best]), 1))


_NO_WEIGHT = 1e-6
_HORIZONS = BIN[list(HORIZONS)]  # each is the last day of a bin


def _success(model: Model, history: History, rows: Whole) -> Floats:
    """How well each reading foretold this client's own returns, as a log likelihood.

    The second visit is the first of which an own gap could say something.
    """
    back = np.arange(REMEMBERED)
    known = history.nth[rows][:, None] > back + 1
    before = (rows[:, None] - 1 - back)[known]
    doubt = DOUBT * model.company[history.bin[before]]
    result = np.zeros((READINGS, *known.shape), np.float32)
    result[:, known] = np.log(chances(model, history, before) + doubt)
    total = result @ (np.float32(RECENT) ** back.astype(np.float32))
    return np.asarray(total - total.max(axis=0))


def _own(past: Past, weights: Floats) -> Floats:
    """What the readings of the own gaps add: which gaps, times how each spreads."""
    row, tables = own_rows()
    number = past.gaps.shape[1]
    which = np.zeros((number, len(tables)), np.float32)
    flat, first = which.reshape(-1), np.arange(number) * len(tables)
    for gaps, counts in zip(past.gaps, past.counts, strict=True):
        flat[first + row.take(gaps, axis=1)] += weights[:OWN] * counts
    return np.asarray(which @ tables)


@cache
def _worth() -> Floats:
    """What each answer is worth for a return in each bin: a hit, and a little for a near miss.

    Where the chance is nearly flat, as with first visits, the little keeps errors small.
    """
    return np.asarray(near(HIT) + np.float32(MISS_SHARE) * near(MISS))


def _weekdays(model: Model) -> Floats:
    """How much likelier than even each bin is, by the weekday of the visit: (WEEK, BINS)."""
    ahead = (np.arange(WEEK)[:, None] + np.arange(DAYS + 1)) % WEEK
    return np.asarray(np.add.reduceat(model.weekdays[ahead], FIRST, axis=1) / WIDTH, np.float32)


def _first(until: Floats, share: Floats) -> Whole:
    """The first day by which so much of the density is past, of each."""
    at = np.maximum((until >= share[:, None]).argmax(axis=1), 1)
    each = np.arange(len(until))
    before, within = until[each, at - 1], until[each, at] - until[each, at - 1]
    part = np.clip((share - before) / np.maximum(within, 1e-9), 0, 1)
    return np.asarray(FIRST[at] + np.maximum(np.ceil(part * WIDTH[at]) - 1, 0), np.int64)


def _upto(until: Floats, days: NDArray[np.integer]) -> Floats:
    """The chance of a return up to a day, as if the days of a bin were alike."""
    at = BIN[days].astype(np.intp)
    each, part = np.arange(len(until)), (days - FIRST[at] + 1) / WIDTH[at]
    before = until[each, np.maximum(at - 1, 0)]
    return np.asarray(np.minimum(before + (until[each, at] - before) * part, 1), np.float32)


def _still(coming: NDArray[np.float64], to_come: Floats) -> NDArray[np.float64]:
    """The chance of a return of whom so much of the density is still to come: Bayes' rule."""
    return np.asarray(coming * to_come / (coming * to_come + 1 - coming))


def _levels(
    model: Model, weights: Floats, promised: Floats, rhythm: Whole, line: Whole, best: Whole
) -> Floats:
    """How much of the chance of a hit each of the sources gives, before the owner is heard.

    A service's density is the company's as far as it is more than what was believed before. The
    more of a company was seen, the more the universal density is only its own, drawn widely.
    """
    hits = _hits(model.rhythms, rhythm, best) * weights[RHYTHM]
    service, prior = _hits(model.lines, line, best), _hits(model.priors, line, best)
    believed = np.minimum(service, (1 - model.learned[line]) * prior)
    company = hits + weights[SERVICE] * (service - believed)
    before = weights[SERVICE] * believed + weights[PRIOR] * prior
    stands = model.standards[line] > 0
    own_wide = np.where(stands, 0, model.seen * before)
    levels = np.stack(
        (
            np.maximum(promised - company - before, 0) * weights[:OWN].any(axis=0),
            company + own_wide,
            np.where(stands, before, 0),
            np.where(stands, 0, before - own_wide),
            np.zeros_like(promised),
        ),
        axis=1,
    )
    return np.asarray(levels / levels.sum(axis=1, keepdims=True), np.float32)


def _hits(densities: Floats, rows: Whole, best: Whole) -> Floats:
    """The chance that each of the densities' rows gives of a hit by the answer."""
    kinds, at = np.unique(rows, return_inverse=True)
    return np.asarray((densities[kinds] @ near(HIT))[at, best])


# --- one client ------------------------------------------------------------------------------


def interval(found: Estimates, index: int, history: History, visit: int, model: Model) -> Interval:
    """One estimate with its evidence; `visit` is the visit's index in the history."""
    gaps = history.gaps(visit)
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
