"""Bookings in YClients' words: what is sent for one, and what a record says back.

Records, seances and bodies are JSON as the API's description has it (its groups «Записи» and
«Онлайн-запись»): lengths in seconds, moments in ISO 8601, money as it stands.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from vernis.decide.crm.yclients_records import key_of
from vernis.domain import Locale
from vernis.errors import DataError

PREFIX = "yclients:"  # before the CRM's ids of clients, staff and services
GONE = -1, 1  # attendance: nobody came, or the visit is over
LONGEST = timedelta(days=1)

_COMMENT = {
    Locale.RU: "Записал ассистент Vernis по переписке с клиентом{whence}. Номер брони: {key}.",
    Locale.EN: "Booked by Vernis in a chat with the client{whence}. Reference: {key}.",
}
_WHENCE = {
    Locale.RU: " (ответ на приглашение вернуться)",
    Locale.EN: " (who answered an invitation to come back)",
}
_NAMELESS = {Locale.RU: "Клиент", Locale.EN: "Client"}
_TAKEN = re.compile(
    r"\bзанят|нерабоч|пересека|недоступн\w* врем|already (?:taken|booked)|\bbusy\b|\boverlap"
    r"|not (?:available|working)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seance:
    """A time that can be booked with one of the staff; `length` where the CRM tells it."""

    starts_at: datetime
    length: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A record as a change needs it; `raw` is all of it."""

    record_id: str
    staff_id: str
    starts_at: datetime
    length: timedelta
    services: tuple[str, ...]
    client_id: str | None = None
    phone: str | None = field(default=None, repr=False)  # digits
    attendance: int = 0
    is_deleted: bool = False
    key: str | None = None  # ours, where we made it
    raw: Mapping[str, Any] = field(repr=False)

    @property
    def is_ahead(self) -> bool:
        """Whether it is still to take place."""
        return not self.is_deleted and self.attendance not in GONE

    def stands_at(self, starts_at: datetime, staff_id: str) -> bool:
        return self.is_ahead and self.starts_at == starts_at and self.staff_id == staff_id

    def is_of(self, *, client_id: str | None, phone: str | None) -> bool:
        """Whether it is this client's: by the CRM's id or, as people share phones, by phone."""
        return (client_id is not None and self.client_id == client_id) or (
            phone is not None and self.phone is not None and self.phone[-10:] == phone[-10:]
        )


def external(key: str | None) -> str | None:
    """The CRM's id in one of our external keys; None where it is not of this CRM."""
    return key.removeprefix(PREFIX) if key and key.startswith(PREFIX) else None


def api_id(key: str) -> str:
    """What one of our keys is called in the CRM."""
    return f"vernis-{key}"


# --- what is sent ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """Whom a record is for: the CRM finds the client by the phone, or makes one."""

    phone: str = field(repr=False)  # E.164 digits
    name: str | None = field(default=None, repr=False)


def new_record(
    *,
    key: str,
    staff_id: str,
    service_id: str,
    guest: Guest,
    starts_at: datetime,
    length: timedelta,
    locale: Locale,
    invited: bool,
) -> dict[str, Any]:
    """The body that makes a record, never over somebody else's time; `starts_at` company-local.

    The comment is there wherever a salon requires one, and has the key once more: not every
    version of the API tells `api_id` back. Prices are left to the CRM.
    """
    whence = _WHENCE[locale] if invited else ""
    return {
        "staff_id": int(staff_id),
        "services": [{"id": int(service_id)}],
        "client": {"phone": guest.phone, "name": guest.name or _NAMELESS[locale]},
        "datetime": starts_at.isoformat(timespec="seconds"),
        "seance_length": _seconds(length),
        "save_if_busy": False,
        "send_sms": False,
        "comment": _COMMENT[locale].format(whence=whence, key=api_id(key)),
        "api_id": api_id(key),
    }


