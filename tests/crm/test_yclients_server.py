"""The simulator refuses what the real API would refuse, and fails as it is told."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.crm.yclients_salon import make_world
from tests.crm.yclients_server import ACCEPT, How, Limits, User, YClients
from tests.crm.yclients_world import World

NOW = datetime(2024, 4, 1, 6, tzinfo=UTC)  # a Monday, 9 in Moscow


@pytest.fixture
def world() -> World:
    return make_world(clients=30, records=200, now=NOW)


@pytest.fixture
async def crm(world: World) -> AsyncIterator[YClients]:
    async with YClients(world) as server:
        yield server


async def ask(
    crm: YClients, method: str, path: str, body: Any = None, **headers: str
) -> httpx2.Response:
    """`$` in the path is the company's id."""
    tokens = f"Bearer {crm.partner_token}, User fake-user-token-{crm.world.company.id}"
    headers = {"accept": ACCEPT, "authorization": tokens} | headers
    path = path.replace("$", str(crm.world.company.id))
    async with httpx2.AsyncClient(trust_env=False, verify=False, timeout=10) as client:
        return await client.request(method, crm.base_url + path, json=body, headers=headers)


def new_record(world: World, **changes: Any) -> dict[str, Any]:
    """A body that is taken: a haircut tomorrow at 12:00 by who has nothing then."""
    at = datetime(2024, 4, 2, 12, tzinfo=world.zone)
    staff = next(one.id for one in world.doers(()) if world.is_free(one.id, at, 3600))
    return {
        "staff_id": staff,
        "services": [{"id": next(iter(world.services)), "cost": 2000}],
        "client": {"phone": "79000000031", "name": "Ира"},
        "datetime": "2024-04-02T12:00:00+03:00",
        "seance_length": 3600,
        "save_if_busy": False,
        "send_sms": False,
        "api_id": "our-key",
    } | changes


# --- what is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"authorization": ""}, 401),
        ({"authorization": "Bearer another-partner, User fake-user-token-4564"}, 401),
        ({"authorization": "Bearer fake-partner-token"}, 401),
        ({"authorization": "Bearer fake-partner-token, User revoked"}, 401),
        ({"authorization": "Bearer fake-partner-token,User fake-user-token-4564"}, 401),
        ({"authorization": "fake-partner-token, User fake-user-token-4564"}, 401),
        ({"accept": "application/json"}, 400),
    ],
)
async def test_headers_are_as_described_or_the_request_is_refused(
    crm: YClients, headers: dict[str, str], status: int
) -> None:
    answer = await ask(crm, "GET", "/records/$", **headers)
    assert answer.status_code == status
    assert set(answer.json()) == {"success", "data", "meta"}
    assert answer.json()["success"] is False


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/records/$?count=301", 400),
        ("/records/$?count=0", 400),
        ("/records/$?page=0", 400),
        ("/records/$?page=first", 400),
        ("/records/$?changed_since=2024-01-01", 400),
        ("/records/$?start_date=01.02.2024", 400),
        ("/records/$?start_date=2024-02-30", 400),
        ("/records/$?start_date=2024-02-01T00:00:00", 400),
        ("/records/$?changed_after=2024-02-01", 400),
        ("/records/$?changed_after=2024-02-01T00:00:00+03:00", 400),  # a plus that is a space
        ("/records/$?with_deleted=true", 400),
        ("/records/$?page=1&page=2", 400),
        ("/records/$?client_id[]=1", 400),
        ("/records/1", 404),
        ("/records/first", 404),
        ("/clients/$?count=201", 400),
        ("/client/$/1", 404),
        ("/record/$/1", 404),
        ("/schedule/$/1/2024-04-01/2024-04-02", 404),
        ("/services/$?category=1", 400),
        ("/book_times/$/1/2024-04-02", 404),
        ("/book_times/$/0/tomorrow", 400),
        ("/book_dates/$?service_ids[]=1", 422),
        ("/company/$/records", 404),
        ("/auth", 405),
    ],
)
async def test_bad_addresses_and_parameters_are_refused(
    crm: YClients, path: str, status: int
) -> None:
    assert (await ask(crm, "GET", path)).status_code == status
    assert len(crm.refused) == 1


