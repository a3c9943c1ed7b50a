"""The files of an upload: where they lie, what is understood of them, when they are deleted.

They have names of ours, are opened as tables only, and are never served or carried out.
"""

import asyncio
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import IO, Any

from vernis.decide.files.column_names import Kind
from vernis.decide.files.columns import FIELDS_OF, Understanding
from vernis.decide.files.dates import DateOrder
from vernis.decide.files.preview import People, Place, Preview, preview
from vernis.errors import DataError, UnavailableError
from vernis.ports import Clock
from vernis.stages.importing import Source
from vernis.stages.uploads import Upload
from vernis.web.pages import file_words

MOST_FILES = 20
LARGEST = 50 * 2**20  # bytes, all files of an upload
LONGEST_LINE = 2**20  # bytes
KEPT = timedelta(days=1)  # what nobody read, and the rows that could not be used
REJECTS = "rejects.csv"
SHOWN_ROWS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenFile:
    """One file. What begins with `said_` a person said; `fields` tells what each column holds.

    With a `fault` it is not read; where `is_open` that can be put right by saying something.
    """

    number: int
    name: str
    fault: str | None = None
    is_open: bool = True
    header: tuple[str, ...] = ()
    kind: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    order: str | None = None
    said_kind: str | None = None
    said_order: str | None = None
    said_columns: Mapping[str, str] = field(default_factory=dict)
    rows: int = 0
    is_whole: bool = True
    taken: int = 0
    left_out: Mapping[str, int] = field(default_factory=dict)
    rejected: Mapping[str, int] = field(default_factory=dict)
    first_on: str | None = None
    last_on: str | None = None

    @property
    def is_good(self) -> bool:
        return self.fault is None and self.kind is not None

    @property
    def choices(self) -> list[str]:
        """What a column of it can hold."""
        if self.kind is None:
            return [*file_words.FIELDS]
        return [one for one in file_words.FIELDS if one in FIELDS_OF[Kind(self.kind)]]


def files_of(result: Mapping[str, Any]) -> list[GivenFile]:
    """The files as `uploads.result` keeps them."""
    return [GivenFile(**one) for one in result.get("files", ())]


# --- on the disk ----------------------------------------------------------------------------------


def new_folder(company_id: int) -> str:
    return f"{company_id}/{secrets.token_hex(8)}"


def place_of(home: Path, folder: str) -> Path:
    return home / "uploads" / folder


def keep(home: Path, folder: str, number: int, content: IO[bytes]) -> None:
    """Write one file. Raises UnavailableError where the disk does not take it."""
    place = place_of(home, folder)
    try:
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (place / str(number)).open("xb") as file:
            shutil.copyfileobj(content, file, 2**20)
    except OSError:
        raise UnavailableError("The server's disk takes no files: free some room.") from None


def delete(home: Path, folder: str, number: int | None = None) -> None:
    """Delete one file, or the folder with all of them."""
    place = place_of(home, folder)
    if number is None:
        shutil.rmtree(place, ignore_errors=True)
    else:
        (place / str(number)).unlink(missing_ok=True)


def delete_old(home: Path, *, now: datetime) -> int:
    """Delete what was given more than a day ago and what is left of it; how many uploads."""
    count = 0
    for place in (home / "uploads").glob("*/*"):
        try:
            is_old = place.stat().st_mtime < (now - KEPT).timestamp()
        except OSError:  # another process was faster
            continue
        if is_old:
            shutil.rmtree(place, ignore_errors=True)
            count += 1
    return count


async def tidy(home: Path, clock: Clock) -> None:
    """Delete what is old once an hour, for as long as the web runs."""
    while True:
        await asyncio.to_thread(delete_old, home, now=clock())
        await asyncio.sleep(3600)


def safe_name(given: str | None) -> str:
    """What a file was called, to be shown and as a hint of what it holds; never a path."""
    last = (given or "").replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in last if c.isprintable()).strip()[-120:] or "file"


# --- what is in them ------------------------------------------------------------------------------


@contextmanager
def opened(home: Path, upload: Upload, files: Sequence[GivenFile]) -> Iterator[list[Source]]:
    """The files that can be read, as sources, in their order. Raises DataError."""
    from vernis.adapters.tables import open_table

    with ExitStack() as stack:
        sources = []
        for one in files:
            path = place_of(home, upload.folder) / str(one.number)
            table = stack.enter_context(open_table(path))
            sources.append(_understood(one, table))
        yield sources


