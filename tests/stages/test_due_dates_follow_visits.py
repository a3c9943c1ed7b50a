"""Between two computations the due dates of those who came are brought up to date."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from salon_files import NOW as IMPORTED
from salon_files import take_in
from salon_rows import Salon

from vernis.domain import Company
from vernis.ports import Database
from vernis.stages import importing, intervals

BEFORE, AFTER = date(2024, 4, 1), date(2024, 4, 3)
NOW = datetime(2024, 4, 3, 6, tzinfo=UTC)


async def due_dates(salon: Salon) -> dict[int, tuple[object, ...]]:
    rows = await salon.execute(
        "SELECT client_id, last_visit_on, interval_days, due_on, interval_source, visit_count"
        " FROM client_due_dates"
    )
    return {client_id: tuple(rest) for client_id, *rest in rows}


async def test_only_the_clients_who_came_are_computed_anew(db: Database, company: Company) -> None:
    salon = Salon(db, company)
    came, stayed, new = [await salon.client() for _ in "123"]
    for on in ("2024-01-02", "2024-02-01", "2024-03-02"):
        await salon.booking(came, on)
        await salon.booking(stayed, on)
    await intervals.compute(db, company, on=BEFORE, now=NOW)
    before = await due_dates(salon)

    await salon.booking(came, "2024-04-02")
    await salon.booking(new, "2024-04-02")
    await salon.booking(stayed, "2024-04-02")
    assert await intervals.follow(db, company, [came, new], on=AFTER, now=NOW) == 2

    followed = await due_dates(salon)
    assert followed[stayed] == before[stayed]
    assert not await intervals.is_stale(db, company, on=AFTER)
    await intervals.compute(db, company, on=AFTER, now=NOW)
    whole = await due_dates(salon)
    assert {came: whole[came], new: whole[new]} == {came: followed[came], new: followed[new]}
    assert whole[came] != before[came]


async def test_an_import_of_a_days_visits_brings_only_their_clients_up_to_date(
    db: Database, company: Company, tmp_path: Path
) -> None:
    head = "Дата,Клиент,Телефон,Услуга,Сумма,Статус\n"
    past = [
        f"{day},{name},+7 900 000-00-0{number},Стрижка,1500,Пришёл\n"
        for number, name in enumerate(("Анна", "Мария"))
        for day in ("02.01.2024", "01.02.2024", "01.03.2024")
    ]
    salon = Salon(db, company)
    history, today = tmp_path / "history.csv", tmp_path / "today.csv"
    history.write_text(head + "".join(past), encoding="utf-8")
    today.write_text(
        head + "14.03.2024,Анна,+7 900 000-00-00,Стрижка,1500,Пришёл\n", encoding="utf-8"
    )
    await take_in(db, company, [history])
    assert await intervals.is_stale(db, company, on=IMPORTED.date())
    await intervals.compute(db, company, on=IMPORTED.date(), now=IMPORTED)
    before = await due_dates(salon)

    await take_in(db, company, [today])

    after = await due_dates(salon)
    assert not await intervals.is_stale(db, company, on=IMPORTED.date())
    anna, maria = sorted(after)
    assert after[maria] == before[maria]
    assert after[anna][0] == date(2024, 3, 14)


async def test_an_import_that_changes_more_makes_all_due_dates_old(
    db: Database, company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "FOLLOWED", 0)
    await intervals.compute(db, company, on=IMPORTED.date(), now=IMPORTED)
    file = tmp_path / "visits.csv"
    file.write_text(
        "Дата,Клиент,Телефон,Услуга,Сумма,Статус\n"
        "14.03.2024,Анна,+7 900 000-00-00,Стрижка,1500,Пришёл\n",
        encoding="utf-8",
    )

    await take_in(db, company, [file])

    assert await intervals.is_stale(db, company, on=IMPORTED.date())
