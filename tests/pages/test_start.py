"""The first steps of a salon: from nothing to the first message, in either language, on a phone."""

import asyncio
from datetime import timedelta

import pytest
from salon_export import CLIENTS, VISITS, export
from salon_rows import Salon
from visitors import Site, Visitor, barriers, overflow

from vernis.domain import Locale
from vernis.jobs import work
from vernis.jobs.stopping import Stop
from vernis.stages import companies, members, starting
from vernis.stages.members import Role
from vernis.stages.starting import Place
from vernis.web import errors
from vernis.web.pages import upload_files

DONE = {Locale.RU: "Всё загружено", Locale.EN: "Everything is imported"}
PLACE = Place(name="Лён", country="RU", timezone="Europe/Moscow", currency="RUB", locale=Locale.RU)


@pytest.fixture
async def opener(site: Site) -> Visitor:
    """Whoever set Vernis up; there is no salon yet."""
    return await site.visitor(None, opens_companies=True)


@pytest.fixture
async def new(site: Site, opener: Visitor) -> Visitor:
    """Somebody whose salon is being set up."""
    answer = await opener.post("/start", name="Лён", country="RU")
    id_ = int(answer.headers["location"].split("/")[2])
    opener.company = await companies.get(site.app.db, id_)
    return opener


async def give(visitor: Visitor, files: dict[str, bytes], *, status: int = 303, csrf: str = ""):
    answer = await visitor.client.post(
        f"{visitor.here}/data/files",
        data={"csrf": csrf or visitor.csrf},
        files=[("files", (name, content)) for name, content in files.items()],
        headers={"accept": "text/html"},
    )
    assert answer.status_code == status, answer.text[:300]
    return answer.headers.get("location", "").partition("#")[0]


async def read_in(visitor: Visitor, place: str) -> str:
    """Read an upload and wait until it is done; the page then."""
    await visitor.post(f"{place}/read")
    for _ in range(200):
        page = await visitor.get(place)
        if "Файлы загружаются" not in page:
            return page
        await asyncio.sleep(0.05)
    raise AssertionError(page)


# --- where it is ----------------------------------------------------------------------------------


async def test_the_first_page_leads_whoever_set_it_up_to_the_first_step(opener: Visitor):
    answer = await opener.client.get("/")
    assert answer.headers["location"] == "/start"
    assert "Где ваш салон?" in await opener.get("/start")


async def test_only_whoever_set_it_up_adds_salons(site: Site, company):
    owner = await site.visitor(company)
    assert "только тот, кто установил" in await owner.get("/start", status=403)
    await owner.post("/start", status=403, name="Лён", country="RU")


async def test_country_zone_currency_and_language_follow_from_little(site: Site, opener: Visitor):
    page = await opener.client.get("/start", headers={"accept-language": "ru-KZ,ru;q=0.9"})
    assert 'value="KZ" selected' in page.text
    answer = await opener.post("/start", name=" Лён  Алматы ", country="KZ")
    id_ = int(answer.headers["location"].split("/")[2])
    made = await companies.get(site.app.db, id_)
    assert (made.name, made.timezone, made.currency) == ("Лён Алматы", "Asia/Almaty", "KZT")
    assert (made.locale, made.started_at) == (Locale.RU, None)
    zones = await opener.get("/start/zones", country="RU")
    assert "Екатеринбург, UTC+5" in zones
    assert "<html" not in zones


@pytest.mark.parametrize("name", ["", "   ", "…", "Л" * 81])
async def test_a_salon_without_a_name_is_asked_for_one(opener: Visitor, name: str):
    answer = await opener.post("/start", status=422, name=name, country="GE")
    assert "нужно название" in answer.text
    assert 'value="GE" selected' in answer.text, "what was chosen stays"


async def test_one_goes_on_where_one_stopped_and_may_go_back(site: Site, new: Visitor, clock):
    async def goes_on() -> str:
        answer = await new.client.get(f"{new.here}/start")
        return answer.headers["location"].removeprefix(new.here)

    assert await goes_on() == "/data"
    assert f"{new.here}/start" in await new.get("/start"), "the unfinished one is offered"
    await Salon(site.app.db, new.company).client()
    assert await goes_on() == "/start/consent"
    await new.post(f"{new.here}/start/consent", way="form")
    assert await goes_on() == "/start/rules"
    page = await new.get(f"{new.here}/start/consent")
    assert 'value="form" checked' in page
    await new.post(f"{new.here}/start/about", name="Лён и хлопок", country="RU")
    moved = await new.post(f"{new.here}/start/about", status=422, name="Лён", country="US")
    assert "страну и валюту изменить нельзя" in moved.text
    assert (await companies.get(site.app.db, new.company.company_id)).name == "Лён и хлопок"


