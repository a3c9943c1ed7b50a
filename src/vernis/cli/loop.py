"""The loop by hand: intervals, plan, write, send, run, reply, sandbox."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from vernis.cli.options import (
    AtOption,
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

if TYPE_CHECKING:
    from vernis.decide.plan import Plan
    from vernis.domain import Company


def register(app: typer.Typer) -> None:
    for command in (intervals, plan, write, send, reply, sandbox):
        app.command()(command)
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


def plan(
    company: CompanyOption = None,
    on: OnOption = None,
    limit: Annotated[int, typer.Option(help="How many of each reason to show.")] = 10,
    as_json: JsonOption = False,
) -> None:
    """Show who would be written to on a day, and why the others would not. Stores nothing."""

    async def main() -> None:
        from vernis.render.plan import as_dict, show

        async with opened(company, on=on) as session:
            looked = await _looked(session)
        print_json(as_dict(looked)) if as_json else show(looked, session.company, limit=limit)

    run(main())


async def _looked(session: Session) -> "Plan":
    from vernis.stages import planning

    await _refresh(session)
    return await planning.look(
        session.app.db,
        session.company,
        on=session.on,
        now=session.now,
        hash_phone=session.app.hash_phone,
    )


async def _refresh(session: Session) -> None:
    """A plan goes by due dates of that day: new data, another day or a week make them stale."""
    from vernis.stages import intervals as stage

    if await stage.is_stale(session.app.db, session.company, on=session.on):
        await stage.compute(session.app.db, session.company, on=session.on, now=session.now)


def write(company: CompanyOption = None, on: OnOption = None) -> None:
    """Write the messages of all planned reactivations."""

    async def main() -> None:
        from vernis.stages import writing

        async with opened(company, on=on) as session:
            app = session.app
            written = await writing.write(app.db, session.company, app.writer, now=session.now)
        say(f"{written} messages written.")

    run(main())


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
        from vernis.stages import planning, writing

        async with opened(company, on=on) as session:
            app, of = session.app, session.company
            await _refresh(session)
            stored = await planning.store(
                app.db, of, on=session.on, now=session.now, hash_phone=app.hash_phone
            )
            await writing.write(app.db, of, app.writer, now=session.now)
            await _sent(session)
            day = await planning.states(app.db, of, on=session.on)
        if as_json:
            print_json(run_as_dict(stored, day))
        else:
            show_run(stored, day, of)

    run(main())


async def _sent(session: Session) -> int:
    from vernis.stages import sending

    app = session.app
    await sending.recover(app.db, session.company, channels=app.channels, now=session.now)
    return await sending.send(
        app.db,
        session.company,
        channels=app.channels,
        store=app.store,
        clock=app.clock,
        hash_phone=app.hash_phone,
    )


def reply(
    phone: Annotated[str, typer.Argument(help="The client's phone, in any form.")],
    text: Annotated[str, typer.Argument(help="What the client says.")],
    company: CompanyOption = None,
    at: AtOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put a client's message in, as a webhook will, and show what is answered."""

    async def main() -> None:
        from vernis.render.chat import show_turn
        from vernis.stages import receiving, reception, sending
        from vernis.stages import sandbox as rehearsal

        async with opened(company, at=at) as session:
            app, of = session.app, session.company
            digits = _digits(phone, of)
            inbound = await rehearsal.say(app.db, of, phone=digits, text=text, now=session.now)
            stored = await receiving.receive(app.db, of, inbound, now=session.now)
            turn = await reception.handle(
                app.db,
                of,
                dialog_id=stored.dialog_id,
                crm=app.crm,
                store=app.store,
                clock=app.clock,
                hash_phone=app.hash_phone,
            )
            await sending.answer(app.db, of, channels=app.channels, clock=app.clock)
        if as_json:
            print_json(turn.as_dict() if turn else {})
        elif turn is None:
            say("Stored; a worker is answering it.")
        else:
            show_turn(turn, text, session.now.astimezone(of.zone))

    run(main())


def _digits(phone: str, company: "Company") -> str:
    from vernis.decide.phones import e164

    if (digits := e164(phone, country=company.country)) is None:
        raise UsageError(f"«{phone}» is no phone number, neither of {company.country} nor abroad.")
    return digits


def sandbox(
    phone: Annotated[str | None, typer.Argument(help="Show the chat with this phone.")] = None,
    company: CompanyOption = None,
    fail: Annotated[int | None, typer.Option(help="Refuse every N-th message; 0 none.")] = None,
    lose: Annotated[int | None, typer.Option(help="Lose every N-th answer; 0 none.")] = None,
    slow: Annotated[int | None, typer.Option(help="Take this many ms a call.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Show what the sandbox delivered, like a chat; or tell it to misbehave."""

    async def main() -> None:
        from vernis.render.chat import show_chat, show_chats
        from vernis.stages import sandbox as rehearsal

        asked = {"fail": fail, "lose": lose, "slow_ms": slow}
        behaviour = {key: value for key, value in asked.items() if value is not None}
        async with opened(company) as session:
            db, of = session.app.db, session.company
            if behaviour:
                await rehearsal.behave(db, of, behaviour)
                say(f"The sandbox of {of.name} now has {_listed(behaviour)}.")
                return
            if phone is None:
                chats = await rehearsal.chats(db, of)
                print_json(chats) if as_json else show_chats(chats, of)
                return
            chat = await rehearsal.chat(db, of, phone=_digits(phone, of))
            print_json(chat) if as_json else show_chat(chat, of)

    run(main())


def _listed(behaviour: dict[str, Any]) -> str:
    return ", ".join(f"{key} {value}" for key, value in behaviour.items())
