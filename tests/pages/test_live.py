"""Live updates: who hears of what, for how long, and what stops them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from itertools import count

import psycopg
import pytest
from front_desk import Desk
from programs import served
from visitors import Site, Visitor

from vernis.app import App
from vernis.domain import Company, Locale
from vernis.jobs import queue as queues
from vernis.jobs import worker
from vernis.jobs.stopping import Stop
from vernis.stages import companies, members, sandbox, users
from vernis.stages import desk as person
from vernis.stages.auditing import Who
from vernis.stages.members import Role
from vernis.web import live as lives
from vernis.web.live import EVERYTHING, FullError, Live, Page
from vernis.web.pages import dialog_events
from vernis.web.security.viewer import Member


@pytest.fixture
async def desk(salon, store, clock) -> Desk:
    return await Desk(salon, store, clock).furnish()


@pytest.fixture
async def live(database_url: str) -> AsyncIterator[Live]:
    found = Live(database_url, again_seconds=0.05)
    yield found
    found.close()


async def hears(page: Page) -> set[int]:
    """The next thing that a page is told."""
    while not (changed := await page.next(10)):
        pass
    return set(changed)


async def listens(page: Page) -> None:
    """Until all is told that was before."""
    assert EVERYTHING in await hears(page)
    assert not await page.next(0.1)


# --- what is told ----------------------------------------------------------------------------


async def test_a_page_hears_of_every_change_in_its_companys_dialogs(
    live: Live, desk: Desk, company: Company
):
    other = await companies.find_or_create(
        desk.salon.db, name="Чужой", locale=Locale.RU, timezone="Europe/Moscow", currency="RUB",
        country="RU",
    )  # fmt: skip
    with live.page(company.company_id, 1) as ours, live.page(other.company_id, 2) as theirs:
        await listens(ours)
        dialog_id = await desk.hears("Здравствуйте")
        assert await hears(ours) == {dialog_id}
        await desk.handles(dialog_id)
        assert await hears(ours) == {dialog_id}
        await desk.salon.execute("UPDATE messages SET state = 'delivered' WHERE direction = 'out'")
        assert await hears(ours) == {dialog_id}
        await desk.salon.execute("UPDATE dialogs SET looked_at = now()")
        assert await hears(ours) == {dialog_id}
        assert EVERYTHING in await hears(theirs)
        assert not await theirs.next(0.1)
    assert live.open == 0


async def test_a_lost_connection_comes_back_and_everything_is_told(
    live: Live, desk: Desk, company: Company, database_url: str
):
    with live.page(company.company_id, 1) as page:
        await listens(page)
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND query LIKE 'LISTEN vernis_changed%'"
            )
        assert EVERYTHING in await hears(page)
        dialog_id = await desk.hears("Здравствуйте")
        while dialog_id not in await hears(page):
            await desk.hears("Вы тут?")


async def test_a_burst_of_many_dialogs_is_told_as_everything():
    page = Page(1)
    for number in range(1, lives.MOST_NUMBERS + 2):
        page.tell(number)
    assert await page.next(1) == {EVERYTHING}


async def test_there_is_a_place_for_so_many_pages_of_one_person_and_of_all(
    live: Live, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(lives, "MOST_PAGES", 3)
    monkeypatch.setattr(lives, "MOST_OF_ONE", 2)
    with live.page(1, 1), live.page(1, 1):
        with pytest.raises(FullError), live.page(2, 1):
            pass
        with live.page(2, 2):
            assert live.is_full(3)
    assert not live.is_full(1)


async def test_a_page_that_finds_no_place_is_told_when_to_come_again(
    owner: Visitor, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(lives, "MOST_PAGES", 0)
    answer = await owner.client.get(f"{owner.here}/dialogs/events")
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


# --- what a worker hears -----------------------------------------------------------------------


async def test_what_a_person_writes_leaves_without_waiting_for_a_sweep(
    app: App, desk: Desk, company: Company
):
    stop = Stop(grace_seconds=0)
    dialog_id = await desk.hears("Можно завтра?")
    async with queues.opened(app.database_url) as queue:
        queue.carry_out_by(worker._carrier(app, queue, stop))
        hands = asyncio.create_task(worker._staff(queue, queues.DIALOGS, 1, app.settings, stop))
        ears = asyncio.create_task(worker._listen(app, queue, stop))
        for number in count():  # it may not listen yet
            await person.write(
                app.db, company, dialog_id=dialog_id, text="Да", who=Who(user_id=1),
                now=desk.clock(), key=f"form {number}", channels=app.channels,
                hash_phone=app.hash_phone,
            )  # fmt: skip
            await asyncio.sleep(0.05)
            if await sandbox.chats(app.db, company):
                break
        stop.ask()
        await asyncio.gather(hands, ears)


# --- for whom, and how long ------------------------------------------------------------------


@asynccontextmanager
async def looking(site: Site, company: Company) -> AsyncIterator[Member]:
    app = site.app
    user = await users.create(app.db, login="anna@example.com", now=app.clock())
    await members.join(app.db, company, user, Role.MANAGER, who=Who(), now=app.clock())
    secret = await users.open_session(app.db, user, browser="Firefox", now=app.clock())
    found = await users.session_of(app.db, secret, now=app.clock())
    assert found is not None
    yield Member(
        app=app, user=user, session_id=found[0], csrf="", company=company, role=Role.MANAGER
    )


async def test_whoever_is_logged_out_hears_nothing_more(site: Site, live: Live, company: Company):
    async with looking(site, company) as viewer:
        told = dialog_events.told(live, viewer, heartbeat=0.01, check=0.0)
        async with aclosing(told):
            assert (await anext(told)).startswith("retry: ")
            assert await anext(told)
            await users.close_session(site.app.db, viewer.user, viewer.session_id)
            assert len([one async for one in told]) <= 1


async def test_whoever_is_no_member_any_more_hears_nothing_more(
    site: Site, live: Live, company: Company
):
    async with looking(site, company) as viewer:
        assert await dialog_events.may_look(viewer)
        async with site.app.db.tenant(company.company_id) as connection:
            await connection.execute("DELETE FROM memberships")
        assert not await dialog_events.may_look(viewer)


async def test_a_browser_that_goes_away_leaves_nothing_behind(owner: Visitor, site: Site):
    async with owner.client.stream("GET", f"{owner.here}/dialogs/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        lines = answer.aiter_lines()
        async for line in lines:
            if line == "data: 0":
                break
    for _ in range(500):
        with psycopg.connect(site.app.database_url) as connection:
            listening = connection.execute(
                "SELECT FROM pg_stat_activity WHERE datname = current_database()"
                " AND query LIKE 'LISTEN vernis_changed%'"
            ).rowcount
        if not listening:
            return
        await asyncio.sleep(0.02)
    pytest.fail("it still listens")


async def test_the_web_stops_while_pages_listen_and_breaks_nothing_off(
    app, company: Company, caplog: pytest.LogCaptureFixture
):
    async with AsyncExitStack() as stack:
        address = await stack.enter_async_context(served(app))
        site = Site(app, address)
        visitor = await site.visitor(company)
        async with visitor.client.stream("GET", f"{visitor.here}/dialogs/events") as answer:
            lines = answer.aiter_lines()
            assert "data: 0" in [line async for line in until(lines, "data: 0")]
            await stack.aclose()  # as a signal stops it
            assert [line async for line in lines if line.startswith("data")] == []
        await site.aclose()
    assert "graceful shutdown exceeded" not in caplog.text


async def until(lines: AsyncIterator[str], last: str) -> AsyncIterator[str]:
    async for line in lines:
        yield line
        if line == last:
            return
