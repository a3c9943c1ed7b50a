"""A list of people who must not be written to: one phone a line, or a table with a phone column."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vernis.decide.files.phones import e164
from vernis.errors import DataError

Row = tuple[int, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class StopList:
    """The phones in E.164 digits, each once, and the numbers of the lines that hold none."""

    phones: tuple[str, ...]
    faults: tuple[int, ...]


def read_stop_list(header: Sequence[str], rows: Iterable[Row], *, country: str) -> StopList:
    """The phones of the column that has the most; the first line may be one or a heading.

    `rows` are (line number, cells). Raises DataError where there is no phone at all.
    """
    table = [(1, header), *rows]
    width = max(len(cells) for _, cells in table)
    read = [
        (line, [e164(cell, country=country) if cell else None for cell in cells])
        for line, cells in table
    ]
    columns = [sum(len(c) > at and c[at] is not None for _, c in read) for at in range(width)]
    if not any(columns):
        raise DataError("There is no phone in this list: give one a line, or a column of them.")
    column = columns.index(max(columns))
    found = [(line, cells[column] if len(cells) > column else None) for line, cells in read]
    return StopList(
        phones=tuple(dict.fromkeys(phone for _, phone in found if phone)),
        faults=tuple(line for line, phone in found[1:] if phone is None),
    )