async def test_what_is_started_has_no_first_steps_any_more(owner: Visitor):
    empty = await owner.client.get(f"{owner.here}/start")
    assert empty.headers["location"] == f"{owner.here}/data", "but it may lack clients"
    for step in ("/about", "/consent", "/rules", "/look", "/begin"):
        answer = await owner.client.get(f"{owner.here}/start{step}")
        assert answer.headers["location"] == f"{owner.here}/", step
    assert "Шаг" not in await owner.get(f"{owner.here}/data")


# --- files ----------------------------------------------------------------------------------------


async def test_files_are_shown_as_understood_then_read_and_deleted(site: Site, new: Visitor):
    bad = export()[VISITS] + "\n31.02.2024;Анна;=1+1;@Стрижка;Кира;1500".encode()
    place = await give(new, export() | {VISITS: bad})
    page = await new.get(place)
    for said in ("Визиты и продажи", "Услуги и цены", "дата непонятна: 1", "Анна"):
        assert said in page, said
    folder = site.app.settings.home / "uploads"
    assert len([path for path in folder.rglob("*") if path.is_file()]) == 3
    page = await read_in(new, place)
    assert "Всё загружено" in page
    assert [path.name for path in folder.rglob("*") if path.is_file()] == [upload_files.REJECTS]
    known = await starting.standing(site.app.db, new.company)
    assert (known.clients, known.with_phone, known.visits) == (8, 8, 40)
    rejects = await new.client.get(f"{place}/rejects.csv")
    assert "attachment" in rejects.headers["content-disposition"]
    assert "'=1+1" in rejects.text
    assert ";=" not in rejects.text
    assert CLIENTS in await new.get(f"{new.here}/data"), "the history has it"


BROKEN = {
    "empty": (b"", "Файл пуст"),
    "blank": (b"\n\n  \n", "Файл пуст"),
    "pdf": (b"%PDF-1.7 nothing", "не таблица"),
    "old excel": (b"\xd0\xcf\x11\xe0" + bytes(600), "старый .xls"),
    "web page": (b"<html><table></table></html>", "веб-страница"),
    "archive": (b"PK\x03\x04 broken", "повреждён"),
    "binary": (bytes(range(256)) * 20, "CSV или XLSX"),
    "no lines": (b"x" * (upload_files.LONGEST_LINE + 1), "нет строк"),
    "quotation": ('Имя;Телефон\n"Анна;1\n'.encode() * 1 + b"a;b\n" * 300, "кавычка"),
    "unknown": ("Раз;Два\nа;б\nв;г\n".encode(), "выберите ниже"),
}


@pytest.mark.parametrize("what", BROKEN)
async def test_a_broken_file_gets_a_sentence_and_nothing_is_stored(site, new, what):
    content, sentence = BROKEN[what]
    place = await give(new, {"выгрузка.csv": content})
    page = await new.get(place)
    assert sentence in page
    assert ">Загрузить<" not in page
    await new.post(f"{place}/read", status=422)
    assert not (await starting.standing(site.app.db, new.company)).has_data


async def test_what_was_misunderstood_is_put_right_by_hand(site: Site, new: Visitor):
    text = "А;Б;В\n01/02/2024;Анна;+7 999 000-00-01\n03/02/2024;Вера;+7 999 000-00-02\n"
    place = await give(new, {"x.csv": text.encode()})
    assert "выберите ниже" in await new.get(place)
    said = {"file": "1", "f1-kind": "visits", "f1-order": "", "f1-column-1": "name"}
    await new.post(f"{place}/columns", **said, **{"f1-column-0": "date", "f1-column-2": "phone"})
    assert "двояко" in await new.get(place)
    said |= {"f1-order": "dmy", "f1-column-0": "date", "f1-column-2": "phone"}
    await new.post(f"{place}/columns", **said)
    page = await new.get(place)
    assert "1 февр. 2024" in page
    assert "Всё загружено" in await read_in(new, place)
    assert (await starting.standing(site.app.db, new.company)).visits == 2


async def test_a_file_left_out_is_deleted_and_an_upload_thrown_away(site: Site, new: Visitor):
    place = await give(new, export())
    await new.post(f"{place}/files/1/remove")
    assert CLIENTS not in await new.get(place)
    await new.post(f"{place}/discard")
    assert not list((site.app.settings.home / "uploads").rglob("*.*"))
    await new.get(place, status=404)


async def test_names_of_files_lead_nowhere_and_are_shown_as_text(site: Site, new: Visitor):
    files = {"../../<b>evil</b>.csv": b"<script>alert(1)</script>;b\n1;2\n3;4\n"}
    page = await new.get(await give(new, files))
    assert "<script>alert" not in page
    assert "<b>evil" not in page
    inside = list((site.app.settings.home / "uploads").rglob("*"))
    assert all(path.name.isalnum() for path in inside)


