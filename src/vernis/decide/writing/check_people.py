"""Who is written to and who writes: the name, other names, the sender, forms and gender."""

import re
import unicodedata
from functools import lru_cache

from vernis.decide.writing import russian
from vernis.decide.writing.judged import BETWEEN, Judged
from vernis.decide.writing.names import is_first_name, is_listed
from vernis.decide.writing.wording import companys_own
from vernis.domain import Address, Gender

ENDINGS = ("", "а", "е", "у", "и", "его", "ей", "ему", "им", "ем", "их", "ими")
POLITE = frozenset({"вы", "вас", "вам", "вами"} | {f"ваш{end}" for end in ENDINGS})
ENGLISH_CAPITALS = frozenset({"I", "I'm", "I'd", "I'll", "I've"})
# Names that also open sentences as other words.
_WORDS_TOO = """
    рада вера надежда любовь слава роза мила мира дана света лада ася будь май марта весна яна
    may will hope joy mark grace faith summer autumn grant rose dawn bill pat drew max art rich
    sunny chase page rob eve carol jean dale skip guy miles june april ray sage jade amber
"""
WORDS_TOO = frozenset(_WORDS_TOO.split())


def name(t: Judged) -> bool:
    """Once, as it is said and set off by a mark; never at all where it cannot be said."""
    said = t.wording.name
    if said is None:
        raw = " ".join((t.facts.client_name or "").lower().split())
        return len(raw) > 2 and not raw.isalpha() and raw in t.lower
    pattern = re.compile(rf"(?<!\w){re.escape(said)}(?!\w)")
    given = companys_own(t.wording)
    by_company = sum(t.raw.count(part) * len(pattern.findall(part)) for part in _apart(given))
    found = [match.span() for match in pattern.finditer(t.raw)]
    return len(found) - by_company != 1 or not any(_is_set_off(t, *span) for span in found)


def _apart(given: list[str]) -> list[str]:
    """Without what is only a part of a longer one."""
    return [
        part for part in set(given) if not any(part in other and part != other for other in given)
    ]


def _is_set_off(t: Judged, start: int, end: int) -> bool:
    after = t.raw[end:].lstrip()[:1]
    marked = after in {",", "!", ".", "…", ":", "—", "–", "-", ""} or _is_symbol(after)
    if not t.is_russian:
        return marked
    before = t.raw[:start].rstrip()[-1:]
    return marked and (before in {"", ",", ".", "!", "…", "—"} or _is_symbol(before))


def _is_symbol(character: str) -> bool:
    return unicodedata.category(character[:1] or " ") == "So"


def other_name(t: Judged) -> bool:
    """A name at the start of a sentence, any other capital inside one."""
    own = t.own.replace("’", "'")
    for match in re.finditer(r"(?<!\w)[A-ZА-ЯЁ][\w'-]*", own):
        found = match[0]
        if found in ENGLISH_CAPITALS or found.lower() in POLITE:
            continue
        before = own[: match.start()].rstrip()
        if not _starts_sentence(before) or _is_name(found):
            return True
    return False


def _starts_sentence(before: str) -> bool:
    last = before[-1:]
    return last in {"", ".", "!", "?", "…", "\ufe0f"} or (_is_symbol(last) and last not in "◦◇◷")


@lru_cache(maxsize=4096)
def _is_name(found: str) -> bool:
    word = found.lower().replace("ё", "е").removesuffix("'s")
    if word in WORDS_TOO:
        return False
    if is_listed(word):
        return True
    best = russian.parses(found.lower())[:1]
    return any(
        "Name" in p.tag.grammemes
        and (russian.is_known(found.lower()) or is_first_name(p.normal_form))
        for p in best
    )


def sender(t: Judged) -> bool:
    """The company is named, by the whole of its name or by what stands in its quotes."""
    company = t.wording.company
    if company is None:
        return False
    quoted = re.search(r"«[^«»]+»", company)
    return (quoted[0] if quoted else company).lower() not in t.raw.lower()


VY_WORDS = re.compile(r"\b(?:вы|вас|вам|вами|ваш\w*|здравствуйте)\b")
TY_WORDS = re.compile(
    r"\b(?:ты|тебя|тебе|тобой|тво[йяеиюё]\w*|здравствуй)\b|"
    # the greeting, not «Ольга передаёт вам привет»
    r"(?:^|[,.!◦] ?)привет(?:ик\w*|ствую)?(?= *(?:[!,.]|◦|$))"
)


