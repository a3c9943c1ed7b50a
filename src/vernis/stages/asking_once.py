"""Asking once: what a program asked with an Idempotency-Key is done once, and answered again.

A key is claimed before anything is done. Whoever claimed it and does not come back within LEASE has
died: the next one does it again, which every write here bears. What failed is not kept.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any

from psycopg.types.json import Jsonb

from vernis.domain import Company
from vernis.ports import Database
from vernis.sql import load

sql = load("asking_once")

KEPT = timedelta(days=1)
LEASE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A key of a company that is ours to answer. `at` tells this claim from a later one."""

    company_id: int
    key_hash: bytes
    at: datetime

    @property
    def values(self) -> dict[str, Any]:
        return {"company_id": self.company_id, "key_hash": self.key_hash, "now": self.at}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What was answered the first time."""

    status: int
    answer: Any


class Refused(Enum):
    OTHER_BODY = auto()
    UNDER_WAY = auto()


async def claim(
    db: Database, company: Company, *, key: str, request: bytes, now: datetime
) -> Claim | Answered | Refused:
    """Claim a key for a request. `key` says who asks for what, `request` is all of what is sent."""
    ours = Claim(
        company_id=company.company_id, key_hash=hashlib.sha256(key.encode()).digest(), at=now
    )
    request_hash = hashlib.sha256(request).digest()
    values = ours.values | {"request_hash": request_hash, "given_up": now - LEASE}
    async with db.tenant(company.company_id) as connection:
        await connection.execute(sql.forget.sql, values | {"forgotten": now - KEPT})
        if await (await connection.execute(sql.claim.sql, values)).fetchone():
            return ours
        known = await (await connection.execute(sql.known.sql, values)).fetchone()
    if known is None:  # released or erased at this very moment
        return Refused.UNDER_WAY
    before, status, answer = known
    if bytes(before) != request_hash:
        return Refused.OTHER_BODY
    return Refused.UNDER_WAY if status is None else Answered(status=status, answer=answer)


async def keep(db: Database, claim: Claim, *, status: int, answer: Any) -> None:
    """From now on this is what the key is answered."""
    values = claim.values | {"status": status, "answer": Jsonb(answer)}
    async with db.tenant(claim.company_id) as connection:
        await connection.execute(sql.keep.sql, values)


async def release(db: Database, claim: Claim) -> None:
    """It came to nothing: the key may be used again."""
    async with db.tenant(claim.company_id) as connection:
        await connection.execute(sql.release.sql, claim.values)
