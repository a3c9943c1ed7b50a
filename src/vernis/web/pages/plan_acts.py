"""What a person decides in the plan: approve, edit, not this time, never."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from vernis.errors import NotFoundError, UsageError, VernisError
from vernis.stages import clients, drafts, opt_outs, plan_list, planning, samples
from vernis.stages.plan_list import Planned
from vernis.web.errors import Problem
from vernis.web.pages import plan_rows, plan_words
from vernis.web.pages.plan import with_drafts
from vernis.web.pages.rendering import page, say
from vernis.web.security import forms
from vernis.web.security.viewer import Manager, Member, Reader

router = APIRouter(
    prefix="/c/{company_id}/plan", include_in_schema=False, dependencies=[Depends(forms.check)]
)

Id = Annotated[int, Path(ge=1, lt=10**18)]
Text = Annotated[str, Form(max_length=20_000)]
SOURCE = "staff"  # of an opt-out


@router.post("/approve")
async def approve_all(
    viewer: Manager, upto: Annotated[int, Form(ge=0, lt=10**18)]
) -> RedirectResponse:
    """Those that were on the page and fail no check; the others are approved one by one."""
    app, company, now = viewer.app, viewer.company, viewer.now
    waiting = await drafts.waiting(app.db, company, now=now)
    ids = [draft.id for draft in waiting if draft.id <= upto and not draft.problems]
    try:
        await drafts.approve(app.db, company, ids, now=now, who=viewer.who)
    except NotFoundError:
        raise Problem(409, "decided", plan_words.FAULTS["decided"]) from None
    return RedirectResponse(f"{viewer.here}/plan?done=approved", 303)


# --- a client before the plan is made ------------------------------------------------------------


@router.get("/clients/{client_id}/message")
async def message(request: Request, viewer: Reader, client_id: Id) -> HTMLResponse:
    """What would be written to a client; only when somebody asks, since writing may cost."""
    app, company = viewer.app, viewer.company
    day = _today(viewer)
    try:
        (found,) = await samples.sample(
            app.db, company, app.writer, [client_id], crm=app.crm, on=day, now=viewer.now
        )
    except (NotFoundError, ValueError):
        raise Problem(404, "no_such_page", "There is no such page.") from None
    known = await plan_list.clients(app.db, company, [client_id], on=day)
    if not known:
        raise Problem(404, "no_such_page", "There is no such page.")
    is_part = "hx-request" in request.headers
    template = "plan/message_part.html" if is_part else "plan/message.html"
    row = plan_rows.Row(client=known[0], reason="")
    return page(request, template, viewer, **plan_words.SAID, sample=found, row=row)


@router.get("/clients/{client_id}/stop")
async def ask_client(request: Request, viewer: Manager, client_id: Id) -> HTMLResponse:
    return await _client_stopping(request, viewer, client_id)


@router.post("/clients/{client_id}/skip")
async def skip_client(
    request: Request, viewer: Manager, client_id: Id, because: Text = ""
) -> Response:
    app, company = viewer.app, viewer.company
    if not because.strip():
        return await _client_stopping(request, viewer, client_id, fault="why")
    done = await planning.set_aside(
        app.db, company, client_id, _clean(because)[:500], on=_today(viewer), now=viewer.now,
        hash_phone=app.hash_phone, who=viewer.who,
    )  # fmt: skip
    if not done:
        return await _client_stopping(request, viewer, client_id, fault="nobody")
    return await _client_gone(request, viewer, client_id, "skipped")


@router.post("/clients/{client_id}/never")
async def never_client(request: Request, viewer: Manager, client_id: Id) -> Response:
    try:
        found = await clients.contact(viewer.app.db, viewer.company, client_id)
    except NotFoundError:
        raise Problem(404, "no_such_page", "There is no such page.") from None
    if found.phone is None:
        raise Problem(409, "no_phone", plan_words.FAULTS["nobody"])
    await _never(viewer, client_id, found.phone)
    return await _client_gone(request, viewer, client_id, "opted_out")


async def _client_stopping(
    request: Request, viewer: Member, client_id: int, *, fault: str = ""
) -> HTMLResponse:
    found = await plan_list.clients(viewer.app.db, viewer.company, [client_id], on=_today(viewer))
    if not found:
        raise Problem(404, "no_such_page", "There is no such page.")
    return _stop_form(
        request,
        viewer,
        plan_rows.Row(client=found[0], reason=""),
        f"{viewer.here}/plan/clients/{client_id}",
        fault,
    )


async def _client_gone(request: Request, viewer: Member, client_id: int, done: str) -> Response:
    if "hx-request" not in request.headers:
        return RedirectResponse(f"{viewer.here}/plan?done={done}", 303)
    (client,) = await plan_list.clients(
        viewer.app.db, viewer.company, [client_id], on=_today(viewer)
    )
    row = plan_rows.Row(client=client, reason="")
    return page(request, "plan/gone_part.html", viewer, **plan_words.SAID, row=row, what=done)


# --- a message of the plan -----------------------------------------------------------------------


@router.get("/{reactivation_id}")
async def one(request: Request, viewer: Reader, reactivation_id: Id) -> Response:
    """One of the plan's rows, as before somebody began to change it."""
    on, found = await _found(viewer, reactivation_id)
    if "hx-request" not in request.headers:
        return _back(viewer, on, reactivation_id)
    return await _row(request, viewer, found)


