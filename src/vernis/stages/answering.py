"""Answer: what the reception wrote leaves, each dialog's answers in their order.

Exempt from hours, limits and pace: the client just wrote. Claimed and settled like a campaign
message, so an answer whose call had no outcome is not said twice either.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

from psycopg.rows import dict_row

from vernis.decide import outcomes
from vernis.domain import Company, Outgoing, Receipt
from vernis.ports import Channel, Clock, Database
from vernis.sql import load
from vernis.stages.sending import BATCH, account_of, attempt

sql = load("answering")


async def answer(
    db: Database, company: Company, *, channels: Mapping[str, Channel], clock: Clock
) -> int:
    """Send the answers that wait, as far as their channels take them; how many left."""
    sent = 0
    values: dict[str, Any] = {"company_id": company.company_id, "batch": BATCH}
    values |= {"channels": list(channels), "tried": []}
    while True:
        rows = await _claim(db, company, channels, values | {"now": clock()})
        if not rows:
            return sent
        answers = await asyncio.gather(
            *(
                attempt(channels[row["channel"]], account_of(row, company), _message(row, company))
                for row in rows
            )
        )
        found = [
            outcomes.outcome(
                None if isinstance(answer, Receipt) else answer,
                repeats_are_safe=channels[row["channel"]].abilities.repeats_are_safe,
                tries=row["send_tries"],
                doubtful=row["doubtful"],
            )
            for row, answer in zip(rows, answers, strict=True)
        ]
        receipts = [answer if isinstance(answer, Receipt) else None for answer in answers]
        columns = {
            "ids": [row["message_id"] for row in rows],
            "states": [come.state for come in found],
            "provider_ids": [receipt and receipt.provider_message_id for receipt in receipts],
            "sent_ats": [receipt and receipt.accepted_at for receipt in receipts],
            "refusals": [come.refusal for come in found],
            "as_news": [come.as_new for come in found],
            "uncounteds": [come.uncounted for come in found],
        }
        async with db.tenant(company.company_id) as connection:
            await connection.execute(sql.settle_answers.sql, values | columns)
        values["tried"] += columns["ids"]
        sent += sum(receipt is not None for receipt in receipts)


async def _claim(
    db: Database, company: Company, channels: Mapping[str, Channel], values: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Take what may leave now. What the channel will call it is known before the call, where it
    can be: a delivery may be reported before the call returns, or the process dies."""
    async with db.tenant(company.company_id) as connection:
        cursor = connection.cursor(row_factory=dict_row)
        await cursor.execute(sql.claim_answers.sql, values)
        rows = await cursor.fetchall()
        names = {
            row["message_id"]: name
            for row in rows
            if (
                name := channels[row["channel"]].message_id(
                    account_of(row, company), _message(row, company)
                )
            )
        }
        if names:
            named = {"ids": [*names], "provider_ids": [*names.values()]}
            await cursor.execute(sql.name_answers.sql, {**values, **named})
    return rows


def _message(row: Mapping[str, Any], company: Company) -> Outgoing:
    return Outgoing(
        company_id=company.company_id,
        account_id=row["account_id"],
        key=f"m{company.company_id}-{row['message_id']}",
        phone=row["phone"],
        text=row["body"],
        lid=row["lid"] if row["phone"] is None else None,
        last_heard_at=row["last_heard_at"],
    )
