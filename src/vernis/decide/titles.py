"""A service's title as a CRM holds it -> the words that people say, or None.

«МУЖСКАЯ СТРИЖКА // ТОП-МАСТЕР» -> «мужская стрижка», «на мужскую стрижку»;
"Women's hair cut" -> "a women's haircut". Only words of a closed list are said: everything else
in a title is dropped where what remains is still true and whole, or else nothing is said.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from vernis.decide import russian, service_words
from vernis.domain import Locale

LONGEST = 40

# Latin letters that look Cyrillic, met inside Cyrillic words.
HOMOGLYPHS = str.maketrans("aceopxykmthbu", "асеорхукмтнви")
BRACKETS = re.compile(r"\([^()]*\)?|\[[^\[\]]*\]?|\{[^{}]*\}?|<[^<>]*>?")
PARTS = re.compile(r"//|[|/\\+&,;:•·—–\n]|\s-\s|\s+и\s+|\s+плюс\s+|\.\s+(?=[а-яё]{5,})")
WORD = re.compile(r"[а-яё]+(?:-[а-яё]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service in words: Russian `called` «мужская стрижка», `wanted` «мужскую стрижку».

    English has the article in both: "a women's haircut".
    """

    called: str
    wanted: str


@lru_cache(maxsize=20_000)
def say_title(raw: str | None, locale: Locale = Locale.RU) -> Service | None:
    """The service in words, None where they are not certain."""
    if raw is None or not raw.strip() or len(raw) > 200:
        return None
    text = unicodedata.normalize("NFKC", raw).lower().replace("’", "'").replace("`", "'")
    return _russian(text) if locale is Locale.RU else _english(text)


def _russian(text: str) -> Service | None:
    text = re.sub(r"\bspa\b", "спа", text)
    text = re.sub(r"[а-яёa-z]*[а-яё][а-яёa-z]*", lambda m: m[0].translate(HOMOGLYPHS), text)
    text = BRACKETS.sub(" ", text)
    words = WORD.findall(text)
    stops = service_words.STOP | (frozenset() if "+" in text else service_words.STOP_ALONE)
    if stops & set(words) or re.match(r"\s*\+", text):
        return None
    text = re.sub(r"\b([а-яё]+)\.(?=\s|$|[а-яё])", _abbreviation, text)
    found = [service for part in PARTS.split(text) if (service := _phrase(part)) is not None]
    main = [s for s in found if _head(s) not in service_words.SECONDARY] or found[:1]
    if not main:
        return None
    if len(main) == 2 and re.search(r"\+|&|\sи\s|\sплюс\s", text):
        both = _both(*main)
        if both is not None:
            return both
    return main[0] if len(main[0].wanted) <= LONGEST else None


def _abbreviation(match: re.Match[str]) -> str:
    return service_words.ABBREVIATIONS.get(match[1], match[1]) + " "


def _head(service: Service) -> str:
    return next(r for word in service.called.split() if (r := _root(word)) in service_words.HEADS)


def _both(first: Service, second: Service) -> Service | None:
    """«стрижка и укладка», where it stays short."""
    called = f"{first.called} и {second.called}"
    if _head(first) == _head(second) or len(called) > LONGEST:
        return None
    return Service(called=called, wanted=f"{first.wanted} и {second.wanted}")


def _phrase(part: str) -> Service | None:
    """One part of a title: adjectives, head and tail in the order that people say them."""
    part = re.sub(r"\b(спа|экспресс|смарт)\s+(?=[а-яё])", r"\1-", part)
    words = re.findall(r"[а-яё]+(?:-[а-яё]+)*|[^\s]+", part)
    for at, word in enumerate(words):
        head, plural = _as_head(word, is_first=at == 0 or _is_adjective(words[at - 1]))
        if head is None:
            continue
        if any(russian.has_reading(w, "PREP") or _is_noun(w) for w in words[:at]):
            return None
        gender = service_words.HEADS[_root(head)]
        before, _ = _adjectives(words[:at], gender, plural=plural)
        after, length = _adjectives(words[at + 1 :], gender, plural=plural, only_leading=True)
        tail = _tail(_root(head), words[at + 1 + length :])
        adjectives = list(dict.fromkeys(before + after))[:2]
        if _root(head) in service_words.NEEDS_TAIL and not adjectives and not tail:
            return None
        nominative = [*adjectives, head]
        return Service(
            called=" ".join([*nominative, *tail]),
            wanted=" ".join([*map(russian.accusative, nominative), *tail]),
        )
    return None


