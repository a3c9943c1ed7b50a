"""What clients mean: replies in, intents and moments out; and how often that is right."""

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from vernis.cli.options import say
from vernis.domain import Intent, When
from vernis.errors import DataError, UsageError


def register(app: typer.Typer) -> None:
    app.command()(classify)


def classify(
    file: Annotated[
        Path | None, typer.Argument(help="Replies, one a line; - or none: stdin.")
    ] = None,
    on: Annotated[
        str | None,
        typer.Option("--on", metavar="DATETIME", help="As at this moment (2026-03-31T12:00)."),
    ] = None,
    timezone: Annotated[
        str | None, typer.Option(help="Of the company, like Europe/Moscow; none: this machine's.")
    ] = None,
    score: Annotated[
        Path | None,
        typer.Option(
            "--eval",
            metavar="FILE.tsv",
            help="Lines of intent, tab, text: say how many are read right.",
        ),
    ] = None,
) -> None:
    """Tell what each reply wants and when, as JSON lines. Needs no server and no model."""
    from vernis.decide.replies.reading import read

    now = _moment(on, timezone)
    if score is not None:
        return _evaluate(score, now)
    for line in _lines(file):
        text = line.rstrip("\r\n").lstrip("\ufeff")
        if not text.strip():
            continue
        reading = read(text, now=now)
        answer = {
            "text": text,
            "intent": reading.intent,
            "response_type": reading.response_type,
            "confidence": reading.confidence,
            "when": _when(reading.when, now),
        }
        sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
    return None


def _evaluate(path: Path, now: datetime) -> None:
    from vernis.decide.replies.reading import read
    from vernis.decide.replies.scores import Scores

    scores = Scores()
    for number, line in enumerate(_lines(path), 1):
        row = line.lstrip("\ufeff")
        if not row.strip() or row.startswith("#"):
            continue
        intent, tab, text = row.partition("\t")
        if not tab or intent not in set(Intent):
            raise DataError(
                f"{path}, line {number}: one of {', '.join(Intent)}, a tab and the text are needed."
            )
        scores.add(Intent(intent), read(text, now=now).intent)
    if not scores.total:
        raise DataError(f"{path} holds no line to read.")
    for line in scores.report():
        say(line)


def _moment(on: str | None, timezone: str | None) -> datetime:
    try:
        zone = ZoneInfo(timezone) if timezone else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(f"{timezone!r} is no time zone: write one like Europe/Moscow.") from None
    try:
        moment = datetime.fromisoformat(on) if on else datetime.now(zone)
    except ValueError:
        raise UsageError(f"{on!r} is no moment: write one like 2026-03-31T12:00.") from None
    if moment.tzinfo is None and zone:
        return moment.replace(tzinfo=zone)
    return moment.astimezone(zone)


def _when(when: When | None, now: datetime) -> dict[str, str] | None:
    from vernis.decide.reception.assisting import bounds

    if when is None:
        return None
    start, end = bounds(when, now)
    return {"from": start.isoformat(), "to": end.isoformat()}


def _lines(file: Path | None) -> list[str]:
    typed = file is None or str(file) == "-"
    try:
        content = sys.stdin.buffer.read() if file is None or typed else file.read_bytes()
        return content.decode("utf-8").split("\n")
    except OSError as error:
        raise DataError(f"{file} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        name = "What comes in" if typed else file
        raise DataError(f"{name} is not UTF-8: save it as UTF-8 text.") from None
