"""CSV and XLSX files as tables: a header, and rows of text that are read as they are needed."""

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from vernis.adapters.file_kinds import Format, file_format
from vernis.errors import DataError


class Table(Protocol):
    """An open table. Use it as a context manager.

    `header` are the names of the columns, each once and none empty; `title` is the text above
    it; `size_hint` is about how many rows there are, for a progress bar, 0 for a workbook that
    does not say; `encoding` and `delimiter` are None for XLSX.
    """

    path: Path
    format: Format
    encoding: str | None
    delimiter: str | None
    header: list[str]
    title: str
    size_hint: int

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """(line number, cells) of each row below the header, from the start at each call.

        Lines are counted from 1 as an editor or Excel shows them; a row over several lines has
        the first. Cells are stripped, blank rows left out, short rows filled up with ""; too
        long ones keep their cells. Raises DataError where the file cannot be read on.
        """
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


def open_table(path: Path) -> Table:
    """Open a CSV or XLSX file, whichever it is by its content.

    Raises DataError, in a sentence that says what to do, for a file that is missing, empty, of
    another type, damaged, or whose encoding is not certain.
    """
    from vernis.adapters.table_csv import CsvTable
    from vernis.adapters.table_xlsx import XlsxTable

    try:
        if file_format(path) is Format.XLSX:
            return XlsxTable(path)
        return CsvTable(path)
    except OSError as error:
        reason = error.strerror or "it cannot be read"
        raise DataError(f"The file {path} cannot be opened: {reason}.") from error
