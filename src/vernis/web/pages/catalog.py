"""What pages say, in Russian: catalogs in `locale/ru`, one for each part of the pages.

Texts are written in English, in templates and in `N_(...)`; a text without a translation is shown
in English, and a test finds it.
"""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from vernis.domain import Locale

FOLDER = Path(__file__).parents[1] / "locale"


@dataclass(frozen=True, slots=True)
class Texts:
    """gettext's functions over the catalogs of one language."""

    one: dict[str, str] = field(default_factory=dict)
    many: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def gettext(self, text: str) -> str:
        return self.one.get(text, text)

    def ngettext(self, text: str, plural: str, number: int) -> str:
        forms = self.many.get(text)
        return forms[russian_form(number)] if forms else text if number == 1 else plural


def N_(text: str) -> str:  # noqa: N802 (what gettext calls it)
    """Marks a text that is translated where it is shown."""
    return text


def russian_form(number: int) -> int:
    """Which of three forms: 1 клиент, 2 клиента, 5 клиентов (CLDR)."""
    last, tens = abs(number) % 10, abs(number) % 100
    if last == 1 and tens != 11:
        return 0
    return 1 if 2 <= last <= 4 and not 12 <= tens <= 14 else 2


@cache
def texts(locale: Locale) -> Texts:
    """All catalogs of a language, read once."""
    found = Texts()
    if locale is Locale.EN:
        return found
    from babel.messages.pofile import read_po

    for path in sorted((FOLDER / locale.value).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=locale.value):
                if not message.id or not message.string:
                    continue
                if isinstance(message.id, (tuple, list)):
                    found.many[message.id[0]] = tuple(message.string)
                else:
                    found.one[message.id] = str(message.string)
    return found
