from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vernis.decide.pacing import (
    FEW_NEW_CHATS,
    WARM_UP_DAYS,
    Allowance,
    Pace,
    allowance,
    gap,
    opens_chat,
)

DAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)

counts = st.integers(0, 400)
limits = st.integers(0, 300)
paces = st.builds(
    Pace,
    gap_seconds=st.sampled_from([0.0, 30.0]),
    daily_limit=limits,
    hourly_limit=st.none() | limits,
    new_chats_limit=st.none() | limits,
    warm_up=st.booleans(),
    began_on=st.none() | st.dates(DAY - timedelta(30), DAY + timedelta(3)),
    human=st.booleans(),
    sent_today=counts,
    sent_last_hour=counts,
    new_chats_today=counts,
    new_chats_24h=counts,
)


# --- what may leave ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pace", "expected"),
    [
        (Pace(gap_seconds=0, daily_limit=100), (100, 100)),
        (Pace(gap_seconds=30, daily_limit=100), (1, 1)),
        (Pace(gap_seconds=0, daily_limit=100, human=True), (1, 1)),
        (Pace(gap_seconds=0, daily_limit=100, sent_today=98), (2, 2)),
        (Pace(gap_seconds=0, daily_limit=100, sent_today=100), (0, 0)),
        (Pace(gap_seconds=0, daily_limit=100, sent_today=150), (0, 0)),
        (Pace(gap_seconds=0, daily_limit=100, hourly_limit=30, sent_last_hour=20), (10, 10)),
        (Pace(gap_seconds=0, daily_limit=100, new_chats_limit=14, new_chats_24h=10), (100, 4)),
        (Pace(gap_seconds=0, daily_limit=100, new_chats_limit=14, new_chats_24h=14), (100, 0)),
        (Pace(gap_seconds=0, daily_limit=100, new_chats_limit=0), (100, 0)),
        (Pace(gap_seconds=30, daily_limit=100, new_chats_limit=14, new_chats_24h=14), (1, 0)),
    ],
)
def test_what_may_leave_by_limits_and_what_has_left(pace, expected):
    messages, new_chats = expected
    assert allowance(pace, on=DAY) == Allowance(messages=messages, new_chats=new_chats)


@given(paces)
def test_never_more_than_any_limit_leaves(pace):
    allowed = allowance(pace, on=DAY)
    assert 0 <= allowed.new_chats <= allowed.messages
    assert allowed.messages <= max(0, pace.daily_limit - pace.sent_today)
    if pace.hourly_limit is not None:
        assert allowed.messages <= max(0, pace.hourly_limit - pace.sent_last_hour)
    if pace.new_chats_limit is not None:
        assert allowed.new_chats <= max(0, pace.new_chats_limit - pace.new_chats_24h)
    if pace.human or pace.gap_seconds:
        assert allowed.messages <= 1


@given(
    limits,
    st.none() | limits,
    st.none() | limits,
    st.booleans(),
    st.lists(st.booleans(), max_size=60),
)
def test_a_day_of_messages_in_any_order_stays_within_the_limits(
    daily, hourly, new_chats, warm_up, strangers
):
    """Each wants to leave at once; who does not may not ever: the strictest order of calls."""
    pace = Pace(
        gap_seconds=0,
        daily_limit=daily,
        hourly_limit=hourly,
        new_chats_limit=new_chats,
        warm_up=warm_up,
        human=True,
    )
    for is_new in strangers:
        allowed = allowance(pace, on=DAY)
        if not (allowed.new_chats if is_new else allowed.messages):
            continue
        pace = replace(
            pace,
            sent_today=pace.sent_today + 1,
            sent_last_hour=pace.sent_last_hour + 1,
            new_chats_today=pace.new_chats_today + is_new,
            new_chats_24h=pace.new_chats_24h + is_new,
        )
    assert pace.sent_today <= daily
    assert hourly is None or pace.sent_last_hour <= hourly
    assert new_chats is None or pace.new_chats_24h <= new_chats
    assert not warm_up or pace.new_chats_today <= 5


