"""An offer in words: «скидка 10% до 5 декабря при чеке от 2 000 ₽», "a gift: hair mask"."""

import re
from dataclasses import dataclass
from datetime import date

from vernis.decide.writing import russian
from vernis.decide.writing.free_times import say_last_day
from vernis.domain import Locale, Offer

# Longer than this and no band has room for it beside a name, a company and a question.
LONGEST = 90
SYMBOLS = {"RUB": "₽", "USD": "$", "CAD": "$", "AUD": "$", "EUR": "€", "GBP": "£", "KZT": "₸"}
SYMBOLS |= {"UAH": "₴", "GEL": "₾", "AMD": "֏", "TRY": "₺", "ILS": "₪", "BYN": "BYN"}
GIFT = {Locale.RU: "подарок: ", Locale.EN: "a gift: "}
WITHOUT_MINOR_UNITS = frozenset({"JPY", "KRW", "VND", "CLP", "ISK", "PYG", "XAF", "XOF"})


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferWords:
    """`called` is the nominative, `given` the accusative, both with all that binds the offer.

    `value` is what is given (`wanted`: its accusative), `terms` the company's own words, `bounds`
    the last day and the least bill («до 5 декабря», «от 2 000 ₽»): a text that names the offer
    names all of them.
    """

    called: str
    given: str
    value: str
    wanted: str
    terms: str | None
    bounds: tuple[str, ...] = ()


def say_offer(offer: Offer | None, locale: Locale, on: date | None = None) -> OfferWords | None:
    """The offer in words, None where there is none or it cannot be said with all its terms.

    `on` is the company-local day of the message; an offer with a validity is not said without it,
    nor one with a floor whose currency is not known.
    """
    if offer is None:
        return None
    terms = _as_entered(offer.terms)
    bounds = _bounds(offer, locale, on)
    words = _words(offer, locale)
    if words is None or bounds is None or (terms is None and (offer.terms or "").strip()):
        return None
    called, given, value, wanted = words
    said_terms = _lower_first(terms) if terms else None
    called, given = (_with(form, bounds, said_terms) for form in (called, given))
    if len(called) > LONGEST:
        return None
    return OfferWords(
        called=called,
        given=given,
        value=value,
        wanted=wanted,
        terms=said_terms,
        bounds=tuple(re.sub(r"^при чеке |^on bills of | or more$", "", b) for b in bounds),
    )


def _with(form: str, bounds: list[str], terms: str | None) -> str:
    """«скидка 10% до 5 декабря при чеке от 2 000 ₽, только по будням»."""
    if bounds:
        form += (", " if ": " in form else " ") + " ".join(bounds)
    return f"{form}, {terms}" if terms else form


def say_money(amount_minor: int, currency: str) -> str:
    """Minor units as people write them: 150000, RUB -> «1 500 ₽» (no-break space), USD -> "$20"."""
    exponent = 0 if currency in WITHOUT_MINOR_UNITS else 2
    whole, part = divmod(amount_minor, 10**exponent)
    number = f"{whole:,}" + (f".{part:02}" if part else "")
    symbol = SYMBOLS.get(currency, currency)
    if symbol in {"$", "€", "£"}:
        return symbol + number
    return number.replace(",", "\u00a0").replace(".", ",") + f"\u00a0{symbol}"


def _bounds(offer: Offer, locale: Locale, on: date | None) -> list[str] | None:
    """How long and from which bill on, None where one of them is set and cannot be said."""
    found: list[str] = []
    if offer.valid_days is not None:
        last = say_last_day(on, offer.valid_days, locale)
        if last is None:
            return None
        found.append(last)
    if offer.floor_minor:
        if offer.floor_minor < 0 or not offer.currency:
            return None
        floor = say_money(offer.floor_minor, offer.currency)
        found.append(
            f"при чеке от {floor}" if locale is Locale.RU else f"on bills of {floor} or more"
        )
    return found


def _words(offer: Offer, locale: Locale) -> tuple[str, str, str, str] | None:
    """Nominative, accusative and the bare value in both."""
    if offer.gift is not None:
        gift = _as_entered(offer.gift)
        if gift is None:
            return None
        gift = _lower_first(gift)
        if locale is Locale.RU:
            gift = _nominative(gift)
        called, given = _gift(gift, locale)
        return called, given, gift, given.removesuffix(" в подарок").removeprefix(GIFT[locale])
    if offer.percent is not None and 0 < offer.percent <= 100:
        value = f"{offer.percent}%"
    elif offer.amount_minor is not None and offer.amount_minor > 0 and offer.currency:
        value = say_money(offer.amount_minor, offer.currency)
    else:
        return None
    if locale is Locale.RU:
        return f"скидка {value}", f"скидку {value}", value, value
    return f"{value} off", f"{value} off", value, value


def _gift(gift: str, locale: Locale) -> tuple[str, str]:
    """Called and given: «маска для волос в подарок», «маску для волос в подарок».

    With a colon, which goes with any form, where the form that the company wrote is not certain;
    as it is where it says itself that it is a gift.
    """
    if "подар" in gift.lower() or "gift" in gift.lower():
        return gift, gift
    wanted = _accusative(gift) if locale is Locale.RU else None
    if wanted is None:
        return GIFT[locale] + gift, GIFT[locale] + gift
    return f"{gift} в подарок", f"{wanted} в подарок"


def _nominative(gift: str) -> str:
    """«маску для волос» -> «маска для волос»; anything else as it is."""
    words = gift.split()
    for at, word in enumerate(words):
        if russian.has_reading(word, "ADJF", "accs", "femn"):
            continue
        is_wanted = russian.has_reading(word, "NOUN", "accs", "femn", "sing", "inan")
        if not is_wanted or russian.has_reading(word, "NOUN", "nomn"):
            return gift
        said = [russian.nominative(part) for part in words[: at + 1]]
        return " ".join([*said, *words[at + 1 :]])
    return gift


def _accusative(gift: str) -> str | None:
    """The accusative of a thing written in the nominative, None where that is not certain."""
    words = gift.split()
    for at, word in enumerate(words):
        if russian.has_reading(word.lower(), "ADJF", "nomn"):
            continue
        if not russian.has_reading(word.lower(), "NOUN", "nomn", "inan"):
            return None
        rest = words[at + 1 :]
        if set(rest) & {"при", "за", "от", "если", "к"}:
            return None  # «в подарок» would stand too far behind
        if set(rest) & {"и", "или", "+"} or any("," in w for w in rest):
            # Several things: only where each is the same in both cases.
            return gift if russian.accusative(gift) == gift and not _is_feminine(words) else None
        is_one = russian.has_reading(word.lower(), "NOUN", "nomn", "sing")
        head = words[: at + 1]
        return " ".join([*(map(russian.accusative, head) if is_one else head), *rest])
    return None


def _is_feminine(words: list[str]) -> bool:
    return any(russian.has_reading(w.strip(",").lower(), "NOUN", "nomn", "femn") for w in words)


def _as_entered(text: str | None) -> str | None:
    """What the company wrote, on one line; None where it would break the message around it."""
    line = " ".join((text or "").split()).rstrip(" .!,;:…")
    if not line or re.search(r"[?{}\[\]<>*_~`|\\]|https?:|www\.", line) or not line.isprintable():
        return None
    return re.sub(r"\s+([,.;:!])", r"\1", line)


def _lower_first(text: str) -> str:
    is_word = len(text) > 1 and text[1].islower()
    return text[0].lower() + text[1:] if is_word or len(text.split(maxsplit=1)[0]) == 1 else text
