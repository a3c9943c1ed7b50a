"""Clients: who they are, when they are due, and why they are written to or not."""

from typing import Annotated, Any

from fastapi import Query

from vernis.domain import Reason
from vernis.errors import ConflictError
from vernis.stages import (
    client_export,
    client_list,
    clients,
    erasure,
    explaining,
    intervals,
    opt_outs,
    planning,
)
from vernis.stages.client_list import ListedClient
from vernis.stages.explaining import Explanation
from vernis.web.keys import Caller
from vernis.web.v1 import common
from vernis.web.v1.client_models import ClientAnswer, ClientPage, ErasedAnswer, OptedOut
from vernis.web.v1.common import Admin, Id, Master, Reader, Words, Writer, shown_phone
from vernis.web.v1.paging import Cursor, Day, Limit, Page, after, cursor, number

router = common.router("clients")

SOURCE = "api"  # of an opt-out


@router.get("/clients", operation_id="clients", summary="The clients, by their ids")
async def listed(
    caller: Reader,
    q: Annotated[Words | None, Query(description="Part of a name or key; no phone.")] = None,
    reason: Annotated[Reason | None, Query(description="Of whom today's plan says so.")] = None,
    due_before: Annotated[Day | None, Query()] = None,
    opted_out: bool | None = None,
    limit: Limit = 50,
    cursor_: Annotated[Cursor, Query(alias="cursor")] = None,
) -> Page[ClientAnswer]:
    """With `reason` or `opted_out` a page may be shorter than its limit, or empty, and still have a
    `next`: each page looks at 5,000 clients at most."""
    begin, now = after("clients", cursor_, number), caller.app.clock()
    await intervals.refresh(caller.app.db, caller.company, on=caller.today, now=now)
    found = await client_list.listed(
        caller.app.db,
        caller.company,
        on=caller.today,
        now=now,
        hash_phone=caller.app.hash_phone,
        text=q,
        reason=reason,
        opted_out=opted_out,
        due_before=due_before,
        after=begin[0] if begin else 0,
        most=limit,
    )
    return Page(
        items=[ClientAnswer(**_shown(caller, client)) for client in found.clients],
        next=cursor("clients", [found.after]) if found.after is not None else None,
    )


@router.get("/clients/{client_id}", operation_id="client", summary="One client")
async def one(caller: Reader, client_id: Id) -> ClientPage:
    """The estimate, its windows and evidence, consent, and why they are written to today or not."""
    app, of, on, now = caller.app, caller.company, caller.today, caller.app.clock()
    await intervals.refresh(app.db, of, on=on, now=now)
    found = await client_list.one(app.db, of, client_id, on=on, now=now, hash_phone=app.hash_phone)
    verdict = await planning.verdict(
        app.db, of, client_id, on=on, now=now, hash_phone=app.hash_phone
    )
    known = await explaining.explain(
        app.db, of, client=client_id, on=on, now=now, today=verdict, hash_phone=app.hash_phone
    )
    return ClientPage.model_validate(_shown(caller, found) | _known(known), from_attributes=True)


@router.post("/clients/{client_id}/opt-out", operation_id="optOut", summary="Never write again")
async def opt_out(caller: Writer, client_id: Id) -> OptedOut:
    """Stops the client's number, whoever shares it; what waits to leave is cancelled."""
    app, of = caller.app, caller.company
    phone = await _phone(caller, client_id)
    added = await opt_outs.add(
        app.db,
        of,
        [phone],
        source=SOURCE,
        now=app.clock(),
        hash_phone=app.hash_phone,
        who=caller.who,
        about=f"client {client_id}",
    )
    return OptedOut(client_id=client_id, opted_out=True, changed=bool(added.new))


@router.post("/clients/{client_id}/opt-in", operation_id="optIn", summary="Write again")
async def opt_in(caller: Writer, client_id: Id) -> OptedOut:
    """Takes a stop back: only where the client has asked for it."""
    app, of = caller.app, caller.company
    changed = await opt_outs.remove(
        app.db,
        of,
        await _phone(caller, client_id),
        now=app.clock(),
        hash_phone=app.hash_phone,
        who=caller.who,
        about=f"client {client_id}",
    )
    return OptedOut(client_id=client_id, opted_out=False, changed=changed)


@router.get(
    "/clients/{client_id}/export", operation_id="exportClient", summary="All that is held of one"
)
async def export(caller: Admin, client_id: Id) -> dict[str, Any]:
    """For a client who asks for their data: unmasked, texts and all."""
    app = caller.app
    return await client_export.exported(
        app.db, caller.company, client_id, hash_phone=app.hash_phone, now=app.clock()
    )


@router.delete("/clients/{client_id}", operation_id="eraseClient", summary="Erase a client")
async def erase(caller: Master, client_id: Id) -> ErasedAnswer:
    """Name, phone and texts go everywhere, for good; visits stay as nobody's. The number's keyed
    hash stays: it is never written to again."""
    app = caller.app
    done = await erasure.erase(
        app.db,
        caller.company,
        client_id,
        store=app.store,
        hash_phone=app.hash_phone,
        now=app.clock(),
        home=app.settings.home,
        who=caller.who,
    )
    return ErasedAnswer.model_validate(done)


async def _phone(caller: Caller, client_id: int) -> str:
    found = await clients.contact(caller.app.db, caller.company, client_id)
    if found.phone is None:
        raise ConflictError(f"Client {client_id} has no phone: nothing is sent to them anyway.")
    return found.phone


def _shown(caller: Caller, client: ListedClient) -> dict[str, Any]:
    names = [name for name in ClientAnswer.model_fields if name != "phone"]
    known = {name: getattr(client, name) for name in names}
    return known | {"phone": shown_phone(caller, client.phone)}


def _known(found: Explanation) -> dict[str, Any]:
    return {
        "consent_source": found.client.consent_source,
        "consent_on": found.client.consent_on,
        "opted_out_at": found.client.opted_out_at,
        "first_visit_on": found.visits.first_on,
        "rhythm": found.expected,
        "services": [
            {
                "service_id": line.service_id,
                "title": line.title,
                "last_on": line.last_on,
                "interval_days": line.interval.days,
                "interval_source": line.interval.source,
            }
            for line in found.lines
        ],
        "today": found.today,
    }
