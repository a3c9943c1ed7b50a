"""Values out of JSON that anybody may have written: the wanted type, or nothing."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from vernis.errors import DataError

Fields = Mapping[str, Any]

_ID = re.compile(r"[!-~]{1,200}")
_SECONDS = re.compile(r"[0-9]{1,17}(?:\.[0-9]{1,9})?")
_LATEST = 100_000_000_000  # seconds: later than that it is milliseconds


def body(value: Any) -> Fields:
    """A webhook's body. Raises DataError where it is no object."""
    if not isinstance(value, dict):
        raise DataError("A webhook's body must be a JSON object.")
    return value


def fields(value: Any) -> Fields:
    """An object, empty where the value is none."""
    return value if isinstance(value, dict) else {}


def objects(value: Any) -> Iterator[Fields]:
    """The objects of a list; one object alone is a list of one."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            yield item


def words(value: Any) -> str | None:
    """A text as PostgreSQL can store it: without NUL and half characters."""
    if not isinstance(value, str):
        return None
    whole = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\0", "")


def identity(value: Any) -> str | None:
    """An id: up to 200 visible ASCII characters."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value) if abs(value) < 10**30 else None
    return value if isinstance(value, str) and _ID.fullmatch(value) else None


def moment(value: Any, *, now: datetime) -> datetime:
    """Unix seconds or milliseconds (also as text, or a protobuf Long), or ISO 8601.

    `now` where it says nothing, and where it is later than that: nothing happens in the future.
    """
    if isinstance(value, dict):
        value = value.get("low")
    if isinstance(value, str) and not _SECONDS.fullmatch(value):
        return _iso(value, now)
    try:
        seconds = float(value) if not isinstance(value, bool) else 0.0
        if seconds > _LATEST:
            seconds /= 1000
        if seconds <= 0:
            return now
        return min(datetime.fromtimestamp(seconds, UTC), now)
    except (TypeError, ValueError, OverflowError, OSError):
        return now


def _iso(value: str, now: datetime) -> datetime:
    try:
        at = datetime.fromisoformat(value)
        return min(at.astimezone(UTC), now) if at.tzinfo else now
    except (ValueError, OverflowError):
        return now
