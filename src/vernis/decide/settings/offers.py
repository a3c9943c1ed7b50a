"""An offer as a person types it, and back: «10%; по будням; от 2000; 14 дней»."""

import re
from collections.abc import Mapping

from vernis.decide.files.values import currency_digits, parse_money
from vernis.domain import Band, Locale, Offer
from vernis.errors import UsageError

LONGEST_DAYS = 365
NOTHING = frozenset({"", "no", "none", "нет"})

_FLOOR = re.compile(r"(?:от|from)\s+(.+)", re.IGNORECASE)
_DAYS = re.compile(r"(\d+)\s*(?:д(?:ень|ня|ней|н\.?)?|days?)", re.IGNORECASE)


def parse_offer(text: str, currency: str) -> Offer:
    """«10%» is a percentage, «500» an amount, everything else a gift. After a «;» follow a least
    bill («от 2000»), how long it holds («14 дней») and terms in any words, in any order."""
    what, *rest = (part.strip() for part in text.split(";"))
    if not what:
        raise UsageError(f"«{text}» is no offer: say what it is before the «;», like 10%.")
    terms: list[str] = []
    floor = days = None
    for part in filter(None, rest):
        if floor is None and (minor := _floor(part, currency)) is not None:
            floor = minor
        elif days is None and (named := _DAYS.fullmatch(part)):
            days = _days(part, int(named[1]))
        else:
            terms.append(part)
    percent, amount = _percent(what), _amount(what, currency)
    if amount is not None and floor is not None and floor < amount:
        raise UsageError(f"«{text}»: the bill must be at least as high as the discount.")
    return Offer(
        percent=percent,
        amount_minor=amount,
        currency=currency if amount is not None or floor is not None else None,
        gift=what if percent is None and amount is None else None,
        terms="; ".join(terms) or None,
        floor_minor=floor,
        valid_days=days,
    )


def changed(offers: Mapping[Band, Offer], band: str, text: str, currency: str) -> dict[Band, Offer]:
    """The offers with this one of a band, or without any there."""
    if band not in {known.value for known in Band}:
        raise UsageError(f"There is no offer.{band}; there are: {', '.join(Band)}.")
    others = {known: offer for known, offer in offers.items() if known != band}
    if text.lower() in NOTHING:
        return others
    return others | {Band(band): parse_offer(text, currency)}


def typed(offer: Offer | None, locale: Locale) -> str:
    """An offer as `parse_offer` takes it."""
    if offer is None:
        return "none"
    what = offer.gift or f"{offer.percent}%"
    if offer.amount_minor is not None:
        what = _money(offer.amount_minor, offer.currency)
    russian = locale is Locale.RU
    parts = [what]
    if offer.terms:
        parts.append(offer.terms)
    if offer.floor_minor is not None:
        parts.append(f"{'от' if russian else 'from'} {_money(offer.floor_minor, offer.currency)}")
    if offer.valid_days is not None:
        parts.append(f"{offer.valid_days} {_day_word(offer.valid_days, russian=russian)}")
    return "; ".join(parts)


def _percent(what: str) -> int | None:
    if not what.endswith("%"):
        return None
    percent = what.removesuffix("%").strip()
    if not percent.isdecimal() or not 1 <= int(percent) <= 99:
        raise UsageError(f"«{what}» is no discount: give 1% to 99%.")
    return int(percent)


def _amount(what: str, currency: str) -> int | None:
    amount = parse_money(what, digits=currency_digits(currency))
    if not isinstance(amount, int):
        return None
    if amount <= 0:
        raise UsageError(f"«{what}» is no offer: give an amount over zero.")
    return amount


def _floor(part: str, currency: str) -> int | None:
    """The least bill that a part names; None where it names none, like «от двух процедур»."""
    named = _FLOOR.fullmatch(part)
    minor = parse_money(named[1], digits=currency_digits(currency)) if named else None
    if not isinstance(minor, int):
        return None
    if minor <= 0:
        raise UsageError(f"«{part}» is no least bill: give an amount over zero.")
    return minor


def _days(part: str, days: int) -> int:
    if not 1 <= days <= LONGEST_DAYS:
        raise UsageError(f"«{part}»: an offer holds from 1 to {LONGEST_DAYS} days.")
    return days


def _money(minor: int, currency: str | None) -> str:
    """As few digits as it takes: 2000, 49.90."""
    digits = currency_digits(currency or "")
    whole, part = divmod(minor, 10**digits)
    return f"{whole}.{part:0{digits}}" if part else str(whole)


def _day_word(days: int, *, russian: bool) -> str:
    if not russian:
        return "day" if days == 1 else "days"
    if days % 10 == 1 and days % 100 != 11:
        return "день"
    few = days % 10 in {2, 3, 4} and days % 100 not in {12, 13, 14}
    return "дня" if few else "дней"
