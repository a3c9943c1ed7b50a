"""Drafts as a person reads them before they may leave."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from vernis.domain import Company
from vernis.render.paper import paper
from vernis.render.writing import author_of, show_text
from vernis.stages.drafts import Waiting


def show(drafts: Sequence[Waiting], company: Company) -> None:
    console = paper()
    if not drafts:
        console.print("No message waits for a person.")
        return
    for draft in drafts:
        show_one(console, draft, company)
    console.print(
        "`vernis drafts approve ID...` or `approve --all` lets them leave; `edit ID TEXT`,"
        " `reject ID REASON`."
    )


def show_one(console: Console, draft: Waiting, company: Company) -> None:
    """Which draft it is, until when it can leave, its text."""
    until = draft.deadline.astimezone(company.zone)
    tested = f", variant {escape(draft.variant)}" if draft.variant else ""
    edited = ", edited" if draft.generated else ""
    author = author_of(draft.template, draft.model, draft.fallback) or "nobody known"
    console.print(
        f"[bold]{draft.id}[/bold]  {escape(draft.client_name or 'no name')}"
        f" ({escape(draft.client_key)}), {draft.band}{tested}, until {until:%a %d %b %H:%M};"
        f" by {author}{edited}"
    )
    for what, text in (
        ("generated", draft.generated),
        ("an earlier text was rejected", draft.rejected_because),
    ):
        if text:
            console.print(Padding(f"[dim]{what}: {escape(text)}[/dim]", (0, 0, 0, 2)))
    show_text(console, draft.text, draft.problems)
