"""A million clients with ten million visits: all intervals anew, a day's plan, one visit.

A hundred salons of 10,000 clients, then one company of 1,000,000. The server makes the visits
itself: each client has a rhythm, and half of them have left by the end. The baseline exports the
same rows, reads them with Polars and computes the plain median of each client and of each
service; it stores nothing.
"""

import asyncio
import gc
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from typing import Any

import polars as pl
from psycopg import AsyncConnection

from benchmarks.house import House
from benchmarks.measure import Comparison, Figure, Line, seconds
from vernis.adapters.postgres import Database
from vernis.domain import Company
from vernis.stages import companies, intervals, planning

SALONS, CLIENTS, SERVICES = 100, 10_000, 12
LAST = date(2024, 6, 30)
SIDE_BY_SIDE = 2  # salons computed at once, as a worker does
RUNS = 1  # some minutes each
ROUNDS = 3  # plans of each salon
VISITS = 200  # single visits followed
LARGE = {"bookings", "clients", "client_due_dates", "client_reactivation_history"}

# A rhythm, a first day and a number of visits for each client; each visit strays by a fifth.
FILL = """
SELECT setseed(0.5);
SET session_replication_role = replica;
INSERT INTO companies (name, timezone, currency, country)
    SELECT 'Салон ' || n, 'Europe/Moscow', 'RUB', 'RU' FROM generate_series(1, :salons) AS n;
INSERT INTO services (company_id, service_id, title, standard_key)
    SELECT company_id, company_id * 100 + n, 'Услуга ' || n,
           (ARRAY['haircut_female', 'haircut_male', 'coloring', 'pedicure'])[n]
    FROM companies, generate_series(1, :services) AS n;
INSERT INTO clients (company_id, client_id, external_key, name, phone, phone_state)
    SELECT company_id, company_id * 1000000 + n, 'C' || n, 'Анна',
           '7999' || lpad(((company_id * :clients + n) % 10000000)::text, 7, '0'), 'valid'
    FROM companies, generate_series(1, :clients) AS n;
INSERT INTO bookings (company_id, origin, client_id, service_id, on_date, state, amount_minor)
    SELECT company_id, 'file', client_id, service_id, on_date, 'completed', 150000
    FROM (SELECT company_id, client_id, company_id * 100 + 1 + client_id % :services AS service_id,
                 first + round((n + 0.2 * (random() - 0.5)) * rhythm)::integer AS on_date
          FROM (SELECT company_id, client_id, 14 + 50 * random() * random() AS rhythm,
                       :last - (random() * 3 * 365)::integer AS first,
                       (2 + 20 * random())::integer AS visits
                FROM clients) AS lives, generate_series(0, visits) AS n) AS days
    WHERE on_date <= :last;
INSERT INTO client_reactivation_history
    (company_id, client_id, plan_on, planned_at, arm, state, reason, attempt, campaign, phone,
     last_visit_date, inactive_days, interval_days, interval_source, confidence_score, due_on,
     message_text)
    SELECT company_id, client_id, day, day, 'contact', 'read', 'due', 1, 'dormant_30', phone,
           day - 40, 40, 35, 'personal', 0.5, day - 5, 'Записать вас?'
    FROM (SELECT *, :last - 30 - (random() * 600)::integer AS day FROM clients
          WHERE client_id % 5 = 0) AS earlier;
SET session_replication_role = origin;
"""
# One company of a million: the clients of all, with what was computed for them.
UNITE = """
SET session_replication_role = replica;
INSERT INTO companies (company_id, name, timezone, currency, country, computed_on, daily_cap)
    VALUES (1000, 'Сеть', 'Europe/Moscow', 'RUB', 'RU', :last, 200);
INSERT INTO clients (company_id, client_id, external_key, name, phone, phone_state)
    SELECT 1000, client_id, client_id, name, phone, phone_state FROM clients;
INSERT INTO client_due_dates
    SELECT (jsonb_populate_record(d, '{"company_id": 1000, "service_id": null}')).*
    FROM client_due_dates d;
SET session_replication_role = origin;
"""
EXPORT = """
    COPY (SELECT client_id, service_id, on_date FROM bookings WHERE state = 'completed')
    TO '{path}' (FORMAT csv)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Million:
    house: House
    db: Database
    bare: AsyncConnection[tuple[Any, ...]]
    salons: Sequence[Company]

    @property
    def now(self) -> datetime:
        return datetime(LAST.year, LAST.month, LAST.day, 9, tzinfo=UTC)

    async def compute(self, on: date = LAST) -> None:
        """All salons, some side by side."""
        waiting = list(self.salons)

        async def one_after_another() -> None:
            while waiting:
                found = await intervals.compute(self.db, waiting.pop(), on=on, now=self.now)
                assert found > CLIENTS * 0.9, found

        await asyncio.gather(*(one_after_another() for _ in range(SIDE_BY_SIDE)))

    async def plan(self, company: Company) -> float:
        """Milliseconds of a day's plan, stored."""
        start = time.perf_counter()
        plan = await planning.store(
            self.db, company, on=LAST, now=self.now, hash_phone=self.house.app.hash_phone
        )
        assert len(plan.contacts) == company.daily_cap
        return (time.perf_counter() - start) * 1000

    async def forget_plans(self) -> None:
        await self.bare.execute(
            "DELETE FROM client_reactivation_history WHERE plan_on = %s", (LAST,)
        )


