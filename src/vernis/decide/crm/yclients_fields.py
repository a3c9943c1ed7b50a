"""Fields of YClients' JSON as values: ids, texts, flags, amounts, lengths, moments.

The same field is a number in one answer and a string in another, an empty object may be an empty
list, and what is not there may be null, "" or 0. Whatever cannot be used is `Unreadable`, which
names the field and never tells its value.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any, TypeAlias

from vernis.decide.files.values import Fault, parse_flag, parse_money

Fields: TypeAlias = Mapping[str, Any]

MISSING = "missing"
EARLIEST, LATEST = 1990, 2100  # years in which something may lie
LONGEST_MINUTES = 24 * 60


class Unreadable(Exception):  # noqa: N818 (a reason, not a fault)
    """`reason` is "<field>: <what is wrong with it>"."""

    def __init__(self, field: str, what: str) -> None:
        super().__init__(f"{field}: {what}")
        self.reason = f"{field}: {what}"


def object_at(data: Fields, name: str) -> Fields:
    """An object; {} where there is none."""
    value = data.get(name)
    return value if isinstance(value, Mapping) else {}


def list_at(data: Fields, name: str) -> list[Any]:
    value = data.get(name)
    if value in (None, "", {}):
        return []
    if not isinstance(value, list):
        raise Unreadable(name, "not a list")
    return value


def optional_id(data: Fields, name: str) -> str | None:
    """A positive whole number as text; None where it is missing or 0."""
    value = data.get(name)
    if value in (None, "") or isinstance(value, bool):
        return None
    text = str(value).strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 19):
        raise Unreadable(name, "not an id")
    return text.lstrip("0") or None


def id_at(data: Fields, name: str = "id", *, of: str = "") -> str:
    found = optional_id(data, name)
    if found is None:
        raise Unreadable(of + name, MISSING)
    return found


def text_at(data: Fields, name: str) -> str | None:
    """Words with single spaces; None where there are none."""
    value = data.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return " ".join(str(value).replace("\x00", "").split()) or None


def flag_at(data: Fields, name: str, *, usually: bool = False) -> bool:
    value = data.get(name)
    if isinstance(value, bool):
        return value
    found = parse_flag(str(value)) if isinstance(value, str | int) else None
    return usually if found is None else found


def amount_at(data: Fields, name: str, *, digits: int) -> int | None:
    """Minor units of 1300, 1300.5, "1300.00" or "1 300,50"; None where there is none."""
    value = data.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Unreadable(name, "not an amount")
    text = f"{value:f}" if isinstance(value, float) else str(value)
    found = parse_money(text, digits=digits, decimal=None if "," in text else ".")
    if isinstance(found, Fault) or (found is not None and found < 0):
        raise Unreadable(name, "not an amount")
    return found


def number_at(data: Fields, name: str) -> int | None:
    """A whole number, also as text."""
    value = data.get(name)
    if value is None or value == "":
        return None
    try:
        if isinstance(value, bool) or int(value) != float(value):
            raise ValueError
        return int(value)
    except (ValueError, TypeError, OverflowError):
        raise Unreadable(name, "not a whole number") from None


def minutes_at(data: Fields, name: str) -> int | None:
    """Whole minutes of a length in seconds, at least one; None where there is none."""
    seconds = number_at(data, name)
    if not seconds:
        return None
    minutes = max(1, round(seconds / 60))
    if seconds < 0 or minutes > LONGEST_MINUTES:
        raise Unreadable(name, "not a length in seconds")
    return minutes


def moment_at(data: Fields, name: str, zone: tzinfo) -> datetime | None:
    """A day and a time; the company's own where no zone is with it. None where there is none."""
    value = data.get(name)
    if value is None or value == "" or (isinstance(value, str) and value.startswith("0000")):
        return None
    try:
        if not isinstance(value, str) or len(value) < len("2024-04-01T09:00"):
            raise ValueError
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        raise Unreadable(name, "not a moment") from None
    if not EARLIEST <= moment.year <= LATEST:
        raise Unreadable(name, "out of range")
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def optional_moment(data: Fields, name: str, zone: tzinfo) -> datetime | None:
    """What nothing depends on: None as well where it cannot be read."""
    try:
        return moment_at(data, name, zone)
    except Unreadable:
        return None


def day_at(data: Fields, name: str) -> date:
    try:
        day = date.fromisoformat(str(data.get(name) or "")[:10])
    except ValueError:
        raise Unreadable(name, "not a day") from None
    if not EARLIEST <= day.year <= LATEST:
        raise Unreadable(name, "out of range")
    return day


def time_at(data: Fields, name: str) -> time:
    """A time of day; the day's end, 24:00, is its last minute."""
    text = str(data.get(name) or "")
    if text.startswith("24:00"):
        return time(23, 59)
    hours, _, minutes = text.partition(":")
    try:
        return time(int(hours), int(minutes[:2]))
    except ValueError:
        raise Unreadable(name, "not a time") from None


def length_at(data: Fields, *names: str) -> timedelta:
    """The first of these lengths in seconds that is there."""
    for name in names:
        if (minutes := minutes_at(data, name)) is not None:
            return timedelta(minutes=minutes)
    raise Unreadable(names[0], MISSING)
