"""Pauses: an account rests at the signals of a ban or by its own record, and goes on by hand, by
time, or when its connection is good again."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from psycopg.rows import dict_row

from vernis.decide import pausing
from vernis.decide.pausing import Record
from vernis.domain import Company, PauseReason
from vernis.errors import OF_THE_ACCOUNT, NotFoundError, Refusal
from vernis.ports import Channel, Connection, Database
from vernis.sql import load
from vernis.stages import accounts, auditing, notices, outgoing_events
from vernis.stages.auditing import Who
from vernis.stages.notices import Kind

sql = load("pauses")

LOOKED_BACK = timedelta(days=30)  # older messages say nothing of how the number stands today
ALARM_AGAIN = timedelta(days=1)
# Not said by how the account behaves: the client's own doing, or what pauses it at once anyway.
NOT_ITS_FAULT = OF_THE_ACCOUNT | {Refusal.NOT_ON_CHANNEL, Refusal.STOPPED, Refusal.CAPPED}


async def pause(
    connection: Connection,
    company: Company,
    account_id: int,
    reason: PauseReason,
    *,
    now: datetime,
    until: datetime | None = None,
    retry_after: timedelta | None = None,
) -> bool:
    """Let an account rest, in the caller's transaction; whether that changes anything.

    Without `until` decide.pausing.rest says for how long, by `retry_after` and by how often it has
    rested for this reason before. An account that rests already keeps the heavier of both pauses,
    and a second signal of the same kind writes no second notice.
    """
    values: dict[str, Any] = {"company_id": company.company_id, "account_id": account_id}
    values |= {"reason": reason, "now": now, "since": now - pausing.remembered(reason)}
    row = await (await connection.execute(sql.account.sql, values)).fetchone()
    if row is None:
        return False
    held = (PauseReason(row[1]), row[2]) if row[0] == "paused" else None
    if until is None:
        ((times,),) = await (await connection.execute(sql.times.sql, values)).fetchall()
        if held is not None and held[0] is reason:
            times = max(0, times - 1)  # the pause that holds is this one
        until = pausing.rest(reason, now=now, times=times, retry_after=retry_after)
    if held is not None and not pausing.prevails((reason, until), held):
        return False
    values["until"] = until
    if held is not None and held[0] is reason:
        await connection.execute(sql.extend.sql, values)
        return True
    await connection.execute(sql.pause.sql, values)
    if reason is PauseReason.QUALITY:
        await accounts.learn_limits(connection, company, account_id, {"low_quality": True})
    ends = None if until is None else until.isoformat()
    await notices.write(
        connection, company, account_id, Kind.ACCOUNT_PAUSED, now=now, reason=reason, until=ends
    )
    await outgoing_events.tell(
        connection,
        company,
        outgoing_events.ACCOUNT_PAUSED,
        f"{account_id}:{now.isoformat()}",
        now=now,
        account_id=account_id,
        channel=row[3],
        reason=reason,
        until=ends,
    )
    return True


async def pause_by_hand(
    db: Database, company: Company, account_id: int, *, now: datetime, who: Who | None = None
) -> None:
    """Nothing leaves from this account until somebody resumes it."""
    async with db.tenant(company.company_id) as connection:
        if await pause(connection, company, account_id, PauseReason.BY_HAND, now=now):
            subject = f"account {account_id}"
            await auditing.note_by(connection, company, who, "account.paused", subject, now=now)


async def resume(
    db: Database, company: Company, account_id: int, *, now: datetime, who: Who | None = None
) -> bool:
    """Go on by hand, with a clean record; False where it did not rest. Raises NotFoundError."""
    values = {"company_id": company.company_id, "account_id": account_id, "now": now}
    async with db.tenant(company.company_id) as connection:
        if await (await connection.execute(sql.account.sql, values)).fetchone() is None:
            raise NotFoundError(f"{company.name} has no account {account_id}.")
        cursor = await connection.execute(sql.resume.sql, values | {"forgiven": True})
        if cursor.rowcount:
            subject = f"account {account_id}"
            await auditing.note_by(connection, company, who, "account.resumed", subject, now=now)
        return cursor.rowcount > 0


async def end(
    connection: Connection, company: Company, account_id: int, reason: PauseReason, *, now: datetime
) -> None:
    """An account that rested for this reason goes on by itself, in the caller's transaction."""
    values = {"company_id": company.company_id, "account_id": account_id, "now": now}
    values["forgiven"] = reason in pausing.FORGIVEN
    await connection.execute(sql.resume.sql, values)
    await notices.write(
        connection, company, account_id, Kind.ACCOUNT_RESUMED, now=now, reason=reason
    )


async def resume_due(db: Database, company: Company, *, now: datetime) -> int:
    """Wake the accounts whose rest is over; how many."""
    values = {"company_id": company.company_id, "now": now}
    async with db.tenant(company.company_id) as connection:
        rows = await (await connection.execute(sql.over.sql, values)).fetchall()
        for account_id, reason in rows:
            await end(connection, company, account_id, PauseReason(reason), now=now)
    return len(rows)


async def companies_due(db: Database, *, now: datetime) -> list[int]:
    """As the dispatcher: the companies that have accounts whose rest is over."""
    async with db.dispatch() as connection:
        cursor = await connection.execute(sql.companies_over.sql, {"now": now})
        return [row[0] for row in await cursor.fetchall()]


async def watch(
    db: Database, company: Company, channels: Mapping[str, Channel], *, now: datetime
) -> int:
    """Judge each active account by what became of its messages; how many rest from now on.

    Also begins the warm-up of those that have sent their first message. One query over the
    account's latest messages: cheap enough for every sweep.
    """
    values: dict[str, Any] = {"company_id": company.company_id, "timezone": company.timezone}
    values |= {
        "channels": list(channels),
        "human": [name for name, one in channels.items() if one.abilities.human_pace],
        "far": now - LOOKED_BACK,
        "alarm_again": now - ALARM_AGAIN,
        "answered_by": now - pausing.ANSWERS_WITHIN,
        "delivered_by": now - pausing.DELIVERED_WITHIN,
        "last_chats": pausing.LAST_CHATS,
        "last_tries": pausing.LAST_TRIES,
        "not_its_fault": list(NOT_ITS_FAULT),
    }
    paused = 0
    async with db.tenant(company.company_id) as connection:
        await connection.execute(sql.begin_warm_ups.sql, values)
        cursor = connection.cursor(row_factory=dict_row)
        await cursor.execute(sql.records.sql, values)
        for row in await cursor.fetchall():
            account_id, record = row["account_id"], _record(row, channels[row["channel"]])
            if (reason := pausing.judge(record)) is not None:
                paused += await pause(connection, company, account_id, reason, now=now)
            elif pausing.alarms(record):
                await notices.write_once(
                    connection,
                    company,
                    account_id,
                    Kind.NOT_DELIVERED,
                    now=now,
                    since=row["alarm_since"],
                    whatever_details=True,
                    undelivered=record.undelivered,
                    accepted=record.accepted,
                )
    return paused


def _record(row: Mapping[str, Any], channel: Channel) -> Record:
    return Record(
        human=channel.abilities.human_pace,
        reports_delivery=channel.abilities.reports_delivery,
        asked=row["asked"],
        answered=row["answered"],
        tried=row["tried"],
        failed=row["failed"],
        accepted=row["accepted"],
        undelivered=row["undelivered"],
    )
