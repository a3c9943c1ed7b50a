"""Dialogs: the inbox, a conversation, answering in it, and all of it live."""

import asyncio
import re
from datetime import timedelta
from typing import Any

import pytest
from front_desk import Desk
from outbox import hash_phone
from payloads import PAYLOADS
from playwright.async_api import Page, expect
from visitors import Site, Visitor, barriers, overflow

from vernis.domain import Company
from vernis.stages import answering, handovers, receiving, sandbox
from vernis.stages import desk as person
from vernis.stages.auditing import Who
from vernis.stages.members import Role


@pytest.fixture
async def desk(salon, store, clock) -> Desk:
    return await Desk(salon, store, clock).furnish()


async def answers_leave(site: Site, company: Company) -> int:
    app = site.app
    return await answering.answer(app.db, company, channels=app.channels, clock=app.clock)


async def phone(site: Site, company: Company, number: str) -> list[tuple[str, str]]:
    """What the client's phone shows."""
    chat = await sandbox.chat(site.app.db, company, phone=number)
    return [(one["direction"], one["body"]) for one in chat]


def key_in(html: str) -> str:
    found = re.search(r'name="key" value="([^"]+)"', html)
    assert found
    return found[1]


# --- the inbox -------------------------------------------------------------------------------


async def test_the_inbox_says_who_wrote_what_is_unread_and_who_waits(owner: Visitor, desk: Desk):
    turn = await desk.says("В прошлый раз всё испортили!")
    html = await owner.get(f"{owner.here}/dialogs")
    assert "Мария" in html
    assert "Мы:" in html
    assert "1 новое сообщение" in html
    assert "жалоба" in html
    assert f"{owner.here}/dialogs/{turn.dialog_id}" in html


FINDS = [
    ({"q": "мари"}, True), ({"q": "8 (999) 000-00-01"}, True), ({"q": "СУББОТУ"}, True),
    ({"q": "Ольга"}, False), ({"q": "%"}, False), ({"q": "0002"}, False),
    ({"view": "unread"}, True), ({"view": "waiting"}, False), ({"view": "nonsense"}, True),
    ({"intent": "book"}, True), ({"intent": "complaint"}, False), ({"intent": "x"}, True),
    ({"before": "2024-03-01T00:00:00+00:00/9"}, False), ({"before": "x"}, True),
]  # fmt: skip


async def test_the_inbox_finds(owner: Visitor, desk: Desk):
    await desk.says("запишите меня на субботу")
    for query, found in FINDS:
        html = await owner.get(f"{owner.here}/dialogs", **query)
        assert ("Мария" in html) is found, query


async def test_the_inbox_goes_on_to_earlier_dialogs(owner: Visitor, desk: Desk):
    for number in range(31):
        desk.clock.now += timedelta(minutes=1)
        await desk.hears("Добрый день", phone=f"7900000{number:04}")
    html = await owner.get(f"{owner.here}/dialogs")
    further = re.search(r'href="([^"]+before[^"]+)"', html)
    assert html.count("Добрый день") == 30
    assert further
    assert "+7 900 000-00-00" in await owner.get(further[1].replace("&amp;", "&"))


# --- a conversation --------------------------------------------------------------------------


async def test_a_conversation_shows_who_said_what_and_what_became_of_it(
    owner: Visitor, site: Site, desk: Desk, company: Company
):
    turn = await desk.says("запишите меня на субботу")
    await answers_leave(site, company)
    await desk.person_says("Это Катя с ресепшена")
    app = site.app
    await person.write(
        app.db, company, dialog_id=turn.dialog_id, text="А это Ольга", who=Who(user_id=1),
        now=desk.clock(), key="a" * 12, channels=app.channels, hash_phone=hash_phone,
    )  # fmt: skip
    await desk.hears(None, kind="voice")
    await desk.salon.booking(desk.client, "2024-04-05", "booked", starts="2024-04-05 14:00",
                             service_id=desk.service, staff_id=desk.staff)  # fmt: skip
    html = await owner.get(f"{owner.here}/dialogs/{turn.dialog_id}")
    for said in ("Сообщение Vernis", "Ассистент", "С телефона салона", "Ольга",
                 "Голосовое сообщение", "отправлено", "ждёт отправки", "5 апр, 14:00",
                 "Маникюр · Анна", "хочет записаться"):  # fmt: skip
        assert said in html, said


