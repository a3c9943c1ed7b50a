"""Dates and times as salon software writes them.

A purely numeric date such as 03/04/2018 has two readings; which one a file means is decided
once for the file (`decide_order`), never value by value.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import NamedTuple


class DateOrder(StrEnum):
    """Which part of a numeric date comes first. Dates that start with the year need no order."""

    DMY = "dmy"
    MDY = "mdy"


class Moment(NamedTuple):
    """A day, and the time where the same cell held one; both as the salon's clock showed them."""

    day: date
    at: time | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEvidence:
    """What a file's dates say about their order.

    `dmy` and `mdy` count distinct values that fit only that order, `either` those that would be
    another day when read the other way; `example` is one of the latter.
    """

    dmy: int = 0
    mdy: int = 0
    either: int = 0
    example: str | None = None

    @property
    def order(self) -> DateOrder | None:
        """The order that the values prove, None where they prove nothing or disagree.

        One typing error in twenty does not make a disagreement.
        """
        most, least = max(self.dmy, self.mdy), min(self.dmy, self.mdy)
        if most == 0 or least * 20 > most:
            return None
        return DateOrder.DMY if self.dmy > self.mdy else DateOrder.MDY

    @property
    def disagrees(self) -> bool:
        return self.order is None and self.dmy > 0 and self.mdy > 0


_RU_MONTHS = ("янв", "фев", "мар", "апр", "май", "июн", "июл", "авг", "сен", "окт", "ноя", "дек")
_EN_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_STEMS = {"мая": 5} | {
    stem: number for stems in (_RU_MONTHS, _EN_MONTHS) for number, stem in enumerate(stems, start=1)
}
_WEEKDAY = (
    r"(?:(?:пн|вт|ср|чт|пт|сб|вс|понедельник|вторник|среда|четверг|пятница|суббота|воскресенье"
    r"|(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?)\b[.,]*)"
)
_LEADING_WEEKDAY = re.compile(rf"{_WEEKDAY}\s*", re.IGNORECASE)
_TRAILING_WEEKDAY = re.compile(rf"\s*\(?{_WEEKDAY}\)?$", re.IGNORECASE)
_NUMERIC = re.compile(r"([0-9]{1,4})([./-])([0-9]{1,2})\2([0-9]{4}|[0-9]{1,2})(?![0-9./])")
_DAY_MONTH = re.compile(
    r"([0-9]{1,2})(?:st|nd|rd|th)?[\s.-]*([^\W\d_]{3,9})[\s.,-]*([0-9]{4}|[0-9]{2})(?![0-9:])",
    re.IGNORECASE,
)
_MONTH_DAY = re.compile(
    r"([^\W\d_]{3,9})[\s.-]*([0-9]{1,2})(?:st|nd|rd|th)?[\s.,-]+([0-9]{4})(?![0-9])", re.IGNORECASE
)
_COMPACT = re.compile(r"((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})$")
_SERIAL = re.compile(r"([0-9]{5})(?:[.,]([0-9]+))?$")
_BEFORE_TIME = re.compile(r"(?:\s*(?:года?|г)\b\.?)?[\s,;T]*(?:(?:в|at)\s+)?", re.IGNORECASE)
_TIME = re.compile(
    r"([0-9]{1,2})(?:[:.]([0-9]{2}))?(?:[:.]([0-9]{2})(?:[.,][0-9]+)?)?"
    r"(?:\s*([ap])\.?m\.?)?"
    r"\s*(Z|\+[0-9]{2}(?::?[0-9]{2})?|(?:(?<=:..:..)|(?<=\....))-[0-9]{2}:?[0-9]{2})?"
    r"(?:\s*[-–—].*)?$",
    re.IGNORECASE | re.DOTALL,
)
_FRACTION = re.compile(r"0?[.,]([0-9]+)$|0$")
_EXCEL_EPOCH = date(1899, 12, 30)  # serial 60 stands for a day that never was, hence not the 31st
_PIVOT = 50  # two-digit years: 50 and above are of the last century


def parse_moment(text: str, order: DateOrder | None, zone: tzinfo | None = None) -> Moment | None:
    """Read a date with or without a time; None where it is neither.

    Takes 12.03.2024, 3/12/24, 2024-03-12T14:30, 20240312, «12 марта 2024», "Mar 12, 2024", with
    or without a weekday, and Excel's serial days. `order` is for numeric dates that do not start
    with the year (None: day first). A time with an offset ("Z", "+03:00") is moved to `zone`, or
    kept as it is written where no zone is given. A range of times gives its start.
    """
    text = text.strip()
    if not text[:1].isdigit():
        text = _LEADING_WEEKDAY.sub("", text, count=1)
    if not text[-1:].isdigit():
        text = _TRAILING_WEEKDAY.sub("", text)
    if serial := _SERIAL.match(text):
        return _from_serial(serial)
    if compact := _COMPACT.match(text):
        day = _day(int(compact[1]), int(compact[2]), int(compact[3]))
        return Moment(day) if day else None
    found = _leading_day(text, order)
    if found is None:
        return None
    day, rest = found
    rest = rest[end.end() :] if (end := _BEFORE_TIME.match(rest)) else rest
    if not rest:
        return Moment(day)
    return _at(day, rest, zone)


