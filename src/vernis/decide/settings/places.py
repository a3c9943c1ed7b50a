"""A company's name as it is stored -> as it introduces itself in a message."""

import re
import unicodedata
from functools import lru_cache

from vernis.domain import Locale

LONGEST = 32
_KINDS = """
    салон студия барбершоп клиника центр парикмахерская кабинет клуб мастерская школа спа-салон
    имидж-студия ногтевая стоматология косметология фотостудия фитнес-клуб автосервис
    """
KINDS = frozenset(_KINDS.split())


@lru_cache(maxsize=2_000)
def say_company(raw: str, locale: Locale) -> str | None:
    """«Салон красоты "Лилия"» -> «салон красоты «Лилия»»; None where nothing is left to say."""
    text = "".join(c for c in unicodedata.normalize("NFC", raw) if _is_sayable(c))
    text = re.sub(r"\s+([,.;:!%)»])", r"\1", " ".join(text.split()))
    text = re.sub(r"^(?:ООО|ЗАО|АО|ОАО)\s+", "", text).strip(" .,;:!-–—|/")
    text = _quoted(_short(text), locale)
    if not any(c.isalnum() for c in text):
        return None
    return text


def _is_sayable(char: str) -> bool:
    return char == " " or (
        unicodedata.category(char)[0] in "LNPS"
        and unicodedata.category(char) not in {"So", "Sk", "Lm"}
        and char not in "?{}[]<>*_~`|\\"
    )


def _short(text: str) -> str:
    """The quoted part or the first words of a name that is too long to introduce oneself with."""
    if len(text) <= LONGEST:
        return text
    inner = re.search(r"[«\"“„]([^«»\"“”„]{2,30})[»\"”“]", text)
    if inner:
        return inner[1].strip()
    cut = text[: LONGEST + 1].rsplit(" ", 1)[0][:LONGEST]
    return re.sub(r"[«\"“„»”(]", "", cut).strip(" .,;:!-–—|/&+")


def _quoted(text: str, locale: Locale) -> str:
    if locale is Locale.EN:
        return text.strip('"“”«»')
    text = re.sub(r"[\"“„]([^\"“”„]+)[\"”“]", r"«\1»", text)
    text = re.sub(r"[\"“”„]", "", text)
    first = text.split()[0] if text else ""
    if first.lower() in KINDS and (first.istitle() or first.islower()):
        return first.lower() + text[len(first) :]
    if "«" in text or "»" in text or not re.search(r"[а-яё]", text, re.IGNORECASE):
        return text
    return f"«{text}»"
