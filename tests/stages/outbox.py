"""Messages that wait to leave, and channels of a few lines to leave by."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from salon_rows import Salon

from vernis.domain import (
    Abilities,
    Account,
    Connected,
    ConnectionState,
    Event,
    Outgoing,
    Receipt,
    Status,
)
from vernis.stages import answering, sending, settling

OPEN = datetime(2024, 4, 1, 9, tzinfo=UTC)  # Monday noon in Moscow


def hash_phone(phone: str) -> bytes:
    return phone.encode().rjust(32, b"-")


@dataclass
class Taking:
    """A channel that takes everything and remembers the calls."""

    name: str = "sandbox"
    repeats_are_safe: bool = False
    calls: list[Outgoing] = field(default_factory=list)

    @property
    def abilities(self) -> Abilities:
        return Abilities(repeats_are_safe=self.repeats_are_safe)

    def message_id(self, account: Account, message: Outgoing) -> str | None:
        return None

    async def connection(self, account: Account) -> Connected:
        return Connected(state=ConnectionState.CONNECTED)

    async def send(self, account: Account, message: Outgoing) -> Receipt:
        self.calls.append(message)
        await asyncio.sleep(0)
        return Receipt(provider_message_id=f"wa-{message.key}", accepted_at=OPEN)

    @property
    def keys(self) -> list[str]:
        return [message.key for message in self.calls]


@dataclass
class Failing(Taking):
    """Raises these, call by call, then takes."""

    errors: list[Exception] = field(default_factory=list)

    async def send(self, account: Account, message: Outgoing) -> Receipt:
        receipt = await super().send(account, message)
        if self.errors:
            raise self.errors.pop(0)
        return receipt


@dataclass
class Hanging(Taking):
    async def send(self, account: Account, message: Outgoing) -> Receipt:
        await super().send(account, message)
        await asyncio.Event().wait()
        raise AssertionError


@dataclass
class Watched(Taking):
    """Looks around before it takes."""

    look: Callable[[Outgoing], Any] = lambda _: None
    seen: list[Any] = field(default_factory=list)

    async def send(self, account: Account, message: Outgoing) -> Receipt:
        self.seen.append(await self.look(message))
        return await super().send(account, message)


@dataclass
class Outbox:
    """One company's messages, and `sending` with what it needs."""

    salon: Salon
    store: Any
    clock: Any

    async def message(self, *, state: str = "written", client: int | None = None, **values) -> int:
        client = client or await self.salon.client()
        ((phone,),) = await self.salon.execute(
            "SELECT coalesce(phone, '79990009999') FROM clients WHERE client_id = %s", client
        )
        row = {
            "account_id": await self.account(),
            "send_after": OPEN.replace(hour=7),
            "deadline": OPEN.replace(hour=17),
            "phone": phone,
            "state": state,
        }
        return await self.salon.reactivation(client, OPEN.replace(hour=6), **row | values)

    async def messages(self, count: int) -> list[int]:
        first = await self.message()
        await self.salon.execute(
            "INSERT INTO clients (company_id, external_key, phone, phone_state)"
            " SELECT company_id, 'X' || n, '7900' || (1000000 + n), 'valid'"
            " FROM companies, generate_series(2, %s) n",
            count,
        )
        columns = (
            "plan_on, planned_at, arm, state, reason, attempt, campaign, last_visit_date,"
            " inactive_days, interval_days, interval_source, confidence_score, due_on,"
            " message_text, account_id, send_after, deadline"
        )
        await self.salon.execute(
            "INSERT INTO client_reactivation_history"
            f" (company_id, client_id, phone, {columns})"
            f" SELECT h.company_id, c.client_id, c.phone, {columns}"
            " FROM client_reactivation_history h, clients c"
            " WHERE h.id = %s AND c.external_key LIKE 'X%%' ORDER BY c.client_id",
            first,
        )
        rows = await self.salon.execute("SELECT id FROM client_reactivation_history ORDER BY id")
        return [row[0] for row in rows]

    async def account(self, **values: Any) -> int:
        ((id_,),) = await self.salon.execute("SELECT account_id FROM accounts")
        if values.get("state") == "paused":
            values = {"pause_reason": "by_hand"} | values
        if values:
            changes = ", ".join(f"{column} = %s" for column in values)
            await self.salon.execute(f"UPDATE accounts SET {changes}", *values.values())
        return id_

    async def send(self, channel: Any) -> int:
        return await sending.send(
            self.salon.db,
            self.salon.company,
            channels={channel.name: channel},
            store=self.store,
            clock=self.clock,
            hash_phone=hash_phone,
        )

    async def recover(self, channel: Any) -> int:
        return await settling.recover(
            self.salon.db,
            self.salon.company,
            channels={channel.name: channel},
            now=self.clock(),
        )

    async def report(self, provider_message_id: str | None, event: Event, **values: Any) -> bool:
        account_id, company = await self.account(), self.salon.company
        status = Status(
            provider_message_id=provider_message_id, event=event, at=self.clock(), **values
        )
        async with self.salon.db.tenant(company.company_id) as connection:
            return await settling.report(
                connection, company, account_id, status, now=self.clock(), hash_phone=hash_phone
            )

    async def row(self, id_: int) -> dict[str, Any]:
        ((found,),) = await self.salon.execute(
            "SELECT to_jsonb(h) FROM client_reactivation_history h WHERE id = %s", id_
        )
        return found

    async def state(self, id_: int) -> str:
        return (await self.row(id_))["state"]

    async def reason(self, id_: int) -> tuple[str, str]:
        row = await self.row(id_)
        return row["state"], row["reason"]

    # --- answers ----------------------------------------------------------------------------

    async def dialog(self, phone: str) -> int:
        return await self.salon.insert(
            "dialogs", "dialog_id", account_id=await self.account(), phone=phone
        )

    async def answer(self, dialog_id: int, body: str, **values: Any) -> int:
        row = {"direction": "out", "state": "written", "said_at": OPEN, "body": body}
        row |= {"account_id": await self.account(), "dialog_id": dialog_id}
        return await self.salon.insert("messages", "message_id", **row | values)

    async def send_answers(self, channel: Any) -> int:
        return await answering.answer(
            self.salon.db, self.salon.company, channels={channel.name: channel}, clock=self.clock
        )

    async def answer_states(self) -> list[tuple[str, str]]:
        return await self.salon.execute("SELECT body, state FROM messages ORDER BY message_id")
