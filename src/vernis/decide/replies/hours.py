"""Times and parts of a day as words -> pieces. Positions are indexes into the tokens."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from functools import cache

from vernis.decide.replies import moment_words as mw

JOINTS = frozenset(["или", "либо", "и", ",", "or", "and", "-", "хоть"])


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of the day as said: 24-hour if `sure`."""

    end: int
    hour: int
    minute: int = 0
    sure: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing said: days, or a clock time, or a window of the day. `end` is one past it."""

    end: int
    days: tuple[date, date] | None = None
    hours: tuple[time, time] | None = None
    part: bool = False  # `hours` is a part of the day
    clocks: tuple["Clock", ...] = ()
    relation: str = ""  # at, after, before, range
    impossible: bool = False
    past: bool = False
    weekday: bool = False
    week: date | None = None  # the Monday of the week that was said, where a weekday may follow
    start: int = 0


@cache
def _by_first_word(phrases: tuple[str, ...]) -> dict[str, list[tuple[str, ...]]]:
    index: dict[str, list[tuple[str, ...]]] = {}
    for phrase in phrases:
        words = tuple(phrase.split())
        index.setdefault(words[0], []).append(words)
    for same in index.values():
        same.sort(key=len, reverse=True)
    return index


def says(w: Sequence[str], i: int, *phrases: str) -> int:
    """One past the longest of the phrases that begins at `i`, or 0."""
    if not 0 <= i < len(w):
        return 0
    for words in _by_first_word(phrases).get(w[i], ()):
        if tuple(w[i : i + len(words)]) == words:
            return i + len(words)
    return 0


def word_at(w: Sequence[str], i: int) -> str:
    return w[i] if 0 <= i < len(w) else ""


def number_of(text: str) -> int | None:
    if text.isascii() and text.isdigit() and len(text) <= 4:
        return int(text)
    return mw.NUMBERS.get(text)


def part_of_day(w: Sequence[str], i: int) -> Piece | None:
    start = i + 1 if w[i] in {"на", "ближе", "this", "поздно", "рано"} else i
    for length in (4, 3, 2, 1):
        window = mw.PARTS.get(tuple(w[start : start + length]))
        if window and not (length == 1 and w[start] in {"утра", "вечера", "lunch"} and start == i):
            return Piece(start + length, hours=window, part=True)
    return None


_AT = (
    "в", "во", "на", "к", "около", "часов в", "часа в", "часиков в", "часам к", "часов на",
    "часиков на", "часикам к", "часов к", "примерно в", "где-то в", "ближе к", "в районе",
    "примерно на", "где-то на", "примерно к", "at", "around", "about", "at around", "at about",
    "for", "часов около", "приблизительно в", "ровно в", "так в", "часа на",
)  # fmt: skip


def at_hour(w: Sequence[str], i: int, after: int) -> Piece | None:
    j = says(w, i, *_AT)
    if j:
        j = says(w, j, "часов", "часам", "часа", "районе", "about", "around") or j
    spoken = [number_of(part) for part in word_at(w, j).split("-")] if j else []
    if len(spoken) == 2 and w[j][0].isalpha() and all(n and n < 24 for n in spoken):
        # «Часов в пять-шесть».
        both = tuple(Clock(j + 1, n, sure=n > 12) for n in spoken if n)
        return Piece(j + 1, clocks=both, relation="range")
    clock = clock_time(w, j or i)
    if clock is None:
        return _bad_clock(w, j or i)
    if word_at(w, clock.end) in {"-", "до"} and (j or clock.sure):
        last = clock_time(w, clock.end + 1)
        if last and counts_hours(w, last.end):
            return Piece(last.end, clocks=(clock, last), relation="range")
    if not counts_hours(w, clock.end):
        return None
    if not j and not clock.sure and not _said_as_hour(w, i, clock, after):
        return None
    if not j and (
        word_at(w, i - 1) in mw.NOT_HOURS or (w[i].isdigit() and not _stands(w, i, after))
    ):
        return None
    if "-" in w[j or i] and w[j or i][0].isdigit():
        low, high = (int(part) for part in w[j or i].split("-"))
        if high < 24 and high not in {0, 15} and low < 24:
            first, last = Clock(clock.end, low), Clock(clock.end, high)
            return Piece(clock.end, clocks=(first, last), relation="range")
    return Piece(clock.end, clocks=(clock,), relation="at" if j else "more")


def _stands(w: Sequence[str], i: int, after: int) -> bool:
    """Whether a bare number stands where an hour would: first, beside a day, after «давайте»."""
    if after or i == 0 or w[i - 1] in JOINTS | mw.BEFORE_HOUR:
        return True
    return bool(
        says(w, i + 1, "часов", "ч", "часа", "утра", "дня", "вечера", "pm", "am", "o'clock")
    )


def _bad_clock(w: Sequence[str], i: int) -> Piece | None:
    """25:00, 18:75, «25 часов»."""
    text = word_at(w, i)
    if ":" in text or (text.isdigit() and len(text) == 2 and says(w, i + 1, "часов", "ч")):
        return Piece(i + 1, impossible=True)
    return None


def _said_as_hour(w: Sequence[str], i: int, clock: Clock, after: int) -> bool:
    """A number without a preposition: beside a day («завтра 16»), with «часов», or joined."""
    if w[clock.end - 1] in {"часов", "ч", "часа", "час", "утра", "вечера", "o'clock"}:
        return w[clock.end - 1] != "час" or after == i
    if "-" in w[i] or w[i].startswith(("пол", "без")) or w[i] in {"half", "quarter", "четверть"}:
        return True
    if not after:
        return False
    gap = w[after:i]
    return all(text in JOINTS for text in gap) and (not gap or gap[-1] in JOINTS)


def counts_hours(w: Sequence[str], end: int) -> bool:
    """Whether the number that ends here can be an hour, not «на 2 человека», «5 минут»."""
    text = word_at(w, end)
    if text in {"р", "k", "к", "см", "из", "%"}:
        return text == "к" and end + 1 < len(w) and not w[end + 1].isdigit()
    stems = tuple(stem for stem in mw.COUNTED if len(stem) > 2)
    return not text.startswith(stems)


def clock_time(w: Sequence[str], i: int) -> Clock | None:
    text = word_at(w, i)
    if not text:
        return None
    return _spoken_clock(w, i, text) or _written_clock(w, i, text)


_HALVES = {
    "полпервого": 12, "полвторого": 1, "полтретьего": 2, "полчетвертого": 3, "полпятого": 4,
    "полшестого": 5, "полседьмого": 6, "полвосьмого": 7, "полдевятого": 8, "полдесятого": 9,
    "пол-седьмого": 6, "полодиннадцатого": 10, "полдвенадцатого": 11,
}  # fmt: skip


def _spoken_clock(w: Sequence[str], i: int, text: str) -> Clock | None:
    """«Полседьмого», «без пятнадцати пять», «четверть шестого», "half past six", "noon"."""
    if text in {"полдень", "noon"}:
        return Clock(i + 1, 12, sure=True)
    if text in _HALVES:
        return _suffixed(w, Clock(i + 1, _HALVES[text], 30))
    if text in {"пол", "половине", "половина", "половину"}:
        hour = mw.DAY_ORDINALS.get(word_at(w, i + 1)) or number_of(word_at(w, i + 1))
        if hour and hour <= 12:
            return _suffixed(w, Clock(i + 2, hour - 1 or 12, 30))
    if text == "четверть" and mw.DAY_ORDINALS.get(word_at(w, i + 1), 99) <= 12:
        return _suffixed(w, Clock(i + 2, mw.DAY_ORDINALS[w[i + 1]] - 1 or 12, 15))
    if text == "без":
        minutes = 15 if word_at(w, i + 1) == "четверти" else number_of(word_at(w, i + 1))
        j = i + 3 if word_at(w, i + 2) in {"минут", "минуты"} else i + 2
        hour = 1 if word_at(w, j) == "час" else number_of(word_at(w, j))
        if minutes and hour and minutes < 60 and 1 <= hour <= 24:
            return _suffixed(w, Clock(j + 1, (hour - 1) or 12, 60 - minutes))
    if text in {"half", "quarter"} and word_at(w, i + 1) in {"past", "to"}:
        hour = number_of(word_at(w, i + 2))
        if hour and hour <= 12:
            if w[i + 1] == "past":
                return _suffixed(w, Clock(i + 3, hour, 30 if text == "half" else 15))
            return _suffixed(w, Clock(i + 3, hour - 1 or 12, 45))
    return None


def _written_clock(w: Sequence[str], i: int, text: str) -> Clock | None:
    for mark in (":", ".", "-"):
        if mark in text and text[0].isdigit() and text[-1].isdigit():
            parts = text.split(mark)
            hour, minute = int(parts[0]), int(parts[1])
            if len(parts) != 2 or (len(parts[1]) != 2 and mark == "."):
                return None
            if hour > 23 or minute > 59:
                return None
            sure = hour > 12 or (len(parts[0]) == 2 and parts[0][0] == "0")
            return _suffixed(w, Clock(i + 1, hour, minute, sure=sure or hour >= 9))
    hour_said = 1 if text in {"час", "часа"} and _before_hour(w, i) else number_of(text)
    if hour_said is None or not 1 <= hour_said <= 23:
        return None
    end = i + 1
    if says(w, end, "часов", "часа", "час", "ч", "часиков", "часам", "o'clock", "h"):
        end += 1
        if word_at(w, end) in {"дольше", "позже", "раньше", "назад"}:
            return None  # «на 2 часа позже»
    minute = 0
    following = word_at(w, end)
    if (
        following in {"00", "15", "20", "30", "40", "45", "10", "50"}
        and not says(w, end + 1, "минут", "числа", *mw.MONTHS)
    ) or (following in {"30", "15", "45"} and says(w, end + 1, "минут")):
        minute = int(following)
        end += 2 if word_at(w, end + 1) in {"минут", "мин"} else 1
    elif following in {"тридцать", "пятнадцать"}:
        minute, end = {"тридцать": 30, "пятнадцать": 15}[following], end + 1
    return _suffixed(w, Clock(end, hour_said, minute, sure=hour_said > 12))


def _before_hour(w: Sequence[str], i: int) -> bool:
    return word_at(w, i - 1) in {"в", "к", "на", "до", "после", "около"}


_EVENING_SUFFIX = ("вечера", "pm", "p.m", "in the evening", "at night")


_DAY_SUFFIX = ("дня", "in the afternoon")


_MORNING_SUFFIX = ("утра", "am", "in the morning")


def _suffixed(w: Sequence[str], clock: Clock) -> Clock | None:
    """A clock time made certain by «утра», «дня», «вечера», am, pm."""
    hour = clock.hour
    end = says(w, clock.end, *_EVENING_SUFFIX, *_DAY_SUFFIX)
    if end:
        if says(w, clock.end, "дня") and hour > 12 and hour < 20:
            return replace(clock, end=end, sure=True)
        return replace(clock, end=end, hour=hour + 12 if hour < 12 else hour, sure=True)
    end = says(w, clock.end, *_MORNING_SUFFIX)
    if end:
        return replace(clock, end=end, sure=True) if hour <= 12 else None
    end = says(w, clock.end, "ночи")
    if end:
        return None
    return clock
