"""What may be asked of a model: requests of a key, money of a company, pauses of a model."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from asking_process import WINDOW
from clients import clients, salon
from fake_models import Asked, Fails, FakeGemini, FakeModel, FakeOpenAI, Reply, Says
from obedient import obedient
from wiring import MakeWriter, provider_for

from vernis.adapters.model_budget import Budget, Refused
from vernis.adapters.model_providers import ModelError, Provider
from vernis.adapters.postgres import Database
from vernis.decide.writing.model_health import Outcome
from vernis.decide.writing.prompt import CHECK
from vernis.domain import Company
from vernis.stages import model_status

OK = Says(words='{"messages": [{"id": "k1", "text": "ok"}]}', tokens=(100, 50))
PRICES = {"input_price": 10.0, "output_price": 100.0}
MOST = (len(CHECK.system.encode()) + len(CHECK.user) + 500) * 10 + 2250 * 100  # micro-dollars
SPENT = 100 * 10 + 50 * 100


@pytest.fixture
async def make_provider() -> AsyncIterator[Any]:
    async with AsyncExitStack() as stack:

        def make(fake: FakeModel, **changes: Any) -> Provider:
            provider = provider_for(fake, **changes)
            stack.push_async_callback(provider.aclose)
            return provider

        yield make


def ok(_: Asked) -> Reply:
    return OK


# --- requests -----------------------------------------------------------------------------------


async def test_two_processes_never_exceed_a_keys_budget_over_any_window(database_url: str):
    async with FakeOpenAI(script=ok, delay=0.02) as fake:
        script = Path(__file__).with_name("asking_process.py")
        arguments = [sys.executable, str(script), database_url, str(fake.port), "3", "6"]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        processes = [await asyncio.create_subprocess_exec(*arguments, **pipes) for _ in range(2)]
        for process in processes:
            assert process.stdout is not None
            assert await process.stdout.readline() == b"ready\n"
        await asyncio.gather(*[process.communicate(b"go\n") for process in processes])

    arrived = sorted(asked.at for asked in fake.asked)
    assert [process.returncode for process in processes] == [0, 0]
    assert len(arrived) > 6
    for at, first in enumerate(arrived):
        assert sum(one < first + WINDOW for one in arrived[at:]) <= 6


async def test_the_day_has_a_limit_of_its_own(db: Database, company: Company, make_provider):
    budget = Budget(db)
    async with FakeGemini(script=ok) as fake:
        provider = make_provider(fake, requests_per_day=3)
        for _ in range(3):
            await budget.ask(provider, CHECK, 1, company)
        with pytest.raises(Refused, match="budget"):
            await budget.ask(provider, CHECK, 1, company)


async def test_requests_side_by_side_are_counted_one_by_one(
    db: Database, company: Company, make_provider
):
    budget = Budget(db)
    async with FakeGemini(script=ok, delay=0.1) as fake:
        provider = make_provider(fake, requests_per_minute=4)
        asks = [budget.ask(provider, CHECK, 1, company) for _ in range(10)]
        came = await asyncio.gather(*asks, return_exceptions=True)

        assert len(fake.asked) == 4
    assert [str(one) for one in came if isinstance(one, Refused)] == ["budget"] * 6


async def test_a_key_is_kept_as_a_hash_only(
    db: Database, database_url: str, company: Company, make_provider
):
    async with FakeGemini(script=ok) as fake:
        await Budget(db).ask(make_provider(fake), CHECK, 1, company)

    with psycopg.connect(database_url) as connection:
        for table in ("model_keys", "model_requests", "model_status", "model_spending"):
            rows = connection.execute(f"SELECT t::text FROM {table} t").fetchall()
            assert rows
            assert "right-key" not in str(rows)


# --- money --------------------------------------------------------------------------------------


async def test_what_is_spent_is_what_the_tokens_cost(db: Database, company: Company, make_provider):
    async with FakeOpenAI(script=ok) as fake:
        await Budget(db).ask(make_provider(fake, **PRICES), CHECK, 1, company)

    assert await model_status.spent_micro_usd(db, company) == SPENT


async def test_a_company_never_passes_its_months_limit_however_many_ask_at_once(
    db: Database, company: Company, make_provider
):
    limited = replace(company, model_limit_minor=2 * MOST // 10_000 + 1)  # room for two at once
    budget = Budget(db)
    async with FakeOpenAI(script=ok, delay=0.1) as fake:
        provider = make_provider(fake, **PRICES)
        asks = [budget.ask(provider, CHECK, 1, limited) for _ in range(6)]
        came = await asyncio.gather(*asks, return_exceptions=True)

        assert len(fake.asked) == 2
        assert [str(one) for one in came if isinstance(one, Refused)] == ["money"] * 4
        await budget.ask(provider, CHECK, 1, limited)  # what was not spent is free again

    assert await model_status.spent_micro_usd(db, company) == 3 * SPENT


async def test_another_company_has_its_own_money(db: Database, company: Company, make_provider):
    broke = replace(company, model_limit_minor=0)
    budget = Budget(db)
    async with FakeOpenAI(script=ok) as fake:
        provider = make_provider(fake, **PRICES)
        with pytest.raises(Refused, match="money"):
            await budget.ask(provider, CHECK, 1, broke)
        await budget.ask(provider, CHECK, 1, company)

    assert len(fake.asked) == 1


async def test_a_model_of_ones_own_costs_nothing_and_needs_no_money(
    db: Database, company: Company, make_provider
):
    broke = replace(company, model_limit_minor=0)
    async with FakeOpenAI(script=ok) as fake:
        await Budget(db).ask(make_provider(fake), CHECK, 1, broke)

    assert await model_status.spent_micro_usd(db, company) == 0


@pytest.mark.parametrize(
    ("how", "spent"),
    [("server", 0), ("rate_limit", 0), ("rejected", 0), (None, MOST)],
    ids=["an error of the provider", "too many", "rejected", "no answer in time"],
)
async def test_what_may_have_been_billed_stays_spent(
    db: Database, company: Company, make_provider, how: str | None, spent: int
):
    async def script(_: Asked) -> Reply:
        if how is None:
            await asyncio.sleep(30)
        return Fails(how=how or "")

    async with FakeOpenAI(script=script) as fake:
        provider = make_provider(fake, timeout_seconds=0.3, **PRICES)
        with pytest.raises(ModelError):
            await Budget(db).ask(provider, CHECK, 1, company)

    assert await model_status.spent_micro_usd(db, company) == spent


async def test_without_money_templates_write_and_say_so(make_writer: MakeWriter, company: Company):
    broke = replace(salon(company), model_limit_minor=0)
    async with FakeGemini(script=obedient) as fake:
        drafts = await make_writer(fake, **PRICES).write(broke, clients(3))

        assert fake.asked == []
    assert {draft.fallback for draft in drafts} == {"money"}


# --- pauses -------------------------------------------------------------------------------------


async def pause_is_over(db: Database) -> None:
    async with db.tenant(1) as connection:
        await connection.execute("UPDATE model_status SET paused_until = now() - interval '1s'")


async def outcome(budget: Budget, provider: Provider, company: Company) -> str:
    try:
        await budget.ask(provider, CHECK, 1, company)
    except ModelError as error:
        return error.outcome
    except Refused as refused:
        return refused.why
    return "works"


async def test_after_three_failures_in_a_row_a_model_is_left_alone_then_tried_by_one(
    db: Database, company: Company, make_provider
):
    answers: list[Reply] = [Fails(how="server")] * 4
    budget = Budget(db)
    async with FakeGemini(script=lambda _: answers[0], delay=0.05) as fake:
        provider = make_provider(fake)
        for expected in ["server_error"] * 3 + ["unavailable"] * 2:
            assert await outcome(budget, provider, company) == expected

        await pause_is_over(db)
        came = await asyncio.gather(*[outcome(budget, provider, company) for _ in range(4)])
        assert sorted(came) == ["server_error"] + ["unavailable"] * 3

        await pause_is_over(db)
        answers[0] = OK
        assert await outcome(budget, provider, company) == "works"
        came = await asyncio.gather(*[outcome(budget, provider, company) for _ in range(4)])
        assert came == ["works"] * 4


async def test_requests_that_fail_side_by_side_are_one_failure(
    db: Database, company: Company, make_provider
):
    budget = Budget(db)
    async with FakeGemini(script=lambda _: Fails(how="server"), delay=0.1) as fake:
        provider = make_provider(fake)
        came = await asyncio.gather(*[outcome(budget, provider, company) for _ in range(5)])

        assert came == ["server_error"] * 5
        assert await outcome(budget, provider, company) == "server_error"


async def test_a_wrong_key_is_not_tried_again_and_a_new_one_at_once(
    db: Database, company: Company, make_provider
):
    budget = Budget(db)
    async with FakeGemini(script=ok) as fake:
        wrong, right = make_provider(fake, api_key="wrong-key"), make_provider(fake)

        assert await outcome(budget, wrong, company) == "wrong_key"
        assert await outcome(budget, wrong, company) == "unavailable"
        assert await outcome(budget, right, company) == "works"


async def test_a_check_by_hand_ends_a_pause(db: Database, company: Company, make_provider):
    answers: list[Reply] = [Fails(how="quota")]
    budget = Budget(db)
    async with FakeGemini(script=lambda _: answers[0]) as fake:
        provider = make_provider(fake)
        assert await outcome(budget, provider, company) == "quota"
        assert await outcome(budget, provider, company) == "unavailable"

        answers[0] = OK
        assert await budget.check(provider, CHECK) is Outcome.WORKS
        assert await outcome(budget, provider, company) == "works"
