"""The simulated salon: demo and simulate."""

import sys
from collections.abc import Callable
from contextlib import contextmanager
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vernis.cli.options import JsonOption, print_json, run
from vernis.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vernis.simulation.driver import Tally

WeeksOption = Annotated[int, typer.Option(min=1, max=52, help="How long the salon lives on.")]
SeedOption = Annotated[int, typer.Option(help="Another seed is another salon.")]
HoldoutOption = Annotated[
    int, typer.Option(min=0, max=50, help="Percent of the lapses that are not written to.")
]
CapOption = Annotated[int, typer.Option(min=0, max=10_000, help="Messages a day.")]
CrmOption = Annotated[
    bool, typer.Option("--crm", help="Over a simulated YClients instead of files; keeps nothing.")
]
ClientsOption = Annotated[int, typer.Option(min=20, max=9_000, help="How many the salon has.")]


def register(app: typer.Typer) -> None:
    app.command()(demo)
    app.command()(simulate)


def demo(
    once: Annotated[bool, typer.Option("--once", help="Keep nothing afterwards.")] = False,
    weeks: WeeksOption = 8,
    seed: SeedOption = 1,
    holdout: HoldoutOption = 20,
    clients: ClientsOption = 1300,
    crm: CrmOption = False,
    as_json: JsonOption = False,
) -> None:
    """Let a simulated salon live through some weeks: one client's story, then the report.

    Everything is real but the clients: files, import, plan, messages, replies, bookings. A salon
    would hold out 10%; the demo takes more, so that some weeks can show something.
    """
    from vernis.config import load
    from vernis.render.demo import show
    from vernis.simulation.rehearsal import Policy, rehearse

    policy = Policy(weeks=weeks, seed=seed, holdout_percent=holdout, clients=clients)
    if crm:
        over = _over_crm()
        with progress(weeks) as on_day:
            result, kept = run(over.lived(load(), policy, on_day))
        if as_json:
            print_json(result.to_dict() | {"crm": over.plain(result, kept)})
        else:
            show(result, crm=over.told(result, kept))
        return
    with progress(weeks) as on_day:
        result = run(rehearse(load(), policy, keep=not once, on_day=on_day))
    print_json(result.to_dict()) if as_json else show(result)


def simulate(
    weeks: WeeksOption = 12,
    seed: SeedOption = 1,
    holdout: HoldoutOption = 20,
    cap: CapOption = 20,
    clients: ClientsOption = 1300,
    as_json: JsonOption = False,
) -> None:
    """Measure a policy on the simulated salon: the figures only, to be compared over seeds."""
    from vernis.config import load
    from vernis.render.demo import show_figures
    from vernis.simulation.rehearsal import Policy, rehearse

    policy = Policy(weeks=weeks, seed=seed, holdout_percent=holdout, daily_cap=cap, clients=clients)
    with progress(weeks) as on_day:
        result = run(rehearse(load(), policy, keep=False, on_day=on_day))
    print_json(result.figures()) if as_json else show_figures(result)


def _over_crm() -> Any:
    """The demo over the simulator of YClients, which is beside `src` in the repository."""
    import vernis

    root = Path(vernis.__file__).parents[2]
    if not (root / "tests" / "crm" / "demo.py").is_file():
        raise UsageError(
            "The simulator of YClients is in Vernis' repository, not in the installed package:"
            " run `make demo-crm` there."
        )
    sys.path.insert(0, str(root))
    return import_module("tests.crm.demo")


@contextmanager
def progress(weeks: int) -> "Iterator[Callable[[date, Tally], None]]":
    """A line on stderr that lives as the salon does."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns: tuple[Any, ...] = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        TimeElapsedColumn(),
    )
    console = Console(file=sys.stderr)
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("a salon opens and its files are read", total=weeks * 7)

        def on_day(day: date, tally: "Tally") -> None:
            progress.update(
                task,
                advance=1,
                description=f"{day:%a %d %b}: {tally.messages:,} messages, {tally.replies:,}"
                f" replies, {tally.bookings:,} booked in the chat",
            )

        yield on_day
