"""What the receptionist may state, and whom a client names."""

from dataclasses import replace
from datetime import time

import pytest
from salons import salon

from vernis.decide.reception.facts import Known, facts, named, names_somebody
from vernis.decide.reception.named_services import Listed
from vernis.domain import Address, Locale, Offer, Topic

MASTERS = ["Марина", "Ольга Ивановна", "Тимур", "Вера", "Андрей"]


@pytest.mark.parametrize(
    ("text", "master"),
    [
        ("а Тимур работает?", "Тимур"),
        ("запишите к Тимуру", "Тимур"),
        ("лучше к марине", "Марина"),
        ("с Ольгой можно?", "Ольга Ивановна"),
        ("к Андрею на субботу", "Андрей"),
        ("только не к Тимуру, к Марине", "Марина"),
        ("к Марине или к Тимуру", None),
        ("верно, запишите", None),
        ("не к Тимуру", None),
        ("запишите меня", None),
    ],
)
def test_a_master_is_known_in_any_case(text: str, master: str | None) -> None:
    assert named(text, MASTERS) == master


def test_a_name_that_is_nobody_s_here_is_noticed() -> None:
    assert names_somebody("а Виктор работает?")
    assert not names_somebody("а мой мастер работает?")


CUT = Listed(service_id=1, title="Женская стрижка", price_minor=250_000, duration_minutes=60)
NAILS = Listed(service_id=2, title="Маникюр", price_minor=130_000, duration_minutes=90)
UNPRICED = Listed(service_id=3, title="Педикюр")
SALON = salon(
    facts={
        "address": "Садовая, 12",
        "directions": "Вход со двора.",
        "cards": "yes",
        "parking": "Есть во дворе.",
    },
)


def known(*asked_about: Listed, **values) -> Known:
    row = {
        "services": ["Женская стрижка", "Маникюр", "SPA-уход"],
        "masters": ["Анна", "Олег"],
        "hours": [(day, time(10), time(20)) for day in range(1, 6)],
    }
    return Known(asked_about=asked_about, **row | values)


@pytest.mark.parametrize(
    ("topic", "said"),
    [
        (Topic.PRICE, "Женская стрижка — 2\u00a0500\u00a0₽."),
        (Topic.DURATION, "Женская стрижка занимает около 60 минут."),
        (Topic.ADDRESS, "Наш адрес: Садовая, 12. Вход со двора."),
        (Topic.PARKING, "Есть во дворе."),
        (Topic.PAYMENT, "Да, можно и картой, и наличными."),
        (Topic.STAFF, "У нас работают: Анна, Олег."),
        (Topic.HOURS, "Мы работаем: пн–пт 10:00–20:00."),
        (Topic.SERVICES, "Наши услуги: женская стрижка, маникюр, SPA-уход."),
        (Topic.MASTER, "Да, Анна работает."),
        (Topic.DISCOUNT, "Да, для вас скидка 10%."),
    ],
)
def test_a_question_is_answered_from_what_the_company_has(topic, said):
    told = facts(SALON, known(CUT, asked_for="Анна", offer=Offer(percent=10)))
    assert told[topic] == said


def test_what_is_not_known_is_not_answered():
    told = facts(salon(), Known(asked_about=[UNPRICED], services=[], masters=[], hours=[]))
    assert told.keys() == {Topic.IDENTITY, Topic.ROBOT}


def test_several_services_are_priced_line_by_line():
    told = facts(SALON, known(CUT, NAILS, UNPRICED))
    assert told[Topic.PRICE] == (
        "Женская стрижка — 2\u00a0500\u00a0₽.\nМаникюр — 1\u00a0300\u00a0₽."
    )
    assert Topic.DURATION not in told


def test_a_service_that_was_named_is_answered_with_its_price():
    told = facts(SALON, known(NAILS, by_name=True))
    assert told[Topic.SERVICES] == "У нас есть: маникюр — 1\u00a0300\u00a0₽."


def test_one_who_does_not_do_the_service_is_said_not_to():
    told = facts(SALON, known(CUT, masters=["Олег"], asked_for="Марина"))
    assert told[Topic.MASTER] == "Марина эту услугу не делает. У нас её делает Олег."
    assert told[Topic.STAFF] == "Эту услугу делает Олег."


@pytest.mark.parametrize(("cards", "word"), [("yes", "картой"), ("no", "только наличные")])
def test_cards_are_taken_or_not_and_unknown_is_not_told(cards, word):
    assert word in facts(replace(SALON, facts={"cards": cards}), known())[Topic.PAYMENT]
    assert Topic.PAYMENT not in facts(replace(SALON, facts={}), known())


def test_ty_has_no_formal_word_and_english_no_russian_one():
    ty = facts(replace(SALON, address=Address.TY), known(CUT, offer=Offer(percent=10)))
    assert not any("ваш" in said or "вас" in said for said in ty.values())
    en = facts(
        replace(SALON, locale=Locale.EN, name="Nina's", facts={"cards": "yes"}),
        known(Listed(service_id=1, title="Women's hair cut", price_minor=8500), masters=["Tom"]),
    )
    assert en[Topic.PAYMENT] == "Yes, by card or in cash."
    assert en[Topic.STAFF] == "Tom does this service."
    assert en[Topic.IDENTITY].startswith("This is Nina's")
