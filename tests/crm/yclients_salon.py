"""Made-up salons of any size: always the same for the same arguments, and quick to make."""

import random
from datetime import UTC, date, datetime, time, timedelta

from tests.crm.yclients_world import (
    Category,
    Client,
    Company,
    Line,
    Record,
    Service,
    Staff,
    World,
)

YEARS = 3
DAYS = YEARS * 365
STARTS = (10, 12, 14, 16, 18, 20)  # nobody's services take more than two hours
MOST_CLIENTS = 20_000  # as many as there are fictional phones

# Title, category, price, minutes, days until people usually want it again.
SERVICES = (
    ("Стрижка женская", "Волосы", 2400, 60, 45),
    ("Стрижка мужская", "Волосы", 1500, 45, 28),
    ("Окрашивание корней", "Волосы", 4200, 90, 35),
    ("Укладка", "Волосы", 1800, 45, 21),
    ("Маникюр с покрытием", "Ногти", 2200, 75, 21),
    ("Педикюр", "Ногти", 2800, 90, 35),
    ("Оформление бровей", "Брови и ресницы", 1200, 30, 28),
    ("Наращивание ресниц", "Брови и ресницы", 2900, 120, 25),
    ("Чистка лица", "Лицо", 3800, 60, 40),
    ("Массаж спины", "Тело", 2600, 60, 30),
)
WOMEN = ("Анна", "Мария", "Ольга", "Ирина", "Елена", "Вера", "Дарья", "Софья", "Юлия", "Нина")
MEN = ("Иван", "Пётр", "Борис", "Олег", "Денис", "Павел", "Антон", "Юрий", "Лев", "Глеб")
SURNAMES = ("Лесн", "Полев", "Речн", "Озёрн", "Садов", "Горн", "Дубов", "Зимн", "Вешн", "Снежн")
ODD_PHONES = (
    "",
    "нет телефона",
    "8 ({0}) {1}-{2}-{3}",
    "{0}{1}{2}{3}",
    "+7 {0} {1} {2} {3}",
    "123",
)

BLACKLIST, VIP = (3, "Черный список"), (4, "VIP")


