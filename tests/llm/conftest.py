"""Nothing here, and in no other test of the run, may reach a real model."""

import ipaddress
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from fake_models import FakeModel
from wiring import MakeWriter, provider_for

from vernis.adapters.model_budget import Budget
from vernis.adapters.postgres import Database
from vernis.adapters.writer_model import ModelWriter
from vernis.config import ModelSettings

for _name in list(os.environ):
    if _name.startswith(("VERNIS_GEMINI", "VERNIS_MODELS", "GEMINI", "GOOGLE", "OPENAI")):
        del os.environ[_name]  # for the commands that tests start, too
    if _name.lower() in {"http_proxy", "https_proxy", "all_proxy"}:
        del os.environ[_name]


def _only_loopback(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook sees every connection that this process opens, in whatever library."""
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        host = str(arguments[1][0])
    elif event == "socket.getaddrinfo":
        host = arguments[0].decode() if isinstance(arguments[0], bytes) else str(arguments[0])
    else:
        return
    if host in {"localhost", "None", ""} or "%" in host:  # no name of anybody: %5B is a wrong one
        return
    try:
        is_here = ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_here = False
    if not is_here:
        raise RuntimeError(f"a test wants to reach {host}: only the loopback is allowed")


sys.addaudithook(_only_loopback)


@pytest.fixture
async def make_writer(db: Database) -> AsyncIterator[MakeWriter]:
    """A writer that asks these fakes in this order; closed after the test."""
    async with AsyncExitStack() as stack:

        def make(*models: FakeModel | ModelSettings, **changes: Any) -> ModelWriter:
            writer = ModelWriter([provider_for(m, **changes) for m in models], Budget(db))
            stack.push_async_callback(writer.aclose)
            return writer

        yield make
