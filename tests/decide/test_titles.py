"""How a service is called in a sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from odd_words import (
    ENGLISH_TITLES,
    ENGLISH_UNCERTAIN,
    RUSSIAN_TITLES,
    RUSSIAN_UNCERTAIN,
)

from vernis.decide.writing import russian, service_words
from vernis.decide.writing.titles import say_title
from vernis.domain import Locale


@pytest.mark.parametrize(("raw", "wanted"), RUSSIAN_TITLES)
def test_a_russian_title_becomes_words_in_the_accusative(raw: str, wanted: str) -> None:
    service = say_title(raw)
    assert service is not None
    assert service.wanted == wanted


@pytest.mark.parametrize("raw", RUSSIAN_UNCERTAIN)
def test_an_uncertain_russian_title_is_not_said(raw: str) -> None:
    assert say_title(raw) is None


@pytest.mark.parametrize(("raw", "wanted"), ENGLISH_TITLES)
def test_an_english_title_becomes_words_with_an_article(raw: str, wanted: str) -> None:
    service = say_title(raw, Locale.EN)
    assert service is not None
    assert service.wanted == wanted


@pytest.mark.parametrize("raw", ENGLISH_UNCERTAIN)
def test_an_uncertain_english_title_is_not_said(raw: str) -> None:
    assert say_title(raw, Locale.EN) is None


def test_a_title_of_the_other_language_is_not_said() -> None:
    assert say_title("Стрижка", Locale.EN) is None
    assert say_title("Haircut", Locale.RU) is None


# The dictionary knows «омбре» as another word.
HEADS = sorted(service_words.HEADS.keys() - {"омбре"})


@pytest.mark.parametrize("head", HEADS)
def test_the_listed_gender_agrees_with_the_dictionary(head: str) -> None:
    if russian.is_known(head):
        assert russian.has_reading(head, "NOUN", "nomn", service_words.HEADS[head])


@pytest.mark.parametrize("head", HEADS)
def test_the_accusative_agrees_with_the_dictionary(head: str) -> None:
    if russian.is_known(head):
        assert russian.has_reading(russian.accusative(head), "accs", "sing")


@given(
    st.one_of(
        st.text(max_size=80),
        st.lists(
            st.sampled_from(
                ["стрижка", "мужская", "+", "//", "и", "бороды", "(", "без", "SPA", "№"]
            ),
            max_size=8,
        ).map(" ".join),
    )
)
def test_any_title_is_said_clean_or_not_at_all(raw: str) -> None:
    for locale in Locale:
        service = say_title(raw, locale)
        if service is not None:
            assert service.wanted == " ".join(service.wanted.split())
            assert all(c.isalpha() or c in " -'" for c in service.wanted)
            assert len(service.wanted) <= 40
