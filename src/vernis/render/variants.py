"""A company's test of tones or offers, as an owner reads it."""

from collections.abc import Iterator

from rich.markup import escape
from rich.table import Table

from vernis.decide.attribution import WORTHWHILE, Estimate
from vernis.decide.variants import Comparison, Difference, Standing
from vernis.domain import Company
from vernis.stages.variant_tests import VariantTest


def table(test: VariantTest) -> Table:
    """Each variant's rates with their 95% intervals."""
    found = Table(title="Variants", box=None, title_justify="left", padding=(0, 2, 0, 0))
    found.add_column("variant")
    for heading in ("clients", "replied", "said yes", "booked"):
        found.add_column(heading, justify="right", no_wrap=True)
    for one in test.variants:
        rates = map(_rate, (one.replied_rate, one.positive_rate, one.booked_rate))
        found.add_row(escape(one.name), f"{one.sent:,}", *rates)
    return found


def sentences(test: VariantTest, company: Company) -> Iterator[str]:
    """What may be said of the test, and what not yet."""
    began = test.since.astimezone(company.zone)
    over = "; it is over" if test.is_over else ""
    yield f"Rates with 95% intervals, of clients written to since {began:%d %b %Y}{over}."
    comparison = test.comparison
    if comparison is None:
        yield "[bold]Variants[/bold]: not enough data yet: only one of them was sent so far."
        return
    for difference in comparison.differences:
        yield f"{_difference(difference)}: [bold]{_said(difference, comparison)}[/bold]"
    if len(comparison.differences) > 1:
        yield "The intervals are wider than for two: any pair could have stood out by chance."
    if comparison.more:
        lacking = " and ".join(
            f"{number:,} with {escape(name)}" for name, number in comparison.more.items()
        )
        yield (
            f"To tell {comparison.planned_for * 100:.1f} points for certain, about this many more"
            f" clients are needed: {lacking}."
        )


def _difference(difference: Difference) -> str:
    low, high = difference.interval
    return (
        f"{escape(difference.first)} books {_points(difference.value)} points against"
        f" {escape(difference.second)}, 95% interval {_points(low)} to {_points(high)}"
    )


def _said(difference: Difference, comparison: Comparison) -> str:
    if difference.sure:
        return f"{escape(difference.first)} is better."
    if comparison.standing is Standing.NO_DIFFERENCE:
        return f"no difference; one of {WORTHWHILE * 100:.0f} points would have shown."
    return "not enough data yet."


def _rate(rate: Estimate | None) -> str:
    if rate is None:
        return "-"
    return f"{rate.value:.1%} ({rate.low * 100:.0f} to {rate.high * 100:.0f})"


def _points(difference: float) -> str:
    return f"{difference * 100:+.1f}"
