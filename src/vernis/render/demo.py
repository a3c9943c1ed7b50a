"""The demo: what the salon is, one client's story, the report, what to try next."""

import shlex
from collections.abc import Iterator
from datetime import date, timedelta

from rich.console import Console
from rich.markup import escape
from rich.rule import Rule
from rich.table import Table

from vernis.domain import Reason
from vernis.render import report as report_page
from vernis.render.chat import bubble
from vernis.render.intervals import LEVELS
from vernis.render.money import money
from vernis.render.paper import paper
from vernis.render.plan import WHY
from vernis.render.report import points, share
from vernis.simulation.rehearsal import Result
from vernis.simulation.story import Story


def show(result: Result, *, crm: str | None = None) -> None:
    """`crm` is what to say of the CRM that was read instead of files."""
    console = paper()
    _lines(console, _salon(result, "files" if crm is None else "CRM"))
    if result.story:
        _heading(console, f"One client: {escape(result.story.name)}")
        _lines(console, _why(result.story))
        _chat(console, result, result.story)
        _lines(console, _came(result, result.story))
    _heading(console, "What it earned")
    report_page.show(result.report, result.company)
    if crm is not None:
        _heading(console, "Over the CRM")
        _lines(console, iter([crm]))
    _heading(console, "What only a simulation knows")
    _lines(console, _truth(result))
    _heading(console, "What to try next")
    _lines(console, _next(result))


def _heading(console: Console, title: str) -> None:
    console.print()
    console.print(Rule(f"[bold]{title}[/bold]", align="left", style="dim"))


def _lines(console: Console, lines: Iterator[str]) -> None:
    for line in lines:
        console.print(line, soft_wrap=line.startswith("  "))


# --- the salon --------------------------------------------------------------------------------


def _salon(result: Result, read: str) -> Iterator[str]:
    before, tally, policy = result.before, result.tally, result.policy
    first = before.last_on + timedelta(days=1)
    last = first + timedelta(days=7 * policy.weeks - 1)
    yield (
        f"[bold]{escape(result.company.name)}[/bold], a simulated salon:"
        f" {before.clients:,} clients, {before.visits:,} visits since {_day(before.first_on)},"
        f" {before.staff} masters, {before.services} services. Nobody in it is real (seed"
        f" {policy.seed})."
    )
    yield (
        f"Vernis read its {read} and worked there for {policy.weeks} weeks, {_day(first)} to"
        f" {_day(last)}: {tally.messages:,} messages, {tally.replies:,} replies,"
        f" {tally.bookings:,} visits booked in the chat; {result.opted_out:,} asked not to be"
        " written to, and were not again."
    )


# --- one client -------------------------------------------------------------------------------


def _why(story: Story) -> Iterator[str]:
    service = f" («{escape(story.service_title)}»)" if story.service_title else ""
    yield (
        f"{len(story.visits)} visits since {_day(story.visits[0])}, usually"
        f" {story.usual_gap:.0f} days apart; the last one on {_day(story.visits[-1])}{service}."
    )
    yield (
        f"Expected again after {story.interval_days} days ({LEVELS[story.source]}; 80% of such"
        f" returns within {story.low_days} to {story.high_days} days): on {_day(story.due_on)}."
    )
    yield (
        f"On {_day(story.plan_on)}, after {story.inactive_days} days without a visit or a booking,"
        f" the plan said: [bold]{story.reason}[/bold] ({WHY[Reason(story.reason)]}).\n"
    )


def _chat(console: Console, result: Result, story: Story) -> None:
    for said in story.said:
        local = said.at.astimezone(result.company.zone)
        console.print(bubble(said.body, local, ours=said.direction == "out", width=console.width))


def _came(result: Result, story: Story) -> Iterator[str]:
    starts = story.starts_at.astimezone(result.company.zone)
    paid = f", paid {money(story.revenue_minor, result.company)}" if story.revenue_minor else ""
    yield (
        f"\nBooked in the chat: {starts:%a %d %b, %H:%M}, «{escape(story.booked_title)}» with"
        f" {escape(story.staff_name)}. [bold]Came on {_day(story.visit_on)}{paid}.[/bold]"
    )


