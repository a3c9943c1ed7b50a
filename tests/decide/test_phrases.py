"""What the receptionist says."""

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from vernis.decide.reception import moves, phrases_en, phrases_ru
from vernis.decide.reception.moves import Purpose, Why
from vernis.decide.reception.phrases import Voice, say
from vernis.domain import Address, Appointment, FreeTime, Locale, Topic, When

MOSCOW = ZoneInfo("Europe/Moscow")
NOW = datetime(2026, 7, 30, 11, tzinfo=MOSCOW)  # a Thursday


def at(month: int, day: int, hour: int, minute: int = 0, master: str = "Анна") -> FreeTime:
    start = datetime(2026, month, day, hour, minute, tzinfo=MOSCOW).astimezone(ZoneInfo("UTC"))
    return FreeTime(
        starts_at=start,
        ends_at=start + timedelta(hours=1),
        staff_id=1,
        staff_name=master,
        service_id=7,
        service_title="Стрижка",
    )


VY = Voice()
TY = Voice(address=Address.TY)
EN = Voice(locale=Locale.EN)


@pytest.mark.parametrize(
    ("free", "said"),
    [
        (at(8, 1, 16), "в субботу, 1 августа, в 16:00 к Анне"),
        (at(8, 4, 9, 30), "во вторник, 4 августа, в 9:30 к Анне"),
        (at(8, 5, 10), "в среду, 5 августа, в 10:00 к Анне"),
        (at(8, 7, 10), "в пятницу, 7 августа, в 10:00 к Анне"),
        (at(7, 30, 18), "сегодня в 18:00 к Анне"),
        (at(7, 31, 10), "завтра в 10:00 к Анне"),
        (at(8, 1, 10, master="Олег"), "в субботу, 1 августа, в 10:00 к Олегу"),
        (at(8, 1, 10, master="Мария"), "в субботу, 1 августа, в 10:00 к Марии"),
        (at(8, 1, 10, master="Андрей"), "в субботу, 1 августа, в 10:00 к Андрею"),
        (at(8, 1, 10, master="Игорь"), "в субботу, 1 августа, в 10:00 к Игорю"),
        (at(8, 1, 10, master="Павел"), "в субботу, 1 августа, в 10:00 к Павлу"),
        (at(8, 1, 10, master="Юля"), "в субботу, 1 августа, в 10:00 к Юле"),
        (at(8, 1, 10, master="Айгуль"), "в субботу, 1 августа, в 10:00, мастер Айгуль"),
        (at(8, 1, 10, master="Топ-мастер 2"), "в субботу, 1 августа, в 10:00, мастер Топ-мастер 2"),
        (at(8, 1, 10, master=""), "в субботу, 1 августа, в 10:00"),
        (at(8, 1, 10, master="KELLY"), "в субботу, 1 августа, в 10:00, мастер Kelly"),
        (
            at(8, 1, 10, master="Елена Викторовна"),
            "в субботу, 1 августа, в 10:00 к Елене Викторовне",
        ),
        (at(8, 1, 10, master="Иван Петрович"), "в субботу, 1 августа, в 10:00 к Ивану Петровичу"),
        (
            at(8, 1, 10, master="Анна Рабинович"),
            "в субботу, 1 августа, в 10:00, мастер Анна Рабинович",
        ),
        (at(8, 1, 10, master="JJ"), "в субботу, 1 августа, в 10:00, мастер JJ"),
        (at(8, 1, 10, master="АННА"), "в субботу, 1 августа, в 10:00 к Анне"),
    ],
)
def test_a_time_is_said_as_people_write_it(free: FreeTime, said: str) -> None:
    assert say(moves.Book(time=free), VY, now=NOW) == f"Записали вас {said}. Ждём вас!"


def test_a_booking_names_the_service_where_it_can_be_said() -> None:
    voice = Voice(service="мужская стрижка")
    said = say(moves.Book(time=at(8, 1, 16)), voice, now=NOW)
    assert said == "Записали вас в субботу, 1 августа, в 16:00 к Анне: мужская стрижка. Ждём вас!"


def test_offers_are_numbered() -> None:
    said = say(moves.Offered(times=(at(7, 31, 10), at(8, 1, 16))), VY, now=NOW)
    assert said == (
        "Есть время:\n1) завтра в 10:00 к Анне\n2) в субботу, 1 августа, в 16:00 к Анне\n"
        "Что подойдёт?"
    )


@pytest.mark.parametrize(
    ("move", "said"),
    [
        (moves.OptOut(), "Хорошо, больше не напишем. Всего доброго!"),
        (moves.HandOver(why=Why.QUESTION), "Передам ваш вопрос администратору, вам ответят здесь."),
        (moves.RemindLater(), "Хорошо, не торопим. Напишите, когда будет удобно."),
        (moves.RemindLater(on=date(2026, 8, 29)), "Хорошо, напомним в субботу, 29 августа."),
        (moves.Nothing(), None),
        (moves.HandOver(why=Why.AFTER_OPT_OUT), None),
        (
            moves.Offered(times=(at(7, 31, 10),)),
            "Есть время завтра в 10:00 к Анне. Записать вас?",
        ),
        (
            moves.Offered(times=(at(7, 31, 10),), taken=True),
            "Извините, это время только что заняли. "
            "Есть время завтра в 10:00 к Анне. Записать вас?",
        ),
    ],
)
def test_a_move_is_said_briefly(move: moves.Move, said: str | None) -> None:
    assert say(move, VY, now=NOW) == said


