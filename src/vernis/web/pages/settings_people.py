"""Who of the salon may come in, and what they may do."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from vernis.errors import ConflictError, NotFoundError, VernisError
from vernis.stages import members, users
from vernis.stages.members import Role
from vernis.web.errors import Problem
from vernis.web.pages.catalog import N_
from vernis.web.pages.rendering import fault as said
from vernis.web.pages.rendering import page, say
from vernis.web.security import forms
from vernis.web.security.viewer import Member, Owner, Reader

router = APIRouter(
    prefix="/c/{company_id}/settings/people",
    include_in_schema=False,
    dependencies=[Depends(forms.check)],
)
Id = Annotated[int, Path(ge=1, lt=10**18)]
Text = Annotated[str, Form(max_length=300)]
MAY = {
    Role.OWNER: N_("everything: settings, people, keys, erasing clients"),
    Role.MANAGER: N_("approve messages, answer clients, stop messages to a client"),
    Role.VIEWER: N_("look at everything, change nothing"),
}
HERE_ALREADY = N_("This person is in the list already.")
SHUT_OUT = N_("This person may not log in any more: ask whoever set Vernis up.")


@router.get("")
async def show(request: Request, viewer: Reader) -> HTMLResponse:
    return await _page(request, viewer)


@router.post("")
async def invite(request: Request, viewer: Owner, login: Text = "", role: Text = "") -> Response:
    """Let somebody in: with a link for their first password, where they have none yet."""
    app, company, now = viewer.app, viewer.company, viewer.now
    try:
        known = users.known_login(login)
        user = await users.by_login(app.db, known)
        if user is not None and user.disabled_at is not None:
            raise ConflictError(SHUT_OUT)
        if user is not None and await members.role_of(app.db, company.company_id, user):
            raise ConflictError(HERE_ALREADY)
        if user is None:
            user = await users.create(app.db, login=known, locale=viewer.locale, now=now)
        await members.join(app.db, company, user, _role(role), who=viewer.who, now=now)
    except VernisError as error:
        return await _page(
            request, viewer, fault=said(error, viewer.locale), typed={"login": login, "role": role}
        )
    if user.password_hash is not None:
        return _done(viewer, "added")
    try:
        return await _with_link(request, viewer, user.user_id)
    except ConflictError:
        return _done(viewer, "added")  # another salon has invited them before: that link serves


@router.post("/{user_id}/role")
async def change(request: Request, viewer: Owner, user_id: Id, role: Text = "") -> Response:
    app, company = viewer.app, viewer.company
    await _require_member(viewer, user_id)
    user = await users.get(app.db, user_id)
    try:
        await members.join(app.db, company, user, _role(role), who=viewer.who, now=viewer.now)
    except ConflictError as error:
        return await _page(request, viewer, fault=said(error, viewer.locale))
    return _done(viewer, "saved")


@router.post("/{user_id}/remove")
async def remove(request: Request, viewer: Owner, user_id: Id) -> Response:
    """Out at once: each page asks anew who may see it. Who is in no other company is logged out."""
    app, company = viewer.app, viewer.company
    await _require_member(viewer, user_id)
    try:
        await members.leave(app.db, company, user_id, who=viewer.who, now=viewer.now)
    except ConflictError as error:
        return await _page(request, viewer, fault=said(error, viewer.locale))
    user = await users.get(app.db, user_id)
    if not await members.companies_of(app.db, user) and not user.opens_companies:
        await users.close_everywhere(app.db, user_id, now=viewer.now)
    if user_id == viewer.user.user_id:
        return RedirectResponse("/", 303)
    return _done(viewer, "removed")


@router.post("/{user_id}/link")
async def make_link(request: Request, viewer: Owner, user_id: Id) -> Response:
    """A link for another password, for who forgot theirs or lost the first one."""
    await _require_member(viewer, user_id)
    try:
        return await _with_link(request, viewer, user_id)
    except ConflictError as error:
        return await _page(request, viewer, fault=said(error, viewer.locale))


async def _with_link(request: Request, viewer: Member, user_id: int) -> HTMLResponse:
    app = viewer.app
    secret = await members.link(app.db, viewer.company, user_id, who=viewer.who, now=viewer.now)
    address = (app.settings.web_url or str(request.base_url)).rstrip("/")
    return await _page(request, viewer, link=f"{address}/welcome/{secret}", link_of=user_id)


async def _page(
    request: Request,
    viewer: Member,
    *,
    fault: str | None = None,
    typed: dict[str, str] | None = None,
    link: str = "",
    link_of: int | None = None,
) -> HTMLResponse:
    people = await members.listed(viewer.app.db, viewer.company)
    return page(
        request,
        "settings/people.html",
        viewer,
        status=422 if fault else 200,
        people=people,
        owners=sum(one.role is Role.OWNER for one in people),
        may=MAY,
        roles=list(Role),
        fault=say(viewer.locale, fault) if fault else None,
        typed=typed or {"login": "", "role": Role.MANAGER.value},
        link=link,
        invited=next((one for one in people if one.user_id == link_of), None),
        days=users.LINK_LASTS.days,
    )


async def _require_member(viewer: Member, user_id: int) -> None:
    known = await members.listed(viewer.app.db, viewer.company)
    if user_id not in {one.user_id for one in known}:
        raise Problem(404, "no_such_page", "There is no such page.")


def _role(text: str) -> Role:
    if text not in set(Role):
        raise NotFoundError("There is no such role.")
    return Role(text)


def _done(viewer: Member, done: str) -> RedirectResponse:
    return RedirectResponse(f"{viewer.here}/settings/people?done={done}", 303)
