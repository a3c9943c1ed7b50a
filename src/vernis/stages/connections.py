"""Connections: whether each account could send, as it is asked and as the channels tell."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from psycopg.rows import dict_row

from vernis.decide import outcomes, pausing
from vernis.domain import (
    Account,
    AccountNews,
    Company,
    Connected,
    ConnectionState,
    PauseReason,
    TemplateNews,
)
from vernis.errors import Refusal
from vernis.ports import Channel, Connection, Database
from vernis.sql import load
from vernis.stages import accounts, notices, pauses
from vernis.stages.notices import Kind

sql = load("connections")
log = logging.getLogger(__name__)

ASK_AGAIN = timedelta(seconds=60)
SOON = timedelta(minutes=10)  # who has something to send by then is looked at beforehand
ASK_SECONDS = 20.0
SAID_LATELY = timedelta(hours=1)  # a connection that comes and goes is told of once in that time
SENDABLE = frozenset({"APPROVED", "FLAGGED"})  # a flagged template is about to be paused
_GOOD_QUALITY = {"GREEN", "HIGH"}
_LOW_QUALITY = {"RED", "LOW"}


async def check(
    db: Database,
    company: Company,
    channels: Mapping[str, Channel],
    *,
    now: datetime,
    older_than: timedelta = ASK_AGAIN,
) -> int:
    """Ask the channels about accounts with something to send, and keep what they say; how many.

    Those that were asked within `older_than` are not asked again. A bad state leaves one notice,
    a good one ends the pauses that waited for it.
    """
    values: dict[str, Any] = {"company_id": company.company_id, "channels": list(channels)}
    values |= {"before": now - older_than, "soon": now + SOON}
    values["cured"] = list(pausing.CURED_BY_CONNECTION)
    async with db.tenant(company.company_id) as connection:
        cursor = connection.cursor(row_factory=dict_row)
        await cursor.execute(sql.to_ask.sql, values)
        rows = await cursor.fetchall()
    asked = [Account(company_id=company.company_id, **row) for row in rows]
    answers = await asyncio.gather(*(ask(channels[one.channel], one) for one in asked))
    for account, connected in zip(asked, answers, strict=True):
        async with db.tenant(company.company_id) as connection:
            await store(connection, company, account.account_id, connected, now=now)
    return len(asked)


async def ask(channel: Channel, account: Account) -> Connected:
    """What the channel says of an account; whatever goes wrong, it does not answer."""
    try:
        async with asyncio.timeout(ASK_SECONDS):
            return await channel.connection(account)
    except Exception as error:
        log.warning("%s was not asked: %s", channel.name, type(error).__name__)
        says = "Its channel does not answer: look whether it runs."
        return Connected(state=ConnectionState.UNREACHABLE, says=says)


async def store(
    connection: Connection,
    company: Company,
    account_id: int,
    connected: Connected,
    *,
    now: datetime,
    pauses_by_state: bool = True,
) -> None:
    """Keep what a channel says of an account, with what follows from it, in the caller's
    transaction."""
    values = {"company_id": company.company_id, "account_id": account_id, "now": now}
    row = await (await connection.execute(sql.row.sql, values)).fetchone()
    if row is None:
        return
    state, held, before, _, settings = row
    await connection.execute(sql.store.sql, values | {"state": connected.state})
    if learned := _learned(connected.limits, settings):
        await accounts.learn_limits(connection, company, account_id, learned)
    if connected.state is ConnectionState.CONNECTED:
        if state == "paused" and (reason := PauseReason(held)) in pausing.CURED_BY_CONNECTION:
            await pauses.end(connection, company, account_id, reason, now=now)
        return
    if connected.state in pausing.WORKS | pausing.PASSING:
        return
    reason_of_state = connected.pause or pausing.pause_of(connected.state)
    reason_of_state = reason_of_state if pauses_by_state else None
    if reason_of_state is not None:
        ends = _end(connected.limits)
        retry_after = None if ends is None else ends - now
        await pauses.pause(
            connection, company, account_id, reason_of_state, now=now, retry_after=retry_after
        )
    elif before != connected.state and connected.state is not ConnectionState.LOGGED_OUT:
        await notices.write_once(
            connection,
            company,
            account_id,
            Kind.CONNECTION_LOST,
            now=now,
            since=now - SAID_LATELY,
            state=connected.state,
        )


async def apply_news(
    connection: Connection,
    company: Company,
    account_id: int,
    news: AccountNews | TemplateNews,
    *,
    now: datetime,
) -> None:
    """Take in what a channel tells by itself, in the caller's transaction, once or repeatedly."""
    if isinstance(news, TemplateNews):
        await _template_news(connection, company, account_id, news, now=now)
        return
    values = {"company_id": company.company_id, "account_id": account_id}
    row = await (await connection.execute(sql.row.sql, values)).fetchone()
    if row is None:
        return
    seen_at: datetime | None = row[3]
    if seen_at is not None and news.at < seen_at - ASK_AGAIN:
        return  # it was overtaken: the channel was asked since
    said = news.connected
    if said is not None and (number := said.limits.get("number")) is not None:
        values["number"] = number
        ((is_of_another,),) = await (
            await connection.execute(sql.is_of_another_number.sql, values)
        ).fetchall()
        if is_of_another:
            return
        # whose number it is says the channel when it is asked, not who is told of all numbers
        said = replace(said, limits={k: v for k, v in said.limits.items() if k != "number"})
    if said is not None and said.state is not ConnectionState.UNKNOWN:
        await store(connection, company, account_id, said, now=now, pauses_by_state=False)
    elif said is not None and said.says:
        await notices.write_once(
            connection,
            company,
            account_id,
            Kind.WARNED,
            now=now,
            since=now - SAID_LATELY,
            says=said.says,
        )
    if news.pause is not None:
        ends = _end(said.limits) if said is not None else None
        retry_after = None if ends is None else ends - now
        await pauses.pause(
            connection, company, account_id, news.pause, now=now, retry_after=retry_after
        )


