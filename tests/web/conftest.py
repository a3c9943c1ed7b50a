"""The web as it runs, over a real database and a real Valkey."""

import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest

from vernis.adapters.crm_calendar import Calendar
from vernis.adapters.sealing import Sealer
from vernis.adapters.writer_templates import TemplateWriter
from vernis.app import App
from vernis.config import Settings
from vernis.stages import api_keys, companies

for folder in ("stages", "adapters", "channels"):
    sys.path.append(str(Path(__file__).parents[1] / folder))

from outbox import hash_phone  # noqa: E402
from programs import Program, served  # noqa: E402
from rest import Rest, new_key  # noqa: E402
from salon_rows import Salon  # noqa: E402


@pytest.fixture
def app(db, database_url, store, clock, tmp_path) -> App:
    return App(
        settings=Settings(home=tmp_path),
        database_url=database_url,
        db=db,
        open_store=lambda: store,
        channels={},
        crm=Calendar(db, clock),
        writer=TemplateWriter(),
        clock=clock,
        hash_phone=hash_phone,
        sealer=Sealer("a secret of tests"),
    )


@pytest.fixture
async def client(app) -> AsyncIterator[httpx2.AsyncClient]:
    async with served(app) as address, httpx2.AsyncClient(base_url=address, timeout=60) as client:
        yield client


@pytest.fixture
async def program(app, client, company, store, clock) -> Program:
    """The assistant of a company that answers by itself."""
    external = await companies.change(app.db, company, ["assistant=external"])
    _, key = await api_keys.create(
        app.db, external, name="AI Admin", scopes=["assistants"], now=clock() - timedelta(days=1)
    )
    return Program(client, external, key, Salon(app.db, external), clock, store)


@pytest.fixture
async def rest(app, client, company) -> Rest:
    """A program that may ask everything of a company."""
    return Rest(client, app, company, await new_key(app, company), Salon(app.db, company))
