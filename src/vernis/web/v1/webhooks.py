"""Outgoing webhooks: whom the company wants to be told, and what they were told."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Response
from pydantic import AfterValidator, Field, StringConstraints

from vernis.stages import outgoing_deliveries, outgoing_webhooks
from vernis.stages.outgoing_events import EVENTS
from vernis.web.v1 import common
from vernis.web.v1.common import Answer, Asked, Id, Setter, SettingsReader, storable
from vernis.web.v1.paging import Cursor, Limit, Page, after, number, page

router = common.router("webhooks")

Url = Annotated[str, StringConstraints(min_length=8, max_length=2000), AfterValidator(storable)]
Event = Annotated[str, StringConstraints(max_length=100), AfterValidator(storable)]
_URL = Field(
    description="Into the open: private and metadata addresses are refused.",
    examples=["https://example.com/vernis"],
)
_EVENTS = Field(description=f"Some of: {', '.join(EVENTS)}.", examples=[list(EVENTS)])


class WebhookAnswer(Answer):
    """Where what is told."""

    webhook_id: int = Field(examples=[1])
    url: str = Field(examples=["https://example.com/vernis"])
    events: list[str] = Field(examples=[list(EVENTS)])
    created_at: datetime
    paused_at: datetime | None
    pause_reason: str | None = Field(description="`by_hand`, `gone` (it said 410) or `failing`.")


class NewWebhookAnswer(WebhookAnswer):
    secret: str = Field(
        description="Deliveries are signed with it (Standard Webhooks). It is not shown again.",
        examples=["whsec_..."],
    )


class DeliveryAnswer(Answer):
    """One happening, told or to be told."""

    delivery_id: int = Field(examples=[9])
    webhook_id: int = Field(examples=[1])
    event: str = Field(examples=[EVENTS[0]])
    body: dict[str, Any] = Field(description="What is sent: numbers only, nothing of a client.")
    state: Literal["waiting", "delivered", "failed"]
    attempts: int
    next_attempt_at: datetime | None
    last_status: int | None = Field(description="HTTP's, of the last attempt.", examples=[200])
    last_error: str | None = Field(description="Why there was no answer.")
    created_at: datetime
    delivered_at: datetime | None


class NewWebhook(Asked):
    url: Url = _URL
    events: Annotated[list[Event], Field(min_length=1, max_length=20)] = _EVENTS


class ChangedWebhook(Asked):
    """What is not given stays."""

    url: Url | None = Field(default=None, examples=["https://example.com/vernis"])
    events: Annotated[list[Event], Field(min_length=1, max_length=20)] | None = Field(
        default=None, examples=[list(EVENTS)]
    )
    paused: bool | None = Field(default=None, examples=[False])


@router.get("/webhooks", operation_id="webhooks", summary="Whom we tell")
async def listed(caller: SettingsReader) -> Page[WebhookAnswer]:
    """All of them: there are 20 at most."""
    found = await outgoing_webhooks.listed(caller.app.db, caller.company)
    return Page(items=[WebhookAnswer.model_validate(one) for one in found], next=None)


@router.post(
    "/webhooks", operation_id="createWebhook", summary="Tell somebody new", status_code=201
)
async def create(caller: Setter, new: NewWebhook) -> NewWebhookAnswer:
    app = caller.app
    webhook, secret = await outgoing_webhooks.create(
        app.db,
        caller.company,
        url=new.url,
        events=new.events,
        sealer=app.sealer,
        sender=app.webhook_sender,
        now=app.clock(),
        who=caller.who,
    )
    known = WebhookAnswer.model_validate(webhook).model_dump()
    return NewWebhookAnswer(**known, secret=secret)


@router.get("/webhooks/{webhook_id}", operation_id="webhook", summary="One of them")
async def one(caller: SettingsReader, webhook_id: Id) -> WebhookAnswer:
    found = await outgoing_webhooks.get(caller.app.db, caller.company, webhook_id)
    return WebhookAnswer.model_validate(found)


@router.patch("/webhooks/{webhook_id}", operation_id="changeWebhook", summary="Change or pause")
async def change(caller: Setter, webhook_id: Id, new: ChangedWebhook) -> WebhookAnswer:
    """What waited for a webhook that is paused is not told."""
    app = caller.app
    changed = await outgoing_webhooks.change(
        app.db,
        caller.company,
        webhook_id,
        sender=app.webhook_sender,
        now=app.clock(),
        url=new.url,
        events=new.events,
        paused=new.paused,
        who=caller.who,
    )
    return WebhookAnswer.model_validate(changed)


@router.delete(
    "/webhooks/{webhook_id}",
    operation_id="removeWebhook",
    summary="Tell them no more",
    status_code=204,
)
async def remove(caller: Setter, webhook_id: Id) -> Response:
    """Its log is forgotten as well."""
    await outgoing_webhooks.remove(caller.app.db, caller.company, webhook_id, who=caller.who)
    return Response(status_code=204)


@router.get(
    "/webhooks/{webhook_id}/deliveries", operation_id="deliveries", summary="What they were told"
)
async def deliveries(
    caller: SettingsReader,
    webhook_id: Id,
    state: Literal["waiting", "delivered", "failed"] | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[DeliveryAnswer]:
    """The newest first, of the last month."""
    begin = after("deliveries", cursor, number)
    rows = await outgoing_deliveries.listed(
        caller.app.db,
        caller.company,
        webhook_id=webhook_id,
        state=state,
        before=begin[0] if begin else None,
        most=limit + 1,
    )
    return Page(
        **page(
            "deliveries",
            rows,
            limit,
            key=lambda row: [row.delivery_id],
            shown=DeliveryAnswer.model_validate,
        )
    )


@router.post(
    "/webhooks/{webhook_id}/ping", operation_id="ping", summary="Send a test", status_code=202
)
async def ping(caller: Setter, webhook_id: Id) -> DeliveryAnswer:
    """What came of it is in the deliveries a moment later."""
    found = await outgoing_deliveries.ping(
        caller.app.db, caller.company, webhook_id, now=caller.app.clock()
    )
    return DeliveryAnswer.model_validate(found)
