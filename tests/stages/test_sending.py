"""Sending: at most once, whatever breaks, and never what must not leave."""

import asyncio
import logging
import re
import signal
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from outbox import OPEN, Failing, Hanging, Outbox, Taking, Watched, hash_phone
from salon_rows import Salon

from vernis.adapters.channel_sandbox import Sandbox
from vernis.adapters.context import RedisDialogStore, connect
from vernis.decide import outcomes
from vernis.domain import Account, Event, Outgoing, Reason, Receipt
from vernis.errors import OutcomeUnknownError, RefusedError
from vernis.stages import companies, sending, settling


@pytest.fixture
def outbox(db, company, store, clock):
    return Outbox(Salon(db, company), store, clock)


# --- claim, commit, call, settle -------------------------------------------------------------


async def test_a_message_leaves_and_its_row_says_so(outbox):
    id_ = await outbox.message()
    channel = Taking()

    assert await outbox.send(channel) == 1

    (call,) = channel.calls
    row = await outbox.row(id_)
    assert (call.phone, call.text) == (row["phone"], row["message_text"])
    assert row["state"] == "accepted"
    assert row["provider_message_id"] == f"wa-{call.key}"
    assert datetime.fromisoformat(row["message_sent_at"]) == OPEN


async def test_the_claim_is_committed_before_the_channel_is_called(outbox, database_url):
    await outbox.message()

    async def other_connection(_: Outgoing):
        async with await psycopg.AsyncConnection.connect(database_url) as other:
            cursor = await other.execute("SELECT state FROM client_reactivation_history")
            return await cursor.fetchall()

    channel = Watched(look=other_connection)
    await outbox.send(channel)
    assert channel.seen == [[("claimed",)]]


async def test_the_context_is_stored_before_the_call_so_that_no_reply_overtakes_it(outbox, store):
    id_ = await outbox.message()

    async def pending(message: Outgoing):
        return await store.pending_action(message.company_id, message.phone)

    channel = Watched(look=pending)
    await outbox.send(channel)
    assert channel.seen[0]["reactivationHistoryId"] == id_


async def test_four_senders_at_once_send_each_of_200_messages_once(outbox):
    await outbox.messages(200)
    channel = Taking()
    sent = await asyncio.gather(*(outbox.send(channel) for _ in range(4)))
    assert sum(sent) == 200
    assert len(channel.keys) == len(set(channel.keys)) == 200


async def test_the_sandbox_delivers_what_is_sent(outbox, db, clock):
    await outbox.messages(5)
    assert await outbox.send(Sandbox(db, clock)) == 5
    rows = await outbox.salon.execute("SELECT count(*), count(DISTINCT key) FROM sandbox_messages")
    assert rows == [(5, 5)]


async def test_nothing_new_is_claimed_once_it_is_stopping(outbox):
    await outbox.message()
    channel = Taking()
    sent = await sending.send(
        outbox.salon.db,
        outbox.salon.company,
        channels={"sandbox": channel},
        store=outbox.store,
        clock=outbox.clock,
        hash_phone=hash_phone,
        stopping=lambda: True,
    )
    assert (sent, channel.calls) == (0, [])


async def test_messages_of_a_channel_that_is_not_here_wait_for_it(outbox):
    id_ = await outbox.message()
    await outbox.account(channel="whatsapp")
    lost = await outbox.message(state="claimed", claimed_at=OPEN - timedelta(hours=1))
    assert await outbox.send(Taking()) == 0
    assert await outbox.recover(Taking()) == 0
    assert (await outbox.state(id_), await outbox.state(lost)) == ("written", "claimed")


async def test_an_account_that_is_paused_sends_nothing(outbox):
    id_ = await outbox.message()
    await outbox.account(state="paused")
    assert await outbox.send(Taking()) == 0
    assert await outbox.state(id_) == "written"


# --- what the call came to -------------------------------------------------------------------


@pytest.mark.parametrize("fault", [OutcomeUnknownError("lost"), ConnectionResetError("broken")])
async def test_a_doubtful_call_is_never_repeated(outbox, fault):
    id_ = await outbox.message()
    channel = Failing(errors=[fault])

    await outbox.send(channel)
    outbox.clock.now += timedelta(hours=1)
    await outbox.recover(channel)
    await outbox.send(channel)

    assert len(channel.calls) == 1
    assert await outbox.state(id_) == "unknown"


