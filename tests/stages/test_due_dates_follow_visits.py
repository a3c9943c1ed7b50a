"""Between two computations the due dates of those who came are brought up to date."""

from datetime import UTC, date, datetime

from salon_rows import Salon

from vernis.domain import Company
from vernis.ports import Database
from vernis.stages import intervals

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
