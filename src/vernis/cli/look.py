"""What the owner asks: what did it earn, and why this client?"""

from typing import Annotated

import typer

from vernis.cli.options import (
    AtOption,
    CompanyOption,
    JsonOption,
    OnOption,
    day_option,
    opened,
    print_json,
    run,
)


def register(app: typer.Typer) -> None:
    for command in (report, explain):
        app.command()(command)


def report(
    company: CompanyOption = None,
    first: Annotated[str | None, typer.Option("--from", metavar="DATE")] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="DATE")] = None,
    at: AtOption = None,
    as_json: JsonOption = False,
) -> None:
    """What was sent, what came back, what it earned against the holdout."""

    async def main() -> None:
        from vernis.render.report import show
        from vernis.stages import conversions, reporting

        first_day, last_day = day_option("--from", first), day_option("--to", last)
        async with opened(company, at=at) as session:
            db, of = session.app.db, session.company
            await conversions.attribute(db, of, now=session.now)
            found = await reporting.report(
                db, of, first_day=first_day, last_day=last_day, now=session.now
            )
        print_json(found.to_dict()) if as_json else show(found, of)

    run(main())


def explain(
    client: Annotated[str, typer.Argument(help="The client's code, id or phone.")],
    company: CompanyOption = None,
    on: OnOption = None,
    as_json: JsonOption = False,
) -> None:
    """Everything known and decided about one client, and why."""

    async def main() -> None:
        from vernis.render.explain import show
        from vernis.stages import explaining, intervals, planning

        async with opened(company, on=on) as session:
            db, of = session.app.db, session.company
            await intervals.refresh(db, of, on=session.on, now=session.now)
            today = await planning.verdict(
                db,
                of,
                await explaining.find_client(db, of, client),
                on=session.on,
                now=session.now,
                hash_phone=session.app.hash_phone,
            )
            found = await explaining.explain(
                db,
                of,
                client=client,
                on=session.on,
                now=session.now,
                today=today,
                hash_phone=session.app.hash_phone,
            )
        print_json(found.to_dict()) if as_json else show(found, of)

    run(main())
