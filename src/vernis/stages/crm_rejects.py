"""What a CRM told and could not be taken, each with its reason, until it can be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from vernis.crm import Entity, Rejected
from vernis.domain import Company
from vernis.ports import Connection, Database
from vernis.sql import load

sql = load("crm_rejects")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """Something of the CRM's that could not be taken. `of_entity` counts all of its kind."""

    entity: Entity
    external_id: str
    reason: str
    rejected_at: datetime
    of_entity: int


async def keep(
    connection: Connection,
    company: Company,
    entity: Entity,
    rejected: Sequence[Rejected],
    *,
    now: datetime,
) -> None:
    """In the caller's transaction."""
    if not rejected:
        return
    values = {"company_id": company.company_id, "entity": entity, "now": now}
    columns = {"ids": [one.external_id for one in rejected]}
    columns |= {"reasons": [one.reason for one in rejected]}
    await connection.execute(sql.keep.sql, values | columns)


async def taken(
    connection: Connection, company: Company, entity: Entity, external_ids: Sequence[str]
) -> None:
    """These are no longer rejected."""
    values = {"company_id": company.company_id, "entity": entity, "ids": list(external_ids)}
    await connection.execute(sql.taken.sql, values, prepare=False)


async def listed(db: Database, company: Company, *, most: int = 200) -> list[Reject]:
    async with db.tenant(company.company_id) as connection:
        values = {"company_id": company.company_id, "most": most}
        rows = await (await connection.execute(sql.listed.sql, values)).fetchall()
    return [
        Reject(entity=Entity(entity), external_id=id_, reason=reason, rejected_at=at, of_entity=of)
        for entity, id_, reason, at, of in rows
    ]
