"""What the receptionist says for each move: Russian with вы or ты, and English.

Short, without pressure, in the forms that people write. A word whose form is not certain (a rare
name, a service) is said in a sentence that needs no form.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from vernis.decide import dialog as moves
from vernis.decide.dialog import Why
from vernis.decide.first_names import FEMALE_RU, MALE_RU
from vernis.domain import Address, FreeTime, Locale, Topic, When

_WEEKDAYS_RU = (
    "в понедельник", "во вторник", "в среду", "в четверг", "в пятницу", "в субботу",
    "в воскресенье",
)  # fmt: skip
_MONTHS_RU = (
    "января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября",
    "октября", "ноября", "декабря",
)  # fmt: skip
_WEEKDAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS_EN = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """How a company speaks. `service` is the spoken title in the nominative, `for_service` the
    same after «на», if there is one; `master` is whom the fact of Topic.MASTER is about.

    `facts` answer questions: whole sentences or short values, as the company wrote them.
    """

    locale: Locale = Locale.RU
    address: Address = Address.VY
    company_name: str | None = None
    service: str | None = None
    for_service: str | None = None
    master: str | None = None
    facts: Mapping[Topic, str] = field(default_factory=dict)


def say(move: moves.Move, voice: Voice, *, now: datetime) -> str | None:
    """The text for a move, or None where nothing is said. `now` is aware and company-local."""
    if voice.locale == Locale.EN:
        return _english(move, voice, now)
    text = _russian(move, voice, now)
    if text is not None and voice.address == Address.TY:
        return _to_ty(text)
    return text


# --- Russian ----------------------------------------


def _russian(move: moves.Move, voice: Voice, now: datetime) -> str | None:
    match move:
        case moves.Offered() | moves.NoTimes() | moves.Book() | moves.AskWhich():
            return _about_times_ru(move, voice, now)
        case moves.AskDay(unclear=True):
            return "Подскажите, пожалуйста, вас записать? Если да, на какой день и время?"
        case moves.AskDay():
            return "Здравствуйте! Напишите, какой день вам удобен, а время мы подберём."
        case moves.AnswerQuestion(topic=topic, then_ask=then_ask):
            whom = _to_whom_ru(voice.master) if topic == Topic.MASTER else ""
            after = f" Записать вас{whom}?" if then_ask else ""
            return _sentence(voice.facts[topic]) + after if topic in voice.facts else None
        case moves.RemindLater(on=on, ill=ill):
            if on is None:
                first = "Поправляйтесь!" if ill else "Хорошо, не торопим."
                return f"{first} Напишите, когда будет удобно."
            first = "Поправляйтесь! Напомним" if ill else "Хорошо, напомним"
            return f"{first} {_day_ru(on, now.date())}."
        case moves.HandOver(why=why):
            return _HANDOVER_RU[why]
        case _:
            return _FIXED_RU[type(move)]


def _about_times_ru(
    move: moves.Offered | moves.NoTimes | moves.Book | moves.AskWhich, voice: Voice, now: datetime
) -> str:
    match move:
        case moves.Offered():
            return _without_the_usual_ru(move, voice) + _offer_ru(move, now)
        case moves.NoTimes(taken=taken, wish=wish):
            gone = "Извините, это время только что заняли. " if taken else ""
            return f"{gone}{_none_ru(wish, now)}. Какой ещё день вам удобен?"
        case moves.Book(time=free):
            return _booked_ru(free, voice, now)
        case moves.AskWhich(times=times):
            return f"Какое время вам удобнее: {_places(times, 'или')}?"


_FIXED_RU: dict[type, str | None] = {
    moves.Goodbye: "Хорошо, спасибо, что ответили! Если что, будем рады вас видеть.",
    moves.OptOut: "Хорошо, больше не напишем. Всего доброго!",
    moves.ThankAlreadyBooked: "Отлично, спасибо! Будем рады видеть вас.",
    moves.WrongPerson: "Извините за беспокойство! Больше на этот номер не напишем.",
    moves.Nothing: None,
    moves.OfferTimes: None,
}
_HANDOVER_RU: dict[Why, str | None] = {
    Why.QUESTION: "Передам ваш вопрос администратору, вам ответят здесь.",
    Why.COMPLAINT: "Очень жаль, что так вышло, извините. "
    "Передаю ваше сообщение руководителю, с вами свяжутся.",
    Why.WANTS_PERSON: "Конечно, передаю администратору. Вам ответят здесь.",
    Why.CHANGE: "Запись поменяет администратор, я уже передаю. Вам ответят здесь.",
    Why.UNCLEAR: "Передам администратору, вам ответят здесь.",
    Why.TOO_LONG: "Передам администратору, вам ответят здесь.",
    Why.AFTER_OPT_OUT: None,
}
_TY_WORDS = (
    ("Напишите", "Напиши"),
    ("напишите", "напиши"),
    ("Подскажите, пожалуйста", "Подскажи, пожалуйста"),
    ("Здравствуйте", "Привет"),
    ("Поправляйтесь", "Поправляйся"),
    ("Извините", "Извини"),
    ("извините", "извини"),
    ("с вами", "с тобой"),
    ("ваше сообщение", "твоё сообщение"),
    ("ваш вопрос", "твой вопрос"),
    ("вам удобнее", "тебе удобнее"),
    ("что ответили", "за ответ"),
    ("рады вас видеть", "рады тебя видеть"),
    ("Вам ответят", "Тебе ответят"),
    ("вам ответят", "тебе ответят"),
    ("вам удобен", "тебе удобен"),
    ("видеть вас, когда захотите", "видеть тебя, когда захочешь"),
    ("видеть вас", "видеть тебя"),
    ("аписать вас", "аписать тебя"),
    ("аписали вас", "аписали тебя"),
    ("вас записать", "тебя записать"),
    ("Ждём вас", "Ждём тебя"),
)


def _to_ty(text: str) -> str:
    for formal, close in _TY_WORDS:
        text = text.replace(formal, close)
    return text


def _offer_ru(move: moves.Offered, now: datetime) -> str:
    times = move.times
    one = f"{_moment_ru(times[0], now)}. Записать вас?"
    several = f":\n{_listed(times, now, _moment_ru)}\nЧто подойдёт?"
    if move.taken:
        before = "Извините, это время только что заняли. "
        return f"{before}Есть время {one}" if len(times) == 1 else f"{before}Свободно{several}"
    if move.fits:
        return f"Есть время {one}" if len(times) == 1 else f"Есть время{several}"
    if move.asked in _NOT_THEN_RU:
        other = "Есть в другие дни" if _all_other_days(move, now) else "Есть такое время"
        missed = f"{_NOT_THEN_RU[move.asked]}, к сожалению, нет"
        return f"{missed}. Есть {one}" if len(times) == 1 else f"{missed}. {other}{several}"
    if _on_wished_days(move, now):
        hours = "На это время" if _exact(move.wish) else "В эти часы"
        missed = f"{hours}, к сожалению, записи нет"
    else:
        missed = _none_ru(move.wish, now)
    return f"{missed}. Ближайшее: {one}" if len(times) == 1 else f"{missed}. Ближайшее{several}"


def _without_the_usual_ru(move: moves.Offered, voice: Voice) -> str:
    """«К Марине на это время записи нет. », where all that is offered is with others."""
    wish = move.wish
    if not voice.master or not move.fits or move.taken or wish is None or move.asked not in _PLAIN:
        return ""
    if any(free.staff_name == voice.master for free in move.times):
        return ""
    whom = _master_ru(voice.master)
    if not whom.startswith(" к "):
        return ""
    one_day = wish.days is not None and wish.days[0] == wish.days[1]
    then = "на это время" if wish.hours else "в этот день" if one_day else "в эти дни"
    return f"К{whom[2:]} {then} записи нет. "


_PLAIN = {None, Topic.FREE_TIMES}


def _none_ru(wish: When | None, now: datetime) -> str:
    """«В субботу, 4 августа, к сожалению, нет свободного времени», without a full stop."""
    days = wish.days if wish else None
    if days is None:
        return "В ближайшие дни, к сожалению, нет свободного времени"
    if days[0] != days[1]:
        return "В эти дни, к сожалению, нет свободного времени"
    day = _day_ru(days[0], now.date())
    return f"{day[0].upper()}{day[1:]}, к сожалению, нет свободного времени"


_NOT_THEN_RU: dict[Topic | None, str] = {
    Topic.EARLIER_TIME: "Раньше",
    Topic.LATER_TIME: "Позже",
}


def _booked_ru(free: FreeTime, voice: Voice, now: datetime) -> str:
    moment = _moment_ru(free, now)
    if voice.for_service:
        return f"Записали вас на {voice.for_service} {moment}. Ждём вас!"
    if voice.service and ", мастер" in moment:
        return f"Записали вас: {voice.service}, {moment}. Ждём вас!"
    what = f": {voice.service}" if voice.service else ""
    return f"Записали вас {moment}{what}. Ждём вас!"


def _moment_ru(free: FreeTime, now: datetime) -> str:
    """«в субботу, 4 августа, в 16:00 к Анне»; «завтра в 10:00, мастер Мадлен»."""
    start = free.starts_at.astimezone(now.tzinfo)
    day = _day_ru(start.date(), now.date())
    comma = "," if "," in day else ""
    return f"{day}{comma} в {start.hour}:{start.minute:02d}{_master_ru(free.staff_name)}"


def _day_ru(day: date, today: date) -> str:
    away = (day - today).days
    if away == 0:
        return "сегодня"
    if away == 1:
        return "завтра"
    return f"{_WEEKDAYS_RU[day.weekday()]}, {day.day} {_MONTHS_RU[day.month - 1]}"


_FEMALE = frozenset(FEMALE_RU.split())
_MALE = frozenset(MALE_RU.split())
_DATIVE = {"лев": "Льву", "павел": "Павлу", "петр": "Петру", "любовь": "Любови"}


def _master_ru(name: str) -> str:
    """« к Анне», or «, мастер ...» where the dative is not certain, or nothing."""
    name = _spoken(name)
    if not name:
        return ""
    first, *more = name.split()
    man = first.lower().replace("ё", "е") in _MALE - _FEMALE
    forms = [_dative(first), *(_patronymic_dative(word, of_man=man) for word in more)]
    if len(more) < 2 and all(forms):
        return " к " + " ".join(form for form in forms if form)
    return f", мастер {name}"


def _to_whom_ru(name: str | None) -> str:
    first = (name or "").split()[:1]
    folded = first[0].lower().replace("ё", "е") if first else ""
    if (folded in _FEMALE) == (folded in _MALE):
        return ""
    return " к ней" if folded in _FEMALE else " к нему"


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


# --- English ----------------------------------------


def _english(move: moves.Move, voice: Voice, now: datetime) -> str | None:
    match move:
        case moves.Offered() | moves.NoTimes() | moves.Book() | moves.AskWhich():
            return _about_times_en(move, voice, now)
        case moves.AskDay(unclear=True):
            return "Would you like to book a visit? If so, which day and time suit you?"
        case moves.AskDay():
            return "Hello! Would you like to book a visit? Just tell me which day suits you."
        case moves.AnswerQuestion(topic=topic, then_ask=then_ask):
            after = " Shall I book you in?" if then_ask else ""
            if then_ask and topic == Topic.MASTER and voice.master:
                after = f" Shall I book you in with {voice.master.split()[0]}?"
            return _sentence(voice.facts[topic]) + after if topic in voice.facts else None
        case moves.RemindLater(on=on, ill=ill):
            first = "Get well soon!" if ill else "No problem!"
            if on is None:
                return f"{first} Just write when it suits you."
            return f"{first} We'll remind you {_day_en(on, now.date())}."
        case moves.HandOver(why=why):
            return _HANDOVER_EN[why]
        case _:
            return _FIXED_EN[type(move)]


def _about_times_en(
    move: moves.Offered | moves.NoTimes | moves.Book | moves.AskWhich, voice: Voice, now: datetime
) -> str:
    match move:
        case moves.Offered():
            return _offer_en(move, now)
        case moves.NoTimes(taken=taken, wish=wish):
            gone = "Sorry, that time has just gone. " if taken else ""
            return f"{gone}{_none_en(wish, now)}. Which other day would suit you?"
        case moves.Book(time=free):
            what = f" for {voice.service}" if voice.service else ""
            return f"You're booked{what} {_moment_en(free, now)}. See you then!"
        case moves.AskWhich(times=times):
            return f"Which one shall I book: {_places(times, 'or')}?"


_FIXED_EN: dict[type, str | None] = {
    moves.Goodbye: "Thanks for letting us know! We'll be glad to see you whenever you like.",
    moves.OptOut: "Understood, we won't write again. All the best!",
    moves.ThankAlreadyBooked: "Great, thanks for telling us! See you soon.",
    moves.WrongPerson: "Sorry to have bothered you! We won't write to this number again.",
    moves.Nothing: None,
    moves.OfferTimes: None,
}
_HANDOVER_EN: dict[Why, str | None] = {
    Why.QUESTION: "I'll pass your question to the front desk. Somebody will answer you here.",
    Why.COMPLAINT: "I'm very sorry about that. I'm passing this to the manager, "
    "who will get in touch with you.",
    Why.WANTS_PERSON: "Of course, I'm passing this on. Somebody will answer you here.",
    Why.CHANGE: "The front desk will change your booking. Somebody will answer you here.",
    Why.UNCLEAR: "I'll pass this on. Somebody will answer you here.",
    Why.TOO_LONG: "I'll pass this on. Somebody will answer you here.",
    Why.AFTER_OPT_OUT: None,
}


def _offer_en(move: moves.Offered, now: datetime) -> str:
    one = f"{_moment_en(move.times[0], now)}. Shall I book it?"
    several = f":\n{_listed(move.times, now, _line_en)}\nWhich one suits you?"
    if move.taken:
        before = "Sorry, that time has just gone. "
        return before + (
            f"There's a free time {one}" if len(move.times) == 1 else f"These are free{several}"
        )
    if move.fits:
        return f"There's a free time {one}" if len(move.times) == 1 else f"These are free{several}"
    if move.asked in {Topic.EARLIER_TIME, Topic.LATER_TIME}:
        word = "earlier" if move.asked == Topic.EARLIER_TIME else "later"
        missed = f"Sorry, nothing {word} is free"
    elif _on_wished_days(move, now):
        missed = (
            "That time isn't available" if _exact(move.wish) else "Those hours aren't available"
        )
    else:
        missed = _none_en(move.wish, now)
    nearest = "the nearest free time is" if len(move.times) == 1 else "the nearest free times are"
    return f"{missed}; {nearest} {one}" if len(move.times) == 1 else f"{missed}; {nearest}{several}"


def _none_en(wish: When | None, now: datetime) -> str:
    days = wish.days if wish else None
    if days is None:
        return "Nothing is free in the next few days"
    if days[0] != days[1]:
        return "Nothing is free on those days"
    return f"Nothing is free {_day_en(days[0], now.date())}"


def _line_en(free: FreeTime, now: datetime) -> str:
    moment = _moment_en(free, now).removeprefix("on ")
    return moment[0].upper() + moment[1:]


def _moment_en(free: FreeTime, now: datetime) -> str:
    start = free.starts_at.astimezone(now.tzinfo)
    name = _spoken(free.staff_name)
    master = f" with {name}" if name else ""
    hour = f"{start.hour % 12 or 12}:{start.minute:02d} {'am' if start.hour < 12 else 'pm'}"
    return f"{_day_en(start.date(), now.date())} at {hour}{master}"


def _day_en(day: date, today: date) -> str:
    away = (day - today).days
    if away == 0:
        return "today"
    if away == 1:
        return "tomorrow"
    return f"on {_WEEKDAYS_EN[day.weekday()]}, {_MONTHS_EN[day.month - 1]} {day.day}"


# --- both ----------------------------------------


def _spoken(name: str) -> str:
    """«KELLY» as «Kelly»; initials such as «JJ» stay."""
    return " ".join(
        word.capitalize() if word.isupper() and len(word) > 2 else word for word in name.split()
    )


def _places(times: Sequence[FreeTime], last: str) -> str:
    """«1, 2 или 3» for times that were just listed; at least one."""
    *before, end = [str(place) for place, _ in enumerate(times, 1)]
    return f"{', '.join(before)} {last} {end}" if before else end


def _on_wished_days(move: moves.Offered, now: datetime) -> bool:
    """Whether only the hours were missed."""
    if move.wish is None or move.wish.days is None:
        return move.wish is not None and move.wish.hours is not None
    first, last = move.wish.days
    return any(first <= free.starts_at.astimezone(now.tzinfo).date() <= last for free in move.times)


def _all_other_days(move: moves.Offered, now: datetime) -> bool:
    first, last = move.wish.days if move.wish and move.wish.days else (now.date(), now.date())
    days = [free.starts_at.astimezone(now.tzinfo).date() for free in move.times]
    return not any(first <= day <= last for day in days)


def _exact(wish: When | None) -> bool:
    return wish is not None and wish.hours is not None and wish.hours[0] == wish.hours[1]


def _listed(
    times: Sequence[FreeTime], now: datetime, moment: Callable[[FreeTime, datetime], str]
) -> str:
    """Numbered, so that «2» means the second."""
    return "\n".join(f"{place}) {moment(free, now)}" for place, free in enumerate(times, 1))


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else text + "."
