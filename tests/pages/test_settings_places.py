"""People, keys, numbers, CRM, webhooks and logs in the settings: who may, what is shown once."""

import re
from dataclasses import dataclass, replace
from html import unescape

import pytest
from fake_bridge import SECRET, FakeBridge
from programs import served
from visitors import Site, Visitor, barriers, overflow, token_in
from wire import Reply

from vernis.adapters.channel_bridge import Bridge
from vernis.adapters.channel_cloud import Cloud
from vernis.adapters.webhook_sender import WebhookSender
from vernis.config import Settings
from vernis.domain import Locale
from vernis.stages import accounts, api_keys, auditing, companies, members, outgoing_webhooks, users
from vernis.stages.auditing import Who
from vernis.stages.members import Role
from vernis.web.pages import audit_words


async def actions(app, company) -> list[str]:
    return [entry.action for entry in await auditing.listed(app.db, company)]


def once(html: str) -> str:
    found = re.search(r'id="(?:secret)"[^>]*value="([^"]+)"', html)
    assert found, html
    return unescape(found[1])


# --- people ---------------------------------------------------------------------------------------


async def test_somebody_is_invited_by_a_link_that_is_shown_once(owner: Visitor, site, app, company):
    answer = await owner.post(
        f"{owner.here}/settings/people", status=200, login="Ira@Example.com", role="manager"
    )
    link = once(answer.text)
    assert link not in await owner.get(f"{owner.here}/settings/people")
    door = site.stranger()
    page = await door.get(link, headers={"accept": "text/html"})
    fields = {"csrf": token_in(page.text), "login": "ira@example.com"}
    fields |= {"password": "a long sentence", "again": "a long sentence"}
    assert (await door.post(link, data=fields)).status_code == 303
    assert (await door.get(f"{owner.here}/settings")).status_code == 200
    ira = await users.by_login(app.db, "ira@example.com")
    assert await members.role_of(app.db, company.company_id, ira) is Role.MANAGER
    assert (await actions(app, company))[:2] == ["member.link_made", "member.joined"]
    again = await owner.post(
        f"{owner.here}/settings/people", status=422, login="ira@example.com", role="viewer"
    )
    assert "уже в списке" in again.text

    await owner.post(f"{owner.here}/settings/people/{ira.user_id}/role", role="viewer")
    assert await members.role_of(app.db, company.company_id, ira) is Role.VIEWER
    await owner.post(f"{owner.here}/settings/people/{ira.user_id}/remove")
    gone = await door.get(f"{owner.here}/settings", headers={"accept": "text/html"})
    assert (gone.status_code, gone.headers["location"][:6]) == (303, "/login")


async def test_the_last_owner_stays(owner: Visitor, app, company):
    (me,) = await members.listed(app.db, company)
    for what, fields in (("remove", {}), ("role", {"role": "viewer"})):
        answer = await owner.post(
            f"{owner.here}/settings/people/{me.user_id}/{what}", status=422, **fields
        )
        assert "Без владельца нельзя" in answer.text
    assert [one.role for one in await members.listed(app.db, company)] == [Role.OWNER]


async def test_an_owner_gets_no_link_into_another_salon(owner: Visitor, app, company):
    place = {"locale": Locale.RU, "timezone": "Europe/Moscow", "currency": "RUB", "country": "RU"}
    other = await companies.find_or_create(app.db, name="Другой", **place)
    theirs = await users.create(app.db, login="their@example.com", now=app.clock())
    await members.join(app.db, other, theirs, Role.OWNER, who=Who(), now=app.clock())
    people = f"{owner.here}/settings/people"
    for what in ("link", "remove", "role"):  # a stranger's id is nobody's
        await owner.post(f"{people}/{theirs.user_id}/{what}", status=404, role="viewer")
    await owner.post(people, login="their@example.com", role="viewer")
    answer = await owner.post(f"{people}/{theirs.user_id}/link", status=422)
    assert "welcome" not in answer.text
    await owner.post(f"{people}/{theirs.user_id}/remove")
    assert await members.role_of(app.db, other.company_id, theirs) is Role.OWNER


# --- keys -----------------------------------------------------------------------------------------


