"""Phones as people type them -> E.164 digits without a plus."""

import re
from decimal import Decimal
from functools import lru_cache

_SEPARATORS = str.maketrans("", "", " \t\u00a0\u202f()-\u2010\u2011\u2012\u2013.")
# Numbers in 9300 are partly unassigned; every other 9xxxxxxxxx is a Russian mobile.
_RU_MOBILE = re.compile(r"(?:\+?7|8)?(9(?!300)[0-9]{9})")
# Barbados and Jamaica (246, 658, 876) are the only ones whose last four digits matter.
_NANP = re.compile(r"(?:\+?1)?((?!246|658|876)[2-9][0-9]{2}[2-9][0-9]{2})([0-9]{4})")
_RUN = re.compile(r"\+?[0-9][0-9\s().\u2010-\u2013-]{4,}[0-9]")
_DECIMAL = re.compile(r"([0-9]+)\.0+")
_SCIENTIFIC = re.compile(r"[0-9](?:\.[0-9]+)?[eE]\+?[0-9]{1,2}")

_JID = re.compile(r"([0-9]+)(?::[0-9]+)?@(?:c\.us|s\.whatsapp\.net)")
_WRITTEN = re.compile(r"\+?[0-9\s().\u2010-\u2013-]+")


def e164(raw: str, *, country: str) -> str | None:
    """The number as E.164 digits without a plus; None where `raw` holds no valid number.

    `country` (ISO 3166, `RU`) is used where the number does not name one itself. Validity is
    that of Google's libphonenumber, except that ten equal digits are a placeholder. Of several
    numbers in one cell the first valid one counts; an extension is dropped; what a spreadsheet
    made of a number (`79001234567.0`, `7.9001234567E+10`) is undone where no digit was lost.
    """
    bare = raw.translate(_SEPARATORS)
    if match := _RU_MOBILE.fullmatch(bare):
        if country == "RU" or bare.startswith("+7"):
            return "7" + match[1] if len(set(match[1])) > 1 else None
    elif (match := _NANP.fullmatch(bare)) and (country in {"US", "CA"} or bare.startswith("+1")):
        return "1" + match[1] + match[2] if _nanp_block(match[1]) else None
    return _parsed(raw, country.upper())


def contract_phone(raw: str) -> str | None:
    """A number as the Redis contract names it: 7 to 15 E.164 digits, else None.

    Without a plus, Russian habits are read: `8 900 123-45-67` and `9001234567` are
    `79001234567`. A number with a plus and a WhatsApp id (`79001234567@c.us`) name their
    country. A LID (`@lid`) or a group is no phone.
    """
    text = raw.strip()
    jid = _JID.fullmatch(text)
    if not jid and not _WRITTEN.fullmatch(text):
        return None
    international = bool(jid) or text.startswith("+")
    digits = jid[1] if jid else re.sub(r"[^0-9]", "", text)
    # No country code starts with 89: that is the Russian trunk 8, whatever stands before it.
    if len(digits) == 11 and digits.startswith("89"):
        digits = "7" + digits[1:]
    elif not international:
        if len(digits) == 10 and digits.startswith("9"):
            digits = "7" + digits
        elif len(digits) == 11 and digits[0] == "8" and digits[1] in "3478":
            digits = "7" + digits[1:]
    return digits if 7 <= len(digits) <= 15 and digits[0] != "0" else None


@lru_cache(maxsize=1 << 14)
def _nanp_block(block: str) -> bool:
    """Whether numbers +1 NPA NXX xxxx exist."""
    return _parsed(f"+1{block}0199", "US") is not None


@lru_cache(maxsize=1 << 16)
def _parsed(raw: str, country: str) -> str | None:
    text = raw.strip()
    if match := _DECIMAL.fullmatch(text):
        text = match[1]
    elif _SCIENTIFIC.fullmatch(text):
        number = Decimal(text)
        if number.as_tuple().exponent != 0:
            return None  # the digits after the mantissa are lost
        text = f"{number:f}"
    return _valid(text, country) or next(
        (found for run in _RUN.findall(text) if (found := _valid(run, country))), None
    )


def _valid(text: str, country: str) -> str | None:
    import phonenumbers

    digits = re.sub(r"[^0-9]", "", text)
    # A foreign number whose plus was lost. Shorter ones are rather a slip in a national number.
    plus_lost = len(digits) >= 12 or (len(digits) == 11 and digits[0] in "17")
    for candidate in (text, f"+{digits}") if plus_lost else (text,):
        try:
            number = phonenumbers.parse(candidate, country)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number) and len(set(str(number.national_number))) > 1:
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)[1:]
    return None
