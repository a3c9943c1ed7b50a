"""Accounts and notices as an owner reads them."""

from collections.abc import Iterator, Sequence
from typing import Any

from rich.markup import escape

from vernis.decide import account_words
from vernis.domain import Company, ConnectionState, PauseReason
from vernis.render.paper import paper
from vernis.stages.accounts import Standing
from vernis.stages.notices import Kind, Notice


def show(standings: Sequence[Standing], company: Company) -> None:
    """Each account in a few lines: where it stands in the cascade, how it is, its pace today."""
    console = paper()
    for standing in standings:
        for line in lines(standing, company):
            console.print(line)


def lines(standing: Standing, company: Company) -> Iterator[str]:
    place = "not in the cascade" if standing.position is None else f"number {standing.position}"
    called = f"{standing.channel} {standing.address or ''}".strip()
    yield f"[bold]{escape(standing.name)}[/bold]  {escape(called)}, {place}"
    yield f"    {escape(state(standing, company))}"
    yield f"    {_pace(standing)}"
    if standing.unknown or standing.waiting:
        unknown = ""
        if standing.unknown:
            unknown = f"; {standing.unknown} may have left: `vernis outbox unknown` shows them"
        yield f"    {standing.waiting} wait{unknown}"


def state(standing: Standing, company: Company) -> str:
    """How an account stands, and what to do where it cannot send."""
    if standing.paused is not None:
        return account_words.pause(
            standing.name,
            standing.paused,
            since=standing.paused_at,
            until=standing.paused_until,
            zone=company.zone,
        )
    if standing.channel == "sandbox":
        return "rehearses: nothing leaves the house"
    return account_words.connection(standing.name, standing.connection)


def _pace(standing: Standing) -> str:
    pace = standing.pace
    parts = [f"today {pace.sent_today} of {pace.daily_limit} messages"]
    if pace.hourly_limit is not None:
        parts.append(f"{pace.sent_last_hour} of {pace.hourly_limit} in the last hour")
    if pace.new_chats_limit is not None:
        parts.append(f"{pace.new_chats_24h} of {pace.new_chats_limit} new chats in 24 hours")
    if pace.gap_seconds:
        parts.append(f"about every {pace.gap_seconds:g} s")
    if pace.warm_up:
        began = f"since {pace.began_on}" if pace.began_on else "from its first message on"
        parts.append(f"warms up {began}")
    if standing.quality:
        parts.append(f"quality {standing.quality.lower()}")
    return escape(", ".join(parts))


def sentence(notice: Notice, company: Company) -> str:
    """A notice as a person reads it."""
    at = notice.created_at.astimezone(company.zone)
    company_wide: dict[str, str] = {
        Kind.CRM_DISCONNECTED: "the CRM",
        Kind.WEBHOOK_PAUSED: "a webhook",
    }
    whose = company_wide.get(notice.kind) or notice.account or "an account"
    return f"{at:%Y-%m-%d %H:%M}  {whose}: {_what(notice)}"


def _what(notice: Notice) -> str:
    details: Any = notice.details
    match notice.kind:
        case Kind.ACCOUNT_PAUSED:
            return f"it rests: {_why(details)}."
        case Kind.ACCOUNT_RESUMED:
            return f"it goes on; it had rested because {_why(details)}."
        case Kind.CONNECTION_LOST:
            state = ConnectionState(details["state"])
            return f"it is {account_words.connection(notice.account or 'NAME', state)}."
        case Kind.NOT_DELIVERED:
            return (
                f"{details['undelivered']} of its last {details['accepted']} messages were accepted"
                " but not delivered within an hour; from half on it rests."
            )
        case Kind.CRM_DISCONNECTED:
            return f"it is disconnected: {details['reason']}"
        case Kind.WEBHOOK_PAUSED:
            number = details["webhook_id"]
            why = "answered that it is gone" if details["reason"] == "gone" else "failed for days"
            return f"number {number} {why} and rests: `vernis webhooks resume {number}` goes on."
        case Kind.WARNED:
            return str(details["says"])
    return notice.kind


def _why(details: Any) -> str:
    return account_words.WHY[PauseReason(details["reason"])]
