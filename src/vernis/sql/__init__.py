"""Named queries, one file per stage."""

import logging
from functools import cache
from typing import Any

import aiosql
from aiosql.queries import Queries

# It wants each query's kind in its name; we take the text only and say what we expect in Python.
logging.getLogger("aiosql").setLevel(logging.ERROR)


@cache
def load(stage: str) -> Any:
    """The queries of `sql/<stage>.sql`; `load(stage).name.sql` is the text for psycopg."""
    from importlib.resources import files

    text = files("vernis.sql").joinpath(f"{stage}.sql").read_text(encoding="utf-8")
    queries: Queries = aiosql.from_str(text, "apsycopg", mandatory_parameters=False)
    return queries
