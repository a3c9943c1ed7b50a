"""Pauses: when an account rests, who is told, and what wakes it."""

import asyncio
from datetime import date, timedelta

import pytest
from salon_rows import Salon

from vernis.adapters.channel_bridge import Bridge
from vernis.domain import PauseReason
from vernis.errors import NotFoundError
from vernis.stages import accounts, notices, pauses
from vernis.stages.notices import Kind

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def salon(db, company):
    return Salon(db, company)


@pytest.fixture
def channels(clock):
    return {"baileys": Bridge("http://127.0.0.1:9", "sixteen-letters-of-it", clock)}


@pytest.fixture
async def account_id(db, company, channels):
    account = await accounts.add(db, company, channels["baileys"], "desk", ["address=a"])
    return account.account_id


async def rest(salon, account_id, reason, now, **how):
    async with salon.db.tenant(salon.company.company_id) as connection:
        return await pauses.pause(connection, salon.company, account_id, reason, now=now, **how)


async def state(salon):
    rows = await salon.execute(
        "SELECT state, pause_reason, paused_until, new_chats_limit FROM accounts"
        " WHERE name = 'desk'"
    )
    return rows[0]


async def told(salon):
    found = await notices.listed(salon.db, salon.company, seen=True)
    return [one.kind for one in reversed(found)]


async def messages(salon, account_id, now, many, *, hours_ago=72.0, **values):
    """Campaign messages, each a minute after the one before."""
    for number in range(many):
        at = now - hours_ago * HOUR + number * timedelta(minutes=1)
        values = {"state": "accepted", "new_chat": True, "phone": "79990000001"} | values
        await salon.reactivation(
            await salon.client(), at - HOUR, account_id=account_id, tried_at=at,
            message_sent_at=at, **values,
        )  # fmt: skip


# --- signals -------------------------------------------------------------------------------------


async def test_a_signal_pauses_at_once_and_is_told_once(salon, account_id, clock):
    now = clock.now
    assert await rest(salon, account_id, PauseReason.RATE_LIMITED, now)
    assert not await rest(salon, account_id, PauseReason.RATE_LIMITED, now)
    assert (await state(salon))[:3] == ("paused", "rate_limited", now + HOUR / 2)
    (notice,) = await notices.listed(salon.db, salon.company)
    assert (notice.kind, notice.account) == (Kind.ACCOUNT_PAUSED, "desk")
    assert notice.details == {
        "reason": "rate_limited",
        "until": (now + HOUR / 2).isoformat(),
    }


async def test_signals_of_several_senders_at_once_are_one_pause(salon, account_id, clock):
    done = await asyncio.gather(
        *(rest(salon, account_id, PauseReason.RESTRICTED, clock.now) for _ in range(4))
    )
    assert sorted(done) == [False, False, False, True]
    assert await told(salon) == [Kind.ACCOUNT_PAUSED]


async def test_a_restriction_rests_longer_each_time_and_then_until_somebody_looks(
    salon, account_id, company, clock
):
    for hours in (24, 48, None):
        until = hours and clock.now + hours * HOUR
        await rest(salon, account_id, PauseReason.RESTRICTED, clock.now)
        assert (await state(salon))[2] == until
        clock.now += 50 * HOUR
        woken = await pauses.resume_due(salon.db, company, now=clock.now)
        assert woken == (0 if hours is None else 1)


async def test_a_restricted_number_warms_up_anew(salon, account_id, company, channels, clock):
    await salon.execute("UPDATE accounts SET began_on = '2024-01-01' WHERE name = 'desk'")
    await rest(salon, account_id, PauseReason.RESTRICTED, clock.now)
    clock.now += DAY
    await pauses.resume_due(salon.db, company, now=clock.now)
    await messages(salon, account_id, clock.now, 1, hours_ago=-1)
    await pauses.watch(salon.db, company, channels, now=clock.now + DAY)
    rows = await salon.execute("SELECT began_on FROM accounts WHERE name = 'desk'")
    assert rows == [(date(2024, 4, 2),)]


async def test_a_channel_that_says_how_long_is_obeyed(salon, account_id, clock):
    await rest(salon, account_id, PauseReason.RATE_LIMITED, clock.now, retry_after=2 * HOUR)
    assert (await state(salon))[2] == clock.now + 2 * HOUR
    await rest(salon, account_id, PauseReason.RATE_LIMITED, clock.now, retry_after=5 * HOUR)
    assert (await state(salon))[2] == clock.now + 5 * HOUR
    assert await told(salon) == [Kind.ACCOUNT_PAUSED]


async def test_low_quality_halves_the_new_chats_once(salon, account_id, company, clock):
    await rest(salon, account_id, PauseReason.QUALITY, clock.now)
    assert (await state(salon))[1:] == ("quality", clock.now + DAY, 7)
    clock.now += DAY
    await pauses.resume_due(salon.db, company, now=clock.now)
    await rest(salon, account_id, PauseReason.QUALITY, clock.now)
    assert (await state(salon))[3] == 7


async def test_a_pause_by_hand_is_ended_by_hand_only(salon, account_id, company, clock):
    await rest(salon, account_id, PauseReason.BY_HAND, clock.now)
    assert not await rest(salon, account_id, PauseReason.RATE_LIMITED, clock.now)
    clock.now += 100 * DAY
    assert await pauses.resume_due(salon.db, company, now=clock.now) == 0
    assert await pauses.resume(salon.db, company, account_id, now=clock.now)
    assert not await pauses.resume(salon.db, company, account_id, now=clock.now)
    assert (await state(salon))[:3] == ("active", None, None)
    with pytest.raises(NotFoundError):
        await pauses.resume(salon.db, company, 999, now=clock.now)


