"""Who looks at a page, of which company, and what they may do there."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Path, Request

from vernis.app import App
from vernis.domain import Company, Locale
from vernis.errors import NotFoundError
from vernis.stages import companies, members, users
from vernis.stages.auditing import Who
from vernis.stages.members import Role
from vernis.stages.users import User
from vernis.web.errors import Problem
from vernis.web.keys import vernis_of
from vernis.web.security import forms


class LoginNeeded(Exception):  # noqa: N818 (it is no error: it leads to the door)
    """Nobody is logged in; `then` is where they wanted to go."""

    def __init__(self, then: str) -> None:
        super().__init__()
        self.then = then


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Somebody who is logged in."""

    app: App
    user: User
    session_id: int
    csrf: str

    @property
    def locale(self) -> Locale:
        return self.user.locale

    @property
    def who(self) -> Who:
        return Who(user_id=self.user.user_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member(Viewer):
    """Somebody who is logged in and looks at a company of theirs."""

    company: Company
    role: Role

    def may(self, role: str) -> bool:
        return self.role.includes(Role(role))

    @property
    def now(self) -> datetime:
        return self.app.clock()

    @property
    def here(self) -> str:
        """Where the pages of the company begin."""
        return f"/c/{self.company.company_id}"


async def logged_in(request: Request) -> Viewer:
    """Whoever is logged in. Raises LoginNeeded."""
    app = vernis_of(request)
    secret = request.cookies.get(forms.SESSION, "")
    found = await users.session_of(app.db, secret, now=app.clock()) if secret else None
    if found is None:
        asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        raise LoginNeeded(asked if request.method == "GET" else "/")
    session_id, user = found
    request.state.locale = user.locale
    return Viewer(app=app, user=user, session_id=session_id, csrf=forms.token(request))


AnyViewer = Annotated[Viewer, Depends(logged_in)]
CompanyId = Annotated[int, Path(ge=1, lt=10**18)]


def member(role: Role) -> Callable[..., Awaitable[Member]]:
    """A dependency that lets in members of the company in the path who may do this much.

    To all others the company does not exist.
    """

    async def check(viewer: AnyViewer, company_id: CompanyId) -> Member:
        has = await members.role_of(viewer.app.db, company_id, viewer.user)
        if has is None:
            raise Problem(404, "no_such_page", "There is no such page.")
        if not has.includes(role):
            raise Problem(403, "not_allowed", "You may look here, but not change this.")
        try:
            company = await companies.get(viewer.app.db, company_id)
        except NotFoundError:
            raise Problem(404, "no_such_page", "There is no such page.") from None
        return Member(
            app=viewer.app,
            user=viewer.user,
            session_id=viewer.session_id,
            csrf=viewer.csrf,
            company=company,
            role=has,
        )

    return check


Reader = Annotated[Member, Depends(member(Role.VIEWER))]
Manager = Annotated[Member, Depends(member(Role.MANAGER))]
Owner = Annotated[Member, Depends(member(Role.OWNER))]


def local(path: str) -> str:
    """A place of ours to go to: what leads elsewhere leads to the start."""
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return quote(path, safe="/?=&%-_.~:+,") if is_ours and "\\" not in path else "/"
