"""Rows of a table as typed records, or the reason why a row is none.

A client is known by the code where the row has one, else by the phone, else by the name; a row
with none of them, or with a till's word for nobody, is a walk-in and no client's visit.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date, time, timedelta, tzinfo

from vernis.decide.files.column_names import Field, Kind
from vernis.decide.files.columns import Row, Understanding
from vernis.decide.files.dates import Moment, parse_moment, parse_time
from vernis.decide.files.records import (
    BookingRecord,
    ClientRecord,
    Reject,
    Result,
    ServiceRecord,
    Skipped,
    Why,
)
from vernis.decide.files.values import (
    Fault,
    Memo,
    currency_digits,
    fold,
    is_nobody,
    is_product_title,
    is_total,
    parse_flag,
    parse_gender,
    parse_minutes,
    parse_money,
    parse_price,
    parse_quantity,
    parse_state,
    split_name,
)
from vernis.domain import BookingState

_FIRST_DAY = date(1990, 1, 1)
_FIRST_BIRTHDAY = date(1900, 1, 1)
_CLOCK = re.compile(r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?$")
_DIGIT = re.compile("[0-9]")
_AHEAD = timedelta(days=3 * 366)


def records(
    rows: Iterable[Row],
    understanding: Understanding,
    *,
    today: date,
    currency: str,
    zone: tzinfo | None = None,
    known_services: Collection[str] = (),
) -> Iterator[Result]:
    """Turn rows (line number, stripped cells) into records, one result per row, streaming.

    `today` is the company's day: visits more than three years after it, or before 1990, are
    rejected. `currency` (ISO 4217) gives the minor units. Times with an offset are moved to
    `zone`. `known_services` are the titles and codes of the company's services as
    `service_key` writes them: a line of a receipt that is none of them is a product; without
    them only titles with units are (`is_product_title`).
    """
    read = _reader(understanding, today, currency, zone, frozenset(known_services))
    width = len(understanding.header)
    for line, cells in rows:
        if len(cells) > width:
            detail = f"{len(cells)} cells under {width} columns"
            yield Reject(line=line, reason=Fault.WRONG_COLUMNS, detail=detail, row=tuple(cells))
        else:
            yield read(line, cells + [""] * (width - len(cells) + 1))


def service_key(text: str) -> str:
    """A title or code of a service as a key to compare by."""
    return fold(text)


_Read = Callable[[int, Sequence[str]], Result]


def _reader(
    understanding: Understanding,
    today: date,
    currency: str,
    zone: tzinfo | None,
    known_services: frozenset[str],
) -> _Read:
    if understanding.kind is Kind.SERVICES:
        return _service_reader(understanding, currency)
    if understanding.kind is Kind.CLIENTS:
        return _client_reader(understanding, today)
    return _booking_reader(understanding, today, currency, zone, known_services)


class _Cells:
    """Finds the cells of the fields in a row whose last cell is "" for the missing columns."""

    def __init__(self, understanding: Understanding) -> None:
        self._understanding = understanding

    def at(self, field: Field) -> int:
        index = self._understanding.index(field)
        return -1 if index is None else index

    def reject(self, line: int, reason: Fault, field: Field, row: Sequence[str]) -> Reject:
        column = self._understanding.fields.get(field, field.value)
        detail = f"{column}: {row[self.at(field)]}"
        return Reject(line=line, reason=reason, detail=detail, row=tuple(row[:-1]))


def _first(row: Sequence[str]) -> str:
    return next((cell for cell in row if cell), "")


def _walk_in(key: str, phone: str, name: str) -> bool:
    """A code decides alone; a phone makes a client of a «Гость»."""
    if key:
        return is_nobody(key)
    return not _DIGIT.search(phone) and is_nobody(name)


def _client_reader(understanding: Understanding, today: date) -> _Read:
    cells = _Cells(understanding)
    code, phone = cells.at(Field.CLIENT_CODE), cells.at(Field.PHONE)
    name_of, surname_of = cells.at(Field.NAME), cells.at(Field.SURNAME)
    gender, consent = cells.at(Field.GENDER), cells.at(Field.CONSENT)
    blacklisted, birthday = cells.at(Field.BLACKLISTED), cells.at(Field.BIRTHDAY)

    def read(line: int, row: Sequence[str]) -> Result:
        if is_total(_first(row)):
            return Skipped(line=line, why=Why.TOTAL)
        key, phone_raw, full_name = row[code], row[phone], row[name_of]
        if _walk_in(key, phone_raw, full_name):
            return Skipped(line=line, why=Why.WALK_IN)
        name, surname = split_name(full_name)
        return ClientRecord(
            key=key or None,
            name=name,
            surname=row[surname_of] or surname,
            phone_raw=phone_raw or None,
            gender=parse_gender(row[gender]),
            consent=parse_flag(row[consent]),
            blacklisted=parse_flag(row[blacklisted]),
            birthday=_birthday(row[birthday], understanding, today),
            line=line,
        )

    return read


def _birthday(text: str, understanding: Understanding, today: date) -> date | None:
    moment = parse_moment(text, understanding.date_order) if text else None
    if moment is None:
        return None
    day = moment.day
    if day > today and day.year >= 2000 and (day.month, day.day) != (2, 29):
        day = day.replace(year=day.year - 100)  # 12.03.45 is nobody's birthday of 2045
    return day if _FIRST_BIRTHDAY <= day <= today else None


def _service_reader(understanding: Understanding, currency: str) -> _Read:
    cells = _Cells(understanding)
    code, title_of = cells.at(Field.SERVICE_CODE), cells.at(Field.TITLE)
    category, active = cells.at(Field.CATEGORY), cells.at(Field.ACTIVE)
    price, duration = cells.at(Field.PRICE), cells.at(Field.DURATION)
    digits, decimal = currency_digits(currency), understanding.decimal

    def read(line: int, row: Sequence[str]) -> Result:
        if is_total(_first(row)):
            return Skipped(line=line, why=Why.TOTAL)
        title = row[title_of] or row[code]
        if not title:
            return cells.reject(line, Fault.NO_TITLE, Field.TITLE, row)
        minor = parse_price(row[price], digits=digits, decimal=decimal)
        return ServiceRecord(
            code=row[code] or None,
            title=title,
            category=row[category] or None,
            price_minor=None if isinstance(minor, Fault) else minor,
            duration_minutes=parse_minutes(row[duration]),
            is_active=parse_flag(row[active]) is not False,
            line=line,
        )

    return read


def _booking_reader(
    understanding: Understanding,
    today: date,
    currency: str,
    zone: tzinfo | None,
    known_services: frozenset[str],
) -> _Read:
    cells = _Cells(understanding)
    code, phone = cells.at(Field.CLIENT_CODE), cells.at(Field.PHONE)
    name, surname = cells.at(Field.NAME), cells.at(Field.SURNAME)
    service, staff = cells.at(Field.SERVICE), cells.at(Field.STAFF)
    day_at, time_at, amount_at = cells.at(Field.DATE), cells.at(Field.TIME), cells.at(Field.AMOUNT)
    quantity_at, status = cells.at(Field.QUANTITY), cells.at(Field.STATUS)
    booked, cancelled = cells.at(Field.BOOKED_ON), cells.at(Field.CANCELLED_ON)
    receipt = cells.at(Field.RECEIPT)

    last_day, order = today + _AHEAD, understanding.date_order
    digits, decimal = currency_digits(currency), understanding.decimal
    default = _DEFAULT_STATE[understanding.kind]
    sells = understanding.kind is Kind.VISITS and service >= 0

    times = Memo(parse_time)
    parsed = Memo(lambda text: parse_moment(text, order, zone))
    moments = Memo(lambda text: _visit_moment(text, parsed, times, last_day))
    days = Memo(lambda text: _day(parse_moment(text, order, zone)))
    amounts = Memo(lambda text: parse_money(text, digits=digits, decimal=decimal))
    quantities = Memo(parse_quantity)
    states = Memo(parse_state)
    nobody = Memo(is_nobody)
    products = Memo(lambda title: _is_product(title, known_services))

    def read(line: int, row: Sequence[str]) -> Result:
        key, phone_raw, full_name = row[code], row[phone], row[name]
        walk_in = nobody[key] if key else _walk_in("", phone_raw, full_name)
        moment = moments[row[day_at]]
        if (walk_in or isinstance(moment, Fault)) and is_total(_first(row)):
            return Skipped(line=line, why=Why.TOTAL)
        if walk_in:
            return Skipped(line=line, why=Why.WALK_IN)
        if isinstance(moment, Fault):
            return cells.reject(line, moment, Field.DATE, row)
        at = times[row[time_at]] if row[time_at] else moment.at
        if at is None and row[time_at]:
            return cells.reject(line, Fault.BAD_TIME, Field.TIME, row)
        amount = amounts[row[amount_at]]
        if isinstance(amount, Fault):
            return cells.reject(line, amount, Field.AMOUNT, row)
        cancelled_at = days[row[cancelled]]
        state = states[row[status]] if row[status] else default
        if state is None:
            return cells.reject(line, Fault.UNKNOWN_STATUS, Field.STATUS, row)
        if cancelled_at and status < 0:
            state = BookingState.CANCELLED
        full_name = "" if not full_name or nobody[full_name] else full_name
        record = BookingRecord(
            client_key=key or None,
            client_phone_raw=phone_raw or None,
            client_name=f"{full_name} {row[surname]}".strip() or None,
            service=row[service] or None,
            staff=row[staff] or None,
            on_date=moment.day,
            at_time=at,
            amount_minor=amount,
            quantity=quantities[row[quantity_at]],
            state=state,
            booked_at=days[row[booked]],
            cancelled_at=cancelled_at,
            external_key=row[receipt] or None,
            line=line,
        )
        if amount is not None and amount < 0:
            return Skipped(line=line, why=Why.REFUND, record=record)
        if sells and products[row[service]]:
            return Skipped(line=line, why=Why.PRODUCT, record=record)
        return record

    return read


_DEFAULT_STATE = {
    Kind.VISITS: BookingState.COMPLETED,
    Kind.BOOKINGS: BookingState.BOOKED,
    Kind.CANCELLATIONS: BookingState.CANCELLED,
    Kind.NO_SHOWS: BookingState.NO_SHOW,
}


def _visit_moment(
    text: str, parsed: Memo[Moment | None], times: Memo[time | None], last_day: date
) -> Moment | Fault:
    if not text:
        return Fault.NO_DATE
    # Days and times repeat much more than moments do.
    day_text, _, time_text = text.partition(" ")
    if _CLOCK.match(time_text) and (day := parsed[day_text]):
        moment: Moment | None = Moment(day.day, times[time_text])
    else:
        moment = parsed[text]
    if moment is None:
        return Fault.BAD_DATE
    if not _FIRST_DAY <= moment.day <= last_day:
        return Fault.DATE_OUT_OF_RANGE
    # Nobody comes at midnight: it is how software writes a day in a column of moments.
    return Moment(moment.day) if moment.at == time(0) else moment


def _day(moment: Moment | None) -> date | None:
    return moment.day if moment else None


def _is_product(title: str, known_services: frozenset[str]) -> bool:
    if known_services:
        return fold(title) not in known_services
    return is_product_title(title)
