"""Train the model of replies, say how well it does, write its weights.

Each file of the corpus is read by a model that was trained on all others, so the figures hold for
ways of writing that the model has not seen; the rules, though, have been mended by some of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from training import corpus, fitting
from vernis.decide.replies import model as reply_model
from vernis.decide.replies import reading as replies
from vernis.decide.replies.model import INTENTS, Features, Model
from vernis.decide.replies.scores import Scores
from vernis.decide.replies.words import Heard, hear

NOW = datetime(2026, 5, 13, 11, tzinfo=ZoneInfo("Europe/Moscow"))
WEIGHTS = Path(reply_model.__file__).with_name("reply_weights.npz")


def main() -> None:
    sets = {name: _set(name, found) for name, found in corpus.files().items()}
    total = Scores()
    odds = []
    for held, asked in sets.items():
        if held == corpus.KNOWN:
            continue
        model = _fit([kept for name, kept in sets.items() if name != held])
        odds.append((_odds(model, asked.own), asked.intents[: len(asked.own)]))
        scores = Scores()
        for intent, heard in zip(asked.intents, asked.heard, strict=False):
            scores.add(INTENTS[intent], replies.decide(heard, model).intent)
        total += scores
        print(f"{held:<12} {scores.line()}")
    print(f"{'all':<12} {total.line()}\n{total.table()}")
    heat = _heat(*(np.concatenate(part) for part in zip(*odds, strict=True)))
    model = _fit(sets.values())
    _write(Model(model.weights / heat, model.bias / heat, corpus.fingerprint()))
    print(f"{WEIGHTS.name}: {WEIGHTS.stat().st_size:,} bytes, log-odds divided by {heat}")


@dataclass(frozen=True, slots=True)
class Set:
    """One file: what was heard, its features, those of its varied lines, the places of intents."""

    heard: list[Heard]
    own: list[Features]
    varied: list[Features]
    intents: NDArray[np.int64]  # of its own lines, then of the varied ones


def _set(name: str, found: list[corpus.Line]) -> Set:
    varied = list(corpus.varied(found, seed=7))
    heard = [hear(text, now=NOW) for _, text in found]
    again = [hear(text, now=NOW) for _, text in varied]
    return Set(
        heard,
        [_features(one, with_rules=name != corpus.KNOWN) for one in heard],
        [_features(one, with_rules=False) for one in again],
        np.array([INTENTS.index(intent) for intent, _ in found + varied]),
    )


def _features(heard: Heard, *, with_rules: bool) -> Features:
    rules = heard.rules if with_rules else None
    return reply_model.features(heard.letters, heard.words, rules)


def _fit(sets: Iterable[Set]) -> Model:
    kept = list(sets)
    rows = [row for one in kept for row in one.own + one.varied]
    return fitting.fit(rows, np.concatenate([one.intents for one in kept]))


def _odds(model: Model, rows: list[Features]) -> NDArray[np.float64]:
    return np.stack([np.log(list(model.probabilities(row).values())) for row in rows])


def _heat(odds: NDArray[np.float64], truth: NDArray[np.int64]) -> float:
    """What the log-odds are divided by so that a probability is how often it comes true."""

    def surprise(heat: float) -> float:
        scores = odds / heat
        scores -= scores.max(1, keepdims=True)
        told = scores - np.log(np.exp(scores).sum(1, keepdims=True))
        return -float(told[np.arange(len(truth)), truth].mean())

    return float(min(np.arange(0.5, 4.0, 0.05).round(2), key=surprise))


def _write(model: Model) -> None:
    scale = np.abs(model.weights).max(0) / 127
    np.savez_compressed(
        WEIGHTS,
        weights=np.round(model.weights / scale).astype(np.int8),
        scale=scale,
        bias=model.bias,
        corpus=np.array(model.corpus),
    )


if __name__ == "__main__":
    main()
