"""YClients read whole, by changes and piece by piece, while people go on working there."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.crm import yclients_shapes as shapes
from tests.crm.yclients_salon import make_world
from tests.crm.yclients_server import YClients
from tests.crm.yclients_world import World

from vernis.adapters import crm_yclients
from vernis.adapters.crm_http import CrmHttp
from vernis.adapters.crm_pace import NoPace
from vernis.adapters.crm_yclients import YClientsSource
from vernis.crm import CrmClient, CrmRecord
from vernis.decide.crm.yclients_records import NOBODY
from vernis.domain import BookingState
from vernis.errors import CrmAccessError, DataError, UnavailableError

NOW = datetime(2024, 4, 1, 9, tzinfo=UTC)
LONG_AGO = date(2021, 4, 1)
MOSCOW = ZoneInfo("Europe/Moscow")


@pytest.fixture
def world() -> World:
    return make_world(clients=90, records=900, now=NOW)


@pytest.fixture
async def crm(world: World) -> AsyncIterator[YClients]:
    async with YClients(world) as crm:
        yield crm
        assert [one for one in crm.refused if one.status not in {401, 403, 404}] == []


@pytest.fixture
async def source(crm: YClients) -> AsyncIterator[YClientsSource]:
    source = opened(crm)
    yield source
    await source.aclose()


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists of many pages without thousands of records."""
    monkeypatch.setattr(crm_yclients, "RECORDS_A_PAGE", 30)
    monkeypatch.setattr(crm_yclients, "CLIENTS_A_PAGE", 20)


def opened(crm: YClients, **more: Any) -> YClientsSource:
    http = CrmHttp(
        crm.base_url,
        partner_token=more.pop("partner_token", crm.partner_token),
        user_token=more.pop("user_token", crm.user_token),
        pace=NoPace(),
        tries=2,
        first_wait=0.001,
    )
    company_id = more.pop("company_id", crm.world.company.id)
    return YClientsSource(http, str(company_id), zone=MOSCOW, currency="RUB", **more)


async def all_records(
    source: YClientsSource, *, changed_after: datetime | None = None, meanwhile: Any = None
) -> dict[str, CrmRecord]:
    found, page, step = {}, None, 0
    while True:
        read = await source.records(since=LONG_AGO, changed_after=changed_after, page=page)
        found |= {one.external_id: one for one in read.items}
        found |= {one.external_id: one for one in read.rejected if one.reason == NOBODY}  # type: ignore[misc]
        if (page := read.next) is None:
            return found
        if meanwhile:
            meanwhile(step)
        step += 1


async def all_clients(
    source: YClientsSource, *, changed_after: datetime | None = None, meanwhile: Any = None
) -> dict[str, CrmClient]:
    found, page, step = {}, None, 0
    while True:
        read = await source.clients(changed_after=changed_after, page=page)
        found |= {one.external_id: one for one in read.items}
        if (page := read.next) is None:
            return found
        if meanwhile:
            meanwhile(step)
        step += 1


def keys(of: Any) -> set[str]:
    return {str(one) for one in of}


async def test_the_company_is_read_with_its_zone_and_its_currency(source):
    company = await source.company()
    assert (company.name, company.timezone) == ("Салон «Лён»", "Europe/Moscow")
    assert (company.currency, company.country) == ("RUB", "RU")


async def test_staff_who_were_fired_are_told_as_such(source, world):
    gone = next(iter(world.staff))
    world.fire(gone)
    staff = (await source.staff()).items
    assert keys(world.staff) == {one.external_id for one in staff}
    assert [one.external_id for one in staff if not one.is_active] == [str(gone)]


async def test_services_have_category_price_and_who_does_them_how_long(source, world):
    services = {one.title: one for one in (await source.services()).items}
    cut = services["Стрижка женская"]
    assert (cut.category, cut.price_minor, cut.duration_minutes) == ("Волосы", 240_000, 60)
    assert {minutes for _, minutes in cut.staff} == {None, 45}
    assert {staff_id for staff_id, _ in cut.staff} == keys(world.staff)


async def test_a_company_without_services_has_none(source, world):
    world.services.clear()
    world.categories.clear()
    assert (await source.services()).items == ()


async def test_all_clients_are_read_with_what_only_their_cards_tell(source, world, small_pages):
    some = next(iter(world.clients.values()))
    some.sex_id, some.sms_not, some.categories = 2, 1, ((3, "Черный список"),)
    found = await all_clients(source)
    assert keys(world.clients) == set(found)
    one = found[str(some.id)]
    assert (one.phone_raw, one.gender, one.consent, one.blacklisted) == (
        some.phone,
        "female",
        False,
        True,
    )
    assert one.changed_at == some.changed_at


async def test_a_full_read_of_clients_asks_for_no_page_but_the_first_twice(
    crm, source, small_pages
):
    await all_clients(source)
    pages = [one.body["page"] for one in crm.seen if one.path.endswith("/search")]
    assert pages == [1, 5, 4, 3, 2, 1]


async def test_few_clients_take_two_requests(crm, source):
    await all_clients(source)
    assert len(crm.seen) == 2


