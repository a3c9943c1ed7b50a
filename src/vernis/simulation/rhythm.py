"""How a client comes back by themselves: the next wish, or the end."""

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from vernis.domain import BookingState
from vernis.simulation import figures
from vernis.simulation.clients import Client, Lapse, Life, Wish, drawn
from vernis.simulation.salon import Service


def after_visit(client: Client, life: Life, on: date, zone: ZoneInfo, rng: Random) -> None:
    """Draw what comes after a visit: a wish, or a lapse that may still end by itself."""
    chance = {1: figures.LAPSE_FIRST, 2: figures.LAPSE_SECOND}.get(life.visits, client.lapse)
    if rng.random() < chance:
        leave(client, life, on, zone, rng)
        return
    life.lapse = None
    rhythm = client.habits[0].rhythm_days
    low, high = figures.GAP_LIMITS
    gap = min(max(math.exp(client.sigma * rng.gauss(0, 1)), low), high) * rhythm
    life.wish = wish(on + timedelta(days=round(gap * figures.SEASON[on.month - 1])), zone, rng)


def leave(client: Client, life: Life, on: date, zone: ZoneInfo, rng: Random) -> None:
    """The client stops coming; some of those who only put it off return much later."""
    life.lapse = Lapse(drawn(rng, figures.LAPSE_KINDS))
    life.wish = None
    if life.lapse is Lapse.SLIPPED and rng.random() < figures.SLIPPED_RETURNS:
        rhythms = rng.uniform(*figures.SLIPPED_RHYTHMS)
        later = on + timedelta(days=round(rhythms * client.habits[0].rhythm_days))
        life.wish = wish(later, zone, rng)


def after_no_visit(
    client: Client, life: Life, on: date, zone: ZoneInfo, rng: Random, *, cancelled: bool
) -> None:
    """Draw what comes after a cancellation or a no-show."""
    again = figures.AFTER_CANCEL if cancelled else figures.AFTER_NO_SHOW
    if rng.random() < again:
        life.wish = wish(on + timedelta(days=rng.randint(2, 14)), zone, rng)
    else:
        after_visit(client, life, on, zone, rng)


def wish(day: date, zone: ZoneInfo, rng: Random) -> Wish:
    """A day to come on; the call is some days before, while the salon answers the phone."""
    lead = min(int(rng.expovariate(1 / figures.LEAD_DAYS)), 14)
    minutes = rng.randrange(figures.SALON_OPENS * 60, figures.SALON_CLOSES * 60)
    at = datetime.combine(
        day - timedelta(days=lead), time(minutes // 60, minutes % 60), tzinfo=zone
    )
    return Wish(day, at.astimezone(UTC))


def services_for(client: Client, life: Life, on: date, rng: Random) -> Sequence[Service]:
    """What a client books for a day: the main service, and whatever else is due."""
    main, *others = client.habits
    services = [main.service]
    for habit in others:
        last = life.done.get(habit.service.code)
        if last is None or (on - last).days >= figures.DUE_WITH_VISIT * habit.rhythm_days:
            services.append(habit.service)
    if client.extra and rng.random() < figures.EXTRA:
        services.append(client.extra)
    return services


def fate(client: Client, rng: Random) -> BookingState:
    """What will become of a booking."""
    roll = rng.random()
    if roll < client.cancels:
        return BookingState.CANCELLED
    if roll < client.cancels + client.no_show:
        return BookingState.NO_SHOW
    return BookingState.COMPLETED
