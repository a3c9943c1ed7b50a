"""Who asks: a key, bound to one company, with scopes and a limit of its own."""

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import Depends, Path, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from vernis.app import App
from vernis.domain import Company
from vernis.stages import api_keys
from vernis.stages.auditing import Who
from vernis.web.errors import Problem
from vernis.web.limits import Limits

_bearer = HTTPBearer(
    auto_error=False,
    scheme_name="key",
    description="`vernis keys create --company NAME --scope read` makes one. Scopes: "
    + "; ".join(f"`{scope}`: {what}" for scope, what in api_keys.SCOPES.items())
    + ".",
)
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
CompanyId = Annotated[
    int, Path(ge=1, lt=10**18, description="The company's id: `vernis companies` lists them.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A request that is allowed: for this company, by this key."""

    app: App
    company: Company
    key_id: int
    scopes: tuple[str, ...] = ()

    @property
    def sees_messages(self) -> bool:
        """Whether phones in full and texts may be answered."""
        return "messages" in self.scopes

    @property
    def who(self) -> Who:
        return Who(key_id=self.key_id)

    @property
    def today(self) -> date:
        return self.app.clock().astimezone(self.company.zone).date()


def allowed(scope: str) -> Callable[..., Awaitable[Caller]]:
    """A dependency that lets in keys of the company in the path with this scope."""

    async def check(request: Request, company_id: CompanyId, credentials: Credentials) -> Caller:
        return await _let_in(request, company_id, credentials, scope)

    return check


def allowed_anywhere(scope: str) -> Callable[..., Awaitable[Caller]]:
    """A dependency that lets in any key with this scope, for the company that it names."""

    async def check(request: Request, credentials: Credentials) -> Caller:
        return await _let_in(request, None, credentials, scope)

    return check


async def _let_in(
    request: Request,
    company_id: int | None,
    credentials: HTTPAuthorizationCredentials | None,
    scope: str,
) -> Caller:
    app, limits = vernis_of(request), limits_of(request)
    text = credentials.credentials if credentials else ""
    found = await api_keys.find(app.db, text, now=app.clock())
    if found is None:
        raise _unknown("Send a key that is valid: Authorization: Bearer vernis_...")
    key, company = found
    if key.revoked_at is not None:
        raise _unknown("This key was revoked: make a new one with `vernis keys create`.")
    if company_id not in (None, company.company_id):
        raise Problem(403, "other_company", "This key is for another company.")
    if scope not in key.scopes:
        raise Problem(403, "no_scope", f"This key lacks the scope {scope}: make one with it.")
    wait = limits.take((company.company_id, key.key_id), a_minute=key.requests_per_minute)
    if wait:
        seconds = str(math.ceil(wait))
        detail = f"This key asks more than {key.requests_per_minute} times a minute: wait."
        raise Problem(429, "too_many", detail, headers={"Retry-After": seconds})
    return Caller(app=app, company=company, key_id=key.key_id, scopes=key.scopes)


def vernis_of(request: Request) -> App:
    app = request.app.state.vernis
    assert isinstance(app, App)
    return app


def limits_of(request: Request) -> Limits:
    limits = request.app.state.limits
    assert isinstance(limits, Limits)
    return limits


def _unknown(detail: str) -> Problem:
    return Problem(401, "no_key", detail, headers={"WWW-Authenticate": "Bearer"})
