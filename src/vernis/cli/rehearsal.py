"""The simulated salon: demo and simulate."""

import sys
from collections.abc import Callable
from contextlib import contextmanager
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vernis.cli.options import JsonOption, print_json, run, say
from vernis.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vernis.app import App
    from vernis.simulation.driver import Driver, Tally
    from vernis.simulation.rehearsal import Policy, Result

DAY_SECONDS = 90  # of the watcher's time, once the salon is shown
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
    pages: Annotated[
        bool | None,
        typer.Option("--pages/--no-pages", help="Then show the living salon in the browser."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Let a simulated salon live through some weeks: one client's story, then the report.

    Everything is real but the clients: files, import, plan, messages, replies, bookings. A salon
    would hold out 10%; the demo takes more, so that some weeks can show something. At a terminal
    the salon then lives on in the browser, a day in a minute and a half, until Ctrl-C.
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
    lives_on = sys.stdout.isatty() and not as_json if pages is None else pages
    with progress(weeks) as on_day:
        if lives_on:
            run(_live_on(policy, keep=not once, on_day=on_day))
            return
        result = run(rehearse(load(), policy, keep=not once, on_day=on_day))
    print_json(result.to_dict()) if as_json else show(result)


async def _live_on(
    policy: "Policy", *, keep: bool, on_day: "Callable[[date, Tally], None]"
) -> None:
    """The weeks, what they came to, and then the pages of the salon, which goes on living."""
    import asyncio
    import secrets
    import signal
    import webbrowser

    from vernis.config import load
    from vernis.render.demo import show
    from vernis.simulation.rehearsal import rehearse
    from vernis.web import server

    settings = load()
    try:
        listening = server.bind(settings.web_host, settings.web_port)
    except UsageError:  # a Vernis at work has the port
        listening = server.bind(settings.web_host, 0)
    secret = secrets.token_urlsafe(16)
    stop = asyncio.Event()

    async def stopped() -> None:
        await stop.wait()

    async def afterwards(app: "App", driver: "Driver", result: "Result") -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        show(result)
        address = f"{server.address(listening)}/demo/{secret}"
        say(f"\nThe salon lives on, a day in {DAY_SECONDS} seconds: {address}\nCtrl-C ends it.")
        sys.stdout.flush()
        if sys.stdout.isatty():
            await asyncio.to_thread(webbrowser.open, address)
        living = asyncio.create_task(driver.live_on(since=result.ended_at, day_seconds=DAY_SECONDS))
        try:
            await server.serve(app, stopped, listening=listening, guest=secret)
        finally:
            living.cancel()
            await asyncio.gather(living, return_exceptions=True)

    await rehearse(settings, policy, keep=keep, on_day=on_day, afterwards=afterwards)


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
