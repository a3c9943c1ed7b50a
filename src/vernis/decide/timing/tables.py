"""What the densities of returns are made of: spreads of one gap, and what censored histories show.

A density is a row of chances, of a return in each of `BINS` bins of days; bin 0 stands for day 0
and no return, it is always nil. To two months a bin is one day, then 2, 4, 8 days wide: less than
a client's strictest rhythm strays. The last bin stands for its days and all later ones.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Whole = NDArray[np.int64]

DAYS = 400  # a yearly client is still inside; a later return is a new beginning
WEEK = 7
SPREADS = (0.05, 0.15, 0.45, 1.0)  # how far a next gap strays from one before, in logs of days
WEEKS_SPREAD = SPREADS[1]  # the same among whole weeks
STANDARD_SPREAD = SPREADS[2]  # real returns stray further than the table's min and max say
UNIVERSAL_DAYS = 30  # the mission's answer for a client of whom nothing is known
_WIDE_DAYS, _WIDE_SPREAD = 40, 1.0  # around the industry standards' median, wider than all of them
_ROUNDING = 0.7  # days; a gap of one day may be two
_SMOOTHING = 0.08
_HALVES = 4096.0
_NOTHING = 1e-9  # smaller chances are nil: processors are slow at the smallest numbers

FIRST = np.concatenate(
    (np.arange(65), np.arange(65, 129, 2), np.arange(129, 257, 4), np.arange(257, DAYS + 1, 8))
)  # the first day of each bin
BINS = len(FIRST)
WIDTH = np.diff(FIRST, append=DAYS + 1)
MIDDLE = FIRST + (WIDTH - 1) // 2
BIN = np.repeat(np.arange(BINS), WIDTH).astype(np.uint8)  # the bin of each day


def binned(rows: NDArray[np.floating]) -> Floats:
    """Densities over the days 0 to `DAYS`, along the last axis, as densities over the bins."""
    return np.add.reduceat(rows, FIRST, axis=-1).astype(np.float32)


@cache
def spread(width: float, rounding: float = _ROUNDING) -> Doubles:
    """Rows of log-normal densities around each gap: `[gap, day]`, shape (DAYS + 1, DAYS + 1)."""
    gaps = np.maximum(np.arange(DAYS + 1), 1)[:, None]
    width_of = np.sqrt(width**2 + (rounding / gaps) ** 2)
    edges = np.log(np.arange(1, DAYS + 2) - 0.5)
    below = _normal((edges - np.log(gaps)) / width_of)
    rows = np.zeros((DAYS + 1, DAYS + 1))
    rows[:, 1:] = np.diff(below, axis=1)
    return np.asarray(rows / rows.sum(axis=1, keepdims=True))


@cache
def whole_weeks() -> Doubles:
    """Like `spread`, on multiples of seven days only: people keep their weekday."""
    rows = spread(WEEKS_SPREAD) * (np.arange(DAYS + 1) % WEEK == 0)
    total = rows.sum(axis=1, keepdims=True)
    weeks = rows / np.maximum(total, 1e-9)
    return np.where(total > 1e-6, weeks, spread(WEEKS_SPREAD))


@cache
def own_tables() -> Floats:
    """The ways to read one's own gaps: `[way, bin of the gap, bin]`; nil for no gap."""
    ways = np.stack([*(spread(width) for width in SPREADS), whole_weeks()])
    tables = binned(ways[:, MIDDLE])
    tables[:, 0] = 0
    tables[tables < _NOTHING] = 0
    return tables


@cache
def own_rows() -> tuple[Whole, Floats]:
    """The own tables without near twins: `[way, bin of the gap]` -> the row, and the rows.

    Wide spreads are nearly the same for near gaps: gaps within a third of the spread share one.
    """
    tables, logs = own_tables(), np.log(np.maximum(MIDDLE, 1))
    row = np.zeros((len(tables), BINS), np.int64)
    rows = [np.zeros(BINS, np.float32)]
    for way, width in enumerate((*SPREADS, 0.0)):
        last = -np.inf
        for gap in range(1, BINS):
            if logs[gap] - last > width / 3:
                last = logs[gap]
                rows.append(tables[way, gap])
            row[way, gap] = len(rows) - 1
    return row, np.stack(rows)


@cache
def near(reach: int) -> Floats:
    """`[bin, answer]`: the share of the bin's days that are within so many days of an answer.

    The answers are the bins' middle days.
    """
    day = np.arange(DAYS + 1)
    within = np.abs(day[:, None] - MIDDLE) <= reach
    return np.asarray(np.add.reduceat(within, FIRST, axis=0) / WIDTH[:, None], np.float32)


@cache
def anything() -> Doubles:
    """What a company's returns are held against: nearly any day may be right. By day."""
    return np.asarray(spread(_WIDE_SPREAD)[_WIDE_DAYS])


