"""Outgoing webhooks: whom a company wants to be told of what happens.

What is told is `outgoing_events`, how it gets there `outgoing_deliveries`.
"""

import base64
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from psycopg.rows import dict_row

from vernis.decide.webhook_retries import Answered
from vernis.domain import Company
from vernis.errors import ConfigError, ConflictError, NotFoundError, UsageError
from vernis.ports import Connection, Database
from vernis.sql import load
from vernis.stages import auditing
from vernis.stages.auditing import Who
from vernis.stages.outgoing_events import EVENTS

sql = load("outgoing_webhooks")

MOST = 20  # webhooks of a company
BOTH_SECRETS = timedelta(days=1)  # after a rotation, deliveries are signed with the old one as well
BY_HAND, GONE, FAILING = "by_hand", "gone", "failing"  # why a webhook rests


class Sealer(Protocol):
    """What keeps secrets: `adapters.sealing.Sealer`, `app.sealer`."""

    def seal(self, text: str, *, company_id: int, account_id: int) -> bytes: ...

    def unseal(self, sealed: bytes, *, company_id: int, account_id: int) -> str: ...


class Sender(Protocol):
    """What calls receivers: `adapters.webhook_sender.WebhookSender`, `app.webhook_sender`."""

    async def check(self, url: str) -> None:
        """Raises UsageError where nothing would be sent to this URL."""
        ...

    async def send(self, url: str, content: bytes, headers: Mapping[str, str]) -> Answered:
        """POST once; never raises."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Where what is told. `pause_reason`: by_hand, gone (it answered 410) or failing."""

    webhook_id: int
    url: str
    events: tuple[str, ...]
    created_at: datetime
    paused_at: datetime | None = None
    pause_reason: str | None = None


async def create(
    db: Database,
    company: Company,
    *,
    url: str,
    events: Sequence[str],
    sealer: Sealer,
    sender: Sender,
    now: datetime,
    who: Who | None = None,
) -> tuple[Webhook, str]:
    """A new webhook, and the secret (`whsec_...`) that its deliveries are signed with: nobody can
    read it again.

    Raises UsageError where the URL leads to nobody or into a private network, or an event is not
    known; ConflictError where there are too many.
    """
    chosen = _events(events)
    await sender.check(url)
    values: dict[str, Any] = {"company_id": company.company_id, "url": url, "now": now}
    secret = new_secret()
    async with db.tenant(company.company_id) as connection:
        ((count,),) = await (await connection.execute(sql.count.sql, values)).fetchall()
        if count >= MOST:
            raise ConflictError(f"{company.name} has {MOST} webhooks already: remove one first.")
        cursor = await connection.execute(sql.create.sql, values | {"events": list(chosen)})
        ((webhook_id,),) = await cursor.fetchall()
        await _keep(connection, sealer, company, webhook_id, secret)
        await auditing.note_by(
            connection, company, who, "webhook.created", f"webhook {webhook_id}", now=now,
            details={"events": list(chosen)},
        )  # fmt: skip
    return Webhook(webhook_id=webhook_id, url=url, events=chosen, created_at=now), secret


async def listed(db: Database, company: Company) -> list[Webhook]:
    """All webhooks of a company, the oldest first."""
    async with db.tenant(company.company_id) as connection:
        return await _rows(connection, company, None)


async def get(db: Database, company: Company, webhook_id: int) -> Webhook:
    """Raises NotFoundError."""
    async with db.tenant(company.company_id) as connection:
        return await one(connection, company, webhook_id)


async def change(
    db: Database,
    company: Company,
    webhook_id: int,
    *,
    sender: Sender,
    now: datetime,
    url: str | None = None,
    events: Sequence[str] | None = None,
    paused: bool | None = None,
    who: Who | None = None,
) -> Webhook:
    """Change what is given. While a webhook is paused nothing is kept for it, and what waited is
    not told. Raises NotFoundError, and UsageError as `create` does."""
    chosen = None if events is None else list(_events(events))
    if url is not None:
        await sender.check(url)
    values: dict[str, Any] = {"company_id": company.company_id, "webhook_id": webhook_id}
    async with db.tenant(company.company_id) as connection:
        await one(connection, company, webhook_id)
        await connection.execute(sql.change.sql, values | {"url": url, "events": chosen})
        if paused:
            await pause(connection, company, webhook_id, BY_HAND, now=now)
        elif paused is not None:
            await connection.execute(sql.resume.sql, values)
        given: dict[str, Any] = {"paused": paused, "events": chosen, "url": url and True}
        details = {name: value for name, value in given.items() if value is not None}
        await auditing.note_by(
            connection, company, who, "webhook.changed", f"webhook {webhook_id}", now=now,
            details=details,
        )  # fmt: skip
        return await one(connection, company, webhook_id)


