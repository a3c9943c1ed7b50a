from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vernis.decide.pausing import (
    CURED_BY_CONNECTION,
    FORGIVEN,
    Record,
    alarms,
    judge,
    pause_of,
    prevails,
    remembered,
    rest,
)
from vernis.domain import ConnectionState, PauseReason

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def record(**values) -> Record:
    return Record(**{"human": True, "reports_delivery": True} | values)


# --- when ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        (record(), None),
        (record(asked=30, answered=2), PauseReason.FEW_REPLIES),
        (record(asked=30, answered=3), None),  # a tenth
        (record(asked=29, answered=0), None),  # too few to tell
        (record(asked=100, answered=9), PauseReason.FEW_REPLIES),
        (record(asked=100, answered=0, human=False), None),  # Meta rates a Cloud number itself
        (record(tried=10, failed=3), None),  # 30% is not over 30%
        (record(tried=10, failed=4), PauseReason.MANY_FAILURES),
        (record(tried=9, failed=9), None),
        (record(tried=50, failed=16, human=False), PauseReason.MANY_FAILURES),
        (record(accepted=76, undelivered=74), PauseReason.NOT_DELIVERED),  # evolution#2597
        (record(accepted=10, undelivered=5), None),
        (record(accepted=9, undelivered=9), None),
        (record(accepted=76, undelivered=74, reports_delivery=False), None),
    ],
)
def test_when_an_account_has_to_rest(of, expected):
    assert judge(of) is expected


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        (record(accepted=10, undelivered=3), False),
        (record(accepted=10, undelivered=4), True),
        (record(accepted=9, undelivered=9), False),
        (record(accepted=10, undelivered=4, reports_delivery=False), False),
    ],
)
def test_the_owner_is_told_of_missing_deliveries_before_the_account_rests(of, expected):
    assert alarms(of) is expected
    assert judge(of) is None


# --- how long ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "hours_by_times"),
    [
        (PauseReason.RATE_LIMITED, [0.5, 1, 2, 4, 8, 16, 24, 24]),
        (PauseReason.RESTRICTED, [24, 48, None, None]),
        (PauseReason.QUALITY, [24, 24, 24]),
        (PauseReason.FEW_REPLIES, [24, None, None]),
        (PauseReason.MANY_FAILURES, [24, None]),
        (PauseReason.NOT_DELIVERED, [24, None]),
        (PauseReason.BY_HAND, [None]),
        (PauseReason.LOGGED_OUT, [None]),
        (PauseReason.UNAUTHORISED, [None]),
        (PauseReason.TEMPLATE, [None]),
    ],
)
def test_how_long_an_account_rests_the_first_time_and_later(reason, hours_by_times):
    ends = [rest(reason, now=NOW, times=times) for times in range(len(hours_by_times))]
    assert ends == [hours and NOW + hours * HOUR for hours in hours_by_times]


@given(st.sampled_from(PauseReason), st.integers(0, 50), st.integers(1, 200))
def test_a_rest_is_never_shorter_than_the_channel_asked_for(reason, times, hours):
    until = rest(reason, now=NOW, times=times, retry_after=hours * HOUR)
    assert until is None or until >= NOW + hours * HOUR


def test_a_rate_limit_is_forgotten_after_a_day_and_a_restriction_after_a_month():
    assert remembered(PauseReason.RATE_LIMITED) == 24 * HOUR
    assert remembered(PauseReason.RESTRICTED) == 720 * HOUR


# --- which of two --------------------------------------------------------------------------------

pauses = st.tuples(
    st.sampled_from(PauseReason),
    st.none() | st.integers(1, 100).map(lambda hours: NOW + hours * HOUR),
)


@pytest.mark.parametrize(
    ("new", "held", "expected"),
    [
        ((PauseReason.LOGGED_OUT, None), (PauseReason.RATE_LIMITED, NOW + HOUR), True),
        ((PauseReason.LOGGED_OUT, None), (PauseReason.RESTRICTED, NOW + HOUR), False),
        ((PauseReason.RESTRICTED, NOW + HOUR), (PauseReason.LOGGED_OUT, None), True),
        ((PauseReason.RESTRICTED, NOW + HOUR), (PauseReason.BY_HAND, None), False),
        ((PauseReason.RATE_LIMITED, NOW + 2 * HOUR), (PauseReason.RATE_LIMITED, NOW + HOUR), True),
        ((PauseReason.RATE_LIMITED, NOW + HOUR), (PauseReason.RATE_LIMITED, NOW + HOUR), False),
        ((PauseReason.FEW_REPLIES, None), (PauseReason.QUALITY, NOW + HOUR), True),
    ],
)
def test_which_of_two_pauses_holds(new, held, expected):
    assert prevails(new, held) is expected


@given(pauses, pauses)
def test_of_two_pauses_at_most_one_prevails(one, other):
    assert not (prevails(one, other) and prevails(other, one))
    assert not prevails(one, one)


# --- by connection -------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ConnectionState)
def test_what_only_a_new_connection_cures_is_ended_by_nothing_else(state):
    reason = pause_of(state)
    if reason in CURED_BY_CONNECTION:
        assert rest(reason, now=NOW, times=0) is None
    assert pause_of(ConnectionState.CONNECTED) is None


def test_every_reason_is_either_forgiven_cured_or_a_matter_of_minutes():
    assert set(PauseReason) == FORGIVEN | CURED_BY_CONNECTION | {PauseReason.RATE_LIMITED}
    assert not FORGIVEN & CURED_BY_CONNECTION
