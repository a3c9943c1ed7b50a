"""The numbers that messages leave from: add, link, limit and pause them; notices about them."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from vernis.cli.options import CompanyOption, JsonOption, Session, opened, print_json, run, say
from vernis.errors import ConfigError, NotFoundError, UsageError, VernisError

if TYPE_CHECKING:
    from vernis.adapters.bridge_login import BridgeLogin, LoginState
    from vernis.domain import Account, Connected
    from vernis.ports import Channel

Name = Annotated[str, typer.Argument(help="The account's name, as `vernis account list` has it.")]
TokenOption = Annotated[
    bool, typer.Option("--token-stdin", help="Read its access token from the standard input.")
]
LOOK_SECONDS = 1.0  # between two looks at a login


def register(app: typer.Typer) -> None:
    account = typer.Typer(rich_markup_mode=None, no_args_is_help=True)
    account.command(name="list")(listed)
    for command in (add, pause, resume, check, login, remove):
        account.command()(command)
    account.command(name="set")(change)
    app.add_typer(account, name="account", help="The numbers that messages leave from.")
    app.command()(notices)


def listed(company: CompanyOption = None, as_json: JsonOption = False) -> None:
    """Show the accounts: how each stands, its pace today, what it waits for."""

    async def main() -> None:
        from vernis.plain import plain
        from vernis.render.accounts import show
        from vernis.stages import accounts

        async with opened(company) as session:
            app, of = session.app, session.company
            found = await accounts.standings(app.db, of, app.channels, now=session.now)
        if as_json:
            print_json(plain(found))
        else:
            show(found, of)

    run(main())


# --- setting up ---------------------------------------------------------------------------------


def add(
    channel: Annotated[str, typer.Argument(help="baileys, cloud, waha, evolution or ai_admin.")],
    name: Annotated[str, typer.Argument(help="What you call it, like «front desk».")],
    address: Annotated[
        str | None,
        typer.Option(
            help="What the channel calls it: the login at the bridge, the session at the gateway,"
            " or Meta's phone number id."
        ),
    ] = None,
    company: CompanyOption = None,
    token_stdin: TokenOption = False,
    daily: Annotated[str | None, typer.Option(help="Messages a day at most.")] = None,
    hourly: Annotated[str | None, typer.Option(help="Messages an hour at most.")] = None,
    new_chats: Annotated[
        str | None, typer.Option("--new-chats", help="New chats in 24 hours at most.")
    ] = None,
    gap: Annotated[str | None, typer.Option(help="Seconds between two messages, about.")] = None,
    no_warm_up: Annotated[
        bool, typer.Option("--no-warm-up", help="It is an old number that writes a lot.")
    ] = False,
    template: Annotated[
        str | None, typer.Option(metavar="NAME:LANGUAGE", help="Cloud: what opens a conversation.")
    ] = None,
    business: Annotated[
        str | None, typer.Option(help="Cloud: the id of the WhatsApp Business account.")
    ] = None,
) -> None:
    """Add a number, at the end of the cascade; the sandbox is out of it from then on."""
    given = {"address": address, "daily": daily, "hourly": hourly, "new_chats": new_chats}
    given |= {"gap": gap, "template": template, "business": business}
    wishes = [f"{key}={value}" for key, value in given.items() if value is not None]
    wishes += ["warm_up=no"] if no_warm_up else []

    async def main() -> None:
        from vernis.stages import accounts

        token = _token() if token_stdin else None
        async with opened(company) as session:
            app, of = session.app, session.company
            over = _channel(session, channel)
            await accounts.add(app.db, of, over, name, wishes, token=token, seal=app.sealer.seal)
        then = "login" if channel == "baileys" else "check"
        say(f"{of.name} has the account {name}. Next: `vernis account {then} {_quoted(name)}`.")

    run(main())


def change(
    name: Name,
    settings: Annotated[
        list[str] | None,
        typer.Argument(metavar="[KEY=VALUE]...", help="Like daily=40 position=1 new_chats=20."),
    ] = None,
    company: CompanyOption = None,
    token_stdin: TokenOption = False,
) -> None:
    """Change an account: name, address, gap, daily, hourly, new_chats, warm_up, position,
    template, business; or its access token."""

    async def main() -> None:
        from vernis.stages import accounts

        if not settings and not token_stdin:
            raise UsageError("Say what to change, like `daily=40`, or give --token-stdin.")
        token = _token() if token_stdin else None
        async with opened(company) as session:
            app, of = session.app, session.company
            account = await accounts.find(app.db, of, name)
            if settings:
                over = _channel(session, account.channel)
                await accounts.change(app.db, of, account, over, settings)
            if token is not None:
                await accounts.set_token(app.db, of, account, token, app.sealer.seal)
        say(f"The account {name} is changed.")

    run(main())


def remove(name: Name, company: CompanyOption = None) -> None:
    """Delete an account, and log it out at the bridge; one that messages were sent over stays, out
    of the cascade, and goes on receiving."""

    async def main() -> None:
        from vernis.stages import accounts

        async with opened(company) as session:
            account = await accounts.find(session.app.db, session.company, name)
            await accounts.remove(session.app.db, session.company, account)
            still_linked = await _still_linked(session, account)
        say(f"The account {name} is removed.")
        if still_linked is not None:
            say(
                "Unlink its phone there, in WhatsApp under Linked devices, as the bridge could not"
                f" log it out ({still_linked.rstrip('.')})."
            )

    run(main())


async def _still_linked(session: Session, account: "Account") -> str | None:
    """Log an account of the bridge's out there; why that could not be, in a sentence."""
    if account.channel != "baileys" or account.address is None:
        return None
    try:
        bridge = _bridge(session)
        try:
            await bridge.forget(account.address)
        finally:
            await bridge.aclose()
    except VernisError as error:
        return str(error)
    return None