DAY, WEEK = (date(2026, 8, 3),) * 2, (date(2026, 8, 3), date(2026, 8, 9))
FOUR = (time(16), time(16))


@pytest.mark.parametrize(
    ("wish", "ru", "en"),
    [
        (
            When(days=DAY),
            "В понедельник, 3 августа, к сожалению, нет свободного времени",
            "Sorry, nothing is free on Monday, August 3",
        ),
        (
            When(days=WEEK),
            "В эти дни, к сожалению, нет свободного времени",
            "Sorry, nothing is free on those days",
        ),
        (
            When(days=(date(2026, 7, 31),) * 2, hours=FOUR),
            "На это время, к сожалению, записи нет",
            "Sorry, that time isn't available",
        ),
        (
            When(hours=(time(8), time(9))),
            "В эти часы, к сожалению, записи нет",
            "Sorry, those hours aren't available",
        ),
        (
            When(days=(date(2026, 8, 1),) * 2, hours=FOUR),
            "В субботу, 1 августа, к сожалению, нет свободного времени",
            "Sorry, nothing is free on Saturday, August 1",
        ),
    ],
)
def test_a_missed_wish_is_said_as_it_was(wish: When, ru: str, en: str) -> None:
    move = moves.Offered(times=(at(7, 31, 10),), fits=False, wish=wish)
    said = say(move, VY, now=NOW)
    assert said == f"{ru}. Ближайшее: завтра в 10:00 к Анне. Записать вас?"
    assert (say(move, EN, now=NOW) or "").startswith(en)


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        (None, "В ближайшие дни, к сожалению, нет свободного времени. Какой ещё день вам удобен?"),
        (
            When(days=DAY),
            "В понедельник, 3 августа, к сожалению, нет свободного времени. "
            "Какой ещё день вам удобен?",
        ),
    ],
)
def test_no_times_names_the_day_that_was_meant(wish: When | None, said: str) -> None:
    assert say(moves.NoTimes(wish=wish), VY, now=NOW) == said


VISIT = Appointment(
    booking_ids=(1,), on=date(2026, 8, 1), starts_at=at(8, 1, 16).starts_at, staff_name="Анна"
)
DAY_ONLY = Appointment(booking_ids=(2, 3), on=date(2026, 8, 5))
TWO = (at(7, 31, 10), at(8, 1, 16))
ALL_MOVES: list[moves.Move] = [
    moves.Offered(times=TWO),
    moves.Offered(times=TWO, moving=True),
    moves.Offered(times=TWO[:1], moving=True),
    moves.Offered(times=TWO[:1], moving=True, fits=False),
    moves.Offered(times=TWO[:1], fits=False),
    moves.Offered(times=TWO, taken=True),
    moves.Offered(times=TWO[:1], fits=False, asked=Topic.EARLIER_TIME),
    moves.Offered(times=TWO, fits=False, asked=Topic.LATER_TIME),
    moves.NoTimes(),
    moves.NoTimes(taken=True),
    moves.Book(time=at(8, 1, 16)),
    moves.Change(booking=VISIT, time=at(8, 2, 10)),
    moves.Change(booking=VISIT, time=None),
    moves.AskDay(),
    moves.AskDay(unclear=True),
    moves.AskWhich(times=TWO),
    moves.AskWhich(times=TWO[:1], unclear=True),
    moves.AskWhich(times=TWO[:1], unclear=True, moving=True),
    moves.AskService(titles=("Стрижка", "Окрашивание")),
    moves.AskCancel(booking=VISIT),
    moves.AskCancel(booking=DAY_ONLY),
    moves.AskWhichBooking(bookings=(VISIT, DAY_ONLY), purpose=Purpose.CANCEL),
    moves.AskWhichBooking(bookings=(VISIT, DAY_ONLY), purpose=Purpose.MOVE),
    moves.TellBookings(bookings=(VISIT,)),
    moves.TellBookings(bookings=(DAY_ONLY,), claimed=True),
    moves.TellBookings(bookings=(VISIT, DAY_ONLY)),
    *(moves.NoBookings(purpose=purpose) for purpose in Purpose),
    moves.Keep(booking=VISIT),
    moves.Goodbye(),
    moves.OptOut(),
    *(moves.HandOver(why=why) for why in set(Why) - {Why.AFTER_OPT_OUT, Why.TAKEN}),
    moves.ThankAlreadyBooked(),
    moves.WrongPerson(),
    moves.RemindLater(),
    moves.RemindLater(ill=True),
    moves.RemindLater(on=date(2026, 8, 29)),
    moves.RemindLater(on=date(2026, 8, 29), ill=True),
    moves.AskToWrite(),
]


