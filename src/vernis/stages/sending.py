"""Send: claim, commit, call, settle. A campaign message is sent at most once.

The claim commits before the channel is called. A process that dies in between leaves a claim that
`recover` finds: it goes out again only over a channel that knows our message id and delivers a
repeat once; otherwise it becomes `unknown` and waits for a delivery event or a person.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg.rows import dict_row

from vernis.decide import delivery
from vernis.decide.delivery import Event, LastLook
from vernis.decide.reception import offered_times
from vernis.domain import Company, FreeTime, Outgoing, Reason, Receipt, State
from vernis.errors import ChannelError, RefusedError, UnavailableError, VernisError
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
from vernis.stages import opt_outs
from vernis.stages.context import context_of

sql = load("sending")
log = logging.getLogger(__name__)

BATCH = 100
CALL_SECONDS = 30.0  # a call that takes longer has an unknown outcome
LEASE = timedelta(minutes=2)  # a claim older than this belongs to a process that died
RETRY_AFTER = timedelta(minutes=10)  # after a definite, temporary refusal: once
MAX_TRIES = 2
MAX_SAFE_TRIES = 4  # where repeats are safe

Answer = Receipt | ChannelError


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A reactivation that this process, and no other, may send now."""

    id: int
    channel: str
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
    hash_phone: Callable[[str], bytes],
    crm: Crm | None = None,
    stopping: Callable[[], bool] = lambda: False,
) -> int:
    """Send what is due now, account by account, until nothing is or `stopping`; how many left.

    `crm` is asked whether the times that a text names are still free.
    """
    sent = 0
    await _expire_missed(db, company, clock())
    while not stopping():
        claimed = await claim(
            db, company, channels=channels.keys(), now=clock(), hash_phone=hash_phone
        )
        if not claimed:
            return sent
        claimed = await _still_true(db, company, claimed, crm, now=clock())
        await _remember(store, [one.context for one in claimed])
        answers = await asyncio.gather(*(_call(channels[one.channel], one) for one in claimed))
        await _settle(db, company, claimed, answers, channels, now=clock())
        sent += sum(isinstance(answer, Receipt) for answer in answers)
    return sent


