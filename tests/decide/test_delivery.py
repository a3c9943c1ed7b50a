from datetime import UTC, date, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from salons import salon

from vernis.decide.consent import Kind
from vernis.decide.delivery import Event, LastLook, after, evidence, objection
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


def test_a_message_carries_what_it_relies_on_as_things_are_now():
    agreed = look(consent="given", consent_source="file", consent_on=date(2024, 2, 1))
    assert evidence(agreed, salon()).as_dict() == {
        "kind": "given", "source": "file", "on": "2024-02-01"
    }  # fmt: skip

    basis = {"consent_basis": "a signed form", "consent_basis_on": date(2023, 1, 1)}
    assert evidence(look(), salon(consent_required=True, **basis)).kind is Kind.BASIS
    assert evidence(look(consent="refused"), salon(**basis)) is None


def test_a_soft_opt_in_runs_from_the_newest_visit_to_the_day_of_sending():
    german = salon(country="DE", timezone="Europe/Berlin")

    assert evidence(look(), german).on == date(2024, 3, 1)
    late = look(on=date(2025, 3, 2))
    assert objection(late, german) is Reason.NO_CONSENT
    assert evidence(look(on=date(2025, 3, 2), visited_on=date(2024, 3, 2)), german) is not None


# --- pace --------------------------------------------------------------------------------------
