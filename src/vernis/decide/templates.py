"""Templates: how they are stored, and how slots and optional parts become a sentence."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from vernis.domain import Address, Band, Gender, Locale

SLOT = re.compile(r"\{(\w+)\}")
PART = re.compile(r"\[([^\[\]]*)\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One message in all its forms. `texts` has `vy`, `ty`, `ty_female`, `ty_male` or `text`."""

    id: str
    texts: Mapping[str, str]

    def text(self, locale: Locale, address: Address, gender: Gender | None) -> str:
        """The form for this client; a gendered one only where the gender is certain."""
        if locale is Locale.EN:
            return self.texts["text"]
        gendered = f"{address}_{gender}" if gender is not None else ""
        return self.texts.get(gendered) or self.texts[address]


@lru_cache(maxsize=4)
def templates(locale: Locale) -> dict[Band, tuple[Template, ...]]:
    """All templates of a language, read once from the packaged file."""
    source = files("vernis.decide").joinpath(f"templates_{locale}.toml")
    bands = tomllib.loads(source.read_text(encoding="utf-8"))
    return {
        band: tuple(
            Template(id=row["id"], texts={k: v for k, v in row.items() if k != "id"})
            for row in bands[band]
        )
        for band in Band
    }


def render(text: str, slots: Mapping[str, str], opt_out: str | None = None) -> str:
    """Fill the slots, leave out the parts whose slots are not known, put in the opt-out line.

    The line stands before the question, so that the message still ends with it.
    """
    text = PART.sub(lambda part: part[1] if _is_known(part[1], slots) else "", text)
    body, question = text.split("|")
    if opt_out is not None:
        body = f"{body.rstrip()} {opt_out} "
    text = " ".join((body + question).split())
    text = re.sub(SLOT, lambda slot: slots[slot[1]], text)
    return text[:1].upper() + text[1:]


def _is_known(part: str, slots: Mapping[str, str]) -> bool:
    return all(name in slots for name in SLOT.findall(part))
