"""Connections: channels are asked how accounts stand, and tell it by themselves."""

from dataclasses import replace
from datetime import timedelta

import pytest
from bridge_states import bridge_states
from salon_rows import Salon

from vernis.adapters.channel_bridge import Bridge
from vernis.domain import AccountNews, Connected, ConnectionState, PauseReason, TemplateNews
from vernis.errors import Refusal
from vernis.stages import accounts, connections, notices, pauses
from vernis.stages.notices import Kind

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def salon(db, company):
    return Salon(db, company)


@pytest.fixture
async def bridge():
    async with bridge_states() as fake:
        yield fake


@pytest.fixture
async def channels(bridge, clock):
    channel = Bridge(bridge.url, "sixteen-letters-of-it", clock)
    yield {"baileys": channel}
    await channel.aclose()


@pytest.fixture
async def account_id(db, company, channels):
    account = await accounts.add(db, company, channels["baileys"], "desk", ["address=a"])
    return account.account_id


@pytest.fixture
async def waiting(salon, account_id, clock):
    """A message that waits to leave from the account."""
    return await salon.reactivation(
        await salon.client(), clock.now - HOUR, account_id=account_id, state="written",
        send_after=clock.now,
    )  # fmt: skip


async def state(salon):
    rows = await salon.execute(
        "SELECT connection, pause_reason, paused_until FROM accounts WHERE name = 'desk'"
    )
    return rows[0]


async def told(salon):
    found = await notices.listed(salon.db, salon.company, seen=True)
    return [one.kind for one in reversed(found)]


async def news(salon, account_id, one, now):
    async with salon.db.tenant(salon.company.company_id) as connection:
        await connections.apply_news(connection, salon.company, account_id, one, now=now)


def said(state, at, *, pause=None, says=None, **limits):
    connected = Connected(state=state, says=says, limits=limits)
    return AccountNews(at=at, connected=connected, pause=pause)


# --- asked ---------------------------------------------------------------------------------------


async def test_accounts_with_something_to_send_are_asked_once_in_a_minute(
    db, company, salon, bridge, channels, account_id, clock
):
    assert await connections.check(db, company, channels, now=clock.now) == 0
    await salon.reactivation(
        await salon.client(), clock.now, account_id=account_id, state="written",
        send_after=clock.now + 5 * MINUTE,
    )  # fmt: skip
    assert await connections.check(db, company, channels, now=clock.now) == 1
    assert (await state(salon))[0] == "connected"
    assert await connections.check(db, company, channels, now=clock.now + MINUTE / 2) == 0
    assert await connections.check(db, company, channels, now=clock.now + MINUTE) == 1
    assert await told(salon) == []


async def test_a_bridge_that_is_not_running_is_told_once_and_found_again(
    db, company, salon, bridge, channels, account_id, waiting, clock
):
    away = {"baileys": Bridge("http://127.0.0.1:9", "sixteen-letters-of-it", clock)}
    for _ in range(3):
        assert await connections.check(db, company, away, now=clock.now) == 1
        clock.now += MINUTE
    assert await state(salon) == ("unreachable", None, None)
    (notice,) = await notices.listed(db, company)
    assert (notice.kind, notice.details) == (Kind.CONNECTION_LOST, {"state": "unreachable"})
    assert await connections.check(db, company, channels, now=clock.now) == 1
    assert (await state(salon))[0] == "connected"
    assert await told(salon) == [Kind.CONNECTION_LOST]


async def test_a_connection_that_comes_and_goes_is_told_of_once_an_hour(
    salon, account_id, company, clock
):
    for minute in range(0, 61, 10):
        now = clock.now + minute * MINUTE
        await news(salon, account_id, said(ConnectionState.DISCONNECTED, now), now)
        await news(salon, account_id, said(ConnectionState.CONNECTED, now), now)
    assert await told(salon) == [Kind.CONNECTION_LOST] * 2


async def test_a_login_that_is_lost_pauses_and_one_that_is_back_resumes(
    db, company, salon, bridge, channels, account_id, waiting, clock
):
    bridge.states["a"] = {"state": "logged_out"}
    await connections.check(db, company, channels, now=clock.now)
    assert await state(salon) == ("logged_out", "logged_out", None)
    assert await told(salon) == [Kind.ACCOUNT_PAUSED]
    bridge.states["a"] = {"state": "connected"}
    assert await connections.check(db, company, channels, now=clock.now + MINUTE) == 1
    assert await state(salon) == ("connected", None, None)
    assert await told(salon) == [Kind.ACCOUNT_PAUSED, Kind.ACCOUNT_RESUMED]


