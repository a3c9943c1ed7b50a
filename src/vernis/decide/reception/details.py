"""What a reply asks for beyond its intent: parking, cards, when the booking is, that it stays.

The words are few and plain; a reading that says more about the same text is left as it is.
"""

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from vernis.domain import Intent, Reading, Topic, When

ASKS_WHEN = "asks_when_booked"
WAS_HERE = "was_here"
SURE = 0.7  # a guess of another intent does not stand against plain words
SOON_DAYS = 7
_LEFT_ALONE = {Intent.OPT_OUT, Intent.COMPLAINT, Intent.WRONG_PERSON}

_PARKING = re.compile(r"\b(?:парков\w+|припарк\w+|где (?:\w+ )?(?:машин|авто)\w*|parking|park)\b")
_ROBOT = re.compile(
    r"\b(?:робот|бот|чат-?бот|автоответчик|нейросеть|живой человек|bot|chatbot|robot|"
    r"(?:real|actual) (?:person|human)|a human)\b"
)
_PAYMENT = re.compile(
    r"\b(?:картой|карту|карточк\w+|карты|безнал\w*|наличн\w+|нал|переводом|сбп|qr|"
    r"(?:credit |debit |by )card|cards|cash|apple pay|contactless)\b"
)
_ASKS_WHEN = re.compile(
    r"(?:на когда|на какое|во сколько|когда|на какой|какого числа|на сколько)"
    r"(?: (?:время|день|я|меня|у меня|же|там|число))* (?:\w+ )?(?:запис\w+)"
    r"|(?:напомните|подскажите)\W.{0,20}\bзапис\w+"
    r"|\bзаписан[аы]? ли я|\bесть ли (?:у меня )?запись"
    r"|\bwhen(?:'s| is) my (?:appointment|booking)|\bwhat time is my|\b(?:do i have|am i) "
    r"(?:an appointment|a booking|booked)"
)
_KEEPS = re.compile(
    r"\b(?:не (?:надо |нужно )?отменя\w+|передумал[аи]? отменять|не буду отменять|"
    r"(?:оставь|оставьте|оставим|оставляем|пусть (?:будет|останется))\b(?!.*(?:в покое|сообщен))"
    r".{0,20}|don'?t cancel|do not cancel|keep (?:it|my|the)\b.{0,20}|leave it)"
)
_CANNOT_COME = re.compile(
    r"\b(?:не (?:смогу|получится|получается|выйдет|удастся) (?:\w+ ){0,3}"
    r"(?:при(?:й|д)ти|прийти|приехать|быть|подойти)|"
    r"не (?:приду|приеду)|(?:прийти|приехать) (?:\w+ ){0,2}не (?:смогу|получится)|"
    r"(?:can'?t|cannot|won'?t) (?:be able to )?(?:make it|come|be there))\b"
)
_WAS_HERE = re.compile(
    r"\b(?:был[аи]?|стригл?[аи]?с[ья]|постригл?[аи]?с[ья]|красил[аи]с[ья]|ходил[аи]?|делал[аи]?)\b"
    r"(?! записан)|\b(?:i was (?:there|here)|was in|went|came|have been|had (?:it|my) \w+ done)\b"
)
_YES = re.compile(
    r"(?:да|ага|угу|ок|хорошо|конечно|yes|yeah|yep|yup|ok|okay|sure)\W*"
    r"(?:да|пожалуйста|конечно|please|thanks|спасибо)?\W*"
)
_NOTE = re.compile(
    r"\b(?:опоздаю|опаздываю|задерж(?:усь|иваюсь)|буду (?:на )?(?:\w+ )?(?:минут\w* )?позже|"
    r"running late|(?:be|am|i'm) (?:\w+ )?(?:\w+ )?(?:minutes )?late)\b"
)

_OTHERS = re.compile(
    r"\b(?:с|со) (?:подруг\w+|друг\w+|муж\w+|сестр\w+|мам\w+|дет(?:ьми|ками)|ребенк\w+|сын\w+|"
    r"дочк\w+|дочерью)\b|\bwith (?:a|my) (?:friend|kid|child|son|daughter|husband|sister)\b"
)
_REMINDER = re.compile(r"\b(?:напиш\w+|напомн\w+|позвон\w+|remind|write|text|call)\b")
_WISHES = re.compile(
    r"\b(?:запиш(?:и|ите|усь)|записаться|давай(?:те)?|хочу|хотела бы|хотел бы|book me|"
    r"i'd like|let's)\b"
)
_EARLIER = re.compile(r"\b(?:раньше|пораньше|earlier|sooner)\b")
_LATER = re.compile(r"\b(?:позже|попозже|позднее|later)\b")
_WEEKDAYS = ("понедельничн", "вторничн", "средов", "четвергов", "пятничн", "субботн", "воскресн")
_DAY_ADJECTIVE = re.compile(rf"\b({'|'.join((*_WEEKDAYS, 'сегодняшн', 'завтрашн'))})\w+\b")
_FEW_WORDS = 6  # «а пораньше нельзя?»; in a longer sentence «раньше» may mean the past


