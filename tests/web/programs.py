"""A web that runs, and a program that asks it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
from salon_rows import Salon

from vernis.app import App
from vernis.domain import Company
from vernis.web import server

ANNA = "79000000001"
SENT = "2024-03-31 12:00"  # the day before `clock`


@dataclass
class Program:
    """A program with a key, as the company's own assistant has one."""

    client: httpx2.AsyncClient
    company: Company
    key: str | None
    salon: Salon
    clock: Any
    store: Any
    numbers: dict[str, int] = field(default_factory=dict)

    async def ask(self, route: str, *, company: int | None = None, **body: Any) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {self.key}"} if self.key is not None else {}
        path = f"/v1/companies/{company or self.company.company_id}/assistants/{route}"
        return await self.client.post(path, json=body, headers=headers)

    async def told(self, route: str, **body: Any) -> dict[str, Any]:
        response = await self.ask(route, **body)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    async def refused(self, route: str, **body: Any) -> tuple[int, str]:
        """Status and code of the problem; that it is one is checked on the way."""
        response = await self.ask(route, **body)
        problem = response.json()
        assert response.headers["content-type"] == "application/problem+json"
        assert problem["status"] == response.status_code
        assert problem["detail"].endswith(".")
        return response.status_code, problem["code"]

    async def replies(self, text: str, **values: Any) -> dict[str, Any]:
        number = self.numbers["reply"] = self.numbers.get("reply", 0) + 1
        body = {"phone": ANNA, "message_id": f"in-{number}", "text": text}
        return await self.told("replies", **body | values)

    async def written_to(self, phone: str = ANNA, **values: Any) -> int:
        """A client who got a message yesterday; the reactivation."""
        rows = await self.salon.execute("SELECT client_id FROM clients WHERE phone = %s", phone)
        client = rows[0][0] if rows else await self.salon.client("Анна", phone=phone)
        sent = self.salon.at(values.pop("sent", SENT))
        values = {"claimed_at": sent, "message_sent_at": sent, "phone": phone} | values
        values.setdefault("last_visit", "2024-02-15")
        return await self.salon.contact(client, f"{sent:%Y-%m-%d %H:%M}", **values)

    async def history(self, id_: int, *columns: str) -> tuple[Any, ...]:
        rows = await self.salon.execute(
            f"SELECT {', '.join(columns)} FROM client_reactivation_history WHERE id = %s", id_
        )
        return rows[0]

    async def pending(self, phone: str = ANNA) -> Any:
        return await self.store.pending_action(self.company.company_id, phone)

    @property
    def redis(self) -> Any:
        return self.store._client


@asynccontextmanager
async def served(app: App) -> AsyncIterator[str]:
    """The address of a running web; stopped as a signal stops it."""
    listening = server.bind("127.0.0.1", 0)
    stop = asyncio.Event()

    async def stopped() -> None:
        await stop.wait()

    serving = asyncio.create_task(server.serve(app, stopped, listening=listening))
    try:
        yield server.address(listening)
    finally:
        stop.set()
        await serving
