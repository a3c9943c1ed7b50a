"""The pages of clients: looking somebody up, all about one, and what may be done for them."""

from datetime import timedelta

import pytest
from visitors import barriers, overflow

from vernis.domain import Locale
from vernis.stages import auditing, companies
from vernis.stages.members import Role

PHONE, SHOWN, MASKED = "79000001234", "+7 900 000-12-34", "+7 900 ***-**-34"


async def somebody(salon, **values) -> int:
    """A client who comes every 30 days and was here 29 days ago."""
    title = values.pop("title", "МАНИКЮР С ПОКРЫТИЕМ")
    service = await salon.insert("services", "service_id", title=title)
    master = await salon.insert("staff", "staff_id", external_key=title, name="Алина")
    known = {"surname": "Ким", "phone": PHONE, "external_key": "K-17"} | values
    client = await salon.client(known.pop("name", "Анна"), **known)
    today = salon.at("2024-04-01 12:00").date()
    for ago in range(29, 300, 30):
        on = (today - timedelta(days=ago)).isoformat()
        of = {"service_id": service, "staff_id": master, "amount_minor": 250_000}
        await salon.booking(client, on, **of)
    return client


async def noted(app, company) -> list[tuple[str, str]]:
    return [(one.action, one.subject) for one in await auditing.listed(app.db, company)]


# --- looking ------------------------------------------------------------------------------------


async def test_a_client_is_found_by_name_phone_and_key(salon, owner):
    await somebody(salon)
    await salon.client("Вера", external_key="K-2", phone="79000009999")

    for typed in ("анна", "Ким", "900 000-12", "K-17"):
        found = await owner.get(f"{owner.here}/clients", q=typed)
        assert "Анна Ким" in found, typed
        assert SHOWN in found
        assert "Вера" not in found
    assert "Никого не нашли" in await owner.get(f"{owner.here}/clients", q="Ольга")


async def test_the_list_goes_on_where_it_ended(salon, owner):
    for number in range(35):
        await salon.client(f"Клиент{number:02}")

    first = await owner.get(f"{owner.here}/clients")
    rest = await owner.get(f"{owner.here}/clients", place=1_000_000, after=30)

    assert "Дальше" in first
    assert first.count('class="who"') == 30
    assert rest.count('class="who"') == 5


async def test_the_filter_shows_those_of_one_reason(salon, owner):
    await somebody(salon)
    await salon.client("Новенькая")

    found = await owner.get(f"{owner.here}/clients", reason="no_visits")

    assert "Новенькая" in found
    assert "Анна" not in found


@pytest.mark.parametrize("query", ["reason=love", "by=name", "place=x", "after=-1"])
async def test_a_list_that_is_not_offered_is_not_there(owner, query):
    answer = await owner.client.get(f"{owner.here}/clients?{query}")

    assert answer.status_code in {404, 422}


async def test_all_about_one_client_is_on_a_page(salon, owner):
    client = await somebody(salon)
    await salon.booking(client, "2024-04-20", "booked", starts="2024-04-20 12:00")
    await salon.contact(
        client,
        "2024-03-01 12:00",
        state="read",
        response_at=salon.at("2024-03-02 10:00"),
        response_received=True,
        response_type="positive",
    )

    told = (await owner.get(f"{owner.here}/clients/{client}")).replace("\xa0", " ")

    for part in (
        "Анна Ким",
        "«Анна»",
        SHOWN,
        "МАНИКЮР С ПОКРЫТИЕМ",
        "Алина",
        "2 500 ₽",
        "10 визитов, каждые 30 дней",
        "уже есть запись",
        "не в чёрном списке салона",
        "20 апр",
        "12:00",
        "Здравствуйте! Записать вас?",
        "хотели прийти",
        "Дни между последними визитами",
    ):
        assert part in told, part


async def test_a_client_who_never_came_has_a_page_too(salon, owner):
    client = await salon.client("<script>alert(1)</script>", phone=None, phone_state="missing")

    told = await owner.get(f"{owner.here}/clients/{client}")

    assert "Визитов пока не было" in told
    assert "<script>alert" not in told
    assert "без имени" in told


async def test_it_is_all_said_in_english_as_well(site, salon, company):
    client = await somebody(salon)
    visitor = await site.visitor(company, locale=Locale.EN)

    told = await visitor.get(f"{visitor.here}/clients/{client}")

    assert "10 visits, every 30 days" in told
    assert "Do we write today?" in told


async def test_clients_of_another_salon_are_not_there(site, salon, app, owner):
    other = await companies.find_or_create(
        app.db,
        name="Другая",
        locale=Locale.RU,
        timezone="Europe/Moscow",
        currency="RUB",
        country="RU",
    )
    client = await somebody(salon)
    stranger = await site.visitor(other)

    for place in ("", "/opt-out", "/opt-in", "/erase"):
        await stranger.get(f"{stranger.here}/clients/{client}{place}", status=404)
        await owner.get(f"/c/{other.company_id}/clients/{client}{place}", status=404)
    for place in ("opt-out", "export", "erase"):
        await stranger.post(f"{stranger.here}/clients/{client}/{place}", status=404, sure="yes")
    form = {"how": "анкета", "since": "2024-03-01"}
    await stranger.post(f"{stranger.here}/clients/{client}/opt-in", status=404, **form)
    assert "Анна" not in await stranger.get(f"{stranger.here}/clients", q=PHONE)


