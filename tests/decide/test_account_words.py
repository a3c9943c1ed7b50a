from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from vernis.decide.account_words import NEEDS, connection, not_set_up, pause
from vernis.domain import ConnectionState, PauseReason

MOSCOW = ZoneInfo("Europe/Moscow")
NOON = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("reason", "until", "says"),
    [
        (PauseReason.RATE_LIMITED, NOON, "by itself on 2026-03-02 12:00, or at once with"),
        (PauseReason.BY_HAND, None, "somebody paused it; resume it with `vernis account resume"),
        (PauseReason.LOGGED_OUT, None, "account login 'front desk'`), then it goes on by itself"),
        (PauseReason.UNAUTHORISED, None, "set 'front desk' --token-stdin"),
        (PauseReason.RESTRICTED, None, "resume it with `vernis account resume 'front desk'`"),
    ],
)
def test_a_pause_is_told_with_what_ends_it(reason, until, says):
    said = pause("front desk", reason, since=NOON, until=until, zone=MOSCOW)
    assert said.startswith("paused since 2026-03-02 12:00: ")
    assert says in said


@pytest.mark.parametrize("reason", PauseReason)
@pytest.mark.parametrize("until", [None, NOON])
def test_every_pause_can_be_told(reason, until):
    assert "{" not in pause("desk", reason, since=None, until=until, zone=MOSCOW)


@pytest.mark.parametrize("state", ConnectionState)
def test_every_connection_can_be_told(state):
    assert "{" not in connection("desk", state)


def test_a_channel_that_is_not_set_up_says_what_to_set():
    assert "VERNIS_BRIDGE_URL" in not_set_up("baileys")
    assert all(channel in not_set_up("telex") for channel in NEEDS)
