"""Russian words: what a dictionary says of one, and the forms that it is certain of.

A form is returned only where the dictionary (pymorphy3, OpenCorpora) knows the word; for names
it must also agree with the ending that the rule of the school grammar gives.
"""

import re
from functools import lru_cache
from typing import Any, Literal

from vernis.domain import Gender

Case = Literal["gent", "datv", "accs", "ablt"]

# Names whose stem changes: genitive, dative, accusative, instrumental.
IRREGULAR: dict[str, tuple[str, str, str, str]] = {
    "лев": ("льва", "льву", "льва", "львом"),
    "павел": ("павла", "павлу", "павла", "павлом"),
    "петр": ("петра", "петру", "петра", "петром"),
    "пётр": ("петра", "петру", "петра", "петром"),
    "любовь": ("любови", "любови", "любовь", "любовью"),
}
CASES: tuple[Case, ...] = ("gent", "datv", "accs", "ablt")


@lru_cache(maxsize=1)
def _analyzer() -> Any:
    import pymorphy3

    return pymorphy3.MorphAnalyzer()


@lru_cache(maxsize=20_000)
def parses(word: str) -> tuple[Any, ...]:
    """The readings of a lower-case word, best first; `()` for a word of another alphabet."""
    return tuple(p for p in _analyzer().parse(word) if p.tag.POS is not None)


@lru_cache(maxsize=20_000)
def is_known(word: str) -> bool:
    """Is this word, in this form, in the dictionary?"""
    return bool(_analyzer().word_is_known(word))


def has_reading(word: str, *grammemes: str) -> bool:
    """Does the dictionary give the word a reading with all of these grammemes?"""
    wanted = set(grammemes)
    return is_known(word) and any(wanted <= set(p.tag.grammemes) for p in parses(word))


@lru_cache(maxsize=5_000)
def adjective(word: str, gender: str, *, plural: bool = False) -> str | None:
    """The nominative of an adjective in `gender` (masc, femn, neut), if `word` agrees with it.

    `plural`: the word must be plural («мужские») and is put into the singular.
    """
    number = {"plur"} if plural else {"sing", gender}
    for parse in parses(word):
        if parse.tag.POS in {"ADJF", "PRTF"} and {"nomn", *number} <= set(parse.tag.grammemes):
            form = parse.inflect({"nomn", "sing", gender})
            return str(form.word) if form is not None else None
    return None


def accusative(word: str) -> str:
    """The accusative of an inanimate word given in the nominative singular.

    Only the feminine in -а, -я changes (стрижка, мужская); the masculine and neuter never do.
    """
    for ending, other in (("ая", "ую"), ("яя", "юю"), ("а", "у"), ("я", "ю")):
        if word.endswith(ending):
            return word.removesuffix(ending) + other
    return word


def nominative(word: str) -> str:
    """The nominative of a feminine word given in the accusative singular (маску, бесплатную)."""
    for ending, other in (("ую", "ая"), ("юю", "яя"), ("у", "а"), ("ю", "я")):
        if word.endswith(ending):
            return word.removesuffix(ending) + other
    return word


@lru_cache(maxsize=5_000)
def decline_name(name: str, gender: Gender | None, case: Case) -> str | None:
    """«Анна» -> «Анне» (datv), «Анны» (gent): None where the form is not certain."""
    word = name.lower()
    irregular = IRREGULAR.get(word)
    expected = irregular[CASES.index(case)] if irregular else _by_rule(word, gender, case)
    if expected is None or "-" in word:
        return None
    for parse in parses(word):
        if {"Name", "nomn", "sing"} <= set(parse.tag.grammemes):
            form = parse.inflect({case, "sing"})
            if form is not None and _plain(form.word) == _plain(expected):
                return expected.capitalize()
    return None


def _by_rule(word: str, gender: Gender | None, case: Case) -> str | None:
    """The ending that the rule gives; consonants decline only in men's names."""
    at = CASES.index(case)
    if word.endswith("ия"):
        return word[:-1] + ("и", "и", "ю", "ей")[at]
    if word.endswith("я"):
        return word[:-1] + ("и", "е", "ю", "ей")[at]
    if word.endswith("а"):
        is_soft = word[-2:-1] in "жшщчц"
        genitive = "и" if word[-2:-1] in "гкхжшщч" else "ы"
        return word[:-1] + (genitive, "е", "у", "ей" if is_soft else "ой")[at]
    if gender is not Gender.MALE:
        return None
    if word.endswith(("й", "ь")):
        return word[:-1] + ("я", "ю", "я", "ем")[at]
    if not re.search(r"[бвгджзклмнпрстфхцчшщ]$", word):
        return None
    return word + ("а", "у", "а", "ем" if word[-1] in "жшщчц" else "ом")[at]


def _plain(word: str) -> str:
    return word.replace("ё", "е")
