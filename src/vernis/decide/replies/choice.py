"""Which of the offered times a reply takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from itertools import pairwise

from vernis.decide.replies.patterns import POLITE
from vernis.decide.replies.speech import SENTENCE_ENDS
from vernis.domain import When

_ORDINALS = {
    form: place
    for place, forms in {
        1: "первый первое первую первая первого первому first любое любой любую any whichever "
        "раннее ранний раннюю ближайшее ближайший ближайшую earliest soonest",
        2: "второй второе вторую вторая второго второму second средний среднее",
        3: "третий третье третью третья третьего third",
        -1: "последний последнее последнюю последняя последнего last поздний позднюю latest",
    }.items()
    for form in forms.split()
}
_NO_MATTER = (
    ("без", "разницы"),
    ("все", "равно"),
    ("на", "ваше"),
    ("doesn't", "matter"),
    ("don't", "care"),
)
_ASKS = frozenset(
    [
        "есть",
        "еще",
        "другое",
        "другой",
        "другие",
        "кроме",
        "попозже",
        "пораньше",
        "свободно",
        "else",
        "other",
    ]
)


_BESIDE_A_NUMBER = frozenset(
    [
        "давайте",
        "давай",
        "да",
        "ок",
        "👍",
        "тогда",
        "лучше",
        "можно",
        "на",
        "под",
        "цифра",
        "цифру",
        "номер",
        "номером",
        "вариант",
        "а",
    ]
)
_NUMBERS = {"один": "1", "два": "2", "три": "3", "one": "1", "two": "2", "three": "3"}
CHOICE_WORDS = frozenset(_ORDINALS) | _BESIDE_A_NUMBER


@dataclass(frozen=True, slots=True)
class Choice:
    """A place in what was offered; `exact` where it was named, or its very hour."""

    place: int
    exact: bool


def choose(
    texts: Sequence[str],
    words: Sequence[str],
    when: When | None,
    offered: Sequence[datetime],
) -> Choice | None:
    """`texts` are the words of the reply, `words` the same with days and names marked."""
    if _ASKS & set(texts):
        return None
    place = _named_place(texts, words)
    if place is not None:
        return Choice(place, exact=True) if place <= len(offered) else None
    number = _lone_number(texts)
    if number is not None and 1 <= number <= len(offered):
        return Choice(number, exact=True)
    found = _by_time(when, number, offered)
    hours = when.hours if when else None
    exact = number is not None or (hours is not None and hours[0] == hours[1])
    return None if found is None else Choice(found, exact=exact)


def _named_place(texts: Sequence[str], words: Sequence[str]) -> int | None:
    said = list(dict.fromkeys(_ORDINALS[text] for text in words if text in _ORDINALS))
    if len(said) == 1 and not _negated_place(words):
        return said[0]
    pairs = list(pairwise(texts))
    if ("самое", "позднее") in pairs:
        return -1
    if any(pair in pairs for pair in _NO_MATTER) or "неважно" in texts:
        return 1
    for first, second in pairs:
        if first in {"вариант", "номер", "option", "number"} and second in {"1", "2", "3"}:
            return int(second)
        if second in {"вариант", "й", "option"} and first in {"1", "2", "3"}:
            return int(first)
    return None


def _negated_place(words: Sequence[str]) -> bool:
    place = next(index for index, text in enumerate(words) if text in _ORDINALS)
    return bool({"не", "нет", "not"} & set(words[max(0, place - 2) : place + 3]))


def _lone_number(texts: Sequence[str]) -> int | None:
    """The number of a reply that says nothing else: «2», «давайте 2», «2 пожалуйста»."""
    allowed = POLITE | SENTENCE_ENDS | _BESIDE_A_NUMBER
    rest = [_NUMBERS.get(text, text.removesuffix("-го")) for text in texts if text not in allowed]
    if len(rest) == 1 and rest[0].isascii() and rest[0].isdigit() and len(rest[0]) <= 2:
        return int(rest[0])
    return None


def _by_time(when: When | None, number: int | None, offered: Sequence[datetime]) -> int | None:
    if when is None:
        if number is None or number > 23:
            return None
        when = When(hours=(time(number), time(number)))
    for half_day in (0, 12):
        fitting = [place for place, start in enumerate(offered, 1) if _fits(start, when, half_day)]
        if fitting:
            return fitting[0] if len(fitting) == 1 else None
    return None


def _fits(start: datetime, when: When, half_day: int) -> bool:
    """Whether a free time is the one meant; with `half_day` 12 also by a twelve-hour clock."""
    if when.days is not None and not when.days[0] <= start.date() <= when.days[1]:
        return False
    if when.hours is None:
        return half_day == 0
    if half_day == 0:
        return when.hours[0] <= start.time() <= when.hours[1]
    wanted = when.hours[0]
    return when.hours[0] == when.hours[1] and (wanted.hour % 12, wanted.minute) == (
        start.hour % 12,
        start.minute,
    )
