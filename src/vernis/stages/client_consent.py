"""A client who said stop agrees to messages again: their new consent is noted with it."""

from collections.abc import Callable
from datetime import date, datetime

from vernis.domain import Company
from vernis.errors import ConflictError, NotFoundError, UsageError
from vernis.ports import Database
from vernis.sql import load
from vernis.stages import auditing, clients, opt_outs
from vernis.stages.auditing import Who

sql = load("client_history")

LONGEST = 200  # characters


async def agree_again(
    db: Database,
    company: Company,
    client_id: int,
    *,
    source: str,
    since: date,
    who: Who,
    now: datetime,
    hash_phone: Callable[[str], bytes],
) -> bool:
    """Take the stop back; False where there was none, and nothing is changed then.

    `source` says how the client agreed, `since` on which day. Raises NotFoundError, UsageError
    where either is missing or in the future, ConflictError where there is no phone.
    """
    how = " ".join(source.split())
    if not how or len(how) > LONGEST:
        raise UsageError(f"Say how the client agreed, in up to {LONGEST} characters.")
    if since > now.astimezone(company.zone).date():
        raise UsageError("The day of a consent is not in the future.")
    phone = (await clients.contact(db, company, client_id)).phone
    if phone is None:
        raise ConflictError("This client has no phone: nothing is sent to them anyway.")
    values = {"company_id": company.company_id, "client_id": client_id}
    async with db.tenant(company.company_id) as connection:
        changed = await opt_outs.take_back(
            connection, company, phone, now=now, hash_phone=hash_phone
        )
        if not changed:
            return False
        agreed = values | {"source": how, "since": since}
        if not (await connection.execute(sql.agree.sql, agreed)).rowcount:
            raise NotFoundError(f"There is no client {client_id}.")
        await auditing.note(
            connection,
            company,
            who=who,
            action="client.opted_in",
            subject=f"client {client_id}",
            details={"consent_on": since.isoformat()},
            now=now,
        )
    return True