class Gone:
    def __repr__(self) -> str:  # the same in every process that runs a part of the tests
        return "gone"


GONE = Gone()


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"staff_id": "7"}, 422),
        ({"staff_id": True}, 422),
        ({"staff_id": 7}, 422),
        ({"staff_id": GONE}, 422),
        ({"services": GONE}, 422),
        ({"services": [7]}, 422),
        ({"services": [{"id": 7}]}, 422),
        ({"services": [{"cost": 100}]}, 422),
        ({"services": [{"id": 4564006000, "title": "Стрижка"}]}, 422),
        ({"client": GONE}, 422),
        ({"client": {"id": 1}}, 422),
        ({"client": {"phone": 79000000031}}, 422),
        ({"client": {"phone": "8 (900) 000-00-31"}}, 422),
        ({"datetime": "2024-04-02 12:00:00"}, 422),
        ({"datetime": "2024-04-02T12:00:00"}, 422),
        ({"datetime": "2024-04-31T12:00:00+03:00"}, 422),
        ({"seance_length": "3600"}, 422),
        ({"seance_length": 0}, 422),
        ({"save_if_busy": 0}, 422),
        ({"save_if_busy": GONE}, 422),
        ({"send_sms": GONE}, 422),
        ({"attendance": 5}, 422),
        ({"api_id": None}, 422),
        ({"comment": None}, 422),
        ({"price": 100}, 422),
        ({"datetime": "2024-04-02T03:00:00+03:00"}, 422),  # nobody works
        ({"datetime": "2024-04-02T21:30:00+03:00"}, 422),  # it would end after the shift
    ],
    ids=repr,
)
async def test_a_bad_record_is_refused_and_nothing_is_made(
    crm: YClients, world: World, changes: dict[str, Any], status: int
) -> None:
    before = len(world.records), len(world.clients)
    body = {k: v for k, v in new_record(world, **changes).items() if v is not GONE}
    assert (await ask(crm, "POST", "/records/$", body)).status_code == status
    assert (len(world.records), len(world.clients)) == before


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/company/$/clients/search", {"page_size": 201}, 400),
        ("POST", "/company/$/clients/search", {"page": 0}, 400),
        ("POST", "/company/$/clients/search", {"page": "1"}, 422),
        ("POST", "/company/$/clients/search", {"fields": ["surname"]}, 400),
        ("POST", "/company/$/clients/search", {"changed_after": "2024-04-01"}, 422),
        ("POST", "/company/$/clients/search", {"filters": [{"type": "id"}]}, 400),
        ("POST", "/company/$/clients/search", {"filters": [{"type": "x", "state": {}}]}, 400),
        ("POST", "/company/$/clients/search", [], 422),
        ("POST", "/clients/$", {"name": "Ира"}, 422),
        ("POST", "/clients/$", {"name": "Ира", "phone": "нет"}, 422),
        ("POST", "/clients/$", {"name": "Ира", "phone": "+79000000031", "sex_id": 7}, 422),
        ("POST", "/clients/$", {"name": "Ира", "phone": "+79990000000"}, 422),  # is there
        ("POST", "/book_check/$", {"appointments": []}, 422),
        ("POST", "/book_check/$", {"appointments": [{"id": 1}]}, 422),
        ("POST", "/hooks_settings/$", {"urls": ["somewhere"], "active": 1}, 422),
        ("POST", "/hooks_settings/$", {"urls": []}, 422),
        ("POST", "/auth", {"login": "79000000002", "password": "wrong"}, 401),
        ("DELETE", "/record/$/1", None, 404),
        ("GET", "/records/$", {"page": 1}, 400),
    ],
)
async def test_other_bad_bodies_are_refused(
    crm: YClients, method: str, path: str, body: Any, status: int
) -> None:
    assert (await ask(crm, method, path, body)).status_code == status


async def test_a_user_without_a_right_or_of_another_company_is_not_let_in(crm: YClients) -> None:
    crm.users[crm.user_token].lacks.add("clients")
    assert (await ask(crm, "GET", "/clients/$")).status_code == 403
    assert (await ask(crm, "GET", "/records/$")).status_code == 200
    crm.users["another"] = User(token="another", companies={1})
    tokens = "Bearer fake-partner-token, User another"
    assert (await ask(crm, "GET", "/records/$", authorization=tokens)).status_code == 403
    crm.revoke(crm.user_token)
    assert (await ask(crm, "GET", "/records/$")).status_code == 401


