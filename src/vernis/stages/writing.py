"""Write: a text for each planned reactivation, and the hours in which it may leave."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from psycopg.rows import dict_row

from vernis.decide import delivery
from vernis.decide.message import band_for
from vernis.domain import Company, Gender, MessageFacts
from vernis.errors import UsageError
from vernis.ports import Connection, Database, Writer
from vernis.sql import load

sql = load("writing")

BATCH = 500


async def write(db: Database, company: Company, writer: Writer, *, now: datetime) -> int:
    """Write all planned reactivations; how many. No transaction is open while the writer works."""
    written = 0
    while True:
        async with db.tenant(company.company_id) as connection:
            account_id = await _account(connection, company)
            planned = await _planned(connection, company)
        if not planned:
            return written
        facts = [_facts(row, company) for row in planned]
        drafts = await writer.write(company, facts)
        columns: dict[str, list[Any]] = {
            "ids": [row["id"] for row in planned],
            "bodies": [draft.text for draft in drafts],
            "templates": [draft.template for draft in drafts],
            "offers": [json.dumps(asdict(fact.offer)) if fact.offer else None for fact in facts],
            "send_afters": [_opens(company, row["plan_on"], now) for row in planned],
            "deadlines": [delivery.deadline(company, row["plan_on"]) for row in planned],
        }
        values = {"company_id": company.company_id, "account_id": account_id, "now": now}
        async with db.tenant(company.company_id) as connection:
            cursor = await connection.execute(sql.store_texts.sql, values | columns)
        written += cursor.rowcount
        if len(planned) < BATCH:
            return written


async def _planned(connection: Connection, company: Company) -> Sequence[dict[str, Any]]:
    cursor = connection.cursor(row_factory=dict_row)
    await cursor.execute(sql.planned.sql, {"company_id": company.company_id, "batch": BATCH})
    return await cursor.fetchall()


async def _account(connection: Connection, company: Company) -> int:
    cursor = await connection.execute(sql.account.sql, {"company_id": company.company_id})
    if (row := await cursor.fetchone()) is None:
        raise UsageError(f"{company.name} has no active account to send from.")
    return int(row[0])


def _facts(row: dict[str, Any], company: Company) -> MessageFacts:
    band = band_for(row["inactive_days"])
    return MessageFacts(
        locale=company.locale,
        band=band,
        company_name=company.name,
        client_name=row["name"],
        gender=Gender(row["gender"]) if row["gender"] else None,
        address=company.address,
        service_title=row["last_service_name"],
        staff_name=row["staff_name"],
        inactive_days=row["inactive_days"],
        attempt=row["attempt"],
        offer=company.offers.get(band),
        seed=row["id"],
        used_templates=tuple(row["used_templates"]),
    )


def _opens(company: Company, day: date, now: datetime) -> datetime:
    """Not before the hours of the planned day, even where the plan was made the evening before."""
    midnight = datetime.combine(day, datetime.min.time(), tzinfo=company.zone)
    return delivery.next_opening(company, max(midnight, now)) or midnight + timedelta(days=365)
