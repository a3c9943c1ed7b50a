"""Clients of all kinds to write to: every band, tone, address, odd name, title and offer."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import cycle, islice

from odd_words import (
    ENGLISH_TITLES,
    ENGLISH_UNCERTAIN,
    NAMES,
    NOT_NAMES,
    RUSSIAN_TITLES,
    RUSSIAN_UNCERTAIN,
)

from vernis.decide.writing.message import write
from vernis.domain import Address, Band, Gender, Locale, MessageFacts, Offer, Tone

TODAY = date(2026, 11, 23)  # a Monday
ATTEMPTS = 3


def at(days: int, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(TODAY + timedelta(days), datetime.min.time()).replace(
        hour=hour, minute=minute
    )


TIMES: list[tuple[datetime, ...]] = [
    (),
    (at(2, 12), at(3, 18, 30)),
    (),
    (at(1, 10),),
    (at(1, 10), at(1, 15, 30)),
    (),
    (at(1, 9, 30), at(1, 17), at(4, 11)),
    (at(4, 12), at(7, 13), at(13, 19, 45)),
]
OFFERS: dict[Locale, list[Offer | None]] = {
    Locale.RU: [
        None,
        Offer(percent=10),
        None,
        Offer(percent=15, valid_days=10),
        Offer(percent=10, floor_minor=200_000, currency="RUB", valid_days=14),
        Offer(amount_minor=50_000, currency="RUB", terms="Только по будням."),
        None,
        Offer(gift="Маска для волос"),
        Offer(gift="Кофе и круассан", valid_days=7),
        Offer(gift="маску для рук", terms="при записи до 30 июня"),
        Offer(gift="Уход для кончиков", floor_minor=150_000, currency="RUB"),
        Offer(percent=20, floor_minor=10_000),  # without a currency the floor cannot be said
        Offer(amount_minor=300_000, currency="KZT", valid_days=30),
    ],
    Locale.EN: [
        None,
        Offer(percent=15),
        None,
        Offer(percent=10, valid_days=10),
        Offer(amount_minor=2_000, currency="USD", floor_minor=10_000, valid_days=14),
        Offer(amount_minor=1_000, currency="GBP", terms="Weekdays only"),
        Offer(gift="hair mask", valid_days=7),
    ],
}
COMPANIES = {
    Locale.RU: [
        'Салон красоты "Лилия"',
        "Барбершоп «Борода»",
        "Красивые люди",
        "Nail Bar 24",
        'ООО "Ромашка"',
        "Студия Марины Ивановой",
        "Сеть студий эстетики и здоровья «Гармония»",
    ],
    Locale.EN: ["The Hair Room", "Lake Studio", "Fade & Co.", "Anna's"],
}
STAFF: dict[Locale, list[str | None]] = {
    Locale.RU: ["Ольга", "Артём К.", None, "Мастер 1", "Гульнара", "Илья", "Мария Сергеевна"],
    Locale.EN: ["KELLY", None, "Jose", "JJ", "Maria Lopez"],
}
GENDERS = (None, Gender.FEMALE, None, Gender.MALE, None)
BANNED: list[tuple[str, ...]] = [(), (), ("рады",), (), ("🙂", "гость"), (), ()]


def clients(locale: Locale, count: int) -> Iterator[MessageFacts]:
    """The first message to each of `count` clients; every list is walked at its own pace."""
    is_russian = locale is Locale.RU
    titles = [raw for raw, _ in (RUSSIAN_TITLES if is_russian else ENGLISH_TITLES)]
    odd = RUSSIAN_UNCERTAIN if is_russian else ENGLISH_UNCERTAIN
    names: list[str | None] = [raw for raw, _ in NAMES] + NOT_NAMES[:40]
    walks = zip(
        cycle(Band),
        cycle([*titles, *titles, *odd, None]),
        cycle(names),
        cycle(OFFERS[locale]),
        cycle(TIMES),
        cycle(COMPANIES[locale]),
        cycle(STAFF[locale]),
        cycle(GENDERS),
        cycle(BANNED),
        strict=False,
    )
    for seed, walk in enumerate(islice(walks, count)):
        band, title, name, offer, times, company, staff, gender, banned = walk
        yield MessageFacts(
            locale=locale,
            band=band,
            company_name=company,
            client_name=name,
            gender=gender if name and " " not in name else None,
            address=Address.TY if seed // 3 % 3 == 0 else Address.VY,
            service_title=title,
            staff_name=staff,
            offer=offer,
            seed=seed,
            opt_out_line=seed % 11 == 0,
            tone=Tone.BRIEF if seed // 5 % 3 == 0 else Tone.WARM,
            on=TODAY,
            free_times=times,
            banned_words=banned,
        )


def messages(facts: MessageFacts) -> Iterator[tuple[MessageFacts, str, str]]:
    """The client's attempts: facts as of then, the text, the template's id."""
    bands = list(Band)[list(Band).index(facts.band) :] + [Band.WIN_BACK] * ATTEMPTS
    used: tuple[str, ...] = ()
    sent: tuple[str, ...] = ()
    for attempt, band in enumerate(bands[:ATTEMPTS], start=1):
        now = MessageFacts(
            **{name: getattr(facts, name) for name in MessageFacts.__dataclass_fields__}
            | {"band": band, "attempt": attempt, "used_templates": used, "recent_texts": sent}
        )
        draft = write(now)
        used += (draft.template or "",)
        sent += (draft.text,)
        yield now, draft.text, draft.template or ""


def all_messages() -> Iterator[tuple[MessageFacts, str, str]]:
    """360 Russian and 180 English clients, three attempts each."""
    for locale, count in ((Locale.RU, 360), (Locale.EN, 180)):
        for facts in clients(locale, count):
            yield from messages(facts)
