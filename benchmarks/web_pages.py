"""The owner's pages: `vernis web` in a process of its own, 10,000 clients and 100,000 visits.

Each page is asked for once, so that templates and plans are there, then timed: the whole request,
as somebody alone on the pages would wait for it. `python -m benchmarks.web_pages`: this alone.
"""

import asyncio
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx2

from benchmarks import house, importing, web_overview
from benchmarks.house import House
from benchmarks.measure import Figure, Line, table
from vernis.domain import Company
from vernis.stages import companies, intervals, members, users
from vernis.stages.auditing import Who
from vernis.stages.members import Role
from vernis.web.security import forms

TIMES, AT_MOST_MS = 7, 150
PAGES = {
    "overview": "/",
    "overview, all time": "/?days=all",
    "report": "/report",
    "plan": "/plan",
    "dialogs": "/dialogs",
    "clients": "/clients",
    "clients by due day": "/clients?sort=due",
    "clients found by name": "/clients?q=анна",
    "one client": "/clients/{client}",
    "services": "/services",
    "one service": "/services/{service}",
    "settings": "/settings",
    "accounts": "/settings/accounts",
    "audit log": "/settings/audit",
}


async def measure(opened: House) -> list[Line]:
    company = await companies.find(opened.app.db, None)
    client, service = await _somebody(opened, company)
    with web_overview.web(opened) as (address, _):
        cookies = {forms.SESSION: await _session(opened, company)}
        async with httpx2.AsyncClient(
            base_url=address, cookies=cookies, trust_env=False, timeout=60
        ) as visitor:
            lines = []
            for name, path in PAGES.items():
                whole = f"/c/{company.company_id}{path}".format(client=client, service=service)
                taken = [await _asked(visitor, whole) for _ in range(TIMES + 1)][1:]
                lines.append(
                    Figure(
                        what=f"page: {name}",
                        measured=taken,
                        at_most=AT_MOST_MS,
                        unit="ms",
                        how="the whole request, alone",
                    )
                )
    return lines


async def _asked(visitor: httpx2.AsyncClient, path: str) -> float:
    """Milliseconds until the whole page is there."""
    began = time.perf_counter()
    answer = await visitor.get(path, headers={"accept": "text/html"})
    assert answer.status_code == 200, (path, answer.status_code)
    return (time.perf_counter() - began) * 1000


async def _session(opened: House, company: Company) -> str:
    db, now = opened.app.db, datetime.now(UTC)
    user = await users.create(db, login="benchmark", now=now)
    await members.join(db, company, user, Role.OWNER, who=Who(), now=now)
    return await users.open_session(db, user, browser="", now=now)


async def _somebody(opened: House, company: Company) -> tuple[int, int]:
    """A client, and the service that most clients are due for."""
    async with opened.bare() as connection:
        cursor = await connection.execute(
            "SELECT min(client_id), mode() WITHIN GROUP (ORDER BY service_id)"
            " FROM client_due_dates WHERE company_id = %s",
            (company.company_id,),
        )
        row = await cursor.fetchone()
    assert row is not None
    return row[0], row[1]


async def _alone(home: Path) -> list[Line]:
    async with house.opened(home) as opened:
        await importing.import_salon(opened, opened.app.db)
        company = await companies.find(opened.app.db, None)
        now = datetime.now(UTC)
        await intervals.compute(opened.app.db, company, on=now.date(), now=now)
        async with opened.bare() as connection:
            await connection.execute(web_overview.HISTORY, {"company": company.company_id})
            await connection.execute("ANALYZE")
        return await measure(opened)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="vernis-bench-") as folder:
        print(table(asyncio.run(_alone(Path(folder)))))
