"""What a program that runs for long says while it does: lines of key=value, or of JSON."""

import json
import logging
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from vernis.errors import ConfigError

if TYPE_CHECKING:
    from vernis.config import Settings

_TEXT = "%(asctime)s level=%(levelname)s %(message)s"
_PAIR = re.compile(r"(?:^|(?<=\s))([a-z_]+)=(.*?)(?=\s+[a-z_]+=|$)", re.DOTALL)
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")


class JsonLines(logging.Formatter):
    """One object a line: at, level, logger, message, and each key=value of the message.

    Of an exception the class alone is told: its text may quote what a row holds.
    """

    def format(self, record: logging.LogRecord) -> str:
        message = record.getMessage()
        said = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": message,
        }
        if record.exc_info and record.exc_info[0]:
            said["exception"] = record.exc_info[0].__name__
        pairs = {name: _number(text) for name, text in _PAIR.findall(message)}
        return json.dumps(pairs | said, ensure_ascii=False)


def _number(text: str) -> str | int | float:
    if not _NUMBER.fullmatch(text):
        return text
    return float(text) if "." in text else int(text)


def log_to_stderr(settings: "Settings") -> None:
    """Begin to log as the settings say. Raises ConfigError."""
    level = settings.log_level.upper()
    if level not in logging.getLevelNamesMapping():
        raise ConfigError(f"VERNIS_LOG_LEVEL is DEBUG, INFO, WARNING or ERROR, not «{level}».")
    handler = logging.StreamHandler()
    is_json = settings.log_format == "json"
    handler.setFormatter(JsonLines() if is_json else logging.Formatter(_TEXT))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("vernis").setLevel(level)
    logging.getLogger("procrastinate").setLevel(logging.CRITICAL)  # it prints rows with errors
