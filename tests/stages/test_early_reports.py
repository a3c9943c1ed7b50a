"""A delivery that is reported before the call has returned."""

from dataclasses import dataclass

import pytest
from outbox import Outbox, Watched
from salon_rows import Salon

from vernis.domain import Account, Event, Outgoing

PHONE = "79990000001"


@dataclass
class Naming(Watched):
    """Knows beforehand what a message will be called."""

    def message_id(self, account: Account, message: Outgoing) -> str:
        return f"wa-{message.key}"


@pytest.fixture
def outbox(db, company, store, clock) -> Outbox:
    return Outbox(Salon(db, company), store, clock)


async def test_an_answer_is_known_by_its_channels_name_before_the_call(outbox: Outbox) -> None:
    await outbox.answer(await outbox.dialog(PHONE), "Ждём вас!")

    async def delivered(message: Outgoing) -> bool:
        return await outbox.report(f"wa-{message.key}", Event.DELIVERED)

    channel = Naming(look=delivered)
    await outbox.send_answers(channel)
    assert channel.seen == [True]
    assert await outbox.answer_states() == [("Ждём вас!", "delivered")]


async def test_so_is_a_campaign_message(outbox: Outbox) -> None:
    id_ = await outbox.message()

    async def read(message: Outgoing) -> bool:
        return await outbox.report(f"wa-{message.key}", Event.READ)

    await outbox.send(Naming(look=read))
    assert await outbox.state(id_) == "read"
