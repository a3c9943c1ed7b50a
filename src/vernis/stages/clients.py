"""A client as somebody who is talked with: the name and the phone."""

from dataclasses import dataclass

from vernis.domain import Company
from vernis.errors import NotFoundError
from vernis.ports import Database
from vernis.sql import load

sql = load("clients")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """How a client is called and reached."""

    name: str | None
    phone: str | None


async def contact(db: Database, company: Company, client_id: int) -> Contact:
    """Raises NotFoundError."""
    values = {"company_id": company.company_id, "client_id": client_id}
    async with db.tenant(company.company_id) as connection:
        row = await (await connection.execute(sql.contact.sql, values)).fetchone()
    if row is None:
        raise NotFoundError(f"There is no client {client_id}.")
    return Contact(name=row[0], phone=row[1])
