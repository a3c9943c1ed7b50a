"""A reply as the rules and the model hear it: words, days, hours, names, and which rules match."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from vernis.decide.replies import moment_words, moments
from vernis.decide.replies.choice import CHOICE_WORDS
from vernis.decide.replies.patterns import FILLERS, POLITE, Match, PhraseBook, Rule, lines
from vernis.decide.replies.rules import REWRITES, RULES, SPELLINGS
from vernis.decide.replies.speech import SENTENCE_ENDS, Lexicon, Token
from vernis.decide.writing import first_names

DISTANT_DAYS = 10  # a day so far ahead, said with «может», is "later"
FAR_DAYS = 21  # a day further ahead, or a longer span, said alone is "later", not a booking
_NOT_NAMES = frozenset(
    [
        "ира",
        "вера",
        "надежда",
        "любовь",
        "роза",
        "лада",
        "мира",
        "слава",
        "рада",
        "воля",
        "ли",
        "май",
    ]
) - {"ира"}
_NEGATIONS = frozenset({"не", "ни", "not", "don't", "нет", "never", "без", "won't", "doesn't"})
_SCOPE_ENDS = SENTENCE_ENDS | {",", "а", "но", "-", "but", "то", "поэтому", "так"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """`letters` are the words as typed, `tokens` mended, `words` with days and names marked."""

    letters: list[str]
    tokens: list[Token]
    words: list[str]
    located: moments.Located
    rules: list[Rule]  # that match, the first decides


def hear(text: str, *, now: datetime, offered: bool = False) -> Heard:
    """`now` is aware and company-local; `offered`: the client was shown free times before."""
    spoken = lexicon().spoken(text)
    tokens = _rewritten(lexicon().repaired(spoken))
    located = moments.locate([token.text for token in tokens], now=now)
    words = _marked(tokens, located, now)
    return Heard(
        letters=[token.text for token in spoken],
        tokens=tokens,
        words=words,
        located=located,
        rules=_matching(words, offered=offered),
    )


def _matching(words: Sequence[str], *, offered: bool) -> list[Rule]:
    said: dict[int, list[Match]] = {}
    void: set[int] = set()
    here: dict[int, list[Match]] = {}
    for match in _book().matches(words):
        place, kind = divmod(match.key, 3)
        if kind == 1:
            void.add(place)
        elif kind == 2:
            here.setdefault(place, []).append(match)
        elif RULES[place].only_offered <= offered and not _negated(words, match.start):
            said.setdefault(place, []).append(match)
    return [
        RULES[place]
        for place, matches in sorted(said.items())
        if place not in void and not all(_overlap(match, here.get(place, ())) for match in matches)
    ]


def _overlap(match: Match, others: Iterable[Match]) -> bool:
    return any(match.start < other.end and other.start < match.end for other in others)


def _negated(words: Sequence[str], start: int) -> bool:
    first = words[start]
    said_as_it_is = first == "@refused" or not (first[0].isalpha() or first[0] == "@")
    if first in _NEGATIONS or said_as_it_is:
        return False
    for back, text in enumerate(reversed(words[max(0, start - 4) : start])):
        if text in _SCOPE_ENDS:
            return False
        if text in {"не", "not", "don't", "never"} and back < 3:
            return True
    return False


@cache
def _book() -> PhraseBook:
    """Phrases of the rules; the key is three times their place, plus 1 and 2 for exceptions."""
    return PhraseBook(
        (3 * place + kind, phrase)
        for place, rule in enumerate(RULES)
        for kind, table in enumerate((rule.phrases, rule.unless, rule.unless_here))
        for phrase in lines(table)
    )


@cache
def _rewrites() -> PhraseBook:
    return PhraseBook(
        (key, phrase) for key, table in enumerate(REWRITES.values()) for phrase in lines(table)
    )


@cache
def lexicon() -> Lexicon:
    words = (
        _book().words
        | _rewrites().words
        | moment_words.words()
        | FILLERS
        | POLITE
        | CHOICE_WORDS
        | set(SPELLINGS.split())
        | _names()
    )
    return Lexicon(words, _book().stems | _rewrites().stems)


@cache
def _names() -> frozenset[str]:
    tables = (first_names.FEMALE_RU, first_names.MALE_RU, first_names.EITHER_RU)
    latin = (first_names.FEMALE_EN, first_names.MALE_EN, first_names.EITHER_EN)
    return frozenset(" ".join(tables + latin).split()) - _NOT_NAMES


def _rewritten(tokens: list[Token]) -> list[Token]:
    means = tuple(REWRITES)
    found = list(_rewrites().matches([token.text for token in tokens]))
    for match in sorted(_apart(found), key=lambda match: -match.start):
        tokens[match.start : match.end] = [Token(means[match.key])]
    return tokens


def _apart(matches: Iterable[Match]) -> list[Match]:
    """The matches that do not overlap, the longest first."""
    kept: list[Match] = []
    for match in sorted(matches, key=lambda match: match.start - match.end):
        if all(match.end <= other.start or match.start >= other.end for other in kept):
            kept.append(match)
    return kept


def _marked(tokens: Sequence[Token], located: moments.Located, now: datetime) -> list[str]:
    """The words, with each day or hour as one `@when` (`@far`, `@refused`) and names as `@name`."""
    names = _names()
    words: list[str] = []
    position = 0
    mark = "@when"
    days = located.when.days if located.when else None
    if (
        days
        and not _is_date(tokens, located, days)
        and ((days[0] - now.date()).days > FAR_DAYS or (days[1] - days[0]).days > FAR_DAYS)
    ):
        mark = "@far"
    distant = bool(days and (days[0] - now.date()).days >= DISTANT_DAYS)
    for start, end in (*located.covered, (len(tokens), len(tokens))):
        words += [_name_or_word(token, names) for token in tokens[position:start]]
        said = "@refused" if start in located.refused else mark
        if start < len(tokens) and (not words or words[-1] != said):
            words += ["@distant", said] if distant else [said]
        position = end
    return words


def _is_date(tokens: Sequence[Token], located: moments.Located, days: tuple[date, date]) -> bool:
    """«30 августа», «на 15-е»: a day by its date is meant, however far; «через 30 дней» is not."""
    said = [token.text for start, end in located.covered for token in tokens[start:end]]
    numbered = any(text[0].isdigit() for text in said)
    return days[0] == days[1] and numbered and not {"через", "in"} & set(said)


def _name_or_word(token: Token, names: frozenset[str]) -> str:
    text = token.text.removesuffix("'s")
    if text in names:
        return "@name"
    # «Анну», «Анне», «Ивану»: an oblique case of a name, where it was typed as one.
    if token.capital and len(text) > 3:
        stem = text[:-1]
        if {stem + "а", stem + "я", stem, stem + "й"} & names:
            return "@name"
    return token.text
