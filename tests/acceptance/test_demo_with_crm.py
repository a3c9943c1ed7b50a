"""The demo over the simulator of YClients: two weeks of ninety clients, who live in the CRM."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest
from tests.crm.demo import Kept, lived, told
from typer.testing import CliRunner

import vernis
from vernis.cli import app
from vernis.config import Settings
from vernis.errors import UsageError
from vernis.simulation.rehearsal import Policy, Result

POLICY = Policy(weeks=2, clients=90, seed=5, holdout_percent=20)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Kept]:
    return asyncio.run(lived(Settings(home=tmp_path_factory.mktemp("home")), POLICY))


def test_every_booking_of_the_chat_is_in_the_crm_exactly_once(demo: tuple[Result, Kept]) -> None:
    result, kept = demo
    assert result.tally.bookings > 0
    assert len(kept.made) == result.tally.bookings
    assert set(Counter(one.api_id for one in kept.made).values()) == {1}
    assert Counter(kept.ours) == Counter(str(one.id) for one in kept.made)
    assert kept.found_once == result.tally.bookings


def test_the_report_has_the_visits_and_the_money_of_the_crm(demo: tuple[Result, Kept]) -> None:
    result, kept = demo
    contact, _ = result.report.totals
    assert contact.visits > 0
    assert (contact.visits, contact.revenue_minor) == kept.truth()
    assert sum(one.by_phone for one in kept.contacted) > 0


def test_vernis_knows_every_visit_that_was_paid_in_the_crm(demo: tuple[Result, Kept]) -> None:
    _, kept = demo
    assert kept.known == kept.paid()


def test_the_strict_simulator_refused_nothing(demo: tuple[Result, Kept]) -> None:
    result, kept = demo
    assert [(one.name, one.message) for one in kept.server.refused] == []
    assert "found there again exactly once" in told(result, kept)


def test_without_the_repository_it_says_where_the_simulator_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = tmp_path / "site-packages" / "vernis" / "__init__.py"
    monkeypatch.setattr(vernis, "__file__", str(installed))
    run = CliRunner().invoke(app, ["demo", "--crm"])
    assert isinstance(run.exception, UsageError)
    assert "is in Vernis' repository" in str(run.exception)
