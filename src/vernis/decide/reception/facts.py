"""What the receptionist may state: facts of the company in words, by topic."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time

from vernis.decide.reception.named_services import Listed
from vernis.decide.settings.places import say_company
from vernis.decide.writing import first_names
from vernis.decide.writing.offers import say_money, say_offer
from vernis.decide.writing.titles import say_title
from vernis.domain import Address, Company, Locale, Offer, Topic

_DAYS_RU = ("пн", "вт", "ср", "чт", "пт", "сб", "вс")
_DAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MOST_NAMES = 6
MOST_PRICES = 5
MOST_SERVICES = 8
_FIRST_NAMES = frozenset(
    " ".join(
        (
            *(first_names.FEMALE_RU, first_names.MALE_RU, first_names.EITHER_RU),
            *(first_names.FEMALE_EN, first_names.MALE_EN, first_names.EITHER_EN),
        )
    ).split()
)
_NOT_TO = re.compile(r"\b(?:не|кроме|not)\s+(?:(?:к|ко|у|with|to)\s+)?\w+")
# Endings of the oblique cases: «к Марине», «с Тимуром».
_AFTER_VOWEL = frozenset(["а", "я", "у", "ю", "е", "и", "ы", "ой", "ей", "ою", "ею"])
_AFTER_CONSONANT = frozenset(["", *["а", "я", "у", "ю", "е", "и", "ом", "ем", "ь", "й"]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the tables say. `hours`: ISO weekday, opens, closes, company-local.

    `asked_about`: the services that are meant, the client's usual one where none was named;
    `services`: titles of all, the most wanted first; `offer`: what this client was promised, if
    it still holds, and `offer_on` the day from which its validity counts.
    """

    asked_about: Sequence[Listed]
    services: Sequence[str]
    masters: Sequence[str]  # who do this service
    hours: Sequence[tuple[int, time, time]]
    asked_for: str | None = None  # of the masters, the one that is meant where one is asked for
    offer: Offer | None = None
    offer_on: date | None = None
    by_name: bool = False  # a service was named


def facts(company: Company, known: Known) -> dict[Topic, str]:
    """A short sentence for each topic that the tables answer; the others go to a person."""
    russian = company.locale is Locale.RU
    said: dict[Topic, str] = {
        Topic.IDENTITY: _identity(company, russian=russian),
        Topic.ROBOT: _robot(company, russian=russian),
    }
    said |= _about_services(company, known, russian=russian) | _about_the_place(company)
    if known.asked_for:
        said[Topic.MASTER] = _master(known.asked_for, known.masters, russian=russian)
    if known.masters:
        names = ", ".join(known.masters[:MOST_NAMES])
        said[Topic.STAFF] = f"У нас работают: {names}." if russian else f"Our team: {names}."
        if len(known.masters) == 1:
            said[Topic.STAFF] = (
                f"Эту услугу делает {names}." if russian else f"{names} does this service."
            )
    if known.hours:
        said[Topic.HOURS] = _hours(known.hours, russian=russian)
    return said


def _master(master: str, doing: Sequence[str], *, russian: bool) -> str:
    """Whether one of the staff works, or who does the service instead."""
    if master in doing:
        return f"Да, {master} работает." if russian else f"Yes, {master} is here."
    others = ", ".join(doing[:MOST_NAMES])
    if russian:
        return f"{master} эту услугу не делает. У нас её делает {others}."
    return f"{master} doesn't do this service. It is done by {others}."


def _about_services(company: Company, known: Known, *, russian: bool) -> dict[Topic, str]:
    said: dict[Topic, str] = {}
    priced = [one for one in known.asked_about[:MOST_PRICES] if one.price_minor]
    prices = [(_subject(one, company), _price(one, company)) for one in priced]
    if len(prices) == 1:
        said[Topic.PRICE] = "{} — {}." if russian else "{} is {}."
        said[Topic.PRICE] = said[Topic.PRICE].format(*prices[0])
    elif prices:
        said[Topic.PRICE] = "\n".join(f"{title} — {price}." for title, price in prices)
    lasting = [one for one in known.asked_about if one.duration_minutes]
    if len(lasting) == 1:
        subject, long = _subject(lasting[0], company), lasting[0].duration_minutes or 0
        said[Topic.DURATION] = (
            f"{subject} занимает около {long} минут."
            if russian
            else f"{subject} takes about {long} minutes."
        )
    if known.services:
        titles = ", ".join(_in_a_row(title) for title in known.services[:MOST_SERVICES])
        more = len(known.services) > MOST_SERVICES
        if russian:
            said[Topic.SERVICES] = f"Наши услуги: {titles}{' и другое' if more else ''}."
        else:
            said[Topic.SERVICES] = f"We do: {titles}{' and more' if more else ''}."
    if known.by_name and prices:
        titles = ", ".join(f"{_in_a_row(title)} — {price}" for title, price in prices)
        said[Topic.SERVICES] = f"У нас есть: {titles}." if russian else f"We do: {titles}."
    offer = say_offer(known.offer, company.locale, known.offer_on)
    if offer is not None:
        said[Topic.DISCOUNT] = (
            f"Да, для вас {offer.called}." if russian else f"Yes: {offer.called} for you."
        )
        if company.address is Address.TY and russian:
            said[Topic.DISCOUNT] = f"Да, для тебя {offer.called}."
    return said


