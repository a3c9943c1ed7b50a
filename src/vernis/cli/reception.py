"""The receptionist by hand: reply, chat, sandbox; what is handed over; who is never written to."""

from pathlib import Path
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
from vernis.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from vernis.app import App
    from vernis.domain import Company, Inbound
    from vernis.stages.reception import Turn

MOST_FAULTS = 20  # lines of a list that are named

WaitingArgument = Annotated[
    str, typer.Argument(metavar="CLIENT", help="A code, id or phone, or dialog:ID as listed.")
]
ClientArgument = Annotated[str, typer.Argument(help="The client's code, id or phone.")]


def register(app: typer.Typer) -> None:
    for command in (reply, chat, sandbox, optout, optin):
        app.command()(command)
    handovers = typer.Typer(rich_markup_mode=None)
    handovers.callback(invoke_without_command=True)(handover)
    handovers.command(name="give-back")(give_back)
    app.add_typer(handovers, name="handover")


# --- talking ---------------------------------------------------------------------------------


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
        from vernis.stages import sandbox as rehearsal

        async with opened(company, at=at) as session:
            app, of = session.app, session.company
            digits = _digits(phone, of)
            inbound = await rehearsal.say(app.db, of, phone=digits, text=text, now=session.now)
            turn = await answered(app, of, inbound)
        if as_json:
            print_json(turn.as_dict() if turn else {})
        elif turn is None:
            say("Stored; a worker is answering it.")
        else:
            show_turn(turn, text, session.now.astimezone(of.zone))

    run(main())


async def answered(app: "App", company: "Company", inbound: "Inbound") -> "Turn | None":
    """A message from its arrival to the answer that has left, in one go."""
    from vernis.stages import answering, receiving, reception

    stored = await receiving.receive(
        app.db, company, inbound, now=app.clock(), hash_phone=app.hash_phone
    )
    turn = await reception.handle(
        app.db,
        company,
        dialog_id=stored.dialog_id,
        crm=app.crm,
        store=app.store,
        clock=app.clock,
        hash_phone=app.hash_phone,
        assistant=app.assistant,
    )
    await answering.answer(app.db, company, channels=app.channels, clock=app.clock)
    return turn


def chat(
    client: ClientArgument,
    company: CompanyOption = None,
    on: OnOption = None,
    at: AtOption = None,
) -> None:
    """Play a client in the terminal. Everything is real but the phone: a booking is made.

    Lines from a pipe are played one after another; /help in the chat shows what else can be sent.
    """

    async def main() -> None:
        from vernis.cli.chatting import Chat

        async with opened(company, on=on, at=at) as session:
            await (await Chat.begin(session, client)).play()

    run(main())


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
            said = await rehearsal.chat(db, of, phone=_digits(phone, of))
            if as_json:
                print_json(said)
            elif not said:
                say("Nothing was said with this phone.")
            else:
                show_chat(said, of)

    run(main())


def _listed(behaviour: dict[str, Any]) -> str:
    return ", ".join(f"{key} {value}" for key, value in behaviour.items())


def _digits(phone: str, company: "Company") -> str:
    from vernis.decide.files.phones import e164

    if (digits := e164(phone, country=company.country)) is None:
        raise UsageError(f"«{phone}» is no phone number, neither of {company.country} nor abroad.")
    return digits


# --- handed over ----------------------------------------------------------------------------


def handover(
    context: typer.Context, company: CompanyOption = None, as_json: JsonOption = False
) -> None:
    """Show the dialogs that wait for a person: why, and since when."""
    if context.invoked_subcommand is not None:
        return

    async def main() -> None:
        from vernis.plain import plain
        from vernis.render.chat import show_waiting
        from vernis.stages import handovers

        async with opened(company) as session:
            waiting = await handovers.waiting(session.app.db, session.company)
        print_json(plain(waiting)) if as_json else show_waiting(waiting, session.company)

    run(main())


