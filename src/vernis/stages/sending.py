"""Send: claim, commit, call, settle. A campaign message is sent at most once.

The claim commits before the channel is called. A process that dies in between leaves a claim that
`settling.recover` finds: it goes out again only over a channel that knows our message id and
delivers a repeat once; otherwise it becomes `unknown` and waits for a delivery event or a person.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from vernis.decide import delivery, hours, outcomes, pacing, zones
from vernis.decide.delivery import LastLook
from vernis.decide.outcomes import Outcome
from vernis.decide.pacing import Pace
from vernis.decide.reception import offered_times
from vernis.domain import Abilities, Account, Company, FreeTime, Outgoing, Reason, Receipt, State
from vernis.errors import ChannelError, Refusal, UnavailableError, VernisError
from vernis.ports import (
    Channel,
    Clock,
    Connection,
    Crm,
    Database,
    DialogStore,
    ReactivationContext,
)
from vernis.sql import load
from vernis.stages import connections, opt_outs
from vernis.stages.context import context_of

sql = load("sending")
log = logging.getLogger(__name__)

BATCH = 100
LOOKED_AHEAD = 5  # phones that are looked up before their messages leave
LOOKED_UP_FOR = timedelta(days=30)  # so long that holds
CALL_SECONDS = 30.0  # a call that takes longer has an unknown outcome

HashPhone = Callable[[str], bytes]
Answer = Receipt | ChannelError


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A reactivation that this process, and no other, may send now."""

    id: int
    account: Account
    message: Outgoing
    context: ReactivationContext
    tries: int
    doubtful: bool  # an earlier call had no outcome: it may have left already
    times: tuple[FreeTime, ...] = ()  # free ones that the text names


async def send(
    db: Database,
    company: Company,
    *,
    channels: Mapping[str, Channel],
    store: DialogStore,
    clock: Clock,
    hash_phone: HashPhone,
    crm: Crm | None = None,
    stopping: Callable[[], bool] = lambda: False,
) -> int:
    """Send what is due now, account by account, until nothing is or `stopping`; how many left.

    The accounts' connections are looked at first: one that could not send keeps its messages.

    `crm` is asked whether the times that a text names are still free.
    """
    sent = 0
    await connections.check(db, company, channels, now=clock())
    await _look_up(db, company, channels, now=clock())
    await _prepare(db, company, clock())
    while not stopping():
        claimed = await claim(db, company, channels=channels, now=clock(), hash_phone=hash_phone)
        if not claimed:
            return sent
        claimed = await _still_true(db, company, claimed, crm, now=clock())
        await _remember(store, [one.context for one in claimed])
        answers = await asyncio.gather(
            *(attempt(channels[one.account.channel], one.account, one.message) for one in claimed)
        )
        await _settle(db, company, claimed, answers, channels, now=clock(), hash_phone=hash_phone)
        sent += sum(isinstance(answer, Receipt) for answer in answers)
    return sent


