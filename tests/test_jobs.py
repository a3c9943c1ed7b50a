"""The worker's parts: hints, what they lead to, and the orderly end."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from stages.salon_rows import Salon
from vernis.adapters.channel_sandbox import Sandbox
from vernis.adapters.context import RedisDialogStore
from vernis.adapters.crm_calendar import Calendar
from vernis.adapters.postgres import Database
from vernis.adapters.sealing import Sealer
from vernis.adapters.writer_templates import TemplateWriter
from vernis.app import App
from vernis.config import Settings
from vernis.domain import Abilities, Account, Company, Outgoing, Receipt
from vernis.errors import ChannelError, OutcomeUnknownError, RefusedError
from vernis.jobs import queue as queues
from vernis.jobs import worker
from vernis.jobs.queue import Hint, Queue
from vernis.jobs.stopping import Hurried, Stop
from vernis.jobs.work import WATCHED_AFTER, carry_out
from vernis.stages.dispatching import Kind, Work

MORNING, DELIVER = (Work(kind=kind, company_id=1) for kind in (Kind.MORNING, Kind.DELIVER))


@pytest.fixture
async def queue(database_url: str) -> AsyncIterator[Queue]:
    async with queues.opened(database_url) as opened:
        yield opened


def _query(url: str, statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url, options=f"-c search_path={queues.SCHEMA}") as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


# --- hints ------------------------------------------------------------------------------------


async def test_the_same_hint_waits_only_once(queue: Queue) -> None:
    assert await queue.add([Hint(work=MORNING), Hint(work=DELIVER)]) == 2
    assert await queue.add([Hint(work=MORNING), Hint(work=MORNING)]) == 0


async def test_dialogs_of_one_company_wait_side_by_side(queue: Queue) -> None:
    works = [Work(kind=Kind.HANDLE, company_id=1, dialog_id=dialog) for dialog in (7, 8)]
    assert await queue.add([Hint(work=work) for work in works]) == 2


async def test_no_more_is_queued_than_the_backlog_takes(queue: Queue) -> None:
    hints = [Hint(work=Work(kind=Kind.DELIVER, company_id=id_)) for id_ in range(1, 11)]
    assert await queue.add(hints, backlog=4) == 4
    assert await queue.add(hints, backlog=4) == 0
    assert await queue.add(hints, backlog=6) == 2


async def test_a_hint_for_later_takes_no_place_in_the_backlog(queue: Queue) -> None:
    await queue.add([Hint(work=MORNING, at=datetime.now(UTC) + timedelta(hours=1))])
    assert await queue.add([Hint(work=DELIVER)], backlog=1) == 1


async def test_a_job_of_a_dead_worker_is_dropped_although_the_same_hint_waits(
    queue: Queue, database_url: str
) -> None:
    _query(database_url, "INSERT INTO procrastinate_workers (last_heartbeat) VALUES ('-infinity')")
    await queue.add([Hint(work=DELIVER)])
    _query(database_url, "UPDATE procrastinate_jobs SET status = 'doing', worker_id = 1")
    await queue.add([Hint(work=DELIVER)])
    assert await queue.release(silent_seconds=30) == 1
    assert _query(database_url, "SELECT status FROM procrastinate_jobs") == [("todo",)]


async def test_the_job_of_a_living_worker_stays(queue: Queue, database_url: str) -> None:
    _query(database_url, "INSERT INTO procrastinate_workers DEFAULT VALUES")
    await queue.add([Hint(work=DELIVER)])
    _query(database_url, "UPDATE procrastinate_jobs SET status = 'doing', worker_id = 1")
    assert await queue.release(silent_seconds=30) == 0


async def test_tables_of_another_version_are_made_anew(queue: Queue, database_url: str) -> None:
    await queue.add([Hint(work=MORNING)])
    _query(database_url, f"COMMENT ON SCHEMA {queues.SCHEMA} IS 'another version'")
    async with queues.opened(database_url) as renewed:
        assert await renewed.add([Hint(work=MORNING)]) == 1
    async with queues.opened(database_url) as again:
        assert await again.add([Hint(work=MORNING)]) == 0


# --- a Redis that lost everything ----------------------------------------------------------------


async def test_the_worker_puts_lost_contexts_back_once(
    app: App, db: Database, company: Company, store: RedisDialogStore, clock: Any
) -> None:
    salon = Salon(db, company)
    sent = "2024-04-01 11:00"
    await salon.contact(await salon.client(), sent, claimed_at=salon.at(sent))
    assert await worker.restore_lost_context(app) == 1
    assert await store.pending_action(company.company_id, "79990000001")
    assert await worker.restore_lost_context(app) == 0


# --- what they lead to -------------------------------------------------------------------------


@pytest.fixture
def app(db: Database, database_url: str, store: RedisDialogStore, clock: Any) -> App:
    return App(
        settings=Settings(burst_seconds=4),
        database_url=database_url,
        db=db,
        open_store=lambda: store,
        channels={"sandbox": Sandbox(db, clock)},
        crm=Calendar(db, clock),
        writer=TemplateWriter(),
        clock=clock,
        hash_phone=lambda phone: phone.encode().rjust(32),
        sealer=Sealer("a secret of tests"),
    )


@pytest.fixture
def stop() -> Stop:
    return Stop(grace_seconds=0)


@pytest.fixture
async def salon(db: Database, company: Company) -> Salon:
    """12:00 in Moscow; two clients overdue by a week, of whom none is held out."""
    salon = Salon(db, company)
    await salon.execute("UPDATE companies SET holdout_percent = 0")
    for _ in range(2):
        client = await salon.client()
        for on in ("2023-11-26", "2023-12-26", "2024-01-25", "2024-02-24"):
            await salon.booking(client, on)
    return salon


def _work(salon: Salon, kind: Kind, dialog_id: int | None = None) -> Work:
    return Work(kind=kind, company_id=salon.company.company_id, dialog_id=dialog_id)


async def _states(salon: Salon) -> list[str]:
    rows = await salon.execute("SELECT state FROM client_reactivation_history ORDER BY id")
    return [row[0] for row in rows]


async def test_a_morning_plans_once_and_hints_at_the_delivery(
    app: App, salon: Salon, stop: Stop
) -> None:
    morning = _work(salon, Kind.MORNING)
    assert await carry_out(app, morning, stop) == [Hint(work=_work(salon, Kind.DELIVER))]
    assert await _states(salon) == ["planned", "planned"]
    assert await carry_out(app, morning, stop) == []


@pytest.mark.parametrize(
    "change", ["send_days = '{2,3}'", "send_from = '08:00', send_until = '11:00'"]
)
async def test_a_day_on_which_nothing_may_leave_any_more_is_not_planned(
    app: App, salon: Salon, stop: Stop, change: str
) -> None:
    await salon.execute(f"UPDATE companies SET {change}")
    assert await carry_out(app, _work(salon, Kind.MORNING), stop) == []
    assert await _states(salon) == []
    assert await salon.execute("SELECT planned_on::text FROM companies") == [("2024-04-01",)]


async def test_a_delivery_writes_and_sends_all_that_is_due(
    app: App, salon: Salon, stop: Stop
) -> None:
    await carry_out(app, _work(salon, Kind.MORNING), stop)
    [hint] = await carry_out(app, _work(salon, Kind.DELIVER), stop)
    assert hint.work == _work(salon, Kind.WATCH)
    assert hint.at == app.clock() + WATCHED_AFTER
    assert await _states(salon) == ["accepted", "accepted"]
    assert await carry_out(app, hint.work, stop) == []


async def test_a_delivery_over_a_paced_account_goes_on_when_the_account_is_free(
    app: App, salon: Salon, stop: Stop
) -> None:
    await salon.execute("UPDATE accounts SET gap_seconds = 30")
    await carry_out(app, _work(salon, Kind.MORNING), stop)
    hint, _ = await carry_out(app, _work(salon, Kind.DELIVER), stop)
    assert hint.work == _work(salon, Kind.DELIVER)
    assert hint.at is not None
    assert timedelta(seconds=18) <= hint.at - app.clock() <= timedelta(seconds=42)
    assert await _states(salon) == ["accepted", "written"]


async def test_a_delivery_at_its_days_limit_is_left_to_the_sweep(
    app: App, salon: Salon, stop: Stop
) -> None:
    await carry_out(app, _work(salon, Kind.MORNING), stop)
    await salon.execute("UPDATE accounts SET daily_limit = 0")
    assert await carry_out(app, _work(salon, Kind.DELIVER), stop) == []
    assert await _states(salon) == ["written", "written"]


async def test_a_dialog_is_handled_once_its_client_pauses(
    app: App, salon: Salon, stop: Stop, clock: Any
) -> None:
    dialog_id, stored_at = await _received(salon)
    clock.now = stored_at + timedelta(seconds=1)
    handle = _work(salon, Kind.HANDLE, dialog_id)
    ready = stored_at + timedelta(seconds=4)
    assert await carry_out(app, handle, stop) == [Hint(work=handle, at=ready)]

    clock.now = ready
    assert await carry_out(app, handle, stop) == [Hint(work=_work(salon, Kind.ANSWER))]
    assert await carry_out(app, handle, stop) == []
    await carry_out(app, _work(salon, Kind.ANSWER), stop)
    answers = "SELECT state FROM messages WHERE direction = 'out'"
    assert await salon.execute(answers) == [("accepted",)]


async def _received(salon: Salon) -> tuple[int, datetime]:
    account_id = (await salon.execute("SELECT account_id FROM accounts"))[0][0]
    dialog_id = await salon.insert(
        "dialogs", "dialog_id", account_id=account_id, phone="79990000001"
    )
    row = {"direction": "in", "state": "received", "body": "спасибо, не надо"}
    stored_at = await salon.insert(
        "messages", "created_at", dialog_id=dialog_id, account_id=account_id,
        said_at=datetime.now(UTC), **row,
    )  # fmt: skip
    return dialog_id, stored_at


async def test_work_of_a_company_that_is_gone_is_none(app: App, stop: Stop) -> None:
    assert await carry_out(app, Work(kind=Kind.MORNING, company_id=404), stop) == []


async def test_a_failure_is_logged_without_what_the_database_quotes(
    app: App, queue: Queue, stop: Stop, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    async def fails(*_: Any) -> list[Hint]:
        raise psycopg.errors.UniqueViolation("Key (phone)=(79990000001) already exists.")

    monkeypatch.setattr(worker, "carry_out", fails)
    await worker._carrier(app, queue, stop)(MORNING)
    [record] = caplog.records
    assert record.levelno == logging.ERROR
    assert "stage=morning company=1 error=UniqueViolation" in record.getMessage()
    assert "7999" not in caplog.text


async def test_a_sweep_finds_the_work_and_queues_it_once(
    app: App, queue: Queue, salon: Salon
) -> None:
    assert await worker.sweep(app, queue) == (2, 2)  # its morning and its due dates
    assert await worker.sweep(app, queue) == (2, 0)


# --- the end -----------------------------------------------------------------------------------


class Line:
    """A channel that answers when it is told to."""

    name = "line"
    abilities = Abilities()

    def __init__(self) -> None:
        self.answer: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()

    async def send(self, account: Account, message: Outgoing) -> Receipt:
        return await self.answer


ACCOUNT = Account(company_id=1, account_id=1, channel="line", address=None)
MESSAGE = Outgoing(company_id=1, account_id=1, key="r1-1", phone="79990000001", text="!")
RECEIPT = Receipt(provider_message_id="1", accepted_at=datetime(2024, 4, 1, tzinfo=UTC))


async def test_a_call_under_way_may_finish_after_the_stop() -> None:
    stop, line = Stop(grace_seconds=60), Line()
    call = asyncio.create_task(Hurried(line, stop).send(ACCOUNT, MESSAGE))
    stop.ask()
    await asyncio.sleep(0)
    line.answer.set_result(RECEIPT)
    assert await call == RECEIPT


async def test_a_call_that_takes_too_long_after_the_stop_has_an_unknown_outcome() -> None:
    stop = Stop(grace_seconds=0)
    call = asyncio.create_task(Hurried(Line(), stop).send(ACCOUNT, MESSAGE))
    await asyncio.sleep(0)
    stop.ask()
    with pytest.raises(OutcomeUnknownError):
        await call


async def test_a_call_not_begun_in_time_certainly_did_not_leave() -> None:
    stop = Stop(grace_seconds=0)
    stop.ask()
    await stop.wait_until_late()
    with pytest.raises(RefusedError) as refused:
        await Hurried(Line(), stop).send(ACCOUNT, MESSAGE)
    assert refused.value.temporary


async def test_a_hurried_channel_passes_refusals_on() -> None:
    line = Line()
    line.answer.set_exception(RefusedError("blocked"))
    with pytest.raises(ChannelError, match="blocked"):
        await Hurried(line, Stop(grace_seconds=0)).send(ACCOUNT, MESSAGE)


async def test_waiting_ends_with_the_stop() -> None:
    stop = Stop(grace_seconds=0)
    waiting = asyncio.create_task(stop.wait(3600))
    stop.ask()
    await waiting
    assert stop.asked
