"""`/readyz` and `/metrics`: what they count, and who may see which of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import httpx2
import psycopg
import pytest
from programs import Program, served
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from vernis import tracing
from vernis.app import App
from vernis.jobs import queue as queues
from vernis.jobs.queue import Hint
from vernis.stages import health
from vernis.stages.dispatching import Kind, Work

TOKEN = "obviously-a-fake-token"
DELIVER = Hint(work=Work(kind=Kind.DELIVER, company_id=1))


@asynccontextmanager
async def asked(app: App, **settings: object) -> AsyncIterator[httpx2.AsyncClient]:
    """A web of its own with other settings."""
    other = replace(app, settings=app.settings.model_copy(update=settings))
    async with served(other) as address, httpx2.AsyncClient(base_url=address) as client:
        yield client


def figures(text: str) -> dict[tuple[str, ...], float]:
    """Each sample by its name and the values of its labels."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture
async def busy(program: Program) -> Program:
    """Of three clients who were written to yesterday one has replied, and one has booked."""
    ((account,),) = await program.salon.execute("SELECT account_id FROM accounts")
    values = {"account_id": account, "sent": "2024-03-31 18:00"}
    ids = [await program.written_to(f"7900000000{n}", **values) for n in (1, 2, 3)]
    booking = await program.salon.booking(await program.salon.client(), "2024-04-01")
    now = program.clock()
    for sets, id_ in (
        ("response_received = true, response_at = %s", ids[0]),
        (f"booking_created = true, booking_id = {booking}, booking_created_at = %s", ids[1]),
    ):
        await program.salon.execute(
            f"UPDATE client_reactivation_history SET {sets} WHERE id = %s", now, id_
        )
    await program.salon.execute(
        "INSERT INTO plans (company_id, plan_on, counts, planned_at) VALUES (%s, %s, '{}', %s)",
        program.company.company_id, now.date(), now - timedelta(hours=1),
    )  # fmt: skip
    return program


async def heartbeat(app: App, *, seconds_ago: float) -> None:
    async with (
        queues.opened(app.database_url),
        await psycopg.AsyncConnection.connect(app.database_url) as connection,
    ):
        await connection.execute(
            "INSERT INTO vernis_jobs.procrastinate_workers (last_heartbeat)"
            " VALUES (now() - make_interval(secs => %s))",
            (seconds_ago,),
        )


async def test_the_last_run_and_the_last_day_are_told(busy: Program) -> None:
    ready = (await busy.client.get("/readyz")).json()

    assert ready["last_day"] == {"messages": 3, "replies": 1, "bookings": 1}
    assert ready["accounts"] == {"connected": 1, "paused": 0, "other": 0}
    (run,) = ready["companies"]
    assert (run["company_id"], run["plan_on"]) == (busy.company.company_id, "2024-04-01")
    assert (run["messages"], run["replies"], run["bookings"]) == (3, 1, 1)


async def test_one_company_can_be_asked_for(busy: Program) -> None:
    company = busy.company.company_id
    (run,) = (await busy.client.get("/readyz", params={"company": company})).json()["companies"]
    nobody = await busy.client.get("/readyz", params={"company": company + 1})

    assert run["company_id"] == company
    assert nobody.json()["companies"] == []


async def test_at_most_a_hundred_companies_are_listed(busy: Program, app: App) -> None:
    async with await psycopg.AsyncConnection.connect(app.database_url) as owner:
        await owner.execute(
            "INSERT INTO companies (company_id, name, timezone, currency, country)"
            " SELECT 1000 + n, 'Лён ' || n, 'Europe/Moscow', 'RUB', 'RU'"
            " FROM generate_series(1, 120) n"
        )
        await owner.execute(
            "INSERT INTO plans (company_id, plan_on, counts, planned_at)"
            " SELECT company_id, '2024-04-01', '{}', %s FROM companies WHERE company_id > 1000",
            (busy.clock(),),
        )

    runs = await health.runs(busy.salon.db, now=busy.clock())

    assert len(runs) == health.MOST_RUNS
    assert busy.company.company_id not in {run.company_id for run in runs}  # planned before them


@pytest.mark.parametrize(
    ("seconds_ago", "status", "jobs", "workers", "dead"),
    [(1, "ok", "ok", 1, 0), (600, "degraded", "down", 0, 1)],
)
async def test_a_worker_that_is_silent_is_dead(
    program: Program, app: App, seconds_ago, status, jobs, workers, dead
) -> None:
    await heartbeat(app, seconds_ago=seconds_ago)
    ready = (await program.client.get("/readyz")).json()

    assert ready["status"] == status
    assert ready["jobs"]["status"] == jobs
    assert (ready["jobs"]["workers"], ready["jobs"]["dead"]) == (workers, dead)


async def test_what_waits_for_a_worker_is_counted(program: Program, app: App) -> None:
    async with queues.opened(app.database_url) as queue:
        await queue.add([DELIVER])
    async with await psycopg.AsyncConnection.connect(app.database_url) as owner:
        await owner.execute(
            "UPDATE vernis_jobs.procrastinate_events SET at = now() - interval '90 seconds'"
        )

    found = figures((await program.client.get("/metrics")).text)
    jobs = (await program.client.get("/readyz")).json()["jobs"]

    assert (jobs["status"], jobs["waiting"]) == ("down", 1)
    assert 90 <= jobs["oldest_seconds"] < 100
    assert found["vernis_queue_hints", "campaigns"] == 1
    assert 90 <= found["vernis_queue_oldest_hint_seconds", "campaigns"] < 100