@pytest.mark.parametrize("turn", range(3))
def test_ty_has_no_formal_word_left(turn: int) -> None:
    formal = re.compile(r"\b([Вв]ы|[Вв]ас|[Вв]ам|[Вв]ами|[Вв]аш\w*|\w+йте|\w+ите)\b")
    spoken = [(move, say(move, TY, now=NOW, turn=turn)) for move in ALL_MOVES]
    assert [(move, said) for move, said in spoken if not said or formal.search(said)] == []


@pytest.mark.parametrize("turn", range(3))
def test_english_has_no_russian_in_it(turn: int) -> None:
    spoken = [(move, say(move, EN, now=NOW, turn=turn)) for move in ALL_MOVES]
    russian = re.compile("[а-яё{}|]", re.IGNORECASE)
    names = re.compile("Анна|Стрижка|Окрашивание")
    assert [
        (move, said) for move, said in spoken if not said or russian.search(names.sub("", said))
    ] == []


@pytest.mark.parametrize("voice", [VY, TY, EN], ids=["vy", "ty", "en"])
def test_every_move_is_said_without_a_slot_left_over(voice: Voice) -> None:
    left_over = re.compile(r"[{}\[\]|]|\s\s|\.\.")
    spoken = [(move, say(move, voice, now=NOW) or "") for move in ALL_MOVES]
    assert [(move, said) for move, said in spoken if left_over.search(said)] == []


def test_both_languages_have_the_same_phrases_with_the_same_slots() -> None:
    ru, en = phrases_ru.PHRASES, phrases_en.PHRASES
    assert ru.keys() == en.keys()
    for key, wordings in ru.items():
        slots = {frozenset(re.findall(r"{(\w+)}", text)) for text in (*wordings, *en[key])}
        assert len({slot - {"time", "to_time", "visit", "to_visit"} for slot in slots}) == 1, key


REPEATED = [
    moves.Offered(times=TWO),
    moves.Offered(times=TWO[:1]),
    moves.Offered(times=TWO, moving=True),
    moves.Offered(times=TWO, fits=False),
    moves.NoTimes(),
    moves.AskWhich(times=TWO),
    moves.AskWhich(times=TWO, unclear=True),
    moves.AskWhich(times=TWO[:1]),
    moves.AskService(titles=("Стрижка", "Окрашивание")),
    moves.AskCancel(booking=VISIT),
    moves.RemindLater(),
    moves.Goodbye(),
    moves.AnswerQuestion(topic=Topic.PRICE),
]


@pytest.mark.parametrize("move", REPEATED, ids=lambda move: type(move).__name__)
def test_nothing_is_said_twice_in_a_row(move: moves.Move) -> None:
    facts = {Topic.PRICE: "Стрижка — 1 500 ₽."}
    for voice in (Voice(facts=facts), Voice(locale=Locale.EN, facts=facts)):
        last = ""
        for turn in (0, 0, 1, 1, 5):
            said = say(move, voice, now=NOW, turn=turn, last=last)
            assert said
            assert said != last
            last = said


def test_english_times_are_said_in_english() -> None:
    said = say(moves.Book(time=at(8, 1, 16, master="Anna")), EN, now=NOW)
    assert said == "You're booked on Saturday, August 1 at 4:00 pm with Anna. See you then!"


def test_an_answer_is_the_company_s_own_fact() -> None:
    voice = Voice(facts={Topic.PRICE: "Стрижка стоит 1 500 ₽"})
    move = moves.AnswerQuestion(topic=Topic.PRICE)
    assert say(move, voice, now=NOW) == "Стрижка стоит 1 500 ₽. Записать вас?"
    assert say(moves.AnswerQuestion(topic=Topic.HOURS), voice, now=NOW) is None


@pytest.mark.parametrize(
    ("master", "after"),
    [("Тимур", " Записать вас к нему?"), ("Елена Викторовна", " Записать вас к ней?"),
     ("Топ-мастер 2", " Записать вас?")],
)  # fmt: skip
def test_who_asks_for_a_master_is_asked_back_about_that_master(master: str, after: str) -> None:
    voice = Voice(master=master, facts={Topic.MASTER: f"Да, {master} работает."})
    said = say(moves.AnswerQuestion(topic=Topic.MASTER), voice, now=NOW)
    assert said == f"Да, {master} работает.{after}"


def test_a_booking_is_for_a_service() -> None:
    voice = Voice(service="мужская стрижка", for_service="мужскую стрижку")
    said = say(moves.Book(time=at(8, 1, 16)), voice, now=NOW)
    assert said == "Записали вас на мужскую стрижку в субботу, 1 августа, в 16:00 к Анне. Ждём вас!"


def test_where_only_others_are_free_it_is_said() -> None:
    move = moves.Offered(times=(at(8, 1, 16),), wish=When(days=(date(2026, 8, 1),) * 2))
    said = say(move, Voice(master="Марина"), now=NOW)
    assert said == (
        "К Марине в этот день записи нет. "
        "Есть время в субботу, 1 августа, в 16:00 к Анне. Записать вас?"
    )
    assert "Марин" not in (say(move, Voice(master="Анна"), now=NOW) or "")
