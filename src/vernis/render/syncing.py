"""What a sync has read, and how far it is, as a person reads it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.markup import escape
from rich.table import Table

from vernis.crm import Entity
from vernis.decide.syncs import Progress
from vernis.domain import Company
from vernis.render.paper import paper
from vernis.stages.crm_connections import CrmConnection
from vernis.stages.crm_rejects import Reject
from vernis.stages.syncing import Outcome

SHOWN = 20  # rejects


def show_outcomes(outcomes: Sequence[Outcome], company: Company) -> None:
    console = paper()
    for one in outcomes:
        console.print(escape(sentence(one)))
        if one.error:
            console.print(f"[yellow]{escape(one.error)}[/yellow]")
    console.print(escape(f"{company.name} is as its CRM has it: next is `vernis intervals`."))


def sentence(one: Outcome) -> str:
    """Counts of a kind of things: "records: 1,200 read, 3 changed, 14 of nobody left out." """
    parts = [f"{one.taken:,} read"]
    for number, said in (
        (one.changed, "changed"),
        (one.left_out, "of nobody left out"),
        (one.rejected, "rejected (`vernis sync --status` says why)"),
        (one.erased, "deleted there and forgotten here"),
        (one.replaced, "bookings of files replaced"),
    ):
        if number:
            parts.append(f"{number:,} {said}")
    return f"{one.entity}: {', '.join(parts)}."


def show_status(
    connection: CrmConnection,
    known: Mapping[Entity, Progress],
    rejects: Sequence[Reject],
    company: Company,
) -> None:
    console = paper()
    for line in _standing(connection, company):
        console.print(escape(line))
    table = Table(box=None, pad_edge=False)
    for name in ("", "last success", "read", "changed", "rejected", "under way", "error"):
        table.add_column(name)
    for entity in Entity:
        if (one := known.get(entity)) is not None:
            table.add_row(*(escape(cell) for cell in _row(one, company)))
    console.print(table)
    for reject in rejects[:SHOWN]:
        console.print(escape(f"{reject.entity} {reject.external_id}: {reject.reason}"))
    if len(rejects) > SHOWN:
        console.print(f"... and {len(rejects) - SHOWN} more: --json has them.")


def status(
    connection: CrmConnection, known: Mapping[Entity, Progress], rejects: Sequence[Reject]
) -> dict[str, Any]:
    """The same for programs."""
    return {
        "crm": connection.crm,
        "salon": connection.external_id,
        "state": connection.state,
        "reason": connection.reason,
        "next_sync_at": connection.next_sync_at,
        "entities": [
            {
                "entity": one.entity,
                "succeeded_at": one.succeeded_at,
                "under_way": one.is_under_way,
                "counts": dict(one.counts),
                "error": one.error,
            }
            for entity in Entity
            if (one := known.get(entity)) is not None
        ],
        "rejects": [
            {"entity": one.entity, "id": one.external_id, "reason": one.reason} for one in rejects
        ],
    }


def _standing(connection: CrmConnection, company: Company) -> Iterator[str]:
    yield f"{company.name}: salon {connection.external_id} of {connection.crm}, {connection.state}."
    if connection.reason:
        yield connection.reason
    elif connection.is_connected:
        at = connection.next_sync_at.astimezone(company.zone)
        yield f"The next sync is due at {at:%Y-%m-%d %H:%M}; `vernis up` does it by itself."


def _row(one: Progress, company: Company) -> tuple[str, ...]:
    at = f"{one.succeeded_at.astimezone(company.zone):%Y-%m-%d %H:%M}" if one.succeeded_at else "-"
    counts = [str(one.counts.get(name, 0)) for name in ("taken", "changed", "rejected")]
    return one.entity, at, *counts, "yes" if one.is_under_way else "", one.error or ""
