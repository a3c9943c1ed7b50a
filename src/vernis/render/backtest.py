"""The scores of a backtest, on paper."""

from collections.abc import Iterable

from rich.table import Table

from vernis.backtest.scores import OURS, Promise, Score, Scores
from vernis.render.paper import paper

GROUPS = ("all", "3+ earlier intervals", "14 days and more")


def show(scores: Scores, name: str, *, compared_model: bool) -> None:
    console = paper()
    console.print(
        f"{name}: {scores.visits:,} visits of {scores.clients:,} clients, {scores.returns:,}"
        " returns are known and scored; several visits on one day are one."
    )
    for group in GROUPS:
        ways = {way: groups[group] for way, groups in scores.ways.items() if group in groups}
        if ways:
            console.print(_ways(group, ways))
    ours = scores.ways[OURS]
    visits = {group: one for group, one in ours.items() if group not in GROUPS}
    console.print(_ways("By number of visits", visits))
    console.print(_ways("By level", scores.levels))
    console.print(_promises("Chance of a hit", scores.confidence))
    if scores.back:
        console.print(_promises("Back by a day, clients who never came back included", scores.back))
    if not compared_model:
        console.print("BG/NBD is not compared: the library `lifetimes` is not installed.")


def _ways(title: str, ways: dict[str, Score]) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("")
    for column in ("returns", "within 5 days", "mean error", "median error", "in 80% window"):
        table.add_column(column, justify="right")
    for name, one in ways.items():
        table.add_row(
            name,
            f"{one.returns:,}",
            f"{one.hit:.1%}",
            f"{one.mean_error:.1f}",
            f"{one.median_error:g}",
            "" if one.inside is None else f"{one.inside:.1%}",
        )
    return table


def _promises(title: str, promises: Iterable[Promise]) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("")
    for column in ("visits", "promised", "kept"):
        table.add_column(column, justify="right")
    for one in promises:
        table.add_row(one.label, f"{one.visits:,}", f"{one.promised:.1%}", f"{one.kept:.1%}")
    return table
