"""How offers and companies are said."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vernis.decide.settings.places import say_company
from vernis.decide.writing.offers import say_money, say_offer
from vernis.domain import Locale, Offer

ON = date(2026, 11, 25)


@pytest.mark.parametrize(
    ("offer", "called", "given"),
    [
        (Offer(percent=10), "скидка 10%", "скидку 10%"),
        (
            Offer(percent=10, terms="До 30 июня."),
            "скидка 10%, до 30 июня",
            "скидку 10%, до 30 июня",
        ),
        (Offer(amount_minor=50000, currency="RUB"), "скидка 500\u00a0₽", "скидку 500\u00a0₽"),
        (
            Offer(gift="Маска для волос"),
            "маска для волос в подарок",
            "маску для волос в подарок",
        ),
        (
            Offer(gift="Маску для волос"),
            "маска для волос в подарок",
            "маску для волос в подарок",
        ),
        (
            Offer(gift="Маска и патчи"),
            "подарок: маска и патчи",
            "подарок: маска и патчи",
        ),
        (
            Offer(gift="стрижка бороды при записи на стрижку"),
            "подарок: стрижка бороды при записи на стрижку",
            "подарок: стрижка бороды при записи на стрижку",
        ),
        (
            Offer(percent=10, valid_days=10, floor_minor=200_000, currency="RUB"),
            "скидка 10% до 5 декабря при чеке от 2\u00a0000\u00a0₽",
            "скидку 10% до 5 декабря при чеке от 2\u00a0000\u00a0₽",
        ),
        (
            Offer(percent=10, valid_days=40, terms="Только по будням"),
            "скидка 10% до 4 января, только по будням",
            "скидку 10% до 4 января, только по будням",
        ),
        (
            Offer(gift="SPA для рук", valid_days=3),
            "подарок: SPA для рук, до 28 ноября",
            "подарок: SPA для рук, до 28 ноября",
        ),
        (Offer(gift="Кофе в подарок"), "кофе в подарок", "кофе в подарок"),
        (Offer(gift="SPA для рук"), "подарок: SPA для рук", "подарок: SPA для рук"),
    ],
)
def test_a_russian_offer_in_words(offer: Offer, called: str, given: str) -> None:
    words = say_offer(offer, Locale.RU, ON)
    assert words is not None
    assert (words.called, words.given) == (called, given)


@pytest.mark.parametrize(
    ("offer", "called"),
    [
        (Offer(percent=15), "15% off"),
        (Offer(amount_minor=2000, currency="USD"), "$20 off"),
        (Offer(gift="Hair mask", terms="Until June 30"), "a gift: hair mask, until June 30"),
        (
            Offer(amount_minor=2000, currency="USD", floor_minor=10_000, valid_days=10),
            "$20 off until 5 Dec on bills of $100 or more",
        ),
        (Offer(percent=5, valid_days=365), "5% off until 25 Nov 2027"),
    ],
)
def test_an_english_offer_in_words(offer: Offer, called: str) -> None:
    words = say_offer(offer, Locale.EN, ON)
    assert words is not None
    assert words.called == called


@pytest.mark.parametrize(
    "offer",
    [
        None,
        Offer(),
        Offer(percent=0),
        Offer(percent=101),
        Offer(amount_minor=500),
        Offer(amount_minor=-1, currency="RUB"),
        Offer(gift="   "),
        Offer(gift="Угадаете какой?"),
        Offer(gift="https://example.com"),
        Offer(gift="{gift}"),
        Offer(percent=10, terms="Что?"),
        Offer(percent=10, floor_minor=100_000),  # of which currency?
        Offer(percent=10, floor_minor=-1, currency="RUB"),
        Offer(percent=10, valid_days=0),
        Offer(percent=10, terms="а" * 100),
    ],
)
def test_an_offer_that_cannot_be_said_as_entered_is_not_said(offer: Offer | None) -> None:
    assert say_offer(offer, Locale.RU, ON) is None


def test_an_offer_with_a_last_day_is_not_said_on_an_unknown_day() -> None:
    assert say_offer(Offer(percent=10, valid_days=10), Locale.RU) is None


@pytest.mark.parametrize(
    ("amount", "currency", "said"),
    [
        (50000, "RUB", "500\u00a0₽"),
        (150000, "RUB", "1\u00a0500\u00a0₽"),
        (150050, "RUB", "1\u00a0500,50\u00a0₽"),
        (2000, "USD", "$20"),
        (123456, "USD", "$1,234.56"),
        (500, "JPY", "500\u00a0JPY"),
        (300000, "KZT", "3\u00a0000\u00a0₸"),
    ],
)
def test_money_in_words(amount: int, currency: str, said: str) -> None:
    assert say_money(amount, currency) == said


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ('Салон красоты "Лилия"', "салон красоты «Лилия»"),
        ("Барбершоп «Борода»", "барбершоп «Борода»"),
        ("Красивые люди", "«Красивые люди»"),
        ("Nail Bar", "Nail Bar"),
        ('ООО "Лилия"', "«Лилия»"),
        ("Куда? К нам!", "«Куда К нам»"),
        ("Лак 💅", "«Лак»"),
        ('Сеть студий эстетики и здоровья "Гармония"', "«Гармония»"),
        ("", None),
        ("💅", None),
    ],
)
def test_a_company_introduces_itself(raw: str, said: str | None) -> None:
    assert say_company(raw, Locale.RU) == said


@given(st.text(max_size=80))
def test_any_company_name_is_short_and_asks_nothing(raw: str) -> None:
    for locale in Locale:
        said = say_company(raw, locale)
        assert said is None or (len(said) <= 34 and "?" not in said)
