"""A plain policy on the simulated salon: what the figures of the simulation are judged by.

    .venv/bin/python tests/simulation/plain_policy.py

writes them out. It stands in for Vernis: it knows only what a CRM shows, writes to whoever is
past the median interval of their service, understands every reply and offers three free times.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from statistics import median

from vernis.domain import BookingState, Intent
from vernis.simulation.calendar import Place
from vernis.simulation.clients import seeded
from vernis.simulation.engine import Simulation
from vernis.simulation.events import Booked, Came, Offered, Replied
from vernis.simulation.world import World, make_world


@dataclass
class Outcome:
    """One client assigned to an arm on a day."""

    client_key: str
    at: datetime
    contact: bool
    replied: bool = False
    opted_out: bool = False
    booked: bool = False


@dataclass
class Policy:
    world: World
    seed: int
    daily_cap: int = 20
    holdout: float = 0.1
    outcomes: list[Outcome] = field(default_factory=list)
    said: list[Replied] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.simulation = Simulation(self.world, self.seed)
        self.rng = seeded(self.seed, "policy")
        self.last = last_visits(self.world)
        self.ahead = Counter(
            one.client_key for one in self.world.appointments if one.state is BookingState.BOOKED
        )
        self.median = service_medians(self.world)
        self.attempts: dict[str, list[datetime]] = defaultdict(list)
        self.silent: set[str] = set()
        self.open: dict[str, Outcome] = {}

    def run(self, days: int) -> "Policy":
        for n in range(days):
            self.day(self.world.start + timedelta(days=n))
        return self

    def day(self, day: date) -> None:
        at = self.world.salon.moment(day) + timedelta(hours=11)
        self.live_until(at)
        written = 0
        for client in self.world.clients:
            if written < self.daily_cap and self.is_due(client.key, client.reachable, day, at):
                self.attempts[client.key].append(at)
                contact = self.rng.random() >= self.holdout
                outcome = Outcome(client.key, at, contact)
                self.outcomes.append(outcome)
                self.open[client.key] = outcome
                if contact:
                    written += 1
                    self.simulation.message_sent(client.key, "Пора к нам?", at)
        self.live_until(self.world.salon.moment(day + timedelta(days=1)))

    def is_due(self, key: str, phone: str | None, day: date, at: datetime) -> bool:
        if phone is None or key in self.silent or key not in self.last or self.ahead[key]:
            return False
        service, last = self.last[key]
        interval, tries = self.median[service], self.attempts[key]
        away = (day - last).days
        return (
            away <= 365
            and len(tries) < 3
            and away >= interval * (len(tries) + 1)
            and not (tries and at - tries[-1] < timedelta(days=14))
        )

    def live_until(self, moment: datetime) -> None:
        while (at := self.simulation.next_at()) is not None and at <= moment:
            for event in self.simulation.advance_to(at):
                self.apply(event)
        self.simulation.advance_to(moment)

    def apply(self, event: object) -> None:
        if isinstance(event, Booked):
            self.ahead[event.client_key] += 1
            self.booked(event.client_key, event.at)
        elif isinstance(event, Replied):
            self.answer(event)
        else:
            self.ahead[event.client_key] -= 1
            if isinstance(event, Came):
                day = event.at.astimezone(self.world.salon.zone).date()
                service, _ = self.last.get(event.client_key, ("101", day))
                self.last[event.client_key] = (service, day)
                self.attempts[event.client_key].clear()

    def booked(self, key: str, at: datetime) -> None:
        outcome = self.open.get(key)
        if outcome and at - outcome.at < timedelta(days=7):
            outcome.booked = True

    def answer(self, reply: Replied) -> None:
        self.said.append(reply)
        key, outcome = reply.client_key, self.open[reply.client_key]
        outcome.replied = True
        at = reply.at + timedelta(minutes=1)
        if reply.meaning is Intent.OPT_OUT:
            outcome.opted_out = True
            self.silent.add(key)
        elif reply.chosen and self.is_free(reply.chosen):
            self.simulation.booking_made(
                key,
                key=f"v{len(self.said)}",
                service_code=reply.chosen.service_code,
                staff=reply.chosen.staff,
                starts_at=reply.chosen.starts_at,
                at=at,
            )
            self.ahead[key] += 1
            self.booked(key, at)
            self.simulation.answer_sent(key, "Записали!", (), at)
        elif reply.meaning is Intent.BOOK:
            self.simulation.answer_sent(key, "Есть время", self.times(key, at), at)
        elif reply.meaning is Intent.QUESTION:
            self.simulation.answer_sent(key, "Вот что скажем", (), at)

    def is_free(self, one: Offered) -> bool:
        calendar = self.simulation.calendar
        place = calendar.place(one.staff, one.starts_at)
        minutes = next(s.minutes for s in self.world.salon.services if s.code == one.service_code)
        return place.quarter in calendar.starts(one.staff, place.day, -(-minutes // 15))

    def times(self, key: str, at: datetime) -> list[Offered]:
        service_code, _ = self.last[key]
        service = next(one for one in self.world.salon.services if one.code == service_code)
        calendar, today = self.simulation.calendar, at.astimezone(self.world.salon.zone).date()
        found = []
        for n in range(1, 8):
            for staff in self.world.salon.staff:
                if service_code in staff.does:
                    day = today + timedelta(days=n)
                    for quarter in calendar.starts(staff.name, day, -(-service.minutes // 15)):
                        place = Place(staff.name, day, quarter)
                        found.append(
                            Offered(
                                service_code=service_code,
                                staff=staff.name,
                                starts_at=calendar.moment(place),
                            )
                        )
        return sorted(self.rng.sample(found, min(3, len(found))), key=lambda one: one.starts_at)


def last_visits(world: World) -> dict[str, tuple[str, date]]:
    """Client -> the main service and the day of the last visit."""
    return {
        one.client_key: (
            one.lines[0].service.code,
            one.starts_at.astimezone(world.salon.zone).date(),
        )
        for one in sorted(world.appointments, key=lambda one: one.starts_at)
        if one.state is BookingState.COMPLETED
    }


def gaps(world: World) -> list[tuple[str, str, int, bool]]:
    """(client, main service, days, came back?) from each visit to the next or to the end."""
    days: dict[str, list[date]] = defaultdict(list)
    service: dict[str, str] = {}
    for one in sorted(world.appointments, key=lambda one: one.starts_at):
        if one.state is BookingState.COMPLETED:
            days[one.client_key].append(one.starts_at.astimezone(world.salon.zone).date())
            service[one.client_key] = one.lines[0].service.code
    found = []
    for key, visits in days.items():
        ends = [*visits[1:], world.start]
        for n, (start, end) in enumerate(zip(visits, ends, strict=True)):
            found.append((key, service[key], (end - start).days, n < len(visits) - 1))
    return found


def service_medians(world: World) -> dict[str, float]:
    by_service: dict[str, list[int]] = defaultdict(list)
    for _, service, days, back in gaps(world):
        if back:
            by_service[service].append(days)
    return {service: median(days) for service, days in by_service.items()}


def return_rates(world: World, *, own: bool) -> dict[str, float]:
    """Of those not back after so many median intervals: the part back within 7 more days."""
    rows = gaps(world)
    medians: dict[str, float] = dict(service_medians(world))
    if own:
        by_client: dict[str, list[int]] = defaultdict(list)
        for key, _, days, back in rows:
            if back:
                by_client[key].append(days)
        medians = {key: median(days) for key, days in by_client.items() if len(days) > 1}
    rates = {}
    for name, factor, fixed in (("1x", 1.0, 0), ("1.5x", 1.5, 0), ("2x", 2.0, 0), ("60d", 0.0, 60)):
        risk = back_in_time = 0
        for key, service, days, back in rows:
            middle = medians.get(key if own else service)
            if middle is None:
                continue
            mark = round(middle * factor) + fixed
            if days > mark + (0 if back else 7):
                risk += 1
                back_in_time += back and days <= mark + 7
        rates[name] = back_in_time / risk
    return rates


def overdue_share(world: World) -> dict[str, float]:
    """Parts of all clients at the start, by what a CRM shows."""
    medians, last = service_medians(world), last_visits(world)
    booked = {one.client_key for one in world.appointments if one.state is BookingState.BOOKED}
    groups: Counter[str] = Counter()
    for client in world.clients:
        if client.key in booked:
            groups["booked"] += 1
        elif client.key not in last:
            groups["no visits"] += 1
        else:
            service, day = last[client.key]
            away = (world.start - day).days
            late = away / medians[service]
            groups["gone" if away > 365 else "overdue" if late > 1.5 else "in time"] += 1
    return {name: count / len(world.clients) for name, count in groups.items()}


def arms(outcomes: list[Outcome]) -> dict[str, float]:
    contact = [one for one in outcomes if one.contact]
    holdout = [one for one in outcomes if not one.contact]
    return {
        "contacts": len(contact),
        "holdouts": len(holdout),
        "reply rate": sum(one.replied for one in contact) / len(contact),
        "opt-outs": sum(one.opted_out for one in contact) / len(contact),
        "contact books": sum(one.booked for one in contact) / len(contact),
        "holdout books": sum(one.booked for one in holdout) / len(holdout),
    }


def main() -> None:
    for seed in (1, 2, 3):
        world = make_world(seed=seed)
        print("seed", seed, "appointments", len(world.appointments))
        for name, rates in (
            ("returns, service median", return_rates(world, own=False)),
            ("returns, own median", return_rates(world, own=True)),
            ("at the start", overdue_share(world)),
        ):
            print(" ", name, {key: round(rate, 3) for key, rate in rates.items()})
        for holdout in (0.1, 0.3):
            policy = Policy(world, seed, holdout=holdout).run(56)
            print(" ", holdout, {k: round(v, 3) for k, v in arms(policy.outcomes).items()})
        print("  replies", Counter(reply.meaning.value for reply in policy.said))


if __name__ == "__main__":
    main()
