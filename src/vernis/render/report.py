"""The report as a salon's owner reads it."""

from collections.abc import Callable

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from vernis.decide.attribution import WORTHWHILE, Estimate, Lift, Outcome, Verdict
from vernis.decide.earnings import rounded_up
from vernis.domain import Arm, Company, Reason
from vernis.render import variants
from vernis.render.intervals import LEVELS
from vernis.render.money import money
from vernis.render.paper import paper
from vernis.render.plan import WHY
from vernis.stages.reporting import LATELY, Bucket, Experiment, Group, Report

NEWEST_DAYS = 14

_PERIODS = {
    "dormant_30": "under 45 days",
    "dormant_60": "45 to 74 days",
    "dormant_90": "75 and more",
}


def show(report: Report, company: Company) -> None:
    console = paper()
    console.print(f"[bold]{escape(company.name)}[/bold], {_period(report)}\n")
    if not report.groups:
        console.print("Nothing was planned in these days: `vernis run` does it.")
        return
    console.print(_groups(report, company))
    for sentence in (*totals(report), "", *proof(report.experiment, company), ""):
        console.print(sentence)
    if report.test:
        console.print(variants.table(report.test))
        for sentence in (*variants.sentences(report.test, company), ""):
            console.print(sentence)
    if report.stood_in:
        console.print(f"Last {LATELY} days: {escape(report.stood_in)}\n")
    _show_not_sent(console, report)
    console.print(_timing(report))
    console.print(_levels(report))
    _show_days(console, report)


# --- what was done ----------------------------------------------------------------------------


def totals(report: Report) -> list[str]:
    """Sentences on what the table has no room for."""
    contact, holdout = report.totals
    sentences = []
    if contact.delivered:
        sentences.append(
            f"Of {contact.sent:,} sent messages {contact.delivered:,} are known to be delivered,"
            f" {contact.read:,} to be read."
        )
    lost = [
        f"{number} {what}"
        for number, what in (
            (contact.cancelled + holdout.cancelled, "cancelled"),
            (contact.no_shows + holdout.no_shows, "not kept"),
        )
        if number
    ]
    if lost:
        bookings = contact.bookings + holdout.bookings
        sentences.append(f"Of {bookings:,} bookings {' and '.join(lost)}.")
    return sentences


def _groups(report: Report, company: Company) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0))
    table.add_column("last visit", no_wrap=True)
    for heading in ("clients", "replied", "said yes", "booked", "came", "revenue"):
        table.add_column(heading, justify="right", no_wrap=True)
    totals = [group for group in report.totals if group.planned]
    for group in (*report.groups, *totals):
        table.add_row(*_cells(group, company), style=None if group.campaign else "bold")
    return table


def _cells(group: Group, company: Company) -> tuple[str, ...]:
    """Of the contact arm the clients are those written to, of the holdout those held out."""
    held_out = group.arm is Arm.HOLDOUT
    base = group.planned if held_out else group.sent
    period = _PERIODS[group.campaign] if group.campaign else "all"
    return (
        "  held out" if held_out else period,
        f"{base:,}",
        "-" if held_out else share(group.replies, base),
        "-" if held_out else share(group.positive, base),
        share(group.bookings, base),
        share(group.visits, base),
        money(group.revenue_minor, company),
    )


def _show_not_sent(console: Console, report: Report) -> None:
    if report.not_sent:
        table = Table(title="Planned, but not sent", box=None, title_justify="left")
        table.add_column("clients", justify="right")
        table.add_column("")
        table.add_column("reason")
        for row in report.not_sent:
            table.add_row(f"{row.number:,}", row.state.value, because(row.reason))
        console.print(table)
        console.print()
    if report.last_plan:
        counts = sorted(report.last_plan.counts.items(), key=lambda item: -item[1])
        listed = ", ".join(f"{reason} {number:,}" for reason, number in counts)
        console.print(f"What the last plan ({report.last_plan.on:%d %b %Y}) said: {listed}.\n")


def because(reason: str) -> str:
    """A reason and what it means: not_due (not due yet)."""
    meaning = WHY.get(Reason(reason)) if reason in {known.value for known in Reason} else None
    return f"{reason} ({meaning})" if meaning else reason


# --- what it earned ---------------------------------------------------------------------------


def proof(experiment: Experiment, company: Company) -> list[str]:
    """The lift in sentences, and what was earned where that can be said."""
    by_visits = experiment.measured_by == "visits"
    found = experiment.lift
    known = f"{experiment.known_until:%d %b %Y}" if experiment.known_until else "never"
    if found.interval is None or found.difference is None:
        return [_nothing_yet(found, company, known)]
    low, high = found.interval
    sentences = [
        f"[bold]Lift[/bold]: contact {_rate(found.contact)} against holdout"
        f" {_rate(found.holdout)}: {points(found.difference)} points,"
        f" 95% interval {points(low)} to {points(high)}: [bold]{conclusion(found)}[/bold]",
        f"Counted: {'visits' if by_visits else 'bookings'} within {company.attribution_days} days"
        f" of a lapse's first plan, in windows that were over in the data (known until {known}).",
    ]
    if by_visits:
        sentences.append(
            "Visits, because the salon's files do not say when a booking was made; bookings of"
            " our own dialogs alone would flatter the messages."
        )
    return sentences + _earned(experiment, company)