@pytest.mark.parametrize("place", ["first", "last"])
async def test_no_client_is_skipped_where_others_are_deleted_and_made_meanwhile(
    source, world, small_pages, place
):
    stays = set(list(world.clients)[30:60])

    def meanwhile(step: int) -> None:
        ids = [one for one in sorted(world.clients) if one not in stays]
        world.delete_client(ids[0 if place == "first" else -1])
        world.add_client("Новая Гостья", f"+7900000{step:04}")

    assert keys(stays) <= set(await all_clients(source, meanwhile=meanwhile))


async def test_all_records_are_read_deleted_ones_among_them(source, world, small_pages):
    found = await all_records(source)
    assert keys(world.records) == set(found)
    states = {str(one.id) for one in world.records.values() if one.is_deleted}
    assert {key for key, one in found.items() if one.state is BookingState.CANCELLED} == states


async def test_a_small_salon_is_one_request(crm, world):
    world.records = dict(list(world.records.items())[:200])
    source = opened(crm)
    assert keys(world.records) == set(await all_records(source))
    assert len(crm.seen) == 1
    await source.aclose()


async def test_windows_cost_little_more_than_pages(crm, source, world, small_pages):
    await all_records(source)
    assert len(crm.seen) <= 2.2 * len(world.records) / 30


async def test_a_read_goes_on_where_it_stopped_and_reads_nothing_twice(
    crm, source, world, small_pages
):
    first = await source.records(since=LONG_AGO, changed_after=None, page=None)
    second = await source.records(since=LONG_AGO, changed_after=None, page=first.next)
    again = opened(crm)
    resumed = await again.records(since=LONG_AGO, changed_after=None, page=first.next)
    assert resumed == second
    assert not {one.external_id for one in first.items} & {one.external_id for one in second.items}
    assert first.total == len(world.records)
    await again.aclose()


async def test_no_record_is_skipped_whatever_is_made_moved_and_deleted_meanwhile(
    source, world, small_pages
):
    began = NOW
    untouched = set(list(world.records)[::2])
    busy = [one for one in world.records if one not in untouched]
    service, staff = next(iter(world.services)), next(iter(world.staff))

    def meanwhile(step: int) -> None:
        world.now = NOW + timedelta(seconds=step + 1)
        for record_id in busy[step * 7 : step * 7 + 5]:
            there = world.records[record_id].starts_at
            world.move(record_id, there + timedelta(days=400 if step % 2 else -400))
        if step * 7 + 6 < len(busy):
            world.delete_record(busy[step * 7 + 6])
        at = datetime(2022, 1, 1, 12, tzinfo=MOSCOW) + timedelta(days=step)
        world.book(None, staff_id=staff, starts_at=at, service_ids=[service])

    found = set(await all_records(source, meanwhile=meanwhile))
    assert keys(untouched) <= found
    found |= set(await all_records(source, changed_after=began))
    since = datetime.combine(LONG_AGO, datetime.min.time(), MOSCOW)
    assert {str(one.id) for one in world.records.values() if one.starts_at >= since} <= found


async def test_a_day_with_more_than_a_page_is_read_by_pages(source, world, small_pages):
    for record_id in world.records:
        world.move(record_id, datetime(2024, 3, 1, 12, tzinfo=MOSCOW))
    assert keys(world.records) == set(await all_records(source))


async def test_a_day_that_changes_between_its_pages_is_read_again(source, world, small_pages):
    for record_id in world.records:
        world.move(record_id, datetime(2024, 3, 1, 12, tzinfo=MOSCOW))
    untouched = keys(list(world.records)[1:])

    def meanwhile(step: int) -> None:
        if step == 3:
            world.move(next(iter(world.records)), datetime(2024, 3, 9, 12, tzinfo=MOSCOW))

    assert untouched <= set(await all_records(source, meanwhile=meanwhile))


async def test_nothing_new_is_one_request_each(crm, source):
    assert await all_clients(source, changed_after=NOW) == {}
    assert await all_records(source, changed_after=NOW) == {}
    assert [one.path.split("/")[1] for one in crm.seen] == ["clients", "records"]


async def test_what_changed_is_read_and_nothing_else(source, world):
    world.now = NOW + timedelta(hours=1)
    record = next(one for one in world.records.values() if not one.is_deleted)
    client = world.clients[record.client_id or 0]
    world.delete_record(record.id)
    world.change_phone(client.id, "8 (900) 000-11-22")
    made = world.add_client("Зимняя Вера Ивановна", "79000001123")

    found = await all_records(source, changed_after=NOW)
    assert {key: one.state for key, one in found.items()} == {
        str(record.id): BookingState.CANCELLED
    }
    clients = await all_clients(source, changed_after=NOW)
    assert {key: one.phone_raw for key, one in clients.items()} == {
        str(client.id): "8 (900) 000-11-22",
        str(made.id): "79000001123",
    }
    assert (clients[str(made.id)].name, clients[str(made.id)].surname) == ("Вера", "Зимняя")


