"""Outgoing webhooks by hand: whom a company wants to be told, and the log of it."""

from typing import TYPE_CHECKING, Annotated

import typer

from vernis.cli.options import CompanyOption, JsonOption, Session, opened, print_json, run, say

if TYPE_CHECKING:
    from vernis.stages.outgoing_deliveries import Delivery
    from vernis.stages.outgoing_webhooks import Webhook

Number = Annotated[int, typer.Argument(help="Its number, as `vernis webhooks list` has it.")]
EventOption = Annotated[
    list[str] | None,
    typer.Option(
        "--event",
        help="reply.received, booking.created, handover.needed or account.paused; may be repeated.",
    ),
]


def register(app: typer.Typer) -> None:
    webhooks = typer.Typer(rich_markup_mode=None, no_args_is_help=True)
    webhooks.command(name="list")(listed)
    webhooks.command(name="set")(change)
    for command in (add, remove, pause, resume, rotate, ping, send, deliveries, redeliver):
        webhooks.command()(command)
    app.add_typer(webhooks, name="webhooks", help="Tell other programs what happens.")


def add(
    url: Annotated[str, typer.Argument(help="https://..., on port 443 or 8443.")],
    event: EventOption = None,
    company: CompanyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell a URL what happens: of all events, or of those given. Its secret is shown once."""

    async def main() -> None:
        from vernis.plain import plain
        from vernis.stages import outgoing_webhooks
        from vernis.stages.outgoing_events import EVENTS

        async with opened(company) as session:
            webhook, secret = await outgoing_webhooks.create(
                session.app.db,
                session.company,
                url=url,
                events=event or EVENTS,
                sealer=session.app.sealer,
                sender=session.app.webhook_sender,
                now=session.now,
            )
        if as_json:
            print_json(plain(webhook) | {"secret": secret})
            return
        say(secret)
        say(
            f"Webhook {webhook.webhook_id} is told of {', '.join(webhook.events)}. Its secret is"
            f" not shown again. Next: `vernis webhooks ping {webhook.webhook_id}`."
        )

    run(main())


def listed(company: CompanyOption = None, as_json: JsonOption = False) -> None:
    """Show the webhooks of a company."""

    async def main() -> None:
        from vernis.plain import plain
        from vernis.stages import outgoing_webhooks

        async with opened(company) as session:
            found = await outgoing_webhooks.listed(session.app.db, session.company)
        if as_json:
            print_json(plain(found))
            return
        for webhook in found:
            say(_line(webhook))
        if not found:
            say("There is no webhook yet: `vernis webhooks add URL` makes one.")

    run(main())


def change(
    webhook_id: Number,
    url: Annotated[str | None, typer.Option(help="Its new URL.")] = None,
    event: EventOption = None,
    company: CompanyOption = None,
) -> None:
    """Change a webhook's URL or events."""
    run(_changed(webhook_id, company, url=url, events=event))


def pause(webhook_id: Number, company: CompanyOption = None) -> None:
    """Tell it nothing; what happens until it is resumed is not told later."""
    run(_changed(webhook_id, company, paused=True))


def resume(webhook_id: Number, company: CompanyOption = None) -> None:
    """Tell it again what happens from now on."""
    run(_changed(webhook_id, company, paused=False))


def remove(webhook_id: Number, company: CompanyOption = None) -> None:
    """Forget a webhook and its log."""

    async def main() -> None:
        from vernis.stages import outgoing_webhooks

        async with opened(company) as session:
            await outgoing_webhooks.remove(session.app.db, session.company, webhook_id)
        say(f"Webhook {webhook_id} is removed.")

    run(main())


def rotate(webhook_id: Number, company: CompanyOption = None) -> None:
    """Make a new secret; for a day deliveries are signed with the old one as well."""

    async def main() -> None:
        from vernis.stages import outgoing_webhooks

        async with opened(company) as session:
            secret = await outgoing_webhooks.rotate_secret(
                session.app.db,
                session.company,
                webhook_id,
                sealer=session.app.sealer,
                now=session.now,
            )
        say(secret)
        say("It is not shown again. For a day deliveries are signed with the old one as well.")

    run(main())


# --- telling ------------------------------------------------------------------------------------


def ping(webhook_id: Number, company: CompanyOption = None, as_json: JsonOption = False) -> None:
    """Send a test event now, and show what came of it."""

    async def main() -> None:
        from vernis.stages import outgoing_deliveries

        async with opened(company) as session:
            db, of = session.app.db, session.company
            left = await outgoing_deliveries.ping(db, of, webhook_id, now=session.now)
            await _sent(session)
            delivery = await outgoing_deliveries.get(db, of, left.delivery_id)
        _show([delivery], session, as_json=as_json)

    run(main())


def send(company: CompanyOption = None) -> None:
    """Send what waits and is due, as a running worker does by itself."""

    async def main() -> None:
        async with opened(company) as session:
            made = await _sent(session)
        say(f"{made} attempts were made: `vernis webhooks deliveries` shows what came of them.")

    run(main())


def deliveries(
    webhook_id: Annotated[int | None, typer.Argument(help="Of one webhook only.")] = None,
    state: Annotated[str | None, typer.Option(help="waiting, delivered or failed.")] = None,
    before: Annotated[int | None, typer.Option(help="Only those older than this one.")] = None,
    most: Annotated[int, typer.Option(min=1, max=200, help="How many.")] = 50,
    company: CompanyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the log of a month, the newest first."""

    async def main() -> None:
        from vernis.stages import outgoing_deliveries

        async with opened(company) as session:
            found = await outgoing_deliveries.listed(
                session.app.db,
                session.company,
                webhook_id=webhook_id,
                state=state,
                before=before,
                most=most,
            )
        _show(found, session, as_json=as_json)

    run(main())


def redeliver(
    delivery_id: Annotated[int, typer.Argument(help="Its number in the log.")],
    company: CompanyOption = None,
) -> None:
    """Send one of the log once more, under the same id."""

    async def main() -> None:
        from vernis.stages import outgoing_deliveries

        async with opened(company) as session:
            db, of = session.app.db, session.company
            await outgoing_deliveries.redeliver(db, of, delivery_id, now=session.now)
            await _sent(session)
            delivery = await outgoing_deliveries.get(db, of, delivery_id)
        _show([delivery], session, as_json=False)

    run(main())


# --- what they do -------------------------------------------------------------------------------


async def _changed(
    webhook_id: int,
    company: str | None,
    *,
    url: str | None = None,
    events: list[str] | None = None,
    paused: bool | None = None,
) -> None:
    from vernis.stages import outgoing_webhooks

    async with opened(company) as session:
        webhook = await outgoing_webhooks.change(
            session.app.db,
            session.company,
            webhook_id,
            sender=session.app.webhook_sender,
            now=session.now,
            url=url,
            events=events,
            paused=paused,
        )
    say(_line(webhook))


async def _sent(session: Session) -> int:
    from vernis.stages import outgoing_deliveries

    return await outgoing_deliveries.deliver(
        session.app.db,
        session.company,
        sender=session.app.webhook_sender,
        sealer=session.app.sealer,
        clock=session.app.clock,
    )


def _line(webhook: "Webhook") -> str:
    state = f"paused ({webhook.pause_reason})" if webhook.paused_at else "active"
    return f"{webhook.webhook_id}\t{webhook.url}\t{','.join(webhook.events)}\t{state}"


def _show(found: "list[Delivery]", session: Session, *, as_json: bool) -> None:
    if as_json:
        from vernis.plain import plain

        print_json(plain(found))
        return
    zone = session.company.zone
    for one in found:
        answer = one.last_error or (one.last_status and f"HTTP {one.last_status}") or "not tried"
        line = f"{one.delivery_id}\t{one.created_at.astimezone(zone):%Y-%m-%d %H:%M}\t{one.event}"
        line += f"\twebhook {one.webhook_id}\t{one.state}\t{answer}\tattempts {one.attempts}"
        if one.next_attempt_at is not None:
            line += f"\tnext {one.next_attempt_at.astimezone(zone):%Y-%m-%d %H:%M:%S}"
        say(line)
    if not found:
        say("Nothing was told yet.")
