"""Restore: a backup becomes a new database beside the old one, and takes its place when it is
whole. Until that moment nothing is changed; the moment is one transaction."""

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from vernis.adapters import backup, pg_programs, schema
from vernis.adapters.backup import Manifest
from vernis.config import Settings
from vernis.errors import ConfigError, ConflictError, DataError, UnavailableError

# The tables speak of them, and they belong to the cluster: see migrations/versions/0001.
_ROLES = """
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['vernis_app', 'vernis_dispatcher'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN NOBYPASSRLS', name);
        END IF;
        IF NOT pg_has_role(current_user, name, 'MEMBER') THEN
            EXECUTE format('GRANT %I TO CURRENT_USER', name);
        END IF;
    END LOOP;
END $$
"""
_UNGUARDED = """
SELECT c.relname FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'company_id' AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
  AND NOT (c.relrowsecurity AND c.relforcerowsecurity
           AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid))
"""
_MAINTENANCE = ("postgres", "template1")  # databases that one can be in while another is renamed


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What the replaced database knew and an older backup cannot: who must be left alone.

    `opt_outs` are company, hash, source and moment; `erased` are clients by company.
    """

    opt_outs: list[tuple[int, bytes, str, datetime]] = field(default_factory=list)
    erased: dict[int, list[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """A backup in its place. `erased` are clients, by company, who have to be erased again: they
    were after the backup; `opt_outs` counts those that were carried over."""

    manifest: Manifest
    opt_outs: int
    erased: dict[int, list[int]]


def restore(settings: Settings, database_url: str, file: Path, *, replace: bool) -> Restored:
    """Put a backup in the place of the database, and of the secret and the bridge's sessions.

    Raises ConflictError where the database holds companies and `replace` was not given, or where
    Vernis still runs on it; DataError and ConfigError where the file cannot be used.
    """
    manifest = backup.read_manifest(file)
    held = _companies(database_url)
    if held and not replace:
        raise ConflictError(
            f"This database holds {held} {'company' if held == 1 else 'companies'}:"
            " `--replace` puts the backup in its place."
        )
    try:
        return _restore(settings, database_url, file, manifest, is_held=bool(held))
    except OSError as error:
        raise ConfigError(
            f"The data folder {settings.home} cannot be written ({error.strerror}): the backup was"
            " not restored."
        ) from None


def _restore(
    settings: Settings, database_url: str, file: Path, manifest: Manifest, *, is_held: bool
) -> Restored:
    home = settings.home
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".vernis-restore-", dir=home) as folder:
        unpacked = Path(folder)
        backup.unpack(file, manifest, unpacked)
        ours = (unpacked / backup.SECRET).read_text().strip()
        if settings.secret and settings.secret != ours:
            raise ConfigError(
                "VERNIS_SECRET is another one than the backup's: unset it, the backup brings its"
                " own; without that no opt-out would be recognised."
            )
        _require_quiet(database_url)
        with _new_database(database_url) as new:
            _load(new, unpacked / backup.DUMP, manifest)
            kept = _kept(database_url) if is_held else Kept()
            carried = _carry_over(new, kept)
            schema.ensure(_url(new))
            _require_guarded(new)
            _swap(database_url, new, home, ours)
        _put_sessions(unpacked / backup.BRIDGE, home / backup.BRIDGE)
    return Restored(manifest=manifest, opt_outs=carried, erased=kept.erased)


# --- the new database ---------------------------------------------------------------------------


@contextmanager
def _new_database(database_url: str) -> Iterator[str]:
    """An empty database beside this one, as a conninfo; dropped where it does not take over."""
    name = f"{_name(database_url)[:40]}_restore_{secrets.token_hex(4)}"
    with _maintenance(database_url) as connection:
        try:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            connection.execute(_ROLES)
        except psycopg.errors.InsufficientPrivilege as error:
            raise ConfigError(
                f"The database user may not restore ({str(error).splitlines()[0]}): use one with"
                " CREATEDB and CREATEROLE."
            ) from None
        try:
            yield pg_programs.named(database_url, name)
        finally:  # by then it has another name where it has taken over
            drop = sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name))
            connection.execute(drop)


def _load(new: str, dump: Path, manifest: Manifest) -> None:
    with psycopg.connect(new) as connection:
        server = pg_programs.server_version(connection)
        if server < manifest.postgresql:
            raise ConfigError(
                f"The backup is of PostgreSQL {manifest.postgresql} and this is {server}: restore"
                f" it on {manifest.postgresql} or newer."
            )
    try:
        pg_programs.run(
            pg_programs.program("pg_restore", server),
            new,
            "--no-owner",
            "--exit-on-error",
            "--single-transaction",
            str(dump),
        )
    except UnavailableError as error:
        raise DataError(f"The backup cannot be restored, nothing was changed: {error}") from None
    with psycopg.connect(new, autocommit=True) as connection:
        # before the roles and policies matter, its owner may still not see the rows
        if _sees_all(connection) and backup.counts(connection) != manifest.counts:
            raise DataError("The backup does not hold what it says it does: nothing was changed.")
        connection.execute("ANALYZE")


def _require_guarded(new: str) -> None:
    with psycopg.connect(new) as connection:
        if open_tables := connection.execute(_UNGUARDED).fetchall():
            names = ", ".join(name for (name,) in open_tables)
            raise DataError(
                f"Row level security is not forced on {names} in this backup: nothing was changed."
            )


def _sees_all(connection: psycopg.Connection) -> bool:
    row = connection.execute(
        "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
    ).fetchone()
    return bool(row and row[0])


# --- what the old one knew ------------------------------------------------------------------------


def _companies(database_url: str) -> int:
    """How many companies the database holds; none where it has no tables yet."""
    try:
        with psycopg.connect(database_url, connect_timeout=10) as connection:
            row = connection.execute("SELECT to_regclass('companies') IS NULL").fetchone()
            return 0 if row is None or row[0] else len(_ids(connection))
    except psycopg.OperationalError:
        raise UnavailableError("PostgreSQL does not answer: check DATABASE_URL.") from None


def _ids(connection: psycopg.Connection) -> list[int]:
    """Of all companies, whoever owns the tables."""
    connection.execute("SET LOCAL ROLE vernis_dispatcher")
    found = [row[0] for row in connection.execute("SELECT company_id FROM companies").fetchall()]
    connection.execute("RESET ROLE")
    return found


def _act_for(connection: psycopg.Connection, company_id: int) -> None:
    connection.execute("SET LOCAL ROLE vernis_app")
    connection.execute("SELECT set_config('vernis.company_id', %s, true)", (str(company_id),))


def _kept(database_url: str) -> Kept:
    kept = Kept()
    with psycopg.connect(database_url) as connection:
        for company_id in _ids(connection):
            _act_for(connection, company_id)
            stops = "SELECT company_id, phone_hash, source, created_at FROM opt_outs"
            kept.opt_outs.extend(connection.execute(stops).fetchall())
            erased = (  # older tables have no such column, and nobody who was erased
                "SELECT client_id FROM clients"
                " WHERE to_jsonb(clients)->>'consent_source' = 'erasure'"
            )
            if rows := connection.execute(erased).fetchall():
                kept.erased[company_id] = [client_id for (client_id,) in rows]
    return kept


def _carry_over(new: str, kept: Kept) -> int:
    """Stops that came after the backup. With another secret than the backup's they match nobody,
    and do no harm."""
    carried = 0
    with psycopg.connect(new) as connection:
        known = set(_ids(connection))
        for company_id, *stop in kept.opt_outs:
            if company_id in known:
                _act_for(connection, company_id)
                carried += connection.execute(
                    "INSERT INTO opt_outs (company_id, phone_hash, source, created_at)"
                    " VALUES (%s, %s, %s, %s) ON CONFLICT (company_id, phone_hash) DO UPDATE"
                    " SET source = excluded.source, created_at = excluded.created_at"
                    " WHERE opt_outs.source <> excluded.source AND excluded.source = 'erasure'",
                    (company_id, *stop),
                ).rowcount
    return carried


# --- the moment -----------------------------------------------------------------------------------


_IN_USE = (
    "Vernis or another program still uses this database: stop `vernis up`, the workers and the web,"
    " then restore again; nothing was changed."
)


def _require_quiet(database_url: str) -> None:
    """Said before the work; whoever comes later is noticed by the renaming."""
    with psycopg.connect(database_url) as connection:
        others = connection.execute(
            "SELECT FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        if others.rowcount:
            raise ConflictError(_IN_USE)


def _swap(database_url: str, new: str, home: Path, ours: str) -> None:
    """The new one takes the old one's name; the secret follows before that is committed."""
    old, fresh = _name(database_url), _name(new)
    gone = f"{old[:40]}_before_{secrets.token_hex(4)}"
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    with _maintenance(database_url) as connection:
        try:
            with connection.transaction():
                connection.execute(rename.format(sql.Identifier(old), sql.Identifier(gone)))
                connection.execute(rename.format(sql.Identifier(fresh), sql.Identifier(old)))
                _put_secret(home / backup.SECRET, ours)
        except psycopg.errors.ObjectInUse:
            raise ConflictError(_IN_USE) from None
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(gone)))


