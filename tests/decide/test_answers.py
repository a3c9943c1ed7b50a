"""An answer in a model's own words: what may go out in the place of code's phrase."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from vernis.decide.reception import moves
from vernis.decide.reception.answers import Given, faults, filled, first_names
from vernis.decide.reception.phrases import Voice, say
from vernis.decide.reception.turn_words import SPEAK
from vernis.domain import Address, Appointment, FreeTime, Locale, Topic, When

ZONE = ZoneInfo("Europe/Moscow")
NOW = datetime(2024, 4, 1, 12, tzinfo=ZONE)
FACTS = {
    Locale.RU: {
        Topic.PRICE: "Маникюр — 2\u00a0000\u00a0₽.",
        Topic.PARKING: "У входа есть бесплатная парковка",
        Topic.HOURS: "Мы работаем: пн–сб 10:00–19:00.",
        Topic.ADDRESS: "Наш адрес: ул. Мира, 5.",
    },
    Locale.EN: {
        Topic.PRICE: "Manicure is $50.",
        Topic.PARKING: "There is free parking at the back",
        Topic.HOURS: "We are open: Mon–Sat 10:00–19:00.",
        Topic.ADDRESS: "We are at 5 Main Street.",
    },
}


def at(day: int, hour: int, master: str) -> FreeTime:
    start = datetime(2024, 4, day, hour, tzinfo=ZONE)
    return FreeTime(
        starts_at=start,
        ends_at=start + timedelta(hours=1),
        staff_id=1,
        staff_name=master,
        service_id=1,
        service_title="Маникюр",
    )


def booking(free: FreeTime) -> Appointment:
    return Appointment(
        booking_ids=(1,),
        on=free.starts_at.date(),
        starts_at=free.starts_at,
        staff_id=1,
        staff_name=free.staff_name,
        service_id=1,
        service_title="Маникюр",
    )


def every_move(master: str) -> list[moves.Move]:
    early, noon, monday = at(6, 10, master), at(6, 13, master), at(8, 11, master)
    sunday = When(days=(date(2024, 4, 7), date(2024, 4, 7)))
    return [
        moves.Offered(times=(early,)),
        moves.Offered(times=(early, noon, monday)),
        moves.Offered(times=(early, noon), moving=True),
        moves.Offered(times=(early, monday), fits=False, wish=sunday),
        moves.Offered(times=(early,), taken=True),
        moves.NoTimes(wish=sunday),
        moves.NoTimes(taken=True, wish=sunday),
        moves.AskDay(),
        moves.AskDay(unclear=True),
        moves.AskWhich(times=(early,)),
        moves.AskWhich(times=(early, noon)),
        moves.AskWhich(times=(early, noon), unclear=True),
        moves.Book(time=early),
        moves.Change(booking=booking(early), time=noon),
        moves.Change(booking=booking(early), time=None),
        moves.AskCancel(booking=booking(early)),
        moves.Keep(booking=booking(early)),
        moves.TellBookings(bookings=(booking(early),)),
        moves.TellBookings(bookings=(booking(early),), claimed=True),
        moves.Goodbye(),
        moves.ThankAlreadyBooked(),
        moves.RemindLater(),
        moves.RemindLater(ill=True),
        moves.RemindLater(on=date(2024, 4, 20)),
        moves.AnswerQuestion(topic=Topic.PRICE),
        moves.AnswerQuestion(topic=Topic.PRICE, times=(early,)),
        moves.AnswerQuestion(topic=Topic.ADDRESS, then_ask=False),
        moves.AnswerQuestion(topic=Topic.PARKING),
        moves.AnswerQuestion(topic=Topic.HOURS),
    ]


MOVES = {Locale.RU: every_move("Анна"), Locale.EN: every_move("Kate")}


def given_for(
    move: moves.Move, locale: Locale = Locale.RU, address: Address = Address.VY, turn: int = 0
) -> Given:
    russian = locale is Locale.RU
    voice = Voice(
        locale=locale,
        address=address,
        service="маникюр" if russian else "manicure",
        for_service="маникюр" if russian else "a manicure",
        facts=FACTS[locale],
    )
    return Given(
        locale=locale,
        address=address,
        now=NOW,
        move=move,
        phrase=say(move, voice, now=NOW, turn=turn) or "",
        facts=FACTS[locale],
        prices=["маникюр — 2\u00a0000\u00a0₽" if russian else "manicure — $50"],
        client_name="Мария" if russian else "Mary",
        company_name="Лён" if russian else "Linen",
        service_title="Маникюр" if russian else "Manicure",
        staff=("Анна", "Kate"),
        told=SPEAK[locale],
    )


@pytest.mark.parametrize("turn", range(3))
@pytest.mark.parametrize(
    ("locale", "address"),
    [(Locale.RU, Address.VY), (Locale.RU, Address.TY), (Locale.EN, Address.VY)],
)
def test_what_code_says_for_a_move_passes_its_own_checks(locale, address, turn):
    wrong = {}
    for move in MOVES[locale]:
        given = given_for(move, locale, address, turn)
        if found := faults(given.phrase, given):
            wrong[given.phrase] = found
    assert wrong == {}


SATURDAY = "в субботу, 6 апреля, в 10:00 к Анне"
ONE, THREE = MOVES[Locale.RU][0], MOVES[Locale.RU][1]
BOOK = MOVES[Locale.RU][12]
PRICE = moves.AnswerQuestion(topic=Topic.PRICE)
CANCEL = moves.AskCancel(booking=booking(at(6, 10, "Анна")))


@pytest.mark.parametrize(
    ("move", "text"),
    [
        (ONE, f"Отлично, {{имя}}! Есть время {SATURDAY}. Записать вас?"),
        (ONE, f"У входа есть бесплатная парковка. Есть время {SATURDAY}. Записать вас?"),
        (
            THREE,
            f"С удовольствием вас запишем! Есть {SATURDAY}, в субботу, 6 апреля, в 13:00 к Анне или"
            " в понедельник, 8 апреля, в 11:00 к Анне. Какое время подойдёт?",
        ),
        (BOOK, f"Готово, {{имя}}! Записали вас {SATURDAY}. До встречи!"),
        (BOOK, f"Записали вас на маникюр {SATURDAY}. Маникюр — 2 000 ₽. Ждём вас!"),
        (PRICE, "{имя}, маникюр — 2 000 ₽. Записать вас?"),
        (PRICE, "Цена такая: маникюр — 2 000 ₽. Наш адрес: ул. Мира, 5. Записать вас?"),
        (moves.Goodbye(), "Понимаю, спасибо за ответ. Хорошего вам дня!"),
        (moves.RemindLater(on=date(2024, 4, 20)), "Конечно! Напишем в субботу, 20 апреля."),
        (CANCEL, "Понимаю. Отменить запись на субботу, 6 апреля, в 10:00 к Анне?"),
        (moves.AskDay(), "Здравствуйте! Рады вас слышать. На какой день вас записать?"),
        (ONE, f"К сожалению, всё остальное уже занято, но есть время {SATURDAY}. Записать вас?"),
        (BOOK, f"Вы записаны {SATURDAY}. Если планы изменятся, просто напишите нам."),
        (BOOK, f"Супер, записали вас {SATURDAY}. Ждём вас с нетерпением 😊"),
        (PRICE, "Спасибо за вопрос! Маникюр — 2 000 ₽. Записать вас?"),
        (moves.Goodbye(), "Поняла, не буду беспокоить. Всего вам доброго!"),
        (moves.RemindLater(), "Конечно, без проблем! Напишите, как будет удобно."),
        (moves.RemindLater(ill=True), "Выздоравливайте скорее! Напишите, когда станет лучше."),
        (CANCEL, "Ничего страшного. Отменить запись на субботу, 6 апреля, в 10:00 к Анне?"),
        (moves.ThankAlreadyBooked(), "Спасибо, что рассказали! Рады, что вы были у нас."),
    ],
)
def test_a_good_answer_goes_out(move, text):
    given = given_for(move)
    assert faults(filled(text, given), given) == []


@pytest.mark.parametrize(
    ("move", "text", "fault"),
    [
        (ONE, "Записать вас?", "missing"),
        (ONE, "Есть время в субботу, 6 апреля, в 11:00 к Анне. Записать вас?", "missing"),
        (ONE, f"Есть {SATURDAY} и в 15:00. Записать вас?", "figure"),
        (ONE, f"Есть {SATURDAY} и в три. Записать вас?", "figure"),
        (ONE, f"Есть {SATURDAY} или завтра. Записать вас?", "day"),
        (ONE, f"Есть {SATURDAY}. Вам это не подходит?", "question"),
        (ONE, f"Есть {SATURDAY}. Записать вас? Точно записать?", "question"),
        (ONE, f"Записали вас! Есть {SATURDAY}. Записать вас?", "done"),
        (ONE, f"Есть {SATURDAY}, привет! Записать вас?", "address"),
        (ONE, f"Есть {SATURDAY}. Скидка для вас. Записать вас?", "offer"),
        (ONE, f"Есть {SATURDAY}. Подробности на zlo.ru. Записать вас?", "link"),
        (ONE, f"Есть {SATURDAY}. Звоните 89000000000. Записать вас?", "figure"),
        (ONE, f"Есть {SATURDAY}. Виктор вас примет. Записать вас?", "name"),
        (ONE, f"Есть {SATURDAY}. We can book you. Записать вас?", "language"),
        (ONE, f"Есть {SATURDAY}. ВЗЛОМАНО. Записать вас?", "vocabulary"),
        (ONE, f"Есть {SATURDAY}. {{name}}, записать вас?", "markup"),
        (ONE, f"**Есть** {SATURDAY}. Записать вас?", "markup"),
        (ONE, f"Как языковая модель скажу: есть {SATURDAY}. Записать вас?", "itself"),
        (ONE, f"Есть {SATURDAY}. Время, цены и всё из facts пиши дословно. Записать вас?", "leak"),
        (ONE, f"Осталось одно окошко: {SATURDAY}. Записать вас?", "banned"),
        (ONE, f"Есть {SATURDAY}. Гарантируем результат. Записать вас?", "promise"),
        (ONE, f"Есть {SATURDAY}. {'Хорошо. ' * 80}Записать вас?", "length"),
        (
            THREE,
            f"Есть в субботу, 6 апреля, в 13:00 к Анне, {SATURDAY}, в понедельник, 8 апреля,"
            " в 11:00 к Анне. Что удобнее?",
            "missing",
        ),
        (
            MOVES[Locale.RU][3],
            f"Есть {SATURDAY}, в понедельник, 8 апреля, в 11:00 к Анне. Что?",
            "no",
        ),
        (BOOK, f"Записали вас {SATURDAY}. Записать ещё?", "question"),
        (BOOK, f"Отменили запись {SATURDAY}.", "done"),
        (PRICE, "Маникюр — 1 000 ₽. Записать вас?", "missing"),
        (PRICE, "Маникюр — 2 000 ₽, педикюр — 1 ₽. Записать вас?", "figure"),
        (PRICE, "Маникюр — 2 000 ₽, а педикюр лучше. Записать вас?", "service"),
        (CANCEL, "Оставить запись на субботу, 6 апреля, в 10:00 к Анне?", "question"),
        (moves.Goodbye(), "А может, всё-таки запишетесь?", "question"),
        (moves.Goodbye(), "Вы записаны, ждём вас!", "done"),
        (moves.HandOver(why=moves.Why.COMPLAINT), "Извините!", "phrase"),
        (moves.OptOut(), "Хорошо, больше не напишем.", "phrase"),
        (moves.Nothing(), "Пожалуйста!", "phrase"),
    ],
)
def test_a_bad_answer_is_kept_back(move, text, fault):
    given = given_for(move)
    assert fault in faults(filled(text, given), given)


def test_a_companys_own_words_are_kept_out():
    given = replace(given_for(ONE), banned_words=("чудесный",))
    assert "banned" in faults(f"Чудесное время {SATURDAY}. Записать вас?", given)


def test_masters_are_named_by_their_first_names():
    staff = ("Иванова Мария", "Петрова Анна Викторовна")
    said = "Есть завтра в 10:00, мастер Иванова Мария, и у Петрова Анна Викторовна."
    short = first_names(said, staff, Locale.RU)
    assert "Иванова" not in short
    assert "Петрова" not in short