async def test_the_dispatcher_sees_whose_rest_is_over(salon, account_id, company, clock):
    await rest(salon, account_id, PauseReason.RATE_LIMITED, clock.now)
    assert await pauses.companies_due(salon.db, now=clock.now) == []
    after = clock.now + HOUR
    assert await pauses.companies_due(salon.db, now=after) == [company.company_id]
    assert await pauses.resume_due(salon.db, company, now=after) == 1
    assert await pauses.companies_due(salon.db, now=after) == []
    assert await told(salon) == [Kind.ACCOUNT_PAUSED, Kind.ACCOUNT_RESUMED]


# --- by its own record ---------------------------------------------------------------------------


async def judged(salon, company, channels, now):
    await pauses.watch(salon.db, company, channels, now=now)
    return (await state(salon))[1]


@pytest.mark.parametrize(
    ("silent", "answered", "expected"), [(28, 2, "few_replies"), (27, 3, None), (26, 2, None)]
)
async def test_a_number_that_strangers_do_not_answer_rests(
    salon, account_id, company, channels, clock, silent, answered, expected
):
    await messages(salon, account_id, clock.now, silent, state="delivered")
    replied = {"response_received": True, "response_at": clock.now, "state": "read"}
    await messages(salon, account_id, clock.now, answered, **replied)
    assert await judged(salon, company, channels, clock.now) == expected


async def test_who_has_not_had_two_days_to_answer_and_who_knows_the_number_do_not_count(
    salon, account_id, company, channels, clock
):
    await messages(salon, account_id, clock.now, 30, state="delivered", hours_ago=47)
    await messages(salon, account_id, clock.now, 30, state="delivered", new_chat=False)
    assert await judged(salon, company, channels, clock.now) is None
    assert await judged(salon, company, channels, clock.now + HOUR * 2) == "few_replies"


@pytest.mark.parametrize(
    ("refusal", "expected"),
    [
        (None, "many_failures"),
        ("other", "many_failures"),
        ("not_on_channel", None),  # their own doing: the run goes on for others
        ("stopped", None),
    ],
)
async def test_a_number_whose_messages_fail_rests(
    salon, account_id, company, channels, clock, refusal, expected
):
    await messages(salon, account_id, clock.now, 12, state="delivered", hours_ago=5)
    await messages(salon, account_id, clock.now, 6, state="failed", refusal=refusal, hours_ago=4)
    assert await judged(salon, company, channels, clock.now) == expected


async def test_what_is_accepted_and_never_arrives_is_told_and_then_stops_the_account(
    salon, account_id, company, channels, clock
):
    await messages(salon, account_id, clock.now, 8, state="delivered", hours_ago=5)
    await messages(salon, account_id, clock.now, 4, hours_ago=4)
    for _ in range(2):
        assert await judged(salon, company, channels, clock.now) is None
    assert await told(salon) == [Kind.NOT_DELIVERED]
    (notice,) = await notices.listed(salon.db, company)
    assert notice.details == {"undelivered": 4, "accepted": 12}
    await messages(salon, account_id, clock.now, 10, hours_ago=0.9)  # may still arrive
    assert await judged(salon, company, channels, clock.now) is None
    assert await judged(salon, company, channels, clock.now + HOUR) == "not_delivered"
    assert await told(salon) == [Kind.NOT_DELIVERED, Kind.ACCOUNT_PAUSED]


@pytest.mark.parametrize("by_hand", [True, False])
async def test_a_rested_account_is_judged_by_what_it_does_from_then_on(
    salon, account_id, company, channels, clock, by_hand
):
    await messages(salon, account_id, clock.now, 10, state="failed", hours_ago=2)
    assert await judged(salon, company, channels, clock.now) == "many_failures"
    clock.now += DAY
    if by_hand:
        await pauses.resume(salon.db, company, account_id, now=clock.now)
    else:
        await pauses.resume_due(salon.db, company, now=clock.now)
    assert await judged(salon, company, channels, clock.now) is None
    await messages(salon, account_id, clock.now, 10, state="failed", hours_ago=-1)
    assert await judged(salon, company, channels, clock.now + 2 * HOUR) == "many_failures"
    assert (await state(salon))[2] is None  # the second time somebody has to look


async def test_a_warm_up_begins_on_the_day_of_the_first_message(
    salon, account_id, company, channels, clock
):
    await pauses.watch(salon.db, company, channels, now=clock.now)
    assert await salon.execute("SELECT began_on FROM accounts WHERE name = 'desk'") == [(None,)]
    late = salon.at("2024-04-02 23:30")  # still the 2nd in Moscow, not yet in UTC's evening
    await messages(salon, account_id, late, 1, hours_ago=0)
    await pauses.watch(salon.db, company, channels, now=late + 2 * DAY)
    rows = await salon.execute("SELECT began_on FROM accounts WHERE name = 'desk'")
    assert rows == [(date(2024, 4, 2),)]


# --- notices -------------------------------------------------------------------------------------


async def test_notices_that_were_shown_are_not_shown_again(salon, account_id, company, clock):
    await rest(salon, account_id, PauseReason.QUALITY, clock.now)
    (notice,) = await notices.listed(salon.db, company)
    await notices.mark_seen(salon.db, company, [notice.notice_id], now=clock.now)
    assert await notices.listed(salon.db, company) == []
    (again,) = await notices.listed(salon.db, company, seen=True)
    assert again.seen_at == clock.now
