"""Where chaos happens: a database, processes of Vernis that may die at any moment, two salons."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import psycopg
from town import BUSINESS, LOGIN, NUMBER

VICTIM = Path(__file__).with_name("victim.py")
CLOUD, BRIDGE = 1, 2  # the companies


class Process(Protocol):
    pid: int

    def poll(self) -> int | None: ...
    def send_signal(self, sig: int, /) -> None: ...
    def kill(self) -> None: ...
    def wait(self) -> int: ...


@dataclass
class Child:
    """A process of Vernis: `up` or `web`."""

    words: tuple[str, ...]
    environment: dict[str, str]
    program: Path
    process: Process
    log: Path

    @property
    def is_dead(self) -> bool:
        return self.process.poll() is not None


@dataclass
class Forked:
    """A process that `victim.fork_on_demand` made; nobody waits for it when it is dead."""

    pid: int

    def poll(self) -> int | None:
        return None if Path(f"/proc/{self.pid}").exists() else 0

    def send_signal(self, sig: int, /) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, sig)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def wait(self) -> int:
        while self.poll() is None:
            time.sleep(0.005)
        return 0


@dataclass
class Ground:
    """One database and one Redis. Everything that was started here ends with it."""

    folder: Path
    database_url: str
    redis_url: str
    children: list[Child] = field(default_factory=list)
    started: int = 0
    mother: "subprocess.Popen[str] | None" = None  # who forks, where starts must be cheap

    def __post_init__(self) -> None:
        self.connection = psycopg.connect(self.database_url, autocommit=True)

    def query(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """As the superuser: sees the rows of all companies."""
        cursor = self.connection.execute(statement, values)
        return cursor.fetchall() if cursor.description else []

    # --- processes ------------------------------------------------------------------------------

    def start(self, *words: str, program: Path = VICTIM, **settings: str) -> Child:
        environment = os.environ | {
            "VERNIS_HOME": str(self.folder),
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "CHAOS_DIR": str(self.folder),
            "VERNIS_WEB": "0",  # it has a process of its own
            **settings,
        }
        return self._run(words, environment, program)

    def _run(self, words: tuple[str, ...], environment: dict[str, str], program: Path) -> Child:
        log = self.folder / f"{words[0]}-{self.started}.log"
        self.started += 1
        if self.mother is not None:
            process: Process = self._forked(words, environment, log)
        else:
            with log.open("wb") as file:
                process = subprocess.Popen(
                    [sys.executable, str(program), *words],
                    env=environment, cwd=self.folder, stdout=file, stderr=subprocess.STDOUT,
                )  # fmt: skip
        child = Child(words, environment, program, process, log)
        self.children.append(child)
        return child

    def _forked(self, words: tuple[str, ...], environment: dict[str, str], log: Path) -> Forked:
        assert self.mother is not None
        assert self.mother.stdin is not None
        assert self.mother.stdout is not None
        ours = {k: v for k, v in environment.items() if os.environ.get(k) != v}
        wanted = {"words": words, "environment": ours, "log": str(log)}
        self.mother.stdin.write(json.dumps(wanted) + "\n")
        self.mother.stdin.flush()
        return Forked(int(self.mother.stdout.readline()))

    def again(self, dead: Child) -> Child:
        """What systemd does with Restart=always."""
        self.children.remove(dead)
        return self._run(dead.words, dead.environment, dead.program)

    def dead(self) -> list[Child]:
        """Those that were killed. Raises AssertionError where one ended by itself."""
        dead = [child for child in self.children if child.is_dead]
        for child in dead:
            if child.process.poll() not in {-signal.SIGKILL, 0}:
                raise AssertionError(f"{child.words} ended: {child.log.read_text()[-2000:]}")
        return dead

    def end(self) -> None:
        for child in self.children:
            child.process.kill()
        for child in self.children:
            child.process.wait()
        self.connection.close()

    # --- killing --------------------------------------------------------------------------------

    def arm(self, point: str, after: int) -> None:
        """Whoever comes to this point next, after so many passages of its own, dies there."""
        new = self.folder / "arming"
        new.write_text(f"{point}\t{after} {uuid4().hex}")  # the text names this arming
        new.rename(self.folder / "armed")

    def has_struck(self) -> bool:
        return not (self.folder / "armed").exists()

    # --- the salons -----------------------------------------------------------------------------

    def open_salons(self) -> None:
        """One on the Cloud API, one on the bridge; both are open around this hour and without
        limits of pace."""
        noonish = (12 - datetime.now(UTC).hour + 11) % 24 - 11
        self.connection.execute(
            SALONS.format(
                zone=f"Etc/GMT{-noonish:+d}",
                cloud=CLOUD, bridge=BRIDGE, number=NUMBER, business=BUSINESS, login=LOGIN,
            )
        )  # fmt: skip

    def write(self, company: int, count: int) -> None:
        """So many clients more, each with a message that may leave now."""
        values = {"company": company, "count": count, "prefix": f"79{company:02}"}
        with self.connection.transaction():
            self.connection.execute(MESSAGES, values)

    def states(self) -> dict[str, int]:
        return dict(
            self.query("SELECT state, count(*) FROM client_reactivation_history GROUP BY 1")
        )

    def answers(self) -> dict[str, int]:
        found = self.query(
            "SELECT direction || ' ' || state, count(*) FROM messages GROUP BY 1 ORDER BY 1"
        )
        return dict(found)

    def is_settled(self) -> bool:
        """Whether nothing waits to be sent, handled or answered."""
        ((waiting,),) = self.query(
            "SELECT (SELECT count(*) FROM client_reactivation_history"
            "        WHERE state IN ('planned', 'written', 'claimed'))"
            " + (SELECT count(*) FROM messages WHERE state IN ('received', 'written', 'claimed'))"
        )
        return waiting == 0


SALONS = """
INSERT INTO companies (company_id, name, timezone, currency, country, send_from, send_until,
                       plan_at, daily_cap, planned_on, computed_on, consent_basis, consent_basis_on,
                       public_holidays)
