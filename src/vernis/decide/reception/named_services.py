"""Which of a company's services a client's words name: «на стрижку», «покраситься», "my nails"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

# Words of many titles that name none by themselves.
_GENERIC_WORDS = """
    мужской женский детский мужская женская детская мужское женское мужчина женщина ребенок муж жен
    волосы волос лицо лица руки ноги рук ног тело зона короткий средний длинный короткие средние
    длинные мастер топ топ-мастер ведущий старший стилист барбер категория уровень комплекс услуга
    запись день час минут раз время сеанс классический обычный экспресс акция скидка новый для без
    с на и или от до под при по из за одна один два две три полный полная
    men man mens women woman womens kids child hair face hands feet body short medium long master
    senior stylist barber level classic regular express new full with and for the without
    """
_GENERIC = frozenset(_GENERIC_WORDS.split())
# What people say instead of a title's word, by its beginning.
_MEANS = {
    "подстри": "стрижка", "постри": "стрижка", "стричь": "стрижка", "подровня": "стрижка",
    "покра": "окрашивание", "окрас": "окрашивание", "краси": "окрашивание",
    "краск": "окрашивание", "ногт": "маникюр", "ногот": "маникюр", "маник": "маникюр",
    "педик": "педикюр", "побри": "бритье", "бород": "борода", "эпил": "эпиляция",
    "депил": "депиляция", "haircut": "cut", "trim": "cut", "nail": "manicure", "colour": "color",
    "dye": "color",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A service as the company lists it."""

    service_id: int
    title: str
    price_minor: int | None = None
    duration_minutes: int | None = None


def named_services(text: str, services: Sequence[Listed]) -> tuple[Listed, ...]:
    """The services that are meant, in the given order; several where the words fit several.

    >>> both = [Listed(service_id=1, title="Стрижка"), Listed(service_id=2, title="Окрашивание")]
    >>> [one.title for one in named_services("сколько стоит покраситься?", both)]
    ['Окрашивание']
    """
    said = _words(text)
    best: list[tuple[int, float, Listed]] = []
    for service in services:
        title = _title(service.title)
        if not any(_same(one, other) for one in title.specific for other in said):
            continue
        matched = sum(any(_same(one, other) for other in said) for one in title.all)
        best.append((matched, matched / len(title.all), service))
    if not best:
        return ()
    most = max(matched for matched, _, _ in best)
    fitting = [one for one in best if one[0] == most]
    whole = [one for one in fitting if one[1] == 1.0]
    return tuple(service for _, _, service in whole or fitting)


@dataclass(frozen=True, slots=True)
class _Title:
    all: tuple[str, ...]
    specific: tuple[str, ...]


@lru_cache(maxsize=20_000)
def _title(title: str) -> _Title:
    words = tuple(dict.fromkeys(word for word in _words(title) if word not in {"и", "and", "с"}))
    return _Title(words or ("",), tuple(word for word in words if not _is_generic(word)))


def _is_generic(word: str) -> bool:
    return len(word) < 3 or any(_same(word, other) for other in _GENERIC)


def _words(text: str) -> tuple[str, ...]:
    found = re.findall(r"[^\W\d_]+(?:'s)?", text.lower().replace("ё", "е"))
    return tuple(_meant(word.removesuffix("'s")) for word in found)


def _meant(word: str) -> str:
    return next((means for start, means in _MEANS.items() if word.startswith(start)), word)


def _same(one: str, other: str) -> bool:
    """Two forms of a word: the same beginning, the endings two letters at most."""
    if one == other:
        return True
    shorter, longer = sorted((len(one), len(other)))
    stem = max(4, shorter - 2)
    return shorter >= stem and longer - shorter <= 4 and one[:stem] == other[:stem]
