"""Learning a company's returns from its visits up to a day."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from vernis.decide.timing_history import History
from vernis.decide.timing_model import (
    HALF_LIFE,
    LEAVE,
    LEAVE_FIRST,
    OWN,
    READINGS,
    RHYTHMS,
    SAMPLE,
    STAGE_COUNT,
    STRENGTH,
    TRUST,
    WEEKDAY_DAYS,
    WINDOW,
    Foretold,
    Model,
    chances,
    rhythm_of,
    stages,
)
from vernis.decide.timing_tables import (
    DAYS,
    WEEK,
    Floats,
    Whole,
    from_halves,
    priors,
    returns,
    to_halves,
    universal,
)


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
    past = np.flatnonzero(history.day <= on)
    if len(past) > SAMPLE:
        newest = np.argpartition(history.day[past], -SAMPLE)[-SAMPLE:]
        past = np.sort(past[newest])
    gap, day = history.gap[past], history.day[past]
    came = (gap > 0) & (day + gap <= on)
    days = np.minimum(np.where(came, gap, on - day), DAYS)
    weights = (0.5 ** ((on - day) / HALF_LIFE)).astype(np.float32)
    nth, line = history.nth[past], history.line[past]

    company, _ = returns(days, came, weights, universal() * (1 - LEAVE), STRENGTH)
    never = np.array([LEAVE_FIRST, *[LEAVE] * (STAGE_COUNT - 1)], np.float32)
    stage = stages(nth)
    for one in np.unique(stage):
        at = stage == one
        prior = company * (1 - never[one])
        _, never[one] = returns(days[at], came[at], weights[at], prior, STRENGTH)

    rhythms = np.tile(company, (len(RHYTHMS) + 2, 1))
    rhythm = rhythm_of(history, past)
    for one in np.unique(rhythm):
        at = rhythm == one
        rhythms[one], _ = returns(days[at], came[at], weights[at], company * (1 - LEAVE), STRENGTH)

    seen = float(weights[came].sum())
    share = seen / (seen + STRENGTH)
    named = standards or {}
    number = max(lines, int(line.max(initial=-1)) + 1, max(named, default=-1) + 1) + 1
    standing = np.zeros(number, np.int64)
    standing[list(named)] = [min(max(days_of, 1), DAYS) for days_of in named.values()]
    believed, stands = priors(standing), standing > 0
    of_lines = share * company + (1 - share) * believed
    of_lines[stands] = (of_lines[stands] + believed[stands]) / 2
    learned = np.where(stands, share / 2, share).astype(np.float32)
    counts = np.bincount(line[came] + 1, minlength=number)
    counts = np.append(counts[1:], counts[0])[:number]
    for one in np.unique(line):
        at = line == one
        of_lines[one], _ = returns(
            days[at], came[at], weights[at], of_lines[one] * (1 - LEAVE), STRENGTH
        )
        mine = float(weights[at & came].sum())
        learned[one] = (mine + STRENGTH * learned[one]) / (mine + STRENGTH)

    model = Model(
        day=on,
        weights=_first_weights(),
        rhythms=_as_kept(rhythms),
        lines=_as_kept(of_lines),
        standards=standing,
        priors=believed,
        learned=learned,
        returns=counts,
        never=never,
        company=_as_kept(company),
        weekdays=_weekdays(day[day > on - WEEKDAY_DAYS]),
        outside=_outside(foretold),
        kept=_kept(foretold),
    )
    known = past[came]
    mixed = _weights(chances(model, history, known), stages(history.nth[known]), weights[came])
    return replace(model, weights=mixed)


def _as_kept(rows: Floats) -> Floats:
    """As precise as it will be when it was packed, so that it estimates the same before."""
    return from_halves(to_halves(rows))


def _first_weights() -> Floats:
    """Before anything is known: two thirds to the own gaps where there are some."""
    weights = np.zeros((STAGE_COUNT, READINGS), np.float32)
    weights[0, OWN:] = 1 / 3
    weights[1:, :OWN] = 0.65 / OWN
    weights[1:, OWN:] = 0.35 / 3
    return weights


def _weights(foretold: Floats, stage: Whole, counts: Floats) -> Floats:
    """The readings' weights by stage, by expectation maximisation over the known returns."""
    weights = _first_weights()
    for one in np.unique(stage):
        at = stage == one
        seen, count = foretold[at] + 1e-7, counts[at]
        first = weights[one]
        now = first.copy()
        for _ in range(25):
            share = seen * now
            share *= (count / share.sum(axis=1))[:, None]
            now = (share.sum(axis=0) + TRUST * first) / (count.sum() + TRUST)
        weights[one] = now
    return weights


def _weekdays(days: Whole) -> Floats:
    """How much likelier than even each weekday is; a fifth stays even, as do 49 made-up visits."""
    counts = np.bincount(days % WEEK, minlength=WEEK)
    shares = (counts + 0.2 * len(days) / WEEK + WEEK) / (1.2 * len(days) + WEEK * WEEK)
    return (shares * WEEK).astype(np.float32)


def _outside(foretold: Foretold | None) -> float:
    """The share to leave out on each side so that 80% of the returns foretold so far are inside.

    A window that leaves out `a` on each side holds a return whose tail is at least `a`, so `a`
    is the fifth part of the tails: a conformal window (Vovk, Gammerman and Shafer 2005), with
    as many made-up returns as outweigh a belief.
    """
    tails = np.linspace(0, 0.5, int(STRENGTH) + 1)
    if foretold is not None:
        tails = np.concatenate((tails, foretold.tails))
    return float(np.quantile(tails, 1 - WINDOW))


def _kept(foretold: Foretold | None) -> float:
    """The odds of the hits that came true, to the odds that were promised."""
    if foretold is None:
        return 1.0
    seen = len(foretold.hits) + 2 * STRENGTH
    came = (foretold.hits.sum() + STRENGTH) / seen
    promised = (foretold.promised.sum() + STRENGTH) / seen
    return float(came / (1 - came) / (promised / (1 - promised)))
