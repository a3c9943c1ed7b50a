"""A name as a CRM holds it -> the name that can be said in a greeting, or None."""

import re
import unicodedata
from functools import lru_cache

from vernis.decide.writing import first_names, russian
from vernis.domain import Address, Gender, Locale

# What people write into the name field beside, or instead of, a name.
_NOTES = """
мама папа жена муж дочь дочка сын сестра брат подруга друг соседка сосед бабушка дедушка тетя дядя
теща свекровь коллега ребенок малыш девочка мальчик девушка парень женщина мужчина от для из и или
не нет звонить писать клиент клиентка гость новый новая старый постоянный постоянная тест проба
админ администратор мастер модель вип директор салон зал запись бронь перерыв обед выходной отпуск
занято резерв блок кошка кот котик собака пес песик щенок котенок барсик мурка рекс шарик зая зайка
солнышко рыбка невеста жених свадьба хозяйка хозяин владелец черный список долг должник скандал
внимание осторожно умер умерла маникюр
педикюр стрижка брови ресницы ногти массаж аноним неизвестно неизвестный имя фамилия тестовый
тестовая розыгрыш подарок сертификат вотсап ватсап телеграм инстаграм авито mom mum mother dad
father wife husband daughter son sister brother friend kid child baby girl boy lady man woman see
note notes do not dont don't call no new old test client customer guest walk walkin walk-in in vip
admin unknown anonymous none null nan name firstname surname blocked block deceased duplicate
nails nail hair brows lashes massage cut color cash card gift voucher and or of from for the staff
model cancelled canceled refund mama papa sis bro aunt uncle grandma grandpa nanny nails lashes
"""
NOTES = frozenset(_NOTES.split())
# Forms that friends use: not after «вы», for a stranger's «здравствуйте» makes them rude.
_FAMILIAR = """
антоха илюха тимоха алеха леха лёха серега серёга димон толян колян вован вовчик санек саня санька
сашка ирка светка танька машка ленка катька наташка юлька анька олька надька верка любка женька
ксюха настюха викуся маринка галка томка людка лариска нюрка иришка аришка полинка витек витька
петька колька пашка васька ванька гришка ромка димка дениска мишка максимка тёмка темка никитос
тарасик федька юрка жека костик толик вадик генка борька
"""
FAMILIAR = frozenset(_FAMILIAR.replace("ё", "е").split())
# Short surnames that look like first names when they stand alone.
SURNAMES = frozenset(("ким", "пак", "цой", "ван", "тен", "хан", "шин", "нгуен", "ли", "юн", "хван"))
TITLES = frozenset(("mr", "mrs", "ms", "miss", "dr", "prof", "sir", "г-жа", "г-н", "госпожа"))

CYRILLIC = re.compile(r"[а-яё]+(?:-[а-яё]+)*", re.IGNORECASE)
LATIN = re.compile(r"[a-zà-öø-ÿ]+(?:['’-][a-zà-öø-ÿ]+)*", re.IGNORECASE)
PATRONYMIC = re.compile(r"[а-яё]{2,}(?:ович|евич|ьич|[мкт]ич|овна|евна|ична|инична)", re.IGNORECASE)
SURNAME = re.compile(
    r"[а-яё]{2,}(?:[оеё]ва?|[иы]на?|[сц]кий|[сц]кая|[сц]кой|енко|[уюя]к|чик|янц?|дзе|швили|[иы]х|ич|"
    r"ец|ай|ей|ий|ой|ый|ая|ль|ейко|ло|оглы|кызы|угли)",
    re.IGNORECASE,
)
FEMALE_SURNAME = re.compile(r"[а-яё]{2,}(?:[оеё]ва|[иы]на|[сц]кая)", re.IGNORECASE)
MALE_SURNAME = re.compile(r"[а-яё]{2,}(?:[оеё]в|[сц]кий)", re.IGNORECASE)


@lru_cache(maxsize=20_000)
def say_name(
    raw: str | None, address: Address = Address.VY, locale: Locale = Locale.RU
) -> str | None:
    """The name to greet with: «анна иванова» -> «Анна», «Клиент 123» -> None.

    With the patronymic where it is stored and the company says «вы». A Cyrillic name is not said
    in an English message; a Latin one is said in a Russian message as it is.
    """
    words = _words(raw)
    if not words:
        return None
    if all(CYRILLIC.fullmatch(word) for word in words):
        said = _cyrillic(words, address) if locale is Locale.RU else None
        if said is None or _key(said) not in FAMILIAR:
            return said
        return said if address is Address.TY and is_listed(said) else None
    if all(LATIN.fullmatch(word) for word in words):
        return _latin(words)
    return None


@lru_cache(maxsize=20_000)
def gender_of(raw: str | None) -> Gender | None:
    """The gender that a stored name tells with certainty."""
    said = say_name(raw) or say_name(raw, Address.TY)
    if said is None:
        return say_gender(say_name(raw, locale=Locale.EN))
    words = _words(raw)
    if any(re.search(r"(?:ович|евич|ич)$", word, re.IGNORECASE) for word in said.split()[1:]):
        return Gender.MALE
    if any(word.endswith("на") for word in said.split()[1:]):
        return Gender.FEMALE
    certain = say_gender(said.split()[0])
    if certain is not None:
        return certain
    if any(FEMALE_SURNAME.fullmatch(word) for word in words):
        return Gender.FEMALE
    if any(MALE_SURNAME.fullmatch(word) for word in words):
        return Gender.MALE
    return None


