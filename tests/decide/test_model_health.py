"""How long a model is left alone, and how it is said."""

import pytest

from vernis.decide.writing.model_cost import cost, most_input_tokens, most_output_tokens
from vernis.decide.writing.model_health import (
    WORDS,
    Outcome,
    counts_as_failure,
    pause_after,
    sentence,
    standing_in,
)
from vernis.decide.writing.prompt import CHECK


@pytest.mark.parametrize(
    ("outcome", "failures", "retry_after", "seconds"),
    [
        (Outcome.WORKS, 0, None, 0),
        (Outcome.SERVER_ERROR, 1, None, 0),
        (Outcome.SERVER_ERROR, 2, None, 0),
        (Outcome.SERVER_ERROR, 2, 7.0, 7),
        (Outcome.SERVER_ERROR, 3, None, 60),
        (Outcome.TIMEOUT, 4, None, 120),
        (Outcome.UNREACHABLE, 5, None, 240),
        (Outcome.NONSENSE, 50, None, 900),
        (Outcome.WRONG_KEY, 1, None, 600),
        (Outcome.UNKNOWN_MODEL, 1, None, 600),
        (Outcome.QUOTA, 1, None, 3600),
        (Outcome.QUOTA, 1, 30.0, 30),
        (Outcome.RATE_LIMITED, 0, None, 60),
        (Outcome.RATE_LIMITED, 0, 2.0, 2),
    ],
)
def test_a_model_is_left_alone_as_long_as_it_makes_sense(
    outcome: Outcome, failures: int, retry_after: float | None, seconds: float
):
    assert pause_after(outcome, failures, retry_after) == seconds


def test_too_many_requests_are_no_failure_of_the_model():
    assert not counts_as_failure(Outcome.RATE_LIMITED)
    assert not counts_as_failure(Outcome.WORKS)
    assert counts_as_failure(Outcome.SERVER_ERROR)


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_is_one_sentence(outcome: Outcome):
    assert outcome in WORDS
    assert sentence("flash", outcome).startswith("The model flash ")
    assert sentence("flash", outcome).count(".") == 1


@pytest.mark.parametrize(
    ("fallbacks", "ill", "said"),
    [
        ({}, {}, None),
        (
            {"unavailable": 3},
            {"flash": "wrong_key"},
            "3 of 80 messages: 3 because flash refuses the key: check it.",
        ),
        ({"unavailable": 3}, {}, "3 of 80 messages: 3 because no model answered."),
        (
            {"budget": 2, "money": 1, "length": 4, "name, length": 1},
            {},
            "8 of 80 messages: 2 because the requests of the minute or the day were used up;"
            " 1 because the money of the month was used up; 5 because its text failed a check.",
        ),
    ],
)
def test_one_sentence_says_why_templates_stood_in(
    fallbacks: dict[str, int], ill: dict[str, str], said: str | None
):
    found = standing_in(fallbacks, 80, ill)

    assert found == (said and f"Templates stood in for the language model in {said}")


def test_a_price_per_million_tokens_is_micro_dollars_per_token_rounded_up():
    assert cost(1_000_000, 0, input_price=0.75, output_price=3.75) == 750_000
    assert cost(1, 1, input_price=0.3, output_price=0.3) == 1
    assert cost(10, 10, input_price=0, output_price=0) == 0


def test_what_is_reserved_is_never_less_than_what_can_come():
    assert most_input_tokens(CHECK) > len(CHECK.system) + len(CHECK.user)
    assert most_output_tokens(20) >= 20 * 200
