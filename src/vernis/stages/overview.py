"""The overview: what the owner looks at first, read at once.

It takes tens of milliseconds with 10,000 clients and 100,000 visits: who shows it often keeps it
for some seconds (`web.recent`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from psycopg.rows import dict_row

from vernis.domain import Arm, Company
from vernis.ports import Database
from vernis.sql import load
from vernis.stages import reporting
from vernis.stages.reporting import Day, Experiment, Group, Level, Timing

sql = load("overview")

DAYS = 28
FIRST_BIN, LAST_BIN, BIN_DAYS = -28, 84, 7  # of the histogram, around the due date


@dataclass(frozen=True, slots=True, kw_only=True)
class OneDay:
    """What happened on one company-local day; `visits` took place on it."""

    day: date
    messages: int
    replies: int
    bookings: int
    visits: int
    revenue_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Visits that took place `from_days` to `to_days` after the due date; before it where negative.
    The first and the last bin are open to their side."""

    from_days: int | None
    to_days: int | None
    visits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What a person is to look at: dialogs to answer, drafts to read, messages that may have left
    or not, accounts that rest, accounts that are not connected, notices nobody has seen."""

    handovers: int
    drafts: int
    unknown: int
    paused_accounts: int
    disconnected_accounts: int
    notices: int

    @property
    def total(self) -> int:
        return (
            self.handovers
            + self.drafts
            + self.unknown
            + self.paused_accounts
            + self.disconnected_accounts
            + self.notices
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The last `days` company-local days up to `on`, both included, as known at `as_of`.

    `funnel` is of the messages planned in these days, whenever they were answered; `series` of what
    happened on each day, a day after the other. `experiment` compares the arms over all days: a few
    weeks say too little. Money is in minor units of `currency`.
    """

    company_id: int
    currency: str
    first_day: date
    on: date
    as_of: datetime
    funnel: Group
    held_out: Group
    series: tuple[OneDay, ...]
    levels: tuple[Level, ...]
    timing: Timing
    returns: tuple[Bin, ...]
    experiment: Experiment
    needs: Needs


async def overview(
    db: Database, company: Company, *, on: date, now: datetime, days: int = DAYS
) -> Overview:
    """Reads what `conversions.attribute` has written, which the worker does."""
    first_day = on - timedelta(days=days - 1)
    values: dict[str, Any] = {"company_id": company.company_id, "now": now}
    values |= {"first_day": first_day, "last_day": on}
    async with db.tenant(company.company_id) as connection:
        found = await reporting.activity(
            connection, company, first_day=first_day, last_day=on, now=now
        )
        compared = await reporting.experiment(connection, company, now=now)
        returns = await (await connection.execute(sql.returns.sql, values)).fetchall()
        visits = await (await connection.execute(sql.visits_of_days.sql, values)).fetchall()
        cursor = connection.cursor(row_factory=dict_row)
        needs = await (await cursor.execute(sql.needs.sql, values)).fetchone()
    assert needs is not None
    totals = {group.arm: group for group in found.totals}
    return Overview(
        company_id=company.company_id,
        currency=company.currency,
        first_day=first_day,
        on=on,
        as_of=now,
        funnel=totals[Arm.CONTACT],
        held_out=totals[Arm.HOLDOUT],
        series=_series(first_day, days, found.days, {row[0]: (row[1], row[2]) for row in visits}),
        levels=found.levels,
        timing=found.timing,
        returns=_bins(returns),
        experiment=compared,
        needs=Needs(**needs),
    )


async def begun(db: Database, company: Company) -> tuple[bool, bool]:
    """Whether any client is known yet, and whether any message ever left."""
    async with db.tenant(company.company_id) as connection:
        cursor = await connection.execute(sql.begun.sql, {"company_id": company.company_id})
        ((has_clients, has_sent),) = await cursor.fetchall()
    return has_clients, has_sent


def _series(
    first_day: date, days: int, known: Sequence[Day], visits: Mapping[date, tuple[int, int]]
) -> tuple[OneDay, ...]:
    """Every day, also those on which nothing happened."""
    of = {one.day: one for one in known}
    series = []
    for day in (first_day + timedelta(days=number) for number in range(days)):
        one, (came, paid) = of.get(day), visits.get(day, (0, 0))
        series.append(
            OneDay(
                day=day,
                messages=one.messages if one else 0,
                replies=one.replies if one else 0,
                bookings=one.bookings if one else 0,
                visits=came,
                revenue_minor=paid,
            )
        )
    return tuple(series)


def _bins(rows: Sequence[tuple[int, int]]) -> tuple[Bin, ...]:
    edges = range(FIRST_BIN, LAST_BIN, BIN_DAYS)
    ends: list[tuple[int | None, int | None]] = [(None, FIRST_BIN - 1)]
    ends += [(edge, edge + BIN_DAYS - 1) for edge in edges]
    ends += [(LAST_BIN, None)]
    return tuple(
        Bin(
            from_days=first,
            to_days=last,
            visits=sum(
                number
                for days, number in rows
                if (first is None or days >= first) and (last is None or days <= last)
            ),
        )
        for first, last in ends
    )
