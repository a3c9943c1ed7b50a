"""At each visit, from nothing later, the estimate of the next one."""

from collections.abc import Callable, Iterator

import numpy as np

from vernis.backtest.visits import Log
from vernis.decide import timing
from vernis.decide.timing.model import HIT, REVIEWED
from vernis.decide.timing.tables import Whole

YOUNG = 182  # days for which a company is learned anew each week, as the weekly job does


def rounds(log: Log) -> Iterator[tuple[int, Whole]]:
    """(day until which everything is known, visits after it and before the next such day).

    Weekly for the first half-year, then often enough for thirty more rounds.
    """
    day, last, history = log.first - 1, log.last, log.history
    later = 7 * max(1, -(-(last - log.first) // (7 * 30)))
    while day < last:
        step = 7 if day - log.first < YOUNG else later
        visits = np.flatnonzero((history.day > day) & (history.day <= day + step))
        if len(visits):
            yield day, visits
        day += step


def predict(log: Log, advance: Callable[[int], None] = lambda _: None) -> timing.Estimates:
    """The estimate at each visit, in the history's order; `advance` takes how many are done."""
    history = log.history
    found: dict[str, np.ndarray] = {}
    done = np.zeros(len(history), bool)
    for day, visits in rounds(log):
        foretold = _foretold(log, found, done, day) if done.any() else None
        model = timing.fit(
            history, on=day, standards=log.standards, lines=len(log.lines), foretold=foretold
        )
        part = timing.estimate(model, history, visits)
        for name in timing.Estimates.__slots__:
            values = getattr(part, name)
            if name not in found:
                found[name] = np.zeros((len(history), *values.shape[1:]), values.dtype)
            found[name][visits] = values
        done[visits] = True
        advance(len(visits))
    return timing.Estimates(**found)


def _foretold(
    log: Log, found: dict[str, np.ndarray], done: np.ndarray, day: int
) -> timing.Foretold:
    """What had become by that day of the newest estimates."""
    history = log.history
    back = history.day + history.gap
    hits = (history.gap > 0) & (np.abs(found["days"] - history.gap) <= HIT)
    returns = _newest(back, done & (history.gap > 0) & (back <= day))
    past = history.day + found["days"] + HIT
    settled = _newest(past, done & (past <= day))
    return timing.Foretold(
        tails=found["tail"][returns],
        personal=found["levels"][returns].argmax(axis=1) == 0,
        promised=found["promised"][settled],
        coming=found["returning"][settled],
        hits=hits[settled],
    )


def _newest(days: np.ndarray, which: np.ndarray) -> Whole:
    known = np.flatnonzero(which)
    return known[np.argsort(days[known], kind="stable")][-REVIEWED:]