def say_gender(name: str | None) -> Gender | None:
    """The gender of a first name, None where both bear it or it is not known."""
    key = _key(name or "")
    is_female, is_male = key in _female(), key in _male()
    if is_female == is_male or key in _either():
        return None
    return Gender.FEMALE if is_female else Gender.MALE


def is_first_name(word: str) -> bool:
    """Is this one of the names that we know, or one that the dictionary knows as nothing else?"""
    key = _key(word)
    if is_listed(word):
        return True
    if "-" in key:
        return all(is_first_name(part) for part in key.split("-"))
    return (
        russian.has_reading(key, "Name", "nomn", "sing")
        and "Name" in russian.parses(key)[0].tag.grammemes
    )


def is_listed(word: str) -> bool:
    """Is this one of the names that we know?"""
    key = _key(word)
    return key in _female() or key in _male() or key in _either()


def _words(raw: str | None) -> list[str]:
    """The words of a name without emoji; [] where it holds anything that names do not."""
    if raw is None or len(raw) > 80:
        return []
    text = unicodedata.normalize("NFC", raw)
    text = "".join(
        " " if unicodedata.category(c) in {"So", "Sk", "Mn", "Cf", "Zs", "Zl", "Zp"} else c
        for c in text
    )
    words = [word.strip(".,") for word in text.split()]
    words = [word for word in words if word]
    if len(words) > 5:
        return []
    words = [word for word in words if word.lower() not in TITLES]
    if any(word.lower().replace("ё", "е") in NOTES for word in words):
        return []
    return words


def _cyrillic(words: list[str], address: Address) -> str | None:
    known = [
        i for i, word in enumerate(words) if is_first_name(word) and _key(word) not in SURNAMES
    ]
    patronymics = [i for i, word in enumerate(words) if PATRONYMIC.fullmatch(word)]
    if len(known) > 1:
        known = [i for i in known if i not in patronymics and not _is_surname(words[i])]
    is_listed_one = bool(known)
    if not known:
        known = [i for i, word in enumerate(words) if _looks_like_name(word)]
        if len(words) - len(known) > 2:
            return None
    if len(known) != 1:
        return None
    (first,) = known
    rest = [words[i] for i in range(len(words)) if i != first]
    if not all(
        _is_surname(word) or (is_listed_one and _is_capital_word(word, words)) for word in rest
    ):
        return None
    said = _capitals(words[first])
    has_patronymic = first + 1 in patronymics and len(said) + len(words[first + 1]) < 30
    if has_patronymic and address is Address.VY and _agree(said, words[first + 1]):
        return f"{said} {_capitals(words[first + 1])}"
    return said


def _latin(words: list[str]) -> str | None:
    known = [i for i, word in enumerate(words) if _key(word) in _latin_names() or _double(word)]
    if not known or len(words) > 4:
        return None
    return _capitals(words[known[0]]) if len(words[known[0]]) <= 20 else None


def _double(word: str) -> bool:
    return "-" in word and all(part in _latin_names() for part in _key(word).split("-"))


def _is_surname(word: str) -> bool:
    key = _key(word)
    if (
        len(key) == 1
        or key in SURNAMES
        or PATRONYMIC.fullmatch(key)
        or russian.has_reading(key, "Surn", "nomn")
    ):
        return True
    common = russian.is_known(key) and not russian.has_reading(key, "Surn")
    return bool(SURNAME.fullmatch(key.split("-")[-1])) and not common


def _is_capital_word(word: str, words: list[str]) -> bool:
    """«Анна Зима»: a surname that is also a word, where both are written as names are."""
    return len(words) == 2 and all(w.istitle() for w in words) and len(word) > 2


def _looks_like_name(word: str) -> bool:
    """One unknown word that may be a name: letters, 3 to 15, no word of the dictionary."""
    key = _key(word)
    return (
        3 <= len(key) <= 15
        and word[0].isupper()
        and "-" not in key
        and not russian.is_known(key)
        and key not in SURNAMES
        and not PATRONYMIC.fullmatch(key)
        and not SURNAME.fullmatch(key)
        and re.fullmatch(r"(?!.*(.)\1\1)(?!.*[бвгджзйклмнпрстфхцчшщ]{4})[а-я]+", key) is not None
        and not re.match(r"[ъыь]", key)
        and 0.25 <= len(re.findall(r"[аеиоуыэюя]", key)) / len(key) <= 0.7
        and not re.search(r"фыв|йцу|ячс|олдж|абвг|хах|тест|клиент|вип", key)
    )


def _agree(name: str, patronymic: str) -> bool:
    gender = say_gender(name)
    is_female = patronymic.lower().endswith("на")
    return gender is None or (gender is Gender.FEMALE) == is_female


def _key(word: str) -> str:
    return word.lower().replace("ё", "е").replace("’", "'")


def _capitals(word: str) -> str:
    return "-".join(part[:1].upper() + part[1:].lower() for part in word.split("-"))


@lru_cache(maxsize=1)
def _female() -> frozenset[str]:
    names = first_names.FEMALE_RU + first_names.FEMALE_EN + first_names.FEMALE_LATIN
    return frozenset(map(_key, names.split()))


@lru_cache(maxsize=1)
def _male() -> frozenset[str]:
    names = first_names.MALE_RU + first_names.MALE_EN + first_names.MALE_LATIN
    return frozenset(map(_key, names.split()))


@lru_cache(maxsize=1)
def _either() -> frozenset[str]:
    return frozenset(map(_key, (first_names.EITHER_RU + first_names.EITHER_EN).split()))


@lru_cache(maxsize=1)
def _latin_names() -> frozenset[str]:
    return frozenset(n for n in _female() | _male() | _either() if n.isascii())
