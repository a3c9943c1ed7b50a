"""The plan: whom the salon writes to, what a person decides about each, and why not the others."""

import json
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from salon_rows import Salon
from visitors import Site, Visitor, barriers, overflow

from vernis.decide.writing.checks import Problem
from vernis.domain import Company, Locale
from vernis.render.plan import as_dict
from vernis.stages import companies, drafts, intervals, outlook, planning, writing
from vernis.stages.members import Role
from vernis.web.pages import plan_outlooks, plan_words

TODAY = date(2024, 4, 1)
OWN = "Анна, здравствуйте! Это «Лён». Записать вас на маникюр?"
BAD = "Срочно! Скидка 50% только сегодня: https://example.com"


@dataclass
class Town:
    """A salon on an ordinary morning, before its plan is made."""

    site: Site
    salon: Salon

    @property
    def company(self) -> Company:
        return self.salon.company

    async def planned(self) -> list[int]:
        """The plan is made and written; the drafts."""
        app, company = self.site.app, self.company
        now = app.clock()
        await intervals.refresh(app.db, company, on=TODAY, now=now)
        await planning.store(app.db, company, on=TODAY, now=now, hash_phone=app.hash_phone)
        await writing.write(app.db, company, app.writer, now=now)
        rows = await self.salon.execute(
            "SELECT id FROM client_reactivation_history WHERE arm = 'contact' ORDER BY id"
        )
        return [id_ for (id_,) in rows]

    async def of(self, id_: int, *columns: str) -> tuple:
        rows = await self.salon.execute(
            f"SELECT {', '.join(columns)} FROM client_reactivation_history WHERE id = %s", id_
        )
        return rows[0]

    async def noted(self) -> list[str]:
        rows = await self.salon.execute(
            "SELECT action FROM audit_log WHERE action <> 'member.joined' ORDER BY entry_id"
        )
        return [action for (action,) in rows]


@pytest.fixture
async def town(site: Site, salon: Salon) -> Town:
    settings = ["approval=yes", "holdout_percent=0"]
    salon.company = await companies.change(site.app.db, salon.company, settings)
    await salon.insert(
        "accounts", "account_id", channel="sandbox", name="Песочница", position=1, gap_seconds=0
    )
    service = await salon.insert("services", "service_id", title="Маникюр")
    people = [("Анна", {"surname": "Белова"}), ("Мария", {}), ("Ольга", {}), ("Вера", {}),
              ("Дарья", {"phone": None, "phone_state": "missing"}),
              ("Ирина", {"consent": "refused"})]  # fmt: skip
    for name, values in people:
        client = await salon.client(name, **values)
        for away in (136, 102, 68, 34):
            on = (TODAY - timedelta(days=away)).isoformat()
            await salon.booking(client, on, service_id=service, amount_minor=250_000)
    late = await salon.client("Нина")
    await salon.booking(late, "2024-03-28", service_id=service)
    await salon.client("Гость")
    return Town(site, salon)


@pytest.fixture
async def manager(site: Site, town: Town) -> Visitor:
    return await site.visitor(town.company, Role.MANAGER)


async def test_before_the_plan_is_made_it_is_shown_as_it_would_be(town, manager):
    html = await manager.get(f"{manager.here}/plan")
    assert "Написали бы 4 клиентам" in html
    assert "Анна Белова" in html
    assert "34 дня назад" in html
    assert "обычно приходит через" in html
    assert 'class="band"' in html
    assert "План составится в 09:30" in html
    assert await town.salon.execute("SELECT FROM plans") == []


async def test_what_would_be_written_is_written_when_it_is_asked_for(town, manager):
    await manager.get(f"{manager.here}/plan")
    html = await manager.get(f"{manager.here}/plan/clients/1/message")
    assert "Анна" in html
    assert "Лён" in html
    assert await town.salon.execute("SELECT FROM client_reactivation_history") == []
    await manager.get(f"{manager.here}/plan/clients/999/message", status=404)


async def test_why_not_the_others_is_counted_as_the_command_line_counts_it(town, manager):
    html = await manager.get(f"{manager.here}/plan")
    app, company = town.site.app, town.company
    looked = await planning.look(
        app.db, company, on=TODAY, now=app.clock(), hash_phone=app.hash_phone
    )
    counts = json.loads(json.dumps(as_dict(looked)["counts"]))
    assert counts == {"due": 4, "no_phone": 1, "no_consent": 1, "not_due": 1, "no_visits": 1}
    for reason in ("no_phone", "no_consent", "not_due", "no_visits"):
        assert f"/plan?reason={reason}" in html
    assert "согласие не отмечено" in html
    for reason, name in [("no_phone", "Дарья"), ("no_consent", "Ирина"), ("not_due", "Нина"),
                         ("no_visits", "Гость")]:  # fmt: skip
        listed = await manager.get(f"{manager.here}/plan", reason=reason)
        assert name in listed
        assert "Анна" not in listed


