"""Who comes in first: a link that works once, as long as nobody has a password."""

from datetime import datetime

from vernis.domain import Locale
from vernis.ports import Database
from vernis.stages import companies, members, users
from vernis.stages.auditing import Who
from vernis.stages.members import Role

FIRST_LOGIN = "owner"


async def first_link(db: Database, *, now: datetime, locale: Locale = Locale.RU) -> str | None:
    """The path of a new link for whoever set Vernis up; None once somebody has a password.

    They may create companies, and own those that are there already.
    """
    if await users.anybody_has_password(db):
        return None
    user = await users.by_login(db, FIRST_LOGIN) or await users.first(db)
    if user is None:
        user = await users.create(
            db, login=FIRST_LOGIN, locale=locale, opens_companies=True, now=now
        )
        for company_id in await companies.names(db):
            company = await companies.get(db, company_id)
            await members.join(db, company, user, Role.OWNER, who=Who(), now=now)
    await users.end_links(db, user, now=now)
    return f"/welcome/{await users.make_link(db, user, now=now)}"
