"""Learning a company's returns from its visits up to a day."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from vernis.decide.timing.model import (
    HALF_LIFE,
    LEAVE,
    MIXED,
    OWN,
    READINGS,
    RHYTHM,
    RHYTHMS,
    SAMPLE,
    STAGE_COUNT,
    STRENGTH,
    WEEKDAY_DAYS,
    WINDOW,
    Foretold,
    Model,
    chances,
    rhythm_of,
    stages,
)
from vernis.decide.timing.tables import (
    DAYS,
    WEEK,
    Doubles,
    Floats,
    Whole,
    anything,
    binned,
    from_halves,
    priors,
    returns,
    tally,
    to_halves,
)
from vernis.decide.timing.visits import History, Past


def fit(
    history: History,
    *,
    on: int,
    standards: Mapping[int, int] | None = None,
    lines: int = 0,
    foretold: Foretold | None = None,
) -> Model:
    """Learn a company from its visits up to and including a day; nothing later is looked at.

    `standards` gives the days of a line's industry standard, `lines` how many lines there are.
    `foretold` is what became of earlier estimates; it sets how wide the window must be to hold
    80%, and how far the chances are to be believed.
    """
    past = _sample(history, on)
    gap, day = history.gap[past], history.day[past]
    came = (gap > 0) & (day + gap <= on)
    days = np.minimum(np.where(came, gap, on - day), DAYS)
    counts = (0.5 ** ((on - day) / np.float32(HALF_LIFE))).astype(np.float32)
    stage, line = stages(history.nth[past]), history.line[past]
    rhythm = rhythm_of(Past.of(history, past))

    ended, waiting = tally(days, came, counts, stage, STAGE_COUNT)
    start = anything() * (1 - LEAVE)
    company, _ = returns(ended.sum(axis=0), waiting.sum(axis=0), start, STRENGTH)
    _, never = returns(ended, waiting, company * (1 - LEAVE), STRENGTH)
    alike = tally(days, came, counts, rhythm, len(RHYTHMS) + 2)
    rhythms, _ = returns(*alike, company * (1 - LEAVE), STRENGTH)

    standing = _standing(standards or {}, max(lines, int(line.max(initial=-1)) + 1))
    number = len(standing)
    of_line = np.where(line < 0, number - 1, line)
    seen = float(ended.sum())
    share = seen / (seen + STRENGTH)
    believed, stands = priors(standing, share), standing > 0
    start = share * company + (1 - share) * believed
    start[stands] = (start[stands] + believed[stands]) / 2
    ended, waiting = tally(days, came, counts, of_line, number)
    of_lines, _ = returns(ended, waiting, start * (1 - LEAVE), STRENGTH)
    mine = ended.sum(axis=1)
    learned = (mine + STRENGTH * np.where(stands, share / 2, share)) / (mine + STRENGTH)

    model = Model(
        day=on,
        weights=_first_weights(share),
        rhythms=_as_kept(rhythms),
        lines=_as_kept(of_lines),
        standards=standing,
        seen=share,
        priors=binned(believed),
        learned=learned.astype(np.float32),
        returns=np.bincount(of_line[came], minlength=number),
        never=never.astype(np.float32),
        company=_as_kept(company),
        weekdays=_weekdays(day[day > on - WEEKDAY_DAYS]),
        outside=_outside(foretold),
        kept=_kept(foretold),
    )
    counts /= _seen_so_far(days, came, on - day, counts, stage)
    known = np.flatnonzero(came)
    known = known[:: -(-len(known) // MIXED) or 1]
    foretold_each = chances(model, history, past[known])
    return replace(
        model, weights=_weights(model.weights, foretold_each, stage[known], counts[known])
    )


def _sample(history: History, on: int) -> Whole:
    """All visits up to the day; of a large company those of every second, third, ... client.

    The newest visits of all would say nothing of long waits.
    """
    past = history.day <= on
    few = -(-int(past.sum()) // SAMPLE)
    if few > 1:
        past &= np.cumsum(history.nth == 0) % few == 0
    return np.flatnonzero(past)


def _standing(standards: Mapping[int, int], lines: int) -> Whole:
    """The lines' standards in days, 0 where there is none; the last is of visits without a line."""
    standing = np.zeros(max(lines, max(standards, default=-1) + 1) + 1, np.int64)
    for code, days in standards.items():
        standing[code] = min(max(days, 1), DAYS)
    return standing


