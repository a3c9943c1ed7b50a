"""Clients of all kinds: bands, genders, odd names, titles in every style, both languages."""

from dataclasses import replace
from datetime import date

from vernis.domain import Address, Band, Company, Gender, Locale, MessageFacts, Offer

NAMES = {
    Locale.RU: [
        ("Анна", Gender.FEMALE), ("Пётр", Gender.MALE), ("Мария Ивановна", Gender.FEMALE),
        ("ОЛЬГА", None), ("Саша", None), (None, None), ("Не звонить", None), ("Клиент 123", None),
        ("Аня мама Пети", None), ("иван петров", Gender.MALE), ("Гульнара", Gender.FEMALE),
        ("79990000001", None), ("Любовь", Gender.FEMALE), ("Никита", Gender.MALE), ("???", None),
    ],
    Locale.EN: [
        ("Anna", Gender.FEMALE), ("John Smith", Gender.MALE), (None, None), ("DO NOT CALL", None),
        ("Client 12", None), ("Sam", None), ("MARY", Gender.FEMALE), ("Mary-Jane", None),
    ],
}  # fmt: skip
TITLES = {
    Locale.RU: [
        "МУЖСКАЯ СТРИЖКА // ТОП-МАСТЕР", "Маникюр с покрытием гель-лак", "Окрашивание",
        "Стрижка женская (длинные)", None, "Комплекс №3", "Наращивание ресниц 2D", "Педикюр",
    ],
    Locale.EN: ["Women's hair cut", "GEL MANICURE", None, "Beard trim", "Package 7"],
}  # fmt: skip
STAFF = {
    Locale.RU: ["Ольга", None, "Иванова Мария", "Топ-стилист", "Алексей"],
    Locale.EN: ["Kate", None, "Room 2", "James"],
}
COMPANIES = {Locale.RU: "Салон «Лён»", Locale.EN: "Linen"}
OFFERS = {
    Locale.RU: [None, Offer(percent=10), Offer(gift="Маска для волос", terms="По будням")],
    Locale.EN: [None, Offer(percent=15, terms="On weekdays"), Offer(gift="A hair mask")],
}  # fmt: skip


def clients(
    count: int, locale: Locale = Locale.RU, address: Address = Address.VY
) -> list[MessageFacts]:
    """So many different ones, always the same."""
    bands = list(Band)
    return [
        MessageFacts(
            locale=locale,
            band=(band := bands[n % 3]),
            company_name=COMPANIES[locale],
            client_name=_of(NAMES[locale], n)[0],
            gender=_of(NAMES[locale], n)[1],
            address=address,
            service_title=_of(TITLES[locale], n // 2),
            staff_name=_of(STAFF[locale], n // 3),
            inactive_days={Band.GENTLE: 35, Band.OFFER: 60, Band.WIN_BACK: 120}[band],
            offer=None if band is Band.GENTLE else _of(OFFERS[locale], n // 5),
            seed=n,
            opt_out_line=n % 7 == 0,
            on=date(2024, 4, 1),
        )
        for n in range(count)
    ]


def _of(values, n):
    return values[n % len(values)]


def salon(company: Company, locale: Locale = Locale.RU, address: Address = Address.VY) -> Company:
    """The company that these clients are of."""
    return replace(company, name=COMPANIES[locale], locale=locale, address=address)
