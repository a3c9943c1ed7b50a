"""A client's rhythm as it is drawn: visits on a line of days, the window against today."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

SHOWN = 9  # visits, the newest: more of them would run into each other on a phone
LABEL = 7.5  # percent of the line that a number of days needs
EDGE = 3.0  # percent that stays free on each side


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Days between two visits; `x` is the middle, in percent. Not `labelled` where it is narrow."""

    x: float
    days: int
    labelled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """Everything in percent of the line, which begins at the first of the visits shown."""

    visits: tuple[tuple[float, date], ...]
    gaps: tuple[Gap, ...]
    window: tuple[float, float] | None  # where it begins, how wide it is
    due: float | None
    today: float


def drawn(
    visits: Sequence[date],
    *,
    today: date,
    opens: date | None = None,
    due: date | None = None,
    closes: date | None = None,
) -> Rhythm | None:
    """The newest of some visits, oldest first; None where there are none."""
    shown = [day for day in visits if day <= today][-SHOWN:]
    if not shown:
        return None
    last = max(day for day in (today, due, closes, shown[-1]) if day is not None)
    whole = max((last - shown[0]).days, 1)

    def place(day: date) -> float:
        return round(EDGE + (100 - 2 * EDGE) * (day - shown[0]).days / whole, 2)

    gaps = []
    for before, after in pairwise(shown):
        left, right = place(before), place(after)
        days = (after - before).days
        gaps.append(Gap(x=round((left + right) / 2, 2), days=days, labelled=right - left >= LABEL))
    window = None
    if opens is not None and closes is not None:
        window = (place(opens), round(max(place(closes) - place(opens), 0.5), 2))
    return Rhythm(
        visits=tuple((place(day), day) for day in shown),
        gaps=tuple(gaps),
        window=window,
        due=place(due) if due is not None else None,
        today=place(today),
    )
