"""What clients mean by what they write."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vernis.decide.replies.reading import UNSURE, read
from vernis.domain import FreeTime, Intent, ResponseType, Topic

MOSCOW = ZoneInfo("Europe/Moscow")
NOW = datetime(2026, 5, 13, 11, tzinfo=MOSCOW)  # a Wednesday
DATA = Path(__file__).parent / "data"


def table(name: str) -> list[tuple[Intent, str]]:
    rows = []
    for line in (DATA / name).read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            intent, text = line.split("\t", 1)
            rows.append((Intent(intent), text))
    return rows


def at(day: int, hour: int, minute: int = 0, staff: int = 1) -> FreeTime:
    """A free hour in May 2026, in another zone than the company's, as a database gives it."""
    start = datetime(2026, 5, day, hour, minute, tzinfo=MOSCOW).astimezone(ZoneInfo("UTC"))
    return FreeTime(
        starts_at=start,
        ends_at=start + timedelta(hours=1),
        staff_id=staff,
        staff_name="Анна",
        service_id=7,
        service_title="Стрижка",
    )


OFFERED = (at(15, 11), at(16, 16), at(17, 18, 30))


def test_every_reply_of_the_table_is_understood() -> None:
    understood = [(row, read(row[1], now=NOW).intent) for row in table("replies.tsv")]
    assert [(row, intent) for row, intent in understood if intent != row[0]] == []


def rows_of(name: str) -> list[list[str]]:
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if not line.startswith("#")]


def test_demands_to_stop_are_told_from_replies_that_share_their_words() -> None:
    rows = rows_of("demands_to_stop.tsv")
    stopped = {text for _, text in rows if read(text, now=NOW).intent == Intent.OPT_OUT}
    demands = {text for kind, text in rows if kind == "stop"}
    assert len(demands & stopped) / len(demands) > 0.985
    assert len(demands & stopped) / len(stopped) > 0.985


def test_short_replies_are_understood_before_and_after_an_offer() -> None:
    rows = rows_of("replies_short.tsv")
    right = sum(
        read(text, now=NOW, offered=OFFERED if state == "offered" else ()).intent == intent
        for intent, state, text in rows
    )
    assert right / len(rows) > 0.96


@pytest.mark.parametrize(
    ("text", "intent", "topic"),
    [
        ("в пятницу никак?", Intent.BOOK, Topic.OTHER_TIME),
        ("к сожалению не могу в это время", Intent.BOOK, Topic.OTHER_TIME),
        ("нет, спасибо", Intent.DECLINE, None),
    ],
)
def test_no_to_the_offered_times_is_not_no_to_the_visit(
    text: str, intent: Intent, topic: Topic | None
) -> None:
    reading = read(text, now=NOW, offered=OFFERED)
    assert (reading.intent, reading.topic) == (intent, topic)


@pytest.mark.parametrize("text", ["может через пару недель", "not now, maybe in two weeks"])
def test_perhaps_in_some_weeks_is_later_with_its_day(text: str) -> None:
    reading = read(text, now=NOW)
    assert reading.intent == Intent.LATER
    assert reading.when is not None
    assert reading.when.days is not None


@pytest.mark.parametrize(
    "text", ["непишите мне", "не пешите мне", "нипишите больше", "otstante", "xvatit spamit"]
)
def test_a_demand_to_stop_may_be_misspelt(text: str) -> None:
    assert read(text, now=NOW).intent == Intent.OPT_OUT


def test_the_table_covers_all_intents_with_at_least_250_replies() -> None:
    rows = table("replies.tsv")
    assert len({text for _, text in rows}) >= 250
    assert {intent for intent, _ in rows} == set(Intent)


