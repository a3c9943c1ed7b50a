"""AI Admin's database: its names by setting, what its columns mean, and that it is only read."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from tests.crm import ai_admin_database
from tests.crm.ai_admin_database import AiAdminDatabase
from tests.crm.yclients_salon import make_world
from tests.crm.yclients_world import World

from vernis.adapters import crm_ai_admin
from vernis.adapters.crm_ai_admin import AiAdminSource
from vernis.ai_admin_tables import AiAdminTables
from vernis.config import load
from vernis.crm import CrmRecord
from vernis.decide.crm.ai_admin import record_of
from vernis.decide.crm.yclients import Terms
from vernis.decide.crm.yclients_fields import Unreadable
from vernis.domain import BookingState
from vernis.errors import ConfigError, CrmAccessError, UnavailableError

NOW = datetime(2024, 4, 1, 9, tzinfo=UTC)
LONG_AGO = date(2021, 4, 1)
MOSCOW = ZoneInfo("Europe/Moscow")
TERMS = Terms(zone=MOSCOW, currency="RUB")
ROW: dict[str, Any] = {
    "id": 5,
    "client_id": 7,
    "starts_at": "2024-04-02T12:00:00",
    "status": "active",
    "attendance": 0,
}


@pytest.fixture(scope="module")
def ai_admin_url(servers) -> str:
    return ai_admin_database.create(servers.database_url)


@pytest.fixture
def world() -> World:
    return make_world(clients=10, records=20, now=NOW)


@pytest.fixture
def database(ai_admin_url: str, world: World) -> Iterator[AiAdminDatabase]:
    database = AiAdminDatabase(ai_admin_url)
    database.hold(world)
    yield database
    database.close()


@pytest.fixture
async def source(database: AiAdminDatabase) -> AsyncIterator[AiAdminSource]:
    source = opened(database)
    yield source
    await source.aclose()


def opened(database: AiAdminDatabase, **tables: Any) -> AiAdminSource:
    named = AiAdminTables.model_validate(tables)
    return AiAdminSource(database.url, named, "4564", zone=MOSCOW, currency="RUB")


async def clients(source: AiAdminSource, changed_after: datetime | None = None) -> list[str | None]:
    page = await source.clients(changed_after=changed_after, page=None)
    assert page.next is None
    return sorted(str(one.phone_raw) for one in page.items)


# --- the database -------------------------------------------------------------------------------


async def test_other_names_are_told_by_setting(database, world):
    database.execute(
        'CREATE SCHEMA "их салон"; ALTER TABLE clients SET SCHEMA "их салон";'
        ' ALTER TABLE "их салон".clients RENAME TO "Клиенты; DROP TABLE staff";'
        ' ALTER TABLE "их салон"."Клиенты; DROP TABLE staff" RENAME phone TO "te""l"'
    )
    source = opened(
        database, clients={"table": "их салон.Клиенты; DROP TABLE staff", "phone": 'te"l'}
    )
    assert await clients(source) == sorted(one.phone for one in world.clients.values())
    assert (await source.staff()).items
    await source.aclose()
    database.execute('DROP SCHEMA "их салон" CASCADE')


@pytest.mark.parametrize(
    ("tables", "named"),
    [
        ({"clients": {"table": "people"}}, "no table people"),
        ({"clients": {"phone": "mobile"}}, "no column mobile: name the one for `phone`"),
        ({"clients": {"gender": "sex"}}, "no column sex: name the one for `gender`"),
        ({"clients": {"updated_at": "name"}}, "column name .* is no timestamp"),
    ],
)
async def test_a_name_that_is_not_there_is_one_sentence_with_the_setting(database, tables, named):
    source = opened(database, **tables)
    with pytest.raises(ConfigError, match=rf"{named}.*VERNIS_AI_ADMIN_TABLES") as told:
        await source.clients(changed_after=NOW, page=None)
    assert str(told.value).count(".") <= 1
    await source.aclose()


async def test_what_is_not_needed_may_be_missing_or_left_out(database):
    database.execute("ALTER TABLE clients DROP blacklisted")
    source = opened(database, clients={"name": ""})
    (one, *_) = (await source.clients(changed_after=None, page=None)).items
    assert (one.name, one.blacklisted) == (None, False)
    await source.aclose()


async def test_a_table_that_changes_under_way_is_said(database, source):
    await source.staff()
    database.execute("ALTER TABLE staff DROP name")
    with pytest.raises(ConfigError, match="VERNIS_AI_ADMIN_TABLES"):
        await source.staff()


async def test_nothing_can_be_written(database, source):
    await source.staff()
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        await source._connection.execute("DELETE FROM staff")
    (shown,) = await source._fetch(
        psycopg.sql.SQL(
            "SELECT current_setting('default_transaction_read_only'),"
            " current_setting('statement_timeout')"
        ),
        None,
    )
    assert shown == ("on", "30s")


async def test_a_query_that_takes_too_long_is_ended(database, monkeypatch):
    monkeypatch.setattr(crm_ai_admin, "_OPTIONS", "-c statement_timeout=1ms")
    source = opened(database)
    with pytest.raises(UnavailableError, match="took longer"):
        await source._fetch(psycopg.sql.SQL("SELECT pg_sleep(1)"), None)


async def test_a_connection_that_was_cut_is_made_anew(database, source):
    before = await source.staff()
    database.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'vernis'"
        " AND datname = current_database()"
    )
    assert await source.staff() == before


async def test_a_server_that_is_away_is_unavailable():
    url = "postgresql://vernis@127.0.0.1:9/vernis"
    source = AiAdminSource(url, AiAdminTables(), "4564", zone=MOSCOW, currency="RUB")
    with pytest.raises(UnavailableError, match="VERNIS_AI_ADMIN_DATABASE_URL"):
        await source.company()


async def test_a_user_without_rights_is_told_so(database):
    role = f"reader_{database.url.partition('?')[0].rpartition('_')[2]}"
    database.execute(f"CREATE ROLE {role} LOGIN; GRANT USAGE ON SCHEMA public TO {role}")
    url = f"{database.url}&user={role}"
    source = AiAdminSource(url, AiAdminTables(), "4564", zone=MOSCOW, currency="RUB")
    with pytest.raises(CrmAccessError, match="SELECT"):
        await source.clients(changed_after=None, page=None)
    await source.aclose()
    database.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")


@pytest.mark.parametrize("salon", ["999", "their salon", "99999999999999999999"])
async def test_a_company_that_is_not_there_is_told_so(database, salon):
    source = AiAdminSource(database.url, AiAdminTables(), salon)
    with pytest.raises(CrmAccessError, match="no company"):
        await source.company()
    with pytest.raises(CrmAccessError, match="no company"):
        await source.records(since=LONG_AGO, changed_after=None, page=None)
    await source.aclose()


async def test_only_the_companys_own_rows_are_told(database, source, world):
    theirs = "UPDATE clients SET company_id = 7 WHERE yclients_id = %s RETURNING yclients_id"
    ((gone,),) = database.execute(theirs, [next(iter(world.clients))])
    assert len(await clients(source)) == len(world.clients) - 1
    assert await source.client(str(gone)) is None


async def test_terms_that_are_not_given_are_the_companys(database, world):
    source = AiAdminSource(database.url, AiAdminTables(), "4564")
    page = await source.records(since=LONG_AGO, changed_after=None, page=None)
    starts = {one.external_id: one.starts_at for one in page.items}
    assert starts == {str(one.id): one.starts_at for one in world.records.values()}
    await source.aclose()


@pytest.mark.parametrize("kind", ["timestamp", "timestamptz"])
async def test_a_change_is_seen_with_and_without_a_zone_and_whatever_time_the_server_has(
    database, source, world, kind
):
    database.execute(f"ALTER TABLE clients ALTER updated_at TYPE {kind} USING updated_at")
    some = list(world.clients)[:2]
    change = "UPDATE clients SET updated_at = %s, phone = %s WHERE yclients_id = %s"
    at = NOW + timedelta(days=1)
    database.execute(change, [at.astimezone(UTC).replace(tzinfo=None), "in utc", some[0]])
    told = ["in utc"]
    if kind == "timestamp":
        database.execute(change, [at.astimezone(MOSCOW).replace(tzinfo=None), "local", some[1]])
        told.append("local")
    assert await clients(source, at - timedelta(minutes=10)) == told


async def test_a_read_goes_on_where_it_stopped(database, world, monkeypatch):
    monkeypatch.setattr(crm_ai_admin, "ROWS_A_PAGE", 8)
    first, again = opened(database), opened(database)
    one = await first.records(since=LONG_AGO, changed_after=None, page=None)
    two = await again.records(since=LONG_AGO, changed_after=None, page=one.next)
    three = await first.records(since=LONG_AGO, changed_after=None, page=two.next)
    told = [item.external_id for page in (one, two, three) for item in page.items]
    assert (len(told), set(told)) == (len(world.records), {str(one) for one in world.records})
    assert (one.total, two.total, three.next) == (len(world.records), None, None)
    await first.aclose()
    await again.aclose()


# --- what a row comes to ------------------------------------------------------------------------


def record(**changes: Any) -> CrmRecord:
    return record_of(ROW | changes, TERMS)


@pytest.mark.parametrize(
    ("status", "attendance", "state"),
    [
        ("active", 0, BookingState.BOOKED),
        ("confirmed", 2, BookingState.BOOKED),
        ("past", 0, BookingState.BOOKED),
        (None, 1, BookingState.COMPLETED),
        ("active", 1, BookingState.COMPLETED),
        ("active", "-1", BookingState.NO_SHOW),
        ("no_show", None, BookingState.NO_SHOW),
        ("no_show", 0, BookingState.NO_SHOW),
        ("completed", None, BookingState.COMPLETED),
        ("pending", None, BookingState.BOOKED),
        ("cancelled", 0, BookingState.CANCELLED),
        ("cancelled", 1, BookingState.CANCELLED),
        ("deleted", None, BookingState.CANCELLED),
    ],
)
def test_state_is_that_of_status_and_attendance(status, attendance, state):
    assert record(status=status, attendance=attendance).state is state


def test_a_deleted_booking_is_cancelled_whatever_it_says():
    assert record(is_deleted=True, attendance=1).state is BookingState.CANCELLED


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"id": None}, "id: missing"),
        ({"starts_at": None}, "starts_at: missing"),
        ({"starts_at": "infinity"}, "starts_at: not a moment"),
        ({"status": None, "attendance": None}, "status: missing"),
        ({"status": "летит", "attendance": None}, "status: unknown"),
        ({"attendance": 9, "status": None}, "attendance: unknown"),
        ({"client_id": None}, "client: nobody"),
        ({"client_id": None, "client_phone": "79990000001"}, "client_id: missing"),
        ({"service_ids": [1], "amount": "много"}, "amount: not an amount"),
        ({"service_ids": {"a": 1}}, "service_ids: not a list"),
    ],
)
def test_what_cannot_be_used_names_its_field(changes, reason):
    with pytest.raises(Unreadable) as told:
        record(**changes)
    assert told.value.reason == reason


@pytest.mark.parametrize(
    ("told", "moment"),
    [
        ("2024-04-02T12:00:00", datetime(2024, 4, 2, 9, tzinfo=UTC)),
        ("2024-04-02T12:00:00+00:00", datetime(2024, 4, 2, 12, tzinfo=UTC)),
        ("2024-04-02 12:00:00+05", datetime(2024, 4, 2, 7, tzinfo=UTC)),
    ],
)
def test_an_appointment_without_a_zone_is_in_the_companys(told, moment):
    assert record(starts_at=told).starts_at == moment


def test_a_booking_takes_until_its_end_or_its_length_or_an_hour():
    starts_at = record().starts_at
    assert record(ends_at="2024-04-02T12:45:00").ends_at == starts_at + timedelta(minutes=45)
    assert record(seconds=5400).ends_at == starts_at + timedelta(minutes=90)
    assert record(seconds=0).ends_at == starts_at + timedelta(hours=1)


@pytest.mark.parametrize("amount", [1000, 1000.0, "1000.00", "1 000,00"])
def test_one_amount_is_shared_by_all_services(amount):
    lines = record(service_ids=[1, 2, 1], service_titles=["A", "B", "A"], amount=amount).lines
    assert [(one.service_id, one.title, one.amount_minor) for one in lines] == [
        ("1", "A", 66_667),
        ("2", "B", 33_333),
    ]


def test_one_service_alone_need_not_be_a_list():
    (line,) = record(service_ids=3, service_titles="Укладка").lines
    assert (line.service_id, line.title, line.amount_minor) == ("3", "Укладка", None)


# --- settings -----------------------------------------------------------------------------------


def test_names_are_set_as_json(monkeypatch):
    monkeypatch.setenv("VERNIS_AI_ADMIN_TABLES", '{"clients": {"phone": "raw_phone"}}')
    tables = load.__wrapped__().ai_admin_tables
    assert (tables.clients.phone, tables.clients.table) == ("raw_phone", "clients")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("TABLES", "clients=people", "JSON"),
        ("TABLES", '{"clients": {"phnoe": "raw_phone"}}', "ai_admin_tables.clients.phnoe"),
        ("TABLES", '{"clients": {"phone": ""}}', "ai_admin_tables.clients.phone"),
        ("TABLES", '{"clients": {"table": "a.b.c"}}', "ai_admin_tables.clients.table"),
        ("DATABASE_URL", "mysql://localhost/theirs", "must start with postgresql://"),
    ],
)
def test_a_wrong_setting_is_named(monkeypatch, name, value, said):
    monkeypatch.setenv(f"VERNIS_AI_ADMIN_{name}", value)
    with pytest.raises(ConfigError, match=said):
        load.__wrapped__()
