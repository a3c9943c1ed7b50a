from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise, permutations
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from salons import salon

from vernis.decide.delivery import (
    Event,
    LastLook,
    after,
    deadline,
    gap,
    is_open,
    next_opening,
    objection,
)
from vernis.domain import Reason, State

NEVER_CLAIMED = [
    State.HELD_OUT, State.PLANNED, State.WRITTEN, State.SKIPPED, State.EXPIRED
]  # fmt: skip
LIFE = [State.CLAIMED, State.UNKNOWN, State.ACCEPTED, State.FAILED, State.DELIVERED, State.READ]


# --- states ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "event", "expected"),
    [
        (State.CLAIMED, Event.ACCEPTED, State.ACCEPTED),
        (State.CLAIMED, Event.READ, State.READ),  # forward, over what was missed
        (State.CLAIMED, Event.OUTCOME_UNKNOWN, State.UNKNOWN),
        (State.UNKNOWN, Event.DELIVERED, State.DELIVERED),  # an event settles the doubt
        (State.UNKNOWN, Event.FAILED, State.FAILED),
        (State.ACCEPTED, Event.FAILED, State.FAILED),
        (State.ACCEPTED, Event.OUTCOME_UNKNOWN, State.ACCEPTED),
        (State.FAILED, Event.DELIVERED, State.DELIVERED),  # the client's phone knows better
        (State.DELIVERED, Event.FAILED, State.DELIVERED),
        (State.DELIVERED, Event.ACCEPTED, State.DELIVERED),
        (State.READ, Event.DELIVERED, State.READ),
    ],
)
def test_what_an_event_makes_of_a_state(state, event, expected):
    assert after(state, event) is expected


@pytest.mark.parametrize("state", NEVER_CLAIMED)
@pytest.mark.parametrize("event", Event)
def test_what_was_never_claimed_does_not_move(state, event):
    assert after(state, event) is state


def test_every_state_is_either_in_the_life_of_a_message_or_before_it():
    assert {*NEVER_CLAIMED, *LIFE} == set(State)


@given(st.sampled_from(LIFE), st.lists(st.sampled_from(Event), max_size=12))
def test_events_never_lead_back(start, events):
    states = [start]
    for event in events:
        states.append(after(states[-1], event))

    ranks = [LIFE.index(state) for state in states]
    assert ranks == sorted(ranks)


def test_the_order_in_which_events_arrive_does_not_matter():
    ends = set()
    for events in permutations(Event):
        state = State.CLAIMED
        for event in events:
            state = after(state, event)
        ends.add(state)

    assert ends == {State.READ}


# --- the last look -----------------------------------------------------------------------------

PLANNED = datetime(2024, 4, 1, 6, 30, tzinfo=UTC)


def look(**changes) -> LastLook:
    unchanged = {
        "blacklisted": False,
        "opted_out": False,
        "consent": "unknown",
        "phone": "79990000001",
        "planned_phone": "79990000001",
        "declined_at": None,
        "planned_at": PLANNED,
        "last_visit_on": date(2024, 3, 1),
        "visited_on": date(2024, 3, 1),
        "booked_on": None,
    }
    return LastLook(**unchanged | changes)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"blacklisted": True}, Reason.BLACKLISTED),
        ({"opted_out": True}, Reason.OPTED_OUT),
        ({"consent": "refused"}, Reason.NO_CONSENT),
        ({"consent": "given"}, None),
        ({"phone": None}, Reason.NO_PHONE),
        ({"phone": "79990000002"}, Reason.NO_PHONE),
        ({"declined_at": PLANNED + timedelta(seconds=1)}, Reason.DECLINED),
        ({"declined_at": PLANNED - timedelta(days=60)}, None),
        ({"visited_on": date(2024, 4, 1)}, Reason.VISITED_SINCE),
        ({"visited_on": None}, None),
        ({"with_person": True}, Reason.IN_DIALOG),
        ({"booked_on": date(2024, 4, 1)}, Reason.FUTURE_BOOKING),
    ],
)
def test_what_changed_since_the_plan_stops_a_message(changes, reason):
    assert objection(look(**changes), salon()) is reason


@pytest.mark.parametrize(("consent", "reason"), [("unknown", Reason.NO_CONSENT), ("given", None)])
def test_consent_is_looked_at_again_where_it_is_required(consent, reason):
    assert objection(look(consent=consent), salon(consent_required=True)) is reason


# --- hours -------------------------------------------------------------------------------------

# Zones and the days around a clock change; Havana's and Beirut's come at midnight.
CHANGES = [
    ("Europe/Berlin", date(2024, 3, 31)),
    ("Europe/Berlin", date(2024, 10, 27)),
    ("America/Toronto", date(2024, 3, 10)),
    ("America/Toronto", date(2024, 11, 3)),
    ("America/Havana", date(2024, 3, 10)),
    ("America/Havana", date(2024, 11, 3)),
    ("Asia/Beirut", date(2024, 3, 31)),
    ("Asia/Beirut", date(2024, 10, 27)),
    ("Australia/Lord_Howe", date(2024, 4, 7)),
    ("Europe/Moscow", date(2024, 3, 31)),
    ("Asia/Kathmandu", date(2024, 3, 31)),
]
HOURS = [
    (time(10), time(20)),
    (time(0), time(23, 59)),
    (time(2, 30), time(9)),
    (time(0, 30), time(1, 30)),
    (time(9, 5), time(9, 20)),
]
MINUTE = timedelta(minutes=1)


