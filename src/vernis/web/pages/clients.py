"""Clients: a list to look somebody up in, a page for each, and what may be done for them."""

import json
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Path, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from vernis.decide.consent import Kind, evidence
from vernis.decide.writing.names import say_name
from vernis.domain import Reason
from vernis.errors import ConflictError, NotFoundError, UnavailableError
from vernis.stages import (
    auditing,
    client_consent,
    client_export,
    client_history,
    client_list,
    erasure,
    explaining,
    intervals,
    opt_outs,
    planning,
)
from vernis.stages.client_list import ListedClient, Order
from vernis.stages.members import Role
from vernis.web.errors import Problem
from vernis.web.pages import client_rhythm, client_words
from vernis.web.pages.rendering import page, say
from vernis.web.security import forms
from vernis.web.security.viewer import Manager, Member, Owner, Reader

router = APIRouter(
    prefix="/c/{company_id}/clients", include_in_schema=False, dependencies=[Depends(forms.check)]
)

PAGE = 30
SAID = 4  # messages of the dialog on a client's page, the newest
SOURCE = "staff"  # of an opt-out

Id = Annotated[int, Path(ge=1, lt=10**18)]
Place = Annotated[int, Query(ge=-10_000_000, le=10_000_000)]


@router.get("")
async def listed(
    request: Request,
    viewer: Reader,
    q: Annotated[str, Query(max_length=100)] = "",
    reason: Annotated[str, Query(max_length=40)] = "",
    by: Annotated[str, Query(max_length=10)] = "",
    place: Place = client_list.START[0],
    after: Annotated[int, Query(ge=0, lt=10**18)] = 0,
) -> HTMLResponse:
    """By a part of the name, key or phone, by what today's plan says.

    Who may only look finds nobody by the phone either.
    """
    if (reason and reason not in client_words.REASONS) or (by and by not in set(Order)):
        raise Problem(404, "no_such_page", "There is no such page.")
    app, company, on = viewer.app, viewer.company, _today(viewer)
    await intervals.refresh(app.db, company, on=on, now=viewer.now)
    found = await client_list.searched(
        app.db,
        company,
        on=on,
        now=viewer.now,
        hash_phone=app.hash_phone,
        text=q.replace("\0", ""),
        by_phone=viewer.may("manager"),
        reason=Reason(reason) if reason else None,
        order=Order(by) if by else Order.LAST,
        after=(place, after),
        most=PAGE,
    )
    return page(
        request,
        "clients/list.html",
        viewer,
        clients=found.clients,
        further=found.after,
        number=await client_list.number(app.db, company),
        q=q,
        reason=reason,
        by=by or Order.LAST.value,
        reasons=client_words.REASONS,
        is_first=(place, after) == client_list.START,
        shown=_phone_of(viewer),
    )


@router.get("/{client_id}")
async def one(request: Request, viewer: Reader, client_id: Id) -> HTMLResponse:
    app, company, now, on = viewer.app, viewer.company, viewer.now, _today(viewer)
    await intervals.refresh(app.db, company, on=on, now=now)
    client = await _client(viewer, client_id)
    verdict = await planning.verdict(
        app.db, company, client_id, on=on, now=now, hash_phone=app.hash_phone
    )
    known = await explaining.explain(
        app.db, company, client=client_id, on=on, now=now, hash_phone=app.hash_phone
    )
    history = await client_history.of_client(app.db, company, client_id, phone=client.phone, on=on)
    expected = known.expected
    rhythm = client_rhythm.drawn(
        history.visits,
        today=on,
        opens=expected.opens_on if expected else None,
        due=expected.due_on if expected else None,
        closes=expected.closes_on if expected else None,
    )
    relied_on = evidence(
        company,
        consent=known.client.consent,
        consent_source=known.client.consent_source,
        consent_on=known.client.consent_on,
        last_visit_on=known.visits.last_on,
        on=on,
    )
    sent = {one.text for one in known.attempts}  # they are shown already
    return page(
        request,
        "clients/one.html",
        viewer,
        client=client,
        known=known,
        verdict=verdict,
        passed=client_words.passed(verdict.reason),
        history=history,
        rhythm=rhythm,
        said_as=say_name(client.name, company.address, company.locale),
        said=[one for one in known.said if one.text not in sent][-SAID:],
        relied_on=relied_on,
        by_basis=relied_on is not None and relied_on.kind is Kind.BASIS,
        by_law=relied_on is not None and relied_on.kind is Kind.SOFT_OPT_IN,
        answers=client_words.ANSWERS,
        consents=client_words.CONSENT,
        sources=client_words.SOURCES,
        shown=_phone_of(viewer),
    )


# --- what may be done ----------------------------------------------------------------------------


@router.get("/{client_id}/opt-out")
async def ask_opt_out(request: Request, viewer: Manager, client_id: Id) -> HTMLResponse:
    return await _asked(request, viewer, client_id, "clients/opt_out.html")


@router.post("/{client_id}/opt-out")
async def opt_out(request: Request, viewer: Manager, client_id: Id) -> Response:
    """Stop the client's number, whoever shares it; what waits to leave is cancelled."""
    client = await _client(viewer, client_id)
    if client.phone is None:
        return await _asked(request, viewer, client_id, "clients/opt_out.html", fault="no_phone")
    await opt_outs.add(
        viewer.app.db,
        viewer.company,
        [client.phone],
        source=SOURCE,
        now=viewer.now,
        hash_phone=viewer.app.hash_phone,
        who=viewer.who,
        about=f"client {client_id}",
    )
    return _to(viewer, f"/{client_id}?done=opted_out")