def test_replies_that_were_written_after_the_rules_are_understood() -> None:
    rows = table("replies_blind.tsv")
    right = sum(read(text, now=NOW).intent == intent for intent, text in rows)
    assert right / len(rows) > 0.97


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("второй", 2),
        ("второе", 2),
        ("давайте второй вариант", 2),
        ("2", 2),
        ("2)", 2),
        ("давайте 2", 2),
        ("вариант 3", 3),
        ("2-й", 2),
        ("первое", 1),
        ("Первый подойдёт", 1),
        ("последний", -1),
        ("последний вариант", -1),
        ("любое", 1),
        ("мне без разницы", 1),
        ("16:00", 2),
        ("в 4", 2),
        ("в 16", 2),
        ("на 11 давайте", 1),
        ("11", 1),
        ("18.30", 3),
        ("полседьмого", 3),
        ("субботу", 2),
        ("в субботу", 2),
        ("давайте в субботу", 2),
        ("вечером", 3),
        ("в пятницу утром удобно", 1),
        ("нет, лучше второй", 2),
        ("the second one", 2),
        ("Saturday", 2),
        ("4pm works", 2),
        ("last one please", -1),
        ("vtoroy", 2),
    ],
)
def test_one_of_the_offered_times_is_chosen(text: str, choice: int) -> None:
    reading = read(text, now=NOW, offered=OFFERED)
    assert (reading.intent, reading.choice) == (Intent.BOOK, choice)


@pytest.mark.parametrize(
    "text",
    [
        "да",
        "а в субботу есть что-нибудь попозже?",
        "второй не подходит",
        "другое время есть?",
        "в понедельник",
        "5",
        "сколько стоит?",
        "нет",
        "спасибо",
    ],
)
def test_no_time_is_chosen_where_none_was_named(text: str) -> None:
    assert read(text, now=NOW, offered=OFFERED).choice is None


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("другое время", Topic.OTHER_TIME),
        ("нет, другое время", Topic.OTHER_TIME),
        ("ни один не подходит", Topic.OTHER_TIME),
        ("не подходит", Topic.OTHER_TIME),
        ("а что-нибудь попозже есть?", Topic.LATER_TIME),
        ("попозже", Topic.LATER_TIME),
        ("пораньше бы", Topic.EARLIER_TIME),
        ("something later?", Topic.LATER_TIME),
    ],
)
def test_after_an_offer_other_times_are_asked_for(text: str, topic: Topic) -> None:
    reading = read(text, now=NOW, offered=OFFERED)
    assert (reading.intent, reading.topic) == (Intent.BOOK, topic)


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("сколько стоит", Topic.PRICE),
        ("где вы находитесь?", Topic.ADDRESS),
        ("до скольки работаете", Topic.HOURS),
        ("кто это?", Topic.IDENTITY),
        ("можно перенести?", Topic.RESCHEDULE),
        ("отмените запись", Topic.CANCEL),
        ("позовите администратора", Topic.PERSON),
        ("да", Topic.ASSENT),
        ("спасибо", Topic.THANKS),
        ("здравствуйте", Topic.GREETING),
    ],
)
def test_a_reading_names_its_topic(text: str, topic: Topic) -> None:
    assert read(text, now=NOW).topic == topic


def test_a_wish_comes_with_its_day() -> None:
    reading = read("Нет, завтра не могу, давайте в пятницу", now=NOW)
    assert reading.intent == Intent.BOOK
    assert reading.when is not None
    assert reading.when.days == (date(2026, 5, 15), date(2026, 5, 15))


@pytest.mark.parametrize(
    "text",
    [
        "Откуда у вас мой номер?",
        "да вы кто вообще",
        "надо подумать",
        "дайте подумать",
        "вода, еда и города",
        "я не записывалась к вам никогда",
    ],
)
def test_words_count_and_not_their_parts(text: str) -> None:
    assert read(text, now=NOW).response_type != ResponseType.POSITIVE


@pytest.mark.parametrize(
    "text",
    [
        "не беспокойтесь, я приду",
        "не звоните, лучше пишите сюда",
        "не пишите завтра, я занята",
        "удалите мне покрытие и сделайте новое",
        "I'll stop by on Saturday",
        "стоп, а сколько стоит?",
        "почему не пишете, я жду",
        "не забудьте про меня",
        "остановка рядом с вами?",
        "запишите стопы на педикюр",
        "не хочу пропустить запись",
        "don't forget me",
        "нестоп",
    ],
)
def test_not_everything_that_looks_like_a_stop_is_one(text: str) -> None:
    assert read(text, now=NOW).intent != Intent.OPT_OUT


