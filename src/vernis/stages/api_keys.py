"""API keys: which programs may ask for a company, and for what. Of a key only a hash is kept."""

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg.rows import dict_row

from vernis.domain import Company
from vernis.errors import NotFoundError, UsageError
from vernis.ports import Database
from vernis.sql import load
from vernis.stages import auditing, companies
from vernis.stages.auditing import Who

sql = load("api_keys")

SCOPES = {
    "read": "who is written to and why, what came of it; phones masked, no texts",
    "messages": "beside read: phones in full, and what was written and answered",
    "write": "opt-outs, runs, decisions on drafts, answers in dialogs, imports",
    "settings": "a company's settings, its services' intervals, its webhooks",
    "assistants": "the functions for a company's own assistant",
    "admin": "keys, who changed what, a client's data in full, erasure",
}
MOST_A_MINUTE = 100_000
USED_TO = timedelta(minutes=1)  # a busy key does not write its row with every request
A_MINUTE = 600  # requests, where nothing else is said
_KEY = re.compile(r"vernis_([1-9][0-9]{0,17})_[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key without its secret."""

    key_id: int
    name: str
    scopes: tuple[str, ...]
    requests_per_minute: int
    created_at: datetime
    used_at: datetime | None = None  # to the minute
    revoked_at: datetime | None = None


async def create(
    db: Database,
    company: Company,
    *,
    name: str,
    scopes: Sequence[str],
    requests_per_minute: int = A_MINUTE,
    now: datetime,
    who: Who | None = None,
) -> tuple[Key, str]:
    """A new key, and the text that its program sends: nobody can read it again.

    Raises UsageError.
    """
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        known = ", ".join(f"{scope} ({what})" for scope, what in SCOPES.items())
        raise UsageError(f"A key needs a scope; there are: {known}.")
    if not name.strip():
        raise UsageError("Give the key a name that says which program has it.")
    if not 1 <= requests_per_minute <= MOST_A_MINUTE:
        raise UsageError(f"A key may ask 1 to {MOST_A_MINUTE} times a minute.")
    text = f"vernis_{company.company_id}_{secrets.token_urlsafe(32)}"
    values: dict[str, Any] = {
        "name": name.strip(),
        "scopes": sorted(set(scopes)),
        "requests_per_minute": requests_per_minute,
    }
    known_as = values | {"company_id": company.company_id, "key_hash": _hash(text), "now": now}
    async with db.tenant(company.company_id) as connection:
        cursor = await connection.execute(sql.create.sql, known_as)
        ((key_id,),) = await cursor.fetchall()
        await auditing.note_by(
            connection, company, who, "key.created", f"key {key_id}", now=now,
            details={"name": values["name"], "scopes": values["scopes"]},
        )  # fmt: skip
    scopes_kept = tuple(values.pop("scopes"))
    return Key(key_id=key_id, scopes=scopes_kept, created_at=now, **values), text


def company_of(text: str) -> int | None:
    """The company that a key names; None where the text is no key."""
    match = _KEY.fullmatch(text)
    return int(match[1]) if match else None


async def find(db: Database, text: str, *, now: datetime) -> tuple[Key, Company] | None:
    """The key of this text, also a revoked one, and its company; notes that it was used."""
    company_id = company_of(text)
    if company_id is None:
        return None
    values = {"company_id": company_id, "key_hash": _hash(text), "now": now}
    async with db.tenant(company_id) as connection:
        cursor = connection.cursor(row_factory=dict_row)
        await cursor.execute(sql.find.sql, values)
        row = await cursor.fetchone()
        if row is None:
            return None
        if row["used_at"] is None or row["used_at"] < now - USED_TO:
            await connection.execute(sql.used.sql, values | {"key_id": row["key_id"]})
        return _key(row), await companies.get_within(connection, company_id)


async def listed(db: Database, company: Company) -> list[Key]:
    """All keys of a company, the oldest first."""
    async with db.tenant(company.company_id) as connection:
        cursor = connection.cursor(row_factory=dict_row)
        await cursor.execute(sql.all_keys.sql, {"company_id": company.company_id})
        return [_key(row) for row in await cursor.fetchall()]


async def revoke(
    db: Database, company: Company, key_id: int, *, now: datetime, who: Who | None = None
) -> None:
    """From now on nothing is answered to this key. Raises NotFoundError."""
    values = {"company_id": company.company_id, "key_id": key_id, "now": now}
    async with db.tenant(company.company_id) as connection:
        row = await (await connection.execute(sql.revoke.sql, values)).fetchone()
        if row is not None:
            await auditing.note_by(
                connection, company, who, "key.revoked", f"key {key_id}", now=now
            )
    if row is None:
        raise NotFoundError(f"{company.name} has no key {key_id}: `vernis keys list` shows them.")


def _key(row: dict[str, Any]) -> Key:
    return Key(**row | {"scopes": tuple(row["scopes"])})


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
