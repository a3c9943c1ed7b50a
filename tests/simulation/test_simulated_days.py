"""The salon lives on: by itself, and with messages."""

from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from plain_policy import Policy, arms

from vernis.domain import Intent
from vernis.errors import NotFoundError, TimeTakenError
from vernis.simulation.calendar import Place
from vernis.simulation.engine import Simulation
from vernis.simulation.events import Booked, Came, Cancelled, NoShow, Replied
from vernis.simulation.world import World, make_world


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(seed=1, start=date(2026, 3, 2), clients=300)


def weeks(world: World, count: int) -> datetime:
    return world.starts_at + timedelta(weeks=count)


def free_place(simulation: Simulation, staff: str = "Ольга") -> tuple[Place, datetime]:
    for n in range(1, 30):
        day = (simulation.now + timedelta(days=n)).date()
        if starts := simulation.calendar.starts(staff, day, 4):
            place = Place(staff, day, starts[0])
            return place, simulation.calendar.moment(place)
    raise AssertionError


def book(simulation: Simulation, key: str, client_key: str, starts_at: datetime) -> None:
    simulation.booking_made(
        client_key,
        key=key,
        service_code="101",
        staff="Ольга",
        starts_at=starts_at,
        at=simulation.now,
    )


def test_the_same_seed_lives_the_same_weeks(world: World) -> None:
    one, two = (Simulation(world, 7).advance_to(weeks(world, 6)) for _ in range(2))
    assert one == two
    assert Simulation(world, 8).advance_to(weeks(world, 6)) != one


def test_steps_of_any_size_give_the_same_events(world: World) -> None:
    at_once = Simulation(world, 7).advance_to(weeks(world, 3))
    stepwise, simulation = [], Simulation(world, 7)
    while (at := simulation.next_at()) is not None and at <= weeks(world, 3):
        stepwise += simulation.advance_to(at)
    assert stepwise == at_once


def test_a_simulation_leaves_its_world_as_it_was(world: World) -> None:
    before = [asdict(one) for one in world.appointments], str(world.lives)
    Policy(world, 1).run(21)
    assert ([asdict(one) for one in world.appointments], str(world.lives)) == before


def test_events_come_in_order_and_every_visit_was_booked_before(world: World) -> None:
    events = Simulation(world, 1).advance_to(weeks(world, 12))
    assert [one.at for one in events] == sorted(one.at for one in events)
    known = {line.key for one in world.appointments for line in one.lines}
    for event in events:
        assert event.at.tzinfo is UTC
        if isinstance(event, Booked):
            assert event.key not in known
            assert event.at < event.starts_at < event.ends_at
            known.add(event.key)
        elif isinstance(event, Came | Cancelled | NoShow):
            assert event.key in known
    assert {type(event) for event in events} == {Booked, Came, Cancelled, NoShow}


def test_without_messages_nobody_writes(world: World) -> None:
    events = Simulation(world, 1).advance_to(weeks(world, 12))
    assert not any(isinstance(event, Replied) for event in events)


def test_a_booking_by_vernis_ends_like_any_other(world: World) -> None:
    simulation = Simulation(world, 1)
    client = world.clients[0]
    _, starts_at = free_place(simulation)
    book(simulation, "ours", client.key, starts_at)
    events = simulation.advance_to(starts_at + timedelta(hours=2))
    (end,) = [one for one in events if getattr(one, "key", None) == "ours"]
    assert isinstance(end, Came | Cancelled | NoShow)
    assert end.client_key == client.key


def test_two_people_cannot_have_the_same_time(world: World) -> None:
    simulation = Simulation(world, 1)
    _, starts_at = free_place(simulation)
    book(simulation, "one", world.clients[0].key, starts_at)
    with pytest.raises(TimeTakenError):
        book(simulation, "two", world.clients[1].key, starts_at)


def test_a_stranger_is_refused(world: World) -> None:
    with pytest.raises(NotFoundError):
        Simulation(world, 1).message_sent("nobody", "Пора к нам?", world.starts_at)


def test_who_has_no_working_phone_never_replies(world: World) -> None:
    simulation = Simulation(world, 1)
    silent = {client.key for client in world.clients if not client.reachable}
    for client in world.clients:
        simulation.message_sent(client.key, "Пора к нам?", world.starts_at)
    replies = [e for e in simulation.advance_to(weeks(world, 1)) if isinstance(e, Replied)]
    assert replies
    assert not silent & {reply.client_key for reply in replies}
    phones = {client.key: client.reachable for client in world.clients}
    assert all(reply.phone == phones[reply.client_key] for reply in replies)


def test_a_message_to_one_client_leaves_the_words_of_the_others_as_they_were(world: World) -> None:
    def replies(*, skipped: str) -> dict[str, Any]:
        simulation = Simulation(world, 1)
        for client in world.clients:
            if client.key != skipped:
                simulation.message_sent(client.key, "Пора к нам?", world.starts_at)
        events = simulation.advance_to(weeks(world, 1))
        return {e.client_key: e.text for e in events if isinstance(e, Replied)}

    everybody = replies(skipped="")
    one = next(iter(everybody))
    without = replies(skipped=one)
    assert one not in without
    assert without == {key: text for key, text in everybody.items() if key != one}


def test_a_dialog_leads_to_a_booking_and_thanks(world: World) -> None:
    policy = Policy(world, 1, holdout=0.0).run(42)
    chosen = [reply for reply in policy.said if reply.chosen]
    assert chosen
    last_words: dict[str, list[Intent]] = {}
    for reply in policy.said:
        last_words.setdefault(reply.client_key, []).append(reply.meaning)
    assert any(
        words[0] is Intent.BOOK and words[-1] is Intent.NEUTRAL for words in last_words.values()
    )


def test_messages_win_more_than_silence_does() -> None:
    world = make_world(seed=1, start=date(2026, 3, 2))
    found = arms(Policy(world, 1, holdout=0.3).run(56).outcomes)
    assert 0.13 < found["reply rate"] < 0.25
    assert 0.005 < found["opt-outs"] < 0.025
    assert 0.11 < found["contact books"] < 0.19
    assert 0.05 < found["holdout books"] < 0.12
    assert found["contact books"] > found["holdout books"]
