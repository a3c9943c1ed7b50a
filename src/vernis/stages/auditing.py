"""Who changed what: a note in the same transaction as the change.

Notes hold settings and numbers, never a client's name, phone or text, so erasure leaves them alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from vernis.domain import Company
from vernis.ports import Connection, Database
from vernis.sql import load

sql = load("auditing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """A person by the pages, a program by its key, or neither: somebody at the command line."""

    user_id: int | None = None
    key_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A note. `login` is the person's, where there is one."""

    entry_id: int
    at: datetime
    user_id: int | None
    login: str | None
    key_id: int | None
    action: str
    subject: str
    details: Mapping[str, Any] = field(default_factory=dict)


async def note(
    connection: Connection,
    company: Company,
    *,
    who: Who,
    action: str,
    subject: str = "",
    details: Mapping[str, Any] | None = None,
    now: datetime,
) -> None:
    """Write down, within this transaction, that `action` was done to `subject`.

    An action is a noun and a verb (`settings.changed`), a subject a noun and a number (`user 2`).
    """
    values: dict[str, Any] = {"company_id": company.company_id, "now": now}
    values |= {"user_id": who.user_id, "key_id": who.key_id}
    values |= {"action": action, "subject": subject, "details": Jsonb(dict(details or {}))}
    await connection.execute(sql.note.sql, values)


async def note_by(
    connection: Connection,
    company: Company,
    who: Who | None,
    action: str,
    subject: str = "",
    *,
    details: Mapping[str, Any] | None = None,
    now: datetime | None = None,
) -> None:
    """`note`, where it is told who does it; `now` is by default the real time."""
    if who is not None:
        at = now or datetime.now(UTC)
        await note(
            connection, company, who=who, action=action, subject=subject, details=details, now=at
        )


async def listed(
    db: Database,
    company: Company,
    *,
    before: int | None = None,
    noun: str | None = None,
    most: int = 50,
) -> list[Entry]:
    """The newest notes, those older than the note `before` where it is given; with `noun` those
    of its actions only (`settings`)."""
    values = {"company_id": company.company_id, "before": before, "noun": noun, "most": most}
    async with db.tenant(company.company_id) as connection:
        cursor = connection.cursor(row_factory=dict_row)
        await cursor.execute(sql.listed.sql, values)
        return [Entry(**row) for row in await cursor.fetchall()]
