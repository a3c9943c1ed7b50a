"""Which name is said, and in which form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from odd_words import NAMES, NOT_NAMES

from vernis.decide.writing import first_names, russian
from vernis.decide.writing.names import gender_of, say_gender, say_name
from vernis.domain import Address, Gender, Locale


@pytest.mark.parametrize(("raw", "said"), NAMES)
def test_a_name_is_said_as_people_say_it(raw: str, said: str) -> None:
    assert say_name(raw) == said


@pytest.mark.parametrize("raw", NOT_NAMES)
def test_what_is_no_name_is_not_said(raw: str | None) -> None:
    assert say_name(raw) is None


def test_the_patronymic_goes_with_vy_only() -> None:
    assert say_name("Анна Ивановна", Address.TY) == "Анна"
    assert say_name("Анна", Address.VY) == "Анна"


def test_a_patronymic_of_the_other_gender_is_a_surname() -> None:
    assert say_name("Анна Абрамович") == "Анна"


def test_an_english_message_says_no_cyrillic_name() -> None:
    assert say_name("Анна", locale=Locale.EN) is None
    assert say_name("Anna", locale=Locale.EN) == "Anna"


@pytest.mark.parametrize(
    ("raw", "gender"),
    [
        ("Анна", Gender.FEMALE),
        ("Иван Петров", Gender.MALE),
        ("Саша", None),
        ("Женя", None),
        ("Саша Иванова", Gender.FEMALE),
        ("Саша Иванов", Gender.MALE),
        ("Женя Петрович", Gender.MALE),
        ("Никита", None),
        ("Илья", Gender.MALE),
        ("Любовь", Gender.FEMALE),
        ("Kelly", None),
        ("Клиент 1", None),
        (None, None),
    ],
)
def test_gender_is_told_where_the_name_is_certain(raw: str | None, gender: Gender | None) -> None:
    assert gender_of(raw) == gender


@pytest.mark.parametrize(
    ("name", "dative", "genitive"),
    [
        ("Анна", "Анне", "Анны"),
        ("Ольга", "Ольге", "Ольги"),
        ("Мария", "Марии", "Марии"),
        ("Наталья", "Наталье", "Натальи"),
        ("Катя", "Кате", "Кати"),
        ("Саша", "Саше", "Саши"),
        ("Алёна", "Алёне", "Алёны"),
        ("Любовь", "Любови", "Любови"),
        ("Иван", "Ивану", "Ивана"),
        ("Андрей", "Андрею", "Андрея"),
        ("Игорь", "Игорю", "Игоря"),
        ("Илья", "Илье", "Ильи"),
        ("Лев", "Льву", "Льва"),
        ("Павел", "Павлу", "Павла"),
        ("Пётр", "Петру", "Петра"),
        ("Айгуль", None, None),
        ("Анна-Мария", None, None),
        ("Kelly", None, None),
    ],
)
def test_a_name_is_declined_where_the_form_is_certain(
    name: str, dative: str | None, genitive: str | None
) -> None:
    gender = say_gender(name)
    assert russian.decline_name(name, gender, "datv") == dative
    assert russian.decline_name(name, gender, "gent") == genitive


def test_every_listed_russian_name_is_said() -> None:
    names = first_names.FEMALE_RU + first_names.MALE_RU
    assert [n for n in names.split() if say_name(n, Address.TY) != n.capitalize()] == []


def test_what_friends_call_each_other_is_not_said_with_vy() -> None:
    assert say_name("Антоха") is None
    assert say_name("Антоха", Address.TY) == "Антоха"
    assert gender_of("Антоха") == Gender.MALE


@given(st.one_of(st.text(max_size=60), st.text(alphabet="АаБбннЁё -.'", max_size=30)))
def test_any_name_is_said_clean_or_not_at_all(raw: str) -> None:
    for address in Address:
        said = say_name(raw, address)
        if said is not None:
            assert 2 <= len(said) <= 40
            assert said[0].isupper()
            assert all(c.isalpha() or c in " -'" for c in said)
