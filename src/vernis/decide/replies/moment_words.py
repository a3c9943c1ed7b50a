"""The words that name days and hours, in Russian and English, as tables for `moments`."""

from datetime import time


def _forms(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Parts of the day as salons mean them (working hours of roughly 9 to 21), local time.
MORNING = (time(9), time(12))  # утром, in the morning
MIDDAY = (time(12), time(14))  # в обед, at lunch
BEFORE_LUNCH = (time(9), time(13))  # до обеда
DAYTIME = (time(12), time(17))  # днём
AFTERNOON = (time(13), time(18))  # после обеда, in the afternoon
EVENING = (time(17), time(21))  # вечером, in the evening
AFTER_WORK = (time(18), time(21))  # после работы

PARTS: dict[tuple[str, ...], tuple[time, time]] = {
    tuple(phrase.split()): window
    for window, phrases in {
        MORNING: "утром|утро|с утра|по утру|с утреца|в утро|in the morning|morning|mornings|утра",
        MIDDAY: "в обед|в обеденное время|в обеденный перерыв|обеденное время|at lunch|lunchtime"
        "|during lunch|lunch time|lunch",
        BEFORE_LUNCH: "до обеда|в первой половине дня|первая половина дня|первую половину дня"
        "|before lunch",
        DAYTIME: "днем|в дневное время|in the daytime|midday",
        AFTERNOON: "после обеда|во второй половине дня|вторая половина дня|вторую половину дня"
        "|пообедать|in the afternoon|afternoon|afternoons|after lunch",
        EVENING: "вечером|вечер|к вечеру|под вечер|ближе к вечеру|ближе к вечерку|вечера"
        "|in the evening|evening|evenings|at night",
        AFTER_WORK: "после работы|после рабочего дня|after work",
    }.items()
    for phrase in phrases.split("|")
}

_WEEKDAYS = (
    "понедельник понедельника понедельнику пн пнд monday mon mondays",
    "вторник вторника вторнику вт втр tuesday tue tues tuesdays",
    "среда среду среды среде ср wednesday wed weds wednesdays",
    "четверг четверга четвергу чт чтв thursday thu thur thurs thursdays",
    "пятница пятницу пятницы пятнице пт птн friday fri fridays",
    "суббота субботу субботы субботе сб суб субботку saturday sat saturdays",
    "воскресенье воскресение воскресенья воскресенью вс вск воскр sunday sun sundays",
)
WEEKDAYS = {form: day for day, forms in enumerate(_WEEKDAYS) for form in forms.split()}
# As plain English words these mean something else unless a preposition stands before them.
DOUBTFUL_WEEKDAYS = frozenset({"sat", "sun", "mon", "wed", "вс", "ср", "вт"})

_MONTHS = (
    "января январь январе янв january jan",
    "февраля февраль феврале фев february feb",
    "марта март марте мар march",
    "апреля апрель апреле апр april apr",
    "мая май мае may",
    "июня июнь июне june jun",
    "июля июль июле july jul",
    "августа август августе авг august aug",
    "сентября сентябрь сентябре сен сент september sep sept",
    "октября октябрь октябре окт october oct",
    "ноября ноябрь ноябре ноя november nov",
    "декабря декабрь декабре дек december dec",
)
MONTHS = {form: month for month, forms in enumerate(_MONTHS, 1) for form in forms.split()}
SEASONS = {"зимой": 12, "весной": 3, "летом": 6, "осенью": 9}

_DAY_ORDINALS = (
    "первого второго третьего четвертого пятого шестого седьмого восьмого девятого десятого "
    "одиннадцатого двенадцатого тринадцатого четырнадцатого пятнадцатого шестнадцатого "
    "семнадцатого восемнадцатого девятнадцатого двадцатого"
)
DAY_ORDINALS = {form: day for day, form in enumerate(_DAY_ORDINALS.split(), 1)} | {"тридцатого": 30}
ENGLISH_ORDINALS = {
    form: day
    for day, form in enumerate(
        [
            "first",
            "second",
            "third",
            "fourth",
            "fifth",
            "sixth",
            "seventh",
            "eighth",
            "ninth",
            "tenth",
            "eleventh",
            "twelfth",
        ],
        1,
    )
}

# Hours and small counts as words.
NUMBERS = {
    form: number
    for number, forms in {
        1: "один одну одного одной часу one",
        2: "два две двух двум two",
        3: "три трех трем three",
        4: "четыре четырех четырем four",
        5: "пять пяти five",
        6: "шесть шести six",
        7: "семь семи seven",
        8: "восемь восьми eight",
        9: "девять девяти nine",
        10: "десять десяти ten",
        11: "одиннадцать одиннадцати eleven",
        12: "двенадцать двенадцати twelve",
        13: "тринадцать тринадцати",
        14: "четырнадцать четырнадцати",
        15: "пятнадцать пятнадцати",
        16: "шестнадцать шестнадцати",
        17: "семнадцать семнадцати",
        18: "восемнадцать восемнадцати",
        19: "девятнадцать девятнадцати",
        20: "двадцать двадцати",
    }.items()
    for form in forms.split()
}

# What a number counts when it is not an hour.
COUNTED = (
    "человек", "раз", "руб", "минут", "мин", "день", "дня", "дней", "дн", "недел", "месяц", "мес",
    "год", "лет", "услуг", "мест", "процент", "%", "тыс", "штук", "шт", "подру", "дет", "ребен",
    "мастер", "пал", "вариант", "филиал", "этаж", "сообщен", "км", "номер", "people", "person",
    "day", "week", "month", "minute", "year", "time", "kid", "friend", "percent", "dollar",
    "числах", "р", "k", "к", "сутк", "этап", "час", "hour", "неделю", "см", "балл", "из",
)  # fmt: skip

CANNOT = _forms(
    """
    занят занята занято заняты работаю неудобно никак некогда мимо отпадает уезжаю улетаю
    busy working unable уеду улечу
    """
)
CANNOT_AFTER_NOT = _forms(
    """
    могу смогу сможем можем получится получается выйдет выходит удобно подходит подойдет
    вариант успею успеваю буду приду будет хочу надо нужно устраивает устроит свободна
    свободен работает good free work
    """
)
CANNOT_ENGLISH = _forms(
    """
    can't won't doesn't couldn't wouldn't
    """
)
NEW_CLAUSE = _forms(
    """
    , . ! ? ; а но лучше давайте давай зато but instead только можно может however -
    """
)


# «На той неделе была» was last week, «на той неделе приду» is the next one.
WAS = _forms("был была были стригся стриглась делала красилась ходила ходил приходила")
# «Дня через два», «минут через сорок».
COUNTED_BEFORE = _forms(
    "дня дней денька деньков недели недель недельки месяца месяцев часа часов минут"
)
# Before a number that is no hour, and before one without a preposition that is.
NOT_HOURS = _forms("за часа дом квартира кв офис кабинет этаж")
BEFORE_HOUR = _forms(
    ". ! да ок давай давайте лучше тогда можно удобно только запишите подойдет хочу yes ok"
)

# The rest of what `moments` looks for.
OTHER = _forms(
    """
    сегодня завтра послезавтра выходных выходные будни буднях неделе неделю недели неделя
    следующей следующую следующий следующем следующих следующее ближайшую ближайшие
    ближайшее месяц месяца месяце месяцев начале середине конце конец полдень полвторого
    полтретьего полчетвертого полпятого полшестого полседьмого полвосьмого полдевятого
    полдесятого половине половина четверть четверти часов часиков числа примерно около вчера
    позавчера прошлой прошлую прошлый прошлом прошлые назад yesterday last ago раньше позже
    после между через полчаса пораньше попозже завтрак завтракать today tomorrow tonight
    weekend week month next after before between around half quarter недель недельку дней
    минут минуты обеда работы полпервого полодиннадцатого полдвенадцатого следующие ближайших
    первых числах конца полгода полтора полторы денька деньков недельки
    """
)


# Small words with which a day or an hour can begin («на субботу», "by noon").
OPENERS = _forms(
    """
    на в во к с со от до по не как около где-то примерно приблизительно ровно так начиная между
    раньше ранее позднее пораньше попозже позже этой эти эту этот этих это след той ту другой
    будущей дня дней часа часов часиков часикам часам пол без ближе спустя через минувший
    минувшую предыдущий последний назад выхи выхах ближайших года год месяц день неделю за
    on at for in the this by from between not no any anytime starting as asap a an over towards
    later earlier past about around until till before after beginning start middle end early mid
    late noon
    """
)


def words() -> frozenset[str]:
    """Every form above, for the lexicon."""
    phrases = frozenset(word for phrase in PARTS for word in phrase)
    return (
        phrases
        | WEEKDAYS.keys()
        | MONTHS.keys()
        | SEASONS.keys()
        | DAY_ORDINALS.keys()
        | ENGLISH_ORDINALS.keys()
        | NUMBERS.keys()
        | CANNOT
        | CANNOT_AFTER_NOT
        | OTHER
    )
