"""Rows of one company for tests that start from what the tables hold."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from vernis.domain import Company
from vernis.ports import Database


@dataclass
class Salon:
    db: Database
    company: Company
    _numbers: count = field(default_factory=lambda: count(1))

    def at(self, local: str) -> datetime:
        """An aware moment from company-local time, "2024-03-05 14:00"."""
        return datetime.fromisoformat(local).replace(tzinfo=self.company.zone)

    async def insert(self, table: str, key: str, **values: Any) -> Any:
        values = {"company_id": self.company.company_id, **values}
        names = ", ".join(values)
        marks = ", ".join(f"%({name})s" for name in values)
        statement = f"INSERT INTO {table} ({names}) VALUES ({marks}) RETURNING {key}"
        async with self.db.tenant(self.company.company_id) as connection:
            row = await (await connection.execute(statement, values)).fetchone()
        return row[0]

    async def execute(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        async with self.db.tenant(self.company.company_id) as connection:
            cursor = await connection.execute(statement, values)
            return await cursor.fetchall() if cursor.description else []

    async def client(self, name: str = "Анна", **values: Any) -> int:
        number = next(self._numbers)
        phone = {"phone": f"7999000{number:04}", "phone_state": "valid"}
        values = {"external_key": f"C{number}", "name": name} | phone | values
        return await self.insert("clients", "client_id", **values)

    async def booking(
        self, client_id: int, on: str, state: str = "completed", **values: Any
    ) -> int:
        """`starts` and `booked` are company-local moments."""
        for given, column in (("starts", "starts_at"), ("booked", "booked_at")):
            if given in values:
                values[column] = self.at(values.pop(given))
        values = {"origin": "crm", "external_key": f"B{next(self._numbers)}"} | values
        row = {"client_id": client_id, "on_date": date.fromisoformat(on), "state": state}
        return await self.insert("bookings", "booking_id", **row | values)

    async def contact(self, client_id: int, sent: str, **values: Any) -> int:
        """A message sent at a company-local moment, planned an hour before."""
        values = {"state": "accepted", "message_sent_at": self.at(sent)} | values
        return await self.reactivation(client_id, self.at(sent) - timedelta(hours=1), **values)

    async def held_out(self, client_id: int, planned: str, **values: Any) -> int:
        values = {"arm": "holdout", "state": "held_out", "reason": "holdout"} | values
        return await self.reactivation(client_id, self.at(planned), **values)

    async def reactivation(self, client_id: int, planned_at: datetime, **values: Any) -> int:
        plan_on = planned_at.astimezone(self.company.zone).date()
        last_visit = date.fromisoformat(values.pop("last_visit", "2024-01-10"))
        row = {
            "client_id": client_id,
            "plan_on": plan_on,
            "planned_at": planned_at,
            "arm": "contact",
            "state": "planned",
            "reason": "due",
            "attempt": 1,
            "campaign": "dormant_30",
            "phone": "79990000001",
            "last_visit_date": last_visit,
            "inactive_days": (plan_on - last_visit).days,
            "interval_days": 30,
            "interval_source": "personal",
            "confidence_score": 0.9,
            "due_on": last_visit + timedelta(days=30),
            "message_text": "Здравствуйте! Записать вас?",
        }
        return await self.insert("client_reactivation_history", "id", **row | values)

    async def conversion(self, reactivation_id: int) -> tuple[int | None, date | None, int | None]:
        """Booking, day of the visit and revenue of a reactivation."""
        rows = await self.execute(
            "SELECT booking_id, visit_on, revenue_minor FROM client_reactivation_history"
            " WHERE id = %s",
            reactivation_id,
        )
        return rows[0]
