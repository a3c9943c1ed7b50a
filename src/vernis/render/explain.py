"""One client, top to bottom: who, the rhythm, today, what was tried, what was said."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from rich.markup import escape
from rich.table import Table

from vernis.decide import account_words
from vernis.decide.plan import Verdict
from vernis.domain import Company, Source, State
from vernis.errors import Refusal
from vernis.render import consent
from vernis.render.chat import bubble
from vernis.render.intervals import LEVELS
from vernis.render.money import money
from vernis.render.paper import paper
from vernis.render.report import because
from vernis.render.writing import author_of
from vernis.stages.explaining import Attempt, Booked, Explanation


def show(found: Explanation, company: Company) -> None:
    console = paper()
    for title, lines in (
        ("", _who(found, company)),
        ("Visits", _visits(found, company)),
        ("Expected back", _rhythm(found)),
        (f"The plan of {_day(found.on)}", _today(found.today)),
        ("Reactivations", _attempts(found, company)),
    ):
        written = list(lines)
        if title and written:
            console.print(f"\n[bold]{title}[/bold]")
        for line in written:
            console.print(line)
    if found.said:
        console.print("\n[bold]Said[/bold]")
        for said in found.said:
            ours, local = said.direction == "out", said.at.astimezone(company.zone)
            console.print(bubble(said.text or "", local, ours=ours, width=console.width))
    if found.bookings:
        console.print(_bookings(found, company))


def _who(found: Explanation, company: Company) -> Iterator[str]:
    client = found.client
    yield (
        f"[bold]{escape(client.name or 'no name')}[/bold]"
        f"  client {client.client_id}, key {escape(client.external_key)}"
    )
    agreed = escape(_consent(found, company))
    yield f"Phone: {client.phone or client.phone_state}.  Consent: {agreed}."
    if client.blacklisted:
        yield "On the salon's black list: never written to."
    for since, what in (
        (client.opted_out_at, "Asked not to be written to"),
        (client.declined_at, "Last said no"),
        (client.erased_at, "Personal data erased"),
    ):
        if since:
            yield f"{what} on {_day(since)}."


def _consent(found: Explanation, company: Company) -> str:
    """The client's own, or what the company says of all those of whom nothing better is known."""
    client = found.client
    if client.consent == "unknown" and company.consent_basis is not None:
        since = f", {_day(company.consent_basis_on)}" if company.consent_basis_on else ""
        return f"unknown; the company says of all clients: «{company.consent_basis}»{since}"
    if client.consent_source is None:
        return client.consent
    return f"{client.consent} ({consent.told(client.consent_source, client.consent_on)})"


def _visits(found: Explanation, company: Company) -> Iterator[str]:
    visits = found.visits
    if not visits.number or visits.first_on is None or visits.last_on is None:
        yield "None."
        return
    away = (found.on - visits.last_on).days
    yield (
        f"{_counted(visits.number, 'visit')}, {money(visits.spent_minor, company)} spent;"
        f" the first on {_day(visits.first_on)}, the last on {_day(visits.last_on)},"
        f" {_counted(away, 'day')} before."
    )
    for service in visits.services[:10]:
        times = f"{service.visits} times" if service.visits > 1 else "once"
        yield f"  {escape(service.title)}: {times}, last on {_day(service.last_on)}"


def _rhythm(found: Explanation) -> Iterator[str]:
    expected = found.expected
    if expected is None:
        yield "Unknown: no visits, or `vernis intervals` has not run since."
        return
    by = f", served by {escape(expected.staff_name)}" if expected.staff_name else ""
    yield (
        f"{expected.interval_days} days after the visit of {_day(expected.last_visit_on)}"
        f" ({escape(expected.service_title or 'service unknown')}{by}):"
        f" due on [bold]{_day(expected.due_on)}[/bold], {lateness(expected.days_late)}."
    )
    yield expected.told["ru"]
    yield expected.told["en"]
    share = "Such returns" if expected.source == Source.OWN else "80% of such returns"
    yield (
        f"{share} are between {_day(expected.opens_on)} and {_day(expected.closes_on)};"
        f" {expected.confidence:.0%} are within 5 days of the due date"
        f" ({LEVELS[expected.source]} says most)."
    )
    if expected.returning_chance is not None:
        yield (
            f"The chance to come back unasked: {expected.returning_chance:.0%},"
            f" {100 * (expected.falling_chance or 0):.0f} points less in a week."
        )
    if len(found.lines) > 1:
        for line in found.lines[:10]:
            yield f"  {escape(line.title)}: {line.told['en']}"