async def test_a_doubtful_call_is_repeated_with_its_key_where_that_is_safe(outbox):
    id_ = await outbox.message()
    channel = Failing(errors=[OutcomeUnknownError("lost")], repeats_are_safe=True)
    assert await outbox.send(channel) == 1
    assert channel.keys == [channel.keys[0]] * 2
    assert await outbox.state(id_) == "accepted"


async def test_even_safe_repeats_end(outbox):
    id_ = await outbox.message()
    channel = Failing(errors=[OutcomeUnknownError("lost")] * 9, repeats_are_safe=True)
    await outbox.send(channel)
    assert len(channel.calls) == outcomes.MAX_SAFE_TRIES
    assert await outbox.state(id_) == "unknown"


async def test_a_call_that_hangs_has_an_unknown_outcome(outbox, monkeypatch):
    monkeypatch.setattr(sending, "CALL_SECONDS", 0.05)
    id_ = await outbox.message()
    assert await outbox.send(Hanging()) == 0
    assert await outbox.state(id_) == "unknown"


async def test_a_temporary_refusal_is_tried_once_more_later(outbox):
    id_ = await outbox.message()
    channel = Failing(errors=[RefusedError("busy", temporary=True)] * 2)

    await outbox.send(channel)
    await outbox.send(channel)
    assert (len(channel.calls), await outbox.state(id_)) == (1, "written")

    outbox.clock.now += outcomes.RETRY_AFTER
    await outbox.send(channel)
    assert len(channel.calls) == 2
    assert await outbox.reason(id_) == ("failed", "channel_refused")


async def test_what_was_refused_and_then_missed_its_day_is_expired(outbox):
    id_ = await outbox.message()
    await outbox.send(Failing(errors=[RefusedError("busy", temporary=True)]))
    outbox.clock.now = OPEN.replace(hour=18)
    await outbox.send(Taking())
    assert await outbox.reason(id_) == ("expired", "outside_hours")


async def test_a_definite_refusal_fails_with_its_reason(outbox):
    id_ = await outbox.message()
    channel = Failing(errors=[RefusedError("not_on_whatsapp")])
    await outbox.send(channel)
    outbox.clock.now += timedelta(hours=1)
    await outbox.send(channel)
    assert len(channel.calls) == 1
    assert await outbox.reason(id_) == ("failed", "channel_refused")


async def test_a_refusal_after_a_doubtful_call_does_not_say_that_nothing_left(outbox):
    id_ = await outbox.message()
    doubt_then_no = [OutcomeUnknownError("lost"), RefusedError("not_on_whatsapp")]
    await outbox.send(Failing(errors=doubt_then_no, repeats_are_safe=True))
    assert await outbox.state(id_) == "unknown"


@dataclass
class Overtaken(Taking):
    """While it is called, somebody else settles the row."""

    outbox: Outbox | None = None
    becomes: str = ""

    async def send(self, account: Account, message: Outgoing) -> Receipt:
        await self.outbox.salon.execute(
            "UPDATE client_reactivation_history SET state = %s", self.becomes
        )
        return await super().send(account, message)


@pytest.mark.parametrize(
    ("meanwhile", "then"),
    [
        ("read", "read"),
        ("delivered", "delivered"),
        ("unknown", "accepted"),
        ("written", "accepted"),
    ],
)
async def test_an_answer_that_comes_late_adds_what_it_knows_and_takes_nothing_back(
    outbox, meanwhile, then
):
    id_ = await outbox.message()
    channel = Overtaken(outbox=outbox, becomes=meanwhile)
    await outbox.send(channel)
    row = await outbox.row(id_)
    assert (row["state"], row["provider_message_id"]) == (then, f"wa-{channel.keys[0]}")


