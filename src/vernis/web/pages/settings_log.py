"""Who changed what, and what happened to the numbers: logs, newest first."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from vernis.stages import accounts, api_keys, auditing, members, notices
from vernis.web.pages import audit_words, notice_words
from vernis.web.pages.rendering import page
from vernis.web.security import forms
from vernis.web.security.viewer import Manager, Owner, Reader

router = APIRouter(
    prefix="/c/{company_id}/settings", include_in_schema=False, dependencies=[Depends(forms.check)]
)
SHOWN = 50


@router.get("/audit")
async def audit(
    request: Request,
    viewer: Owner,
    before: Annotated[int | None, Query(ge=1, lt=10**18)] = None,
    about: Annotated[str, Query(max_length=40)] = "",
) -> HTMLResponse:
    db, company = viewer.app.db, viewer.company
    noun = about if about in audit_words.NOUNS else None
    rows = await auditing.listed(db, company, before=before, noun=noun, most=SHOWN + 1)
    known = audit_words.Known(
        locale=viewer.locale,
        company=company,
        accounts={
            one.account_id: name for name, one in (await accounts.listed(db, company)).items()
        },
        keys={one.key_id: one.name for one in await api_keys.listed(db, company)},
        logins={one.user_id: one.login for one in await members.listed(db, company)},
    )
    last = rows[SHOWN - 1].entry_id if len(rows) > SHOWN else None
    about_it = f"&about={noun}" if noun else ""
    return page(
        request,
        "settings/audit.html",
        viewer,
        entries=[(entry, known.who(entry), known.told(entry), known.changes(entry))
                 for entry in rows[:SHOWN]],
        nouns=audit_words.NOUNS,
        about=noun or "",
        is_first=before is None,
        older=f"?before={last}{about_it}" if last else None,
    )  # fmt: skip


@router.get("/notices")
async def show_notices(request: Request, viewer: Reader) -> HTMLResponse:
    found = await notices.listed(viewer.app.db, viewer.company, seen=True)
    return page(
        request,
        "settings/notices.html",
        viewer,
        notices=[(one, notice_words.sentence(one, viewer.locale)) for one in found],
        unseen=[one.notice_id for one in found if one.seen_at is None],
        most=notices.MOST,
    )


@router.post("/notices/seen")
async def seen(viewer: Manager, notice: Annotated[list[int], Form()]) -> Response:
    await notices.mark_seen(
        viewer.app.db,
        viewer.company,
        [one for one in notice if 0 < one < 10**18][: notices.MOST],
        now=viewer.now,
        who=viewer.who,
    )
    return RedirectResponse(f"{viewer.here}/settings/notices?done=saved", 303)
