"""What goes in: files, settings; and how a title is understood."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from vernis.cli.options import CompanyOption, JsonOption, opened, print_json, run, say
from vernis.errors import DataError


def register(app: typer.Typer) -> None:
    app.command(name="import")(import_files)
    app.command()(match_service)
    app.command()(companies)
    app.command(name="set")(change)


def import_files(
    files: Annotated[list[Path], typer.Argument(help="CSV or XLSX files, or folders of them.")],
    company: CompanyOption = None,
    timezone: Annotated[
        str | None, typer.Option(help="Of a new company, like Europe/Moscow.")
    ] = None,
    currency: Annotated[str | None, typer.Option(help="Of a new company, like RUB.")] = None,
    country: Annotated[
        str | None, typer.Option(help="Of a new company, like RU: for phones without a prefix.")
    ] = None,
    locale: Annotated[str | None, typer.Option(help="ru or en: what messages are in.")] = None,
    mapping: Annotated[
        list[str] | None, typer.Option("--map", metavar="COLUMN=FIELD", help="What a column is.")
    ] = None,
    kind: Annotated[str | None, typer.Option(help="What the files hold, e.g. visits.")] = None,
    date_format: Annotated[
        str | None, typer.Option(help="dmy or mdy, where dates fit both.")
    ] = None,
    rejects: Annotated[
        Path, typer.Option(help="Folder for the rows that could not be used.")
    ] = Path(),
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what is understood.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Take in a salon's export: visits, clients, services, bookings, cancellations, no-shows."""

    from vernis.cli import importing

    run(
        importing.main(
            files,
            company=company,
            place=importing.Place(
                timezone=timezone, currency=currency, country=country, locale=locale
            ),
            reading=importing.Reading(mapping=mapping or [], kind=kind, date_format=date_format),
            rejects=rejects,
            dry_run=dry_run,
            as_json=as_json,
        )
    )


def match_service(
    file: Annotated[
        Path | None, typer.Argument(help="Titles, one a line; - or none: stdin.")
    ] = None,
) -> None:
    """Tell which industry standard each service title is, as JSON lines."""
    import json

    from vernis.decide.services.standards import match

    for line in _lines(file):
        if not (title := line.rstrip("\r\n").lstrip("\ufeff")).strip():
            continue
        found = match(title)
        answer: dict[str, Any] = {"title": title}
        answer["category_key"] = found.standard.category_key if found else None
        answer["interval_days"] = found.standard.interval_days if found else None
        answer["confidence"] = found.confidence if found else None
        sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")


def _lines(file: Path | None) -> "list[str]":
    typed = file is None or str(file) == "-"
    try:
        content = sys.stdin.buffer.read() if file is None or typed else file.read_bytes()
        return content.decode("utf-8").splitlines()
    except OSError as error:
        raise DataError(f"{file} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        name = "What comes in" if typed else file
        raise DataError(f"{name} is not UTF-8: save it as UTF-8 text.") from None


def companies(as_json: JsonOption = False) -> None:
    """List the companies."""

    async def main() -> None:
        from vernis.app import PinnedClock, open_app
        from vernis.config import load
        from vernis.stages import companies as stage

        async with open_app(load(), clock=PinnedClock()) as app:
            names = await stage.names(app.db)
        if as_json:
            print_json([{"company_id": id_, "name": name} for id_, name in names.items()])
        for id_, name in names.items() if not as_json else ():
            say(f"{id_}\t{name}")
        if not names and not as_json:
            say("There is no company yet: start with `vernis import FILE...`.")

    run(main())


def change(
    settings: Annotated[
        list[str] | None, typer.Argument(metavar="KEY=VALUE", help="Nothing: show them all.")
    ] = None,
    company: CompanyOption = None,
) -> None:
    """Show or change what a company has set: hours, caps, holdout, tone, offers, variants.

    Offers go by band: offer.gentle, offer.offer, offer.win_back; 10%, 500 or a gift in words, and
    after a ; terms, the least bill, how long it holds: "10%; on weekdays; from 50; 14 days".

    variants=soft,short begins a test; variant.soft.tone=warm or variant.short.offer.win_back=15%
    say what is tested.
    """

    async def main() -> None:
        from vernis.decide.settings.company import shown
        from vernis.stages import companies as stage

        async with opened(company) as session:
            found = session.company
            if settings:
                found = await stage.change(session.app.db, found, settings, now=session.now)
        for key, value in shown(found).items():
            say(f"{key}={value}")

    run(main())