# --- who may what ---------------------------------------------------------------------------------


async def test_who_may_only_look_sees_phones_masked_and_no_buttons(site, salon, company):
    client = await somebody(salon)
    viewer = await site.visitor(company, Role.VIEWER)

    for page in ("clients", f"clients/{client}"):
        told = await viewer.get(f"{viewer.here}/{page}")
        assert MASKED in told
        assert SHOWN not in told
        assert PHONE not in told
    for word in ("opt-out", "opt-in", "/erase", "/export"):
        assert word not in told
    assert "Никого не нашли" in await viewer.get(f"{viewer.here}/clients", q=PHONE)
    for place in ("opt-out", "export", "erase", "opt-in"):
        await viewer.post(f"{viewer.here}/clients/{client}/{place}", status=403, sure="yes")


async def test_a_manager_stops_messages_but_neither_erases_nor_exports(site, salon, company):
    client = await somebody(salon)
    manager = await site.visitor(company, Role.MANAGER)

    told = await manager.get(f"{manager.here}/clients/{client}")

    assert "/opt-out" in told
    assert "/erase" not in told
    for place in ("export", "erase"):
        await manager.post(f"{manager.here}/clients/{client}/{place}", status=403, sure="yes")


# --- what is done ---------------------------------------------------------------------------------


async def test_messages_are_stopped_and_only_a_new_consent_lets_them_out_again(
    salon, owner, app, company
):
    client = await somebody(salon)
    at = f"{owner.here}/clients/{client}"
    assert "что ждёт отправки, отменится" in await owner.get(f"{at}/opt-out")

    await owner.post(f"{at}/opt-out")
    stopped = await owner.get(at)
    assert "Просили не писать" in stopped
    assert "/opt-out" not in stopped

    missing = await owner.post(f"{at}/opt-in", status=422, how=" ", since="2024-03-30")
    assert "Укажите, как клиент дал согласие" in missing.text
    later = await owner.post(f"{at}/opt-in", status=422, how="анкета", since="2024-05-30")
    assert "не может быть в будущем" in later.text
    assert "анкета" in later.text

    await owner.post(f"{at}/opt-in", how="анкета на визите", since="2024-03-30")
    told = await owner.get(at)
    assert "анкета на визите" in told
    assert "/opt-out" in told
    about = f"client {client}"
    assert await noted(app, company) == [
        ("client.opted_in", about),
        ("client.opted_out", about),
        *(await noted(app, company))[2:],
    ]
    (entry, *_) = await auditing.listed(app.db, company)
    assert entry.details == {"consent_on": "2024-03-30"}


async def test_all_data_is_a_file_to_download(salon, owner, app, company):
    client = await somebody(salon)

    answer = await owner.post(f"{owner.here}/clients/{client}/export", status=200)

    assert answer.headers["content-disposition"] == f'attachment; filename="client-{client}.json"'
    assert answer.json()["client"]["phone"] == PHONE
    assert ("client.exported", f"client {client}") in await noted(app, company)


async def test_erasing_says_what_goes_and_what_stays_and_asks_to_be_sure(salon, owner):
    client = await somebody(salon)
    await salon.client("Муж", phone=PHONE)
    at = f"{owner.here}/clients/{client}"

    asked = await owner.get(f"{at}/erase")
    for part in ("Что исчезнет навсегда", "Что останется", "этот номер ещё у 1 клиента"):
        assert part in asked
    unsure = await owner.post(f"{at}/erase", status=422)
    assert "Поставьте отметку" in unsure.text
    assert "Анна" in await owner.get(at)

    done = await owner.post(f"{at}/erase", sure="yes")

    assert done.headers["location"] == f"{owner.here}/clients?done=erased"
    assert "удалены" in await owner.get(done.headers["location"])
    await owner.get(at, status=404)
    assert "Анна" not in await owner.get(f"{owner.here}/clients")


async def test_a_message_under_way_is_waited_for(salon, owner):
    client = await somebody(salon)
    await salon.contact(
        client,
        "2024-04-01 08:00",
        state="claimed",
        claimed_at=salon.at("2024-04-01 08:00"),
        message_sent_at=None,
        phone=PHONE,
    )

    answer = await owner.post(f"{owner.here}/clients/{client}/erase", status=409, sure="yes")

    assert "попробуйте через минуту" in answer.text


async def test_a_form_of_somebody_else_is_refused(salon, owner):
    client = await somebody(salon)
    owner.csrf = "0" * 64

    for place in ("opt-out", "opt-in", "export", "erase"):
        await owner.post(f"{owner.here}/clients/{client}/{place}", status=403, sure="yes")


# --- in a browser --------------------------------------------------------------------------------


async def test_a_phone_shows_clients_without_scrolling_aside(salon, company, browser, site, axe):
    client = await somebody(salon, surname="Константинопольская-Задунайская")
    tab = await site.page(company, width=375)

    for place in ("clients", f"clients/{client}"):
        await tab.goto(f"/c/{company.company_id}/{place}")
        assert await overflow(tab) == 0
        assert await barriers(tab, axe) == []


async def test_in_the_dark_nothing_is_hard_to_read(salon, company, browser, site, axe):
    client = await somebody(salon)
    tab = await site.page(company, dark=True)

    for place in ("clients", f"clients/{client}", f"clients/{client}/erase"):
        await tab.goto(f"/c/{company.company_id}/{place}")
        assert await barriers(tab, axe) == []
