"""A worker finds what waits to be told, tells it, and knows when to look again."""

import asyncio
from datetime import timedelta
from itertools import count

import pytest
from tests.channels.wire import Reply
from tests.outgoing.receiver import Receiver
from tests.outgoing.telling import Teller

from vernis.adapters.channel_sandbox import Sandbox
from vernis.adapters.crm_calendar import Calendar
from vernis.adapters.writer_templates import TemplateWriter
from vernis.app import App
from vernis.config import Settings
from vernis.jobs import queue as queues
from vernis.jobs import worker
from vernis.jobs.stopping import Stop
from vernis.jobs.work import carry_out
from vernis.stages import dispatching
from vernis.stages.dispatching import Kind, Work


@pytest.fixture
def app(teller: Teller, database_url: str, store) -> App:
    return App(
        settings=Settings(sweep_seconds=600),
        database_url=database_url,
        db=teller.db,
        open_store=lambda: store,
        channels={"sandbox": Sandbox(teller.db, teller.clock)},
        crm=Calendar(teller.db, teller.clock),
        writer=TemplateWriter(),
        clock=teller.clock,
        hash_phone=lambda phone: phone.encode().rjust(32),
        sealer=teller.sealer,
        webhook_sender=teller.sender,
    )


async def _found(teller: Teller) -> list[Work]:
    before = teller.now - timedelta(minutes=2)
    found = await dispatching.find(teller.db, now=teller.now, abandoned_before=before)
    return [work for work in found if work.kind is Kind.TELL]


async def test_the_sweep_finds_companies_with_something_to_tell(
    app: App, teller: Teller, receiver: Receiver
) -> None:
    work = Work(kind=Kind.TELL, company_id=teller.company.company_id)
    await teller.add(receiver)
    assert await _found(teller) == []
    await teller.happens(1, 2)
    assert await _found(teller) == [work]
    assert await carry_out(app, work, Stop(grace_seconds=0)) == []
    assert await _found(teller) == []
    assert len(receiver.asked) == 2


async def test_a_failure_is_looked_at_again_when_it_is_due(
    app: App, teller: Teller, receiver: Receiver
) -> None:
    work = Work(kind=Kind.TELL, company_id=teller.company.company_id)
    await teller.add(receiver)
    receiver.says = [Reply(status=500, text="")]
    await teller.happens(1)
    (hint,) = await carry_out(app, work, Stop(grace_seconds=0))
    (delivery,) = await teller.log()
    assert (hint.work, hint.at) == (work, delivery.next_attempt_at)
    assert await carry_out(app, work, Stop(grace_seconds=0)) != []
    assert len(receiver.asked) == 1


async def test_a_worker_tells_as_soon_as_it_happens(
    app: App, teller: Teller, receiver: Receiver
) -> None:
    """Without a sweep: by the notification of the transaction."""
    stop = Stop(grace_seconds=0)
    await teller.add(receiver)
    async with queues.opened(app.database_url) as queue:
        queue.carry_out_by(worker._carrier(app, queue, stop))
        hands = asyncio.create_task(
            worker._staff(queue, queues.TELLINGS, worker.TELLERS, app.settings, stop)
        )
        ears = asyncio.create_task(worker._listen(app, queue, stop))
        for number in count():  # it may not listen yet
            await teller.happens(number)
            if receiver.asked:
                break
            await asyncio.sleep(0.05)
        stop.ask()
        await asyncio.gather(hands, ears)
    assert receiver.bodies[0]["type"] == "reply.received"