@router.get("/{client_id}/opt-in")
async def ask_opt_in(request: Request, viewer: Manager, client_id: Id) -> HTMLResponse:
    return await _asked(request, viewer, client_id, "clients/opt_in.html", how="", since="")


@router.post("/{client_id}/opt-in")
async def opt_in(
    request: Request,
    viewer: Manager,
    client_id: Id,
    how: Annotated[str, Form(max_length=2_000)] = "",
    since: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """A stop is taken back only for a consent that is noted."""
    day, how = _day(since), how.replace("\0", "").strip()
    fault = None
    if not how or len(how) > client_consent.LONGEST:
        fault = "how"
    elif day is None or day > _today(viewer):
        fault = "since"
    elif (await _client(viewer, client_id)).phone is None:
        fault = "no_phone"
    if fault is not None or day is None:
        return await _asked(
            request, viewer, client_id, "clients/opt_in.html", fault=fault, how=how, since=since
        )
    await client_consent.agree_again(
        viewer.app.db,
        viewer.company,
        client_id,
        source=how,
        since=day,
        who=viewer.who,
        now=viewer.now,
        hash_phone=viewer.app.hash_phone,
    )
    return _to(viewer, f"/{client_id}?done=opted_in")


@router.post("/{client_id}/export")
async def export(viewer: Owner, client_id: Id) -> Response:
    """All that is held of a client, as a file for somebody who asks for their data."""
    found = await client_export.exported(
        viewer.app.db, viewer.company, client_id, hash_phone=viewer.app.hash_phone, now=viewer.now
    )
    async with viewer.app.db.tenant(viewer.company.company_id) as connection:
        await auditing.note(
            connection,
            viewer.company,
            who=viewer.who,
            action="client.exported",
            subject=f"client {client_id}",
            now=viewer.now,
        )
    name = f"client-{client_id}.json"
    return Response(
        json.dumps(found, ensure_ascii=False, indent=2),
        media_type="application/json",
        headers={
            "content-disposition": f'attachment; filename="{name}"',
            "cache-control": "no-store",
        },
    )


@router.get("/{client_id}/erase")
async def ask_erase(request: Request, viewer: Owner, client_id: Id) -> HTMLResponse:
    return await _erasing(request, viewer, client_id)


@router.post("/{client_id}/erase")
async def erase(
    request: Request,
    viewer: Owner,
    client_id: Id,
    sure: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    if sure != "yes":
        return await _erasing(request, viewer, client_id, fault="sure")
    app = viewer.app
    try:
        await erasure.erase(
            app.db,
            viewer.company,
            client_id,
            store=app.store,
            hash_phone=app.hash_phone,
            now=viewer.now,
            home=app.settings.home,
            who=viewer.who,
        )
    except ConflictError:
        return await _erasing(request, viewer, client_id, fault="under_way", status=409)
    except UnavailableError:
        raise Problem(
            503, "unavailable", "A server does not answer: try again in a minute."
        ) from None
    return _to(viewer, "?done=erased")


async def _erasing(
    request: Request, viewer: Member, client_id: int, *, fault: str = "", status: int = 422
) -> HTMLResponse:
    client = await _client(viewer, client_id)
    history = await client_history.of_client(
        viewer.app.db, viewer.company, client_id, phone=client.phone, on=_today(viewer)
    )
    return page(
        request,
        "clients/erase.html",
        viewer,
        status=status if fault else 200,
        client=client,
        history=history,
        crm=client_words.CRMS.get(history.crm, history.crm) if history.crm else None,
        fault=say(viewer.locale, client_words.FAULTS[fault]) if fault else "",
    )


async def _asked(
    request: Request,
    viewer: Member,
    client_id: int,
    template: str,
    *,
    fault: str | None = None,
    **values: Any,
) -> HTMLResponse:
    return page(
        request,
        template,
        viewer,
        status=422 if fault else 200,
        client=await _client(viewer, client_id),
        fault=say(viewer.locale, client_words.FAULTS[fault]) if fault else "",
        at_fault=fault or "",
        **values,
    )


async def _client(viewer: Member, client_id: int) -> ListedClient:
    """One who is there, with the phone: what is shown of it is up to `_phone_of`."""
    app = viewer.app
    try:
        return await client_list.one(
            app.db,
            viewer.company,
            client_id,
            on=_today(viewer),
            now=viewer.now,
            hash_phone=app.hash_phone,
        )
    except NotFoundError:
        raise Problem(404, "no_such_page", "There is no such page.") from None


def _phone_of(viewer: Member) -> Any:
    """How this viewer sees phones: whole, or enough to recognise one by."""
    from vernis.web.pages.said import phone

    return phone if viewer.role.includes(Role.MANAGER) else explaining.masked


def _day(text: str) -> date | None:
    try:
        return datetime.strptime(text.strip(), "%Y-%m-%d").date()  # noqa: DTZ007
    except ValueError:
        return None


def _today(viewer: Member) -> date:
    return viewer.now.astimezone(viewer.company.zone).date()


def _to(viewer: Member, place: str) -> RedirectResponse:
    return RedirectResponse(f"{viewer.here}/clients{place}", status_code=303)