# --- processes that die --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("age", "safe", "state"),
    [
        (settling.LEASE - timedelta(seconds=1), False, "claimed"),
        (settling.LEASE - timedelta(seconds=1), True, "claimed"),
        (settling.LEASE + timedelta(seconds=1), False, "unknown"),
        (settling.LEASE + timedelta(seconds=1), True, "written"),
    ],
)
async def test_an_abandoned_claim_is_taken_back_after_its_lease(outbox, age, safe, state):
    claim = {"claimed_at": OPEN - age, "send_tries": 1}
    id_ = await outbox.message(state="claimed", **claim)
    dialog = await outbox.dialog("79000000001")
    await outbox.answer(dialog, "Ждём вас!", state="claimed", **claim)

    found = await outbox.recover(Taking(repeats_are_safe=safe))

    assert found == (0 if state == "claimed" else 2)
    assert await outbox.state(id_) == state
    assert await outbox.answer_states() == [("Ждём вас!", state)]


_DIES = """
import asyncio, os, signal, sys
from datetime import datetime
from pathlib import Path
from vernis.adapters.context import RedisDialogStore, connect
from vernis.adapters.postgres import Database
from vernis.domain import Abilities, Connected, ConnectionState
from vernis.stages import companies, sending

url, redis_url, company_id, when, delivered, now = sys.argv[1:]

class Deadly:
    name, abilities = "sandbox", Abilities()
    def message_id(self, account, message):
        return None
    async def connection(self, account):
        return Connected(state=ConnectionState.CONNECTED)
    async def send(self, account, message):
        if when == "after":
            Path(delivered).write_text(message.key)
        os.kill(os.getpid(), signal.SIGKILL)

async def main():
    clock = lambda: datetime.fromisoformat(now)
    async with Database(url) as db:
        company = await companies.get(db, int(company_id))
        store = RedisDialogStore(connect(redis_url), clock=clock)
        await sending.send(db, company, channels={"sandbox": Deadly()}, store=store, clock=clock,
                           hash_phone=lambda phone: phone.encode())

asyncio.run(main())
"""


@pytest.mark.parametrize("safe", [False, True])
@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_process_killed_in_the_call_leaves_one_message_or_none(
    outbox, database_url, redis_url, tmp_path, when, safe
):
    id_ = await outbox.message()
    delivered = tmp_path / "delivered"
    company_id = str(outbox.salon.company.company_id)
    arguments = [database_url, redis_url, company_id, when, str(delivered), OPEN.isoformat()]
    dying = await asyncio.create_subprocess_exec(sys.executable, "-c", _DIES, *arguments)
    assert await dying.wait() == -signal.SIGKILL
    assert await outbox.state(id_) == "claimed"

    channel = Taking(repeats_are_safe=safe)
    await outbox.send(channel)
    outbox.clock.now += settling.LEASE + timedelta(seconds=1)
    await outbox.recover(channel)
    await outbox.send(channel)

    received = [delivered.read_text()] if when == "after" else []
    if safe:  # the client's phone shows a repeated key once
        assert len({*received, *channel.keys}) == 1
        assert await outbox.state(id_) == "accepted"
    else:
        assert channel.calls == []
        assert await outbox.state(id_) == "unknown"


async def test_what_may_have_left_is_never_called_expired_or_skipped(outbox):
    late = await outbox.message(claimed_at=OPEN - timedelta(hours=1), deadline=OPEN)
    client = await outbox.salon.client(blacklisted=True)
    unwanted = await outbox.message(client=client, claimed_at=OPEN - timedelta(hours=1))
    channel = Taking(repeats_are_safe=True)

    assert await outbox.send(channel) == 0
    assert [await outbox.state(id_) for id_ in (late, unwanted)] == ["unknown", "unknown"]

    night = await outbox.message(claimed_at=OPEN - timedelta(hours=1))
    outbox.clock.now = OPEN.replace(hour=22)
    await outbox.send(channel)
    assert await outbox.state(night) == "unknown"
    assert channel.calls == []


# --- the last look --------------------------------------------------------------------------------


async def _books(salon, client):
    await salon.booking(client, "2024-04-05", "booked")


async def _visits(salon, client):
    await salon.booking(client, "2024-03-31", "completed")


async def _opts_out(salon, client):
    await salon.execute(
        "INSERT INTO opt_outs (company_id, phone_hash, source) SELECT company_id, %s, 'reply'"
        " FROM companies",
        hash_phone("79000000001"),
    )


