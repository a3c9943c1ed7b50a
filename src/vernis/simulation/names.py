"""Fictional clients' names and phones, the way they stand in a salon's CRM."""

from random import Random


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_WOMEN = _words("""
    Анна Мария Елена Ольга Наталья Екатерина Татьяна Ирина Светлана Юлия Дарья Анастасия
    Виктория Полина Ксения Алина Евгения Марина Людмила Галина Валентина Вера Надежда Любовь
    Софья Алёна Кристина Маргарита Яна Инна Лариса Оксана Диана Элина Варвара Ульяна Василиса
    Майя Тамара Жанна Эльвира Гульнара Карина Снежана Арина Милана Злата Ева
""")
_MEN = _words("""
    Александр Дмитрий Сергей Андрей Алексей Максим Евгений Иван Михаил Артём Никита Роман Павел
    Антон Илья Кирилл Денис Владимир Николай Егор Олег Виктор Игорь Константин Глеб Тимофей
    Матвей Руслан Арсений Степан Фёдор Марат Вадим Георгий
""")
_SHORT = {
    "Анна": "Аня", "Мария": "Маша", "Елена": "Лена", "Ольга": "Оля", "Наталья": "Наташа",
    "Екатерина": "Катя", "Татьяна": "Таня", "Ирина": "Ира", "Светлана": "Света", "Юлия": "Юля",
    "Дарья": "Даша", "Анастасия": "Настя", "Александр": "Саша", "Дмитрий": "Дима",
    "Сергей": "Серёжа", "Алексей": "Лёша", "Михаил": "Миша", "Иван": "Ваня",
}  # fmt: skip
_SURNAMES = _words("""
    Ковалёв Рябинин Снегирёв Ольховцев Берёзкин Лугов Заречнев Полынин Кленов Ветров Озеров
    Вишняков Чернов Белов Рощин Ручьёв Туманов Морозов Летов Зорин Калинин Горин Ясенев Степнов
    Родников Осокин Грачёв Дроздов Синицын Соколов Лебедев Журавлёв Филин Лосев Бобров Рысин
    Сомов Щукин Карасёв Ершов Громов Лунин Звездин Радугин Инеев Метелин Пшеницын Овсов Малинин
    Крыжовников Смородин Орехов Каштанов Тополев Вязов Ивин Дубов Липин Сосновский Заборский
    Мельников Гончаров Плотников Рыбаков Пастухов
""")
_ODD = (
    "Клиент {n}", "{short} мама Пети", "Не звонить", "{first} (от Марины)", "{first} постоянная",
    "{short} 2", "гость", "{first} ❤", "{first} подруга Оли", "??? {first}", "НОВЫЙ КЛИЕНТ",
    "{first} ост. Парковая",
)  # fmt: skip
_ODD_SHARE, _FIRST_ONLY, _SHORT_ONLY, _UPPER = 0.045, 0.3, 0.1, 0.05
_NO_PHONE, _BROKEN_PHONE, _SHARED_PHONE = 0.035, 0.02, 0.015


def crm_name(rng: Random, *, female: bool) -> str:
    first = rng.choice(_WOMEN if female else _MEN)
    short = _SHORT.get(first, first)
    roll = rng.random()
    surname = _surname(rng.choice(_SURNAMES), female=female)
    if roll < _ODD_SHARE:
        name = rng.choice(_ODD).format(first=first, short=short, n=rng.randrange(100, 999))
    elif roll < _ODD_SHARE + _FIRST_ONLY:
        name = first
    elif roll < _ODD_SHARE + _FIRST_ONLY + _SHORT_ONLY:
        name = short
    else:
        name = f"{first} {surname}"
    return name.upper() if rng.random() < _UPPER else name


def crm_phones(rng: Random, count: int) -> list[tuple[str, str | None]]:
    """As written in the CRM, and the digits that can be reached (None: none can)."""
    digits = [f"7900000{number:04d}" for number in rng.sample(range(10_000), count)]
    phones: list[tuple[str, str | None]] = []
    for own in digits:
        roll, written = rng.random(), _written(rng, own)
        if roll < _NO_PHONE:
            phones.append(("", None))
        elif roll < _NO_PHONE + _BROKEN_PHONE:
            phones.append((rng.choice([written[:-3], "00000000000", "нет", own[:9] + "хх"]), None))
        elif phones and roll < _NO_PHONE + _BROKEN_PHONE + _SHARED_PHONE:
            phones.append(rng.choice(phones))
        else:
            phones.append((written, own))
    return phones


def _surname(male: str, *, female: bool) -> str:
    if not female:
        return male
    return male[:-2] + "ая" if male.endswith("ий") else male + "а"


def _written(rng: Random, digits: str) -> str:
    area, first, second, third = digits[1:4], digits[4:7], digits[7:9], digits[9:]
    forms = (
        f"+7 {area} {first}-{second}-{third}",
        f"8 ({area}) {first}-{second}-{third}",
        f"8{digits[1:]}",
        digits,
        f"+{digits}",
    )
    return rng.choices(forms, (5, 2, 2, 2, 1))[0]
