"""Messages as attentive administrators write them: none of these may be held back.

Written freely, not by the templates; grouped by the client that they were written to.
"""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from vernis.domain import Address, Band, Gender, Locale, Offer, Tone

ZONE = ZoneInfo("Europe/Moscow")
WEDNESDAY = datetime(2026, 11, 25, 12, 0, tzinfo=ZONE)
THURSDAY = datetime(2026, 11, 26, 18, 30, tzinfo=ZONE)
VY: dict[str, Any] = {
    "locale": Locale.RU,
    "band": Band.WIN_BACK,
    "company_name": 'Студия "Лак"',
    "client_name": "Анна Иванова",
    "service_title": "Стрижка женская",
    "staff_name": "Ольга",
}
TY: dict[str, Any] = VY | {
    "address": Address.TY,
    "client_name": "Максим",
    "company_name": "Барбершоп «Борода»",
    "service_title": "МУЖСКАЯ СТРИЖКА // ТОП-МАСТЕР",
    "staff_name": "Артём",
}
PATRONYMIC = VY | {"client_name": "Сергеева Нина Павловна", "service_title": "Маникюр + педикюр"}
NAMELESS = VY | {"client_name": "Клиент 123", "service_title": "Комплекс №3", "staff_name": None}
PERCENT = VY | {
    "offer": Offer(percent=10, floor_minor=200_000, currency="RUB", valid_days=10),
    "on": date(2026, 11, 25),
}
GIFT = VY | {"offer": Offer(gift="Маска для волос"), "service_title": "Окрашивание волос"}
TIMES = VY | {
    "on": date(2026, 11, 23),
    "free_times": (WEDNESDAY, THURSDAY),
}
BRIEF = VY | {"tone": Tone.BRIEF, "service_title": "Массаж спины 60 минут"}
SASHA = TY | {"client_name": "Саша", "gender": Gender.FEMALE, "service_title": "Маникюр"}

EN: dict[str, Any] = {
    "locale": Locale.EN,
    "band": Band.WIN_BACK,
    "company_name": "Lake Studio",
    "client_name": "Anna Smith",
    "service_title": "Women's hair cut",
    "staff_name": "Kelly",
}
EN_NAMELESS = EN | {"client_name": "see notes", "service_title": "SHCW", "staff_name": None}
EN_OFFER = EN | {
    "offer": Offer(amount_minor=2000, currency="USD", floor_minor=10_000, valid_days=10),
    "on": date(2026, 11, 25),
}
EN_TIMES = EN | {
    "free_times": (WEDNESDAY, THURSDAY),
}

