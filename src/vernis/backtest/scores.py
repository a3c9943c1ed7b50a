"""How near the estimates came, and whether what they promise is kept."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vernis.backtest.visits import Log
from vernis.decide.timing.estimates import Estimates
from vernis.decide.timing.model import HIT, HORIZONS
from vernis.domain import Source

OURS = "vernis"
Where = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Of one way to predict on one group of returns. Errors in days; shares from 0 to 1.

    `inside` is the share in the 80% window, None for ways that give none.
    """

    returns: int
    hit: float
    mean_error: float
    median_error: float
    inside: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What was promised to a number of visits, and what came of it, as shares."""

    label: str
    visits: int
    promised: float
    kept: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """`groups` and `levels` are scores of ours, `ways` all ways on the groups.

    `confidence` compares the chance of a hit with the hits, `by_level` for each level; `back` the
    chance to be back by a day with the Kaplan-Meier share of all visits, those without a return
    included.
    """

    visits: int
    clients: int
    returns: int
    ways: dict[str, dict[str, Score]]
    levels: dict[str, Score]
    confidence: list[Promise]
    by_level: dict[str, list[Promise]]
    back: list[Promise]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def score(
    log: Log, found: Estimates, rules: Mapping[str, NDArray[np.float64]], *, since: int | None
) -> Scores:
    """Score the visits from a day on, or all of them."""
    history = log.history
    asked = history.day >= since if since is not None else np.ones(len(history), bool)
    known = asked & (history.gap > 0)
    groups = {name: where & known for name, where in _groups(log).items()}
    ways = {OURS: found.days.astype(float), **rules}
    level = found.levels.argmax(axis=1)
    return Scores(
        visits=int(asked.sum()),
        clients=len(np.unique(history.client[asked])),
        returns=int(known.sum()),
        ways={
            name: {
                group: _score(log, days, where, found if name == OURS else None)
                for group, where in groups.items()
                if where.any()
            }
            for name, days in ways.items()
        },
        levels={
            source.value: _score(log, ways[OURS], known & (level == index), found)
            for index, source in enumerate(Source)
            if (known & (level == index)).any()
        },
        confidence=_confidence(log, found, known),
        by_level={
            source.value: _confidence(log, found, known & (level == index))
            for index, source in enumerate(Source)
            if (known & (level == index)).any()
        },
        back=_back(log, found, asked),
    )


def _groups(log: Log) -> dict[str, Where]:
    nth, gap = log.history.nth, log.history.gap
    return {
        "all": nth >= 0,
        "3+ earlier intervals": nth >= 3,
        "14 days and more": gap >= 14,
        "1st visit": nth == 0,
        "2nd visit": nth == 1,
        "3rd visit": nth == 2,
        "4th to 6th visit": (nth >= 3) & (nth <= 5),
        "7th to 10th visit": (nth >= 6) & (nth <= 9),
        "11th visit and later": nth >= 10,
    }


def _score(log: Log, days: NDArray[np.float64], where: Where, found: Estimates | None) -> Score:
    gap = log.history.gap[where]
    error = np.abs(days[where] - gap)
    inside = None
    if found is not None:
        inside = float(np.mean((gap >= found.low[where]) & (gap <= found.high[where])))
    return Score(
        returns=len(gap),
        hit=float(np.mean(error <= HIT)),
        mean_error=float(error.mean()),
        median_error=float(np.median(error)),
        inside=inside,
    )


def _confidence(log: Log, found: Estimates, known: Where) -> list[Promise]:
    """Ten equal parts of the chance of a hit, those that occur."""
    hits = np.abs(found.days - log.history.gap) <= HIT
    part = np.minimum((found.hit * 10).astype(int), 9)
    return [
        Promise(
            label=f"{one * 10} to {one * 10 + 10}%",
            visits=int(where.sum()),
            promised=float(found.hit[where].mean()),
            kept=float(hits[where].mean()),
        )
        for one in range(10)
        if (where := known & (part == one)).any()
    ]


def _back(log: Log, found: Estimates, asked: Where) -> list[Promise]:
    history = log.history
    came = history.gap[asked] > 0
    days = np.where(came, history.gap[asked], log.last - history.day[asked])
    longest = int(days.max(initial=0))
    ended = np.bincount(days[came], minlength=longest + 1)
    at_risk = np.bincount(days, minlength=longest + 1)[::-1].cumsum()[::-1]
    staying = np.cumprod(1 - ended / np.maximum(at_risk, 1))
    return [
        Promise(
            label=f"{days_away} days",
            visits=int(asked.sum()),
            promised=float(found.back[asked, index].mean()),
            kept=float(1 - staying[days_away]),
        )
        for index, days_away in enumerate(HORIZONS)
        if days_away <= longest and at_risk[days_away] >= 20
    ]
