"""Days as words -> pieces: near ones, weekdays, dates, weeks, months.

`w` are the tokens, `i` is where to look."""

import calendar
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from vernis.decide.replies import moment_words as mw
from vernis.decide.replies.hours import JOINTS, Clock, Piece, counts_hours, number_of, says, word_at

TODAY_UNTIL = time(20)


def past(w: Sequence[str], i: int) -> Piece | None:
    text = w[i]
    if text in {"вчера", "позавчера", "yesterday"}:
        return Piece(i + 1, past=True)
    if text.startswith("прошл") or text in {"last", "минувш", "предыдущий"}:
        return Piece(min(i + 2, len(w)), past=True)
    if text in {"назад", "ago"}:
        return Piece(i + 1, past=True)
    # «неделю назад», «2 дня назад», "two days ago"
    for length in (1, 2):
        if word_at(w, i + length) in {"назад", "ago"} and (
            text in {"неделю", "месяц", "год", "день"} or number_of(text) is not None
        ):
            return Piece(i + length + 1, past=True)
    return None


# Phrase -> first and last day, counted from today.
_NEAR = {
    "послепослезавтра": (3, 3),
    "послезавтра": (2, 2),
    "после завтра": (2, 2),
    "the day after tomorrow": (2, 2),
    "day after tomorrow": (2, 2),
    "завтрашний день": (1, 1),
    "завтра": (1, 1),
    "tomorrow": (1, 1),
    "сегодняшний день": (0, 0),
    "сегодня": (0, 0),
    "today": (0, 0),
    "на днях": (1, 3),
    "в ближайшие дни": (0, 3),
    "ближайшие дни": (0, 3),
    "в ближайшее время": (0, 3),
    "ближайшее время": (0, 3),
    "как можно скорее": (0, 2),
    "как можно раньше": (0, 2),
    "as soon as possible": (0, 2),
    "asap": (0, 2),
    "in the next few days": (0, 3),
    "через несколько дней": (2, 4),
    "in a few days": (2, 4),
    "через пару дней": (2, 3),
    "через день другой": (1, 2),
    "in a couple of days": (2, 3),
    "через пару недель": (14, 14),
    "in a couple of weeks": (14, 14),
    "через полторы недели": (10, 11),
    "через полмесяца": (15, 15),
    "a week from now": (7, 7),
}


def near_day(w: Sequence[str], i: int, now: datetime) -> Piece | None:
    today = now.date()
    if word_at(w, i) == "tonight":
        return Piece(i + 1, days=(today, today), hours=mw.EVENING, part=True)
    end = says(w, i, "this evening", "this afternoon", "this morning")
    if end:
        return Piece(end, days=(today, today), hours=mw.PARTS[(w[i + 1],)], part=True)
    end = says(w, i, *_NEAR)
    if not end:
        return None
    first, last = _NEAR[" ".join(w[i:end])]
    return Piece(end, days=(today + timedelta(first), today + timedelta(last)))


def in_some(w: Sequence[str], i: int, now: datetime) -> Piece | None:
    """«Через 2 дня», «через неделю», «недели через две», "in two weeks", «через час»."""
    if w[i] in mw.COUNTED_BEFORE and word_at(w, i + 1) == "через":
        count = number_of(word_at(w, i + 2))
        return _ahead(count, w[i], i + 3, now) if count else None
    if w[i] not in {"через", "in", "спустя"}:
        return None
    if says(w, i + 1, "полчаса", "half an hour"):
        return _ahead(30, "минут", says(w, i + 1, "полчаса", "half an hour"), now)
    if says(w, i + 1, "пару часов"):
        return _ahead(2, "часа", i + 3, now)
    if says(w, i + 1, "полтора часа"):
        return _ahead(90, "минут", i + 3, now)
    if says(w, i + 1, "полгода"):
        return _ahead(6, "месяцев", i + 2, now)
    count = number_of(word_at(w, i + 1))
    if word_at(w, i + 1) in {"a", "an"}:
        count = 1
    if count is None:
        return _ahead(1, word_at(w, i + 1), i + 2, now) if w[i] != "in" else None
    return _ahead(count, word_at(w, i + 2), i + 3, now)


