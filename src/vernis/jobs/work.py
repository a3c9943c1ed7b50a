"""What a hint leads to. Each function looks what is left to do, does it, and hints what next.

All of them may be interrupted anywhere, repeated, and run beside other workers and commands.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from time import monotonic

from vernis import tracing
from vernis.app import App, source_of
from vernis.decide import hours
from vernis.domain import Company
from vernis.errors import CrmBusyError, NotFoundError
from vernis.jobs.queue import Hint
from vernis.jobs.stopping import Stop
from vernis.stages import (
    answering,
    companies,
    connections,
    conversions,
    crm_connections,
    dispatching,
    intervals,
    outgoing_deliveries,
    pauses,
    planning,
    sending,
    settling,
    syncing,
    writing,
)
from vernis.stages.dispatching import Kind, Work

log = logging.getLogger(__name__)

TURN_SECONDS = 10.0  # then another company gets its turn
SYNC_SECONDS = 5.0  # of a company's CRM in a row
NAP_SECONDS = 2.0  # shorter pauses of an account are slept through
WATCHED_AFTER = timedelta(minutes=65)  # what was accepted an hour ago should have arrived
TELL_AGAIN = timedelta(seconds=5)
SOON = timedelta(minutes=1)  # later ones are left to the sweep


async def carry_out(app: App, work: Work, stop: Stop) -> list[Hint]:
    """Do the work; what to do next. Nothing where its company is gone."""
    try:
        company = await companies.get(app.db, work.company_id)
    except NotFoundError:
        return []
    match work.kind:
        case Kind.ANSWER:
            return await answer(app, company)
        case Kind.HANDLE:
            assert work.dialog_id is not None
            return await handle(app, company, work.dialog_id)
        case Kind.TELL:
            return await tell(app, company, stop)
        case Kind.DELIVER:
            return await deliver(app, company, stop)
        case Kind.MORNING:
            return await morning(app, company)
        case Kind.INTERVALS:
            return await refresh(app, company)
        case Kind.WATCH:
            return await watch(app, company)
        case Kind.SYNC:
            return await read_crm(app, company, stop)


async def morning(app: App, company: Company) -> list[Hint]:
    """Plan the company's day: fresh due dates, yesterday's conversions, today's plan.

    The plan comes last and marks the day as planned: until then a sweep finds it unplanned.
    """
    now = app.clock()
    on = now.astimezone(company.zone).date()
    if company.started_at is None or await dispatching.is_planned(app.db, company, on=on):
        return []
    if await syncing.is_first_under_way(app.db, company):
        return []  # who has booked ahead is not known yet
    await outgoing_deliveries.forget_old(app.db, company, now=now)
    await _compute_if_stale(app, company)
    with _measured("attribute", company) as done:
        done["changed"] = await conversions.attribute(app.db, company, now=now)
    opening = hours.next_opening(company, now)
    if opening is None or opening >= hours.deadline(company, on):
        await dispatching.close_day(app.db, company, on=on)
        log.info("stage=plan company=%d closed=1", company.company_id)
        return []
    with _measured("plan", company) as done:
        plan = await planning.store(app.db, company, on=on, now=now, hash_phone=app.hash_phone)
        done["contacts"], done["held_out"] = len(plan.contacts), len(plan.held_out)
    return [_hint(Kind.DELIVER, company)]


async def refresh(app: App, company: Company) -> list[Hint]:
    """Recompute the due dates where they are a week old or data came in."""
    await _compute_if_stale(app, company)
    return []


async def tell(app: App, company: Company, stop: Stop) -> list[Hint]:
    """Call the company's webhooks for one turn."""
    ends = monotonic() + TURN_SECONDS
    with _measured("tell", company) as done:
        done["told"] = await outgoing_deliveries.deliver(
            app.db,
            company,
            sender=app.webhook_sender,
            sealer=app.sealer,
            clock=app.clock,
            stopping=lambda: stop.asked or monotonic() >= ends,
        )
    due, now = await outgoing_deliveries.next_attempt(app.db, company), app.clock()
    if due is None or due > now + SOON:
        return []
    # where another process is at it, not at once
    return [_hint(Kind.TELL, company, at=due if done["told"] else max(due, now + TELL_AGAIN))]


async def deliver(app: App, company: Company, stop: Stop) -> list[Hint]:
    """Write what is planned and send what may leave, for one turn."""
    ends = monotonic() + TURN_SECONDS

    def is_over() -> bool:
        return stop.asked or monotonic() >= ends

    with _measured("deliver", company) as done:
        done["resumed"] = await pauses.resume_due(app.db, company, now=app.clock())
        done["paused"] = await pauses.watch(app.db, company, app.channels, now=app.clock())
        done["written"] = await writing.write(
            app.db, company, app.writer, now=app.clock(), crm=app.crm
        )
        done["recovered"] = await settling.recover(
            app.db, company, channels=app.channels, now=app.clock()
        )
        while True:
            sent = await _send(app, company, is_over)
            done["sent"] = done.get("sent", 0) + sent
            later = [_hint(Kind.WATCH, company, at=app.clock() + WATCHED_AFTER)]
            later = later if done["sent"] else []
            due = await dispatching.next_delivery(app.db, company)
            if due is None or stop.asked:
                return later
            pause = due - app.clock()
            if pause <= timedelta(0) and not sent:
                return later  # a day's limit or closed hours: nothing changes by trying again
            if pause > SOON:
                return later
            if is_over() or pause > timedelta(seconds=NAP_SECONDS):
                return [_hint(Kind.DELIVER, company, at=due), *later]
            await stop.wait(max(0.0, pause.total_seconds()))


