"""A company's visits as arrays: one row per client and day, with the gaps before and after it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from vernis.decide.timing_tables import DAYS, Floats, Whole, own_tables

REMEMBERED = 8  # gaps; older ones belong to another life
RECENT = 0.75  # each gap counts this much of the one after it
_BATCH = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Visits in the order of client and day. All arrays have one entry per visit.

    `day` counts days from any origin, `line` is the service line's code or -1, `nth` how many
    earlier visits the client has, `gap` the days to the next visit or 0 where none is known.
    `gaps` are the gaps before it, newest first, 0 where there are no more, at most `DAYS`;
    `pace` is their mean in logs of days, `spelled` how well each of `own_tables` foretold `gap`.
    """

    client: Whole
    day: Whole
    line: Whole
    nth: Whole
    gap: Whole
    gaps: Whole
    pace: Floats
    spelled: Floats

    def __len__(self) -> int:
        return len(self.day)

    @property
    def ends(self) -> NDArray[np.bool_]:
        """The clients' last visits."""
        return np.asarray(self.gap == 0)


def history(
    clients: Sequence[int] | Whole,
    days: Sequence[int] | Whole,
    lines: Sequence[int] | Whole | None = None,
    *,
    until: int | None = None,
) -> History:
    """Visits in any order, with duplicates, as a history; days after `until` are left out.

    Several rows of a client on one day are one visit, of the line seen most until then.
    """
    client = np.asarray(clients, np.int64)
    day = np.asarray(days, np.int64)
    line = np.full(len(day), -1, np.int64) if lines is None else np.asarray(lines, np.int64)
    if until is not None:
        kept = day <= until
        client, day, line = client[kept], day[kept], line[kept]
    order = np.lexsort((line, -_so_far(line, day), line < 0, day, client))
    client, day, line = client[order], day[order], line[order]
    first = np.ones(len(day), bool)
    first[1:] = (client[1:] != client[:-1]) | (day[1:] != day[:-1])
    client, day, line = client[first], day[first], line[first]

    same = client[1:] == client[:-1]
    gap = np.zeros(len(day), np.int64)
    gap[:-1] = np.where(same, day[1:] - day[:-1], 0)
    starts = np.flatnonzero(np.concatenate((np.ones(min(1, len(day)), bool), ~same)))
    nth = np.arange(len(day)) - np.repeat(starts, np.diff(np.append(starts, len(day))))
    gaps = earlier(np.minimum(gap, DAYS), nth)
    logs = np.log(np.maximum(np.arange(DAYS + 1), 1)).astype(np.float32)
    return History(
        client=client,
        day=day,
        line=line,
        nth=nth,
        gap=gap,
        gaps=gaps,
        pace=np.einsum("vg,vg->v", shares()[known_gaps(nth)], logs[gaps]),
        spelled=_spelled(gaps, nth, np.minimum(gap, DAYS)),
    )


@cache
def shares() -> Floats:
    """The weights of 0, 1, ... 8 gaps, newest first, each row summing to 1 but for the first."""
    number = np.arange(REMEMBERED + 1)[:, None]
    weights = (np.arange(REMEMBERED) < number) * RECENT ** np.arange(REMEMBERED)
    total = np.maximum(weights.sum(axis=1, keepdims=True), 1e-9)
    return np.asarray(weights / total, np.float32)


def known_gaps(nth: Whole) -> Whole:
    return np.minimum(nth, REMEMBERED)


def _so_far(line: Whole, day: Whole) -> Whole:
    """How many rows of the same line there are up to each row's day."""
    order = np.lexsort((day, line))
    sorted_line, sorted_day = line[order], day[order]
    key = sorted_line * (int(day.max(initial=0)) - int(day.min(initial=0)) + 2) + sorted_day
    upto = np.searchsorted(key, key, side="right") - np.searchsorted(sorted_line, sorted_line)
    result = np.empty(len(line), np.int64)
    result[order] = upto
    return result


def earlier(values: Whole, nth: Whole) -> Whole:
    """Of each visit the values of the client's visits before it, newest first; 0 beyond them."""
    result = np.zeros((len(values), REMEMBERED), values.dtype)
    for back in range(REMEMBERED):
        rows = np.flatnonzero(nth > back)
        result[rows, back] = values[rows - 1 - back]
    return result


def _spelled(gaps: Whole, nth: Whole, gap: Whole) -> Floats:
    """The chance that each own table gave the gap that came."""
    tables = own_tables()
    result = np.zeros((len(gap), len(tables)), np.float32)
    known = np.flatnonzero((gap > 0) & (gaps[:, 0] > 0))
    for start in range(0, len(known), _BATCH):
        rows = known[start : start + _BATCH]
        for back in range(REMEMBERED):
            seen = rows[gaps[rows, back] > 0]
            chances = tables[:, gaps[seen, back], gap[seen]]
            result[seen] += (shares()[known_gaps(nth[seen]), back] * chances).T
    return result