def give_back(client: WaitingArgument, company: CompanyOption = None) -> None:
    """Let the assistant answer this client again."""

    async def main() -> None:
        from vernis.stages import handovers

        async with opened(company) as session:
            app, of = session.app, session.company
            waiting = await handovers.waiting(app.db, of)
            if client.startswith("dialog:"):  # of somebody whose number is not known
                theirs = [one.dialog_id for one in waiting if client == f"dialog:{one.dialog_id}"]
            else:
                phone = await _certain_phone(session, client)
                theirs = [one.dialog_id for one in waiting if one.phone == phone]
            given = [
                await handovers.give_back(app.db, of, dialog_id=dialog_id, now=session.now)
                for dialog_id in theirs
            ]
        say("The assistant answers again." if any(given) else "Nobody was waited for there.")

    run(main())


# --- never written to --------------------------------------------------------------------------


def optout(
    who: Annotated[
        str | None,
        typer.Argument(metavar="PHONE|CLIENT", help="A phone, or a client's code or id."),
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--file", help="A list: one phone a line, CSV or XLSX.")
    ] = None,
    company: CompanyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Never write to somebody again; what is queued for them is cancelled at once."""
    if (who is None) == (file is None):
        raise UsageError("Whom? Give a phone or a client, or --file with a list.")

    async def main() -> None:
        from vernis.stages import opt_outs

        async with opened(company) as session:
            app, of = session.app, session.company
            faults: tuple[int, ...] = ()
            if file is not None:
                phones, faults = _stop_list(file, of)
            else:
                phones = (await _certain_phone(session, who or ""),)
            added = await opt_outs.add(
                app.db,
                of,
                phones,
                source="list" if file is not None else "person",
                now=session.now,
                hash_phone=app.hash_phone,
            )
        if as_json:
            print_json({"new": added.new, "known": added.known, "faults": list(faults)})
            return
        say(f"{added.new} numbers are never written to from now on, {added.known} were already.")
        if faults:
            named = ", ".join(map(str, faults[:MOST_FAULTS]))
            more = f" and {len(faults) - MOST_FAULTS} more" if len(faults) > MOST_FAULTS else ""
            say(f"{len(faults)} lines hold no phone: {named}{more}.")

    run(main())


def optin(
    who: Annotated[
        str, typer.Argument(metavar="PHONE|CLIENT", help="A phone, or a client's code or id.")
    ],
    company: CompanyOption = None,
) -> None:
    """Take an opt-out back: for somebody who asked to be written to again."""

    async def main() -> None:
        from vernis.stages import opt_outs

        async with opened(company) as session:
            app, of = session.app, session.company
            phone = await _certain_phone(session, who)
            removed = await opt_outs.remove(
                app.db, of, phone, now=session.now, hash_phone=app.hash_phone
            )
        say("This number may be written to again." if removed else "This number was not stopped.")

    run(main())


def _stop_list(file: Path, company: "Company") -> tuple[tuple[str, ...], tuple[int, ...]]:
    from vernis.adapters.tables import open_table
    from vernis.decide.reception.stop_lists import read_stop_list

    with open_table(file) as table:
        found = read_stop_list(table.header, table.rows(), country=company.country)
    return found.phones, found.faults


async def _certain_phone(session: Session, typed: str) -> str:
    if (phone := await _phone(session, typed)) is None:
        raise UsageError("This client has no phone.")
    return phone


async def _phone(session: Session, typed: str) -> str | None:
    """The phone of a client, or one that is no client's."""
    from vernis.decide.files.phones import e164
    from vernis.stages import clients, explaining

    of = session.company
    digits = e164(typed, country=of.country)
    try:
        client_id = await explaining.find_client(session.app.db, of, typed)
    except (NotFoundError, UsageError):  # a family may share a phone
        if digits is None:
            raise
        return digits
    return (await clients.contact(session.app.db, of, client_id)).phone
