"""A front desk with a language model beside it: a real calendar, a model that is a script."""
# ruff: noqa: E402 (the folders of the other tests come first)

import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

for _folder in ("stages", "llm"):  # the salon of the one, the servers of the other
    sys.path.insert(0, str(Path(__file__).parent.parent / _folder))

from fake_models import FakeModel, Script
from front_desk import MONDAY, Desk
from helped_desk import HelpedDesk
from salon_rows import Salon
from talking_models import TalkingGemini
from wiring import settings_for

from vernis.adapters.assistant_model import ModelAssistant
from vernis.adapters.model_budget import Budget


@pytest.fixture
async def desk(db, company, store, clock):
    clock.now = MONDAY
    return await Desk(Salon(db, company), store, clock).furnish()


@pytest.fixture
async def helped(desk) -> AsyncIterator[Any]:
    """`helped(script)`: the desk with a model beside it that does as the script says."""
    async with AsyncExitStack() as stack:

        async def help_by(
            script: Script,
            *,
            speaks: bool = True,
            kind: type[FakeModel] = TalkingGemini,
            seconds: float = 20,
            delay: float = 0,
            **settings: Any,
        ) -> HelpedDesk:
            fake = await stack.enter_async_context(kind(script=script, delay=delay))
            one = settings_for(fake, **settings)
            assistant = ModelAssistant([one], Budget(desk.salon.db), seconds=seconds, speaks=speaks)
            stack.push_async_callback(assistant.aclose)
            return HelpedDesk(desk, assistant, fake)

        yield help_by
