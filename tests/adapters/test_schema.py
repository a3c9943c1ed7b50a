"""What the database itself promises, whatever the code above it does."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg.errors import (
    CheckViolation,
    ForeignKeyViolation,
    InsufficientPrivilege,
    UniqueViolation,
)
from tenant_rows import NOON, ROWS, be, fill, insert

from vernis.adapters import schema
from vernis.adapters.embedded import Servers, running
from vernis.errors import ConfigError, UnavailableError

AS_APP = "-c role=vernis_app -c timezone=UTC"
OURS, THEIRS = 1, 2

# What belongs to no company, and so may be seen by all of them or by nobody.
GLOBAL = {"alembic_version", "industry_standard_intervals", "installation"}
GLOBAL |= {"model_keys", "model_requests", "model_status"}
GLOBAL |= {"users", "sessions", "login_links"}  # one person may see several companies

TENANT_TABLES = """
    SELECT c.oid, c.relname FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'company_id'
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
"""


def named(servers: Servers, database: str) -> str:
    before, _, query = servers.database_url.partition("?")
    return f"{before.rpartition('/')[0]}/{database}?{query}"


@pytest.fixture(scope="module")
def url(servers: Servers, template: str) -> Iterator[str]:
    """A database with two companies that have one row in every table, never changed by a test."""
    name = f"two_companies_{uuid4().hex[:8]}"
    with psycopg.connect(servers.database_url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    address = named(servers, name)
    with psycopg.connect(address, options=AS_APP) as connection:
        fill(connection, OURS)
        fill(connection, THEIRS)
    yield address
    with psycopg.connect(servers.database_url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="module")
def connection(url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(url, options=AS_APP) as connection:
        yield connection


@pytest.fixture
def app(connection: psycopg.Connection) -> Iterator[psycopg.Connection]:
    """As the application, in a transaction that is taken back."""
    yield connection
    connection.rollback()


@pytest.fixture
def ours(app: psycopg.Connection) -> psycopg.Connection:
    be(app, OURS)
    return app


@pytest.fixture(scope="module")
def owner(url: str) -> Iterator[psycopg.Connection]:
    """As whoever set the database up: sees the catalog."""
    with psycopg.connect(url) as connection:
        yield connection


@pytest.fixture
def empty(servers: Servers) -> Iterator[str]:
    name = f"empty_{uuid4().hex[:8]}"
    with psycopg.connect(servers.database_url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    yield named(servers, name)
    with psycopg.connect(servers.database_url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


# --- migrations --------------------------------------------------------------------------------


def catalog(url: str) -> list[tuple]:
    """Everything in the schema, with the rows' own versions: a change of anything shows."""
    with psycopg.connect(url) as connection:
        objects = connection.execute(
            "SELECT attrelid::regclass::text, attname, atttypid::regtype::text, c.xmin::text"
            " FROM pg_attribute JOIN pg_class c ON c.oid = attrelid"
            " WHERE relnamespace = 'public'::regnamespace ORDER BY 1, 2"
        ).fetchall()
        seeds = connection.execute(
            "SELECT category_key, xmin::text FROM industry_standard_intervals ORDER BY 1"
        ).fetchall()
        return objects + seeds


def test_an_empty_database_gets_the_newest_schema_and_a_second_time_nothing(empty):
    schema.ensure(empty)
    first = catalog(empty)

    schema.ensure(empty)

    assert first
    assert catalog(empty) == first
    with psycopg.connect(empty) as connection:
        versions = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    assert versions == [(schema.newest(),)]


def test_many_that_start_at_once_set_up_one_schema(empty):
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(schema.ensure, [empty] * 4))

    with psycopg.connect(empty) as connection:
        count = connection.execute("SELECT count(*) FROM industry_standard_intervals").fetchone()
    assert count == (16,)


def test_databases_of_one_new_server_can_be_set_up_at_once(tmp_path: Path):
    """The roles belong to the server, so they are what two migrations can quarrel about."""
    migrations = sorted(Path(str(files("vernis.migrations"))).glob("versions/*.sql"))

    def migrate(url: str) -> None:
        with psycopg.connect(url) as connection:
            for migration in migrations:
                connection.execute(migration.read_text("utf-8"))
            insert(connection, "companies", OURS)

    with running(tmp_path, valkey=False, durable=False) as servers:
        names = [f"salon_{n}" for n in range(4)]
        with psycopg.connect(servers.database_url, autocommit=True) as connection:
            for name in names:
                connection.execute(f"CREATE DATABASE {name}")

        with ThreadPoolExecutor(len(names)) as threads:
            list(threads.map(migrate, [named(servers, name) for name in names]))


