"""Reading an upload in the web process: beside the pages, with signs of how far it is.

One at a time, in a thread of its own. A process that dies leaves nothing half-read: all files are
one transaction, and whoever looks at the upload afterwards may begin anew.
"""

import asyncio
import logging
from dataclasses import dataclass
from typing import Any

from vernis.app import App
from vernis.cells import CellWriter
from vernis.decide.files.records import Reject
from vernis.domain import Company, Locale
from vernis.errors import DataError, VernisError
from vernis.stages import intervals, starting, uploads
from vernis.stages.importing import Outcome, Source, import_files
from vernis.stages.uploads import Upload
from vernis.web.pages import file_words, upload_files
from vernis.web.pages.catalog import N_, texts

log = logging.getLogger(__name__)

SIGN_SECONDS = 1.0
BROKE = N_("Something broke during the import: nothing of it was kept. Try again.")
GONE = N_("The files are gone: choose them again.")
COLUMNS = (N_("File"), N_("Line"), N_("Reason"), N_("Value"))
_at_once = asyncio.Semaphore(1)
_tasks: set[asyncio.Task[None]] = set()


@dataclass
class Progress:
    """Written by the thread that reads, read by the pages."""

    rows: int = 0
    stopped: bool = False

    def advance(self) -> None:
        self.rows += 1
        if self.stopped:
            raise _Stopped


class _Stopped(Exception):  # noqa: N818 (nobody sees it)
    """The process ends."""


def begin(app: App, company: Company, upload: Upload, *, locale: Locale) -> None:
    """Read a claimed upload from now on."""
    task = asyncio.create_task(_read(app, company, upload, locale))
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


async def _read(app: App, company: Company, upload: Upload, locale: Locale) -> None:
    progress = Progress()
    signs = asyncio.create_task(_show_signs(app, company, upload, progress))
    try:
        async with _at_once:
            result = await asyncio.to_thread(_read_apart, app, company, upload, progress, locale)
        await uploads.finish(app.db, company, upload, result, now=app.clock())
        for one in upload_files.files_of(upload.result):
            upload_files.delete(app.settings.home, upload.folder, one.number)
    except Exception as error:  # whatever it was, somebody waits for an answer
        log.warning("upload=%d error=%s", upload.upload_id, type(error).__name__)
        fault = BROKE
        if isinstance(error, DataError):
            fault, _ = file_words.meant(error)
        await uploads.fail(app.db, company, upload, fault, now=app.clock())
    finally:
        progress.stopped = True
        signs.cancel()


async def _show_signs(app: App, company: Company, upload: Upload, progress: Progress) -> None:
    while True:
        await asyncio.sleep(SIGN_SECONDS)
        try:
            await uploads.progress(
                app.db, company, upload, done_rows=progress.rows, now=app.clock()
            )
        except VernisError:  # the next sign may come through
            continue


def _read_apart(
    app: App, company: Company, upload: Upload, progress: Progress, locale: Locale
) -> dict[str, Any]:
    """In a thread: parsing would hold up everybody who looks at a page."""
    return asyncio.run(_import(app, company, upload, progress, locale))


async def _import(
    app: App, company: Company, upload: Upload, progress: Progress, locale: Locale
) -> dict[str, Any]:
    from vernis.adapters.postgres import Database
    from vernis.adapters.schema import refresh_statistics

    home, now = app.settings.home, app.clock()
    files = [one for one in upload_files.files_of(upload.result) if one.is_good]
    if not files:
        raise DataError("The file is empty.")
    rejects = upload_files.place_of(home, upload.folder) / upload_files.REJECTS
    with (
        upload_files.opened(home, upload, files) as sources,
        rejects.open("w", encoding="utf-8-sig", newline="") as file,
    ):
        write = _writer(CellWriter(file, delimiter=";"), locale)
        async with Database(app.database_url, size=2) as db:
            outcomes = await import_files(
                db, company, sources, now=now, hash_phone=app.hash_phone,
                on_reject=write, on_row=progress.advance,
            )  # fmt: skip
            refresh_statistics(app.database_url)
            if company.started_at is None:  # the dry run comes next
                known = await starting.standing(db, company)
                shown = starting.day_shown(company, known, now)
                on = shown.astimezone(company.zone).date()
                await intervals.refresh(db, company, on=on, now=shown)
    has_rejects = any(one.rejected for one in outcomes)
    if not has_rejects:
        rejects.unlink(missing_ok=True)
    return upload.result | {"outcomes": [_plain(one) for one in outcomes]}


def _writer(writer: CellWriter, locale: Locale) -> Any:
    say = texts(locale).gettext
    writer.writerow([say(column) for column in COLUMNS])

    def write(source: Source, reject: Reject) -> None:
        reason = say(file_words.ROW_FAULTS[reject.reason])
        writer.writerow([source.name, reject.line, reason, reject.detail, *reject.row])

    return write


def _plain(outcome: Outcome) -> dict[str, Any]:
    return {
        "name": outcome.name,
        "kind": outcome.kind.value,
        "taken": outcome.taken,
        "left_out": dict(outcome.left_out),
        "rejected": dict(outcome.rejected),
    }