async def measure(house: House) -> list[Line]:
    async with _filled(house) as million:
        await million.compute(LAST - timedelta(days=7))  # last week's: the weekly job finds it
        ours, bare, read = [], [], []
        for _ in range(RUNS):
            ours.append(await seconds(million.compute))
            peak = getrusage(RUSAGE_SELF).ru_maxrss / 1024
            exported, computed = await _polars(million.bare)
            bare.append(exported + computed)
            read.append(computed)
            if not bare[1:]:
                memory = peak
            await million.bare.execute("UPDATE companies SET computed_on = NULL")
        print(f"million: {ours} s, Polars {bare} s", file=sys.stderr, flush=True)
        lines: list[Line] = [
            Comparison(
                what=f"all intervals of {SALONS} salons: 1,000,000 clients, 10,000,000 visits",
                against="Polars: export and read the same rows, plain medians",
                at_most=3,
                ours=ours,
                bare=bare,
            ),
            Figure(what="its memory", measured=[memory], at_most=4096, unit="MiB", how="peak RSS"),
        ]
        await _check_indexes(million)
        plans = await _plans(million)
        lines.append(
            Figure(
                what="a day's plan of one of them",
                measured=[plans[int(len(plans) * 0.99)]],
                at_most=50,
                unit="ms",
                how=f"99th percentile of {len(plans)}",
            )
        )
        visits = await _visits(million)
        lines.append(
            Figure(
                what="one new visit of one of them",
                measured=[visits[int(len(visits) * 0.99)]],
                at_most=5,
                unit="ms",
                how=f"99th percentile of {len(visits)}",
            )
        )
        lines.append(await _one_company(million))
        return lines


@asynccontextmanager
async def _filled(house: House) -> AsyncIterator[_Million]:
    async with house.empty_database("million") as db, house.bare("million") as bare:
        indexes = await _drop_indexes(bare)
        sizes = {"salons": SALONS, "clients": CLIENTS, "services": SERVICES}
        await _run(bare, FILL, sizes | {"last": f"'{LAST}'::date"})
        for index in indexes:
            await bare.execute(index)
        await bare.execute("VACUUM ANALYZE")
        salons = [await companies.get(db, number) for number in range(1, SALONS + 1)]
        yield _Million(house=house, db=db, bare=bare, salons=salons)


async def _run(bare: AsyncConnection[tuple[Any, ...]], text: str, values: dict[str, Any]) -> None:
    for name, value in values.items():
        text = text.replace(f":{name}", str(value))
    for statement in filter(str.strip, text.split(";\n")):
        await bare.execute(statement)


