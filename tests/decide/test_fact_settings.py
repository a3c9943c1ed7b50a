"""What a company tells of its place."""

import pytest

from vernis.decide.settings.facts import changed, shown
from vernis.errors import UsageError


def test_a_fact_is_kept_as_it_is_typed_and_taken_away_by_none():
    facts = changed({}, "fact.address", "  Садовая,  12 ")
    assert facts == {"address": "Садовая, 12"}
    assert shown(facts)["fact.address"] == "Садовая, 12"
    assert shown(facts)["fact.parking"] == "none"
    assert changed(facts, "fact.address", "none") == {}


@pytest.mark.parametrize(
    ("text", "facts"),
    [("yes", {"cards": "yes"}), ("нет", {"cards": "no"}), ("no", {"cards": "no"}), ("none", {})],
)
def test_cards_are_taken_or_not_or_unknown(text, facts):
    assert changed({"cards": "yes"}, "fact.cards", text) == facts


@pytest.mark.parametrize(
    ("key", "text"), [("fact.cards", "sometimes"), ("fact.wifi", "x"), ("fact.parking", "x" * 301)]
)
def test_what_is_no_fact_is_refused(key, text):
    with pytest.raises(UsageError):
        changed({}, key, text)
