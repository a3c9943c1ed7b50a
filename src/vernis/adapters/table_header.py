"""Where the header of a table is, and names for its columns."""

from collections.abc import Sequence

from vernis.decide.files.columns import known_names
from vernis.errors import DataError

_SEARCHED_ROWS = 30


def find_header(rows: Sequence[Sequence[str]]) -> int:
    """Position of the header among the first rows: the one that names the most known columns.

    Where none names two, the first row with as many filled cells as most others have at least
    half of, so that a title above the header is passed over.
    """
    first = rows[:_SEARCHED_ROWS]
    if not first:
        raise DataError("The table is empty.")
    known = [known_names(cells) for cells in first]
    most = max(known)
    if most >= 2:
        return known.index(most)
    filled = [sum(1 for cell in cells if cell.strip()) for cells in first]
    usual = sorted(filled)[len(filled) // 2]
    return next((i for i, count in enumerate(filled) if 2 * count > usual), 0)


def name_columns(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Names that are unique and not empty; nameless columns at the end without values go."""
    names = [" ".join(name.split()) for name in header]
    width = max((_filled_width(row) for row in rows), default=0)
    while len(names) > max(width, 1) and not names[-1]:
        names.pop()
    result: list[str] = []
    for i, name in enumerate(names, start=1):
        unique = base = name or f"column {i}"
        number = 1
        while unique in result:
            number += 1
            unique = f"{base} ({number})"
        result.append(unique)
    return result


def fitted(cells: list[str], width: int) -> list[str]:
    """The row filled up to the width, or without empty cells beyond it."""
    if len(cells) < width:
        return cells + [""] * (width - len(cells))
    return cells[: max(width, _filled_width(cells))]


def _filled_width(cells: Sequence[str]) -> int:
    return max((i for i, cell in enumerate(cells, start=1) if cell.strip()), default=0)