def test_a_newer_database_is_left_alone(empty):
    schema.ensure(empty)
    with psycopg.connect(empty) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(ConfigError, match="9999, newer than this Vernis knows"):
        schema.ensure(empty)


def test_a_server_that_does_not_answer_is_told_in_one_sentence():
    with pytest.raises(UnavailableError, match="Check DATABASE_URL") as raised:
        schema.ensure("postgresql://nobody@127.0.0.1:1/nothing")

    assert "\n" not in str(raised.value)


def test_a_user_without_the_right_to_set_up_is_told_so(empty):
    user = f"guest_{uuid4().hex[:8]}"
    with psycopg.connect(empty, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {user} LOGIN")
    try:
        with pytest.raises(ConfigError, match="may not set up Vernis"):
            schema.ensure(f"postgresql://{user}@{empty.partition('@')[2]}")
    finally:
        with psycopg.connect(empty, autocommit=True) as connection:
            connection.execute(f"DROP ROLE {user}")


def test_the_sixteen_industry_standards_are_there(ours):
    rows = ours.execute(
        "SELECT count(*), min(interval_days), max(interval_days), min(cardinality(keywords)),"
        " avg(confidence_score)::float, count(*) FILTER (WHERE 0 < min_days"
        " AND min_days <= interval_days AND interval_days <= max_days)"
        " FROM industry_standard_intervals"
    ).fetchone()

    assert rows == (16, 14, 90, 1, 0.75, 16)


# --- tenants: what the catalog says ------------------------------------------------------------


def test_every_tenant_table_has_a_row_to_be_tested_with(owner):
    tables = {name for _, name in owner.execute(TENANT_TABLES).fetchall()}

    assert tables == set(ROWS), "add the new table to tenant_rows.py"


def test_every_table_belongs_to_a_company_or_is_known_to_be_global(owner):
    tables = owner.execute(
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p', 'm', 'f')"
        " AND relnamespace = 'public'::regnamespace AND relname NOT LIKE 'procrastinate%'"
    ).fetchall()

    assert {name for (name,) in tables} == GLOBAL | set(ROWS)


def test_row_level_security_is_on_and_forced_everywhere(owner):
    open_tables = owner.execute(
        f"SELECT t.relname FROM ({TENANT_TABLES}) AS t JOIN pg_class c USING (oid)"
        " WHERE NOT (c.relrowsecurity AND c.relforcerowsecurity)"
    ).fetchall()

    assert open_tables == []


def test_the_applications_only_policy_is_its_company(owner):
    policies = owner.execute(
        "SELECT tablename, policyname, cmd, permissive, qual LIKE %s, with_check FROM pg_policies"
        " WHERE 'vernis_app' = ANY(roles) OR 'public' = ANY(roles) ORDER BY tablename",
        ("(company_id = (NULLIF(current_setting('vernis.company_id'%",),
    ).fetchall()

    assert policies == [
        (table, "one_company", "ALL", "PERMISSIVE", True, None) for table in sorted(ROWS)
    ]


def test_company_id_is_required_and_first_in_every_unique_key(owner):
    keys = owner.execute(
        f"SELECT t.relname, i.indexrelid::regclass::text, i.indisprimary, a.attname, a.attnotnull"
        f" FROM ({TENANT_TABLES}) AS t JOIN pg_index i ON i.indrelid = t.oid AND i.indisunique"
        " LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = i.indkey[0]"
    ).fetchall()

    assert {table for table, _, primary, _, _ in keys if primary} == set(ROWS)
    assert [key for key in keys if key[3:] != ("company_id", True)] == []


def test_company_id_is_in_every_key_that_points_to_another_tenant_table(owner):
    keys = owner.execute(
        f"WITH tenants AS ({TENANT_TABLES})"
        " SELECT k.conrelid::regclass::text, k.conname,"
        " EXISTS (SELECT FROM unnest(k.conkey, k.confkey) AS pair (here, there)"
        "   JOIN pg_attribute h ON h.attrelid = k.conrelid AND h.attnum = here"
        "   JOIN pg_attribute t ON t.attrelid = k.confrelid AND t.attnum = there"
        "   WHERE h.attname = 'company_id' AND t.attname = 'company_id')"
        " FROM pg_constraint k WHERE k.contype = 'f'"
        " AND k.conrelid IN (SELECT oid FROM tenants) AND k.confrelid IN (SELECT oid FROM tenants)"
    ).fetchall()

    assert len(keys) > 30
    assert [key for key in keys if not key[2]] == []


def test_views_ask_as_whoever_looks(owner):
    views = owner.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'v'"
        " AND relnamespace = 'public'::regnamespace AND relname NOT LIKE 'procrastinate%'"
        " AND NOT coalesce('security_invoker=true' = ANY(reloptions), false)"
    ).fetchall()

    assert views == []


