"""What a salon would otherwise go by. Each gives days for every visit, from nothing later."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vernis.backtest.rolling import rounds
from vernis.backtest.visits import Log
from vernis.backtest.waterfall import ServiceRhythm, StandardRhythm, choose, rhythm
from vernis.decide.timing.tables import Whole

Days = NDArray[np.float64]
UNKNOWN = 30.0  # days, where a rule has nothing to go by yet


def rules(log: Log) -> Iterator[tuple[str, Days]]:
    """Name and days of each rule that can be tried here."""
    for days in (30, 60, 90):
        yield f"fixed {days}", np.full(len(log.history), float(days))
    company = company_median(log)
    yield "company median", company
    yield "own median", own_median(log, company)
    yield "waterfall", waterfall(log)


def company_median(log: Log) -> Days:
    """The median of the gaps that had ended by the last round."""
    history, result = log.history, np.full(len(log.history), UNKNOWN)
    for day, visits in rounds(log):
        ended = history.gap[(history.gap > 0) & (history.day + history.gap <= day)]
        if len(ended):
            result[visits] = np.median(ended)
    return result


def own_median(log: Log, otherwise: Days) -> Days:
    """The median of all the client's gaps so far; before the second visit the other rule."""
    history, result = log.history, otherwise.copy()
    for visit in np.flatnonzero(history.nth > 0):
        result[visit] = np.median(history.gap[visit - history.nth[visit] : visit])
    return result


def waterfall(log: Log) -> Days:
    """The original three levels: own rhythm, the service's median of the last 6 months over at
    least 10 returns, the industry standard; then the universal answer."""
    history = log.history
    result = np.empty(len(history))
    for day, visits in rounds(log):
        averages: dict[int, ServiceRhythm] = {}
        back = history.day + history.gap
        recent = (
            (history.gap > 0) & (history.gap <= 365) & (back <= day) & (history.day > day - 182)
        )
        for line in np.unique(history.line[visits]):
            gaps = history.gap[recent & (history.line == line)]
            if line >= 0 and len(gaps) >= 10:
                low, middle, high = np.quantile(gaps, (0.1, 0.5, 0.9)).astype(int)
                averages[int(line)] = ServiceRhythm(
                    median=int(middle), low=int(low), high=int(high), returns=len(gaps)
                )
        for visit in visits:
            line = int(history.line[visit])
            standard = log.standards.get(line)
            own = history.gap[visit - history.nth[visit] : visit][::-1]
            result[visit] = choose(
                own=rhythm([int(gap) for gap in own]),
                service=averages.get(line),
                standard=_standard(standard) if standard else None,
                inactive_days=0,
            ).days
    return result


def _standard(days: int) -> StandardRhythm:
    return StandardRhythm(category_key="", days=days, low=days, high=days, confidence=1)


def buy_till_you_die(log: Log) -> Days | None:
    """The median time to the next visit of a living client by BG/NBD (Fader, Hardie and Lee
    2005), fitted each quarter by `lifetimes`; None where that is not installed.

    Given alive the next gap is Lomax: median (alpha + T) (2 ** (1 / (r + x)) - 1).
    """
    try:
        fitter = _fitter()
    except ImportError:
        return None
    history = log.history
    first = history.day[np.arange(len(history)) - history.nth]
    age = (history.day - first).astype(float)
    result, fitted_on = np.full(len(history), UNKNOWN), -1000
    shape, scale = 1.0, UNKNOWN
    for day, visits in rounds(log):
        if day - fitted_on >= 91 or (day - log.first < 91 and day - fitted_on >= 28):
            fitted_on = day
            shape, scale = _fitted(fitter, log, first, day) or (shape, scale)
        result[visits] = (scale + age[visits]) * (2 ** (1 / (shape + history.nth[visits])) - 1)
    return np.asarray(np.clip(result, 1, 400))


def _fitter() -> Callable[[], Any]:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the library, about its own libraries
        from lifetimes import BetaGeoFitter

    return lambda: BetaGeoFitter(penalizer_coef=0.001)


def _fitted(
    fitter: Callable[[], Any], log: Log, first: Whole, day: int
) -> tuple[float, float] | None:
    """r and alpha of the visits up to a day; None where they cannot be fitted."""
    import warnings
    from contextlib import redirect_stdout
    from io import StringIO

    history = log.history
    following = np.where(history.gap > 0, history.day + history.gap, day + 1)
    last = np.flatnonzero((history.day <= day) & (following > day))
    if len(last) < 30:
        return None
    model = fitter()
    try:
        with (
            warnings.catch_warnings(),
            np.errstate(all="ignore"),
            redirect_stdout(StringIO()),  # it prints when it does not converge
        ):
            warnings.simplefilter("ignore")
            model.fit(
                history.nth[last].astype(float),
                (history.day - first)[last].astype(float),
                (day - first[last]).astype(float),
            )
    except Exception:
        return None
    return float(model.params_["r"]), float(model.params_["alpha"])
