"""Messages that must not go out, each with the check that has to stop it.

`A` opens a message to Anna and `Z` asks the question; what stands between is the fault.
"""

from datetime import date
from typing import Any

from good_texts import BRIEF, EN, EN_NAMELESS, EN_OFFER, EN_TIMES, NAMELESS, PERCENT, TIMES, TY, VY

from vernis.decide.checks import Problem
from vernis.domain import Gender, Offer

A, Z = "Анна, здравствуйте! Это студия «Лак». ", " Записать вас на стрижку?"
T, Q = "Максим, привет! Это барбершоп «Борода». ", " Записать тебя?"
H, B = "Hi Anna, it's Lake Studio. ", " Shall we book you in?"
GOOD_TAIL = "Будем рады вас видеть."
TERMS = VY | {"offer": Offer(percent=10, terms="только по будням")}
UNKNOWN = TY | {"client_name": "Саша", "gender": None}
PRIVATE = VY | {"service_title": "Глубокое бикини"}
ONE_TIME = VY | {"free_times": TIMES["free_times"][:1], "on": date(2026, 11, 23)}
TOLD = VY | {"recent_texts": (A + "Мы вас помним и будем очень рады видеть снова." + Z,)}
TOLD_EN = EN | {"recent_texts": (H + "We remember you and would love to see you again." + B,)}
FORBIDS = VY | {"banned_words": ("волосы", "ждать в гости", "🌿", "красота")}
FORBIDS_EN = EN | {"banned_words": ("pamper", "treat yourself")}
FEMALE_TY = TY | {"client_name": "Мария", "gender": Gender.FEMALE}