def around(day: date, zone: str) -> list[datetime]:
    """Every quarter of an hour of three local days, in UTC."""
    ends = [datetime.combine(day + timedelta(days=n), time(), ZoneInfo(zone)) for n in (-1, 2)]
    first, last = (end.astimezone(UTC) for end in ends)
    return [first + timedelta(minutes=15 * n) for n in range((last - first) // (15 * MINUTE))]


@pytest.mark.parametrize(("zone", "day"), CHANGES)
def test_in_the_hours_of_the_day_is_open_whatever_the_clocks_do(zone, day):
    company = salon(timezone=zone)

    for moment in around(day, zone):
        local = moment.astimezone(ZoneInfo(zone)).time()
        assert is_open(company, moment) == (time(10) <= local < time(20))


@pytest.mark.parametrize(("zone", "day"), CHANGES)
@pytest.mark.parametrize(("send_from", "send_until"), HOURS)
def test_a_day_opens_and_closes_once(zone, day, send_from, send_until):
    company = salon(timezone=zone, send_from=send_from, send_until=send_until)
    days = [day + timedelta(days=ahead) for ahead in (-1, 0, 1)]

    moments = sorted({*around(day, zone), *(deadline(company, day) for day in days)})
    opened = [is_open(company, moment) for moment in moments]

    assert sum(later and not earlier for earlier, later in pairwise([False, *opened])) <= 3
    assert not any(is_open(company, deadline(company, day)) for day in days)


@pytest.mark.parametrize(("zone", "day"), CHANGES)
@pytest.mark.parametrize(("send_from", "send_until"), HOURS)
def test_the_next_opening_is_open_and_no_earlier_moment_is(zone, day, send_from, send_until):
    company = salon(timezone=zone, send_from=send_from, send_until=send_until)

    expected = None
    for moment in reversed(around(day, zone)):
        opening = next_opening(company, moment)
        if is_open(company, moment):
            expected = moment
            assert opening == moment
        else:
            assert moment < opening
            assert is_open(company, opening)
            assert not is_open(company, opening - MINUTE)
            assert expected is None or opening <= expected
            expected = opening


def test_hours_that_a_clock_change_skips_begin_right_after_the_gap():
    company = salon(timezone="America/Toronto", send_from=time(2, 30), send_until=time(9))

    opening = next_opening(company, datetime(2024, 3, 10, 5, tzinfo=UTC))

    assert opening == datetime(2024, 3, 10, 7, tzinfo=UTC)  # 03:00, what was 02:00


def test_hours_that_come_twice_are_used_once():
    company = salon(timezone="America/Toronto", send_from=time(1), send_until=time(1, 30))

    first, second = (datetime(2024, 11, 3, hour, 10, tzinfo=UTC) for hour in (5, 6))

    assert is_open(company, first)
    assert not is_open(company, second)


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2024-04-05 12:00", "2024-04-05 12:00"),  # a Friday, in the hours
        ("2024-04-05 06:00", "2024-04-05 10:00"),
        ("2024-04-05 19:59", "2024-04-05 19:59"),
        ("2024-04-05 20:00", "2024-04-08 10:00"),  # Monday
        ("2024-04-06 12:00", "2024-04-08 10:00"),
    ],
)
def test_messages_wait_for_the_companys_days(moment, opens):
    company = salon(send_days=(1, 2, 3, 4, 5))
    local = company.zone

    opening = next_opening(company, datetime.fromisoformat(moment).replace(tzinfo=local))

    assert opening == datetime.fromisoformat(opens).replace(tzinfo=local)


def test_the_only_day_of_the_week_comes_again_after_its_hours():
    company = salon(send_days=(5,))
    late = datetime(2024, 4, 5, 21, tzinfo=company.zone)

    assert next_opening(company, late) == datetime(2024, 4, 12, 10, tzinfo=company.zone)


def test_without_any_day_there_is_no_opening():
    assert next_opening(salon(send_days=()), PLANNED) is None


@given(
    st.integers(1_600_000_000, 1_900_000_000).map(lambda s: datetime.fromtimestamp(s, UTC)),
    st.sampled_from(["Europe/Moscow", "America/Toronto", "Australia/Sydney", "Pacific/Apia"]),
    st.frozensets(st.integers(1, 7), min_size=1),
)
def test_there_is_always_an_opening_within_eight_days(moment, zone, days):
    company = salon(timezone=zone, send_days=tuple(sorted(days)))

    opening = next_opening(company, moment)

    assert is_open(company, opening)
    assert moment <= opening <= moment + timedelta(days=8)
    assert opening < deadline(company, opening.astimezone(company.zone).date())


# --- pace --------------------------------------------------------------------------------------


@given(st.floats(0, 600), st.floats(0, 1))
def test_a_pause_is_uneven_around_the_accounts_gap(seconds, draw):
    pause = gap(seconds, draw).total_seconds()

    assert seconds * 0.6 - 1e-5 <= pause <= seconds * 1.4 + 1e-5
