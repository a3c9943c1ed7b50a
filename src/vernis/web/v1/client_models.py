"""What the routes of clients answer."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from vernis.domain import Reason, Source
from vernis.web.v1.common import Answer


class ClientAnswer(Answer):
    """A client, and what today's plan says of them."""

    client_id: int = Field(examples=[12])
    external_key: str = Field(
        description="As the company's files or CRM call the client.", examples=["C17"]
    )
    name: str | None = Field(examples=["Анна"])
    surname: str | None = Field(examples=["Ким"])
    phone: str | None = Field(
        description="Masked, or in full with the scope `messages`: digits with the country's code.",
        examples=["+7 999 ***-**-01"],
    )
    phone_state: Literal["valid", "missing", "invalid"]
    consent: Literal["unknown", "given", "refused"]
    blacklisted: bool = Field(description="On the company's own black list.")
    opted_out: bool = Field(description="The number asked not to be written to.")
    declined_at: datetime | None = Field(description="The last no to a message.")
    last_visit_on: date | None = Field(examples=["2026-02-22"])
    service_title: str | None = Field(description="Of that visit.", examples=["Маникюр"])
    interval_days: int | None = Field(
        description="After so many days the client is expected back.", examples=[30]
    )
    interval_source: Source | None = Field(description="The level that gave the interval.")
    due_on: date | None = Field(examples=["2026-03-24"])
    opens_on: date | None = Field(description="From this day to `closes_on`: 80% of the returns.")
    closes_on: date | None
    visit_count: int = Field(examples=[9])
    spent_minor: int = Field(description="In minor units: kopecks, cents.", examples=[1890000])
    reason: Reason = Field(
        description="Why the client is, or is not, written to today; but for the day's cap and"
        " those who share a phone."
    )


class Rhythm(Answer):
    """The interval that the plan goes by, and what it follows from."""

    service_title: str | None = Field(examples=["Маникюр"])
    staff_name: str | None = Field(examples=["Алина"])
    last_visit_on: date
    interval_days: int = Field(examples=[30])
    source: Source
    confidence: float = Field(ge=0, le=1, examples=[0.9])
    evidence: dict[str, int | float | str] = Field(examples=[{"visits": 9, "shortest": 27}])
    opens_on: date = Field(description="From this day to `closes_on`: 80% of the returns.")
    due_on: date
    closes_on: date
    days_late: int = Field(description="After the due date; negative before it.", examples=[7])
    returning_chance: float | None = Field(description="To come back unasked; 0 to 1.")
    falling_chance: float | None = Field(description="How much of it the coming week takes.")
    told: dict[str, str] = Field(description="The same in one sentence, by language.")


class ServiceRhythm(Answer):
    """When the client is expected back for one service, by the visits for it alone."""

    service_id: int = Field(examples=[6])
    title: str = Field(examples=["Педикюр"])
    last_on: date
    interval_days: int = Field(examples=[45])
    interval_source: Source


class TodayAnswer(Answer):
    """What today's plan says of a client."""

    reason: Reason
    arm: Literal["contact", "holdout"] | None
    attempt: int | None
    next_on: date | None = Field(description="When a client who is not due becomes due.")


class ClientPage(ClientAnswer):
    """All about one client but the lists: reactivations, bookings and dialogs have their own."""

    consent_source: str | None
    consent_on: date | None
    opted_out_at: datetime | None
    first_visit_on: date | None
    rhythm: Rhythm | None
    services: list[ServiceRhythm] = Field(description="The most frequent first.")
    today: TodayAnswer


class OptedOut(Answer):
    """Whether the number is never written to."""

    client_id: int = Field(examples=[12])
    opted_out: bool
    changed: bool = Field(description="False: it was so before.")


class ErasedAnswer(Answer):
    """What was removed, counted; all zero where there was nothing left."""

    client_id: int = Field(examples=[12])
    cancelled: int = Field(description="Messages that had not left.")
    reactivations: int = Field(description="Made anonymous.")
    dialogs: int
    messages: int
    other_rows: int
    files: int
    crm: str | None = Field(description="The CRM that still has the client.", examples=["yclients"])
    shared_with: int = Field(description="Clients with the same phone: theirs it stays.")
