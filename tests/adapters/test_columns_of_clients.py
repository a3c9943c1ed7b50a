"""A column that can hold words is either erased with a client, or known to hold none of theirs.

Whoever adds one decides which: `sql/erasure.sql`, or the list here.
"""

import re
from pathlib import Path

import psycopg
import pytest

import vernis

ERASURE = (Path(vernis.__file__).parent / "sql" / "erasure.sql").read_text(encoding="utf-8")
WORDS = """
SELECT c.table_name, c.column_name FROM information_schema.columns c
JOIN information_schema.tables t USING (table_schema, table_name)
WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE'
  AND (c.data_type IN ('text', 'jsonb', 'json') OR c.udt_name = '_text')
  AND EXISTS (SELECT FROM information_schema.columns o
              WHERE o.table_schema = c.table_schema AND o.table_name = c.table_name
                AND o.column_name = 'company_id')
"""
# Rows of these are deleted with the client, or those that mention them; messages with their dialog.
DELETED = {
    *("booking_intents", "crm_rejects", "dialogs", "messages", "notices", "reach"),
    "sandbox_messages",
}
EMPTIED = {
    "client_reactivation_history": "message_generated message_text message_times phone"
    " provider_message_id rejected_because response_text",
    "clients": "consent consent_source external_key gender lid name phone phone_state surname"
    " timezone",
    "idempotency_keys": "answer",
    "imports": "counts file_name",
    "uploads": "fault state",
}
# Settings, names of services and staff, numbers of other systems, words from our own lists.
OF_NOBODY = {
    "accounts": "address business channel connection name pause_reason settings state",
    "api_keys": "name scopes",
    "audit_log": "action details subject",
    "bookings": "external_key origin state",
    "channel_templates": "category language name quality reason status",
    "client_due_dates": "interval_source",
    "client_reactivation_history": "arm campaign consent interval_source last_service_name"
    " message_fallback message_model message_template offer reason refusal response_type state"
    " variant",
    "companies": "address assistant banned_words consent_basis country currency facts locale name"
    " offers timezone tone variants",
    "crm_connections": "crm external_id reason settings state",
    "crm_syncs": "counts entity error page",
    "imports": "file_sha256 kind",
    "memberships": "role",
    "opt_outs": "source",
    "plans": "counts",
    "service_names": "folded",
    "service_reactivation_intervals": "service_name",
    "services": "category external_key standard_key title",
    "staff": "external_key name",
    "uploads": "folder result",
    "webhook_deliveries": "body event event_key last_error state",
    "webhooks": "events pause_reason url",
}


@pytest.fixture
def columns(database_url: str) -> set[tuple[str, str]]:
    with psycopg.connect(database_url) as connection:
        return set(connection.execute(WORDS).fetchall())


def test_every_column_with_words_is_erased_or_holds_none_of_a_client(columns) -> None:
    known = {
        (table, name)
        for tables in (EMPTIED, OF_NOBODY)
        for table, names in tables.items()
        for name in names.split()
    }
    left = {(table, name) for table, name in columns if table not in DELETED}
    assert left - known == set(), "does it hold something of a client?"
    assert known - left == set(), "there is no such column any more"


@pytest.mark.parametrize("table", sorted(DELETED - {"messages"}))
def test_erasure_deletes_rows_of(table: str) -> None:
    assert re.search(rf"DELETE FROM {table}\b", ERASURE)


@pytest.mark.parametrize("table", sorted(EMPTIED))
def test_erasure_empties_columns_of(table: str) -> None:
    updates = re.findall(rf"UPDATE {table}\b.*?;", ERASURE, re.DOTALL)
    for name in EMPTIED[table].split():
        assert any(re.search(rf"\b{name} = ", update) for update in updates), name
