"""Vernis at work in a small simulated salon, on real servers."""

import asyncio
import io
import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from vernis.adapters.embedded import Servers
from vernis.app import PinnedClock, open_app
from vernis.config import Settings
from vernis.domain import BookingState
from vernis.simulation.driver import Driver, open_salon
from vernis.simulation.line import over_sandbox
from vernis.simulation.story import Story, best_story
from vernis.simulation.world import World, make_world
from vernis.stages import reporting
from vernis.stages.reporting import Report

Ask = Callable[[str], list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Lived:
    """Two weeks of ninety clients, when they are over."""

    world: World
    driver: Driver
    story: Story | None
    report: Report
    logged: str = ""


async def live(settings: Settings) -> Lived:
    world = make_world(seed=3, clients=90)
    clock = PinnedClock(world.starts_at)
    async with open_app(settings, clock=clock) as app:
        company = await open_salon(app, world, settings=["holdout_percent=20"])
        async with over_sandbox(app, company) as line:
            driver = Driver(app, clock, company, world, 3, line)
            end = await driver.live(weeks=2)
        story = await best_story(app.db, company, driver.decided)
        report = await reporting.report(app.db, company, now=end)
    return Lived(world, driver, story, report)


@pytest.fixture(scope="module")
def settings(servers: Servers, template: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    name = f"simulated_{uuid4().hex[:8]}"
    with psycopg.connect(servers.database_url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    before, _, query = servers.database_url.partition("?")
    home: Path = tmp_path_factory.mktemp("simulated")
    urls = {
        "database_url": f"{before.rpartition('/')[0]}/{name}?{query}",
        "redis_url": servers.redis_url,
    }
    return Settings().model_copy(update={"home": home, **urls})


@pytest.fixture(scope="module")
def lived(settings: Settings) -> Lived:
    heard = io.StringIO()
    handler, ours = logging.StreamHandler(heard), logging.getLogger("vernis")
    ours.addHandler(handler)
    ours.setLevel(logging.DEBUG)
    try:
        return replace(asyncio.run(live(settings)), logged=heard.getvalue())
    finally:
        ours.removeHandler(handler)
        ours.setLevel(logging.NOTSET)


@pytest.fixture
def ask(settings: Settings, lived: Lived) -> Iterator[Ask]:
    with psycopg.connect(str(settings.database_url)) as connection:
        yield lambda query: connection.execute(query).fetchall()


def test_a_lapse_gets_one_message_an_attempt_and_none_in_the_holdout(
    lived: Lived, ask: Ask
) -> None:
    assert lived.driver.tally.messages > 20
    doubled = "SELECT key FROM sandbox_messages WHERE direction = 'out' GROUP BY key"
    assert ask(f"{doubled} HAVING count(*) > 1") == []
    both = "SELECT client_id, last_visit_date FROM client_reactivation_history GROUP BY 1, 2"
    assert ask(f"{both} HAVING count(DISTINCT arm) > 1") == []
    held_out = "SELECT FROM client_reactivation_history WHERE arm = 'holdout'"
    assert ask(f"{held_out} AND claimed_at IS NOT NULL") == []
    assert len(ask(held_out)) == lived.driver.tally.held_out


def test_every_reply_is_tied_to_its_message(lived: Lived, ask: Ask) -> None:
    tally = lived.driver.tally
    assert tally.recognised == tally.replies > 0
    stray = "SELECT FROM messages WHERE direction = 'in' AND reactivation_id IS NULL"
    assert ask(stray) == []


def test_the_salons_diary_and_vernis_have_the_same_bookings(lived: Lived, ask: Ask) -> None:
    diary = {
        (one.client_key, line.starts_at, one.staff, one.state.value)
        for one in lived.driver.simulation.appointments
        for line in one.lines
        if one.booked_at >= lived.world.starts_at
    }
    ours = ask(
        "SELECT c.external_key, b.starts_at, s.name, b.state FROM bookings b"
        " JOIN clients c USING (company_id, client_id)"
        " JOIN staff s USING (company_id, staff_id) WHERE b.origin <> 'file'"
    )
    assert set(ours) == diary
    made = ask("SELECT FROM bookings WHERE origin = 'vernis'")
    assert len(made) == lived.driver.tally.bookings > 0


def test_what_became_of_the_appointments_in_the_files_is_known(lived: Lived, ask: Ask) -> None:
    in_files = lived.driver.simulation.appointments[: len(lived.world.appointments)]
    ahead = [one for one in in_files if one.state is BookingState.BOOKED]
    rows = ask("SELECT FROM bookings WHERE origin = 'file' AND state = 'booked'")
    assert len(rows) == sum(len(one.lines) for one in ahead)


def test_a_story_begins_with_a_message_and_ends_with_a_visit(lived: Lived) -> None:
    story = lived.story
    assert story is not None
    assert story.said[0].direction == "out"
    assert {said.direction for said in story.said} == {"in", "out"}
    assert story.said[0].at < story.booked_at <= story.starts_at
    assert story.low_days <= story.interval_days <= story.high_days


def test_the_report_counts_what_the_simulation_lived(lived: Lived) -> None:
    contact, holdout = lived.report.totals
    assert contact.sent == lived.driver.tally.messages
    assert holdout.planned == lived.driver.tally.held_out
    assert contact.replies <= lived.driver.tally.replies


def test_a_reply_is_read_as_it_was_meant_nearly_always(lived: Lived) -> None:
    tally = lived.driver.tally
    wrong = sum(number for _, number in tally.misread())
    assert tally.read_right > 4 * wrong


def test_no_log_line_of_these_weeks_has_a_phone_or_a_word_of_anybody(
    lived: Lived, ask: Ask
) -> None:
    assert len(ask("SELECT FROM messages WHERE direction = 'in'")) > 5
    assert re.findall("[а-яё]+|[0-9]{9,}", lived.logged, re.IGNORECASE) == []
