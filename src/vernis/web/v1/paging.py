"""Lists in pages: where the next one begins is told by the one before it."""

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query
from pydantic import AfterValidator, BaseModel, Field

from vernis.web.errors import invalid

T = TypeVar("T")
Row = TypeVar("Row")

LONGEST = 200  # of a page, and characters of a cursor
FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2200, 1, 1)

Limit = Annotated[int, Query(ge=1, le=LONGEST, description="At most so many on a page.")]
Cursor = Annotated[
    str | None,
    Query(max_length=LONGEST, description="`next` of the page before; none: the first page."),
]


def _ours(day: date) -> date:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError("give a day of these years, like 2026-03-31")
    return day


Day = Annotated[date, AfterValidator(_ours)]


class Page(BaseModel, Generic[T]):
    """Some of a list, and where the next page begins."""

    items: list[T]
    next: str | None = Field(
        description="The cursor of the next page; none: this is the last.",
        examples=["WyJjbGllbnRzIiw0Ml0"],
    )


def page(
    kind: str,
    rows: Sequence[Row],
    limit: int,
    *,
    key: Callable[[Row], Sequence[int | str]],
    shown: Callable[[Row], T],
) -> dict[str, Any]:
    """The page of rows that were asked for with `limit + 1`: one more than it shows says that
    there is another."""
    is_more = len(rows) > limit
    return {
        "items": [shown(row) for row in rows[:limit]],
        "next": cursor(kind, key(rows[limit - 1])) if is_more else None,
    }


def cursor(kind: str, parts: Iterable[int | str]) -> str:
    text = json.dumps([kind, *parts], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def after(kind: str, given: str | None, *types: Callable[[Any], Any]) -> tuple[Any, ...] | None:
    """What a cursor of this list holds, each part read by its type; None without a cursor.

    A cursor says only where to go on, so it is not signed: which rows there are to see is decided
    by the query as on the first page. Raises Problem where it is not one of this list's.
    """
    if given is None:
        return None
    try:
        parts = json.loads(base64.b64decode(given + "=" * (-len(given) % 4), b"-_", validate=True))
        if not isinstance(parts, list) or parts[0] != kind:
            raise ValueError
        return tuple(read(part) for read, part in zip(types, parts[1:], strict=True))
    except (ValueError, TypeError, LookupError, OverflowError, RecursionError, binascii.Error):
        raise invalid(
            "cursor", "cursor is not one of this list's: send `next` of its last page, or none."
        ) from None


def number(part: Any) -> int:
    """An id of ours, or a count."""
    if type(part) is not int or not 0 <= part < 10**18:
        raise ValueError
    return part


def signed(part: Any) -> int:
    """A number that may be below 0."""
    return -number(-part) if type(part) is int and part < 0 else number(part)


def moment(part: Any) -> datetime:
    at = datetime.fromisoformat(part)
    if at.tzinfo is None or not FIRST_DAY <= at.date() <= LAST_DAY:
        raise ValueError
    return at
