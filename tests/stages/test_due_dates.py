"""From visits to a due date for every client, on the real database."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest
from salon_rows import Salon

from vernis.domain import Locale
from vernis.stages import companies, intervals

ON = date(2024, 4, 1)
NOW = datetime(2024, 4, 1, 6, tzinfo=UTC)


class History(Salon):
    """A salon of which only visits and services are known."""

    async def service(self, title: str, standard: str | None = None) -> int:
        known = {"standard_key": standard, "standard_confidence": 0.75 if standard else None}
        return await self.insert("services", "service_id", title=title, **known)

    async def visits(
        self, *ago: int, service: int | None = None, client: int | None = None, **values
    ) -> int:
        """A client, new unless one is given, who was here so many days before ON."""
        client = client or await self.client()
        for days in ago:
            on = (ON - timedelta(days=days)).isoformat()
            await self.booking(client, on, service_id=service, **values)
        return client

    async def others(self, gap: int, service: int, *, how_many: int = 10) -> None:
        """Clients whose returns make the service's average."""
        for _ in range(how_many):
            await self.visits(200, 200 - gap, service=service)

    async def compute(self, on: date = ON) -> int:
        return await intervals.compute(self.db, self.company, on=on, now=NOW)

    async def due(self, client: int, *columns: str) -> tuple:
        columns = columns or ("interval_source", "interval_days", "service_id")
        (row,) = await self.execute(
            f"SELECT {', '.join(columns)} FROM client_due_dates WHERE client_id = %s", client
        )
        return row


@pytest.fixture
def salon(db, company) -> History:
    return History(db, company)


# --- the four levels ---------------------------------------------------------------------------


async def test_the_clients_own_rhythm_is_known_best(salon):
    haircut = await salon.service("Женская стрижка", "haircut_female")
    await salon.others(50, haircut)
    anna = await salon.visits(80, 55, 30, service=haircut)

    await salon.compute()

    assert await salon.due(anna) == ("personal", 25, haircut)
    assert await salon.execute(
        "SELECT personal_interval_days, visit_count, consistency_score::float"
        " FROM client_personalized_intervals WHERE client_id = %s",
        anna,
    ) == [(25, 3, 1.0)]


async def test_without_a_rhythm_the_other_clients_of_the_service_tell(salon):
    haircut = await salon.service("Женская стрижка", "haircut_female")
    await salon.others(50, haircut)
    new = await salon.visits(30, service=haircut)
    irregular = await salon.visits(210, 40, 30, service=haircut)

    await salon.compute()

    assert await salon.due(new) == await salon.due(irregular) == ("service_average", 50, haircut)
    assert await salon.due(new, "evidence", "confidence::float") == ({"returns": 12}, 0.85)


async def test_without_enough_returns_the_industry_standard_tells(salon):
    haircut = await salon.service("Женская стрижка", "haircut_female")
    await salon.others(50, haircut, how_many=9)
    anna = await salon.visits(30, service=haircut)

    await salon.compute()

    assert await salon.due(anna) == ("industry_standard", 40, haircut)
    assert await salon.due(anna, "low_days", "high_days", "evidence") == (
        *(35, 50),
        {"category": "haircut_female"},
    )


async def test_a_standard_that_was_matched_without_a_figure_is_as_sure_as_the_standard(salon):
    haircut = await salon.service("Женская стрижка", "haircut_female")
    await salon.execute("UPDATE services SET standard_confidence = NULL")
    anna = await salon.visits(30, service=haircut)

    await salon.compute()

    assert await salon.due(anna, "interval_days", "confidence::float") == (40, 0.75)


@pytest.mark.parametrize(("away", "days"), [(10, 30), (50, 60), (100, 90)])
async def test_without_anything_else_there_is_a_universal_answer(salon, away, days):
    unusual = await salon.service("Спа-капсула")
    of_service = await salon.visits(away, service=unusual)
    of_none = await salon.visits(away)

    await salon.compute()

    assert await salon.due(of_service) == ("universal", days, unusual)
    assert await salon.due(of_none) == ("universal", days, None)


async def test_a_service_that_falls_under_ten_returns_is_no_longer_gone_by(salon):
    haircut = await salon.service("Женская стрижка", "haircut_female")
    await salon.others(50, haircut)
    anna = await salon.visits(30, service=haircut)
    await salon.compute()
    await salon.execute(
        "DELETE FROM bookings WHERE client_id = (SELECT min(client_id) FROM clients)"
    )

    await salon.compute()

    assert (await salon.due(anna))[0] == "industry_standard"
    assert await salon.execute(
        "SELECT median_interval_days, is_active FROM service_reactivation_intervals"
    ) == [(50, False)]


# --- the last visit ----------------------------------------------------------------------------


async def test_the_services_of_the_last_visit_decide(salon):
    haircut = await salon.service("Женская стрижка", "haircut_female")
    pedicure = await salon.service("Педикюр", "pedicure")
    anna = await salon.visits(120, 90, 60, service=haircut)
    await salon.visits(20, client=anna, service=pedicure)

    await salon.compute()

    assert await salon.due(anna) == ("industry_standard", 30, pedicure)


async def test_of_several_the_one_known_best_decides(salon):
    haircut = await salon.service("Женская стрижка", "haircut_female")
    pedicure = await salon.service("Педикюр", "pedicure")
    anna = await salon.visits(120, 70, 20, service=haircut)
    await salon.visits(20, client=anna, service=pedicure)

    await salon.compute()

    assert await salon.due(anna) == ("personal", 50, haircut)


