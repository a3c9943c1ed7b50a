"""`vernis backtest`: how well the timing would have done on a file of visits."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vernis.cells import CellWriter
from vernis.cli.options import JsonOption, day_option, print_json
from vernis.errors import DataError

if TYPE_CHECKING:
    from vernis.backtest.visits import Log
    from vernis.decide.timing.estimates import Estimates

COLUMNS = (
    *("client_id", "as_of", "predicted_days", "low", "high"),
    *("source", "confidence", "actual_days"),
)


def register(app: typer.Typer) -> None:
    app.command()(backtest)


def backtest(
    file: Annotated[Path, typer.Argument(help="A CSV or XLSX file of visits.")],
    since: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="Score visits from this day on.")
    ] = None,
    predictions: Annotated[
        Path | None, typer.Option(help="CSV file for every prediction and what came.")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(help="Calibration and errors, as .html or .png.")
    ] = None,
    mapping: Annotated[
        list[str] | None, typer.Option("--map", metavar="COLUMN=FIELD", help="What a column is.")
    ] = None,
    date_format: Annotated[
        str | None, typer.Option(help="dmy or mdy, where dates fit both.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Foretell each visit of a log from the earlier ones, and count how often that was right."""
    from vernis.backtest import plot as drawing
    from vernis.backtest.rolling import predict
    from vernis.backtest.rules import buy_till_you_die, rules
    from vernis.backtest.scores import score

    first = day_option("--from", since)
    log = _read(file, mapping or [], date_format)
    with _progress(len(log.history)) as advance:
        found = predict(log, advance)
    compared = dict(rules(log))
    other = buy_till_you_die(log)
    if other is not None:
        compared["BG/NBD"] = other
    scores = score(log, found, compared, since=first.toordinal() if first else None)
    if not scores.returns:
        raise DataError(
            "No client of this file came back in the days that are scored: there is nothing to"
            " compare with."
        )
    if predictions:
        _write_predictions(predictions, log, found, first)
        if log.renamed:
            typer.echo(
                "This file knows its clients by phone or name: the predictions call them c1, c2,"
                " ... in the order of their first rows.",
                err=True,
            )
    if plot:
        drawing.write(plot, scores, file.stem)
    if as_json:
        print_json({"file": file.name, **scores.as_dict()})
    else:
        from vernis.render.backtest import show

        show(scores, file.name, compared_model=other is not None)


def _read(path: Path, mapping: list[str], date_format: str | None) -> "Log":
    from vernis.adapters.tables import open_table
    from vernis.backtest import visits
    from vernis.decide.files.columns import parse_map
    from vernis.decide.files.dates import DateOrder
    from vernis.decide.files.reading import records
    from vernis.exports import understood

    try:
        order = DateOrder(date_format) if date_format else None
    except ValueError:
        raise DataError(f"--date-format is dmy or mdy, not «{date_format}».") from None
    today = datetime.now(UTC).date()
    with open_table(path) as table:
        source = understood(table, overrides=parse_map(mapping), date_order=order)
        results = records(table.rows(), source.understanding, today=today, currency="USD")
        return visits.log(results, today=today)


@contextmanager
def _progress(total: int) -> Iterator[Any]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("foretelling"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=total)
        yield lambda done: progress.update(task, advance=done)


def _write_predictions(path: Path, log: "Log", found: "Estimates", first: date | None) -> None:
    history = log.history
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = CellWriter(file)
            writer.writerow(COLUMNS)
            for visit in range(len(history)):
                day = date.fromordinal(int(history.day[visit]))
                if first is not None and day < first:
                    continue
                came = int(history.gap[visit]) or ""
                days, low, high = found.days[visit], found.low[visit], found.high[visit]
                source, sure = found.source(visit).value, f"{found.hit[visit]:.3f}"
                name = log.names[history.client[visit]]
                writer.writerow((name, day, days, low, high, source, sure, came))
    except OSError as error:
        raise DataError(f"{path} cannot be written: {error.strerror}.") from None
