"""Templates: how they are stored, and how slots and optional parts become a sentence."""

import re
import tomllib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from vernis.domain import Address, Band, Gender, Locale, Tone

SLOT = re.compile(r"\{(\w+)\}")
# Where the line about opting out stands if not before the question.
HERE = "^"
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

    def with_times(
        self, locale: Locale, address: Address, gender: Gender | None, count: int
    ) -> str:
        """The form that offers `count` free times ({times}) and asks about them."""
        form = "text" if locale is Locale.EN else str(address)
        return _with_times(self.id, self.text(locale, address, gender), locale, form, count > 1)


@lru_cache(maxsize=2_000)
def _with_times(id_: str, text: str, locale: Locale, form: str, several: bool) -> str:
    body = text.split("|", maxsplit=1)[0]
    endings = [ending[form] for ending in _stored(locale)["times"]["many" if several else "one"]]
    fresh = [ending for ending in endings if not _repeats(body, ending)] or endings
    ending: str = fresh[zlib.crc32(id_.encode()) % len(fresh)]
    if "{visit}" in body or "{service}" in body:
        ending = re.sub(r"\[[^\[\]]*\{service\}[^\[\]]*\]", "", ending)
    return f"{body}{HERE}{ending}"


def _repeats(body: str, ending: str) -> bool:
    """«Есть время» does not follow a sentence about «время», "We can" no other "We can"."""
    opening = re.split(r"[{\[]", ending, maxsplit=1)[0].strip()
    stems = ("врем", "запис", "time", "see you", opening)
    return any(stem.lower() in body.lower() and stem in ending for stem in stems)


@lru_cache(maxsize=4)
def templates(locale: Locale) -> dict[tuple[Band, Tone], tuple[Template, ...]]:
    """All templates of a language, read once from the packaged file."""
    tones = _stored(locale)
    return {
        (band, tone): tuple(
            Template(id=row["id"], texts={k: v for k, v in row.items() if k != "id"})
            for row in tones[tone][band]
        )
        for band in Band
        for tone in Tone
    }


@lru_cache(maxsize=4)
def _stored(locale: Locale) -> dict[str, Any]:
    source = files("vernis.decide.writing").joinpath(f"templates_{locale}.toml")
    return tomllib.loads(source.read_text(encoding="utf-8"))


def render(text: str, slots: Mapping[str, str], opt_out: str | None = None) -> str:
    """Fill the slots, leave out the parts whose slots are not known, put in the opt-out line.

    The line stands before the question, so that the message still ends with it, or before the
    free times that the question is about.
    """
    text = PART.sub(lambda part: part[1] if _is_known(part[1], slots) else "", text)
    line = f" {opt_out} " if opt_out is not None else ""
    text = text.replace("|", "").replace(HERE, line) if HERE in text else text.replace("|", line)
    text = " ".join(text.split())
    text = re.sub(SLOT, lambda slot: slots[slot[1]], text)
    return text[:1].upper() + text[1:]


def _is_known(part: str, slots: Mapping[str, str]) -> bool:
    return all(name in slots for name in _names(part))


@lru_cache(maxsize=2_000)
def _names(part: str) -> tuple[str, ...]:
    return tuple(SLOT.findall(part))