@router.post("/{reactivation_id}/approve")
async def approve(request: Request, viewer: Manager, reactivation_id: Id) -> Response:
    on, _ = await _found(viewer, reactivation_id)
    try:
        await drafts.approve(
            viewer.app.db, viewer.company, [reactivation_id], now=viewer.now, who=viewer.who
        )
    except NotFoundError:
        return await _decided(request, viewer, reactivation_id)
    return await _done(request, viewer, on, reactivation_id, "approved")


@router.post("/{reactivation_id}/hold")
async def hold(request: Request, viewer: Manager, reactivation_id: Id) -> Response:
    """Take an approval back, or stop what nobody had to approve: it becomes a draft."""
    on, _ = await _found(viewer, reactivation_id)
    try:
        await drafts.hold(
            viewer.app.db, viewer.company, reactivation_id, now=viewer.now, who=viewer.who
        )
    except NotFoundError:
        return await _decided(request, viewer, reactivation_id)
    return await _done(request, viewer, on, reactivation_id, "held")


@router.get("/{reactivation_id}/edit")
async def ask_edit(request: Request, viewer: Manager, reactivation_id: Id) -> Response:
    return await _editing(request, viewer, reactivation_id)


@router.post("/{reactivation_id}/check")
async def check(
    request: Request, viewer: Manager, reactivation_id: Id, text: Text = ""
) -> Response:
    """What the checks say of a text while it is typed; nothing is stored."""
    await _found(viewer, reactivation_id)
    try:
        draft = await drafts.check(
            viewer.app.db, viewer.company, reactivation_id, _clean(text), now=viewer.now
        )
    except NotFoundError:
        raise Problem(409, "decided", plan_words.FAULTS["decided"]) from None
    return page(request, "plan/checked_part.html", viewer, **plan_words.SAID, draft=draft)


@router.post("/{reactivation_id}/edit")
async def edit(request: Request, viewer: Manager, reactivation_id: Id, text: Text = "") -> Response:
    """The text is kept whatever the checks say; where they say something it is shown once more."""
    on, _ = await _found(viewer, reactivation_id)
    try:
        draft = await drafts.edit(
            viewer.app.db, viewer.company, reactivation_id, _clean(text), now=viewer.now,
            who=viewer.who,
        )  # fmt: skip
    except UsageError:
        return await _editing(request, viewer, reactivation_id, typed=text, fault="empty")
    except NotFoundError:
        return await _decided(request, viewer, reactivation_id)
    if draft.problems and "hx-request" not in request.headers:
        return RedirectResponse(f"{viewer.here}/plan/{reactivation_id}/edit?done=edited", 303)
    return await _done(request, viewer, on, reactivation_id, "edited")


@router.post("/{reactivation_id}/undo")
async def undo(request: Request, viewer: Manager, reactivation_id: Id) -> Response:
    """Back to the text that was written first."""
    on, found = await _found(viewer, reactivation_id)
    try:
        await drafts.edit(
            viewer.app.db, viewer.company, reactivation_id, found.generated or found.text or "",
            now=viewer.now, who=viewer.who,
        )  # fmt: skip
    except VernisError:
        return await _decided(request, viewer, reactivation_id)
    return await _done(request, viewer, on, reactivation_id, "edited")


@router.get("/{reactivation_id}/stop")
async def ask_stop(request: Request, viewer: Manager, reactivation_id: Id) -> Response:
    """Not this time, or never: what each means, before it is done."""
    return await _stopping(request, viewer, reactivation_id)


@router.post("/{reactivation_id}/skip")
async def skip(
    request: Request, viewer: Manager, reactivation_id: Id, because: Text = ""
) -> Response:
    on, _ = await _found(viewer, reactivation_id)
    try:
        await drafts.skip(
            viewer.app.db, viewer.company, reactivation_id, _clean(because)[:500], now=viewer.now,
            who=viewer.who,
        )  # fmt: skip
    except UsageError:
        return await _stopping(request, viewer, reactivation_id, fault="why")
    except NotFoundError:
        return await _decided(request, viewer, reactivation_id)
    return await _done(request, viewer, on, reactivation_id, "skipped")


