"""What several commands share: their options, the open app, the moment they act at."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from vernis.errors import UsageError

if TYPE_CHECKING:
    from vernis.app import App
    from vernis.domain import Company

CompanyOption = Annotated[
    str | None, typer.Option("--company", "-c", help="Name or id; not needed where there is one.")
]
OnOption = Annotated[
    str | None, typer.Option("--on", metavar="DATE", help="As on this day (2026-03-31).")
]
AtOption = Annotated[
    str | None,
    typer.Option("--at", metavar="DATETIME", help="As at this company-local moment."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """An open app, the company that a command is about, and its day."""

    app: "App"
    company: "Company"
    now: datetime

    @property
    def on(self) -> date:
        return self.now.astimezone(self.company.zone).date()


def run(coroutine: Coroutine[Any, Any, Result]) -> Result:
    return asyncio.run(coroutine)


@asynccontextmanager
async def opened(
    company: str | None, *, on: str | None = None, at: str | None = None
) -> AsyncIterator[Session]:
    """The app with its company. With `on` or `at` the clock stands still there."""
    from vernis.app import PinnedClock, open_app
    from vernis.config import load
    from vernis.stages import companies

    clock = PinnedClock()
    async with open_app(load(), clock=clock) as app:
        found = await companies.find(app.db, company)
        if moment := _moment(found, on, at):
            clock.pin(moment)
        yield Session(app=app, company=found, now=clock())


def _moment(company: "Company", on: str | None, at: str | None) -> datetime | None:
    """`--on` means that day's opening hour: the earliest at which a message may leave."""
    if at is not None:
        return _parsed(at, "--at", "2026-03-31T14:30").replace(tzinfo=company.zone).astimezone(UTC)
    if on is None:
        return None
    from vernis.decide.hours import opening

    day = _parsed(on, "--on", "2026-03-31").date()
    today = datetime.now(company.zone).date()
    if day == today:
        return None
    return opening(company, day)


def _parsed(text: str, option: str, example: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option} wants a date like {example}, not «{text}».") from None


def print_json(value: Any) -> None:
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2, default=str)
    sys.stdout.write("\n")


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def day_option(option: str, text: str | None) -> date | None:
    """A day that a person typed for an option; None where they typed none."""
    return _parsed(text, option, "2026-03-31").date() if text is not None else None