def _root(head: str) -> str:
    """«экспресс-маникюр» -> «маникюр»."""
    return head if head in service_words.HEADS else head.rsplit("-", 1)[-1]


def _as_head(word: str, *, is_first: bool) -> tuple[str | None, bool]:
    """The head that this word is, and whether it stood in the plural («мужские стрижки»)."""
    if word in service_words.HEADS:
        return word, False
    if re.match(r"(?:спа|экспресс|смарт)-", word) and _root(word) in service_words.HEADS:
        return word, False
    if is_first and word not in service_words.HEADS:
        for parse in russian.parses(word) if WORD.fullmatch(word) else ():
            lemma = parse.normal_form
            if lemma in service_words.HEADS and {"plur", "nomn"} <= set(parse.tag.grammemes):
                return lemma, True
    return None, False


def _is_adjective(word: str) -> bool:
    return any(p.tag.POS in {"ADJF", "PRTF"} for p in russian.parses(word)[:1])


def _is_noun(word: str) -> bool:
    return russian.has_reading(word, "NOUN") and not russian.has_reading(word, "ADJF")


def _adjectives(
    words: list[str], gender: str, *, plural: bool, only_leading: bool = False
) -> tuple[list[str], int]:
    """The adjectives that agree with the head, and how many words were read for them."""
    said: list[str] = []
    for count, word in enumerate(words):
        form = _adjective(word, gender, plural=plural)
        if form is not None:
            said.append(form)
        elif only_leading:
            return said, count
    return said, len(words)


def _adjective(word: str, gender: str, *, plural: bool) -> str | None:
    if word in service_words.ABBREVIATIONS.values():
        # An abbreviation («муж.») stands for whichever form agrees.
        return russian.adjective(_inflected(word, gender), gender)
    if not WORD.fullmatch(word):
        return None
    form = russian.adjective(word, gender, plural=plural)
    known = form is not None and _inflected(form, "masc") in service_words.ADJECTIVES
    return form if known else None


def _inflected(word: str, gender: str) -> str:
    for parse in russian.parses(word):
        if parse.tag.POS in {"ADJF", "PRTF"}:
            form = parse.inflect({"nomn", "sing", gender})
            return str(form.word) if form is not None else word
    return word


def _tail(head: str, words: list[str]) -> list[str]:
    for length in (4, 3, 2, 1):
        tail = " ".join(words[:length])
        if len(words) < length or tail not in service_words.TAILS:
            continue
        if head == "уход" and not tail.startswith(("за ", "для ")):
            return []
        return service_words.SAID_TAILS.get(tail, tail).split()
    return []


def _english(text: str) -> Service | None:
    text = re.sub(r"&|\+", " and ", BRACKETS.sub(" ", text))
    text = re.sub(r"\b(hair|eye)\s*-?\s*(cut|lash|brow)(s?)\b", r"\1\2\3", text)
    if service_words.ENGLISH_STOP & set(re.findall(r"[a-z][a-z'-]*", text)):
        return None
    for part in re.split(r"//|[|/\\,;:•·—–\n]|\s-\s", text):
        words = re.findall(r"[a-z]+'?[a-z]*", part.replace("-", " "))
        said = _english_phrase([w for w in words if w])
        if said is not None:
            return Service(called=said, wanted=said)
    return None


def _english_phrase(words: list[str]) -> str | None:
    for length in (4, 3, 2, 1):
        for at in range(len(words) - length + 1):
            said = service_words.ENGLISH.get(" ".join(words[at : at + length]))
            if said is None:
                continue
            rest = words[:at] + words[at + length :]
            whose = {service_words.ENGLISH_FOR[w] for w in rest if w in service_words.ENGLISH_FOR}
            if len(whose) == 1 and said.startswith("a ") and "hair" in said:
                return f"a {whose.pop()} {said[2:]}"
            return said
    return None
