"""The pages of services: what each level knows, a plot, and an owner's own interval."""

from datetime import timedelta

import pytest
from visitors import barriers, overflow

from vernis.domain import Locale
from vernis.stages import companies
from vernis.stages.members import Role
from vernis.web.pages.services import plot


async def service(salon, title: str = "МАНИКЮР + ПОКРЫТИЕ", *, clients: int = 12) -> int:
    """One whose clients came back after 25 days, and came once more 10 days ago."""
    found = await salon.insert("services", "service_id", title=title)
    today = salon.at("2024-04-01 12:00").date()
    for _ in range(clients):
        client = await salon.client()
        for ago in (60, 35, 10):
            on = (today - timedelta(days=ago)).isoformat()
            await salon.booking(client, on, service_id=found)
    return found


async def once(salon, service_id: int, ago: int = 10) -> int:
    client = await salon.client("Новенькая")
    on = salon.at("2024-04-01 12:00").date() - timedelta(days=ago)
    await salon.booking(client, on.isoformat(), service_id=service_id)
    return client


async def due(salon, client: int) -> tuple:
    rows = await salon.execute(
        "SELECT interval_source, interval_days FROM client_due_dates WHERE client_id = %s", client
    )
    return rows[0]


async def test_services_say_what_they_are_called_and_after_how_many_days_clients_return(
    salon, owner
):
    await service(salon)
    await salon.insert("services", "service_id", title="ПОДАРОЧНАЯ КАРТА № 5")

    told = await owner.get(f"{owner.here}/services")

    for part in (
        "МАНИКЮР + ПОКРЫТИЕ",
        "«маникюр с покрытием»",
        "25 дней",
        "24 возвращения",
        "12 клиентов",
        "у 12 клиентов свой ритм",
        "в сообщениях не называем",
    ):
        assert part in told, part


async def test_a_service_shows_its_levels_and_a_plot_that_can_be_read_as_text(salon, owner):
    found = await service(salon)
    await once(salon, found)

    told = await owner.get(f"{owner.here}/services/{found}")

    for part in (
        "половина приходит за 25 дней",
        "Учтено 24 возвращения",
        "Ещё 13 клиентов на эту услугу пока не вернулись",
        "не задан",
        "<svg",
        "22–28",
    ):
        assert part in told, part


async def test_an_own_interval_moves_due_dates_at_once_and_can_be_taken_back(salon, owner):
    found = await service(salon)
    client = await once(salon, found)
    at = f"{owner.here}/services/{found}"
    await owner.get(at)  # computes
    learned = await due(salon, client)

    answer = await owner.post(f"{at}/interval", days=" 40 ")
    assert answer.headers["location"] == f"{at}?done=saved"
    assert await due(salon, client) == ("own", 40)
    told = await owner.get(at)
    assert "Вы задали 40 дней" in told
    assert "задали вы" in await owner.get(f"{owner.here}/services")
    assert "задали вы: 40 дней" in await owner.get(f"{owner.here}/clients/{client}")

    await owner.post(f"{at}/interval", days="")
    assert await due(salon, client) == learned


@pytest.mark.parametrize("days", ["0", "731", "-5", "много", "1e3"])
async def test_days_that_are_none_are_explained_and_kept_in_the_field(salon, owner, days):
    found = await service(salon, clients=1)

    answer = await owner.post(f"{owner.here}/services/{found}/interval", status=422, days=days)

    assert "от 1 до 730 дней" in answer.text
    assert f'value="{days}"' in answer.text
    assert await salon.execute("SELECT own_interval_days FROM services") == [(None,)]


async def test_who_may_only_look_sets_nothing(site, salon, company):
    found = await service(salon, clients=1)
    viewer = await site.visitor(company, Role.VIEWER)

    assert '<form method="post" action="' + viewer.here not in await viewer.get(
        f"{viewer.here}/services/{found}"
    )
    await viewer.post(f"{viewer.here}/services/{found}/interval", status=403, days="30")


async def test_services_of_another_salon_are_not_there(site, salon, app):
    found = await service(salon, clients=1)
    other = await companies.find_or_create(
        app.db,
        name="Другая",
        locale=Locale.RU,
        timezone="Europe/Moscow",
        currency="RUB",
        country="RU",
    )
    stranger = await site.visitor(other)

    await stranger.get(f"{stranger.here}/services/{found}", status=404)
    await stranger.post(f"{stranger.here}/services/{found}/interval", status=404, days="30")
    assert "МАНИКЮР" not in await stranger.get(f"{stranger.here}/services")


async def test_a_service_nobody_came_for_has_a_page(salon, owner):
    found = await salon.insert("services", "service_id", title="Ботокс для волос")

    told = await owner.get(f"{owner.here}/services/{found}")

    assert "рисовать нечего" in told
    assert "30 дней" in told


async def test_the_plot_stays_within_its_frame(salon):
    from vernis.decide.gaps import gaps

    found = gaps([1, 1, 2, 2], [1000, 1001, 1000, 1364], as_of=1364)
    drawn = plot(found, own=700)

    assert all(0 <= one.x <= one.x + one.width <= 100.5 for one in drawn.columns)
    assert (drawn.own, drawn.median) == (100, None)


async def test_services_fit_a_phone_and_everybody_can_read_them(salon, company, browser, site, axe):
    found = await service(salon)
    tab = await site.page(company, width=375)

    for place in ("services", f"services/{found}"):
        await tab.goto(f"/c/{company.company_id}/{place}")
        assert await overflow(tab) == 0
        assert await barriers(tab, axe) == []


async def test_a_service_can_be_read_in_the_dark(salon, company, browser, site, axe):
    found = await service(salon)
    tab = await site.page(company, dark=True)

    await tab.goto(f"/c/{company.company_id}/services/{found}")
    await tab.fill("#days", "33")
    await tab.click("aside button[type=submit]")

    await tab.wait_for_url("**done=saved")
    assert await barriers(tab, axe) == []
