"""What the holdout says: the lift, its interval, and whether that is enough to say anything.

The unit is a lapse. Why, and what is compared with what: docs/decisions/0003-lift.md.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import ceil, sqrt

Z_95 = 1.959963984540054  # two-sided 95%
Z_POWER = 0.8416212335729143  # 80% power
# Two-sided 99.5%. Of companies without any lift, looked at daily for half a year, 28% show a 95%
# interval without 0 at some time, and 5% one of 99.5% (simulated; docs/decisions/0003-lift.md).
Z_WATCHED = 2.807033768343811

# Below this in either arm nothing is said, however far apart the rates are: in a handful of
# lapses a difference that "excludes 0" is mostly luck and who was looking that day.
LEAST_LAPSES = 30
# The lift that an experiment should be able to see before "no difference" is an answer.
WORTHWHILE = 0.05
# A difference smaller than this is not worth planning an experiment for.
SMALLEST_PLANNED = 0.02
# Booking rate without a message, assumed until there are lapses to take it from.
USUAL_RATE = 0.10


class Verdict(StrEnum):
    """What may be said about a lift."""

    NOT_ENOUGH_DATA = "not_enough_data"
    LIFT = "lift"
    HARM = "harm"
    NO_DIFFERENCE = "no_difference"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How many lapses of an arm converted."""

    lapses: int
    converted: int

    @property
    def rate(self) -> float | None:
        """Share that converted, 0 to 1; None without lapses."""
        return self.converted / self.lapses if self.lapses else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lift:
    """The contact arm's rate less the holdout's. Rates and differences are shares, -1 to 1.

    `sure`: the verdict LIFT or HARM also stands when the report is looked at every day.
    `more_contact` and `more_holdout` are the lapses still missing, about, to show a lift of
    `planned_for`; None where there is no holdout at all.
    """

    contact: Outcome
    holdout: Outcome
    difference: float | None
    interval: tuple[float, float] | None  # 95%
    verdict: Verdict
    sure: bool
    planned_for: float
    more_contact: int | None
    more_holdout: int | None

    @property
    def enough(self) -> bool:
        return self.verdict is not Verdict.NOT_ENOUGH_DATA


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A figure with the ends of its 95% interval, all in the same unit."""

    value: float
    low: float
    high: float


def wilson(converted: int, lapses: int, *, z: float = Z_95) -> tuple[float, float]:
    """Score interval of one proportion (Wilson 1927), within [0, 1]; `lapses` at least 1."""
    share, middle = converted / lapses, (converted + z * z / 2) / (lapses + z * z)
    half = z / (lapses + z * z) * sqrt(converted * (lapses - converted) / lapses + z * z / 4)
    return max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half))


def newcombe(first: Outcome, second: Outcome, *, z: float = Z_95) -> tuple[float, float]:
    """Interval of `first.rate - second.rate`, within [-1, 1]; both with at least one lapse.

    Newcombe RG. Interval estimation for the difference between independent proportions:
    comparison of eleven methods. Statistics in Medicine 1998; 17: 873-890, method 10 (hybrid
    score without continuity correction).
    """
    p1, p2 = first.converted / first.lapses, second.converted / second.lapses
    low1, high1 = wilson(first.converted, first.lapses, z=z)
    low2, high2 = wilson(second.converted, second.lapses, z=z)
    low = p1 - p2 - sqrt((p1 - low1) ** 2 + (high2 - p2) ** 2)
    high = p1 - p2 + sqrt((high1 - p1) ** 2 + (p2 - low2) ** 2)
    return max(-1.0, low), min(1.0, high)


def lapses_needed(
    first_rate: float, second_rate: float, *, ratio: float = 1.0, z: float = Z_95
) -> int:
    """Lapses of the second arm to tell two rates apart, the first having `ratio` times as many.

    At `z` (by default 5% two-sided) and 80% power, without continuity correction (Fleiss, Levin,
    Paik, Statistical Methods for Rates and Proportions, 3rd ed. 2003, section 4.4). 10% against
    15% in equal arms: 686.
    """
    mean = (second_rate + ratio * first_rate) / (1 + ratio)
    under_equality = z * sqrt((ratio + 1) * mean * (1 - mean))
    under_difference = Z_POWER * sqrt(
        ratio * second_rate * (1 - second_rate) + first_rate * (1 - first_rate)
    )
    return ceil(
        (under_equality + under_difference) ** 2 / (ratio * (first_rate - second_rate) ** 2)
    )


def lift(contact: Outcome, holdout: Outcome, *, holdout_percent: int) -> Lift:
    """Compare the arms. `holdout_percent` is the company's setting, 0 to 50.

    The verdict is NOT_ENOUGH_DATA until both arms hold LEAST_LAPSES and either the interval
    excludes 0 or a lift of WORTHWHILE would have been seen with 80% power.
    """
    measurable = bool(contact.lapses and holdout.lapses)
    difference = (
        contact.converted / contact.lapses - holdout.converted / holdout.lapses
        if measurable
        else None
    )
    interval = newcombe(contact, holdout) if measurable else None
    ratio = _ratio(contact, holdout, holdout_percent)
    effect = _planned_effect(contact, holdout, difference)
    more_contact = more_holdout = None
    if ratio is not None:
        needed = _needed(contact, holdout, effect, ratio)
        more_holdout = max(0, needed - holdout.lapses)
        more_contact = max(0, ceil(needed * ratio) - contact.lapses)
    verdict = _verdict(contact, holdout, interval)
    return Lift(
        contact=contact,
        holdout=holdout,
        difference=difference,
        interval=interval,
        verdict=verdict,
        sure=verdict in (Verdict.LIFT, Verdict.HARM) and _excludes_0_for_good(contact, holdout),
        planned_for=effect,
        more_contact=more_contact,
        more_holdout=more_holdout,
    )


def earned(measured: Lift, *, each: float = 1.0) -> Estimate | None:
    """What the messages brought beyond what would have come anyway: lift times contacted lapses.

    `each` is what one conversion is worth (1 for a count, mean minor units for revenue). The
    interval is the lift's: `each` is taken as known. None where there is not enough data.
    """
    if not measured.enough or measured.difference is None or measured.interval is None:
        return None
    scale = measured.contact.lapses * each
    low, high = measured.interval
    return Estimate(value=measured.difference * scale, low=low * scale, high=high * scale)


def _verdict(contact: Outcome, holdout: Outcome, interval: tuple[float, float] | None) -> Verdict:
    if interval is None or _few(contact, holdout):
        return Verdict.NOT_ENOUGH_DATA
    if interval[0] > 0:
        return Verdict.LIFT
    if interval[1] < 0:
        return Verdict.HARM
    ratio = contact.lapses / holdout.lapses
    if holdout.lapses >= _needed(contact, holdout, WORTHWHILE, ratio):
        return Verdict.NO_DIFFERENCE
    return Verdict.NOT_ENOUGH_DATA


def _excludes_0_for_good(contact: Outcome, holdout: Outcome) -> bool:
    low, high = newcombe(contact, holdout, z=Z_WATCHED)
    return low > 0 or high < 0


def _few(contact: Outcome, holdout: Outcome) -> bool:
    return min(contact.lapses, holdout.lapses) < LEAST_LAPSES


def _ratio(contact: Outcome, holdout: Outcome, holdout_percent: int) -> float | None:
    """Contact lapses for each in the holdout: as seen, or as set while few have been seen."""
    if not _few(contact, holdout):
        return contact.lapses / holdout.lapses
    return (100 - holdout_percent) / holdout_percent if holdout_percent else None


def _planned_effect(contact: Outcome, holdout: Outcome, difference: float | None) -> float:
    if difference is None or _few(contact, holdout) or abs(difference) < SMALLEST_PLANNED:
        return WORTHWHILE
    return difference


def _needed(contact: Outcome, holdout: Outcome, effect: float, ratio: float) -> int:
    lapses = contact.lapses + holdout.lapses
    if holdout.lapses >= LEAST_LAPSES:
        base = holdout.converted / holdout.lapses
    else:
        base = (contact.converted + holdout.converted) / lapses if lapses else USUAL_RATE
    # A rate cannot leave [0, 1]; the same distance downwards needs about as many.
    other = base + effect if 0 <= base + effect <= 1 else base - effect
    return lapses_needed(other, base, ratio=ratio)
