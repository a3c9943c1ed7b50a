"""What the rules leave open: a small trained model, logistic regression over hashed n-grams.

Trained by `python -m training`, which also says how well it does; here are the features, the
same for both, and inference with numpy alone. Features of a reply: character n-grams of its words,
n-grams of words and of their concepts, and the rules that matched, so that the model learns how
far each rule can be trusted.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise
from math import sqrt
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from vernis.decide.replies.concepts import concept
from vernis.decide.replies.patterns import Rule
from vernis.domain import Intent

BUCKETS = 1 << 16
LONGEST_GRAM = 5  # characters, the word's two ends included
LONGEST_WORD = 30  # characters of a word that are looked at
INTENTS = tuple(Intent)
WORDS_KEPT = 20_000
_WEIGHTS = "reply_weights.npz"
_LETTERS, _WORDS, _RULES = 1.0, 1.5, 0.25  # how much each group of features counts


@dataclass(frozen=True, slots=True)
class Features:
    """`letters` are the words as typed; the others are buckets, each once."""

    letters: tuple[str, ...]
    phrases: tuple[int, ...]
    matched: tuple[int, ...]

    def row(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """All buckets and their values, as training needs them; a bucket may come twice."""
        grams = [bucket for word in self.letters for bucket in _grams(word)]
        groups = (
            (grams, _LETTERS / sqrt(len(grams) or 1)),
            (self.phrases, _WORDS / sqrt(len(self.phrases))),
            (self.matched, _RULES),
        )
        buckets = np.array([bucket for group, _ in groups for bucket in group], np.int64)
        values = [value for _, value in groups]
        return buckets, np.repeat(values, [len(group) for group, _ in groups])


def features(
    letters: Sequence[str], words: Sequence[str], rules: Sequence[Rule] | None
) -> Features:
    """`letters` are the words as typed, `words` as the rules see them.

    `rules` are those that match, the deciding one first; None leaves them out, which is not the
    same as no match.
    """
    length = min(8, len(letters))
    return Features(
        tuple(letters),
        tuple(set(_phrases(words))),
        () if rules is None else tuple(set(_matched(rules, length))),
    )


@lru_cache(maxsize=20_000)
def _grams(word: str) -> tuple[int, ...]:
    whole = f" {word[:LONGEST_WORD]} "
    grams = {
        whole[start : start + length]
        for length in range(1, LONGEST_GRAM + 1)
        for start in range(len(whole) - length + 1)
    }
    return tuple(crc32(b"c" + gram.encode()) % BUCKETS for gram in sorted(grams))


def _phrases(words: Sequence[str]) -> Iterable[int]:
    said = ["^", *words, "$"]
    yield from map(_bucket, said)
    yield from (_bucket(f"w{a} {b}") for a, b in pairwise(said))
    about = ["^", *(concept(word) for word in words if word not in {",", "."}), "$"]
    yield from (_bucket(f"s{a}") for a in about)
    yield from (_bucket(f"s{a} {b}") for a, b in pairwise(about))
    for a, b, c in zip(about, about[1:], about[2:], strict=False):
        yield _bucket(f"s{a} {b} {c}")
        yield _bucket(f"g{a} {c}")


def _matched(rules: Sequence[Rule], length: int) -> Iterable[int]:
    yield _bucket(f"length {length}")
    if not rules:
        yield _bucket("no rule")
        return
    yield _bucket(f"first {rules[0].name}")
    yield _bucket(f"first {rules[0].intent}")
    for rule in rules:
        yield _bucket(f"any {rule.name}")
        yield _bucket(f"any {rule.intent}")


@lru_cache(maxsize=50_000)
def _bucket(text: str) -> int:
    return crc32(text.encode()) % BUCKETS


@dataclass(frozen=True, slots=True)
class Model:
    """`weights` are (BUCKETS, intents), `bias` (intents,); scores are calibrated log-odds."""

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    corpus: str  # hash of what it was trained on

    _known: dict[str, tuple[NDArray[np.float32], int]] = field(default_factory=dict, repr=False)

    def probabilities(self, found: Features) -> dict[Intent, float]:
        scores = (
            self.bias
            + self.weights.take(found.phrases, 0).sum(0) * (_WORDS / sqrt(len(found.phrases)))
            + self.weights.take(found.matched, 0).sum(0) * _RULES
        )
        if found.letters:
            sums = [self._spelt(word) for word in found.letters]
            grams = sum(count for _, count in sums)
            scores += sum(total for total, _ in sums) * (_LETTERS / sqrt(grams))
        raised = np.exp(scores - scores.max())
        return dict(zip(INTENTS, (raised / raised.sum()).tolist(), strict=True))

    def _spelt(self, word: str) -> tuple[NDArray[np.float32], int]:
        """The sum of a word's weights, and of how many n-grams; kept for words that come again."""
        known = self._known.get(word)
        if known is None:
            grams = _grams(word)
            known = self.weights.take(grams, 0).sum(0), len(grams)
            if len(self._known) < WORDS_KEPT:
                self._known[word] = known
        return known


@cache
def packaged() -> Model:
    """The model that Vernis comes with."""
    with (files("vernis.decide.replies") / _WEIGHTS).open("rb") as file, np.load(file) as stored:
        weights = stored["weights"].astype(np.float32) * stored["scale"]
        return Model(weights, stored["bias"], str(stored["corpus"]))
