"""What the command line and the API print: any of our frozen types as plain JSON values."""

from dataclasses import fields, is_dataclass
from datetime import date, datetime, time
from typing import Any


def plain(value: Any) -> Any:
    """Dataclasses become dicts, tuples lists, days and moments ISO 8601 text."""
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, float):
        return round(value, 6)
    return value
