"""Imports: a salon's files over HTTP, looked at or read; what became of their rows."""

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Query, Request, Response
from fastapi.responses import FileResponse, JSONResponse
from pydantic import Field
from starlette.datastructures import UploadFile

from vernis.decide.files.column_names import Kind
from vernis.decide.files.dates import DateOrder
from vernis.decide.files.preview import Place
from vernis.errors import ConflictError
from vernis.stages import uploads
from vernis.stages.services import Services
from vernis.stages.uploads import Upload, UploadState
from vernis.web.errors import Problem, invalid
from vernis.web.keys import Caller, allowed
from vernis.web.pages import upload_files, upload_reading
from vernis.web.pages.upload_files import GivenFile
from vernis.web.v1 import common, idempotency
from vernis.web.v1.common import Answer, Correspondent, Id, Reader
from vernis.web.v1.paging import Cursor, Limit, Page, after, number, page

router = common.router("imports")

MOST_LISTED = 1_000  # uploads of a company that are looked through
Importer = Annotated[Caller, Depends(allowed("write"))]
_FILES = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["files"],
                    "properties": {
                        "files": {
                            "type": "array",
                            "minItems": 1,
                            "items": {"type": "string", "format": "binary"},
                            "description": "CSV or XLSX, up to 20 files and 50 MB together.",
                        }
                    },
                }
            }
        },
    }
}


class FileAnswer(Answer):
    """One file: what was understood of it, and what became of its rows."""

    name: str = Field(examples=["visits.csv"])
    kind: str | None = Field(description="What its rows are.", examples=["visits"])
    fault: str | None = Field(description="Why it cannot be read.")
    fields: dict[str, str] = Field(
        description="Column: what it holds.", examples=[{"Дата": "date", "Телефон": "phone"}]
    )
    rows: int = Field(description="Looked at.")
    taken: int
    left_out: dict[str, int] = Field(description="By reason: what is no client's visit.")
    rejected: dict[str, int] = Field(description="By reason: what cannot be used.")


class ImportAnswer(Answer):
    """Files that were given together. All of them are read, or nothing is."""

    import_id: int | None = Field(description="None: only looked at.", examples=[4])
    state: str = Field(description="`given`, `reading`, `done` or `failed`.", examples=["done"])
    fault: str | None
    done_rows: int
    all_rows: int | None
    files: list[FileAnswer]
    has_rejects: bool = Field(description="`rejects` has the rows that could not be used.")
    created_at: datetime
    changed_at: datetime


@router.post(
    "/imports",
    operation_id="import",
    summary="Give files",
    status_code=202,
    response_model=ImportAnswer,
    responses={200: {"model": ImportAnswer, "description": "Looked at, with `dry_run`"}},
    openapi_extra=_FILES,
)
async def give(
    request: Request,
    caller: Importer,
    dry_run: Annotated[bool, Query(description="Look at them only.")] = False,
    kind: Annotated[Kind | None, Query(description="What their rows are.")] = None,
    date_order: Annotated[DateOrder | None, Query(description="Where it is not certain.")] = None,
    key: idempotency.Key = None,
) -> Response:
    """Reads them from now on, beside other requests: ask the import how far it is. Where one of
    them cannot be understood all are refused, each with its fault."""
    app, of, now = caller.app, caller.company, caller.app.clock()
    home, folder = app.settings.home, upload_files.new_folder(of.company_id)
    async with request.form(max_files=upload_files.MOST_FILES, max_fields=10) as form:
        given = [one for _, one in form.multi_items() if isinstance(one, UploadFile)]
        if not given:
            raise invalid("files", "files is missing: send CSV or XLSX as multipart/form-data.")
        if sum(one.size or 0 for one in given) > upload_files.LARGEST:
            raise Problem(413, "too_large", "The files are larger than 50 MB together.")
        if key is not None and not dry_run:
            content = await asyncio.to_thread(_fingerprint, given)
            await idempotency.claim(request, caller, key, content)
        await asyncio.to_thread(upload_files.delete_old, home, now=now)
        for place, one in enumerate(given, start=1):
            await asyncio.to_thread(upload_files.keep, home, folder, place, one.file)
        names = [upload_files.safe_name(one.filename) for one in given]
    try:
        result = await _looked_at(caller, folder, names, kind=kind, order=date_order)
        if dry_run:
            return _answer(_only_looked_at(result, now), status=200)
        _require_good(result)
        upload = await _begun(caller, folder, result, now)
    except BaseException:
        await asyncio.to_thread(upload_files.delete, home, folder)
        raise
    finally:
        if dry_run:
            await asyncio.to_thread(upload_files.delete, home, folder)
    return _answer(_shown(caller, upload), status=202)


@router.get("/imports", operation_id="imports", summary="Files that were given, newest first")
async def listed(caller: Reader, limit: Limit = 50, cursor: Cursor = None) -> Page[ImportAnswer]:
    """By programs and on the pages."""
    begin = after("imports", cursor, number)
    found = await uploads.listed(caller.app.db, caller.company, most=MOST_LISTED)
    rows = [one for one in found if begin is None or one.upload_id < begin[0]]
    return Page(
        **page(
            "imports",
            rows[: limit + 1],
            limit,
            key=lambda row: [row.upload_id],
            shown=lambda row: _shown(caller, row),
        )
    )