def _truth(result: Result) -> Iterator[str]:
    """The same weeks without a message: a salon cannot live them twice."""
    lived, without, policy = result.with_messages, result.without, result.policy
    visits = lived.visits - without.visits
    revenue = lived.revenue_minor - without.revenue_minor
    yield (
        f"The same people lived through the same weeks again, without a single message:"
        f" {without.visits:,} visits instead of {lived.visits:,}."
        f" [bold]Vernis made a difference of {visits:+,} visits and"
        f" {'+' if revenue > 0 else ''}{money(revenue, result.company)}.[/bold]"
    )
    yield (
        "A salon cannot live its weeks twice, that is what the holdout is for; to be certain it"
        f" needs some months. Held out here: {policy.holdout_percent}% (10% unless it is set)."
    )


# --- and then ---------------------------------------------------------------------------------


def _next(result: Result) -> Iterator[str]:
    if result.home is None:
        yield "`vernis demo` keeps the salon, so that you can look around in it."
        yield "`vernis simulate --seed 2 --holdout 10` measures another policy on another salon."
        yield "`vernis import FILE...` reads your own salon's export, then `vernis plan`."
        return
    on = result.ended_at.astimezone(result.company.zone).date()
    yield "The salon stays until the next demo. Look around in it:"
    yield f"  export VERNIS_HOME={shlex.quote(str(result.home))}; unset DATABASE_URL REDIS_URL"
    yield f"  vernis plan --on {on}"
    if result.story:
        yield f"  vernis explain key:{result.story.client_key} --on {on}"
    yield "  vernis sandbox"
    yield f"  vernis report --at {on}T10:00"


# --- figures only -----------------------------------------------------------------------------


def show_figures(result: Result) -> None:
    console = paper()
    policy, tally = result.policy, result.tally
    contact, holdout = result.report.totals
    found = result.report.experiment.lift
    table = Table(box=None, show_header=False, padding=(0, 1))
    for name, value in (
        ("seed", policy.seed),
        ("weeks", policy.weeks),
        ("holdout, percent", policy.holdout_percent),
        ("messages a day", policy.daily_cap),
        ("clients", f"{result.before.clients:,}"),
        ("sent", f"{contact.sent:,}"),
        ("replied", share(contact.replies, contact.sent)),
        ("replies tied to a message", share(tally.recognised, tally.replies)),
        ("replies read as meant", share(tally.read_right, tally.read_right + _wrong(result))),
        ("handed over to a person", share(tally.handed_over, tally.replies)),
        ("opted out", f"{result.opted_out:,}"),
        ("booked in the chat", f"{tally.bookings:,}"),
        ("booked, contact", share(contact.bookings, contact.sent)),
        ("booked, holdout", share(holdout.bookings, holdout.planned)),
        ("came, contact", share(contact.visits, contact.sent)),
        ("came, holdout", share(holdout.visits, holdout.planned)),
        ("revenue, contact", money(contact.revenue_minor, result.company)),
    ):
        table.add_row(name, str(value))
    if found.difference is not None and found.interval is not None:
        low, high = found.interval
        lift = f"{points(found.difference)} points, 95% {points(low)} to {points(high)}"
        table.add_row("lift", lift)
    table.add_row("verdict", report_page.conclusion(found))
    lived, without = result.with_messages, result.without
    table.add_row("visits with / without messages", f"{lived.visits:,} / {without.visits:,}")
    console.print(table)
    for (meant, read), number in tally.misread():
        console.print(f"[dim]  {number:,} meant {meant}, read as {read}[/dim]")


def _wrong(result: Result) -> int:
    return sum(number for _, number in result.tally.misread())


def _day(day: date) -> str:
    return f"{day:%d %b %Y}"
