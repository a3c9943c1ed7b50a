"""The desk: a person of the salon takes a dialog over and answers in it, while the assistant is
quiet. `handovers.give_back` ends that."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from vernis.decide.reception.dialog_state import Dialog, DialogState
from vernis.decide.reception.moves import Why
from vernis.domain import Company
from vernis.errors import ConflictError, NotFoundError, UsageError
from vernis.ports import Channel, Connection, Database
from vernis.sql import load
from vernis.stages import auditing, opt_outs, silence
from vernis.stages.auditing import Who

sql = load("desk")

HashPhone = Callable[[str], bytes]

# Who asked for no messages may be answered when they write, and this long after it.
ANSWERED_WITHIN = timedelta(days=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class MayWrite:
    """`obstacle`: one sentence where a person may not write now. `is_stopped`: the client wants no
    messages."""

    is_stopped: bool
    obstacle: str | None


async def take_over(
    db: Database, company: Company, *, dialog_id: int, who: Who, now: datetime
) -> bool:
    """The assistant keeps quiet until the dialog is given back; False where it was quiet already.

    What the client wrote and nobody has answered is left to the person. Raises NotFoundError.
    """
    async with db.tenant(company.company_id) as connection:
        row = await _lock(connection, company, dialog_id)
        dialog = Dialog.from_dict(row["state"])
        quiet = dialog.state in {DialogState.HANDED_OVER, DialogState.STOPPED}
        if quiet and row["waiting_since"] is not None:
            return False
        if not quiet:
            dialog = replace(
                dialog, state=DialogState.HANDED_OVER, offered=(), services=(), own=(),
                purpose=None, wish=None,
            )  # fmt: skip
        values = {"company_id": company.company_id, "dialog_id": dialog_id, "now": now}
        values |= {"state": Jsonb(dialog.as_dict()), "why": Why.TAKEN}
        await connection.execute(sql.take_over.sql, values)
        await silence.leave_to_person(connection, company, dialog_id)
        await auditing.note(
            connection, company, who=who, action="dialog.taken_over",
            subject=f"dialog {dialog_id}", now=now,
        )  # fmt: skip
    return True


async def write(
    db: Database,
    company: Company,
    *,
    dialog_id: int,
    text: str,
    who: Who,
    now: datetime,
    key: str,
    channels: Mapping[str, Channel],
    hash_phone: HashPhone,
) -> int:
    """Leave a person's message for `answering.answer`, which sends it as any other; its id.

    `key` is the form's or the request's: the same one writes once. The assistant is silent from now
    on as it is when one writes from the salon's phone. Raises NotFoundError, UsageError where the
    text cannot be sent, ConflictError where nothing may be.
    """
    body = text.replace("\r\n", "\n").strip()
    if not body:
        raise UsageError("Write something first.")
    values: dict[str, Any] = {"company_id": company.company_id, "dialog_id": dialog_id}
    values |= {"body": body, "form_key": key, "now": now}
    values |= {"user_id": who.user_id, "key_id": who.key_id}
    async with db.tenant(company.company_id) as connection:
        row = await _lock(connection, company, dialog_id)
        if (before := await _one(connection, sql.written.sql, values)) is not None:
            if (before["dialog_id"], before["body"]) != (dialog_id, body):
                raise ConflictError("You have sent this already: load the page again.")
            return int(before["message_id"])
        values |= {"account_id": row["account_id"], "reactivation_id": row["reactivation_id"]}
        may = await may_write(
            connection, company, row, now=now, channels=channels, hash_phone=hash_phone
        )
        if may.obstacle:
            raise ConflictError(may.obstacle)
        channel = channels.get(row["channel"])
        if channel and len(body) > channel.abilities.longest_text:
            raise UsageError("This is too long for one message: make two of it.")
        written = await _one(connection, sql.write.sql, values)
        assert written is not None
        await silence.begin(connection, company, dialog_id, now=now)
        await auditing.note(
            connection, company, who=who, action="message.written",
            subject=f"dialog {dialog_id}", now=now,
        )  # fmt: skip
    return int(written["message_id"])


async def mark_looked(db: Database, company: Company, dialog_id: int, *, now: datetime) -> None:
    """Whatever the client has written so far is read."""
    values = {"company_id": company.company_id, "dialog_id": dialog_id, "now": now}
    async with db.tenant(company.company_id) as connection:
        await connection.execute(sql.mark_looked.sql, values)


async def may_write(
    connection: Connection,
    company: Company,
    row: Mapping[str, Any],
    *,
    now: datetime,
    channels: Mapping[str, Channel],
    hash_phone: HashPhone,
) -> MayWrite:
    """Whether the client's wish and the channel let a person write in the dialog of `row`."""
    keys = [hash_phone(row["phone"])] if row["phone"] else []
    keys += [opt_outs.hash_lid(row["lid"], hash_phone)] if row["lid"] else []
    values = {"company_id": company.company_id, "dialog_id": row["dialog_id"], "keys": keys}
    values |= {"account_id": row["account_id"], "recently": now - ANSWERED_WITHIN}
    heard = await _one(connection, sql.heard.sql, values)
    assert heard is not None
    obstacle, heard_at = None, heard["heard_at"]
    channel = channels.get(row["channel"])  # without it a message waits until that is set up again
    window = channel.abilities.free_text_for if channel else None
    if heard["is_stopped"] and not heard["is_theirs"]:
        obstacle = "They asked for no messages: you may only answer what they write."
    elif window is not None and (heard_at is None or now - heard_at >= window):
        obstacle = "They last wrote over a day ago, so WhatsApp takes no answer: call them."
    return MayWrite(is_stopped=heard["is_stopped"], obstacle=obstacle)


async def _lock(connection: Connection, company: Company, dialog_id: int) -> dict[str, Any]:
    values = {"company_id": company.company_id, "dialog_id": dialog_id}
    if (row := await _one(connection, sql.lock.sql, values)) is None:
        raise NotFoundError(f"There is no dialog {dialog_id}.")
    return row


async def _one(
    connection: Connection, query: str, values: Mapping[str, Any]
) -> dict[str, Any] | None:
    cursor = connection.cursor(row_factory=dict_row)
    await cursor.execute(query, values)
    return await cursor.fetchone()
