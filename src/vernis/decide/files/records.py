"""What the rows of an imported file become: typed records, or the reason why a row is none."""

from dataclasses import dataclass, field
from datetime import date, time
from enum import StrEnum

from vernis.decide.files.values import Fault
from vernis.domain import BookingState, Gender


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientRecord:
    """A client as the file has it. `key` is the file's code; `phone_raw` is not yet a phone."""

    key: str | None
    name: str = field(repr=False)
    surname: str = field(repr=False)
    phone_raw: str | None = field(repr=False)
    gender: Gender | None
    consent: bool | None
    blacklisted: bool | None
    birthday: date | None
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRecord:
    """A service. `title` is the code where the file has no title; an unreadable price is None."""

    code: str | None
    title: str
    category: str | None
    price_minor: int | None
    duration_minutes: int | None
    is_active: bool
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingRecord:
    """One service of one appointment, past or future.

    The client is the first of `client_key`, `client_phone_raw`, `client_name` that is set.
    `service` is a code or a title, as in the file. `on_date` and `at_time` are the salon's own.
    """

    client_key: str | None
    client_phone_raw: str | None = field(repr=False)
    client_name: str | None = field(repr=False)
    service: str | None
    staff: str | None
    on_date: date
    at_time: time | None
    amount_minor: int | None
    quantity: int
    state: BookingState
    booked_at: date | None
    cancelled_at: date | None
    external_key: str | None
    line: int


Record = ClientRecord | ServiceRecord | BookingRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """A row that cannot be used, for the rejects file: `detail` is the column and its value."""

    line: int
    reason: Fault
    detail: str = field(repr=False)
    row: tuple[str, ...] = field(repr=False)


class Why(StrEnum):
    """Why a row that was understood is left out."""

    WALK_IN = "walk_in"
    PRODUCT = "product"
    TOTAL = "total"
    REFUND = "refund"


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A row that was understood and is no visit, service or client: counted, not rejected.

    `record` is what it would have been, for products and refunds. A refund is a line with a
    negative amount: money given back, or a prepaid visit redeemed on its own receipt; it takes
    from what the client spent and is no visit.
    """

    line: int
    why: Why
    record: BookingRecord | None = None


Result = Record | Reject | Skipped
