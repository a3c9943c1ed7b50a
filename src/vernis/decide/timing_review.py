"""What became of estimates: how a company's windows and chances are kept honest."""

from collections.abc import Mapping

import numpy as np

from vernis.decide.timing import estimate
from vernis.decide.timing_history import History
from vernis.decide.timing_learning import fit
from vernis.decide.timing_model import HIT, REVIEWED, Foretold, Model
from vernis.decide.timing_tables import Whole

HELD_BACK = 56  # days of returns to look at where there is no earlier model


def foretell(model: Model, history: History, visits: Whole | None = None) -> Foretold:
    """What the model would have said of returns that came after it was learned.

    `visits` are those before the returns, by index in the history; where not given, all whose
    return came after the model's day. Of more than `REVIEWED` returns the newest are taken.
    """
    back = history.day + history.gap
    if visits is None:
        visits = np.flatnonzero((history.gap > 0) & (back > model.day))
    newest = visits[np.argsort(back[visits], kind="stable")][-REVIEWED:]
    found = estimate(model, history, newest)
    return Foretold(
        tails=found.tail,
        promised=found.promised,
        hits=np.abs(found.days - history.gap[newest]) <= HIT,
    )


def held_back(
    history: History, *, on: int, standards: Mapping[int, int] | None = None, lines: int = 0
) -> Foretold:
    """For a company's first model: the last eight weeks' returns by what was known before them."""
    model = fit(history, on=on - HELD_BACK, standards=standards, lines=lines)
    back = history.day + history.gap
    known = (history.gap > 0) & (back > model.day) & (back <= on)
    return foretell(model, history, np.flatnonzero(known))
