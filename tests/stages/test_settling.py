"""Settling: what events and people say of messages, above all of those with an unknown outcome."""

import pytest
from outbox import OPEN, Failing, Outbox, Taking, hash_phone
from salon_rows import Salon

from vernis.domain import Event, Inbound, MessageKind, State
from vernis.errors import ConflictError, NotFoundError, OutcomeUnknownError, Refusal
from vernis.stages import receiving, settling


@pytest.fixture
def outbox(db, company, store, clock):
    return Outbox(Salon(db, company), store, clock)


@pytest.fixture
async def lost(outbox):
    """A message whose call had no outcome."""
    id_ = await outbox.message()
    await outbox.send(Failing(errors=[OutcomeUnknownError("lost")]))
    return id_


def key(outbox, id_):
    return f"r{outbox.salon.company.company_id}-{id_}"


async def test_a_status_that_names_our_key_settles_a_message_whose_call_had_no_outcome(
    outbox, lost
):
    known = key(outbox, lost)
    assert await outbox.report("wamid.7", Event.DELIVERED, key=known)
    row = await outbox.row(lost)
    assert (row["state"], row["provider_message_id"]) == ("delivered", "wamid.7")


@pytest.mark.parametrize("stranger", ["r999-1", "r1", "x1-1", "r1-1; DROP", "", None])
async def test_a_key_that_is_not_ours_settles_nothing(outbox, lost, stranger):
    assert not await outbox.report("wamid.7", Event.DELIVERED, key=stranger)
    assert await outbox.state(lost) == "unknown"


async def test_a_failure_that_was_a_stop_is_an_opt_out(outbox):
    id_ = await outbox.message()
    channel = Taking()
    await outbox.send(channel)
    provider_id = f"wa-{channel.keys[0]}"
    assert await outbox.report(provider_id, Event.FAILED, refusal=Refusal.STOPPED)
    assert await outbox.reason(id_) == ("failed", "opted_out")
    assert await outbox.salon.execute("SELECT source FROM opt_outs") == [("channel",)]


async def test_a_late_failure_does_not_undo_a_delivery(outbox):
    id_ = await outbox.message()
    channel = Taking()
    await outbox.send(channel)
    provider_id = f"wa-{channel.keys[0]}"
    await outbox.report(provider_id, Event.DELIVERED)
    await outbox.report(provider_id, Event.FAILED, refusal=Refusal.STOPPED)
    assert await outbox.state(id_) == "delivered"
    assert await outbox.salon.execute("SELECT count(*) FROM opt_outs") == [(0,)]


async def test_a_person_sees_what_is_unknown_and_says_what_became_of_it(outbox, lost):
    db, company = outbox.salon.db, outbox.salon.company
    (one,) = await settling.unknown(db, company)
    assert one.key == f"r{lost}"
    assert "Анна" not in repr(one)

    assert await settling.decide(db, company, one.key, sent=True, now=OPEN) is State.ACCEPTED
    row = await outbox.row(lost)
    assert (row["state"], row["message_sent_at"]) == ("accepted", row["claimed_at"])
    assert await settling.unknown(db, company) == []


async def test_what_had_not_left_is_as_new_for_a_later_plan(outbox, lost):
    db, company = outbox.salon.db, outbox.salon.company
    assert await settling.decide(db, company, f"r{lost}", sent=False, now=OPEN) is State.SKIPPED
    row = await outbox.row(lost)
    assert (row["reason"], row["claimed_at"], row["provider_message_id"]) == (
        "not_sent",
        None,
        None,
    )


async def test_an_answer_is_decided_in_the_same_way(outbox):
    db, company = outbox.salon.db, outbox.salon.company
    id_ = await outbox.answer(await outbox.dialog("79000000001"), "Ждём вас!")
    await outbox.send_answers(Failing(errors=[OutcomeUnknownError("lost")]))
    (one,) = await settling.unknown(db, company)
    assert one.key == f"m{id_}"
    assert await settling.decide(db, company, one.key, sent=True, now=OPEN) is State.ACCEPTED


async def test_only_what_is_unknown_is_decided(outbox):
    db, company = outbox.salon.db, outbox.salon.company
    id_ = await outbox.message()
    with pytest.raises(ConflictError, match="is written, not unknown"):
        await settling.decide(db, company, f"r{id_}", sent=True, now=OPEN)
    for typed in ("r999", "17", "x1", ""):
        with pytest.raises(NotFoundError, match="vernis outbox unknown"):
            await settling.decide(db, company, typed, sent=True, now=OPEN)


async def test_what_the_salons_own_phone_shows_has_left(outbox, lost):
    row = await outbox.row(lost)
    shown = Inbound(
        account_id=await outbox.account(),
        provider_message_id="3EB0SHOWN",
        received_at=OPEN,
        phone=row["phone"],
        text=row["message_text"],
        kind=MessageKind.STAFF,
    )
    await receiving.receive(
        outbox.salon.db, outbox.salon.company, shown, now=OPEN, hash_phone=hash_phone
    )
    row = await outbox.row(lost)
    assert (row["state"], row["provider_message_id"]) == ("accepted", "3EB0SHOWN")
    assert await outbox.salon.execute("SELECT count(*) FROM messages") == [(0,)]
