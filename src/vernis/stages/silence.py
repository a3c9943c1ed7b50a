"""Silence: a person of the salon answers a client, so the assistant does not."""

from datetime import datetime, timedelta

from vernis.domain import Company
from vernis.ports import Connection
from vernis.sql import load

sql = load("silence")


async def begin(connection: Connection, company: Company, dialog_id: int, *, now: datetime) -> None:
    """A person has written: we are silent for a while, and what waits to be answered is theirs."""
    values = {"company_id": company.company_id, "dialog_id": dialog_id, "now": now}
    until = now + timedelta(minutes=company.silence_minutes)
    await connection.execute(sql.silence.sql, values | {"silent_until": until})
    await leave_to_person(connection, company, dialog_id)


async def leave_to_person(connection: Connection, company: Company, dialog_id: int) -> None:
    """Whoever of us is at a turn of this dialog finds it handled, and what has not left stays."""
    values = {"company_id": company.company_id, "dialog_id": dialog_id}
    await connection.execute(sql.leave_to_person.sql, values)
    await connection.execute(sql.take_back_answers.sql, values)