def make_world(
    *,
    clients: int = 200,
    records: int = 2000,
    seed: int = 1,
    now: datetime | None = None,
    company_id: int = 4564,
    timezone: str = "Europe/Moscow",
    odd: bool = False,
) -> World:
    """A salon with three years behind it. About a third of its clients have stopped coming.

    `now` holds the clock there still; without it the wall clock goes on. `odd`: some phones are
    written in every way or are none, some records are nobody's. Ids are the same for the same
    arguments; of two companies they differ.
    """
    if clients > MOST_CLIENTS:
        raise ValueError(f"There are fictional phones for {MOST_CLIENTS} clients only")
    chance = random.Random(f"{seed}/{company_id}")
    company = Company(id=company_id, timezone=timezone)
    world = World(company=company, now=now)
    base = company_id * 1_000_000
    _staff_and_services(world, base, masters=max(4, -(-records // (DAYS * len(STARTS) // 2))))
    made = {one.id: one for one in _clients(chance, clients, base + 10_000, world, odd=odd)}
    history = _Visits(world, chance).of(list(made), records, base + 100_000, odd=odd)
    return World(
        company=company,
        staff=world.staff,
        categories=world.categories,
        services=world.services,
        clients=made,
        records={one.id: one for one in history},
        now=now,
    )


def _staff_and_services(world: World, base: int, *, masters: int) -> None:
    for place in range(masters):
        days_off = {place % 7, (place + 1) % 7} if place % 2 else set()
        staff = Staff(
            id=base + 1 + place,
            name=(WOMEN + MEN)[place % 20],
            works_on=frozenset(range(7)) - days_off,
            weight=masters - place,
        )
        world.staff[staff.id] = staff
    titles = list(dict.fromkeys(category for _, category, *_ in SERVICES))
    for place, title in enumerate(titles):
        world.categories[base + 5000 + place] = Category(
            id=base + 5000 + place, title=title, weight=len(titles) - place
        )
    for place, (title, category, price, minutes, _) in enumerate(SERVICES):
        service = Service(
            id=base + 6000 + place,
            title=title,
            category_id=base + 5000 + titles.index(category),
            price_min=price,
            price_max=price,
            # Every third master takes a quarter of an hour less, where there is so much.
            lengths={
                one: (minutes - (15 if at % 3 == 2 and minutes > 30 else 0)) * 60
                for at, one in enumerate(world.staff)
            },
        )
        world.services[service.id] = service


def _clients(
    chance: random.Random, count: int, first_id: int, world: World, *, odd: bool
) -> list[Client]:
    now, made = world.moment(), []
    for place in range(count):
        is_man = chance.random() < 0.25
        surname = chance.choice(SURNAMES) + ("ый" if is_man else "ая")
        prefix, number = ("999000", place) if place < 10_000 else ("900000", place - 10_000)
        client = Client(
            id=first_id + place,
            name=f"{chance.choice(MEN if is_man else WOMEN)} {surname}",
            phone=f"+7{prefix}{number:04}",
            sex_id=chance.choices((0, 1 if is_man else 2), (1, 9))[0],
            importance_id=chance.choices(range(4), (8, 1, 1, 1))[0],
            sms_not=int(chance.random() < 0.02),
            changed_at=now - timedelta(days=chance.randrange(1, DAYS), seconds=place % 86_400),
        )
        if chance.random() < 0.01:
            client.categories = (chance.choice((BLACKLIST, VIP)),)
        if odd and place % 10 == 3:
            shape, digits = ODD_PHONES[place // 10 % len(ODD_PHONES)], f"{prefix}{number:04}"
            client.phone = shape.format(digits[:3], digits[3:6], digits[6:8], digits[8:])
        made.append(client)
    return made


class _Visits:
    """Hands out the salon's times one after another, so that none is given twice."""

    def __init__(self, world: World, chance: random.Random) -> None:
        self.world, self.chance, self.zone = world, chance, world.zone
        self.now = world.moment()
        self.today = self.now.date()
        self.services = [
            (service, again)
            for service, (*_, again) in zip(world.services.values(), SERVICES, strict=True)
        ]
        self.places: dict[date, list[tuple[time, Staff]]] = {}
        self.later: dict[date, date] = {}  # from a full day to one that may not be

    def of(self, clients: list[int], count: int, first_id: int, *, odd: bool) -> list[Record]:
        made: list[Record] = []
        shares = [self.chance.uniform(0.2, 1) ** 2 for _ in clients]
        whole, passed, given = sum(shares), 0.0, 0
        for client_id, share in zip(clients, shares, strict=True):
            passed += share
            visits = round(count * passed / whole) - given
            given += visits
            for day, service in self._days(visits):
                made.append(self._record(first_id + len(made), client_id, day, service))
        for record in made[7::101] if odd else ():
            record.client_id = None
        for record in made[11::103] if odd else ():
            record.services = ()
        return made

    def _days(self, visits: int) -> list[tuple[date, Service]]:
        """A rhythm of one's own; a third stopped some while ago, a tenth has booked ahead."""
        if not visits:
            return []
        chance = self.chance
        favourite, again = chance.choice(self.services)
        rhythm = min(again * chance.uniform(0.8, 1.3), (DAYS - 30) / visits)
        fate = chance.random()
        back = rhythm * (chance.uniform(1.5, 8) if fate < 0.35 else chance.random())
        back = min(back, max(DAYS - visits * rhythm, 1.0))
        if fate > 0.9:
            back = -chance.uniform(1, 20)
        days = []
        for place in range(visits):
            ago = round(back + place * rhythm + chance.uniform(-rhythm, rhythm) / 5)
            service = chance.choice(self.services)[0] if chance.random() < 0.15 else favourite
            days.append((self.today - timedelta(days=min(ago, DAYS)), service))
        return days

    def _record(self, record_id: int, client_id: int, day: date, service: Service) -> Record:
        roll, (day, hour, staff) = self.chance.random, self._place(day)
        services, length = [service], service.lengths[staff.id]
        if roll() < 0.1:
            extra = self.chance.choice(self.services)[0]
            if extra is not service and length + extra.lengths[staff.id] <= 7200:
                services.append(extra)
                length += extra.lengths[staff.id]
        starts_at = datetime.combine(day, hour, self.zone)
        ends_at = starts_at + timedelta(seconds=length)
        booked = starts_at - timedelta(days=1 + int(roll() * 13), minutes=record_id % 600)
        booked = min(booked, self.now - timedelta(minutes=1 + record_id % 60))
        paid = 0.9 if roll() < 0.1 else 1
        fate = roll()
        if is_past := ends_at < self.now:
            attendance = 1 if fate < 0.93 else -1 if fate < 0.98 else 0
        else:
            attendance = 2 if fate < 0.3 else 0
        return Record(
            id=record_id,
            staff_id=staff.id,
            client_id=client_id,
            starts_at=starts_at,
            length=length,
            services=tuple(
                Line(one.id, one.price_min, round(100 - paid * 100), one.price_min * paid)
                for one in services
            ),
            attendance=attendance,
            is_deleted=roll() < 0.04,
            is_online=roll() < 0.3,
            created_at=booked,
            changed_at=ends_at if is_past else booked,
        )

    def _place(self, day: date) -> tuple[date, time, Staff]:
        """The next place of this day that nobody has, or of a day after it."""
        passed = []
        while True:
            while day in self.later:
                passed.append(day)
                day = self.later[day]
            places = self.places.get(day)
            if places is None:
                places = self.places[day] = self._working(day)
            if places:
                break
            self.later[day] = day + timedelta(days=1)
        self.later.update(dict.fromkeys(passed, day))
        return day, *places.pop()

    def _working(self, day: date) -> list[tuple[time, Staff]]:
        working = [one for one in self.world.staff.values() if day.weekday() in one.works_on]
        return [(time(hour), one) for hour in reversed(STARTS) for one in reversed(working)]


if __name__ == "__main__":
    import time as clock

    began = clock.perf_counter()
    world = make_world(clients=10_000, records=100_000, now=datetime(2024, 4, 1, 9, tzinfo=UTC))
    print(len(world.records), len(world.staff), round(clock.perf_counter() - began, 2), "s")
