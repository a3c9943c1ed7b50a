"""What a record of YClients comes to: who, when, what became of it, and what it cost."""

import re
from collections.abc import Mapping
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

from vernis.crm import CrmClient, CrmLine, CrmRecord
from vernis.decide.crm.yclients import Terms, client_of
from vernis.decide.crm.yclients_fields import (
    MISSING,
    Fields,
    Unreadable,
    amount_at,
    flag_at,
    id_at,
    length_at,
    list_at,
    moment_at,
    number_at,
    object_at,
    optional_id,
    optional_moment,
    text_at,
)
from vernis.domain import BookingState

NOBODY = "client: nobody"  # why a walk-in's record is left out: it is no client's visit
_ATTENDANCE = {
    -1: BookingState.NO_SHOW,
    0: BookingState.BOOKED,  # awaited
    1: BookingState.COMPLETED,
    2: BookingState.BOOKED,  # confirmed
}
_HUNDRED = Decimal(100)


def record_of(data: Fields, terms: Terms) -> CrmRecord:
    """A record, of a group event as well. A walk-in's is Unreadable, with the reason NOBODY."""
    external_id = id_at(data)
    client = _client_in(data, terms)
    starts_at = moment_at(data, "datetime", terms.zone) or moment_at(data, "date", terms.zone)
    if starts_at is None:
        raise Unreadable("datetime", MISSING)
    state = _state(data)
    changed_at = optional_moment(data, "last_change_date", terms.zone)
    return CrmRecord(
        external_id=external_id,
        client=client,
        staff_id=optional_id(data, "staff_id") or optional_id(object_at(data, "staff"), "id"),
        staff_name=text_at(object_at(data, "staff"), "name"),
        starts_at=starts_at,
        ends_at=starts_at + _length(data),
        state=state,
        lines=_lines(data, terms.digits),
        booked_at=optional_moment(data, "create_date", terms.zone),
        changed_at=changed_at,
        cancelled_at=changed_at if state is BookingState.CANCELLED else None,
        key=key_of(data),
    )


def key_of(data: Fields) -> str | None:
    """Our key of a record that we made: `api_id` has it, or the comment where that is not told."""
    told = text_at(data, "api_id") or ""
    if told.startswith("vernis-"):
        return told.removeprefix("vernis-")
    match = re.search(r"\bvernis-([\w:-]*\w)", text_at(data, "comment") or "")
    return match[1] if match else None


def _client_in(data: Fields, terms: Terms) -> CrmClient:
    guest = object_at(data, "client")
    if optional_id(guest, "id") is None:
        is_somebody = text_at(guest, "phone") or text_at(guest, "name")
        raise Unreadable("client.id", MISSING) if is_somebody else Unreadable("client", "nobody")
    return client_of(guest, terms)


def _length(data: Fields) -> timedelta:
    return length_at(data, "seance_length", "length")


def _state(data: Fields) -> BookingState:
    """A deleted record is cancelled, whatever was noted in it."""
    if flag_at(data, "deleted"):
        return BookingState.CANCELLED
    told = number_at(data, "attendance")
    if told is None:
        told = number_at(data, "visit_attendance")
    if told is None:
        raise Unreadable("attendance", MISSING)
    if told not in _ATTENDANCE:
        raise Unreadable("attendance", "unknown")
    return _ATTENDANCE[told]


def _lines(data: Fields, digits: int) -> tuple[CrmLine, ...]:
    """One line a service: where one stands there twice, what both cost."""
    lines: dict[str, CrmLine] = {}
    for one in list_at(data, "services"):
        if not isinstance(one, Mapping):
            raise Unreadable("services", "not an object")
        line = _line(one, digits)
        if before := lines.get(line.service_id):
            told = [each.amount_minor for each in (before, line) if each.amount_minor is not None]
            line = CrmLine(
                service_id=line.service_id,
                title=before.title or line.title,
                amount_minor=sum(told) if told else None,
            )
        lines[line.service_id] = line
    return tuple(lines.values())


def _line(data: Fields, digits: int) -> CrmLine:
    service_id = id_at(data, of="services.")
    try:
        amount = cost_of(data, digits=digits)
    except Unreadable as unreadable:
        raise Unreadable("services", unreadable.reason) from None
    return CrmLine(service_id=service_id, title=text_at(data, "title"), amount_minor=amount)


def cost_of(data: Fields, *, digits: int) -> int | None:
    """What a service of a record costs in the end, in minor units.

    `cost` is that («Итоговая стоимость услуги»), for the whole `amount` and with the discount
    taken off. Without it: `first_cost` (of the whole amount too) less `discount` percent, or
    `amount` times `cost_per_unit` less the discount.
    """
    if (cost := amount_at(data, "cost", digits=digits)) is not None:
        return cost
    first = amount_at(data, "first_cost", digits=digits)
    if first is None:
        unit = amount_at(data, "cost_per_unit", digits=digits)
        amount = number_at(data, "amount")
        first = None if unit is None else unit * (1 if amount is None else amount)
    if first is None:
        return None
    discount = Decimal(amount_at(data, "discount", digits=2) or 0) / _HUNDRED
    if discount > _HUNDRED or first < 0:
        raise Unreadable("discount", "not a percentage")
    return int((first * (_HUNDRED - discount) / _HUNDRED).quantize(Decimal(1), ROUND_HALF_UP))