def test_no_function_runs_with_more_rights_than_its_caller(owner):
    functions = owner.execute(
        "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef"
    ).fetchall()

    assert functions == []


@pytest.mark.parametrize("role", ["vernis_app", "vernis_dispatcher"])
def test_the_two_roles_can_do_nothing_but_their_work(owner, role):
    powers = owner.execute(
        "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication, rolcanlogin"
        " FROM pg_roles WHERE rolname = %s",
        (role,),
    ).fetchone()
    owned = owner.execute(
        "SELECT count(*) FROM pg_class WHERE relowner = %s::regrole", (role,)
    ).fetchone()
    memberships = owner.execute(
        "SELECT count(*) FROM pg_auth_members WHERE member = %s::regrole", (role,)
    ).fetchone()

    assert powers == (False,) * 6
    assert owned == memberships == (0,)


# --- tenants: what one can do to another -------------------------------------------------------


@pytest.mark.parametrize("table", ROWS)
def test_a_company_reads_its_own_rows_only(ours, table):
    seen = ours.execute(f"SELECT company_id FROM {table}").fetchall()
    asked_for = ours.execute(f"SELECT FROM {table} WHERE company_id = {THEIRS}").fetchall()

    assert seen == [(OURS,)]
    assert asked_for == []


@pytest.mark.parametrize("table", ROWS)
def test_a_company_inserts_nothing_for_another(ours, table):
    with pytest.raises(InsufficientPrivilege, match="row-level security"):
        insert(ours, table, THEIRS)


@pytest.mark.parametrize("table", ROWS)
def test_a_company_changes_nothing_of_another(ours, table):
    statement = f"UPDATE {table} SET company_id = company_id WHERE company_id = {THEIRS}"

    assert ours.execute(statement).rowcount == 0


@pytest.mark.parametrize("table", ROWS)
def test_a_company_gives_nothing_away(ours, table):
    with pytest.raises(InsufficientPrivilege, match="row-level security"):
        ours.execute(f"UPDATE {table} SET company_id = {THEIRS}")


@pytest.mark.parametrize("table", ROWS)
def test_a_company_deletes_nothing_of_another(ours, table):
    deleted = ours.execute(f"DELETE FROM {table} WHERE company_id = {THEIRS}").rowcount
    be(ours, THEIRS)

    assert deleted == 0
    assert ours.execute(f"SELECT company_id FROM {table}").fetchall() == [(THEIRS,)]


@pytest.mark.parametrize("table", ROWS)
@pytest.mark.parametrize("company_id", [None, ""])
def test_without_a_company_nothing_is_seen_and_nothing_goes_in(app, table, company_id):
    if company_id is not None:
        be(app, company_id)

    assert app.execute(f"SELECT FROM {table}").fetchall() == []
    assert app.execute(f"DELETE FROM {table}").rowcount == 0
    with pytest.raises(InsufficientPrivilege, match="row-level security"):
        insert(app, table, OURS)


@pytest.mark.parametrize("view", ["visits", "appointments_cache", "conversation"])
def test_views_show_one_company(ours, view):
    ours.execute("UPDATE client_reactivation_history SET claimed_at = planned_at")
    seen = ours.execute(f"SELECT DISTINCT company_id FROM {view}").fetchall()

    assert seen == [(OURS,)]


def test_the_company_is_forgotten_with_the_transaction(app):
    be(app, OURS)
    app.commit()

    assert app.execute("SELECT FROM clients").fetchall() == []


def test_resetting_the_role_leads_back_to_the_application(app):
    app.execute("RESET ROLE")

    assert app.execute("SELECT current_user").fetchone() == ("vernis_app",)


