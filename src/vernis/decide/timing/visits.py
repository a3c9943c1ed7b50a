"""A company's visits as arrays: one row per client and day, with the gaps before and after it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from vernis.decide.timing.tables import (
    BIN,
    BINS,
    DAYS,
    MIDDLE,
    Floats,
    Whole,
    own_tables,
)

REMEMBERED = 8  # gaps; older ones belong to another life
RECENT = 0.75  # each gap counts this much of the one after it


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Visits in the order of client and day. All arrays have one entry per visit.

    `day` counts days from any origin, `line` is the service line's code or -1, `nth` how many
    earlier visits the client has, `gap` the days to the next visit or 0 where none is known, `bin`
    the gap's bin. `before` are the bins of the gaps before it, newest first, 0 beyond them: shape
    (REMEMBERED, visits).
    """

    client: Whole
    day: NDArray[np.int32]
    line: NDArray[np.int32]
    nth: NDArray[np.int32]
    gap: NDArray[np.int32]
    bin: NDArray[np.uint8]
    before: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.day)

    @property
    def ends(self) -> NDArray[np.bool_]:
        """The clients' last visits."""
        return np.asarray(self.gap == 0)

    def gaps(self, visit: int) -> list[int]:
        """The last gaps before a visit in days, newest first, at most `REMEMBERED`."""
        first = visit - min(int(self.nth[visit]), REMEMBERED)
        return [int(gap) for gap in self.gap[first:visit][::-1]]


def history(
    clients: Sequence[int] | Whole,
    days: Sequence[int] | Whole,
    lines: Sequence[int] | Whole | None = None,
    *,
    until: int | None = None,
) -> History:
    """Visits in any order, with duplicates, as a history; days after `until` are left out.

    Several rows of a client on one day are one visit, of the line seen most until then. Rows
    that are in the order of client and day already are not sorted again.
    """
    client, day = np.asarray(clients), np.asarray(days, np.int32)
    line = np.full(len(day), -1, np.int32) if lines is None else np.asarray(lines, np.int32)
    if until is not None and len(day) and day.max() > until:
        kept = day <= until
        client, day, line = client[kept], day[kept], line[kept]
    same = client[1:] == client[:-1]
    step = np.diff(day)
    if not np.all(np.where(same, step > 0, client[1:] > client[:-1])):
        client, day, line = _tidy(client, day, line)
        same = client[1:] == client[:-1]
        step = np.diff(day)

    number = len(day)
    gap = np.zeros(number, np.int32)
    np.multiply(step, same, out=gap[:-1])
    starts = np.flatnonzero(np.concatenate((np.ones(min(1, number), bool), ~same)))
    visits = np.diff(starts, append=number)
    nth = np.arange(number, dtype=np.int32) - np.repeat(starts.astype(np.int32), visits)
    bins = BIN.take(np.minimum(gap, DAYS))
    return History(
        client=client,
        day=day,
        line=line,
        nth=nth,
        gap=gap,
        bin=bins,
        before=_before(bins, nth),
    )


def _before(bins: NDArray[np.uint8], nth: NDArray[np.int32]) -> NDArray[np.uint8]:
    result = np.zeros((REMEMBERED, len(bins)), np.uint8)
    for back in range(REMEMBERED):
        np.multiply(bins[: -1 - back], nth[1 + back :] > back, out=result[back, 1 + back :])
    return result


def _tidy(
    client: Whole, day: NDArray[np.int32], line: NDArray[np.int32]
) -> tuple[Whole, NDArray[np.int32], NDArray[np.int32]]:
    """In the order of client and day, one row each; of several lines the one seen most."""
    order = np.lexsort((day, client))
    client, day, line = client[order], day[order], line[order]
    again = (client[1:] == client[:-1]) & (day[1:] == day[:-1])
    if again.any():
        first = np.flatnonzero(np.concatenate(([True], ~again)))
        several = np.flatnonzero(np.diff(first, append=len(day)) > 1)
        shared = np.concatenate((again, [False])) | np.concatenate(([False], again))
        at = np.flatnonzero(shared)
        of = np.cumsum(np.concatenate(([0], ~again)))[at]
        line_at = line[at]
        best = np.lexsort((line_at, -_so_far(line, day, at), line_at < 0, of))
        chosen = line_at[best][np.searchsorted(of[best], several)]
        client, day, line = client[first], day[first], line[first]
        line[several] = chosen
    return client, day, line


def _so_far(line: NDArray[np.int32], day: NDArray[np.int32], rows: Whole) -> Whole:
    """How many rows of the same line there are up to the day of each of the given rows."""
    since, span = day - day.min(), int(day.max()) - int(day.min()) + 1
    first = line.astype(np.int64) * span
    cells = first + since
    ordered = np.sort(cells)
    upto = np.searchsorted(ordered, cells[rows], side="right")
    return np.asarray(upto - np.searchsorted(ordered, first[rows]), np.int64)


@cache
def shares() -> Floats:
    """The weights of 0, 1, ... 8 gaps, newest first, in columns that sum to 1 but for the first."""
    back = np.arange(REMEMBERED)[:, None]
    weights = (back < np.arange(REMEMBERED + 1)) * RECENT**back
    return np.asarray(weights / np.maximum(weights.sum(axis=0), 1e-9), np.float32)


@dataclass(frozen=True, slots=True)
class Past:
    """The gaps before some visits: their bins, and how much each counts; newest first.

    Both have the shape (REMEMBERED, visits).
    """

    gaps: NDArray[np.uint8]
    counts: Floats

    @classmethod
    def of(cls, history: History, visits: Whole) -> "Past":
        known = np.minimum(history.nth.take(visits), REMEMBERED)
        return cls(history.before.take(visits, axis=1), shares().take(known, axis=1))

    def pace(self) -> Floats:
        """The mean of the gaps in logs of days."""
        return np.asarray(np.einsum("gv,gv->v", self.counts, _LOGS.take(self.gaps)))

    def spelled(self, came: NDArray[np.uint8]) -> Floats:
        """The chance that each way to read own gaps gave the return that came: (ways, visits)."""
        cells = self.gaps.astype(np.intp) * BINS + came
        return np.stack(
            [np.einsum("gv,gv->v", self.counts, table.take(cells)) for table in own_tables()]
        )


_LOGS = np.log(np.maximum(MIDDLE, 1)).astype(np.float32)