def _ahead(count: int, unit: str, end: int, now: datetime) -> Piece | None:
    if count > 370:
        return None
    today = now.date()
    if unit in {"минут", "минуты", "час", "часа", "часов", "hour", "hours", "minutes"}:
        minutes = count if unit.startswith("мин") else count * 60
        moment = now + timedelta(minutes=minutes)
        at = moment.time().replace(second=0, microsecond=0, tzinfo=None)
        clock = Clock(end, at.hour, at.minute, sure=True)
        return Piece(end, days=(moment.date(), moment.date()), clocks=(clock,), relation="at")
    if unit in {"день", "дня", "дней", "денек", "денька", "деньков", "day", "days"}:
        day = today + timedelta(count)
    elif unit in {"неделю", "недели", "недель", "недельку", "недельки", "week", "weeks"}:
        day = today + timedelta(7 * count)
        return Piece(end, days=(day, day), week=monday_of(day))
    elif unit in {"месяц", "месяца", "месяцев", "month", "months"}:
        day = _months_ahead(today, count)
    elif unit in {"год", "года", "year"}:
        day = _months_ahead(today, 12 * count) if count < 5 else today
    else:
        return None
    return Piece(end, days=(day, day))


def _months_ahead(day: date, count: int) -> date:
    month = day.month - 1 + count
    year, month = day.year + month // 12, month % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def monday_of(today: date) -> date:
    return today - timedelta(today.weekday())


_THIS_WEEK = (
    "этой неделе", "неделе", "this week", "ближайшую неделю", "этой недели", "эту неделю",
)  # fmt: skip
_NEXT_WEEK = (
    "следующей неделе", "след неделе", "той неделе", "будущей неделе", "следующую неделю",
    "следующей недели", "next week", "другой неделе", "неделе следующей", "следующая неделя",
    "след нед", "ту неделю",
)  # fmt: skip


def week(w: Sequence[str], i: int, today: date) -> Piece | None:
    monday = monday_of(today)
    sunday = monday + timedelta(6)
    part, j = _third(w, i)
    j = says(w, j, "на", "в", "этой", "the", "this", "on", "over the", "at the") or j
    end = says(w, j, *_NEXT_WEEK)
    if end and "той" in w[j:end] and mw.WAS & set(w[max(0, i - 3) : end + 3]):
        return Piece(end, past=True)
    if end:
        first, last = monday + timedelta(7), sunday + timedelta(7)
    else:
        end = says(w, j, *_THIS_WEEK)
        if not end and part is not None and says(w, j, "недели", "week"):
            end = j + 1
        if not end and i != j and says(w, j, "week"):
            end = j + 1
        first, last = today, sunday
    if end:
        if part is not None:
            begin = first if end and first > today else monday
            first, last = (begin + timedelta(day) for day in ((0, 1), (1, 3), (4, 6))[part])
            if last < today:
                first, last = first + timedelta(7), last + timedelta(7)
        whole = None if part is not None else monday_of(first)
        return Piece(end, days=(max(first, today), last), week=whole)
    end = says(w, j, "следующие выходные", "следующих выходных", "next weekend")
    if end:
        return Piece(end, days=(monday + timedelta(12), monday + timedelta(13)))
    end = says(w, j, "выходных", "выходные", "эти выходные", "этих выходных", "weekend",
                "ближайшие выходные", "выходной", "выхи", "выхах")  # fmt: skip
    if end:
        return Piece(end, days=(max(today, monday + timedelta(5)), sunday))
    end = says(w, j, "буднях", "будни", "будний день", "будние дни", "рабочие дни", "weekday",
                "weekdays", "a weekday", "any weekday", "любой будний день")  # fmt: skip
    if end:
        if today.weekday() >= 5:
            return Piece(end, days=(monday + timedelta(7), monday + timedelta(11)))
        return Piece(end, days=(today, monday + timedelta(4)))
    return None


