"""Russian: the phrases, and the forms of days, hours and names that they need.

«[вас|тебя]» is what a company says with вы, and with ты. A phrase has several wordings where it
may be needed twice in a row.
"""

from datetime import date, datetime

from vernis.decide.writing.first_names import FEMALE_RU, MALE_RU

PHRASES: dict[str, tuple[str, ...]] = {
    # times
    "offer_one": (
        "Есть время {time}. Записать [вас|тебя]?",
        "Могу предложить {time}. Записать [вас|тебя]?",
        "Свободно {time}. [Вам|Тебе] подойдёт?",
    ),
    "offer_some": (
        "Есть время:\n{times}\nЧто подойдёт?",
        "Могу предложить:\n{times}\nКакое время удобнее?",
        "Свободно:\n{times}\nЧто [выберете|выберешь]?",
    ),
    "move_one": (
        "Могу перенести {to_time}. Переносим?",
        "Свободно {time}. Перенести?",
    ),
    "move_some": (
        "Могу перенести на другое время:\n{times}\nЧто подойдёт?",
        "Свободно:\n{times}\nКуда перенести?",
    ),
    "nearest_one": (
        "{missed}. Ближайшее: {time}. {shall_i}",
        "{missed}. Есть {time}. {shall_i}",
    ),
    "nearest_some": (
        "{missed}. Ближайшее:\n{times}\nЧто подойдёт?",
        "{missed}. Есть другое время:\n{times}\nЧто удобнее?",
    ),
    "earlier_one": ("{missed}. Есть {time}. {shall_i}",),
    "earlier_some": ("{missed}. Есть в другие дни:\n{times}\nЧто подойдёт?",),
    "shall_i_book": ("Записать [вас|тебя]?",),
    "shall_i_move": ("Перенести?",),
    "taken": ("[Извините|Извини], это время только что заняли. {rest}",),
    "not_with": ("К {master} {then} записи нет. {rest}",),
    "then_hours": ("на это время",),
    "then_day": ("в этот день",),
    "then_days": ("в эти дни",),
    "missed_day": ("{day}, к сожалению, нет свободного времени",),
    "missed_days": ("В эти дни, к сожалению, нет свободного времени",),
    "missed_soon": ("В ближайшие дни, к сожалению, нет свободного времени",),
    "missed_exact": ("На это время, к сожалению, записи нет",),
    "missed_hours": ("В эти часы, к сожалению, записи нет",),
    "missed_earlier": ("Раньше, к сожалению, нет",),
    "missed_later": ("Позже, к сожалению, нет",),
    "no_times": (
        "{missed}. Какой ещё день [вам|тебе] удобен?",
        "{missed}. [Подскажите|Подскажи], какой другой день подойдёт?",
    ),
    # what is asked
    "greet": (
        "[Здравствуйте|Привет]! Записать [вас|тебя]? [Напишите|Напиши], какой день удобен, а время"
        " подберём.",
    ),
    "unclear": ("[Подскажите|Подскажи], пожалуйста, [вас|тебя] записать? Если да, на какой день?",),
    "which_unclear": (
        "Не совсем понятно. Какое время записать: {places}?",
        "[Уточните|Уточни], пожалуйста: какое время записать, {places}?",
    ),
    "which": (
        "Какое время [вам|тебе] удобнее: {places}?",
        "Какое из них записать: {places}?",
    ),
    "which_one": (
        "[Подтвердите|Подтверди], пожалуйста: записать [вас|тебя] {time}?",
        "Записать [вас|тебя] {time}?",
    ),
    "which_move": (
        "[Подтвердите|Подтверди], пожалуйста: перенести {to_time}?",
        "Перенести {to_time}?",
    ),
    "which_service": (
        "На что [вас|тебя] записать?\n{titles}",
        "Какую услугу выбрать?\n{titles}",
    ),
    "write_please": (
        "Голосовые здесь, к сожалению, не послушать. [Напишите|Напиши], пожалуйста, текстом.",
    ),
    # what was done
    "booked": ("Записали [вас|тебя] {time}. Ждём [вас|тебя]!",),
    "booked_for": ("Записали [вас|тебя] на {for_service} {time}. Ждём [вас|тебя]!",),
    "booked_service": ("Записали [вас|тебя] {time}: {service}. Ждём [вас|тебя]!",),
    "moved": ("Перенесли [вашу|твою] запись {to_time}. Ждём [вас|тебя]!",),
    "cancelled": (
        "Отменили запись {to_visit}. [Захотите|Захочешь] прийти — просто [напишите|напиши].",
    ),
    # the client's own bookings
    "cancel_or_move": (
        "Отменить запись {to_visit}? Чтобы перенести, [напишите|напиши] другой день.",
        "[Подтвердите|Подтверди], пожалуйста: отменить запись {to_visit}?",
    ),
    "cancel_which": ("Какую запись отменить?\n{visits}", "Которую из них отменить?\n{visits}"),
    "move_which": ("Какую запись перенести?\n{visits}", "Которую из них перенести?\n{visits}"),
    "visit": ("Да, вижу [вашу|твою] запись: {visit}. Ждём [вас|тебя]!",),
    "visit_thanks": ("Отлично, вижу [вашу|твою] запись: {visit}. Ждём [вас|тебя]!",),
    "visits": ("Вот [ваши|твои] записи:\n{visits}\nЖдём [вас|тебя]!",),
    "no_visit": (
        "На этот номер записи пока не вижу. [Подскажите|Подскажи], пожалуйста, на какой она день"
        " и время? Администратор проверит.",
    ),
    "no_visit_to_tell": ("На этот номер записи пока не вижу. Записать [вас|тебя]?",),
    "kept": ("Хорошо, запись остаётся: {visit}. Ждём [вас|тебя]!",),
    # the end
    "goodbye": (
        "Хорошо, спасибо за ответ! Если что, будем рады [вас|тебя] видеть.",
        "Поняли, не настаиваем. Хорошего дня!",
    ),
    "opt_out": ("Хорошо, больше не напишем. Всего доброго!",),
    "was_here": ("Спасибо, что [сказали|пишешь]! Будем рады [вас|тебя] видеть снова.",),
    "wrong_person": ("[Извините|Извини] за беспокойство! Больше на этот номер не напишем.",),
    "later": (
        "Хорошо, не торопим. [Напишите|Напиши], когда будет удобно.",
        "Конечно. [Напишите|Напиши] в любой день, подберём время.",
    ),
    "later_ill": ("[Поправляйтесь|Поправляйся]! [Напишите|Напиши], когда будет удобно.",),
    "later_on": ("Хорошо, напомним {day}.", "Договорились, напишем {day}."),
    "later_on_ill": ("[Поправляйтесь|Поправляйся]! Напомним {day}.",),
    # after an answer
    "book_you": ("Записать [вас|тебя]?",),
    "book_you_with": ("Записать [вас|тебя] к {whom}?",),
    "which_then": ("Какое время записать: {places}?",),
    "which_one_then": ("Записать [вас|тебя] {time}?",),
    # to a person
    "question": ("Передам [ваш|твой] вопрос администратору, [вам|тебе] ответят здесь.",),
    "complaint": (
        "Очень жаль, что так вышло, [извините|извини]. Передаю [ваше|твоё] сообщение"
        " руководителю, с [вами|тобой] свяжутся.",
    ),
    "wants_person": ("Конечно, передаю администратору. [Вам|Тебе] ответят здесь.",),
    "change": ("С этим поможет администратор, уже передаю. [Вам|Тебе] ответят здесь.",),
    "check": ("Спасибо, администратор проверит и ответит [вам|тебе] здесь.",),
    "note": ("Спасибо, что [предупредили|пишешь]! Передаю администратору.",),
    "voice": ("Передам сообщение администратору, [вам|тебе] ответят здесь.",),
    "picture": ("Спасибо! Покажу администратору, [вам|тебе] ответят здесь.",),
    "unclear_person": ("Передам администратору, [вам|тебе] ответят здесь.",),
    "too_long": ("Передам администратору, [вам|тебе] ответят здесь.",),
}

