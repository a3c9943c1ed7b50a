"""Writing by hand: write, look at what would be written, and decide on drafts."""

from typing import Annotated

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
from vernis.errors import UsageError

MOST_SAMPLES = 500

IdArgument = Annotated[int, typer.Argument(metavar="ID", help="As `vernis drafts` shows it.")]


def register(app: typer.Typer) -> None:
    app.command()(write)
    drafts = typer.Typer(rich_markup_mode=None)
    drafts.callback(invoke_without_command=True)(waiting)
    for command in (approve, edit, reject):
        drafts.command()(command)
    app.add_typer(drafts, name="drafts")


def write(
    client: Annotated[
        str | None, typer.Argument(help="Only show what this client would get: code, id or phone.")
    ] = None,
    company: CompanyOption = None,
    on: OnOption = None,
    sample: Annotated[
        int | None,
        typer.Option(metavar="N", help="Only show what N clients would get, with the checks."),
    ] = None,
    prompt: Annotated[
        bool, typer.Option("--show-prompt", help="Show what the language model is told of CLIENT.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Write the messages of all planned reactivations; or only show some."""
    if client is not None and sample is not None:
        raise UsageError("Give either a client or --sample N.")
    if prompt and client is None:
        raise UsageError("Whose prompt? Name a client: vernis write CLIENT --show-prompt.")
    if sample is not None and not 1 <= sample <= MOST_SAMPLES:
        raise UsageError(f"--sample wants a number from 1 to {MOST_SAMPLES}.")

    async def main() -> None:
        from vernis.stages import intervals

        async with opened(company, on=on) as session:
            if client is None and sample is None:
                await _write(session, as_json=as_json)
                return
            db, of = session.app.db, session.company
            await intervals.refresh(db, of, on=session.on, now=session.now)
            if prompt and client is not None:
                await _show_prompt(session, client, as_json=as_json)
            else:
                await _show_samples(session, client, sample or 1, as_json=as_json)

    run(main())


async def _write(session: Session, *, as_json: bool) -> None:
    from vernis.stages import drafts, writing

    app, of = session.app, session.company
    written = await writing.write(app.db, of, app.writer, now=session.now, crm=app.crm)
    waiting = len(await drafts.waiting(app.db, of, now=session.now))
    if as_json:
        print_json({"written": written, "waiting": waiting})
        return
    say(f"{written} messages written.")
    if waiting:
        say(f"{waiting} wait for a person: `vernis drafts`.")


async def _show_prompt(session: Session, client: str, *, as_json: bool) -> None:
    from vernis.decide.writing.prompt import prompt_for
    from vernis.render.writing import show_prompt
    from vernis.stages import explaining, samples

    app, of = session.app, session.company
    id_ = await explaining.find_client(app.db, of, client)
    facts = await samples.facts_of(app.db, of, id_, crm=app.crm, on=session.on, now=session.now)
    told = prompt_for([facts], of)
    if as_json:
        print_json({"system": told.system, "user": told.user})
    else:
        show_prompt(told)


async def _show_samples(
    session: Session, client: str | None, number: int, *, as_json: bool
) -> None:
    from vernis.render.writing import show_samples
    from vernis.stages import explaining, samples

    app, of = session.app, session.company
    if client is None:
        clients = await samples.nearest(app.db, of, number=number, on=session.on)
    else:
        clients = [await explaining.find_client(app.db, of, client)]
    found = await samples.sample(
        app.db, of, app.writer, clients, crm=app.crm, on=session.on, now=session.now
    )
    if as_json:
        print_json([one.to_dict() for one in found])
    else:
        show_samples(found, of)


# --- drafts ------------------------------------------------------------------------------------


def waiting(
    context: typer.Context,
    company: CompanyOption = None,
    on: OnOption = None,
    as_json: JsonOption = False,
) -> None:
    """Messages that wait for a person (`vernis set approval=yes`): show, approve, edit, reject."""
    if context.invoked_subcommand is not None:
        return

    async def main() -> None:
        from vernis.render.drafts import show
        from vernis.stages import drafts

        async with opened(company, on=on) as session:
            found = await drafts.waiting(session.app.db, session.company, now=session.now)
        if as_json:
            print_json([draft.to_dict() for draft in found])
        else:
            show(found, session.company)

    run(main())


def approve(
    ids: Annotated[
        list[int] | None, typer.Argument(metavar="ID...", help="As `vernis drafts` shows them.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that wait.")] = False,
    company: CompanyOption = None,
    on: OnOption = None,
) -> None:
    """Let drafts leave, in the hours of their day."""
    if bool(ids) == everything:
        raise UsageError("Approve which? Give ids from `vernis drafts`, or --all.")

    async def main() -> None:
        from vernis.stages import drafts

        async with opened(company, on=on) as session:
            approved = await drafts.approve(
                session.app.db, session.company, ids or None, now=session.now
            )
        say(f"{len(approved)} messages approved; `vernis send` or the worker sends them.")

    run(main())


def edit(
    id_: IdArgument,
    text: Annotated[str, typer.Argument(help="The whole new text.")],
    company: CompanyOption = None,
    on: OnOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put another text in a draft. It still waits; what the checks find in it is shown."""

    async def main() -> None:
        from vernis.render.drafts import show_one
        from vernis.render.paper import paper
        from vernis.stages import drafts

        async with opened(company, on=on) as session:
            edited = await drafts.edit(session.app.db, session.company, id_, text, now=session.now)
        if as_json:
            print_json(edited.to_dict())
            return
        show_one(paper(), edited, session.company)
        if edited.problems:
            say("It can be approved all the same: the checks are for what nobody has read.")

    run(main())


def reject(
    id_: IdArgument,
    reason: Annotated[str, typer.Argument(help="Why it is not to be sent; kept.")],
    company: CompanyOption = None,
    on: OnOption = None,
) -> None:
    """Do not send a draft."""

    async def main() -> None:
        from vernis.stages import drafts

        async with opened(company, on=on) as session:
            await drafts.reject(session.app.db, session.company, id_, reason, now=session.now)
        say(f"Draft {id_} is not sent: {reason}")

    run(main())