def _changes(assignment):
    async def change(salon, client):
        await salon.execute(f"UPDATE clients SET {assignment} WHERE client_id = %s", client)

    return change


@pytest.mark.parametrize(
    ("meanwhile", "reason"),
    [
        (_books, Reason.FUTURE_BOOKING),
        (_visits, Reason.VISITED_SINCE),
        (_opts_out, Reason.OPTED_OUT),
        (_changes("consent = 'refused'"), Reason.NO_CONSENT),
        (_changes("phone = '79000000002'"), Reason.NO_PHONE),
        (_changes("phone = NULL, phone_state = 'invalid'"), Reason.NO_PHONE),
        (_changes("declined_at = '2024-04-01 08:00Z'"), Reason.DECLINED),
        (_changes("blacklisted = true"), Reason.BLACKLISTED),
    ],
    ids=lambda value: value.value if isinstance(value, Reason) else "",
)
async def test_what_changed_since_the_plan_stops_the_message(outbox, meanwhile, reason):
    client = await outbox.salon.client(phone="79000000001")
    id_ = await outbox.message(client=client)
    await meanwhile(outbox.salon, client)
    channel = Taking()

    assert await outbox.send(channel) == 0
    assert channel.calls == []
    assert await outbox.reason(id_) == ("skipped", reason)


@pytest.mark.parametrize(
    "earlier",
    [_changes("declined_at = '2024-03-31 08:00Z'"), _changes("consent = 'given'")],
)
async def test_what_the_plan_knew_stops_nothing(outbox, earlier):
    client = await outbox.salon.client()
    await outbox.message(client=client)
    await earlier(outbox.salon, client)
    assert await outbox.send(Taking()) == 1


async def test_a_company_that_needs_consent_writes_only_to_who_gave_it(outbox, db):
    salon = outbox.salon
    salon.company = await companies.change(db, salon.company, ["consent_basis=none"])
    unasked = await outbox.message()
    agreed = await outbox.message(client=await salon.client(consent="given"))
    assert await outbox.send(Taking()) == 1
    assert await outbox.reason(unasked) == ("skipped", "no_consent")
    assert await outbox.state(agreed) == "accepted"


@pytest.mark.parametrize("gap_seconds", [0, 30])
async def test_messages_that_must_not_leave_do_not_hold_up_the_next(outbox, gap_seconds):
    await outbox.messages(120)
    await outbox.salon.execute("UPDATE clients SET blacklisted = true WHERE external_key <> 'X120'")
    await outbox.account(gap_seconds=gap_seconds)
    assert await outbox.send(Taking()) == 1


# --- hours and pace --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moscow", "sent"),
    [("09:59", 0), ("10:00", 1), ("19:59", 1), ("20:00", 0), ("03:00", 0)],
)
async def test_nothing_leaves_outside_the_companys_hours(outbox, moscow, sent):
    await outbox.message(send_after=OPEN.replace(hour=0))
    outbox.clock.now = outbox.salon.at(f"2024-04-01 {moscow}").astimezone(UTC)
    assert await outbox.send(Taking()) == sent


async def test_nothing_leaves_on_a_day_off(outbox, db):
    salon = outbox.salon
    salon.company = await companies.change(db, salon.company, ["send_days=2,3,4,5"])
    await outbox.message()
    assert await outbox.send(Taking()) == 0


@pytest.mark.parametrize("later", [timedelta(hours=9), timedelta(days=1)])
async def test_what_missed_its_day_expires(outbox, later):
    id_ = await outbox.message()
    outbox.clock.now += later
    channel = Taking()
    assert await outbox.send(channel) == 0
    assert await outbox.reason(id_) == ("expired", "outside_hours")


async def test_messages_of_one_account_keep_a_gap(outbox):
    await outbox.messages(3)
    await outbox.account(gap_seconds=30)
    channel = Taking()

    assert await outbox.send(channel) == 1
    outbox.clock.now += timedelta(seconds=17)  # the least is 0.6 of the gap
    assert await outbox.send(channel) == 0
    outbox.clock.now += timedelta(seconds=26)  # the most is 1.4 of it
    assert await outbox.send(channel) == 1


