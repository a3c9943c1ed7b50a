"""Webhooks: which programs are told what, and what they were told."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from vernis.errors import ConflictError, UsageError
from vernis.stages import outgoing_deliveries, outgoing_events, outgoing_webhooks
from vernis.web.pages.catalog import N_
from vernis.web.pages.rendering import page, say
from vernis.web.security import forms
from vernis.web.security.viewer import Member, Owner

router = APIRouter(
    prefix="/c/{company_id}/settings/webhooks",
    include_in_schema=False,
    dependencies=[Depends(forms.check)],
)
Id = Annotated[int, Path(ge=1, lt=10**18)]
Text = Annotated[str, Form(max_length=3000)]
Chosen = Annotated[list[str] | None, Form()]
LONGEST = 2000
SHOWN = 20
EVENTS: Mapping[str, str] = {
    outgoing_events.REPLY_RECEIVED: N_("a client answered"),
    outgoing_events.BOOKING_CREATED: N_("a booking was made"),
    outgoing_events.HANDOVER_NEEDED: N_("a person has to answer"),
    outgoing_events.ACCOUNT_PAUSED: N_("a number rests"),
    outgoing_events.PING: N_("a test"),
}
RESTS: Mapping[str, str] = {
    outgoing_webhooks.BY_HAND: N_("paused by hand"),
    outgoing_webhooks.GONE: N_("the other program said that the address is gone"),
    outgoing_webhooks.FAILING: N_("the other program has not answered for three days"),
}
TOLD: Mapping[str, str] = {
    "waiting": N_("waits"),
    "delivered": N_("told"),
    "failed": N_("could not be told"),
}
FIELD_FAULTS: Mapping[str, str] = {
    "url": N_("An address on the open internet that begins with https://, without a password."),
    "events": N_("Choose at least one."),
}
ENOUGH = N_("There are 20 webhooks already: remove one first.")
RESTING = N_("It is paused: resume it first.")


@router.get("")
async def show(request: Request, viewer: Owner) -> HTMLResponse:
    return await _page(request, viewer)


@router.post("")
async def create(
    request: Request, viewer: Owner, url: Text = "", events: Chosen = None
) -> Response:
    app, url = viewer.app, url.strip()
    chosen = _known(events)
    faults = await _faults(viewer, url, chosen)
    fault = None
    if not faults:
        try:
            webhook, secret = await outgoing_webhooks.create(
                app.db, viewer.company, url=url, events=chosen, sealer=app.sealer,
                sender=app.webhook_sender, now=viewer.now, who=viewer.who,
            )  # fmt: skip
        except ConflictError:
            fault = ENOUGH
        else:
            return await _one(request, viewer, webhook.webhook_id, secret=secret)
    return await _page(request, viewer, url=url, events=chosen, faults=faults, fault=fault)


@router.get("/{webhook_id}")
async def one(
    request: Request,
    viewer: Owner,
    webhook_id: Id,
    before: Annotated[int | None, Query(ge=1, lt=10**18)] = None,
) -> HTMLResponse:
    return await _one(request, viewer, webhook_id, before=before)


@router.post("/{webhook_id}")
async def change(
    request: Request, viewer: Owner, webhook_id: Id, url: Text = "", events: Chosen = None
) -> Response:
    app, url = viewer.app, url.strip()
    chosen = _known(events)
    faults = await _faults(viewer, url, chosen)
    if faults:
        return await _one(request, viewer, webhook_id, url=url, events=chosen, faults=faults)
    await outgoing_webhooks.change(
        app.db, viewer.company, webhook_id, sender=app.webhook_sender, now=viewer.now, url=url,
        events=chosen, who=viewer.who,
    )  # fmt: skip
    return _to(viewer, webhook_id, "saved")


@router.post("/{webhook_id}/pause")
async def pause(viewer: Owner, webhook_id: Id) -> Response:
    return await _paused(viewer, webhook_id, paused=True)


@router.post("/{webhook_id}/resume")
async def resume(viewer: Owner, webhook_id: Id) -> Response:
    return await _paused(viewer, webhook_id, paused=False)


async def _paused(viewer: Member, webhook_id: int, *, paused: bool) -> Response:
    app = viewer.app
    await outgoing_webhooks.change(
        app.db, viewer.company, webhook_id, sender=app.webhook_sender, now=viewer.now,
        paused=paused, who=viewer.who,
    )  # fmt: skip
    return _to(viewer, webhook_id, "paused" if paused else "resumed")


@router.post("/{webhook_id}/ping")
async def ping(request: Request, viewer: Owner, webhook_id: Id) -> Response:
    try:
        await outgoing_deliveries.ping(viewer.app.db, viewer.company, webhook_id, now=viewer.now)
    except ConflictError:
        return await _one(request, viewer, webhook_id, fault=RESTING)
    return _to(viewer, webhook_id, "pinged")


@router.post("/{webhook_id}/rotate")
async def rotate(request: Request, viewer: Owner, webhook_id: Id) -> Response:
    """Another secret; for a day the old one is used beside it."""
    app = viewer.app
    secret = await outgoing_webhooks.rotate_secret(
        app.db, viewer.company, webhook_id, sealer=app.sealer, now=viewer.now, who=viewer.who
    )
    return await _one(request, viewer, webhook_id, secret=secret)


@router.post("/{webhook_id}/remove")
async def remove(viewer: Owner, webhook_id: Id) -> Response:
    await outgoing_webhooks.remove(viewer.app.db, viewer.company, webhook_id, who=viewer.who)
    return RedirectResponse(f"{viewer.here}/settings/webhooks?done=removed", 303)


@router.post("/{webhook_id}/deliveries/{delivery_id}")
async def redeliver(request: Request, viewer: Owner, webhook_id: Id, delivery_id: Id) -> Response:
    """Tell it once more."""
    try:
        await outgoing_deliveries.redeliver(
            viewer.app.db, viewer.company, delivery_id, now=viewer.now
        )
    except ConflictError:
        return await _one(request, viewer, webhook_id, fault=RESTING)
    return _to(viewer, webhook_id, "redelivered")


async def _faults(viewer: Member, url: str, chosen: list[str]) -> dict[str, str]:
    faults = {} if chosen else {"events": FIELD_FAULTS["events"]}
    try:
        if not 8 <= len(url) <= LONGEST or not url.isprintable():
            raise UsageError("It is no address.")
        await viewer.app.webhook_sender.check(url)
    except UsageError:
        faults["url"] = FIELD_FAULTS["url"]
    return faults


async def _page(
    request: Request,
    viewer: Member,
    *,
    url: str = "",
    events: list[str] | None = None,
    faults: Mapping[str, str] | None = None,
    fault: str | None = None,
) -> HTMLResponse:
    return page(
        request,
        "settings/webhooks.html",
        viewer,
        status=422 if faults or fault else 200,
        webhooks=await outgoing_webhooks.listed(viewer.app.db, viewer.company),
        url=url,
        events=EVENTS,
        asked=outgoing_events.EVENTS,
        chosen=outgoing_events.EVENTS if events is None else events,
        rests=RESTS,
        faults=faults or {},
        fault=say(viewer.locale, fault) if fault else None,
    )


async def _one(
    request: Request,
    viewer: Member,
    webhook_id: int,
    *,
    url: str | None = None,
    events: list[str] | None = None,
    faults: Mapping[str, str] | None = None,
    fault: str | None = None,
    secret: str = "",
    before: int | None = None,
) -> HTMLResponse:
    db, company = viewer.app.db, viewer.company
    webhook = await outgoing_webhooks.get(db, company, webhook_id)
    rows = await outgoing_deliveries.listed(
        db, company, webhook_id=webhook_id, before=before, most=SHOWN + 1
    )
    at = f"{viewer.here}/settings/webhooks/{webhook_id}"
    return page(
        request,
        "settings/webhook.html",
        viewer,
        status=422 if faults else 409 if fault else 200,
        webhook=webhook,
        deliveries=rows[:SHOWN],
        older=f"{at}?before={rows[SHOWN - 1].delivery_id}" if len(rows) > SHOWN else None,
        at=at,
        url=webhook.url if url is None else url,
        events=EVENTS,
        asked=outgoing_events.EVENTS,
        chosen=webhook.events if events is None else events,
        rests=RESTS,
        told=TOLD,
        faults=faults or {},
        fault=say(viewer.locale, fault) if fault else None,
        secret=secret,
    )


def _known(events: list[str] | None) -> list[str]:
    return [event for event in outgoing_events.EVENTS if event in (events or ())]


def _to(viewer: Member, webhook_id: int, done: str) -> RedirectResponse:
    return RedirectResponse(f"{viewer.here}/settings/webhooks/{webhook_id}?done={done}", 303)
