"""What became of the messages: how many are in each state, and what nobody can tell."""

from typing import TYPE_CHECKING, Annotated

import typer

from vernis.cli.options import CompanyOption, JsonOption, opened, print_json, run, say
from vernis.errors import UsageError

if TYPE_CHECKING:
    from vernis.stages.settling import Unknown

Keys = Annotated[list[str], typer.Argument(metavar="KEY...", help="Like r17 or m5.")]


def register(app: typer.Typer) -> None:
    outbox = typer.Typer(rich_markup_mode=None, no_args_is_help=True)
    outbox.command()(states)
    outbox.command()(unknown)
    outbox.command()(sent)
    outbox.command(name="not-sent")(not_sent)
    app.add_typer(outbox, name="outbox", help="What became of messages; decide what is unknown.")


def states(company: CompanyOption = None, as_json: JsonOption = False) -> None:
    """How many campaign messages are in each state."""

    async def main() -> None:
        from vernis.domain import State
        from vernis.stages import settling

        async with opened(company) as session:
            found = await settling.counts(session.app.db, session.company)
        in_order = {state.value: found[state] for state in State if state in found}
        if as_json:
            print_json(in_order)
        elif in_order:
            width = max(map(len, in_order))
            say("\n".join(f"{state:<{width}}  {count:>7}" for state, count in in_order.items()))
        else:
            say("No message yet.")

    run(main())


def unknown(company: CompanyOption = None, as_json: JsonOption = False) -> None:
    """Messages that may have left: nobody confirmed it, and they are never sent again.

    Look on the salon's phone, then say `vernis outbox sent KEY` or `vernis outbox not-sent KEY`.
    """

    async def main() -> None:
        from dataclasses import asdict

        from vernis.stages import settling

        async with opened(company) as session:
            found = await settling.unknown(session.app.db, session.company)
            zone = session.company.zone
        if as_json:
            print_json([asdict(one) for one in found])
        elif not found:
            say("Nothing is unknown.")
        for one in found if not as_json else []:
            at = one.claimed_at.astimezone(zone)
            say(f"{one.key}  {at:%d %b %H:%M}  {one.account}  {_whom(one)}\n    {one.text}")

    run(main())


def _whom(one: "Unknown") -> str:
    return " ".join(part for part in (one.name, f"+{one.phone}" if one.phone else "") if part)


def sent(keys: Keys, company: CompanyOption = None) -> None:
    """These messages are on the client's phone."""
    _decide(keys, company, sent=True)


def not_sent(keys: Keys, company: CompanyOption = None) -> None:
    """These messages never left: a later plan may write to these clients again."""
    _decide(keys, company, sent=False)


def _decide(keys: list[str], company: str | None, *, sent: bool) -> None:
    async def main() -> None:
        from vernis.stages import settling

        if len(set(keys)) < len(keys):
            raise UsageError("Give each key once.")
        async with opened(company) as session:
            for key in keys:
                state = await settling.decide(
                    session.app.db, session.company, key, sent=sent, now=session.now
                )
                say(f"{key}: {state}")

    run(main())
