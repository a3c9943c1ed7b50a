"""Settle: what became of messages, by what a channel reports, by time, or by a person."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from psycopg.rows import class_row

from vernis.decide import delivery, outcomes
from vernis.domain import Company, Event, State, Status
from vernis.errors import ConflictError, NotFoundError, Refusal
from vernis.ports import Channel, Connection, Database
from vernis.sql import load
from vernis.stages import auditing, opt_outs
from vernis.stages.auditing import Who

sql = load("settling")

LEASE = timedelta(minutes=2)  # a claim older than this belongs to a process that died

HashPhone = Callable[[str], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """A message that may have left. `key`: `r` and a reactivation's id, `m` and an answer's."""

    key: str
    phone: str | None = field(repr=False)
    name: str | None = field(repr=False)
    account: str
    channel: str
    claimed_at: datetime
    text: str = field(repr=False)


# --- by what a channel reports ----------------------------------------------------------------


async def report(
    connection: Connection,
    company: Company,
    account_id: int,
    status: Status,
    *,
    now: datetime,
    hash_phone: HashPhone,
) -> bool:
    """Apply what a channel tells of a message; False where it names none of ours.

    Known by the channel's id or by our key, which some channels give back: so a message whose
    call had no outcome is settled as well. In the caller's transaction.
    """
    kind, number = _of(company, status.key)
    values: dict[str, Any] = {"company_id": company.company_id, "account_id": account_id}
    values |= {"provider_id": status.provider_message_id, "at": status.at, "now": now}
    values |= {"refusal": status.refusal, "reason": outcomes.failed(status.refusal)}
    values |= {"reactivation_id": number if kind == "r" else None}
    values |= {"message_id": number if kind == "m" else None}
    cursor = await connection.execute(sql.reactivation.sql, values)
    if row := await cursor.fetchone():
        id_, state, phone, *_ = row
        values |= {"id": id_, "phone": phone, "account_id": row[-1]}
        await _move(connection, company, values, State(state), status, now, hash_phone)
        return True
    cursor = await connection.execute(sql.answer.sql, values)
    if row := await cursor.fetchone():
        id_, state = row
        moved = delivery.after(State(state), status.event)
        if moved != state:
            await connection.execute(sql.move_answer.sql, values | {"id": id_, "state": moved})
        return True
    return False


async def _move(
    connection: Connection,
    company: Company,
    values: dict[str, Any],
    state: State,
    status: Status,
    now: datetime,
    hash_phone: HashPhone,
) -> None:
    moved = delivery.after(state, status.event)
    if moved is state:
        return
    if status.event is Event.FAILED and status.refusal is Refusal.STOPPED:
        await opt_outs.stop(
            connection,
            company,
            phone=values["phone"],
            lid=None,
            source=opt_outs.CHANNEL,
            now=now,
            hash_phone=hash_phone,
        )
    if status.event is Event.FAILED and status.refusal is Refusal.NOT_ON_CHANNEL:
        await connection.execute(sql.not_there.sql, values)
        if await (await connection.execute(sql.send_elsewhere.sql, values)).fetchone():
            return
    await connection.execute(sql.move_reactivation.sql, values | {"state": moved})


def _of(company: Company, key: str | None) -> tuple[str | None, int | None]:
    """The kind and number in a key of this company's, as `sending` and `answering` make them."""
    found = re.fullmatch(r"([rm])(\d{1,18})-(\d{1,18})", key or "", re.ASCII)
    if found is None or int(found[2]) != company.company_id:
        return None, None
    return found[1], int(found[3])


# --- by time ----------------------------------------------------------------------------------


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
                safe = channels[channel].abilities.repeats_are_safe
                state = outcomes.after_doubt(repeats_are_safe=safe, tries=tries)
                by_state.setdefault(state, []).append(id_)
            for state, ids in by_state.items():
                await connection.execute(give_back.sql, values | {"state": state, "ids": ids})
                found += len(ids)
    return found


# --- by a person ------------------------------------------------------------------------------


async def unknown(db: Database, company: Company) -> list[Unknown]:
    """What may have left, the oldest first."""
    async with db.tenant(company.company_id) as connection:
        cursor = connection.cursor(row_factory=class_row(Unknown))
        await cursor.execute(sql.unknown.sql, {"company_id": company.company_id})
        return await cursor.fetchall()


async def counts(db: Database, company: Company) -> dict[str, int]:
    """How many campaign messages are in each state."""
    async with db.tenant(company.company_id) as connection:
        cursor = await connection.execute(sql.counts.sql, {"company_id": company.company_id})
        return dict(await cursor.fetchall())


async def decide(
    db: Database,
    company: Company,
    key: str,
    *,
    sent: bool,
    now: datetime,
    who: Who | None = None,
) -> State:
    """What a person found out about an unknown message; its state from now on. With `who` it is
    noted that they did.

    Raises NotFoundError where there is no such message, ConflictError where it is not unknown.
    """
    found = re.fullmatch(r"([rm])(\d{1,18})", key.strip().lower(), re.ASCII)
    if found is None:
        raise NotFoundError(
            f"«{key}» names no message: give a key like r17 from `vernis outbox unknown`."
        )
    change, look = (
        (sql.decide_reactivation, sql.state_of_reactivation)
        if found[1] == "r"
        else (sql.decide_answer, sql.state_of_answer)
    )
    values = {"company_id": company.company_id, "id": int(found[2]), "sent": sent, "now": now}
    async with db.tenant(company.company_id) as connection:
        if row := await (await connection.execute(change.sql, values)).fetchone():
            if who is not None:
                subject = f"{'reactivation' if found[1] == 'r' else 'message'} {found[2]}"
                action = "message.was_sent" if sent else "message.was_not_sent"
                await auditing.note(
                    connection, company, who=who, action=action, subject=subject, now=now
                )
            return State(row[0])
        row = await (await connection.execute(look.sql, values)).fetchone()
    if row is None:
        raise NotFoundError(f"There is no message {key}: `vernis outbox unknown` lists them.")
    raise ConflictError(f"The message {key} is {row[0]}, not unknown: there is nothing to decide.")
