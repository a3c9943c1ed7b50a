"""Dialogs as an inbox, and what was said in one."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from psycopg.rows import dict_row

from vernis.domain import Company, Intent
from vernis.errors import NotFoundError
from vernis.ports import Database
from vernis.sql import load

sql = load("dialog_list")

RUSSIAN = 11  # digits of a number with its country


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A dialog in an inbox. `phone` is whole (E.164 digits): who shows it decides how much of it.

    `waiting_since` and `waiting_why` (moves.Why) where a person is to answer, `person_at` when one
    last wrote, `silent_until` how long the assistant is silent for that. `last_*` is the last
    message but campaign ones, `last_intent` of the client's last; `unread` are the client's since
    `looked_at`. `state` is a DialogState.
    """

    dialog_id: int
    client_id: int | None
    client_key: str | None
    client_name: str | None
    client_surname: str | None
    phone: str | None = field(repr=False)
    lid: str | None = field(repr=False)
    reactivation_id: int | None
    account: str
    channel: str
    state: str
    waiting_since: datetime | None
    waiting_why: str | None
    person_at: datetime | None
    silent_until: datetime | None
    looked_at: datetime | None
    created_at: datetime
    updated_at: datetime
    last_at: datetime | None
    last_direction: str | None
    last_kind: str | None
    last_text: str | None = field(repr=False)
    last_state: str | None
    last_intent: str | None
    unread: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One message. `key` orders those of one moment. A campaign message has no `message_id`, and is
    the reactivation `reactivation_id`; `kind` is a MessageKind, `staff` what a person wrote:
    `author` (a name) on a page, somebody from the salon's phone without one, or `by_program`."""

    key: int
    message_id: int | None
    reactivation_id: int | None
    direction: str
    kind: str
    text: str | None = field(repr=False)
    state: str
    intent: str | None
    confidence: float | None
    refusal: str | None
    author: str | None
    by_program: bool
    at: datetime
    is_campaign: bool


async def listed(
    db: Database,
    company: Company,
    *,
    client_id: int | None = None,
    waiting: bool | None = None,
    unread: bool | None = None,
    intent: Intent | None = None,
    text: str | None = None,
    before: tuple[datetime, int] | None = None,
    most: int = 50,
) -> list[Listed]:
    """Dialogs, the last changed first; those older than (updated_at, dialog_id) `before`.

    `waiting` for a person, with `unread` messages, whose client last meant `intent`, with `text` in
    a name, a message or, where it may be part of a number, the phone.
    """
    values: dict[str, Any] = {"client_id": client_id, "waiting": waiting, "unread": unread}
    values |= {"intent": intent, "dialog_id": None}
    values |= _looked_for(text)
    at, id_ = before or (None, None)
    return await _read(db, company, values | {"before_at": at, "before_id": id_, "most": most})


async def one(db: Database, company: Company, dialog_id: int) -> Listed:
    """Raises NotFoundError."""
    names = ("client_id", "waiting", "unread", "intent", "before_at", "before_id")
    values: dict[str, Any] = dict.fromkeys(names) | _looked_for(None)
    found = await _read(db, company, values | {"dialog_id": dialog_id, "most": 1})
    if not found:
        raise NotFoundError(f"There is no dialog {dialog_id}.")
    return found[0]


async def said(
    db: Database,
    company: Company,
    dialog_id: int,
    *,
    before: tuple[datetime, int] | None = None,
    most: int = 50,
) -> list[Said]:
    """What was said, the newest first, campaign messages among it; what is older than (at, key)
    `before`. Raises NotFoundError."""
    await one(db, company, dialog_id)
    at, key = before or (None, None)
    values = {"company_id": company.company_id, "dialog_id": dialog_id}
    async with db.tenant(company.company_id) as connection:
        cursor = connection.cursor(row_factory=dict_row)
        page = values | {"before_at": at, "before_key": key, "most": most}
        await cursor.execute(sql.said.sql, page)
        return [Said(**row) for row in await cursor.fetchall()]


async def _read(db: Database, company: Company, values: dict[str, Any]) -> list[Listed]:
    async with db.tenant(company.company_id) as connection:
        cursor = connection.cursor(row_factory=dict_row)
        await cursor.execute(sql.listed.sql, {"company_id": company.company_id} | values)
        return [Listed(**row) for row in await cursor.fetchall()]


def _looked_for(text: str | None) -> dict[str, str | None]:
    """Words as the query compares them, and the digits of what may be part of a phone number: a
    Russian one is often written with 8 instead of 7."""
    said = text.strip().lower() if text else ""
    digits = re.sub(r"[\s()+.-]", "", said)
    if not re.fullmatch(r"[0-9]{3,15}", digits):
        return {"text": said or None, "digits": None}
    if len(digits) == RUSSIAN and digits.startswith("8"):
        digits = f"7{digits[1:]}"
    return {"text": said, "digits": digits}