async def test_an_account_stops_at_its_daily_limit_and_goes_on_the_next_day(outbox):
    ids = await outbox.messages(5)
    await outbox.account(daily_limit=2)
    channel = Taking()
    assert await outbox.send(channel) == 2
    assert await outbox.send(channel) == 0

    await outbox.salon.execute(
        "UPDATE client_reactivation_history SET deadline = deadline + interval '1 day'"
    )
    outbox.clock.now += timedelta(days=1)
    assert await outbox.send(channel) == 2
    assert await outbox.state(ids[4]) == "written"


# --- Redis ------------------------------------------------------------------------------------


async def test_without_redis_messages_leave_and_the_warning_names_nobody(
    outbox, clock, tmp_path, caplog
):
    client = await outbox.salon.client("Аделаида", surname="Кузнецова")
    await outbox.message(client=client)
    gone = RedisDialogStore(connect(f"unix://{tmp_path}/none.sock"), clock=clock)

    with caplog.at_level(logging.DEBUG):
        assert await replace(outbox, store=gone).send(Taking()) == 1

    vernis = "\n".join(r.getMessage() for r in caplog.records if r.name.startswith("vernis"))
    assert "Redis does not answer" in vernis
    assert not re.search(r"7999000|Аделаида|Кузнецова|Здравствуйте", vernis)
    await gone.aclose()


# --- what the channel reports ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "events", "end"),
    [
        ("accepted", [Event.DELIVERED, Event.READ], "read"),
        ("accepted", [Event.READ, Event.DELIVERED], "read"),
        ("claimed", [Event.DELIVERED, Event.ACCEPTED], "delivered"),
        ("unknown", [Event.ACCEPTED], "accepted"),
        ("unknown", [Event.FAILED], "failed"),
        ("accepted", [Event.FAILED], "failed"),
        ("delivered", [Event.FAILED], "delivered"),
        ("read", [Event.FAILED, Event.OUTCOME_UNKNOWN], "read"),
        ("accepted", [Event.OUTCOME_UNKNOWN], "accepted"),
        ("failed", [Event.DELIVERED], "delivered"),
    ],
)
async def test_events_move_a_message_forward_and_never_back(outbox, start, events, end):
    id_ = await outbox.message(state=start, provider_message_id="wa-1", claimed_at=OPEN)
    for event in events:
        assert await outbox.report("wa-1", event)
    assert await outbox.state(id_) == end


async def test_events_tell_when_it_was_delivered_and_read(outbox):
    id_ = await outbox.message(state="accepted", provider_message_id="wa-1")
    for event in (Event.DELIVERED, Event.READ):
        outbox.clock.now += timedelta(minutes=1)
        await outbox.report("wa-1", event)
    row = await outbox.row(id_)
    assert datetime.fromisoformat(row["delivered_at"]) == OPEN + timedelta(minutes=1)
    assert datetime.fromisoformat(row["read_at"]) == OPEN + timedelta(minutes=2)


async def test_a_late_failure_has_its_reason(outbox):
    id_ = await outbox.message(state="accepted", provider_message_id="wa-1")
    await outbox.report("wa-1", Event.FAILED)
    assert await outbox.reason(id_) == ("failed", "channel_refused")


async def test_events_that_come_together_take_turns(outbox):
    id_ = await outbox.message(state="accepted", provider_message_id="wa-1")
    events = [Event.DELIVERED, Event.READ, Event.ACCEPTED, Event.FAILED] * 3
    await asyncio.gather(*(outbox.report("wa-1", event) for event in events))
    assert await outbox.state(id_) == "read"


async def test_an_event_of_a_message_that_is_not_ours_says_so(outbox):
    await outbox.message(state="accepted", provider_message_id="wa-1")
    assert not await outbox.report("wa-2", Event.READ)


async def test_events_reach_answers_too(outbox):
    dialog = await outbox.dialog("79000000001")
    await outbox.answer(dialog, "Да", state="accepted", provider_message_id="wa-1")
    assert await outbox.report("wa-1", Event.READ)
    assert await outbox.answer_states() == [("Да", "read")]


# --- answers -----------------------------------------------------------------------------------


