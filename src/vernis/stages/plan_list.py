"""A day's plan as a list: each client with the visit, the window and the message."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from psycopg.rows import class_row, dict_row

from vernis.domain import Arm, Company
from vernis.errors import NotFoundError
from vernis.ports import Database
from vernis.sql import load

sql = load("plan_list")


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A client and what the plan goes by. What follows from visits is None for those who never
    came, `low_days` and `high_days` (80% of the returns) also where it is not known any more.

    Days count from the last visit, `away_days` up to the day of the plan; money in minor units.
    """

    client_id: int
    name: str | None
    surname: str | None
    service_title: str | None
    staff_name: str | None
    last_visit_on: date | None
    away_days: int | None
    interval_days: int | None
    interval_source: str | None
    due_on: date | None
    low_days: int | None
    high_days: int | None
    visit_count: int | None
    spent_minor: int | None
    returning_chance: float | None
    falling_chance: float | None

    @property
    def called(self) -> str:
        """As the salon calls them."""
        return " ".join(filter(None, (self.name, self.surname)))

    @property
    def at_stake_minor(self) -> int:
        """What waiting another week puts at stake: decide/plan.py's at_stake, to two digits since
        it is a guess."""
        exact = round((self.falling_chance or 0.0) * (self.spent_minor or 0))
        return round(exact, 2 - len(str(exact)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned(Due):
    """A reactivation of a day. `waits` for a person; `can_stop` and `can_hold` until it begins to
    leave."""

    reactivation_id: int
    state: str
    reason: str
    attempt: int
    text: str | None = field(repr=False)
    generated: str | None = field(repr=False)
    rejected_because: str | None = field(repr=False)
    send_after: datetime | None
    sent_at: datetime | None
    response_at: datetime | None
    response_type: str | None
    has_booked: bool
    visit_on: date | None
    revenue_minor: int | None
    dialog_id: int | None
    waits: bool
    can_stop: bool
    can_hold: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """What a day's plan has come to. `counts` is what it decided of all clients, as it was stored
    at `planned_at`; None where the day was not planned."""

    counts: Mapping[str, int] | None
    planned_at: datetime | None
    contacts: Mapping[str, int]  # by reason
    states: Mapping[str, int]  # of the contacts
    held_out: int
    waiting: int
    replies: int
    bookings: int
    last_id: int  # the newest of them, 0 where there is none


async def of_day(
    db: Database,
    company: Company,
    *,
    on: date,
    now: datetime,
    arm: Arm = Arm.CONTACT,
    reason: str | None = None,
    waiting: bool = False,
    after: int = 0,
    most: int,
) -> list[Planned]:
    """A day's reactivations in the order of the plan, those after a reactivation."""
    values = {"company_id": company.company_id, "on": on, "now": now, "arm": arm, "id": None}
    values |= {"reason": reason, "waiting": waiting, "after": after, "most": most}
    return await _planned(db, company, values)


async def one(db: Database, company: Company, id_: int, *, now: datetime) -> tuple[date, Planned]:
    """One of them and its day. Raises NotFoundError, also for a client of the comparison group:
    there is nothing to decide about them."""
    values: dict[str, Any] = {"company_id": company.company_id, "id": id_, "now": now}
    async with db.tenant(company.company_id) as connection:
        row = await (await connection.execute(sql.day_of.sql, values)).fetchone()
    if row is not None and row[1] == Arm.CONTACT:
        values |= {"on": row[0], "arm": row[1], "reason": None, "waiting": False, "after": 0}
        for found in await _planned(db, company, values | {"most": 1}):
            return row[0], found
    raise NotFoundError(f"There is no reactivation {id_}.")


async def phone_of(db: Database, company: Company, id_: int) -> tuple[int, str]:
    """Whose a reactivation is, and the number that it goes to. Raises NotFoundError."""
    values = {"company_id": company.company_id, "id": id_}
    async with db.tenant(company.company_id) as connection:
        row = await (await connection.execute(sql.phone_of.sql, values)).fetchone()
    if row is None:
        raise NotFoundError(f"There is no reactivation {id_}.")
    return row[0], row[1]


async def numbers(db: Database, company: Company, *, on: date, now: datetime) -> Numbers:
    values = {"company_id": company.company_id, "on": on, "now": now}
    async with db.tenant(company.company_id) as connection:
        stored = await (await connection.execute(sql.stored.sql, values)).fetchone()
        cursor = connection.cursor(row_factory=dict_row)
        await cursor.execute(sql.numbers.sql, values)
        rows = await cursor.fetchall()
    contacts = [row for row in rows if row["arm"] == Arm.CONTACT]
    return Numbers(
        counts=stored[0] if stored else None,
        planned_at=stored[1] if stored else None,
        contacts=_sums(contacts, "reason"),
        states=_sums(contacts, "state"),
        held_out=sum(row["number"] for row in rows if row["arm"] == Arm.HOLDOUT),
        waiting=sum(row["waiting"] for row in contacts),
        replies=sum(row["replies"] for row in contacts),
        bookings=sum(row["bookings"] for row in contacts),
        last_id=max((row["last_id"] for row in rows), default=0),
    )


async def clients(db: Database, company: Company, ids: Sequence[int], *, on: date) -> list[Due]:
    """Some clients in the order that is given, without those who were erased."""
    values = {"company_id": company.company_id, "clients": list(ids), "on": on}
    async with db.tenant(company.company_id) as connection:
        cursor = connection.cursor(row_factory=class_row(Due))
        await cursor.execute(sql.clients.sql, values)
        return await cursor.fetchall()


async def recent_days(
    db: Database, company: Company, *, before: date, most: int = 7
) -> list[tuple[date, int]]:
    """The newest days before one that have a plan, and how many were written to on each."""
    values = {"company_id": company.company_id, "on": before, "most": most}
    async with db.tenant(company.company_id) as connection:
        cursor = await connection.execute(sql.recent_days.sql, values)
        return [(day, sent) for day, sent in await cursor.fetchall()]


async def _planned(db: Database, company: Company, values: dict[str, Any]) -> list[Planned]:
    async with db.tenant(company.company_id) as connection:
        cursor = connection.cursor(row_factory=class_row(Planned))
        await cursor.execute(sql.of_day.sql, values)
        return await cursor.fetchall()


def _sums(rows: Sequence[dict[str, Any]], name: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in rows:
        found[row[name]] = found.get(row[name], 0) + row["number"]
    return found