async def test_a_key_is_shown_once_and_revoked(owner: Visitor, app, company):
    at = f"{owner.here}/settings/keys"
    made = await owner.post(
        at, status=200, name="AI Admin", scopes=["read", "write"], per_minute="100"
    )
    secret = once(made.text)
    page = await owner.get(at)
    assert "AI Admin" in page
    assert secret not in page
    key, _ = await api_keys.find(app.db, secret, now=app.clock())
    assert (key.scopes, key.requests_per_minute) == (("read", "write"), 100)
    await owner.post(f"{at}/{key.key_id}/revoke")
    assert (await api_keys.listed(app.db, company))[0].revoked_at is not None
    assert await actions(app, company) == ["key.revoked", "key.created", "member.joined"]
    wrong = await owner.post(at, status=422, name="", per_minute="0")
    assert wrong.text.count('aria-invalid="true"') >= 2
    await owner.post(f"{at}/999/revoke", status=404)


# --- numbers --------------------------------------------------------------------------------------


@dataclass(kw_only=True)
class LinkingBridge(FakeBridge):
    """A bridge at which a login begins with a QR code."""

    state: str = "unknown"

    def reply(self, asked) -> Reply:
        if not self._is_signed(asked):
            return super().reply(asked)
        if asked.method == "POST" and asked.path == "/accounts":
            self.login, self.state = asked.body["account"], "qr"
            if "phone" in asked.body:
                self.state = "pairing"
        if asked.method == "DELETE":
            self.state = "unknown"
            return Reply(body={})
        if asked.path.startswith("/accounts") and self.state in {"qr", "pairing"}:
            code = {"qr": "2@a-text-of-a-code"} if self.state == "qr" else {"pairingCode": "AB12"}
            return Reply(body={"account": self.login, "state": self.state} | code)
        if self.state == "unknown":
            return Reply(status=404, body={"error": "unknown_account", "message": "Begin it."})
        return super().reply(asked)


@pytest.fixture
async def bridge(app):
    async with LinkingBridge(now=app.clock()) as fake:
        yield fake


@pytest.fixture
async def linked_site(app, bridge):
    """The web with a bridge and with the Cloud API."""
    ours = {
        "baileys": Bridge(bridge.url, SECRET, app.clock),
        "cloud": Cloud(clock=app.clock, unseal=app.sealer.unseal, base_url=bridge.url),
    }
    settings = Settings(home=app.settings.home, bridge_url=bridge.url, bridge_secret=SECRET)
    whole = replace(app, settings=settings, channels=dict(app.channels) | ours)
    async with served(whole) as address:
        found = Site(whole, address)
        yield found
        await found.aclose()
    for channel in ours.values():
        await channel.aclose()


async def test_a_number_is_added_and_linked_by_a_qr_code(linked_site, company, bridge):
    owner, app = await linked_site.visitor(company), linked_site.app
    at = f"{owner.here}/settings/accounts"
    answer = await owner.post(f"{at}/new/baileys", name="Стойка", warm_up="yes")
    link = answer.headers["location"]
    assert "Показать QR-код" in await owner.get(link)
    await owner.post(link)
    page = await owner.get(link)
    assert "<svg" in page
    assert "style=" not in page
    assert 'hx-trigger="every 3s"' in page
    bridge.state = "connected"
    assert "Телефон привязан" in await owner.get(link)
    (standing, *_) = await accounts.standings(app.db, company, app.channels, now=app.clock())
    assert (standing.name, standing.connection.value) == ("Стойка", "connected")
    await owner.post(link, phone="+7 900 000-00-01")
    assert "AB12" in await owner.get(link)
    assert "с кодом страны" in (await owner.post(link, status=422, phone="12")).text


async def test_numbers_are_limited_ordered_paused_and_removed(linked_site, company, bridge):
    owner, app = await linked_site.visitor(company), linked_site.app
    at = f"{owner.here}/settings/accounts"
    for name in ("Первый", "Второй"):
        await owner.post(f"{at}/new/baileys", name=name)
    known = await accounts.listed(app.db, company)
    first, second = known["Первый"].account_id, known["Второй"].account_id
    await owner.post(
        f"{at}/{second}", name="Второй", daily="40", hourly="", new_chats="5", gap="90"
    )
    settings = await accounts.settings_of(app.db, company, known["Второй"])
    assert (settings.daily, settings.hourly, settings.new_chats, settings.gap) == (40, None, 5, 90)
    assert settings.warm_up is False
    wrong = await owner.post(f"{at}/{second}", status=422, name="Второй", daily="много", gap="3")
    assert wrong.text.count('aria-invalid="true"') == 2
    assert "много" in wrong.text
    await owner.post(f"{at}/{second}/place", to="up")
    assert [*await accounts.listed(app.db, company)][:2] == ["Второй", "Первый"]
    await owner.post(f"{at}/{first}/pause")
    assert "paused by hand" not in await owner.get(at)
    assert "Возобновить" in await owner.get(at)
    await owner.post(f"{at}/{first}/resume")
    taken = await owner.post(f"{at}/{first}", status=422, name="Второй")
    assert "называется другой номер" in taken.text
    await owner.post(f"{at}/{first}/remove")
    assert "Первый" not in await accounts.listed(app.db, company)
    noted = await actions(app, company)
    assert {"account.added", "account.changed", "account.paused", "account.resumed",
            "account.removed"} <= set(noted)  # fmt: skip
    for path in ("", "/pause", "/resume", "/place", "/remove", "/link", "/check"):
        await owner.post(f"{at}/99999{path}", status=404, name="x")