async def test_looking_makes_it_read_but_not_by_those_who_may_look_only(
    owner: Visitor, site: Site, desk: Desk, company: Company
):
    dialog_id = await desk.hears("Здравствуйте")
    viewer = await site.visitor(company, Role.VIEWER)
    html = await viewer.get(f"{viewer.here}/dialogs/{dialog_id}")
    assert "<textarea" not in html
    assert "take-over" not in html
    assert "1 новое сообщение" in await owner.get(f"{owner.here}/dialogs")
    await owner.get(f"{owner.here}/dialogs/{dialog_id}")
    assert "1 новое сообщение" not in await owner.get(f"{owner.here}/dialogs")
    await viewer.post(f"{viewer.here}/dialogs/{dialog_id}/take-over", status=403)


async def test_what_has_not_changed_is_not_sent_again(owner: Visitor, desk: Desk):
    dialog_id = await desk.hears("Здравствуйте")
    for part in (f"{dialog_id}/said", "list"):
        html = await owner.get(f"{owner.here}/dialogs/{part}")
        mark = re.search(r'name="mark" value="(\w+)"', html)
        assert mark
        await owner.get(f"{owner.here}/dialogs/{part}", mark=mark[1], status=204)
    await desk.hears("Вы тут?")
    assert "Вы тут?" in await owner.get(f"{owner.here}/dialogs/{part}", mark=mark[1])


async def test_without_javascript_one_takes_over_answers_and_gives_back(
    owner: Visitor, site: Site, desk: Desk, company: Company
):
    dialog_id = await desk.hears("Можно завтра?")
    here = f"{owner.here}/dialogs/{dialog_id}"
    answer = await owner.post(f"{here}/take-over")
    assert "done=taken" in answer.headers["location"]
    html = await owner.get(here)
    assert "Вы отвечаете сами" in html

    form = {"text": "Да, ждём вас", "key": key_in(html)}
    first = await owner.post(f"{here}/write", **form)
    second = await owner.post(f"{here}/write", **form)  # pressed twice
    assert first.headers["location"] == second.headers["location"]
    await answers_leave(site, company)
    assert await phone(site, company, desk.phone) == [("out", "Да, ждём вас")]

    await owner.post(f"{here}/give-back")
    assert await handovers.waiting(site.app.db, company) == []
    assert "Здесь отвечает ассистент" in await owner.get(here)


async def test_what_cannot_be_sent_is_kept_in_the_form_with_the_reason(
    owner: Visitor, site: Site, desk: Desk, company: Company
):
    dialog_id = await desk.hears("Можно завтра?")
    here = f"{owner.here}/dialogs/{dialog_id}"
    html = await owner.post(f"{here}/write", text="  ", key="a" * 12, status=422)
    assert "Сначала напишите что-нибудь" in html.text
    await owner.post(f"{here}/opt-out")
    desk.clock.now += person.ANSWERED_WITHIN
    html = await owner.post(f"{here}/write", text="Скидки!", key="b" * 12, status=422)
    assert "Клиент просил не писать" in html.text
    assert "Скидки!" in html.text
    assert await phone(site, company, desk.phone) == []


async def test_an_unclear_message_is_settled_by_a_person(
    owner: Visitor, desk: Desk, company: Company, site: Site
):
    turn = await desk.says("запишите меня на субботу")
    await desk.salon.execute("UPDATE messages SET state = 'unknown' WHERE direction = 'out'")
    await desk.salon.execute("UPDATE client_reactivation_history SET state = 'unknown'")
    here = f"{owner.here}/dialogs/{turn.dialog_id}"
    html = await owner.get(here)
    keys = re.findall(r'name="message" value="(\w+)"', html)
    assert html.count("Неясно, ушло ли") == 2
    assert keys == ["r1", "r1", keys[2], keys[2]]
    await owner.post(f"{here}/settle", message="r1", sent="yes")
    await owner.post(f"{here}/settle", message=keys[2], sent="no")
    assert "Неясно, ушло ли" not in await owner.get(here)
    rows = await desk.salon.execute("SELECT state FROM messages WHERE direction = 'out'")
    assert rows == [("skipped",)]


