"""A message names free times only while they are free."""

import json
from datetime import timedelta

import pytest
from outbox import OPEN, Outbox, Taking, hash_phone
from salon_rows import Salon

from vernis.decide.reception import offered_times
from vernis.domain import FreeTime
from vernis.errors import UnavailableError
from vernis.stages import sending

TIMES = [
    FreeTime(
        starts_at=OPEN + timedelta(days=day),
        ends_at=OPEN + timedelta(days=day, hours=1),
        staff_id=1,
        staff_name="Ольга",
        service_id=1,
        service_title="Стрижка",
    )
    for day in (1, 2)
]


class Diary:
    def __init__(self, times, *, error=None):
        self.times, self.error, self.asked = times, error, []

    async def free_times(self, company_id, *, service_id, first_day, last_day):
        self.asked.append((first_day.day, last_day.day))
        if self.error:
            raise self.error
        return self.times


@pytest.fixture
def outbox(db, company, store, clock):
    return Outbox(Salon(db, company), store, clock)


@pytest.fixture
def message(outbox):
    async def make(**values) -> int:
        named = json.dumps([offered_times.to_plain(free) for free in TIMES])
        return await outbox.message(message_times=named, **values)

    return make


async def send(outbox, crm, channel):
    return await sending.send(
        outbox.salon.db,
        outbox.salon.company,
        channels={channel.name: channel},
        store=outbox.store,
        clock=outbox.clock,
        hash_phone=hash_phone,
        crm=crm,
    )


async def test_times_that_are_still_free_leave(outbox, message):
    id_, channel, crm = await message(), Taking(), Diary(TIMES)
    assert await send(outbox, crm, channel) == 1
    assert await outbox.state(id_) == "accepted"
    assert crm.asked == [(2, 3)]


@pytest.mark.parametrize(
    "crm",
    [
        Diary(TIMES[:1]),
        Diary([]),
        Diary(TIMES, error=UnavailableError("The CRM does not answer.")),
        None,
    ],
)
async def test_otherwise_the_message_is_written_anew(outbox, message, crm):
    id_, channel = await message(), Taking()
    other = await outbox.message()
    assert await send(outbox, crm, channel) == 1
    assert channel.keys == [f"r1-{other}"]
    row = await outbox.row(id_)
    assert (row["state"], row["claimed_at"], row["send_tries"]) == ("planned", None, 0)
    assert row["message_times"] == []


async def test_a_text_that_a_person_edited_waits_for_a_person_again(outbox, message):
    id_ = await message(message_generated="Как было", approved_at=OPEN)
    assert await send(outbox, Diary([]), Taking()) == 0
    row = await outbox.row(id_)
    assert (row["state"], row["send_after"], row["approved_at"]) == ("written", None, None)
    assert row["message_text"] is not None


async def test_one_that_may_have_left_already_is_never_written_anew(outbox, message):
    id_ = await message(claimed_at=OPEN - timedelta(hours=1), send_tries=1)
    assert await send(outbox, Diary([]), Taking(repeats_are_safe=True)) == 0
    assert await outbox.state(id_) == "unknown"


async def test_whoever_answers_is_told_of_the_offer_and_the_times(outbox, message):
    offer = {"percent": 10, "valid_until": "2024-04-15"}
    await message(offer=json.dumps(offer))
    await send(outbox, Diary(TIMES), Taking())
    phone = (await outbox.salon.execute("SELECT phone FROM client_reactivation_history"))[0][0]
    pending = await outbox.store.pending_action(1, phone)
    assert pending["offer"] == offer
    assert [one["starts_at"] for one in pending["freeTimes"]] == [
        free.starts_at.isoformat() for free in TIMES
    ]


async def test_without_either_the_contract_is_as_it_was(outbox):
    await outbox.message()
    await send(outbox, None, Taking())
    phone = (await outbox.salon.execute("SELECT phone FROM client_reactivation_history"))[0][0]
    assert not {"offer", "freeTimes"} & (await outbox.store.pending_action(1, phone)).keys()