GOOD: list[tuple[dict[str, Any], list[str]]] = [
    (
        VY,
        [
            "Анна, добрый день! Это студия «Лак». Хотите, подберу вам удобное время на стрижку?",
            "Здравствуйте, Анна! Пишет студия «Лак». Ольга будет рада вас видеть. Записать вас?",
            "Анна, здравствуйте! Студия «Лак» на связи 🙂 Когда вам было бы удобно заглянуть к "
            "нам?",
            "Добрый день, Анна! Это Ваша студия «Лак». Подскажите, записать Вас на женскую "
            "стрижку?",
            "Анна, здравствуйте! Вас приветствует студия «Лак». Будем рады снова видеть вас у "
            "нас. "
            "Какой день вам подойдёт для визита?",
            "Здравствуйте, Анна! Это студия «Лак». Мы подумали о вас и решили узнать: не пора "
            "ли на "
            "стрижку?",
            "Анна, добрый день! Администратор студии «Лак». Хотела узнать, записать ли вас к "
            "Ольге?",
            "Анна, здравствуйте! Это студия «Лак» 🌿 Если волосам нужен уход, приходите, мы всё "
            "подскажем. Записать вас на стрижку?",
            "Здравствуйте, Анна. Это студия «Лак». Всегда рады вам. На какой день вас записать?",
            "Анна, добрый день! Студия «Лак». Когда вам удобно прийти освежить стрижку?",
            "Анна, здравствуйте! Это студия «Лак». Ольга спрашивала о вас, будет рада встрече. "
            "Подобрать время?",
            "Здравствуйте, Анна! На связи студия «Лак». Хотим пригласить вас на женскую стрижку. "
            "Вам удобнее в будни или в выходные?",
            "Анна, добрый день! Это студия «Лак». Вы у нас всегда желанный гость. Записать вас к "
            "Ольге на стрижку?",
            "Анна, здравствуйте! Студия «Лак» желает вам хорошего дня 🙂 Посмотреть для вас время "
            "на стрижку?",
            "Здравствуйте, Анна! Это студия «Лак». Мы будем очень рады, если вы снова выберете "
            "нас. "
            "Подобрать для вас удобное время у Ольги?",
            "Анна, здравствуйте! Пишу вам из студии «Лак». Скажите, пожалуйста, записать вас на "
            "ближайшие дни?",
            "Анна, добрый день! Студия «Лак» приглашает вас на стрижку. Когда вам удобно: утром "
            "или "
            "вечером?",
            "Здравствуйте, Анна! Это студия «Лак». Если что-то в прошлый раз не понравилось, "
            "расскажите нам, пожалуйста. А пока: записать вас на стрижку?",
            "Анна, здравствуйте! Это студия «Лак». Ждём вас в гости и с удовольствием подберём "
            "время под ваш график. Когда записать?",
            "Анна, рады приветствовать! Студия «Лак» на связи. Хотите записаться на стрижку к "
            "Ольге?",
            "Добрый день, Анна! Студия «Лак» беспокоит. Ольга готова принять вас. Записать?",
            "Анна, здравствуйте! Это студия «Лак». Напоминаем о себе и будем рады помочь с "
            "записью. "
            "На какой день посмотреть время?",
            "Анна, здравствуйте! В студии «Лак» вас помнят и всегда рады вашему визиту. Может "
            "быть, "
            "запишем вас на стрижку?",
            "Здравствуйте, Анна! Студия «Лак». Самое время побаловать себя стрижкой. Записать вас?",
            "Анна, добрый день! Студия «Лак». Запись к Ольге лучше планировать заранее. Подобрать "
            "вам день?",
            "Анна, здравствуйте! Студия «Лак». Давайте обновим вам причёску. Записать вас к Ольге?",
            "Анна, добрый день! Это студия «Лак», администратор. Как насчёт женской стрижки?",
            "Анна, здравствуйте! Студия «Лак». Нам очень приятно, что вы были с нами. Хотели бы "
            "пригласить вас ещё раз. Когда сможете прийти?",
            "Здравствуйте, Анна! Мы в студии «Лак» часто вспоминаем наших гостей, и вас тоже 🙂 "
            "Найдётся время заглянуть к нам?",
            "Здравствуйте, Анна! Это студия «Лак». Знаем, что дел много, поэтому подстроимся под "
            "вас. Какой день вам удобен?",
            "Анна, здравствуйте! Студия «Лак». Просто хотим сказать спасибо, что выбираете нас. "
            "Запланируем следующий визит?",
            "Добрый день, Анна! Студия «Лак». Стрижка любит регулярность, а мы любим вас "
            "радовать. "
            "Запишем вас?",
            "Анна, приветствуем вас! Студия «Лак». Напишите, какой день удобен, и мы всё устроим. "
            "Записать вас на стрижку к Ольге?",
            "Анна, здравствуйте! Это студия «Лак». Хотите, посмотрю свободные окошки у Ольги?",
            "Здравствуйте, Анна, это студия «Лак». Не подскажете, когда вам удобно прийти на "
            "стрижку?",
            "Анна, добрый день! Студия «Лак». Есть ли у вас планы на стрижку в ближайшее время?",
            "Анна, здравствуйте! Студия «Лак» будет рада видеть вас вновь. Позвольте записать вас?",
        ],
    ),
    (
        TY,
        [
            "Максим, привет! Это барбершоп «Борода». Записать тебя на мужскую стрижку к Артёму?",
            "Привет, Максим! Барбершоп «Борода» на связи. Когда тебе удобно зайти?",
            "Максим, привет! Пишет барбершоп «Борода». Артём будет рад тебя видеть. Записать тебя?",
            "Привет, Максим! Это барбершоп «Борода» ✂️ Пора освежить стрижку. На какой день тебя "
            "записать?",
            "Максим, добрый день! Барбершоп «Борода». Заходи на стрижку, будем рады. Подобрать "
            "тебе "
            "время?",
            "Максим, привет! Это барбершоп «Борода». Если хотел подстричься, напиши, подберём "
            "время. "
            "Записать тебя?",
            "Привет, Максим! Барбершоп «Борода». Твоё кресло у Артёма ждёт. Запишем тебя?",
            "Максим, здравствуй! Это барбершоп «Борода». Давай подберём тебе день. Когда удобно "
            "прийти?",
            "Привет, Максим! Барбершоп «Борода». Как раз составляем расписание. Оставить тебе "
            "время "
            "на стрижку?",
            "Максим, привет! Барбершоп «Борода». Мы всегда тебе рады. Хочешь записаться к Артёму?",
        ],
    ),
    (
        SASHA,
        [
            "Саша, привет! Это барбершоп «Борода». Если ты хотела прийти, подскажем по времени. "
            "Записать тебя на маникюр?",
            "Привет, Саша! Барбершоп «Борода» на связи. Когда тебе удобно прийти на маникюр?",
        ],
    ),
    (
        PATRONYMIC,
        [
            "Нина Павловна, здравствуйте! Это студия «Лак». Записать вас на маникюр и педикюр?",
            "Здравствуйте, Нина Павловна! Пишет студия «Лак». Когда вам удобно прийти к Ольге?",
            "Нина Павловна, добрый день. Студия «Лак». Будем рады принять вас на маникюр. Какой "
            "день вам удобен?",
            "Добрый день, Нина Павловна! Это студия «Лак». Ольга с радостью примет вас. Подобрать "
            "вам время на педикюр?",
        ],
    ),
    (
        NAMELESS,
        [
            "Здравствуйте! Это студия «Лак». Записать вас на ближайшие дни?",
            "Здравствуйте! Студия «Лак» приглашает вас в гости. Когда ждать вас?",
            "Добрый день! Пишет студия «Лак». Будем рады вас видеть. Когда вам удобно прийти?",
            "Здравствуйте! Студия «Лак». Хотели бы пригласить вас к нам. Подобрать вам время?",
            "Здравствуйте! На связи студия «Лак» 🙂 Подскажите, какой день вам удобен для визита?",
            "Добрый день! Студия «Лак» напоминает о себе. Вы бы хотели записаться?",
            "Здравствуйте! Это студия «Лак». Какое время вам было бы удобно?",
        ],
    ),
    (
        PERCENT,
        [
            "Анна, здравствуйте! Это студия «Лак». Для вас скидка 10% до 5 декабря при чеке от "
            "2 000 ₽. Записать вас на стрижку?",
            "Анна, добрый день! Студия «Лак» дарит вам скидку 10% при чеке от 2000 ₽, она "
            "действует до 5 декабря. Когда вам удобно прийти?",
            "Здравствуйте, Анна! Это студия «Лак». Приготовили для вас скидку 10%: до 5 декабря, "
            "при чеке от 2 000 ₽. Подобрать время у Ольги?",
            "Здравствуйте, Анна! Студия «Лак». До 5 декабря у вас скидка 10% при чеке от 2 000 ₽. "
            "На какой день вас записать?",
        ],
    ),
    (
        GIFT,
        [
            "Анна, здравствуйте! Это студия «Лак». Для вас маска для волос в подарок. Записать "
            "вас "
            "на окрашивание волос?",
            "Анна, добрый день! Студия «Лак» дарит вам маску для волос. Когда вам удобно прийти?",
            "Здравствуйте, Анна! Студия «Лак». При записи на окрашивание вас ждёт подарок: маска "
            "для волос. Подобрать время?",
        ],
    ),
    (
        TIMES,
        [
            "Анна, здравствуйте! Это студия «Лак». У Ольги есть время в среду, 25 ноября, в "
            "12:00 и "
            "в четверг в 18:30. Какое вам удобно?",
            "Анна, добрый день! Студия «Лак». Можем записать вас в среду в 12:00. Вам подойдёт "
            "это "
            "время?",
            "Здравствуйте, Анна! Студия «Лак». Освободилось окошко в четверг, 26 ноября, в 18:30. "
            "Записать вас?",
            "Анна, здравствуйте! Это студия «Лак». Свободно в среду в 12:00 или в четверг в "
            "18:30. "
            "Когда вас записать?",
            "Здравствуйте, Анна! Это студия «Лак». Записать вас на стрижку к Ольге в среду в "
            "12:00?",
            "Здравствуйте, Анна! Это студия «Лак». Записать вас на стрижку?",
        ],
    ),
    (
        BRIEF,
        [
            "Анна, здравствуйте. Студия «Лак». Записать вас на массаж спины?",
            "Здравствуйте, Анна. Это студия «Лак». Пора запланировать массаж. Какой день удобен?",
            "Анна, добрый день. Студия «Лак». Есть возможность записать вас к Ольге. Когда удобно "
            "прийти?",
            "Анна, здравствуйте. Студия «Лак». Планируете ли вы массаж спины на этой неделе?",
        ],
    ),
    (
        EN,
        [
            "Hi Anna! It's Lake Studio. Would you like to come in for a haircut with Kelly?",
            "Hello Anna, this is Lake Studio. Kelly would love to see you. Shall we book you in?",
            "Hi Anna, Lake Studio here. We'd be happy to find you a time. Which day works best?",
            "Hey Anna, it's Lake Studio 🙂 Time for a fresh cut. Want us to book you in with "
            "Kelly?",
            "Hi Anna, hope you're well! This is Lake Studio. Can we book you a women's haircut?",
            "Anna, hello from Lake Studio! We'd be so glad to have you back. When suits you to "
            "come in?",
            "Hi Anna, it's the team at Lake Studio. Just a little nudge about your next haircut. "
            "Shall we find you a spot?",
            "Hello Anna! Lake Studio here. If you're thinking of a haircut, just let us know. "
            "What "
            "day would suit you?",
            "Hi Anna, Lake Studio here. Your next visit is only a message away. Shall we book it?",
            "Hi Anna, it's Lake Studio. If anything could have been better last time, we'd love "
            "to "
            "hear it. May we book you in again?",
            "Hi Anna! Lake Studio wishes you a lovely day 🌿 Would you like an appointment with "
            "Kelly?",
            "Hello Anna, it's Lake Studio. You're always welcome here. Would a weekday or a "
            "weekend "
            "be better to come in?",
            "Anna, it's Lake Studio. We'd love to see you and your hair again. Fancy booking in?",
            "Hi Anna, this is Lake Studio. It would be great to see you. Do you want to book a "
            "haircut?",
            "Hello Anna! Kelly at Lake Studio would be glad to see you again. Could we fit you in?",
            "Hi Anna, Lake Studio here. Plans change, no worries at all. Would you like to "
            "schedule "
            "your next haircut?",
            "Hi Anna, it's Lake Studio. We take care of the rest, you just pick the day. When "
            "would you like to visit?",
            "Hi Anna, hello from Lake Studio. Do mornings or evenings work better for a visit?",
            "Hi Anna, it's Lake Studio here with a friendly reminder. Shall we reserve a time for "
            "your haircut?",
            "Hello Anna, Lake Studio here. Thanks for being our guest. Can we save you a spot?",
            "Hi Anna! Hope all is well. It's Lake Studio. Can we book you in?",
            "Hi Anna, Lake Studio here. Feel free to pick any day. When would you like to come by?",
            "Hi Anna, it's Lake Studio. Kelly asked after you. Shall I put you down for a cut?",
            "Hi Anna, Lake Studio. We'd love to look after your hair again. Which day is good for "
            "you?",
            "Hello Anna, this is Lake Studio. Could we tempt you with a haircut at ours?",
            "Hi Anna, Lake Studio here. Ready when you are. Want to get a haircut in the diary?",
            "Hi Anna, Lake Studio here! No pressure at all. Shall we set up your next appointment?",
            "Dear Anna, this is Lake Studio. We would be delighted to welcome you again. May we "
            "arrange your next haircut?",
        ],
    ),
    (
        EN_NAMELESS,
        [
            "Hi! It's Lake Studio. Would you like to book your next visit?",
            "Hello from Lake Studio! We'd love to see you again. Which day suits you to come in?",
            "Hi there! Lake Studio here. Shall we find a time for you?",
            "Hello! This is Lake Studio. Would you like an appointment with us?",
            "Hi, it's Lake Studio. We'd be happy to see you. When would you like to stop by?",
        ],
    ),
    (
        EN_OFFER,
        [
            "Hi Anna, it's Lake Studio. You have $20 off until 5 Dec on bills of $100 or more. "
            "Shall "
            "we book you in?",
            "Hello Anna! Lake Studio here. We'd like to give you $20 off bills of $100 or more, "
            "until 5 Dec. When would you like to come in?",
            "Hi Anna, Lake Studio here. Until 5 Dec you get $20 off a bill of $100 or more. Would "
            "you like to book a haircut?",
        ],
    ),
    (
        EN_TIMES,
        [
            "Hi Anna, it's Lake Studio. Kelly is free on Wed 25 Nov at 12:00 or Thu 26 Nov at "
            "18:30. Which time suits you?",
            "Hello Anna! Lake Studio here. We have a spot on Wednesday at 12 pm. Shall we book it?",
            "Hi Anna, Lake Studio here. How about Thursday, Nov 26 at 6:30 p.m.?",
            "Hi Anna, it's Lake Studio. Would you like to book a haircut?",
        ],
    ),
]
TEXTS = [(text, known) for known, texts in GOOD for text in texts]
