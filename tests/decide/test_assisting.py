from datetime import date, datetime, time
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vernis.decide.reception import instructions_en, instructions_ru, moves
from vernis.decide.reception.assisting import Kept, bounds, left_to_another, starts_booking
from vernis.decide.reception.dialog_state import Dialog, DialogState
from vernis.decide.reception.instructions import Occasion, describe, instruct
from vernis.decide.reception.moves import Why
from vernis.domain import Address, Campaign, Intent, Locale, ResponseType, Topic, When

NOW = datetime(2024, 4, 1, 12, tzinfo=ZoneInfo("Europe/Moscow"))
DAYS = (date(2024, 4, 2), date(2024, 4, 3))
OCCASION = Occasion(
    locale=Locale.RU,
    address=Address.VY,
    client_name="Анна",
    last_visit_on=date(2024, 2, 15),
    service="маникюр",
    interval_days=31,
    campaign=Campaign.DORMANT_60,
    text="Анна, записать вас?",
    sent_at=NOW,
    offer="скидка 10%, по будням",
    times=(NOW,),
)


def kept(intent: Intent = Intent.BOOK, topic: Topic | None = None, **values) -> Kept:
    return Kept(
        at=NOW, intent=intent, confidence=values.pop("confidence", 0.9), topic=topic, **values
    )


@given(
    st.builds(
        Kept,
        at=st.just(NOW),
        intent=st.sampled_from(Intent),
        confidence=st.floats(0, 1),
        topic=st.none() | st.sampled_from(Topic),
        when=st.none() | st.just(When(days=DAYS, hours=(time(18), time(20)))) | st.just(When()),
        service_id=st.none() | st.integers(1, 9),
    )
)
def test_a_kept_reading_comes_back_as_it_was(one: Kept) -> None:
    assert Kept.from_dict(one.as_dict()) == one


@pytest.mark.parametrize(
    ("one", "booked", "starts"),
    [
        (kept(), False, True),
        (kept(topic=Topic.ASSENT), False, True),
        (kept(Intent.LATER, Topic.FREE_TIMES), False, True),
        (kept(topic=Topic.RESCHEDULE), False, False),
        (kept(Intent.NEUTRAL, Topic.CANCEL), False, False),
        (kept(Intent.QUESTION), False, False),
        (kept(Intent.OPT_OUT), False, False),
        (kept(topic=Topic.ASSENT), True, False),
        (kept(), True, False),
        (kept(when=When(days=DAYS)), True, True),
    ],
)
def test_when_a_time_is_looked_for(one: Kept, booked: bool, starts: bool) -> None:
    assert starts_booking(one, booked=booked) is starts


@pytest.mark.parametrize(
    ("when", "first", "last"),
    [
        (When(days=DAYS), "2024-04-02 00:00", "2024-04-03 23:59"),
        (
            When(days=DAYS[:1] * 2, hours=(time(18), time(18))),
            "2024-04-02 18:00",
            "2024-04-02 18:00",
        ),
        (When(hours=(time(18), time(20))), "2024-04-01 18:00", "2024-04-01 20:00"),
        (When(hours=(time(9), time(11))), "2024-04-02 09:00", "2024-04-02 11:00"),
    ],
)
def test_the_first_and_the_last_moment_of_a_wish(when: When, first: str, last: str) -> None:
    said = [f"{moment:%Y-%m-%d %H:%M}" for moment in bounds(when, NOW)]
    assert said == [first, last]


@pytest.mark.parametrize(
    ("move", "left", "stopped"),
    [
        (moves.OptOut(), moves.OptOut(), True),
        (moves.WrongPerson(), moves.WrongPerson(), True),
        (moves.Goodbye(), moves.Goodbye(), False),
        (moves.RemindLater(on=DAYS[0]), moves.RemindLater(on=DAYS[0]), False),
        (moves.HandOver(why=Why.COMPLAINT), moves.Goodbye(silent=True), False),
        (moves.HandOver(why=Why.PICTURE), moves.Nothing(), False),
        (moves.FindBookings(purpose=moves.Purpose.CANCEL), moves.Nothing(), False),
        (moves.AskDay(), moves.Nothing(), False),
    ],
)
def test_which_moves_stand_where_another_assistant_answers(
    move: moves.Move, left: moves.Move, stopped: bool
) -> None:
    dialog, found = left_to_another(Dialog(), move)
    assert found == left
    assert (dialog.state is DialogState.STOPPED) is stopped


@pytest.mark.parametrize("locale", Locale)
@pytest.mark.parametrize("booked", [False, True])
def test_every_reply_has_an_instruction(locale: Locale, booked: bool) -> None:
    bare = Occasion(
        locale=locale, address=Address.TY, client_name=None, last_visit_on=DAYS[0], service=None,
        interval_days=1, campaign=Campaign.DORMANT_90, text="", sent_at=NOW, offer=None,
        booked=booked,
    )  # fmt: skip
    for intent, topic in product(Intent, [None, *Topic]):
        one = kept(intent, topic, confidence=0.3, when=When(days=DAYS))
        text = instruct(bare, one, locale=locale, now=NOW)
        assert "{" not in text
        assert "None" not in text


def test_the_occasion_is_told_as_a_colleague_would() -> None:
    assert describe(OCCASION, now=NOW).splitlines() == [
        "Клиент отвечает на наше сообщение с приглашением вернуться. Разговор начали мы.",
        "Имя клиента: Анна.",
        "Обращайся на «вы».",
        "Последний визит: 15 февраля 2024 (46 дней назад).",
        "Последняя услуга: «маникюр».",
        "Обычный срок между визитами: 31 день.",
        "Кампания: dormant_60 (клиента нет заметно дольше обычного).",
        "Мы написали 1 апреля 12:00 (сегодня): «Анна, записать вас?»",
        "В сообщении обещано: скидка 10%, по будням. Держись этих условий и не обещай ничего сверх "
        "них.",
        "В сообщении названо свободное время: 1 апреля 12:00. Проверь, что оно ещё свободно.",
    ]


def test_both_languages_have_the_same_words() -> None:
    assert set(instructions_ru.WORDS) == set(instructions_en.WORDS)
    for language in (instructions_ru, instructions_en):
        assert set(language.INTENTS) == set(Intent)
        assert set(language.TYPES) == set(ResponseType)
