"""What clients write: Russian replies as people type them.

«[f|m]» is the form for a woman and a man; «{day}» is «в субботу», «{part}» is «вечером»,
«{hour}» is an hour. A choice of offered times is put into words by `choice`.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from random import Random
from zoneinfo import ZoneInfo

from vernis.domain import Intent
from vernis.simulation.clients import Client
from vernis.simulation.events import Offered

IN_DAY = (
    "в понедельник", "во вторник", "в среду", "в четверг", "в пятницу", "в субботу",
    "в воскресенье",
)  # fmt: skip
_MONTHS = (
    "января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября",
    "октября", "ноября", "декабря",
)  # fmt: skip
_ORDINALS = ("первый", "второй", "третий", "четвёртый", "пятый")
_NEUTER = ("первое", "второе", "третье", "четвёртое", "пятое")

FIRST: dict[Intent, tuple[str, ...]] = {
    Intent.BOOK: (
        "Да", "Да, давайте", "да хочу записаться", "Давайте запишемся", "Здравствуйте! Да, хочу",
        "Ой да, как раз [собиралась|собирался]", "Добрый день, запишите меня пожалуйста", "+",
        "Да, когда можно?", "Можно записаться?", "Какие есть окошки?", "а когда есть свободное?",
        "Пора бы уже)", "Да, пора! Когда можно прийти?", "хочу на этой неделе", "ДА",
        "Здравствуйте, можно на ближайшее время?", "конечно запишите", "Давайте, куда деваться))",
        "Спасибо что напомнили! Запишите", "да, мне нужно", "На какое время можно?", "Давайте",
        "[Готова|Готов] прийти, какие есть варианты?", "👍 давайте", "Запишите плиз", "хочу!",
        "👍", "ок",
        "угу, когда есть места?", "Да, только к тому же мастеру", "Очень вовремя! Хочу записаться",
    ),
    Intent.QUESTION: (
        "Здравствуйте, а сколько сейчас стоит?", "сколько стоит", "А цены не изменились?",
        "Какая цена?", "А мастер та же?", "А вы до скольки работаете?", "Сколько займёт?",
        "а вы все там же находитесь?", "Подскажите стоимость пожалуйста", "а что по цене",
        "Картой можно оплатить?", "А парковка у вас есть?", "почём сейчас?",
        "А в выходные вы работаете?", "Здравствуйте! А мой мастер не уволился?",
    ),
    Intent.LATER: (
        "Пока не могу, позже", "Я сама напишу|Я сам напишу", "Спасибо, пока рано",
        "В следующем месяце", "Сейчас в отпуске, как вернусь напишу", "Болею, как поправлюсь",
        "Не сейчас", "чуть позже", "Через пару недель запишусь", "давайте после зарплаты",
        "Пока нет времени, потом", "я в командировке, позже", "Пока рано ещё, спасибо",
        "Буду иметь в виду", "Спасибо, подумаю",
        "После праздников", "Сейчас не получается, позже запишусь", "попозже",
    ),
    Intent.DECLINE: (
        "Нет, спасибо", "нет", "Спасибо, не нужно", "Не актуально", "Неа", "Спасибо, не надо",
        "Я уже в другой салон хожу", "Нет, не планирую", "Я [переехала|переехал] в другой город",
        "Спасибо, но нет", "Не интересует", "мы переехали, далеко ездить", "не надо",
        "Уже [сходила|сходил] в другое место", "спасибо, я теперь дома сама|спасибо, бреюсь сам",
    ),
    Intent.OPT_OUT: (
        "Не пишите мне больше", "стоп", "СТОП", "Отпишите меня от рассылки", "Удалите мой номер",
        "хватит слать рекламу", "Уберите меня из базы", "Прекратите мне писать",
        "Не присылайте больше ничего", "отписаться", "Больше не пишите пожалуйста", "stop",
        "Не надо мне спамить, удалите номер", "Я не давала согласия на рассылку, уберите|"
        "Я не давал согласия на рассылку, уберите",
    ),
    Intent.ALREADY_BOOKED: (
        "Я уже [записана|записан]", "Так я же записана|Так я же записан",
        "Уже [записалась|записался], спасибо",
        "Я на следующей неделе к вам иду", "[записана|записан] же", "Мы же договорились уже",
        "У меня уже есть запись", "Так я по телефону [записалась|записался]",
    ),
    Intent.COMPLAINT: (
        "После прошлого раза больше не приду", "В прошлый раз мне не понравилось",
        "Мне испортили всё в прошлый раз", "Прошлый раз ждала полчаса|Прошлый раз ждал полчаса",
        "Вы мне так сделали, что пришлось переделывать",
        "Очень [недовольна|недоволен] прошлым визитом",
        "Администратор нахамила в прошлый раз", "Ужасно сделали, деньги на ветер",
    ),
    Intent.WRONG_PERSON: (
        "Вы ошиблись номером", "Это не мой салон, вы ошиблись", "Кто это?", "Я не Анна, ошиблись",
        "Вы кто?", "Это уже не её номер", "Не знаю такой", "Номер сменил владельца",
    ),
    Intent.NEUTRAL: (
        "Спасибо", "Спасибо за напоминание", "🙏", "спс", "❤️", "Здравствуйте", "Поняла|Понял",
        "И вам хорошего дня", "спасибо за сообщение",
    ),
}  # fmt: skip
WISH = (
    "а {day} есть?", "Давайте {day}", "Можно {day} {part}?", "{day} {part} можно?",
    "на {hour} есть?",
    "А {day} после {hour} есть что-нибудь?", "Здравствуйте! {day} есть окошко?",
    "давайте {part}, часов в {hour}", "Да, лучше {day}", "можно {part}?",
    "Хочу {day} {part}", "Да! {day} в {hour}:00 можно?",
)  # fmt: skip
OTHERS = (
    "а {day} есть?", "А другое время есть?", "не подходит, {day} можно?", "А {part} нет ничего?",
    "а на следующей неделе?", "Неудобно, а после {hour}?", "А {day} {part}?",
    "к сожалению не могу в это время", "а попозже?", "{day} никак?", "А пораньше есть?",
)  # fmt: skip
AFTER_ANSWER = (
    "Хорошо, тогда запишите", "Ок, давайте запишемся", "Поняла, когда можно?|Понял, когда можно?",
    "хорошо, какие есть окошки?", "Подходит, запишите меня", "ясно, давайте",
)  # fmt: skip
PROTEST = (
    "Я же [написала|написал], что не надо", "Нет, не нужно", "вы читаете вообще?",
    "Нет же, спасибо", "Я не [просила|просил] записывать",
)  # fmt: skip
THANKS = (
    "Спасибо", "Спасибо!", "спасибо большое 🙏", "Отлично, спасибо", "Супер, до встречи!",
    "👍", "Ок, спасибо", "Благодарю", "❤️", "хорошо, буду", "До встречи)", "спс",
)  # fmt: skip
_ONE = ("+", "Да", "да, подходит", "Ок", "давайте", "Подходит", "да, запишите")
_BY_PLACE = (
    "{ordinal}", "{neuter}", "{n}", "давайте {neuter}", "{ordinal} вариант", "{n}й",
    "Лучше {ordinal}",
)  # fmt: skip
_BY_TIME = (
    "{time}",
    "давайте на {time}",
    "в {time} удобно",
    "{time} подойдёт",
    "На {dotted}",
    "{time}!",
)
_BY_DAY = ("Давайте {day}", "{day}", "{day} лучше", "{day} удобно")
_BY_PART = ("давайте {day} {part_of}", "{day} {part_of}", "Лучше {day} {part_of}")
_BY_BOTH = ("{day} в {time}", "давайте {day} на {time}", "{day} {dotted}", "Можно {day} в {time}?")
_CLEARLY = ("{day}, {date} в {time}", "Запишите на {date}, {time}", "Я про {date} в {time}")
_FORMS = re.compile(r"\[([^|\]]*)\|([^|\]]*)\]")


def typed(phrase: str, client: Client, rng: Random, **words: str) -> str:
    """A phrase in the client's gender and manner of typing."""
    text = _FORMS.sub(lambda forms: forms[1 if client.female else 2], phrase)
    if "|" in text:
        text = text.split("|")[0 if client.female else 1]
    text = text.format(**words)
    if client.lower_case:
        text = text.lower()
    if rng.random() < 0.12 and text[-1].isalpha():
        text += rng.choice((")", "))", "!", ".", " 🙂"))
    return text[:1].upper() + text[1:] if not client.lower_case else text


