"""The demo's door: whoever has its address may do everything in the salon that nobody is in."""

import hmac

from fastapi import APIRouter, Request, Response

from vernis.stages import companies, members, users
from vernis.stages.auditing import Who
from vernis.stages.members import Role
from vernis.web.errors import Problem
from vernis.web.keys import vernis_of
from vernis.web.pages.account import enter
from vernis.web.pages.rendering import locale_of

LOGIN = "demo"


def let_in(secret: str) -> APIRouter:
    """The route that logs a visitor of the demo in."""
    router = APIRouter(include_in_schema=False)

    @router.get("/demo/{said}")
    async def visit(request: Request, said: str) -> Response:
        if not hmac.compare_digest(said.encode(), secret.encode()):
            raise Problem(404, "no_such_page", "There is no such page.")
        app = vernis_of(request)
        now, locale = app.clock(), locale_of(request)
        user = await users.by_login(app.db, LOGIN)
        if user is None:
            user = await users.create(app.db, login=LOGIN, locale=locale, now=now)
            for company_id in await companies.names(app.db):
                company = await companies.get(app.db, company_id)
                await members.join(app.db, company, user, Role.OWNER, who=Who(), now=now)
        return await enter(request, app, user, "/")

    return router
