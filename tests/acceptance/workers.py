"""Real `vernis up` processes, and a salon whose clients are due today."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

DEADLINE_SECONDS = 30.0


def until(happens: Callable[[], Any], what: str) -> Any:
    """What `happens` returns once it is true."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        if happened := happens():
            return happened
        time.sleep(0.1)
    raise AssertionError(f"never happened: {what}")


@dataclass
class Worker:
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    def is_up(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        return "worker=up" in self.log.read_text()

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(DEADLINE_SECONDS)


@dataclass
class House:
    """A data folder, a database, and the workers on them."""

    home: Path
    database_url: str
    redis_url: str
    workers: list[Worker] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.connection = psycopg.connect(self.database_url, autocommit=True)

    def report(self) -> dict[str, Any]:
        """What `vernis report` prints."""
        words = [sys.executable, "-c", "from vernis.cli import main; main()", "report", "--json"]
        done = subprocess.run(words, env=self._environment(), capture_output=True, check=True)
        printed: dict[str, Any] = json.loads(done.stdout)
        return printed

    def _environment(self, **settings: str) -> dict[str, str]:
        return os.environ | {
            "VERNIS_HOME": str(self.home),
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "VERNIS_SWEEP_SECONDS": "0.3",
            "VERNIS_HEARTBEAT_SECONDS": "0.5",
            "VERNIS_WEB": "0",  # several on one machine
            **settings,
        }

    def start(self, **settings: str) -> Worker:
        environment = self._environment(**settings)
        log = self.home / f"worker-{len(self.workers)}.log"
        with log.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, "-c", "from vernis.cli import main; main()", "up"],
                env=environment, cwd=self.home, stdout=file, stderr=subprocess.STDOUT,
            )  # fmt: skip
        worker = Worker(process, log)
        self.workers.append(worker)
        return worker

    def query(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """As the superuser: sees the rows of all companies."""
        cursor = self.connection.execute(statement, values)
        return cursor.fetchall() if cursor.description else []

    def states(self) -> Counter[str]:
        rows = self.query("SELECT state, count(*) FROM client_reactivation_history GROUP BY 1")
        return Counter(dict(rows))

    def outcome(self) -> dict[str, tuple[str, str]]:
        """Arm and state of each reactivation, by the client's key."""
        rows = self.query(
            "SELECT c.external_key, h.arm, h.state FROM client_reactivation_history h"
            " JOIN clients c USING (company_id, client_id)"
        )
        return {key: (arm, state) for key, arm, state in rows}

    def copies(self) -> Counter[str]:
        """How many campaign messages each phone got."""
        rows = self.query(
            "SELECT phone, count(*) FROM sandbox_messages WHERE direction = 'out' GROUP BY 1"
        )
        return Counter(dict(rows))

    def misbehave(self, **settings: int) -> None:
        for key, value in settings.items():
            self.query(
                "UPDATE accounts SET settings = settings || jsonb_build_object(%s::text, %s::int)",
                key, value,
            )  # fmt: skip

    def cut_connections(self) -> None:
        self.query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    def is_all_sent(self) -> bool:
        states = self.states()
        waiting = states["planned"] + states["written"] + states["claimed"]
        return bool(states["accepted"]) and not waiting


@contextmanager
def house(home: Path, database_url: str, redis_url: str) -> Iterator[House]:
    """Kills whatever still runs at the end."""
    built = House(home, database_url, redis_url)
    try:
        yield built
    finally:
        built.connection.close()
        for worker in built.workers:
            worker.process.kill()
            worker.process.wait()
            print(worker.log.read_text())  # shown where the test fails


# A salon where it is noon and no holiday: real time runs in these tests, whatever hour it is.
# Everybody came four times, 30 days apart, and is a week overdue.
SALON = """
INSERT INTO companies (company_id, name, timezone, currency, country, send_from, send_until,
                       plan_at, daily_cap, public_holidays)
VALUES (1, 'Лён', '{zone}', 'RUB', 'RU', '00:00', '23:59:59', '00:00', 10000, false);
INSERT INTO accounts (company_id, channel, name, gap_seconds, daily_limit)
VALUES (1, 'sandbox', 'sandbox', 0, 10000);
INSERT INTO services (company_id, service_id, title) VALUES (1, 1, 'Маникюр');
INSERT INTO clients (company_id, client_id, external_key, name, phone, phone_state)
SELECT 1, n, 'C' || n, 'Анна', (79990000000 + n)::text, 'valid' FROM generate_series(1, {n}) n;
INSERT INTO bookings (company_id, origin, external_key, client_id, service_id, on_date, state)
SELECT 1, 'crm', 'B' || n || '-' || visit, n, 1,
       (now() AT TIME ZONE '{zone}')::date - 37 - 30 * visit, 'completed'
FROM generate_series(1, {n}) n, generate_series(0, 3) visit;
"""


def open_salon(of: House, *, clients: int) -> None:
    hours_ahead = 12 - datetime.now(UTC).hour
    zone = f"Etc/GMT{-hours_ahead:+}" if hours_ahead else "Etc/GMT"  # these count westwards
    of.connection.execute(SALON.format(n=clients, zone=zone))