async def test_nothing_is_done_in_a_dialog_of_nobody(owner: Visitor, desk: Desk):
    fields = {"text": "x", "key": "a" * 12, "message": "m1", "sent": "yes"}
    for what in ("write", "take-over", "give-back", "opt-out", "settle"):
        await owner.post(f"{owner.here}/dialogs/404/{what}", status=404, **fields)
    for page in ("404", "404/said"):
        await owner.get(f"{owner.here}/dialogs/{page}", status=404)


# --- in a browser ----------------------------------------------------------------------------


async def client_says(site: Site, company: Company, desk: Desk, text: str) -> int:
    """From the sandbox's phone."""
    app = site.app
    inbound = await sandbox.say(app.db, company, phone=desk.phone, text=text, now=app.clock())
    stored = await receiving.receive(
        app.db, company, inbound, now=app.clock(), hash_phone=app.hash_phone
    )
    return stored.dialog_id


async def test_a_dialog_is_live_taken_over_answered_once_and_given_back(
    site: Site, browser, desk: Desk, company: Company
):
    dialog_id = await client_says(site, company, desk, "Здравствуйте")
    tab = await site.page(company)
    await tab.goto(f"/c/{company.company_id}/dialogs/{dialog_id}")

    await client_says(site, company, desk, "Можно завтра после шести?")
    await expect(tab.locator(".stream")).to_contain_text("Можно завтра после шести?")
    await expect(tab.locator("#inbox")).to_contain_text("Можно завтра после шести?")
    await expect(tab.locator("#news")).to_contain_text("Новое сообщение")

    await tab.get_by_role("button", name="Взять на себя").click()
    await expect(tab.locator(".standing")).to_contain_text("Вы отвечаете сами")
    assert await desk.handles(dialog_id) is None

    field = tab.get_by_label("Ваш ответ")
    await field.fill("Да, в 18:30 свободно")
    await field.press("Control+Enter")
    await field.press("Control+Enter")
    await expect(tab.locator(".stream")).to_contain_text("Да, в 18:30 свободно")
    await expect(tab.locator(".stream .ours .by").last).to_have_text("Ольга")
    await expect(field).to_have_value("")
    await answers_leave(site, company)
    await expect(tab.locator(".stream .tick.accepted").last).to_contain_text("отправлено")
    said = [text for way, text in await phone(site, company, desk.phone) if way == "out"]
    assert said == ["Да, в 18:30 свободно"]

    await tab.get_by_role("button", name="Вернуть ассистенту").click()
    await expect(tab.locator(".standing")).to_contain_text("Здесь отвечает ассистент")
    await client_says(site, company, desk, "А в субботу можно?")
    assert (await desk.handles(dialog_id)).text
    await expect(tab.locator(".stream .ours .by").last).to_have_text("Ассистент")


async def hostile(desk: Desk) -> int:
    """Everything hostile in one conversation and in one inbox."""
    dialog_id = await desk.hears("Здравствуйте")
    (account,) = {desk.account}
    async with desk.salon.db.tenant(desk.salon.company.company_id) as connection:
        cursor = connection.cursor()
        for number, text in enumerate(PAYLOADS):
            values = {"of": desk.salon.company.company_id, "account": account, "text": text}
            values |= {"key": f"X{number}", "phone": f"7900100{number:04}", "at": desk.clock()}
            values |= {"dialog": dialog_id}
            await cursor.execute(
                "INSERT INTO messages (company_id, dialog_id, account_id, direction, body, state,"
                " said_at) VALUES (%(of)s, %(dialog)s, %(account)s, 'in', %(text)s, 'handled',"
                " %(at)s)", values,
            )  # fmt: skip
            await cursor.execute(
                "WITH c AS (INSERT INTO clients (company_id, external_key, name, surname, phone,"
                " phone_state) VALUES (%(of)s, %(key)s, %(text)s, %(text)s, %(phone)s, 'valid')"
                " RETURNING client_id), d AS (INSERT INTO dialogs (company_id, account_id, phone,"
                " client_id, updated_at) SELECT %(of)s, %(account)s, %(phone)s, client_id, %(at)s"
                " FROM c RETURNING dialog_id) INSERT INTO messages (company_id, dialog_id,"
                " account_id, direction, body, state, said_at) SELECT %(of)s, dialog_id,"
                " %(account)s, 'in', %(text)s, 'handled', %(at)s FROM d", values,
            )  # fmt: skip
    return dialog_id


