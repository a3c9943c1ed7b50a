"""How the language model did: for the report, and for `vernis doctor`."""

from datetime import date

from vernis.decide.writing import model_health
from vernis.domain import Company
from vernis.ports import Database
from vernis.sql import load

sql = load("model_status")


async def standing_in(
    db: Database, company: Company, *, first_day: date, last_day: date
) -> str | None:
    """One sentence where templates stood in for the model in the plans of these days, else None."""
    values = {"company_id": company.company_id, "first_day": first_day, "last_day": last_day}
    async with db.tenant(company.company_id) as connection:
        cursor = await connection.execute(sql.fallbacks.sql, values)
        counts: dict[str | None, int] = dict(await cursor.fetchall())
        cursor = await connection.execute(sql.ill.sql)
        ill: dict[str, str] = dict(await cursor.fetchall())
    fallbacks = {why: count for why, count in counts.items() if why is not None}
    return model_health.standing_in(fallbacks, sum(counts.values()), ill)


async def spent_micro_usd(db: Database, company: Company) -> int:
    """What the model has cost the company this month, in millionths of a US dollar."""
    async with db.tenant(company.company_id) as connection:
        values = {"company_id": company.company_id, "timezone": company.timezone}
        row = await (await connection.execute(sql.spent.sql, values)).fetchone()
    return int(row[0]) if row else 0
