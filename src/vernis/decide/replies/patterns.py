"""A small language for phrases over tokens, so that rules read like what people write.

    запиши* меня        these words in this order; «*» ends a stem
    хочу|хотела ... к вам    alternatives; «...» up to four words of the same sentence, «..» of
                             the same clause
    [уже] записан*      a word that may be missing
    ^ да $              a sentence that says nothing else
    @when               what `moments` recognised; @name likewise; @distant stands before a
                        @when that is ten days ahead or more, and is passed over elsewhere

Commas and small words (`FILLERS`) between the words of a phrase do not matter. «^» and «$» also
look past greetings and thanks (`POLITE`), and «$» does not accept a question mark.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from vernis.decide.replies.speech import ANGRY_SIGN, OTHER_SIGN, SENTENCE_ENDS
from vernis.domain import Intent, Topic

FILLERS = frozenset(
    f"""
    ну же вот просто ведь и бы уж прям прямо там так то как-то пожалуйста пожалуй вообще типа
    короче значит ой ах эх а-а мм ммм эм хм please just the a an , - @distant {OTHER_SIGN}
    """.split()
)
POLITE = FILLERS | frozenset(
    f"""
    спасибо здравствуйте привет алло девушка девушки ребята извините простите дорогие милые
    уважаемые вам большое огромное hello thanks sorry guys dear {ANGRY_SIGN}
    """.split()
)
_GAP = 4
_GAP_ENDS = {"...": SENTENCE_ENDS, "..": SENTENCE_ENDS | {",", "а", "но", "but"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`confidence` is how often such a reply means this, as a judgement, 0 to 1."""

    name: str
    intent: Intent
    confidence: float
    phrases: str  # one a line
    unless: str = ""  # phrases that make it void wherever they stand
    unless_here: str = ""  # phrases that make it void where they overlap it
    topic: Topic | None = None
    only_offered: bool = False  # counts only after times were offered


class Match(NamedTuple):
    """A phrase found in tokens `start` to `end` (excluded). `key` is whose phrase it is."""

    key: int
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Word:
    forms: frozenset[str]
    stems: tuple[str, ...]
    optional: bool


_Step = _Word | str  # the str are "^", "$", "..." and ".."


class _Phrase(NamedTuple):
    key: int
    steps: tuple[_Step, ...]
    first: int  # 1 where the steps begin with "^"
    needs: tuple[frozenset[str], ...]  # one word of each must be there


def _needs(steps: Sequence[_Step]) -> tuple[frozenset[str], ...]:
    """The words of each step that cannot be missing: a cheap test before the real one."""
    certain = [
        step.forms
        for step in steps
        if isinstance(step, _Word) and not step.optional and not step.stems
    ]
    return tuple(sorted(certain, key=len))


class PhraseBook:
    """Phrases of many rules, indexed by their first word."""

    def __init__(self, phrases: Iterable[tuple[int, str]]) -> None:
        self.words: set[str] = set()
        self.stems: set[str] = set()
        self._by_form: dict[str, list[_Phrase]] = defaultdict(list)
        self._by_stem: dict[str, list[_Phrase]] = defaultdict(list)
        self._beginning = lru_cache(maxsize=20_000)(self._phrases)
        for key, phrase in phrases:
            self._add(key, tuple(_step(part) for part in phrase.split()))

    def matches(self, tokens: Sequence[str]) -> Iterator[Match]:
        """Every phrase that is found, by the position of its first word."""
        present = frozenset(tokens)
        for position, text in enumerate(tokens):
            for key, steps, first, needs in self._beginning(text):
                if any(map(present.isdisjoint, needs)):
                    continue
                if first and not _starts_sentence(tokens, position):
                    continue
                end = _follow(tokens, position, steps, first)
                if end is not None:
                    yield Match(key, position, end)

    def _phrases(self, text: str) -> tuple[_Phrase, ...]:
        """Those whose first word this is."""
        found = list(self._by_form.get(text, ()))
        for length in range(2, len(text) + 1):
            found += self._by_stem.get(text[:length], ())
        return tuple(found)

    def _add(self, key: int, steps: tuple[_Step, ...]) -> None:
        first = 1 if steps[0] == "^" else 0
        for step in steps:
            if isinstance(step, _Word):
                self.words |= step.forms
                self.stems |= set(step.stems)
        head = steps[first]
        if isinstance(head, _Word) and head.optional:
            self._add(key, steps[:first] + steps[first + 1 :])
        if not isinstance(head, _Word):
            raise TypeError(f"A phrase begins with a word, not with {head!r}.")
        phrase = _Phrase(key, steps, first, _needs(steps[first + 1 :]))
        for form in head.forms:
            self._by_form[form].append(phrase)
        for stem in head.stems:
            self._by_stem[stem].append(phrase)


def lines(table: str) -> list[str]:
    """Phrases of a table, one a line; a line that is indented deeper continues the one before."""
    rows = [line for line in table.splitlines() if line.strip()]
    if not rows:
        return []
    margin = min(len(row) - len(row.lstrip()) for row in rows)
    phrases: list[str] = []
    for row in rows:
        text = row.strip()
        if phrases and len(row) - len(row.lstrip()) > margin:
            phrases[-1] += text if phrases[-1].endswith("|") else f" {text}"
        else:
            phrases.append(text)
    return phrases


def _step(part: str) -> _Step:
    if part in {"^", "$", "...", ".."}:
        return part
    optional = part.startswith("[")
    if optional != part.endswith("]"):
        raise ValueError(f"A bracket is open: {part!r}")
    options = part.strip("[]").split("|")
    return _Word(
        forms=frozenset(option for option in options if not option.endswith("*")),
        stems=tuple(option[:-1] for option in options if option.endswith("*")),
        optional=optional,
    )


def _starts_sentence(tokens: Sequence[str], position: int) -> bool:
    for text in reversed(tokens[:position]):
        if text in SENTENCE_ENDS:
            return True
        if text not in POLITE:
            return False
    return True


def _ends_sentence(tokens: Sequence[str], position: int) -> bool:
    for text in tokens[position:]:
        if text in SENTENCE_ENDS:
            return text != "?"
        if text not in POLITE:
            return False
    return True


def _follow(
    tokens: Sequence[str], position: int, steps: tuple[_Step, ...], index: int
) -> int | None:
    """Where the phrase ends, or None. Depth is bounded by the length of the phrase."""
    end = position
    while index < len(steps):
        step = steps[index]
        if isinstance(step, str):
            if step in _GAP_ENDS:
                return _leap(tokens, end, steps, index + 1, _GAP_ENDS[step])
            return end if _ends_sentence(tokens, end) else None
        index += 1
        found = _next(tokens, end, step)
        if found is None:
            if not step.optional:
                return None
        elif not step.optional:
            end = found + 1
        else:
            taken = _follow(tokens, found + 1, steps, index)
            if taken is not None:
                return taken
    return end


def _leap(
    tokens: Sequence[str], end: int, steps: tuple[_Step, ...], index: int, ends: frozenset[str]
) -> int | None:
    for start in range(end, min(end + _GAP, len(tokens)) + 1):
        if start > end and tokens[start - 1] in ends:
            return None
        found = _follow(tokens, start, steps, index)
        if found is not None:
            return found
    return None


def _next(tokens: Sequence[str], position: int, word: _Word) -> int | None:
    forms, stems = word.forms, word.stems
    for place in range(position, len(tokens)):
        text = tokens[place]
        if text in forms or (stems and text.startswith(stems)):
            return place
        if text not in FILLERS:
            return None
    return None