async def remove(
    db: Database, company: Company, webhook_id: int, *, who: Who | None = None
) -> None:
    """Forget a webhook and its log. Raises NotFoundError."""
    values = {"company_id": company.company_id, "webhook_id": webhook_id}
    async with db.tenant(company.company_id) as connection:
        if not (await connection.execute(sql.remove.sql, values)).rowcount:
            raise _not_found(company, webhook_id)
        await auditing.note_by(connection, company, who, "webhook.removed", f"webhook {webhook_id}")


async def rotate_secret(
    db: Database,
    company: Company,
    webhook_id: int,
    *,
    sealer: Sealer,
    now: datetime,
    who: Who | None = None,
) -> str:
    """A new secret. For a day deliveries are signed with the old one as well, so that the receiver
    can change over without losing any. Raises NotFoundError."""
    secret = new_secret()
    values = {"company_id": company.company_id, "webhook_id": webhook_id}
    async with db.tenant(company.company_id) as connection:
        row = await (await connection.execute(sql.secret.sql, values)).fetchone()
        if row is None:
            raise _not_found(company, webhook_id)
        try:
            before = secrets_of(sealer, company, webhook_id, row[1], now=now)[0]
            until = int((now + BOTH_SECRETS).timestamp())
            kept = f"{secret} {before}@{until}"
        except ConfigError:  # whatever sealed it is lost
            kept = secret
        await _keep(connection, sealer, company, webhook_id, kept)
        await auditing.note_by(
            connection, company, who, "webhook.secret_changed", f"webhook {webhook_id}", now=now
        )
    return secret


# --- for the other two stages -------------------------------------------------------------------


async def pause(
    connection: Connection, company: Company, webhook_id: int, reason: str, *, now: datetime
) -> bool:
    """Tell nothing any more, in the caller's transaction; False where it rested already."""
    values: dict[str, Any] = {"company_id": company.company_id, "webhook_id": webhook_id}
    cursor = await connection.execute(sql.pause.sql, values | {"reason": reason, "now": now})
    if not cursor.rowcount:
        return False
    await connection.execute(sql.give_up.sql, values)
    return True


async def one(connection: Connection, company: Company, webhook_id: int) -> Webhook:
    """Raises NotFoundError."""
    found = await _rows(connection, company, webhook_id)
    if not found:
        raise _not_found(company, webhook_id)
    return found[0]


def secrets_of(
    sealer: Sealer, company: Company, webhook_id: int, sealed: bytes, *, now: datetime
) -> tuple[str, ...]:
    """What a delivery is signed with now, the newest first. Raises ConfigError."""
    try:
        text = sealer.unseal(sealed, company_id=company.company_id, account_id=-webhook_id)
    except ConfigError:
        raise ConfigError(
            f"The secret of webhook {webhook_id} cannot be opened with this installation's secret:"
            f" `vernis webhooks rotate {webhook_id}` makes a new one."
        ) from None
    newest, *older = text.split()
    still = []
    for one_ in older:
        secret, _, until = one_.partition("@")
        if datetime.fromtimestamp(int(until), UTC) > now:
            still.append(secret)
    return newest, *still


def new_secret() -> str:
    """As Standard Webhooks writes it: 32 random bytes in base64 behind `whsec_`."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


async def _keep(
    connection: Connection, sealer: Sealer, company: Company, webhook_id: int, text: str
) -> None:
    # accounts count from 1 up, webhooks from -1 down: what is sealed opens in its own row only
    sealed = sealer.seal(text, company_id=company.company_id, account_id=-webhook_id)
    values = {"company_id": company.company_id, "webhook_id": webhook_id}
    await connection.execute(sql.keep_secret.sql, values | {"sealed_secret": sealed})


async def _rows(connection: Connection, company: Company, webhook_id: int | None) -> list[Webhook]:
    cursor = connection.cursor(row_factory=dict_row)
    values = {"company_id": company.company_id, "webhook_id": webhook_id}
    await cursor.execute(sql.listed.sql, values)
    rows = await cursor.fetchall()
    return [Webhook(**row | {"events": tuple(row["events"])}) for row in rows]


def _events(given: Sequence[str]) -> tuple[str, ...]:
    unknown = [event for event in given if event not in EVENTS]
    if unknown or not given:
        known = ", ".join(EVENTS)
        raise UsageError(f"A webhook is told of at least one of: {known}.")
    return tuple(event for event in EVENTS if event in given)


def _not_found(company: Company, webhook_id: int) -> NotFoundError:
    return NotFoundError(
        f"{company.name} has no webhook {webhook_id}: `vernis webhooks list` shows them."
    )
