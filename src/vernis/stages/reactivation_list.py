"""Reactivations as a list: whom was written to, and what came of it."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from psycopg.rows import dict_row

from vernis.domain import Arm, Company, State
from vernis.errors import NotFoundError
from vernis.ports import Database
from vernis.sql import load

sql = load("reactivation_list")

NEWEST = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A row of `client_reactivation_history`, with whose it is and where it is spoken of.

    `phone` is whole (E.164 digits), None of whom was erased: who shows it decides how much of it.
    `generated` is the text before a person edited it; `fallback` says why a template stands where a
    model was asked.
    """

    reactivation_id: int
    client_id: int
    client_key: str
    client_name: str | None
    phone: str | None = field(repr=False)
    plan_on: date
    planned_at: datetime
    arm: str
    state: str
    reason: str
    attempt: int
    campaign: str
    service_id: int | None
    service_title: str | None
    last_visit_on: date
    inactive_days: int
    interval_days: int
    interval_source: str
    confidence: float
    due_on: date
    text: str | None = field(repr=False)
    generated: str | None = field(repr=False)
    template: str | None
    model: str | None
    fallback: str | None
    variant: str | None
    account: str | None
    channel: str | None
    deadline: datetime | None
    send_after: datetime | None
    approved_at: datetime | None
    rejected_because: str | None = field(repr=False)
    sent_at: datetime | None
    delivered_at: datetime | None
    read_at: datetime | None
    refusal: str | None
    response_at: datetime | None
    response_type: str | None
    response_text: str | None = field(repr=False)
    booking_id: int | None
    booking_created_at: datetime | None
    visit_on: date | None
    revenue_minor: int | None
    dialog_id: int | None
    waits_for_approval: bool


async def listed(
    db: Database,
    company: Company,
    *,
    now: datetime,
    client_id: int | None = None,
    state: State | None = None,
    arm: Arm | None = None,
    first_day: date | None = None,
    last_day: date | None = None,
    before: int = NEWEST,
    most: int = 50,
) -> list[Listed]:
    """The newest ones with an id below `before`, of plans of these days (both included)."""
    return await _read(
        db,
        company,
        now=now,
        id=None,
        client_id=client_id,
        state=state,
        arm=arm,
        first_day=first_day,
        last_day=last_day,
        before=before,
        most=most,
    )


async def one(db: Database, company: Company, id_: int, *, now: datetime) -> Listed:
    """Raises NotFoundError."""
    nothing = dict.fromkeys(("client_id", "state", "arm", "first_day", "last_day"))
    found = await _read(db, company, now=now, id=id_, before=NEWEST, most=1, **nothing)
    if not found:
        raise NotFoundError(f"There is no reactivation {id_}.")
    return found[0]


async def _read(db: Database, company: Company, **values: Any) -> list[Listed]:
    async with db.tenant(company.company_id) as connection:
        cursor = connection.cursor(row_factory=dict_row)
        await cursor.execute(sql.listed.sql, {"company_id": company.company_id} | values)
        return [Listed(**row) for row in await cursor.fetchall()]
