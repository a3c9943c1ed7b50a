"""Accounts: adding, changing and removing the numbers that messages leave from."""

import asyncio
from datetime import timedelta

import pytest
from salon_rows import Salon

from vernis.adapters.channel_bridge import Bridge
from vernis.adapters.channel_sandbox import Sandbox
from vernis.adapters.sealing import Sealer
from vernis.decide.pacing import Allowance
from vernis.domain import Locale
from vernis.errors import ConflictError, NotFoundError, UsageError
from vernis.stages import accounts, companies

SEALER = Sealer("a secret of tests only")


@pytest.fixture
def salon(db, company):
    return Salon(db, company)


@pytest.fixture
def baileys(clock):
    return Bridge("http://127.0.0.1:9", "sixteen-letters-of-it", clock)


@pytest.fixture
async def other(db):
    return await companies.find_or_create(
        db, name="Мята", locale=Locale.RU, timezone="Asia/Omsk", currency="RUB", country="RU"
    )


async def cascade(salon):
    rows = await salon.execute(
        "SELECT name FROM accounts WHERE position IS NOT NULL ORDER BY position"
    )
    return [name for (name,) in rows]


async def limits(salon, name):
    rows = await salon.execute(
        "SELECT gap_seconds, daily_limit, hourly_limit, new_chats_limit, warm_up FROM accounts"
        " WHERE name = %s",
        name,
    )
    return rows[0]


# --- adding --------------------------------------------------------------------------------------


async def test_the_first_real_number_takes_the_sandboxs_place_and_starts_carefully(
    db, company, salon, baileys
):
    assert await cascade(salon) == ["sandbox"]
    account = await accounts.add(db, company, baileys, "front desk", ["address=salon-1"])
    assert (account.channel, account.address) == ("baileys", "salon-1")
    assert await cascade(salon) == ["front desk"]
    assert await limits(salon, "front desk") == (60, 60, 15, 14, True)


async def test_numbers_stand_in_the_order_in_which_they_were_added(db, company, salon, baileys):
    for number in (1, 2, 3):
        await accounts.add(db, company, baileys, f"n{number}", [f"address=login-{number}"])
    assert await cascade(salon) == ["n1", "n2", "n3"]
    account = await accounts.find(db, company, "N3")
    await accounts.change(db, company, account, baileys, ["position=1", "name=first"])
    assert await cascade(salon) == ["first", "n1", "n2"]
    await accounts.add(db, company, baileys, "second", ["address=login-4", "position=2"])
    assert await cascade(salon) == ["first", "second", "n1", "n2"]
    account = await accounts.find(db, company, "second")
    await accounts.change(db, company, account, baileys, ["daily=3"])
    await accounts.change(db, company, account, baileys, ["position=none"])
    assert await cascade(salon) == ["first", "n1", "n2"]
    assert [*await accounts.listed(db, company)][:3] == ["first", "n1", "n2"]


async def test_limits_are_what_the_owner_gives(db, company, salon, baileys, clock):
    given = ["address=a", "daily=40", "hourly=none", "new_chats=20", "gap=90", "warm_up=no"]
    account = await accounts.add(db, company, baileys, "desk", given)
    assert await limits(salon, "desk") == (90, 40, None, 20, False)
    await accounts.change(db, company, account, baileys, ["new_chats=none", "daily=50"])
    assert await limits(salon, "desk") == (90, 50, None, None, False)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ([], "needs an address"),
        (["address=a", "gap=5"], "at least 10 seconds"),
        (["address=a", "daily=many"], "whole number"),
        (["address=a", "speed=9"], "no setting «speed»"),
        (["address"], "key=value"),
        (["address=a", "template=Come back"], "come_back:ru"),
        (["address=a", "template=come_back:ru"], "needs no template"),
    ],
)
async def test_a_wrong_setting_is_said_in_a_sentence_and_adds_nothing(
    db, company, salon, baileys, given, says
):
    with pytest.raises(UsageError, match=says):
        await accounts.add(db, company, baileys, "desk", given)
    assert await cascade(salon) == ["sandbox"]


async def test_a_name_or_an_address_is_given_out_once(db, company, other, baileys):
    await accounts.add(db, company, baileys, "desk", ["address=salon-1"])
    with pytest.raises(ConflictError, match="another name"):
        await accounts.add(db, company, baileys, "Desk", ["address=salon-2"])
    for whose in (company, other):
        with pytest.raises(ConflictError, match="address already") as caught:
            await accounts.add(db, whose, baileys, "second", ["address=salon-1"])
        assert "salon-1" not in str(caught.value)


async def test_of_two_companies_that_add_a_number_at_once_one_gets_it(db, company, other, baileys):
    tries = (
        accounts.add(db, whose, baileys, "desk", ["address=same"]) for whose in (company, other) * 2
    )
    done = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(not isinstance(one, Exception) for one in done) == 1
    assert {type(one) for one in done if isinstance(one, Exception)} == {ConflictError}


