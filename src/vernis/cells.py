"""CSV that people open in a spreadsheet: whatever a client is called, it is no formula there."""

import csv
import re
from collections.abc import Iterable, Sequence
from typing import TextIO

# What Excel, LibreOffice and Google Sheets take for the beginning of a formula, or of a new cell
# that may be one: https://owasp.org/www-community/attacks/CSV_Injection
_BEGINS_FORMULA = re.compile(r"[\s\0]*[=+\-@＝＋－＠]|[\t\r\n]")
# Digits alone call nothing: an amount, a phone as people write it.
_DIGITS = re.compile(r"-\d+([.,]\d+)?|\+\d(?:[\s().-]{0,2}\d){6,14}")


class CellWriter:
    """Writes rows of CSV, each cell as text that no spreadsheet computes."""

    def __init__(self, file: TextIO, *, delimiter: str = ",") -> None:
        self._writer = csv.writer(file, delimiter=delimiter)

    def writerow(self, cells: Sequence[object]) -> None:
        self._writer.writerow([neutral(cell) for cell in cells])

    def writerows(self, rows: Iterable[Sequence[object]]) -> None:
        for row in rows:
            self.writerow(row)


def neutral(cell: object) -> object:
    """The cell; with an apostrophe before it where a spreadsheet would take it for a formula.

    Negative amounts and phones stay as they are.
    """
    if not isinstance(cell, str) or not _BEGINS_FORMULA.match(cell) or _DIGITS.fullmatch(cell):
        return cell
    return f"'{cell}"
