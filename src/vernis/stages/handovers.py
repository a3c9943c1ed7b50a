"""Handovers: dialogs in which a person is to answer, until a person gives them back."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from vernis.decide.reception.dialog_state import Dialog, DialogState
from vernis.decide.reception.moves import Why
from vernis.domain import Company
from vernis.ports import Database
from vernis.sql import load
from vernis.stages import auditing
from vernis.stages.auditing import Who

sql = load("handovers")


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A dialog that waits for a person: why, and since when. `person_at`: one has written since.

    `text` is what the client last wrote.
    """

    dialog_id: int
    client_id: int | None
    client_name: str | None
    phone: str | None
    why: Why
    since: datetime
    person_at: datetime | None
    text: str | None


async def waiting(db: Database, company: Company) -> list[Waiting]:
    """All of them, the longest waiting first."""
    async with db.tenant(company.company_id) as connection:
        cursor = connection.cursor(row_factory=dict_row)
        await cursor.execute(sql.waiting.sql, {"company_id": company.company_id})
        return [Waiting(**row | {"why": Why(row["why"])}) for row in await cursor.fetchall()]


async def give_back(
    db: Database, company: Company, *, dialog_id: int, now: datetime, who: Who | None = None
) -> bool:
    """Let the assistant answer again; False where it was not quiet for a person.

    It begins anew: what it offered before is forgotten. A client who opted out stays so. With
    `who` it is noted that they did.
    """
    values: dict[str, Any] = {"company_id": company.company_id, "dialog_id": dialog_id, "now": now}
    async with db.tenant(company.company_id) as connection:
        row = await (await connection.execute(sql.lock.sql, values)).fetchone()
        if row is None or not row[1]:
            return False
        dialog = Dialog.from_dict(row[0])
        if dialog.state is DialogState.HANDED_OVER:
            dialog = replace(
                dialog, state=DialogState.IDLE, turns=0, asked_again=0, asked_to_write=False
            )
        changed = values | {"state": Jsonb(dialog.as_dict())}
        await connection.execute(sql.give_back.sql, changed)
        if who is not None:
            await auditing.note(
                connection, company, who=who, action="dialog.given_back",
                subject=f"dialog {dialog_id}", now=now,
            )  # fmt: skip
    return True
