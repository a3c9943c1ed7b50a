"""Backup and restore by a user who owns the database and is no superuser."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from vernis.adapters import backup, restoring, schema
from vernis.adapters.embedded import Servers
from vernis.config import Settings
from vernis.errors import ConfigError

NOW = datetime(2024, 4, 1, 12, tzinfo=UTC)


@pytest.fixture
def owner(servers: Servers) -> Iterator[str]:
    name = f"owner_{uuid4().hex[:8]}"
    with psycopg.connect(servers.database_url, autocommit=True) as connection:
        connection.execute(f'CREATE ROLE "{name}" LOGIN CREATEDB CREATEROLE')
        connection.execute(f'GRANT vernis_app, vernis_dispatcher TO "{name}" WITH ADMIN OPTION')
        connection.execute(f'CREATE DATABASE "{name}" OWNER "{name}"')
        yield name
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        connection.execute(f'DROP OWNED BY "{name}"')
        connection.execute(f'DROP ROLE "{name}"')


def test_an_owner_backs_up_with_bypassrls_and_restores(
    servers: Servers,
    template: str,  # the roles are there with it
    owner: str,
    tmp_path: Path,
) -> None:
    query = servers.database_url.partition("?")[2]
    url = f"postgresql://{owner}@/{owner}?{query}"
    settings, file = Settings(home=tmp_path / "home"), tmp_path / "one.backup"
    schema.ensure(url)
    place = "INSERT INTO companies (name, timezone, currency, country) VALUES "
    with psycopg.connect(url) as connection:  # before the first company its owner writes one
        connection.execute("ALTER TABLE companies NO FORCE ROW LEVEL SECURITY")
        connection.execute(f"{place} ('Лён', 'Europe/Moscow', 'RUB', 'RU')")
        connection.execute("ALTER TABLE companies FORCE ROW LEVEL SECURITY")

    with pytest.raises(ConfigError, match="BYPASSRLS"):
        backup.take(settings, url, file, now=NOW)
    assert list(tmp_path.glob("*.backup")) == []
    with psycopg.connect(servers.database_url, autocommit=True) as connection:
        connection.execute(f'ALTER ROLE "{owner}" BYPASSRLS')
    assert backup.take(settings, url, file, now=NOW).companies == 1
    with psycopg.connect(servers.database_url, autocommit=True) as connection:
        connection.execute(f'ALTER ROLE "{owner}" NOBYPASSRLS')

    restoring.restore(settings, url, file, replace=True)

    with psycopg.connect(url) as connection:
        connection.execute("SET ROLE vernis_dispatcher")
        assert connection.execute("SELECT name FROM companies").fetchall() == [("Лён",)]
