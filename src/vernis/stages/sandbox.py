"""The sandbox seen from outside: a client's phone on the table."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from vernis.domain import Company, Inbound, MessageKind
from vernis.ports import Database
from vernis.sql import load

sql = load("sandbox")


async def say(db: Database, company: Company, *, phone: str, text: str, now: datetime) -> Inbound:
    """A client's message arrives in the sandbox."""
    key = f"in-{uuid4().hex}"
    values = {"company_id": company.company_id, "phone": phone, "body": text}
    async with db.tenant(company.company_id) as connection:
        cursor = await connection.execute(sql.receive.sql, values | {"key": key, "now": now})
        row = await cursor.fetchone()
    assert row is not None
    return Inbound(
        account_id=row[0], provider_message_id=key, received_at=now, phone=phone, text=text
    )


async def say_as_staff(
    db: Database, company: Company, *, phone: str, text: str, now: datetime
) -> Inbound:
    """One of the salon writes to a client from the salon's own phone."""
    key = f"staff-{uuid4().hex}"
    values = {"company_id": company.company_id, "phone": phone, "body": text}
    async with db.tenant(company.company_id) as connection:
        cursor = await connection.execute(sql.staff.sql, values | {"key": key, "now": now})
        row = await cursor.fetchone()
    assert row is not None
    return Inbound(
        account_id=row[0],
        provider_message_id=key,
        received_at=now,
        phone=phone,
        text=text,
        kind=MessageKind.STAFF,
    )


async def chats(db: Database, company: Company) -> list[dict[str, Any]]:
    """Phones with a conversation and its length, the newest last."""
    return await _rows(db, company, sql.chats.sql, {})


async def chat(db: Database, company: Company, *, phone: str) -> list[dict[str, Any]]:
    """What was said with one phone, in order: direction `in` or `out`, body, said_at."""
    return await _rows(db, company, sql.chat.sql, {"phone": phone})


async def behave(db: Database, company: Company, behaviour: dict[str, int]) -> None:
    """Tell the company's sandbox to `fail`, `lose` or be `slow_ms`; 0 stops it."""
    values = {"company_id": company.company_id, "settings": Jsonb(behaviour)}
    async with db.tenant(company.company_id) as connection:
        await connection.execute(sql.behave.sql, values)


async def _rows(
    db: Database, company: Company, query: str, values: dict[str, Any]
) -> list[dict[str, Any]]:
    async with db.tenant(company.company_id) as connection:
        cursor = connection.cursor(row_factory=dict_row)
        await cursor.execute(query, values | {"company_id": company.company_id})
        return await cursor.fetchall()
