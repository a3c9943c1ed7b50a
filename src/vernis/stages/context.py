"""The context that other assistants read in Redis: made from PostgreSQL, put back from it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from psycopg.rows import dict_row

from vernis.domain import Company
from vernis.ports import Database, DialogStore, ReactivationContext
from vernis.sql import load

sql = load("context")

ANSWERED_WITHIN = timedelta(hours=72)  # clients answer 24 to 72 hours later; the keys live 24


async def restore(db: Database, company: Company, store: DialogStore, *, now: datetime) -> int:
    """Put back what Redis has lost or let expire of the messages that may still be answered.

    What another assistant wrote meanwhile stays. Raises UnavailableError where Redis is down.
    """
    values = {"company_id": company.company_id, "since": now - ANSWERED_WITHIN}
    async with db.tenant(company.company_id) as connection:
        cursor = connection.cursor(row_factory=dict_row)
        await cursor.execute(sql.unanswered.sql, values)
        rows = await cursor.fetchall()
    contexts = [context_of(row, company.company_id, sent_at=row["claimed_at"]) for row in rows]
    await store.remember(contexts, only_if_absent=True)
    return len(contexts)


async def settle(
    db: Database, company: Company, store: DialogStore, *, phone: str, now: datetime
) -> None:
    """Clear the pendingAction of this phone for good: it is not put back either.

    Raises UnavailableError where Redis is down; what PostgreSQL knows is settled then.
    """
    values = {"company_id": company.company_id, "phone": phone, "now": now}
    async with db.tenant(company.company_id) as connection:
        await connection.execute(sql.settle.sql, values)
    await store.clear_pending_action(company.company_id, phone)


def context_of(
    row: Mapping[str, Any], company_id: int, *, sent_at: datetime
) -> ReactivationContext:
    """What other assistants read, in the contract's names, from a reactivation's row."""
    service = None
    if row["last_service_id"] is not None:
        service = {"id": row["last_service_id"], "name": row["last_service_name"]}
    moment = sent_at.isoformat()
    # What only some messages have is no field of the contract for the others.
    promised = {"offer": row["offer"], "freeTimes": row["message_times"]}
    return ReactivationContext(
        company_id=company_id,
        phone=row["phone"],
        client_name=row["name"],
        text=row["message_text"],
        sent_at=sent_at,
        pending_action={
            "type": "reactivation_response",
            "campaign": row["campaign"],
            "daysInactive": row["inactive_days"],
            "lastVisitDate": row["last_visit_date"].isoformat(),
            "suggestedService": service,
            "intervalDays": row["interval_days"],
            "intervalSource": row["interval_source"],
            "confidence": float(row["confidence_score"]),
            "messageSent": row["message_text"],
            "messageSentAt": moment,
            "reactivationHistoryId": row["id"],
            **{name: value for name, value in promised.items() if value},
        },
    )
