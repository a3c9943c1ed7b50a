"""500 clients of all kinds: every message passes the checks, and a teacher finds nothing."""

from collections import Counter

import pytest
from bad_texts import BAD
from good_texts import TEXTS as GOOD_TEXTS
from grammar import faults
from writing_clients import ATTEMPTS, all_messages

from vernis.decide.writing.message import problems
from vernis.decide.writing.templates import templates
from vernis.domain import Locale, MessageFacts, Tone


@pytest.fixture(scope="module")
def written() -> list[tuple[MessageFacts, str, str]]:
    return list(all_messages())


def test_there_are_clients_of_all_kinds(written: list[tuple[MessageFacts, str, str]]) -> None:
    first = [facts for facts, _, _ in written[::ATTEMPTS]]
    assert len(first) >= 300
    assert len({facts.service_title for facts in first}) >= 100
    assert len({facts.client_name for facts in first}) >= 60
    kinds = Counter((f.locale, f.band, f.tone, f.address) for f in first)
    assert len(kinds) == 2 * 3 * 2 * 2


def test_every_message_passes_all_checks(written: list[tuple[MessageFacts, str, str]]) -> None:
    failed = [(problems(text, facts), text) for facts, text, _ in written]
    assert [one for one in failed if one[0]] == []


def test_a_teacher_finds_nothing(written: list[tuple[MessageFacts, str, str]]) -> None:
    marked = [(faults(text, facts), text) for facts, text, _ in written]
    assert [one for one in marked if one[0]] == []


def test_no_client_gets_a_template_twice(written: list[tuple[MessageFacts, str, str]]) -> None:
    for at in range(0, len(written), ATTEMPTS):
        ids = [template for _, _, template in written[at : at + ATTEMPTS]]
        assert len(set(ids)) == ATTEMPTS
        assert not any(one.endswith("plain") for one in ids)


def test_every_template_is_in_use(written: list[tuple[MessageFacts, str, str]]) -> None:
    known = {
        template.id
        for locale in Locale
        for group in templates(locale).values()
        for template in group
    }
    assert {template for _, _, template in written} == known


def test_a_brief_company_sends_no_emoji(written: list[tuple[MessageFacts, str, str]]) -> None:
    brief = [text for facts, text, _ in written if facts.tone is Tone.BRIEF]
    assert len(brief) > 100
    assert not any("🙂" in text or "🌿" in text for text in brief)


def test_the_tables_are_large_enough() -> None:
    assert sum(len(texts) for _, _, texts in BAD) >= 150
    assert len(GOOD_TEXTS) >= 100
