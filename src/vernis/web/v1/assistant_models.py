"""What the routes for other assistants take and answer."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from vernis.domain import Intent, ResponseType, Topic
from vernis.web.v1.common import storable

LONGEST_TEXT = 10_000  # characters; no messenger's message is longer than a third of the limit


_Storable = AfterValidator(storable)
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300), _Storable
]
Id = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), _Storable
]  # of a message or a booking, as another program calls it
Number = Annotated[int, Field(strict=True, ge=1, lt=10**18)]  # an id of ours
Phone = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=64),
    _Storable,
    Field(
        description="In any form: 79001234567, +7 900 123-45-67, 79001234567@c.us. A WhatsApp id"
        " that ends in @lid is taken as `lid`.",
        examples=["79990000001"],
    ),
]
Lid = Annotated[
    str,
    StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z0-9:.]{1,64}(@lid)?$"),
    Field(description="WhatsApp's own id of a person.", examples=["184467440737095@lid"]),
]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Who(_Body):
    """Who writes: by phone, by LID, or by both."""

    phone: Phone | None = None
    lid: Lid | None = None

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if self.phone is None and self.lid is None:
            raise ValueError("give phone or lid")
        return self


class Writing(Who):
    """Who writes, and which message they quote."""

    quoted_message_id: Id | None = Field(
        default=None,
        description="The channel's id of the message that the client quotes.",
        examples=["3EB0C767D26A1D8D"],
    )


class Reply(Writing):
    """A client's message, word by word."""

    message_id: Id = Field(
        description="The channel's id of the message. The same id again is told the same.",
        examples=["3EB0A1B2C3D4E5F6"],
    )
    text: Annotated[
        str, StringConstraints(min_length=1, max_length=LONGEST_TEXT, pattern=r"\S"), _Storable
    ] = Field(examples=["Да, давайте завтра после шести"])
    at: AwareDatetime | None = Field(
        default=None,
        description="When the client sent it; none: now.",
        examples=["2026-03-31T12:05:00+03:00"],
    )


class NamedOne(_Body):
    """By our id, as `suggested_service` has it, or by name; an unknown name is left out."""

    id: Number | None = Field(default=None, examples=[5])
    name: Name | None = Field(default=None, examples=["Маникюр"])


class Booking(_Body):
    """A booking that the assistant made, for a reactivation or for whoever got it."""

    booking_id: Id = Field(description="Its id in the company's CRM.", examples=["918273645"])
    starts_at: datetime = Field(
        description="Without an offset it is the company's local time.",
        examples=["2026-04-01T18:30:00+03:00"],
    )
    reactivation_id: Number | None = Field(default=None, examples=[77])
    phone: Phone | None = None
    lid: Lid | None = None
    service: NamedOne | None = None
    staff: NamedOne | None = None

    @model_validator(mode="after")
    def _of_something(self) -> Self:
        if self.reactivation_id is None and self.phone is None and self.lid is None:
            raise ValueError("give reactivation_id, phone or lid")
        return self


# --- answers ------------------------------------------------------------------------------------

_INSTRUCTION = "What to tell the assistant, in the company's language."


class ContextAnswer(BaseModel):
    """Whether what this person writes answers a reactivation, and what is to be known of it."""

    is_reply: bool
    reactivation_id: int | None = Field(examples=[77])
    opted_out: bool = Field(description="Never write to this person first.")
    booking_created: bool = Field(description="A booking came of the reactivation.")
    pending_action: dict[str, Any] | None = Field(
        description="As in Redis; none where nothing is pending: booked, cleared or opted out.",
        examples=[
            {
                "type": "reactivation_response",
                "campaign": "dormant_30",
                "daysInactive": 36,
                "lastVisitDate": "2026-02-22",
                "suggestedService": {"id": 5, "name": "Маникюр"},
                "intervalDays": 30,
                "intervalSource": "personal",
                "confidence": 0.9,
                "messageSent": "Анна, добрый день! Записать вас на маникюр?",
                "messageSentAt": "2026-03-30T09:00:00+00:00",
                "reactivationHistoryId": 77,
            }
        ],
    )
    in_redis: bool = Field(
        description="Redis holds this pendingAction now. False where it is down, or where another"
        " pendingAction stands there, which is left alone."
    )
    instruction: str | None = Field(description=_INSTRUCTION)


class ServiceAnswer(BaseModel):
    id: int = Field(examples=[5])
    name: str = Field(examples=["Маникюр"])


class Span(BaseModel):
    """The first and the last moment that the reply names, in the company's time."""

    first: datetime = Field(serialization_alias="from", examples=["2026-04-01T18:00:00+03:00"])
    last: datetime = Field(serialization_alias="to", examples=["2026-04-01T23:59:00+03:00"])


class ReplyAnswer(BaseModel):
    """A reply as it was read, and what to do about it."""

    is_reply: bool = Field(description="False: the person was not written to; answer as always.")
    reactivation_id: int | None = Field(examples=[77])
    type: ResponseType
    intent: Intent
    confidence: float = Field(ge=0, le=1, examples=[0.97])
    topic: Topic | None = Field(description="What it is about, where the intent does not say.")
    when: Span | None
    suggested_service: ServiceAnswer | None
    start_booking: bool = Field(description="Look for a time now.")
    opted_out: bool = Field(description="The message stopped us: confirm it once, offer nothing.")
    instruction: str | None = Field(description=_INSTRUCTION)


class BookingAnswer(BaseModel):
    """The booking as it is counted."""

    booking_id: int = Field(description="Our id of it.", examples=[431])
    reactivation_id: int = Field(examples=[77])
    is_new: bool = Field(description="False: it was known; what changed was brought up to date.")
    in_redis: bool = Field(description="Redis knows that nothing is pending any more.")


class ClearAnswer(BaseModel):
    """Nothing is pending any more; `in_redis` tells whether Redis knows as well."""

    in_redis: bool
