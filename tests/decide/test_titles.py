"""How a service is called in a sentence."""

from collections.abc import Iterable

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


def said(titles: Iterable[str], locale: Locale = Locale.RU) -> dict[str, str | None]:
    """How each title is said after «записать вас на», None where it is not."""
    services = {raw: say_title(raw, locale) for raw in titles}
    return {raw: service.wanted if service else None for raw, service in services.items()}


def test_a_russian_title_becomes_words_in_the_accusative() -> None:
    titles = dict(RUSSIAN_TITLES)
    assert said(titles) == titles


def test_an_uncertain_russian_title_is_not_said() -> None:
    assert said(RUSSIAN_UNCERTAIN) == dict.fromkeys(RUSSIAN_UNCERTAIN)


def test_an_english_title_becomes_words_with_an_article() -> None:
    titles = dict(ENGLISH_TITLES)
    assert said(titles, Locale.EN) == titles


def test_an_uncertain_english_title_is_not_said() -> None:
    assert said(ENGLISH_UNCERTAIN, Locale.EN) == dict.fromkeys(ENGLISH_UNCERTAIN)


def test_a_title_of_the_other_language_is_not_said() -> None:
    assert say_title("Стрижка", Locale.EN) is None
    assert say_title("Haircut", Locale.RU) is None


# The dictionary knows «омбре» as another word.
HEADS = sorted(head for head in service_words.HEADS.keys() - {"омбре"} if russian.is_known(head))


def test_the_listed_gender_agrees_with_the_dictionary() -> None:
    wrong = [
        head
        for head in HEADS
        if not russian.has_reading(head, "NOUN", "nomn", service_words.HEADS[head])
    ]
    assert wrong == []


def test_the_accusative_agrees_with_the_dictionary() -> None:
    cases = {head: russian.accusative(head) for head in HEADS}
    wrong = {h: said for h, said in cases.items() if not russian.has_reading(said, "accs", "sing")}
    assert wrong == {}


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