_THIRDS = (
    ("начале", "начало", "началу", "beginning of", "start of", "early", "первых числах"),
    ("середине", "середину", "middle of", "mid"),
    ("конце", "конец", "концу", "конца", "end of", "late"),
)


def _third(w: Sequence[str], i: int) -> tuple[int | None, int]:
    """Beginning, middle or end of what follows, and where that begins."""
    j = says(w, i, "ближе к", "в", "к", "at the", "in the", "towards the") or i
    for part, names in enumerate(_THIRDS):
        end = says(w, j, *names)
        if end:
            return part, says(w, end, "the") or end
    return None, i


def month_or_part(w: Sequence[str], i: int, today: date) -> Piece | None:
    """«В мае», «в конце месяца», «в начале июня», «в следующем месяце», «осенью»."""
    if word_at(w, i) in mw.SEASONS:
        first = _first_of(mw.SEASONS[w[i]], today)
        last = _months_ahead(first, 3) - timedelta(1)
        return Piece(i + 1, days=(max(first, today), last))
    part, j = _third(w, i)
    if part is None:
        j = says(w, i, "в", "на", "in", "к") or i
    first = today.replace(day=1)
    end = says(w, j, "следующем месяце", "следующего месяца", "след месяце", "next month",
                "следующий месяц")  # fmt: skip
    if end:
        first = _months_ahead(first, 1)
    else:
        end = says(w, j, "этом месяце", "этого месяца", "this month")
        if not end and part is not None:
            end = says(w, j, "месяца", "month")
    if not end and (part is not None or j > i) and word_at(w, j) in mw.MONTHS:
        if word_at(w, j + 1).isdigit() and len(w[j + 1]) <= 2 and w[j].isascii():
            return None  # "in May 25" is a date
        first, end = _first_of(mw.MONTHS[w[j]], today), j + 1
    if not end:
        return None
    begins, ends = _part_of_month(first, part)
    if ends < today:
        begins, ends = _part_of_month(_months_ahead(first, 1), part)
    return Piece(end, days=(max(begins, today), ends))


def _part_of_month(first: date, part: int | None) -> tuple[date, date]:
    length = calendar.monthrange(first.year, first.month)[1]
    begin, last = ((1, 10), (11, 20), (21, length))[part] if part is not None else (1, length)
    return first.replace(day=begin), first.replace(day=last)


def _first_of(month: int, today: date) -> date:
    year = today.year if month >= today.month else today.year + 1
    return date(year, month, 1)


def day_number(w: Sequence[str], i: int) -> tuple[int, int] | None:
    """A day of a month as number or word, and one past it; not checked against a month."""
    text = word_at(w, i)
    if text.endswith("-го"):
        return int(text[:-3][:4]), i + 1
    if text in mw.DAY_ORDINALS:
        return mw.DAY_ORDINALS[text], i + 1
    if text in {"двадцать", "тридцать"} and word_at(w, i + 1) in mw.DAY_ORDINALS:
        return {"двадцать": 20, "тридцать": 30}[text] + mw.DAY_ORDINALS[w[i + 1]], i + 2
    if text.isascii() and text.isdigit() and len(text) <= 2:
        return int(text), i + 1
    return None