async def test_html_and_script_in_names_and_messages_is_text(
    site: Site, browser, desk: Desk, company: Company
):
    assert len(PAYLOADS) >= 100
    dialog_id = await hostile(desk)
    tab = await site.page(company)
    fired: list[str] = []

    async def note(dialog: Any) -> None:
        fired.append(dialog.message)
        await dialog.dismiss()

    tab.on("dialog", note)
    tab.on("request", lambda request: fired.append(request.url)
           if not request.url.startswith(site.address) else None)  # fmt: skip
    shown: set[str] = set()
    bodies: set[str] = set()
    address = f"/c/{company.company_id}/dialogs/{dialog_id}?most=500"
    while True:
        await tab.goto(address)
        names = await tab.locator(".talks .who").all_text_contents()
        shown.update(names)
        bodies.update(await tab.locator(".stream .body").all_text_contents())
        further = tab.locator(".inbox .more a")
        if not await further.count():
            break
        address = (await further.get_attribute("href") or "").replace(
            "/dialogs", f"/dialogs/{dialog_id}"
        )
    assert shown >= {f"{text} {text}" for text in PAYLOADS}
    assert bodies >= set(PAYLOADS)
    other = await desk.salon.execute(
        "SELECT dialog_id FROM dialogs ORDER BY dialog_id DESC LIMIT 1"
    )
    await tab.goto(f"/c/{company.company_id}/dialogs/{other[0][0]}")
    await expect(tab.locator("#with")).to_have_text(f"{PAYLOADS[-1]} {PAYLOADS[-1]}")
    desk.clock.now += timedelta(minutes=1)
    await desk.hears("Ещё одно", phone="79001000001")  # what is fetched again is text as well
    await expect(tab.locator("#inbox")).to_contain_text("Ещё одно")
    assert fired == []


async def test_it_fits_a_phone_and_keeps_nobody_out(
    site: Site, browser, axe: str, desk: Desk, company: Company
):
    turn = await desk.says("В прошлый раз всё испортили!")
    await answers_leave(site, company)
    await desk.salon.execute("UPDATE client_reactivation_history SET state = 'unknown'")
    tab: Page = await site.page(company, width=375, height=812)
    for address in ("", f"/{turn.dialog_id}"):
        await tab.goto(f"/c/{company.company_id}/dialogs{address}")
        assert await overflow(tab) == 0
        assert await barriers(tab, axe) == []
    await tab.emulate_media(color_scheme="dark")
    await tab.set_viewport_size({"width": 1280, "height": 800})
    await tab.reload()  # colours change over a while
    assert await overflow(tab) == 0
    assert await barriers(tab, axe) == []


async def test_without_live_updates_the_page_asks_from_time_to_time(
    site: Site, browser, desk: Desk, company: Company
):
    dialog_id = await desk.hears("Здравствуйте")
    tab = await site.page(company)
    await tab.route("**/dialogs/events", lambda route: route.fulfill(status=503))
    await tab.clock.install()
    await tab.goto(f"/c/{company.company_id}/dialogs/{dialog_id}")
    await desk.hears("Вы тут?")
    await asyncio.sleep(0.1)
    await tab.clock.fast_forward(20_000)
    await tab.clock.fast_forward(1_000)
    await expect(tab.locator(".stream")).to_contain_text("Вы тут?")