async def test_a_good_connection_does_not_end_a_restriction(
    db, company, salon, channels, account_id, waiting, clock
):
    async with db.tenant(company.company_id) as connection:
        await pauses.pause(connection, company, account_id, PauseReason.RESTRICTED, now=clock.now)
    await news(salon, account_id, said(ConnectionState.LOGGED_OUT, clock.now), clock.now)
    await news(salon, account_id, said(ConnectionState.CONNECTED, clock.now), clock.now)
    assert (await state(salon))[1] == "restricted"


async def test_a_restriction_lasts_as_long_as_the_channel_says(
    db, company, salon, bridge, channels, account_id, waiting, clock
):
    until = clock.now + 60 * HOUR
    bridge.states["a"] = {"state": "restricted", "limits": {"restrictedUntil": until.isoformat()}}
    await connections.check(db, company, channels, now=clock.now)
    assert await state(salon) == ("restricted", "restricted", until)


async def test_after_a_rest_the_connection_is_looked_at_before_anything_leaves(
    db, company, salon, bridge, channels, account_id, waiting, clock
):
    bridge.states["a"] = {"state": "restricted"}
    await connections.check(db, company, channels, now=clock.now)
    bridge.states["a"] = {"state": "connected"}
    clock.now += 24 * HOUR
    assert await pauses.resume_due(db, company, now=clock.now) == 1
    assert await state(salon) == ("unknown", None, None)
    assert await connections.check(db, company, channels, now=clock.now) == 1
    assert (await state(salon))[0] == "connected"


async def test_a_channel_that_breaks_does_not_keep_the_others_from_being_asked(
    db, company, salon, channels, account_id, waiting, clock
):
    class Broken(Bridge):
        async def connection(self, account):
            raise RuntimeError("of its own making")

    broken = {"baileys": Broken("http://127.0.0.1:9", "sixteen-letters-of-it", clock)}
    assert await connections.check(db, company, broken, now=clock.now) == 1
    assert (await state(salon))[0] == "unreachable"


# --- told ----------------------------------------------------------------------------------------


async def test_news_that_a_look_has_overtaken_change_nothing(
    db, company, salon, channels, account_id, waiting, clock
):
    await connections.check(db, company, channels, now=clock.now)
    late = said(ConnectionState.LOGGED_OUT, clock.now - HOUR, pause=PauseReason.LOGGED_OUT)
    await news(salon, account_id, late, clock.now)
    assert await state(salon) == ("connected", None, None)


async def test_a_login_that_waits_for_its_code_is_no_reason_to_pause(salon, account_id, clock):
    await news(salon, account_id, said(ConnectionState.LOGGED_OUT, clock.now), clock.now)
    assert await state(salon) == ("logged_out", None, None)
    assert await told(salon) == []


async def test_news_come_ten_times_and_are_told_once(salon, account_id, clock):
    flagged = said(
        ConnectionState.CONNECTED,
        clock.now,
        pause=PauseReason.QUALITY,
        quality="RED",
        new_chats=250,
    )
    for _ in range(10):
        await news(salon, account_id, flagged, clock.now)
    assert (await state(salon))[:2] == ("connected", "quality")
    assert await told(salon) == [Kind.ACCOUNT_PAUSED]
    rows = await salon.execute("SELECT new_chats_limit FROM accounts WHERE name = 'desk'")
    assert rows == [(7,)]  # half of the owner's 14


async def test_limits_follow_what_the_channel_says(salon, account_id, clock):
    async def limit(**limits):
        await news(
            salon, account_id, said(ConnectionState.CONNECTED, clock.now, **limits), clock.now
        )
        rows = await salon.execute("SELECT new_chats_limit FROM accounts WHERE name = 'desk'")
        return rows[0][0]

    assert await limit(new_chats=250) == 14
    assert await limit(newChatsLeft=3) == 3
    assert await limit(new_chats=None) == 14  # unlimited
    assert await limit(quality="RED") == 7
    assert await limit(quality="YELLOW") == 7
    assert await limit(quality="GREEN") == 14
    assert await limit(new_chats=True, quality=5) == 14


async def test_an_announcement_is_a_notice_and_no_state(salon, account_id, clock):
    alert = said(ConnectionState.UNKNOWN, clock.now, says="WhatsApp Manager has an alert: read it.")
    await news(salon, account_id, said(ConnectionState.CONNECTED, clock.now), clock.now)
    for _ in range(2):
        await news(salon, account_id, alert, clock.now)
    assert (await state(salon))[0] == "connected"
    assert await told(salon) == [Kind.WARNED]


async def test_news_of_an_account_that_is_gone_are_ignored(salon, clock):
    await news(salon, 99, said(ConnectionState.CONNECTED, clock.now), clock.now)
    await news(salon, 99, TemplateNews(name="x", language="ru", at=clock.now), clock.now)


