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
