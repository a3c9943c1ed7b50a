"""What a reply asks for beyond its intent."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from vernis.decide.reception.details import ASKS_WHEN, WAS_HERE, refined
from vernis.decide.replies.reading import read
from vernis.domain import Intent, Topic

NOW = datetime(2026, 5, 13, 11, tzinfo=ZoneInfo("Europe/Moscow"))  # a Wednesday


def understood(text: str):
    return refined(read(text, now=NOW), text, now=NOW)


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("а парковка у вас есть?", Topic.PARKING),
        ("Где припарковаться?", Topic.PARKING),
        ("do you have parking?", Topic.PARKING),
        ("картой можно?", Topic.PAYMENT),
        ("Можно оплатить картой", Topic.PAYMENT),
        ("принимаете наличные?", Topic.PAYMENT),
        ("Can I pay by card?", Topic.PAYMENT),
        ("какой у вас адрес?", Topic.ADDRESS),
        ("вы робот?", Topic.ROBOT),
        ("я с ботом разговариваю или нет? это бот?", Topic.ROBOT),
        ("Is this a bot?", Topic.ROBOT),
        ("сколько стоит?", Topic.PRICE),
    ],
)
def test_a_question_has_its_topic(text, topic):
    reading = understood(text)
    assert (reading.intent, reading.topic) == (Intent.QUESTION, topic)


@pytest.mark.parametrize(
    "text",
    [
        "на когда я записана?",
        "во сколько я записан?",
        "Напомните, на когда у меня запись",
        "есть ли у меня запись?",
        "When is my appointment?",
    ],
)
def test_who_asks_when_the_booking_is_wants_to_be_told(text):
    reading = understood(text)
    assert (reading.intent, reading.evidence) == (Intent.ALREADY_BOOKED, ASKS_WHEN)


@pytest.mark.parametrize(
    "text", ["не отменяйте", "передумала отменять", "нет, оставьте", "keep it", "don't cancel it"]
)
def test_what_is_to_stay_is_not_cancelled(text):
    reading = understood(text)
    assert reading.intent is Intent.DECLINE
    assert reading.topic is None


@pytest.mark.parametrize(
    "text",
    [
        "не смогу прийти",
        "не получится завтра прийти",
        "я не приду",
        "I can't make it, sorry",
        "won't be able to come",
    ],
)
def test_who_cannot_come_asks_to_cancel(text):
    assert understood(text).topic is Topic.CANCEL


@pytest.mark.parametrize(
    "text", ["опоздаю на 10 минут", "немного задержусь", "I'm running late", "I'll be a bit late"]
)
def test_who_comes_late_tells_the_salon(text):
    assert understood(text).topic is Topic.NOTE


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("а раньше нельзя?", Topic.EARLIER_TIME),
        ("anything earlier?", Topic.EARLIER_TIME),
    ],
)
def test_earlier_and_later_are_wishes(text, topic):
    reading = understood(text)
    assert (reading.intent, reading.topic) == (Intent.BOOK, topic)


def test_who_was_here_is_not_looked_for_among_the_bookings():
    assert understood("я вчера у вас была").evidence == WAS_HERE


@pytest.mark.parametrize(
    ("text", "day"),
    [("субботнюю", date(2026, 5, 16)), ("завтрашнюю", date(2026, 5, 14))],
)
def test_a_day_may_be_an_adjective(text, day):
    reading = understood(text)
    assert reading.when is not None
    assert reading.when.days == (day, day)


@pytest.mark.parametrize("text", ["стоп", "не пишите мне больше", "всё испортили, где парковка!"])
def test_a_stop_and_a_complaint_stay_what_they_are(text):
    before = read(text, now=NOW)
    assert refined(before, text, now=NOW) == before


@pytest.mark.parametrize(
    ("text", "intent", "also"),
    [
        ("сколько стоит и где вы находитесь?", Intent.QUESTION, {Topic.PRICE, Topic.ADDRESS}),
        ("Сколько стоит?\nПарковка есть?", Intent.QUESTION, {Topic.PRICE, Topic.PARKING}),
        ("Запишите на субботу. Сколько стоит?", Intent.BOOK, {Topic.PRICE}),
        ("Book me for Saturday. How much is it?", Intent.BOOK, {Topic.PRICE}),
        ("сколько стоит?", Intent.QUESTION, {Topic.PRICE}),
        ("запишите на субботу", Intent.BOOK, set()),
    ],
)
def test_two_questions_at_once_are_two(text, intent, also):
    reading = understood(text)
    assert reading.intent is intent
    asked = {*reading.also} | ({reading.topic} if intent is Intent.QUESTION else set())
    assert asked == also
