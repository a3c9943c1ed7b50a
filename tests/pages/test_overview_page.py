"""The overview and the report: what it earned, and what needs a person, at a glance."""

import csv
import io
from datetime import timedelta

import pytest
from visitors import barriers, overflow

from vernis.domain import ConnectionState, Locale, PauseReason
from vernis.stages import auditing, notices
from vernis.stages.members import Role
from vernis.stages.notices import Kind
from vernis.web.pages import overview_charts
from vernis.web.pages.overview_charts import HEIGHT


@pytest.fixture
async def account(salon) -> int:
    ((account_id,),) = await salon.execute("SELECT account_id FROM accounts")
    return account_id


@pytest.fixture
async def lived(salon, account, clock) -> None:
    """Some weeks of a small salon: 12 messages, 4 replies, 3 bookings, 2 visits; 3 held out."""
    today = clock().astimezone(salon.company.zone)
    for number in range(12):
        at = (today - timedelta(days=2 * number)).replace(hour=11, minute=5)
        client = await salon.client("Вера")
        booking = {}
        if number in (4, 5, 6):
            came = "completed" if number > 4 else "booked"
            day = (at + timedelta(days=3)).date()
            booked = await salon.booking(client, f"{day}", came, amount_minor=2_500_00)
            booking = {"booking_created": True, "booking_id": booked, "booking_created_at": at}
            if came == "completed":
                booking |= {"visit_on": day, "revenue_minor": 2_500_00}
        if number % 3 == 0:
            booking |= {"response_received": True, "response_at": at, "response_type": "positive"}
        source = "personal" if number % 2 else "service_average"
        await salon.contact(
            client, f"{at:%Y-%m-%d %H:%M}", account_id=account, interval_source=source,
            phone=f"7999000{number:04}", **booking,
        )  # fmt: skip
    for number in range(3):
        client = await salon.client("Олег")
        at = (today - timedelta(days=9 + number)).replace(hour=9, minute=30)
        await salon.held_out(client, f"{at:%Y-%m-%d %H:%M}", phone=f"799900010{number:02}")


async def test_a_new_salon_reads_what_happens_next(owner, salon):
    html = await owner.get(f"{owner.here}/")
    assert "Сообщения ещё не отправлялись" in html
    assert "файлом или из вашей CRM" in html
    await salon.client()
    assert "Посмотреть план на сегодня" in await owner.get(f"{owner.here}/")


async def test_a_week_without_messages_is_no_beginning(owner, salon, account, clock):
    sent = clock() - timedelta(days=9)
    client = await salon.client()
    await salon.contact(client, f"{sent:%Y-%m-%d} 11:00", account_id=account)
    html = await owner.get(f"{owner.here}/", days="7")
    assert "Судить рано" in html
    assert "За эти дни сообщений не было." in html


async def test_the_first_sentence_says_what_it_earned_and_how_certain_that_is(owner, lived):
    html = await owner.get(f"{owner.here}/")
    assert "За 28 дней после сообщений записались 3 клиента." in html
    assert "Судить рано" in html
    assert "кому намеренно не писали:" in html


async def test_figures_are_of_the_period_that_is_asked_for(owner, lived):
    html = await owner.get(f"{owner.here}/")
    assert "<dd>12</dd>" in html
    assert "5\xa0000\xa0₽" in html
    week = await owner.get(f"{owner.here}/", days="7")
    assert "<dd>4</dd>" in week
    assert "до этого: 3" in week
    for period in ("90", "all", "nonsense", "999"):
        assert "<dd>12</dd>" in await owner.get(f"{owner.here}/", days=period)


async def test_in_english_all_is_english(site, company, lived):
    visitor = await site.visitor(company, locale=Locale.EN)
    html = await visitor.get(f"{visitor.here}/")
    assert "In 28 days 3 clients booked after a message." in html
    assert "Too early to tell" in html
    assert "From the message to the visit" in html


async def test_what_needs_a_person_comes_first_with_where_to_go(
    owner, salon, account, lived, clock
):
    client = await salon.client("Жанна <script>")
    dialog = await salon.insert(
        "dialogs", "dialog_id", account_id=account, phone="79990009999", client_id=client,
        waiting_since=clock(), waiting_why="complaint",
    )  # fmt: skip
    other = await salon.client("Анна")
    await salon.reactivation(
        other, clock(), state="written", phone="79990009998", deadline=clock() + timedelta(hours=3)
    )
    await salon.execute(
        "UPDATE accounts SET state = 'paused', pause_reason = %s, paused_at = %s",
        PauseReason.LOGGED_OUT, clock(),
    )  # fmt: skip
    html = await owner.get(f"{owner.here}/")
    assert html.index("Требует внимания") < html.index("Судить рано")
    assert f'href="{owner.here}/dialogs/{dialog}"' in html
    assert "жалоба" in html
    assert "Жанна &lt;script&gt;" in html
    assert "1 сообщение ждёт вашего одобрения" in html
    assert f'href="{owner.here}/plan?show=waiting"' in html
    assert "отсканируйте QR-код" in html


async def test_where_nothing_needs_a_person_nothing_says_so(owner, lived):
    assert "Требует внимания" not in await owner.get(f"{owner.here}/")