async def test_after_it_is_made_each_waits_for_a_person_with_its_text(town, manager):
    ids = await town.planned()
    html = await manager.get(f"{manager.here}/plan")
    assert "В плане на сегодня 4 клиента" in html
    assert "4 сообщения ждут вашего решения" in html
    assert html.count("Одобрить<span") == 4
    stored = await town.salon.execute("SELECT counts FROM plans")
    found = await outlook.look(
        town.site.app.db, town.company, on=TODAY, now=town.site.app.clock(),
        hash_phone=town.site.app.hash_phone, is_planned=True,
    )  # fmt: skip
    assert dict(found.counts) == stored[0][0]
    text = (await town.of(ids[0], "message_text"))[0]
    assert text.splitlines()[0][:30] in html


async def test_approving_lets_it_leave_and_can_be_taken_back(town, manager):
    first, *_ = await town.planned()
    answer = await manager.post(f"{manager.here}/plan/{first}/approve")
    assert answer.headers["location"] == f"{manager.here}/plan?done=approved#r{first}"
    assert (await town.of(first, "send_after IS NULL", "state")) == (False, "written")
    await manager.post(f"{manager.here}/plan/{first}/hold")
    assert (await town.of(first, "send_after IS NULL", "approved_at")) == (True, None)
    assert await town.noted() == ["draft.approved", "draft.held"]


async def test_all_are_approved_that_were_on_the_page_and_have_no_remarks(town, manager):
    ids = await town.planned()
    await manager.post(f"{manager.here}/plan/{ids[0]}/edit", text=BAD)
    await manager.post(f"{manager.here}/plan/approve", upto=ids[2])
    waits = [(await town.of(id_, "send_after IS NULL"))[0] for id_ in ids]
    assert waits == [True, False, False, True]


async def test_a_text_with_remarks_is_kept_and_the_remarks_are_said_in_words(town, manager):
    first, *_ = await town.planned()
    was = (await town.of(first, "message_text"))[0]
    answer = await manager.post(f"{manager.here}/plan/{first}/edit", text=BAD)
    assert answer.headers["location"] == f"{manager.here}/plan/{first}/edit?done=edited"
    html = await manager.get(answer.headers["location"])
    assert "Есть ссылка или номер телефона." in html
    assert "Первоначальный текст" in html
    assert (await town.of(first, "message_text", "message_generated")) == (BAD, was)
    assert "Всё равно одобрить" in await manager.get(f"{manager.here}/plan")
    await manager.post(f"{manager.here}/plan/{first}/undo")
    assert (await town.of(first, "message_text")) == (was,)
    assert await town.noted() == ["draft.edited", "draft.edited"]


async def test_what_is_typed_is_checked_without_being_kept(town, manager):
    first, *_ = await town.planned()
    was = await town.of(first, "message_text")
    answer = await manager.post(f"{manager.here}/plan/{first}/check", status=200, text=BAD)
    assert "Есть ссылка" in answer.text
    assert await town.of(first, "message_text") == was


@pytest.mark.parametrize("text", ["", "   ", "я" * 4001])
async def test_a_text_that_cannot_be_sent_is_shown_again_as_it_was_typed(town, manager, text):
    first, *_ = await town.planned()
    answer = await manager.post(f"{manager.here}/plan/{first}/edit", status=422, text=text)
    assert "не длиннее 4000" in answer.text
    assert text in answer.text


async def test_not_this_time_needs_a_reason_and_keeps_it(town, manager):
    first, *_ = await town.planned()
    assert "потому что" in await manager.get(f"{manager.here}/plan/{first}/stop")
    await manager.post(f"{manager.here}/plan/{first}/skip", status=422, because=" ")
    await manager.post(f"{manager.here}/plan/{first}/skip", because="уже позвонили")
    kept = await town.of(first, "state", "reason", "rejected_because")
    assert kept == ("skipped", "rejected", "уже позвонили")
    assert "уже позвонили" in await manager.get(f"{manager.here}/plan")
    assert await town.noted() == ["draft.rejected"]


