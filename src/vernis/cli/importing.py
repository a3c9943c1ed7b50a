"""`vernis import`: open the files, show what is understood, import, write the rejects."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from vernis.adapters.schema import refresh_statistics
from vernis.adapters.tables import Table, open_table
from vernis.app import App, PinnedClock, open_app
from vernis.cells import CellWriter
from vernis.cli.options import print_json
from vernis.config import load
from vernis.decide.files.column_names import Kind
from vernis.decide.files.columns import parse_map
from vernis.decide.files.dates import DateOrder
from vernis.decide.files.records import Reject
from vernis.decide.settings import company as settings
from vernis.domain import Company
from vernis.errors import DataError, NotFoundError, UsageError
from vernis.exports import understood
from vernis.render.consent import missing
from vernis.stages import companies
from vernis.stages.importing import Outcome, Source, import_files

SUFFIXES = {".csv", ".tsv", ".txt", ".xlsx"}
REJECTS = ".rejects.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a new company is; what is not said follows from the country."""

    timezone: str | None
    currency: str | None
    country: str | None
    locale: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How the person said the files are to be read."""

    mapping: list[str]
    kind: str | None
    date_format: str | None


async def main(
    files: Sequence[Path],
    *,
    company: str | None,
    place: Place,
    reading: Reading,
    rejects: Path,
    dry_run: bool,
    as_json: bool,
) -> None:
    console = Console(highlight=False, stderr=as_json)
    with ExitStack() as stack:
        tables = [stack.enter_context(open_table(path)) for path in _found(files)]
        sources = [_understood(table, reading) for table in tables]
        for source in sources:
            console.print(f"[bold]{source.name}[/bold]: {source.understanding}")
        if dry_run:
            return
        async with open_app(load(), clock=PinnedClock()) as app:
            before = await companies.names(app.db)
            found = await _company(app, company, place)
            kept = stack.enter_context(_Rejects.kept(rejects))
            try:
                with _progress(console, sum(table.size_hint for table in tables)) as advance:
                    outcomes = await import_files(
                        app.db,
                        found,
                        sources,
                        now=app.clock(),
                        hash_phone=app.hash_phone,
                        on_reject=kept.keep,
                        on_row=advance,
                    )
            except BaseException:
                if found.company_id not in before:  # nothing half-imported: no empty company either
                    await companies.discard(app.db, found)
                raise
            refresh_statistics(app.database_url)
            without = await companies.without_consent(app.db, found)
    if as_json:
        print_json({"company": found.name, "files": [one.as_dict() for one in outcomes]})
    else:
        _show(console, outcomes, found)
        if found.consent_required and (said := missing(found, without)):
            console.print(said)
    for path in kept.paths:
        console.print(f"The rows that could not be used, with reasons: {path}")


def _found(files: Sequence[Path]) -> list[Path]:
    """The files, folders opened."""
    found: list[Path] = []
    for path in files:
        if path.is_dir():
            inside = sorted(one for one in path.iterdir() if _is_export(one))
            if not inside:
                raise DataError(f"There is no CSV or XLSX file in {path}.")
            found += inside
        else:
            found.append(path)
    return found


def _is_export(path: Path) -> bool:
    """The rejects of an earlier import may lie beside what they came from."""
    return path.suffix.lower() in SUFFIXES and not path.name.endswith(REJECTS)


def _understood(table: Table, reading: Reading) -> Source:
    try:
        kind = Kind(reading.kind) if reading.kind else None
        order = DateOrder(reading.date_format) if reading.date_format else None
    except ValueError as error:
        raise UsageError(
            f"{error}: --kind is one of {', '.join(Kind)}, --date-format dmy or mdy."
        ) from None
    overrides = parse_map(reading.mapping)
    return understood(table, overrides=overrides, kind=kind, date_order=order)


# --- the company ---------------------------------------------------------------------------------


async def _company(app: App, typed: str | None, place: Place) -> Company:
    """The company of that name or id; a new name makes a new company."""
    try:
        found = await companies.find(app.db, typed)
    except NotFoundError:
        if typed is not None and typed.isdecimal():
            raise
    else:
        _require_same(found, place)
        return found
    country = settings.known_country(place.country or "RU")
    locale, zone, currency = place.locale, place.timezone, place.currency
    return await companies.find_or_create(
        app.db,
        name=typed or "Салон",
        locale=settings.known_locale(locale) if locale else settings.default_locale(country),
        timezone=settings.known_timezone(zone or settings.default_timezone(country)),
        currency=settings.known_currency(currency or settings.default_currency(country)),
        country=country,
    )


def _require_same(company: Company, place: Place) -> None:
    """Where a company is was said when it was new; another answer now must not go unheard."""
    for name, wanted in asdict(place).items():
        known = str(getattr(company, name))
        if wanted is None or wanted.casefold() == known.casefold():
            continue
        advice = "give another --company"
        if name in {"timezone", "locale"}:
            advice = f"change it with `vernis set {name}={wanted}`, or {advice}"
        raise UsageError(f"The {name} of {company.name} is {known}: {advice}.")


# --- what is shown -------------------------------------------------------------------------------


@contextmanager
def _progress(console: Console, total: int) -> Iterator[Any]:
    columns = (TextColumn("importing"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    seen = 0
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=total)

        def advance() -> None:
            nonlocal seen
            seen += 1
            if seen % 500 == 0:
                progress.update(task, completed=seen)

        yield advance


def _show(console: Console, outcomes: Sequence[Outcome], company: Company) -> None:
    for one in outcomes:
        parts = [f"{one.taken:,} {one.kind} taken"]
        parts += [f"{number:,} {why} left out" for why, number in one.left_out.items()]
        parts += [f"{number:,} rejected ({why})" for why, number in one.rejected.items()]
        console.print(f"{one.name}: {', '.join(parts)}.")
    console.print(f"All of it is in {company.name} now: next is `vernis plan`.")


class _Rejects:
    """A rejects file beside each file that had some: line, reason, detail and the row itself."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder = folder
        self._stack = stack
        self._writers: dict[int, Any] = {}
        self.paths: list[Path] = []

    @classmethod
    @contextmanager
    def kept(cls, folder: Path) -> Iterator["_Rejects"]:
        with ExitStack() as stack:
            yield cls(folder, stack)

    def keep(self, source: Source, reject: Reject) -> None:
        if id(source) not in self._writers:
            self._writers[id(source)] = self._open(source)
        self._writers[id(source)].writerow([reject.line, reject.reason, reject.detail, *reject.row])

    def _open(self, source: Source) -> Any:
        stem, path = Path(source.name).stem, self._folder / f"{Path(source.name).stem}{REJECTS}"
        while path in self.paths:
            path = path.with_name(f"{stem}-{len(self.paths) + 1}{REJECTS}")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            file: TextIO = path.open("w", encoding="utf-8-sig", newline="")
        except OSError as error:
            raise DataError(
                f"{path} cannot be written ({error.strerror}): give another folder with --rejects."
            ) from None
        self._stack.enter_context(file)
        self.paths.append(path)
        writer = CellWriter(file)
        writer.writerow(["line", "reason", "detail", *source.understanding.header])
        return writer
