"""The trained model beside the rules: what it reaches, what it may not do, and what is shipped."""

import subprocess
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from training import corpus

from vernis.decide.replies import model as reply_model
from vernis.decide.replies.model import INTENTS, Model, features, packaged
from vernis.decide.replies.reading import read
from vernis.decide.replies.scores import Scores
from vernis.decide.replies.words import hear
from vernis.domain import Intent

NOW = datetime(2026, 5, 13, 11, tzinfo=ZoneInfo("Europe/Moscow"))
UNSEEN = Path(__file__).parent / "data" / "replies_unseen.tsv"


def test_texts_never_seen_in_training_are_read_as_well_as_promised() -> None:
    scores = Scores()
    for intent, text in corpus.lines(UNSEEN):
        scores.add(intent, read(text, now=NOW).intent)
    assert scores.response_type_accuracy >= 0.95
    assert scores.macro_f1 >= 0.88
    assert (scores.recall(Intent.OPT_OUT) or 0) >= 0.99
    assert (scores.precision(Intent.OPT_OUT) or 0) >= 0.95


def test_what_is_called_unseen_is_not_in_the_corpus() -> None:
    known = {text.lower() for found in corpus.files().values() for _, text in found}
    assert not known & {text.lower() for _, text in corpus.lines(UNSEEN)}


def test_the_corpus_holds_enough_lines_of_every_intent() -> None:
    found = [line for lines in corpus.files().values() for line in lines]
    assert len({text for _, text in found}) >= 1_800
    for intent in Intent:
        assert sum(wanted == intent for wanted, _ in found) >= 100


def test_the_shipped_weights_were_trained_on_the_corpus_as_it_is() -> None:
    assert packaged().corpus == corpus.fingerprint(), "run `make train`"


def test_the_shipped_weights_are_small_and_one_a_bucket_and_intent() -> None:
    path = Path(reply_model.__file__).with_name("reply_weights.npz")
    assert path.stat().st_size < 1_000_000
    assert packaged().weights.shape == (reply_model.BUCKETS, len(INTENTS))


@pytest.mark.parametrize("text", ["да", "сколько стоит?", "davajte v subbotu", "🙂", "", "?!"])
def test_kept_sums_and_the_row_for_training_give_the_same_scores(text: str) -> None:
    heard = hear(text, now=NOW)
    found = features(heard.letters, heard.words, heard.rules)
    buckets, values = found.row()
    scores = values @ packaged().weights[buckets] + packaged().bias
    raised = np.exp(scores - scores.max())
    told = list(packaged().probabilities(found).values())
    assert told == pytest.approx((raised / raised.sum()).tolist(), abs=1e-4)


def test_reading_twice_says_the_same() -> None:
    texts = [text for _, text in corpus.lines(UNSEEN)]
    again = Model(packaged().weights, packaged().bias, packaged().corpus)
    for text in texts:
        heard = hear(text, now=NOW)
        found = features(heard.letters, heard.words, heard.rules)
        assert again.probabilities(found) == packaged().probabilities(found)


@pytest.mark.parametrize("text", ["ведём всё в блокноте", "трогательно", "прайс скинь", "ау"])
def test_the_model_alone_finds_no_demand_to_stop_without_a_word_of_stopping(text: str) -> None:
    assert read(text, now=NOW).intent != Intent.OPT_OUT


@pytest.mark.parametrize("text", ["лвралорвалр", "эээ", "зелёный вчетвером шкаф"])
def test_what_is_doubtful_says_so(text: str) -> None:
    assert read(text, now=NOW).confidence < 0.9


@given(st.text(max_size=80))
def test_probabilities_of_any_text_add_up_to_one(text: str) -> None:
    heard = hear(text, now=NOW)
    found = packaged().probabilities(features(heard.letters, heard.words, heard.rules))
    assert set(found) == set(Intent)
    assert sum(found.values()) == pytest.approx(1, abs=1e-3)


def test_reading_needs_nothing_that_training_needs() -> None:
    code = (
        "import sys; from vernis.decide.replies import reading; from datetime import datetime, UTC;"
        "reading.read('да', now=datetime.now(UTC));"
        "assert not {'sklearn', 'scipy', 'training'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_scores_count_what_was_taken_for_what() -> None:
    scores = Scores()
    for wanted, said in [
        (Intent.BOOK, Intent.BOOK),
        (Intent.BOOK, Intent.LATER),
        (Intent.DECLINE, Intent.OPT_OUT),
        (Intent.OPT_OUT, Intent.OPT_OUT),
    ]:
        scores.add(wanted, said)
    assert scores.accuracy == 0.5
    assert scores.response_type_accuracy == 0.75
    assert (scores.recall(Intent.OPT_OUT), scores.precision(Intent.OPT_OUT)) == (1.0, 0.5)
    assert scores.recall(Intent.NEUTRAL) is None
    assert scores.macro_f1 == pytest.approx((2 / 3 + 0 + 2 / 3) / 3)
    assert "precision of opt_out    50.0%" in "\n".join(scores.report())