def exact_date(w: Sequence[str], i: int, today: date) -> Piece | None:
    start = i
    i = says(w, i, "на", "в", "к", "on", "on the", "the", "for") or i
    text = word_at(w, i)
    month = mw.MONTHS.get(text)
    if month and text.isascii():  # May 25, May 25th
        number = day_number(w, i + 1)
        other = day_number(w, number[1] + 1) if number else None
        if number and other and word_at(w, number[1]) in {"or", "and", "-", "to"}:
            if says(w, other[1], "pm", "am") or ":" in w[number[1] + 1]:
                return _dated(number[0], month, number[1], today)
            first, last = coming_day(number[0], month, today), coming_day(other[0], month, today)
            if first and last and first <= last:
                return Piece(other[1], days=(first, last))
        if number and not (number[1] < len(w) and w[number[1]] in {"pm", "am"}):
            return _dated(number[0], month, number[1], today)
        return None
    several = _one_of_days(w, i, today)
    if several:
        return several
    numeric = _numeric_date(w, i, start, today)
    if numeric:
        return numeric
    return _days_of_month(w, i, today) or _day_of_month(w, i, start, today)


def _one_of_days(w: Sequence[str], i: int, today: date) -> Piece | None:
    """«28 или 29 мая», «20, 21 или 22 мая»."""
    days: list[int] = []
    end = i
    while (number := day_number(w, end)) is not None:
        days.append(number[0])
        end = number[1]
        if word_at(w, end) not in JOINTS:
            break
        end += 1
    month = mw.MONTHS.get(word_at(w, end))
    if len(days) < 2 or month is None:
        return None
    first, last = coming_day(min(days), month, today), coming_day(max(days), month, today)
    if first is None or last is None:
        return Piece(end + 1, impossible=True)
    return Piece(end + 1, days=(min(first, last), last))


def _days_of_month(w: Sequence[str], i: int, today: date) -> Piece | None:
    """«5-10 мая»."""
    numbers = word_at(w, i).split("-")
    month = mw.MONTHS.get(word_at(w, i + 1))
    if not month or len(numbers) != 2 or not (numbers[0].isdigit() and numbers[1].isdigit()):
        return None
    first_day = coming_day(int(numbers[0]), month, today)
    last_day = coming_day(int(numbers[1]), month, today)
    if first_day is None or last_day is None:
        return Piece(i + 2, impossible=True)
    return Piece(i + 2, days=(min(first_day, last_day), last_day))


def _day_of_month(w: Sequence[str], i: int, start: int, today: date) -> Piece | None:
    """«25 мая», «25 числа», «25-го», «двадцать пятого», «на 25»."""
    text = word_at(w, i)
    number = day_number(w, i)
    if number is None:
        return None
    day, end = number
    month = mw.MONTHS.get(word_at(w, end)) or mw.MONTHS.get(
        word_at(w, end + 1) if word_at(w, end) == "of" else ""
    )
    if month:
        end += 2 if word_at(w, end) == "of" else 1
        return _dated(day, month, end, today)
    if word_at(w, end) in {"числа", "число", "го", "ого", "числах"}:
        return _dated(day, None, end + 1, today)
    if text.endswith("-го"):
        # «2-й» among offered times is a position; a day needs a preposition or a large number.
        return _dated(day, None, end, today) if start != i or day > 3 or end == len(w) else None
    if text in mw.DAY_ORDINALS or text in {"двадцать", "тридцать"}:
        followed = word_at(w, end) in {"вариант", "варианта", "времени"}
        halved = word_at(w, start - 1) in {"пол", "половине", "половина", "четверть", "минут"}
        return None if followed or halved else _dated(day, None, end, today)
    if start != i and w[start] in {"на", "к"} and 24 < day < 100 and counts_hours(w, end):
        return _dated(day, None, end, today)
    return None