async def test_many_changes_are_read_in_windows_of_time(source, world, small_pages):
    for place, record_id in enumerate(world.records):
        world.now = NOW + timedelta(seconds=place * 11)
        world.attend(record_id, 1)
    for place, client_id in enumerate(world.clients):
        world.now = NOW + timedelta(seconds=place // 50)  # a file was taken in over there
        world.change_client(client_id, comment="из файла")
    assert keys(world.records) == set(await all_records(source, changed_after=NOW))
    assert keys(world.clients) == set(await all_clients(source, changed_after=NOW))


async def test_merged_clients_are_fewer_and_their_records_are_the_others(source, world):
    kept, gone = list(world.clients)[:2]
    theirs = {str(one.id) for one in world.records_of(gone)}
    world.now = NOW + timedelta(hours=1)
    world.merge_clients(kept, gone)
    changed = await all_records(source, changed_after=NOW)
    assert {one.client.external_id for key, one in changed.items() if key in theirs} == {str(kept)}
    assert await source.client(str(gone)) is None
    assert await source.count_clients() == 89


async def test_one_record_and_one_client_are_read_as_they_are_now(source, world):
    record = next(one for one in world.records.values() if one.attendance == 1)
    world.attend(record.id, -1)
    one = await source.record(str(record.id))
    assert one is not None
    assert (one.state, one.client.external_id) == (BookingState.NO_SHOW, str(record.client_id))
    client = await source.client(str(record.client_id))
    assert client is not None
    assert client.phone_raw == world.clients[record.client_id].phone


async def test_what_is_not_there_is_none(source, world):
    assert await source.record("999") is None
    assert await source.client("999") is None
    walk_in = world.book(
        None, staff_id=next(iter(world.staff)), starts_at=datetime(2024, 4, 2, 12, tzinfo=MOSCOW)
    )
    assert await source.record(str(walk_in.id)) is None


async def test_what_cannot_be_used_is_told_apart_and_the_rest_goes_on(crm, source, monkeypatch):
    ids = list(crm.world.records)[:4]
    crm.world.records = {one: crm.world.records[one] for one in ids}
    odd = {
        ids[0]: {"datetime": None, "date": None},
        ids[1]: {"client": None},
        ids[2]: {"datetime": "2024-03-01 12:00:00", "services": [{"id": "7", "cost": "1 200,00"}]},
        ids[3]: {"client": {"id": 5, "phone": 79000000001}, "colour_of_the_chair": "red"},
    }
    written = shapes.record
    monkeypatch.setattr(
        shapes, "record", lambda world, one, **more: written(world, one, **more) | odd[one.id]
    )
    page = await source.records(since=LONG_AGO, changed_after=None, page=None)
    assert {one.external_id: one.reason for one in page.rejected} == {
        str(ids[0]): "datetime: missing",
        str(ids[1]): NOBODY,
    }
    third, fourth = page.items
    assert third.starts_at == datetime(2024, 3, 1, 9, tzinfo=UTC)
    assert third.lines[0].amount_minor == 120_000
    assert fourth.client.phone_raw == "79000000001"
    with pytest.raises(DataError, match="datetime: missing"):
        await source.record(str(ids[0]))


async def test_schedules_are_of_those_who_work(source, world):
    fired, works = list(world.staff)[:2]
    world.fire(fired)
    page = await source.schedules(first_day=date(2024, 4, 1), last_day=date(2024, 4, 7))
    assert str(fired) not in {one.staff_id for one in page.items}
    days = [one.on.weekday() for one in page.items if one.staff_id == str(works)]
    assert days == sorted(world.staff[works].works_on)


@pytest.mark.parametrize(
    "wrong",
    [{"user_token": "fake-revoked"}, {"partner_token": "fake-wrong"}, {"company_id": 999}],
    ids=["user", "partner", "company"],
)
async def test_who_may_not_is_told_so(crm, wrong):
    source = opened(crm, **wrong)
    with pytest.raises(CrmAccessError):
        await source.records(since=LONG_AGO, changed_after=None, page=None)
    with pytest.raises(CrmAccessError):
        await source.clients(changed_after=None, page=None)
    await source.aclose()


async def test_a_missing_right_is_told_so(crm, source):
    next(iter(crm.users.values())).lacks.add("clients")
    with pytest.raises(CrmAccessError, match="rights"):
        await source.clients(changed_after=None, page=None)
    assert (await source.staff()).items


async def test_a_licence_that_has_ended_is_told_so(crm, source, world):
    world.company.is_licensed = False
    with pytest.raises(CrmAccessError, match="лицензию"):
        await source.services()


async def test_terms_that_are_not_given_are_asked_for(crm):
    http = CrmHttp(
        crm.base_url, partner_token=crm.partner_token, user_token=crm.user_token, pace=NoPace()
    )
    source = YClientsSource(http, str(crm.world.company.id))
    assert (await source.services()).items[0].price_minor == 240_000
    await source.services()
    assert sum(one.path.rstrip("/").count("/") == 2 for one in crm.seen) == 1
    await source.aclose()


async def test_a_crm_that_stays_away_is_unavailable(crm, source):
    crm.misbehave("fault", times=None)
    with pytest.raises(UnavailableError):
        await source.staff()