def pace_at(now, sent, **limits):
    """The pace as the tables tell it: `sent` are moments, each with whether it opened a chat."""
    hour, day = timedelta(hours=1), timedelta(days=1)
    return Pace(
        gap_seconds=30,
        human=True,
        sent_today=sum(at.date() == now.date() for at, _ in sent),
        sent_last_hour=sum(at > now - hour for at, _ in sent),
        new_chats_today=sum(at.date() == now.date() for at, new in sent if new),
        new_chats_24h=sum(at > now - day for at, new in sent if new),
        **limits,
    )


@given(
    st.integers(0, 12),
    st.integers(0, 5),
    st.integers(0, 6),
    st.lists(st.tuples(st.integers(0, 400), st.booleans()), max_size=80),
)
def test_no_window_of_time_ever_holds_more_than_its_limit(daily, hourly, new_chats, wishes):
    """Over days, at any gaps: limits are those of every hour and of every 24 hours, not of some."""
    limits = {"daily_limit": daily, "hourly_limit": hourly, "new_chats_limit": new_chats}
    now, sent = NOW, []
    for minutes, new in wishes:
        now += timedelta(minutes=minutes)
        allowed = allowance(pace_at(now, sent, **limits), on=now.date())
        if allowed.new_chats if new else allowed.messages:
            sent.append((now, new))
    for end, _ in sent:
        after = pace_at(end, [one for one in sent if one[0] <= end], **limits)
        assert after.sent_today <= daily
        assert after.sent_last_hour <= hourly
        assert after.new_chats_24h <= new_chats


# --- warm-up -------------------------------------------------------------------------------------


def new_chats_by_day(limit, daily=1000):
    pace = Pace(gap_seconds=0, daily_limit=daily, new_chats_limit=limit, warm_up=True, began_on=DAY)
    days = (DAY + timedelta(days=ahead) for ahead in range(12))
    return [allowance(pace, on=day).new_chats for day in days]


def test_a_new_number_writes_to_five_strangers_first_and_to_more_each_day():
    assert new_chats_by_day(FEW_NEW_CHATS) == [5, 5, 6, 6, 7, 8, 9, 10, 11, 12, 14, 14]
    assert new_chats_by_day(250) == [5, 7, 10, 16, 23, 35, 52, 77, 114, 169, 250, 250]
    assert new_chats_by_day(3) == [3] * 12


@given(st.integers(0, 100_000), st.integers(0, 100_000))
def test_a_warm_up_only_grows_and_ends_at_the_limits(limit, daily):
    days = new_chats_by_day(limit, daily)
    assert days == sorted(days)
    assert days[0] <= 5
    assert days[WARM_UP_DAYS] == min(limit, daily)


def test_a_warm_up_that_has_not_begun_is_at_its_first_day():
    pace = Pace(gap_seconds=0, daily_limit=200, warm_up=True)
    assert allowance(pace, on=DAY) == Allowance(messages=20, new_chats=5)
    tomorrow = replace(pace, began_on=DAY + timedelta(days=1))
    assert allowance(tomorrow, on=DAY) == allowance(pace, on=DAY)


# --- gaps ----------------------------------------------------------------------------------------


@given(st.floats(0, 1), st.booleans())
def test_a_gap_has_a_floor_and_an_end(draw, human):
    pause = gap(Pace(gap_seconds=60, daily_limit=1, human=human), draw).total_seconds()
    assert 36 <= pause <= (600 if human else 84)


def test_a_persons_gaps_are_irregular_with_a_long_pause_now_and_then():
    random = Random(7)
    pace = Pace(gap_seconds=60, daily_limit=1, human=True)
    pauses = [gap(pace, random.random()).total_seconds() for _ in range(4000)]
    long = [pause for pause in pauses if pause >= 240]
    assert 0.03 < len(long) / len(pauses) < 0.07
    assert 55 < mean(pause for pause in pauses if pause < 240) < 65
    assert len({round(pause) for pause in pauses}) > 100


# --- who counts as new ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heard", "free_text_for", "new"),
    [
        (None, None, True),
        (timedelta(days=300), None, False),  # wrote once: known to a person's number
        (None, timedelta(hours=24), True),
        (timedelta(hours=23, minutes=59), timedelta(hours=24), False),
        (timedelta(hours=24), timedelta(hours=24), True),  # Meta counts it
    ],
)
def test_who_counts_as_a_new_chat(heard, free_text_for, new):
    heard_at = heard and NOW - heard
    assert opens_chat(heard_at=heard_at, now=NOW, free_text_for=free_text_for) is new
