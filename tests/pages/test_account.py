"""The door: who comes in, how often one may try, and how one gets out again."""

from datetime import timedelta

import pyotp
import pytest
from visitors import PASSWORD, Site, token_in, user_with_password

from vernis.domain import Locale
from vernis.stages import companies, users
from vernis.web.first_steps import first_link
from vernis.web.security import forms, second_factor
from vernis.web.security.viewer import local


async def log_in(client, login: str, password: str, **more: str):
    page = await client.get("/login", headers={"accept": "text/html"})
    fields = {"csrf": token_in(page.text), "login": login, "password": password}
    return await client.post("/login", data=fields | more, headers={"accept": "text/html"})


async def test_whoever_knows_the_password_comes_in_and_goes_where_they_wanted(site: Site, company):
    await user_with_password(site.app)
    client = site.stranger()
    sent_away = await client.get("/account", headers={"accept": "text/html"})
    assert sent_away.headers["location"] == "/login?then=/account"
    answer = await log_in(client, "OLGA@example.com ", PASSWORD, then="/account")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert (await client.get("/account")).status_code == 200


@pytest.mark.parametrize(
    ("login", "password"), [("olga@example.com", "wrong"), ("nobody@example.com", PASSWORD)]
)
async def test_whoever_does_not_is_told_the_same_in_either_case(site: Site, login, password):
    await user_with_password(site.app)
    answer = await log_in(site.stranger(), login, password)
    assert answer.status_code == 422
    assert "пароль или код" in answer.text or "password or code" in answer.text
    assert forms.SESSION not in answer.headers.get("set-cookie", "")


async def test_wrong_tries_close_the_login_for_a_while_also_for_the_right_password(site, clock):
    user = await user_with_password(site.app)
    for _ in range(users.FREE_FAILURES):
        await users.failed(site.app.db, user, now=clock())
    answer = await log_in(site.stranger(), user.login, PASSWORD)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    clock.now += timedelta(minutes=16)
    assert (await log_in(site.stranger(), user.login, PASSWORD)).status_code == 303


async def test_one_address_cannot_try_many_logins(site: Site):
    client = site.stranger()
    statuses = [(await log_in(client, f"a{n}@example.com", "x")).status_code for n in range(8)]
    assert statuses[-1] == 429


async def test_a_form_that_is_not_ours_does_nothing(site: Site, company):
    await user_with_password(site.app)
    client = site.stranger()
    await client.get("/login")
    fields = {"login": "olga@example.com", "password": PASSWORD}
    assert (await client.post("/login", data=fields)).status_code == 403
    other = token_in((await site.stranger().get("/login")).text)
    assert (await client.post("/login", data=fields | {"csrf": other})).status_code == 403
    own = token_in((await client.get("/login")).text)
    elsewhere = await client.post(
        "/login", data=fields | {"csrf": own}, headers={"sec-fetch-site": "cross-site"}
    )
    assert elsewhere.status_code == 403


async def test_a_link_lets_one_choose_a_password_once(site: Site, clock):
    user = await users.create(site.app.db, login="new@example.com", now=clock())
    link = await users.make_link(site.app.db, user, now=clock())
    client = site.stranger()
    page = await client.get(f"/welcome/{link}")
    token = token_in(page.text)
    for wrong in ("short", "password123", "new@example.com"):
        again = {"csrf": token, "login": user.login, "password": wrong, "again": wrong}
        assert (await client.post(f"/welcome/{link}", data=again)).status_code == 422
    fields = {"csrf": token, "login": user.login, "password": PASSWORD, "again": PASSWORD}
    assert (await client.post(f"/welcome/{link}", data=fields)).status_code == 303
    assert (await client.get("/account")).status_code == 200
    assert (await site.stranger().get(f"/welcome/{link}")).status_code == 404


async def test_a_link_works_for_three_days(site: Site, clock):
    user = await users.create(site.app.db, login="new@example.com", now=clock())
    link = await users.make_link(site.app.db, user, now=clock())
    clock.now += users.LINK_LASTS + timedelta(seconds=1)
    assert (await site.stranger().get(f"/welcome/{link}")).status_code == 404


async def test_with_a_second_factor_the_password_is_not_enough_and_a_code_works_once(site, clock):
    user = await user_with_password(site.app)
    secret = second_factor.new_secret()
    await users.set_second_factor(
        site.app.db, user, second_factor.seal(site.app, user, secret), step=0
    )
    client = site.stranger()
    asked = await log_in(client, user.login, PASSWORD)
    assert asked.status_code == 200
    assert 'name="code"' in asked.text
    code = pyotp.TOTP(secret).at(clock())
    assert (await log_in(client, user.login, PASSWORD, code=code)).status_code == 303
    assert (await log_in(site.stranger(), user.login, PASSWORD, code=code)).status_code == 200


