"""What YClients (abroad: Altegio) tells of a company, in our words.

Its API's official description: groups «Компании», «Услуги», «Сотрудники», «Клиенты», «Записи» and
«Расписание работы сотрудника». Fields that are not named here are left alone. Whatever cannot be
used is rejected by its id, with the field and what is wrong with it, and the rest goes on.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from functools import cache
from typing import Any, TypeVar

from vernis.crm import (
    CrmClient,
    CrmCompany,
    CrmService,
    CrmShift,
    CrmStaff,
    Rejected,
)
from vernis.decide.crm.yclients_fields import (
    MISSING,
    Fields,
    Unreadable,
    amount_at,
    day_at,
    flag_at,
    id_at,
    list_at,
    minutes_at,
    number_at,
    optional_id,
    optional_moment,
    text_at,
    time_at,
)
from vernis.decide.files.values import currency_digits, fold, parse_gender, split_name
from vernis.decide.zones import is_zone
from vernis.domain import Gender

T = TypeVar("T")

_SEXES = {1: Gender.MALE, 2: Gender.FEMALE}
_BLACKLIST = re.compile(r"черн\w* спис|blacklist|black list")
_SIGNS = {
    **dict.fromkeys(("₽", "р", "руб", "rur", "rub"), "RUB"),
    **dict.fromkeys(("₸", "тг", "тенге", "kzt"), "KZT"),
    **dict.fromkeys(("€", "eur"), "EUR"),
    **dict.fromkeys(("₴", "грн", "uah"), "UAH"),
    **dict.fromkeys(("br", "byn"), "BYN"),
    **dict.fromkeys(("₾", "gel"), "GEL"),
    **dict.fromkeys(("₪", "ils"), "ILS"),
    **dict.fromkeys(("£", "gbp"), "GBP"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a company's figures and local times mean: its zone and its currency (ISO 4217)."""

    zone: tzinfo
    currency: str

    @property
    def digits(self) -> int:
        return currency_digits(self.currency)


def read(
    items: Iterable[Any], of: Callable[[Fields], T]
) -> tuple[tuple[T, ...], tuple[Rejected, ...]]:
    """Each item by `of`; apart, those that it cannot read."""
    taken: list[T] = []
    rejected: list[Rejected] = []
    for item in items:
        try:
            if not isinstance(item, Mapping):
                raise Unreadable("item", "not an object")
            taken.append(of(item))
        except Unreadable as unreadable:
            rejected.append(Rejected(external_id=known_id(item), reason=unreadable.reason))
    return tuple(taken), tuple(rejected)


def known_id(item: Any) -> str:
    """The id of something that is rejected, «?» where even that is not told."""
    try:
        return id_at(item) if isinstance(item, Mapping) else "?"
    except Unreadable:
        return "?"


# --- the company -------------------------------------------------------------------------------


def company_of(data: Fields) -> CrmCompany:
    """`country` is ISO 3166, `currency` ISO 4217, each where it is certain."""
    zone, country = text_at(data, "timezone"), _country(text_at(data, "country"))
    return CrmCompany(
        external_id=id_at(data),
        name=text_at(data, "title") or text_at(data, "public_title") or "",
        timezone=zone if zone and is_zone(zone) else None,
        currency=_currency(text_at(data, "currency_short_title"), country),
        country=country,
        address=text_at(data, "address"),
        phone=text_at(data, "phone"),
    )


def _country(name: str | None) -> str | None:
    return _countries().get(fold(name)) if name else None


@cache
def _countries() -> Mapping[str, str]:
    """Countries by their Russian and English names (CLDR, Babel)."""
    from babel import Locale

    return {
        fold(name): code
        for language in ("ru", "en")
        for code, name in Locale(language).territories.items()
        if len(code) == 2 and code.isalpha()
    }


def _currency(sign: str | None, country: str | None) -> str | None:
    if sign and (found := _SIGNS.get(sign.casefold().rstrip("."))):
        return found
    if country is None:
        return None
    from babel.numbers import get_territory_currencies

    current = get_territory_currencies(country)
    return str(current[0]) if len(current) == 1 else None


