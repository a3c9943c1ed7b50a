"""Cells of a table as values: money, counts, yes and no, names, states, and words to compare by."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import TypeVar

from vernis.domain import BookingState, Gender

Value = TypeVar("Value")


class Fault(StrEnum):
    """Why a row cannot be used. The value is what the rejects file says."""

    NO_DATE = "no_date"
    BAD_DATE = "bad_date"
    DATE_OUT_OF_RANGE = "date_out_of_range"
    BAD_TIME = "bad_time"
    BAD_AMOUNT = "bad_amount"
    UNKNOWN_STATUS = "unknown_status"
    WRONG_COLUMNS = "wrong_columns"
    NO_TITLE = "no_title"


class Memo(dict[str, Value]):
    """The results of a pure parser, kept because a column repeats its values.

    Starts anew at `limit` entries, so that a column of distinct values does not fill the memory.
    """

    def __init__(self, parse: Callable[[str], Value], *, limit: int = 20_000) -> None:
        super().__init__()
        self._parse = parse
        self._limit = limit

    def __missing__(self, text: str) -> Value:
        if len(self) >= self._limit:
            self.clear()
        value = self[text] = self._parse(text)
        return value


_NOT_A_WORD = re.compile(r"[\W_]+")


def fold(text: str) -> str:
    """The text as a key to compare by: lower case, ё as е, only words with single spaces."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("ё", "е")
    return _NOT_A_WORD.sub(" ", plain).strip()


# --- money and counts ---------------------------------------------------------------------

_CURRENCY = (
    r"(?:₽|руб(?:лей|ля|ль)?\.?|р\.?|[a-z]{0,2}\$|€|£|¥|₸|тг\.?|тенге|₴|грн\.?|₾|₩|₪|₼|₺|сом"
    r"|br|rub|rur|usd|eur|gbp|cad|aud|nzd|kzt|byn|uah|kgs|uzs|amd|gel|azn|ils|jpy|aed|chf|pln)"
)
_AMOUNT = re.compile(
    rf"(?P<minus>[-−–(]?)\s*{_CURRENCY}?\s*(?P<minus2>[-−–]?)"
    rf"(?P<number>[0-9][0-9\s.,'’]*?|[.,][0-9]+)\s*{_CURRENCY}?\s*(?P<minus3>[-−–)]?)$",
    re.IGNORECASE,
)
_GROUPED = re.compile(r"[0-9]{1,3}(?:[\s.,'’][0-9]{2,3})*[\s.,'’][0-9]{3}$|[0-9]+$")
_NOTHING = frozenset({"", "-", "–", "—", "−", "n/a", "null", "none", "нет", "#n/a"})
_FREE = frozenset({"бесплатно", "free", "0"})
_MOST = 10**15  # minor units; beyond it is no price and no bigint column is in danger


def currency_digits(currency: str) -> int:
    """Digits after the decimal sign of an ISO 4217 currency: 2 for RUB, 0 for JPY (CLDR, Babel)."""
    from babel.numbers import get_currency_precision

    return get_currency_precision(currency.upper())


def decide_decimal(values: Iterable[str]) -> str | None:
    """The decimal sign of a column of amounts, "." or ","; None where no value shows it.

    A sign with exactly three digits after it shows nothing: 1,500 may be a group.
    """
    votes = {".": 0, ",": 0}
    for value in values:
        match = _AMOUNT.match(value.strip())
        if match and (sign := _last_sign(match["number"])) and _is_decimal(match["number"], sign):
            votes[sign] += 1
    if votes["."] == votes[","]:
        return None
    return "." if votes["."] > votes[","] else ","


def parse_money(text: str, *, digits: int, decimal: str | None = None) -> int | Fault | None:
    """Minor units of an amount such as «1 500,00 ₽», "$82.00", "(45.00)"; None for an empty cell.

    `digits` are the currency's (`currency_digits`), `decimal` the column's sign
    (`decide_decimal`). Halves of a minor unit are rounded up. Refunds are negative.
    """
    text = text.strip()
    lower = text.casefold()
    if lower in _NOTHING:
        return None
    if lower in _FREE:
        return 0
    match = _AMOUNT.match(text)
    number = _plain_number(match["number"], decimal) if match else None
    if match is None or number is None or len(number) > 24:
        return Fault.BAD_AMOUNT
    minor = int((Decimal(number) * 10**digits).quantize(Decimal(1), ROUND_HALF_UP))
    if minor >= _MOST:
        return Fault.BAD_AMOUNT
    return -minor if match["minus"] or match["minus2"] or match["minus3"] else minor


_FROM = re.compile(r"(?:от|from)\s+", re.IGNORECASE)
_RANGE = re.compile(r"(?<=[0-9])\s*[-–—]\s*(?=[0-9])")


