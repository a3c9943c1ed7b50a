"""The people who look at the pages."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from vernis.cli.options import CompanyOption, JsonOption, opened, print_json, run, say
from vernis.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vernis.stages.members import Role
    from vernis.stages.users import User

LoginArgument = Annotated[str, typer.Argument(help="Email address or short name.")]


def register(app: typer.Typer) -> None:
    users = typer.Typer(rich_markup_mode=None, no_args_is_help=True)
    users.command()(add)
    users.command(name="list")(listed)
    users.command()(link)
    users.command()(remove)
    app.add_typer(users, name="users", help="The people who look at the pages, and their links.")


def add(
    login: LoginArgument,
    role: Annotated[str, typer.Option(help="owner, manager or viewer.")] = "manager",
    company: CompanyOption = None,
) -> None:
    """Let somebody in; prints a link by which they choose a password, once."""

    async def main() -> None:
        from vernis.stages import members, users
        from vernis.stages.auditing import Who
        from vernis.stages.members import Role

        if role not in set(Role):
            raise UsageError("A role is owner, manager or viewer.")
        async with opened(company) as session:
            db, now = session.app.db, session.now
            user = await users.by_login(db, login) or await users.create(db, login=login, now=now)
            await members.join(db, session.company, user, Role(role), who=Who(), now=now)
            if user.password_hash is not None:
                say(f"{user.login} is {role} of {session.company.name} from now on.")
                return
            text = await users.make_link(db, user, now=now)
            say(f"{session.app.settings.web_address}/welcome/{text}")
            say(f"By this link {user.login} chooses a password, once, within 3 days.")

    run(main())


def listed(as_json: JsonOption = False) -> None:
    """Everybody who may log in, and where they may look."""

    async def main() -> None:
        from vernis.app import PinnedClock, open_app
        from vernis.config import load
        from vernis.stages import members, users

        async with open_app(load(), clock=PinnedClock()) as app:
            people = await users.listed(app.db)
            roles = {user.user_id: await members.companies_of(app.db, user) for user in people}
        if as_json:
            print_json([_as_dict(user, roles[user.user_id]) for user in people])
            return
        for user in people:
            where = ", ".join(
                f"{id_}: {role}" for id_, role in list(roles[user.user_id].items())[:9]
            )
            state = "disabled" if user.disabled_at else "" if user.password_hash else "no password"
            say("\t".join(part for part in (user.login, where, state) if part))
        if not people:
            say("There is nobody yet: `vernis up` prints a link for the first one.")

    run(main())


def _as_dict(user: "User", roles: "Mapping[int, Role]") -> dict[str, Any]:
    return {
        "login": user.login,
        "password": user.password_hash is not None,
        "second_factor": user.totp_sealed is not None,
        "disabled": user.disabled_at is not None,
        "companies": {str(id_): role.value for id_, role in roles.items()},
    }


def link(login: LoginArgument) -> None:
    """A new link for somebody who forgot the password; it ends their earlier links."""

    async def main() -> None:
        from vernis.app import PinnedClock, open_app
        from vernis.config import load
        from vernis.stages import users

        async with open_app(load(), clock=PinnedClock()) as app:
            user = await users.by_login(app.db, login)
            if user is None:
                raise NotFoundError(f"There is no login {login}: `vernis users list` shows all.")
            await users.end_links(app.db, user, now=app.clock())
            text = await users.make_link(app.db, user, now=app.clock())
            say(f"{app.settings.web_address}/welcome/{text}")

    run(main())


def remove(login: LoginArgument) -> None:
    """Let somebody in no more, anywhere, and end their sessions. What they did stays noted."""

    async def main() -> None:
        from vernis.app import PinnedClock, open_app
        from vernis.config import load
        from vernis.stages import users

        async with open_app(load(), clock=PinnedClock()) as app:
            user = await users.by_login(app.db, login)
            if user is None:
                raise NotFoundError(f"There is no login {login}: `vernis users list` shows all.")
            await users.disable(app.db, user, now=app.clock())
        say(f"{user.login} cannot log in any more.")

    run(main())
