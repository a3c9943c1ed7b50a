"""Accounts: the numbers that a company's messages leave from, their order and their limits."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Protocol

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from vernis.decide import pacing
from vernis.decide.pacing import Allowance, Pace
from vernis.decide.settings import accounts as account_settings
from vernis.decide.settings.accounts import AccountSettings
from vernis.domain import Account, Company, ConnectionState, PauseReason
from vernis.errors import ConflictError, NotFoundError, UsageError
from vernis.ports import Channel, Connection, Database
from vernis.sql import load
from vernis.stages import auditing
from vernis.stages.auditing import Who

sql = load("accounts")


class Seal(Protocol):
    """What is stored of an access token, as `adapters.sealing.Sealer.seal` makes it."""

    def __call__(self, text: str, *, company_id: int, account_id: int) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How an account stands, for people. `allowance` is what may leave at this moment.

    `unknown` campaign messages may have left, `waiting` ones are written. `quality` is the
    channel's word for how clients receive its messages.
    """

    account_id: int
    channel: str
    name: str
    address: str | None
    position: int | None
    paused: PauseReason | None
    paused_at: datetime | None
    paused_until: datetime | None
    connection: ConnectionState
    connection_at: datetime | None
    pace: Pace
    allowance: Allowance
    template: str | None
    quality: str | None
    has_token: bool
    unknown: int
    waiting: int


# --- reading ------------------------------------------------------------------------------------


async def listed(db: Database, company: Company) -> dict[str, Account]:
    """Every account by its name, in the order of the cascade."""
    async with db.tenant(company.company_id) as connection:
        cursor = connection.cursor(row_factory=dict_row)
        await cursor.execute(sql.listed.sql, {"company_id": company.company_id})
        rows = await cursor.fetchall()
    return {row.pop("name"): Account(company_id=company.company_id, **row) for row in rows}


async def find(db: Database, company: Company, typed: str) -> Account:
    """The account with this name or number. Raises NotFoundError."""
    known = await listed(db, company)
    for name, account in known.items():
        if name.casefold() == typed.casefold():
            return account
    for account in known.values():
        if typed == str(account.account_id):
            return account
    raise NotFoundError(
        f"{company.name} has no account «{typed}»; there are: {', '.join(known) or 'none yet'}."
    )


async def by_id(db: Database, company: Company, account_id: int) -> Account:
    """Raises NotFoundError."""
    for account in (await listed(db, company)).values():
        if account.account_id == account_id:
            return account
    raise NotFoundError(f"{company.name} has no account {account_id}.")


async def settings_of(db: Database, company: Company, account: Account) -> AccountSettings:
    """What a person has set of an account. Raises NotFoundError."""
    values = {"company_id": company.company_id, "account_id": account.account_id}
    async with db.tenant(company.company_id) as connection:
        return (await _settings(connection, values))[0]


async def standings(
    db: Database, company: Company, channels: Mapping[str, Channel], *, now: datetime
) -> list[Standing]:
    """How each account stands, in the order of the cascade."""
    local = now.astimezone(company.zone)
    values: dict[str, Any] = {"company_id": company.company_id}
    values |= {
        "midnight": local.replace(hour=0, minute=0, second=0, microsecond=0),
        "hour_ago": now - timedelta(hours=1),
        "day_ago": now - timedelta(days=1),
    }
    async with db.tenant(company.company_id) as connection:
        cursor = connection.cursor(row_factory=dict_row)
        await cursor.execute(sql.standings.sql, values)
        return [_standing(row, channels, local) for row in await cursor.fetchall()]


async def account_at(db: Database, channel: str, address: str) -> tuple[int, int] | None:
    """As the dispatcher: company and account that a channel calls by this address."""
    async with db.dispatch() as connection:
        values = {"channel": channel, "address": address}
        row = await (await connection.execute(sql.owner.sql, values)).fetchone()
    return None if row is None else (row[0], row[1])


def _standing(row: Mapping[str, Any], channels: Mapping[str, Channel], local: datetime) -> Standing:
    channel = channels.get(row["channel"])
    pace = Pace(
        **{field.name: row[field.name] for field in fields(Pace) if field.name in row}
        | {"gap_seconds": float(row["gap_seconds"])},
        human=channel is not None and channel.abilities.human_pace,
    )
    settings = row["settings"]
    same = ("account_id", "channel", "name", "address", "position", "paused_at", "paused_until",
            "connection_at", "has_token", "unknown", "waiting")  # fmt: skip
    return Standing(
        **{name: row[name] for name in same},
        paused=PauseReason(row["pause_reason"]) if row["state"] == "paused" else None,
        connection=ConnectionState(row["connection"]),
        pace=pace,
        allowance=pacing.allowance(pace, on=local.date()),
        template=_template(settings),
        quality=settings.get("quality"),
    )


