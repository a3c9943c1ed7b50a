"""What a CRM tells of a company, whichever CRM it is: the words of the sync.

Ids are the CRM's own, as text. Days and times are aware datetimes; money is integer minor units of
the company's currency. What could not be read is a `Rejected` beside the rest.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, Generic, TypeVar

from vernis.domain import BookingState, Gender

T = TypeVar("T")


class Entity(StrEnum):
    """A kind of thing that is synced, in the order in which one needs the other."""

    COMPANY = "company"
    STAFF = "staff"
    SERVICES = "services"
    CLIENTS = "clients"
    RECORDS = "records"
    SCHEDULES = "schedules"


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmCompany:
    external_id: str
    name: str
    timezone: str | None = None
    currency: str | None = None
    country: str | None = None
    address: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmStaff:
    external_id: str
    name: str
    is_active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmService:
    """`staff` are those who do it, with their own duration in minutes where it differs."""

    external_id: str
    title: str
    category: str | None = None
    price_minor: int | None = None
    duration_minutes: int | None = None
    is_active: bool = True
    staff: tuple[tuple[str, int | None], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmClient:
    """`phone_raw` is as the CRM has it. `is_deleted`: the CRM no longer has them."""

    external_id: str
    name: str | None = field(default=None, repr=False)
    surname: str | None = field(default=None, repr=False)
    phone_raw: str | None = field(default=None, repr=False)
    gender: Gender | None = None
    blacklisted: bool = False
    consent: bool | None = None
    changed_at: datetime | None = None
    is_deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmLine:
    """One service of a record and what it costs in the end."""

    service_id: str
    title: str | None = None
    amount_minor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmRecord:
    """An appointment with all its services; without lines it is for no service in particular.

    `key` is ours where we made it.
    """

    external_id: str
    client: CrmClient
    staff_id: str | None
    starts_at: datetime
    ends_at: datetime
    state: BookingState
    lines: tuple[CrmLine, ...] = ()
    booked_at: datetime | None = None
    changed_at: datetime | None = None
    cancelled_at: datetime | None = None
    key: str | None = None
    staff_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmShift:
    """Hours of one of the staff on a day, company-local."""

    staff_id: str
    on: date
    opens: time
    closes: time


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """Something that cannot be used. `reason` names the field, never its value."""

    external_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """A piece of a list. `next` is where the following one begins (plain JSON), None at the end."""

    items: tuple[T, ...]
    rejected: tuple[Rejected, ...] = ()
    next: dict[str, Any] | None = None
    total: int | None = None  # of all pages, where the CRM tells
