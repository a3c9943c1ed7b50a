"""The salon as it stands on the first day."""

import csv
from collections import Counter
from datetime import date
from itertools import pairwise
from pathlib import Path

import plain_policy
import pytest

from vernis.domain import BookingState
from vernis.simulation.export import write_export
from vernis.simulation.world import World, make_world

START = date(2026, 3, 2)


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(seed=1, start=START)


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def test_the_same_seed_gives_the_same_files(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        write_export(make_world(seed=3, start=START, clients=150), tmp_path / folder)
    for name in ("clients.csv", "services.csv", "visits.csv", "bookings.csv"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_another_seed_gives_another_salon() -> None:
    one, two = (make_world(seed=seed, start=START, clients=50) for seed in (1, 2))
    assert [client.name for client in one.clients] != [client.name for client in two.clients]


def test_nobody_works_outside_their_hours_or_twice_at_once(world: World) -> None:
    staff = {person.name: person for person in world.salon.staff}
    by_staff: dict[str, list] = {name: [] for name in staff}
    for one in world.appointments:
        starts = one.starts_at.astimezone(world.salon.zone)
        ends = one.lines[-1].ends_at.astimezone(world.salon.zone)
        person = staff[one.staff]
        assert starts.isoweekday() in person.weekdays
        assert person.opens <= starts.time() < ends.time() <= person.closes
        assert {line.service.code for line in one.lines} <= set(person.does)
        if one.state is not BookingState.CANCELLED:
            by_staff[one.staff].append((one.starts_at, one.lines[-1].ends_at))
    for times in by_staff.values():
        assert all(first[1] <= second[0] for first, second in pairwise(sorted(times)))


def test_every_phone_is_fictional_and_some_are_missing_broken_or_shared(world: World) -> None:
    reachable = [client.reachable for client in world.clients if client.reachable]
    assert all(phone.startswith("7900000") and len(phone) == 11 for phone in reachable)
    assert any(not client.phone for client in world.clients)
    assert any(client.phone and not client.reachable for client in world.clients)
    assert max(Counter(reachable).values()) > 1
    assert len({client.key for client in world.clients}) == 1300


def test_only_what_is_to_come_is_still_open(world: World) -> None:
    for one in world.appointments:
        assert (one.state is BookingState.BOOKED) == (one.fate_at > world.starts_at)
        assert one.booked_at <= world.starts_at


def test_a_quarter_of_the_clients_is_overdue(world: World) -> None:
    shares = plain_policy.overdue_share(world)
    assert 0.15 < shares["overdue"] < 0.33
    assert shares["booked"] > 0.04
    assert shares["no visits"] < 0.02


@pytest.mark.parametrize(
    ("mark", "low", "high"),
    [("1x", 0.11, 0.19), ("1.5x", 0.08, 0.15), ("2x", 0.06, 0.12), ("60d", 0.05, 0.12)],
)
def test_clients_come_back_by_themselves_as_in_a_real_salon(
    world: World, mark: str, low: float, high: float
) -> None:
    assert low < plain_policy.return_rates(world, own=False)[mark] < high


def test_the_files_tell_what_happened_and_nothing_hidden(world: World, tmp_path: Path) -> None:
    write_export(world, tmp_path)
    done = [one for one in world.appointments if one.state is BookingState.COMPLETED]
    visits = rows(tmp_path, "visits.csv")
    assert len(visits) == sum(len(one.lines) for one in done)
    assert sum(int(row["Стоимость"]) for row in visits) * 100 == pytest.approx(
        sum(line.amount_minor for one in done for line in one.lines), rel=0.001
    )
    assert len(rows(tmp_path, "clients.csv")) == len(world.clients)
    titles = {row["Название"] for row in rows(tmp_path, "services.csv")}
    assert {row["Услуга"] for row in visits} <= titles
    bookings = rows(tmp_path, "bookings.csv")
    assert {row["Статус"] for row in bookings} == {"Ожидание клиента", "Отменена", "Не пришёл"}
    names = [(row["ID клиента"], row["Дата визита"], row["Услуга"]) for row in bookings]
    assert len(names) == len(set(names))
