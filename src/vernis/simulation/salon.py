"""The salon itself: what it sells, who works when. Fictional."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo


class Craft(StrEnum):
    """Services of one craft are done by the same people."""

    HAIR = "hair"
    BARBER = "barber"
    NAILS = "nails"
    BROWS = "brows"
    FACE = "face"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What can be booked. `rhythm_days` None: done now and then, without a rhythm."""

    code: str
    title: str
    category: str
    craft: Craft
    price_minor: int
    minutes: int
    rhythm_days: int | None
    weight: int = 0  # share of the craft's clients who come for it


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """Who does which services, on ISO weekdays, from and to which hour (company-local)."""

    name: str
    does: tuple[str, ...]
    weekdays: tuple[int, ...]
    opens: time
    closes: time


@dataclass(frozen=True, slots=True, kw_only=True)
class Salon:
    """A company to be simulated."""

    name: str
    timezone: str
    currency: str
    country: str
    services: tuple[Service, ...]
    staff: tuple[Staff, ...]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def moment(self, day: date, at: time = time(0)) -> datetime:
        """A company-local day and time in UTC."""
        return datetime.combine(day, at, tzinfo=self.zone).astimezone(UTC)


# code | title | price | minutes | rhythm in days | share of the craft's clients
_PRICE_LIST = (
    (Craft.HAIR, "Волосы", """
        101 | Женская стрижка (мастер)          |  2200 |  60 | 52 | 34
        102 | ЖЕНСКАЯ СТРИЖКА / ТОП-СТИЛИСТ     |  3200 |  60 | 52 | 22
        103 | Окрашивание корней + тонирование  |  5200 | 120 | 46 | 26
        104 | БАЛАЯЖ / AirTouch (любая длина)   | 14500 | 210 | 110| 10
        105 | Ботокс для волос                  |  5500 |  90 | 69 | 8
        106 | Укладка на брашинг                |  1800 |  45 | -  | 0
    """),
    (Craft.BARBER, "Мужской зал", """
        201 | МУЖСКАЯ СТРИЖКА                   |  1900 |  45 | 33 | 70
        202 | Стрижка + моделирование бороды    |  2900 |  75 | 30 | 30
    """),
    (Craft.NAILS, "Ногтевой сервис", """
        301 | МАНИКЮР + ПОКРЫТИЕ ГЕЛЬ-ЛАК       |  2600 |  90 | 28 | 75
        302 | Маникюр классический б/п          |  1300 |  45 | 20 | 15
        303 | Педикюр с покрытием (гель-лак)    |  3300 |  90 | 41 | 10
    """),
    (Craft.BROWS, "Брови и ресницы", """
        401 | Коррекция + окрашивание бровей    |  1600 |  45 | 32 | 70
        402 | Ламинирование ресниц              |  2900 |  75 | 55 | 30
    """),
    (Craft.FACE, "Косметология", """
        501 | ЧИСТКА ЛИЦА комбинированная       |  4200 |  75 | 41 | 65
        502 | Пилинг PRX-T33                    |  4800 |  45 | 30 | 35
    """),
)  # fmt: skip


def _services() -> Iterator[Service]:
    for craft, category, lines in _PRICE_LIST:
        for line in lines.strip().splitlines():
            code, title, price, minutes, rhythm, weight = map(str.strip, line.split("|"))
            yield Service(
                code=code,
                title=title,
                category=category,
                craft=craft,
                price_minor=int(price) * 100,
                minutes=int(minutes),
                rhythm_days=int(rhythm) if rhythm.isdigit() else None,
                weight=int(weight),
            )


LINEN = Salon(
    name="Лён",
    timezone="Europe/Moscow",
    currency="RUB",
    country="RU",
    services=tuple(_services()),
    staff=(
        Staff(
            name="Марина",
            does=("102", "103", "104", "105", "106"),
            weekdays=(2, 3, 4, 5, 6),
            opens=time(10),
            closes=time(20),
        ),
        Staff(
            name="Светлана",
            does=("101", "103", "104", "105", "106"),
            weekdays=(1, 2, 4, 6, 7),
            opens=time(10),
            closes=time(20),
        ),
        Staff(
            name="Ольга",
            does=("101", "103", "106"),
            weekdays=(1, 3, 5, 6, 7),
            opens=time(11),
            closes=time(21),
        ),
        Staff(
            name="Тимур",
            does=("201", "202"),
            weekdays=(1, 2, 3, 4, 5, 6),
            opens=time(10),
            closes=time(21),
        ),
        Staff(
            name="Алёна",
            does=("301", "302", "303"),
            weekdays=(1, 2, 3, 5, 6, 7),
            opens=time(9),
            closes=time(20),
        ),
        Staff(
            name="Кристина",
            does=("301", "302", "303"),
            weekdays=(1, 3, 4, 5, 6, 7),
            opens=time(10),
            closes=time(21),
        ),
        Staff(
            name="Диана",
            does=("401", "402"),
            weekdays=(2, 3, 5, 6, 7),
            opens=time(10),
            closes=time(20),
        ),
        Staff(
            name="Елена Викторовна",
            does=("501", "502"),
            weekdays=(1, 2, 4, 5, 6),
            opens=time(10),
            closes=time(19),
        ),
    ),
)
CRAFT_SHARES = (
    (Craft.HAIR, 0.36),
    (Craft.BARBER, 0.19),
    (Craft.NAILS, 0.2),
    (Craft.BROWS, 0.13),
    (Craft.FACE, 0.12),
)