def parse_price(text: str, *, digits: int, decimal: str | None = None) -> int | Fault | None:
    """A price of a list: as `parse_money`, and of «от 1500» and "1500–2000" the lower end."""
    lowest = _RANGE.split(_FROM.sub("", text.strip(), count=1), maxsplit=1)[0]
    return parse_money(lowest, digits=digits, decimal=decimal)


_QUANTITY = re.compile(r"([0-9]{1,4})(?:[.,][0-9]+)?(?:\s*(?:шт|pcs|x|х)\.?)?$", re.IGNORECASE)


def parse_quantity(text: str) -> int:
    """A whole count of at least 1; what is no count is 1, and so is a part of one (0.5)."""
    match = _QUANTITY.match(text.strip())
    return max(int(match[1]), 1) if match else 1


_HOURS = re.compile(
    r"(?:([0-9]{1,2})(?:[.,]([0-9]))?\s*(?:ч|час(?:а|ов)?|h|hrs?|hours?)\b\.?)?\s*"
    r"(?:([0-9]{1,3})\s*(?:м|мин(?:ут[аы]?)?|m|mins?|minutes?)\b\.?)?$",
    re.IGNORECASE,
)


def parse_minutes(text: str) -> int | None:
    """A duration in minutes: 60, 1:30, «1 ч 30 мин», 1.5h; None where there is none.

    Whole numbers from 900 on that are full minutes are taken for seconds, as YClients counts.
    """
    text = text.strip()
    minutes: int | None = None
    if re.match(r"[0-9]{1,6}(?:\.0+)?$", text):
        minutes = int(float(text))
        minutes = minutes // 60 if minutes >= 900 and minutes % 60 == 0 else minutes
    elif clock := re.match(r"([0-9]{1,2}):([0-9]{2})(?::[0-9]{2})?$", text):
        minutes = int(clock[1]) * 60 + int(clock[2])
    elif text and (words := _HOURS.match(text)):
        minutes = int(words[1] or 0) * 60 + int(words[2] or 0) * 6 + int(words[3] or 0)
    return minutes if minutes and minutes <= 24 * 60 else None


def _plain_number(number: str, decimal: str | None) -> str | None:
    sign = _last_sign(number)
    whole, fraction = number, ""
    if sign and (_is_decimal(number, sign) or _is_column_decimal(number, sign, decimal)):
        whole, _, fraction = number.rpartition(sign)
    if whole and not _GROUPED.match(whole.strip()):
        return None
    return f"{re.sub('[^0-9]', '', whole) or '0'}.{fraction or '0'}"


def _last_sign(number: str) -> str | None:
    at = max(number.rfind("."), number.rfind(","))
    return number[at] if at >= 0 else None


def _is_decimal(number: str, sign: str) -> bool:
    """Does the number itself prove that its last sign is the decimal one?"""
    whole, _, fraction = number.rpartition(sign)
    if not fraction.isdecimal() or sign in whole:
        return False
    other = "," if sign == "." else "."
    return len(fraction) != 3 or other in whole or whole.strip() in {"", "0"} or len(whole) > 3


def _is_column_decimal(number: str, sign: str, decimal: str | None) -> bool:
    return sign == decimal and number.count(sign) == 1 and number[-1] != sign


# --- words ------------------------------------------------------------------------------------

