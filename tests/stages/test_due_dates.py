"""From visits to a due date for every client, on the real database."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from random import Random

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
    anna = await salon.visits(155, 130, 105, 80, 55, 30, service=haircut)

    await salon.compute()

    source, days, service = await salon.due(anna)
    assert (source, service) == ("personal", haircut)
    assert 24 <= days <= 26
    assert await salon.due(anna, "visit_count", "shortest_days", "longest_days") == (6, 25, 25)
    assert await salon.execute(
        "SELECT personal_interval_days, visit_count, consistency_score::float"
        " FROM client_personalized_intervals WHERE client_id = %s",
        anna,
    ) == [(25, 6, 1.0)]


async def test_of_a_new_client_the_others_of_the_service_tell(salon):
    haircut = await salon.service("Женская стрижка", "haircut_female")
    await salon.others(50, haircut)
    new = await salon.visits(30, service=haircut)

    await salon.compute()

    source, days, low, high, shortest = await salon.due(
        new, "interval_source", "interval_days", "low_days", "high_days", "shortest_days"
    )
    assert (source, shortest) == ("service_average", None)
    assert 47 <= days <= 53
    assert low < days < high


async def test_a_new_salon_answers_by_the_industry_standard(salon):
    haircut = await salon.service("Женская стрижка", "haircut_female")
    anna = await salon.visits(30, service=haircut)
    await salon.visits(20, service=haircut)

    await salon.compute()

    source, days, low, high = await salon.due(
        anna, "interval_source", "interval_days", "low_days", "high_days"
    )
    assert source == "industry_standard"
    assert 35 <= days <= 45
    assert low < 35
    assert high > 50


@pytest.mark.parametrize("away", [10, 50, 100])
async def test_without_anything_else_there_is_a_universal_answer(salon, away):
    unusual = await salon.service("Спа-капсула")
    of_service = await salon.visits(away, service=unusual)
    of_none = await salon.visits(away)

    await salon.compute()

    assert (await salon.due(of_service))[::2] == ("universal", unusual)
    assert (await salon.due(of_none))[::2] == ("universal", None)
    assert 25 <= (await salon.due(of_none))[1] <= 45


async def test_irregular_clients_get_no_false_precision(salon):
    haircut = await salon.service("Женская стрижка", "haircut_female")
    regular = await salon.visits(*range(30, 300, 30), service=haircut)
    irregular = await salon.visits(30, 37, 150, 155, 240, 260, 370, 380, service=haircut)

    await salon.compute()

    columns = ("high_days - low_days", "confidence")
    (narrow, sure), (wide, unsure) = [
        await salon.due(client, *columns) for client in (regular, irregular)
    ]
    assert narrow < wide
    assert sure > unsure


async def test_a_service_that_falls_under_ten_returns_keeps_its_row_inactive(salon):
    haircut = await salon.service("Женская стрижка", "haircut_female")
    await salon.others(50, haircut)
    await salon.compute()
    await salon.execute(
        "DELETE FROM bookings WHERE client_id = (SELECT min(client_id) FROM clients)"
    )

    assert await salon.compute() == 9

    assert await salon.execute(
        "SELECT median_interval_days, sample_size, is_active FROM service_reactivation_intervals"
    ) == [(50, 10, False)]
    assert await salon.execute("SELECT count(*) FROM client_due_dates") == [(9,)]


async def test_the_averages_are_those_of_the_function_that_anybody_can_call(salon):
    random = Random(5)
    services = [await salon.service(title) for title in ("Стрижка", "Маникюр")]
    for _ in range(40):
        first, gap = random.randrange(100, 900), random.randrange(20, 90)
        days = range(first, 0, -gap)
        await salon.visits(*days, *list(days)[:2], service=random.choice(services))

    await salon.compute()

    stored, called = [
        await salon.execute(
            "SELECT service_id, median_interval_days, round(avg_interval_days, 1),"
            " min_interval_days, max_interval_days, round(stddev_days, 1), low_days, high_days,"
            f" sample_size FROM {source} ORDER BY 1"
        )
        for source in (
            "service_reactivation_intervals",
            "calculate_service_averages(1, (SELECT max(on_date) FROM bookings))",
        )
    ]
    assert stored == called
    assert len(stored) == 2


# --- the last visit ----------------------------------------------------------------------------


async def test_the_last_visit_names_the_service(salon):
    haircut = await salon.service("Женская стрижка", "haircut_female")
    pedicure = await salon.service("Педикюр", "pedicure")
    anna = await salon.visits(120, 90, 60, service=haircut)
    await salon.visits(20, client=anna, service=pedicure)

    await salon.compute()

    assert (await salon.due(anna, "service_id", "visit_count")) == (pedicure, 4)


async def test_of_several_services_at_one_visit_the_most_frequent_names_it(salon):
    haircut = await salon.service("Женская стрижка", "haircut_female")
    pedicure = await salon.service("Педикюр", "pedicure")
    anna = await salon.visits(120, 70, 20, service=haircut)
    await salon.visits(20, client=anna, service=pedicure)

    await salon.compute()

    assert await salon.due(anna, "service_id", "visit_count") == (haircut, 3)


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

    columns = ("last_visit_on", "visit_count", "spent_minor", "staff_id")
    assert await salon.due(anna, *columns) == (date(2024, 3, 2), 2, 400_00, maria)
    last, days, due_on, opens_on = await salon.due(
        anna, "last_visit_on", "interval_days", "due_on", "opens_on"
    )
    assert due_on == last + timedelta(days=days)
    assert opens_on == due_on - timedelta(days=min(5, days // 10))


async def test_the_chances_are_kept_only_where_the_plan_looks_this_week(salon):
    early, due = await salon.visits(1), await salon.visits(60)

    await salon.compute()

    assert await salon.due(early, "returning_chance", "falling_chance") == (None, None)
    returning, falling = await salon.due(due, "returning_chance", "falling_chance")
    assert 0 < falling < returning < 1


@pytest.mark.parametrize(
    ("state", "attempts", "waits"),
    [("read", 1, True), ("held_out", 1, True), ("written", 1, False), ("skipped", 1, False)],
)
async def test_an_attempt_that_was_made_opens_the_next_wave(salon, state, attempts, waits):
    """One that may still be taken back does not: the plan looks, and decides by what it finds."""
    anna = await salon.visits(*range(40, 400, 40))
    await salon.compute()
    days, opens = await salon.due(anna, "interval_days", "opens_on")
    reactivation = {"arm": "holdout"} if state == "held_out" else {}
    await salon.contact(
        anna, f"{ON - timedelta(days=1)} 12:00", last_visit=str(ON - timedelta(days=40)),
        state=state, **reactivation,
    )  # fmt: skip

    await salon.compute()

    second_wave = ON - timedelta(days=40) + timedelta(days=2 * days)
    assert await salon.due(anna, "opens_on") == (second_wave if waits else opens,)


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
    source, days, _ = await salon.due(anna)
    assert source == "service_average"
    assert 47 <= days <= 53


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

    assert (await there.due(anna))[::2] == ("universal", across)
    assert await there.execute("SELECT count(*) FROM client_due_dates") == [(1,)]
    assert await salon.execute("SELECT count(*) FROM client_due_dates") == [(10,)]


# --- what the owner sees -----------------------------------------------------------------------


async def test_the_summary_counts_the_levels_from_the_most_specific(salon):
    haircut = await salon.service("Женская стрижка", "haircut_female")
    pedicure = await salon.service("Педикюр", "pedicure")
    await salon.others(50, haircut)
    await salon.visits(*range(25, 250, 25), service=haircut)
    await salon.visits(30, service=pedicure)
    await salon.compute()

    summary = await intervals.summary(salon.db, salon.company)

    assert [level.source for level in summary.levels] == sorted(
        (level.source for level in summary.levels),
        key=["personal", "service_average", "industry_standard", "universal"].index,
    )
    assert sum(level.clients for level in summary.levels) == 12
    known = {
        one.title: (one.median_days, one.returns, one.standard_days) for one in summary.services
    }
    assert known == {"Женская стрижка": (50, 18, 40), "Педикюр": (None, None, 30)}


# --- one client's services ---------------------------------------------------------------------


async def test_each_service_of_a_client_has_its_own_estimate(salon):
    haircut = await salon.service("Женская стрижка", "haircut_female")
    pedicure = await salon.service("Педикюр", "pedicure")
    anna = await salon.visits(*range(50, 400, 50), service=haircut)
    await salon.visits(*range(20, 400, 25), client=anna, service=pedicure)
    await salon.compute()

    lines = await intervals.line_intervals(salon.db, salon.company, anna, on=ON)

    assert [(line.title, line.interval.evidence["visits"]) for line in lines] == [
        ("Педикюр", 16),
        ("Женская стрижка", 7),
    ]
    assert [round(line.interval.days, -1) for line in lines] in ([20, 50], [30, 50])
    assert lines[0].told["ru"].endswith("16 визитов, каждые 25 дней.")
    assert lines[0].told["en"].endswith("16 visits, every 25 days.")


async def test_before_the_first_computation_nothing_is_said(salon):
    anna = await salon.visits(30)

    assert await intervals.line_intervals(salon.db, salon.company, anna, on=ON) == []
    assert await intervals.follow(salon.db, salon.company, [anna], on=ON, now=NOW) == 0
