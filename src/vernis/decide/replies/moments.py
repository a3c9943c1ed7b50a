"""Days and hours that a client names, in Russian and English, as a `When`.

How the doubtful is read (all relative to `now`, in company-local time):

- A bare hour is one at which salons are open: 1 to 8 are in the afternoon («в 7» is 19:00), 9 to
  23 are as said («в 9» is 09:00), unless a part of the day says otherwise or the hour is written
  with a leading zero. «До 9» is before 21:00.
- «После 18» lasts to the end of the day, «до 12» begins with it; real free times cut both.
- A weekday is the next one; the one of today while it is before `TODAY_UNTIL` and the hour named
  is still ahead. «В следующую пятницу» is the Friday of the next calendar week.
- A day of the month is the next one to come. «После 25-го», «не раньше пятницы» last two weeks.
- Days joined by «или», «и» or a comma are one span; otherwise the last one said counts.
- What the client cannot («завтра не могу») is no wish.
- The past («вчера», «в прошлую пятницу»), a date that fits two ways (3/4) and the impossible
  (32-го, 25:00) give None: better asked than guessed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import pairwise

from vernis.decide.replies import moment_words as mw
from vernis.decide.replies.days import (
    coming_day,
    day_number,
    exact_date,
    in_some,
    monday_of,
    month_or_part,
    near_day,
    next_weekday,
    past,
    said_month,
    week,
    weekday_named,
)
from vernis.decide.replies.hours import (
    JOINTS,
    Clock,
    Piece,
    at_hour,
    clock_time,
    counts_hours,
    part_of_day,
    says,
    word_at,
)
from vernis.decide.replies.speech import Lexicon
from vernis.domain import When

OPEN_DAYS = 14  # length of a span without an end


DAY_START, DAY_END = time(0), time(23, 59)


_lexicon: list[Lexicon] = []


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """`when` was said by the tokens at `covered`; `impossible` if one of them cannot be."""

    when: When | None
    covered: tuple[tuple[int, int], ...] = ()  # first and one past the last, in order
    refused: frozenset[int] = frozenset()  # starts of those at which the client cannot
    impossible: bool = False
    refused_days: tuple[date, date] | None = None  # the last ones at which the client cannot


def find(text: str | Sequence[str], *, now: datetime) -> When | None:
    """The days and hours that a text asks for, or None. `now` is aware and company-local."""
    if isinstance(text, str):
        if not _lexicon:
            _lexicon.append(Lexicon(mw.words()))
        text = [token.text for token in _lexicon[0].read(text)]
    return locate(text, now=now).when


def locate(tokens: Sequence[str], *, now: datetime) -> Located:
    """Like `find`, and which tokens said it."""
    pieces: list[Piece] = []
    position = 0
    openers = _openers()
    while position < len(tokens):
        text = tokens[position]
        if text not in openers and not (
            text[0].isdigit() or text.startswith("прошл") or "-" in text
        ):
            position += 1
            continue
        piece = _piece(tokens, position, now, pieces[-1].end if pieces else 0)
        if piece is None:
            position += 1
            continue
        pieces.append(replace(piece, start=position))
        position = piece.end
    covered = tuple((piece.start, piece.end) for piece in pieces if not piece.past)
    if any(piece.impossible for piece in pieces):
        return Located(when=None, covered=covered, impossible=True)
    wished = [(piece, _turned(tokens, piece)) for piece in pieces if not piece.past]
    asked = [turned for _, turned in wished if turned is not None]
    refused = frozenset(piece.start for piece, turned in wished if turned is None)
    no_days = [piece.days for piece, turned in wished if turned is None and not piece.clocks]
    not_on = no_days[-1] if no_days else None
    days = _days(tokens, asked, now)
    hours = _hours(tokens, asked)
    if days is None and hours is None:
        return Located(when=None, covered=covered, refused=refused, refused_days=not_on)
    if days and days[1] == now.date() and hours and hours[1] < now.time():
        weekday = any(piece.weekday for piece in asked)
        if not weekday:
            return Located(when=None, covered=covered, impossible=True)
        days = (days[0] + timedelta(7), days[1] + timedelta(7))
    return Located(when=When(days=days, hours=hours), covered=covered, refused=refused)


@cache
def _openers() -> frozenset[str]:
    return mw.words() | mw.OPENERS


def _turned(tokens: Sequence[str], piece: Piece) -> Piece | None:
    """The piece, nothing if the client cannot then, its opposite for «занята до 18»."""
    if not _refused(tokens, piece):
        return piece
    if piece.relation == "before":
        return replace(piece, relation="after")
    return None


def _refused(tokens: Sequence[str], piece: Piece) -> bool:
    clause = _clause_before(tokens, piece.start)
    if clause and clause[-1] in {"не", "кроме", "not", "except"}:
        return True
    ahead: list[str] = []
    for text in tokens[piece.end : piece.end + 5]:
        if text in mw.NEW_CLAUSE:
            if text == "?" and tuple(ahead) in _ASKED_IF_NOT:
                return False
            break
        ahead.append(text)
    return _cannot(clause[-4:]) or _cannot(ahead)


# «Во вторник никак?» asks for Tuesday, «во вторник никак» refuses it.
_ASKED_IF_NOT = {
    tuple(words.split())
    for words in ("никак", "никак не получится", "не получится", "не выйдет", "не вариант")
}


def _clause_before(tokens: Sequence[str], start: int) -> list[str]:
    clause: list[str] = []
    for text in reversed(tokens[:start]):
        if text in mw.NEW_CLAUSE:
            break
        clause.insert(0, text)
    return clause


def _cannot(clause: Sequence[str]) -> bool:
    for index, text in enumerate(clause):
        before = clause[index - 1] if index else ""
        if text in mw.CANNOT and before not in {"не", "not"}:
            return True
        if text in mw.CANNOT_ENGLISH:
            return True
        if before in {"не", "not"} and text in mw.CANNOT_AFTER_NOT:
            return True
    return False


def _days(
    tokens: Sequence[str], pieces: Sequence[Piece], now: datetime
) -> tuple[date, date] | None:
    days: tuple[date, date] | None = None
    end = 0
    for piece in _in_their_week(pieces):
        if piece.days is None:
            continue
        if days is None:
            days = piece.days
        else:
            both = (max(days[0], piece.days[0]), min(days[1], piece.days[1]))
            if both[0] <= both[1]:
                days = both
            elif _joined(tokens, end, piece.start):
                other = piece.days
                if piece.weekday and other[0] < days[0] and other[0].weekday() > days[0].weekday():
                    # «Во вторник или четверг» on a Wednesday: both in the next week.
                    other = (other[0] + timedelta(7), other[1] + timedelta(7))
                days = (min(days[0], other[0]), max(days[1], other[1]))
            else:
                days = piece.days
        end = piece.end
    return days if days is None or days[1] >= now.date() else None


def _in_their_week(pieces: Sequence[Piece]) -> Sequence[Piece]:
    """«На следующей неделе в среду», «через неделю в пятницу»: the weekday of that week.

    A weekday beside a date that is one, «29 мая в пятницу», says nothing more.
    """
    dated = {piece.days[0].weekday() for piece in pieces if _one_date(piece) and piece.days}
    pieces = [
        piece
        for piece in pieces
        if not (piece.weekday and piece.days and piece.days[0].weekday() in dated)
    ]
    weeks = [piece.week for piece in pieces if piece.week]
    if len(weeks) != 1 or not any(piece.weekday for piece in pieces):
        return pieces
    return [
        replace(piece, days=(day, day), weekday=False)
        for piece in pieces
        if piece.weekday and piece.days
        for day in [weeks[0] + timedelta(piece.days[0].weekday())]
    ]


def _one_date(piece: Piece) -> bool:
    days = piece.days
    return days is not None and days[0] == days[1] and not piece.weekday and piece.week is None


def _joined(tokens: Sequence[str], end: int, start: int) -> bool:
    between = tokens[end:start]
    return len(between) <= 3 and all(text in JOINTS | {"в", "на", "с"} for text in between)


def _hours(tokens: Sequence[str], pieces: Sequence[Piece]) -> tuple[time, time] | None:
    parts = [piece for piece in pieces if piece.part]
    context = parts[-1].hours if parts else None
    hours: tuple[time, time] | None = None
    end = 0
    for piece in pieces:
        if not piece.clocks:
            continue
        window = _window(piece, context)
        if hours is None or window is None:
            hours = window or hours
        else:
            both = (max(hours[0], window[0]), min(hours[1], window[1]))
            if _joined(tokens, end, piece.start) and piece.relation in {"at", "more"}:
                hours = (min(hours[0], window[0]), max(hours[1], window[1]))
            else:
                hours = both if both[0] <= both[1] else window
        end = piece.end
    if hours is not None or context is None:
        return hours
    first = context
    for earlier, later in pairwise(parts):
        if _joined(tokens, earlier.end, later.start) and earlier.hours and later.hours:
            first = (min(earlier.hours[0], first[0]), max(later.hours[1], first[1]))
    return first


def _window(piece: Piece, context: tuple[time, time] | None) -> tuple[time, time] | None:
    first = piece.clocks[0]
    if piece.relation == "range":
        return _range(first, piece.clocks[1], context)
    if piece.relation == "before" and not first.sure and first.hour == 9 and context is None:
        return DAY_START, time(21, first.minute)
    at = _resolved(first, context)
    if piece.relation == "after":
        return at, DAY_END
    if piece.relation == "before":
        return DAY_START, at
    return at, at


def _range(first: Clock, last: Clock, context: tuple[time, time] | None) -> tuple[time, time]:
    start, end = _resolved(first, context), _resolved(last, context)
    if start <= end:
        return start, end
    if end.hour < 12:
        return start, end.replace(hour=end.hour + 12)
    plain = time(first.hour % 24, first.minute)
    return (plain, end) if plain <= end else (end, start)


def _resolved(clock: Clock, context: tuple[time, time] | None) -> time:
    hour = clock.hour
    if not clock.sure:
        if context in {mw.MORNING, mw.BEFORE_LUNCH}:
            pass
        elif (context in {mw.EVENING, mw.AFTER_WORK} and hour < 12) or 1 <= hour <= 8:
            hour += 12
    return time(hour % 24, clock.minute)


def _piece(w: Sequence[str], i: int, now: datetime, after: int) -> Piece | None:
    """What begins at token `i`; `after` is where the piece before ended (0: none)."""
    today = now.date()
    return (
        past(w, i)
        or near_day(w, i, now)
        or part_of_day(w, i)
        or _relation(w, i, now)
        or in_some(w, i, now)
        or week(w, i, today)
        or month_or_part(w, i, today)
        or exact_date(w, i, today)
        or weekday_named(w, i, now)
        or at_hour(w, i, after)
    )


_AFTER = (
    "после", "не раньше", "не ранее", "позже", "позднее", "попозже", "с", "от", "начиная с",
    "after",
    "from", "not before", "not earlier than", "later than", "anytime after", "any time after",
    "не раньше чем", "не раньше чем в", "позже чем в", "после чем", "так после", "starting", "past",
    "не раньше чем с", "со",
)  # fmt: skip


_BEFORE = (
    "до", "не позже", "не позднее", "раньше", "ранее", "пораньше", "before", "by", "until", "till",
    "not later than", "no later than", "earlier than", "не позже чем", "не позже чем в",
)  # fmt: skip


_TO = frozenset(["до", "по", "to", "till", "until", "-", "and", "и"])


def _relation(w: Sequence[str], i: int, now: datetime) -> Piece | None:
    if says(w, i, "после завтра"):
        return None
    j = says(w, i, "с", "со", "от", "между", "from", "between", "где-то с", "начиная с")
    if j:
        ranged = _range_piece(w, j, now.date())
        if ranged:
            return ranged
    if w[i] == "by" and word_at(w, i - 1) in {"stop", "come", "drop", "swing", "pass"}:
        return None
    for relation, phrases in (("after", _AFTER), ("before", _BEFORE)):
        j = says(w, i, *phrases)
        if not j:
            continue
        about = says(w, j, "часов", "часа", "где-то", "примерно", "about", "around")
        j = about if about and about < len(w) and clock_time(w, about) else j
        clock = None if exact_date(w, j, now.date()) else clock_time(w, j)
        if clock and counts_hours(w, clock.end):
            return Piece(clock.end, clocks=(clock,), relation=relation)
        if says(w, j, "обеда", "работы", "lunch", "work"):
            return None
        return _open_span(w, i, j, relation, now)
    return None


def _open_span(w: Sequence[str], i: int, j: int, relation: str, now: datetime) -> Piece | None:
    """«После 25-го», «до конца месяца», «со следующей недели»; `j` is past the preposition."""
    today = now.date()
    weekend = says(w, j, "выходных", "the weekend")
    if weekend and relation == "after":
        monday = monday_of(today) + timedelta(7)
        return Piece(weekend, days=(monday, monday + timedelta(4)))
    span = (
        exact_date(w, j, today)
        or weekday_named(w, j, now)
        or near_day(w, j, now)
        or week(w, j, today)
        or said_month(w, j, today)
        or month_or_part(w, j, today)
        or _bare_day(w, j, today)
    )
    if span is None or span.days is None:
        return None
    if relation == "before" and says(w, j, "конца", "the end of", "end of"):
        return replace(span, days=(today, span.days[1]))
    return replace(span, days=_open(relation, w[i], span.days, today), week=None)


def _bare_day(w: Sequence[str], i: int, today: date) -> Piece | None:
    """A number that can only be a day: «после 25»."""
    number = day_number(w, i)
    if number is None or number[0] < 24 or not counts_hours(w, number[1]):
        return None
    coming = coming_day(number[0], None, today)
    return Piece(number[1], days=(coming, coming)) if coming else None


def _open(relation: str, word: str, days: tuple[date, date], today: date) -> tuple[date, date]:
    """«После 25-го» begins on the next day, «с 25-го», «не раньше 25-го» on the same."""
    if relation == "before":
        return (today, max(today, days[0] - timedelta(1)))
    first = days[1] + timedelta(1) if word in {"после", "after", "past"} else days[0]
    return (first, first + timedelta(OPEN_DAYS - 1))


def _range_piece(w: Sequence[str], j: int, today: date) -> Piece | None:
    """What follows «с»: «5 по 10 мая», «14 до 17», «пятницы по воскресенье»."""
    spoken = _day_range(w, j, today)
    if spoken:
        return spoken
    first = clock_time(w, j)
    if first and word_at(w, first.end) in _TO:
        last = clock_time(w, first.end + 1)
        if last and counts_hours(w, last.end):
            return Piece(last.end, clocks=(first, last), relation="range")
    return None


def _day_range(w: Sequence[str], j: int, today: date) -> Piece | None:
    first = day_number(w, j)
    if first is None:
        if (
            word_at(w, j) in mw.WEEKDAYS
            and word_at(w, j + 1) in _TO
            and word_at(w, j + 2) in mw.WEEKDAYS
        ):
            start = next_weekday(mw.WEEKDAYS[w[j]], today)
            length = (mw.WEEKDAYS[w[j + 2]] - mw.WEEKDAYS[w[j]]) % 7
            return Piece(j + 3, days=(start, start + timedelta(length)))
        return None
    number, end = first
    month = mw.MONTHS.get(word_at(w, end))
    if month:
        end += 1
    if word_at(w, end) not in _TO:
        return None
    last = day_number(w, end + 1)
    if last is None:
        return None
    month_end = mw.MONTHS.get(word_at(w, last[1]))
    if not month_end and word_at(w, last[1]) not in {"числа", "число"}:
        hours = says(w, last[1], "часов", "ч", "вечера", "дня", "утра") or ":" in w[end + 1]
        if w[end] != "по" or hours or not counts_hours(w, last[1]):
            return None
    last_day = coming_day(last[0], month_end, today)
    if last_day is None:
        return Piece(last[1] + 1, impossible=True)
    first_day = coming_day(number, month or month_end, today)
    if first_day is None or first_day > last_day:
        first_day = today
    return Piece(last[1] + 1, days=(first_day, last_day))