# --- changing -----------------------------------------------------------------------------------


async def add(
    db: Database,
    company: Company,
    channel: Channel,
    name: str,
    assignments: Sequence[str] = (),
    *,
    token: str | None = None,
    seal: Seal | None = None,
    who: Who | None = None,
) -> Account:
    """A new account at the end of the cascade, with careful limits where none are given.

    `assignments` are settings as decide.settings.accounts has them, `address=...` among them.
    From the first real account on, the sandbox is out of the cascade. Raises UsageError, and
    ConflictError where the name is taken in the company or the address by any company.
    """
    start = account_settings.default(name, channel.abilities)
    settings = account_settings.changed(start, [f"name={name}", *assignments], channel.abilities)
    _require_address(channel, settings)
    values = _values(settings, {}) | {"company_id": company.company_id, "channel": channel.name}
    async with _with_address(db, company, channel.name, settings.address, but=None) as connection:
        await _require_name(connection, values, but=None)
        if settings.position is not None:
            await connection.execute(sql.make_room.sql, values | {"account_id": None})
        ((account_id,),) = await (await connection.execute(sql.add.sql, values)).fetchall()
        if channel.name != "sandbox":
            await connection.execute(sql.sandbox_out.sql, values)
        if token is not None:
            await _seal(connection, company, account_id, token, seal)
        await auditing.note_by(
            connection, company, who, "account.added", f"account {account_id}",
            details={"name": settings.name, "channel": channel.name},
        )  # fmt: skip
    return await find(db, company, settings.name)


async def change(
    db: Database,
    company: Company,
    account: Account,
    channel: Channel,
    assignments: Sequence[str],
    *,
    who: Who | None = None,
) -> AccountSettings:
    """Change settings, written as `key=value`. Raises UsageError, ConflictError or NotFoundError,
    and then nothing is changed."""
    values = {"company_id": company.company_id, "account_id": account.account_id}
    async with db.tenant(company.company_id) as connection:
        before, kept = await _settings(connection, values)
    settings = account_settings.changed(before, assignments, channel.abilities)
    _require_address(channel, settings)
    if settings.address != before.address:
        kept.pop("number", None)  # it was learned of the other one
    values |= _values(settings, kept)
    known_by = [(one.address, one.template, one.business) for one in (settings, before)]
    values["anew"] = known_by[0] != known_by[1]
    but = account.account_id
    async with _with_address(db, company, channel.name, settings.address, but=but) as connection:
        await _require_name(connection, values, but=but)
        if settings.position is not None:
            await connection.execute(sql.make_room.sql, values)
        await connection.execute(sql.change.sql, values)
        await connection.execute(sql.settle_limit.sql, values)
        if differs := _differs(before, settings):
            subject = f"account {account.account_id}"
            await auditing.note_by(
                connection, company, who, "account.changed", subject, details=differs
            )
    return settings


async def set_token(
    db: Database,
    company: Company,
    account: Account,
    token: str,
    seal: Seal,
    *,
    who: Who | None = None,
) -> None:
    """Another access token: the connection is looked at anew."""
    async with db.tenant(company.company_id) as connection:
        await _seal(connection, company, account.account_id, token, seal)
        subject = f"account {account.account_id}"
        await auditing.note_by(connection, company, who, "account.token_set", subject)


async def remove(
    db: Database, company: Company, account: Account, *, who: Who | None = None
) -> None:
    """Delete an account that nothing was ever said over.

    Raises ConflictError where messages need it: then it is out of the cascade, and what waited to
    leave from it leaves from the next account.
    """
    values = {"company_id": company.company_id, "account_id": account.account_id}
    subject = f"account {account.account_id}"
    async with db.tenant(company.company_id) as connection:
        ((is_needed,),) = await (await connection.execute(sql.is_needed.sql, values)).fetchall()
        if not is_needed:
            await connection.execute(sql.remove.sql, values)
            await auditing.note_by(connection, company, who, "account.removed", subject)
            return
        await connection.execute(sql.take_out.sql, values)
        await auditing.note_by(connection, company, who, "account.taken_out", subject)
        await connection.execute(sql.hand_over.sql, values)
    raise ConflictError(
        "Messages were sent or received over this account, so its row stays: it is out of the"
        " cascade now, and no campaign is planned over it."
    )


