"""Conversations, as they look on a phone: the salon on the right, the client on the left."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from vernis.domain import Company
from vernis.render.paper import paper
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
    if not chat:
        console.print("Nothing was said with this phone.")
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
    notes = [f"understood as {turn.intent} ({turn.response_type}, {turn.confidence:.0%})", about]
    if turn.booked:
        notes.append(f"booking {turn.booking_id} made")
    if turn.handed_over:
        notes.append(f"handed over to a person: {turn.handed_over}")
    if not turn.text:
        notes.append("nothing to answer")
    console.print(Text("; ".join(notes), style="dim"))


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
