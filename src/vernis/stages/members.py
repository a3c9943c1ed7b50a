"""Who may do what in a company."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from psycopg.rows import dict_row

from vernis.domain import Company
from vernis.errors import ConflictError, NotFoundError
from vernis.ports import Connection, Database
from vernis.sql import load
from vernis.stages import auditing, users
from vernis.stages.auditing import Who
from vernis.stages.users import User

sql = load("members")


class Role(StrEnum):
    """Each may do what those after it may."""

    OWNER = "owner"  # settings, people, keys, erasure
    MANAGER = "manager"  # approve, answer, opt out
    VIEWER = "viewer"  # look

    def includes(self, other: "Role") -> bool:
        ranks = list(Role)
        return ranks.index(self) <= ranks.index(other)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A person of a company. `has_password`: they have followed their invitation."""

    user_id: int
    login: str
    name: str
    role: Role
    has_password: bool
    has_second_factor: bool
    seen_at: datetime | None


async def companies_of(db: Database, user: User) -> dict[int, Role]:
    """The companies that this person may look at."""
    async with db.dispatch() as connection:
        cursor = await connection.execute(sql.companies_of.sql, {"user_id": user.user_id})
        return {company_id: Role(role) for company_id, role in await cursor.fetchall()}


async def role_of(db: Database, company_id: int, user: User) -> Role | None:
    """What this person may do there; None where they may not even know that it exists."""
    values = {"company_id": company_id, "user_id": user.user_id}
    async with db.tenant(company_id) as connection:
        row = await (await connection.execute(sql.role_of.sql, values)).fetchone()
    return Role(row[0]) if row else None


async def listed(db: Database, company: Company) -> list[Member]:
    """The people of a company, the first one first."""
    async with db.tenant(company.company_id) as connection:
        cursor = connection.cursor(row_factory=dict_row)
        await cursor.execute(sql.listed.sql, {"company_id": company.company_id})
        return [Member(**row | {"role": Role(row["role"])}) for row in await cursor.fetchall()]


async def join(
    db: Database, company: Company, user: User, role: Role, *, who: Who, now: datetime
) -> None:
    """Let somebody in, or change what they may do.

    Raises ConflictError where nobody would be left who may change anything.
    """
    values = {"company_id": company.company_id, "user_id": user.user_id, "role": role, "now": now}
    async with db.tenant(company.company_id) as connection:
        if role is not Role.OWNER:
            await _require_another_owner(connection, values)
        await connection.execute(sql.join.sql, values)
        subject, details = f"user {user.user_id}", {"role": role.value}
        await auditing.note(
            connection, company, who=who, action="member.joined", subject=subject,
            details=details, now=now,
        )  # fmt: skip


async def leave(db: Database, company: Company, user_id: int, *, who: Who, now: datetime) -> None:
    """Let somebody in no more. Raises NotFoundError, ConflictError for the last owner."""
    values = {"company_id": company.company_id, "user_id": user_id}
    async with db.tenant(company.company_id) as connection:
        await _require_another_owner(connection, values)
        if not (await connection.execute(sql.leave.sql, values)).rowcount:
            raise NotFoundError("There is no such person in this company.")
        subject = f"user {user_id}"
        await auditing.note(
            connection, company, who=who, action="member.left", subject=subject, now=now
        )


async def link(db: Database, company: Company, user_id: int, *, who: Who, now: datetime) -> str:
    """The secret of a link by which somebody of this company sets a password, once.

    Raises NotFoundError, and ConflictError where it would open another company as well: whoever
    owns one must not get into others by it.
    """
    if user_id not in {member.user_id for member in await listed(db, company)}:
        raise NotFoundError("There is no such person in this company.")
    user = await users.get(db, user_id)
    others = set(await companies_of(db, user)) - {company.company_id}
    if others or user.opens_companies or user.disabled_at is not None:
        raise ConflictError("This person is in other companies too: whoever set Vernis up helps.")
    async with db.tenant(company.company_id) as connection:
        await auditing.note(
            connection, company, who=who, action="member.link_made", subject=f"user {user_id}",
            now=now,
        )  # fmt: skip
    return await users.make_link(db, user, now=now)


async def _require_another_owner(connection: Connection, values: dict[str, Any]) -> None:
    rows = await (await connection.execute(sql.lock.sql, values)).fetchall()
    owners = {user_id for user_id, role in rows if role == Role.OWNER}
    if owners == {values["user_id"]}:
        raise ConflictError("A company needs an owner: make somebody else one first.")