async def test_never_stops_the_number_and_cancels_the_message(town, manager):
    first, *_ = await town.planned()
    await manager.post(f"{manager.here}/plan/{first}/never")
    assert await town.of(first, "state", "reason") == ("skipped", "opted_out")
    assert await town.salon.execute("SELECT source FROM opt_outs") == [("staff",)]
    assert await town.noted() == ["client.opted_out"]


async def test_a_client_can_be_left_out_before_the_plan_is_made(town, manager):
    await manager.get(f"{manager.here}/plan")
    await manager.post(f"{manager.here}/plan/clients/1/skip", status=422)
    await manager.post(f"{manager.here}/plan/clients/1/skip", because="клиент переехал")
    await manager.post(f"{manager.here}/plan/clients/2/never")
    assert "Написали бы 2 клиентам" in await manager.get(f"{manager.here}/plan")
    assert await town.of(1, "state", "rejected_because") == ("skipped", "клиент переехал")
    again = await manager.post(f"{manager.here}/plan/clients/1/skip", status=422, because="x")
    assert "больше нет" in again.text
    assert len(await town.planned()) == 3
    assert await town.noted() == ["client.set_aside", "client.opted_out"]


async def test_what_was_decided_meanwhile_is_said(town, manager):
    first, second, *_ = await town.planned()
    await manager.post(f"{manager.here}/plan/{first}/skip", because="x")
    for act in ("approve", "hold", "skip", "undo"):
        answer = await manager.post(
            f"{manager.here}/plan/{first}/{act}", status=409, because="x", text=OWN
        )
        assert "уже решили" in answer.text, act
    manager.client.headers["hx-request"] = "true"
    row = await manager.post(f"{manager.here}/plan/{first}/approve", status=409)
    assert f'id="r{first}"' in row.text
    assert "<html" not in row.text
    done = await manager.post(f"{manager.here}/plan/{second}/approve", status=200)
    assert 'hx-swap-oob="true"' in done.text
    assert "Одобрено" in done.text


async def test_who_may_only_look_sees_no_buttons_and_can_do_nothing(town, site):
    first, *_ = await town.planned()
    viewer = await site.visitor(town.company, Role.VIEWER)
    html = await viewer.get(f"{viewer.here}/plan")
    assert "Анна Белова" in html
    assert "Одобрить" not in html
    assert "Не писать" not in html
    for act in ("approve", "edit", "skip", "never", "hold", "undo", "check"):
        await viewer.post(f"{viewer.here}/plan/{first}/{act}", status=403, because="x", text=OWN)
    assert await town.noted() == []


async def test_another_companys_messages_and_clients_do_not_exist_here(town, site, manager):
    first, *_ = await town.planned()
    other = await companies.find_or_create(
        site.app.db, name="Мак", locale=Locale.RU, timezone="Europe/Moscow", currency="RUB",
        country="RU",
    )  # fmt: skip
    stranger = await site.visitor(other)
    for act in ("approve", "edit", "skip", "never", "hold", "undo", "check"):
        await stranger.post(
            f"{stranger.here}/plan/{first}/{act}", status=404, because="x", text=OWN
        )
    for act in ("skip", "never"):
        path = f"{stranger.here}/plan/clients/1/{act}"
        await stranger.post(path, status=404, because="x")
    for place in (f"{first}", f"{first}/edit", f"{first}/stop", "clients/1/message",
                  "clients/1/stop"):  # fmt: skip
        await stranger.get(f"{stranger.here}/plan/{place}", status=404)
    assert await town.of(first, "state", "send_after") == ("written", None)


async def test_days_ahead_show_who_becomes_due_and_days_gone_by_what_was_done(town, manager):
    ids = await town.planned()
    await manager.post(f"{manager.here}/plan/{ids[0]}/approve")
    (opens,) = (await town.salon.execute(
        "SELECT opens_on FROM client_due_dates WHERE opens_on > %s", TODAY))[0]  # fmt: skip
    ahead = await manager.get(f"{manager.here}/plan", on=TODAY + timedelta(days=3))
    assert "прогноз" in ahead
    town.site.app.clock.now += opens - TODAY - timedelta(days=2)
    html = await manager.get(f"{manager.here}/plan", on=opens)
    assert "Нина" in html
    assert "пора прийти 1 клиенту" in html
    before = await manager.get(f"{manager.here}/plan", on=TODAY)
    assert "Анна" in before
    assert "<button" not in before.split("<main")[1]


@pytest.mark.parametrize(
    "asked",
    [{"on": "yesterday"}, {"on": "2024-12-01"}, {"on": "0001-01-01"}, {"reason": "nonsense"}],
)
async def test_what_is_no_day_and_no_reason_is_no_page(manager, asked):
    await manager.get(f"{manager.here}/plan", status=404, **asked)


