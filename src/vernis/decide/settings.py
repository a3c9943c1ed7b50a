"""What a company can set: from what a person types to a value, and back."""

from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from datetime import time
from functools import cache
from importlib.resources import files
from typing import Any

from vernis.decide.values import Fault, currency_digits, parse_money
from vernis.domain import Address, Band, Company, Locale, Offer
from vernis.errors import UsageError

RUSSIAN_SPEAKING = frozenset({"RU", "BY", "KZ", "KG"})
# The zone of the capital or the most people, where a country has several.
_MAIN_ZONES = {
    "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv",
    "KZ": "Asia/Almaty",
    "UZ": "Asia/Tashkent",
    "DE": "Europe/Berlin",
}


# --- where it is ------------------------------------------------------------------------------


def default_locale(country: str) -> Locale:
    """Russian where salons write Russian, English elsewhere."""
    return Locale.RU if country in RUSSIAN_SPEAKING else Locale.EN


def default_timezone(country: str) -> str:
    """The country's only zone, or its main one. Raises UsageError where that is not certain."""
    zones = _zones().get(country, ())
    if country in _MAIN_ZONES:
        return _MAIN_ZONES[country]
    if len(zones) != 1:
        example = (zones or ("Europe/Rome",))[0]
        raise UsageError(f"{country} has no one time zone: give --timezone, like {example}.")
    return zones[0]


def default_currency(country: str) -> str:
    """What people pay with there today (CLDR, Babel)."""
    from babel.numbers import get_territory_currencies

    current = get_territory_currencies(country)
    if not current:
        raise UsageError(f"{country} has no known currency: give --currency, like RUB.")
    return str(current[0])


def known_timezone(name: str) -> str:
    """A zone of the time zone database: what a machine has besides, PostgreSQL may not know."""
    if name not in files("tzdata").joinpath("zones").read_text(encoding="utf-8").split():
        raise UsageError(f"«{name}» is no time zone: give one like Europe/Moscow.")
    return name


def known_currency(code: str) -> str:
    from babel.numbers import list_currencies

    if code.upper() not in list_currencies():
        raise UsageError(f"«{code}» is no currency: give an ISO code like RUB.")
    return code.upper()


def known_country(code: str) -> str:
    if code.upper() not in _zones():
        raise UsageError(f"«{code}» is no country: give an ISO code of two letters like RU.")
    return code.upper()


def known_locale(code: str) -> Locale:
    try:
        return Locale(code.lower())
    except ValueError:
        raise UsageError(f"«{code}» is no language of Vernis: give ru or en.") from None


@cache
def _zones() -> dict[str, tuple[str, ...]]:
    """Country -> its zones, from the time zone database."""
    zones: dict[str, tuple[str, ...]] = {}
    table = files("tzdata.zoneinfo").joinpath("zone.tab").read_text(encoding="utf-8")
    for line in table.splitlines():
        if not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            zones[country] = (*zones.get(country, ()), zone)
    return zones


# --- settings ------------------------------------------------------------------------------------


def changed(company: Company, assignments: Iterable[str]) -> Company:
    """The company with these `key=value` settings; raises UsageError at the first wrong one."""
    for assignment in assignments:
        key, equals, text = (part.strip() for part in assignment.partition("="))
        if not equals:
            raise UsageError(f"«{assignment}» is no setting: write key=value, like daily_cap=30.")
        if key.startswith("offer."):
            company = _with_offer(company, key.removeprefix("offer."), text)
        elif key in _PARSERS:
            company = replace(company, **{key: _parsed(key, text)})
        else:
            known = ", ".join([*_PARSERS, *(f"offer.{band}" for band in Band)])
            raise UsageError(f"There is no setting «{key}»; there are: {known}.")
    if company.send_from >= company.send_until:
        raise UsageError("send_from must be earlier than send_until.")
    return company


def shown(company: Company) -> dict[str, str]:
    """Every setting as a person would type it."""
    texts = {key: _typed(getattr(company, key)) for key in _PARSERS}
    for band in Band:
        texts[f"offer.{band}"] = _offer_typed(company.offers.get(band))
    return texts


