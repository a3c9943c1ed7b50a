"""A company's own test of tones or offers: who gets which variant, and what may be said of them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from hashlib import blake2b
from itertools import combinations
from statistics import NormalDist

from vernis.decide.attribution import (
    LEAST_LAPSES,
    SMALLEST_PLANNED,
    USUAL_RATE,
    WORTHWHILE,
    Outcome,
    lapses_needed,
    newcombe,
)
from vernis.domain import Company, Variant

SHOWN = 0.05  # of all intervals together, wrong by chance
# The same for a report that is looked at every day. Of tests between equal variants, 20 lapses a
# day and 10% converting, this called one better on some day of 180 in 4.4% with two variants, in
# 4.4% with three, in 3.3% with five (simulated; 0.05: 36%, 31%, 27%).
WATCHED = 0.005


class Standing(StrEnum):
    """What may be said about a test."""

    NOT_ENOUGH_DATA = "not_enough_data"
    BETTER = "better"  # the best one than at least one other
    NO_DIFFERENCE = "no_difference"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How much oftener the first variant's lapses convert. Shares, -1 to 1.

    The interval is 95% for all pairs of the test together. `sure`: it also excludes 0 when the
    report is looked at every day.
    """

    first: str
    second: str
    value: float
    interval: tuple[float, float]
    sure: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The best variant against each of the others.

    `more` are the lapses still missing for each variant, about, to tell a difference of
    `planned_for` for certain; none where nothing is missing.
    """

    standing: Standing
    differences: tuple[Difference, ...]
    planned_for: float
    more: dict[str, int]


# --- who gets which ---------------------------------------------------------------------------


def variant_of(company: Company, *, client_key: str, last_visit_on: date) -> Variant | None:
    """The variant of a lapse: the same on every machine and every day; None without a test.

    A hash of company, client and last visit under another name than the arm's, so that neither
    says anything about the other. Each test draws anew.
    """
    if not company.variants:
        return None
    test = company.variants_since.timestamp() if company.variants_since else ""
    lapse = f"variant:{company.company_id}:{test}:{client_key}:{last_visit_on}"
    share = int.from_bytes(blake2b(lapse.encode(), digest_size=8).digest()) / 2**64
    reached = share * sum(variant.weight for variant in company.variants)
    for variant in company.variants:
        if reached < variant.weight:
            return variant
        reached -= variant.weight
    return company.variants[-1]


def begun_as(company: Company, name: str | None, since: datetime | None) -> Variant | None:
    """The variant of a lapse whose first message had this one, of the test that began then.

    None where that test is over, or the lapse was never in one: it joins none midway.
    """
    if since is None or since != company.variants_since:
        return None
    return next((variant for variant in company.variants if variant.name == name), None)


def as_told(company: Company, variant: Variant | None) -> Company:
    """The company as this variant's clients meet it: its own tone and offers where it has any."""
    if variant is None:
        return company
    return replace(
        company,
        tone=variant.tone or company.tone,
        offers=company.offers if variant.offers is None else variant.offers,
    )


# --- what may be said --------------------------------------------------------------------------


def compare(outcomes: Mapping[str, Outcome]) -> Comparison | None:
    """The variant with the best rate against each other one; None where two cannot be compared.

    All pairs could have been the one that stands out: each interval is made wider for that
    (Bonferroni), and so is what a verdict takes. Something is called better only when that would
    also be said to somebody who looks every day; "no difference" once one of WORTHWHILE would
    have shown.
    """
    if sum(outcome.lapses > 0 for outcome in outcomes.values()) < 2:
        return None
    pairs = len(list(combinations(outcomes, 2)))
    shown, watched = _z(SHOWN / pairs), _z(WATCHED / pairs)
    known = {name: outcome for name, outcome in outcomes.items() if outcome.lapses}
    best = max(known, key=lambda name: known[name].rate or 0.0)
    differences = tuple(
        _difference(best, name, outcomes, shown=shown, watched=watched)
        for name in known
        if name != best
    )
    few = min(outcome.lapses for outcome in outcomes.values()) < LEAST_LAPSES
    effect = _planned_effect(differences, few=few)
    needed = _needed(outcomes, effect, watched)
    more = {name: needed - one.lapses for name, one in outcomes.items() if one.lapses < needed}
    if any(difference.sure for difference in differences):
        standing, more = Standing.BETTER, {}
    elif not any(
        difference.interval[0] > 0 for difference in differences
    ) and _worthwhile_would_show(outcomes, shown):
        standing, more = Standing.NO_DIFFERENCE, {}
    else:
        standing = Standing.NOT_ENOUGH_DATA
    return Comparison(standing=standing, differences=differences, planned_for=effect, more=more)


def _difference(
    first: str, second: str, outcomes: Mapping[str, Outcome], *, shown: float, watched: float
) -> Difference:
    one, other = outcomes[first], outcomes[second]
    low, _ = newcombe(one, other, z=watched)
    few = min(one.lapses, other.lapses) < LEAST_LAPSES
    return Difference(
        first=first,
        second=second,
        value=one.converted / one.lapses - other.converted / other.lapses,
        interval=newcombe(one, other, z=shown),
        sure=low > 0 and not few,
    )


def _planned_effect(differences: tuple[Difference, ...], *, few: bool) -> float:
    largest = max(difference.value for difference in differences)
    return WORTHWHILE if few or largest < SMALLEST_PLANNED else largest


def _worthwhile_would_show(outcomes: Mapping[str, Outcome], z: float) -> bool:
    needed = _needed(outcomes, WORTHWHILE, z)
    return all(outcome.lapses >= needed for outcome in outcomes.values())


def _needed(outcomes: Mapping[str, Outcome], effect: float, z: float) -> int:
    """Lapses of each variant, where two lie on both sides of the rate of all together."""
    lapses = sum(outcome.lapses for outcome in outcomes.values())
    rate = sum(outcome.converted for outcome in outcomes.values()) / lapses
    middle = rate if lapses >= LEAST_LAPSES else USUAL_RATE
    lower = min(max(0.0, middle - effect / 2), 1 - effect)
    return lapses_needed(lower + effect, lower, z=z)


def _z(error: float) -> float:
    """The normal quantile of a two-sided error."""
    return NormalDist().inv_cdf(1 - error / 2)
