"""Outgoing deliveries: what waits to be told is claimed, sent and settled; the log of it.

At least once: the claim commits before the call, so a process that dies in between leaves a row
that is due again when its lease ends. The receiver drops repeats by `webhook-id`.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from psycopg.rows import dict_row

from vernis.decide.webhook_retries import Answered, Verdict, judge
from vernis.domain import Company
from vernis.errors import ConfigError, ConflictError, NotFoundError, UsageError
from vernis.ports import Clock, Database
from vernis.sql import load
from vernis.stages import notices, outgoing_events, outgoing_webhooks
from vernis.stages.outgoing_webhooks import FAILING, GONE, Sealer, Sender

sql = load("outgoing_deliveries")

AT_ONCE = 4  # requests to one webhook side by side
LEASE = timedelta(minutes=1)  # a call takes ten seconds at most
FAILING_FOR = timedelta(days=3)  # then the webhook is paused
KEPT = timedelta(days=30)  # in the log
MOST = 200  # of the log at a time
STATES = ("waiting", "delivered", "failed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One happening and one webhook. `state`: waiting, delivered or failed.

    `last_error` is a word of webhook_retries.Answered's `fault`, or `paused`; None where there was
    an answer.
    """

    delivery_id: int
    webhook_id: int
    event: str
    body: Mapping[str, Any]
    state: str
    attempts: int
    next_attempt_at: datetime | None
    last_status: int | None
    last_error: str | None
    created_at: datetime
    delivered_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Claimed:
    delivery_id: int
    event: str
    body: dict[str, Any]
    attempts: int
    claimed_at: datetime
    webhook_id: int
    url: str
    sealed_secret: bytes = field(repr=False)


async def deliver(
    db: Database,
    company: Company,
    *,
    sender: Sender,
    sealer: Sealer,
    clock: Clock,
    stopping: Callable[[], bool] = lambda: False,
    chance: Callable[[], float] = random.random,
) -> int:
    """Send what is due, each webhook by itself, so that a slow one holds none of the others back;
    how many attempts were made. Ends early where `stopping`, and for a receiver that is away."""
    values = {"company_id": company.company_id, "now": clock()}
    async with db.tenant(company.company_id) as connection:
        rows = await (await connection.execute(sql.due.sql, values)).fetchall()

    async def to(webhook_id: int) -> int:
        made = 0
        while not stopping():
            claimed = await _claim(db, company, webhook_id, now=clock())
            calls = (_tell(db, company, one, sender, sealer, clock, chance) for one in claimed)
            verdicts = await asyncio.gather(*calls)
            made += len(verdicts)
            held = [one.held_until for one in verdicts if one.held_until is not None]
            if held:
                await _hold(db, company, webhook_id, until=max(held))
            if held or not claimed:
                break
        return made

    return sum(await asyncio.gather(*(to(row[0]) for row in rows)))


async def next_attempt(db: Database, company: Company) -> datetime | None:
    """When something is due next, maybe already; None where nothing waits."""
    async with db.tenant(company.company_id) as connection:
        cursor = await connection.execute(sql.next_attempt.sql, {"company_id": company.company_id})
        row = await cursor.fetchone()
    return row[0] if row else None


# --- the log ------------------------------------------------------------------------------------


async def listed(
    db: Database,
    company: Company,
    *,
    webhook_id: int | None = None,
    state: str | None = None,
    before: int | None = None,
    most: int = 50,
) -> list[Delivery]:
    """The log, the newest first. `before`: only those older than this delivery, for the next page.
    Raises NotFoundError where there is no such webhook, UsageError where no such state."""
    if state is not None and state not in STATES:
        raise UsageError(f"A delivery is {', '.join(STATES)}: not {state!r}.")
    async with db.tenant(company.company_id) as connection:
        if webhook_id is not None:
            await outgoing_webhooks.one(connection, company, webhook_id)
    values = {"webhook_id": webhook_id, "state": state, "before": before, "delivery_id": None}
    return await _listed(db, company, values | {"most": max(1, min(most, MOST))})


async def get(db: Database, company: Company, delivery_id: int) -> Delivery:
    """Raises NotFoundError."""
    values = {"webhook_id": None, "state": None, "before": None, "delivery_id": delivery_id}
    found = await _listed(db, company, values | {"most": 1})
    if not found:
        raise NotFoundError(f"{company.name} has no delivery {delivery_id} in its log.")
    return found[0]


async def redeliver(db: Database, company: Company, delivery_id: int, *, now: datetime) -> Delivery:
    """Send once more, under the same id, whatever became of it before. Raises NotFoundError, and
    ConflictError where the webhook is paused."""
    delivery = await get(db, company, delivery_id)
    async with db.tenant(company.company_id) as connection:
        webhook = await outgoing_webhooks.one(connection, company, delivery.webhook_id)
        _require_running(webhook)
        values = {"company_id": company.company_id, "delivery_id": delivery_id, "now": now}
        await connection.execute(sql.again.sql, values)
    return await get(db, company, delivery_id)


