"""A program with a key of some scopes that asks the REST API."""

from dataclasses import dataclass, replace
from typing import Any

import httpx2
from salon_rows import Salon

from vernis.app import App
from vernis.domain import Company
from vernis.stages import api_keys

ALL = ["admin", "assistants", "messages", "read", "settings", "write"]


@dataclass
class Rest:
    client: httpx2.AsyncClient
    app: App
    company: Company
    key: str
    salon: Salon

    async def ask(
        self, method: str, path: str, *, key: str | None = None, once: str | None = None, **how: Any
    ) -> httpx2.Response:
        """`path` below the company's; `once` is an Idempotency-Key."""
        headers = {"Authorization": f"Bearer {key or self.key}"}
        headers |= {"Idempotency-Key": once} if once is not None else {}
        address = f"/v1/companies/{self.company.company_id}{path}"
        return await self.client.request(method, address, headers=headers, **how)

    async def told(self, method: str, path: str, **how: Any) -> Any:
        response = await self.ask(method, path, **how)
        assert response.status_code in (200, 201, 202), response.text
        return response.json()

    async def get(self, path: str, **params: Any) -> Any:
        return await self.told("GET", path, params=params)

    async def refused(self, method: str, path: str, **how: Any) -> tuple[int, str]:
        """Status and code of the problem; that it is one is checked on the way."""
        response = await self.ask(method, path, **how)
        assert response.headers["content-type"] == "application/problem+json", response.text
        problem = response.json()
        assert problem["status"] == response.status_code
        assert problem["detail"].endswith(".")
        return response.status_code, problem["code"]

    async def with_scopes(self, *scopes: str) -> "Rest":
        return replace(self, key=await new_key(self.app, self.company, scopes))


async def new_key(app: App, company: Company, scopes: Any = ALL) -> str:
    _, text = await api_keys.create(
        app.db,
        company,
        name="a program",
        scopes=list(scopes),
        requests_per_minute=api_keys.MOST_A_MINUTE,
        now=app.clock(),
    )
    return text
