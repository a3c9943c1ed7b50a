"""The door, and what a person sets for themselves."""

import math
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from vernis.app import App
from vernis.domain import Locale
from vernis.errors import ConflictError, UsageError
from vernis.stages import companies as all_companies
from vernis.stages import members, users
from vernis.stages.users import User
from vernis.web.errors import Problem
from vernis.web.first_steps import FIRST_LOGIN
from vernis.web.keys import limits_of, vernis_of
from vernis.web.pages.catalog import N_
from vernis.web.pages.rendering import fault as said
from vernis.web.pages.rendering import locale_of, page, say
from vernis.web.security import browsers, forms, passwords, second_factor
from vernis.web.security.viewer import AnyViewer, Viewer, local

router = APIRouter(include_in_schema=False, dependencies=[Depends(forms.check)])
Text = Annotated[str, Form(max_length=1000)]

MOST_COMPANIES, MANY_COMPANIES = 100, 12  # on a page; from which on one wants to search
TRIES_A_MINUTE = 20  # from one address, whoever it is
WRONG = N_("Login, password or code are wrong.")
LINK_USED = N_("This link was used, or it is too old: ask for another.")
NOT_THE_SAME = N_("The two passwords differ.")
WRONG_CODE = N_("This code is wrong, or it was used before: take the next one.")
WRONG_PASSWORD = N_("This is not your password.")


@router.get("/")
async def start(viewer: AnyViewer) -> Response:
    """To the only salon, to the list of several, or to the first steps."""
    known = await members.companies_of(viewer.app.db, viewer.user)
    if len(known) == 1:
        return _to(f"/c/{next(iter(known))}/")
    return _to("/companies" if known or not viewer.user.opens_companies else "/start")


@router.get("/companies")
async def companies(request: Request, viewer: AnyViewer, q: str = "") -> HTMLResponse:
    roles = await members.companies_of(viewer.app.db, viewer.user)
    names = await all_companies.among(viewer.app.db, roles, words=q[:100], most=MOST_COMPANIES)
    listed = [(id_, name, roles[id_]) for id_, name in names.items()]
    return page(
        request,
        "account/companies.html",
        viewer,
        companies=listed,
        q=q,
        is_long=len(roles) > MANY_COMPANIES,
    )


# --- the door -------------------------------------------------------------------------------------


@router.get("/login")
async def ask(request: Request, then: str = "/") -> HTMLResponse:
    return _door(request, then=then)


@router.post("/login")
async def log_in(
    request: Request,
    login: Text,
    password: Text,
    then: Text = "/",
    code: Text = "",
) -> Response:
    """A cookie for who knows password and code. Wrong tries make each next one wait longer."""
    app = vernis_of(request)
    address = request.client.host if request.client else ""
    wait = limits_of(request).take(("login", address), a_minute=TRIES_A_MINUTE)
    user = await users.by_login(app.db, login)
    if user is not None and not wait:
        wait = user.wait(app.clock()).total_seconds()
    if wait:
        detail = N_("Too many wrong tries: wait a minute, then try again.")
        headers = {"retry-after": str(math.ceil(wait))}
        return _door(request, login, then, fault=detail, status=429, headers=headers)
    knows = await passwords.fits(user.password_hash if user else None, password)
    if user is None or not knows or user.disabled_at is not None:
        if user is not None:
            await users.failed(app.db, user, now=app.clock())
        return _door(request, login, then, fault=WRONG, status=422)
    if not await second_factor.passes(app, user, code):
        if code:
            await users.failed(app.db, user, now=app.clock())
        return _door(request, login, then, fault=WRONG if code else None, wants_code=True)
    await users.succeeded(app.db, user)
    return await enter(request, app, user, local(then))


@router.post("/logout")
async def log_out(viewer: AnyViewer) -> Response:
    await users.close_session(viewer.app.db, viewer.user, viewer.session_id)
    response = _to("/login?done=logged_out")
    response.delete_cookie(forms.SESSION, path="/")
    return response


@router.get("/welcome/{link}")
async def welcome(request: Request, link: str) -> HTMLResponse:
    """The first password, by a link that works once."""
    app = vernis_of(request)
    user = await users.user_of_link(app.db, link, now=app.clock())
    if user is None:
        raise Problem(404, "link_used", LINK_USED)
    return page(request, "account/password.html", login=_login_for(user), fault=None)


@router.post("/welcome/{link}")
async def choose_password(
    request: Request, link: str, login: Text, password: Text, again: Text
) -> Response:
    """The password, and the login where it is the one that everybody begins with."""
    app = vernis_of(request)
    user = await users.user_of_link(app.db, link, now=app.clock())
    if user is None:
        raise Problem(404, "link_used", LINK_USED)
    fault = None
    if password != again:
        fault = say(locale_of(request), NOT_THE_SAME)
    else:
        try:
            passwords.checked(password, login=users.known_login(login))
            if user.password_hash is None and login != user.login:
                await users.rename(app.db, user, login)
        except (UsageError, ConflictError) as error:
            fault = said(error, locale_of(request))
    if fault:
        return page(request, "account/password.html", login=login, fault=fault, status=422)
    if await users.use_link(app.db, link, now=app.clock()) is None:
        raise Problem(404, "link_used", LINK_USED)
    await users.set_password(app.db, user, await passwords.hashed(password), now=app.clock())
    return await enter(request, app, user, "/")


