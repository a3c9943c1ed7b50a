"""The words that a language model may use beside the given ones.

The checks name what must not be said; nobody can name all of it. What a model writes is therefore
also held to a list of what an invitation needs. A person's and a template's words are not.
"""

import re
from functools import lru_cache
from importlib.resources import files

from vernis.decide.writing import russian
from vernis.decide.writing.templates import SLOT, templates
from vernis.decide.writing.wording import without_facts, word
from vernis.domain import Locale, MessageFacts

# Parts of speech that state nothing (pymorphy's names).
SMALL = frozenset({"PREP", "CONJ", "PRCL", "NPRO"})


def unusual(text: str, facts: MessageFacts) -> list[str]:
    """The words of the text that are neither given nor on the list, each once, in their order."""
    wording = word(facts)
    service = f"{wording.service.called} {wording.service.wanted}" if wording.service else ""
    own = _words(without_facts(text, facts, wording), facts.locale)
    # the client's service may be said in any of its forms
    known = {_root(found, facts.locale) for found in _words(service, facts.locale)}
    return [
        found
        for found in dict.fromkeys(own)
        if not _is_usual(found, facts.locale) and _root(found, facts.locale) not in known
    ]


def _words(text: str, locale: Locale) -> list[str]:
    letters = r"[а-я]+(?:-[а-я]+)*" if locale is Locale.RU else r"[a-z]+"
    return re.findall(letters, text.lower().replace("ё", "е"))


@lru_cache(maxsize=20_000)
def _is_usual(found: str, locale: Locale) -> bool:
    listed = _listed(locale)
    if locale is Locale.EN:
        return found in listed
    parses = russian.parses(found)
    if any(parse.normal_form.replace("ё", "е") in listed for parse in parses):
        return True
    return bool(parses) and parses[0].tag.POS in SMALL


@lru_cache(maxsize=20_000)
def _root(found: str, locale: Locale) -> str:
    """«стрижке» -> «стрижка»; "haircuts" -> "haircut"."""
    if locale is Locale.EN:
        return found.removesuffix("s")
    parses = russian.parses(found)
    return str(parses[0].normal_form).replace("ё", "е") if parses else found


@lru_cache(maxsize=2)
def _listed(locale: Locale) -> frozenset[str]:
    """The packaged list, and all that our own templates say."""
    source = files("vernis.decide.writing").joinpath(f"vocabulary_{locale}.txt").read_text("utf-8")
    lines = [line for line in source.splitlines() if not line.startswith("#")]
    listed = set(" ".join(lines).replace("ё", "е").split())
    for group in templates(locale).values():
        for text in (text for template in group for text in template.texts.values()):
            said = _words(SLOT.sub(" ", text), locale)
            listed |= {_root(word, locale) for word in said} | set(said)
    return frozenset(listed)