async def _drop_indexes(bare: AsyncConnection[tuple[Any, ...]]) -> list[str]:
    """Drop what would slow the filling down; how to make it again."""
    cursor = await bare.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'bookings'"
        " AND indexname <> 'bookings_pkey'"
    )
    indexes = dict(await cursor.fetchall())
    for name in indexes:
        await bare.execute(f"DROP INDEX {name}")
    return list(indexes.values())


async def _polars(bare: AsyncConnection[tuple[Any, ...]]) -> tuple[float, float]:
    """Seconds of the export, and of reading it and computing the medians."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)  # noqa: ASYNC240 (the server writes as another user)
        path = Path(folder) / "visits.csv"
        exported = await seconds(lambda: bare.execute(EXPORT.format(path=path)))

        async def medians() -> None:
            rows = pl.read_csv(
                path,
                has_header=False,
                new_columns=["client", "service", "day"],
                schema_overrides={"day": pl.Date},
            )
            gaps = rows.sort("client", "service", "day").select(
                "client",
                "service",
                days=pl.col("day").diff().dt.total_days().over("client", "service"),
            )
            assert gaps.group_by("client", "service").agg(pl.median("days")).height > CLIENTS
            assert gaps.group_by("service").agg(pl.median("days")).height == SALONS * SERVICES

        return exported, await seconds(medians)


async def _plans(million: _Million) -> list[float]:
    taken: list[float] = []
    for _ in range(ROUNDS):
        await million.forget_plans()
        gc.collect()
        taken += [await million.plan(company) for company in million.salons]
    await million.forget_plans()
    return sorted(taken)


async def _visits(million: _Million) -> list[float]:
    """Milliseconds from a stored visit to its client's new due date."""
    taken = []
    for number in range(VISITS):
        company = million.salons[number % SALONS]
        client = company.company_id * 1_000_000 + 1 + number
        await million.bare.execute(
            "INSERT INTO bookings (company_id, origin, client_id, service_id, on_date, state)"
            " VALUES (%s, 'file', %s, %s, %s, 'completed')",
            (company.company_id, client, company.company_id * 100 + 1, LAST + timedelta(days=1)),
        )
        start = time.perf_counter()
        await intervals.follow(
            million.db, company, [client], on=LAST + timedelta(days=1), now=million.now
        )
        taken.append((time.perf_counter() - start) * 1000)
    return sorted(taken)


async def _one_company(million: _Million) -> Figure:
    await _run(million.bare, UNITE, {"last": f"'{LAST}'"})
    await million.bare.execute("VACUUM ANALYZE clients, client_due_dates")
    company = await companies.get(million.db, 1000)
    taken = []
    for _ in range(ROUNDS):
        await million.forget_plans()
        taken.append(await million.plan(company) / 1000)
    return Figure(
        what="a day's plan of a company with 1,000,000 clients",
        measured=taken,
        at_most=2,
        unit="s",
        how=f"median of {ROUNDS}",
    )


async def _check_indexes(million: _Million) -> None:
    """What the plan reads, it reads by indexes: else the benchmark stops here."""
    company = million.salons[0].company_id
    values = {
        "company_id": company,
        "on": LAST,
        "now": million.now,
        "gone_before": LAST - timedelta(days=365),
        "recently": million.now - timedelta(days=7),
        "timezone": "Europe/Moscow",
    }
    async with million.db.tenant(company) as connection:
        cursor = await connection.execute(planning.sql.due.sql, values)
        ((due,),) = await cursor.fetchall()
        values["clients"] = due[: planning.BLOCK]
        for name in ("due", "candidates"):
            query = getattr(planning.sql, name).sql
            cursor = await connection.execute(f"EXPLAIN (FORMAT json) {query}", values)
            ((found,),) = await cursor.fetchall()
            whole = [
                one["Relation Name"] for one in _nodes(found) if one["Node Type"] == "Seq Scan"
            ]
            assert not LARGE & set(whole), f"{name} reads all of {whole}"


def _nodes(plan: Any) -> Iterator[dict[str, Any]]:
    for one in plan if isinstance(plan, list) else [plan]:
        if "Node Type" in one:
            yield one
        for below in (one.get("Plan"), one.get("Plans")):
            if below:
                yield from _nodes(below)