def test_nothing_understood_is_neutral_and_says_so() -> None:
    reading = read("лвралорвалр", now=NOW)
    assert (reading.intent, reading.confidence) == (Intent.NEUTRAL, UNSURE)
    assert reading.evidence == "nothing_matched"


def test_the_evidence_never_holds_the_words_of_the_client() -> None:
    assert "79990001122" not in read("мой номер 79990001122, запишите", now=NOW).evidence


BEFORE = ["", "Здравствуйте. ", "Спасибо. ", "Была у вас недавно. ", "Ну сколько можно! ", "Анна. "]
DEMANDS = [
    "не пишите мне больше",
    "больше не пишите",
    "удалите мой номер",
    "отпишите меня от рассылки",
    "хватит спамить",
    "прекратите рассылку",
    "не присылайте мне рекламу",
    "стоп",
    "unsubscribe",
    "stop texting me",
    "remove me from your list",
]
AFTER = ["", ".", "!", "!!!", " пожалуйста", ". Спасибо.", ". Мне это не нужно.", " 😡", ". Да."]


@given(
    before=st.sampled_from(BEFORE),
    demand=st.sampled_from(DEMANDS),
    after=st.sampled_from(AFTER),
    change=st.sampled_from([str, str.upper, str.capitalize]),
)
def test_a_demand_to_stop_wins_wherever_it_stands(
    before: str, demand: str, after: str, change: Callable[[str], str]
) -> None:
    assert read(before + change(demand) + after, now=NOW).intent == Intent.OPT_OUT


WORDS = [
    "да",
    "нет",
    "не",
    "второй",
    "2",
    "16:00",
    "в",
    "субботу",
    "завтра",
    "стоп",
    "спасибо",
    "?",
    "!",
    ".",
    ",",
    "👍",
    "😡",
    "запишите",
    "хочу",
    "мне",
    "позже",
    "через",
    "месяц",
    "@when",
    "@name",
    "$",
    "^",
    "[x]",
    "|",
    "*",
    "...",
    "25-го",
    "Анна",
    "anna",
    "stop",
    "ok",
    "+",
]


@given(
    st.text(max_size=200) | st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join),
    st.sampled_from([(), OFFERED[:1], OFFERED]),
)
def test_any_text_gives_a_reading(text: str, offered: Sequence[FreeTime]) -> None:
    reading = read(text, now=NOW, offered=offered)
    assert 0 < reading.confidence <= 1
    assert reading.evidence
    if reading.choice is not None:
        assert reading.choice == -1 or 1 <= reading.choice <= len(offered)


@pytest.mark.parametrize(
    "text",
    ["а" * 100_000, "1" * 10_000, "не " * 5_000, "\x00", "٣:٣٠ в ²", "ﷺ" * 3_000, "🏳️‍🌈" * 900],
)
def test_strange_and_endless_messages_are_read_too(text: str) -> None:
    assert read(text, now=NOW).intent in set(Intent)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("Не знаю такой", Intent.WRONG_PERSON),
        ("это не Виктор", Intent.WRONG_PERSON),
        ("да, мне нужно", Intent.BOOK),
        ("можно?", Intent.BOOK),
        ("Вы мне так сделали, что пришлось переделывать", Intent.COMPLAINT),
        ("спасибо, я теперь дома сама", Intent.DECLINE),
        ("к другому мастеру хожу", Intent.DECLINE),
        ("к другому мастеру можно?", Intent.QUESTION),
        ("а подешевле нет?", Intent.QUESTION),
        ("болею, как поправлюсь", Intent.LATER),
    ],
)
def test_what_salons_heard_is_understood(text: str, intent: Intent) -> None:
    assert read(text, now=NOW).intent == intent


@pytest.mark.parametrize(
    "text",
    [
        "а мой мастер не уволился?",
        "а мастер та же?",
        "а Тимур работает?",
        "Анна ещё работает?",
        "Мой мастер ещё у вас?",
        "does my stylist still work there?",
    ],
)
def test_a_question_about_one_master_is_told_from_one_about_all(text: str) -> None:
    reading = read(text, now=NOW)
    assert (reading.intent, reading.topic) == (Intent.QUESTION, Topic.MASTER)
    assert read("кто у вас работает?", now=NOW).topic == Topic.STAFF