async def claim(
    db: Database,
    company: Company,
    *,
    channels: Mapping[str, Channel],
    now: datetime,
    hash_phone: HashPhone,
) -> list[Claimed]:
    """Take what is due from each free account on these channels, as much as its pace allows, after
    a last look; what must not leave gets its reason."""
    if not hours.is_open(company, now):
        await _prepare(db, company, now)
        return []
    local = now.astimezone(company.zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    values: dict[str, Any] = {"company_id": company.company_id, "now": now, "midnight": midnight}
    values |= {"today": local.date(), "channels": list(channels), "batch": BATCH}
    values |= {"hour_ago": now - timedelta(hours=1), "day_ago": now - timedelta(days=1)}
    claimed: list[Claimed] = []
    async with db.tenant(company.company_id) as connection:
        # Locked first and counted then: a count that another sender overtakes breaks a limit.
        for account in await _all(connection, sql.accounts.sql, values):
            of_account = values | {"account_id": account["account_id"]}
            (done,) = await _all(connection, sql.pace.sql, of_account)
            pace = _pace(account, done, channels)
            abilities = channels[account["channel"]].abilities
            chosen = await _choose(
                connection, company, of_account, pace, abilities, now, hash_phone
            )
            if not chosen:
                continue
            those = [_claimed(row, company, account, now) for row in chosen]
            await _claim(connection, of_account, chosen, those, channels, now)
            free_at = now + pacing.gap(pace, random.random())  # noqa: S311 (pace, no secret)
            await connection.execute(sql.occupy_account.sql, of_account | {"next_free_at": free_at})
            claimed += those
    return claimed


async def attempt(channel: Channel, account: Account, message: Outgoing) -> Answer:
    """One call and what it came to; whatever broke off may have left."""
    try:
        async with asyncio.timeout(CALL_SECONDS):
            return await channel.send(account, message)
    except ChannelError as error:
        return error
    except Exception as error:  # whatever it was, the message may have left
        log.warning("%s broke off: %s", channel.name, type(error).__name__)
        return ChannelError("The call broke off.")


# --- what an account may send now -------------------------------------------------------------


def _pace(
    account: Mapping[str, Any], done: Mapping[str, Any], channels: Mapping[str, Channel]
) -> Pace:
    return Pace(
        gap_seconds=float(account["gap_seconds"]),
        daily_limit=account["daily_limit"],
        hourly_limit=account["hourly_limit"],
        new_chats_limit=account["new_chats_limit"],
        warm_up=account["warm_up"],
        began_on=account["began_on"],
        human=channels[account["channel"]].abilities.human_pace,
        **done,
    )


async def _choose(
    connection: Connection,
    company: Company,
    values: dict[str, Any],
    pace: Pace,
    abilities: Abilities,
    now: datetime,
    hash_phone: HashPhone,
) -> list[dict[str, Any]]:
    """The next messages of an account, those to clients who wrote to it before first."""
    allowed = pacing.allowance(pace, on=values["today"])
    most = min(allowed.messages, BATCH)
    chosen: list[dict[str, Any]] = []
    while most > 0 and not chosen:
        rows = await _all(connection, sql.due.sql, values)
        phones = [row["phone"] for row in rows]
        stopped = await opt_outs.among(connection, company, phones, hash_phone)
        looks = {row["id"]: _look(row, company, now, stopped) for row in rows}
        objections = {row["id"]: _objection(row, looks[row["id"]], company, now) for row in rows}
        await _drop(connection, values, objections)
        asleep = await _postpone(connection, company, values, rows, objections, now)
        left = [
            row | {"evidence": delivery.evidence(looks[row["id"]], company)}
            for row in rows
            if objections[row["id"]] is None and row["id"] not in asleep
        ]
        known = [row for row in left if not _opens_chat(row, abilities, now)]
        new = [row for row in left if _opens_chat(row, abilities, now)]
        chosen = (known + new[: allowed.new_chats])[:most]
        if len(left) == len(rows):
            break
    return chosen


def _opens_chat(row: Mapping[str, Any], abilities: Abilities, now: datetime) -> bool:
    return pacing.opens_chat(
        heard_at=row["last_heard_at"], now=now, free_text_for=abilities.free_text_for
    )


async def _claim(
    connection: Connection,
    values: dict[str, Any],
    rows: Sequence[Mapping[str, Any]],
    claimed: Sequence[Claimed],
    channels: Mapping[str, Channel],
    now: datetime,
) -> None:
    of = [channels[one.account.channel] for one in claimed]
    columns = {
        "ids": [one.id for one in claimed],
        "consents": [Jsonb(row["evidence"].as_dict()) for row in rows],
        "new_chats": [
            _opens_chat(row, channel.abilities, now) for row, channel in zip(rows, of, strict=True)
        ],
        "provider_ids": [
            channel.message_id(one.account, one.message)
            for one, channel in zip(claimed, of, strict=True)
        ],
    }
    await connection.execute(sql.claim.sql, values | columns)


async def _look_up(
    db: Database, company: Company, channels: Mapping[str, Channel], *, now: datetime
) -> None:
    """Ask about the next phones where a channel tells beforehand whether they can be reached: a
    message to a number that is not there is what a spammer sends.

    A few at a time, for asking about many is what a spammer does as well.
    """
    asking = [name for name, channel in channels.items() if channel.abilities.looks_up]
    if not asking:
        return
    values: dict[str, Any] = {"company_id": company.company_id, "now": now, "channels": asking}
    values |= {"ahead": LOOKED_AHEAD, "since": now - LOOKED_UP_FOR}
    async with db.tenant(company.company_id) as connection:
        rows = await _all(connection, sql.to_look_up.sql, values)
    for row in rows:
        account = account_of(row, company)
        found = await channels[account.channel].look_up(account, row["phones"])
        async with db.tenant(company.company_id) as connection:
            await connections.learn_reach(connection, company, account.channel, found, now=now)
            gone = values | {"phones": [phone for phone, there in found.items() if not there]}
            await connection.execute(sql.leave_unreachable.sql, gone)


# --- what came of the calls -------------------------------------------------------------------


async def _settle(
    db: Database,
    company: Company,
    claimed: Sequence[Claimed],
    answers: Sequence[Answer],
    channels: Mapping[str, Channel],
    *,
    now: datetime,
    hash_phone: HashPhone,
) -> None:
    found = [
        outcomes.outcome(
            None if isinstance(answer, Receipt) else answer,
            repeats_are_safe=channels[one.account.channel].abilities.repeats_are_safe,
            tries=one.tries,
            doubtful=one.doubtful,
        )
        for one, answer in zip(claimed, answers, strict=True)
    ]
    values: dict[str, Any] = {"company_id": company.company_id, "now": now}
    async with db.tenant(company.company_id) as connection:
        elsewhere = await _elsewhere(connection, values, claimed, found)
        found = [
            _moved(come) if one.id in elsewhere else come
            for one, come in zip(claimed, found, strict=True)
        ]
        await connection.execute(
            sql.settle.sql, values | _columns(claimed, answers, found, elsewhere, now)
        )
        await _learn(connection, company, claimed, found, now)
        for one, come in zip(claimed, found, strict=True):
            if come.refusal is Refusal.STOPPED:
                await opt_outs.stop(
                    connection,
                    company,
                    phone=one.message.phone,
                    lid=None,
                    source=opt_outs.CHANNEL,
                    now=now,
                    hash_phone=hash_phone,
                )


async def _learn(
    connection: Connection,
    company: Company,
    claimed: Sequence[Claimed],
    found: Sequence[Outcome],
    now: datetime,
) -> None:
    """What refusals say of the accounts; once each, however many messages met them."""
    said = {
        (one.account.account_id, come.refusal): come.retry_after
        for one, come in zip(claimed, found, strict=True)
        if come.refusal is not None
    }
    for (account_id, refusal), retry_after in sorted(said.items()):
        await connections.refused(
            connection, company, account_id, refusal, now=now, retry_after=retry_after
        )


async def _elsewhere(
    connection: Connection,
    values: dict[str, Any],
    claimed: Sequence[Claimed],
    found: Sequence[Outcome],
) -> dict[int, int]:
    """Reactivation -> the next account of the cascade, for phones that are not on this channel."""
    missing = [one for one, come in zip(claimed, found, strict=True) if come.elsewhere]
    if not missing:
        return {}
    columns = {
        "ids": [one.id for one in missing],
        "phones": [one.message.phone for one in missing],
        "of_channels": [one.account.channel for one in missing],
    }
    await connection.execute(sql.not_there.sql, values | columns)
    cursor = await connection.execute(sql.elsewhere.sql, values | columns)
    return dict(await cursor.fetchall())


def _moved(come: Outcome) -> Outcome:
    return Outcome(state=State.WRITTEN, refusal=come.refusal, as_new=True, uncounted=True)


def _columns(
    claimed: Sequence[Claimed],
    answers: Sequence[Answer],
    found: Sequence[Outcome],
    elsewhere: Mapping[int, int],
    now: datetime,
) -> dict[str, list[Any]]:
    receipts = [answer if isinstance(answer, Receipt) else None for answer in answers]
    return {
        "ids": [one.id for one in claimed],
        "states": [come.state for come in found],
        "provider_ids": [receipt and receipt.provider_message_id for receipt in receipts],
        "sent_ats": [receipt and receipt.accepted_at for receipt in receipts],
        "reasons": [come.reason for come in found],
        "refusals": [come.refusal for come in found],
        "send_afters": [now + come.retry_after if come.retry_after else None for come in found],
        "as_news": [come.as_new for come in found],
        "uncounteds": [come.uncounted for come in found],
        "accounts": [elsewhere.get(one.id) for one in claimed],
    }


async def _remember(store: DialogStore, contexts: Sequence[ReactivationContext]) -> None:
    """Put the context where other assistants look, before the message leaves.

    Redis is disposable: without it the reply is still recognised, from PostgreSQL.
    """
    try:
        await store.remember(contexts)
    except UnavailableError:
        log.warning("Redis does not answer: %d contexts wait in PostgreSQL.", len(contexts))


# --- the last look ----------------------------------------------------------------------------


async def _still_true(
    db: Database, company: Company, claimed: list[Claimed], crm: Crm | None, *, now: datetime
) -> list[Claimed]:
    """Those whose times are all still free; the others go back."""
    gone = [one for one in claimed if one.times and not await _are_free(company, crm, one.times)]
    if not gone:
        return claimed
    values = {
        "company_id": company.company_id,
        "now": now,
        "ids": [one.id for one in gone],
        "doubtfuls": [one.doubtful for one in gone],
    }
    async with db.tenant(company.company_id) as connection:
        await connection.execute(sql.take_back.sql, values)
    return [one for one in claimed if one not in gone]


async def _are_free(company: Company, crm: Crm | None, times: Sequence[FreeTime]) -> bool:
    """Whether the CRM says so; where it does not answer, nobody knows."""
    if crm is None:
        return False
    first_day, last_day = offered_times.days_of(times, company.zone)
    try:
        async with asyncio.timeout(CALL_SECONDS):
            free = await crm.free_times(
                company.company_id,
                service_id=times[0].service_id,
                first_day=first_day,
                last_day=last_day,
            )
    except (VernisError, TimeoutError):
        return False
    return not offered_times.gone(times, free)


def _look(
    row: dict[str, Any], company: Company, now: datetime, stopped: frozenset[str]
) -> LastLook:
    return LastLook(
        blacklisted=row["blacklisted"],
        opted_out=row["phone"] in stopped,
        consent=row["consent"],
        consent_source=row["consent_source"],
        consent_on=row["consent_on"],
        phone=row["phone_now"],
        planned_phone=row["phone"],
        declined_at=row["declined_at"],
        planned_at=row["planned_at"],
        last_visit_on=row["last_visit_date"],
        visited_on=row["visited_on"],
        booked_on=row["booked_on"],
        with_person=row["with_person"],
        on=now.astimezone(company.zone).date(),
    )


def _objection(
    row: dict[str, Any], look: LastLook, company: Company, now: datetime
) -> Reason | None:
    if row["deadline"] is not None and now >= row["deadline"]:
        return Reason.OUTSIDE_HOURS
    return delivery.objection(look, company)


async def _postpone(
    connection: Connection,
    company: Company,
    values: dict[str, Any],
    rows: Sequence[Mapping[str, Any]],
    objections: Mapping[int, Reason | None],
    now: datetime,
) -> set[int]:
    """Those whose clients sleep while the company is open: they wait for both clocks."""
    found: dict[int, datetime | None] = {}
    for row in rows:
        zone = zones.zone_of(row["phone"], company.country, row["timezone"])
        if objections[row["id"]] is None and not hours.is_open_for(company, zone, now):
            found[row["id"]] = hours.next_opening_for(company, zone, now)
    if found:
        later = {"ids": [*found], "send_afters": [*found.values()]}
        await connection.execute(sql.postpone.sql, values | later)
    return set(found)


async def _drop(
    connection: Connection, values: dict[str, Any], objections: Mapping[int, Reason | None]
) -> None:
    dropped = [(id_, reason) for id_, reason in objections.items() if reason]
    if not dropped:
        return
    late = Reason.OUTSIDE_HOURS
    await connection.execute(
        sql.drop.sql,
        values
        | {
            "ids": [id_ for id_, _ in dropped],
            "states": [State.EXPIRED if r is late else State.SKIPPED for _, r in dropped],
            "reasons": [reason for _, reason in dropped],
        },
    )


async def _prepare(db: Database, company: Company, now: datetime) -> None:
    """What missed its day expires now, with the reason, instead of leaving late; what waits for an
    account that cannot send goes to one of the cascade that can."""
    values = {"company_id": company.company_id, "now": now}
    async with db.tenant(company.company_id) as connection:
        await connection.execute(sql.expire.sql, values)
        await connection.execute(sql.reroute.sql, values)


def _claimed(
    row: dict[str, Any], company: Company, account: dict[str, Any], now: datetime
) -> Claimed:
    return Claimed(
        id=row["id"],
        account=account_of(account, company),
        tries=row["send_tries"] + 1,
        doubtful=row["claimed_at"] is not None,
        times=tuple(map(offered_times.from_plain, row["message_times"] or ())),
        message=Outgoing(
            company_id=company.company_id,
            account_id=account["account_id"],
            key=f"r{company.company_id}-{row['id']}",
            phone=row["phone"],
            text=row["message_text"],
            last_heard_at=row["last_heard_at"],
        ),
        context=context_of(row, company.company_id, sent_at=now),
    )


def account_of(row: Mapping[str, Any], company: Company) -> Account:
    """An account as a channel needs it, from a row with these columns."""
    return Account(
        company_id=company.company_id,
        account_id=row["account_id"],
        channel=row["channel"],
        address=row["address"],
        settings=row["settings"],
        sealed_token=row["sealed_token"],
        business=row["business"],
    )


async def _all(
    connection: Connection, query: str, values: Mapping[str, Any]
) -> list[dict[str, Any]]:
    cursor = connection.cursor(row_factory=dict_row)
    await cursor.execute(query, values)
    return await cursor.fetchall()
