"""Days that a company sets: from what a person types to dates, and back."""

from collections.abc import Sequence
from datetime import date, timedelta

from vernis.decide.settings.offers import NOTHING

MOST_DAYS = 400
_DAY = timedelta(days=1)


def parsed(text: str) -> tuple[date, ...]:
    """«2026-12-31,2027-01-02..2027-01-08», in order and each once. Raises ValueError."""
    if text.lower() in NOTHING:
        return ()
    found: set[date] = set()
    for part in text.split(","):
        first, _, last = (one.strip() for one in part.partition(".."))
        begins, ends = _day(first), _day(last or first)
        if not begins <= ends < begins + MOST_DAYS * _DAY:
            raise ValueError("a range goes from an earlier day to a later one, a year at most")
        found |= {begins + n * _DAY for n in range((ends - begins).days + 1)}
    if len(found) > MOST_DAYS:
        raise ValueError(f"give at most {MOST_DAYS} days")
    return tuple(sorted(found))


def typed(days: Sequence[date]) -> str:
    """As a person would type them: three days and more that follow each other as a range."""
    runs: list[list[date]] = []
    for day in sorted(days):
        if runs and day == runs[-1][-1] + _DAY:
            runs[-1].append(day)
        else:
            runs.append([day])
    parts = (
        [f"{run[0]}..{run[-1]}"] if len(run) > 2 else [str(day) for day in run] for run in runs
    )
    return ",".join(part for run in parts for part in run) or "none"


def day_or_nothing(text: str) -> date | None:
    return None if text.lower() in NOTHING else _day(text)


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise ValueError("give days like 2026-12-31, or none")
    return day