async def watch(app: App, company: Company) -> list[Hint]:
    """What the channels report of an hour ago says whether an account may go on."""
    with _measured("watch", company) as done:
        done["resumed"] = await pauses.resume_due(app.db, company, now=app.clock())
        done["asked"] = await connections.check(app.db, company, app.channels, now=app.clock())
        done["paused"] = await pauses.watch(app.db, company, app.channels, now=app.clock())
    return []


async def read_crm(app: App, company: Company, stop: Stop) -> list[Hint]:
    """Read a company's CRM for one turn; what is left comes after the other companies' turns."""
    connection = await crm_connections.find(app.db, company)
    if connection is None or not connection.is_connected:
        return []
    ends = monotonic() + SYNC_SECONDS
    with _measured("sync", company) as done:
        try:
            async with source_of(app, company, connection, patience=SYNC_SECONDS) as source:
                outcomes = await syncing.sync(
                    app.db,
                    company,
                    source,
                    now=app.clock(),
                    hash_phone=app.hash_phone,
                    every=timedelta(minutes=app.settings.sync_minutes),
                    only_due=True,
                    stopping=lambda: stop.asked or monotonic() >= ends,
                )
        except CrmBusyError:
            return [_hint(Kind.SYNC, company, at=app.clock() + syncing.BUSY_AGAIN)]
        done["taken"] = sum(one.taken for one in outcomes)
        done["changed"] = sum(one.changed for one in outcomes)
    is_left = any(not one.is_done for one in outcomes)
    return [_hint(Kind.SYNC, company)] if is_left else []


async def handle(app: App, company: Company, dialog_id: int) -> list[Hint]:
    """Handle a dialog's messages once its client has paused: people write in bursts."""
    from vernis.stages import reception

    newest = await dispatching.newest_message(app.db, company, dialog_id=dialog_id)
    if newest is None:
        return []
    paused_at = newest + timedelta(seconds=app.settings.burst_seconds)
    if paused_at > app.clock():
        return [_hint(Kind.HANDLE, company, dialog_id, at=paused_at)]
    with _measured("handle", company) as done:
        turn = await reception.handle(
            app.db,
            company,
            dialog_id=dialog_id,
            crm=app.crm,
            store=app.store,
            clock=app.clock,
            hash_phone=app.hash_phone,
            assistant=app.assistant,
        )
        done["turns"] = int(turn is not None)
    return [_hint(Kind.ANSWER, company)]


async def answer(app: App, company: Company) -> list[Hint]:
    """Send the answers that wait, in one hand per company: each dialog keeps its order."""
    with _measured("answer", company) as done:
        done["recovered"] = await settling.recover(
            app.db, company, channels=app.channels, now=app.clock()
        )
        done["sent"] = await answering.answer(
            app.db, company, channels=app.channels, clock=app.clock
        )
    # a full batch may have left some behind
    return [_hint(Kind.ANSWER, company)] if done["sent"] >= sending.BATCH else []


def _hint(
    kind: Kind, company: Company, dialog_id: int | None = None, *, at: datetime | None = None
) -> Hint:
    return Hint(work=Work(kind=kind, company_id=company.company_id, dialog_id=dialog_id), at=at)


async def _compute_if_stale(app: App, company: Company) -> None:
    now = app.clock()
    on = now.astimezone(company.zone).date()
    if await intervals.is_stale(app.db, company, on=on):
        with _measured("intervals", company) as done:
            done["clients"] = await intervals.compute(app.db, company, on=on, now=now)


async def _send(app: App, company: Company, is_over: Callable[[], bool]) -> int:
    return await sending.send(
        app.db,
        company,
        channels=app.channels,
        store=app.store,
        clock=app.clock,
        hash_phone=app.hash_phone,
        crm=app.crm,
        stopping=is_over,
    )


@contextmanager
def _measured(stage: str, company: Company) -> Iterator[dict[str, int]]:
    """Log a stage with its counts and duration; at DEBUG where it found nothing to do."""
    started, done = monotonic(), dict[str, int]()
    try:
        with tracing.span("stage", stage=stage, company=company.company_id):
            yield done
    finally:
        level = logging.INFO if any(done.values()) else logging.DEBUG
        counts = " ".join(f"{name}={number}" for name, number in done.items())
        seconds = monotonic() - started
        log.log(
            level, "stage=%s company=%d %s seconds=%.3f", stage, company.company_id, counts, seconds
        )
