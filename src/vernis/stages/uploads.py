"""Uploads: files that were given to the pages. They are looked at first, then read.

Here is what is known of them; the files themselves lie in the data folder until they are read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from vernis.domain import Company
from vernis.errors import NotFoundError
from vernis.ports import Database
from vernis.sql import load
from vernis.stages import auditing
from vernis.stages.auditing import Who

sql = load("uploads")

SILENT_AFTER = timedelta(seconds=30)  # whoever reads shows a sign each second


class UploadState(StrEnum):
    """Where an upload is in its life."""

    GIVEN = "given"
    READING = "reading"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """`result` is what was understood of its files, in the end what became of their rows; `fault`
    is why it was not read. `folder` is a place under the data folder's `uploads`."""

    upload_id: int
    state: UploadState
    folder: str
    done_rows: int
    all_rows: int | None
    fault: str | None
    result: dict[str, Any] = field(repr=False)
    created_at: datetime
    changed_at: datetime

    def state_at(self, now: datetime) -> UploadState:
        """What is being read by nobody any more has failed."""
        is_silent = self.state is UploadState.READING and self.changed_at < now - SILENT_AFTER
        return UploadState.FAILED if is_silent else self.state

    @property
    def share(self) -> float:
        """How much of it is read, 0 to 1."""
        return min(1.0, self.done_rows / self.all_rows) if self.all_rows else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """One file that was read, by whatever way it came."""

    import_id: int
    file_name: str
    kind: str
    counts: Mapping[str, Any]
    imported_at: datetime


async def give(
    db: Database,
    company: Company,
    *,
    folder: str,
    result: Mapping[str, Any],
    who: Who,
    now: datetime,
) -> Upload:
    """Note that files lie in a folder."""
    values: dict[str, Any] = {"company_id": company.company_id, "folder": folder, "now": now}
    async with db.tenant(company.company_id) as connection:
        cursor = await connection.execute(sql.give.sql, values | {"result": Jsonb(dict(result))})
        row = await cursor.fetchone()
        assert row is not None
        subject = f"upload {row[0]}"
        await auditing.note(
            connection, company, who=who, action="upload.given", subject=subject, now=now
        )
    return await get(db, company, int(row[0]))


async def get(db: Database, company: Company, upload_id: int) -> Upload:
    """Raises NotFoundError."""
    values = {"company_id": company.company_id, "upload_id": upload_id}
    async with db.tenant(company.company_id) as connection:
        cursor = connection.cursor(row_factory=dict_row)
        await cursor.execute(sql.get.sql, values)
        row = await cursor.fetchone()
    if row is None:
        raise NotFoundError("There is no such upload.")
    return _upload(row)


async def listed(db: Database, company: Company, *, most: int = 10) -> list[Upload]:
    """The newest first."""
    values = {"company_id": company.company_id, "most": most}
    async with db.tenant(company.company_id) as connection:
        cursor = connection.cursor(row_factory=dict_row)
        await cursor.execute(sql.listed.sql, values)
        return [_upload(row) for row in await cursor.fetchall()]


async def change(
    db: Database, company: Company, upload: Upload, result: Mapping[str, Any], *, now: datetime
) -> None:
    """Keep what is understood now; nothing where it is being read."""
    values: dict[str, Any] = _of(company, upload) | {"result": Jsonb(dict(result)), "now": now}
    async with db.tenant(company.company_id) as connection:
        await connection.execute(sql.change.sql, values)


async def claim(
    db: Database, company: Company, upload: Upload, *, all_rows: int, who: Who, now: datetime
) -> bool:
    """Take it for reading; False where it is read already, or another one is at this moment."""
    values = _of(company, upload) | {"all_rows": all_rows, "now": now}
    async with db.tenant(company.company_id) as connection:
        cursor = await connection.execute(
            sql.claim.sql, values | {"silent_since": now - SILENT_AFTER}
        )
        if cursor.rowcount:
            subject = f"upload {upload.upload_id}"
            await auditing.note(
                connection, company, who=who, action="upload.read", subject=subject, now=now
            )
        return bool(cursor.rowcount)


async def progress(
    db: Database, company: Company, upload: Upload, *, done_rows: int, now: datetime
) -> None:
    """A sign of whoever reads it."""
    async with db.tenant(company.company_id) as connection:
        await connection.execute(
            sql.progress.sql, _of(company, upload) | {"done_rows": done_rows, "now": now}
        )


async def finish(
    db: Database, company: Company, upload: Upload, result: Mapping[str, Any], *, now: datetime
) -> None:
    values = _of(company, upload) | {"result": Jsonb(dict(result)), "now": now}
    async with db.tenant(company.company_id) as connection:
        await connection.execute(sql.finish.sql, values)


async def fail(
    db: Database, company: Company, upload: Upload, fault: str, *, now: datetime
) -> None:
    """`fault` is a sentence in English, which pages translate."""
    async with db.tenant(company.company_id) as connection:
        await connection.execute(sql.fail.sql, _of(company, upload) | {"fault": fault, "now": now})


async def discard(db: Database, company: Company, upload: Upload, *, now: datetime) -> bool:
    """Forget files that were not read. False where they are being read, or were."""
    values = _of(company, upload) | {"silent_since": now - SILENT_AFTER}
    async with db.tenant(company.company_id) as connection:
        return bool((await connection.execute(sql.discard.sql, values)).rowcount)


async def imports(
    db: Database, company: Company, *, before: int | None = None, most: int = 20
) -> list[Imported]:
    """The files that were read, the newest first, those older than the import `before`."""
    values = {"company_id": company.company_id, "before": before, "most": most}
    async with db.tenant(company.company_id) as connection:
        cursor = connection.cursor(row_factory=dict_row)
        await cursor.execute(sql.imports.sql, values)
        return [Imported(**row) for row in await cursor.fetchall()]


def _of(company: Company, upload: Upload) -> dict[str, Any]:
    return {"company_id": company.company_id, "upload_id": upload.upload_id}


def _upload(row: dict[str, Any]) -> Upload:
    return Upload(**row | {"state": UploadState(row["state"]), "result": row["result"] or {}})