async def test_where_thousands_are_due_the_reasons_come_after_the_page(town, manager, monkeypatch):
    monkeypatch.setattr(plan_outlooks, "QUICK", 0)
    html = await manager.get(f"{manager.here}/plan")
    assert "Написали бы 4 клиентам" in html
    assert 'hx-trigger="load"' in html
    assert "reason=no_phone" not in html
    assert "reason=no_phone" in await manager.get(f"{manager.here}/plan/reasons")
    assert "reason=no_phone" in await manager.get(f"{manager.here}/plan"), "it is kept"


async def test_reasons_are_paged_without_losing_or_repeating_anybody(town):
    app, company = town.site.app, town.company
    for number in range(7):
        client = await town.salon.client(f"Новая{number}")
        await town.salon.booking(client, f"2024-03-{20 + number}")
    await intervals.compute(app.db, company, on=TODAY, now=app.clock())
    found = await outlook.look(
        app.db, company, on=TODAY, now=app.clock(), hash_phone=app.hash_phone, is_planned=False
    )
    for reason, number in found.counts.items():
        seen: list[int] = []
        while True:
            after = seen[-1] if seen else None
            ids = await outlook.of_reason(app.db, company, found, reason, after=after, most=2)
            seen += ids
            if len(ids) < 2:
                break
        assert len(seen) == len(set(seen)) == number, reason


async def test_names_and_texts_are_shown_as_text(town, manager):
    ids = await town.planned()
    await town.salon.execute("UPDATE clients SET name = '<script>alert(1)</script>'")
    await manager.post(f"{manager.here}/plan/{ids[0]}/edit", text="<img src=x onerror=alert(1)>")
    html = await manager.get(f"{manager.here}/plan")
    assert "<script>alert" not in html
    assert "<img" not in html
    assert "&lt;script&gt;" in html


def test_every_check_is_said_in_words() -> None:
    assert set(plan_words.PROBLEMS) == set(Problem)


# --- in a browser ------------------------------------------------------------------------------


async def test_a_draft_is_approved_and_another_edited_by_keyboard_on_a_phone(town, browser, axe):
    first, second, *_ = await town.planned()
    tab = await town.site.page(town.company, Role.MANAGER, width=375, height=800)
    await tab.goto(f"/c/{town.company.company_id}/plan")
    assert await overflow(tab) == 0
    assert await barriers(tab, axe) == []
    await tab.locator(f"#r{first} >> text=Одобрить").focus()
    await tab.keyboard.press("Enter")
    await tab.locator(f"#r{first} >> text=Остановить и проверить").wait_for()
    assert "3 сообщения ждут" in await tab.inner_text("#waiting")
    await tab.locator(f"#r{second} >> text=Изменить").focus()
    await tab.keyboard.press("Enter")
    field = tab.locator(f"#r{second} textarea")
    await field.wait_for()
    assert await field.evaluate("field => field === document.activeElement")
    await field.fill(BAD)
    await tab.locator(f"#r{second} >> text=Есть ссылка").wait_for()
    assert await overflow(tab) == 0
    assert await barriers(tab, axe) == []
    await field.fill(OWN)
    await tab.keyboard.press("Tab")
    await tab.keyboard.press("Enter")
    await tab.locator(f"#r{second} blockquote >> text=Записать вас на маникюр").first.wait_for()
    assert (await town.of(second, "message_text")) == (OWN,)
    waiting = await drafts.waiting(town.site.app.db, town.company, now=town.site.app.clock())
    assert [draft.id for draft in waiting][:1] == [second]


async def test_it_can_be_used_without_javascript_and_in_the_dark(town, browser, axe):
    first, *_ = await town.planned()
    tab = await town.site.page(town.company, Role.MANAGER, javascript=False)
    await tab.goto(f"/c/{town.company.company_id}/plan")
    await tab.locator(f"#r{first} >> text=Не писать").click()
    await tab.fill("input[name=because]", "клиент переехал")
    await tab.locator("button >> text=В этот раз не писать").click()
    await tab.locator("text=клиент переехал").wait_for()
    dark = await town.site.page(town.company, dark=True, locale=Locale.EN)
    for place in ("plan", "plan?on=2024-04-05", "plan?reason=no_consent"):
        await dark.goto(f"/c/{town.company.company_id}/{place}")
        assert await barriers(dark, axe) == [], place
        assert await overflow(dark) == 0, place
