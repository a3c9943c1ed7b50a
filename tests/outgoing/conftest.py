import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.outgoing.receiver import Receiver
from tests.outgoing.telling import Teller

from vernis.adapters.postgres import Database
from vernis.adapters.sealing import Sealer
from vernis.adapters.webhook_sender import WebhookSender
from vernis.domain import Company

sys.path.append(str(Path(__file__).parents[1] / "stages"))  # for `front_desk`


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver() as one:
        yield one


@pytest.fixture
async def sender() -> AsyncIterator[WebhookSender]:
    """One that may call the loopback."""
    one = WebhookSender(private=True, seconds=5)
    yield one
    await one.aclose()


@pytest.fixture
def sealer() -> Sealer:
    return Sealer("a secret of tests")


@pytest.fixture
def teller(
    db: Database, company: Company, sender: WebhookSender, sealer: Sealer, clock: object
) -> Teller:
    return Teller(db=db, company=company, sender=sender, sealer=sealer, clock=clock)