async def test_files_are_taken_from_owners_only_and_by_our_form(site: Site, company, new: Visitor):
    await give(new, export(), status=403, csrf="0" * 64)
    manager = await site.visitor(company, Role.MANAGER)
    await give(manager, export(), status=403)
    manager.company = new.company
    await give(manager, export(), status=404)
    stranger = Visitor(site.stranger(), company, "0" * 64)
    await give(stranger, export(), status=303)  # to the door
    assert not (site.app.settings.home / "uploads").exists()
    assert "выберите файл" in (await new.client.post(
        f"{new.here}/data/files", data={"csrf": new.csrf}, headers={"accept": "text/html"},
        files=[("other", ("x", b""))],
    )).text  # fmt: skip


async def test_what_is_too_large_is_not_read(new: Visitor, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(errors, "LARGEST_UPLOAD", 2_000)
    await give(new, {"x.csv": b"a;b\n" * 1_000}, status=413)
    await give(new, {"x.csv": b"a;b\n" * 100})
    monkeypatch.setattr(upload_files, "LARGEST", 100)
    await give(new, {"x.csv": b"a;b\n" * 100}, status=422)


async def test_a_reading_that_died_may_be_begun_again(site: Site, new: Visitor, clock):
    place = await give(new, export())
    await Salon(site.app.db, new.company).execute(
        "UPDATE uploads SET state = 'reading', changed_at = %s", clock()
    )
    assert "Файлы загружаются" in await new.get(place)
    clock.now += timedelta(minutes=1)
    page = await new.get(place)
    assert "что-то сломалось" in page
    assert "Попробовать ещё раз" in page
    assert "Всё загружено" in await read_in(new, place)


async def test_what_nobody_reads_is_deleted_after_a_day(site: Site, new: Visitor, clock):
    await give(new, export())
    home = site.app.settings.home
    place = next((home / "uploads").glob("*/*"))
    now = clock.now.fromtimestamp(place.stat().st_mtime, tz=clock.now.tzinfo)
    assert upload_files.delete_old(home, now=now + timedelta(hours=23)) == 0
    assert upload_files.delete_old(home, now=now + timedelta(hours=25)) == 1
    assert not place.exists()


async def test_without_a_partners_token_the_crm_says_what_is_missing(new: Visitor):
    page = await new.get(f"{new.here}/data/crm/yclients")
    assert "VERNIS_YCLIENTS_PARTNER_TOKEN" in page
    assert 'name="token"' not in page
    await new.post(f"{new.here}/data/crm/yclients", status=422, salon="1", token="x")


# --- consent, rules, start ------------------------------------------------------------------------


async def test_consent_is_said_in_words_and_kept(site: Site, new: Visitor):
    here = f"{new.here}/start/consent"
    assert "Выберите один вариант" in (await new.post(here, status=422)).text
    assert "от 3 до 200" in (await new.post(here, status=422, way="other", words="?")).text
    assert "не дата" in (await new.post(here, status=422, way="form", since="вчера")).text
    await new.post(here, status=422, way="soft_opt_in")  # Russia has no such exception
    await new.post(here, way="other", words="журнал <i>на</i> стойке", since="2023-05-01")
    kept = await companies.get(site.app.db, new.company.company_id)
    assert kept.consent_basis == "журнал <i>на</i> стойке"
    assert str(kept.consent_basis_on) == "2023-05-01"
    assert "<i>на" not in await new.get(here)


RULES = {"send_from": "11:00", "send_until": "19:00", "send_days": ["1", "3"], "daily_cap": "7",
         "tone": "brief", "address": "ty", "offer.gentle": "", "offer.offer": "10%; 14 дней",
         "offer.win_back": "кофе в подарок"}  # fmt: skip


async def test_rules_are_kept(site: Site, new: Visitor):
    await new.post(f"{new.here}/start/rules", **RULES)
    kept = await companies.get(site.app.db, new.company.company_id)
    assert (f"{kept.send_from:%H:%M}", kept.send_days, kept.daily_cap) == ("11:00", (1, 3), 7)
    assert (kept.tone, kept.address, len(kept.offers)) == ("brief", "ty", 2)
    assert 'value="10%; 14 дней"' in await new.get(f"{new.here}/start/rules")


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"daily_cap": "много"}, "Целое число"),
        ({"send_days": []}, "Хотя бы один день"),
        ({"send_from": "20:00"}, "позже начала"),
        ({"send_from": "21:10", "send_until": "23:00"}, "писать нельзя"),
        ({"send_until": "25:00"}, "Время вроде 20:00"),
        ({"offer.offer": "100%"}, "Процент вроде 10%,"),
        ({"tone": "rude"}, ""),
    ],
)
async def test_a_wrong_rule_is_explained_beside_it_and_the_others_stay(new, wrong, sentence):
    answer = await new.post(f"{new.here}/start/rules", status=422, **RULES | wrong)
    assert sentence in answer.text
    assert 'value="кофе в подарок"' in answer.text