def standard(days: int) -> Doubles:
    """Likeliest at an industry standard, with a fifth left for all that it does not know."""
    median = round(days * np.exp(STANDARD_SPREAD**2))  # of the log-normal whose peak is at `days`
    near_it = spread(STANDARD_SPREAD)[min(max(median, 1), DAYS)]
    return np.asarray(0.8 * near_it + 0.2 * anything())


def universal(seen: float) -> Doubles:
    """Where there is no standard: half the universal answer's, and the less the more was seen.

    `seen` is how much own evidence the company has, from 0 to 1.
    """
    believed = (1 - seen) / 2
    return np.asarray(believed * standard(UNIVERSAL_DAYS) + (1 - believed) * anything())


def priors(standards: Whole, seen: float) -> Doubles:
    """What is believed of each line by its standard's days, the universal where they are 0.

    By day: shape (lines, DAYS + 1).
    """
    kinds, line = np.unique(standards, return_inverse=True)
    rows = [standard(int(days)) if days else universal(seen) for days in kinds]
    return np.stack(rows)[line]


@cache
def _smoothing() -> Doubles:
    rows = spread(_SMOOTHING, 0.5)
    return np.where(rows < _NOTHING, 0, rows)


def tally(
    days: Whole, came: NDArray[np.bool_], weights: Floats, groups: Whole, number: int
) -> tuple[Doubles, Doubles]:
    """How many returned after, and how many still waited, so many days: `[group, day]`, twice.

    `days` is the gap where the client `came`, else the days waited so far.
    """
    size = number * (DAYS + 1)
    at = groups * (2 * (DAYS + 1)) + np.where(came, days, days + DAYS + 1)
    both = np.asarray(np.bincount(at, weights, 2 * size), np.float64)
    both = both.reshape(number, 2, DAYS + 1)
    return both[:, 0], both[:, 1]


def returns(
    ended: Doubles, waiting: Doubles, prior: Doubles, strength: float
) -> tuple[Doubles, Doubles]:
    """The densities of returns by day, and the chances of none, from tallies of some groups.

    `prior` is a density by day that may sum to less than 1, the rest being clients who never
    return; `strength` is how many clients it is worth. With strength 0 this is Kaplan-Meier;
    with one it is its Bayesian form, the mean of a beta-Stacy process (Susarla and Van Ryzin
    1976; Walker and Muliere 1997). The prior's hazard is taken at the pace that these clients
    had over the last half of each wait: beyond the days that a young log has seen, they go on as
    they came, not as the prior has it.
    """
    at_risk = (ended + waiting)[..., ::-1].cumsum(axis=-1)[..., ::-1]
    left = 1.0 - np.cumsum(prior, axis=-1) + prior
    believed = prior / np.maximum(left, 1e-9)
    pace = (_octave(ended) + strength) / (_octave(at_risk * believed) + strength)
    hazard = (ended + strength * pace * prior) / np.maximum(at_risk + strength * left, 1e-9)
    hazard = np.clip(hazard, 0.0, 1.0)
    hazard[..., 0] = 0.0
    staying = np.cumprod(1.0 - hazard, axis=-1)
    density = hazard * np.concatenate((np.ones_like(staying[..., :1]), staying[..., :-1]), axis=-1)
    total = density.sum(axis=-1, keepdims=True)
    return np.asarray(density @ _smoothing() / total), np.asarray(1.0 - total[..., 0])


def _octave(values: Doubles) -> Doubles:
    """For each day the sum over the days from half of it up to it."""
    until = np.concatenate((np.zeros_like(values[..., :1]), np.cumsum(values, axis=-1)), axis=-1)
    day = np.arange(values.shape[-1])
    return np.asarray(until[..., day + 1] - until[..., day // 2])


def to_halves(rows: Floats) -> NDArray[np.float16]:
    """Densities in half precision; scaled, so that small chances keep their three digits."""
    return np.asarray(rows * np.float32(_HALVES), "<f2")


def from_halves(rows: NDArray[np.float16]) -> Floats:
    return np.asarray(rows.astype(np.float32) / np.float32(_HALVES), np.float32)


def _normal(z: Doubles) -> Doubles:
    """The normal distribution function, by Abramowitz and Stegun 26.2.17 (error below 1e-7)."""
    t = 1.0 / (1.0 + 0.2316419 * np.abs(z))
    series = (
        (((1.330274429 * t - 1.821255978) * t + 1.781477937) * t - 0.356563782) * t + 0.319381530
    ) * t
    tail = np.exp(-0.5 * z * z) * series / np.sqrt(2.0 * np.pi)
    return np.asarray(np.where(z > 0, 1.0 - tail, tail))