def refined(reading: Reading, text: str, *, now: datetime) -> Reading:
    """The reading with what these words add to it. `now` is aware and company-local."""
    said = text.lower().replace("ё", "е").replace("’", "'")
    found = _refined(reading, said, now)
    if found.intent not in {Intent.QUESTION, Intent.BOOK}:
        return found
    asked = [topic for topic, words in _ASKED if words.search(said)]
    if found.topic in asked and found.when is not None and _WISHES.search(said):
        found = replace(found, intent=Intent.BOOK, topic=Topic.FREE_TIMES)
    if found.intent is Intent.QUESTION and found.topic not in asked:
        return found  # one question in words that another one uses
    return replace(found, also=tuple(topic for topic in asked if topic != found.topic))


def _refined(reading: Reading, said: str, now: datetime) -> Reading:
    if reading.intent in _LEFT_ALONE:
        return reading
    if reading.when is None and (day := _day_of(said, now.date())) is not None:
        reading = replace(reading, when=When(days=(day, day)))
    if reading.intent is Intent.BOOK and reading.when is None and _YES.fullmatch(said):
        return replace(reading, topic=Topic.ASSENT)
    if reading.intent is Intent.ALREADY_BOOKED and _WAS_HERE.search(said):
        return replace(reading, evidence=WAS_HERE)
    if _CANNOT_COME.search(said) and reading.topic is not Topic.RESCHEDULE:
        sure = reading.when is not None or reading.confidence >= SURE
        wants = reading.intent in {Intent.BOOK, Intent.LATER} and sure
        return reading if wants else replace(reading, topic=Topic.CANCEL, evidence="cannot_come")
    if _may_come_soon(reading, said, now.date()):
        return replace(reading, topic=Topic.FREE_TIMES)
    asks = reading.intent in {Intent.QUESTION, Intent.NEUTRAL}
    open_question = asks and reading.topic is None and len(said.split()) <= _FEW_WORDS
    for words, topic in ((_EARLIER, Topic.EARLIER_TIME), (_LATER, Topic.LATER_TIME)):
        if open_question and words.search(said):
            return replace(reading, intent=Intent.BOOK, topic=topic, evidence=str(topic))
    for words, sure, change in _ADDED:
        if (sure or asks) and words.search(said):
            return replace(reading, **change)
    return reading


def _may_come_soon(reading: Reading, said: str, today: date) -> bool:
    """«Может, в конце недели» is nearer to a booking than to a reminder."""
    if reading.intent is not Intent.LATER or reading.topic is not None or not reading.when:
        return False
    days = reading.when.days
    soon = days is not None and today < days[0] <= today + timedelta(days=SOON_DAYS)
    return soon and not _REMINDER.search(said)


def _day_of(said: str, today: date) -> date | None:
    """«Субботнюю», «завтрашнюю»: the coming day that an adjective names."""
    found = _DAY_ADJECTIVE.search(said)
    if found is None:
        return None
    ahead = {"сегодняшн": 0, "завтрашн": 1}.get(found[1])
    if ahead is None:
        ahead = (_WEEKDAYS.index(found[1]) - today.weekday()) % 7
    return today + timedelta(days=ahead)


# Questions that are asked beside another one, or beside a wish.
_ASKED: tuple[tuple[Topic, re.Pattern[str]], ...] = (
    (
        Topic.PRICE,
        re.compile(
            r"\b(?:сколько (?:\w+ ){0,2}сто(?:ит|ят|ить)|какая цена|цен[аы]|почем|по деньгам|"
            r"how much|what(?:'s| is) the price|prices?)\b"
        ),
    ),
    (
        Topic.ADDRESS,
        re.compile(
            r"\b(?:адрес|где вы|где находитесь|как (?:вас найти|к вам|добраться|доехать)|"
            r"where are you|your address)\b"
        ),
    ),
    (
        Topic.HOURS,
        re.compile(
            r"\b(?:до скольки|график работы|часы работы|во сколько (?:вы )?(?:от|за)кр\w+|"
            r"opening hours|when do you (?:open|close))\b"
        ),
    ),
    (
        Topic.DURATION,
        re.compile(r"\b(?:сколько (?:по )?времени|как долго|how long)\b"),
    ),
    (Topic.PARKING, _PARKING),
    (Topic.PAYMENT, _PAYMENT),
)
# (words, whatever the intent was, what they make of it)
_ADDED: tuple[tuple[re.Pattern[str], bool, dict[str, Any]], ...] = (
    (_KEEPS, True, {"intent": Intent.DECLINE, "topic": None, "evidence": "keeps"}),
    (_NOTE, True, {"intent": Intent.NEUTRAL, "topic": Topic.NOTE, "evidence": "note"}),
    (_ASKS_WHEN, True, {"intent": Intent.ALREADY_BOOKED, "evidence": ASKS_WHEN}),
    (_OTHERS, False, {"intent": Intent.QUESTION, "topic": None, "evidence": "brings_somebody"}),
    (_ROBOT, False, {"intent": Intent.QUESTION, "topic": Topic.ROBOT, "evidence": "robot"}),
    (_PARKING, False, {"intent": Intent.QUESTION, "topic": Topic.PARKING, "evidence": "parking"}),
    (_PAYMENT, False, {"intent": Intent.QUESTION, "topic": Topic.PAYMENT, "evidence": "payment"}),
)