# --- pausing ------------------------------------------------------------------------------------


def pause(name: Name, company: CompanyOption = None) -> None:
    """Let nothing leave from an account until it is resumed."""

    async def main() -> None:
        from vernis.stages import accounts, pauses

        async with opened(company) as session:
            app, of = session.app, session.company
            account = await accounts.find(app.db, of, name)
            await pauses.pause_by_hand(app.db, of, account.account_id, now=session.now)
        say(f"Nothing leaves from {name} until `vernis account resume {_quoted(name)}`.")

    run(main())


def resume(name: Name, company: CompanyOption = None) -> None:
    """Let an account go on, with a clean record, whatever it was paused for."""

    async def main() -> None:
        from vernis.stages import accounts, pauses

        async with opened(company) as session:
            app, of = session.app, session.company
            account = await accounts.find(app.db, of, name)
            resumed = await pauses.resume(app.db, of, account.account_id, now=session.now)
        say(f"The account {name} goes on." if resumed else f"The account {name} was not paused.")

    run(main())


# --- connecting ---------------------------------------------------------------------------------


def check(name: Name, company: CompanyOption = None) -> None:
    """Ask the channel now whether the account could send; exits with 1 where it could not."""

    async def main() -> "Connected":
        from vernis.stages import accounts

        async with opened(company) as session:
            account = await accounts.find(session.app.db, session.company, name)
            return await _checked(session, account)

    from vernis.decide import account_words
    from vernis.domain import ConnectionState

    connected = run(main())
    says = connected.says or f"{name} is {account_words.connection(name, connected.state)}."
    say(says)
    if connected.state is not ConnectionState.CONNECTED:
        raise typer.Exit(1)


async def _checked(session: Session, account: "Account") -> "Connected":
    from vernis.stages import connections

    app, of = session.app, session.company
    connected = await connections.ask(_channel(session, account.channel), account)
    async with app.db.tenant(of.company_id) as connection:
        await connections.store(connection, of, account.account_id, connected, now=app.clock())
    return connected


