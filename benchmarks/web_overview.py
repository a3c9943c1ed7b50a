"""The overview's API: one process of `vernis web`, a salon of 10,000 clients and 100,000 visits.

Requests come at a steady rate whether the ones before are answered or not, and each is timed from
the moment at which it was due, so that waiting counts. Then 32 at a time, as fast as they are
answered. The client, the web and PostgreSQL share the machine. `python -m benchmarks.web_overview`
measures it alone.
"""

import asyncio
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlsplit

from benchmarks import house, importing
from benchmarks.house import House
from benchmarks.measure import Figure, Line, Rate, seconds, table
from vernis.domain import Company
from vernis.stages import api_keys, companies, intervals, overview

VERNIS = str(Path(sys.executable).with_name("vernis"))
A_SECOND, SECONDS, RUNS = 200, 10, 3
AT_ONCE, AT_MOST_MS = 32, 100
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)

# Three months of 40 messages a day and a holdout of a tenth, on clients who have come before.
HISTORY = """
INSERT INTO client_reactivation_history
    (company_id, client_id, plan_on, planned_at, arm, state, reason, attempt, campaign, phone,
     last_visit_date, inactive_days, interval_days, interval_source, confidence_score, due_on,
     message_text, claimed_at, message_sent_at, delivered_at, read_at, response_received,
     response_at, response_type)
SELECT d.company_id, d.client_id, on_day, on_day + time '10:00', arm,
       CASE arm WHEN 'contact' THEN 'read' ELSE 'held_out' END, 'due', 1, 'dormant_60', c.phone,
       d.last_visit_on, 40, d.interval_days, d.interval_source, 0.8,
       on_day - (n %% 40)::integer,
       CASE arm WHEN 'contact' THEN 'Здравствуйте!' END, sent, sent, sent, sent,
       coalesce(replied, false), CASE WHEN replied THEN sent END,
       CASE WHEN replied THEN 'positive' END
FROM (SELECT *, row_number() OVER (ORDER BY client_id) AS n FROM client_due_dates
      WHERE company_id = %(company)s ORDER BY client_id LIMIT 3600) AS d
JOIN clients c ON c.company_id = d.company_id AND c.client_id = d.client_id
CROSS JOIN LATERAL (SELECT current_date - (n / 40)::integer AS on_day,
                           CASE WHEN n %% 10 = 0 THEN 'holdout' ELSE 'contact' END AS arm) AS a
CROSS JOIN LATERAL (SELECT CASE arm WHEN 'contact' THEN on_day + time '11:00' END AS sent,
                           arm = 'contact' AND n %% 5 = 0 AS replied) AS b
WHERE c.phone IS NOT NULL
ON CONFLICT DO NOTHING
"""


async def measure(opened: House) -> list[Line]:
    company = await companies.find(opened.app.db, None)
    async with opened.bare() as connection:
        await connection.execute(HISTORY, {"company": company.company_id})
        await connection.execute("ANALYZE client_reactivation_history")
    with web(opened) as (address, pid):
        request = await asked(opened, company, address)
        await steady(request, address, lasting=2)
        before = _processor(pid)
        p99s = [await steady(request, address, lasting=SECONDS) for _ in range(RUNS)]
        each = (_processor(pid) - before) / (RUNS * SECONDS * A_SECOND) * 1000
        taken = [await flat_out(request, address, count=2_000) for _ in range(RUNS)]
    now = datetime.now(UTC)
    anew = [
        1000
        * await seconds(lambda: overview.overview(opened.app.db, company, on=now.date(), now=now))
        for _ in range(5)
    ]
    how = f"{A_SECOND} a second, {each:.1f} ms of a processor each"
    return [
        Figure(
            what="the overview's API, p99", measured=p99s, at_most=AT_MOST_MS, unit="ms", how=how
        ),
        Rate(
            what="the overview's API, one process",
            how=f"{AT_ONCE} at a time",
            count=2_000,
            at_least=A_SECOND,
            seconds=taken,
        ),
        Figure(what="the overview, read anew", measured=anew, at_most=150, unit="ms", how="alone"),
    ]


@contextmanager
def web(opened: House) -> Iterator[tuple[str, int]]:
    """The address of a `vernis web` over the house, and its process."""
    app = opened.app
    environment = os.environ | {
        "VERNIS_HOME": str(app.settings.home),
        "DATABASE_URL": app.database_url,
        "REDIS_URL": opened.redis_url,
    }
    with subprocess.Popen(
        [VERNIS, "web", "--port", "0"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip(), process.pid
        finally:
            process.terminate()


async def asked(opened: House, company: Company, address: str) -> bytes:
    """The whole request, as it goes over the wire."""
    _, key = await api_keys.create(
        opened.app.db,
        company,
        name="benchmark",
        scopes=["read"],
        requests_per_minute=api_keys.MOST_A_MINUTE,
        now=datetime.now(UTC),
    )
    path = f"/v1/companies/{company.company_id}/overview"
    host = urlsplit(address).netloc
    return f"GET {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {key}\r\n\r\n".encode()


async def steady(request: bytes, address: str, *, lasting: int) -> float:
    """The 99th percentile in milliseconds of requests that come at A_SECOND."""
    idle: asyncio.LifoQueue[_Wire] = asyncio.LifoQueue()
    for _ in range(AT_ONCE):
        idle.put_nowait(await _Wire.opened(address))
    taken: list[float] = []

    async def one(due: float) -> None:
        wire = await idle.get()
        await wire.ask(request)
        idle.put_nowait(wire)
        taken.append(time.perf_counter() - due)

    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for number in range(lasting * A_SECOND):
            due = began + number / A_SECOND
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            group.create_task(one(due))
    while not idle.empty():
        idle.get_nowait().close()
    return quantiles(taken, n=100)[98] * 1000


async def flat_out(request: bytes, address: str, *, count: int) -> float:
    """Seconds of so many requests, AT_ONCE at a time."""
    left = iter(range(count))

    async def one() -> None:
        wire = await _Wire.opened(address)
        for _ in left:
            await wire.ask(request)
        wire.close()

    began = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(AT_ONCE)))
    return time.perf_counter() - began


class _Wire:
    """A connection that stays open."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def opened(cls, address: str) -> "_Wire":
        where = urlsplit(address)
        return cls(*await asyncio.open_connection(where.hostname, where.port))

    async def ask(self, request: bytes) -> None:
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        assert head.startswith(b"HTTP/1.1 200"), head
        assert length is not None, head
        await self._reader.readexactly(int(length[1]))

    def close(self) -> None:
        self._writer.close()


def _processor(pid: int) -> float:
    """Seconds of a processor that a process has used."""
    import psutil

    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


async def _alone(home: Path) -> list[Line]:
    async with house.opened(home) as opened:
        await importing.import_salon(opened, opened.app.db)
        company = await companies.find(opened.app.db, None)
        now = opened.app.clock()
        await intervals.compute(opened.app.db, company, on=now.date(), now=now)
        return await measure(opened)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="vernis-bench-") as folder:
        print(table(asyncio.run(_alone(Path(folder)))))