SELECT id, name, '{zone}', 'RUB', 'RU', '00:00', '23:59', '00:00', 10000,
       now()::date + 30, now()::date + 30, 'a form signed at the first visit', '2023-01-01', false
FROM (VALUES ({cloud}, 'Лён'), ({bridge}, 'Клён')) AS t (id, name);
INSERT INTO accounts (company_id, account_id, channel, name, address, business, gap_seconds,
                      daily_limit, new_chats_limit, settings, judged_since)
VALUES ({cloud}, 1, 'cloud', 'cloud', '{number}', '{business}', 0, 100000, 100000,
        '{{"template": {{"name": "come_back", "language": "ru"}}}}', '9000-01-01'),
       ({bridge}, 2, 'baileys', 'bridge', '{login}', NULL, 0, 100000, 100000, '{{}}', '9000-01-01');
INSERT INTO services (company_id, service_id, title)
VALUES ({cloud}, 1, 'Маникюр'), ({bridge}, 2, 'Маникюр');
"""

MESSAGES = """
WITH new AS (
    INSERT INTO clients (company_id, external_key, name, phone, phone_state)
    SELECT %(company)s, 'C' || n, 'Анна', %(prefix)s || (1000000 + n), 'valid'
    FROM (SELECT count(*) AS before FROM clients WHERE company_id = %(company)s) AS c,
         generate_series(before + 1, before + %(count)s) AS n
    RETURNING company_id, client_id, phone)
INSERT INTO client_reactivation_history
    (company_id, client_id, phone, plan_on, planned_at, arm, state, reason, attempt, campaign,
     last_visit_date, inactive_days, interval_days, interval_source, confidence_score, due_on,
     message_text, account_id, send_after, deadline)
SELECT n.company_id, n.client_id, n.phone, now()::date, now(), 'contact', 'written', 'due', 1,
       'dormant_30', now()::date - 40, 40, 30, 'personal', 0.9, now()::date - 10,
       'Анна, ждём вас на маникюр.', a.account_id, now() - interval '1 min', now() + interval '6 h'
FROM new n JOIN accounts a USING (company_id)
"""


@contextmanager
def mother() -> "Iterator[subprocess.Popen[str]]":
    """A process that has imported everything, to be forked."""
    with subprocess.Popen(
        [sys.executable, str(VICTIM), "fork"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        yield process


@contextmanager
def ground(
    folder: Path,
    database_url: str,
    redis_url: str,
    mother: "subprocess.Popen[str] | None" = None,
) -> Iterator[Ground]:
    built = Ground(folder, database_url, redis_url, mother=mother)
    try:
        yield built
    finally:
        built.end()


@contextmanager
def own_ground(folder: Path) -> Iterator[Ground]:
    """On durable servers of its own, as `make chaos` runs."""
    from vernis.adapters import schema
    from vernis.adapters.embedded import running

    folder.mkdir(parents=True, exist_ok=True)
    with running(folder / "servers") as servers:
        schema.ensure(servers.database_url)
        with ground(folder, servers.database_url, servers.redis_url) as built:
            yield built


async def until(happens: Callable[[], Any], what: str, *, seconds: float = 60.0) -> float:
    """Seconds until it is true."""
    import asyncio

    began = time.monotonic()
    while time.monotonic() - began < seconds:
        if happens():
            return time.monotonic() - began
        await asyncio.sleep(0.02)
    raise AssertionError(f"never happened: {what}")


def tally(values: Any) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(Counter(values).items()))
