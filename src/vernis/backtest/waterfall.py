"""After how many days is a client of a service expected back? Four levels, the first that knows.

The levels and their order are the mission's: the client's own rhythm, the company's clients of
the same service, the industry standard, and a universal answer that is always there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from vernis.domain import Interval, Source

PERSONAL_VISITS = 3  # from three visits the client's own rhythm counts (Phorest does the same)
PERSONAL_CONSISTENCY = 0.5  # below it a client has habits, but no rhythm
REMEMBERED_GAPS = 8  # older gaps belong to another life
SERVICE_CONFIDENCE = 0.85
UNIVERSAL_CONFIDENCE = 0.60
YEAR = 365  # a longer gap is not a rhythm: the client was gone
_Z80 = 1.2816  # 80% of a normal distribution lie within this many standard deviations


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """What one client's visits for one service show. `consistency` is 1 - spread / mean, 0 to 1."""

    visits: int
    median: int
    spread: float  # standard deviation of the gaps, days
    shortest: int
    longest: int
    consistency: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRhythm:
    """What the company's clients of one service show: quantiles of their returns, in days."""

    median: int
    low: int
    high: int
    returns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardRhythm:
    """An industry standard, and how surely the service is one of its kind."""

    category_key: str
    days: int
    low: int
    high: int
    confidence: float


def rhythm(gaps: Sequence[int]) -> Rhythm | None:
    """The rhythm in one client's gaps between visits for a service, newest first, in days.

    None where there are fewer than three visits.
    """
    known = sorted([gap for gap in gaps if 0 < gap <= YEAR][:REMEMBERED_GAPS])
    number = len(known)
    if number + 1 < PERSONAL_VISITS:
        return None
    total, squares = sum(known), sum([gap * gap for gap in known])
    spread = sqrt((number * squares - total * total) / (number * (number - 1)))
    return Rhythm(
        visits=number + 1,
        median=_median(known),
        spread=spread,
        shortest=known[0],
        longest=known[-1],
        consistency=max(0.0, round(1 - spread * number / total, 2)),
    )


def choose(
    *,
    own: Rhythm | None = None,
    service: ServiceRhythm | None = None,
    standard: StandardRhythm | None = None,
    inactive_days: int | None = None,
) -> Interval:
    """The first level that knows. Never without an answer, whatever is missing."""
    if own and own.consistency >= PERSONAL_CONSISTENCY:
        return _personal(own)
    if service:
        return Interval(
            days=service.median,
            low=min(service.low, service.median),
            high=max(service.high, service.median),
            source=Source.SERVICE_AVERAGE,
            confidence=SERVICE_CONFIDENCE,
            evidence={"returns": service.returns},
        )
    if standard:
        return Interval(
            days=standard.days,
            low=standard.low,
            high=standard.high,
            source=Source.INDUSTRY_STANDARD,
            confidence=standard.confidence,
            evidence={"category": standard.category_key},
        )
    return universal(inactive_days)


def universal(inactive_days: int | None) -> Interval:
    """The mission's last resort: 30, 60 or 90 days by how long the client has been away."""
    away = inactive_days if inactive_days is not None else 0
    days = 30 if away < 45 else 60 if away < 75 else 90
    return Interval(
        days=days,
        low=days - days // 3,
        high=days + days // 3,
        source=Source.UNIVERSAL,
        confidence=UNIVERSAL_CONFIDENCE,
        evidence={"inactive_days": away},
    )


def _personal(own: Rhythm) -> Interval:
    # With few gaps the spread itself is uncertain: never pretend to know better than a tenth.
    reach = max(1, round(_Z80 * max(own.spread, own.median * 0.1) * sqrt(1 + 1 / own.visits)))
    return Interval(
        days=own.median,
        low=max(1, own.median - reach),
        high=own.median + reach,
        source=Source.PERSONAL,
        # Two equal gaps may be chance: certainty comes with visits and with regularity.
        confidence=round(max(0.5, 0.97 - 0.5 * (1 - own.consistency) - 0.4 / own.visits), 2),
        evidence={"visits": own.visits, "shortest": own.shortest, "longest": own.longest},
    )


def _median(ordered: Sequence[int]) -> int:
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return round((ordered[middle - 1] + ordered[middle]) / 2)
