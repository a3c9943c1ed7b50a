"""AI Admin's database with what a World holds: its tables as they are, and columns nobody reads."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import psycopg
from psycopg.types.json import Jsonb
from tests.crm.yclients_world import Record, World

SCHEMA = """
DROP SCHEMA public CASCADE; CREATE SCHEMA public;
CREATE TABLE companies (
    id serial PRIMARY KEY, company_id integer NOT NULL, title varchar, address varchar,
    phone varchar, timezone varchar, currency varchar, api_key varchar, raw_data jsonb);
CREATE TABLE clients (
    id serial PRIMARY KEY, yclients_id bigint NOT NULL, company_id integer, name varchar,
    phone varchar, tags text[], blacklisted boolean DEFAULT false, visit_history jsonb,
    created_at timestamp DEFAULT CURRENT_TIMESTAMP, updated_at timestamp);
CREATE TABLE services (
    id serial PRIMARY KEY, yclients_id bigint NOT NULL, company_id integer, title varchar,
    category_title varchar, price_min numeric, price_max numeric, duration integer,
    seance_length integer, is_active boolean DEFAULT true, declensions jsonb);
CREATE TABLE staff (
    id serial PRIMARY KEY, yclients_id bigint NOT NULL, company_id integer, name varchar,
    is_active boolean DEFAULT true, service_ids bigint[], rating numeric);
CREATE TABLE bookings (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(), yclients_record_id bigint NOT NULL,
    company_id integer, client_phone varchar, client_name varchar, client_yclients_id bigint,
    staff_id bigint, staff_name varchar, services text[], service_ids bigint[],
    datetime timestamp, duration integer, cost numeric, status varchar, visit_attendance integer,
    comment text, online boolean, created_at timestamp, updated_at timestamp);
"""
_STATUS = {-1: "no_show", 0: "active", 1: "completed", 2: "confirmed", None: None}


def create(server_url: str) -> str:
    """A database of its own on the tests' server."""
    name = f"ai_admin_{uuid4().hex[:12]}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return named(server_url, name)


def named(server_url: str, name: str) -> str:
    before, _, query = server_url.partition("?")
    return f"{before.rpartition('/')[0]}/{name}?{query}"


class AiAdminDatabase:
    """Filled anew by `hold`; `execute` is for what a World does not know."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.connection = psycopg.connect(url, autocommit=True)
        self.execute(SCHEMA)

    def execute(self, statement: str, values: Any = None) -> list[tuple[Any, ...]]:
        cursor = self.connection.execute(statement, values)
        return cursor.fetchall() if cursor.description else []

    def close(self) -> None:
        self.connection.close()

    def hold(self, world: World) -> None:
        with self.connection.transaction():
            for table in ("companies", "clients", "services", "staff", "bookings"):
                self.execute(f"DELETE FROM {table}")
            self._salon(world)
            for one in world.clients.values():
                self._insert(
                    "clients",
                    yclients_id=one.id,
                    company_id=world.company.id,
                    name=one.name,
                    phone=one.phone,
                    blacklisted=any(title == "Черный список" for _, title in one.categories),
                    visit_history=Jsonb([]),
                    updated_at=_in_utc(one.changed_at),
                )
            for record in world.records.values():
                self._booking(world, record)

    def _salon(self, world: World) -> None:
        ours = world.company
        self._insert(
            "companies",
            company_id=ours.id,
            title=ours.title,
            timezone=ours.timezone,
            currency="RUB",
            api_key="fake-key",
        )
        for one in world.services.values():
            self._insert(
                "services",
                yclients_id=one.id,
                company_id=ours.id,
                title=one.title,
                category_title=world.categories[one.category_id].title,
                price_min=one.price_min,
                seance_length=max(one.lengths.values()),
                is_active=one.is_active,
            )
        for master in world.staff.values():
            self._insert(
                "staff",
                yclients_id=master.id,
                company_id=ours.id,
                name=master.name,
                is_active=not master.is_fired,
                service_ids=[one.id for one in world.services.values() if master.id in one.lengths],
            )

    def _booking(self, world: World, one: Record) -> None:
        client = world.clients.get(one.client_id or 0)
        costs = [line.cost for line in one.services]
        if any(isinstance(cost, str) for cost in costs):
            self.execute("ALTER TABLE bookings ALTER cost TYPE text")
        for name in one.custom_fields:
            self.execute(f"ALTER TABLE bookings ADD COLUMN {name} text")
        self._insert(
            "bookings",
            yclients_record_id=one.id,
            company_id=world.company.id,
            client_yclients_id=client.id if client else None,
            client_name=client.name if client else "",
            client_phone=client.phone if client else "",
            staff_id=one.staff_id,
            staff_name=world.staff[one.staff_id].name,
            service_ids=[line.service_id for line in one.services],
            services=[world.services[line.service_id].title for line in one.services],
            datetime=one.starts_at.astimezone(world.zone).replace(tzinfo=None),
            duration=one.length,
            cost=costs[0] if len(costs) == 1 else sum(costs),
            status="cancelled" if one.is_deleted else _STATUS[one.attendance],
            visit_attendance=one.attendance,
            created_at=_in_utc(one.created_at),
            updated_at=_in_utc(one.changed_at),
            **dict.fromkeys(one.custom_fields, "неизвестно"),
        )

    def _insert(self, table: str, **values: Any) -> None:
        names, places = ", ".join(values), ", ".join(f"%({name})s" for name in values)
        self.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", values)


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
