"""What the densities of returns are made of: spreads of one gap, and what censored histories show.

A density is a row of `DAYS + 1` chances, of a return after 0, 1, ... `DAYS` days; the last day
stands for it and all later ones, day 0 is always nil.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Whole = NDArray[np.int64]

DAYS = 400  # a yearly client is still inside; a later return is a new beginning
WEEK = 7
SPREADS = (0.05, 0.15, 0.45, 1.0)  # how far a next gap strays from one before, in logs of days
WEEKS_SPREAD = 0.15  # the same among whole weeks
STANDARD_SPREAD = 0.35  # real returns stray further than the table's min and max say
UNIVERSAL_DAYS = 40  # the median over the industry standards and the mission's 30, 60, 90
_ROUNDING = 0.7  # days; a gap of one day may be two
_SMOOTHING = 0.08
_HALVES = 4096.0


@cache
def spread(width: float, rounding: float = _ROUNDING) -> Floats:
    """Rows of log-normal densities around each gap: `[gap, day]`, shape (DAYS + 1, DAYS + 1)."""
    gaps = np.maximum(np.arange(DAYS + 1), 1)[:, None]
    width_of = np.sqrt(width**2 + (rounding / gaps) ** 2)
    edges = np.log(np.arange(1, DAYS + 2) - 0.5)
    below = _normal((edges - np.log(gaps)) / width_of)
    rows = np.zeros((DAYS + 1, DAYS + 1))
    rows[:, 1:] = np.diff(below, axis=1)
    result: Floats = (rows / rows.sum(axis=1, keepdims=True)).astype(np.float32)
    return result


@cache
def whole_weeks() -> Floats:
    """Like `spread`, on multiples of seven days only: people keep their weekday."""
    rows = spread(WEEKS_SPREAD) * (np.arange(DAYS + 1) % WEEK == 0)
    total = rows.sum(axis=1, keepdims=True)
    weeks = rows / np.maximum(total, 1e-9)
    return np.where(total > 1e-6, weeks, spread(WEEKS_SPREAD)).astype(np.float32)


@cache
def own_tables() -> Floats:
    """The ways to read one's own gaps, shape (5, DAYS + 1, DAYS + 1)."""
    return np.stack([*(spread(width) for width in SPREADS), whole_weeks()])


@cache
def own_columns() -> tuple[Whole, Floats]:
    """The own tables for gaps that are alike: the column of each gap, and the tables' rows.

    Beyond two months gaps within 2% share a row: less than half of the narrowest spread.
    """
    gaps = np.arange(DAYS + 1)
    steps = 60 + np.rint(np.log(np.maximum(gaps, 60) / 60) / 0.02).astype(np.int64)
    kinds, column = np.unique(np.where(gaps <= 60, gaps, steps), return_inverse=True)
    middles = np.array([int(np.median(gaps[column == one])) for one in range(len(kinds))])
    return np.asarray(column, np.int64), own_tables()[:, middles]


@cache
def universal() -> Floats:
    """Where nothing is known: around 40 days, within a factor of e for two thirds."""
    row: Floats = spread(1.0)[UNIVERSAL_DAYS]
    return row


def standard(days: int) -> Floats:
    """Around an industry standard, with a fifth left for all that it does not know."""
    near = spread(STANDARD_SPREAD)[min(max(days, 1), DAYS)]
    return np.asarray(0.8 * near + 0.2 * universal(), np.float32)


def priors(standards: Whole) -> Floats:
    """What is believed of each line by its standard's days, the universal where they are 0."""
    rows = np.tile(universal(), (len(standards), 1))
    for code in np.flatnonzero(standards):
        rows[code] = standard(int(standards[code]))
    return rows


def to_halves(rows: Floats) -> NDArray[np.float16]:
    """Densities in half precision; scaled, so that small chances keep their three digits."""
    return np.asarray(rows * np.float32(_HALVES), "<f2")


def from_halves(rows: NDArray[np.float16]) -> Floats:
    return np.asarray(rows.astype(np.float32) / np.float32(_HALVES), np.float32)


def returns(
    days: Whole, came: NDArray[np.bool_], weights: Floats, prior: Floats, strength: float
) -> tuple[Floats, float]:
    """The density of returns, and the chance of none, from histories of which some are open.

    `days` is the gap where the client `came`, else the days waited so far. `prior` is a density
    that may sum to less than 1, the rest being clients who never return; `strength` is how many
    clients it is worth. With strength 0 this is Kaplan-Meier; with one it is its Bayesian form,
    the mean of a beta-Stacy process (Susarla and Van Ryzin 1976; Walker and Muliere 1997). The
    prior's hazard is taken at the pace that these clients had over the last half of each wait:
    beyond the days that a young log has seen, they go on as they came, not as the prior has it.
    """
    ended = np.bincount(days[came], weights[came], DAYS + 1)
    waiting = np.bincount(days[~came], weights[~came], DAYS + 1)
    at_risk = (ended + waiting)[::-1].cumsum()[::-1]
    left = 1.0 - np.concatenate(([0.0], np.cumsum(prior, dtype=np.float64)[:-1]))
    believed = prior / np.maximum(left, 1e-9)
    pace = (_octave(ended.astype(np.float64)) + strength) / (_octave(at_risk * believed) + strength)
    hazard = (ended + strength * pace * prior) / np.maximum(at_risk + strength * left, 1e-9)
    hazard = np.clip(hazard, 0.0, 1.0)
    hazard[0] = 0.0
    staying = np.cumprod(1.0 - hazard)
    density = hazard * np.concatenate(([1.0], staying[:-1]))
    total = density.sum()
    density = density @ spread(_SMOOTHING, 0.5)
    return (density / total).astype(np.float32), float(1.0 - total)


def _octave(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """For each day the sum over the days from half of it up to it."""
    until = np.concatenate(([0.0], np.cumsum(values)))
    day = np.arange(len(values))
    return np.asarray(until[day + 1] - until[day // 2])


def _normal(z: NDArray[np.float64]) -> NDArray[np.float64]:
    """The normal distribution function, by Abramowitz and Stegun 26.2.17 (error below 1e-7)."""
    t = 1.0 / (1.0 + 0.2316419 * np.abs(z))
    series = (
        (((1.330274429 * t - 1.821255978) * t + 1.781477937) * t - 0.356563782) * t + 0.319381530
    ) * t
    tail = np.exp(-0.5 * z * z) * series / np.sqrt(2.0 * np.pi)
    return np.asarray(np.where(z > 0, 1.0 - tail, tail))
