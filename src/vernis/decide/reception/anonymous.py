"""A text without what tells who somebody is: phones, addresses of the net, names."""

import re
from collections.abc import Sequence
from functools import lru_cache

from vernis.decide.writing import russian

HIDDEN = "[…]"
_PHONE = re.compile(r"(?<!\w)\+?\d(?:[\s\u00a0().-]{0,3}\d){6,}(?!\w)")
_NET = re.compile(r"(?:https?://|www\.)\S+|\b[\w.+-]+@[\w-]+\.\w+|(?<!\w)@\w{3,}", re.IGNORECASE)
_ENDINGS = r"(?:а|я|у|ю|е|и|ы|ой|ей|ою|ею|ом|ем|ов|ев|ым|им|ого|его|ому|ему|ых|их|'s)?"
_CAPITAL = re.compile(r"\b[А-ЯЁ][а-яё]{2,}\b")
_WORD = re.compile(r"[^\W\d_]{2,}", re.UNICODE)


def anonymous(
    text: str, *, name: str | None, surname: str | None, said_as: str | None, placeholder: str
) -> str:
    """`text` as a language model may see it.

    `name` and `surname` are as in the CRM, `said_as` is how the client is greeted: it becomes the
    placeholder, every other word of the two is hidden, in whatever case, and so are surnames that
    the dictionary knows.
    """
    text = _PHONE.sub(HIDDEN, _NET.sub(HIDDEN, text))
    if said_as:
        text = _any_form([said_as]).sub(placeholder, text)
    greeted = set(_WORD.findall((said_as or "").lower()))
    others = [
        word
        for word in _WORD.findall(f"{name or ''} {surname or ''}")
        if word.lower() not in greeted and len(word) > 2
    ]
    if greeted:
        text = _any_form([word for word in greeted if len(word) > 2]).sub(placeholder, text)
    text = _any_form(others).sub(HIDDEN, text) if others else text
    return _CAPITAL.sub(lambda found: HIDDEN if _is_surname(found[0]) else found[0], text)


@lru_cache(maxsize=20_000)
def _is_surname(word: str) -> bool:
    """What the dictionary knows as a surname before anything else."""
    best = russian.parses(word.lower())[:1]
    return bool(best) and "Surn" in best[0].tag.grammemes


def _any_form(words: Sequence[str]) -> re.Pattern[str]:
    """Each word in any of its cases: «Марии», «Петровой»."""
    stems = [re.escape(re.sub(r"[аяйьеоы]$", "", word.lower())) for word in words]
    joined = "|".join(sorted(stems, key=len, reverse=True)) or r"(?!)"
    return re.compile(rf"(?<!\w)(?:{joined}){_ENDINGS}[йь]?(?!\w)", re.IGNORECASE)
