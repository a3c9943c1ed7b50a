"""Who the clients are: traits that no file shows, and where each is in life."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from random import Random
from typing import TypeVar

from vernis.simulation import figures
from vernis.simulation.names import crm_name, crm_phones
from vernis.simulation.salon import CRAFT_SHARES, Craft, Salon, Service


def seeded(*parts: object) -> Random:
    """A stream of chances that is the same for the same parts."""
    return Random("/".join(map(str, parts)))  # noqa: S311


class Streams(dict[str, Random]):
    """One stream per client, begun when first asked for."""

    def __init__(self, *parts: object) -> None:
        super().__init__()
        self._parts = parts

    def __missing__(self, key: str) -> Random:
        stream = self[key] = seeded(*self._parts, key)
        return stream


Option = TypeVar("Option")


def drawn(rng: Random, shares: Iterable[tuple[Option, float]]) -> Option:
    """One of the options, by their shares."""
    options, weights = zip(*shares, strict=True)
    chosen: Option = rng.choices(options, weights)[0]
    return chosen


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """A service that a client takes, and the true days between two of it."""

    service: Service
    rhythm_days: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A person with hidden traits. Shares and chances are 0 to 1."""

    key: str
    name: str  # as in the CRM
    phone: str  # as in the CRM, may be empty or broken
    reachable: str | None  # E.164 digits that a message arrives at
    female: bool
    habits: tuple[Habit, ...]  # the first gives the rhythm of the visits
    extra: Service | None
    sigma: float
    lapse: float  # chance per visit to leave, once a regular
    books_ahead: float
    no_show: float
    cancels: float
    staff: tuple[str, ...]  # the favourite first
    weekdays: tuple[int, ...]
    hour: float
    eager: float  # multiplies the interest in a message, about 1
    on_whatsapp: bool
    lower_case: bool  # how they type


class Lapse(StrEnum):
    """Why a client stopped coming."""

    SLIPPED = "slipped"  # put it off; can be won back
    ELSEWHERE = "elsewhere"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Wish:
    """The day a client wants to come on, and when they will call about it."""

    day: date
    calls_at: datetime


@dataclass(slots=True)
class Life:
    """Where one client is now."""

    visits: int = 0
    last_visit: date | None = None
    done: dict[str, date] = field(default_factory=dict)  # service code -> last time
    wish: Wish | None = None
    lapse: Lapse | None = None
    ahead: int = 0  # bookings to come
    messages: int = 0  # since the last visit
    opted_out: bool = False


def make_clients(rng: Random, salon: Salon, count: int) -> tuple[Client, ...]:
    phones = crm_phones(rng, count)
    return tuple(_client(rng, salon, str(10_001 + n), *phone) for n, phone in enumerate(phones))


def _client(rng: Random, salon: Salon, key: str, phone: str, reachable: str | None) -> Client:
    craft = drawn(rng, CRAFT_SHARES)
    female = rng.random() < (0.03 if craft is Craft.BARBER else 0.95)
    habits = _habits(rng, [service for service in salon.services if service.craft is craft])
    able = [
        staff.name
        for staff in salon.staff
        if all(habit.service.code in staff.does for habit in habits)
    ]
    rng.shuffle(able)
    return Client(
        key=key,
        name=crm_name(rng, female=female),
        phone=phone,
        reachable=reachable,
        female=female,
        habits=habits,
        extra=_extra(salon, craft, able),
        sigma=drawn(rng, figures.REGULARITY),
        lapse=rng.uniform(*figures.LAPSE_LATER),
        books_ahead=rng.uniform(*figures.BOOKS_AHEAD),
        no_show=rng.uniform(*figures.NO_SHOW),
        cancels=rng.uniform(*figures.CANCEL),
        staff=tuple(able),
        weekdays=tuple(rng.choice(((6, 7), (1, 2, 3, 4, 5), (5, 6), (2, 4), (3, 6)))),
        hour=rng.choice((11.0, 13.0, 15.0, 18.0, 18.5, 19.0)),
        eager=rng.uniform(0.5, 1.5),
        on_whatsapp=rng.random() < figures.ON_WHATSAPP,
        lower_case=rng.random() < 0.5,
    )


def _habits(rng: Random, services: Sequence[Service]) -> tuple[Habit, ...]:
    rhythmic = [service for service in services if service.weight]
    main = rng.choices(rhythmic, [service.weight for service in rhythmic])[0]
    own = math.exp(rng.gauss(0, figures.RHYTHM_SIGMA))
    habits = [Habit(service=main, rhythm_days=(main.rhythm_days or 30) * own)]
    seconds = _SECONDS.get(main.code, ())
    if seconds and rng.random() < figures.SECOND_SERVICE:
        code = rng.choice(seconds)
        second = next(service for service in services if service.code == code)
        habits.append(Habit(service=second, rhythm_days=(second.rhythm_days or 60) * own))
    return tuple(habits)


def _extra(salon: Salon, craft: Craft, able: Sequence[str]) -> Service | None:
    for service in salon.services:
        doers = {staff.name for staff in salon.staff if service.code in staff.does}
        if service.craft is craft and service.rhythm_days is None and doers.issuperset(able):
            return service
    return None


_SECONDS = {
    "101": ("103",),
    "102": ("103", "104"),
    "103": ("105",),
    "301": ("303",),
    "302": ("303",),
    "401": ("402",),
    "501": ("502",),
}
