"""Where the clients come from: files, looked at before they are read, or the salon's CRM."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Path, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse
from starlette.datastructures import UploadFile

from vernis.app import App, open_source
from vernis.decide.files.column_names import Field, Kind
from vernis.decide.files.dates import DateOrder
from vernis.decide.files.preview import Place
from vernis.domain import Company
from vernis.errors import (
    ConflictError,
    CrmAccessError,
    NotFoundError,
    UnavailableError,
    UsageError,
)
from vernis.stages import crm_connections, starting, syncing, uploads
from vernis.stages.services import Services
from vernis.stages.uploads import Upload, UploadState
from vernis.web.errors import Problem
from vernis.web.pages import file_words, start_steps, upload_files, upload_reading
from vernis.web.pages.catalog import N_
from vernis.web.pages.rendering import page, say
from vernis.web.pages.upload_files import GivenFile
from vernis.web.security import forms
from vernis.web.security.viewer import Member, Owner

router = APIRouter(
    prefix="/c/{company_id}", include_in_schema=False, dependencies=[Depends(forms.check)]
)
# Whoever may not give files is sent away before the first byte of them is read.
files_router = APIRouter(prefix="/c/{company_id}", include_in_schema=False)
UploadId = Annotated[int, Path(ge=1, lt=10**18)]
Text = Annotated[str, Form(max_length=300)]

NOTHING_CHOSEN = N_("Choose a file first.")
TOO_LARGE = N_("These files are larger than 50 MB together: export a shorter period.")
BUSY = N_("Other files of this salon are being imported: wait until that is done.")
NO_PARTNER = N_(
    "This installation cannot talk to YClients yet: whoever runs it sets"
    " VERNIS_YCLIENTS_PARTNER_TOKEN."
)
NOT_LET_IN = N_("YClients does not let us in: look at the salon's number and at the token.")
NO_ANSWER = N_("YClients does not answer: try again in a minute.")
NO_NUMBER = N_("The salon's number is digits only: it stands in the address of its page there.")
NO_TOKEN = N_("The token is one word of Latin letters and digits: copy it anew.")
OTHER_SALON = N_(
    "This salon is connected already, or this company to another one: disconnect that one first."
)
CONTRADICTS = N_("The salon has another time zone or currency in YClients: correct it here first.")


@router.get("/data")
async def data(request: Request, viewer: Owner) -> HTMLResponse:
    return await _page(request, viewer)


async def _page(
    request: Request, viewer: Member, *, fault: str | None = None, status: int = 200
) -> HTMLResponse:
    app, company = viewer.app, viewer.company
    given = await uploads.listed(app.db, company)
    before = request.query_params.get("before", "")
    known = await starting.standing(app.db, company)
    history = await uploads.imports(
        app.db, company, before=int(before) if re.fullmatch(r"\d{1,18}", before) else None
    )
    return page(
        request,
        "start/data.html",
        viewer,
        status=422 if fault else status,
        fault=say(viewer.locale, fault) if fault else None,
        steps=await start_steps.of(viewer, "data", known),
        given=[one for one in given if one.state is not UploadState.DONE],
        rejects={one.upload_id for one in given if _rejects(viewer, one).is_file()},
        read=[one for one in given if one.state is UploadState.DONE],
        history=history,
        words=file_words,
        crm=await crm_connections.find(app.db, company),
        standing=known,
    )


# --- files ----------------------------------------------------------------------------------------


@files_router.post("/data/files")
async def give(request: Request, viewer: Owner) -> Response:
    """Keep the files, look at them, show what was understood."""
    async with request.form(max_files=upload_files.MOST_FILES, max_fields=10) as form:
        await forms.check(request)
        given = [
            one for one in form.getlist("files") if isinstance(one, UploadFile) and one.filename
        ]
        if not given:
            return await _page(request, viewer, fault=NOTHING_CHOSEN)
        if sum(one.size or 0 for one in given) > upload_files.LARGEST:
            return await _page(request, viewer, fault=TOO_LARGE)
        home, folder = viewer.app.settings.home, upload_files.new_folder(_id(viewer))
        await asyncio.to_thread(upload_files.delete_old, home, now=viewer.now)
        for number, one in enumerate(given, start=1):
            await asyncio.to_thread(upload_files.keep, home, folder, number, one.file)
        files = [
            GivenFile(number=number, name=upload_files.safe_name(one.filename))
            for number, one in enumerate(given, start=1)
        ]
    result = await _looked_at(viewer, folder, files)
    upload = await uploads.give(
        viewer.app.db, viewer.company, folder=folder, result=result, who=viewer.who, now=viewer.now
    )
    return _to(f"{viewer.here}/data/{upload.upload_id}")


async def _looked_at(viewer: Member, folder: str, files: Sequence[GivenFile]) -> dict[str, Any]:
    company = viewer.company
    place = Place(
        today=viewer.now.astimezone(company.zone).date(),
        country=company.country,
        currency=company.currency,
        zone=company.zone,
    )
    async with viewer.app.db.tenant(company.company_id) as connection:
        services = Services(connection, company.company_id)
        await services.read()
        known = await services.listed()
    home = viewer.app.settings.home
    return await asyncio.to_thread(upload_files.looked_at, home, folder, list(files), place, known)


@router.get("/data/{upload_id}")
async def upload(request: Request, viewer: Owner, upload_id: UploadId) -> HTMLResponse:
    """What was understood, how far the reading is, or what became of it."""
    one = await uploads.get(viewer.app.db, viewer.company, upload_id)
    return await _shown(request, viewer, one)


async def _shown(
    request: Request, viewer: Member, one: Upload, *, fault: str | None = None, part: bool = False
) -> HTMLResponse:
    state = one.state_at(viewer.now)
    files = upload_files.files_of(one.result)
    rows: dict[int, list[list[str]]] = {}
    if state in {UploadState.GIVEN, UploadState.FAILED}:
        home = viewer.app.settings.home
        for file in files:
            if file.header:
                rows[file.number] = await asyncio.to_thread(
                    upload_files.first_rows, home, one.folder, file
                )
    is_part = part or ("hx-request" in request.headers and state is not UploadState.GIVEN)
    shown_fault = fault or (one.fault or upload_reading.BROKE if state == "failed" else None)
    return page(
        request,
        "start/upload_state.html" if is_part else "start/upload.html",
        viewer,
        status=422 if fault else 200,
        fault=say(viewer.locale, shown_fault) if shown_fault else None,
        steps=await start_steps.of(viewer, "data"),
        upload=one,
        state=state.value,
        files=files,
        good=[file for file in files if file.is_good],
        people=one.result.get("people", {}),
        outcomes=one.result.get("outcomes", []),
        rows=rows,
        period=_period(files),
        has_rejects=_rejects(viewer, one).is_file(),
        words=file_words,
        is_started=viewer.company.started_at is not None,
    )


@router.post("/data/{upload_id}/columns")
async def correct(request: Request, viewer: Owner, upload_id: UploadId) -> Response:
    """What the person says of the files beats what was understood."""
    one = await uploads.get(viewer.app.db, viewer.company, upload_id)
    form = {name: str(value) for name, value in (await request.form()).items()}
    files = [_said(file, form) for file in upload_files.files_of(one.result)]
    if one.state_at(viewer.now) in {UploadState.GIVEN, UploadState.FAILED}:
        result = await _looked_at(viewer, one.folder, files)
        await uploads.change(viewer.app.db, viewer.company, one, result, now=viewer.now)
    return _to(f"{viewer.here}/data/{upload_id}#file-{form.get('file', '')[:3]}")


def _said(file: GivenFile, form: Mapping[str, str]) -> GivenFile:
    """The file with what this form says of it; another kind of rows begins anew."""
    prefix = f"f{file.number}-"
    if f"{prefix}kind" not in form:
        return file
    kind, order = form[f"{prefix}kind"], form.get(f"{prefix}order", "")
    said_kind = kind if kind in set(Kind) else None
    said_order = order if order in set(DateOrder) else None
    columns = dict(file.said_columns)
    if file.kind is not None and kind != file.kind:
        return replace(file, said_kind=said_kind, said_order=said_order, said_columns={})
    for at, column in enumerate(file.header):
        chosen = form.get(f"{prefix}column-{at}")
        now = file.fields.get(column, "")
        if chosen is None or chosen == now or chosen not in {*Field, ""}:
            continue
        columns[column] = chosen or Field.IGNORE.value
        # a field that moves to another column leaves the one that had it
        for other, held in file.fields.items():
            if held == chosen and form.get(f"{prefix}column-{file.header.index(other)}") == held:
                columns[other] = Field.IGNORE.value
    return replace(
        file,
        said_kind=said_kind if file.kind is None else file.said_kind,
        said_order=said_order or file.said_order,
        said_columns=columns,
    )


@router.post("/data/{upload_id}/read")
async def read(request: Request, viewer: Owner, upload_id: UploadId) -> Response:
    """Read the files into the salon, from now on."""
    app, company = viewer.app, viewer.company
    one = await uploads.get(app.db, company, upload_id)
    files = upload_files.files_of(one.result)
    rows = sum(file.rows for file in files if file.is_good)
    if not rows or not _are_there(viewer, one):
        return await _shown(request, viewer, one, fault=upload_reading.GONE)
    if await uploads.claim(app.db, company, one, all_rows=rows, who=viewer.who, now=viewer.now):
        upload_reading.begin(app, company, one, locale=viewer.locale)
    elif one.state_at(viewer.now) in {UploadState.GIVEN, UploadState.FAILED}:
        return await _shown(request, viewer, one, fault=BUSY)
    return _to(f"{viewer.here}/data/{upload_id}")


@router.post("/data/{upload_id}/files/{number}/remove")
async def remove(viewer: Owner, upload_id: UploadId, number: UploadId) -> Response:
    """Leave one file out."""
    one = await uploads.get(viewer.app.db, viewer.company, upload_id)
    if one.state_at(viewer.now) in {UploadState.GIVEN, UploadState.FAILED}:
        files = [file for file in upload_files.files_of(one.result) if file.number != number]
        upload_files.delete(viewer.app.settings.home, one.folder, number)
        result = await _looked_at(viewer, one.folder, files)
        await uploads.change(viewer.app.db, viewer.company, one, result, now=viewer.now)
        if not files:
            return await discard(viewer, upload_id)
    return _to(f"{viewer.here}/data/{upload_id}")


@router.post("/data/{upload_id}/discard")
async def discard(viewer: Owner, upload_id: UploadId) -> Response:
    """Forget files that were not read."""
    one = await uploads.get(viewer.app.db, viewer.company, upload_id)
    if await uploads.discard(viewer.app.db, viewer.company, one, now=viewer.now):
        upload_files.delete(viewer.app.settings.home, one.folder)
    return _to(f"{viewer.here}/data")


@router.get("/data/{upload_id}/rejects.csv")
async def rejects(viewer: Owner, upload_id: UploadId) -> FileResponse:
    """The rows that could not be used, with reasons; no cell of it is a formula."""
    one = await uploads.get(viewer.app.db, viewer.company, upload_id)
    path = _rejects(viewer, one)
    if not path.is_file():
        raise Problem(404, "no_rejects", "There are no such rows any more.")
    return FileResponse(path, media_type="text/csv; charset=utf-8", filename="rejects.csv")


# --- the CRM --------------------------------------------------------------------------------------


@router.get("/data/crm/yclients")
async def crm(request: Request, viewer: Owner) -> HTMLResponse:
    return await _crm(request, viewer)


async def _crm(
    request: Request, viewer: Member, *, fault: str | None = None, salon: str = ""
) -> HTMLResponse:
    app, company = viewer.app, viewer.company
    connection = await crm_connections.find(app.db, company)
    connected = connection is not None and connection.is_connected
    progress = await syncing.progress(app.db, company) if connected else {}
    under_way = connected and await syncing.is_first_under_way(app.db, company)
    is_part = "hx-request" in request.headers and not fault
    return page(
        request,
        "start/crm_state.html" if is_part else "start/crm.html",
        viewer,
        status=422 if fault else 200,
        fault=say(viewer.locale, fault) if fault else None,
        steps=await start_steps.of(viewer, "data"),
        connection=connection,
        is_connected=connected,
        is_under_way=under_way,
        progress=progress,
        entities=ENTITIES,
        standing=await starting.standing(app.db, company),
        salon=salon,
        no_partner=say(viewer.locale, NO_PARTNER) if app.open_yclients is None else None,
        is_started=company.started_at is not None,
    )


ENTITIES: Mapping[str, str] = {
    "company": N_("The salon"),
    "staff": N_("Staff"),
    "services": N_("Services"),
    "clients": N_("Clients"),
    "records": N_("Visits and bookings"),
    "schedules": N_("Working hours"),
}


@router.post("/data/crm/yclients")
async def connect(request: Request, viewer: Owner, salon: Text = "", token: Text = "") -> Response:
    """Connect YClients with a user's token; a worker reads it from then on."""
    salon, token = salon.strip(), token.strip()
    fault = None
    if viewer.app.open_yclients is None:
        fault = NO_PARTNER
    elif not re.fullmatch(r"[0-9]{1,18}", salon):
        fault = NO_NUMBER
    elif not token or not (token.isascii() and token.isprintable()) or " " in token:
        fault = NO_TOKEN
    if fault is None:
        fault = await _connected(viewer.app, viewer, salon, token)
    if fault is not None:
        return await _crm(request, viewer, fault=fault, salon=salon[:18])
    return _to(f"{viewer.here}/data/crm/yclients")


