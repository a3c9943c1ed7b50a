"""Every channel keeps the contract."""

from collections.abc import AsyncIterator

import pytest
from contract import ChannelContract, Rig, Sending, Standing
from rigs import WIRED, cloud_conversation_rig, sandbox_rig

from vernis.adapters.postgres import Database
from vernis.domain import Company


class TestWiredChannels(ChannelContract):
    """Those with a server behind them, each before its fake."""

    @pytest.fixture(params=WIRED)
    async def rig(self, request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
        async with WIRED[request.param]() as rig:
            yield rig


class TestCloudInAConversation(Sending):
    @pytest.fixture
    async def rig(self) -> AsyncIterator[Rig]:
        async with cloud_conversation_rig() as rig:
            yield rig


class TestSandbox(Sending, Standing):
    """It refuses and loses by its account's settings (tests/stages), and has no webhooks."""

    @pytest.fixture
    async def rig(self, db: Database, company: Company) -> AsyncIterator[Rig]:
        async with sandbox_rig(db, company) as rig:
            yield rig