def _typed(value: Any) -> str:
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ",".join(str(part) for part in value)
    return str(value)


def _parsed(key: str, text: str) -> Any:
    try:
        return _PARSERS[key](text)
    except ValueError as error:
        raise UsageError(f"{key}={text}: {error}.") from None


def _number(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise ValueError(f"give a whole number from {least} to {most}")
        return int(text)

    return parse


def _clock(text: str) -> time:
    try:
        at = time.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or f"{at:%H:%M}" != text:  # neither seconds nor a zone of its own
        raise ValueError("give a time like 10:00")
    return at


def _weekdays(text: str) -> tuple[int, ...]:
    days = tuple(sorted({int(day) for day in text.split(",") if day.strip() in set("1234567")}))
    if not days or len(days) != len(text.split(",")):
        raise ValueError("give weekdays like 1,2,3,4,5 (1 is Monday)")
    return days


def _yes_or_no(text: str) -> bool:
    answers = {"yes": True, "true": True, "no": False, "false": False}
    if text.lower() not in answers:
        raise ValueError("give yes or no")
    return answers[text.lower()]


def _choice(kind: type[Address] | type[Locale]) -> Callable[[str], Any]:
    def parse(text: str) -> Any:
        if text not in {member.value for member in kind}:
            raise ValueError(f"give {' or '.join(member.value for member in kind)}")
        return kind(text)

    return parse


def _name(text: str) -> str:
    if not text:
        raise ValueError("give a name")
    return text


# The bounds are the schema's.
_PARSERS: dict[str, Callable[[str], Any]] = {
    "name": _name,
    "locale": _choice(Locale),
    "address": _choice(Address),
    "timezone": known_timezone,
    "send_from": _clock,
    "send_until": _clock,
    "send_days": _weekdays,
    "plan_at": _clock,
    "daily_cap": _number(0, 10_000),
    "holdout_percent": _number(0, 50),
    "max_attempts": _number(1, 3),
    "cooldown_days": _number(1, 90),
    "gone_too_long_days": _number(30, 3_650),
    "attribution_days": _number(1, 60),
    "consent_required": _yes_or_no,
}
assert _PARSERS.keys() <= {field.name for field in fields(Company)}


def _with_offer(company: Company, band: str, text: str) -> Company:
    if band not in {known.value for known in Band}:
        raise UsageError(f"There is no offer.{band}; there are: {', '.join(Band)}.")
    offers = dict(company.offers)
    if text.lower() in {"", "no", "none", "нет"}:
        offers.pop(Band(band), None)
    else:
        offers[Band(band)] = parse_offer(text, company.currency)
    return replace(company, offers=offers)


def parse_offer(text: str, currency: str) -> Offer:
    """«10%» is a percentage, «500» an amount, everything else a gift; terms follow a «;»."""
    what, _, terms = (part.strip() for part in text.partition(";"))
    if not what:
        raise UsageError(f"«{text}» is no offer: say what it is before the «;», like 10%.")
    percent = what.removesuffix("%").strip()
    if what.endswith("%"):
        if not percent.isdecimal() or not 1 <= int(percent) <= 99:
            raise UsageError(f"«{what}» is no discount: give 1% to 99%.")
        return Offer(percent=int(percent), terms=terms or None)
    amount = parse_money(what, digits=currency_digits(currency))
    if isinstance(amount, int) and not isinstance(amount, Fault):
        if amount <= 0:
            raise UsageError(f"«{what}» is no offer: give an amount over zero.")
        return Offer(amount_minor=amount, currency=currency, terms=terms or None)
    return Offer(gift=what, terms=terms or None)


def _offer_typed(offer: Offer | None) -> str:
    if offer is None:
        return "none"
    what = offer.gift or ""
    if offer.percent is not None:
        what = f"{offer.percent}%"
    elif offer.amount_minor is not None and offer.currency is not None:
        digits = currency_digits(offer.currency)
        what = f"{offer.amount_minor / 10**digits:.{digits}f}"
    return f"{what}; {offer.terms}" if offer.terms else what