def _about_the_place(company: Company) -> dict[Topic, str]:
    """What the company wrote of its place."""
    russian = company.locale is Locale.RU
    said: dict[Topic, str] = {}
    address, directions = company.facts.get("address"), company.facts.get("directions")
    if address:
        here = f"Наш адрес: {address}" if russian else f"We are at {address}"
        said[Topic.ADDRESS] = f"{here}. {directions}" if directions else f"{here}."
    elif directions:
        said[Topic.ADDRESS] = directions
    if parking := company.facts.get("parking"):
        said[Topic.PARKING] = parking
    match company.facts.get("cards"):
        case "yes":
            said[Topic.PAYMENT] = (
                "Да, можно и картой, и наличными." if russian else "Yes, by card or in cash."
            )
        case "no":
            said[Topic.PAYMENT] = (
                "К сожалению, карты не принимаем, только наличные."
                if russian
                else "I'm afraid we take cash only, no cards."
            )
    return said


def _in_a_row(title: str) -> str:
    """«Женская стрижка» as «женская стрижка»; «SPA-уход» stays."""
    return title[:1].lower() + title[1:] if title[1:2].islower() else title


def _subject(service: Listed, company: Company) -> str:
    spoken = say_title(service.title, company.locale)
    said = spoken.called if spoken else service.title
    return said[:1].upper() + said[1:]


def _price(service: Listed, company: Company) -> str:
    return say_money(service.price_minor or 0, company.currency)


def named(text: str, masters: Sequence[str]) -> str | None:
    """Which of the masters a text names, in whatever case; None for none, or for several.

    >>> named("а к Марине можно?", ["Марина", "Ольга Ивановна"])
    'Марина'
    """
    words = _words(_NOT_TO.sub(" ", text.lower()))
    found = [master for master in masters if any(_is_called(master, word) for word in words)]
    return found[0] if len(found) == 1 else None


def names_somebody(text: str) -> bool:
    """Whether there is a first name in a text, in the nominative."""
    return not _FIRST_NAMES.isdisjoint(_words(text))


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", text.lower().replace("ё", "е"))


def _is_called(master: str, word: str) -> bool:
    first = _words(master)[:1]
    if not first or len(first[0]) < 3:
        return False
    name = first[0]
    if name[-1] in "ая":
        return word.startswith(name[:-1]) and word[len(name) - 1 :] in _AFTER_VOWEL
    stem = name[:-1] if name[-1] in "йь" else name
    return word.startswith(stem) and word[len(stem) :] in _AFTER_CONSONANT


def _identity(company: Company, *, russian: bool) -> str:
    name = say_company(company.name, company.locale) or company.name
    if not russian:
        return (
            f"This is {name}, we have your number from your booking with us."
            ' Reply "stop" and we will not write again.'
        )
    if company.address is Address.TY:
        return (
            f"Это {name}, номер остался от твоей записи у нас. Если писать не нужно, ответь «стоп»."
        )
    return (
        f"Это {name}, номер остался от вашей записи у нас. Если писать не нужно, ответьте «стоп»."
    )


def _robot(company: Company, *, russian: bool) -> str:
    """Who asks is told the truth, and how to reach a person."""
    if not russian:
        return (
            "I'm an automatic assistant: I find times and answer questions."
            " If you'd like a person, just say so."
        )
    ask = "напиши" if company.address is Address.TY else "напишите"
    return (
        "Я автоматический помощник: подбираю время и отвечаю на вопросы."
        f" Если нужен человек, так и {ask}, позову."
    )


def _hours(hours: Sequence[tuple[int, time, time]], *, russian: bool) -> str:
    """Neighbouring days with the same hours are said together: «пн–пт 10:00–20:00»."""
    names = _DAYS_RU if russian else _DAYS_EN
    groups: list[tuple[int, int, time, time]] = []
    for day, opens, closes in hours:
        if groups and groups[-1][1] == day - 1 and groups[-1][2:] == (opens, closes):
            groups[-1] = (groups[-1][0], day, opens, closes)
        else:
            groups.append((day, day, opens, closes))
    spoken = [
        f"{names[first - 1]}{f'–{names[last - 1]}' if last > first else ''}"
        f" {opens:%H:%M}–{closes:%H:%M}"
        for first, last, opens, closes in groups
    ]
    return f"{'Мы работаем' if russian else 'We are open'}: {', '.join(spoken)}."