async def test_without_clients_there_is_nothing_to_look_at_or_to_start(site: Site, new: Visitor):
    for step in ("look", "begin"):
        answer = await new.client.get(f"{new.here}/start/{step}")
        assert answer.headers["location"] == f"{new.here}/data"
    await new.post(f"{new.here}/start/begin")
    assert (await companies.get(site.app.db, new.company.company_id)).started_at is None


async def test_a_person_approves_by_default(site: Site, new: Visitor):
    await Salon(site.app.db, new.company).client()
    await new.post(f"{new.here}/start/begin")
    begun = await companies.get(site.app.db, new.company.company_id)
    assert str(begun.approval_until) == "2024-04-08"
    owner = await members.listed(site.app.db, begun)
    assert [one.role for one in owner] == [Role.OWNER]


# --- in a browser ---------------------------------------------------------------------------------


async def test_from_nothing_to_the_first_message(site: Site, browser, tmp_path):
    """As an owner does it: drops the files, presses Next, looks, starts."""
    tab = await site.page(None, opens_companies=True)
    await tab.goto("/start")
    await tab.fill("#name", "Лён")
    await tab.select_option("#country", "RU")
    await tab.click("text=Дальше")
    await tab.wait_for_url("**/data")
    files = [{"name": n, "mimeType": "text/csv", "buffer": c} for n, c in export().items()]
    await tab.set_input_files("#files", files)  # they leave by themselves
    await tab.wait_for_url("**/data/*")
    await tab.click("button:text-is('Загрузить')")
    await tab.click("text=Дальше", timeout=30_000)
    await tab.wait_for_url("**/start/consent")
    await tab.check("input[value=form]")
    await tab.click("text=Дальше")
    await tab.wait_for_url("**/start/rules")
    await tab.click("text=Дальше")
    await tab.wait_for_url("**/start/look")
    texts = await tab.locator(".bubble").all_inner_texts()
    assert texts
    assert all("Лён" in text for text in texts)
    await tab.click("text=Дальше")
    await tab.check("input[value=none]")
    async with tab.expect_response("**/start/begin") as answered:
        await tab.click("main button:text-is('Запуск')")
    assert (await answered.value).status == 303
    company = await companies.get(site.app.db, 1)
    await work.morning(site.app, company)
    await work.deliver(site.app, company, Stop(grace_seconds=1))
    rows = await Salon(site.app.db, company).execute(
        "SELECT message_text FROM client_reactivation_history WHERE state = 'accepted'"
    )
    assert {text for (text,) in rows} >= {" ".join(text.split("\n")) for text in texts[:1]}


async def test_a_broken_file_is_explained_in_the_browser(site: Site, browser):
    company = await starting_company(site)
    tab = await site.page(company)
    await tab.goto(f"/c/{company.company_id}/data")
    broken = {"name": "список.xlsx", "mimeType": "text/plain", "buffer": b"PK\x03\x04 broken"}
    await tab.set_input_files("#files", [broken])
    await tab.wait_for_selector("text=Файл повреждён: выгрузите его ещё раз.")
    assert not (await starting.standing(site.app.db, company)).has_data


@pytest.mark.parametrize("locale", [Locale.RU, Locale.EN])
async def test_every_step_fits_a_phone_and_has_no_barriers(site: Site, browser, axe, locale, clock):
    company = await starting_company(site)
    visitor = await site.visitor(company, locale=locale)
    place = await give(visitor, export())
    tab = await site.page(company, width=375, locale=locale, dark=locale is Locale.EN)
    here = f"/c/{company.company_id}"
    found: list[str] = []

    async def look(path: str) -> None:
        await tab.goto(path)
        assert await overflow(tab) == 0, path
        found.extend(f"{path}: {one}" for one in await barriers(tab, axe))

    await look(f"{here}/data")
    await tab.goto(place)
    await tab.click("summary:has-text('Столб'), summary:has-text('Columns')")
    assert await overflow(tab) == 0
    found.extend(await barriers(tab, axe))
    await visitor.post(f"{place}/read")
    await tab.goto(place)
    await tab.wait_for_selector(f"text={DONE[locale]}")
    found.extend(await barriers(tab, axe))
    await visitor.post(f"{here}/start/consent", way="form")
    for step in ("about", "consent", "rules", "look", "begin"):
        await look(f"{here}/start/{step}")
    assert found == []


async def starting_company(site: Site):
    """A salon that is being set up by somebody else."""
    from vernis.stages import users

    user = await users.create(site.app.db, login="first@example.com", now=site.app.clock())
    return await starting.create(site.app.db, PLACE, user, now=site.app.clock())