@pytest.mark.parametrize(
    ("refusal", "expected"),
    [
        (Refusal.RATE_LIMITED, ("unknown", "rate_limited")),
        (Refusal.RESTRICTED, ("unknown", "restricted")),
        (Refusal.UNAUTHORISED, ("unknown", "unauthorised")),
        (Refusal.NOT_CONNECTED, ("unreachable", None)),  # it is asked again before it sends
        (Refusal.NOT_ON_CHANNEL, ("unknown", None)),  # said of the client
        (Refusal.INVALID, ("unknown", None)),
    ],
)
async def test_what_a_refusal_says_of_the_account(
    db, company, salon, account_id, clock, refusal, expected
):
    async with db.tenant(company.company_id) as connection:
        for _ in range(2):
            await connections.refused(connection, company, account_id, refusal, now=clock.now)
    assert (await state(salon))[:2] == expected
    assert len(await told(salon)) == (expected != ("unknown", None))


# --- one number among several ------------------------------------------------------------------


async def test_an_account_s_number_is_learned_of_itself_and_forgotten_with_its_address(
    db, company, salon, channels, account_id, clock
):
    async def number():
        rows = await salon.execute("SELECT settings ->> 'number' FROM accounts WHERE name = 'desk'")
        return rows[0][0]

    told_of_some = said(ConnectionState.CONNECTED, clock.now, number="79990009999")
    await news(salon, account_id, told_of_some, clock.now)
    assert await number() is None
    async with db.tenant(company.company_id) as connection:
        await connections.store(
            connection, company, account_id, told_of_some.connected, now=clock.now
        )
    assert await number() == "79990009999"
    account = await accounts.find(db, company, "desk")
    await accounts.change(db, company, account, channels["baileys"], ["daily=30"])
    assert await number() == "79990009999"
    await accounts.change(db, company, account, channels["baileys"], ["address=b"])
    assert await number() is None


async def test_a_number_at_its_limit_rests_for_that_and_not_as_restricted(
    db, company, salon, account_id, clock
):
    at_its_limit = Connected(state=ConnectionState.RESTRICTED, pause=PauseReason.RATE_LIMITED)
    async with db.tenant(company.company_id) as connection:
        await connections.store(connection, company, account_id, at_its_limit, now=clock.now)
    assert await state(salon) == ("restricted", "rate_limited", clock.now + HOUR / 2)


# --- templates -----------------------------------------------------------------------------------


@pytest.fixture
async def with_template(salon, account_id):
    await salon.execute(
        "UPDATE accounts SET settings = settings"
        """ || '{"template": {"name": "come_back", "language": "ru"}}' WHERE name = 'desk'"""
    )


async def test_the_accounts_own_template_pauses_and_wakes_it(
    salon, account_id, with_template, clock
):
    paused = TemplateNews(name="come_back", language="ru", at=clock.now, status="PAUSED")
    await news(salon, account_id, paused, clock.now)
    assert (await state(salon))[1] == "template"
    await news(salon, account_id, replace(paused, status=None, quality="RED"), clock.now)
    assert (await state(salon))[1] == "template"
    await news(salon, account_id, replace(paused, status="APPROVED"), clock.now + HOUR)
    assert (await state(salon))[1] is None
    rows = await salon.execute("SELECT name, status, quality FROM channel_templates")
    assert rows == [("come_back", "APPROVED", "RED")]


async def test_other_templates_and_late_news_are_kept_or_left_and_pause_nothing(
    salon, account_id, with_template, clock
):
    ours = TemplateNews(name="come_back", language="ru", at=clock.now, status="APPROVED")
    await news(salon, account_id, ours, clock.now)
    late = replace(ours, at=clock.now - HOUR, status="PENDING")
    await news(salon, account_id, late, clock.now)
    await news(salon, account_id, replace(late, language="en"), clock.now)
    await news(salon, account_id, replace(ours, status="FLAGGED"), clock.now)
    assert (await state(salon))[1] is None
    rows = await salon.execute("SELECT language, status FROM channel_templates ORDER BY language")
    assert rows == [("en", "PENDING"), ("ru", "FLAGGED")]


# --- reach ---------------------------------------------------------------------------------------


async def test_who_can_be_reached_is_remembered_by_the_latest_word(db, company, salon, clock):
    async def learn(found, now):
        async with db.tenant(company.company_id) as connection:
            await connections.learn_reach(connection, company, "baileys", found, now=now)

    await learn({}, clock.now)
    await learn({"79990000002": True, "79990000001": False}, clock.now)
    await learn({"79990000001": True}, clock.now + HOUR)
    await learn({"79990000002": False}, clock.now - HOUR)
    rows = await salon.execute("SELECT phone, reachable FROM reach ORDER BY phone")
    assert rows == [("79990000001", True), ("79990000002", True)]
