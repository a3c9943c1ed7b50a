"""XLSX workbooks, read row by row with openpyxl."""

import warnings
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from vernis.adapters.file_kinds import Format
from vernis.adapters.table_header import find_header, fitted, name_columns
from vernis.decide.files.columns import known_names
from vernis.errors import DataError

_SNIFFED_ROWS = 200
_BATCH = 1000
# What a workbook may claim: a few bytes of it can name a cell of the last column or row.
_MOST_ROWS = 1_100_000  # Excel has 1,048,576
_MOST_CELLS = 40_000_000


class XlsxTable:
    """The sheet of a workbook whose header is best known; `sheet` is its name."""

    format = Format.XLSX
    encoding: str | None = None
    delimiter: str | None = None

    def __init__(self, path: Path) -> None:
        self.path = path
        # openpyxl judges a path by its ending, a file by its content.
        self._file = path.open("rb")
        try:
            self._book = self._load()
            self._choose_sheet()
        except BaseException:
            self._file.close()
            raise

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        width = len(self.header)
        for line, cells in self._records(self._sheet):
            if line > self._header_line:
                yield line, fitted(cells, width)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._book.close()
        self._file.close()

    def _load(self) -> Any:
        from openpyxl import load_workbook

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return load_workbook(self._file, read_only=True, data_only=True)
        except Exception as error:  # openpyxl raises whatever its parts raise
            raise self._damaged() from error

    def _choose_sheet(self) -> None:
        best = -1
        for sheet in self._book.worksheets:
            first = list(islice(self._records(sheet), _SNIFFED_ROWS))
            if not first:
                continue
            at = find_header([cells for _, cells in first])
            known = known_names(first[at][1])
            if sheet.sheet_state == "visible" and known > best:
                best = known
                self._sheet, self.sheet = sheet, str(sheet.title)
                self._header_line, names = first[at]
                self.header = name_columns(names, [cells for _, cells in first[at + 1 :]])
                above = (cell for _, cells in first[:at] for cell in cells if cell)
                self.title = " ".join([self.sheet, *above])
        if best < 0:
            raise DataError(f"The workbook {self.path.name} has no sheet with data.")
        self.size_hint = self._hint

    def _records(self, sheet: Any) -> Iterator[tuple[int, list[str]]]:
        """Rows that are not blank, with their numbers in Excel."""
        # Some exporters write a wrong dimension, by which openpyxl would cut the rows off.
        self._hint = max((sheet.max_row or 0) - 1, 0)
        sheet.reset_dimensions()
        stream = enumerate(sheet.iter_rows(values_only=True), start=1)
        seen = 0
        while batch := self._next(stream):
            seen += sum(len(values) for _, values in batch)
            if seen > _MOST_CELLS or batch[-1][0] > _MOST_ROWS:
                raise DataError(
                    f"{self.path.name} has more cells than Vernis reads: save the sheet as CSV."
                )
            for line, values in batch:
                cells = [_text(value) for value in values]
                if any(cells):
                    yield line, cells

    def _next(self, stream: Iterator[tuple[int, Any]]) -> list[tuple[int, Any]]:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return list(islice(stream, _BATCH))
        except Exception as error:  # openpyxl raises whatever its parts raise
            raise self._damaged() from error

    def _damaged(self) -> DataError:
        return DataError(
            f"{self.path.name} is a damaged or unusual XLSX file: open it in Excel and save it "
            "again as .xlsx or CSV."
        )


def _text(value: object) -> str:
    """A cell as text that reads back as the same value: ISO dates, plain numbers."""
    match value:
        case None:
            return ""
        case str():
            return "" if value in _ERRORS else value.strip()
        case bool():
            return "TRUE" if value else "FALSE"
        case float() if value.is_integer():
            return str(int(value))
        case datetime():
            return str(value.date()) if value.time() == time(0) else str(value)
        case timedelta():
            seconds = int(value.total_seconds())
            return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        case date() | time() | _:
            return str(value)


_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"})