@router.get("/imports/{import_id}", operation_id="importOf", summary="How far an import is")
async def one(caller: Reader, import_id: Id) -> ImportAnswer:
    return _shown(caller, await uploads.get(caller.app.db, caller.company, import_id))


@router.get(
    "/imports/{import_id}/rejects",
    operation_id="rejects",
    summary="The rows that could not be used, as CSV",
    response_class=Response,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def rejects(caller: Correspondent, import_id: Id) -> FileResponse:
    """With reasons; no cell is a formula. For a day. Rows hold phones: wants the scope
    `messages`."""
    upload = await uploads.get(caller.app.db, caller.company, import_id)
    place = upload_files.place_of(caller.app.settings.home, upload.folder) / upload_files.REJECTS
    if not place.is_file():
        raise Problem(404, "no_rejects", "There are no such rows, or no more.")
    return FileResponse(place, media_type="text/csv", filename="rejects.csv")


async def _looked_at(
    caller: Caller,
    folder: str,
    names: Sequence[str],
    *,
    kind: Kind | None,
    order: DateOrder | None,
) -> dict[str, Any]:
    app, of = caller.app, caller.company
    place = Place(today=caller.today, country=of.country, currency=of.currency, zone=of.zone)
    async with app.db.tenant(of.company_id) as connection:
        services = Services(connection, of.company_id)
        await services.read()
        known = await services.listed()
    files = [
        GivenFile(
            number=place_,
            name=name,
            said_kind=kind.value if kind else None,
            said_order=order.value if order else None,
        )
        for place_, name in enumerate(names, start=1)
    ]
    home = app.settings.home
    return await asyncio.to_thread(upload_files.looked_at, home, folder, files, place, known)


def _require_good(result: dict[str, Any]) -> None:
    """Raises Problem where a file cannot be read."""
    faults = [
        {"field": "files", "detail": f"{one.name}: {_fault(one)}"}
        for one in upload_files.files_of(result)
        if not one.is_good
    ]
    if faults:
        raise Problem(422, "invalid", faults[0]["detail"], errors=faults)


async def _begun(caller: Caller, folder: str, result: dict[str, Any], now: datetime) -> Upload:
    app, of = caller.app, caller.company
    upload = await uploads.give(app.db, of, folder=folder, result=result, who=caller.who, now=now)
    rows = sum(one.rows for one in upload_files.files_of(result))
    if not await uploads.claim(app.db, of, upload, all_rows=rows, who=caller.who, now=now):
        await uploads.discard(app.db, of, upload, now=now)
        raise ConflictError("Other files are being read: wait until they are done.")
    upload_reading.begin(app, of, upload, locale=of.locale)
    return await uploads.get(app.db, of, upload.upload_id)


def _fault(one: GivenFile) -> str:
    """The sentence of the pages, where a person would choose, in words of this API."""
    fault = one.fault or "There is nothing in it."
    return fault.replace("choose it below", "give kind")


def _fingerprint(given: Sequence[UploadFile]) -> bytes:
    """What is in the files, whatever separates them on the way."""
    digest = hashlib.sha256()
    for one in given:
        digest.update(f"{one.filename}\n{one.size}\n".encode())
        digest.update(hashlib.file_digest(one.file, "sha256").digest())  # type: ignore[arg-type]
        one.file.seek(0)
    return digest.digest()


def _answer(said: ImportAnswer, *, status: int) -> JSONResponse:
    return JSONResponse(said.model_dump(mode="json"), status_code=status)


def _only_looked_at(result: dict[str, Any], now: datetime) -> ImportAnswer:
    files = [_file(one, {}) for one in upload_files.files_of(result)]
    return ImportAnswer(
        import_id=None,
        state=UploadState.GIVEN,
        fault=None,
        done_rows=0,
        all_rows=sum(one.rows for one in files),
        files=files,
        has_rejects=False,
        created_at=now,
        changed_at=now,
    )


def _shown(caller: Caller, upload: Upload) -> ImportAnswer:
    place = upload_files.place_of(caller.app.settings.home, upload.folder) / upload_files.REJECTS
    outcomes = {one["name"]: one for one in upload.result.get("outcomes", ())}
    state = upload.state_at(caller.app.clock())
    silent = state is UploadState.FAILED and upload.fault is None
    return ImportAnswer(
        import_id=upload.upload_id,
        state=state,
        fault=upload_reading.BROKE if silent else upload.fault,
        done_rows=upload.done_rows,
        all_rows=upload.all_rows,
        files=[
            _file(one, outcomes.get(one.name, {})) for one in upload_files.files_of(upload.result)
        ],
        has_rejects=place.is_file(),
        created_at=upload.created_at,
        changed_at=upload.changed_at,
    )


def _file(one: GivenFile, outcome: dict[str, Any]) -> FileAnswer:
    known = {name: getattr(one, name) for name in FileAnswer.model_fields}
    known["fault"] = None if one.is_good else _fault(one)
    counts = {name: outcome[name] for name in ("taken", "left_out", "rejected") if name in outcome}
    return FileAnswer(**known | counts)
