"""What a company can set: from what a person types to a value, and back."""

import re
from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from datetime import time
from typing import Any

from vernis.decide import hours, policies
from vernis.decide.settings import days as day_settings
from vernis.decide.settings import facts as fact_settings
from vernis.decide.settings import offers as offer_settings
from vernis.decide.settings import variants as variant_settings
from vernis.decide.zones import is_zone, zones_of
from vernis.domain import Address, Assistant, Band, Company, Locale, Tone
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
    zones = zones_of(country)
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
    if not is_zone(name):
        raise UsageError(f"«{name}» is no time zone: give one like Europe/Moscow.")
    return name


def known_currency(code: str) -> str:
    from babel.numbers import list_currencies

    if code.upper() not in list_currencies():
        raise UsageError(f"«{code}» is no currency: give an ISO code like RUB.")
    return code.upper()


def known_country(code: str) -> str:
    if not zones_of(code.upper()):
        raise UsageError(f"«{code}» is no country: give an ISO code of two letters like RU.")
    return code.upper()


def known_locale(code: str) -> Locale:
    try:
        return Locale(code.lower())
    except ValueError:
        raise UsageError(f"«{code}» is no language of Vernis: give ru or en.") from None


# --- settings ------------------------------------------------------------------------------------


def changed(company: Company, assignments: Iterable[str]) -> Company:
    """The company with these `key=value` settings; raises UsageError at the first wrong one."""
    before, given = company, set[str]()
    for assignment in assignments:
        key, equals, text = (part.strip() for part in assignment.partition("="))
        if not equals:
            raise UsageError(f"«{assignment}» is no setting: write key=value, like daily_cap=30.")
        given.add(key)
        if key.startswith("offer."):
            band = key.removeprefix("offer.")
            offers = offer_settings.changed(company.offers, band, text, company.currency)
            company = replace(company, offers=offers)
        elif key.startswith("fact."):
            company = replace(company, facts=fact_settings.changed(company.facts, key, text))
        elif key == "variants":
            company = replace(company, variants=variant_settings.listed(company.variants, text))
        elif key.startswith("variant."):
            company = variant_settings.changed(company, key, text)
        elif key in _PARSERS:
            company = replace(company, **{_FIELDS.get(key, key): _parsed(key, text)})
        else:
            bands = (f"offer.{band}" for band in Band)
            facts = (f"fact.{fact}" for fact in fact_settings.FACTS)
            known = ", ".join([*_PARSERS, *bands, "variants", *facts])
            raise UsageError(f"There is no setting «{key}»; there are: {known}.")
    if company.send_from >= company.send_until:
        raise UsageError("send_from must be earlier than send_until.")
    if given & {"send_from", "send_until"}:
        _require_hours(company)
    return _with_basis_of_its_day(company, before, given)


def _require_hours(company: Company) -> None:
    begins, ends = hours.allowed(company)
    if begins >= ends:
        policy = policies.policy_of(company.country)
        raise UsageError(
            f"Nobody in {company.country} is written to before {policy.earliest:%H:%M} or from"
            f" {policy.latest:%H:%M} on: send_from and send_until leave no time in between."
        )


def _with_basis_of_its_day(company: Company, before: Company, given: set[str]) -> Company:
    """A new basis without a day of its own is as of today: None, and whoever stores it knows."""
    if company.consent_basis is None:
        if "consent_basis_on" in given and company.consent_basis_on is not None:
            raise UsageError("consent_basis_on is the day of a consent_basis: give that as well.")
        return replace(company, consent_basis_on=None)
    is_new = company.consent_basis != before.consent_basis
    if is_new and "consent_basis_on" not in given:
        return replace(company, consent_basis_on=None)
    return company


def shown(company: Company) -> dict[str, str]:
    """Every setting as a person would type it."""
    texts = {key: _typed(getattr(company, _FIELDS.get(key, key))) for key in _PARSERS}
    limit = company.model_limit_minor
    texts["model_limit_usd"] = "none" if limit is None else f"{limit / 100:.2f}"
    texts["days_off"] = day_settings.typed(company.days_off)
    for band in Band:
        texts[f"offer.{band}"] = offer_settings.typed(company.offers.get(band), company.locale)
    return texts | variant_settings.shown(company) | fact_settings.shown(company.facts)


def _typed(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ",".join(str(part) for part in value) or "none"
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


def _choice(
    kind: type[Address] | type[Assistant] | type[Locale] | type[Tone],
) -> Callable[[str], Any]:
    def parse(text: str) -> Any:
        if text not in {member.value for member in kind}:
            raise ValueError(f"give {' or '.join(member.value for member in kind)}")
        return kind(text)

    return parse


def _name(text: str) -> str:
    if not text:
        raise ValueError("give a name")
    return text


def _words(text: str) -> tuple[str, ...]:
    if text.lower() in offer_settings.NOTHING:
        return ()
    words = tuple(dict.fromkeys(" ".join(word.lower().split()) for word in text.split(",")))
    if not all(any(c.isalnum() for c in word) for word in words):
        raise ValueError("give words with commas between them, like дешево,акция")
    if len(words) > MOST_WORDS or max(map(len, words)) > LONGEST_WORD:
        raise ValueError(f"give at most {MOST_WORDS} words of up to {LONGEST_WORD} letters")
    return words


def _basis(text: str) -> str | None:
    if text.lower() in offer_settings.NOTHING:
        return None
    said = " ".join(text.split())
    if not 3 <= len(said) <= LONGEST_BASIS or not any(c.isalpha() for c in said):
        raise ValueError(
            f"say in up to {LONGEST_BASIS} letters how clients agreed to messages, like"
            " a form signed at the first visit"
        )
    return said


def _cents(text: str) -> int | None:
    if text.lower() in offer_settings.NOTHING:
        return None
    dollars = re.fullmatch(r"\$?(\d{1,5})(?:[.,](\d{1,2}))?", text)
    if not dollars:
        raise ValueError("give US dollars a month like 5 or 2.50, or none for no limit")
    return int(dollars[1]) * 100 + int((dollars[2] or "0").ljust(2, "0"))


MOST_WORDS = 100
LONGEST_WORD = 50
LONGEST_BASIS = 200
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
    "days_off": day_settings.parsed,
    "public_holidays": _yes_or_no,
    "consent_required": _yes_or_no,
    "consent_basis": _basis,
    "consent_basis_on": day_settings.day_or_nothing,
    "tone": _choice(Tone),
    "banned_words": _words,
    "approval": _yes_or_no,
    "free_times_in_messages": _yes_or_no,
    "model_limit_usd": _cents,
    "silence_minutes": _number(0, 10_080),
    "assistant": _choice(Assistant),
}
_FIELDS = {"model_limit_usd": "model_limit_minor"}  # where a person types another unit
assert {_FIELDS.get(key, key) for key in _PARSERS} <= {field.name for field in fields(Company)}
