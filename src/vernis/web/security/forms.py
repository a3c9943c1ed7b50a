"""Forms are ours: each carries a token that only a page of ours, shown to this browser, can know.

The token is a keyed hash of the cookie, so that nothing has to be stored; a browser that is not
logged in has a cookie for it too, or somebody could be logged in as somebody else.
"""

import hmac
import secrets
from typing import Annotated

from fastapi import Depends, Request, Response

from vernis.web.errors import Problem
from vernis.web.keys import vernis_of

SESSION, VISIT, LANGUAGE = "vernis_session", "vernis_visit", "vernis_language"
FIELD, HEADER = "csrf", "x-csrf-token"


def token(request: Request) -> str:
    """The token of this browser's forms."""
    secret = request.cookies.get(SESSION) or visit(request)
    return vernis_of(request).hash_phone(f"form {secret}").hex()


def visit(request: Request) -> str:
    """What this browser is known by before anybody is logged in; `remember_visit` stores it."""
    known = request.cookies.get(VISIT)
    if not known or len(known) > 100:
        known = getattr(request.state, "visit", None) or secrets.token_urlsafe(24)
        request.state.visit = known
    return str(known)


def remember_visit(request: Request, response: Response) -> None:
    if new := getattr(request.state, "visit", None):
        set_cookie(request, response, VISIT, new, seconds=24 * 3600)


def set_cookie(
    request: Request, response: Response, name: str, value: str, *, seconds: int
) -> None:
    response.set_cookie(
        name, value, max_age=seconds, path="/", httponly=True, samesite="lax",
        secure=request.url.scheme == "https",
    )  # fmt: skip


async def check(request: Request) -> None:
    """Refuse a form that is not one of ours. Nothing is changed by GET and HEAD."""
    if request.method in {"GET", "HEAD"}:
        return
    said = request.headers.get(HEADER)
    if said is None:
        form = await request.form()
        said = str(form.get(FIELD) or "")
    origin = request.headers.get("sec-fetch-site", "same-origin")
    if not hmac.compare_digest(said.encode(), token(request).encode()) or origin not in {
        "same-origin",
        "none",
    }:
        raise Problem(403, "old_form", "This page was open for too long: load it again.")


OurForm = Annotated[None, Depends(check)]
