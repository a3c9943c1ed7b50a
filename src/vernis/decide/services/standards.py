"""A service title -> the industry standard interval that it falls under.

The best match wins and an uncertain one is none: an interval of another service is worse than
the universal one. Where a title names several services, the first one that has a standard
decides, because it is what the visit is booked for («Стрижка + окрашивание» without a gender is
coloring; a beard beside a haircut is the haircut). Children's services have no standard: the
figures are for adults. A coat that is not named on a manicure is gel polish, a manicure without
a coat is the regular one; of several epilated zones the first named decides.
"""

from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from vernis.decide.services.rules import decide
from vernis.decide.services.titles import read

THRESHOLD = 0.6  # below it a match is not given
_TYPO = 0.95  # a misspelt word costs this much of the confidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """One row of `industry_standards.csv`; intervals in days.

    `confidence` is that of the interval once the category is known.
    """

    category_key: str
    category_name: str
    interval_days: int
    min_days: int
    max_days: int
    keywords: tuple[str, ...]
    service_type: str
    confidence: float = 0.75


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The standard of a title, and how sure the title is about it: `THRESHOLD` to 1."""

    standard: Standard
    confidence: float


@cache
def standards() -> tuple[Standard, ...]:
    """The 16 standards, in the order of the packaged file."""
    import csv

    table = Path(__file__).with_name("industry_standards.csv")
    rows = table.read_text(encoding="utf-8").splitlines()
    return tuple(
        Standard(
            category_key=row["category_key"],
            category_name=row["category_name"],
            interval_days=int(row["interval_days"]),
            min_days=int(row["min_days"]),
            max_days=int(row["max_days"]),
            keywords=tuple(row["keywords"].split("|")),
            service_type=row["service_type"],
        )
        for row in csv.DictReader(rows)
    )


@lru_cache(maxsize=8192)
def match(title: str, *, category: str | None = None) -> Match | None:
    """Find the standard of a service title, None when there is none or it is uncertain.

    `category` is the CRM's own grouping of the service («Барбершоп», "COLOR"): it can say for
    whom or what a bare «Стрижка» or «Голени» is, and never overrules the title.
    """
    words = read(title)
    group = read(category or "")
    decision = decide(words, group)
    if decision is None:
        return None
    key, confidence = decision
    if words.guessed:
        confidence = round(confidence * _TYPO, 3)
    if confidence < THRESHOLD:
        return None
    return Match(standard=_by_key()[key], confidence=confidence)


@cache
def _by_key() -> dict[str, Standard]:
    return {standard.category_key: standard for standard in standards()}
