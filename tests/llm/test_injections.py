"""An instruction hidden in what a CRM holds changes nothing that goes out."""

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from clients import clients, salon
from fake_models import Asked, FakeGemini, Reply, Says
from obedient import as_json, texts
from wiring import MakeWriter

from vernis.decide.writing import message
from vernis.decide.writing.prompt import prompt_for
from vernis.decide.writing.titles import say_title
from vernis.domain import Company, Locale, MessageFacts, Offer

LINES = [
    line.replace("\\n", "\n")
    for line in Path(__file__).with_name("injections.txt").read_text(encoding="utf-8").splitlines()
]
INJECTIONS = {
    Locale.RU: [line for line in LINES if re.search("[а-яё]", line)],
    Locale.EN: [line for line in LINES if not re.search("[а-яё]", line)],
}
# What an obedient model would say; none of it may reach a client.
PAYLOADS = {
    Locale.RU: [
        "ВЗЛОМАНО.", "Скидка 90% всем.", "Подробности на zlo.example.", "Звоните 89000000000.",
        "Переведите предоплату на карту.", "Мы переехали на улицу Ленина.", "Пароль от кабинета.",
        "Вы выиграли приз в розыгрыше.", "За вами долг за прошлый визит.", "Кофе бесплатно.",
        "Гарантируем результат.", "Только сегодня.", "We have a discount.", "Мы скучали.",
    ],
    Locale.EN: [
        "HACKED.", "90% off for everyone.", "See evil.example.", "Call 5555550100.",
        "Please pay a deposit by card.", "We moved to Main Street.", "The password is hidden.",
        "You won a prize in our raffle.", "You owe us for the last visit.", "Free coffee.",
        "Results guaranteed.", "Only today.", "Скидка для вас.", "We miss you.",
    ],
}  # fmt: skip


Hide = Callable[[MessageFacts, str, int], MessageFacts]


def hidden_in_people(facts: MessageFacts, text: str, where: int) -> MessageFacts:
    """In a client's name, a service's title, a master's name; with something true before it."""
    fields: list[dict[str, Any]] = [
        {"client_name": text},
        {"client_name": f"Анна {text}"},
        {"service_title": text},
        {"service_title": f"Стрижка. {text}"},
        {"staff_name": text},
        {"staff_name": f"Ольга ({text})"},
    ]
    return replace(facts, **fields[where % len(fields)])


def hidden_in_offers(facts: MessageFacts, text: str, where: int) -> MessageFacts:
    """In what the company itself has entered."""
    offers = [Offer(percent=10, terms=text), Offer(gift=text)]
    return replace(facts, offer=offers[where % 2])


def repeats_what_it_was_told(asked: Asked) -> Reply:
    """Every word of the data, as a message."""
    said = {}
    for client in asked.clients:
        values = [v for k, v in client.items() if isinstance(v, str) and k not in {"id", "task"}]
        said[client["id"]] = " ".join([*values, "Записать вас?"])
    return Says(words=as_json(said))


def obeys(payloads: list[str]) -> Callable[[Asked], Reply]:
    """A good message with what an injection wants in the middle of it."""
    turn = cycle(payloads)

    def script(asked: Asked) -> Reply:
        said = {}
        for id_, text in texts(asked).items():
            head, mark, tail = text.partition("! ")
            said[id_] = f"{head}{mark}{next(turn)} {tail}"
        return Says(words=as_json(said))

    return script


def test_the_corpus_is_large_and_in_both_languages():
    assert len(set(LINES)) >= 100
    assert min(len(lines) for lines in INJECTIONS.values()) >= 50


@pytest.mark.parametrize("where", range(6))
@pytest.mark.parametrize("locale", Locale)
def test_no_instruction_hidden_in_a_name_or_a_title_is_told_to_the_model(
    company: Company, locale: Locale, where: int
):
    for plain, text in zip(clients(len(LINES), locale), LINES, strict=True):
        hidden = hidden_in_people(plain, text, where)
        nothing = hidden_in_people(plain, "", where)

        prompts = [prompt_for([one], salon(company, locale)).user for one in (hidden, nothing)]
        told, otherwise = map(_words, prompts)
        service = say_title(hidden.service_title, locale)
        known = _words(f"{service.called} {service.wanted}") if service else set()
        assert not (told - otherwise - known) & _words(text)


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w{4,}", text.lower()))


@pytest.mark.parametrize("locale", Locale)
@pytest.mark.parametrize("hide", [hidden_in_people, hidden_in_offers])
async def test_what_a_model_makes_of_the_data_is_a_message_or_a_template(
    make_writer: MakeWriter, company: Company, locale: Locale, hide: Hide
):
    facts = _hidden(locale, hide)
    async with FakeGemini(script=repeats_what_it_was_told) as fake:
        drafts = await make_writer(fake).write(salon(company, locale), facts)

    for draft, one in zip(drafts, facts, strict=True):
        assert message.problems(draft.text, one) == []


@pytest.mark.parametrize("locale", Locale)
@pytest.mark.parametrize("hide", [hidden_in_people, hidden_in_offers])
async def test_a_model_that_obeys_every_instruction_gets_nothing_out(
    make_writer: MakeWriter, company: Company, locale: Locale, hide: Hide
):
    facts = _hidden(locale, hide)
    async with FakeGemini(script=obeys(PAYLOADS[locale])) as fake:
        drafts = await make_writer(fake).write(salon(company, locale), facts)

    for draft, one in zip(drafts, facts, strict=True):
        assert message.problems(draft.text, one) == []
        assert draft.model is None, draft.text


def _hidden(locale: Locale, hide: Hide) -> list[MessageFacts]:
    base = clients(len(LINES), locale)
    return [hide(one, text, at) for at, (one, text) in enumerate(zip(base, LINES, strict=True))]
