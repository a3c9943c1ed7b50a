"""Two things timed in turns, a figure held against a limit, and the table of all of them."""

import gc
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Protocol


class Line(Protocol):
    """A line of the table."""

    @property
    def cells(self) -> tuple[str, str, str, str, str]: ...

    @property
    def within(self) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Seconds of ours and of the baseline, pair by pair: a busy machine slows both of a pair."""

    what: str
    against: str
    at_most: float
    ours: Sequence[float]
    bare: Sequence[float]

    @property
    def ratio(self) -> float:
        return median(ours / bare for ours, bare in zip(self.ours, self.bare, strict=True))

    @property
    def within(self) -> bool:
        return self.ratio <= self.at_most

    @property
    def cells(self) -> tuple[str, str, str, str, str]:
        seconds = f"{median(self.ours):.2f} s / {median(self.bare):.3f} s"
        return self.what, self.against, f"{self.ratio:.1f}x", f"{self.at_most:g}x", seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure with its unit."""

    what: str
    measured: Sequence[float]
    at_most: float
    unit: str
    how: str

    @property
    def figure(self) -> float:
        return median(self.measured)

    @property
    def within(self) -> bool:
        return self.figure <= self.at_most

    @property
    def cells(self) -> tuple[str, str, str, str, str]:
        shown = f"{self.figure:.3g} {self.unit}"
        return self.what, self.how, shown, f"{self.at_most:g} {self.unit}", ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """So many of something in each of these times."""

    what: str
    how: str
    count: int
    at_least: float  # a second
    seconds: Sequence[float]

    @property
    def per_second(self) -> float:
        return self.count / median(self.seconds)

    @property
    def within(self) -> bool:
        return self.per_second >= self.at_least

    @property
    def cells(self) -> tuple[str, str, str, str, str]:
        shown = f"{self.per_second:.0f}/s"
        return self.what, self.how, shown, f"at least {self.at_least:g}/s", ""


async def seconds(work: Callable[[], Awaitable[object]]) -> float:
    """Wall time of one run, from a clean heap."""
    gc.collect()
    start = time.perf_counter()
    await work()
    return time.perf_counter() - start


def table(lines: Sequence[Line]) -> str:
    """The lines in Markdown."""
    head = ("what", "against", "measured", "at most", "ours / the other", "")
    rows = [head, ("---",) * len(head)]
    rows += [(*line.cells, "ok" if line.within else "**over**") for line in lines]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
