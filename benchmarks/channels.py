"""Campaign messages through the Cloud channel into a server that answers at once.

Everything is real but Meta: one process claims, remembers the context in Valkey, calls and settles;
the fake Graph API of tests/channels runs in a process of its own on the same machine.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.house import House
from benchmarks.measure import Rate, seconds
from benchmarks.salon import PLANNED_ON
from vernis.adapters.channel_cloud import Cloud
from vernis.domain import Company
from vernis.stages import companies, planning, sending, writing

RUNS = 3
MESSAGES = 1_000
AT_LEAST = 300  # a second
FAKES = Path(__file__).parents[1] / "tests" / "channels"

_SERVE = """
import asyncio, sys
sys.path.insert(0, {fakes!r})
from fake_cloud import FIELDS, FakeCloud
async def main():
    tier = {{"messaging_limit_tier": "TIER_UNLIMITED"}}
    async with FakeCloud(number=FIELDS | tier) as fake:
        print(fake.base_url, flush=True)
        await asyncio.Event().wait()
asyncio.run(main())
"""
_ACCOUNT = """
UPDATE accounts SET channel = 'cloud', address = '106500000000001', gap_seconds = 0,
       daily_limit = 1000000, new_chats_limit = 1000000,
       settings = '{"template": {"name": "come_back", "language": "ru"}}'
"""


async def measure(house: House) -> Rate:
    app = house.app
    company = await companies.find(app.db, None)
    taken = []
    with graph_api() as base_url:
        cloud = Cloud(clock=app.clock, unseal=_sealed, token="EAAfake-token-of-the-tests",
                      base_url=base_url)  # fmt: skip
        async with house.bare() as connection:
            for _ in range(RUNS):
                await connection.execute("TRUNCATE client_reactivation_history CASCADE")
                await planning.store(
                    app.db, company, on=PLANNED_ON, now=app.clock(), hash_phone=app.hash_phone
                )
                await writing.write(app.db, company, app.writer, now=app.clock())
                await connection.execute(_ACCOUNT)
                await connection.execute("CHECKPOINT")
                taken.append(await seconds(lambda: _send(house, company, cloud)))
        await cloud.aclose()
        async with house.bare() as connection:
            await connection.execute("UPDATE accounts SET channel = 'sandbox'")
    return Rate(
        what=f"{MESSAGES:,} messages over the Cloud API, context in Valkey, one process",
        how="a fake Graph API that answers at once, beside it",
        count=MESSAGES,
        at_least=AT_LEAST,
        seconds=taken,
    )


async def _send(house: House, company: Company, cloud: Cloud) -> None:
    app = house.app
    sent = await sending.send(
        app.db,
        company,
        channels={"cloud": cloud},
        store=app.store,
        clock=app.clock,
        hash_phone=app.hash_phone,
    )
    assert sent == MESSAGES, sent


def _sealed(_: bytes, **__: int) -> str:
    raise AssertionError("no account has a token of its own")


@contextmanager
def graph_api() -> Iterator[str]:
    """The base URL of the fake."""
    words = [sys.executable, "-c", _SERVE.format(fakes=str(FAKES))]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()
