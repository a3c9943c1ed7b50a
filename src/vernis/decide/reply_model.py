"""What the rules leave open: a small trained model, logistic regression over hashed n-grams.

Trained by `python -m training`, which also says how well it does; here are the features, the
same for both, and inference with numpy alone. Features of a reply: character n-grams of its words,
n-grams of words and of their concepts, and the rules that matched, so that the model learns how
far each rule can be trusted.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise
from math import sqrt
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from vernis.decide.patterns import Rule
from vernis.decide.reply_concepts import concept
from vernis.domain import Intent

BUCKETS = 1 << 16
LONGEST_GRAM = 5  # characters, the word's two ends included
INTENTS = tuple(Intent)
_WEIGHTS = "reply_weights.npz"
_LETTERS, _WORDS, _RULES = 1.0, 1.5, 0.25  # how much each group of features counts

Features = tuple[NDArray[np.int64], NDArray[np.float32]]  # buckets and values, one each


def features(
    letters: Sequence[str], words: Sequence[str], rules: Sequence[Rule] | None
) -> Features:
    """Buckets and values of a reply.

    `letters` are its words as typed, `words` as the rules see them, `rules` those that match,
    the deciding one first; None leaves them out, which is not the same as no match.
    """
    characters: set[int] = set()
    for word in letters:
        characters |= _grams(word)
    groups = (
        (characters, _LETTERS / sqrt(len(characters) or 1)),
        (said := set(_phrases(words)), _WORDS / sqrt(len(said) or 1)),
        (set() if rules is None else set(_matched(rules, min(8, len(letters)))), _RULES),
    )
    buckets = [bucket for group, _ in groups for bucket in group]
    values = np.repeat(
        np.array([value for _, value in groups], np.float32), [len(group) for group, _ in groups]
    )
    return np.array(buckets, np.int64), values


@lru_cache(maxsize=50_000)
def _grams(word: str) -> frozenset[int]:
    whole = f" {word} "
    return frozenset(
        _bucket("c" + whole[start : start + length])
        for length in range(1, LONGEST_GRAM + 1)
        for start in range(len(whole) - length + 1)
    )


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


def _bucket(text: str) -> int:
    return crc32(text.encode()) % BUCKETS


@dataclass(frozen=True, slots=True)
class Model:
    """`weights` are (BUCKETS, intents), `bias` (intents,); scores are calibrated log-odds."""

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    corpus: str  # hash of what it was trained on

    def probabilities(self, found: Features) -> dict[Intent, float]:
        buckets, values = found
        scores = values @ self.weights[buckets] + self.bias
        raised = np.exp(scores - scores.max())
        return dict(zip(INTENTS, (raised / raised.sum()).tolist(), strict=True))


@cache
def packaged() -> Model:
    """The model that Vernis comes with."""
    with (files("vernis.decide") / _WEIGHTS).open("rb") as file, np.load(file) as stored:
        weights = stored["weights"].astype(np.float32) * stored["scale"]
        return Model(weights, stored["bias"], str(stored["corpus"]))