def wished(phrases: Sequence[str], client: Client, rng: Random) -> str:
    """A phrase that may name the day, the part of the day or the hour that suits."""
    hour = int(client.hour)
    part = "утром" if hour < 12 else "днём" if hour < 16 else "вечером"
    day = IN_DAY[rng.choice(client.weekdays) - 1]
    return typed(rng.choice(phrases), client, rng, day=day, part=part, hour=str(hour))


def choice(
    offered: Sequence[Offered], index: int, client: Client, zone: ZoneInfo, rng: Random, *,
    clearly: bool = False,
) -> str:  # fmt: skip
    """A choice in words that mean this one of the offered times and no other."""
    times = [one.starts_at.astimezone(zone) for one in offered]
    at = times[index]
    forms = [_CLEARLY] if clearly else _forms(times, index)
    return typed(
        rng.choice(rng.choice(forms)),
        client,
        rng,
        ordinal=_ORDINALS[index] if index < len(_ORDINALS) else "последний",
        neuter=_NEUTER[index] if index < len(_NEUTER) else "последнее",
        n=str(index + 1),
        time=f"{at:%H:%M}".lstrip("0"),
        dotted=f"{at:%H.%M}".lstrip("0"),
        day=IN_DAY[at.weekday()],
        date=f"{at.day} {_MONTHS[at.month - 1]}",
        part_of=_part_of(at),
    )


def _forms(times: Sequence[datetime], index: int) -> list[tuple[str, ...]]:
    at = times[index]
    forms: list[tuple[str, ...]] = [_BY_BOTH]
    if len(times) == 1:
        forms.append(_ONE)
    if 1 < len(times) <= len(_ORDINALS):
        forms.append(_BY_PLACE)
    if [other.time() for other in times].count(at.time()) == 1:
        forms.append(_BY_TIME)
    if [other.date() for other in times].count(at.date()) == 1:
        forms.append(_BY_DAY)
    elif [(o.date(), _part_of(o)) for o in times].count((at.date(), _part_of(at))) == 1:
        forms.append(_BY_PART)
    return forms


def _part_of(at: datetime) -> str:
    return "утром" if at.hour < 12 else "после обеда" if at.hour < 17 else "вечером"
