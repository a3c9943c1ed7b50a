"""The salon's CRM: connect it, read it, see how far that is, leave it."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from vernis.cli.options import CompanyOption, JsonOption, Session, opened, print_json, run, say
from vernis.errors import UsageError

if TYPE_CHECKING:
    from vernis.app import App
    from vernis.crm import CrmCompany
    from vernis.domain import Company
    from vernis.ports import CrmSource
    from vernis.stages.crm_connections import CrmConnection
    from vernis.stages.syncing import Outcome

VARIABLE = "VERNIS_YCLIENTS_USER_TOKEN"


def register(app: typer.Typer) -> None:
    for command in (connect, disconnect, sync):
        app.command()(command)


def connect(
    crm: Annotated[str, typer.Argument(help="yclients (Altegio as well) or ai-admin.")],
    salon: Annotated[str, typer.Option(help="What the CRM calls the salon: its number there.")],
    company: CompanyOption = None,
) -> None:
    """Connect a salon's CRM, with the token of a user of its own (VERNIS_YCLIENTS_USER_TOKEN, or
    asked for); without --company it becomes a company of the name that it has there. AI Admin's
    database (VERNIS_AI_ADMIN_DATABASE_URL) is only read: people book."""

    async def main() -> None:
        from vernis.app import PinnedClock, open_app, open_source
        from vernis.config import load
        from vernis.stages import crm_connections

        name = crm.lower().replace("-", "_")
        token = _token() if name == "yclients" else None
        async with open_app(load(), clock=PinnedClock()) as app:
            async with open_source(app, crm=name, external_id=salon, token=token) as source:
                told = await source.company()
                warning = await _looked_at(app, source)
            found = await _company(app, name, told, company)
            connection = await crm_connections.connect(
                app.db,
                found,
                crm=name,
                external_id=salon,
                token=token,
                seal=app.sealer.seal,
                now=app.clock(),
            )
        _say_connected(app, found, connection)
        if warning:
            say(warning)

    run(main())


def disconnect(company: CompanyOption = None) -> None:
    """Leave the CRM and forget its token; what was read stays, and people book by hand."""

    async def main() -> None:
        from vernis.stages import crm_connections

        async with opened(company) as session:
            of = session.company
            connection = await crm_connections.get(session.app.db, of)
            was = await crm_connections.disconnect(session.app.db, of)
        if was:
            say(f"{of.name} is disconnected from {connection.crm}; what was read stays.")
        else:
            say(f"{of.name} was disconnected already: {connection.reason}")

    run(main())


def sync(
    full: Annotated[bool, typer.Option("--full", help="Read everything anew.")] = False,
    status: Annotated[bool, typer.Option("--status", help="Only show how far it is.")] = False,
    company: CompanyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read what changed in the CRM; the first time three years of it. An interrupted sync goes on
    where it was."""

    async def main() -> None:
        from vernis.plain import plain
        from vernis.render import syncing as rendering
        from vernis.stages import crm_connections, crm_rejects, syncing

        async with opened(company) as session:
            app, of = session.app, session.company
            if status:
                connection = await crm_connections.get(app.db, of)
                known = await syncing.progress(app.db, of)
                rejects = await crm_rejects.listed(app.db, of)
                if as_json:
                    print_json(plain(rendering.status(connection, known, rejects)))
                else:
                    rendering.show_status(connection, known, rejects, of)
                return
            outcomes = await _synced(session, full=full)
            from vernis.adapters.schema import refresh_statistics

            refresh_statistics(app.database_url)
        if as_json:
            print_json({"company": of.name, "entities": plain(outcomes)})
        else:
            rendering.show_outcomes(outcomes, of)

    run(main())


# --- what they do -------------------------------------------------------------------------------


async def _looked_at(app: "App", source: "CrmSource") -> str | None:
    """Ask for a little of everything: a right that is missing is said now. What to warn of."""
    from vernis.stages.syncing import NO_SERVICES

    now = app.clock()
    services = await source.services()
    await source.clients(changed_after=now, page=None)
    await source.records(since=now.date(), changed_after=now, page=None)
    return None if services.items else NO_SERVICES


async def _company(app: "App", crm: str, told: "CrmCompany", typed: str | None) -> "Company":
    """The company of that name, or the one that this salon was before."""
    from vernis.stages import companies, crm_connections

    if typed is None:
        at = await crm_connections.connection_at(app.db, crm=crm, external_id=told.external_id)
        if at is not None:
            return await companies.get(app.db, at)
    return await crm_connections.company_for(app.db, told, name=typed)


def _say_connected(app: "App", of: "Company", connection: "CrmConnection") -> None:
    from vernis.stages.crm_connections import webhook_key

    say(f"{of.name} ({of.company_id}) is connected to the salon {connection.external_id}.")
    if connection.crm == "yclients":
        key = webhook_key(connection, app.hash_phone)
        say(
            "So that changes come at once, enter this address for webhooks in its settings there:"
            f" https://YOUR-SERVER/webhooks/{connection.crm}/{key}"
        )
    else:
        say("Its calendar is only read: what clients wish to book, a person books there.")
    say("Next: `vernis sync`.")


async def _synced(session: Session, *, full: bool) -> "list[Outcome]":
    from datetime import timedelta

    from vernis.app import source_of
    from vernis.stages import crm_connections, syncing

    app, of = session.app, session.company
    connection = await crm_connections.connected(app.db, of)
    async with source_of(app, of, connection) as source:
        with _progress() as on_page:
            return await syncing.sync(
                app.db,
                of,
                source,
                now=session.now,
                hash_phone=app.hash_phone,
                full=full,
                every=timedelta(minutes=app.settings.sync_minutes),
                on_page=on_page,
            )


@contextmanager
def _progress() -> "Iterator[Callable[[Outcome], None]]":
    """A bar for each kind of things that takes several pages."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    bars = {}
    console = Console(stderr=True)
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as progress:

        def on_page(outcome: "Outcome") -> None:
            if outcome.entity not in bars:
                bars[outcome.entity] = progress.add_task(outcome.entity.value)
            seen = outcome.taken + outcome.left_out + outcome.rejected
            total = max(seen, outcome.total or seen) if not outcome.is_done else seen
            progress.update(bars[outcome.entity], completed=seen, total=total)

        yield on_page


def _token() -> str:
    """From the environment, the first line of the standard input, or asked for unseen."""
    import os

    found = os.environ.get(VARIABLE, "")
    if not found and sys.stdin.isatty():
        from getpass import getpass

        found = getpass("The user's token in the CRM: ")
    elif not found:
        found = sys.stdin.readline()
    found = found.strip()
    if not found:
        raise UsageError(
            f"Give the user's token of the CRM: set {VARIABLE}, or type it when asked."
        )
    if not (found.isascii() and found.isprintable()) or " " in found:
        raise UsageError("The user's token is one word without spaces: copy it anew.")
    return found
