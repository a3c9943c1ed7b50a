"""What the intervals came to, as a table."""

from rich.table import Table

from vernis.render.paper import paper
from vernis.stages.intervals import Summary

LEVELS = {
    "personal": "own rhythm",
    "service_average": "this company's clients of the service",
    "industry_standard": "industry standard",
    "universal": "universal",
    "own": "set by the owner",
}


def show(summary: Summary) -> None:
    console = paper()
    total = sum(level.clients for level in summary.levels)
    if not total:
        console.print("No visits yet: import some with `vernis import FILE...`.")
        return
    table = Table(title=f"Due dates of {total:,} clients, by the level that gave them", box=None)
    for heading, side in (("level", "left"), ("clients", "right"), ("share", "right")):
        table.add_column(heading, justify=side)  # type: ignore[arg-type]
    table.add_column("median days", justify="right")
    table.add_column("confidence", justify="right")
    for level in summary.levels:
        table.add_row(
            LEVELS[level.source],
            f"{level.clients:,}",
            f"{level.clients / total:.0%}",
            str(level.median_days),
            f"{level.confidence:.2f}",
        )
    console.print(table)
    if not summary.services:
        return
    table = Table(title="\nServices", box=None)
    table.add_column("service", max_width=34)
    for heading in ("median days", "80% within", "returns", "industry standard", "set"):
        table.add_column(heading, justify="right", no_wrap=True)
    for service in summary.services[:20]:
        table.add_row(
            service.title,
            str(service.median_days or "-"),
            f"{service.low_days} to {service.high_days}" if service.low_days else "-",
            str(service.returns or "-"),
            f"{service.standard_key} ({service.standard_days})" if service.standard_key else "-",
            str(service.own_days or "-"),
        )
    console.print(table)
    if len(summary.services) > 20:
        console.print(f"... and {len(summary.services) - 20} more services (--json shows all).")