async def learn_limits(
    connection: Connection, company: Company, account_id: int, learned: Mapping[str, Any]
) -> None:
    """What a channel tells of an account: `tier` (new chats in 24 hours), `quality`, `low_quality`
    (opens half as many); None takes back. In the caller's transaction.

    What a person has set stays: the lower limit holds.
    """
    values = {"company_id": company.company_id, "account_id": account_id}
    await connection.execute(sql.keep_limit_by_hand.sql, values)
    await connection.execute(sql.learn.sql, values | {"learned": Jsonb(dict(learned))})
    await connection.execute(sql.settle_limit.sql, values)


@asynccontextmanager
async def _with_address(
    db: Database, company: Company, channel: str, address: str | None, *, but: int | None
) -> AsyncIterator[Connection]:
    """A transaction of the company's, in which nobody else takes this address.

    Raises ConflictError where an account other than `but` has it.
    """
    async with db.dispatch() as connection:
        await connection.execute(sql.lock_addresses.sql)
        cursor = await connection.execute(sql.owner.sql, {"channel": channel, "address": address})
        if any(tuple(row) != (company.company_id, but) for row in await cursor.fetchall()):
            raise ConflictError(
                f"Another account of the channel {channel} has this address already: give another"
                " one, or remove that account first."
            )
        await connection.execute("RESET ROLE")  # from the dispatcher back to the application
        await connection.execute(sql.enter_company.sql, {"company_id": str(company.company_id)})
        yield connection


async def _require_name(
    connection: Connection, values: Mapping[str, Any], *, but: int | None
) -> None:
    if await (await connection.execute(sql.named.sql, {**values, "but": but})).fetchone():
        raise ConflictError(f"There is an account «{values['name']}» already: give another name.")


def _require_address(channel: Channel, settings: AccountSettings) -> None:
    if settings.address is None and channel.name != "sandbox":
        raise UsageError(
            "The account needs an address: its login at the bridge, its session at the gateway, or"
            " Meta's phone number id."
        )


async def _settings(
    connection: Connection, values: Mapping[str, Any]
) -> tuple[AccountSettings, dict[str, Any]]:
    """What a person has set of an account, and the whole of its JSON."""
    cursor = connection.cursor(row_factory=dict_row)
    await cursor.execute(sql.row.sql, values)
    if (row := await cursor.fetchone()) is None:
        raise NotFoundError("There is no such account any more: `vernis account list` shows them.")
    kept: dict[str, Any] = row["settings"]
    by_hand = kept["new_chats"] if "new_chats" in kept else row["new_chats_limit"]
    settings = AccountSettings(
        name=row["name"],
        address=row["address"],
        gap=float(row["gap_seconds"]),
        daily=row["daily_limit"],
        hourly=row["hourly_limit"],
        new_chats=by_hand,
        warm_up=row["warm_up"],
        position=row["position"],
        template=_template(kept),
        business=row["business"],
    )
    return settings, kept


def _differs(before: AccountSettings, new: AccountSettings) -> dict[str, list[Any]]:
    """The settings that changed, from what to what."""
    names = (one.name for one in fields(AccountSettings))
    both = {name: [getattr(before, name), getattr(new, name)] for name in names}
    return {name: pair for name, pair in both.items() if pair[0] != pair[1]}


def _values(settings: AccountSettings, kept: Mapping[str, Any]) -> dict[str, Any]:
    own: dict[str, Any] = {"new_chats": settings.new_chats}
    if settings.template:
        parts = zip(_TEMPLATE, settings.template.split(":"), strict=False)
        own["template"] = dict(parts)
    others = {key: value for key, value in kept.items() if key != "template"}
    return {
        "name": settings.name,
        "address": settings.address,
        "business": settings.business,
        "gap_seconds": settings.gap,
        "daily_limit": settings.daily,
        "hourly_limit": settings.hourly,
        "new_chats_limit": settings.new_chats,
        "warm_up": settings.warm_up,
        "position": settings.position,
        "settings": Jsonb(others | own),
    }


_TEMPLATE = ("name", "language", "variable")


def _template(settings: Mapping[str, Any]) -> str | None:
    template = settings.get("template")
    if not isinstance(template, Mapping):
        return None
    return ":".join(str(template[part]) for part in _TEMPLATE if part in template)


async def _seal(
    connection: Connection, company: Company, account_id: int, token: str, seal: Seal | None
) -> None:
    if not token.strip() or seal is None:
        raise UsageError("The access token is empty: put it on the standard input.")
    sealed = seal(token.strip(), company_id=company.company_id, account_id=account_id)
    values = {"company_id": company.company_id, "account_id": account_id, "sealed": sealed}
    await connection.execute(sql.set_token.sql, values)