# --- what is answered --------------------------------------------------------------------------


async def test_pages_hold_every_record_once_and_deleted_ones_where_asked(
    crm: YClients, world: World
) -> None:
    seen = []
    for page in range(1, 6):
        told = (await ask(crm, "GET", f"/records/$?count=60&with_deleted=1&page={page}")).json()
        seen += [one["id"] for one in told["data"]]
    assert seen == sorted(world.records)
    assert told["meta"] == {"page": 5, "total_count": 200}
    kept = (await ask(crm, "GET", "/records/$?count=300")).json()["data"]
    assert len(kept) == sum(not one.is_deleted for one in world.records.values()) < 200


async def test_changes_are_found_by_their_date(crm: YClients, world: World) -> None:
    first, second, third = list(world.records)[:3]
    world.now = NOW + timedelta(hours=1)
    world.attend(first, 1, cost=990)
    world.delete_record(second)
    world.change_phone(kept := next(iter(world.clients)), "+79000000099")
    since = "changed_after=2024-04-01T10:00:00"  # local to the company
    told = (await ask(crm, "GET", f"/records/$?{since}&with_deleted=1")).json()["data"]
    assert {one["id"]: one["deleted"] for one in told} == {first: False, second: True}
    assert told[0]["services"][0]["cost"] == 990
    clients = (await ask(crm, "GET", f"/clients/$?{since}")).json()["data"]
    assert [(one["id"], one["phone"]) for one in clients] == [(kept, "+79000000099")]
    assert third not in {one["id"] for one in told}


async def test_a_merged_client_is_gone_and_the_records_are_the_others(
    crm: YClients, world: World
) -> None:
    kept, gone = list(world.clients)[:2]
    records = {one.id for client in (kept, gone) for one in world.records_of(client)}
    world.merge_clients(kept, gone)
    assert (await ask(crm, "GET", f"/client/$/{gone}")).status_code == 404
    told = (await ask(crm, "GET", f"/records/$?client_id={kept}&count=300")).json()["data"]
    assert {one["id"] for one in told} == records


async def test_a_booked_record_is_read_back_with_its_key_and_takes_its_time(
    crm: YClients, world: World
) -> None:
    body = new_record(world)
    made = await ask(crm, "POST", "/records/$", body)
    assert made.status_code == 201
    record_id = made.json()["data"]["id"]
    told = (await ask(crm, "GET", f"/record/$/{record_id}")).json()["data"]
    assert (told["api_id"], told["client"]["phone"]) == ("our-key", "+79000000031")
    assert (told["datetime"], told["services"][0]["cost"]) == ("2024-04-02T12:00:00+03:00", 2000)
    again = await ask(crm, "POST", "/records/$", body | {"datetime": "2024-04-02T12:30:00+03:00"})
    assert (again.status_code, "уже занято" in again.json()["meta"]["message"]) == (422, True)
    assert (await ask(crm, "POST", "/records/$", body | {"save_if_busy": True})).status_code == 201
    moved = body | {"datetime": "2024-04-02T12:30:00+03:00", "save_if_busy": True}
    assert (await ask(crm, "PUT", f"/record/$/{record_id}", moved)).status_code == 201
    gone = await ask(crm, "DELETE", f"/record/$/{record_id}")
    assert (gone.status_code, gone.content) == (204, b"")
    assert (await ask(crm, "DELETE", f"/record/$/{record_id}")).status_code == 404
    assert (await ask(crm, "GET", f"/record/$/{record_id}")).json()["data"]["deleted"] is True
    crm.salon.shows_deleted = False
    assert (await ask(crm, "GET", f"/record/$/{record_id}")).status_code == 404


