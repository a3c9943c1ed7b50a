"""The web by itself, and the keys of those who may ask it."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from vernis.cli.options import CompanyOption, JsonOption, opened, print_json, run, say

if TYPE_CHECKING:
    import socket

    from vernis.app import App
    from vernis.config import Settings


def register(app: typer.Typer) -> None:
    app.command()(web)
    keys = typer.Typer(rich_markup_mode=None, no_args_is_help=True)
    keys.command()(create)
    keys.command(name="list")(listed)
    keys.command()(revoke)
    app.add_typer(keys, name="keys", help="Make, list and revoke the keys of other programs.")


def web(
    host: Annotated[str | None, typer.Option(help="Where to listen; 127.0.0.1 by default.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="8080 by default; 0: any free one.")
    ] = None,
) -> None:
    """Serve the pages, the API and the webhooks, until it is stopped."""
    from vernis.cli.logs import log_to_stderr
    from vernis.config import load
    from vernis.web import server

    settings = load()
    log_to_stderr(settings)
    listening = server.bind(
        settings.web_host if host is None else host,
        settings.web_port if port is None else port,
    )
    run(_serve(settings, listening))


async def _serve(settings: "Settings", listening: "socket.socket") -> None:
    import asyncio
    import os
    import signal

    from vernis.app import PinnedClock, open_app
    from vernis.web import server

    stop = asyncio.Event()

    def end(number: int) -> None:
        if stop.is_set():
            os._exit(128 + number)
        stop.set()

    async def stopped() -> None:
        await stop.wait()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, end, number)
    async with open_app(settings, clock=PinnedClock()) as app:
        await tell(app, listening)
        await server.serve(app, stopped, listening=listening)


async def tell(app: "App", listening: "socket.socket") -> None:
    """Print where the pages are and, until somebody has a password, the link for the first one."""
    from vernis.web import first_steps, server

    address = app.settings.web_url or server.address(listening)
    say(address)
    if link := await first_steps.first_link(app.db, now=app.clock()):
        say(f"{address}{link}")
        say("Open this link to choose a password: it works once, within 3 days.")
    sys.stdout.flush()


# --- keys -------------------------------------------------------------------------------------


def create(
    scope: Annotated[
        list[str], typer.Option(help="What it may ask for; give it once for each of the above.")
    ],
    company: CompanyOption = None,
    name: Annotated[str, typer.Option(help="Which program has it.")] = "assistant",
    per_minute: Annotated[
        int, typer.Option("--per-minute", help="How often it may ask in a minute.")
    ] = 600,
    as_json: JsonOption = False,
) -> None:
    """Make a key. It is shown once: what is kept of it cannot be turned back into it.

    \b
    Scopes:
      read        who is written to and why, what came of it; phones masked, no texts
      messages    beside read: phones in full, and what was written and answered
      write       opt-outs, runs, decisions on drafts, answers in dialogs, imports
      settings    a company's settings, its services' intervals, its webhooks
      assistants  the functions for a company's own assistant
      admin       keys, who changed what, a client's data in full, erasure
    """

    async def main() -> None:
        from vernis.plain import plain
        from vernis.stages import api_keys

        async with opened(company) as session:
            key, text = await api_keys.create(
                session.app.db,
                session.company,
                name=name,
                scopes=scope,
                requests_per_minute=per_minute,
                now=session.now,
            )
            of = session.company
        if as_json:
            print_json(plain(key) | {"company_id": of.company_id, "key": text})
            return
        say(text)
        say(f"Key {key.key_id} of {of.name} (company {of.company_id}). It is not shown again.")

    run(main())


def listed(company: CompanyOption = None, as_json: JsonOption = False) -> None:
    """Show the keys of a company, not what they are."""

    async def main() -> None:
        from vernis.plain import plain
        from vernis.stages import api_keys

        async with opened(company) as session:
            keys = await api_keys.listed(session.app.db, session.company)
            zone = session.company.zone
        if as_json:
            print_json(plain(keys))
            return
        for key in keys:
            used = (
                f"used {key.used_at.astimezone(zone):%Y-%m-%d %H:%M}" if key.used_at else "unused"
            )
            state = "revoked" if key.revoked_at else used
            scopes = ",".join(key.scopes)
            say(f"{key.key_id}\t{key.name}\t{scopes}\t{key.requests_per_minute}/min\t{state}")
        if not keys:
            say("There is no key yet: `vernis keys create --scope read` makes one.")

    run(main())


def revoke(
    key_id: Annotated[int, typer.Argument(help="The key's number, as `vernis keys list` has it.")],
    company: CompanyOption = None,
) -> None:
    """Answer nothing to this key from now on."""

    async def main() -> None:
        from vernis.stages import api_keys

        async with opened(company) as session:
            await api_keys.revoke(session.app.db, session.company, key_id, now=session.now)
        say(f"Key {key_id} is revoked.")

    run(main())
