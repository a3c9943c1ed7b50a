"""The seam between the simulated salon and whoever drives it: what goes in and comes out.

All datetimes are aware and in UTC, amounts in minor units, `client_key` is the client's id in
the exported files, a service is its code there and a member of staff the name there.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from vernis.domain import Intent


class Standing(StrEnum):
    """Where a client truly is when a message comes. Hidden from Vernis."""

    BOOKED = "booked"
    EARLY = "early"
    READY = "ready"
    DUE = "due"
    SLIPPED = "slipped"
    ELSEWHERE = "elsewhere"
    MOVED = "moved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A time that an answer offered."""

    service_code: str
    staff: str
    starts_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """A client booked one service with the salon, not through Vernis."""

    at: datetime
    key: str
    client_key: str
    service_code: str
    staff: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """The visit of a booking took place. `key` is that of `Booked` or of `booking_made`."""

    at: datetime
    key: str
    client_key: str
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """The client called the booking off."""

    at: datetime
    key: str
    client_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoShow:
    """The client did not come and did not say so."""

    at: datetime
    key: str
    client_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Replied:
    """A client wrote. `meaning` is the truth that a classifier is measured by, not told."""

    at: datetime
    client_key: str
    phone: str
    text: str = field(repr=False)
    meaning: Intent
    chosen: Offered | None = None


Event: TypeAlias = Booked | Came | Cancelled | NoShow | Replied
