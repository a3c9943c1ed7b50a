"""What became of estimates: how a company's windows and chances are kept honest."""

from collections.abc import Mapping

import numpy as np

from vernis.decide.timing.estimates import estimate
from vernis.decide.timing.learning import fit
from vernis.decide.timing.model import HIT, REVIEWED, Foretold, Model
from vernis.decide.timing.tables import DAYS, Whole
from vernis.decide.timing.visits import History

HELD_BACK = 56  # days to look at where there is no earlier model
ASKED = 2_000  # visits that are asked whether their day has come, at most


def foretell(
    model: Model, history: History, visits: Whole | None = None, *, on: int | None = None
) -> Foretold:
    """What the model would have said of what came after it was learned, up to a day.

    `visits` are those to look at, by index in the history; where not given all, of many visits a
    part. `on` is the newest visit's day where not given.
    """
    on = int(history.day.max(initial=model.day)) if on is None else on
    if visits is None:
        visits = np.flatnonzero((history.day > model.day - DAYS) & (history.day <= on))
    back = history.day[visits] + history.gap[visits]
    came = visits[(history.gap[visits] > 0) & (back > model.day) & (back <= on)]
    newest = np.argsort(history.day[came] + history.gap[came], kind="stable")[-REVIEWED:]
    returned = estimate(model, history, came[newest])

    asked = visits[:: -(-len(visits) // ASKED) or 1]
    found = estimate(model, history, asked)
    past = history.day[asked] + found.days + HIT
    order = np.argsort(past, kind="stable")
    settled = order[(past[order] > model.day) & (past[order] <= on)][-REVIEWED:]
    gap = history.gap[asked]
    return Foretold(
        tails=returned.tail,
        personal=returned.levels.argmax(axis=1) == 0,
        promised=found.promised[settled],
        coming=found.returning[settled],
        hits=((gap > 0) & (np.abs(found.days - gap) <= HIT))[settled],
    )


def held_back(
    history: History, *, on: int, standards: Mapping[int, int] | None = None, lines: int = 0
) -> Foretold:
    """For a company's first model: the last eight weeks by what was known before them."""
    model = fit(history, on=on - HELD_BACK, standards=standards, lines=lines)
    return foretell(model, history, on=on)
