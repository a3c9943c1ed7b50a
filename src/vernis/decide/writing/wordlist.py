"""Alternatives of a pattern by language, compiled when they are first looked for."""

import re
from functools import lru_cache

from vernis.domain import Locale


class WordList:
    """Each line holds one alternative of a regular expression, or several with `|` between them.

    They are looked for in lower-case text, «е» for «ё».
    """

    def __init__(self, *, ru: str, en: str) -> None:
        self.sources = {Locale.RU: ru, Locale.EN: en}

    def search(self, text: str, locale: Locale) -> re.Match[str] | None:
        """The first alternative found."""
        return _compiled(self.sources[locale]).search(text)

    def opens(self, text: str, locale: Locale) -> bool:
        """Does the text begin with one of them?"""
        return _compiled(self.sources[locale]).match(text) is not None

    def is_in(self, text: str, locale: Locale) -> bool:
        return self.search(text, locale) is not None

    def without(self, text: str, locale: Locale) -> str:
        """The text with each of them taken out."""
        return _compiled(self.sources[locale]).sub(" ", text)


@lru_cache(maxsize=100)
def _compiled(source: str) -> re.Pattern[str]:
    lines = (line.strip().rstrip("|") for line in source.strip().splitlines())
    return re.compile("|".join(line for line in lines if line))