def staff_of(data: Fields) -> CrmStaff:
    """Who is fired is not active; who is hidden from clients still works."""
    return CrmStaff(
        external_id=id_at(data), name=_named(data, "name"), is_active=not flag_at(data, "fired")
    )


def categories_of(items: Iterable[Any]) -> dict[str, str]:
    """Titles of categories of services by their ids; those without one are no category."""
    found, _ = read(items, lambda data: (id_at(data), _named(data, "title")))
    return dict(found)


def service_of(data: Fields, terms: Terms, categories: Mapping[str, str]) -> CrmService:
    """The lower end of the price. The duration is what most of the staff take."""
    lengths = {
        id_at(one, of="staff."): minutes_at(one, "seance_length")
        for one in list_at(data, "staff")
        if isinstance(one, Mapping)
    }
    told = Counter(length for length in lengths.values() if length is not None)
    usual = min(told, key=lambda length: (-told[length], length)) if told else None
    usual = usual or minutes_at(data, "duration")
    return CrmService(
        external_id=id_at(data),
        title=_named(data, "title"),
        category=categories.get(optional_id(data, "category_id") or ""),
        price_minor=_price(data, terms.digits),
        duration_minutes=usual,
        is_active=flag_at(data, "active", usually=True),
        staff=tuple(
            (staff_id, None if length == usual else length) for staff_id, length in lengths.items()
        ),
    )


def _price(data: Fields, digits: int) -> int | None:
    """0 is how a price that nobody gave is told."""
    return amount_at(data, "price_min", digits=digits) or (
        amount_at(data, "price_max", digits=digits) or None
    )


def _named(data: Fields, name: str) -> str:
    if (found := text_at(data, name)) is None:
        raise Unreadable(name, MISSING)
    return found


# --- clients -----------------------------------------------------------------------------------


def client_of(data: Fields, terms: Terms) -> CrmClient:
    """A client as a card, a line of the search or a part of a record tells of them.

    Who is left out of mailings (`sms_not`) has not consented; nothing else tells of consent. A
    category named «Черный список» is the blacklist. Without `changed_at` it is a glimpse: what
    it does not tell may be known from elsewhere.
    """
    name, surname = split_name(text_at(data, "name") or "")
    return CrmClient(
        external_id=id_at(data),
        name=name or None,
        surname=text_at(data, "surname") or surname or None,
        phone_raw=text_at(data, "phone"),
        gender=_gender(data),
        blacklisted=any(
            isinstance(one, Mapping) and _BLACKLIST.search(fold(text_at(one, "title") or ""))
            for one in list_at(data, "categories")
        ),
        consent=False if flag_at(data, "sms_not") else None,
        changed_at=optional_moment(data, "last_change_date", terms.zone),
    )


def _gender(data: Fields) -> Gender | None:
    try:
        found = _SEXES.get(number_at(data, "sex_id") or 0)
    except Unreadable:
        found = None
    return found or parse_gender(text_at(data, "sex") or "")


# --- schedules ---------------------------------------------------------------------------------


def shifts_of(
    staff_id: str, days: Iterable[Any]
) -> tuple[tuple[CrmShift, ...], tuple[Rejected, ...]]:
    """A person's working hours; of days off nothing. What cannot be read is rejected by person."""
    found, unread = read(days, lambda day: tuple(_shifts_on(staff_id, day)))
    rejected = tuple(Rejected(external_id=staff_id, reason=one.reason) for one in unread)
    return tuple(shift for shifts in found for shift in shifts), rejected


def _shifts_on(staff_id: str, data: Fields) -> list[CrmShift]:
    on = day_at(data, "date")
    if not flag_at(data, "is_working", usually=True):
        return []
    shifts = []
    for slot in list_at(data, "slots"):
        if not isinstance(slot, Mapping):
            raise Unreadable("slots", "not an object")
        opens, closes = time_at(slot, "from"), time_at(slot, "to")
        if opens >= closes:
            raise Unreadable("slots", "ends before it begins")
        shifts.append(CrmShift(staff_id=staff_id, on=on, opens=opens, closes=closes))
    return shifts
