"""A sender whose day is short: `python pacer.py` claims and sends in a loop until it is killed.

Real claims in a real PostgreSQL, by a clock that all senders share and that runs faster than ours:
its beginning and its speed come from the environment.
"""

import asyncio
import os
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from vernis.adapters.postgres import Database
from vernis.domain import Abilities, Account, Connected, ConnectionState, Outgoing, Receipt
from vernis.stages import companies, sending

BEGAN = float(os.environ["PACE_BEGAN"])  # unix seconds
SPEED = float(os.environ["PACE_SPEED"])
FIRST = datetime.fromisoformat(os.environ["PACE_FIRST"])


def clock() -> datetime:
    return FIRST + timedelta(seconds=(time.time() - BEGAN) * SPEED)


class Taking:
    """A channel that takes everything at once."""

    name = "baileys"
    abilities = Abilities(human_pace=True)

    def message_id(self, account: Account, message: Outgoing) -> None:
        return None

    async def send(self, account: Account, message: Outgoing) -> Receipt:
        return Receipt(provider_message_id=f"wa-{message.key}", accepted_at=clock())

    async def look_up(self, account: Account, phones: Sequence[str]) -> dict[str, bool]:
        return {}

    async def connection(self, account: Account) -> Connected:
        return Connected(state=ConnectionState.CONNECTED)

    async def aclose(self) -> None:
        return


class Forgetting:
    """A Redis that is not needed here."""

    async def remember(self, contexts: object, *, only_if_absent: bool = False) -> None:
        return


async def _send() -> None:
    channel = Taking()
    async with Database(os.environ["DATABASE_URL"], size=2) as db:
        company = await companies.get(db, int(os.environ["PACE_COMPANY"]))
        while True:
            sent = await sending.send(
                db,
                company,
                channels={channel.name: channel},
                store=Forgetting(),  # type: ignore[arg-type]
                clock=clock,
                hash_phone=lambda phone: phone.encode().rjust(32),
            )
            if not sent:
                await asyncio.sleep(0.005)


def main() -> None:
    asyncio.run(_send())


if __name__ == "__main__":
    main()