OR = "или"
_WEEKDAYS = (
    "понедельник", "вторник", "среду", "четверг", "пятницу", "субботу", "воскресенье",
)  # fmt: skip
_MONTHS = (
    "января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября",
    "октября", "ноября", "декабря",
)  # fmt: skip
_FEMALE = frozenset(FEMALE_RU.split())
_MALE = frozenset(MALE_RU.split())
_DATIVE = {"лев": "Льву", "павел": "Павлу", "петр": "Петру", "любовь": "Любови"}


def say_day(day: date, today: date, *, to: bool = False) -> str:
    """«в субботу, 4 августа», «завтра»; with `to` «на субботу, 4 августа», «на завтра»."""
    away = (day - today).days
    if away in {0, 1}:
        return ("на " if to else "") + ("сегодня", "завтра")[away]
    before = "на" if to else "во" if day.weekday() == 1 else "в"
    return f"{before} {_WEEKDAYS[day.weekday()]}, {day.day} {_MONTHS[day.month - 1]}"


def say_moment(start: datetime, master: str, today: date, *, to: bool = False) -> str:
    """«в субботу, 4 августа, в 16:00 к Анне»; «завтра в 10:00, мастер Мадлен»."""
    day = say_day(start.date(), today, to=to)
    comma = "," if "," in day else ""
    return f"{day}{comma} в {start.hour}:{start.minute:02d}{_with(master)}"


