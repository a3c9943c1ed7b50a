"""Russian words: what a dictionary says of one, and the forms that it is certain of.

A form is returned only where the dictionary (pymorphy3, OpenCorpora) knows the word; for names
it must also agree with the ending that the rule of the school grammar gives.
"""

import re
from functools import lru_cache
from typing import Any, Literal

from vernis.domain import Gender

Case = Literal["gent", "datv"]

IRREGULAR: dict[Case, dict[str, str]] = {
    "gent": {
        "лев": "льва",
        "павел": "павла",
        "петр": "петра",
        "пётр": "петра",
        "любовь": "любови",
    },
    "datv": {
        "лев": "льву",
        "павел": "павлу",
        "петр": "петру",
        "пётр": "петру",
        "любовь": "любови",
    },
}


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


@lru_cache(maxsize=5_000)
def decline_name(name: str, gender: Gender | None, case: Case) -> str | None:
    """«Анна» -> «Анне» (datv), «Анны» (gent): None where the form is not certain."""
    word = name.lower()
    expected = IRREGULAR[case].get(word) or _by_rule(word, gender, case)
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
    if word.endswith("ия"):
        return word[:-1] + "и"
    if word.endswith("я"):
        return word[:-1] + ("е" if case == "datv" else "и")
    if word.endswith("а"):
        return word[:-1] + ("е" if case == "datv" else "и" if word[-2:-1] in "гкхжшщч" else "ы")
    if gender is not Gender.MALE:
        return None
    if word.endswith(("й", "ь")):
        return word[:-1] + ("ю" if case == "datv" else "я")
    if not re.search(r"[бвгджзклмнпрстфхцчшщ]$", word):
        return None
    return word + ("у" if case == "datv" else "а")


def _plain(word: str) -> str:
    return word.replace("ё", "е")
