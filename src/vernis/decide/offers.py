"""An offer in words: «скидка 10%, только по будням», "a gift: hair mask"."""

import re
from dataclasses import dataclass

from vernis.decide import russian
from vernis.domain import Locale, Offer

# Longer than this and no band has room for it beside a name, a company and a question.
LONGEST = 90
SYMBOLS = {"RUB": "₽", "USD": "$", "CAD": "$", "AUD": "$", "EUR": "€", "GBP": "£", "KZT": "₸"}
SYMBOLS |= {"UAH": "₴", "GEL": "₾", "AMD": "֏", "TRY": "₺", "ILS": "₪", "BYN": "BYN"}
GIFT = {Locale.RU: "подарок: ", Locale.EN: "a gift: "}
WITHOUT_MINOR_UNITS = frozenset({"JPY", "KRW", "VND", "CLP", "ISK", "PYG", "XAF", "XOF"})


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferWords:
    """`called` is the nominative, `given` the accusative; `value` and `terms` are the facts."""

    called: str
    given: str
    value: str
    terms: str | None


def say_offer(offer: Offer | None, locale: Locale) -> OfferWords | None:
    """The offer in words, None where there is none or it cannot be said as it was entered."""
    if offer is None:
        return None
    terms = _as_entered(offer.terms)
    if terms is None and offer.terms and offer.terms.strip():
        return None  # the offer must not be said without its terms
    after = f", {_lower_first(terms)}" if terms else ""
    words = _words(offer, locale)
    if words is None or len(words[0] + after) > LONGEST:
        return None
    called, given, value = words
    said_terms = _lower_first(terms) if terms else None
    return OfferWords(called=called + after, given=given + after, value=value, terms=said_terms)


def say_money(amount_minor: int, currency: str) -> str:
    """Minor units as people write them: 150000, RUB -> «1 500 ₽» (no-break space), USD -> "$20"."""
    exponent = 0 if currency in WITHOUT_MINOR_UNITS else 2
    whole, part = divmod(amount_minor, 10**exponent)
    number = f"{whole:,}" + (f".{part:02}" if part else "")
    symbol = SYMBOLS.get(currency, currency)
    if symbol in {"$", "€", "£"}:
        return symbol + number
    return number.replace(",", "\u00a0").replace(".", ",") + f"\u00a0{symbol}"


def _words(offer: Offer, locale: Locale) -> tuple[str, str, str] | None:
    """Nominative, accusative and the bare value."""
    if offer.gift is not None:
        gift = _as_entered(offer.gift)
        if gift is None:
            return None
        gift = _lower_first(gift)
        return *_gift(gift, locale), gift
    if offer.percent is not None and 0 < offer.percent <= 100:
        value = f"{offer.percent}%"
    elif offer.amount_minor is not None and offer.amount_minor > 0 and offer.currency:
        value = say_money(offer.amount_minor, offer.currency)
    else:
        return None
    if locale is Locale.RU:
        return f"скидка {value}", f"скидку {value}", value
    return f"{value} off", f"{value} off", value


def _gift(gift: str, locale: Locale) -> tuple[str, str]:
    """Called and given: «маска для волос в подарок» where the company wrote a nominative.

    Else with a colon, which goes with any form; as it is where it says itself that it is a gift.
    """
    if "подар" in gift.lower() or "gift" in gift.lower():
        return gift, gift
    with_colon = GIFT[locale] + gift
    is_nominative = locale is Locale.RU and _starts_in_nominative(gift)
    return f"{gift} в подарок" if is_nominative else with_colon, with_colon


def _starts_in_nominative(gift: str) -> bool:
    for word in gift.lower().split():
        if russian.has_reading(word, "ADJF", "nomn"):
            continue
        return russian.has_reading(word, "NOUN", "nomn")
    return False


def _as_entered(text: str | None) -> str | None:
    """What the company wrote, on one line; None where it would break the message around it."""
    line = " ".join((text or "").split()).rstrip(" .!,;:…")
    if not line or re.search(r"[?{}\[\]<>*_~`|\\]|https?:|www\.", line) or not line.isprintable():
        return None
    return re.sub(r"\s+([,.;:!])", r"\1", line)


def _lower_first(text: str) -> str:
    is_word = len(text) > 1 and text[1].islower()
    return text[0].lower() + text[1:] if is_word or len(text.split(maxsplit=1)[0]) == 1 else text
