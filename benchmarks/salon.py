"""A made-up salon, the same at each run: 10,000 clients, 100,000 visits, 30 services, 12 staff.

Three years, one service a visit. Each client has a few services, each with a rhythm of its own,
and most stop coming one day, so that all levels of the intervals and all reasons of a plan occur.
"""

import csv
import random
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice
from pathlib import Path

CLIENTS, VISITS = 10_000, 100_000
FIRST, LAST = date(2021, 3, 1), date(2024, 2, 29)
PLANNED_ON = LAST + timedelta(days=1)
HEADER = ("Дата", "Время", "Клиент", "Телефон", "Услуга", "Мастер", "Сумма", "Статус")

NAMES = ("Анна", "Мария", "Елена", "Ольга", "Ирина", "Иван", "Пётр", "Олег", "Дарья", "Вера")
STAFF = ("Алина", "Белла", "Вика", "Галя", "Дина", "Ева", "Жанна", "Зоя", "Инна", "Кира", "Лада",
         "Майя")  # fmt: skip
SERVICES = {  # title: usual days between two visits
    **{"Мужская стрижка": 28, "Женская стрижка": 56, "Детская стрижка": 42, "Укладка": 21},
    **{"Стрижка бороды": 21, "Окрашивание корней": 35, "Сложное окрашивание": 90},
    **{"Тонирование волос": 60, "Мелирование": 85, "Кератиновое выпрямление": 120},
    **{"Ботокс для волос": 100, "Маникюр": 21, "Маникюр с покрытием": 24, "Педикюр": 35},
    **{"Педикюр с покрытием": 38, "Наращивание ногтей": 28, "Снятие покрытия": 30},
    **{"Коррекция бровей": 25, "Окрашивание бровей": 30, "Ламинирование бровей": 45},
    **{"Наращивание ресниц": 24, "Ламинирование ресниц": 50, "Чистка лица": 45},
    **{"Пилинг": 30, "Массаж лица": 14, "Массаж спины": 20, "Шугаринг ног": 28},
    **{"Депиляция воском": 30, "SPA-уход": 75, "Свадебная причёска": 400},
}


def write(path: Path, *, seed: int = 7) -> None:
    """Write the visits as a salon's CSV, ordered by day."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(sorted(islice(visits(seed), VISITS), key=lambda row: _by_day(row[0])))


def visits(seed: int) -> Iterator[tuple[str, ...]]:
    """Rows of the file, client by client, without an end; no client has a service twice a day."""
    draw = random.Random(seed)
    seen: set[tuple[int, str, date]] = set()
    while True:
        for client in range(CLIENTS):
            service = draw.choice(list(SERVICES))
            for day in _days(draw, SERVICES[service]):
                if (client, service, day) not in seen:
                    seen.add((client, service, day))
                    yield _row(draw, client, service, day)


def _days(draw: random.Random, usual: int) -> Iterator[date]:
    """The days of one client for one service."""
    own = usual * draw.uniform(0.7, 1.5)
    day = FIRST + timedelta(days=draw.randrange((LAST - FIRST).days))
    for _ in range(draw.randint(1, 14)):
        yield day
        day += timedelta(days=max(1, round(draw.gauss(own, own * 0.2))))
        if day > LAST:
            return


def _row(draw: random.Random, client: int, service: str, day: date) -> tuple[str, ...]:
    at = f"{draw.randrange(10, 20)}:{draw.choice(('00', '15', '30', '45'))}"
    digits = f"{client:04}"
    phone = f"+7 999 000-{digits[:2]}-{digits[2:]}"  # a block kept for fiction
    name = f"{NAMES[client % len(NAMES)]} Клиент{client:04}"
    money = str(draw.randrange(500, 6000, 50))
    staff = STAFF[(client + len(service)) % len(STAFF)]
    return f"{day:%d.%m.%Y}", at, name, phone, service, staff, money, "Пришёл"


def _by_day(text: str) -> str:
    return text[6:] + text[3:5] + text[:2]