def in_a_list(moment: str) -> str:
    """A moment as a line of its own."""
    return moment


def dative(master: str) -> str | None:
    """«Анна Викторовна» -> «Анне Викторовне»; None where a form is not certain."""
    first, *more = master.split() or [""]
    man = first.lower().replace("ё", "е") in _MALE - _FEMALE
    forms = [_dative(first), *(_patronymic_dative(word, of_man=man) for word in more)]
    certain = [form for form in forms if form]
    return " ".join(certain) if len(more) < 2 and len(certain) == len(forms) else None


def pronoun(master: str | None) -> str | None:
    """«ней», «нему»: to whom; None where the name does not tell."""
    first = (master or "").split()[:1]
    folded = first[0].lower().replace("ё", "е") if first else ""
    if (folded in _FEMALE) == (folded in _MALE):
        return None
    return "ней" if folded in _FEMALE else "нему"


def _with(master: str) -> str:
    """« к Анне», or «, мастер ...» where the dative is not certain, or nothing."""
    if not master:
        return ""
    form = dative(master)
    return f" к {form}" if form else f", мастер {master}"


def _patronymic_dative(word: str, *, of_man: bool) -> str | None:
    """«Викторовна» -> «Викторовне», «Петрович» -> «Петровичу»; None for other words.

    A surname in -ич declines only with a man's name, and then like the patronymic.
    """
    if word.endswith(("овна", "евна", "ична")):
        return word[:-1] + "е"
    return word + "у" if word.endswith("ич") and of_man else None


def _dative(name: str) -> str | None:
    folded = name.lower().replace("ё", "е")
    if folded in _DATIVE:
        return _DATIVE[folded]
    if folded not in _FEMALE | _MALE or not name[0].isupper():
        return None
    if folded.endswith("ия"):
        return name[:-1] + "и"
    if folded[-1] in "ая":
        return name[:-1] + "е"
    if folded in _FEMALE:
        return None
    if folded[-1] in "йь":
        return name[:-1] + "ю"
    return name + "у" if folded[-1] in "бвгджзклмнпрстфхцчшщ" else None
