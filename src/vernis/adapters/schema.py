"""Bring a database to the newest revision."""

from importlib.resources import files
from pathlib import Path

import psycopg

from vernis.errors import ConfigError, UnavailableError

_LOCK = 0x7665726E  # "vern": two processes that start at once must not migrate side by side


def newest() -> str:
    """The newest revision that this code knows."""
    return max(path.name[:4] for path in _versions().glob("[0-9]*.py"))


def ensure(database_url: str) -> None:
    """Create or upgrade the schema where it is behind; quick where it is not.

    Raises UnavailableError where the server does not answer, ConfigError where the database is
    newer than this code or its user may not do what is needed.
    """
    try:
        with psycopg.connect(database_url, autocommit=True, connect_timeout=10) as connection:
            if _current(connection) == newest():
                return
            connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
            if (current := _current(connection)) and current > newest():
                raise ConfigError(
                    f"The database is at revision {current}, newer than this Vernis knows"
                    f" ({newest()}): upgrade Vernis."
                )
            _upgrade(database_url)
    except psycopg.errors.LockNotAvailable:
        raise UnavailableError(
            "A table that the upgrade has to change is busy: stop the workers and try again."
        ) from None
    except psycopg.OperationalError as error:
        raise UnavailableError(
            f"PostgreSQL does not answer: {_first_line(error)}. Check DATABASE_URL."
        ) from None
    except psycopg.errors.InsufficientPrivilege as error:
        raise ConfigError(
            f"The database user may not set up Vernis ({_first_line(error)}): use one that owns"
            " the database and has CREATEROLE."
        ) from None


def refresh_statistics(database_url: str) -> None:
    """Tell the planner what an import has brought: until autovacuum looks, it plans for nothing."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("ANALYZE clients, bookings, services, service_names, staff")


def _current(connection: psycopg.Connection) -> str | None:
    row = connection.execute("SELECT to_regclass('alembic_version') IS NOT NULL").fetchone()
    if not row or not row[0]:
        return None
    version = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(version[0]) if version else None


def _versions() -> Path:
    return Path(str(files("vernis.migrations"))) / "versions"


def _upgrade(database_url: str) -> None:
    import sqlalchemy.exc
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_versions().parent))
    url = "postgresql+psycopg://" + database_url.split("://", 1)[1]
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    try:
        command.upgrade(config, "head")
    except sqlalchemy.exc.DBAPIError as error:
        if isinstance(error.orig, psycopg.Error):
            raise error.orig from None
        raise


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else "no answer"
