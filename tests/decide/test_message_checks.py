"""What a text must not hold, whoever wrote it."""

import pytest
from bad_texts import TEXTS as BAD_TEXTS
from good_texts import TEXTS as GOOD_TEXTS

from vernis.decide.writing.message import Problem, problems
from vernis.domain import Address, Band, Gender, Locale, MessageFacts, Offer

GOOD = "Анна, здравствуйте! Это студия «Лак». Будем рады вас видеть. Записать вас на стрижку?"
GOOD_EN = (
    "Hi Anna, it's Lake Studio. We'd love to see you again. Shall we book you in for a haircut?"
)
OFFER = Offer(percent=10, terms="до 30 июня")


def a_client(**changes: object) -> MessageFacts:
    known: dict[str, object] = {
        "locale": Locale.RU,
        "band": Band.OFFER,
        "company_name": 'Студия "Лак"',
        "client_name": "Анна Иванова",
        "service_title": "Стрижка",
        "staff_name": "Ольга",
    }
    return MessageFacts(**(known | changes))  # type: ignore[arg-type]


AN_ENGLISH_CLIENT = {
    "locale": Locale.EN,
    "company_name": "Lake Studio",
    "client_name": "Anna Smith",
    "service_title": "Haircut",
    "staff_name": "Kelly",
}


def test_every_bad_text_is_held_back() -> None:
    judged = [(*row, problems(row[0], MessageFacts(**row[2]))) for row in BAD_TEXTS]
    assert [row for row in judged if row[1] not in row[-1]] == []


def test_what_good_administrators_write_can_go_out() -> None:
    judged = [(problems(text, MessageFacts(**known)), text) for text, known in GOOD_TEXTS]
    assert [one for one in judged if one[0]] == []


def good(before: str, after: str) -> str:
    assert before in GOOD
    return GOOD.replace(before, after)


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        good("Записать вас на стрижку?", "Когда вам удобно прийти к Ольге?"),
        good("Будем рады", "Мы будем рады 🙂"),
        good("Это студия", "Пишет студия"),
        good("вас видеть", "Вас видеть"),
    ],
)
def test_a_good_text_can_go_out(text: str) -> None:
    assert problems(text, a_client()) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", Problem.LANGUAGE),
        ("?", Problem.LANGUAGE),
        (GOOD_EN, Problem.LANGUAGE),
        (good("видеть", "бачити і чути"), Problem.LANGUAGE),
        (good("Будем рады", "Будем happy"), Problem.LANGUAGE),
        (good("видеть", "видеть 你好"), Problem.LANGUAGE),
        (good("вас видеть", "вас видеть" + " и слышать" * 20), Problem.LENGTH),
        (good("видеть.", "видеть 🙂🌿✨"), Problem.EMOJI),
        (good("Это", " Это"), Problem.SPACING),
        (good("рады вас", "рады , вас"), Problem.SPACING),
        (good("Это", "\nЭто"), Problem.SPACING),
        ("а" + GOOD[1:], Problem.SPACING),
        (good("видеть", "**видеть**"), Problem.MARKUP),
        (good("видеть", "<b>видеть</b>"), Problem.MARKUP),
        (good("Анна", "{name}"), Problem.MARKUP),
        (good("Анна", "[ИМЯ]"), Problem.MARKUP),
        ("Вот сообщение: " + GOOD, Problem.PREAMBLE),
        ("Сообщение: " + GOOD, Problem.PREAMBLE),
        ("Конечно! " + GOOD, Problem.PREAMBLE),
        (f"«{GOOD}»", Problem.PREAMBLE),
        (f'"{GOOD}"', Problem.PREAMBLE),
        (good("Анна, здравствуйте", "Здравствуйте"), Problem.NAME),
        (good("Записать", "Анна, записать"), Problem.NAME),
        (good("Анна", "Аня"), Problem.NAME),
        (good("Анна", "Анны"), Problem.NAME),
        (good("видеть", "видеть и Марину"), Problem.OTHER_NAME),
        (good("Будем рады", "Светлана и мы рады"), Problem.OTHER_NAME),
        (good("видеть", "видеть, Анечка"), Problem.OTHER_NAME),
        (good(" Это студия «Лак».", ""), Problem.SENDER),
        (good("«Лак»", "«Лаки»"), Problem.SENDER),
        (good("видеть.", "видеть?"), Problem.QUESTION),
        (good("стрижку?", "стрижку."), Problem.QUESTION),
        (good("стрижку?", "стрижку? Ждём"), Problem.QUESTION),
        (good("Записать вас на стрижку?", "Как ваше настроение?"), Problem.BOOKING),
        (good("Будем рады вас видеть", "Мы скучаем"), Problem.BANNED),
        (good("Будем рады вас видеть", "Соскучились по вам"), Problem.BANNED),
        (good("Будем рады вас видеть", "Вы у нас давно не были"), Problem.BANNED),
        (good("Будем рады вас видеть", "Вас не было долго"), Problem.BANNED),
        (good("Будем рады вас видеть", "Мы заметили перерыв"), Problem.BANNED),
        (good("Будем рады вас видеть", "Это последний шанс"), Problem.BANNED),
        (good("Будем рады вас видеть", "Успейте записаться"), Problem.BANNED),
        (good("Будем рады вас видеть", "Уважаемый клиент"), Problem.BANNED),
        (good("Будем рады вас видеть", "Программа реактивации"), Problem.BANNED),
        (good("видеть", "видеть за 1500"), Problem.NUMBER),
        (good("видеть", "видеть №"), Problem.NUMBER),
        (good("видеть", "видеть завтра"), Problem.TIME),
        (good("видеть", "видеть в субботу"), Problem.TIME),
        (good("видеть", "видеть в марте"), Problem.TIME),
        (good("видеть", "видеть на salon.ru"), Problem.LINK),
        (good("видеть", "видеть https://x"), Problem.LINK),
        (good("Будем рады вас видеть", "Для вас скидка"), Problem.OFFER_INVENTED),
        (good("Будем рады вас видеть", "Вас ждёт подарок"), Problem.OFFER_INVENTED),
        (good("Будем рады вас видеть", "Кофе бесплатно"), Problem.OFFER_INVENTED),
        (good("вас видеть", "тебя видеть"), Problem.ADDRESS),
        (good("видеть", "видеть: ждал(а)"), Problem.GENDER),
        (good("Будем рады", "Мы рад/а"), Problem.GENDER),
    ],
)
def test_a_bad_text_is_told_by_its_fault(text: str, problem: Problem) -> None:
    assert problem in problems(text, a_client())


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (GOOD_EN.replace("love to see you again", "missed you"), Problem.BANNED),
        (GOOD_EN.replace("We'd love to see you again", "Last chance"), Problem.BANNED),
        (GOOD_EN.replace("again", "again at 5"), Problem.NUMBER),
        (GOOD_EN.replace("again", "tomorrow"), Problem.TIME),
        (GOOD_EN.replace("again", "at a discount"), Problem.OFFER_INVENTED),
        (GOOD_EN.replace("see you", "see you and Maria"), Problem.OTHER_NAME),
        (GOOD_EN.replace("again", "снова"), Problem.LANGUAGE),
        ("Sure! " + GOOD_EN, Problem.PREAMBLE),
        ("Here is the message: " + GOOD_EN, Problem.PREAMBLE),
        (GOOD_EN.replace("Shall we book you in for a haircut?", "How are you?"), Problem.BOOKING),
        (GOOD_EN.replace("Anna", "Ann"), Problem.NAME),
    ],
)
def test_a_bad_english_text_is_told_by_its_fault(text: str, problem: Problem) -> None:
    assert problem in problems(text, a_client(**AN_ENGLISH_CLIENT))


