"""Free times and last days in words, and the days and times that a text states.

«в среду, 25 ноября, в 12:00 и в четверг в 18:30»; "Wed 25 Nov at 12:00 or Thu 26 Nov at 18:30".
"""

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from vernis.domain import Locale

MOST = 3
ON_WEEKDAYS = (
    "в понедельник", "во вторник", "в среду", "в четверг", "в пятницу", "в субботу",
    "в воскресенье",
)  # fmt: skip
OF_MONTHS = (
    "января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября",
    "октября", "ноября", "декабря",
)  # fmt: skip
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def say_times(times: Sequence[datetime], locale: Locale) -> str | None:
    """The times in their order, None where there are none or they are more than three."""
    times = sorted(set(times))
    if not 0 < len(times) <= MOST:
        return None
    days: dict[date, list[str]] = {}
    for at in times:
        days.setdefault(at.date(), []).append(f"{at.hour}:{at.minute:02}")
    first = times[0].date()
    if locale is Locale.EN:
        said = [f"{_day(day)} at {_joined(hours, ' or ')}" for day, hours in days.items()]
        return _joined(said, " or ")
    said = []
    for day, hours in days.items():
        # Within a week a weekday is enough, where no other day has the same.
        when = ON_WEEKDAYS[day.weekday()]
        alike = [other for other in days if other.weekday() == day.weekday()]
        if day == first or day - first > timedelta(days=6) or len(alike) > 1:
            when += f", {day.day} {OF_MONTHS[day.month - 1]},"
        said.append(f"{when} {_joined([f'в {hour}' for hour in hours], ' или ')}")
    if len(days) == len(times):
        return _joined(said, " и ")
    return _joined(said, ", а также ") if len(days) > 1 else said[0]


def say_last_day(on: date | None, days: int, locale: Locale) -> str | None:
    """«до 5 декабря», "until 5 Dec"; with the year where it is nearly a year away or more."""
    if on is None or days <= 0:
        return None
    last = on + timedelta(days=days)
    year = f" {last.year}" if days > 300 else ""
    if locale is Locale.EN:
        return f"until {last.day} {MONTHS[last.month - 1]}{year}"
    return f"до {last.day} {OF_MONTHS[last.month - 1]}{year + ' года' if year else ''}"


def _day(day: date) -> str:
    return f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]}"


def _joined(parts: list[str], last: str) -> str:
    return last.join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


# --- what a text states -----------------------------------------------------------------------


_RU_DAYS = "понедельник вторник сред[уыае] четверг пятниц[уыае] суббот[уыае] воскресень[еяю]"
_EN_DAYS = "mon(?:day)? tue(?:s|sday)? wed(?:nesday)? thu(?:r|rs|rsday)? fri(?:day)? sat(?:urday)? sun(?:day)?"  # noqa: E501
_EN_MONTH = "(?:" + "|".join(f"{month}[a-z]*" for month in MONTHS) + ")"
_RU_DATE = rf"(?P<{{0}}d>\d{{{{1,2}}}}) (?P<{{0}}m>{'|'.join(OF_MONTHS)})"
_EN_DATE = (
    rf"(?:(?P<{{0}}d>\d{{{{1,2}}}})(?:st|nd|rd|th)? (?P<{{0}}m>{_EN_MONTH})"
    rf"|(?P<{{0}}n>{_EN_MONTH}) (?P<{{0}}e>\d{{{{1,2}}}})(?:st|nd|rd|th)?)"
)


def _mention(days: str, date_: str, before: str, clock: str) -> re.Pattern[str]:
    """A weekday with or without its date, a date, or a time of the day."""
    weekday = "|".join(f"(?P<w{at}>{day})" for at, day in enumerate(days.split()))
    return re.compile(
        rf"\b{before}(?:{weekday})(?:,? {date_.format('w')})?,?(?!\w)"
        rf"|\b{before}{date_.format('')}(?!\w),?"
        rf"|\b{before}{clock}(?!\w|:\d)",
        re.IGNORECASE,
    )


MENTION = {
    Locale.RU: _mention(_RU_DAYS, _RU_DATE, r"(?:во? )?", r"(?P<h>\d{1,2})[:.](?P<min>\d{2})"),
    Locale.EN: _mention(
        _EN_DAYS,
        _EN_DATE,
        r"(?:(?:on|at) )?",
        r"(?P<h>\d{1,2})(?:[:.](?P<min>\d{2})(?: ?(?P<half>[ap])\.?m\b\.?)?"
        r"| ?(?P<half2>[ap])\.?m\b\.?)",
    ),
}


def blot_times(text: str, times: Sequence[datetime], locale: Locale, mark: str) -> str:
    """The text without the given times; a day or a time that was not given stays.

    A time belongs to the day named last before it: «в среду в 18:30» stays where 18:30 was given
    for Thursday. A day without a time stays blotted: it was given, too.
    """
    if not times:
        return text
    given = {(at.date(), at.time().replace(second=0, microsecond=0, tzinfo=None)) for at in times}
    day: date | None = None
    if len({at for at, _ in given}) == 1:
        day = next(iter(given))[0]
    out: list[str] = []
    end = 0
    for found in MENTION[locale].finditer(text):
        parts = {name: value for name, value in found.groupdict().items() if value is not None}
        if "h" in parts:
            is_given = day is not None and (day, _clock(parts)) in given
        else:
            day = _named({at for at, _ in given}, parts, locale)
            is_given = day is not None
        if is_given:
            stop = found[0][-1] if found[0][-1] in ",." else ""
            out += [text[end : found.start()], mark + stop]
            end = found.end()
    return "".join(out) + text[end:]


def _clock(parts: dict[str, str]) -> time | None:
    hour, minute = int(parts["h"]), int(parts.get("min", 0))
    half = (parts.get("half") or parts.get("half2") or "").lower()
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _named(days: set[date], parts: dict[str, str], locale: Locale) -> date | None:
    """The given day that a mention means, None where it means another or several."""
    number = next((parts[name] for name in ("wd", "d", "we", "e") if name in parts), None)
    month = next((parts[name].lower() for name in ("wm", "m", "wn", "n") if name in parts), "")
    names = OF_MONTHS if locale is Locale.RU else MONTHS
    weekday = next((int(name[1:]) for name in parts if re.fullmatch(r"w\d", name)), None)
    fits = [
        day
        for day in days
        if (weekday is None or day.weekday() == weekday)
        and (number is None or day.day == int(number))
        and (not month or month.startswith(names[day.month - 1].lower()))
    ]
    return fits[0] if len(fits) == 1 else None
