"""An owner says after how many days a service is due again."""

from datetime import timedelta

import pytest
from test_due_dates import NOW, ON, History

from vernis.domain import Locale
from vernis.errors import NotFoundError, UsageError
from vernis.stages import auditing, companies, explaining, intervals
from vernis.stages.auditing import Who
from vernis.stages.service_overrides import find_service, set_interval


@pytest.fixture
def salon(db, company) -> History:
    return History(db, company)


async def set_to(salon: History, service: int, days: int | None) -> int:
    return await set_interval(salon.db, salon.company, service, days, who=Who(), now=NOW)


async def test_due_dates_follow_at_once_and_only_those_of_the_service(salon):
    haircut = await salon.service("Стрижка", "haircut_female")
    nails = await salon.service("Маникюр", "manicure_gel")
    anna = await salon.visits(10, service=haircut)
    vera = await salon.visits(10, service=nails)
    await salon.compute()
    before = await salon.due(vera)

    assert await set_to(salon, haircut, 33) == 1

    assert await salon.due(anna) == ("own", 33, haircut)
    last, due, first = await salon.due(anna, "last_visit_on", "due_on", "first_on")
    assert (due - last, first - last) == (timedelta(33), timedelta(30))
    assert await salon.due(vera) == before


async def test_taken_back_what_was_learned_holds_again(salon):
    haircut = await salon.service("Стрижка", "haircut_female")
    anna = await salon.visits(10, service=haircut)
    await salon.compute()
    learned = await salon.due(anna, "interval_source", "interval_days", "low_days", "high_days")

    await set_to(salon, haircut, 90)
    await set_to(salon, haircut, None)

    columns = ("interval_source", "interval_days", "low_days", "high_days")
    assert await salon.due(anna, *columns) == learned


async def test_a_clients_own_rhythm_is_not_told_to_wait(salon):
    haircut = await salon.service("Стрижка", "haircut_female")
    regular = await salon.visits(*range(10, 200, 20), service=haircut)
    await salon.compute()

    await set_to(salon, haircut, 60)

    source, days, _ = await salon.due(regular)
    assert (source, days) == ("personal", 20)


async def test_the_weekly_computation_and_new_visits_keep_it(salon):
    haircut = await salon.service("Стрижка", "haircut_female")
    await salon.others(50, haircut)
    anna = await salon.visits(40, service=haircut)
    await set_to(salon, haircut, 33)

    await salon.compute()
    assert await salon.due(anna) == ("own", 33, haircut)

    await salon.compute(ON + timedelta(days=7))
    assert await salon.due(anna) == ("own", 33, haircut)

    await salon.visits(2, service=haircut, client=anna)
    await intervals.follow(salon.db, salon.company, [anna], on=ON, now=NOW)
    assert await salon.due(anna, "interval_source", "due_on") == ("own", ON + timedelta(days=31))


async def test_it_is_not_learned_from(salon):
    haircut = await salon.service("Стрижка", "haircut_female")
    await salon.others(50, haircut)
    await salon.compute()
    stored = await salon.execute("SELECT model, foretold FROM timing_models")

    await set_to(salon, haircut, 5)
    await salon.compute()

    assert await salon.execute("SELECT model, foretold FROM timing_models") != []
    (before,), (after,) = stored, await salon.execute("SELECT model FROM timing_models")
    assert before[0] == after[0]


async def test_an_explanation_says_who_has_set_it(salon):
    haircut = await salon.service("Стрижка", "haircut_female")
    anna = await salon.visits(10, service=haircut)
    await salon.compute()
    await set_to(salon, haircut, 33)

    found = await explaining.explain(salon.db, salon.company, client=anna, on=ON, now=NOW)

    assert found.expected is not None
    assert found.expected.told[Locale.RU] == (
        "Ждём через 27–40 дней после визита: пока один визит;"
        " срок для этой услуги задали вы: 33 дня."
    )
    assert found.lines[0].interval.days == 33
    summary = await intervals.summary(salon.db, salon.company)
    assert [(level.source, level.median_days) for level in summary.levels] == [("own", 33)]
    assert [service.own_days for service in summary.services] == [33]


async def test_it_is_noted_once(salon):
    haircut = await salon.service("Стрижка")

    for days in (30, 30, None):
        await set_to(salon, haircut, days)

    noted = await auditing.listed(salon.db, salon.company)
    assert [(entry.action, entry.subject, entry.details) for entry in noted] == [
        ("service.interval_set", f"service {haircut}", {"before": 30, "days": None}),
        ("service.interval_set", f"service {haircut}", {"before": None, "days": 30}),
    ]


@pytest.mark.parametrize("days", [0, -1, 731])
async def test_days_that_are_none_are_refused(salon, days):
    haircut = await salon.service("Стрижка")

    with pytest.raises(UsageError, match="1 to 730"):
        await set_to(salon, haircut, days)


async def test_another_companys_service_is_not_there(salon, db):
    haircut = await salon.service("Стрижка")
    other = await companies.find_or_create(
        db, name="Другая", locale=Locale.RU, timezone="Europe/Moscow", currency="RUB", country="RU"
    )

    with pytest.raises(NotFoundError):
        await set_interval(db, other, haircut, 30, who=Who(), now=NOW)

    assert await salon.execute("SELECT own_interval_days FROM services") == [(None,)]


async def test_a_service_is_named_by_its_id_or_title(salon):
    haircut = await salon.service("Стрижка")
    for _ in range(2):
        await salon.service("Укладка")

    assert await find_service(salon.db, salon.company, "стрижка ") == haircut
    assert await find_service(salon.db, salon.company, str(haircut)) == haircut
    with pytest.raises(NotFoundError):
        await find_service(salon.db, salon.company, "Маникюр")
    with pytest.raises(UsageError, match="Several"):
        await find_service(salon.db, salon.company, "Укладка")


async def test_two_services_that_turn_out_to_be_one_keep_it(salon):
    from vernis.decide.files.records import ServiceRecord
    from vernis.stages.services import Services

    def record(code: str | None, title: str) -> ServiceRecord:
        unknown = {"category": None, "price_minor": None, "duration_minutes": None}
        return ServiceRecord(code=code, title=title, is_active=True, line=1, **unknown)

    async with salon.db.tenant(salon.company.company_id) as connection:
        names = Services(connection, salon.company.company_id)
        await names.read()
        await names.put(record(None, "Стрижка"))
        await names.put(record("7", "Стрижка женская"))
    ((second,),) = await salon.execute(
        "SELECT service_id FROM services WHERE title = 'Стрижка женская'"
    )
    await set_to(salon, second, 40)
    async with salon.db.tenant(salon.company.company_id) as connection:
        names = Services(connection, salon.company.company_id)
        await names.read()
        await names.put(record("7", "Стрижка"))

    assert await salon.execute("SELECT own_interval_days FROM services") == [(40,)]
