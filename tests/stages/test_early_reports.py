"""A delivery that is reported before the call has returned, or while a repeat waits."""

from dataclasses import dataclass

import pytest
from outbox import OPEN, Outbox, Taking, Watched
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


async def test_what_waits_to_be_repeated_is_settled_by_the_report_of_its_first_copy(
    outbox: Outbox,
) -> None:
    known = {"claimed_at": OPEN, "send_tries": 1, "provider_message_id": "wa-1"}
    id_ = await outbox.message(**known)
    answer = {"claimed_at": OPEN, "send_tries": 1, "provider_message_id": "wa-2"}
    await outbox.answer(await outbox.dialog(PHONE), "Ждём вас!", **answer)

    assert await outbox.report("wa-1", Event.DELIVERED)
    assert await outbox.report("wa-2", Event.DELIVERED)
    channel = Taking(repeats_are_safe=True)
    await outbox.send(channel)
    await outbox.send_answers(channel)
    assert channel.calls == []
    assert await outbox.state(id_) == "delivered"
    assert await outbox.answer_states() == [("Ждём вас!", "delivered")]