async def test_every_free_time_can_be_booked_and_then_is_free_no_more(
    crm: YClients, world: World
) -> None:
    service = next(iter(world.services))
    days = (await ask(crm, "GET", f"/book_dates/$?service_ids[]={service}")).json()["data"]
    day = days["booking_dates"][1]
    for staff in (one.id for one in world.doers([service])):
        at = f"/book_times/$/{staff}/{day}?service_ids[]={service}"
        times = (await ask(crm, "GET", at)).json()["data"]
        for time in times[:1]:
            appointment = {"id": 1, "services": [service], "staff_id": staff}
            appointment |= {"datetime": time["datetime"]}
            check = await ask(crm, "POST", "/book_check/$", {"appointments": [appointment]})
            assert (check.status_code, check.content) == (201, b"")
            body = new_record(world, staff_id=staff, datetime=time["datetime"])
            body |= {"seance_length": time["seance_length"]}
            assert (await ask(crm, "POST", "/records/$", body)).status_code == 201
            check = await ask(crm, "POST", "/book_check/$", {"appointments": [appointment]})
            assert check.status_code == 422
            assert time not in (await ask(crm, "GET", at)).json()["data"]


async def test_nothing_is_free_on_a_day_off(crm: YClients, world: World) -> None:
    staff = next(iter(world.staff))
    world.set_hours(staff, date(2024, 4, 3), ())
    assert (await ask(crm, "GET", f"/book_times/$/{staff}/2024-04-03")).json()["data"] == []
    told = (await ask(crm, "GET", f"/schedule/$/{staff}/2024-04-03/2024-04-03")).json()["data"]
    assert told == [{"date": "2024-04-03", "is_working": 0, "slots": []}]


async def test_the_search_pages_orders_and_filters(crm: YClients, world: World) -> None:
    some = sorted(world.clients)[:3]
    body = {
        "fields": ["phone", "visits_count"],
        "order_by_direction": "DESC",
        "page_size": 2,
        "filters": [{"type": "id", "state": {"value": some}}],
    }
    told = (await ask(crm, "POST", "/company/$/clients/search", body)).json()
    assert [one["id"] for one in told["data"]] == [some[2], some[1]]
    assert told["meta"]["total_count"] == 3
    assert set(told["data"][0]) == {"id", "phone", "visits_count"}


# --- limits and faults -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moments", "taken"),
    [
        ([0.0] * 5, 5),
        ([0.0] * 6, 5),
        ([0.0, 0.2, 0.4, 0.6, 0.8, 0.99], 5),
        ([0.0, 0.2, 0.4, 0.6, 0.8, 1.0], 6),
        ([0.9] * 5 + [1.1], 5),  # no edge of a second to slip through
        ([at * 0.25 for at in range(210)], 200),
        ([at * 0.3125 for at in range(210)], 210),
    ],
)
def test_limits_hold_in_any_second_and_any_minute(moments: list[float], taken: int) -> None:
    clock = iter(moments)
    limits = Limits(clock=lambda: next(clock))
    assert sum(not limits.wait("anybody") for _ in moments) == taken


