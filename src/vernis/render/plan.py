"""A day's plan and what a run did with it, as tables and as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from rich.console import Console
from rich.table import Table

from vernis.decide.plan import Candidate, Decision, Plan, campaign
from vernis.domain import Company, Reason
from vernis.render.consent import missing_in
from vernis.render.money import money
from vernis.render.paper import paper

WHY = {
    Reason.DUE: "due about now",
    Reason.LAPSED: "past the due window",
    Reason.NOT_DUE: "not due yet",
    Reason.NO_VISITS: "never came",
    Reason.NO_PHONE: "no phone",
    Reason.INVALID_PHONE: "the phone is not a number",
    Reason.SHARED_PHONE: "somebody with the same phone is written to",
    Reason.BLACKLISTED: "on the salon's black list",
    Reason.OPTED_OUT: "asked not to be written to",
    Reason.NO_CONSENT: "no consent to messages",
    Reason.FUTURE_BOOKING: "has a booking ahead",
    Reason.CONTACTED_RECENTLY: "written to recently",
    Reason.ATTEMPTS_EXHAUSTED: "got all messages of this absence",
    Reason.HOLDOUT: "held out, to measure the effect",
    Reason.DAILY_CAP: "waits: the day is full",
    Reason.GONE_TOO_LONG: "gone too long",
    Reason.DECLINED: "said no",
    Reason.ASKED_LATER: "asked for a message later",
    Reason.IN_DIALOG: "is in a conversation with us",
    Reason.VISITED_SINCE: "came meanwhile",
    Reason.OUTSIDE_HOURS: "a day off, or its hours were over",
    Reason.CHANNEL_REFUSED: "the channel refused it",
    Reason.ACCOUNT_PAUSED: "the account is paused",
    Reason.NOT_ON_CHANNEL: "on none of the salon's channels",
    Reason.ACCOUNT_LIMIT: "waits: the number may write to no more today",
    Reason.REJECTED: "a person did not want the message",
}


def as_dict(plan: Plan) -> dict[str, Any]:
    return {
        "on": plan.on,
        "counts": dict(plan.counts.most_common()),
        "decisions": [_decision(decision, plan) for decision in plan.decisions],
    }


def _decision(decision: Decision, plan: Plan) -> dict[str, Any]:
    client, verdict = decision.candidate, decision.verdict
    return {
        "client_id": client.client_id,
        "client": client.external_key,
        "verdict": "contact" if verdict.reason in (Reason.DUE, Reason.LAPSED) else "no",
        **asdict(verdict),
        "campaign": campaign(client, plan.on),
        "last_visit_on": client.last_visit_on,
        "inactive_days": (plan.on - client.last_visit_on).days,
        "service": client.service_title,
        "interval_days": client.interval_days,
        "due_on": client.due_on,
        "window_days": [client.low_days, client.high_days],
        "interval_source": client.interval_source,
        "confidence": client.confidence,
        "visits": client.visit_count,
        "priority": {
            "window": _window(client, plan.on),
            "days_late": (plan.on - client.due_on).days,
            "returning_chance": client.returning_chance,
            "falling_chance": client.falling_chance,
            "spent_minor": client.spent_minor,
            "at_stake_minor": round(client.at_stake),
        },
    }


def _window(client: Candidate, on: date) -> str:
    """Where the day is in the days that hold 80% of the expected returns."""
    away = (on - client.last_visit_on).days
    return "before" if away < client.low_days else "in" if away <= client.high_days else "late"


def show(plan: Plan, company: Company, *, limit: int) -> None:
    console = paper()
    contacts = plan.contacts
    console.print(
        f"[bold]{company.name}, {plan.on:%A %d %B %Y}[/bold]: {len(contacts)} clients to write to,"
        f" {len(plan.held_out)} held out, {len(plan.decisions):,} looked at."
    )
    if contacts:
        console.print(_table(contacts[:limit] if limit else contacts, plan, company))
        if 0 < limit < len(contacts):
            console.print(f"... and {len(contacts) - limit} more (--limit 0 shows all).")
    _show_reasons(console, plan.counts)
    if said := missing_in(plan, company):
        console.print(f"\n{said}")


def _table(decisions: Sequence[Decision], plan: Plan, company: Company) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0))
    table.add_column("client", max_width=10, no_wrap=True)
    table.add_column("last service", max_width=18, no_wrap=True)
    for heading in ("came", "due", "by", "away", "spent"):
        table.add_column(heading, no_wrap=True, justify="left" if heading == "by" else "right")
    for decision in decisions:
        client = decision.candidate
        table.add_row(
            client.name or client.external_key,
            client.service_title or "-",
            f"{client.last_visit_on:%d %b}",
            f"{client.due_on:%d %b} ±{max(1, (client.high_days - client.low_days) // 2)}",
            f"{client.interval_source.value.partition('_')[0]}, {client.interval_days} d",
            f"{(plan.on - client.last_visit_on).days} d",
            money(client.spent_minor, company),
        )
    return table


def _show_reasons(console: Console, counts: Mapping[Reason, int]) -> None:
    table = Table(title="\nWhy, and why not", box=None, padding=(0, 1), title_justify="left")
    table.add_column("clients", justify="right")
    table.add_column("reason")
    table.add_column("")
    for reason, number in sorted(counts.items(), key=lambda item: -item[1]):
        table.add_row(f"{number:,}", reason.value, WHY.get(reason, ""))
    console.print(table)


def run_as_dict(plan: Plan, day: Mapping[str, int]) -> dict[str, Any]:
    return {
        "on": plan.on,
        "planned": len(plan.contacts),
        "held_out": len(plan.held_out),
        "states": dict(day),
    }


def show_run(plan: Plan, day: Mapping[str, int], company: Company) -> None:
    """What became of a day's plan: `day` counts its reactivations by state."""
    console = paper()
    sent = sum(day.get(state, 0) for state in ("accepted", "delivered", "read"))
    console.print(
        f"[bold]{company.name}, {plan.on:%A %d %B %Y}[/bold]: {len(plan.contacts)} planned now,"
        f" {sent} sent today, {day.get('held_out', 0)} held out."
    )
    if waiting := day.get("written", 0):
        hours = f"the hours from {company.send_from:%H:%M}"
        until = "a person: `vernis drafts`" if company.wants_approval(plan.on) else hours
        console.print(f"{waiting} wait for {until}.")
    for state, meaning in (
        ("unknown", "may have left or not: never sent again, `vernis explain` tells"),
        ("failed", "were refused by the channel"),
        ("skipped", "were dropped at the last look"),
        ("expired", "missed their day"),
    ):
        if number := day.get(state, 0):
            console.print(f"{number} {meaning}.")
    if said := missing_in(plan, company):
        console.print(said)
