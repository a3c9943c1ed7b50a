"""What YClients takes: every endpoint that is simulated, with its parameters and fields.

After the official description. Where it is silent, the narrower reading: a request that might be
refused is refused. What it does not say at all is marked so.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo


class Kind(StrEnum):
    """A JSON type, or the form of a parameter in a query."""

    NUMBER = "number"
    STRING = "string"
    BOOLEAN = "boolean"
    ARRAY = "array"
    OBJECT = "object"
    ID = "id"  # an external one: the description has it as a number here and as a string there
    FLAG = "flag"  # 0 or 1
    DATE = "date"  # 2016-02-23
    MOMENT = "moment"  # 2016-02-23T12:00:00, local to the company unless it has an offset
    NUMBERS = "numbers"  # ids[]=1&ids[]=2, or ids=1,2


@dataclass(frozen=True, kw_only=True)
class Field:
    kind: Kind
    is_required: bool = False


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """`path` as the description writes it. `right` is what a user may lack."""

    method: str
    path: str
    needs_user: bool = True
    query: Mapping[str, Kind] = field(default_factory=dict)
    body: Mapping[str, Field] | None = None
    right: str = ""
    takes_array: bool = False

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request that passed: ids of the path, typed parameters, the body's fields."""

    endpoint: Endpoint
    ids: Mapping[str, int]
    days: Mapping[str, date]
    query: Mapping[str, Any]
    body: Any
    user: str | None = None