async def test_beyond_the_limit_comes_429_with_the_seconds_to_wait(world: World) -> None:
    async with YClients(world, limits=Limits(per_second=2, clock=lambda: 0.0)) as crm:
        answers = [await ask(crm, "GET", "/company/$") for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert answers[2].headers["retry-after"] == "1"
    assert answers[2].json()["success"] is False


@pytest.mark.parametrize(
    ("how", "status", "is_made"),
    [
        (How.FAULT, 500, False),
        (How.GATEWAY, 502, False),
        (How.UNAVAILABLE, 503, False),
        (How.LIMITED, 429, False),
        (How.CLOSED, None, False),
        (How.LOST, None, True),
        (How.LATE_FAULT, 504, True),
        (How.CUT, None, True),
        (How.NOT_JSON, 201, True),
        (How.SLOW, 201, True),
    ],
)
async def test_a_fault_comes_before_or_after_the_record_is_made(
    crm: YClients, world: World, how: How, status: int | None, is_made: bool
) -> None:
    crm.misbehave(how, method="POST", path="/records", seconds=0.01)
    try:
        answered = (await ask(crm, "POST", "/records/$", new_record(world))).status_code
    except httpx2.TransportError:
        answered = None
    assert (answered, len(world.records) - 200) == (status, is_made)
    crm.be_reliable()
    assert (await ask(crm, "GET", "/records/$")).status_code == 200


async def test_unreliability_is_the_same_for_the_same_seed(crm: YClients) -> None:
    runs = []
    for _ in range(2):
        crm.be_unreliable(7, {How.FAULT: 0.3, How.LIMITED: 0.3})
        runs.append([(await ask(crm, "GET", "/company/$")).status_code for _ in range(12)])
    assert runs[0] == runs[1]
    assert set(runs[0]) == {200, 500, 429}


# --- webhooks ----------------------------------------------------------------------------------


async def test_webhooks_are_posted_once_they_are_set_up_and_can_be_lost(
    crm: YClients, world: World
) -> None:
    async with YClients(make_world(clients=0, records=0)) as mailbox:
        hook = f"http://127.0.0.1:{mailbox.port}/hook"
        record = next(iter(world.records))
        world.attend(record, 1)
        settings = {"urls": [hook], "active": 1, "record": 1, "client": 0}
        assert (await ask(crm, "POST", "/hooks_settings/$", settings)).status_code == 201
        world.attend(record, -1)
        world.delete_record(record)
        world.change_client(next(iter(world.clients)), name="Вера")
        await crm.settled()
        crm.loses_webhooks = True
        world.attend(record, 0)
        await crm.settled()
    letters = [one.body for one in mailbox.seen]
    assert [(one["resource"], one["resource_id"], one["status"]) for one in letters] == [
        ("record", record, "update"),
        ("record", record, "delete"),
    ]
    assert letters[0]["data"]["attendance"] == -1
    assert letters[1]["data"]["deleted"] is True
    assert letters[0]["company_id"] == world.company.id


# --- salons ------------------------------------------------------------------------------------


def test_a_salon_is_the_same_for_the_same_arguments_and_nobody_is_booked_twice() -> None:
    one, same = (make_world(clients=50, records=400, seed=3, now=NOW) for _ in range(2))
    assert (one.clients, one.records) == (same.clients, same.records)
    assert one.records != make_world(clients=50, records=400, seed=4, now=NOW).records
    assert len(one.records) == 400
    for record in one.records.values():
        assert one.is_working(record.staff_id, record.starts_at, record.length)
        if not record.is_deleted:
            assert not one.in_the_way(
                record.staff_id, record.starts_at, record.length, but=record.id
            )


def test_an_odd_salon_has_phones_of_every_kind_and_records_of_nobody() -> None:
    odd = make_world(clients=200, records=1000, now=NOW, odd=True)
    phones = {one.phone for one in odd.clients.values()}
    assert phones >= {"", "нет телефона"}
    assert any(one.client_id is None for one in odd.records.values())
    assert any(not one.services for one in odd.records.values())


async def test_two_companies_have_their_own_data_and_users() -> None:
    worlds = [make_world(clients=3, records=5, company_id=one, now=NOW) for one in (7, 8)]
    async with YClients(*worlds) as crm:
        assert (await ask(crm, "GET", "/records/8")).status_code == 403
        mine = (await ask(crm, "GET", "/companies?my=1")).json()["data"]
        assert [one["id"] for one in mine] == ["7"]
        tokens = f"Bearer {crm.partner_token}, User {crm.token_of(8)}"
        told = (await ask(crm, "GET", "/records/8?with_deleted=1", authorization=tokens)).json()
    assert {one["id"] for one in told["data"]} == set(worlds[1].records)


async def test_it_runs_as_a_process_of_its_own() -> None:
    command = [sys.executable, "-m", "tests.crm.yclients_server", "--clients", "5"]
    process = await asyncio.create_subprocess_exec(
        *command, "--records", "9", stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    try:
        assert process.stdout is not None
        told = json.loads(await process.stdout.readline())
        tokens = f"Bearer {told['partner_token']}, User {told['user_token']}"
        headers = {"accept": ACCEPT, "authorization": tokens}
        async with httpx2.AsyncClient(trust_env=False, verify=False, headers=headers) as client:
            records = f"{told['base_url']}/records/{told['company_id']}?with_deleted=1"
            found = (await client.get(records)).json()["data"]
            assert len(found) == 9
            by_hand = told["base_url"].replace("/api/v1", "/simulator/")
            attended = {"record_id": found[0]["id"], "attendance": -1}
            assert (await client.post(by_hand + "attend", json=attended)).status_code == 200
            assert (await client.get(records)).json()["data"][0]["attendance"] == -1
    finally:
        process.terminate()
        await process.wait()