# --- who may see it ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Forwarded-Host"]
)
async def test_what_a_proxy_brings_sees_words_and_totals_only(busy: Program, header: str) -> None:
    headers = {header: "127.0.0.1"}
    ready = await busy.client.get("/readyz", params={"company": 1}, headers=headers)
    metrics = await busy.client.get("/metrics", headers=headers)

    assert ready.json()["companies"] is None
    assert ready.json()["last_day"]["messages"] == 3
    assert "Лён" not in ready.text
    assert (metrics.status_code, metrics.json()["code"]) == (401, "no_token")


async def test_where_a_token_is_set_it_has_to_be_shown(busy: Program, app: App) -> None:
    async with asked(app, metrics_token=SecretStr(TOKEN)) as client:
        for said, status in ((None, 401), ("Bearer wrong", 401), (f"Bearer {TOKEN}", 200)):
            headers = {"Authorization": said} if said else {}
            assert (await client.get("/metrics", headers=headers)).status_code == status
            ready = (await client.get("/readyz", headers=headers)).json()
            assert (ready["companies"] is not None) is (status == 200)


async def test_a_proxy_may_show_the_token(busy: Program, app: App) -> None:
    async with asked(app, metrics_token=SecretStr(TOKEN)) as client:
        headers = {"Authorization": f"Bearer {TOKEN}", "X-Forwarded-For": "192.0.2.1"}
        assert (await client.get("/metrics", headers=headers)).status_code == 200


# --- metrics -----------------------------------------------------------------------------------


async def test_metrics_say_what_the_tables_say(busy: Program) -> None:
    found = figures((await busy.client.get("/metrics")).text)

    assert found["vernis_messages_sent_last_day", "sandbox", "accepted"] == 3
    assert found["vernis_replies_last_day",] == found["vernis_bookings_last_day",] == 1
    assert found["vernis_accounts", "sandbox", "connected"] == 1
    assert found["vernis_database_up",] == found["vernis_redis_up",] == 1
    assert found["vernis_messages_unknown", "campaign"] == 0


async def test_a_paused_account_and_an_unknown_message_show(busy: Program) -> None:
    await busy.salon.execute(
        "UPDATE accounts SET state = 'paused', pause_reason = 'by_hand', paused_at = %s",
        busy.clock(),
    )
    await busy.salon.execute("UPDATE client_reactivation_history SET state = 'unknown'")
    found = figures((await busy.client.get("/metrics")).text)

    assert found["vernis_accounts", "sandbox", "paused"] == 1
    assert found["vernis_messages_unknown", "campaign"] == 3


async def test_requests_are_counted_by_route_and_never_by_path(program: Program) -> None:
    await program.told("context", phone="79000000001")
    await program.client.get("/79000000001")
    await program.client.request("PROPFIND", "/healthz")
    await program.client.get("/static/icon.svg")
    text = (await program.client.get("/metrics")).text
    found = figures(text)
    name = "vernis_http_request_duration_seconds_count"
    context = "/v1/companies/{company_id}/assistants/context"

    assert found[name, "POST", context, "2xx"] >= 1
    assert found[name, "GET", "unknown", "4xx"] >= 1
    assert found[name, "other", "/healthz", "4xx"] >= 1
    assert found[name, "GET", "/static", "2xx"] >= 1
    assert "7900" not in text
    assert "Лён" not in text


@pytest.mark.parametrize(
    ("path", "channel"),
    [("cloud", "cloud"), ("waha", "waha"), ("79000000001", "other"), ("yclients/1-x", "yclients")],
)
async def test_webhooks_are_counted_by_channel(program: Program, path: str, channel: str) -> None:
    await program.client.post(f"/webhooks/{path}", content=b"{}")
    found = figures((await program.client.get("/metrics")).text)

    assert found["vernis_webhook_duration_seconds_count", channel, "4xx"] >= 1


async def test_what_ends_is_counted_with_what_came_of_it(program: Program) -> None:
    def count(found: dict[tuple[str, ...], float], *labels: str) -> float:
        return found.get((f"vernis_{labels[0]}_duration_seconds_count", *labels[1:]), 0)

    seen = [
        ("stage", "ok", "plan"),  # labels come by the order of their names
        ("channel_send", "sandbox", "accepted"),
        ("crm_request", "yclients", "GET", "2xx"),
        ("model_request", "a-model", "works"),
        ("sweep",),
    ]
    before = figures((await program.client.get("/metrics")).text)
    for name, attributes in (
        ("stage", {"stage": "plan", "company": 1}),
        ("channel.send", {"channel": "sandbox"}),
        ("crm.call", {"crm": "yclients", "method": "GET", "outcome": "2xx"}),
        ("model.call", {"model": "a-model", "outcome": "works"}),
        ("sweep", {"found": 3}),
    ):
        with tracing.span(name, **attributes):
            pass
    after = figures((await program.client.get("/metrics")).text)

    assert [count(after, *labels) - count(before, *labels) for labels in seen] == [1] * 5


async def test_without_the_database_metrics_still_say_so(program: Program) -> None:
    try:
        await program.salon.db._pool.close()
        found = figures((await program.client.get("/metrics")).text)
        ready = await program.client.get("/readyz")
    finally:
        program.salon.db._pool._closed = True

    assert found["vernis_database_up",] == 0
    assert ready.status_code == 503
    assert ready.json()["last_day"] is None
