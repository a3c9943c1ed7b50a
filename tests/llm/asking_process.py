"""A process of its own that asks as fast as it may: DATABASE_URL BASE_URL SECONDS PER_MINUTE.

It says when it is ready, and begins when it is told to.
"""

import asyncio
import sys
import time

from fake_models import KNOWN_MODEL, RIGHT_KEY

from vernis.adapters.model_budget import Budget, Refused
from vernis.adapters.model_providers import Provider
from vernis.adapters.postgres import Database
from vernis.config import ModelSettings
from vernis.decide.prompt import CHECK

# The minute of this test.
WINDOW = 0.7


async def main(database_url: str, base_url: str, seconds: float, per_minute: int) -> None:
    settings = ModelSettings(
        model=KNOWN_MODEL, api_key=RIGHT_KEY, base_url=base_url, requests_per_minute=per_minute
    )
    provider = Provider(settings)
    async with Database(database_url, size=4) as db:
        await provider.ask(CHECK, 1)  # loads the library
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.readline)
        budget = Budget(db, minute=WINDOW)

        async def ask_on() -> None:
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                try:
                    await budget.check(provider, CHECK)
                except Refused:
                    await asyncio.sleep(0.01)

        await asyncio.gather(ask_on(), ask_on(), ask_on())
        await provider.aclose()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4])))