def _seen_so_far(
    days: NDArray[np.integer],
    came: NDArray[np.bool_],
    age: NDArray[np.integer],
    counts: Floats,
    stage: Whole,
) -> Floats:
    """Of each return's length, the share of its stage's visits that are old enough for it.

    Long gaps are yet to come after the newest visits: known returns are too short, most of all
    in a young company. Divided by this share they count as if all were known (inverse
    probability of censoring; Robins and Rotnitzky 1992). Some visits are believed old enough.
    """
    number = (DAYS + 1) * STAGE_COUNT
    of_age = np.bincount(stage * (DAYS + 1) + np.minimum(age, DAYS), counts, number)
    older = of_age.reshape(STAGE_COUNT, -1)[:, ::-1].cumsum(axis=1)[:, ::-1]
    share = (older[stage, days] + STRENGTH) / (older[stage, 0] + STRENGTH)
    return np.where(came, share, 1).astype(np.float32)


def _as_kept(rows: Doubles) -> Floats:
    """As precise as it will be when it was packed, so that it estimates the same before."""
    return from_halves(to_halves(binned(rows)))


def _first_weights(seen: float) -> Floats:
    """Before anything is known: two thirds to the own gaps where there are some.

    The less of the company was seen, the less its rhythms have to say.
    """
    weights = np.ones((READINGS, STAGE_COUNT), np.float32)
    weights[:OWN, 0] = 0
    weights[RHYTHM] = seen
    weights[:OWN, 1:] *= 0.65 / OWN
    weights[OWN:] /= weights[OWN:].sum(axis=0)
    weights[OWN:, 1:] *= 0.35
    return weights


def _weights(weights: Floats, foretold: Floats, stage: Whole, counts: Floats) -> Floats:
    """The readings' weights by stage, by expectation maximisation over the known returns."""
    weights = weights.copy()
    for one in np.unique(stage):
        at = np.flatnonzero(stage == one)
        seen, count = foretold.take(at, axis=1) + np.float32(1e-7), counts[at]
        first = weights[:, one]
        now = first.copy()
        for _ in range(25):
            share = now * (seen @ (count / (now @ seen)))
            now = (share + STRENGTH * first) / (count.sum() + STRENGTH)
        weights[:, one] = now
    return weights


def _weekdays(days: NDArray[np.integer]) -> Floats:
    """How much likelier than even each weekday is; a fifth stays even, as do 49 made-up visits."""
    counts = np.bincount(days % WEEK, minlength=WEEK)
    shares = (counts + 0.2 * len(days) / WEEK + WEEK) / (1.2 * len(days) + WEEK * WEEK)
    return (shares * WEEK).astype(np.float32)


def _outside(foretold: Foretold | None) -> Floats:
    """The share to leave out on each side so that 80% of the returns foretold so far are inside.

    A window that leaves out `a` on each side holds a return whose tail is at least `a`, so `a`
    is the fifth part of the tails: a conformal window (Vovk, Gammerman and Shafer 2005), with
    as many made-up returns as outweigh a belief. Personal estimates have one of their own.
    """
    believed = np.linspace(0, 0.5, int(STRENGTH) + 1)
    tails = [believed, believed]
    if foretold is not None:
        for own in (False, True):
            seen = foretold.tails[foretold.personal == own]
            tails[own] = np.concatenate((believed, seen))
    return np.array([np.quantile(one, 1 - WINDOW) for one in tails], np.float32)


def _kept(foretold: Foretold | None) -> float:
    """What the odds of all hits must be multiplied by to promise as many as there were.

    Believed before are `2 STRENGTH` made-up promises of every size, all kept.
    """
    if foretold is None:
        return 1.0
    kept = (np.arange(2 * STRENGTH) + 0.5) / (2 * STRENGTH)
    promised = np.clip(np.concatenate((kept, foretold.promised)), 1e-3, 1 - 1e-3)
    coming = np.concatenate((np.ones(len(kept)), foretold.coming))
    hits, odds, factor = kept.sum() + foretold.hits.sum(), promised / (1 - promised), 0.0
    for _ in range(20):  # by Newton's method, in logs
        chance = 1 - 1 / (1 + odds * np.exp(factor))
        missing = hits - (coming * chance).sum()
        factor += float(np.clip(missing / (coming * chance * (1 - chance)).sum(), -0.5, 0.5))
    return float(np.exp(factor))
