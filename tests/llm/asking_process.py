"""A process of its own that asks as fast as it may: DATABASE_URL PORT SECONDS PER_MINUTE.

It says when it is ready, and begins when it is told to.
"""

import asyncio
import json
import sys
import time

from fake_models import KNOWN_MODEL, RIGHT_KEY

from vernis.adapters.model_budget import Budget, Refused
from vernis.adapters.model_providers import Answer, Provider
from vernis.adapters.postgres import Database
from vernis.config import ModelSettings
from vernis.decide.writing.prompt import CHECK, Prompt

# The minute of this test.
WINDOW = 0.7


class Plain(Provider):
    """Asks by hand: the budget is what is tested, and the library takes seconds to load."""

    port = 0

    async def ask(self, prompt: Prompt, count: int) -> Answer:
        said = [("system", prompt.system), ("user", prompt.user)]
        messages = [{"role": role, "content": text} for role, text in said]
        body = json.dumps({"model": KNOWN_MODEL, "messages": messages}).encode()
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(
            b"POST /v1/chat/completions HTTP/1.1\r\n"
            + f"authorization: Bearer {RIGHT_KEY}\r\ncontent-length: {len(body)}\r\n\r\n".encode()
            + body
        )
        assert b" 200 " in await reader.readline()
        writer.close()
        return Answer(messages=[], micro_usd=0)


async def main(database_url: str, port: int, seconds: float, per_minute: int) -> None:
    settings = ModelSettings(model=KNOWN_MODEL, api_key=RIGHT_KEY, requests_per_minute=per_minute)
    provider = Plain(settings)
    provider.port = port
    async with Database(database_url, size=4) as db:
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


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])))