async def test_a_token_is_kept_and_never_shown(linked_site, company):
    owner, app = await linked_site.visitor(company), linked_site.app
    at = f"{owner.here}/settings/accounts"
    await owner.post(
        f"{at}/new/cloud", name="Cloud", address="100200300", template="come_back:ru",
        token="an-obviously-fake-token",
    )  # fmt: skip
    account = (await accounts.listed(app.db, company))["Cloud"]
    assert account.sealed_token is not None
    for page in (at, f"{at}/{account.account_id}"):
        assert "an-obviously-fake-token" not in await owner.get(page)
    await owner.post(f"{at}/{account.account_id}", name="Cloud", token="another-fake-token")
    later = (await accounts.listed(app.db, company))["Cloud"]
    assert later.sealed_token != account.sealed_token
    assert "account.token_set" in await actions(app, company)


async def test_without_a_bridge_a_sentence_says_so(owner: Visitor, app, company, salon):
    account = await salon.insert(
        "accounts", "account_id", channel="baileys", name="Стойка", address="salon"
    )
    link = f"{owner.here}/settings/accounts/{account}/link"
    assert "нет моста к WhatsApp" in await owner.get(link)
    assert "нет моста к WhatsApp" in (await owner.post(link, status=422)).text
    assert "не настроена связь с WhatsApp" in await owner.get(f"{owner.here}/settings/accounts")


# --- CRM, webhooks, logs --------------------------------------------------------------------------


async def connect(salon, now):
    await salon.execute(
        "INSERT INTO crm_connections (company_id, crm, external_id, settings, state, connected_at,"
        " next_sync_at) VALUES (%s, 'yclients', '123', '{}', 'connected', %s, %s)",
        *(salon.company.company_id, now, now),
    )


async def test_a_crm_is_read_now_and_left(owner: Visitor, app, company, salon, clock):
    at = f"{owner.here}/settings/crm"
    assert "CRM не подключена" in await owner.get(at)
    await owner.post(f"{at}/sync", status=404)
    await connect(salon, clock())
    assert "/webhooks/yclients/" in await owner.get(at)
    await owner.post(f"{at}/sync")
    await owner.post(f"{at}/disconnect")
    assert "Связи с YClients нет" in await owner.get(at)
    assert (await actions(app, company))[0] == "crm.disconnected"


async def test_a_webhook_is_added_tried_and_removed(app, company):
    open_app = replace(app, webhook_sender=WebhookSender(private=True))
    async with served(open_app) as address:
        site = Site(open_app, address)
        owner = await site.visitor(company)
        at = f"{owner.here}/settings/webhooks"
        made = await owner.post(
            at, status=200, url="http://127.0.0.1:9/hook", events=["reply.received"]
        )
        secret = once(made.text)
        (webhook,) = await outgoing_webhooks.listed(app.db, company)
        one = f"{at}/{webhook.webhook_id}"
        assert secret not in await owner.get(one)
        await owner.post(f"{one}/ping")
        assert "проверка" in await owner.get(one)
        await owner.post(one, url=webhook.url, events=["booking.created"])
        rotated = once((await owner.post(f"{one}/rotate", status=200)).text)
        assert rotated != secret
        await owner.post(f"{one}/pause")
        assert "на паузе" in (await owner.post(f"{one}/ping", status=409)).text
        await owner.post(f"{one}/deliveries/1", status=409)
        await owner.post(f"{one}/resume")
        await owner.post(f"{one}/deliveries/1")
        await owner.post(f"{one}/remove")
        await owner.get(one, status=404)
        noted = await actions(app, company)
        assert noted[0] == "webhook.removed"
        assert noted.count("webhook.secret_changed") == 1
        await site.aclose()
    await open_app.webhook_sender.aclose()


async def test_private_addresses_are_refused_and_kept_in_the_field(owner: Visitor):
    at = f"{owner.here}/settings/webhooks"
    answer = await owner.post(at, status=422, url="http://169.254.169.254/x")
    assert "169.254.169.254" in answer.text
    assert "открытом интернете" in answer.text


