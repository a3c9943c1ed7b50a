"""Keys of programs, and the log of who changed what."""

from datetime import datetime
from typing import Any

from fastapi import Response
from pydantic import Field

from vernis.stages import api_keys, auditing
from vernis.web.v1 import common
from vernis.web.v1.common import Admin, Answer, Id, Master
from vernis.web.v1.paging import Cursor, Limit, Page, after, number, page

router = common.router("keys")


class KeyAnswer(Answer):
    """A key without its secret."""

    key_id: int = Field(examples=[1])
    name: str = Field(description="Which program has it.", examples=["AI Admin"])
    scopes: list[str] = Field(examples=[["read", "write"]])
    requests_per_minute: int = Field(examples=[600])
    created_at: datetime
    used_at: datetime | None = Field(description="To the minute.")
    revoked_at: datetime | None


class EntryAnswer(Answer):
    """A note of who changed what. It holds settings and numbers, nothing of a client."""

    entry_id: int = Field(examples=[31])
    at: datetime
    user_id: int | None = Field(description="The person, by the pages.")
    login: str | None
    key_id: int | None = Field(description="The program. Neither: the command line.")
    action: str = Field(examples=["settings.changed"])
    subject: str = Field(examples=["client 12"])
    details: dict[str, Any] = Field(examples=[{"daily_cap": ["20", "30"]}])


@router.get("/keys", operation_id="keys", summary="The keys of programs")
async def listed(caller: Admin) -> Page[KeyAnswer]:
    """All of them, the revoked too; `vernis keys create` makes one."""
    found = await api_keys.listed(caller.app.db, caller.company)
    return Page(items=[KeyAnswer.model_validate(key) for key in found], next=None)


@router.delete("/keys/{key_id}", operation_id="revokeKey", summary="Revoke a key", status_code=204)
async def revoke(caller: Master, key_id: Id) -> Response:
    """At once and for good, also the one that asks."""
    app = caller.app
    await api_keys.revoke(app.db, caller.company, key_id, now=app.clock(), who=caller.who)
    return Response(status_code=204)


@router.get("/audit", operation_id="audit", summary="Who changed what, newest first")
async def audit(caller: Admin, limit: Limit = 50, cursor: Cursor = None) -> Page[EntryAnswer]:
    begin = after("audit", cursor, number)
    rows = await auditing.listed(
        caller.app.db, caller.company, before=begin[0] if begin else None, most=limit + 1
    )
    return Page(
        **page(
            "audit",
            rows,
            limit,
            key=lambda row: [row.entry_id],
            shown=EntryAnswer.model_validate,
        )
    )
