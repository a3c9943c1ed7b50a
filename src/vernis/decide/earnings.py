"""What may be told of what the messages earned, before any words are chosen.

The command line, the pages and the API say the same thing because they all begin here.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import ceil, floor, log10

from vernis.decide.attribution import LEAST_LAPSES, WORTHWHILE, Estimate, Lift, Verdict

LONGEST_WAIT = 104  # weeks: whoever would have to wait longer is not told how long


class Case(StrEnum):
    """What may be told. From NOT_ENOUGH on both arms are large enough to be compared."""

    NOTHING_SENT = "nothing_sent"
    NO_COMPARISON = "no_comparison"  # nobody is held out
    TOO_EARLY = "too_early"  # fewer than LEAST_LAPSES in an arm whose window is over
    NOT_ENOUGH = "not_enough"
    NO_DIFFERENCE = "no_difference"
    PROBABLY_MORE = "probably_more"
    PROBABLY_FEWER = "probably_fewer"
    MORE = "more"
    FEWER = "fewer"

    @property
    def compares(self) -> bool:
        """Whether the arms may be told side by side, however uncertain that is."""
        return self not in (Case.NOTHING_SENT, Case.NO_COMPARISON, Case.TOO_EARLY)

    @property
    def tells_them_apart(self) -> bool:
        return self in (Case.MORE, Case.PROBABLY_MORE, Case.FEWER, Case.PROBABLY_FEWER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Earnings:
    """The case and its figures, None where they may not be told.

    Of every `out_of` clients `came` did with messages, `would_have` without them. `low` to `high`
    is the 95% interval of their difference, in the same unit. `visits` and `revenue_minor` are
    what came in addition; `more_clients` are about those still missing in the holdout,
    `more_weeks` how long they take at the present pace.
    """

    case: Case
    out_of: int = 100
    came: int | None = None
    would_have: int | None = None
    low: float | None = None
    high: float | None = None
    visits: Estimate | None = None
    revenue_minor: Estimate | None = None
    compared: tuple[int, int] = (0, 0)  # clients written to and held out
    more_clients: int | None = None
    more_weeks: int | None = None
    worthwhile: int = round(100 * WORTHWHILE)  # of 100: what NO_DIFFERENCE would have shown

    @property
    def difference(self) -> int | None:
        if self.came is None or self.would_have is None:
            return None
        return self.came - self.would_have


def case_of(measured: Lift, *, sent: int) -> Case:
    """Which of the cases a lift is; `sent` are messages that left in its days."""
    match measured.verdict:
        case Verdict.LIFT:
            return Case.MORE if measured.sure else Case.PROBABLY_MORE
        case Verdict.HARM:
            return Case.FEWER if measured.sure else Case.PROBABLY_FEWER
        case Verdict.NO_DIFFERENCE:
            return Case.NO_DIFFERENCE
        case Verdict.NOT_ENOUGH_DATA:
            pass
    if not sent and not measured.contact.lapses:
        return Case.NOTHING_SENT
    if min(measured.contact.lapses, measured.holdout.lapses) >= LEAST_LAPSES:
        return Case.NOT_ENOUGH
    return Case.NO_COMPARISON if measured.more_holdout is None else Case.TOO_EARLY


def earnings(
    measured: Lift,
    *,
    visited: Lift,
    visit_minor: float,
    sent: int,
    held_out_a_week: float = 0.0,
) -> Earnings:
    """What may be told of a lift.

    `measured` is the lift to go by, `visited` the one of visits, `visit_minor` what a visit paid
    on average. Amounts are told unless nobody came in addition or too few were compared; whether
    they are certain is the case's matter.
    """
    case = case_of(measured, sent=sent)
    compared = (measured.contact.lapses, measured.holdout.lapses)
    if measured.difference is None or measured.interval is None or not case.compares:
        more = measured.more_holdout if case is Case.TOO_EARLY else None
        return Earnings(case=case, compared=compared, more_clients=more and rounded_up(more))
    contact, holdout = measured.contact.rate or 0.0, measured.holdout.rate or 0.0
    out_of = _out_of(contact, holdout, differ=case.tells_them_apart)
    missing = measured.more_holdout if case is Case.NOT_ENOUGH else None
    visits = None if case is Case.NO_DIFFERENCE else _extra(visited, measured.difference)
    return Earnings(
        case=case,
        out_of=out_of,
        came=round(out_of * contact),
        would_have=round(out_of * holdout),
        low=out_of * measured.interval[0],
        high=out_of * measured.interval[1],
        visits=visits,
        revenue_minor=_scaled(visits, visit_minor),
        compared=compared,
        more_clients=rounded_up(missing) if missing else None,
        more_weeks=_weeks(missing, held_out_a_week) if missing else None,
    )


def rounded_up(number: int) -> int:
    """To two digits: 213 is about 220. What has not happened yet is not known better."""
    if number < 100:
        return number
    step: int = 10 ** (floor(log10(number)) - 1)
    return -(-number // step) * step


def _out_of(contact: float, holdout: float, *, differ: bool) -> int:
    """100, or 1,000 where that would hide what there is."""
    rare = 0 < min(contact, holdout) < 0.01
    alike = round(100 * contact) == round(100 * holdout)
    return 1000 if rare or (differ and alike) else 100


def _extra(visited: Lift, difference: float) -> Estimate | None:
    """The visits in addition, certain or not; None where they contradict the lift to go by."""
    if visited.difference is None or visited.interval is None:
        return None
    low, high = visited.interval
    lapses = visited.contact.lapses
    found = Estimate(value=visited.difference * lapses, low=low * lapses, high=high * lapses)
    return found if round(found.value) and found.value * difference > 0 else None


def _scaled(estimate: Estimate | None, each: float) -> Estimate | None:
    if estimate is None or not each:
        return None
    return Estimate(value=estimate.value * each, low=estimate.low * each, high=estimate.high * each)


def _weeks(missing: int, a_week: float) -> int | None:
    weeks = ceil(missing / a_week) if a_week else LONGEST_WAIT + 1
    return weeks if weeks <= LONGEST_WAIT else None
