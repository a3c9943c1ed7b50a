"""Conversations, as they look on a phone: the salon on the right, the client on the left."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from vernis.decide.reception.moves import Why
from vernis.domain import Company
from vernis.render.paper import paper
from vernis.stages.handovers import Waiting
from vernis.stages.reception import Turn

WIDEST = 84  # columns of a chat: further apart, two sides are no conversation
NARROWEST = 24  # what the moment needs


def show_chats(chats: Sequence[Mapping[str, Any]], company: Company) -> None:
    console = paper()
    if not chats:
        console.print("The sandbox is empty: `vernis run` sends something into it.")
    for chat in chats:
        last: datetime = chat["max"].astimezone(company.zone)
        console.print(f"+{chat['phone']}  {chat['count']} messages, last {last:%d %b %Y %H:%M}")


def show_chat(chat: Sequence[Mapping[str, Any]], company: Company) -> None:
    console = paper()
    console.print(
        Group(
            *(
                bubble(
                    message["body"],
                    message["said_at"].astimezone(company.zone),
                    ours=message["direction"] == "out",
                    width=console.width,
                )
                for message in chat
            )
        )
    )


def show_turn(turn: Turn, text: str, local: datetime) -> None:
    """What a client said, how it was understood, and what was answered."""
    console = paper()
    console.print(bubble(text, local, ours=False, width=console.width))
    if turn.text:
        console.print(bubble(turn.text, local, ours=True, width=console.width))
    about = f"reactivation {turn.reactivation_id}" if turn.reactivation_id else "no reactivation"
    understood = f"understood as {turn.intent} ({turn.response_type}, {turn.confidence:.0%})"
    console.print(Text("; ".join([understood, about, *_outcomes(turn)]), style="dim"))


def show_opening(name: str | None, company: Company) -> None:
    """Who is played, before the chat."""
    note(f"{company.name} and {name or 'a client without a name'}. You write as the client; /help.")


def show_outcome(turn: Turn) -> None:
    """What a client would not see on the phone."""
    if outcomes := _outcomes(turn):
        note("; ".join(outcomes))


def note(text: str) -> None:
    paper().print(Text(text, style="dim"))


def show_waiting(waiting: Sequence[Waiting], company: Company) -> None:
    """The dialogs that wait for a person, the longest waiting first."""
    console = paper()
    if not waiting:
        console.print("Nobody waits for a person.")
        return
    table = Table(box=None, pad_edge=False)
    for title in ("client", "phone", "since", "why", "last words"):
        table.add_column(title, overflow="ellipsis", no_wrap=title != "last words")
    for one in waiting:
        since = one.since.astimezone(company.zone)
        why = WHY[one.why] + (", a person has written" if one.person_at else "")
        name = " ".join(part for part in (str(one.client_id or ""), one.client_name) if part)
        phone = f"+{one.phone}" if one.phone else f"dialog:{one.dialog_id}"
        table.add_row(name or "-", phone, f"{since:%d %b %H:%M}", why, one.text or "")
    console.print(table)
    console.print(Text("`vernis handover give-back CLIENT` lets the assistant answer again."))


WHY: dict[Why, str] = {
    Why.QUESTION: "a question",
    Why.COMPLAINT: "a complaint",
    Why.WANTS_PERSON: "wants a person",
    Why.CHANGE: "a booking to change",
    Why.CHECK: "a booking to look for",
    Why.NOTE: "something to know",
    Why.VOICE: "a voice message",
    Why.PICTURE: "a picture or a file",
    Why.UNCLEAR: "not understood",
    Why.TOO_LONG: "a long dialog",
    Why.AFTER_OPT_OUT: "wrote after an opt-out",
    Why.TAKEN: "a person wanted to answer",
}


def _outcomes(turn: Turn) -> list[str]:
    outcomes = []
    if turn.booked:
        outcomes.append(f"booking {turn.booking_id} made")
    if turn.moved:
        outcomes.append(f"booking {turn.booking_id} moved")
    if turn.cancelled:
        outcomes.append(f"booking {turn.booking_id} cancelled")
    if turn.handed_over:
        outcomes.append(f"handed over to a person: {WHY[turn.handed_over]}")
    if not turn.text:
        outcomes.append("nothing to answer")
    if turn.assistant:
        outcomes.append(f"language model: {turn.assistant}")
    return outcomes


def bubble(body: str, local: datetime, *, ours: bool, width: int) -> RenderableType:
    """One message with its company-local moment, on a page that is `width` columns wide."""
    page = min(width, WIDEST)
    longest = max(cell_len(line) for line in body.split("\n"))
    own = min(max(NARROWEST, longest + 4), page * 2 // 3)
    panel = Panel(
        Text(body),
        subtitle=f"{local:%a %d %b, %H:%M}",
        subtitle_align="right",
        border_style="green" if ours else "blue",
        width=own,
    )
    return Padding(panel, (0, 0, 0, page - own)) if ours else panel
