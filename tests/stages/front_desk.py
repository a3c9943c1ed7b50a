"""A salon with one master, a client who was written to, and a receptionist."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from outbox import hash_phone
from salon_rows import Salon

from vernis.adapters.crm_calendar import Calendar
from vernis.domain import Inbound
from vernis.stages import answering, reception
from vernis.stages.receiving import Stored, receive

MONDAY = datetime(2024, 4, 1, 9, tzinfo=UTC)  # noon in Moscow


class Desk:
    """A salon with one master, a client who was written to, and a receptionist."""

    def __init__(self, salon: Salon, store, clock):
        self.salon, self.store, self.clock = salon, store, clock
        self.crm = Calendar(salon.db, clock)
        self.number = 0

    async def furnish(self) -> "Desk":
        salon = self.salon
        self.staff = await salon.insert("staff", "staff_id", external_key="анна", name="Анна")
        for weekday in range(1, 7):
            hours = {"weekday": weekday, "opens": time(10), "closes": time(19)}
            await salon.insert("staff_hours", "staff_id", staff_id=self.staff, **hours)
        self.service = await salon.insert(
            "services", "service_id", title="Маникюр", price_minor=200_000, duration_minutes=60
        )
        rows = await salon.execute("SELECT account_id FROM accounts")
        self.account = rows[0][0]
        self.client, self.phone, self.reactivation = await self.written_to()
        return self

    async def written_to(self) -> tuple[int, str, int]:
        salon = self.salon
        client = await salon.client("Мария")
        ((phone,),) = await salon.execute("SELECT phone FROM clients WHERE client_id = %s", client)
        id_ = await salon.contact(
            client,
            "2024-04-01 11:00",
            phone=phone,
            claimed_at=salon.at("2024-04-01 11:00"),
            last_service_id=self.service,
            account_id=self.account,
        )
        return client, phone, id_

    async def receives(self, text: str | None = None, **values: Any) -> Stored:
        """One message arrives; `id` is the provider's, for edits and deletions of it."""
        self.number += 1
        inbound = {
            "account_id": self.account,
            "provider_message_id": values.pop("id", f"in-{self.number}"),
            "received_at": self.clock(),
            "phone": self.phone,
            "text": text,
        }
        return await receive(
            self.salon.db,
            self.salon.company,
            Inbound(**inbound | values),
            now=self.clock(),
            hash_phone=hash_phone,
        )

    async def hears(self, *texts: str | None, **values: Any) -> int:
        """Store messages without handling them; the dialog's id."""
        stored = [await self.receives(text, **values) for text in texts]
        return stored[-1].dialog_id

    async def handles(self, dialog_id: int, crm=None):
        return await reception.handle(
            self.salon.db,
            self.salon.company,
            dialog_id=dialog_id,
            crm=crm or self.crm,
            store=self.store,
            clock=self.clock,
            hash_phone=hash_phone,
        )

    async def says(self, *texts: str | None, **values: Any):
        return await self.handles(await self.hears(*texts, **values))

    async def is_due(self, client: int, last_visit: date, **values: Any) -> None:
        """What the intervals found of a client who came to the master of this desk."""
        row = {
            "client_id": client,
            "service_id": self.service,
            "staff_id": self.staff,
            "first_on": last_visit,
            "last_visit_on": last_visit,
            "interval_days": 20,
            "low_days": 15,
            "high_days": 25,
            "due_on": last_visit + timedelta(20),
            "opens_on": last_visit,
            "interval_source": "personal",
            "confidence": 0.9,
            "visit_count": 3,
            "spent_minor": 600_000,
        }
        await self.salon.insert("client_due_dates", "client_id", **row | values)

    async def person_says(self, text: str, **values: Any) -> Stored:
        """One of the salon writes from the salon's own phone."""
        return await self.receives(text, kind="staff", **values)

    async def answers_leave(self, channel: Any) -> int:
        return await answering.answer(
            self.salon.db,
            self.salon.company,
            channels={channel.name: channel},
            clock=self.clock,
        )

    async def dialog(self, what: str) -> Any:
        rows = await self.salon.execute(f"SELECT {what} FROM dialogs ORDER BY dialog_id LIMIT 1")
        return rows[0]

    async def bookings(self) -> list[tuple[int, str, datetime]]:
        """Client, state and company-local start of each, in the order they were made."""
        rows = await self.salon.execute(
            "SELECT client_id, state, starts_at FROM bookings ORDER BY booking_id"
        )
        zone = self.salon.company.zone
        return [(client, state, at.astimezone(zone)) for client, state, at in rows]

    def settle(self, **settings: Any) -> None:
        """The owner sets something."""
        self.salon.company = replace(self.salon.company, **settings)

    async def row(self, what: str, id_: int | None = None):
        rows = await self.salon.execute(
            f"SELECT {what} FROM client_reactivation_history WHERE id = %s",
            id_ or self.reactivation,
        )
        return rows[0]