def _put_secret(path: Path, ours: str) -> None:
    """Another secret that is there is kept under another name."""
    if path.exists():
        if path.read_text().strip() == ours:
            return
        os.link(path, path.with_name(f"{path.name}.{secrets.token_hex(4)}.before"))
    draft = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(ours)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _put_sessions(unpacked: Path, place: Path) -> None:
    if not unpacked.is_dir():
        return
    if place.exists():
        place.rename(place.with_name(f"{place.name}.{secrets.token_hex(4)}.before"))
    unpacked.rename(place)


@contextmanager
def _maintenance(database_url: str) -> Iterator[psycopg.Connection]:
    for name in _MAINTENANCE:
        try:
            connection = psycopg.connect(pg_programs.named(database_url, name), autocommit=True)
        except psycopg.OperationalError:
            continue
        with connection:
            yield connection
        return
    raise ConfigError(
        "The database user may enter neither the database postgres nor template1: a restore needs"
        " one of them."
    )


def _name(url: str) -> str:
    return str(conninfo_to_dict(url)["dbname"])


def _url(conninfo: str) -> str:
    """As Alembic wants it."""
    from urllib.parse import quote, urlencode

    parts = {name: str(value) for name, value in conninfo_to_dict(conninfo).items()}
    user, password = quote(parts.pop("user", ""), safe=""), parts.pop("password", None)
    login = f"{user}:{quote(password, safe='')}" if password is not None else user
    name = quote(parts.pop("dbname"), safe="")
    return f"postgresql://{login}@/{name}?{urlencode(parts)}"