def looked_at(
    home: Path, folder: str, files: Sequence[GivenFile], place: Place, known: Sequence[str]
) -> dict[str, Any]:
    """What is understood of the files, as `uploads.result` keeps it. Those that are no tables are
    deleted at once. Takes seconds for large ones."""
    from vernis.adapters.tables import open_table

    with ExitStack() as stack:
        looked: list[GivenFile] = []
        sources: dict[int, Source] = {}
        for one in files:
            if not one.is_open:
                looked.append(one)
                continue
            path, header = place_of(home, folder) / str(one.number), one.header
            try:
                _require_lines(path)
                table = stack.enter_context(open_table(path))
                header = tuple(table.header)
                source = sources[one.number] = _understood(one, table)
                looked.append(_with(one, source.understanding))
            except DataError as error:
                fault, is_open = file_words.meant(error)
                looked.append(_faulty(one, fault, header=header, is_open=is_open))
                if not is_open:
                    delete(home, folder, one.number)
        good = [one for one in looked if one.is_good]
        asked = [(sources[one.number].understanding, sources[one.number].rows) for one in good]
        numbers, people = preview(asked, place, known_services=known)
    counted = {one.number: found for one, found in zip(good, numbers, strict=True)}
    entries = []
    for one in looked:
        found = counted.get(one.number)
        if found is not None and found.fault is not None:  # a row in the middle shows the damage
            fault, _ = file_words.meant(found.fault)
            entries.append(asdict(_faulty(one, fault, header=(), is_open=False)))
            delete(home, folder, one.number)
        else:
            entries.append(asdict(one) | (_plain(found) if found else {}))
    return {"files": entries, "people": _told(people)}


def _plain(found: Preview) -> dict[str, Any]:
    """What was counted, as GivenFile and JSON take it."""
    return {
        "rows": found.rows,
        "is_whole": found.is_whole,
        "taken": found.taken,
        "left_out": dict(found.left_out),
        "rejected": dict(found.rejected),
        "first_on": found.first_on and found.first_on.isoformat(),
        "last_on": found.last_on and found.last_on.isoformat(),
    }


def first_rows(home: Path, folder: str, one: GivenFile) -> list[list[str]]:
    """The first rows of a file, read anew: they are kept nowhere else."""
    from vernis.adapters.tables import open_table

    try:
        with open_table(place_of(home, folder) / str(one.number)) as table:
            return [cells for _, cells in islice(table.rows(), SHOWN_ROWS)]
    except DataError:
        return []


def _understood(one: GivenFile, table: Any) -> Source:
    from vernis.exports import understood

    return understood(
        table,
        name=one.name,
        overrides=one.said_columns,
        kind=Kind(one.said_kind) if one.said_kind else None,
        date_order=DateOrder(one.said_order) if one.said_order else None,
    )


def _require_lines(path: Path) -> None:
    """A file that is one line would have to be held in memory whole."""
    if not path.exists():
        raise DataError("The file is empty.")
    with path.open("rb") as file:
        chunk = file.read(LONGEST_LINE)
        if chunk.startswith(b"PK"):
            return
        while len(chunk) == LONGEST_LINE:
            if b"\n" not in chunk and b"\r" not in chunk:
                raise DataError("The file has an endless line.")
            chunk = file.read(LONGEST_LINE)


def _with(one: GivenFile, understanding: Understanding) -> GivenFile:
    order = understanding.date_order
    return GivenFile(
        number=one.number,
        name=one.name,
        header=understanding.header,
        kind=understanding.kind.value,
        fields={column: name.value for name, column in understanding.fields.items()},
        order=order.value if order else None,
        said_kind=one.said_kind,
        said_order=one.said_order,
        said_columns=one.said_columns,
    )


def _faulty(one: GivenFile, fault: str, *, header: tuple[str, ...], is_open: bool) -> GivenFile:
    return GivenFile(
        number=one.number,
        name=one.name,
        fault=fault,
        is_open=is_open,
        header=header,
        said_kind=one.said_kind,
        said_order=one.said_order,
        said_columns=one.said_columns,
    )


def _told(people: People) -> dict[str, int]:
    with_visits = people.came
    return {
        "clients": len(people.known),
        "came": len(with_visits),
        "with_phone": len(people.with_phone),
        "came_with_phone": len(with_visits & people.with_phone),
        "with_consent": len(people.with_consent),
    }