def changed_record(
    record: Record,
    *,
    staff_id: str | None = None,
    starts_at: datetime | None = None,
    length: timedelta | None = None,
    without: Sequence[str] = (),
) -> dict[str, Any]:
    """The body that moves a record, or takes services out of it: whatever else it says is kept."""
    raw = record.raw
    guest = raw.get("client") or {}
    body: dict[str, Any] = {
        "staff_id": int(staff_id or record.staff_id),
        "services": [
            {name: one[name] for name in ("id", "first_cost", "discount", "cost") if name in one}
            for one in raw.get("services") or []
            if str(one.get("id")) not in without
        ],
        "client": {name: guest[name] for name in ("phone", "name", "email") if guest.get(name)},
        "datetime": (starts_at or record.starts_at).isoformat(timespec="seconds"),
        "seance_length": _seconds(length or record.length),
        "save_if_busy": False,
        "send_sms": False,
    }
    for name in ("comment", "attendance", "api_id"):
        if raw.get(name) not in (None, ""):
            body[name] = raw[name]
    return body


def _seconds(length: timedelta) -> int:
    return int(length.total_seconds())


# --- what is told ------------------------------------------------------------------------------


def bookable_days(data: Any) -> frozenset[date]:
    """The days of GET book_dates."""
    dates = data.get("booking_dates") if isinstance(data, dict) else None
    if not isinstance(dates, list):
        raise DataError("The CRM's list of days cannot be read.")
    return frozenset(_day(one) for one in dates)


def seances(data: Any, *, zone: tzinfo | None) -> list[Seance]:
    """The times of GET book_times, earliest first."""
    if not isinstance(data, list):
        raise DataError("The CRM's list of times cannot be read.")
    found = [
        Seance(starts_at=_moment(one.get("datetime"), zone), length=_length(one))
        for one in data
        if isinstance(one, dict)
    ]
    return sorted(found, key=lambda seance: seance.starts_at)


def record_of(data: Any, *, zone: tzinfo) -> Record:
    """One record. Raises DataError where it says not even what, when and with whom."""
    record_id = id_of(data)
    if record_id is None:
        raise DataError("The CRM's record has no id.")
    guest = data.get("client")
    guest = guest if isinstance(guest, dict) else {}
    staff = data.get("staff")
    staff_id = data.get("staff_id") or (staff.get("id") if isinstance(staff, dict) else None)
    services = data.get("services")
    return Record(
        record_id=record_id,
        staff_id=str(staff_id or ""),
        starts_at=_moment(data.get("datetime") or data.get("date"), zone),
        length=_length(data) or timedelta(hours=1),
        services=tuple(
            str(one["id"]) for one in services or [] if isinstance(one, dict) and "id" in one
        ),
        client_id=str(guest["id"]) if guest.get("id") else None,
        phone=re.sub(r"\D", "", str(guest.get("phone") or "")) or None,
        attendance=_number(data.get("attendance", data.get("visit_attendance"))) or 0,
        is_deleted=data.get("deleted") is True or data.get("deleted") == 1,
        key=key_of(data),
        raw=data,
    )


def id_of(data: Any) -> str | None:
    """The id of what was made, where the answer tells it."""
    told = str(data.get("id") or "") if isinstance(data, dict) else ""
    return told if told.isdigit() else None


def says_taken(status: int, words: str) -> bool:
    """Whether a refusal is about the time (errors 433 and 437 of the description say so too)."""
    return status in {409, 433, 437} or _TAKEN.search(words) is not None


def _moment(told: Any, zone: tzinfo | None) -> datetime:
    """With an offset, or local."""
    try:
        moment = datetime.fromisoformat(str(told))
    except ValueError:
        raise DataError("The CRM tells a moment that cannot be read.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _day(told: Any) -> date:
    try:
        return date.fromisoformat(str(told)[:10])
    except ValueError:
        raise DataError("The CRM tells a day that cannot be read.") from None


def _length(data: Mapping[str, Any]) -> timedelta | None:
    seconds = _number(data.get("seance_length") or data.get("length"))
    if seconds is None or not 0 < seconds <= LONGEST.total_seconds():
        return None
    return timedelta(seconds=seconds)


def _number(told: Any) -> int | None:
    try:
        return int(told)
    except (TypeError, ValueError):
        return None