async def test_answers_of_a_dialog_leave_in_order_and_at_any_hour(outbox):
    dialogs = [await outbox.dialog(f"7900000000{n}") for n in range(3)]
    for n in range(4):
        for dialog in dialogs:
            await outbox.answer(dialog, f"{dialog}: {n}")
    outbox.clock.now = OPEN.replace(hour=23)
    channel = Taking()

    assert await outbox.send_answers(channel) == 12
    for dialog in dialogs:
        texts = [m.text for m in channel.calls if m.text.startswith(f"{dialog}:")]
        assert texts == [f"{dialog}: {n}" for n in range(4)]


async def test_several_senders_keep_the_order_of_a_dialog_and_send_once(outbox):
    dialogs = [await outbox.dialog(f"790000000{n:02}") for n in range(12)]
    for n in range(3):
        for dialog in dialogs:
            await outbox.answer(dialog, f"{dialog}: {n}")
    channel = Taking()

    await asyncio.gather(*(outbox.send_answers(channel) for _ in range(4)))
    await outbox.send_answers(channel)

    assert len(channel.keys) == len(set(channel.keys)) == 36
    for dialog in dialogs:
        texts = [m.text for m in channel.calls if m.text.startswith(f"{dialog}:")]
        assert texts == [f"{dialog}: {n}" for n in range(3)]


@pytest.mark.parametrize(
    ("fault", "safe", "states", "calls"),
    [
        (OutcomeUnknownError("lost"), False, ["unknown", "accepted"], 2),
        (OutcomeUnknownError("lost"), True, ["written", "written"], 1),
        (RefusedError("no"), False, ["failed", "accepted"], 2),
        (RefusedError("busy", temporary=True), False, ["written", "written"], 1),
    ],
)
async def test_an_answer_that_waits_to_be_repeated_is_not_overtaken(
    outbox, fault, safe, states, calls
):
    dialog = await outbox.dialog("79000000001")
    await outbox.answer(dialog, "первое")
    await outbox.answer(dialog, "второе")
    channel = Failing(errors=[fault], repeats_are_safe=safe)

    await outbox.send_answers(channel)
    assert [state for _, state in await outbox.answer_states()] == states
    assert len(channel.calls) == calls

    await outbox.send_answers(channel)
    assert channel.calls[-1].text == "второе"


async def test_an_answer_refused_for_good_says_nothing_of_earlier_doubt(outbox):
    dialog = await outbox.dialog("79000000001")
    await outbox.answer(dialog, "первое")
    channel = Failing(
        errors=[OutcomeUnknownError("lost"), RefusedError("no")], repeats_are_safe=True
    )
    for _ in range(3):
        await outbox.send_answers(channel)
    assert await outbox.answer_states() == [("первое", "unknown")]
    assert len(channel.calls) == 2


# --- what a message relies on, and the client's own clock ----------------------------------------


async def test_a_message_carries_the_consent_that_it_relies_on(outbox):
    client = await outbox.salon.client(
        consent="given", consent_source="анкета", consent_on=OPEN.date()
    )
    own, basis = await outbox.message(client=client), await outbox.message()
    await outbox.send(Taking())
    given = {"kind": "given", "source": "анкета", "on": "2024-04-01"}
    assert (await outbox.row(own))["consent"] == given
    assert (await outbox.row(basis))["consent"]["kind"] == "basis"


async def test_a_client_who_sleeps_while_the_company_is_open_is_written_to_when_both_are_awake(
    outbox,
):
    client = await outbox.salon.client(timezone="America/New_York")
    id_, awake = await outbox.message(client=client), await outbox.message()
    channel = Taking()
    assert await outbox.send(channel) == 1  # noon in Moscow, five in the morning in New York
    assert (await outbox.state(id_), await outbox.state(awake)) == ("written", "accepted")
    outbox.clock.now = OPEN.replace(hour=14)
    assert await outbox.send(channel) == 1
    assert await outbox.state(id_) == "accepted"


async def test_a_client_who_is_never_awake_in_the_companys_hours_is_not_written_to(outbox):
    client = await outbox.salon.client(timezone="Pacific/Auckland")
    id_ = await outbox.message(client=client)
    channel = Taking()
    for hour in (9, 12, 18):
        outbox.clock.now = OPEN.replace(hour=hour)
        await outbox.send(channel)
    assert channel.calls == []
    assert await outbox.reason(id_) == ("expired", "outside_hours")
