"""The loop by hand: intervals, plan, send, run; cli/writing.py writes, cli/reception.py answers."""

from typing import TYPE_CHECKING, Annotated

import typer

from vernis.cli.options import (
    CompanyOption,
    JsonOption,
    OnOption,
    Session,
    opened,
    print_json,
    run,
    say,
)

if TYPE_CHECKING:
    from vernis.decide.plan import Plan


def register(app: typer.Typer) -> None:
    for command in (intervals, plan, send):
        app.command()(command)
    app.command(name="set-interval")(set_interval)
    app.command(name="run")(carry_out)


def intervals(
    company: CompanyOption = None, on: OnOption = None, as_json: JsonOption = False
) -> None:
    """Compute after how many days each client is expected back, and from which level."""

    async def main() -> None:
        from vernis.render.intervals import show
        from vernis.stages import intervals as stage

        async with opened(company, on=on) as session:
            await stage.compute(session.app.db, session.company, on=session.on, now=session.now)
            summary = await stage.summary(session.app.db, session.company)
        print_json(summary.as_dict()) if as_json else show(summary)

    run(main())


def set_interval(
    service: Annotated[str, typer.Argument(help="The service's title as in the CRM, or its id.")],
    days: Annotated[
        int | None, typer.Argument(help="After how many days; without, as is learned.")
    ] = None,
    company: CompanyOption = None,
) -> None:
    """Say after how many days clients of a service are expected back.

    A client's own rhythm, known from the third visit on, still comes first.
    """

    async def main() -> None:
        from vernis.stages import service_overrides as stage
        from vernis.stages.auditing import Who

        async with opened(company) as session:
            db, of = session.app.db, session.company
            found = await stage.find_service(db, of, service)
            number = await stage.set_interval(db, of, found, days, who=Who(), now=session.now)
        what = f"{days} days" if days is not None else "as is learned"
        say(f"{service}: {what}. Due dates looked at: {number:,}.")

    run(main())


def plan(
    company: CompanyOption = None,
    on: OnOption = None,
    limit: Annotated[int, typer.Option(help="How many of each reason to show.")] = 10,
    everybody: Annotated[
        bool, typer.Option("--all", help="Look at those who are not due as well.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show who would be written to on a day, and why the others would not. Stores nothing."""

    async def main() -> None:
        from vernis.render.plan import as_dict, show

        async with opened(company, on=on) as session:
            looked = await _looked(session, everybody=everybody)
        print_json(as_dict(looked)) if as_json else show(looked, session.company, limit=limit)

    run(main())


async def _looked(session: Session, *, everybody: bool) -> "Plan":
    from vernis.stages import intervals as stage
    from vernis.stages import planning

    db, of = session.app.db, session.company
    await stage.refresh(db, of, on=session.on, now=session.now)
    return await planning.look(
        db,
        of,
        on=session.on,
        now=session.now,
        hash_phone=session.app.hash_phone,
        everybody=everybody,
    )


def send(company: CompanyOption = None, on: OnOption = None) -> None:
    """Send the written messages that may leave now."""

    async def main() -> None:
        async with opened(company, on=on) as session:
            say(f"{await _sent(session)} messages sent.")

    run(main())


def carry_out(
    company: CompanyOption = None, on: OnOption = None, as_json: JsonOption = False
) -> None:
    """Carry a day's plan out: store it, write the messages, send what may leave."""

    async def main() -> None:
        from vernis.render.plan import run_as_dict, show_run
        from vernis.stages import intervals as stage
        from vernis.stages import planning, writing

        async with opened(company, on=on) as session:
            app, of = session.app, session.company
            await stage.refresh(app.db, of, on=session.on, now=session.now)
            stored = await planning.store(
                app.db, of, on=session.on, now=session.now, hash_phone=app.hash_phone
            )
            await writing.write(app.db, of, app.writer, now=session.now, crm=app.crm)
            await _sent(session)
            day = await planning.states(app.db, of, on=session.on)
        if as_json:
            print_json(run_as_dict(stored, day))
        else:
            show_run(stored, day, of)

    run(main())


async def _sent(session: Session) -> int:
    from vernis.stages import sending, settling

    app = session.app
    await settling.recover(app.db, session.company, channels=app.channels, now=session.now)
    return await sending.send(
        app.db,
        session.company,
        channels=app.channels,
        store=app.store,
        clock=app.clock,
        hash_phone=app.hash_phone,
        crm=app.crm,
    )