@router.post("/{reactivation_id}/never")
async def never(request: Request, viewer: Manager, reactivation_id: Id) -> Response:
    on, found = await _found(viewer, reactivation_id)
    _, phone = await plan_list.phone_of(viewer.app.db, viewer.company, reactivation_id)
    await _never(viewer, found.client_id, phone)
    return await _done(request, viewer, on, reactivation_id, "opted_out")


# --- answers -------------------------------------------------------------------------------------


async def _found(viewer: Member, id_: int) -> tuple[date, Planned]:
    try:
        return await plan_list.one(viewer.app.db, viewer.company, id_, now=viewer.now)
    except NotFoundError:
        raise Problem(404, "no_such_page", "There is no such page.") from None


async def _never(viewer: Member, client_id: int, phone: str) -> None:
    await opt_outs.add(
        viewer.app.db, viewer.company, [phone], source=SOURCE, now=viewer.now,
        hash_phone=viewer.app.hash_phone, who=viewer.who, about=f"client {client_id}",
    )  # fmt: skip


async def _done(request: Request, viewer: Member, on: date, id_: int, done: str) -> Response:
    """The row as it is now, or the plan with a sentence."""
    if "hx-request" not in request.headers:
        return _back(viewer, on, id_, done)
    _, found = await _found(viewer, id_)
    return await _row(request, viewer, found, what=done)


async def _row(
    request: Request, viewer: Member, found: Planned, *, what: str = "", fault: str = ""
) -> HTMLResponse:
    (row,) = await with_drafts(viewer, [found])
    of_day = await plan_list.numbers(
        viewer.app.db, viewer.company, on=_today(viewer), now=viewer.now
    )
    return page(
        request,
        "plan/row_part.html",
        viewer,
        **plan_words.SAID,
        status=409 if fault else 200,
        row=row,
        what=what,
        fault=say(viewer.locale, plan_words.FAULTS[fault]) if fault else "",
        numbers=of_day,
    )


async def _decided(request: Request, viewer: Member, id_: int) -> Response:
    """Somebody was quicker, or the hours are over."""
    if "hx-request" not in request.headers:
        raise Problem(409, "decided", plan_words.FAULTS["decided"])
    _, found = await _found(viewer, id_)
    return await _row(request, viewer, found, fault="decided")


async def _editing(
    request: Request, viewer: Member, id_: int, *, typed: str | None = None, fault: str = ""
) -> Response:
    _, found = await _found(viewer, id_)
    try:
        draft = await drafts.one(viewer.app.db, viewer.company, id_, now=viewer.now)
    except NotFoundError:
        return await _decided(request, viewer, id_)
    is_part = "hx-request" in request.headers
    return page(
        request,
        "plan/edit_part.html" if is_part else "plan/edit.html",
        viewer,
        **plan_words.SAID,
        status=422 if fault else 200,
        row=plan_rows.Row(client=found, reason=found.reason, planned=found, draft=draft),
        draft=draft,
        typed=draft.text if typed is None else typed,
        fault=say(viewer.locale, plan_words.FAULTS[fault]) if fault else "",
    )


async def _stopping(request: Request, viewer: Member, id_: int, *, fault: str = "") -> Response:
    _, found = await _found(viewer, id_)
    if not found.can_stop:
        return await _decided(request, viewer, id_)
    row = plan_rows.Row(client=found, reason=found.reason, planned=found)
    return _stop_form(request, viewer, row, f"{viewer.here}/plan/{id_}", fault)


def _stop_form(
    request: Request, viewer: Member, row: plan_rows.Row, at: str, fault: str
) -> HTMLResponse:
    is_part = "hx-request" in request.headers
    return page(
        request,
        "plan/stop_part.html" if is_part else "plan/stop.html",
        viewer,
        **plan_words.SAID,
        status=422 if fault else 200,
        row=row,
        at=at,
        excuses=plan_words.EXCUSES,
        fault=say(viewer.locale, plan_words.FAULTS[fault]) if fault else "",
    )


def _back(viewer: Member, on: date, id_: int, done: str = "") -> RedirectResponse:
    asked = [f"on={on}"] if on != _today(viewer) else []
    asked += [f"done={done}"] if done else []
    query = f"?{'&'.join(asked)}" if asked else ""
    return RedirectResponse(f"{viewer.here}/plan{query}#r{id_}", 303)


def _today(viewer: Member) -> date:
    return viewer.now.astimezone(viewer.company.zone).date()


def _clean(text: str) -> str:
    """As it can be stored, with the line breaks of a message."""
    return text.replace("\0", "").replace("\r\n", "\n").strip()
