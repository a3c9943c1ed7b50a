"""How pages write days, moments, money and shares."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from vernis.decide.files.values import currency_digits
from vernis.domain import Locale
from vernis.web.pages.catalog import texts

_DAYS = {
    Locale.RU: ("d MMM", "d MMM y", "EEEE, d MMMM"),
    Locale.EN: ("d MMM", "d MMM y", "EEEE, d MMMM"),
}

_HOMES = {"RUB": "ru", "KZT": "kk", "BYN": "be", "UAH": "uk"}


def filters(locale: Locale) -> Mapping[str, Callable[..., str]]:
    """Jinja's filters in this language. Moments are shown in the zone that is given."""
    from babel.dates import format_date, format_time
    from babel.numbers import format_compact_decimal, format_decimal

    tag = "ru" if locale is Locale.RU else "en_GB"
    short, with_year, long = _DAYS[locale]
    say = texts(locale).gettext

    def day(value: date | None, today: date | None = None) -> str:
        """12 мая; with the year where it is not this one."""
        if value is None:
            return "–"
        pattern = short if today is None or value.year == today.year else with_year
        return str(format_date(value, pattern, locale=tag)).rstrip(".")

    def full_day(value: date) -> str:
        return str(format_date(value, with_year, locale=tag))

    def weekday(value: date) -> str:
        """вторник, 12 мая"""
        return str(format_date(value, long, locale=tag))

    def short_weekday(value: date) -> str:
        """вт"""
        return str(format_date(value, "EEE", locale=tag))

    def clock(value: datetime, zone: ZoneInfo) -> str:
        return str(format_time(value.astimezone(zone), "HH:mm", locale=tag))

    def moment(value: datetime | None, zone: ZoneInfo, now: datetime | None = None) -> str:
        """сегодня, 14:30; вчера, 9:05; 12 мая, 14:30"""
        if value is None:
            return "–"
        local = value.astimezone(zone)
        if now is not None:
            away = (now.astimezone(zone).date() - local.date()).days
            named = {0: say("today"), 1: say("yesterday"), -1: say("tomorrow")}.get(away)
            on = named or day(local.date(), now.astimezone(zone).date())
        else:
            on = full_day(local.date())
        return f"{on}, {clock(value, zone)}"

    def number(value: float) -> str:
        if isinstance(value, int) and 0 <= value < 1000:
            return str(value)  # Babel is slow, and tables are long
        return str(format_decimal(value, locale=tag))

    def compact(value: float) -> str:
        return str(format_compact_decimal(value, locale=tag, fraction_digits=1))

    def percent(part: float | None, whole: float | None = None, digits: int = 0) -> str:
        """A share as 12%, of two numbers or of one that is a share."""
        if part is None or whole == 0:
            return "–"
        share = part if whole is None else part / whole
        return f"{format_decimal(round(100 * share, digits), locale=tag)}\u202f%".replace(
            "\u202f%", " %" if locale is Locale.RU else "%"
        )

    def cash(minor: int | None, currency: str) -> str:
        return money(minor, currency, locale)

    return {
        "day": day,
        "full_day": full_day,
        "weekday": weekday,
        "short_weekday": short_weekday,
        "clock": clock,
        "moment": moment,
        "number": number,
        "compact": compact,
        "percent": percent,
        "phone": phone,
        "money": cash,
    }


@lru_cache(maxsize=4096)
def money(minor: int | None, currency: str, locale: Locale) -> str:
    """12 300 ₽; with hundredths only where there are any."""
    if minor is None:
        return "–"
    from babel.numbers import format_decimal

    value = minor / 10 ** currency_digits(currency)
    is_russian = locale is Locale.RU
    figure = format_decimal(
        abs(value),
        "#,##0" if value == int(value) else "#,##0.##",
        locale="ru" if is_russian else "en",
    )
    sign, symbol = "\u2212" if value < 0 else "", _symbol(currency, locale)
    return f"{sign}{figure}\xa0{symbol}" if is_russian else f"{sign}{symbol}{figure}"


def _symbol(currency: str, locale: Locale) -> str:
    """As its own country writes it, where this language only has the code."""
    from babel.numbers import get_currency_symbol

    found = str(get_currency_symbol(currency, locale.value))
    if found == currency and currency in _HOMES:
        found = str(get_currency_symbol(currency, _HOMES[currency]))
    return f"{found}\xa0" if found == currency and locale is Locale.EN else found


def phone(digits: str | None) -> str:
    """+7 999 000-00-01, as it is written in its country."""
    if not digits:
        return "–"
    import phonenumbers

    try:
        number = phonenumbers.parse(f"+{digits}")
    except phonenumbers.NumberParseException:
        return f"+{digits}"
    international = phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return str(phonenumbers.format_number(number, international))


def bar(value: float, most: float, *, width: float = 100) -> float:
    """How long a bar is, of `width`."""
    return round(width * max(0.0, min(value / most, 1.0)), 2) if most else 0.0


GLOBALS: dict[str, Any] = {"bar": bar}