def test_rows_cannot_point_to_another_companys(ours):
    be(ours, THEIRS)
    insert(ours, "clients", THEIRS, client_id=99, external_key="C99")
    be(ours, OURS)

    with pytest.raises(ForeignKeyViolation):
        insert(ours, "bookings", OURS, booking_id=2, external_key="B2", client_id=99)


def test_industry_standards_cannot_be_changed_by_the_application(ours):
    with pytest.raises(InsufficientPrivilege):
        ours.execute("UPDATE industry_standard_intervals SET interval_days = 1")


# --- the dispatcher ----------------------------------------------------------------------------

SEEN_BY_THE_DISPATCHER = {
    "accounts": {
        "company_id", "account_id", "channel", "address", "business", "state", "paused_until",
        "connection",
    },
    "companies": {
        "company_id", "name", "timezone", "plan_at", "planned_on", "computed_on", "started_at",
    },
    "client_reactivation_history": {
        "company_id", "state", "send_after", "deadline", "claimed_at",
        "account_id", "message_sent_at", "response_at", "booking_created_at", "message_fallback",
    },
    "crm_connections": {
        "company_id", "crm", "external_id", "state", "next_sync_at", "connected_at",
    },
    "crm_syncs": {"company_id", "entity", "succeeded_at"},
    "memberships": {"company_id", "user_id", "role"},
    "messages": {"company_id", "dialog_id", "direction", "state", "claimed_at"},
    "model_spending": {"company_id", "month", "requests", "micro_usd"},
    "plans": {"company_id", "plan_on", "planned_at"},
    "webhook_deliveries": {
        "company_id", "webhook_id", "state", "next_attempt_at", "claimed_at",
    },
}  # fmt: skip
SEEN_OF_THE_INSTALLATION = {
    "model_status": {"name", "outcome", "outcome_at", "failures", "paused_until"},
}


@pytest.fixture
def dispatcher(app: psycopg.Connection) -> psycopg.Connection:
    app.execute("SET LOCAL ROLE vernis_dispatcher")
    return app


def test_the_dispatcher_may_read_these_columns_and_do_nothing_else(owner):
    granted = owner.execute(
        "SELECT table_name, column_name, privilege_type FROM information_schema.column_privileges"
        " WHERE grantee = 'vernis_dispatcher' AND table_schema = 'public'"
        " AND table_name NOT LIKE 'procrastinate%'"
    ).fetchall()
    on_tables = owner.execute(
        "SELECT table_name FROM information_schema.table_privileges"
        " WHERE grantee = 'vernis_dispatcher' AND table_schema = 'public'"
        " AND table_name NOT LIKE 'procrastinate%'"
    ).fetchall()

    assert set(granted) == {
        (table, column, "SELECT")
        for table, columns in (SEEN_BY_THE_DISPATCHER | SEEN_OF_THE_INSTALLATION).items()
        for column in columns
    }
    assert on_tables == []


@pytest.mark.parametrize("table", SEEN_BY_THE_DISPATCHER)
def test_the_dispatcher_sees_which_companies_have_work(dispatcher, table):
    columns = ", ".join(SEEN_BY_THE_DISPATCHER[table])

    assert len(dispatcher.execute(f"SELECT {columns} FROM {table}").fetchall()) == 2


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT phone FROM client_reactivation_history",
        "SELECT body FROM messages",
        "SELECT * FROM companies",
        "UPDATE companies SET planned_on = NULL",
        "DELETE FROM messages",
        *(f"SELECT company_id FROM {t}" for t in ROWS if t not in SEEN_BY_THE_DISPATCHER),
    ],
)
def test_the_dispatcher_sees_nothing_else(dispatcher, statement):
    with pytest.raises(InsufficientPrivilege, match="permission denied"):
        dispatcher.execute(statement)


# --- what cannot happen twice ------------------------------------------------------------------

SECOND = {"id": 2, "attempt": 2}
COUSIN = {"id": 2, "client_id": 2}


@pytest.fixture
def cousin(ours: psycopg.Connection) -> psycopg.Connection:
    """A second client, with the first one's phone."""
    insert(ours, "clients", OURS, client_id=2, external_key="C2")
    return ours


@pytest.mark.parametrize("state", ["planned", "written", "claimed"])
def test_one_open_reactivation_a_client(ours, state):
    other_phone = SECOND | {"phone": "79990000002"}

    with pytest.raises(UniqueViolation, match="reactivations_open_by_client"):
        insert(ours, "client_reactivation_history", OURS, state=state, **other_phone)


