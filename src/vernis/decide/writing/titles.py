"""A service's title as a CRM holds it -> the words that people say, or None.

«МУЖСКАЯ СТРИЖКА // ТОП-МАСТЕР» -> «мужская стрижка», «на мужскую стрижку»;
"Women's hair cut" -> "a women's haircut". Only words of a closed list are said: everything else
in a title is dropped where what remains is still true and whole, or else nothing is said.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from vernis.decide.writing import russian, service_words
from vernis.domain import Locale

LONGEST = 40

# Latin letters that look Cyrillic, met inside Cyrillic words.
HOMOGLYPHS = str.maketrans("aceopxykmthbu", "асеорхукмтнви")
BRACKETS = re.compile(r"\([^()]*\)?|\[[^\[\]]*\]?|\{[^{}]*\}?|<[^<>]*>?")
PARTS = re.compile(r"//|[|/\\+&,;:•·—–\n]|\s-\s|\s+и\s+|\s+плюс\s+|\.\s+(?=[а-яё]{5,})")
WORD = re.compile(r"[а-яё]+(?:-[а-яё]+)*")
SPELLED = re.compile("|".join(service_words.SPELLING))
_PAIRED = "|".join(sorted(service_words.PAIRED))
PAIR = re.compile(rf"\b({_PAIRED})\s*(?:и|\+|&|/)\s*({_PAIRED})\b")


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
    text = SPELLED.sub(lambda m: service_words.SPELLING[m[0]], text)
    aside = " ".join(BRACKETS.findall(text))
    text = BRACKETS.sub(" ", text)
    if _is_no_service(text, aside):
        return None
    text = re.sub(r"\b([а-яё]+)\.(?=\s|$|[а-яё])", _abbreviation, text)
    text = PAIR.sub(r"\1-и-\2", text)
    group, colon, item = text.partition(":")
    if not colon:
        return _service(text)
    return _of_group(group.strip(), item.strip())


def _is_no_service(text: str, aside: str) -> bool:
    """Not something to invite to, or nothing that a stranger may read."""
    words = set(WORD.findall(text))
    stops = service_words.STOP | (frozenset() if "+" in text else service_words.STOP_ALONE)
    if service_words.STOP_IN_BRACKETS & set(WORD.findall(aside)):
        return True
    found = stops & words
    if found <= service_words.PRIVATE and service_words.PRIVATE_HEADS & words:
        found = frozenset()
    return bool(found) or re.match(r"\s*(?:\+|дизайн)", text) is not None


def _of_group(group: str, item: str) -> Service | None:
    """«Маникюр: европейский», «Брови: коррекция», «Стрижки: каре»."""
    of_part = service_words.OF_PART
    if group in of_part:
        found = _service(item)
        return None if found is None else _service(f"{item} {of_part[group]}", only=1) or found
    inside, outside = _mains(item), _mains(group)
    if inside and _head(inside[0]) not in service_words.SECONDARY:
        return _service(item)
    if len(outside) != 1:
        return _service(item)
    return _service(f"{outside[0].called} {of_part.get(item, item)}")


def _mains(text: str) -> list[Service]:
    found = [service for part in PARTS.split(text) if (service := _phrase(part)) is not None]
    return [s for s in found if _head(s) not in service_words.SECONDARY] or found[:1]


def _service(text: str, only: int = 2) -> Service | None:
    """The service that a title without brackets names, or two of them."""
    main = _mains(text)
    if not main:
        return None
    joined = re.search(r"\+|&|\sи\s|\sплюс\s", text) is not None
    if len(main) == 2 and only == 2 and joined:
        both = _both(*main)
        if both is not None:
            return both
    first = main[0]
    if len(main) == 1 and joined:
        first = _with_beside(first, text)
    return first if len(first.wanted) <= LONGEST else None


def _with_beside(service: Service, text: str) -> Service:
    """«стрижка + борода», «маникюр + покрытие»."""
    parts = [part.strip() for part in PARTS.split(text)]
    if service.called.endswith("стрижка") and "борода" in parts:
        return Service(called=f"{service.called} и борода", wanted=f"{service.wanted} и бороду")
    is_covered = any(re.match(r"покрытие\b|гель-лак\b", part) for part in parts)
    if _head(service) in {"маникюр", "педикюр"} and is_covered and "покрыти" not in service.called:
        return Service(
            called=f"{service.called} с покрытием", wanted=f"{service.wanted} с покрытием"
        )
    return service


def _abbreviation(match: re.Match[str]) -> str:
    return service_words.ABBREVIATIONS.get(match[1], match[1]) + " "


def _head(service: Service) -> str:
    heads = service_words.HEADS.keys() | service_words.PLURAL
    return next(r for word in service.called.split() if (r := _root(word)) in heads)


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
        if word in service_words.PLURAL:
            return Service(called=word, wanted=word)
        head, plural = _as_head(word, is_first=at == 0 or _is_adjective(words[at - 1]))
        if head is None:
            continue
        if any(russian.has_reading(w, "PREP") or _is_noun(w) for w in words[:at]):
            return None
        gender = service_words.HEADS[_root(head)]
        before, _ = _adjectives(words[:at], gender, plural=plural)
        after, length = _adjectives(words[at + 1 :], gender, plural=plural, only_leading=True)
        tail = _tail(_root(head), words[at + 1 + length :])
        rest = words[at + 1 + length + len(tail) :] if tail else []
        last, _ = _adjectives(rest, gender, plural=plural, only_leading=True)
        adjectives = list(dict.fromkeys(before + after + last))[:2]
        says_enough = adjectives or tail or re.match(r"(?:спа|экспресс)-", head)
        if _root(head) in service_words.NEEDS_TAIL and not says_enough:
            return None
        return _shortest_needed(adjectives, head, tail)
    return None


def _shortest_needed(adjectives: list[str], head: str, tail: list[str]) -> Service:
    """All of it, or what fits: the tail goes first, then the second adjective."""
    for before, after in ((adjectives, tail), (adjectives, []), (adjectives[:1], [])):
        nominative = [*before, head]
        wanted = " ".join([*map(russian.accusative, nominative), *after])
        if len(wanted) <= LONGEST:
            break
    return Service(called=" ".join([*nominative, *after]), wanted=wanted)


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
    if form is None:
        return None
    return form if {form, _inflected(form, "masc")} & service_words.ADJECTIVES else None


def _inflected(word: str, gender: str) -> str:
    for parse in russian.parses(word):
        if parse.tag.POS in {"ADJF", "PRTF"}:
            form = parse.inflect({"nomn", "sing", gender})
            return str(form.word) if form is not None else word
    return word


def _tail(head: str, words: list[str]) -> list[str]:
    if words and "-и-" in words[0]:
        return words[0].split("-")
    if words[:1] == ["гель-лак"] and head in {"покрытие", "маникюр", "педикюр"}:
        return ["гель-лаком"] if head == "покрытие" else ["с", "покрытием"]
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
        if (said := _english_part(part)) is not None:
            return Service(called=said, wanted=said)
    return None


def _english_part(part: str) -> str | None:
    """ "cut and color" is one service, "haircut and beard trim" are two."""
    words = re.findall(r"[a-z]+'?[a-z]*", part.replace("-", " "))
    whole = _english_phrase(words)
    if whole is None or " and " in whole:
        return whole
    found = [_english_phrase(half.split()) for half in " ".join(words).split(" and ")]
    said = list(dict.fromkeys(one for one in found if one is not None))
    both = " and ".join(said[:2])
    return both if said and len(both) <= LONGEST else said[0] if said else whole


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
