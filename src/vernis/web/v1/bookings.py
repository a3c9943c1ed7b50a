"""Bookings: past and future appointments, and which of them a message brought."""

from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import Query
from pydantic import Field

from vernis.domain import BookingState
from vernis.stages import booking_list
from vernis.stages.booking_list import NEWEST
from vernis.web.v1 import common
from vernis.web.v1.common import AnId, Answer, Id, Reader
from vernis.web.v1.paging import Cursor, Day, Limit, Page, after, number, page

router = common.router("bookings")

Origin = Literal["file", "crm", "vernis"]


class BookingRow(Answer):
    """One service of one appointment."""

    booking_id: int = Field(examples=[431])
    client_id: int = Field(examples=[12])
    client_key: str = Field(examples=["C17"])
    client_name: str | None = Field(examples=["Анна"])
    service_id: int | None = Field(examples=[5])
    service_title: str | None = Field(examples=["Маникюр"])
    staff_id: int | None = Field(examples=[2])
    staff_name: str | None = Field(examples=["Алина"])
    on_date: date = Field(description="The day in the company's time zone.")
    starts_at: datetime | None = Field(description="None where the files do not tell it.")
    ends_at: datetime | None
    state: BookingState
    amount_minor: int | None = Field(description="In minor units.", examples=[210000])
    booked_at: datetime | None = Field(description="When the client booked.")
    cancelled_at: datetime | None
    origin: Origin = Field(description="Where it is known from; `vernis`: made in a dialog.")
    external_key: str | None = Field(description="The CRM's id of it.", examples=["918273645"])
    reactivation_id: int | None = Field(description="What it came of.", examples=[77])


@router.get("/bookings", operation_id="bookings", summary="The bookings, the newest known first")
async def listed(
    caller: Reader,
    client_id: AnId | None = None,
    state: BookingState | None = None,
    origin: Origin | None = None,
    won: Annotated[bool | None, Query(description="Came of a reactivation.")] = None,
    first_day: Annotated[Day | None, Query(alias="from")] = None,
    last_day: Annotated[Day | None, Query(alias="to", description="That day included.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[BookingRow]:
    begin = after("bookings", cursor, number)
    rows = await booking_list.listed(
        caller.app.db,
        caller.company,
        client_id=client_id,
        state=state,
        origin=origin,
        won=won,
        first_day=first_day,
        last_day=last_day,
        before=begin[0] if begin else NEWEST,
        most=limit + 1,
    )
    return Page(
        **page(
            "bookings",
            rows,
            limit,
            key=lambda row: [row.booking_id],
            shown=BookingRow.model_validate,
        )
    )


@router.get("/bookings/{booking_id}", operation_id="booking", summary="One booking")
async def one(caller: Reader, booking_id: Id) -> BookingRow:
    found = await booking_list.one(caller.app.db, caller.company, booking_id)
    return BookingRow.model_validate(found)
