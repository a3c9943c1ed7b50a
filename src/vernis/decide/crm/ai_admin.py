"""What AI Admin's rows come to, in our words.

A row is JSON, as PostgreSQL writes it, by the words of `ai_admin_tables`. Whatever cannot be used
is Unreadable; `yclients.read` rejects it by its id, and the rest goes on.

Times without a zone: an appointment's are the company's, as YClients told them; when a row was made
or changed is in UTC, the time of servers and of the moments that AI Admin writes.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from vernis.crm import CrmClient, CrmCompany, CrmLine, CrmRecord, CrmService, CrmStaff
from vernis.decide.crm.yclients import Terms
from vernis.decide.crm.yclients_fields import (
    MISSING,
    Fields,
    Unreadable,
    amount_at,
    flag_at,
    id_at,
    list_at,
    minutes_at,
    moment_at,
    number_at,
    optional_id,
    optional_moment,
    text_at,
)
from vernis.decide.crm.yclients_records import NOBODY
from vernis.decide.files.values import parse_gender, parse_state, split_name
from vernis.decide.zones import is_zone
from vernis.domain import BookingState

USUAL_LENGTH = timedelta(hours=1)  # of a booking that tells none
_CAME = {-1: BookingState.NO_SHOW, 1: BookingState.COMPLETED}
_EXPECTED = {0, 2}


def company_of(row: Fields) -> CrmCompany:
    zone, currency = text_at(row, "timezone"), (text_at(row, "currency") or "").upper()
    is_code = len(currency) == 3 and currency.isascii() and currency.isalpha()
    return CrmCompany(
        external_id=id_at(row),
        name=_named(row, "name"),
        timezone=zone if zone and is_zone(zone) else None,
        currency=("RUB" if currency == "RUR" else currency) if is_code else None,
        address=text_at(row, "address"),
        phone=text_at(row, "phone"),
    )


def staff_of(row: Fields) -> CrmStaff:
    return CrmStaff(
        external_id=id_at(row),
        name=_named(row, "name"),
        is_active=flag_at(row, "is_active", usually=True),
    )


def doers_of(rows: Iterable[Fields]) -> dict[str, tuple[tuple[str, int | None], ...]]:
    """Who does each service, by its id; rows that cannot be read say nothing."""
    found: dict[str, tuple[tuple[str, int | None], ...]] = {}
    for row in rows:
        try:
            staff_id, services = id_at(row), _ids(row, "service_ids")
        except Unreadable:
            continue
        for service_id in services:
            found[service_id] = (*found.get(service_id, ()), (staff_id, None))
    return found


def service_of(
    row: Fields, terms: Terms, doers: Mapping[str, tuple[tuple[str, int | None], ...]]
) -> CrmService:
    service_id = id_at(row)
    return CrmService(
        external_id=service_id,
        title=_named(row, "title"),
        category=text_at(row, "category"),
        price_minor=amount_at(row, "price", digits=terms.digits) or None,  # 0: nobody gave one
        duration_minutes=minutes_at(row, "seconds"),
        is_active=flag_at(row, "is_active", usually=True),
        staff=doers.get(service_id, ()),
    )


def client_of(row: Fields) -> CrmClient:
    name, surname = split_name(text_at(row, "name") or "")
    return CrmClient(
        external_id=id_at(row),
        name=name or None,
        surname=text_at(row, "surname") or surname or None,
        phone_raw=text_at(row, "phone"),
        gender=parse_gender(text_at(row, "gender") or ""),
        blacklisted=flag_at(row, "blacklisted"),
        changed_at=optional_moment(row, "updated_at", UTC),
        is_deleted=flag_at(row, "is_deleted"),
    )


def record_of(row: Fields, terms: Terms) -> CrmRecord:
    """A booking with its services. One of nobody is Unreadable, with the reason NOBODY."""
    external_id = id_at(row)
    client = _client_in(row)
    starts_at = moment_at(row, "starts_at", terms.zone)
    if starts_at is None:
        raise Unreadable("starts_at", MISSING)
    state = _state(row)
    changed_at = optional_moment(row, "updated_at", UTC)
    return CrmRecord(
        external_id=external_id,
        client=client,
        staff_id=optional_id(row, "staff_id"),
        staff_name=text_at(row, "staff_name"),
        starts_at=starts_at,
        ends_at=_end(row, starts_at, terms),
        state=state,
        lines=_lines(row, terms.digits),
        booked_at=optional_moment(row, "created_at", UTC),
        changed_at=changed_at,
        cancelled_at=changed_at if state is BookingState.CANCELLED else None,
    )


def _client_in(row: Fields) -> CrmClient:
    """A glimpse: their own row tells the rest."""
    client_id = optional_id(row, "client_id")
    if client_id is None:
        is_somebody = text_at(row, "client_phone") or text_at(row, "client_name")
        raise Unreadable("client_id", MISSING) if is_somebody else Unreadable(*NOBODY.split(": "))
    name, surname = split_name(text_at(row, "client_name") or "")
    return CrmClient(
        external_id=client_id,
        name=name or None,
        surname=surname or None,
        phone_raw=text_at(row, "client_phone"),
    )


def _end(row: Fields, starts_at: datetime, terms: Terms) -> datetime:
    told = optional_moment(row, "ends_at", terms.zone)
    if told is not None and told > starts_at:
        return told
    minutes = minutes_at(row, "seconds")
    return starts_at + (USUAL_LENGTH if minutes is None else timedelta(minutes=minutes))


def _state(row: Fields) -> BookingState:
    """Cancelled by any sign of it; then what is known of the visit, then what was planned."""
    told = text_at(row, "status")
    status = parse_state(told.replace("_", " ")) if told else None
    if flag_at(row, "is_deleted") or status is BookingState.CANCELLED:
        return BookingState.CANCELLED
    attendance = number_at(row, "attendance")
    if attendance in _CAME:
        return _CAME[attendance]
    if status is not None:
        return status
    if attendance in _EXPECTED:
        return BookingState.BOOKED
    if attendance is not None:
        raise Unreadable("attendance", "unknown")
    raise Unreadable("status", "unknown" if told else MISSING)


def _lines(row: Fields, digits: int) -> tuple[CrmLine, ...]:
    """One line a service. One amount is told for all: each has an equal part, the first the rest;
    a service that stands there twice has two parts."""
    ids = _ids(row, "service_ids")
    if not ids:
        return ()
    titles = _titles(row, len(ids))
    amount = amount_at(row, "amount", digits=digits)
    part, rest = divmod(amount or 0, len(ids))
    return tuple(
        CrmLine(
            service_id=one,
            title=titles[ids.index(one)],
            amount_minor=None if amount is None else part * ids.count(one) + rest * (place == 0),
        )
        for place, one in enumerate(dict.fromkeys(ids))
    )


def _ids(row: Fields, name: str) -> list[str]:
    """A list, or one alone."""
    value = row.get(name)
    told = [value] if isinstance(value, int | str) and value != "" else list_at(row, name)
    return [id_at({name: one}, name) for one in told]


def _titles(row: Fields, count: int) -> list[str | None]:
    """Of each service, where as many titles are told as there are services."""
    told: Any = row.get("service_titles")
    told = [told] if isinstance(told, str) else told
    if not isinstance(told, list) or len(told) != count:
        return [None] * count
    return [text_at({"title": one}, "title") for one in told]


def _named(row: Fields, name: str) -> str:
    if (found := text_at(row, name)) is None:
        raise Unreadable(name, MISSING)
    return found