class RefusedError(Exception):
    """What YClients answers instead."""

    def __init__(
        self, status: int, message: str, *, errors: Any = None, wait: float | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.errors, self.wait = status, message, errors, wait


NOT_FOUND = "Не найдено"
BAD_FILTER = "Недопустимое значение фильтра"
BAD_STATE = "Недопустимое значение состояния фильтра"
MOST_CLIENTS_A_PAGE = 200  # of the search; not said of the old list, taken to be the same
MOST_RECORDS_A_PAGE = 300  # the only figure that is given

NUMBER, STRING, BOOLEAN = Kind.NUMBER, Kind.STRING, Kind.BOOLEAN


def _needs(**kinds: Kind) -> dict[str, Field]:
    return {name: Field(kind=kind, is_required=True) for name, kind in kinds.items()}


def _may(**kinds: Kind) -> dict[str, Field]:
    return {name: Field(kind=kind) for name, kind in kinds.items()}


CLIENT = _needs(name=STRING, phone=STRING) | _may(
    email=STRING,
    sex_id=NUMBER,
    importance_id=NUMBER,
    discount=NUMBER,
    card=STRING,
    birth_date=STRING,
    comment=STRING,
    spent=NUMBER,
    balance=NUMBER,
    sms_check=NUMBER,
    sms_not=NUMBER,
    categories=Kind.ARRAY,
    custom_fields=Kind.OBJECT,
)

RECORD = _needs(
    staff_id=NUMBER,
    services=Kind.ARRAY,
    client=Kind.OBJECT,
    datetime=STRING,
    seance_length=NUMBER,
    save_if_busy=BOOLEAN,
    send_sms=BOOLEAN,
) | _may(
    comment=STRING,
    sms_remain_hours=NUMBER,
    email_remain_hours=NUMBER,
    api_id=Kind.ID,
    attendance=NUMBER,
    activity_id=NUMBER,
)
# `sms_before` and `master_requested` are in the table of the record's fields only.
NEW_RECORD = RECORD | _may(
    custom_color=STRING,
    record_labels=Kind.ARRAY,
    custom_fields=Kind.OBJECT,
    sms_before=BOOLEAN,
    master_requested=BOOLEAN,
)
CHANGED_RECORD = RECORD | _may(
    fast_payment=NUMBER, clients_count=NUMBER, sms_before=BOOLEAN, master_requested=BOOLEAN
)
RECORD_SERVICE = _needs(id=NUMBER) | _may(first_cost=NUMBER, discount=NUMBER, cost=NUMBER)
RECORD_CLIENT = _may(phone=STRING, name=STRING, email=STRING)
APPOINTMENT = _needs(id=NUMBER, services=Kind.ARRAY, staff_id=NUMBER, datetime=STRING) | _may(
    custom_fields=Kind.OBJECT
)
BOOKING = _needs(phone=STRING, fullname=STRING, appointments=Kind.ARRAY) | _may(
    email=STRING,
    code=Kind.ID,
    comment=STRING,
    type=STRING,
    notify_by_sms=NUMBER,
    notify_by_email=NUMBER,
    api_id=Kind.ID,
)
SEARCH = _may(
    page=NUMBER,
    page_size=NUMBER,
    fields=Kind.ARRAY,
    order_by=STRING,
    order_by_direction=STRING,
    operation=STRING,
    filters=Kind.ARRAY,
)
SEARCH_FIELDS = (
    "id",
    "name",
    "phone",
    "email",
    "discount",
    "first_visit_date",
    "last_visit_date",
    "sold_amount",
    "visits_count",
    "passteam_card_id",
)
SHIFT = _needs(date=STRING, is_working=BOOLEAN, slots=Kind.ARRAY)
HOOK_FLAGS = (
    "salon",
    "service_category",
    "service",
    "good",
    "master",
    "client",
    "record",
    "goods_operations_sale",
    "goods_operations_receipt",
    "goods_operations_consumable",
    "goods_operations_stolen",
    "goods_operations_move",
    "finances_operation",
)
HOOKS = _needs(urls=Kind.ARRAY, active=NUMBER) | _may(**dict.fromkeys(HOOK_FLAGS, NUMBER))

COMPANIES = {
    "group_id": NUMBER,
    "my": Kind.FLAG,
    "forBooking": Kind.FLAG,
    "active": Kind.FLAG,
    "moderated": Kind.FLAG,
    "coordinate_lat": STRING,
    "coordinate_lon": STRING,
    "distance": NUMBER,
    "title": STRING,
    "city_id": NUMBER,
    "show_groups": Kind.FLAG,
    "count": NUMBER,
    "page": NUMBER,
}
CLIENTS = {
    "fullname": STRING,
    "phone": STRING,
    "email": STRING,
    "card": STRING,
    "paid_min": NUMBER,
    "paid_max": NUMBER,
    "page": NUMBER,
    "count": NUMBER,
    "id": Kind.NUMBERS,
    "changed_after": Kind.MOMENT,
    "changed_before": Kind.MOMENT,
}
MONEY_FLAGS = {"include_consumables": Kind.FLAG, "include_finance_transactions": Kind.FLAG}
RECORDS = {
    "page": NUMBER,
    "count": NUMBER,
    "staff_id": NUMBER,
    "client_id": NUMBER,
    "created_user_id": NUMBER,
    "start_date": Kind.DATE,
    "end_date": Kind.DATE,
    "c_start_date": Kind.DATE,
    "c_end_date": Kind.DATE,
    "changed_after": Kind.MOMENT,
    "changed_before": Kind.MOMENT,
    "with_deleted": Kind.FLAG,
    **MONEY_FLAGS,
}
OF_SERVICES = {"service_ids": Kind.NUMBERS}
OF_STAFF = {"staff_id": NUMBER}
OF_CATEGORY = OF_STAFF | {"category_id": NUMBER}
COMPANY = {"forBooking": Kind.FLAG, "show_groups": Kind.FLAG}

ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/auth",
        needs_user=False,
        body=_needs(login=STRING, password=STRING),
    ),
    Endpoint(method="GET", path="/companies", needs_user=False, query=COMPANIES),
    Endpoint(method="GET", path="/company/{id}", needs_user=False, query=COMPANY),
    Endpoint(
        method="GET",
        path="/company/{company_id}/service_categories",
        needs_user=False,
        query=OF_STAFF,
    ),
    Endpoint(
        method="GET", path="/service_categories/{company_id}", needs_user=False, query=OF_STAFF
    ),
    Endpoint(
        method="GET", path="/company/{company_id}/services", query=OF_CATEGORY, right="services"
    ),
    Endpoint(method="GET", path="/services/{company_id}", query=OF_CATEGORY, right="services"),
    Endpoint(method="GET", path="/company/{company_id}/staff", needs_user=False),
    Endpoint(method="GET", path="/staff/{company_id}", needs_user=False),
    Endpoint(
        method="POST",
        path="/company/{company_id}/clients/search",
        body=SEARCH,
        right="clients",
    ),
    Endpoint(method="GET", path="/clients/{company_id}", query=CLIENTS, right="clients"),
    Endpoint(method="POST", path="/clients/{company_id}", body=CLIENT, right="clients"),
    Endpoint(method="GET", path="/client/{company_id}/{id}", right="clients"),
    Endpoint(method="PUT", path="/client/{company_id}/{id}", body=CLIENT, right="clients"),
    Endpoint(method="DELETE", path="/client/{company_id}/{id}", right="clients"),
    Endpoint(method="GET", path="/records/{company_id}", query=RECORDS, right="records"),
    Endpoint(
        method="POST", path="/records/{company_id}", body=NEW_RECORD, right="records_change"
    ),
    Endpoint(
        method="GET",
        path="/record/{company_id}/{record_id}",
        query=MONEY_FLAGS,
        right="records",
    ),
    Endpoint(
        method="PUT",
        path="/record/{company_id}/{record_id}",
        query=MONEY_FLAGS,
        body=CHANGED_RECORD,
        right="records_change",
    ),
    Endpoint(
        method="DELETE",
        path="/record/{company_id}/{record_id}",
        query=MONEY_FLAGS,
        right="records_change",
    ),
    Endpoint(
        method="GET",
        path="/schedule/{company_id}/{staff_id}/{start_date}/{end_date}",
        right="schedule",
    ),
    Endpoint(
        method="PUT",
        path="/schedule/{company_id}/{staff_id}/{start_date}/{end_date}",
        body=SHIFT,
        takes_array=True,
        right="schedule",
    ),
    Endpoint(
        method="GET",
        path="/timetable/seances/{company_id}/{staff_id}/{date}",
        right="records",
    ),
    Endpoint(
        method="GET",
        path="/book_dates/{company_id}",
        needs_user=False,
        query=OF_SERVICES | OF_STAFF | {"date": Kind.DATE},
    ),
    Endpoint(
        method="GET",
        path="/book_times/{company_id}/{staff_id}/{date}",
        needs_user=False,
        query=OF_SERVICES,
    ),
    Endpoint(
        method="POST",
        path="/book_check/{company_id}",
        needs_user=False,
        body=_needs(appointments=Kind.ARRAY),
    ),
    Endpoint(
        method="POST", path="/book_record/{company_id}", needs_user=False, body=BOOKING
    ),
    Endpoint(method="GET", path="/hooks_settings/{company_id}", right="settings"),
    Endpoint(method="POST", path="/hooks_settings/{company_id}", body=HOOKS, right="settings"),
)  # fmt: skip