async def test_the_log_says_who_changed_what(owner: Visitor, app, company, clock):
    await companies.change(app.db, company, ["daily_cap=35"], now=clock(), who=Who(user_id=1))
    for number in range(60):
        async with app.db.tenant(company.company_id) as connection:
            await auditing.note(
                connection, company, who=Who(), action="client.opted_out",
                subject=f"client {number}", now=clock(),
            )  # fmt: skip
    at = f"{owner.here}/settings/audit"
    newest = await owner.get(at)
    assert "на сервере" in newest
    assert "запрещены сообщения: клиент № 59" in newest
    before = re.search(r"\?before=(\d+)", newest)[1]
    older = await owner.get(at, before=before)
    assert "клиент № 59" not in older
    assert "person1@example.com" in older
    assert re.search(r"Сообщений в день, не больше: <del>20</del> → <ins>35</ins>", older)
    assert "клиент №" not in await owner.get(at, about="settings")


def test_every_action_that_is_noted_has_words():
    from pathlib import Path

    import vernis

    source = "\n".join(
        path.read_text("utf-8")
        for path in Path(vernis.__file__).parent.rglob("*.py")
        if "auditing" in path.read_text("utf-8")
    )
    noted = set(re.findall(r'action\s*=\s*"(\w+\.\w+)"', source))
    noted |= set(re.findall(r'who, "(\w+\.\w+)"', source))
    assert noted - set(audit_words.ACTIONS) == set()


async def test_notices_are_shown_and_seen(owner: Visitor, salon, clock):
    account = (await salon.execute("SELECT account_id FROM accounts"))[0][0]
    notice = await salon.insert(
        "notices", "notice_id", account_id=account, kind="account_paused",
        details='{"reason": "few_replies", "until": null}', created_at=clock(),
    )  # fmt: skip
    at = f"{owner.here}/settings/notices"
    assert "Всё просмотрено" in await owner.get(at)
    await owner.post(f"{at}/seen", notice=[str(notice)])
    assert "Всё просмотрено" not in await owner.get(at)


# --- who may --------------------------------------------------------------------------------------

POSTS = (
    "people", "people/1/role", "people/1/remove", "people/1/link", "keys", "keys/1/revoke",
    "accounts/new/sandbox", "accounts/1", "accounts/1/pause", "accounts/1/resume",
    "accounts/1/check", "accounts/1/place", "accounts/1/remove", "accounts/1/link", "crm/sync",
    "crm/disconnect", "webhooks", "webhooks/1", "webhooks/1/pause", "webhooks/1/resume",
    "webhooks/1/ping", "webhooks/1/rotate", "webhooks/1/remove", "webhooks/1/deliveries/1",
)  # fmt: skip


@pytest.mark.parametrize("role", [Role.MANAGER, Role.VIEWER])
async def test_only_an_owner_changes_anything(site: Site, company, app, role):
    visitor = await site.visitor(company, role)
    for path in POSTS:
        await visitor.post(f"{visitor.here}/settings/{path}", status=403)
    for path in ("accounts", "crm", "people", "notices"):
        assert '<form method="post" action="/c/' not in (
            await visitor.get(f"{visitor.here}/settings/{path}")
        )
    for path in ("keys", "webhooks", "audit", "accounts/1", "accounts/1/link"):
        await visitor.get(f"{visitor.here}/settings/{path}", status=403)


async def test_nobody_else_learns_that_the_salon_exists(site: Site, company, app):
    place = {"locale": Locale.RU, "timezone": "Europe/Moscow", "currency": "RUB", "country": "RU"}
    other = await companies.find_or_create(app.db, name="Другой", **place)
    stranger = await site.visitor(other)
    for path in POSTS:
        await stranger.post(f"/c/{company.company_id}/settings/{path}", status=404)
        theirs = path.replace("/1", "/99999999")
        if theirs != path:
            await stranger.post(f"/c/{other.company_id}/settings/{theirs}", status=404)


async def test_the_places_fit_a_phone_and_keep_nobody_out(
    site, browser, company, axe, salon, clock
):
    await connect(salon, clock())
    tab = await site.page(company, width=375)
    for path in ("people", "keys", "accounts", "crm", "webhooks", "audit", "notices"):
        await tab.goto(f"/c/{company.company_id}/settings/{path}")
        assert (path, await overflow(tab)) == (path, 0)
        assert (path, await barriers(tab, axe)) == (path, [])