async def test_a_second_factor_is_set_up_by_showing_that_it_works(site: Site, owner, clock):
    html = await owner.get("/account", **{"second-factor": "new"})
    secret = html.split("<code>")[1].split("</code>")[0]
    wrong = await owner.post("/account/second-factor", status=422, secret=secret, code="000000")
    assert secret in wrong.text
    await owner.post("/account/second-factor", secret=secret, code=pyotp.TOTP(secret).at(clock()))
    assert "включён" in await owner.get("/account")


async def test_a_new_password_ends_all_other_sessions(site: Site, owner, clock):
    user = await user_with_password(site.app)
    clients = [site.stranger(), site.stranger()]
    for client in clients:
        assert (await log_in(client, user.login, PASSWORD)).status_code == 303
    token = token_in((await clients[0].get("/account")).text)
    new = {"csrf": token, "old": PASSWORD, "password": "another long sentence"}
    assert (await clients[0].post("/account/password", data=new)).status_code == 303
    assert (await clients[0].get("/account")).status_code == 200
    assert (await clients[1].get("/account")).status_code == 303


async def test_a_session_can_be_ended_from_another_browser(site: Site, clock):
    user = await user_with_password(site.app)
    here, there = site.stranger(), site.stranger()
    for client in (here, there):
        await log_in(client, user.login, PASSWORD)
    token = token_in((await here.get("/account")).text)
    await here.post("/account/sessions/close-others", data={"csrf": token})
    assert (await there.get("/account")).status_code == 303
    assert (await here.get("/account")).status_code == 200


async def test_pages_speak_the_viewers_language_and_a_strangers_browser(site: Site, owner):
    assert "Мой профиль" in await owner.get("/account")
    await owner.post("/account", name="Olga", locale="en")
    assert "My account" in await owner.get("/account")
    stranger = site.stranger()
    for prefers, said in [("ru-RU,ru;q=0.9,en;q=0.8", "Вход"), ("de,en;q=0.5", "Log in"),
                          ("kk-KZ", "Вход"), ("", "Log in")]:  # fmt: skip
        page = await stranger.get("/login", headers={"accept-language": prefers})
        assert said in page.text, prefers


async def test_pages_may_load_nothing_from_elsewhere_and_run_nothing_inside(site: Site, owner):
    for path in ("/login", "/account", "/companies", "/no-such-page"):
        answer = await owner.client.get(path, headers={"accept": "text/html"})
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "<script>" not in answer.text
        assert "style=" not in answer.text
        assert "onclick" not in answer.text


async def test_a_fault_is_a_page_for_people_and_a_problem_for_programs(site: Site, owner):
    assert "Такой страницы нет" in await owner.get("/no-such-page", status=404)
    answer = await owner.client.get("/no-such-page")
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("asked", "leads_to"),
    [("/c/1/plan?page=2", "/c/1/plan?page=2"), ("https://evil.example", "/"), ("//evil", "/"),
     ("/\\evil.example", "/"), ("javascript:alert(1)", "/"), ("/a\nb", "/"), ("", "/")],
)  # fmt: skip
def test_the_door_leads_only_to_places_of_ours(asked: str, leads_to: str) -> None:
    assert local(asked) == leads_to


async def test_who_sets_vernis_up_gets_a_link_until_somebody_has_a_password(site, company, clock):
    first = await first_link(site.app.db, now=clock())
    second = await first_link(site.app.db, now=clock())
    client = site.stranger()
    assert (await client.get(first)).status_code == 404, "the newest link only"
    token = token_in((await client.get(second)).text)
    fields = {"csrf": token, "login": "Anna@Example.com", "password": PASSWORD, "again": PASSWORD}
    assert (await client.post(second, data=fields)).status_code == 303
    page = await client.get("/companies")
    assert company.name in page.text
    assert "/start" in page.text
    assert await first_link(site.app.db, now=clock()) is None
    assert (await log_in(site.stranger(), "anna@example.com", PASSWORD)).status_code == 303


async def test_whoever_has_many_salons_finds_one_by_its_name(site: Site, app):
    visitor = await site.visitor(None, opens_companies=True)
    for number in range(13):
        await companies.find_or_create(
            app.db, name=f"Салон {number}", locale=Locale.RU, timezone="Europe/Moscow",
            currency="RUB", country="RU",
        )  # fmt: skip
    everything = await visitor.get("/companies")
    assert "Салон 7" in everything
    found = await visitor.get("/companies", q="салон 12")
    assert "Салон 12" in found
    assert "Салон 7" not in found