def conclusion(found: Lift) -> str:
    """What may be concluded, in words."""
    match found.verdict:
        case Verdict.LIFT:
            said = "the messages bring clients back"
        case Verdict.HARM:
            said = "fewer come than without messages"
        case Verdict.NO_DIFFERENCE:
            return f"no difference; one of {WORTHWHILE * 100:.0f} points would have shown."
        case Verdict.NOT_ENOUGH_DATA:
            return f"not enough data yet{_missing(found)}."
    return f"{said}." if found.sure else f"it looks as if {said}; some more weeks will tell."


def _missing(found: Lift) -> str:
    if found.more_holdout is None or found.more_contact is None:
        return "; nobody is held out, so nothing can be proved"
    lacking = [
        f"{about(number)} more clients {where}"
        for number, where in (
            (found.more_holdout, "in the holdout"),
            (found.more_contact, "written to"),
        )
        if number
    ]
    if not lacking:
        return ""
    effect = abs(found.planned_for) * 100
    return f"; to show {effect:.1f} points, about {' and '.join(lacking)} are needed"


def _nothing_yet(found: Lift, company: Company, known: str) -> str:
    if not found.holdout.lapses and found.more_holdout is None:
        return "[bold]Lift[/bold]: nobody is held out, so nothing can be proved."
    return (
        f"[bold]Lift[/bold]: not enough data yet: no {company.attribution_days}-day window is over"
        f" in both arms (visits are known until: {known}){_missing(found)}."
    )


def _earned(experiment: Experiment, company: Company) -> list[str]:
    said = [
        f"{_ends(estimate, '{:.0f}'.format)} {what}"
        for estimate, what in (
            (experiment.earned_bookings, "bookings"),
            (experiment.earned_visits, "visits"),
        )
        if estimate
    ]
    if revenue := experiment.earned_revenue_minor:
        said.append(_ends(revenue, lambda minor: money(round(minor), company)))
    if not said:
        return []
    return [f"Earned beyond what would have come anyway: {'; '.join(said)}."]


def _ends(estimate: Estimate, written: Callable[[float], str]) -> str:
    return f"about {written(estimate.value)} ({written(estimate.low)} to {written(estimate.high)})"


# --- when, by which interval, day by day -------------------------------------------------------


def _timing(report: Report) -> Table:
    median = report.timing.median_days
    table = Table(title="Message against due date", box=None, title_justify="left")
    table.add_column("days")
    table.add_column("sent", justify="right")
    table.add_column("booked", justify="right")
    for bucket in report.timing.buckets:
        if bucket.sent:
            booked = share(bucket.bookings, bucket.sent)
            table.add_row(_days(bucket), f"{bucket.sent:,}", booked)
    if median is not None:
        side = "after" if median >= 0 else "before"
        table.caption = f"Median: {abs(median)} days {side} the due date."
    return table


def _days(bucket: Bucket) -> str:
    if bucket.from_days is None:
        return f"more than {-(bucket.to_days or 0) - 1} before"
    if bucket.to_days is None:
        return f"more than {bucket.from_days - 1} after"
    if bucket.to_days < 0:
        return f"{-bucket.to_days} to {-bucket.from_days} before"
    return f"{bucket.from_days} to {bucket.to_days} after"


def _levels(report: Report) -> Table:
    table = Table(title="\nBy the level that gave the interval", box=None, title_justify="left")
    table.add_column("level")
    for heading in ("sent", "replied", "booked", "came"):
        table.add_column(heading, justify="right")
    for level in report.levels:
        table.add_row(
            LEVELS[level.source],
            f"{level.sent:,}",
            share(level.replies, level.sent),
            share(level.bookings, level.sent),
            share(level.visits, level.sent),
        )
    return table


def _show_days(console: Console, report: Report) -> None:
    table = Table(title="\nDay by day", box=None, title_justify="left")
    table.add_column("day")
    for heading in ("messages", "replies", "bookings"):
        table.add_column(heading, justify="right")
    for day in report.days[-NEWEST_DAYS:]:
        table.add_row(
            f"{day.day:%a %d %b %Y}", f"{day.messages:,}", f"{day.replies:,}", f"{day.bookings:,}"
        )
    console.print(table)
    if (earlier := len(report.days) - NEWEST_DAYS) > 0:
        console.print(f"... and {earlier} earlier days (--json shows all).")


# --- figures -----------------------------------------------------------------------------------


def share(part: int, whole: int) -> str:
    """A percentage with the count it comes from: 15.2% (38)."""
    return f"{part / whole:.1%} ({part:,})" if whole else "-"


def points(difference: float) -> str:
    """A difference of shares in percentage points, signed."""
    return f"{difference * 100:+.1f}"


def about(number: int) -> str:
    """To two digits: what follows is not known."""
    return f"{rounded_up(number):,}"


def _rate(outcome: Outcome) -> str:
    return f"{outcome.rate or 0:.1%} ({outcome.converted:,} of {outcome.lapses:,})"


def _period(report: Report) -> str:
    match report.first_day, report.last_day:
        case None, None:
            return "all days"
        case first, None:
            return f"from {first:%d %b %Y}"
        case None, last:
            return f"until {last:%d %b %Y}"
        case first, last:
            return f"{first:%d %b %Y} to {last:%d %b %Y}"
    raise AssertionError