@pytest.mark.parametrize("state", ["planned", "written", "claimed"])
def test_one_open_reactivation_a_phone(cousin, state):
    with pytest.raises(UniqueViolation, match="reactivations_open_by_phone"):
        insert(cousin, "client_reactivation_history", OURS, state=state, **COUSIN)


@pytest.mark.parametrize("state", ["accepted", "read", "skipped", "expired", "failed", "unknown"])
def test_what_is_no_longer_open_is_in_nobodys_way(ours, state):
    ours.execute("UPDATE client_reactivation_history SET state = %s", (state,))

    insert(ours, "client_reactivation_history", OURS, **SECOND)


def test_each_attempt_of_a_lapse_exists_once(ours):
    ours.execute("UPDATE client_reactivation_history SET state = 'expired'")

    with pytest.raises(UniqueViolation, match="client_id_last_visit_key"):
        insert(ours, "client_reactivation_history", OURS, id=2)


def test_a_quarter_of_an_hour_has_one_owner(ours):
    insert(ours, "bookings", OURS, booking_id=2, external_key="B2")

    with pytest.raises(UniqueViolation, match="busy_quarters"):
        insert(ours, "busy_quarters", OURS, booking_id=2)


def test_a_busy_quarter_begins_on_the_quarter(ours):
    with pytest.raises(CheckViolation):
        insert(ours, "busy_quarters", OURS, starts_at=NOON.replace(minute=5))


def test_a_channels_message_id_names_one_reactivation(cousin):
    sent = {"state": "accepted", "provider_message_id": "WA1"}
    cousin.execute(
        "UPDATE client_reactivation_history SET state = 'accepted', provider_message_id = 'WA1'"
    )

    with pytest.raises(UniqueViolation, match="reactivations_by_provider_id"):
        insert(cousin, "client_reactivation_history", OURS, **COUSIN | sent)


def test_a_webhook_that_is_delivered_twice_leaves_one_message(ours):
    with pytest.raises(UniqueViolation, match="messages_by_provider_id"):
        insert(ours, "messages", OURS, message_id=2)


def test_a_turn_is_answered_once(ours):
    answer = {"direction": "out", "state": "written", "answers_message_id": 1}
    insert(ours, "messages", OURS, message_id=2, provider_message_id=None, **answer)

    with pytest.raises(UniqueViolation, match="messages_one_answer"):
        insert(ours, "messages", OURS, message_id=3, provider_message_id=None, **answer)


def test_a_message_is_answered_by_one_booking_intent(ours):
    with pytest.raises(UniqueViolation, match="booking_intents"):
        insert(ours, "booking_intents", OURS)


@pytest.mark.parametrize("service_id", [1, None])
def test_a_file_says_once_that_a_client_had_a_service_on_a_day(ours, service_id):
    line = {"origin": "file", "external_key": None, "service_id": service_id}
    insert(ours, "bookings", OURS, booking_id=2, **line)

    with pytest.raises(UniqueViolation, match="bookings_from_files"):
        insert(ours, "bookings", OURS, booking_id=3, **line)


def test_a_booking_of_the_crm_exists_once(ours):
    with pytest.raises(UniqueViolation, match="bookings_by_external_key"):
        insert(ours, "bookings", OURS, booking_id=2)


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("clients", {"client_id": 2, "external_key": "C2", "phone": "+79990000002"}),
        ("clients", {"client_id": 2, "external_key": "C2", "phone": None}),
        ("client_reactivation_history", SECOND | {"state": "accepted", "message_text": None}),
        ("client_reactivation_history", SECOND | {"state": "held_out"}),
        ("client_reactivation_history", SECOND | {"state": "read", "attempt": 4}),
        ("client_reactivation_history", SECOND | {"state": "read", "booking_created": True}),
        ("client_reactivation_history", SECOND | {"state": "read", "response_received": True}),
        ("messages", {"message_id": 2, "provider_message_id": "2", "state": "written"}),
        ("booking_intents", {"key": "m2", "state": "confirmed"}),
        ("dialogs", {"dialog_id": 2, "phone": None}),
        ("opt_outs", {"phone_hash": b"79990000001"}),
    ],
)
def test_what_cannot_be_true_cannot_be_stored(ours, table, change):
    with pytest.raises(CheckViolation):
        insert(ours, table, OURS, **change)