def login(
    name: Name,
    phone: Annotated[
        str | None, typer.Option(help="Link by a code that is typed on this phone.")
    ] = None,
    company: CompanyOption = None,
) -> None:
    """Link a phone to the bridge: shows the QR code or the pairing code, and waits."""

    async def main() -> None:
        from vernis.decide.files.phones import e164
        from vernis.stages import accounts

        async with opened(company) as session:
            app, of = session.app, session.company
            account = await accounts.find(app.db, of, name)
            if account.channel != "baileys" or account.address is None:
                raise UsageError(f"{name} is not linked by Vernis: its own channel does that.")
            _channel(session, account.channel)
            digits = e164(phone, country=of.country) if phone is not None else None
            if phone is not None and digits is None:
                raise UsageError("--phone wants the whole number of the phone that is linked.")
            bridge = _bridge(session)
            try:
                await _linked(bridge, account.address, digits)
            finally:
                await bridge.aclose()
            await _checked(session, account)
        say(f"{name} is linked.")

    run(main())


async def _linked(bridge: "BridgeLogin", address: str, phone: str | None) -> None:
    """Show the codes as they change, until the phone is linked. Raises UsageError."""
    import asyncio

    state, shown = await bridge.begin(address, phone), None
    if not state.is_linked and (page := await bridge.link(address)):
        say(f"In a browser (15 minutes): {page}")
    while not state.is_linked:
        if state.over is not None:
            raise UsageError(f"The phone was not linked ({state.over}): begin again.")
        code = state.pairing_code or state.qr
        if code is not None and code != shown:
            shown = code
            _show_code(state)
        await asyncio.sleep(LOOK_SECONDS)
        state = await bridge.look(address)


def _show_code(state: "LoginState") -> None:
    if state.pairing_code:
        say(
            "On the phone: WhatsApp, Linked devices, Link a device, Link with phone number instead;"
            f" type {state.pairing_code}"
        )
    elif state.qr:
        import segno

        say("On the phone: WhatsApp, Linked devices, Link a device; then show it this code.")
        segno.make_qr(state.qr, error="l").terminal(sys.stdout, border=2, compact=True)
    sys.stdout.flush()


# --- notices ------------------------------------------------------------------------------------


def notices(
    company: CompanyOption = None,
    seen: Annotated[
        bool, typer.Option("--seen", help="Also those that were shown before.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show what happened to the accounts: pauses, lost connections, alarms."""

    async def main() -> None:
        from vernis.plain import plain
        from vernis.render.accounts import sentence
        from vernis.stages import notices as all_notices

        async with opened(company) as session:
            app, of = session.app, session.company
            found = await all_notices.listed(app.db, of, seen=seen)
            if as_json:
                print_json(plain(found))
                return
            for notice in reversed(found):
                say(sentence(notice, of))
            shown = [notice.notice_id for notice in found]
            await all_notices.mark_seen(app.db, of, shown, now=session.now)
        if not found:
            say("Nothing new.")

    run(main())


# --- what they share ----------------------------------------------------------------------------


def _channel(session: Session, name: str) -> "Channel":
    from vernis.decide.account_words import not_set_up

    if name not in session.app.channels:
        raise NotFoundError(not_set_up(name))
    return session.app.channels[name]


def _bridge(session: Session) -> "BridgeLogin":
    from vernis.adapters.bridge_login import BridgeLogin

    app = session.app
    url, secret = app.settings.bridge_url, app.settings.bridge_secret
    if url is None or secret is None:
        raise ConfigError("Set VERNIS_BRIDGE_URL and VERNIS_BRIDGE_SECRET.")
    return BridgeLogin(url, secret.get_secret_value(), app.clock)


def _token() -> str:
    """The first line of the standard input; asked for without showing it at a terminal."""
    if sys.stdin.isatty():
        from getpass import getpass

        return getpass("Access token: ")
    return sys.stdin.readline()


def _quoted(name: str) -> str:
    from shlex import quote

    return quote(name)
