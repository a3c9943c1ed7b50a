"""Notices: what the owner has to know. They hold figures, never a client's words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from vernis.domain import Company
from vernis.ports import Connection, Database
from vernis.sql import load
from vernis.stages import auditing
from vernis.stages.auditing import Who

sql = load("notices")

MOST = 200  # that are listed


class Kind(StrEnum):
    ACCOUNT_PAUSED = "account_paused"  # reason, until (ISO, or null)
    ACCOUNT_RESUMED = "account_resumed"  # reason: why it had rested
    CONNECTION_LOST = "connection_lost"  # state: a domain.ConnectionState
    WARNED = "warned"  # says: a sentence of ours about what the channel announces
    NOT_DELIVERED = "not_delivered"  # undelivered, accepted: many, but not enough for a pause
    CRM_DISCONNECTED = "crm_disconnected"  # reason: a sentence; of no account
    WEBHOOK_PAUSED = "webhook_paused"  # webhook_id, reason: gone or failing; of no account


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One notice. `account` is the name that people know; `kind` a Kind."""

    notice_id: int
    kind: str
    details: Mapping[str, Any]
    created_at: datetime
    seen_at: datetime | None
    account_id: int | None
    account: str | None
    channel: str | None


async def write(
    connection: Connection,
    company: Company,
    account_id: int | None,
    kind: Kind,
    *,
    now: datetime,
    **details: Any,
) -> None:
    """Leave a notice, of an account or of the company, in the caller's transaction."""
    await connection.execute(sql.write.sql, _values(company, account_id, kind, now, details))


async def write_once(
    connection: Connection,
    company: Company,
    account_id: int,
    kind: Kind,
    *,
    now: datetime,
    since: datetime,
    whatever_details: bool = False,
    **details: Any,
) -> None:
    """Leave a notice where there is none like it since then; `whatever_details` says how alike."""
    values = _values(company, account_id, kind, now, details)
    values |= {"since": since, "same_details": not whatever_details}
    await connection.execute(sql.write_once.sql, values)


async def listed(db: Database, company: Company, *, seen: bool = False) -> list[Notice]:
    """The notices that nobody has seen yet, or with `seen` all; the latest first, 200 at most."""
    values = {"company_id": company.company_id, "seen": seen, "most": MOST}
    async with db.tenant(company.company_id) as connection:
        cursor = connection.cursor(row_factory=dict_row)
        await cursor.execute(sql.listed.sql, values)
        return [Notice(**row) for row in await cursor.fetchall()]


async def mark_seen(
    db: Database,
    company: Company,
    notice_ids: Sequence[int],
    *,
    now: datetime,
    who: Who | None = None,
) -> None:
    """These were shown to a person; with `who` it is noted to whom."""
    values = {"company_id": company.company_id, "ids": list(notice_ids), "now": now}
    async with db.tenant(company.company_id) as connection:
        cursor = await connection.execute(sql.mark_seen.sql, values)
        if who is not None and cursor.rowcount:
            details = {"notices": cursor.rowcount}
            await auditing.note(
                connection, company, who=who, action="notices.seen", details=details, now=now
            )


def _values(
    company: Company, account_id: int | None, kind: Kind, now: datetime, details: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "company_id": company.company_id,
        "account_id": account_id,
        "kind": kind,
        "details": Jsonb(dict(details)),
        "now": now,
    }