async def ping(db: Database, company: Company, webhook_id: int, *, now: datetime) -> Delivery:
    """Leave a test event for one webhook, whatever it asked for. Raises NotFoundError, and
    ConflictError where it is paused."""
    async with db.tenant(company.company_id) as connection:
        webhook = await outgoing_webhooks.one(connection, company, webhook_id)
        _require_running(webhook)
        delivery_id = await outgoing_events.tell_one(
            connection, company, webhook_id, uuid4().hex, now=now
        )
    return await get(db, company, delivery_id)


async def forget_old(db: Database, company: Company, *, now: datetime) -> int:
    """Drop from the log what is older than a month; how many."""
    values = {"company_id": company.company_id, "before": now - KEPT}
    async with db.tenant(company.company_id) as connection:
        return (await connection.execute(sql.forget.sql, values)).rowcount


# --- one delivery -------------------------------------------------------------------------------


def signed(
    body: Mapping[str, Any], *, message_id: str, at: datetime, secrets: tuple[str, ...]
) -> tuple[bytes, dict[str, str]]:
    """What is sent, and its headers: a signature for each secret, as Standard Webhooks 1.0.0 says.
    `secrets` are `whsec_` and base64."""
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    timestamp = str(int(at.timestamp()))
    to_sign = f"{message_id}.{timestamp}.".encode() + content
    keys = [base64.b64decode(secret.removeprefix("whsec_")) for secret in secrets]
    macs = [hmac.new(key, to_sign, hashlib.sha256).digest() for key in keys]
    return content, {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{base64.b64encode(mac).decode()}" for mac in macs),
    }


async def _claim(
    db: Database, company: Company, webhook_id: int, *, now: datetime
) -> list[_Claimed]:
    values = {"company_id": company.company_id, "webhook_id": webhook_id, "now": now}
    values |= {"until": now + LEASE, "most": AT_ONCE}
    async with db.tenant(company.company_id) as connection:
        rows = await (await connection.execute(sql.claim.sql, values)).fetchall()
    return [_Claimed(*row) for row in rows]


async def _tell(
    db: Database,
    company: Company,
    one: _Claimed,
    sender: Sender,
    sealer: Sealer,
    clock: Clock,
    chance: Callable[[], float],
) -> Verdict:
    try:
        secrets = outgoing_webhooks.secrets_of(
            sealer, company, one.webhook_id, one.sealed_secret, now=clock()
        )
    except ConfigError:
        answered = Answered(fault="secret")
    else:
        message_id = f"msg_{company.company_id}_{one.delivery_id}"
        content, headers = signed(one.body, message_id=message_id, at=clock(), secrets=secrets)
        answered = await sender.send(one.url, content, headers)
    now = clock()
    verdict = judge(answered, attempts=one.attempts, now=now, chance=chance())
    values = {
        "company_id": company.company_id,
        "webhook_id": one.webhook_id,
        "delivery_id": one.delivery_id,
        "claimed_at": one.claimed_at,
        "state": verdict.state,
        "status": answered.status,
        "fault": answered.fault,
        "retry_at": verdict.retry_at,
        "now": now,
    }
    async with db.tenant(company.company_id) as connection:
        await connection.execute(sql.settle.sql, values)
    if verdict.state == "failed":
        await _pause(db, company, one.webhook_id, is_gone=verdict.is_gone, now=now)
    return verdict


async def _pause(
    db: Database, company: Company, webhook_id: int, *, is_gone: bool, now: datetime
) -> None:
    """Let a webhook rest that is gone or fails for days, and tell the owner. In a transaction of
    its own: it takes all that waits, and others settle what they hold of it at the same time."""
    values: dict[str, Any] = {"company_id": company.company_id, "webhook_id": webhook_id}
    values["since"] = now - FAILING_FOR
    async with db.tenant(company.company_id) as connection:
        if not is_gone:
            cursor = await connection.execute(sql.is_failing.sql, values)
            if await cursor.fetchone() != (True,):
                return
        reason = GONE if is_gone else FAILING
        if await outgoing_webhooks.pause(connection, company, webhook_id, reason, now=now):
            kind = notices.Kind.WEBHOOK_PAUSED
            details: dict[str, Any] = {"webhook_id": webhook_id, "reason": reason}
            await notices.write(connection, company, None, kind, now=now, **details)


async def _hold(db: Database, company: Company, webhook_id: int, *, until: datetime) -> None:
    values = {"company_id": company.company_id, "webhook_id": webhook_id, "held_until": until}
    async with db.tenant(company.company_id) as connection:
        await connection.execute(sql.hold.sql, values)


async def _listed(db: Database, company: Company, values: dict[str, Any]) -> list[Delivery]:
    async with db.tenant(company.company_id) as connection:
        cursor = connection.cursor(row_factory=dict_row)
        await cursor.execute(sql.listed.sql, values | {"company_id": company.company_id})
        rows = await cursor.fetchall()
    return [_delivery(row) for row in rows]


def _delivery(row: dict[str, Any]) -> Delivery:
    waits = row["state"] == "waiting"
    return Delivery(**row | {"next_attempt_at": row["next_attempt_at"] if waits else None})


def _require_running(webhook: outgoing_webhooks.Webhook) -> None:
    if webhook.paused_at is not None:
        raise ConflictError(
            f"Webhook {webhook.webhook_id} is paused:"
            f" `vernis webhooks resume {webhook.webhook_id}` comes first."
        )