async def refused(
    connection: Connection,
    company: Company,
    account_id: int,
    refusal: Refusal,
    *,
    now: datetime,
    retry_after: timedelta | None = None,
) -> None:
    """A refusal that is said of the account: it rests, or is looked at before it sends again. In
    the caller's transaction; what is said of a message changes nothing here."""
    if refusal is Refusal.NOT_CONNECTED:
        away = Connected(state=ConnectionState.UNREACHABLE)
        await store(connection, company, account_id, away, now=now, pauses_by_state=False)
    elif (reason := outcomes.pause_for(refusal)) is not None:
        await pauses.pause(
            connection, company, account_id, reason, now=now, retry_after=retry_after
        )


async def learn_reach(
    connection: Connection,
    company: Company,
    channel: str,
    found: Mapping[str, bool],
    *,
    now: datetime,
) -> None:
    """Keep which phones can be reached on a channel, in the caller's transaction."""
    if not found:
        return
    phones = sorted(found)  # in one order, so that two at once do not wait for each other
    values: dict[str, Any] = {"company_id": company.company_id, "channel": channel, "now": now}
    values |= {"phones": phones, "reachables": [found[phone] for phone in phones]}
    await connection.execute(sql.learn_reach.sql, values)


async def _template_news(
    connection: Connection, company: Company, account_id: int, news: TemplateNews, *, now: datetime
) -> None:
    values: dict[str, Any] = {"company_id": company.company_id, "account_id": account_id}
    row = await (await connection.execute(sql.row.sql, values)).fetchone()
    if row is None:
        return
    state, held, *_, settings = row
    values |= {name: getattr(news, name) for name in
               ("name", "language", "at", "status", "category", "quality", "reason")}  # fmt: skip
    stored = await (await connection.execute(sql.store_template.sql, values)).fetchone()
    template = settings.get("template") or {}
    is_ours = (template.get("name"), template.get("language")) == (news.name, news.language)
    if stored is None or news.status is None or not is_ours:
        return
    if news.status not in SENDABLE:
        await pauses.pause(connection, company, account_id, PauseReason.TEMPLATE, now=now)
    elif state == "paused" and held == PauseReason.TEMPLATE:
        await pauses.end(connection, company, account_id, PauseReason.TEMPLATE, now=now)


def _learned(limits: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """What is new in what a channel says of its limits.

    `new_chats` (in 24 hours, None: unlimited) or the bridge's `newChatsLeft`; `quality`, of which
    a good word ends what a bad one began; `number`, by which news of one among several is told.
    """
    said: dict[str, Any] = {}
    if isinstance(number := limits.get("number"), str):
        said["number"] = number
    for name in ("new_chats", "newChatsLeft"):
        limit = limits.get(name, "")
        if limit is None or (isinstance(limit, int) and not isinstance(limit, bool) and limit >= 0):
            said["tier"] = limit
    quality = limits.get("quality")
    if isinstance(quality, str) and quality:
        said["quality"] = quality[:20]
        if quality.upper() in _GOOD_QUALITY:
            said["low_quality"] = None
        elif quality.upper() in _LOW_QUALITY:
            said["low_quality"] = True
    return {name: value for name, value in said.items() if known.get(name) != value}


def _end(limits: Mapping[str, Any]) -> datetime | None:
    """When a restriction ends, as far as the channel tells (ISO 8601 with its zone)."""
    said = limits.get("until") or limits.get("restrictedUntil")
    try:
        ends = datetime.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        return None
    return ends if ends is not None and ends.tzinfo is not None else None
