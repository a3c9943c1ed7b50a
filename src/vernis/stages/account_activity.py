"""What left from each account in some days, and how much of it was answered."""

from dataclasses import dataclass
from datetime import date

from vernis.domain import Company
from vernis.ports import Database
from vernis.sql import load

sql = load("account_activity")


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """Campaign messages of an account and those that were answered."""

    sent: int = 0
    replies: int = 0


async def activity(
    db: Database, company: Company, *, first_day: date, last_day: date
) -> dict[int, Activity]:
    """By account; of the plans of these days, both included."""
    values = {"company_id": company.company_id, "first_day": first_day, "last_day": last_day}
    async with db.tenant(company.company_id) as connection:
        rows = await (await connection.execute(sql.replies.sql, values)).fetchall()
    return {account: Activity(sent=sent, replies=replies) for account, sent, replies in rows}
