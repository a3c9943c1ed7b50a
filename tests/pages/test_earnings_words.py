"""What an owner reads of what the messages earned, in both languages, word by word."""

import pytest

from vernis.decide.attribution import Outcome, lift
from vernis.decide.earnings import earnings
from vernis.domain import Locale
from vernis.web.pages.earnings_words import Speaker, Told

MEASURED = {
    "nothing sent": ((0, 0), (0, 0), 20),
    "no comparison": ((80, 12), (0, 0), 0),
    "too early": ((80, 12), (12, 1), 20),
    "not enough": ((501, 100), (140, 19), 20),
    "not enough, and none to be seen": ((501, 60), (140, 19), 20),
    "no difference": ((9000, 900), (2000, 200), 20),
    "probably": ((900, 200), (250, 38), 20),
    "proved": ((2000, 420), (500, 55), 20),
    "proved against nothing": ((2000, 420), (500, 0), 20),
    "perhaps harm": ((900, 100), (250, 42), 20),
    "harm": ((2000, 200), (500, 105), 20),
}


def tell(case: str, locale: Locale, **more) -> Told:
    contact, holdout, percent = MEASURED[case]
    first, second = (Outcome(lapses=n, converted=k) for n, k in (contact, holdout))
    found = lift(first, second, holdout_percent=percent)
    of = {"by_visits": True, "attribution_days": 7, "booked": 42, "days": 28} | more
    speaker = Speaker(locale=locale, currency="RUB" if locale is Locale.RU else "USD", **of)
    return speaker.tell(
        earnings(found, visited=found, visit_minor=3_000_00, sent=contact[0], held_out_a_week=20)
    )


@pytest.mark.parametrize(
    ("case", "said"),
    [
        (
            "nothing sent",
            "Сообщения ещё не отправлялись."
            " Когда уйдут первые, здесь станет видно, что они приносят.",
        ),
        (
            "no comparison",
            "За 28 дней после сообщений записались 42 клиента."
            " Сколько клиентов вернулись бы и сами, неизвестно: группы сравнения нет. Её можно"
            " включить в настройках: тогда небольшой части клиентов мы намеренно не пишем.",
        ),
        (
            "too early",
            "За 28 дней после сообщений записались 42 клиента."
            " Судить, что дали сообщения, пока рано: для сравнения нужно хотя бы по 30 клиентов"
            " (кому писали: 80, кому намеренно не писали: 12)."
            " Клиент учитывается через 7 дней после сообщения.",
        ),
        (
            "not enough",
            "За всё время с сообщениями вернулись 20 из 100 клиентов,"
            " без сообщений вернулись бы 14 из 100."
            " Это примерно +32 визита и +96 000 ₽."
            " Пока не доказано: в группе сравнения нужно ещё около 220 клиентов."
            " При нынешнем темпе это займёт около 11 недель.",
        ),
        (
            "not enough, and none to be seen",
            "За всё время с сообщениями вернулись 12 из 100 клиентов,"
            " без сообщений вернулись бы 14 из 100."
            " Разницы пока не видно, но и судить рано."
            " Чтобы судить, в группе сравнения нужно ещё около 420 клиентов."
            " При нынешнем темпе это займёт около 21 недели.",
        ),
        (
            "no difference",
            "За всё время с сообщениями вернулись 10 из 100 клиентов,"
            " без сообщений вернулись бы 10 из 100."
            " Разницы нет: если бы с сообщениями возвращалось хотя бы на 5 клиентов из 100 больше,"
            " это уже было бы видно.",
        ),
        (
            "probably",
            "За всё время с сообщениями вернулись 22 из 100 клиентов,"
            " без сообщений вернулись бы 15 из 100."
            " Это примерно +63 визита и +190 000 ₽."
            " Похоже, сообщения действительно возвращают клиентов."
            " Точно станет ясно через несколько недель.",
        ),
        (
            "proved",
            "За всё время с сообщениями вернулся 21 из 100 клиентов,"
            " без сообщений вернулись бы 11 из 100."
            " Это примерно +200 визитов и +600 000 ₽."
            " Это доказано: случайностью такую разницу не объяснить.",
        ),
        (
            "proved against nothing",
            "За всё время с сообщениями вернулся 21 из 100 клиентов,"
            " без сообщений не вернулся бы никто."
            " Это примерно +420 визитов и +1 260 000 ₽."
            " Это доказано: случайностью такую разницу не объяснить.",
        ),
        (
            "perhaps harm",
            "За всё время с сообщениями вернулись 11 из 100 клиентов,"
            " без сообщений вернулись бы 17 из 100."
            " Это примерно −51 визит и −154 000 ₽."
            " Похоже, с сообщениями возвращается меньше клиентов, чем без них."
            " Почитайте, что отвечают клиенты: возможно, стоит сделать паузу.",
        ),
        (
            "harm",
            "За всё время с сообщениями вернулись 10 из 100 клиентов,"
            " без сообщений вернулся бы 21 из 100."
            " Это примерно −220 визитов и −660 000 ₽."
            " Это доказано: с сообщениями возвращается меньше клиентов, чем без них."
            " Поставьте их на паузу и почитайте, что отвечают клиенты.",
        ),
    ],
)
def test_an_owner_reads_what_it_earned_and_how_certain_that_is(case: str, said: str) -> None:
    told = tell(case, Locale.RU)
    assert " ".join((told.headline, *told.then)).replace("\xa0", " ") == said


