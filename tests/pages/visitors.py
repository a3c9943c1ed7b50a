"""People who look at pages: without a browser, and with one."""

import re
from dataclasses import dataclass, field
from typing import Any

import httpx2
from playwright.async_api import Browser, BrowserContext, Page

from vernis.app import App
from vernis.domain import Company, Locale
from vernis.stages import members, users
from vernis.stages.auditing import Who
from vernis.stages.members import Role
from vernis.web.security import forms, passwords

PASSWORD = "a long sentence of tests"
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
_hashes: dict[str, str] = {}


@dataclass
class Visitor:
    """Somebody who is logged in, as httpx sees it. `get` and `post` want a good answer."""

    client: httpx2.AsyncClient
    company: Company | None = None
    csrf: str = ""

    @property
    def here(self) -> str:
        assert self.company is not None
        return f"/c/{self.company.company_id}"

    async def get(self, path: str, *, status: int = 200, **query: Any) -> str:
        answer = await self.client.get(path, params=query or None, headers={"accept": "text/html"})
        assert answer.status_code == status, (path, answer.status_code, answer.text[:400])
        return answer.text

    async def post(self, path: str, *, status: int = 303, **fields: Any) -> httpx2.Response:
        """Sends a form of ours."""
        answer = await self.client.post(
            path, data={"csrf": self.csrf} | fields, headers={"accept": "text/html"}
        )
        assert answer.status_code == status, (path, answer.status_code, answer.text[:400])
        return answer


@dataclass
class Site:
    """The web as it is served, and whoever comes."""

    app: App
    address: str
    browser: Browser | None = None
    people: int = 0
    contexts: list[BrowserContext] = field(default_factory=list)
    clients: list[httpx2.AsyncClient] = field(default_factory=list)

    async def secret_of(
        self,
        company: Company | None,
        role: Role = Role.OWNER,
        *,
        locale: Locale = Locale.RU,
        opens_companies: bool = False,
    ) -> str:
        """A session of somebody new."""
        self.people += 1
        now = self.app.clock()
        user = await users.create(
            self.app.db,
            login=f"person{self.people}@example.com",
            name="Ольга",
            locale=locale,
            opens_companies=opens_companies,
            now=now,
        )
        if company is not None:
            await members.join(self.app.db, company, user, role, who=Who(), now=now)
        return await users.open_session(self.app.db, user, browser="Chrome, Linux", now=now)

    async def visitor(self, company: Company | None, role: Role = Role.OWNER, **of: Any) -> Visitor:
        secret = await self.secret_of(company, role, **of)
        client = self.stranger()
        client.cookies.set(forms.SESSION, secret)
        client.cookies.set(forms.LANGUAGE, of.get("locale", Locale.RU))
        csrf = self.app.hash_phone(f"form {secret}").hex()
        return Visitor(client, company, csrf)

    def stranger(self) -> httpx2.AsyncClient:
        client = httpx2.AsyncClient(base_url=self.address, trust_env=False, timeout=60)
        self.clients.append(client)
        return client

    async def page(
        self,
        company: Company | None,
        role: Role = Role.OWNER,
        *,
        width: int = 1280,
        height: int = 900,
        dark: bool = False,
        javascript: bool = True,
        **of: Any,
    ) -> Page:
        """A tab of a new browser profile in which somebody new is logged in."""
        assert self.browser is not None, "this test asks for the fixture `browser`"
        context = await self.browser.new_context(
            base_url=self.address,
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            java_script_enabled=javascript,
            locale="ru-RU",
        )
        self.contexts.append(context)
        secret = await self.secret_of(company, role, **of)
        await context.add_cookies([{"name": forms.SESSION, "value": secret, "url": self.address}])
        tab = await context.new_page()
        tab.set_default_timeout(30_000)
        return tab

    async def aclose(self) -> None:
        for context in self.contexts:
            await context.close()
        for client in self.clients:
            await client.aclose()


async def user_with_password(app: App, login: str = "olga@example.com") -> users.User:
    """Hashing is slow on purpose: once for all tests."""
    if PASSWORD not in _hashes:
        _hashes[PASSWORD] = await passwords.hashed(PASSWORD)
    user = await users.create(app.db, login=login, name="Ольга", now=app.clock())
    await users.set_password(app.db, user, _hashes[PASSWORD], now=app.clock())
    return await users.get(app.db, user.user_id)


def token_in(html: str) -> str:
    """The token of the forms on a page."""
    found = re.search(r'name="csrf" value="([0-9a-f]+)"', html)
    assert found, html[:300]
    return found[1]


async def overflow(page: Page) -> int:
    """How many pixels of the page are beyond the screen's right edge."""
    return int(
        await page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
    )


async def barriers(page: Page, axe: str) -> list[str]:
    """What axe finds on the page as it is now: the rule and where."""
    await page.evaluate(axe)
    found = await page.evaluate(
        "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", AXE_RULES
    )
    return [
        f"{violation['id']}: {node['target']} {node['html'][:120]}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]