_DAYS = {"start_date", "end_date", "date"}
_PATTERNS = [
    (one, re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", one.path) + "/?")) for one in ENDPOINTS
]


def find(method: str, path: str) -> tuple[Endpoint, dict[str, str]]:
    """The endpoint behind a path without its /api/v1."""
    matches = [(one, found) for one, at in _PATTERNS if (found := at.fullmatch(path))]
    for endpoint, found in matches:
        if endpoint.method == method:
            return endpoint, found.groupdict()
    raise RefusedError(405 if matches else 404, "Метод не поддерживается" if matches else NOT_FOUND)


def split(parts: Mapping[str, str]) -> tuple[dict[str, int], dict[str, date]]:
    """Ids and days of a path."""
    ids, days = {}, {}
    for name, value in parts.items():
        if name in _DAYS:
            days[name] = _day(name, value)
        elif re.fullmatch(r"\d{1,18}", value):
            ids[name] = int(value)
        else:
            raise RefusedError(404, NOT_FOUND, errors={name: ["Не целое число"]})
    return ids, days


def check_query(
    endpoint: Endpoint, given: Mapping[str, list[str]], zone: ZoneInfo
) -> dict[str, Any]:
    """Typed parameters; the name of an array may end in []."""
    checked: dict[str, Any] = {}
    for name, values in given.items():
        kind = endpoint.query.get(name.removesuffix("[]"))
        if kind is None or (name.endswith("[]") and kind is not Kind.NUMBERS):
            raise _wrong(400, name, "Неизвестный параметр")
        if kind is Kind.NUMBERS:
            listed = values if name.endswith("[]") else values[0].split(",")
            checked[name.removesuffix("[]")] = [_number(name, one) for one in listed]
        elif len(values) > 1:
            raise _wrong(400, name, "Параметр повторён")
        else:
            checked[name] = _parameter(kind, name, values[0], zone)
    return checked


def _parameter(kind: Kind, name: str, value: str, zone: ZoneInfo) -> Any:
    match kind:
        case Kind.NUMBER:
            return _number(name, value)
        case Kind.FLAG if value in {"0", "1"}:
            return value == "1"
        case Kind.DATE:
            return _day(name, value)
        case Kind.MOMENT:
            return moment(name, value, zone, status=400)
        case Kind.STRING:
            return value
    raise _wrong(400, name, "Недопустимое значение")


def _number(name: str, value: str) -> int:
    if not re.fullmatch(r"\d{1,18}", value):
        raise _wrong(400, name, "Не число")
    return int(value)


def _day(name: str, value: str) -> date:
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise _wrong(400, name, "Дата не в формате ГГГГ-ММ-ДД")


_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?(Z|[+-]\d\d:?\d\d)?")


def moment(
    name: str, value: str, zone: ZoneInfo, *, needs_offset: bool = False, status: int = 422
) -> datetime:
    """A moment in ISO 8601; one without an offset is local to the company."""
    found = _MOMENT.fullmatch(value)
    if found is None or (needs_offset and found[2] is None):
        raise _wrong(status, name, "Дата и время не в формате ISO 8601")
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        raise _wrong(status, name, "Нет такой даты") from None
    return read if read.tzinfo else read.replace(tzinfo=zone)


def page(query: Mapping[str, Any], *, usual: int, most: int) -> tuple[int, int]:
    """Number and size of a page."""
    number, size = query.get("page", 1), query.get("count", usual)
    if number < 1 or not 1 <= size <= most:
        raise _wrong(400, "page" if number < 1 else "count", "Недопустимое значение")
    return number, size


def check_body(fields: Mapping[str, Field], body: Any, *, where: str = "") -> dict[str, Any]:
    """The body itself, once all its fields are known, typed and there."""
    if not isinstance(body, dict):
        raise _wrong(422, where or "body", "Ожидается объект")
    errors: dict[str, list[str]] = {}
    for name, value in body.items():
        if name not in fields:
            errors[where + name] = ["Неизвестное поле"]
        elif not is_of(fields[name].kind, value):
            errors[where + name] = [f"Ожидается {fields[name].kind}"]
    for name, one in fields.items():
        if one.is_required and name not in body:
            errors[where + name] = ["Поле обязательно"]
    if errors:
        raise RefusedError(422, "Данные не прошли проверку", errors=errors)
    return body


def is_of(kind: Kind, value: Any) -> bool:
    """JSON's types as they are: true is no number, "1" neither."""
    match kind:
        case Kind.NUMBER:
            return isinstance(value, int | float) and not isinstance(value, bool)
        case Kind.STRING:
            return isinstance(value, str)
        case Kind.BOOLEAN:
            return isinstance(value, bool)
        case Kind.ARRAY:
            return isinstance(value, list)
        case Kind.OBJECT:
            return isinstance(value, dict)
        case Kind.ID:
            return is_of(Kind.STRING, value) or is_of(Kind.NUMBER, value)
    return False


def ids(name: str, values: list[Any]) -> list[int]:
    if not all(is_of(Kind.NUMBER, one) and isinstance(one, int) for one in values):
        raise _wrong(422, name, "Ожидается массив чисел")
    return values


def phone(name: str, value: str) -> str:
    """A phone as it is kept: +79161502239."""
    if not re.fullmatch(r"\+?[1-9]\d{9,14}", value):
        raise _wrong(422, name, "Номер телефона в неправильном формате")
    return "+" + value.removeprefix("+")


def _wrong(status: int, name: str, what: str) -> RefusedError:
    return RefusedError(status, f"{what}: {name}", errors={name: [what]})
