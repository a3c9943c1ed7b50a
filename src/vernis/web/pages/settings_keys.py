"""Keys of other programs: made, shown once, revoked."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from vernis.stages import api_keys
from vernis.web.pages.catalog import N_
from vernis.web.pages.rendering import page
from vernis.web.security import forms
from vernis.web.security.viewer import Member, Owner

router = APIRouter(
    prefix="/c/{company_id}/settings/keys",
    include_in_schema=False,
    dependencies=[Depends(forms.check)],
)
Id = Annotated[int, Path(ge=1, lt=10**18)]
Text = Annotated[str, Form(max_length=300)]
SCOPES: Mapping[str, str] = {
    "read": N_("see whom Vernis writes to and what came of it; phones half hidden, no texts"),
    "messages": N_("see phones in full and what was written and answered"),
    "write": N_("stop messages, decide on drafts, answer clients, import files"),
    "settings": N_("change the settings, the intervals of services, the webhooks"),
    "assistants": N_("give your own assistant what it needs to answer clients"),
    "admin": N_("manage keys, see who changed what, export and erase clients"),
}
assert set(SCOPES) == set(api_keys.SCOPES)
FIELD_FAULTS: Mapping[str, str] = {
    "name": N_("Say which program has it, in up to 80 letters."),
    "scopes": N_("Choose at least one."),
    "per_minute": N_("A whole number from 1 to 100,000."),
}
LONGEST_NAME = 80


@router.get("")
async def show(request: Request, viewer: Owner) -> HTMLResponse:
    return await _page(request, viewer)


@router.post("")
async def create(
    request: Request,
    viewer: Owner,
    name: Text = "",
    scopes: Annotated[list[str] | None, Form()] = None,
    per_minute: Text = "",
) -> Response:
    chosen = [scope for scope in SCOPES if scope in (scopes or ())]
    name = " ".join(name.split())
    faults = set[str]()
    if not (0 < len(name) <= LONGEST_NAME and name.isprintable()):
        faults.add("name")
    if not chosen:
        faults.add("scopes")
    is_number = per_minute.isascii() and per_minute.isdecimal() and len(per_minute) < 10
    if not is_number or not 1 <= int(per_minute) <= api_keys.MOST_A_MINUTE:
        faults.add("per_minute")
    if faults:
        typed = {"name": name, "scopes": chosen, "per_minute": per_minute}
        return await _page(request, viewer, typed=typed, faults=faults)
    _, secret = await api_keys.create(
        viewer.app.db,
        viewer.company,
        name=name,
        scopes=chosen,
        requests_per_minute=int(per_minute),
        now=viewer.now,
        who=viewer.who,
    )
    return await _page(request, viewer, secret=secret)


@router.post("/{key_id}/revoke")
async def revoke(viewer: Owner, key_id: Id) -> Response:
    await api_keys.revoke(viewer.app.db, viewer.company, key_id, now=viewer.now, who=viewer.who)
    return RedirectResponse(f"{viewer.here}/settings/keys?done=revoked", 303)


async def _page(
    request: Request,
    viewer: Member,
    *,
    typed: Mapping[str, object] | None = None,
    faults: set[str] | None = None,
    secret: str = "",
) -> HTMLResponse:
    keys = await api_keys.listed(viewer.app.db, viewer.company)
    usual = {"name": "", "scopes": ["read"], "per_minute": str(api_keys.A_MINUTE)}
    wrong = faults or ()
    return page(
        request,
        "settings/keys.html",
        viewer,
        status=422 if faults else 200,
        keys=[one for one in keys if one.revoked_at is None],
        revoked=[one for one in keys if one.revoked_at is not None],
        scopes=SCOPES,
        typed=typed or usual,
        faults={key: rule if key in wrong else "" for key, rule in FIELD_FAULTS.items()},
        secret=secret,
    )
