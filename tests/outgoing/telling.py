"""A company with webhooks, and a way to let time pass."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.outgoing.receiver import Receiver

from vernis.adapters.sealing import Sealer
from vernis.adapters.webhook_sender import WebhookSender
from vernis.domain import Company
from vernis.ports import Clock, Database
from vernis.stages import outgoing_deliveries, outgoing_events, outgoing_webhooks
from vernis.stages.outgoing_deliveries import Delivery
from vernis.stages.outgoing_events import EVENTS
from vernis.stages.outgoing_webhooks import Webhook


@dataclass(kw_only=True)
class Teller:
    db: Database
    company: Company
    sender: WebhookSender
    sealer: Sealer
    clock: Any
    secrets: dict[int, str] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        clock: Clock = self.clock
        return clock()

    def pass_by(self, **span: float) -> None:
        self.clock.now += timedelta(**span)

    async def add(self, receiver: Receiver | str, *events: str) -> Webhook:
        url = receiver if isinstance(receiver, str) else f"{receiver.url}/hook"
        webhook, secret = await outgoing_webhooks.create(
            self.db,
            self.company,
            url=url,
            events=events or EVENTS,
            sealer=self.sealer,
            sender=self.sender,
            now=self.now,
        )
        self.secrets[webhook.webhook_id] = secret
        return webhook

    async def happens(self, *keys: int | str, event: str = "reply.received") -> None:
        for key in keys:
            async with self.db.tenant(self.company.company_id) as connection:
                await outgoing_events.tell(
                    connection, self.company, event, key, now=self.now, number=key
                )

    async def deliver(self, **how: Any) -> int:
        return await outgoing_deliveries.deliver(
            self.db,
            self.company,
            sender=how.pop("sender", self.sender),
            sealer=how.pop("sealer", self.sealer),
            clock=self.clock,
            chance=lambda: 0.5,
            **how,
        )

    async def log(self, **which: Any) -> list[Delivery]:
        return await outgoing_deliveries.listed(self.db, self.company, **which)

    async def states(self) -> Sequence[str]:
        return [one.state for one in reversed(await self.log())]

    async def change(self, webhook: Webhook, **what: Any) -> Webhook:
        return await outgoing_webhooks.change(
            self.db, self.company, webhook.webhook_id, sender=self.sender, now=self.now, **what
        )
