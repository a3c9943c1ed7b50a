"""The report's sentence on the language model, and what the model has cost."""

from datetime import date

import pytest
from salon_rows import Salon

from vernis.domain import Company
from vernis.stages import model_status

DAY = date(2024, 4, 1)


@pytest.fixture
async def salon(db, company: Company) -> Salon:
    return Salon(db, company)


async def written(salon: Salon, planned: str, *, fallback: str | None, model: str | None) -> None:
    values = {"state": "accepted", "message_text": "Записать вас?", "message_fallback": fallback}
    client = await salon.client()
    await salon.reactivation(client, salon.at(planned), message_model=model, **values)


async def sentence(salon: Salon) -> str | None:
    return await model_status.standing_in(salon.db, salon.company, first_day=DAY, last_day=DAY)


async def test_nothing_is_said_where_no_model_was_asked_or_all_went_well(salon: Salon):
    await written(salon, "2024-04-01 09:00", fallback=None, model=None)
    assert await sentence(salon) is None

    await written(salon, "2024-04-01 09:00", fallback=None, model="flash")
    assert await sentence(salon) is None


async def test_the_days_own_messages_are_counted_and_the_model_named_that_is_ill(salon: Salon):
    await written(salon, "2024-04-01 09:00", fallback=None, model="flash")
    await written(salon, "2024-04-01 09:00", fallback="unavailable", model=None)
    await written(salon, "2024-04-02 09:00", fallback="unavailable", model=None)
    await salon.execute(
        "INSERT INTO model_status (model_hash, name, outcome, outcome_at)"
        " VALUES (sha256('a'), 'flash', 'wrong_key', now()),"
        "        (sha256('b'), 'other', 'works', now()),"
        "        (sha256('c'), 'other', 'wrong_key', now() - interval '1 hour'),"
        "        (sha256('d'), 'former', 'quota', now() - interval '8 days')"
    )

    assert await sentence(salon) == (
        "Templates stood in for the language model in 1 of 2 messages: 1 because flash refuses the"
        " key: check it."
    )


async def test_money_is_counted_by_month(salon: Salon):
    await salon.execute(
        "INSERT INTO model_spending (company_id, month, micro_usd)"
        " VALUES (%s, date_trunc('month', now() AT TIME ZONE 'Europe/Moscow'), 70000),"
        "        (%s, '2020-01-01', 900000)",
        salon.company.company_id,
        salon.company.company_id,
    )

    assert await model_status.spent_micro_usd(salon.db, salon.company) == 70_000