async def _connected(app: App, viewer: Member, salon: str, token: str) -> str | None:
    """Look at everything once, then connect; what is wrong, None where nothing is."""
    company = viewer.company
    try:
        async with open_source(app, crm="yclients", external_id=salon, token=token) as source:
            told = await source.company()
            await source.clients(changed_after=viewer.now, page=None)
            await source.records(since=viewer.now.date(), changed_after=viewer.now, page=None)
        company = await _as_told(viewer, company, told.timezone, told.currency)
        await crm_connections.connect(
            app.db, company, crm="yclients", external_id=salon, token=token,
            seal=app.sealer.seal, now=viewer.now,
        )  # fmt: skip
    except CrmAccessError:
        return NOT_LET_IN
    except UnavailableError:
        return NO_ANSWER
    except ConflictError:
        return OTHER_SALON
    except (UsageError, NotFoundError):
        return CONTRADICTS
    return None


async def _as_told(
    viewer: Member, company: Company, timezone: str | None, currency: str | None
) -> Company:
    """A salon without data takes time zone and currency from its CRM; another must have them."""
    zone, coin = timezone or company.timezone, currency or company.currency
    if (zone, coin) == (company.timezone, company.currency):
        return company
    standing = await starting.standing(viewer.app.db, company)
    if company.started_at is not None or standing.has_data:
        raise UsageError("Time zone or currency are others in the CRM.")
    place = replace(start_steps.place_of(company), timezone=zone, currency=coin)
    await starting.describe(viewer.app.db, company, place, who=viewer.who, now=viewer.now)
    return replace(company, timezone=zone, currency=coin)


# --- what they share ------------------------------------------------------------------------------


def _period(files: Sequence[GivenFile]) -> tuple[date, date] | None:
    firsts = [date.fromisoformat(file.first_on) for file in files if file.first_on]
    lasts = [date.fromisoformat(file.last_on) for file in files if file.last_on]
    return (min(firsts), max(lasts)) if firsts and lasts else None


def _rejects(viewer: Member, one: Upload) -> Any:
    place = upload_files.place_of(viewer.app.settings.home, one.folder)
    return place / upload_files.REJECTS


def _are_there(viewer: Member, one: Upload) -> bool:
    place = upload_files.place_of(viewer.app.settings.home, one.folder)
    good = (file for file in upload_files.files_of(one.result) if file.is_good)
    return all((place / str(file.number)).is_file() for file in good)


def _id(viewer: Member) -> int:
    return viewer.company.company_id


def _to(place: str) -> RedirectResponse:
    return RedirectResponse(place, status_code=303)
