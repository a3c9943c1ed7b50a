"""A salon with its clients and everything that happened up to a day."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from random import Random

from vernis.domain import BookingState
from vernis.simulation import figures
from vernis.simulation.clients import Client, Life, Wish, make_clients, seeded
from vernis.simulation.rhythm import wish
from vernis.simulation.salon import LINEN, Salon, Service


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One service of an appointment, as one booking of a CRM."""

    key: str
    service: Service
    starts_at: datetime
    ends_at: datetime
    amount_minor: int


@dataclass(slots=True, kw_only=True)
class Appointment:
    """One client's services in a row with one of the staff. `fate` is hidden until `fate_at`."""

    client_key: str
    staff: str
    lines: tuple[Line, ...]
    booked_at: datetime
    fate: BookingState
    fate_at: datetime
    state: BookingState = BookingState.BOOKED

    @property
    def starts_at(self) -> datetime:
        return self.lines[0].starts_at

    @property
    def minutes(self) -> int:
        return sum(line.service.minutes for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The salon at the start of a day (company-local); `lives` and `fate` are the hidden truth."""

    seed: int
    start: date
    salon: Salon
    clients: tuple[Client, ...]
    lives: Mapping[str, Life]
    appointments: tuple[Appointment, ...]

    @property
    def starts_at(self) -> datetime:
        return self.salon.moment(self.start)


def make_world(
    *,
    seed: int = 1,
    start: date = date(2026, 3, 2),
    clients: int = 1300,
    history_days: int = 548,
    salon: Salon = LINEN,
) -> World:
    """A salon that has been alive for `history_days` before `start`."""
    from vernis.simulation.engine import Simulation

    rng = seeded(seed, "world")
    first_day = start - timedelta(days=history_days)
    people = make_clients(rng, salon, clients)
    lives = {client.key: _life(rng, client, salon, first_day, start) for client in people}
    dawn = World(
        seed=seed, start=first_day, salon=salon, clients=people, lives=lives, appointments=()
    )
    past = Simulation(dawn, seed)
    past.advance_to(salon.moment(start))
    return replace(dawn, start=start, lives=past.lives, appointments=tuple(past.appointments))


def _life(rng: Random, client: Client, salon: Salon, first_day: date, start: date) -> Life:
    if rng.random() < figures.NEW_CLIENTS:
        day = first_day + timedelta(days=rng.randrange((start - first_day).days))
        # Whoever stands in the CRM at the start has called by then.
        calls_at = min(salon.moment(day, time(12)), salon.moment(start - timedelta(1), time(12)))
        return Life(wish=Wish(day, calls_at))
    day = first_day + timedelta(days=rng.randrange(round(client.habits[0].rhythm_days) + 1))
    return Life(visits=rng.choice(figures.VISITS_BEFORE), wish=wish(day, salon.zone, rng))
