"""`python -m benchmarks.models`: how fast a language model writes, and how often a template has to
stand in for one that misbehaves. The models are the fakes of tests/llm."""

import asyncio
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from vernis.adapters import schema
from vernis.adapters.embedded import running
from vernis.adapters.model_budget import Budget
from vernis.adapters.postgres import Database
from vernis.adapters.writer_model import ModelWriter
from vernis.decide.writing import message
from vernis.domain import Company, Locale
from vernis.stages import companies

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "llm"))

from clients import clients, salon
from fake_models import FakeGemini, FakeModel
from obedient import MISBEHAVIOUR, obedient
from wiring import provider_for

CLIENTS = 60


async def main() -> int:
    with tempfile.TemporaryDirectory(prefix="vernis-bench-") as folder:
        async with _company(Path(folder)) as (db, company):
            for turn in ("first, with the library's imports", "after that"):
                await _speed(db, company, turn)
            print("\n| the model | by template | why, most often |\n|---|---|---|")
            bad = 0
            for how in MISBEHAVIOUR:
                bad += await _share(db, company, how)
    print(f"\n{bad} messages went out that fail a check.")
    return 1 if bad else 0


@asynccontextmanager
async def _company(home: Path) -> AsyncIterator[tuple[Database, Company]]:
    with running(home, valkey=False) as servers:
        schema.ensure(servers.database_url)
        async with Database(servers.database_url) as db:
            values = {"timezone": "Europe/Moscow", "currency": "RUB", "country": "RU"}
            found = await companies.find_or_create(db, name="Лён", locale=Locale.RU, **values)
            yield db, salon(found)


async def _speed(db: Database, company: Company, turn: str) -> None:
    async with FakeGemini(script=obedient, delay=0.3) as fake, _writer(db, fake) as writer:
        started = time.monotonic()
        await writer.write(company, clients(100))
        seconds = time.monotonic() - started
        print(
            f"100 messages, answers in 0.3 s: {seconds:.1f} s, {len(fake.asked)} requests ({turn})"
        )


async def _share(db: Database, company: Company, how: str) -> int:
    """Print one line; how many texts went out that fail a check."""
    facts = clients(CLIENTS)
    async with db.tenant(company.company_id) as connection:
        await connection.execute("DELETE FROM model_status")
    async with FakeGemini(script=MISBEHAVIOUR[how]) as fake, _writer(db, fake) as writer:
        drafts = await writer.write(company, facts)
    whys = Counter(draft.fallback for draft in drafts if draft.fallback)
    share = sum(whys.values()) / len(drafts)
    why = whys.most_common(1)[0][0] if whys else ""
    print(f"| {how} | {share:.0%} | {why} |", flush=True)
    checked = zip(drafts, facts, strict=True)
    return sum(bool(message.problems(draft.text, one)) for draft, one in checked)


@asynccontextmanager
async def _writer(db: Database, fake: FakeModel) -> AsyncIterator[ModelWriter]:
    writer = ModelWriter([provider_for(fake, timeout_seconds=2)], Budget(db))
    try:
        yield writer
    finally:
        await writer.aclose()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