async def test_a_notice_is_gone_when_somebody_has_seen_it(
    owner, site, company, lived, account, clock
):
    async with site.app.db.tenant(company.company_id) as connection:
        await notices.write(
            connection, company, account, Kind.CONNECTION_LOST, now=clock(),
            state=ConnectionState.DISCONNECTED,
        )  # fmt: skip
    assert "потерял связь" in await owner.get(f"{owner.here}/")
    ((one,)) = (await notices.listed(site.app.db, company))[:1]
    looker = await site.visitor(company, Role.VIEWER)
    assert "Понятно" not in await looker.get(f"{owner.here}/")
    await looker.post(f"{owner.here}/notices/seen", status=403, notice=one.notice_id)
    await owner.post(f"{owner.here}/notices/seen", notice=one.notice_id)
    assert "потерял связь" not in await owner.get(f"{owner.here}/")
    assert (await auditing.listed(site.app.db, company))[0].action == "notices.seen"


async def test_what_may_have_left_is_settled_by_who_looked_on_the_phone(
    owner, site, salon, account, lived, clock
):
    client = await salon.client("Инна")
    number = await salon.reactivation(
        client, clock(), state="unknown", account_id=account, claimed_at=clock(),
        phone="79990009997",
    )  # fmt: skip
    assert "неизвестно, ушло ли сообщение" in await owner.get(f"{owner.here}/")
    await owner.post(f"{owner.here}/unknown/r{number}", sent="true")
    ((state,),) = await salon.execute(
        "SELECT state FROM client_reactivation_history WHERE id = %s", number
    )
    assert state == "accepted"
    (noted, *_) = await auditing.listed(site.app.db, salon.company)
    assert (noted.action, noted.subject) == ("message.was_sent", f"reactivation {number}")
    again = await owner.post(f"{owner.here}/unknown/r{number}", sent="false")
    assert "settled_before" in again.headers["location"]
    await owner.post(f"{owner.here}/unknown/nonsense", sent="false")


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("locale", list(Locale))
def test_every_notice_is_a_sentence(kind: Kind, locale: Locale, clock) -> None:
    from vernis.web.pages.notice_words import sentence

    details = {"reason": "logged_out", "state": "logged_out", "undelivered": 3, "accepted": 7,
               "says": "Slow down.", "webhook_id": 2}  # fmt: skip
    notice = notices.Notice(
        notice_id=1, kind=kind, details=details, created_at=clock(), seen_at=None, account_id=1,
        account="WhatsApp", channel="baileys",
    )  # fmt: skip
    said = sentence(notice, locale)
    assert said.endswith(".")
    assert "%(" not in said
    assert kind.value not in said


# --- the report -----------------------------------------------------------------------------------


async def test_the_report_has_its_tables_by_band_level_and_day(owner, lived):
    html = await owner.get(f"{owner.here}/report")
    for said in ("не были до 45 дней", "группа сравнения", "свой ритм", "День за днём"):
        assert said in html


async def test_each_table_is_a_file_that_a_spreadsheet_opens(owner, salon, lived):
    answer = await owner.client.get(f"{owner.here}/report.csv", params={"part": "bands"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert rows[0] == ["Сколько не были", "Клиенты", "Ответили", "Согласились", "Записались",
                       "Отменили", "Пришли", "Выручка"]  # fmt: skip
    assert rows[1][1:] == ["12", "4", "4", "3", "0", "2", "5000"]
    for part in ("levels", "days", "timing", "variants"):
        answer = await owner.client.get(f"{owner.here}/report.csv", params={"part": part})
        assert answer.status_code == 200
    await owner.get(f"{owner.here}/report.csv", status=404, part="clients")


async def test_a_variant_that_is_called_like_a_formula_is_no_formula(owner, salon, lived):
    await salon.execute(
        "UPDATE client_reactivation_history SET variant = '=1+1', variant_since = %s",
        salon.at("2024-01-01 00:00"),
    )
    answer = await owner.client.get(f"{owner.here}/report.csv", params={"part": "variants"})
    assert "'=1+1;12" in answer.content.decode("utf-8-sig")
    assert "=1+1" in await owner.get(f"{owner.here}/report")


# --- bars -----------------------------------------------------------------------------------------


def test_the_highest_column_is_of_full_height_and_none_leaves_the_plot() -> None:
    found = overview_charts.columns([0, 3, 6])
    assert [one.height for one in found] == [0, HEIGHT / 2, HEIGHT]
    assert all(one.top + one.height == HEIGHT for one in found)
    assert found[-1].x + found[-1].width <= 100
    assert overview_charts.columns([]) == []
    assert overview_charts.columns([0])[0].height == 0


# --- in a browser ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/report"])
async def test_it_fits_a_phone_and_keeps_nobody_out(site, browser, company, lived, axe, path):
    tab = await site.page(company, width=375)
    await tab.goto(f"/c/{company.company_id}{path}")
    assert await overflow(tab) == 0
    assert await barriers(tab, axe) == []


async def test_it_is_read_in_the_dark_and_without_javascript(site, browser, company, lived, axe):
    tab = await site.page(company, dark=True)
    await tab.goto(f"/c/{company.company_id}/")
    assert await barriers(tab, axe) == []
    tab = await site.page(company, javascript=False)
    await tab.goto(f"/c/{company.company_id}/")
    await tab.get_by_text("Таблицей").first.click()
    assert await tab.get_by_role("columnheader", name="Записи").first.is_visible()
    await tab.get_by_role("link", name="90 дней").click()
    assert "days=90" in tab.url