def test_a_good_english_text_can_go_out() -> None:
    assert problems(GOOD_EN, a_client(**AN_ENGLISH_CLIENT)) == []


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Для вас скидка 10%, до 30 июня.", []),
        ("Дарим вам скидку 10%, до 30 июня.", []),
        ("Для вас скидка 15%, до 30 июня.", [Problem.NUMBER, Problem.OFFER_MISSING]),
        ("Для вас скидка 10%.", [Problem.TERMS_MISSING]),
        ("Для вас скидка 10%, до 30 июня, и ещё 5%.", [Problem.NUMBER]),
        ("Будем рады вас видеть.", [Problem.OFFER_MISSING]),
    ],
)
def test_an_offer_is_said_as_the_company_made_it(said: str, expected: list[Problem]) -> None:
    text = good("Будем рады вас видеть.", said)
    assert problems(text, a_client(offer=OFFER)) == expected


@pytest.mark.parametrize(
    ("said", "gender", "is_wrong"),
    [
        ("хотела", Gender.FEMALE, False),
        ("хотел", Gender.FEMALE, True),
        ("хотела", Gender.MALE, True),
        ("хотел", Gender.MALE, False),
        ("хотел", None, True),
        ("хочешь", None, False),
    ],
)
def test_forms_after_ty_go_by_the_gender(said: str, gender: Gender | None, is_wrong: bool) -> None:
    text = f"Саша, привет! Это студия «Лак». Если ты {said} прийти, ждём. Записать тебя?"
    facts = a_client(client_name="Саша", gender=gender, address=Address.TY)
    assert (Problem.GENDER in problems(text, facts)) == is_wrong


def test_a_strange_name_is_not_put_into_the_text() -> None:
    facts = a_client(client_name="Аня мама Пети")
    assert problems(good("Анна, здравствуйте", "Здравствуйте"), facts) == []
    assert problems(good("Анна", "Аня мама Пети"), facts) != []


def test_the_way_out_is_said_where_it_is_asked_for() -> None:
    facts = a_client(opt_out_line=True)
    assert problems(GOOD, facts) == [Problem.OPT_OUT]
    text = good("Записать", "Если писать не нужно, ответьте «стоп». Записать")
    assert problems(text, facts) == []


def test_what_the_company_wrote_itself_is_no_fault() -> None:
    facts = a_client(company_name="Nail Bar 24", offer=Offer(gift="Роза и кофе до 12:00"))
    text = "Анна, здравствуйте! Это Nail Bar 24. Для вас роза и кофе до 12:00. Записать вас?"
    assert problems(text, facts) == []


def test_an_unreadable_text_is_judged_too() -> None:
    assert problems("\x00\ud800" * 50, a_client()) != []