def lateness(days: int) -> str:
    """Where a day is against the due date."""
    if days == 0:
        return "that is this day"
    return f"{_counted(abs(days), 'day')} {'ago' if days > 0 else 'ahead'}"


def _listed(values: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items()) or "no evidence kept"


def _today(verdict: Verdict | None) -> Iterator[str]:
    if verdict is None:
        return
    line = because(verdict.reason.value)
    if verdict.attempt:
        line += f", attempt {verdict.attempt}, {verdict.arm} arm"
    if verdict.next_on:
        line += f"; next looked at on {_day(verdict.next_on)}"
    yield line + "."


def _attempts(found: Explanation, company: Company) -> Iterator[str]:
    if not found.attempts:
        yield "None."
    for attempt in found.attempts:
        yield (
            f"{_day(attempt.plan_on)}: attempt {attempt.attempt} after the visit of"
            f" {_day(attempt.last_visit_on)}, {attempt.campaign}, {attempt.arm} arm:"
            f" [bold]{attempt.state}[/bold], {because(attempt.reason)}"
        )
        yield (
            f"  expected after {attempt.interval_days} days ({attempt.source}), due on"
            f" {_day(attempt.due_on)}"
        )
        yield from (f"  {line}" for line in _how_written(attempt))
        yield from (f"  {line}" for line in _how_sent(attempt))
        yield from (f"  {line}" for line in _what_came(attempt, company))


def _how_written(attempt: Attempt) -> Iterator[str]:
    author = author_of(attempt.template, attempt.model, attempt.fallback)
    if author:
        edited = ", then edited by a person" if attempt.generated else ""
        tested = f"; variant {escape(attempt.variant)}" if attempt.variant else ""
        yield f"written by {author}{edited}{tested}"
    if attempt.generated:
        yield f"before the edit: {escape(attempt.generated)}"
    if attempt.rejected_because and attempt.state == State.SKIPPED:
        yield f"a person rejected it: {escape(attempt.rejected_because)}"


_TRIED = {
    State.ACCEPTED: "left",
    State.DELIVERED: "left",
    State.READ: "left",
    State.CLAIMED: "is leaving",
    State.UNKNOWN: "may have left",
}


def _how_sent(attempt: Attempt) -> Iterator[str]:
    was_tried = attempt.tried_at is not None or attempt.sent_at is not None
    if attempt.account and (was_tried or attempt.state == State.WRITTEN):
        how = _TRIED.get(State(attempt.state), "tried" if was_tried else "waits to leave")
        refused = ""
        if attempt.refusal:
            why = account_words.REFUSED[Refusal(attempt.refusal)]
            refused = f"; the channel refused it: {attempt.refusal} ({why})"
        yield f"{how} over {escape(attempt.account)} ({attempt.channel}){refused}"
    if was_tried and attempt.relied_on:
        yield f"relied on {escape(consent.relied_on(attempt.relied_on))}"


def _what_came(attempt: Attempt, company: Company) -> Iterator[str]:
    for at, what in (
        (attempt.sent_at, "sent"),
        (attempt.delivered_at, "delivered"),
        (attempt.read_at, "read"),
        (attempt.response_at, f"answered: {attempt.response_type}"),
        (attempt.booking_created_at, f"booked (booking {attempt.booking_id})"),
    ):
        if at:
            yield f"{at.astimezone(company.zone):%d %b %Y %H:%M}  {what}"
    if attempt.visit_on:
        revenue = attempt.revenue_minor
        paid = f", {money(revenue, company)}" if revenue is not None else ""
        yield f"came on {_day(attempt.visit_on)}{paid}"


def _bookings(found: Explanation, company: Company) -> Table:
    table = Table(title="\nNewest bookings", box=None, title_justify="left", padding=(0, 1))
    for heading in ("day", "service", "with", "state", "paid", "booked"):
        table.add_column(heading)
    for booking in found.bookings:
        table.add_row(*_booking(booking, company))
    return table


def _booking(booking: Booked, company: Company) -> tuple[str, ...]:
    at = f" {booking.starts_at.astimezone(company.zone):%H:%M}" if booking.starts_at else ""
    return (
        _day(booking.on) + at,
        escape(booking.service_title or "-"),
        escape(booking.staff_name or "-"),
        booking.state,
        "-" if booking.amount_minor is None else money(booking.amount_minor, company),
        _day(booking.booked_at.astimezone(company.zone)) if booking.booked_at else "-",
    )


def _day(day: date | datetime) -> str:
    return f"{day:%d %b %Y}"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
