"""The first steps: a company that is set up page by page plans and sends nothing until begun.

Where it stands is in the tables, so that any browser goes on where another one stopped.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from vernis.decide import hours
from vernis.decide.policies import policy_of
from vernis.domain import Company, Locale
from vernis.errors import ConflictError
from vernis.ports import Database
from vernis.sql import load
from vernis.stages import auditing, companies
from vernis.stages.auditing import Who
from vernis.stages.members import Role
from vernis.stages.users import User

sql, companies_sql, members_sql = load("starting"), load("companies"), load("members")

FIRST_WEEK = timedelta(days=7)
STALE_AFTER = timedelta(days=21)  # a file whose last visit is older tells of another time


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a company is, and what it speaks."""

    name: str
    country: str
    timezone: str
    currency: str
    locale: Locale


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far a company's first steps are, and what is known of its clients."""

    clients: int
    with_phone: int
    with_consent: int
    visits: int
    first_visit_on: date | None
    last_visit_on: date | None
    has_crm: bool
    consent_said: bool
    rules_said: bool

    @property
    def has_data(self) -> bool:
        return self.clients > 0

    def ends_before(self, today: date) -> date | None:
        """The last day that is told of, where it is so long ago that a plan for today is none."""
        last = self.last_visit_on
        return last if last is not None and last < today - STALE_AFTER else None


async def unfinished(db: Database, user: User) -> dict[int, str]:
    """The companies, by id, that this person has begun to set up."""
    async with db.dispatch() as connection:
        cursor = await connection.execute(sql.unfinished.sql, {"user_id": user.user_id})
        return dict(await cursor.fetchall())


async def create(db: Database, place: Place, user: User, *, now: datetime) -> Company:
    """A new company that is not started, with this person as its owner. What they have begun
    under the same name is gone on with, so that a form sent twice makes one company."""
    async with db.dispatch() as connection:
        await connection.execute(companies_sql.lock_creation.sql)
        whose = {"user_id": user.user_id, "name": place.name}
        row = await (await connection.execute(sql.begun_by.sql, whose)).fetchone()
        if row is None:
            await connection.execute("RESET ROLE")  # from the dispatcher to the application
            cursor = await connection.execute(companies_sql.enter_new_company.sql)
            row = await cursor.fetchone()
            assert row is not None
            values = _values(int(row[0]), place) | {"user_id": user.user_id, "now": now}
            values["role"] = Role.OWNER
            await connection.execute(companies_sql.create_company.sql, values)
            await connection.execute(companies_sql.create_account.sql, values)
            await connection.execute(sql.hold.sql, values)
            await connection.execute(members_sql.join.sql, values)
            values |= {"key_id": None, "action": "company.created", "subject": ""}
            await connection.execute(auditing.sql.note.sql, values | {"details": Jsonb({})})
    return await companies.get(db, int(row[0]))


async def describe(
    db: Database, company: Company, place: Place, *, who: Who, now: datetime
) -> None:
    """Correct where a company is that is not started. Raises ConflictError where its data was read
    by another country's numbers or in another currency already."""
    if company.started_at is not None:
        raise ConflictError("The company is started: change it in its settings.")
    is_moved = (company.country, company.currency) != (place.country, place.currency)
    if is_moved and (await standing(db, company)).has_data:
        raise ConflictError("Country and currency stay as they are once clients were read.")
    values = _values(company.company_id, place)
    if company.country == place.country:
        values["consent_required"] = company.consent_required
    async with db.tenant(company.company_id) as connection:
        await connection.execute(sql.describe.sql, values)
        await auditing.note(connection, company, who=who, action="start.described", now=now)


async def standing(db: Database, company: Company) -> Standing:
    """How far the first steps are."""
    async with db.tenant(company.company_id) as connection:
        cursor = connection.cursor(row_factory=dict_row)
        await cursor.execute(sql.standing.sql, {"company_id": company.company_id})
        row = await cursor.fetchone()
    assert row is not None
    return Standing(**row)


async def note_step(db: Database, company: Company, step: str, *, who: Who, now: datetime) -> None:
    """That somebody has looked at a step and said yes to it."""
    async with db.tenant(company.company_id) as connection:
        await auditing.note(connection, company, who=who, action=f"start.{step}", now=now)


async def begin(
    db: Database, company: Company, *, asks_first: bool, who: Who, now: datetime
) -> bool:
    """From now on it plans and sends. With `asks_first` a person approves each message of the
    first week. False where it was begun before: then nothing changes."""
    today = now.astimezone(company.zone).date()
    until = today + FIRST_WEEK if asks_first else None
    values = {"company_id": company.company_id, "now": now, "approval_until": until}
    async with db.tenant(company.company_id) as connection:
        if not (await connection.execute(sql.begin.sql, values)).rowcount:
            return False
        details = {"approval_until": until.isoformat() if until else None}
        await auditing.note(
            connection, company, who=who, action="company.started", details=details, now=now
        )
    return True


def day_shown(company: Company, known: Standing, now: datetime) -> datetime:
    """The moment that a dry run is made for: the next at which messages may leave, after the last
    day that is told of where that is long ago. Now, where messages never may."""
    if (last := known.ends_before(now.astimezone(company.zone).date())) is not None:
        midnight = datetime.combine(last + timedelta(days=1), time(0), tzinfo=company.zone)
        return hours.next_opening(company, midnight) or midnight
    return hours.next_opening(company, now) or now


def _values(company_id: int, place: Place) -> dict[str, Any]:
    return {
        "company_id": company_id,
        "name": place.name,
        "country": place.country,
        "timezone": place.timezone,
        "currency": place.currency,
        "locale": place.locale,
        "consent_required": policy_of(place.country).consent_required,
    }
