"""When each client is due: the estimates of a company's clients as rows for the plan to read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from vernis.decide import timing
from vernis.decide.plan import next_wave_on, wave_days
from vernis.decide.timing.visits import REMEMBERED

Whole = NDArray[np.int64]
Floats = NDArray[np.float32]

FRESH_DAYS = 7  # the weekly job recomputes everything


@dataclass(frozen=True, slots=True, kw_only=True)
class DueDates:
    """One entry per client with a visit. Days are ordinals as `date.toordinal` gives them.

    `line` is the service line's code or -1, `source` the position in `Source`; `shortest` and
    `longest` of the client's own gaps are 0 where there are none. `first` is the day
    on which the first message of the lapse belongs, `opens` the first one on which the plan looks,
    0 after the last wave. `returning` is the chance that the client still
    comes back by themselves and `falling` what the coming week takes of it, both -1 where the
    plan does not look before the next computation.
    """

    client: Whole
    line: Whole
    last: Whole
    days: Whole
    low: Whole
    high: Whole
    first: Whole
    opens: Whole
    source: Whole
    confidence: Floats
    returning: Floats
    falling: Floats
    visits: Whole
    shortest: Whole
    longest: Whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempted:
    """A lapse that has been attempted: its last attempt, and a day that the client asked for."""

    client: int
    last_visit_on: date
    last_attempt_on: date
    remind_on: date | None


def due_dates(
    model: timing.Model, history: timing.History, *, on: int, attempted: Iterable[Attempted] = ()
) -> DueDates:
    """The due date of each client of the history, as known on a day.

    The first message belongs a little before it, but not before half of the expected returns have
    come: where the window is wide the likeliest day is early, and most come by themselves later.
    """
    ends = np.flatnonzero(history.ends)
    last = history.day[ends].astype(np.int64)
    found = timing.estimate(model, history, ends, away=np.maximum(on - last, 0))
    source = found.levels.argmax(axis=1).astype(np.int64)
    later = np.maximum(found.days, found.half)
    first = last + later - lead_days(later)
    opens = first.copy()
    client = history.client[ends]
    for lapse in attempted:
        at = int(np.searchsorted(client, lapse.client))
        if at < len(client) and client[at] == lapse.client:
            if int(last[at]) != lapse.last_visit_on.toordinal():
                continue  # came back: a new lapse
            every = wave_days(int(found.days[at]), int(first[at] - last[at]))
            day = next_wave_on(lapse.last_visit_on, every, lapse.last_attempt_on, lapse.remind_on)
            opens[at] = day.toordinal() if day else 0
    looked_at = (opens > 0) & (opens < on + FRESH_DAYS)
    shortest, longest = _own_gaps(history, ends)
    return DueDates(
        client=client.astype(np.int64),
        line=history.line[ends].astype(np.int64),
        last=last,
        days=found.days.astype(np.int64),
        low=found.low.astype(np.int64),
        high=found.high.astype(np.int64),
        first=first,
        opens=opens,
        source=source,
        confidence=np.round(found.hit, 2).astype(np.float32),
        returning=np.where(looked_at, np.round(found.returning, 4), -1).astype(np.float32),
        falling=np.where(looked_at, np.round(found.falling, 4), -1).astype(np.float32),
        visits=history.nth[ends].astype(np.int64) + 1,
        shortest=shortest,
        longest=longest,
    )


def lead_days(interval_days: Whole) -> Whole:
    """How long before the due date the first message belongs.

    A tenth of the interval, at most the five days that Phorest takes: earlier annoys.
    """
    return np.minimum(5, interval_days // 10)


def _own_gaps(history: timing.History, ends: Whole) -> tuple[Whole, Whole]:
    """The shortest and the longest of the remembered gaps before visits; 0 where there are none."""
    shortest, longest = np.full(len(ends), 0), np.full(len(ends), 0)
    for back in range(REMEMBERED):
        at = np.flatnonzero(history.nth[ends] > back)
        gap = history.gap[ends[at] - 1 - back]
        shortest[at] = np.where(shortest[at] > 0, np.minimum(shortest[at], gap), gap)
        longest[at] = np.maximum(longest[at], gap)
    return shortest, longest
