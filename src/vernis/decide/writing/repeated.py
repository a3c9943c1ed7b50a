"""Does a text say again what the same client was told lately?"""

import re
from functools import lru_cache

from vernis.domain import Locale

# Templates of one band measured against each other: see tests/decide/test_repeated.py.
ALIKE = 80.0

OPENING = {
    Locale.RU: re.compile(r"\b(?:здравствуй(?:те)?|привет|добрый день|это|на связи|вам пишет)\b"),
    Locale.EN: re.compile(r"\b(?:hi|hello|hey|it's|this is|here)\b"),
}


def likeness(one: str, other: str, locale: Locale) -> float:
    """0 to 100, of two texts whose facts are blotted out; greetings do not count."""
    from rapidfuzz import fuzz

    return float(fuzz.ratio(_bare(one, locale), _bare(other, locale)))


@lru_cache(maxsize=4096)
def _bare(text: str, locale: Locale) -> str:
    words = re.sub(r"[^\w'-]+", " ", text.lower().replace("ё", "е").replace("’", "'"))
    return " ".join(OPENING[locale].sub(" ", words).split())