_YES = frozenset(
    {"да", "д", "yes", "y", "true", "t", "1", "истина", "+", "v", "✓", "✔", "x", "х", "on"}
    | {"активна", "активен", "активная", "active", "есть", "согласен", "согласна", "opted in"}
    | {"subscribed", "enabled", "вкл"}
)
_NO = frozenset(
    {"нет", "н", "no", "n", "false", "f", "0", "ложь", "-", "—", "off", "неактивна", "неактивен"}
    | {"неактивная", "inactive", "не активна", "archived", "архив", "в архиве", "отказ"}
    | {"opted out", "unsubscribed", "disabled", "выкл", "не согласен", "не согласна"}
)
_GENDERS = {
    **dict.fromkeys(
        ("ж", "жен", "женский", "женщина", "f", "female", "w", "woman", "девушка"), Gender.FEMALE
    ),
    **dict.fromkeys(("м", "муж", "мужской", "мужчина", "m", "male", "man"), Gender.MALE),
}
_STATES: dict[BookingState, tuple[str, ...]] = {
    BookingState.NO_SHOW: (
        "не пришел", "не пришла", "не пришли", "клиент не пришел", "не явился", "не явилась",
        "неявка", "не состоялся", "не состоялась", "пропуск", "пропущен", "пропущена",
        "no show", "noshow", "did not show", "did not arrive", "missed", "dna", "absent", "-1",
    ),
    BookingState.CANCELLED: (
        "отменен", "отменена", "отменено", "отмена", "отменил клиент", "отменен клиентом",
        "удален", "удалена", "перенесен", "перенесена", "cancelled", "canceled", "cancellation",
        "late cancellation", "late cancelled", "late canceled", "cancelled by client", "deleted",
        "canceled by client", "declined", "rejected", "rescheduled", "void", "voided",
    ),
    BookingState.COMPLETED: (
        "пришел", "пришла", "пришли", "клиент пришел", "визит состоялся", "состоялся",
        "состоялась", "завершен", "завершена", "завершено", "выполнен", "выполнена", "выполнено",
        "оплачен", "оплачена", "оплачено", "посетил", "посетила", "обслужен", "completed",
        "complete", "done", "finished", "arrived", "attended", "checked out", "closed", "paid",
        "show", "showed", "visited", "fulfilled", "1",
    ),
    BookingState.BOOKED: (
        "записан", "записана", "запись", "ожидание", "ожидает", "ожидание клиента", "ожидаем",
        "подтвержден", "подтвердил", "подтвердила", "подтверждена", "не подтвержден", "новый",
        "новая", "создан", "создана", "запланирован", "запланирована", "предстоит", "booked",
        "confirmed", "unconfirmed", "not confirmed", "new", "pending", "scheduled", "upcoming",
        "accepted", "requested", "open", "active", "0", "2",
    ),
}  # fmt: skip
_STATE_OF = {word: state for state, words in _STATES.items() for word in words}


def parse_flag(text: str) -> bool | None:
    """Yes or no, None where the cell says neither."""
    raw = text.strip().casefold()
    word = raw if len(raw) == 1 else fold(raw)
    return True if word in _YES else False if word in _NO else None


def parse_gender(text: str) -> Gender | None:
    return _GENDERS.get(fold(text))


def parse_state(text: str) -> BookingState | None:
    """The state that a status word of salon software names, None for an unknown word.

    The numbers are YClients' attendance: 1 came, 0 waiting, 2 confirmed, -1 did not come.
    """
    raw = text.strip()
    return _STATE_OF.get(raw if raw.lstrip("-").isdigit() else fold(raw))


_NAMELESS = re.compile(r"[^\W\d_]")
_PATRONYMIC = re.compile(r".{2,}(?:вна|чна|инична|вич|ьич|мич)$", re.IGNORECASE)


def split_name(text: str) -> tuple[str, str]:
    """Name and surname of one cell, each "" where there is none.

    «Фамилия Имя Отчество» and "Surname, Name" are taken apart; any other order is not certain
    and stays whole as the name. A cell without a letter is no name.
    """
    text = " ".join(text.split())
    if not _NAMELESS.search(text) or text.casefold() in _NOTHING:
        return "", ""
    surname, comma, name = (part.strip() for part in text.partition(","))
    if comma and name and surname and " " not in surname and "," not in name:
        return name, surname
    words = text.split(" ")
    if len(words) == 3 and _PATRONYMIC.match(words[2]) and not _PATRONYMIC.match(words[1]):
        return words[1], words[0]
    return text, ""


_NOBODY = frozenset(
    {"", "walk in", "walkin", "walk in client", "walk ins", "guest", "cash customer", "no client"}
    | {"unknown", "anonymous", "розничный покупатель", "розничный клиент", "без клиента", "гость"}
    | {"аноним", "анонимный клиент", "не указан", "клиент не указан", "без записи", "без имени"}
    | {"физическое лицо", "частное лицо", "разовый клиент", "нет", "n a", "none", "null"}
)


def is_nobody(text: str) -> bool:
    """Is this how a till names a client whom it does not know (`WALK_IN`, «Гость», empty)?"""
    return fold(text) in _NOBODY


_UNITS = re.compile(
    r"(?:\d|\b)(?:ml|мл|гр|kg|кг|oz)\b|\d\s*(?:g|г)\b|\d[lл]\b|\d{2,4}\s?m\b"
    r"|(?:[2-9]|\d\d)\s*(?:pcs|шт|штук)\b",
    re.IGNORECASE,
)


def is_product_title(title: str) -> bool:
    """Does the title carry a unit that only goods have (250ml, 100 г, 10 шт)?

    «1 шт» does not count: that is how services by the piece are named («Стразы (1 шт.)»).
    """
    return _UNITS.search(title) is not None


_TOTALS = re.compile(
    r"(?:(?:общий |общая )?(?:итого|итог|всего)|(?:grand |sub ?|daily )?totals?|sum)"
    r"(?: (?:за|по|for|of) .*| сумма| amount)?$"
)


def is_total(text: str) -> bool:
    """Is this the first cell of a line that sums up others («Итого за март», "Grand total:")?"""
    return _TOTALS.match(fold(text)) is not None
