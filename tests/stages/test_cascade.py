"""The cascade: a client is written to on the first channel where they can be reached, once."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from outbox import OPEN, Failing, Outbox, Taking, hash_phone
from salon_rows import Salon

from vernis.decide import outcomes
from vernis.domain import Draft, Event, Status
from vernis.errors import Refusal, RefusedError
from vernis.stages import sending, settling, writing

ELSEWHERE = RefusedError("131026", refusal=Refusal.NOT_ON_CHANNEL)


@dataclass
class Two(Outbox):
    """A company with two channels, in this order."""

    first: int = 0
    second: int = 0

    async def begin(self) -> None:
        self.first = await self.account(channel="first", name="first", position=1)
        self.second = await self.salon.insert(
            "accounts", "account_id", channel="second", name="second", position=2, gap_seconds=0
        )

    async def account(self, **values) -> int:
        if values or not self.first:
            return await super().account(**values)
        return self.first

    async def rests(self, account_id: int, **values) -> None:
        row = {"state": "paused", "pause_reason": "restricted"} | values
        changes = ", ".join(f"{column} = %s" for column in row)
        await self.salon.execute(
            f"UPDATE accounts SET {changes} WHERE account_id = %s", *row.values(), account_id
        )

    async def send_by(self, *channels) -> int:
        return await sending.send(
            self.salon.db,
            self.salon.company,
            channels={channel.name: channel for channel in channels},
            store=self.store,
            clock=self.clock,
            hash_phone=hash_phone,
        )


@pytest.fixture
async def two(db, company, store, clock):
    two = Two(Salon(db, company), store, clock)
    await two.begin()
    return two


def channels(first_errors=(), second_errors=()):
    first = Failing(name="first", errors=list(first_errors))
    return first, Failing(name="second", errors=list(second_errors))


async def test_the_first_channel_is_taken_where_it_reaches_the_client(two):
    id_ = await two.message()
    first, second = channels()
    await two.send_by(first, second)
    assert (len(first.calls), len(second.calls)) == (1, 0)
    assert await two.state(id_) == "accepted"


async def test_who_is_not_on_the_first_channel_is_written_to_on_the_second_once(two):
    id_ = await two.message()
    first, second = channels([ELSEWHERE])

    await two.send_by(first, second)
    await two.send_by(first, second)

    assert (len(first.calls), len(second.calls)) == (1, 1)
    row = await two.row(id_)
    assert (row["state"], row["account_id"]) == ("accepted", two.second)
    assert row["provider_message_id"] == f"wa-{second.keys[0]}"


async def test_what_a_channel_has_learned_is_kept_for_the_next_message(two, clock):
    class Scribe:
        async def write(self, _, facts):
            return [Draft(text="Записать вас?", template="t") for _ in facts]

    unwritten = {"message_text": None, "account_id": None, "send_after": None, "deadline": None}
    id_ = await two.message(state="planned", **unwritten)
    row = await two.row(id_)
    known = {"phone": row["phone"], "channel": "first", "reachable": False, "checked_at": OPEN}
    await two.salon.insert("reach", "phone", **known)
    await writing.write(two.salon.db, two.salon.company, Scribe(), now=clock())
    assert (await two.row(id_))["account_id"] == two.second


async def test_who_is_on_no_channel_fails_with_that_reason(two):
    id_ = await two.message()
    first, second = channels([ELSEWHERE], [ELSEWHERE])
    await two.send_by(first, second)
    await two.send_by(first, second)
    assert (len(first.calls), len(second.calls)) == (1, 1)
    assert await two.reason(id_) == ("failed", "not_on_channel")


async def test_a_doubtful_call_is_not_made_elsewhere(two):
    id_ = await two.message()
    first, second = channels([ConnectionResetError("lost")])
    await two.send_by(first, second)
    await two.rests(two.first)
    await two.send_by(first, second)
    assert second.calls == []
    assert await two.state(id_) == "unknown"


async def test_what_waits_for_an_account_that_rests_goes_to_the_next(two):
    id_ = await two.message()
    await two.rests(two.first)
    first, second = channels()
    await two.send_by(first, second)
    assert (len(first.calls), len(second.calls)) == (0, 1)
    assert (await two.row(id_))["account_id"] == two.second


async def test_where_all_accounts_rest_a_message_waits_and_then_expires_for_that_reason(two):
    id_ = await two.message()
    await two.rests(two.first)
    await two.rests(two.second)
    await two.send_by(*channels())
    assert await two.state(id_) == "written"

    two.clock.now = OPEN.replace(hour=18)
    await two.send_by(*channels())
    assert await two.reason(id_) == ("expired", "account_paused")


async def test_a_delivery_that_is_reported_as_impossible_goes_on_as_well(two):
    id_ = await two.message()
    first, second = channels()
    await two.send_by(first, second)
    status = Status(
        event=Event.FAILED,
        at=OPEN,
        provider_message_id=f"wa-{first.keys[0]}",
        refusal=Refusal.NOT_ON_CHANNEL,
    )
    company = two.salon.company
    async with two.salon.db.tenant(company.company_id) as connection:
        await settling.report(
            connection, company, two.first, status, now=OPEN, hash_phone=hash_phone
        )
    assert await two.state(id_) == "written"
    await two.send_by(first, second)
    assert (len(first.calls), len(second.calls)) == (1, 1)
    assert await two.state(id_) == "accepted"


async def test_a_channels_cap_is_no_refusal_for_ever(two):
    id_ = await two.message()
    first, second = channels([RefusedError("131049", refusal=Refusal.CAPPED)])
    await two.send_by(first, second)
    row = await two.row(id_)
    assert (row["state"], row["reason"], row["claimed_at"]) == ("skipped", "channel_capped", None)


async def test_a_stop_given_to_the_channel_is_an_opt_out(two):
    id_ = await two.message()
    await two.send_by(*channels([RefusedError("131050", refusal=Refusal.STOPPED)]))
    assert await two.reason(id_) == ("failed", "opted_out")
    assert await two.salon.execute("SELECT source FROM opt_outs") == [("channel",)]


async def test_what_is_said_of_the_account_costs_the_message_no_try(two):
    id_ = await two.message()
    away = RefusedError("503", refusal=Refusal.NOT_CONNECTED, temporary=True)
    first, second = channels([away] * 5)
    for _ in range(5):
        await two.send_by(first, second)
        two.clock.now += outcomes.RETRY_AFTER + timedelta(minutes=2)
    row = await two.row(id_)
    assert (row["state"], row["send_tries"], row["claimed_at"]) == ("written", 0, None)
    await two.send_by(first, second)
    assert await two.state(id_) == "accepted"


async def test_clients_who_wrote_to_the_number_before_come_first(two):
    await two.salon.execute("UPDATE accounts SET gap_seconds = 1")
    new, known = await two.message(), await two.message()
    phone = (await two.row(known))["phone"]
    dialog = await two.dialog(phone)
    heard = {"direction": "in", "state": "handled", "said_at": OPEN - timedelta(days=3)}
    await two.salon.insert(
        "messages", "message_id", dialog_id=dialog, account_id=two.first, body="!", **heard
    )
    channel = Taking(name="first")
    await two.send_by(channel)
    assert [message.phone for message in channel.calls] == [phone]
    assert channel.calls[0].last_heard_at == OPEN - timedelta(days=3)
    assert [(await two.row(id_))["new_chat"] for id_ in (known, new)] == [False, None]


async def test_new_chats_have_a_limit_of_their_own(two):
    await two.messages(12)
    await two.salon.execute("UPDATE accounts SET new_chats_limit = 5 WHERE position = 1")
    channel = Taking(name="first")
    assert await two.send_by(channel) == 5
    assert await two.send_by(channel) == 0
    two.clock.now += timedelta(days=1, minutes=1)
    await two.salon.execute(
        "UPDATE client_reactivation_history SET deadline = deadline + interval '1 day'"
    )
    assert await two.send_by(channel) == 5


async def test_who_was_not_there_long_ago_is_asked_about_again(two):
    id_ = await two.message()
    phone = (await two.row(id_))["phone"]
    known = {"phone": phone, "channel": "first", "reachable": False}
    await two.salon.insert("reach", "phone", checked_at=OPEN - timedelta(days=91), **known)
    ((found,),) = await two.salon.execute(
        "SELECT account_for(company_id, %s, %s) FROM companies", phone, OPEN
    )
    assert found == two.first
