"""Linking a phone to the bridge: a QR code that changes, or a code to type on the phone."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from secrets import token_hex
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Form, Path, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from vernis.app import App
from vernis.decide.files.phones import e164
from vernis.domain import Account, Company
from vernis.errors import UnavailableError, UsageError, VernisError
from vernis.stages import accounts, auditing, connections
from vernis.web.errors import Problem
from vernis.web.pages.catalog import N_
from vernis.web.pages.rendering import page, say
from vernis.web.security import forms
from vernis.web.security.viewer import Member, Owner

if TYPE_CHECKING:
    from vernis.adapters.bridge_login import BridgeLogin, LoginState

router = APIRouter(
    prefix="/c/{company_id}/settings/accounts/{account_id}/link",
    include_in_schema=False,
    dependencies=[Depends(forms.check)],
)
Id = Annotated[int, Path(ge=1, lt=10**18)]
NO_BRIDGE = N_(
    "No bridge to WhatsApp is set up on this server: whoever runs it starts one and sets"
    " VERNIS_BRIDGE_URL and VERNIS_BRIDGE_SECRET."
)
AWAY = N_("The bridge to WhatsApp does not answer: whoever runs this server has to start it.")
NOT_LINKED_HERE = N_("This number is not linked by a QR code.")
WHOLE_NUMBER = N_("Give the whole number of the phone, with the country's code.")


def new_address(company: Company) -> str:
    """What the bridge is to call a new login; nobody has to think of it."""
    return f"salon-{company.company_id}-{token_hex(4)}"


async def forget(app: App, account: Account) -> bool:
    """Log an account out at the bridge; False where that could not be."""
    if account.channel != "baileys" or account.address is None:
        return True
    try:
        async with _bridge(app) as bridge:
            await bridge.forget(account.address)
    except VernisError:
        return False
    return True


@router.get("")
async def show(request: Request, viewer: Owner, account_id: Id) -> Response:
    """The code as it is now; asked for every few seconds until the phone is linked."""
    account, login = await _login(viewer, account_id)
    state, fault = None, None
    try:
        async with _bridge(viewer.app) as bridge:
            state = await bridge.look(login)
    except UnavailableError as error:
        fault = _words(error)
    except UsageError:
        pass  # it knows no such login yet: the page has the button
    if state is not None and state.is_linked:
        await _store(viewer, account)
    return await _page(request, viewer, account, state, fault=fault)


@router.post("")
async def begin(
    request: Request,
    viewer: Owner,
    account_id: Id,
    phone: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """Begin a login; with a phone by a code that is typed there."""
    account, login = await _login(viewer, account_id)
    digits = e164(phone, country=viewer.company.country) if phone.strip() else None
    if phone.strip() and digits is None:
        return await _page(request, viewer, account, None, fault=WHOLE_NUMBER, phone=phone)
    try:
        async with _bridge(viewer.app) as bridge:
            await bridge.begin(login, digits)
    except (UnavailableError, UsageError) as error:
        return await _page(request, viewer, account, None, fault=_words(error), phone=phone)
    async with viewer.app.db.tenant(viewer.company.company_id) as connection:
        await auditing.note(
            connection, viewer.company, who=viewer.who, action="account.link_begun",
            subject=f"account {account_id}", now=viewer.now,
        )  # fmt: skip
    return RedirectResponse(f"{viewer.here}/settings/accounts/{account_id}/link", 303)


async def _page(
    request: Request,
    viewer: Member,
    account: Account,
    state: "LoginState | None",
    *,
    fault: str | None = None,
    phone: str = "",
) -> HTMLResponse:
    from markupsafe import Markup

    has_code = state is not None and state.over is None and not state.is_linked
    qr = state.qr if state is not None and has_code and not state.pairing_code else None
    settings = await accounts.settings_of(viewer.app.db, viewer.company, account)
    is_part = "hx-request" in request.headers and request.method == "GET"
    return page(
        request,
        "settings/link_part.html" if is_part else "settings/link.html",
        viewer,
        status=422 if fault and request.method == "POST" else 200,
        name=settings.name,
        account_id=account.account_id,
        state=state,
        waits=has_code,
        qr=Markup(_drawn(qr)) if qr else "",  # noqa: S704 (drawn here, from modules of a QR code)
        fault=say(viewer.locale, fault) if fault else None,
        phone=phone,
    )


async def _login(viewer: Member, account_id: int) -> tuple[Account, str]:
    account = await accounts.by_id(viewer.app.db, viewer.company, account_id)
    if account.channel != "baileys" or account.address is None:
        raise Problem(404, "not_linked", NOT_LINKED_HERE)
    return account, account.address


async def _store(viewer: Member, account: Account) -> None:
    """Keep that it is connected: a pause that waited for it ends."""
    app, company = viewer.app, viewer.company
    if account.channel not in app.channels:
        return
    connected = await connections.ask(app.channels[account.channel], account)
    async with app.db.tenant(company.company_id) as connection:
        await connections.store(connection, company, account.account_id, connected, now=viewer.now)


@asynccontextmanager
async def _bridge(app: App) -> "AsyncIterator[BridgeLogin]":
    """Raises UnavailableError where there is none."""
    from vernis.adapters.bridge_login import BridgeLogin

    url, secret = app.settings.bridge_url, app.settings.bridge_secret
    if url is None or secret is None:
        raise UnavailableError(NO_BRIDGE)
    bridge = BridgeLogin(url, secret.get_secret_value(), app.clock)
    try:
        yield bridge
    finally:
        await bridge.aclose()


def _words(error: VernisError) -> str:
    return NO_BRIDGE if str(error) == NO_BRIDGE else AWAY


def _drawn(text: str) -> str:
    import segno

    return str(segno.make_qr(text, error="l").svg_inline(scale=4, border=2, omitsize=True))