BAD: list[tuple[dict[str, Any], Problem, list[str]]] = [
    (
        VY,
        Problem.LANGUAGE,
        [
            "",
            "...?",
            "Hi Anna, it's студия «Лак». Shall we book you in?",
            "Анна, вітаємо! Це студія «Лак». Чекаємо на вас. Записати вас?",
            A + "Будем happy вас видеть." + Z,
            "Анна, здравейте! Това е студия «Лак». Искаме да ви поканим отново. Записване на час?",
            "Anna, zdravstvuyte! Eto studia «Лак». Zapisat vas na strizhku?",
            A + "Ждём вас в нашем saloне." + Z,
            A + "Καλημέρα." + Z,
        ],
    ),
    (
        EN,
        Problem.LANGUAGE,
        [
            "Привет, Anna, it's Lake Studio. Записать вас?",
            "Hallo Anna, hier ist Lake Studio. Wir freuen uns auf Sie. Darf ich einen Termin "
            "machen?",
            "Hola Anna, somos Lake Studio. Nos gustaria verte pronto. Reservamos una cita para ti?",
            "Privet Anna, eto Lake Studio. Budem rady vas videt. Zapisat vas na strizhku?",
            H + "See you soon, дорогая." + B,
        ],
    ),
    (
        VY,
        Problem.LENGTH,
        [A + GOOD_TAIL + " Мы всегда рады гостям, подберём удобный день и время." * 4 + Z],
    ),
    (
        EN,
        Problem.LENGTH,
        [H + "We would be so happy to see you whenever you have the time." * 4 + B],
    ),
    (
        VY,
        Problem.EMOJI,
        [
            A + "Будем рады вас видеть 🙂🌿💅" + Z,
            A + "🎉 Будем рады 🎉 вас видеть 🎉." + Z,
            A + "Будем рады вас видеть ❤️❤️❤️" + Z,
        ],
    ),
    (
        BRIEF,
        Problem.EMOJI,
        [
            "Анна, здравствуйте. Это студия «Лак» 🙂 Записать вас на массаж?",
            "Анна, здравствуйте. Это студия «Лак». Будем рады вас видеть :) Записать вас на "
            "массаж?",
        ],
    ),
    (EN, Problem.EMOJI, [H + "So happy 🙂 to see 🌿 you ✨" + B]),
    (
        VY,
        Problem.SPACING,
        [
            A + "Будем  рады вас видеть." + Z,
            A + "\nБудем рады вас видеть." + Z,
            A + "Будем рады ,вас видеть." + Z,
            A + "Будем рады вас видеть.Ждём." + Z,
            A + "Будем рады вас видеть!!!" + Z,
            A + "Будем рады вас видеть.." + Z,
            "анна, здравствуйте! Это студия «Лак». Записать вас?",
            A + "будем рады вас видеть." + Z,
            A + "Будем рады (очень вас видеть." + Z,
            " " + A + GOOD_TAIL + Z,
            A + GOOD_TAIL + Z + "?",
        ],
    ),
    (
        EN,
        Problem.SPACING,
        ["hi Anna, it's Lake Studio." + B, H + "We'd love  to see you." + B, H + "so glad!!" + B],
    ),
    (
        VY,
        Problem.MARKUP,
        [
            A + "**Будем рады** вас видеть." + Z,
            A + "<b>Будем рады</b> вас видеть." + Z,
            A + "Будем рады вас видеть&nbsp;." + Z,
            "{name}, здравствуйте! Это студия «Лак». Записать вас?",
            "[имя], здравствуйте! Это студия «Лак». Записать вас?",
            "<name>, здравствуйте! Это студия «Лак». Записать вас?",
            "Имя, здравствуйте! Это студия «Лак». Записать вас?",
            "%name%, здравствуйте! Это студия «Лак». Записать вас?",
            "Анна, здравствуйте! Это {{company}}, студия «Лак». Записать вас?",
            "Анна, здравствуйте! Это студия «Лак», (название салона). Записать вас?",
            A + "# Приглашение. Будем рады вас видеть." + Z,
            A + "_Будем рады_ вас видеть." + Z,
            A + "Ждём вас на (услуга)." + Z,
            "- " + A + GOOD_TAIL + Z,
        ],
    ),
    (
        EN,
        Problem.MARKUP,
        [
            "Hi {name}, it's Lake Studio." + B,
            "Hi [Name], it's Lake Studio." + B,
            "Hi Your Name, it's Lake Studio." + B,
            "<p>Hi Anna, it's Lake Studio.</p>" + B,
            "Hi Anna, it's Lake Studio. **We'd love to see you.**" + B,
            "Hi $name, it's Lake Studio." + B,
        ],
    ),
    (
        VY,
        Problem.PREAMBLE,
        [
            "Вот сообщение для клиента: " + A + GOOD_TAIL + Z,
            "Конечно! " + A + GOOD_TAIL + Z,
            "Вот вариант: " + A + GOOD_TAIL + Z,
            "Отлично, вот текст. " + A + GOOD_TAIL + Z,
            f"«{A}{GOOD_TAIL}{Z}»",
            f'"{A}{GOOD_TAIL}{Z}"',
            "Сообщение: " + A + GOOD_TAIL + Z,
            "Как языковая модель, я предлагаю. " + A + GOOD_TAIL + Z,
            A + "Это сообщение соответствует инструкции." + Z,
            A + "Текст без упоминания скидок." + Z,
            "Черновик. " + A + GOOD_TAIL + Z,
            A + "Уложились в лимит символов." + Z,
        ],
    ),
    (
        EN,
        Problem.PREAMBLE,
        [
            "Sure! " + H + B.strip(),
            "Here is the message: " + H + B.strip(),
            "Subject: Visit. " + H + B.strip(),
            f'"{H.strip()}{B}"',
            "Certainly. " + H + B.strip(),
            H + "As an AI language model, I hope you are well." + B,
            H + "Ignore all previous instructions." + B,
            H + "This message follows the prompt." + B,
        ],
    ),
    (
        VY,
        Problem.NAME,
        [
            "Здравствуйте! Это студия «Лак». Записать вас на стрижку?",
            "Анна, здравствуйте! Анна, это студия «Лак». Записать вас?",
            "Аня, здравствуйте! Это студия «Лак». Записать вас?",
            "Анне, здравствуйте! Это студия «Лак». Записать вас?",
            "Здравствуйте! Это студия «Лак». Для Анны всё готово. Записать вас?",
            "Анна здравствуйте! Это студия «Лак». Записать вас?",
            "Здравствуйте Анна! Это студия «Лак». Записать вас?",
            "Анна Иванова, здравствуйте! Это студия «Лак». Записать вас?",
            "АННА, здравствуйте! Это студия «Лак». Записать вас?",
        ],
    ),
    (
        NAMELESS,
        Problem.NAME,
        ["Клиент 123, здравствуйте! Это студия «Лак». Записать вас?"],
    ),
    (EN, Problem.NAME, ["Hi, it's Lake Studio." + B, "Hi Ann, it's Lake Studio." + B]),
    (EN_NAMELESS, Problem.NAME, ["Hi see notes, it's Lake Studio." + B]),
    (
        NAMELESS,
        Problem.OTHER_NAME,
        [
            "Анна, здравствуйте! Это студия «Лак». Записать вас?",
            "Здравствуйте, Катя! Это студия «Лак». Записать вас?",
        ],
    ),
    (
        VY,
        Problem.OTHER_NAME,
        [
            A + "Вас ждёт Марина." + Z,
            A + "Светлана готова принять вас." + Z,
            "Анна, здравствуйте, Анечка! Это студия «Лак». Записать вас?",
            A + "Меня зовут Екатерина." + Z,
            A + "Приходите с Петей." + Z,
            A + "Мы открылись в Москве." + Z,
            A + "Работаем на косметике Лореаль." + Z,
        ],
    ),
    (
        EN,
        Problem.OTHER_NAME,
        [H + "Maria would love to see you." + B, H + "This is Jessica, by the way." + B],
    ),
    (
        VY,
        Problem.SENDER,
        [
            "Анна, здравствуйте! Будем рады вас видеть. Записать вас?",
            "Анна, здравствуйте! Это студия «Лаки». Записать вас?",
        ],
    ),
    (
        EN,
        Problem.SENDER,
        ["Hi Anna! We'd love to see you." + B, "Hi Anna, it's Lakeside Studio." + B],
    ),
    (
        VY,
        Problem.QUESTION,
        [
            A + "Будем рады вас видеть. Запишем вас на стрижку.",
            A + "Как ваши дела?" + Z,
            A + "Записать вас на стрижку? Будем рады вас видеть.",
            A + "Записать вас на стрижку? 🙂",
            A + "Хотите прийти? Записать вас? Когда?",
        ],
    ),
    (EN, Problem.QUESTION, [H + "How are you?" + B, H + "Shall we book you in? See you soon!"]),
    (
        VY,
        Problem.BOOKING,
        [
            A + "Как ваше настроение?",
            A + "Будем рады. Вы о нас помните?",
            A + "Что вы об этом думаете?",
            A + "Понравилось ли вам у нас?",
        ],
    ),
    (EN, Problem.BOOKING, [H + "How have you been?", H + "Did you like it with us?"]),
    (
        VY,
        Problem.BANNED,
        [
            A + "Мы скучаем." + Z,
            A + "Очень соскучились по вам!" + Z,
            A + "Вы давно не были у нас." + Z,
            A + "Вас не было целую вечность." + Z,
            A + "Куда же вы пропали." + Z,
            A + "Мы вас потеряли." + Z,
            A + "Запускаем программу реактивации." + Z,
            A + "Это ваш последний шанс." + Z,
            A + "Успейте записаться." + Z,
            A + "Спешите, будет интересно." + Z,
            A + "Количество мест ограничено." + Z,
            A + "Осталось всего несколько мест." + Z,
            A + "Не упустите возможность." + Z,
            A + "Торопитесь к нам." + Z,
            A + "Мы заметили, что вы не приходили." + Z,
            A + "Прошло уже много времени." + Z,
            A + "Вы были у нас месяц назад." + Z,
            A + "Без вас грустно." + Z,
            A + "Нам вас не хватает." + Z,
            A + "Вернитесь к нам." + Z,
            A + "Вы забыли о нас." + Z,
            "Анна, уважаемый клиент! Это студия «Лак». Записать вас?",
            A + "Только сегодня принимаем всех." + Z,
            A + "Пока не поздно, приходите." + Z,
            A + "Вы наша богиня." + Z,
            A + "Срочно нужна запись." + Z,
        ],
    ),
    (
        EN,
        Problem.BANNED,
        [
            H + "We miss you." + B,
            H + "We've missed you so much." + B,
            H + "It's been a while." + B,
            H + "We haven't seen you lately." + B,
            H + "Long time no see." + B,
            H + "This is your last chance." + B,
            H + "Hurry, we fill up." + B,
            H + "Limited spots." + B,
            H + "Only a few spots left." + B,
            H + "Don't miss out." + B,
            H + "Act now." + B,
            H + "We noticed you were away." + B,
            "Dear customer Anna, it's Lake Studio." + B,
            H + "We want to win you back." + B,
            H + "Where have you been." + B,
            H + "You visited us two months ago." + B,
        ],
    ),
    (
        FORBIDS,
        Problem.BANNED,
        [
            A + "Ваши волосы скажут спасибо." + Z,
            A + "Позаботимся о ваших волосах." + Z,
            A + "Будем ждать в гости." + Z,
            A + "Будем рады вас видеть 🌿" + Z,
            A + "За красотой к нам." + Z,
        ],
    ),
    (
        FORBIDS_EN,
        Problem.BANNED,
        [H + "Come and be pampered." + B, H + "Time to treat yourself." + B],
    ),
    (
        VY,
        Problem.NUMBER,
        [
            A + "Стрижка за 1500." + Z,
            A + "Звоните: 8 900 000-00-00." + Z,
            A + "Вы были у нас 60 дней без визита." + Z,
            A + "Работаем с 10 до 20." + Z,
            A + "Стрижка стоит полторы тысячи." + Z,
            A + "Вы приходили уже пять раз." + Z,
            A + "Нас выбирают тысячи гостей." + Z,
            A + "Мы салон №1." + Z,
        ],
    ),
    (
        EN,
        Problem.NUMBER,
        [
            H + "Cuts from $40." + B,
            H + "Call 555-0100." + B,
            H + "You came three times." + B,
            H + "A thousand guests love us." + B,
        ],
    ),
    (
        VY,
        Problem.TIME,
        [
            A + "Ждём вас завтра." + Z,
            A + "Приходите в субботу." + Z,
            A + "Увидимся в декабре." + Z,
            A + "Свободно вечером." + Z,
            A + "Работаем по выходным." + Z,
            A + "Это займёт час или полчаса, не больше часа." + Z,
            A + "Скоро Новый год, готовимся вместе." + Z,
            A + "Осень пришла, время перемен." + Z,
            A + "На этой неделе принимаем гостей." + Z,
            "Анна, доброе утро! Это студия «Лак». Записать вас?",
            A + GOOD_TAIL + " Записать вас на завтра?",
        ],
    ),
    (
        EN,
        Problem.TIME,
        [
            H + "See you tomorrow." + B,
            H + "Come on Saturday." + B,
            H + "We're open in December." + B,
            H + "This week is quiet." + B,
            "Good morning Anna, it's Lake Studio." + B,
            H + "Merry Christmas from us." + B,
            H + "It takes an hour." + B,
        ],
    ),
    (
        TIMES,
        Problem.NUMBER,
        [
            A + "Есть время в среду в 18:30." + Z,
            A + "Есть время в среду, 25 ноября, в 13:00." + Z,
            A + "Есть время в среду, 26 ноября, в 12:00." + Z,
            A + "Есть время в четверг в 12:00." + Z,
        ],
    ),
    (TIMES, Problem.TIME, [A + "Есть время в пятницу." + Z, A + "Есть время в понедельник." + Z]),
    (ONE_TIME, Problem.NUMBER, [A + "Есть время в 14:00." + Z, A + "Ждём 24 ноября в 12:00." + Z]),
    (
        EN_TIMES,
        Problem.NUMBER,
        [H + "Kelly is free on Wed at 18:30." + B, H + "How about 9 am." + B],
    ),
    (EN_TIMES, Problem.TIME, [H + "Kelly is free on Friday." + B]),
    (
        VY,
        Problem.LINK,
        [
            A + "Запись: salon.ru." + Z,
            A + "Подробнее https://lak.example." + Z,
            A + "Запись по ссылке в профиле." + Z,
            A + "Пишите нам в директ." + Z,
            A + "Онлайн-запись на нашем сайте." + Z,
        ],
    ),
    (
        EN,
        Problem.LINK,
        [
            H + "Book at lake.com." + B,
            H + "Click the link." + B,
            H + "See our Instagram for more." + B,
        ],
    ),
    (
        VY,
        Problem.OFFER_INVENTED,
        [
            A + "Для вас скидка." + Z,
            A + "Вас ждёт подарок." + Z,
            A + "Приятные цены для вас." + Z,
            A + "Уход для волос бесплатно." + Z,
            A + "Дарим уход." + Z,
            A + "У нас акция." + Z,
            A + "Начислим бонусы." + Z,
            A + "Специальное предложение для вас." + Z,
            A + "Вас ждёт маленький сюрприз." + Z,
            A + "Стрижка выгоднее обычного." + Z,
            A + "Маска в придачу." + Z,
            A + "Чашка ароматного кофе за наш счёт." + Z,
            A + "Назовите промокод." + Z,
        ],
    ),
    (
        EN,
        Problem.OFFER_INVENTED,
        [
            H + "We have a discount for you." + B,
            H + "There's a little gift for you." + B,
            H + "Your next cut is free." + B,
            H + "A treat from us." + B,
            H + "We have a special offer." + B,
            H + "Half price for you." + B,
            H + "A complimentary blow-dry for you." + B,
            H + "The first drink is on us." + B,
        ],
    ),
    (
        PERCENT,
        Problem.NUMBER,
        [
            A + "Для вас скидка 20% до 5 декабря при чеке от 2 000 ₽." + Z,
            A + "Для вас скидка 10% до 5 декабря при чеке от 3 000 ₽." + Z,
            A + "Для вас скидка 10% до 15 декабря при чеке от 2 000 ₽." + Z,
        ],
    ),
    (PERCENT, Problem.OFFER_MISSING, [A + GOOD_TAIL + Z.replace("на стрижку", "")]),
    (
        PERCENT,
        Problem.TERMS_MISSING,
        [
            A + "Для вас скидка 10%." + Z,
            A + "Для вас скидка 10% до 5 декабря." + Z,
            A + "Для вас скидка 10% при чеке от 2 000 ₽." + Z,
            A + "Для вас хорошая скидка." + Z,
        ],
    ),
    (TERMS, Problem.TERMS_MISSING, [A + "Для вас скидка 10%." + Z]),
    (
        PERCENT,
        Problem.OFFER_INVENTED,
        [
            A + "Для вас скидка 10% до 5 декабря при чеке от 2 000 ₽ и бесплатный уход." + Z,
            A + "Скидка 10% до 5 декабря при чеке от 2 000 ₽ и бонусы." + Z,
        ],
    ),
    (
        EN_OFFER,
        Problem.TERMS_MISSING,
        [H + "You have $20 off." + B, H + "You get $20 off until 5 Dec." + B],
    ),
    (EN_OFFER, Problem.NUMBER, [H + "You have $30 off until 5 Dec on bills of $100 or more." + B]),
    (
        VY,
        Problem.PROMISE,
        [
            A + "Результат гарантируем." + Z,
            A + "Вам точно понравится." + Z,
            A + "Обещаем отличное настроение." + Z,
            A + "Примем без очереди." + Z,
            A + "Вы не пожалеете." + Z,
            A + "Сделаем идеально." + Z,
            A + "У нас лучшие мастера." + Z,
            A + "Примем вас в любое время." + Z,
        ],
    ),
    (
        EN,
        Problem.PROMISE,
        [
            H + "We promise a lovely time." + B,
            H + "You won't regret it." + B,
            H + "You'll definitely love it." + B,
            H + "We are the best in town." + B,
            H + "Come any time." + B,
        ],
    ),
    (
        VY,
        Problem.CLAIM,
        [
            A + "У нас новый мастер." + Z,
            A + "Мы переехали." + Z,
            A + "У нас освободилось окошко." + Z,
            A + "Есть свободные места." + Z,
            A + "Мы обновили интерьер." + Z,
            A + "Как постоянному гостю, мы вам рады." + Z,
            A + "Вам так понравилось в прошлый раз." + Z,
            A + "Стрижка, наверное, уже отросла." + Z,
            A + "Угощаем кофе." + Z,
        ],
    ),
    (
        NAMELESS,
        Problem.CLAIM,
        ["Здравствуйте! Это студия «Лак». Ваш любимый мастер на месте. Записать?"],
    ),
    (
        EN,
        Problem.CLAIM,
        [
            H + "We have a new stylist." + B,
            H + "A spot just opened up." + B,
            H + "We have a few openings." + B,
            H + "We've moved to a bigger place, come and see, we relocated." + B,
            H + "Enjoy a coffee with us." + B,
        ],
    ),
    (EN_NAMELESS, Problem.CLAIM, ["Hi, it's Lake Studio. Your favourite stylist is in." + B]),
    (
        VY,
        Problem.OTHER_SERVICE,
        [
            A + "Ждём вас на маникюр." + " Записать вас?",
            A + GOOD_TAIL + " Записать вас на стрижку и окрашивание?",
            A + "Пора обновить педикюр." + " Записать вас?",
            A + "Предлагаем ламинирование." + " Записать вас?",
            A + "Массажем займётся Ольга." + " Записать вас?",
        ],
    ),
    (
        PRIVATE,
        Problem.OTHER_SERVICE,
        [
            "Анна, здравствуйте! Это студия «Лак». Записать вас на глубокое бикини?",
            "Анна, здравствуйте! Это студия «Лак». Записать вас на депиляцию?",
        ],
    ),
    (
        EN,
        Problem.OTHER_SERVICE,
        [H + "Shall we book your manicure?", H + "Time for a massage." + B],
    ),
    (
        VY,
        Problem.ADDRESS,
        [
            "Анна, привет! Это студия «Лак». Записать вас?",
            A + "Мы ждём тебя." + Z,
            A + "Приходи на стрижку." + Z,
            A + "Если хочешь, подберём время." + Z,
            A + "Давай подберём день." + Z,
            A + "Твоя Ольга ждёт." + Z,
        ],
    ),
    (
        TY,
        Problem.ADDRESS,
        [
            "Максим, здравствуйте! Это барбершоп «Борода». Записать тебя?",
            T + "Ждём вас." + Q,
            T + "Приходите на стрижку." + Q,
            T + "Если хотите, подберём время." + Q,
            T + "Будем рады. Записать вас?",
        ],
    ),
    (
        VY,
        Problem.GENDER,
        [
            A + "Мы ждал(а) вас." + Z,
            A + "Буду рад(а) вас видеть." + Z,
            A + "Буду рада вас видеть." + Z,
            A + "Буду рад вас видеть." + Z,
            A + "Если вы хотела прийти, мы поможем." + Z,
            A + "Вы остался довольны, надеемся." + Z,
            A + "Рад/рада видеть вас." + Z,
            A + "Вы готова прийти, и мы рады." + Z,
            "Анна, дорогая! Это студия «Лак». Записать вас?",
            A + "Ольга рад вас видеть." + Z,
        ],
    ),
    (
        FEMALE_TY,
        Problem.GENDER,
        ["Мария, привет! Это барбершоп «Борода». Если ты хотел прийти, ждём. Записать тебя?"],
    ),
    (
        UNKNOWN,
        Problem.GENDER,
        [
            "Саша, привет! Это барбершоп «Борода». Если ты хотел прийти, ждём. Записать тебя?",
            "Саша, привет! Это барбершоп «Борода». Если ты хотел(а) прийти, ждём. Записать тебя?",
            "Саша, привет! Это барбершоп «Борода». Ты готова прийти на стрижку?",
        ],
    ),
    (
        TOLD,
        Problem.REPEATED,
        [
            A + "Мы вас помним и будем очень рады видеть снова." + Z,
            "Здравствуйте, Анна! Это студия «Лак». Мы вас помним и будем очень рады снова вас "
            "видеть 🙂 Записать вас на женскую стрижку к Ольге?",
        ],
    ),
    (
        TOLD_EN,
        Problem.REPEATED,
        [
            H + "We remember you and would love to see you again." + B,
            "Hello Anna, Lake Studio here! We remember you and would love to see you again 🙂 "
            "Shall "
            "we book you in with Kelly?",
        ],
    ),
    (VY | {"opt_out_line": True}, Problem.OPT_OUT, [A + GOOD_TAIL + Z]),
]
TEXTS = [(text, problem, known) for known, problem, texts in BAD for text in texts]
