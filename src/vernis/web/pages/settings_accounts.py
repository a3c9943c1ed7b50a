"""The numbers that messages leave from: how each stands, its limits, their order."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Path, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from vernis.decide import pacing
from vernis.decide.settings import accounts as account_settings
from vernis.decide.settings.accounts import AccountSettings
from vernis.domain import Abilities, Account
from vernis.errors import ConflictError, UsageError
from vernis.ports import Channel
from vernis.stages import account_activity, accounts, connections, pauses
from vernis.web.errors import Problem
from vernis.web.pages import notice_words, settings_link
from vernis.web.pages.catalog import N_
from vernis.web.pages.rendering import page, say
from vernis.web.security import forms
from vernis.web.security.viewer import Member, Owner, Reader

router = APIRouter(
    prefix="/c/{company_id}/settings/accounts",
    include_in_schema=False,
    dependencies=[Depends(forms.check)],
)
Id = Annotated[int, Path(ge=1, lt=10**18)]
Text = Annotated[str, Form(max_length=3000)]
Kind = Annotated[str, Path(max_length=20)]
LOOKED_BACK = timedelta(days=27)  # with today four weeks
TAKEN = N_("Another number is called so already, or is at this address: give another.")
ADDRESSES: Mapping[str, str] = {
    "cloud": N_("Phone number ID at Meta"),
    "waha": N_("Name of the session in WAHA"),
    "evolution": N_("Name of the instance in Evolution"),
}
# What a channel is for, where one is added.
WHAT_FOR: Mapping[str, str] = {
    "baileys": N_("Your usual WhatsApp number: linked by a QR code, like WhatsApp on a computer."),
    "cloud": N_("WhatsApp's official service for businesses: wants approved templates."),
    "waha": N_("A WhatsApp number over your WAHA gateway."),
    "evolution": N_("A WhatsApp number over your Evolution gateway."),
    "ai_admin": N_("The number that AI Admin writes from already."),
    "sandbox": N_("For rehearsals: messages are written and shown, nothing leaves."),
}
FIELDS: Mapping[str, tuple[str, str, str]] = {  # label, help, rule
    "name": (N_("Name for you"), "", N_("Up to 100 letters.")),
    "address": ("", "", N_("1 to 100 letters.")),
    "business": (
        N_("WhatsApp Business account ID"), N_("May stay empty."), N_("1 to 100 letters."),
    ),
    "template": (
        N_("Approved template"),
        N_("Name and language at Meta, like come_back:ru."),
        N_("Name and language at Meta, like come_back:ru."),
    ),
    "daily": (N_("Messages a day, at most"), "", N_("A whole number from 0 to 100,000.")),
    "hourly": (
        N_("Messages an hour, at most"),
        N_("Empty: no limit."),
        N_("A whole number from 0 to 100,000, or nothing."),
    ),
    "new_chats": (
        N_("New chats in 24 hours, at most"),
        N_("Clients who have not written themselves lately. Many of them are what bans come of."),
        N_("A whole number from 0 to 100,000, or nothing."),
    ),
    "gap": (
        N_("Seconds between two messages, about"),
        N_("They vary, as a person's do."),
        N_("Seconds from 0 to 86,400; for a number that is linked by a QR code at least 10."),
    ),
}  # fmt: skip
LIMITS = ("daily", "hourly", "new_chats", "gap")
TOKEN_RULE = N_("One word of Latin letters and digits: copy it anew.")


@router.get("")
async def show(request: Request, viewer: Reader) -> HTMLResponse:
    app, company, now = viewer.app, viewer.company, viewer.now
    today = now.astimezone(company.zone).date()
    listed = await accounts.standings(app.db, company, app.channels, now=now)
    return page(
        request,
        "settings/accounts.html",
        viewer,
        standings=listed,
        order=[one.account_id for one in listed if one.position is not None],
        today_most={one.account_id: pacing.of_day(one.pace, on=today).messages for one in listed},
        activity=await account_activity.activity(
            app.db, company, first_day=today - LOOKED_BACK, last_day=today
        ),
        nothing=account_activity.Activity(),
        cures=notice_words.CURES,
        connection_cures=notice_words.CONNECTION_CURES,
        channels={name: WHAT_FOR[name] for name in WHAT_FOR if _can_be_added(viewer, name, listed)},
        has_whatsapp=set(app.channels) != {"sandbox"},
    )


def _can_be_added(viewer: Member, name: str, listed: list[accounts.Standing]) -> bool:
    is_there = name == "sandbox" and any(one.channel == "sandbox" for one in listed)
    return name in viewer.app.channels and not is_there


# --- one more -------------------------------------------------------------------------------------


@router.get("/new/{kind}")
async def new(request: Request, viewer: Owner, kind: Kind) -> HTMLResponse:
    channel = _channel(viewer, kind)
    start = account_settings.default("", channel.abilities)
    return _new(request, viewer, channel, _typed(start))


@router.post("/new/{kind}")
async def add(request: Request, viewer: Owner, kind: Kind) -> Response:
    """A number at the end of the order. One that is linked by a QR code goes on to that."""
    app, company = viewer.app, viewer.company
    channel = _channel(viewer, kind)
    form = await request.form()
    start = account_settings.default("", channel.abilities)
    typed = _given(form, start)
    faults = _faults(typed, start, channel)
    token = str(form.get("token") or "").strip()[:3000]
    if token and not _is_token(token):
        faults["token"] = TOKEN_RULE
    if kind == "baileys":
        typed["address"] = settings_link.new_address(company)
    fault = None
    if not faults:
        name = typed["name"]
        wishes = _wishes(typed, start, channel)
        try:
            account = await accounts.add(
                app.db, company, channel, name, wishes,
                token=token or None, seal=app.sealer.seal, who=viewer.who,
            )  # fmt: skip
        except ConflictError:
            fault = TAKEN
        else:
            at = f"{viewer.here}/settings/accounts"
            if kind == "baileys":
                return RedirectResponse(f"{at}/{account.account_id}/link", 303)
            await _looked_at(viewer, account)
            return RedirectResponse(f"{at}?done=added", 303)
    return _new(request, viewer, channel, typed, faults=faults, fault=fault)


def _new(
    request: Request,
    viewer: Member,
    channel: Channel,
    typed: Mapping[str, str],
    *,
    faults: Mapping[str, str] | None = None,
    fault: str | None = None,
) -> HTMLResponse:
    return page(
        request,
        "settings/account_new.html",
        viewer,
        status=422 if faults or fault else 200,
        fault=say(viewer.locale, fault) if fault else None,
        what_for=WHAT_FOR[channel.name],
        token_is_set=bool(viewer.app.settings.cloud_token),
        has_token=False,
        **_form(channel, typed, faults or {}),
    )


# --- one of them ----------------------------------------------------------------------------------


@router.get("/{account_id}")
async def one(request: Request, viewer: Owner, account_id: Id) -> HTMLResponse:
    account, channel = await _account(viewer, account_id)
    settings = await accounts.settings_of(viewer.app.db, viewer.company, account)
    return _one(request, viewer, account, channel, _typed(settings), name=settings.name)


@router.post("/{account_id}")
async def change(request: Request, viewer: Owner, account_id: Id) -> Response:
    """Another name, other limits; another token where one is typed."""
    app, company = viewer.app, viewer.company
    account, channel = await _account(viewer, account_id)
    settings = await accounts.settings_of(app.db, company, account)
    form = await request.form()
    typed = _given(form, settings)
    faults = _faults(typed, settings, channel)
    token = str(form.get("token") or "").strip()[:3000]
    if token and not _is_token(token):
        faults["token"] = TOKEN_RULE
    fault = None
    if not faults:
        try:
            if wishes := _wishes(typed, settings, channel):
                await accounts.change(app.db, company, account, channel, wishes, who=viewer.who)
        except ConflictError:
            fault = TAKEN
        else:
            if token:
                await accounts.set_token(
                    app.db, company, account, token, app.sealer.seal, who=viewer.who
                )
                await _looked_at(viewer, await accounts.by_id(app.db, company, account_id))
            return _to(viewer, "saved")
    return _one(
        request, viewer, account, channel, typed, name=settings.name, faults=faults, fault=fault
    )


def _one(
    request: Request,
    viewer: Member,
    account: Account,
    channel: Channel,
    typed: Mapping[str, str],
    *,
    name: str,
    faults: Mapping[str, str] | None = None,
    fault: str | None = None,
) -> HTMLResponse:
    return page(
        request,
        "settings/account.html",
        viewer,
        status=422 if faults or fault else 200,
        fault=say(viewer.locale, fault) if fault else None,
        name=name,
        account_id=account.account_id,
        token_is_set=bool(viewer.app.settings.cloud_token),
        has_token=account.sealed_token is not None,
        **_form(channel, typed, faults or {}),
    )


@router.post("/{account_id}/pause")
async def pause(viewer: Owner, account_id: Id) -> Response:
    app, company = viewer.app, viewer.company
    await accounts.by_id(app.db, company, account_id)
    await pauses.pause_by_hand(app.db, company, account_id, now=viewer.now, who=viewer.who)
    return _to(viewer, "paused")


@router.post("/{account_id}/resume")
async def resume(viewer: Owner, account_id: Id) -> Response:
    app, company = viewer.app, viewer.company
    await pauses.resume(app.db, company, account_id, now=viewer.now, who=viewer.who)
    return _to(viewer, "resumed")


@router.post("/{account_id}/check")
async def check(viewer: Owner, account_id: Id) -> Response:
    """Ask the channel now."""
    account, _ = await _account(viewer, account_id)
    await _looked_at(viewer, account)
    return _to(viewer, "checked")


@router.post("/{account_id}/place")
async def place(viewer: Owner, account_id: Id, to: Text = "") -> Response:
    """Before the one before it, or in the order at all: at its end, or out of it."""
    app, company = viewer.app, viewer.company
    account, channel = await _account(viewer, account_id)
    listed = await accounts.standings(app.db, company, app.channels, now=viewer.now)
    ahead = {one.account_id: one.position for one in listed if one.position is not None}
    order = list(ahead)
    last = max((position for position in ahead.values() if position), default=0)
    wanted = {"out": "none", "in": str(last + 1)}.get(to)
    if to == "up" and account_id in order and order.index(account_id) > 0:
        wanted = str(ahead[order[order.index(account_id) - 1]])
    if wanted is not None:
        await accounts.change(
            app.db, company, account, channel, [f"position={wanted}"], who=viewer.who
        )
    return _to(viewer, "saved")


@router.post("/{account_id}/remove")
async def remove(viewer: Owner, account_id: Id) -> Response:
    """Out of the order at once, logged out and forgotten where nothing was said over it."""
    app, company = viewer.app, viewer.company
    account = await accounts.by_id(app.db, company, account_id)
    try:
        await accounts.remove(app.db, company, account, who=viewer.who)
        done = "removed"
    except ConflictError:
        done = "account_rests"
    is_out = await settings_link.forget(app, account) if done == "removed" else True
    return _to(viewer, done if is_out else "still_linked")


# --- what they share ------------------------------------------------------------------------------


async def _account(viewer: Member, account_id: int) -> tuple[Account, Channel]:
    """Raises Problem where its channel is not set up here."""
    account = await accounts.by_id(viewer.app.db, viewer.company, account_id)
    return account, _channel(viewer, account.channel)


def _channel(viewer: Member, name: str) -> Channel:
    if name not in viewer.app.channels or name not in WHAT_FOR:
        raise Problem(404, "no_channel", N_("This way to WhatsApp is not set up on this server."))
    return viewer.app.channels[name]


async def _looked_at(viewer: Member, account: Account) -> None:
    app, company = viewer.app, viewer.company
    connected = await connections.ask(app.channels[account.channel], account)
    async with app.db.tenant(company.company_id) as connection:
        await connections.store(connection, company, account.account_id, connected, now=viewer.now)


def _form(channel: Channel, typed: Mapping[str, str], faults: Mapping[str, str]) -> dict[str, Any]:
    label = ADDRESSES.get(channel.name)
    return {
        "channel": channel.name,
        "shown": _shown(channel),
        "fields": {**FIELDS, "address": (label or "", "", FIELDS["address"][2])},
        "limits": LIMITS,
        "typed": typed,
        "faults": faults,
    }


def _shown(channel: Channel) -> list[str]:
    """The fields that an account of this channel has, beside its limits."""
    first = ["name", *(["address"] if channel.name in ADDRESSES else [])]
    return first + (["business", "template"] if channel.name == "cloud" else [])


def _typed(settings: AccountSettings) -> dict[str, str]:
    known = {key: getattr(settings, key) for key in FIELDS}
    typed = {key: "" if value is None else f"{value:g}" if key == "gap" else str(value)
             for key, value in known.items()}  # fmt: skip
    return typed | {"warm_up": "yes" if settings.warm_up else "no"}


def _given(form: Any, settings: AccountSettings) -> dict[str, str]:
    """What was typed; what the form does not have is as it stands."""
    standing = _typed(settings)
    typed = {
        key: str(form.get(key, before)).replace("\x00", "").strip()[:300]
        for key, before in standing.items()
    }
    return typed | {"warm_up": "yes" if form.get("warm_up") == "yes" else "no"}


def _wishes(typed: Mapping[str, str], settings: AccountSettings, channel: Channel) -> list[str]:
    before = _typed(settings)
    known = {*_shown(channel), *LIMITS, "warm_up", "address"}
    if not settings.name:  # it is new, and is added by its name
        known.remove("name")
    return [
        f"{key}={typed[key] or 'none'}"
        for key in typed
        if key in known and typed[key] != before[key]
    ]


def _faults(
    typed: Mapping[str, str], settings: AccountSettings, channel: Channel
) -> dict[str, str]:
    faults: dict[str, str] = {}
    for key in (*_shown(channel), *LIMITS):
        text = typed[key]
        is_missing = key in {"name", "address", "daily", "gap"} and not text
        wish = f"{key}={text or 'none'}"
        if is_missing or _is_wrong(settings, wish, channel.abilities):
            faults[key] = FIELDS[key][2]
    return faults


def _is_wrong(settings: AccountSettings, wish: str, abilities: Abilities) -> bool:
    try:
        account_settings.changed(settings, [wish], abilities)
    except UsageError:
        return True
    return False


def _is_token(text: str) -> bool:
    return text.isascii() and text.isprintable() and " " not in text


def _to(viewer: Member, done: str) -> RedirectResponse:
    return RedirectResponse(f"{viewer.here}/settings/accounts?done={done}", 303)
