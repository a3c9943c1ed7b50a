"""For a company's own assistant: what it needs where it answers instead of Vernis.

Every call is a POST with a JSON body: phones do not belong into addresses, which are logged.
"""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends

from vernis.decide.files.phones import contract_phone, e164
from vernis.domain import Company
from vernis.stages import assisted_bookings, assisting
from vernis.stages.assisted_bookings import NewBooking
from vernis.stages.assisting import Person
from vernis.web.errors import documented, invalid
from vernis.web.keys import Caller, allowed
from vernis.web.v1.assistant_models import (
    Booking,
    BookingAnswer,
    ClearAnswer,
    ContextAnswer,
    Reply,
    ReplyAnswer,
    Span,
    Who,
    Writing,
)
from vernis.web.v1.idempotency import Once, writes

router = APIRouter(
    prefix="/v1/companies/{company_id}/assistants",
    tags=["assistants"],
    route_class=Once,
    responses=documented(400, 401, 403, 409, 413, 422, 429, 503),
)
Assistant = Annotated[Caller, Depends(allowed("assistants"))]
Writer = Annotated[Caller, Depends(writes("assistants"))]

OLDEST, AHEAD = timedelta(days=60), timedelta(days=1)  # of a message
PAST, FUTURE = timedelta(days=366), timedelta(days=731)  # of a booking


@router.post("/context", operation_id="context", summary="Is this a reply to a reactivation?")
async def context(caller: Assistant, who: Writing) -> ContextAnswer:
    """Recognises by the quoted message, the phone or the LID, whatever happened to Redis, and puts
    the pendingAction back there. Stores nothing else."""
    app = caller.app
    found = await assisting.recognise(
        app.db,
        caller.company,
        app.store,
        _person(caller.company, who, who.quoted_message_id),
        now=app.clock(),
        hash_phone=app.hash_phone,
    )
    return ContextAnswer.model_validate(found, from_attributes=True)


@router.post(
    "/replies",
    operation_id="reply",
    summary="Handle a client's message",
)
async def reply(caller: Writer, message: Reply) -> ReplyAnswer:
    """Stores the message, records the reply, obeys a stop at once, and tells what to do. Once per
    `message_id`. For companies with `assistant=external`."""
    app = caller.app
    now = app.clock()
    at = message.at or now
    if not now - OLDEST <= at <= now + AHEAD:
        raise invalid("at", "at is not when a message came: give a moment of the last 60 days.")
    told = await assisting.handle_reply(
        app.db,
        caller.company,
        app.store,
        _person(caller.company, message, message.quoted_message_id),
        message_id=message.message_id,
        text=message.text,
        at=min(at, now),
        clock=app.clock,
        crm=app.crm,
        hash_phone=app.hash_phone,
    )
    when = Span(first=told.when[0], last=told.when[1]) if told.when else None
    known = {name: getattr(told, name) for name in ReplyAnswer.model_fields if name != "when"}
    return ReplyAnswer.model_validate(known | {"when": when}, from_attributes=True)


@router.post(
    "/bookings",
    operation_id="bookingCreated",
    summary="A booking was created",
    responses=documented(404),
)
async def booking_created(caller: Writer, booking: Booking) -> BookingAnswer:
    """Counts the booking as what came of the reactivation, once per `booking_id`, and clears the
    pendingAction."""
    app, company = caller.app, caller.company
    service, staff = booking.service, booking.staff
    somebody = booking.phone is not None or booking.lid is not None
    who = Who(phone=booking.phone, lid=booking.lid) if somebody else None
    recorded = await assisted_bookings.booking_created(
        app.db,
        company,
        app.store,
        NewBooking(
            reference=booking.booking_id,
            starts_at=_starts_at(company, booking.starts_at, app.clock()),
            service_id=service.id if service else None,
            service_name=service.name if service else None,
            staff_id=staff.id if staff else None,
            staff_name=staff.name if staff else None,
        ),
        reactivation_id=booking.reactivation_id,
        person=_person(company, who, None) if who else None,
        now=app.clock(),
    )
    return BookingAnswer.model_validate(recorded, from_attributes=True)


@router.post("/clear", operation_id="clear", summary="Clear the pendingAction")
async def clear(caller: Writer, who: Who) -> ClearAnswer:
    """Nothing is pending with this person any more: the pendingAction becomes `null` and is not put
    back. Another assistant's own pendingAction stays."""
    app = caller.app
    person = _person(caller.company, who, None)
    done = await assisting.clear(app.db, caller.company, app.store, person, now=app.clock())
    return ClearAnswer(in_redis=done)


def _person(company: Company, who: Who, quoted: str | None) -> Person:
    phone, lid = who.phone, who.lid
    if phone is not None and phone.endswith("@lid"):
        phone, lid = None, lid or phone
    digits = None
    if phone is not None:
        digits = _digits(company, phone)
    return Person(phone=digits, lid=lid.removesuffix("@lid") if lid else None, quoted=quoted)


def _digits(company: Company, phone: str) -> str:
    is_whatsapp = "@" in phone
    digits = contract_phone(phone) if is_whatsapp else e164(phone, country=company.country)
    if digits is None and not is_whatsapp:
        digits = contract_phone(phone)
    if digits is None:
        raise invalid("phone", "phone is no phone number: send it like 79001234567.")
    return digits


def _starts_at(company: Company, at: datetime, now: datetime) -> datetime:
    try:
        aware = at if at.tzinfo else at.replace(tzinfo=company.zone)
        if now - PAST <= aware <= now + FUTURE:
            return aware
    except OverflowError:  # a year that no time zone reaches
        pass
    raise invalid("starts_at", "starts_at is not when a visit is: give a moment of these years.")
