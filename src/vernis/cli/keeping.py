"""What is kept, and what is not: erasure and export of a client, backup and restore."""

from pathlib import Path
from typing import Annotated

import typer

from vernis.cli.options import CompanyOption, JsonOption, opened, print_json, run, say
from vernis.errors import DataError, UsageError

ClientArgument = Annotated[str, typer.Argument(help="The client's code, id or phone.")]


def register(app: typer.Typer) -> None:
    app.command()(erase)
    app.command(name="export-client")(export_client)
    app.command()(backup)
    app.command()(restore)


def erase(
    client: ClientArgument,
    company: CompanyOption = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Remove everything personal of a client, everywhere, for good; never write to them again."""

    async def main() -> None:
        from vernis.plain import plain
        from vernis.stages import erasure, explaining

        async with opened(company) as session:
            app, of = session.app, session.company
            client_id = await explaining.find_client(app.db, of, client)
            if not (yes or typer.confirm(f"Erase client {client_id} of {of.name} for good?")):
                raise UsageError("Nothing was erased.")
            done = await erasure.erase(
                app.db,
                of,
                client_id,
                store=app.store,
                hash_phone=app.hash_phone,
                now=session.now,
                home=app.settings.home,
            )
        if as_json:
            print_json(plain(done))
            return
        say(f"Client {client_id} is erased:")
        for number, what in (
            (done.reactivations, "reactivations belong to nobody now"),
            (done.cancelled, "of them had not left and were cancelled"),
            (done.dialogs, "dialogs deleted"),
            (done.messages, "messages in them"),
            (done.other_rows, "other rows that named the client"),
            (done.files, "folders of uploaded files deleted"),
            (done.stops, "numbers are never written to again (kept as keyed hashes)"),
        ):
            say(f"{number:6,}  {what}")
        if done.shared_with:
            say(f"{done.shared_with} other clients have the same phone: theirs it stays.")
        if done.crm:
            say(f"{done.crm} still has this client: Vernis deletes nothing there.")

    run(main())


def export_client(
    client: ClientArgument,
    company: CompanyOption = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Where to write it; else here.")
    ] = None,
) -> None:
    """Everything held of a client as JSON, for the person who asks for their data."""

    async def main() -> None:
        from vernis.stages import client_export, explaining

        async with opened(company) as session:
            db, of = session.app.db, session.company
            client_id = await explaining.find_client(db, of, client)
            found = await client_export.exported(
                db, of, client_id, hash_phone=session.app.hash_phone, now=session.now
            )
        if out is None:
            print_json(found)
        else:
            _write_json(out, found)
            say(f"{out} holds all that {of.name} has of client {client_id}.")

    run(main())


def _write_json(path: Path, value: object) -> None:
    """For its owner's eyes only."""
    import json
    import os

    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(value, file, ensure_ascii=False, indent=2)
    except OSError as error:
        raise DataError(f"{path} cannot be written: {error.strerror}.") from None


# --- backup and restore ------------------------------------------------------------------------


def backup(
    file: Annotated[Path, typer.Argument(help="The file to write, like vernis.backup.")],
    as_json: JsonOption = False,
) -> None:
    """Save everything to one file: the database, the secret, WhatsApp sessions. Keep it safe."""
    from contextlib import ExitStack
    from dataclasses import asdict
    from datetime import UTC, datetime

    from vernis.adapters import backup as backups
    from vernis.adapters import schema
    from vernis.app import servers
    from vernis.config import load

    with ExitStack() as stack:
        settings = load()
        database_url, _ = servers(settings, stack)
        schema.ensure(database_url)
        made = backups.take(settings, database_url, file, now=datetime.now(UTC))
    if as_json:
        print_json(asdict(made))
        return
    bookings, clients = made.counts.get("bookings", 0), made.counts.get("clients", 0)
    say(
        f"{file} ({file.stat().st_size / 2**20:,.1f} MB) holds companies: {made.companies:,},"
        f" clients: {clients:,}, bookings: {bookings:,}."
    )
    say("It is confidential: whoever has it has the clients' data and the installation's secret.")


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `vernis backup` wrote.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Put it in the place of the companies that are here.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Put a backup in the place of this database; nothing is changed until it is whole."""
    from contextlib import ExitStack

    from vernis.adapters import restoring
    from vernis.app import servers
    from vernis.config import load

    with ExitStack() as stack:
        settings = load()
        database_url, redis_url = servers(settings, stack)
        done = restoring.restore(settings, database_url, file, replace=replace)
        erased = run(_after_restore(done.erased, redis_url))
    made = done.manifest
    if as_json:
        carried = {"opt_outs": done.opt_outs, "erased": erased}
        print_json({"made_at": made.made_at, "companies": made.companies, **carried})
        return
    many = "1 company is" if made.companies == 1 else f"{made.companies} companies are"
    say(f"{many} here as at {made.made_at}.")
    if done.opt_outs:
        say(f"Opt-outs that came after that, kept: {done.opt_outs:,}.")
    if erased:
        say(f"Clients who were erased after that, erased again: {erased:,}.")


async def _after_restore(erased: dict[int, list[int]], redis_url: str) -> int:
    """Who was erased after the backup is erased again; how many. Redis is written anew."""
    from redis.exceptions import RedisError

    from vernis.adapters.context import RESTORED, connect
    from vernis.app import PinnedClock, open_app
    from vernis.config import load
    from vernis.errors import NotFoundError
    from vernis.stages import companies, erasure

    redis = connect(redis_url)
    try:
        await redis.delete(RESTORED)
    except (RedisError, OSError):  # it is disposable, and may be away
        pass
    finally:
        await redis.aclose()
    number = 0
    async with open_app(load(), clock=PinnedClock()) as app:
        known = await companies.names(app.db)
        for company_id, clients in erased.items():
            if company_id not in known:
                continue
            company = await companies.find(app.db, str(company_id))
            for client_id in clients:
                try:
                    done = await erasure.erase(
                        app.db,
                        company,
                        client_id,
                        store=app.store,
                        hash_phone=app.hash_phone,
                        now=app.clock(),
                        home=app.settings.home,
                    )
                except NotFoundError:  # new since the backup
                    continue
                number += bool(done.stops or done.reactivations)
    return number
