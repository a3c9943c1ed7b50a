"""Reactivations: each attempt to bring a client back, and the drafts among them."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import Query
from pydantic import AfterValidator, Field, StringConstraints

from vernis.domain import Arm, Campaign, ResponseType, Source, State
from vernis.stages import drafts, reactivation_list
from vernis.stages.reactivation_list import NEWEST
from vernis.web.errors import invalid
from vernis.web.keys import Caller
from vernis.web.v1 import common
from vernis.web.v1.common import (
    AnId,
    Answer,
    Asked,
    Id,
    Reader,
    Writer,
    shown_phone,
    shown_text,
    storable,
)
from vernis.web.v1.paging import Cursor, Day, Limit, Page, after, number, page

router = common.router("reactivations")

_TEXTS = "With the scope `messages` only."
_SECRET = ("text", "generated", "response_text", "rejected_because")


class ReactivationAnswer(Answer):
    """One attempt to bring one client back: the decision, the message, what came of it."""

    reactivation_id: int = Field(examples=[77])
    client_id: int = Field(examples=[12])
    client_key: str = Field(examples=["C17"])
    client_name: str | None = Field(examples=["Анна"])
    phone: str | None = Field(
        description="Masked, or in full with the scope `messages`.", examples=["+7 999 ***-**-01"]
    )
    plan_on: date
    planned_at: datetime
    arm: Arm = Field(description="`holdout`: not written to, to compare with.")
    state: State
    reason: str = Field(description="Why it was planned, or why it was not sent.", examples=["due"])
    attempt: int = Field(ge=1, le=3)
    campaign: Campaign
    service_id: int | None = Field(examples=[5])
    service_title: str | None = Field(examples=["Маникюр"])
    last_visit_on: date
    inactive_days: int = Field(examples=[36])
    interval_days: int = Field(examples=[30])
    interval_source: Source
    confidence: float = Field(ge=0, le=1, examples=[0.9])
    due_on: date
    text: str | None = Field(
        description=_TEXTS, examples=["Анна, добрый день! Записать вас на маникюр?"]
    )
    generated: str | None = Field(description=f"Before a person edited it. {_TEXTS}")
    template: str | None
    model: str | None
    fallback: str | None = Field(description="Why a template stands where a model was asked.")
    variant: str | None
    account: str | None = Field(description="The number that it leaves from.")
    channel: str | None = Field(examples=["cloud"])
    waits_for_approval: bool = Field(description="A draft: approve, edit or reject it.")
    deadline: datetime | None = Field(description="Not sent by then: expired.")
    send_after: datetime | None
    approved_at: datetime | None
    rejected_because: str | None = Field(description=_TEXTS)
    sent_at: datetime | None
    delivered_at: datetime | None
    read_at: datetime | None
    refusal: str | None = Field(description="The channel's last no.")
    response_at: datetime | None
    response_type: ResponseType | None
    response_text: str | None = Field(description=_TEXTS)
    dialog_id: int | None = Field(examples=[3])
    booking_id: int | None = Field(examples=[431])
    booking_created_at: datetime | None
    visit_on: date | None = Field(description="The visit that took place.")
    revenue_minor: int | None


_Storable = AfterValidator(storable)


class NewText(Asked):
    text: Annotated[str, StringConstraints(max_length=drafts.LONGEST), _Storable] = Field(
        examples=["Анна, добрый день! Ждём вас на маникюр."]
    )


class Why(Asked):
    because: Annotated[str, StringConstraints(max_length=500), _Storable] = Field(
        description="In a person's own words.", examples=["она только что звонила"]
    )


class Edited(ReactivationAnswer):
    """It still waits for an approval."""

    problems: list[str] = Field(description="The checks that the text fails: told, not enforced.")


@router.get("/reactivations", operation_id="reactivations", summary="Reactivations, newest first")
async def listed(
    caller: Reader,
    client_id: AnId | None = None,
    state: State | None = None,
    arm: Arm | None = None,
    first_day: Annotated[Day | None, Query(alias="from", description="Planned from then.")] = None,
    last_day: Annotated[Day | None, Query(alias="to", description="That day included.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[ReactivationAnswer]:
    begin = after("reactivations", cursor, number)
    rows = await reactivation_list.listed(
        caller.app.db,
        caller.company,
        now=caller.app.clock(),
        client_id=client_id,
        state=state,
        arm=arm,
        first_day=first_day,
        last_day=last_day,
        before=begin[0] if begin else NEWEST,
        most=limit + 1,
    )
    return Page(
        **page(
            "reactivations",
            rows,
            limit,
            key=lambda row: [row.reactivation_id],
            shown=lambda row: ReactivationAnswer(**_shown(caller, row)),
        )
    )


@router.get("/reactivations/{reactivation_id}", operation_id="reactivation", summary="One of them")
async def one(caller: Reader, reactivation_id: Id) -> ReactivationAnswer:
    return await _answer(caller, reactivation_id)


@router.post(
    "/reactivations/{reactivation_id}/approve",
    operation_id="approve",
    summary="Let a draft leave",
)
async def approve(caller: Writer, reactivation_id: Id) -> ReactivationAnswer:
    """In the company's hours of its day; 404 where it does not wait for an approval."""
    app, of = caller.app, caller.company
    await drafts.approve(app.db, of, [reactivation_id], now=app.clock(), who=caller.who)
    return await _answer(caller, reactivation_id)


@router.post(
    "/reactivations/{reactivation_id}/edit", operation_id="edit", summary="Another text for a draft"
)
async def edit(caller: Writer, reactivation_id: Id, new: NewText) -> Edited:
    app, of = caller.app, caller.company
    if not new.text.strip():
        raise invalid("text", "text is empty: give the message, or reject the draft.")
    draft = await drafts.edit(
        app.db, of, reactivation_id, new.text, now=app.clock(), who=caller.who
    )
    found = await reactivation_list.one(app.db, of, reactivation_id, now=app.clock())
    return Edited(**_shown(caller, found), problems=list(draft.problems))


@router.post(
    "/reactivations/{reactivation_id}/reject", operation_id="reject", summary="Do not send a draft"
)
async def reject(caller: Writer, reactivation_id: Id, why: Why) -> ReactivationAnswer:
    """The client waits for the next wave as if it had been sent."""
    app, of = caller.app, caller.company
    await drafts.reject(app.db, of, reactivation_id, why.because, now=app.clock(), who=caller.who)
    return await _answer(caller, reactivation_id)


async def _answer(caller: Caller, id_: int) -> ReactivationAnswer:
    found = await reactivation_list.one(caller.app.db, caller.company, id_, now=caller.app.clock())
    return ReactivationAnswer(**_shown(caller, found))


def _shown(caller: Caller, row: reactivation_list.Listed) -> dict[str, Any]:
    known = {name: getattr(row, name) for name in ReactivationAnswer.model_fields}
    known |= {name: shown_text(caller, known[name]) for name in _SECRET}
    return known | {"phone": shown_phone(caller, row.phone)}
