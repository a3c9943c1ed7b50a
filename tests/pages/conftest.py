"""The pages as they are served, over a real database; a real Chromium where a test asks for one."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

for folder in ("stages", "adapters", "channels", "web"):
    sys.path.append(str(Path(__file__).parents[1] / folder))
sys.path.append(str(Path(__file__).parent))

import ai_admin  # noqa: E402
import browser as browsers  # noqa: E402
from outbox import hash_phone  # noqa: E402
from programs import served  # noqa: E402
from salon_rows import Salon  # noqa: E402
from visitors import Site, Visitor  # noqa: E402

from vernis.adapters.channel_sandbox import Sandbox  # noqa: E402
from vernis.adapters.crm_calendar import Calendar  # noqa: E402
from vernis.adapters.sealing import Sealer  # noqa: E402
from vernis.adapters.writer_templates import TemplateWriter  # noqa: E402
from vernis.app import App  # noqa: E402
from vernis.config import Settings  # noqa: E402


@pytest.fixture
def app(db, database_url, store, clock, tmp_path) -> App:
    return App(
        settings=Settings(home=tmp_path),
        database_url=database_url,
        db=db,
        open_store=lambda: store,
        channels={"sandbox": Sandbox(db, clock)},
        crm=Calendar(db, clock),
        writer=TemplateWriter(),
        clock=clock,
        hash_phone=hash_phone,
        sealer=Sealer("a secret of tests"),
    )


@pytest.fixture
def salon(app, company) -> Salon:
    """Puts rows in."""
    return Salon(app.db, company)


@pytest.fixture
async def site(app) -> AsyncIterator[Site]:
    async with served(app) as address:
        site = Site(app, address)
        yield site
        await site.aclose()


@pytest.fixture
async def owner(site, company) -> Visitor:
    """The owner of the company, without a browser."""
    return await site.visitor(company)


@pytest.fixture
async def browser(site) -> AsyncIterator[Browser]:
    """Chromium; `site.page(company)` opens a tab of somebody logged in."""
    if browsers.path() is None:
        pytest.skip(browsers.MISSING)
    async with browsers.chromium() as found:
        site.browser = found
        yield found


@pytest.fixture(scope="session")
def axe() -> str:
    """axe-core, which looks for what keeps people from using a page."""
    ai_admin.install()
    return (ai_admin.FOLDER / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")
