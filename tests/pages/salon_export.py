"""A small salon's export, as it is given to the pages: of people who do not exist."""

from collections.abc import Iterator
from datetime import date, timedelta

CLIENTS, VISITS, SERVICES = "Клиенты.csv", "Визиты.csv", "Услуги.csv"
LAST_DAY = date(2024, 3, 30)  # the day before yesterday, by the tests' clock
NAMES = ("Анна", "Мария", "Ольга", "Вера", "Нина", "Светлана", "Ирина", "Юлия")


def export() -> dict[str, bytes]:
    """Eight clients; six of them came each month and not in the last five weeks."""
    clients = ["Имя;Телефон"]
    clients += [f"{name};+7 999 000-00-{n:02}" for n, name in enumerate(NAMES)]
    visits = ["Дата визита;Клиент;Телефон;Услуга;Мастер;Сумма", *_visits()]
    services = ["Название услуги;Цена;Длительность", "Стрижка;1500;60", "Маникюр;2000;90"]
    texts = {CLIENTS: clients, VISITS: visits, SERVICES: services}
    return {name: "\n".join(lines).encode() for name, lines in texts.items()}


def _visits() -> Iterator[str]:
    for n, name in enumerate(NAMES):
        last = LAST_DAY if n >= 6 else LAST_DAY - timedelta(days=35 + n)
        for back in range(5):
            day = last - timedelta(days=30 * back)
            yield f"{day:%d.%m.%Y};{name};+7 999 000-00-{n:02};Стрижка;Кира;1500"