def _numeric_date(w: Sequence[str], i: int, start: int, today: date) -> Piece | None:
    text = word_at(w, i)
    separator = "." if "." in text else "/" if "/" in text else ""
    if not separator or not text[0].isdigit():
        return None
    numbers = [int(part) for part in text.split(separator)]
    day, month = numbers[0], numbers[1]
    if separator == "/":
        if day <= 12 and month <= 12 and day != month:
            return Piece(i + 1, impossible=True)  # 3/4: two dates fit
        if month > 12:
            day, month = month, day
    elif len(numbers) == 2 and (month == 0 or month > 12 or w[start] in {"в", "к"}):
        return None  # 18.00, 18.30: a time
    if len(numbers) == 3:
        year = numbers[2] + (2000 if numbers[2] < 100 else 0)
        try:
            exact = date(year, month, day)
        except ValueError:
            return Piece(i + 1, impossible=True)
        return Piece(i + 1, days=(exact, exact), impossible=exact < today)
    return _dated(day, month, i + 1, today)


def _dated(day: int, month: int | None, end: int, today: date) -> Piece:
    coming = coming_day(day, month, today)
    if coming is None:
        return Piece(end, impossible=True)
    return Piece(end, days=(coming, coming))


def coming_day(day: int, month: int | None, today: date) -> date | None:
    """The next such day from today on; None where there is none within a year."""
    first = today.replace(day=1)
    for ahead in range(13 if month else 3):
        begin = _months_ahead(first, ahead)
        if month and begin.month != month:
            continue
        if 1 <= day <= calendar.monthrange(begin.year, begin.month)[1]:
            coming = begin.replace(day=day)
            if coming >= today:
                return coming
    return None


def next_weekday(weekday: int, today: date) -> date:
    return today + timedelta((weekday - today.weekday()) % 7)


def weekday_named(w: Sequence[str], i: int, now: datetime) -> Piece | None:
    start = i
    i = says(w, i, "в", "во", "на", "к", "on", "for", "this", "эту", "ближайшую", "в эту", "в этот",
              "в это", "в ближайшую", "в ближайший", "в ближайшее", "до", "on this", "this coming",
              "по") or i  # fmt: skip
    following = says(w, i, "следующую", "следующий", "следующее", "след", "следующая", "next",
                      "следующей", "будущую", "следующего")  # fmt: skip
    j = following or i
    weekday = mw.WEEKDAYS.get(word_at(w, j))
    if weekday is None:
        return _weekdays_hyphened(w, j, now)
    if w[j] in mw.DOUBTFUL_WEEKDAYS and j == start and len(w) > 4 and not _listed(w, j):
        return None
    if mw.WAS & set(w[max(0, start - 2) : start]):
        return Piece(j + 1, past=True)
    today = now.date()
    end = j + 1
    trailing = says(w, end, "следующей недели", "на следующей неделе", "next week", "на той неделе")
    if following or trailing:
        day = monday_of(today) + timedelta(7 + weekday)
        return Piece(trailing or end, days=(day, day))
    day = next_weekday(weekday, today)
    if day == today and now.time() >= TODAY_UNTIL:
        day += timedelta(7)
    return Piece(end, days=(day, day), weekday=True)


def _listed(w: Sequence[str], i: int) -> bool:
    """Whether another weekday stands beside it: «пн, ср или пт»."""
    return any(
        word_at(w, i + step) in JOINTS and word_at(w, i + 2 * step) in mw.WEEKDAYS
        for step in (-1, 1)
    )


def _weekdays_hyphened(w: Sequence[str], i: int, now: datetime) -> Piece | None:
    """«Пн-вт», one token."""
    named = [mw.WEEKDAYS.get(part) for part in word_at(w, i).split("-")]
    if len(named) != 2 or named[0] is None or named[1] is None:
        return None
    first = next_weekday(named[0], now.date())
    return Piece(i + 1, days=(first, first + timedelta((named[1] - named[0]) % 7)))


def said_month(w: Sequence[str], i: int, today: date) -> Piece | None:
    """A month by its name alone, as in «до июня»."""
    month = mw.MONTHS.get(word_at(w, i))
    if month is None or word_at(w, i + 1)[:1].isdigit():
        return None
    return Piece(i + 1, days=_part_of_month(_first_of(month, today), None))