@pytest.mark.parametrize(
    ("case", "said"),
    [
        (
            "nothing sent",
            "No messages have been sent yet."
            " As soon as the first have left, it says here what they bring.",
        ),
        (
            "no comparison",
            "In 28 days 42 clients booked after a message."
            " How many would have come back anyway is not known: there is no comparison group. It"
            " is switched on in the settings: then a small share of clients gets no messages on"
            " purpose.",
        ),
        (
            "too early",
            "In 28 days 42 clients booked after a message."
            " It is too early to judge what the messages brought: at least 30 clients of each kind"
            " are needed to compare (written to so far: 80, not written to on purpose: 12)."
            " A client counts from 7 days after the message on.",
        ),
        (
            "not enough",
            "So far 20 of 100 clients came back with messages,"
            " without messages 14 of 100 would have come back."
            " That is about +32 visits and +$96,000."
            " Not proved yet: about 220 more clients are needed in the comparison group."
            " At the present pace that takes about 11 weeks.",
        ),
        (
            "no difference",
            "So far 10 of 100 clients came back with messages,"
            " without messages 10 of 100 would have come back."
            " There is no difference: if the messages brought back even 5 more of 100 clients, it"
            " would show by now.",
        ),
        (
            "proved",
            "So far 21 of 100 clients came back with messages,"
            " without messages 11 of 100 would have come back."
            " That is about +200 visits and +$600,000."
            " This is proved: chance does not explain such a difference.",
        ),
        (
            "harm",
            "So far 10 of 100 clients came back with messages,"
            " without messages 21 of 100 would have come back."
            " That is about −220 visits and −$660,000."
            " This is proved: fewer come back than without messages. Pause them and read what"
            " clients answer.",
        ),
    ],
)
def test_and_in_english(case: str, said: str) -> None:
    told = tell(case, Locale.EN)
    assert " ".join((told.headline, *told.then)) == said


def test_bookings_are_called_bookings() -> None:
    assert tell("not enough", Locale.RU, by_visits=False).headline == (
        "За всё время с сообщениями записались 20 из 100 клиентов,"
        " без сообщений записались бы 14 из 100."
    )
    assert tell("not enough", Locale.EN, by_visits=False).headline == (
        "So far 20 of 100 clients booked with messages,"
        " without messages 14 of 100 would have booked."
    )


@pytest.mark.parametrize(
    ("booked", "days", "said"),
    [
        (1, 7, "За 7 дней после сообщений записался 1 клиент."),
        (2, 1, "За 1 день после сообщений записались 2 клиента."),
        (5, 92, "За 92 дня после сообщений записались 5 клиентов."),
        (21, None, "За всё время после сообщений записался 21 клиент."),
        (0, 28, "За 28 дней после сообщений никто не записался."),
    ],
)
def test_numbers_take_their_forms(booked: int, days: int | None, said: str) -> None:
    assert tell("no comparison", Locale.RU, booked=booked, days=days).headline == said


def test_chance_is_told_with_its_signs() -> None:
    assert tell("not enough", Locale.RU).chance == (
        "С поправкой на случайность: от −1 до +12 на каждые 100 клиентов."
    )
    assert tell("not enough", Locale.EN).chance == (
        "Chance included: from −1 to +12 of every 100 clients."
    )
    assert tell("too early", Locale.RU).chance is None
