"""Dialogs: an inbox, a conversation with what one should know beside it, and answering in it."""

import hashlib
from dataclasses import asdict, dataclass
from datetime import datetime
from secrets import token_urlsafe
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Path, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from vernis.domain import Intent
from vernis.errors import ConflictError, UsageError
from vernis.stages import (
    auditing,
    conversation,
    desk,
    dialog_list,
    handovers,
    opt_outs,
    settling,
)
from vernis.stages.conversation import Conversation
from vernis.stages.dialog_list import Listed
from vernis.stages.members import Role
from vernis.web.pages import dialog_words, words
from vernis.web.pages.rendering import fault, page
from vernis.web.security import forms
from vernis.web.security.viewer import Manager, Member, Reader

router = APIRouter(
    prefix="/c/{company_id}", include_in_schema=False, dependencies=[Depends(forms.check)]
)

LISTED = 30
MOST_SAID = 500
VIEWS: dict[str, dict[str, Any]] = {
    "all": {},
    "unread": {"unread": True},
    "waiting": {"waiting": True},
}
CHANGED = {"HX-Trigger": "dialog-changed"}

DialogId = Annotated[int, Path(ge=1, lt=10**18)]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which dialogs are wanted: a view, an intent, words; those after a place in the list."""

    view: Annotated[str, Query(max_length=10)] = "all"
    intent: Annotated[str, Query(max_length=20)] = ""
    q: Annotated[str, Query(max_length=100)] = ""
    before: Annotated[str, Query(max_length=60)] = ""

    @property
    def filters(self) -> dict[str, Any]:
        wanted = VIEWS.get(self.view, {})
        intent = Intent(self.intent) if self.intent in set(Intent) else None
        return wanted | {"intent": intent, "text": self.q, "before": self._place}

    @property
    def _place(self) -> tuple[datetime, int] | None:
        at, _, id_ = self.before.rpartition("/")
        try:
            place = datetime.fromisoformat(at), int(id_)
        except ValueError:
            return None
        return place if place[0].tzinfo and 0 < place[1] < 10**18 else None

    @property
    def is_filtered(self) -> bool:
        return bool(VIEWS.get(self.view) or self.intent or self.q)

    def query(self, **values: str) -> str:
        """As the end of an address, with some of it changed."""
        known = {"view": self.view, "intent": self.intent, "q": self.q} | values
        said = {name: value for name, value in known.items() if value and value != "all"}
        return f"?{urlencode(said)}" if said else ""


Wanted = Annotated[Asked, Depends()]


@router.get("/dialogs")
async def inbox(request: Request, viewer: Reader, asked: Wanted) -> HTMLResponse:
    listed = await _listed(viewer, asked)
    return page(request, "dialogs/dialogs.html", viewer, **listed, open=None, conversation=None)


@router.get("/dialogs/list")
async def its_list(
    request: Request,
    viewer: Reader,
    asked: Wanted,
    open: Annotated[int, Query(ge=0, lt=10**18)] = 0,  # noqa: A002 (the dialog beside it)
    mark: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """The list as it is now, for a page that shows it; nothing where it shows just that."""
    listed = await _listed(viewer, asked)
    if listed["mark"] == mark:
        return Response(status_code=204)
    return page(request, "dialogs/list.html", viewer, **listed, open=open or None)


async def _listed(viewer: Member, asked: Asked) -> dict[str, Any]:
    rows = await dialog_list.listed(viewer.app.db, viewer.company, **asked.filters, most=LISTED + 1)
    shown, further = rows[:LISTED], None
    if len(rows) > LISTED:
        last = shown[-1]
        further = asked.query(before=f"{last.updated_at.isoformat()}/{last.dialog_id}")
    mark = _mark([asdict(row) for row in shown], viewer)
    return {
        "listed": shown,
        "further": further,
        "asked": asked,
        "mark": mark,
        "views": VIEWS,
        "intents": words.INTENTS,
        "name_of": name_of,
        "kind_of": dialog_words.kind_of,
    }


# --- a conversation -------------------------------------------------------------------------------


@router.get("/dialogs/{dialog_id}")
async def one(
    request: Request,
    viewer: Reader,
    dialog_id: DialogId,
    asked: Wanted,
    most: Annotated[int, Query(ge=1, le=MOST_SAID)] = conversation.MOST_SAID,
) -> HTMLResponse:
    return await _shown(request, viewer, dialog_id, asked, most=most)


@router.get("/dialogs/{dialog_id}/said")
async def said(
    request: Request,
    viewer: Reader,
    dialog_id: DialogId,
    asked: Wanted,
    most: Annotated[int, Query(ge=1, le=MOST_SAID)] = conversation.MOST_SAID,
    mark: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """What was said as it is now, for a page that shows it; nothing where it shows just that."""
    found = await _look(viewer, dialog_id, most)
    known = _about(viewer, found, asked, most)
    if known["said_mark"] == mark:
        return Response(status_code=204)
    return page(request, "dialogs/said.html", viewer, **known)


async def _shown(
    request: Request,
    viewer: Member,
    dialog_id: int,
    asked: Asked,
    *,
    most: int = conversation.MOST_SAID,
    status: int = 200,
    **draft: Any,
) -> HTMLResponse:
    found = await _look(viewer, dialog_id, most)
    listed = await _listed(viewer, asked)
    known = _about(viewer, found, asked, most) | _draft(**draft)
    return page(
        request, "dialogs/dialogs.html", viewer, status=status, **listed | known, open=dialog_id
    )


async def _look(viewer: Member, dialog_id: int, most: int) -> Conversation:
    """What is looked at by somebody who may answer is read."""
    app, now = viewer.app, viewer.now
    if viewer.may(Role.MANAGER):
        await desk.mark_looked(app.db, viewer.company, dialog_id, now=now)
    return await conversation.look(
        app.db,
        viewer.company,
        dialog_id,
        now=now,
        channels=app.channels,
        hash_phone=app.hash_phone,
        most=most,
    )


def _about(viewer: Member, found: Conversation, asked: Asked, most: int) -> dict[str, Any]:
    until = found.dialog.silent_until
    is_silent = found.is_waiting or (until is not None and until > viewer.now)
    return {
        "conversation": found,
        "dialog": found.dialog,
        "asked": asked,
        "most": most,
        "said_mark": _mark((asdict(found), is_silent), viewer),
        "is_silent": is_silent,
        "may_answer": viewer.may(Role.MANAGER),
        "name_of": name_of,
        "kind_of": dialog_words.kind_of,
        "author_of": dialog_words.author_of,
        "ticks": dialog_words.TICKS,
        "refusals": dialog_words.REFUSALS,
    }


def _draft(text: str = "", said_fault: str = "") -> dict[str, Any]:
    """An empty form, or one as it was sent; each is written once."""
    return {"text": text, "said_fault": said_fault, "key": token_urlsafe(12)}


# --- what a person does ---------------------------------------------------------------------------


@router.post("/dialogs/{dialog_id}/write")
async def write(
    request: Request,
    viewer: Manager,
    dialog_id: DialogId,
    asked: Wanted,
    key: Annotated[str, Form(min_length=8, max_length=40)],
    text: Annotated[str, Form(max_length=20_000)] = "",
) -> Response:
    app, is_part = viewer.app, "hx-request" in request.headers
    known: dict[str, Any] = {"company_id": viewer.company.company_id}
    try:
        await desk.write(
            app.db,
            viewer.company,
            dialog_id=dialog_id,
            text=text,
            who=viewer.who,
            now=viewer.now,
            key=key,
            channels=app.channels,
            hash_phone=app.hash_phone,
        )
    except (ConflictError, UsageError) as error:
        known = {"text": text, "said_fault": fault(error, viewer.locale)}
        if not is_part:
            return await _shown(request, viewer, dialog_id, asked, status=422, **known)
        found = await _look(viewer, dialog_id, conversation.MOST_SAID)
        about = _about(viewer, found, asked, conversation.MOST_SAID)
        return page(request, "dialogs/composer.html", viewer, status=422, **about | _draft(**known))
    if not is_part:
        return _back(viewer, dialog_id, asked, done="written")
    found = await _look(viewer, dialog_id, conversation.MOST_SAID)
    about = _about(viewer, found, asked, conversation.MOST_SAID)
    response = page(request, "dialogs/composer.html", viewer, **about | _draft())
    response.headers.update(CHANGED)
    return response


@router.post("/dialogs/{dialog_id}/take-over")
async def take_over(
    request: Request, viewer: Manager, dialog_id: DialogId, asked: Wanted
) -> Response:
    await desk.take_over(
        viewer.app.db, viewer.company, dialog_id=dialog_id, who=viewer.who, now=viewer.now
    )
    return _done(request, viewer, dialog_id, asked, done="taken")


@router.post("/dialogs/{dialog_id}/give-back")
async def give_back(
    request: Request, viewer: Manager, dialog_id: DialogId, asked: Wanted
) -> Response:
    await dialog_list.one(viewer.app.db, viewer.company, dialog_id)
    await handovers.give_back(
        viewer.app.db, viewer.company, dialog_id=dialog_id, now=viewer.now, who=viewer.who
    )
    return _done(request, viewer, dialog_id, asked, done="given_back")


@router.post("/dialogs/{dialog_id}/opt-out")
async def opt_out(
    request: Request, viewer: Manager, dialog_id: DialogId, asked: Wanted
) -> Response:
    dialog = await dialog_list.one(viewer.app.db, viewer.company, dialog_id)
    async with viewer.app.db.tenant(viewer.company.company_id) as connection:
        await opt_outs.stop(
            connection,
            viewer.company,
            phone=dialog.phone,
            lid=dialog.lid,
            source="person",
            now=viewer.now,
            hash_phone=viewer.app.hash_phone,
        )
        await auditing.note(
            connection,
            viewer.company,
            who=viewer.who,
            action="client.opted_out",
            subject=f"client {dialog.client_id}" if dialog.client_id else f"dialog {dialog_id}",
            now=viewer.now,
        )
    return _done(request, viewer, dialog_id, asked, done="opted_out")


@router.post("/dialogs/{dialog_id}/settle")
async def settle(
    request: Request,
    viewer: Manager,
    dialog_id: DialogId,
    asked: Wanted,
    message: Annotated[str, Form(max_length=20)],
    sent: Annotated[bool, Form()],
) -> Response:
    """Whether a message of unknown outcome has left, as somebody saw on the salon's phone."""
    await dialog_list.one(viewer.app.db, viewer.company, dialog_id)
    await settling.decide(
        viewer.app.db, viewer.company, message, sent=sent, now=viewer.now, who=viewer.who
    )
    return _done(request, viewer, dialog_id, asked, done="saved")


def _done(request: Request, viewer: Member, dialog_id: int, asked: Asked, *, done: str) -> Response:
    """The page again; one with JavaScript fetches what has changed itself."""
    if "hx-request" in request.headers:
        return Response(status_code=204, headers=CHANGED)
    return _back(viewer, dialog_id, asked, done=done)


def _back(viewer: Member, dialog_id: int, asked: Asked, *, done: str) -> Response:
    query = asked.query(done=done)
    return RedirectResponse(f"{viewer.here}/dialogs/{dialog_id}{query}#end", 303)


# --- what is shown --------------------------------------------------------------------------------


def name_of(dialog: Listed) -> str:
    """The client's name; empty where it is not known."""
    return " ".join(filter(None, (dialog.client_name, dialog.client_surname)))


def _mark(shown: object, viewer: Member) -> str:
    """What tells whether the same would be shown again."""
    today = viewer.now.astimezone(viewer.company.zone).date()
    return hashlib.sha256(f"{today} {shown!r}".encode()).hexdigest()[:16]