def address(t: Judged) -> bool:
    """«Вы» and «ты» as the company sets, in pronouns, verbs and commands."""
    if not t.is_russian:
        return False
    is_vy = t.facts.address is Address.VY
    if (TY_WORDS if is_vy else VY_WORDS).search(t.lower) is not None:
        return True
    return any(_addresses(word) == ("sing" if is_vy else "plur") for word in _words(t.lower))


def _words(text: str) -> list[str]:
    return re.findall(r"[а-яё]{3,}(?:-[а-яё]+)*", text)


@lru_cache(maxsize=20_000)
def _addresses(word: str) -> str | None:
    """The number in which a verb speaks to the reader, None where it is no such verb."""
    if word in {"давайте", "давай"}:
        return "plur" if word.endswith("те") else "sing"
    best = russian.parses(word)[:1]
    if not best or best[0].tag.POS != "VERB" or not russian.is_known(word):
        return None
    tag = best[0].tag
    if tag.person == "2per" or (tag.mood == "impr" and tag.involvement == "excl"):
        return str(tag.number)
    return None


SPLIT_FORMS = re.compile(
    r"[а-я]\((?:а|я|ла|ась|на|ая|ой|ый|ен|лся|лась)\)|[а-я]/(?:а|я|ла|ась|на|ая|ой)\b|"
    r"\b(?:рад|готов|должен)[ ]?(?:/|или) ?(?:рада|готова|должна)\b|\bдорог(?:ой|ая)\b"
)
# Short forms that say who speaks or who is spoken to.
_MALE = "рад готов должен доволен уверен согласен забыл решил"
_FEMALE = "рада готова должна довольна уверена согласна забыла решила"
SHORT_MALE, SHORT_FEMALE = frozenset(_MALE.split()), frozenset(_FEMALE.split())
SHORT = SHORT_MALE | SHORT_FEMALE
FORM_OF = {Gender.FEMALE: "femn", Gender.MALE: "masc", None: None}


def gender(t: Judged) -> bool:
    """«ждал(а)», «рад/а», a singular after «вы», a form of an unknown gender."""
    if SPLIT_FORMS.search(t.lower) is not None:
        return True
    if not t.is_russian:
        return False
    return any(_after_pronoun(s, t) or _alone(s, at, t) for at, s in enumerate(t.sentences))


def _after_pronoun(sentence: str, t: Judged) -> bool:
    right = FORM_OF[t.wording.gender]
    for pronoun, after in re.findall(r"\b(ты|вы)\b((?: [а-я-]+){1,3})", sentence):
        for found in after.split():
            parse = (russian.parses(found) or (None,))[0]
            if parse is None or parse.tag.number != "sing":
                continue
            is_gendered = parse.tag.tense == "past" or parse.tag.POS == "ADJS"
            if not is_gendered or parse.tag.gender not in {"femn", "masc"}:
                continue
            if pronoun == "вы" or parse.tag.gender != right:
                return True
    return False


def _alone(sentence: str, at: int, t: Judged) -> bool:
    """A short form with no «ты» beside it: the master's where she is named, else nobody's."""
    words = set(sentence.replace("?", "").replace(".", "").replace(",", "").split())
    if not words & SHORT or words & {"ты", "вы"}:
        return False
    # «Студия будет рада», «◦ всегда рада» have their own subject.
    is_third = "будет" in words or re.match(r"◦ (?:[а-я]+ )?рада?\b", sentence) is not None
    raw = BETWEEN.split(t.raw)
    master = t.wording.staff.get("staff_nom")
    if master is not None and at < len(raw) and master in raw[at]:
        wrong = {Gender.FEMALE: SHORT_MALE, Gender.MALE: SHORT_FEMALE, None: frozenset[str]()}
        return bool(words & wrong[t.wording.staff_gender])
    if t.facts.address is Address.TY and t.wording.gender is not None and "◦" not in sentence:
        wrong_forms = SHORT_MALE if t.wording.gender is Gender.FEMALE else SHORT_FEMALE
        return bool(words & wrong_forms)
    return not is_third
