"""CSV files in any usual encoding and with any usual delimiter."""

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

from vernis.adapters.encodings import detect_encoding
from vernis.adapters.file_kinds import Format
from vernis.adapters.table_header import find_header, fitted, name_columns
from vernis.errors import DataError

_DELIMITERS = (",", ";", "\t", "|")
_SNIFFED_ROWS = 200
_LINES_OF_A_CELL = 100  # a longer cell is a quotation mark that nobody closed


class CsvTable:
    """A CSV file. Nothing is kept open between calls of `rows`."""

    format = Format.CSV

    def __init__(self, path: Path) -> None:
        self.path = path
        self.encoding: str | None = detect_encoding(path)
        self.delimiter: str | None = self._sniff()
        first = list(islice(self._records(self.delimiter), _SNIFFED_ROWS))
        at = find_header([cells for _, cells in first])
        self._header_line, names = first[at]
        self.header = name_columns(names, [cells for _, cells in first[at + 1 :]])
        self.title = " ".join(cell for _, cells in first[:at] for cell in cells if cell).strip()
        lines = max(first[-1][0], 1)
        head = sum(len(cell) + 1 for _, cells in first for cell in cells)
        self.size_hint = max(path.stat().st_size * lines // max(head, 1), len(first) - at - 1)

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        width = len(self.header)
        for line, cells in self._records(self.delimiter or ","):
            if line > self._header_line:
                yield line, cells if len(cells) == width else fitted(cells, width)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        pass

    def _records(self, delimiter: str) -> Iterator[tuple[int, list[str]]]:
        """Rows that are not blank, with the number of their first line."""
        end = 0
        try:
            with self.path.open(encoding=self.encoding, newline="") as file:
                reader = csv.reader(file, delimiter=delimiter)
                for cells in reader:
                    line, end = end + 1, reader.line_num
                    if end - line > _LINES_OF_A_CELL:
                        raise DataError(
                            f"In {self.path.name} a quotation mark that opens on line {line} is "
                            "not closed: correct that line."
                        )
                    if line == 1 and len(cells) <= 2 and cells and cells[0].startswith("sep="):
                        continue
                    stripped = list(map(str.strip, cells))
                    if any(stripped):
                        yield line, stripped
        except csv.Error as error:
            raise DataError(
                f"{self.path.name} cannot be read from line {end + 1} on (perhaps a quotation "
                "mark is not closed there): correct that line."
            ) from error
        except UnicodeError as error:
            raise DataError(
                f"{self.path.name} is damaged after line {end}: export it once more, as UTF-8."
            ) from error

    def _sniff(self) -> str:
        """The delimiter that cuts the most rows into the same number of cells, at least two."""
        best, best_score = ",", (0.0, 0)
        problem: DataError | None = None
        for delimiter in _DELIMITERS:
            try:
                rows = [cells for _, cells in islice(self._records(delimiter), _SNIFFED_ROWS)]
            except DataError as error:
                problem = problem or error
                continue
            if not rows:
                raise DataError(f"The file {self.path.name} is empty.")
            score = _evenness(rows)
            if score > best_score:
                best, best_score = delimiter, score
        if best_score == (0.0, 0) and problem:
            raise problem
        return best


def _evenness(rows: Sequence[Sequence[str]]) -> tuple[float, int]:
    """Share of the rows that have the most usual width (in tenths), and that width."""
    widths = Counter(len(cells) for cells in rows)
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    if width == 1:
        width = max(widths)
        count = widths[width]
    return (round(count / len(rows), 1), width) if width > 1 else (0.0, 0)
