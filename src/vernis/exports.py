"""A salon's exported file, opened and understood: what `stages.importing` takes."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from vernis.adapters.tables import Table
from vernis.decide.files.column_names import Kind
from vernis.decide.files.columns import understand
from vernis.decide.files.dates import DateOrder
from vernis.errors import DataError
from vernis.stages.importing import Source


def understood(
    table: Table,
    *,
    overrides: Mapping[str, str] | None = None,
    kind: Kind | None = None,
    date_order: DateOrder | None = None,
    name: str | None = None,
) -> Source:
    """What the file holds, by its columns' names and content; `name` is what it was called where
    its path does not say. Raises DataError that names it."""
    name = name or table.path.name
    try:
        understanding = understand(
            table.header,
            table.rows(),
            name=f"{Path(name).stem} {table.title}",
            kind=kind,
            overrides=overrides,
            date_order=date_order,
        )
    except DataError as error:
        raise DataError(f"{name}: {error}") from None
    with table.path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return Source(name=name, sha256=sha256, understanding=understanding, rows=table.rows)