async def test_an_address_moves_only_to_where_it_is_free(db, company, baileys):
    first = await accounts.add(db, company, baileys, "one", ["address=a"])
    await accounts.add(db, company, baileys, "two", ["address=b"])
    with pytest.raises(ConflictError):
        await accounts.change(db, company, first, baileys, ["address=b"])
    await accounts.change(db, company, first, baileys, ["address=c", "daily=9"])
    assert await accounts.account_at(db, "baileys", "c") == (company.company_id, first.account_id)
    assert await accounts.account_at(db, "baileys", "a") is None


async def test_a_token_is_stored_sealed_for_its_account(db, company, salon, baileys):
    await accounts.add(
        db, company, baileys, "desk", ["address=a"], token="  not-a-token \n", seal=SEALER.seal
    )
    account = await accounts.find(db, company, "desk")
    whose = {"company_id": company.company_id, "account_id": account.account_id}
    assert SEALER.unseal(account.sealed_token, **whose) == "not-a-token"
    await accounts.set_token(db, company, account, "another", SEALER.seal)
    account = await accounts.find(db, company, str(account.account_id))
    assert SEALER.unseal(account.sealed_token, **whose) == "another"
    with pytest.raises(UsageError, match="empty"):
        await accounts.set_token(db, company, account, " \n", SEALER.seal)


async def test_an_unknown_account_is_named_with_those_that_there_are(db, company):
    with pytest.raises(NotFoundError, match="sandbox"):
        await accounts.find(db, company, "desk")


# --- removing ------------------------------------------------------------------------------------


async def test_an_account_that_nothing_was_said_over_is_deleted(db, company, salon, baileys):
    account = await accounts.add(db, company, baileys, "desk", ["address=a"])
    await accounts.remove(db, company, account)
    assert [*await accounts.listed(db, company)] == ["sandbox"]


async def test_an_account_with_messages_leaves_the_cascade_and_the_next_one_sends(
    db, company, salon, baileys
):
    first = await accounts.add(db, company, baileys, "one", ["address=a"])
    second = await accounts.add(db, company, baileys, "two", ["address=b"])
    sent = await salon.contact(
        await salon.client(), "2024-03-01 12:00", account_id=first.account_id
    )
    waiting = await salon.contact(
        await salon.client(phone="79990000077"), "2024-03-01 12:00", account_id=first.account_id,
        phone="79990000077", state="written", message_sent_at=None,
    )  # fmt: skip
    with pytest.raises(ConflictError, match="out of the"):
        await accounts.remove(db, company, first)
    assert await cascade(salon) == ["two"]
    rows = await salon.execute("SELECT id, account_id FROM client_reactivation_history")
    assert dict(rows) == {sent: first.account_id, waiting: second.account_id}


# --- how they stand ------------------------------------------------------------------------------


async def test_a_standing_has_the_pace_of_the_day(db, company, salon, baileys, clock):
    account = await accounts.add(db, company, baileys, "desk", ["address=a"])
    for hours_ago, new in ((0.5, True), (2, False), (20, True), (30, True)):
        tried = clock.now - timedelta(hours=hours_ago)
        await salon.contact(
            await salon.client(), "2024-03-01 12:00", account_id=account.account_id,
            tried_at=tried, new_chat=new, state="unknown" if hours_ago == 2 else "accepted",
        )  # fmt: skip
    channels = {"baileys": baileys, "sandbox": Sandbox(db, clock)}
    desk, sandbox = await accounts.standings(db, company, channels, now=clock.now)
    pace = desk.pace
    assert (pace.sent_today, pace.sent_last_hour) == (2, 1)  # it is noon in Moscow
    assert (pace.new_chats_today, pace.new_chats_24h) == (1, 2)
    assert desk.allowance == Allowance(messages=1, new_chats=1)
    assert (desk.unknown, desk.waiting, desk.paused) == (1, 0, None)
    assert (sandbox.name, sandbox.position, sandbox.pace.human) == ("sandbox", None, False)


# --- what the channel allows ---------------------------------------------------------------------


async def test_of_the_owners_limit_and_the_channels_the_lower_one_holds(
    db, company, salon, baileys
):
    account = await accounts.add(db, company, baileys, "desk", ["address=a", "new_chats=100"])

    async def learn(**learned):
        async with db.tenant(company.company_id) as connection:
            await accounts.learn_limits(connection, company, account.account_id, learned)
        return (await limits(salon, "desk"))[3]

    assert await learn(tier=250) == 100
    assert await learn(tier=40) == 40
    assert await learn(low_quality=True) == 20
    await accounts.change(db, company, account, baileys, ["new_chats=10"])
    assert (await limits(salon, "desk"))[3] == 5
    assert await learn(low_quality=None, tier=None) == 10
    await accounts.change(db, company, account, baileys, ["new_chats=none"])
    assert (await limits(salon, "desk"))[3] is None
    assert await learn(low_quality=True) == 30  # half of a day's 60
