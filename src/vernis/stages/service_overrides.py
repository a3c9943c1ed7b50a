"""The owner's own interval for a service: see docs/decisions/0011-own-intervals.md."""

from datetime import datetime
from typing import Any

from vernis.decide.timing.owner import LONGEST
from vernis.domain import Company
from vernis.errors import NotFoundError, UsageError
from vernis.ports import Database
from vernis.sql import load
from vernis.stages import auditing, intervals
from vernis.stages.auditing import Who

sql = load("service_overrides")


async def find_service(db: Database, company: Company, typed: str) -> int:
    """The id of a service named by its id or its title. Raises NotFoundError and UsageError."""
    text = typed.strip()
    values = {
        "company_id": company.company_id,
        "service_id": int(text) if text.isdecimal() and len(text) < 19 else None,
        "title": text,
    }
    async with db.tenant(company.company_id) as connection:
        found = await (await connection.execute(sql.find.sql, values)).fetchall()
    if not found:
        raise NotFoundError(
            f"{company.name} has no service «{text}»: `vernis intervals` lists them."
        )
    if len(found) > 1:
        listed = ", ".join(str(service_id) for (service_id,) in found[:10])
        raise UsageError(f"Several services are called so: give one of the ids {listed}.")
    return int(found[0][0])


async def set_interval(
    db: Database, company: Company, service: int, days: int | None, *, who: Who, now: datetime
) -> int:
    """After how many days clients of a service are expected back, 1 to 730; None: as is learned.

    Their due dates follow in the same transaction; how many clients were looked at. 0 where it
    was so before, or nothing has been computed yet. Raises NotFoundError and UsageError.
    """
    if days is not None and not 1 <= days <= LONGEST:
        raise UsageError(f"An interval has 1 to {LONGEST} days.")
    values: dict[str, Any] = {"company_id": company.company_id, "service_id": service}
    async with db.tenant(company.company_id) as connection:
        await connection.execute(sql.lock_company.sql, values)
        row = await (await connection.execute(sql.known.sql, values)).fetchone()
        if row is None:
            raise NotFoundError(f"{company.name} has no service {service}.")
        if row[0] == days:
            return 0
        await connection.execute(sql.set_interval.sql, values | {"days": days})
        await auditing.note(
            connection,
            company,
            who=who,
            action="service.interval_set",
            subject=f"service {service}",
            details={"before": row[0], "days": days},
            now=now,
        )
        cursor = await connection.execute(sql.concerned.sql, values)
        clients = [client_id for (client_id,) in await cursor.fetchall()]
        on, number = now.astimezone(company.zone).date(), 0
        for first in range(0, len(clients), intervals.PART):
            part = clients[first : first + intervals.PART]
            number += await intervals.follow_within(connection, company, part, on=on, now=now)
    return number
