"""Countries, time zones and currencies as people choose them."""

from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from vernis.decide.settings.company import default_currency, default_timezone
from vernis.decide.zones import zones_of as zones_of  # noqa: PLC0414 (the pages' name for it)
from vernis.domain import Locale
from vernis.errors import UsageError

# Where most salons of our languages are: they come first.
FIRST = ("RU", "KZ", "BY", "UZ", "KG", "AM", "GE", "AZ", "US", "CA", "GB", "DE", "IL", "AE")
CURRENCIES = (
    *("RUB", "KZT", "BYN", "UZS", "KGS", "AMD", "GEL", "AZN", "TJS", "MDL", "UAH"),
    *("EUR", "USD", "CAD", "GBP", "ILS", "AED", "TRY", "RSD", "PLN", "CZK", "CHF", "THB"),
)


def is_country(code: str) -> bool:
    return bool(zones_of(code))


@cache
def countries(locale: Locale) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Codes and names: the frequent ones, then all others by name."""
    from babel import Locale as Names

    names = {str(code): str(name) for code, name in Names(locale.value).territories.items()}
    known = {code: name for code, name in names.items() if len(code) == 2 and is_country(code)}
    others = sorted(
        ((code, name) for code, name in known.items() if code not in FIRST),
        key=lambda one: one[1].replace("Ё", "Е"),
    )
    return [(code, known[code]) for code in FIRST if code in known], others


def zones(country: str, locale: Locale, *, now: datetime) -> list[tuple[str, str]]:
    """A country's time zones and what they are called, from west to east."""
    from babel.dates import get_timezone_location

    if not is_country(country.upper()):
        return []
    listed = []
    for name in zones_of(country.upper()):
        offset = now.astimezone(ZoneInfo(name)).utcoffset()
        minutes = int(offset.total_seconds() // 60) if offset is not None else 0
        city = get_timezone_location(name, locale=locale.value, return_city=True)
        listed.append((minutes, city, name))
    return [(name, f"{city}, UTC{_offset(minutes)}") for minutes, city, name in sorted(listed)]


def usual_zone(country: str) -> str:
    """The zone of the capital or of most people, as far as that is known."""
    try:
        return default_timezone(country)
    except UsageError:
        return zones_of(country)[0]


def usual_currency(country: str) -> str:
    try:
        return default_currency(country)
    except UsageError:
        return "USD"


def country_of(languages: str, locale: Locale) -> str:
    """The country that a browser's languages name; else where most people speak the viewer's."""
    for tag in languages.split(","):
        parts = tag.split(";")[0].strip().replace("_", "-").split("-")
        if len(parts) > 1 and is_country(parts[-1].upper()):
            return parts[-1].upper()
    return "RU" if locale is Locale.RU else "US"


@cache
def country_of_zone() -> dict[str, str]:
    """Zone -> country, for a browser that tells its time zone."""
    from babel.core import get_global

    codes = (code for code in get_global("territory_zones"))
    return {zone: code for code in codes if len(code) == 2 for zone in zones_of(code)}


def _offset(minutes: int) -> str:
    sign, minutes = ("−" if minutes < 0 else "+"), abs(minutes)
    return f"{sign}{minutes // 60}" + (f":{minutes % 60:02}" if minutes % 60 else "")