async def test_of_several_known_alike_the_one_due_first_decides(salon):
    haircut = await salon.service("Женская стрижка", "haircut_female")
    gel = await salon.service("Маникюр гель-лак", "manicure_gel")
    anna = await salon.visits(20, service=haircut)
    await salon.visits(20, client=anna, service=gel)

    await salon.compute()

    assert await salon.due(anna) == ("industry_standard", 21, gel)


async def test_a_due_date_says_what_the_plan_needs(salon):
    haircut = await salon.service("Женская стрижка", "haircut_female")
    olga, maria = [
        await salon.insert("staff", "staff_id", external_key=name, name=name)
        for name in ("Ольга", "Мария")
    ]
    anna = await salon.visits(90, service=haircut, staff_id=olga, amount_minor=100_00)
    await salon.visits(30, client=anna, service=haircut, staff_id=maria, amount_minor=250_00)
    await salon.visits(30, client=anna, amount_minor=50_00)

    await salon.compute()

    columns = ("last_visit_on", "due_on", "visit_count", "spent_minor", "staff_id")
    assert await salon.due(anna, *columns) == (
        *(date(2024, 3, 2), date(2024, 4, 11), 2),
        *(400_00, maria),
    )


@pytest.mark.parametrize("state", ["booked", "cancelled", "no_show"])
async def test_only_visits_make_a_due_date(salon, state):
    anna = await salon.visits(60)
    await salon.visits(20, client=anna, state=state)
    await salon.visits(20, state=state)

    assert await salon.compute() == 1
    assert await salon.due(anna, "last_visit_on") == (ON - timedelta(days=60),)


async def test_what_comes_after_the_day_is_not_known_on_it(salon):
    anna = await salon.visits(60, -5)
    await salon.visits(-5)

    assert await salon.compute() == 1
    assert await salon.due(anna, "last_visit_on", "visit_count") == (ON - timedelta(days=60), 1)


async def test_nobody_counts_as_gone_only_because_the_data_ends(salon):
    """Long after the last known visit the averages are as on the day of it."""
    haircut = await salon.service("Стрижка")
    await salon.others(50, haircut)
    anna = await salon.visits(150, service=haircut)
    rows = "SELECT median_interval_days, low_days, high_days FROM service_reactivation_intervals"
    await salon.compute(ON - timedelta(days=150))
    then = await salon.execute(rows)

    await salon.compute()

    assert await salon.execute(rows) == then
    assert (await salon.due(anna))[:2] == ("service_average", 50)


# --- computing again ---------------------------------------------------------------------------


async def test_computing_again_gives_the_same(salon):
    haircut = await salon.service("Женская стрижка", "haircut_female")
    await salon.others(50, haircut)
    await salon.visits(120, 90, 60, service=haircut)
    tables = (
        "client_due_dates", "client_personalized_intervals", "service_reactivation_intervals"
    )  # fmt: skip
    rows = [f"SELECT * FROM {table} ORDER BY 1, 2, 3" for table in tables]
    assert await salon.compute() == 11
    first = [await salon.execute(row) for row in rows]

    assert await salon.compute() == 11

    assert [await salon.execute(row) for row in rows] == first
    assert all(first)


async def test_two_computations_at_once_end_in_one_result(salon):
    for _ in range(20):
        await salon.visits(90, 60, 30)

    counted = await asyncio.gather(*(salon.compute() for _ in range(3)))

    assert counted == [20, 20, 20]
    assert await salon.execute("SELECT count(*) FROM client_due_dates") == [(20,)]


async def test_a_salon_without_visits_has_nothing_to_compute(salon):
    assert await salon.compute() == 0
    assert (await intervals.summary(salon.db, salon.company)).levels == []


@pytest.mark.parametrize(
    ("computed", "stale"), [(None, True), (-1, True), (0, False), (6, False), (7, True)]
)
async def test_due_dates_serve_for_a_week(salon, computed, stale):
    if computed is not None:
        await salon.compute(ON - timedelta(days=computed))

    assert await intervals.is_stale(salon.db, salon.company, on=ON) is stale


async def test_companies_know_nothing_of_each_other(db, salon):
    other = await companies.find_or_create(
        db, name="Другой", locale=Locale.RU, timezone="Asia/Almaty", currency="KZT", country="KZ"
    )
    there = History(db, other)
    here, across = await salon.service("Стрижка"), await there.service("Стрижка")
    await salon.others(50, here)
    anna = await there.visits(30, service=across)
    await salon.compute()

    await there.compute()

    assert await there.due(anna) == ("universal", 30, across)
    assert await there.execute("SELECT count(*) FROM client_due_dates") == [(1,)]
    assert await salon.execute("SELECT count(*) FROM client_due_dates") == [(10,)]


# --- what the owner sees -----------------------------------------------------------------------


async def test_the_summary_counts_the_levels_from_the_most_specific(salon):
    haircut = await salon.service("Женская стрижка", "haircut_female")
    pedicure = await salon.service("Педикюр", "pedicure")
    await salon.others(50, haircut)
    await salon.visits(80, 55, 30, service=haircut)
    await salon.visits(30, service=pedicure)
    await salon.visits(10)
    await salon.compute()

    summary = await intervals.summary(salon.db, salon.company)

    assert [(level.source, level.clients, level.median_days) for level in summary.levels] == [
        ("personal", 1, 25),
        ("service_average", 10, 50),
        ("industry_standard", 1, 30),
        ("universal", 1, 30),
    ]
    known = {
        one.title: (one.median_days, one.returns, one.standard_days) for one in summary.services
    }
    assert known == {"Женская стрижка": (50, 12, 40), "Педикюр": (None, None, 30)}