def parse_time(text: str) -> time | None:
    """Read a time of day: 14:30, 2:30:00 PM, 2pm, 14.30, «14:00–15:00» (its start), 0.604 (Excel).

    A cell that holds a date and a time gives the time.
    """
    text = text.strip()
    if fraction := _FRACTION.match(text):
        seconds = round(float("0." + (fraction[1] or "0")) * 86_400)
        return _clock(seconds // 3600, seconds // 60 % 60, seconds % 60)
    if (match := _TIME.match(text)) and (match[2] or match[4]):
        return _time_of(match)
    moment = parse_moment(text, None)
    return moment.at if moment else None


def order_evidence(values: Iterable[str]) -> OrderEvidence:
    """Count what the numeric dates among `values` say about their order.

    Dates with dots count only as proof, never as doubt: nobody writes the month first with dots.
    """
    dmy = mdy = either = 0
    example = None
    for value in sorted(set(values)):
        match = _NUMERIC.match(_LEADING_WEEKDAY.sub("", value.strip(), count=1))
        if not match or len(match[1]) > 2:
            continue
        a, b = int(match[1]), int(match[3])
        year = _full_year(match[4])
        day_first, month_first = _day(year, b, a), _day(year, a, b)
        if day_first and month_first:
            if day_first != month_first and match[2] != ".":
                either += 1
                example = example or value.strip()
        elif day_first:
            dmy += 1
        elif month_first:
            mdy += 1
    return OrderEvidence(dmy=dmy, mdy=mdy, either=either, example=example)


def _leading_day(text: str, order: DateOrder | None) -> tuple[date, str] | None:
    if match := _NUMERIC.match(text):
        first, second, last = match[1], int(match[3]), match[4]
        if len(first) == 4 and len(last) <= 2:
            day = _day(int(first), second, int(last))
        elif len(first) > 2:
            return None
        else:
            day = _in_order(_full_year(last), int(first), second, order, dots=match[2] == ".")
    elif match := _DAY_MONTH.match(text):
        day = _day(_full_year(match[3]), _month(match[2]), int(match[1]))
    elif match := _MONTH_DAY.match(text):
        day = _day(int(match[3]), _month(match[1]), int(match[2]))
    else:
        return None
    return (day, text[match.end() :]) if day else None


def _in_order(
    year: int, first: int, second: int, order: DateOrder | None, *, dots: bool
) -> date | None:
    day_first, month_first = _day(year, second, first), _day(year, first, second)
    if order is None and dots:
        order = DateOrder.DMY
    if order is None:
        if day_first and month_first and day_first != month_first:
            return None
        return day_first or month_first
    return day_first if order is DateOrder.DMY else month_first


def _at(day: date, text: str, zone: tzinfo | None) -> Moment | None:
    match = _TIME.match(text)
    at = _time_of(match) if match and (match[2] or match[4]) else None
    if match is None or at is None:
        return None
    if match[5] and zone:
        offset = "+00:00" if match[5] in "Zz" else match[5]
        try:
            aware = datetime.fromisoformat(f"{day.isoformat()}T{at.isoformat()}{offset}")
            local = aware.astimezone(zone)
        except (ValueError, OverflowError):
            return None
        return Moment(local.date(), local.time())
    return Moment(day, at)


def _time_of(match: re.Match[str]) -> time | None:
    hour = int(match[1])
    if half := match[4]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half in "pP" else 0)
    return _clock(hour, int(match[2] or 0), int(match[3] or 0))


def _from_serial(match: re.Match[str]) -> Moment:
    day = _EXCEL_EPOCH + timedelta(days=int(match[1]))
    if not match[2]:
        return Moment(day)
    seconds = min(round(float("0." + match[2]) * 86_400), 86_399)
    return Moment(day, time(seconds // 3600, seconds // 60 % 60, seconds % 60))


def _full_year(text: str) -> int:
    year = int(text)
    return year if len(text) > 2 else year + (2000 if year < _PIVOT else 1900)


def _month(word: str) -> int:
    return _MONTH_STEMS.get(word.casefold()[:3], 0)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _clock(hour: int, minute: int, second: int) -> time | None:
    try:
        return time(hour, minute, second)
    except ValueError:
        return None
