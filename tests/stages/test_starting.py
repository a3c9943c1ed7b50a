"""The first steps of a company: it waits for its start, and asks first in its first week."""

from datetime import UTC, date, datetime, timedelta

import pytest
from outbox import hash_phone
from salon_rows import Salon

from vernis.adapters.postgres import Database
from vernis.adapters.writer_templates import TemplateWriter
from vernis.domain import Company, Locale
from vernis.errors import ConflictError
from vernis.stages import (
    auditing,
    companies,
    dispatching,
    intervals,
    members,
    planning,
    starting,
    users,
    writing,
)
from vernis.stages.auditing import Who
from vernis.stages.dispatching import Kind
from vernis.stages.members import Role
from vernis.stages.starting import Place
from vernis.stages.users import User

NOW = datetime(2024, 4, 10, 9, tzinfo=UTC)  # 12:00 in Moscow
TODAY = date(2024, 4, 10)
PLACE = Place(name="Лён", country="RU", timezone="Europe/Moscow", currency="RUB", locale=Locale.RU)
AGREED = ["consent_basis=анкета"]


@pytest.fixture
async def olga(db: Database) -> User:
    return await users.create(db, login="olga@example.com", opens_companies=True, now=NOW)


@pytest.fixture
async def new(db: Database, olga: User) -> Company:
    """A company that is being set up."""
    return await starting.create(db, PLACE, olga, now=NOW)


async def _due_client(db: Database, company: Company) -> Salon:
    """Somebody who came each month and is due on TODAY."""
    salon = Salon(db, company)
    service = await salon.insert("services", "service_id", title="Стрижка")
    client = await salon.client("Анна")
    for day in ("2023-12-11", "2024-01-10", "2024-02-09", "2024-03-10"):
        await salon.booking(client, day, service_id=service)
    await intervals.compute(db, company, on=TODAY, now=NOW)
    return salon


async def test_whoever_makes_a_company_owns_it_and_nobody_else(db, new, olga):
    other = await users.create(db, login="eva@example.com", opens_companies=True, now=NOW)
    assert await members.role_of(db, new.company_id, olga) is Role.OWNER
    assert await members.role_of(db, new.company_id, other) is None
    assert await starting.unfinished(db, olga) == {new.company_id: "Лён"}
    assert new.started_at is None
    assert new.consent_required
    assert [entry.action for entry in await auditing.listed(db, new)] == ["company.created"]


async def test_a_form_sent_twice_makes_one_company(db, new, olga):
    assert (await starting.create(db, PLACE, olga, now=NOW)).company_id == new.company_id
    eva = await users.create(db, login="eva@example.com", opens_companies=True, now=NOW)
    assert (await starting.create(db, PLACE, eva, now=NOW)).company_id != new.company_id


async def test_what_is_not_started_is_neither_planned_nor_found_by_workers(db, new):
    await _due_client(db, new)
    new = await companies.change(db, new, AGREED, now=NOW)
    found = await dispatching.find(db, now=NOW + timedelta(days=30), abandoned_before=NOW)
    assert found == []
    with pytest.raises(ConflictError, match="is not started yet: open /c/"):
        await planning.store(db, new, on=TODAY, now=NOW, hash_phone=hash_phone)
    looked = await planning.look(db, new, on=TODAY, now=NOW, hash_phone=hash_phone)
    assert len(looked.contacts) == 1, "looking is what the first steps end with"


async def test_a_company_of_the_command_line_is_started(company):
    assert company.started_at is not None
    assert not company.wants_approval(TODAY)


async def test_with_the_start_it_is_planned(db, new):
    await _due_client(db, new)
    assert await starting.begin(db, new, asks_first=False, who=Who(user_id=1), now=NOW)
    found = await dispatching.find(db, now=NOW, abandoned_before=NOW - timedelta(minutes=2))
    assert Kind.MORNING in [work.kind for work in found]
    begun = await companies.get(db, new.company_id)
    assert (begun.started_at, begun.approval_until) == (NOW, None)
    later = NOW + timedelta(hours=1)
    assert not await starting.begin(db, begun, asks_first=True, who=Who(), now=later)
    assert (await companies.get(db, new.company_id)).started_at == NOW


@pytest.mark.parametrize(
    ("asks_first", "days_later", "waits"),
    [(True, 0, True), (True, 7, True), (True, 8, False), (False, 0, False)],
)
async def test_in_the_first_week_a_person_approves(db, new, asks_first, days_later, waits):
    salon = await _due_client(db, new)
    await companies.change(db, new, AGREED, now=NOW)
    await starting.begin(db, new, asks_first=asks_first, who=Who(), now=NOW)
    begun = await companies.get(db, new.company_id)
    now = NOW + timedelta(days=days_later)
    on = now.date()
    await planning.store(db, begun, on=on, now=now, hash_phone=hash_phone)
    assert await writing.write(db, new, TemplateWriter(), now=now) == 1, "with the old settings too"
    rows = await salon.execute(
        "SELECT send_after IS NULL FROM client_reactivation_history WHERE state = 'written'"
    )
    assert rows == [(waits,)]


async def test_country_and_currency_are_settled_once_there_are_clients(db, new):
    canada = Place(
        name="Flax", country="CA", timezone="America/Toronto", currency="CAD", locale=Locale.EN
    )
    await starting.describe(db, new, canada, who=Who(), now=NOW)
    moved = await companies.get(db, new.company_id)
    assert (moved.name, moved.currency, moved.consent_required) == ("Flax", "CAD", False)
    await Salon(db, moved).client()
    with pytest.raises(ConflictError):
        await starting.describe(db, moved, PLACE, who=Who(), now=NOW)
    renamed = Place(
        name="Flax Bar", country="CA", timezone="America/Halifax", currency="CAD", locale=Locale.EN
    )
    await starting.describe(db, moved, renamed, who=Who(), now=NOW)
    assert (await companies.get(db, new.company_id)).timezone == "America/Halifax"


async def test_where_it_stands_is_in_the_tables(db, new):
    known = await starting.standing(db, new)
    assert (known.has_data, known.consent_said, known.rules_said) == (False, False, False)
    await _due_client(db, new)
    await starting.note_step(db, new, "consent", who=Who(), now=NOW)
    known = await starting.standing(db, new)
    assert (known.clients, known.with_phone, known.visits) == (1, 1, 4)
    assert known.last_visit_on == date(2024, 3, 10)
    assert known.consent_said
    assert not known.rules_said


@pytest.mark.parametrize(
    ("now", "shown"),
    [
        ("2024-03-20 12:00", "2024-03-20 12:00"),  # now
        ("2024-03-20 08:00", "2024-03-20 10:00"),  # today, when its hours begin
        ("2024-03-20 21:00", "2024-03-21 10:00"),
        ("2024-05-15 12:00", "2024-03-11 10:00"),  # the files end long ago: the day after them
    ],
)
async def test_a_dry_run_is_made_for_a_day_on_which_messages_leave(db, new, now, shown):
    salon = await _due_client(db, new)
    known = await starting.standing(db, new)
    assert starting.day_shown(new, known, salon.at(now)) == salon.at(shown)
