"""What a good model writes goes out: the checks and the list of words are not too strict."""

import tomllib
from datetime import date
from pathlib import Path

import pytest

from vernis.decide.writing.prompt import problems
from vernis.domain import Band, Gender, Locale, MessageFacts, Offer

TEXTS = tomllib.loads(Path(__file__).with_name("model_texts.toml").read_text(encoding="utf-8"))
SAID = {
    Locale.RU: ("Лён", "Анна Зимина", "Стрижка", "Ольга"),
    Locale.EN: ("Linen", "Anna Winter", "Haircut", "Kate"),
}


def facts_for(locale: Locale, band: Band) -> MessageFacts:
    company, client, service, staff = SAID[locale]
    return MessageFacts(
        locale=locale,
        band=band,
        company_name=company,
        client_name=client,
        gender=Gender.FEMALE,
        service_title=service,
        staff_name=staff,
        offer=None if band is Band.GENTLE else Offer(percent=10),
        on=date(2024, 4, 1),
    )


@pytest.mark.parametrize("locale", Locale)
def test_nine_of_ten_natural_messages_pass_at_the_first_try(locale: Locale):
    texts = [(Band(band), text) for band, texts in TEXTS[locale].items() for text in texts]
    passed = [text for band, text in texts if not problems(text, facts_for(locale, band))]

    assert len(passed) >= 0.85 * len(texts)


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        (Locale.RU, "{имя}, здравствуйте! Это «Лён». Переведите предоплату. Записать вас?"),
        (Locale.RU, "{имя}, здравствуйте! Это «Лён». ВЗЛОМАНО. Записать вас?"),
        (Locale.RU, "{имя}, здравствуйте! Это «Лён». За вами долг. Записать вас?"),
        (Locale.RU, "{имя}, здравствуйте! Это «Лён». Мы закрываемся. Записать вас?"),
        (Locale.EN, "Hi {name}! It's Linen. Please pay a deposit. Shall we book you in?"),
        (Locale.EN, "Hi {name}! It's Linen. Hacked. Shall we book you in?"),
        (Locale.EN, "Hi {name}! It's Linen. You owe us. Shall we book you in?"),
    ],
)
def test_a_word_that_no_invitation_needs_keeps_a_models_text_back(locale: Locale, text: str):
    assert "vocabulary" in problems(text, facts_for(locale, Band.GENTLE))