async def claim(
    db: Database,
    company: Company,
    *,
    channels: Collection[str],
    now: datetime,
    hash_phone: Callable[[str], bytes],
) -> list[Claimed]:
    """Take what is due from each free account on these channels, after a last look; what must not
    leave gets its reason."""
    if not delivery.is_open(company, now):
        await _expire_missed(db, company, now)
        return []
    local = now.astimezone(company.zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    values: dict[str, Any] = {"company_id": company.company_id, "now": now, "midnight": midnight}
    values |= {"today": local.date(), "channels": list(channels)}
    claimed: list[Claimed] = []
    async with db.tenant(company.company_id) as connection:
        cursor = connection.cursor(row_factory=dict_row)
        await cursor.execute(sql.accounts.sql, values)
        accounts = await cursor.fetchall()
        for account in accounts:
            gap = float(account["gap_seconds"])
            of_account = values | {"account_id": account["account_id"], "batch": BATCH}
            most = min(BATCH if gap == 0 else 1, account["left_today"])
            chosen: list[dict[str, Any]] = []
            while most > 0 and not chosen:
                await cursor.execute(sql.due.sql, of_account)
                if not (rows := await cursor.fetchall()):
                    break
                phones = [row["phone"] for row in rows]
                stopped = await opt_outs.among(connection, company, phones, hash_phone)
                objections = {row["id"]: _objection(row, company, now, stopped) for row in rows}
                await _drop(connection, values, objections)
                chosen = [row for row in rows if objections[row["id"]] is None][:most]
            if not chosen:
                continue
            await connection.execute(sql.claim.sql, values | {"ids": [row["id"] for row in chosen]})
            free_at = now + delivery.gap(gap, random.random())  # noqa: S311 (pace, no secret)
            await connection.execute(sql.occupy_account.sql, of_account | {"next_free_at": free_at})
            claimed += [_claimed(row, company, account, now) for row in chosen]
    return claimed


async def recover(
    db: Database, company: Company, *, channels: Mapping[str, Channel], now: datetime
) -> int:
    """Take back the claims of processes that died; how many."""
    values: dict[str, Any] = {"company_id": company.company_id, "before": now - LEASE, "now": now}
    values["channels"] = list(channels)
    found = 0
    async with db.tenant(company.company_id) as connection:
        for abandoned, give_back in (
            (sql.abandoned, sql.return_reactivations),
            (sql.abandoned_answers, sql.return_answers),
        ):
            cursor = await connection.execute(abandoned.sql, values)
            by_state: dict[State, list[int]] = {}
            for id_, channel, tries in await cursor.fetchall():
                state = _after_doubt(channels[channel], tries)
                by_state.setdefault(state, []).append(id_)
            for state, ids in by_state.items():
                await connection.execute(give_back.sql, values | {"state": state, "ids": ids})
                found += len(ids)
    return found


async def report_event(
    db: Database,
    company: Company,
    *,
    account_id: int,
    provider_message_id: str,
    event: Event,
    at: datetime,
) -> bool:
    """Apply what a channel reports of a message; False where it names none of ours."""
    values: dict[str, Any] = {"company_id": company.company_id, "account_id": account_id}
    values |= {"provider_id": provider_message_id, "at": at, "now": at}
    values["refused"] = Reason.CHANNEL_REFUSED
    async with db.tenant(company.company_id) as connection:
        for find, move in (
            (sql.reactivation_by_provider_id, sql.move_reactivation),
            (sql.answer_by_provider_id, sql.move_answer),
        ):
            if row := await (await connection.execute(find.sql, values)).fetchone():
                id_, state = row
                moved = delivery.after(State(state), event)
                if moved != state:
                    await connection.execute(move.sql, values | {"id": id_, "state": moved})
                return True
    return False


async def answer(
    db: Database, company: Company, *, channels: Mapping[str, Channel], clock: Clock
) -> int:
    """Send the answers that the reception wrote, each dialog's in order; how many left."""
    sent = 0
    values: dict[str, Any] = {"company_id": company.company_id, "batch": BATCH}
    values |= {"channels": list(channels), "tried": []}
    while True:
        async with db.tenant(company.company_id) as connection:
            cursor = await connection.execute(sql.answers.sql, values | {"now": clock()})
            rows = await cursor.fetchall()
        if not rows:
            return sent
        messages = [
            Outgoing(
                company_id=company.company_id,
                account_id=account_id,
                key=f"m{company.company_id}-{id_}",
                phone=phone,
                text=body,
                lid=lid if phone is None else None,
            )
            for id_, phone, body, account_id, *_, lid in rows
        ]
        answers = await asyncio.gather(
            *(
                _attempt(channels[row[4]], message)
                for row, message in zip(rows, messages, strict=True)
            )
        )
        settled = [
            _outcome(a, channels[row[4]], tries=row[5], doubtful=row[6])
            for a, row in zip(answers, rows, strict=True)
        ]
        columns = {
            "ids": [row[0] for row in rows],
            "states": [state for state, _ in settled],
            "provider_ids": [_provider_id(a) for a in answers],
            "sent_ats": [_sent_at(a) for a in answers],
            "unclaims": [
                _is_as_new(a, state, doubtful=row[6])
                for a, row, (state, _) in zip(answers, rows, settled, strict=True)
            ],
        }
        async with db.tenant(company.company_id) as connection:
            await connection.execute(sql.settle_answers.sql, values | columns)
        values["tried"] += columns["ids"]
        sent += sum(isinstance(a, Receipt) for a in answers)


# --- one call --------------------------------------------------------------------------------


async def _call(channel: Channel, claimed: Claimed) -> Answer:
    return await _attempt(channel, claimed.message)


async def _attempt(channel: Channel, message: Outgoing) -> Answer:
    try:
        async with asyncio.timeout(CALL_SECONDS):
            return await channel.send(message)
    except ChannelError as error:
        return error
    except Exception as error:  # whatever it was, the message may have left
        log.warning("%s broke off: %s", channel.name, type(error).__name__)
        return ChannelError("The call broke off.")


def _outcome(
    answer: Answer, channel: Channel, *, tries: int, doubtful: bool
) -> tuple[State, str | None]:
    """The state after a call, and the reason where it did not leave.

    A refusal speaks for its own call only: where an earlier one is in doubt, so is the message.
    """
    if isinstance(answer, Receipt):
        return State.ACCEPTED, None
    if isinstance(answer, RefusedError):
        if answer.temporary and tries < (MAX_SAFE_TRIES if doubtful else MAX_TRIES):
            return State.WRITTEN, None
        return (State.UNKNOWN, None) if doubtful else (State.FAILED, Reason.CHANNEL_REFUSED)
    return _after_doubt(channel, tries), None


def _after_doubt(channel: Channel, tries: int) -> State:
    safe = channel.repeats_are_safe and tries < MAX_SAFE_TRIES
    return State.WRITTEN if safe else State.UNKNOWN


def _is_as_new(answer: Answer, state: State, *, doubtful: bool) -> bool:
    """Whether a message waits again as if no try had been made: certainly none has left."""
    return state is State.WRITTEN and isinstance(answer, RefusedError) and not doubtful


def _provider_id(answer: Answer) -> str | None:
    return answer.provider_message_id if isinstance(answer, Receipt) else None


def _sent_at(answer: Answer) -> datetime | None:
    return answer.accepted_at if isinstance(answer, Receipt) else None


async def _settle(
    db: Database,
    company: Company,
    claimed: Sequence[Claimed],
    answers: Sequence[Answer],
    channels: Mapping[str, Channel],
    *,
    now: datetime,
) -> None:
    outcomes = [
        _outcome(answer, channels[one.channel], tries=one.tries, doubtful=one.doubtful)
        for one, answer in zip(claimed, answers, strict=True)
    ]
    values = {
        "company_id": company.company_id,
        "now": now,
        "ids": [one.id for one in claimed],
        "states": [state for state, _ in outcomes],
        "provider_ids": [_provider_id(answer) for answer in answers],
        "sent_ats": [_sent_at(answer) for answer in answers],
        "reasons": [reason for _, reason in outcomes],
        "send_afters": [
            now + RETRY_AFTER if isinstance(answer, RefusedError) else None for answer in answers
        ],
        "unclaims": [
            _is_as_new(answer, state, doubtful=one.doubtful)
            for one, answer, (state, _) in zip(claimed, answers, outcomes, strict=True)
        ],
    }
    async with db.tenant(company.company_id) as connection:
        await connection.execute(sql.settle.sql, values)


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


def _objection(
    row: dict[str, Any], company: Company, now: datetime, stopped: frozenset[str]
) -> Reason | None:
    if row["deadline"] is not None and now >= row["deadline"]:
        return Reason.OUTSIDE_HOURS
    return delivery.objection(
        LastLook(
            blacklisted=row["blacklisted"],
            opted_out=row["phone"] in stopped,
            consent=row["consent"],
            phone=row["phone_now"],
            planned_phone=row["phone"],
            declined_at=row["declined_at"],
            planned_at=row["planned_at"],
            last_visit_on=row["last_visit_date"],
            visited_on=row["visited_on"],
            booked_on=row["booked_on"],
            with_person=row["with_person"],
        ),
        company,
    )


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


async def _expire_missed(db: Database, company: Company, now: datetime) -> None:
    """Closed: what missed its day expires now, with the reason, instead of leaving late."""
    values = {"company_id": company.company_id, "now": now, "reason": Reason.OUTSIDE_HOURS}
    async with db.tenant(company.company_id) as connection:
        await connection.execute(sql.expire.sql, values)


def _claimed(
    row: dict[str, Any], company: Company, account: dict[str, Any], now: datetime
) -> Claimed:
    return Claimed(
        id=row["id"],
        channel=account["channel"],
        tries=row["send_tries"] + 1,
        doubtful=row["claimed_at"] is not None,
        times=tuple(map(offered_times.from_plain, row["message_times"] or ())),
        message=Outgoing(
            company_id=company.company_id,
            account_id=account["account_id"],
            key=f"r{company.company_id}-{row['id']}",
            phone=row["phone"],
            text=row["message_text"],
        ),
        context=context_of(row, company.company_id, sent_at=now),
    )
