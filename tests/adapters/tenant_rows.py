"""One valid row for every table of a tenant, parents before children.

The ids are the same in every company: what keeps two companies apart is `company_id` alone.
A table that is added to the schema needs a row here; a test says so.
"""

from datetime import UTC, date, datetime
from typing import Any

from psycopg import Connection
from psycopg.types.json import Jsonb

Row = dict[str, Any]

NOON = datetime(2024, 4, 1, 12, tzinfo=UTC)
TODAY = date(2024, 4, 1)

ROWS: dict[str, Row] = {
    "companies": {"name": "Лён", "timezone": "Europe/Moscow", "currency": "RUB", "country": "RU"},
    "clients": {
        "client_id": 1,
        "external_key": "C1",
        "phone": "79990000001",
        "phone_state": "valid",
    },
    "staff": {"staff_id": 1, "external_key": "S1", "name": "Ольга"},
    "staff_hours": {"staff_id": 1, "weekday": 1, "opens": "10:00", "closes": "20:00"},
    "services": {"service_id": 1, "title": "Стрижка", "standard_key": "haircut_female"},
    "service_names": {"folded": "стрижка", "service_id": 1},
    "bookings": {
        "booking_id": 1,
        "origin": "crm",
        "external_key": "B1",
        "client_id": 1,
        "service_id": 1,
        "staff_id": 1,
        "on_date": TODAY,
        "state": "completed",
    },
    "busy_quarters": {"staff_id": 1, "starts_at": NOON, "booking_id": 1},
    "imports": {
        "import_id": 1,
        "file_name": "visits.csv",
        "file_sha256": "0" * 64,
        "kind": "visits",
        "counts": Jsonb({}),
    },
    "service_reactivation_intervals": {
        "service_id": 1,
        "service_name": "Стрижка",
        "median_interval_days": 40,
        "avg_interval_days": 41,
        "min_interval_days": 20,
        "max_interval_days": 90,
        "low_days": 30,
        "high_days": 60,
        "sample_size": 10,
        "last_calculated": NOON,
    },
    "client_personalized_intervals": {
        "client_id": 1,
        "service_id": 1,
        "personal_interval_days": 30,
        "visit_count": 4,
        "consistency_score": 0.9,
        "last_calculated": NOON,
    },
    "client_due_dates": {
        "client_id": 1,
        "service_id": 1,
        "last_visit_on": TODAY,
        "interval_days": 30,
        "low_days": 25,
        "high_days": 35,
        "due_on": TODAY,
        "first_on": TODAY,
        "interval_source": "personal",
        "confidence": 0.9,
        "visit_count": 4,
        "spent_minor": 0,
    },
    "timing_models": {
        "learned_on": TODAY,
        "service_ids": [1],
        "model": b"m",
        "foretold": b"f",
    },
    "accounts": {"account_id": 1, "channel": "sandbox", "name": "sandbox"},
    "plans": {"plan_on": TODAY, "counts": Jsonb({}), "planned_at": NOON},
    "client_reactivation_history": {
        "id": 1,
        "client_id": 1,
        "plan_on": TODAY,
        "planned_at": NOON,
        "arm": "contact",
        "state": "written",
        "reason": "due",
        "attempt": 1,
        "campaign": "dormant_30",
        "phone": "79990000001",
        "last_service_id": 1,
        "last_visit_date": date(2024, 3, 1),
        "inactive_days": 31,
        "interval_days": 30,
        "interval_source": "personal",
        "confidence_score": 0.9,
        "due_on": date(2024, 3, 31),
        "message_text": "Записать вас?",
        "account_id": 1,
    },
    "model_spending": {"month": TODAY, "requests": 1, "micro_usd": 1000},
    "api_keys": {
        "key_id": 1,
        "key_hash": b"k" * 32,
        "name": "AI Admin",
        "scopes": ["assistants"],
        "created_at": NOON,
    },
    "reach": {
        "phone": "79990000001",
        "channel": "sandbox",
        "reachable": True,
        "checked_at": NOON,
    },
    "channel_templates": {
        "account_id": 1,
        "name": "come_back",
        "language": "ru",
        "status": "APPROVED",
        "updated_at": NOON,
    },
    "crm_connections": {
        "crm": "yclients",
        "external_id": "4564",
        "connected_at": NOON,
        "next_sync_at": NOON,
    },
    "crm_syncs": {"entity": "records"},
    "crm_rejects": {
        "entity": "records",
        "external_id": "1",
        "reason": "datetime: is missing",
        "rejected_at": NOON,
    },
    "staff_services": {"staff_id": 1, "service_id": 1},
    "notices": {"notice_id": 1, "account_id": 1, "kind": "account_paused", "created_at": NOON},
    "opt_outs": {"phone_hash": b"x" * 32, "source": "reply"},
    "dialogs": {
        "dialog_id": 1,
        "account_id": 1,
        "phone": "79990000001",
        "client_id": 1,
        "reactivation_id": 1,
    },
    "messages": {
        "message_id": 1,
        "dialog_id": 1,
        "account_id": 1,
        "direction": "in",
        "body": "Да",
        "provider_message_id": "in-1",
        "state": "received",
        "said_at": NOON,
    },
    "booking_intents": {
        "key": "m1",
        "dialog_id": 1,
        "client_id": 1,
        "reactivation_id": 1,
        "service_id": 1,
        "staff_id": 1,
        "starts_at": NOON,
        "ends_at": NOON,
        "state": "intended",
    },
    "sandbox_messages": {
        "id": 1,
        "account_id": 1,
        "direction": "out",
        "phone": "79990000001",
        "body": "Записать вас?",
        "key": "r1-1",
        "said_at": NOON,
    },
    "memberships": {"user_id": 1, "role": "owner", "created_at": NOON},
    "audit_log": {"entry_id": 1, "at": NOON, "action": "settings.changed"},
    "idempotency_keys": {"key_hash": b"k" * 32, "request_hash": b"r" * 32, "created_at": NOON},
    "uploads": {"upload_id": 1, "folder": "uploads/1", "created_at": NOON, "changed_at": NOON},
    "webhooks": {
        "webhook_id": 1,
        "url": "https://platform.example/hook",
        "sealed_secret": b"s",
        "events": ["reply.received"],
        "created_at": NOON,
    },
    "webhook_deliveries": {
        "delivery_id": 1,
        "webhook_id": 1,
        "event": "reply.received",
        "event_key": "r1",
        "body": Jsonb({}),
        "next_attempt_at": NOON,
        "created_at": NOON,
    },
}


def be(connection: Connection[Any], company_id: int | str) -> None:
    """Act as one company for the rest of the transaction."""
    connection.execute("SELECT set_config('vernis.company_id', %s, true)", (str(company_id),))


def insert(connection: Connection[Any], table: str, company_id: int, **changes: Any) -> None:
    row = ROWS[table] | {"company_id": company_id} | changes
    names, marks = ", ".join(row), ", ".join(f"%({name})s" for name in row)
    connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", row)


def fill(connection: Connection[Any], company_id: int) -> None:
    """Give a company one row in every table."""
    connection.execute(
        "INSERT INTO users (user_id, login, created_at) VALUES (1, 'owner', %s)"
        " ON CONFLICT DO NOTHING",
        (NOON,),
    )
    be(connection, company_id)
    for table in ROWS:
        insert(connection, table, company_id)