def _login_for(user: User) -> str:
    return "" if user.login == FIRST_LOGIN and user.password_hash is None else user.login


def _door(
    request: Request,
    login: str = "",
    then: str = "/",
    *,
    fault: str | None = None,
    wants_code: bool = False,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> HTMLResponse:
    fault = say(locale_of(request), fault) if fault else None
    response = page(
        request,
        "account/login.html",
        status=status,
        login=login,
        then=local(then),
        fault=fault,
        wants_code=wants_code,
    )
    response.headers.update(headers or {})
    return response


async def enter(request: Request, app: App, user: User, then: str) -> Response:
    """Log this person in, in this browser."""
    browser = browsers.called(request.headers.get("user-agent", ""))
    secret = await users.open_session(app.db, user, browser=browser, now=app.clock())
    response = _to(then)
    lasts = int(users.SESSION_LASTS.total_seconds())
    forms.set_cookie(request, response, forms.SESSION, secret, seconds=lasts)
    forms.set_cookie(request, response, forms.LANGUAGE, user.locale, seconds=lasts)
    return response


# --- what one sets for oneself --------------------------------------------------------------------


@router.get("/account")
async def account(request: Request, viewer: AnyViewer) -> HTMLResponse:
    wants_factor = request.query_params.get("second-factor") == "new"
    return await _account(
        request, viewer, secret=second_factor.new_secret() if wants_factor else ""
    )


@router.post("/account")
async def describe(request: Request, viewer: AnyViewer, name: Text, locale: Text) -> Response:
    known = Locale.EN if locale == "en" else Locale.RU
    await users.describe(viewer.app.db, viewer.user, name=name, locale=known)
    response = _to("/account?done=saved")
    lasts = int(users.SESSION_LASTS.total_seconds())
    forms.set_cookie(request, response, forms.LANGUAGE, known, seconds=lasts)
    return response


@router.post("/account/password")
async def change_password(
    request: Request, viewer: AnyViewer, old: Text, password: Text
) -> Response:
    """Everywhere else one is logged out, here one stays."""
    if not await _knows_password(request, viewer, old):
        return await _account(request, viewer, fault=WRONG_PASSWORD)
    try:
        passwords.checked(password, login=viewer.user.login)
    except UsageError as error:
        return await _account(request, viewer, fault=str(error))
    app = viewer.app
    await users.set_password(app.db, viewer.user, await passwords.hashed(password), now=app.clock())
    return await enter(request, app, viewer.user, "/account?done=password")


@router.post("/account/second-factor")
async def add_factor(request: Request, viewer: AnyViewer, secret: Text, code: Text) -> Response:
    app = viewer.app
    try:
        step = second_factor.step_of(secret, code, now=app.clock())
    except ValueError:  # no secret of ours
        step = None
    if step is None:
        return await _account(request, viewer, fault=WRONG_CODE, secret=secret)
    sealed = second_factor.seal(app, viewer.user, secret)
    await users.set_second_factor(app.db, viewer.user, sealed, step=step)
    return _to("/account?done=saved")


@router.post("/account/second-factor/off")
async def remove_factor(request: Request, viewer: AnyViewer, password: Text) -> Response:
    if not await _knows_password(request, viewer, password):
        return await _account(request, viewer, fault=WRONG_PASSWORD)
    await users.set_second_factor(viewer.app.db, viewer.user, None)
    return _to("/account?done=saved")


@router.post("/account/sessions/close-others")
async def close_others(viewer: AnyViewer) -> Response:
    await users.close_others(viewer.app.db, viewer.user, viewer.session_id)
    return _to("/account?done=saved")


@router.post("/account/sessions/{session_id}/close")
async def close(viewer: AnyViewer, session_id: int) -> Response:
    await users.close_session(viewer.app.db, viewer.user, session_id)
    return _to("/account?done=saved")


async def _knows_password(request: Request, viewer: Viewer, text: str) -> bool:
    """A stolen session must not try passwords at leisure."""
    if limits_of(request).take(("password", viewer.user.user_id), a_minute=TRIES_A_MINUTE):
        return False
    return await passwords.fits(viewer.user.password_hash, text)


async def _account(
    request: Request, viewer: Viewer, *, fault: str | None = None, secret: str = ""
) -> HTMLResponse:
    from zoneinfo import ZoneInfo

    from markupsafe import Markup

    qr = Markup(_drawn(second_factor.address(secret, viewer.user.login))) if secret else ""  # noqa: S704
    return page(
        request,
        "account/account.html",
        viewer,
        status=422 if fault else 200,
        fault=say(viewer.locale, fault) if fault else None,
        sessions=await users.sessions(viewer.app.db, viewer.user, now=viewer.app.clock()),
        secret=secret,
        qr=qr,
        utc=ZoneInfo("UTC"),
    )


def _drawn(text: str) -> str:
    """A QR code as SVG, without a style of its own."""
    import segno

    return str(segno.make(text, error="m").svg_inline(scale=4, border=2, omitsize=True))


def _to(place: str) -> RedirectResponse:
    return RedirectResponse(place, status_code=303)
