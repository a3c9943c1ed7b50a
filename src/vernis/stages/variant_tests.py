"""What the report says of a company's own test of tones or offers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vernis.decide.attribution import Estimate, Outcome, wilson
from vernis.decide.variants import Comparison, compare
from vernis.domain import Company
from vernis.ports import Connection
from vernis.sql import load

sql = load("reporting")


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantRates:
    """One variant: the lapses that got a message of it, and what came of them.

    Rates are shares with their 95% intervals (Wilson); None without lapses.
    """

    name: str
    sent: int
    replied: int
    positive: int
    booked: int
    replied_rate: Estimate | None
    positive_rate: Estimate | None
    booked_rate: Estimate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantTest:
    """A test, from the last change of the variants on: what was sent before is not mixed in.

    The variants are compared by bookings alone: whoever looks at several rates finds one that
    differs. `comparison` is None until two of them have been sent.
    """

    since: datetime
    is_over: bool
    variants: tuple[VariantRates, ...]
    comparison: Comparison | None


async def read(
    connection: Connection, company: Company, values: dict[str, Any]
) -> VariantTest | None:
    """The test in force, else the newest one of the period; None where there is none."""
    in_force = company.variants_since if company.variants else None
    cursor = await connection.execute(sql.variants.sql, values | {"test_since": in_force})
    rows = await cursor.fetchall()
    since = in_force or (rows[0][0] if rows else None)
    if since is None:
        return None
    figures = {variant.name: (0, 0, 0, 0) for variant in company.variants}
    figures |= {name: tuple(counts) for _, name, *counts in rows}
    booked = {name: Outcome(lapses=f[0], converted=f[3]) for name, f in figures.items()}
    return VariantTest(
        since=since,
        is_over=in_force is None,
        variants=tuple(_rates(name, counts) for name, counts in figures.items()),
        comparison=compare(booked),
    )


def _rates(name: str, counts: Sequence[int]) -> VariantRates:
    sent, replied, positive, booked = counts
    return VariantRates(
        name=name,
        sent=sent,
        replied=replied,
        positive=positive,
        booked=booked,
        replied_rate=_rate(replied, sent),
        positive_rate=_rate(positive, sent),
        booked_rate=_rate(booked, sent),
    )


def _rate(part: int, whole: int) -> Estimate | None:
    if not whole:
        return None
    low, high = wilson(part, whole)
    return Estimate(value=part / whole, low=low, high=high)
