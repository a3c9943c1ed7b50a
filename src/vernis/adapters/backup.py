"""A backup: everything that this installation must not lose, in one file.

A tar of `manifest.json`, `secret.key`, `database.dump` (pg_dump's custom format) and, where the
bridge keeps its sessions in the data folder, `bridge/...`. Whoever has the file has everything.
"""

import hashlib
import io
import json
import os
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import IO, Any

import psycopg

from vernis.adapters import pg_programs, secret
from vernis.adapters.schema import newest
from vernis.config import Settings
from vernis.errors import ConfigError, DataError, UnavailableError

FORMAT = 1
MANIFEST, SECRET, DUMP, BRIDGE = "manifest.json", "secret.key", "database.dump", "bridge"
JOBS = "vernis_jobs"  # hints: worth nothing once the workers have stopped
_LONGEST_MANIFEST = 2**20
_BLOCK = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A file within: how long it is and its SHA-256 in hex."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup holds. `counts` are rows by table, `schema` the revision of the tables,
    `made_at` ISO 8601 in UTC."""

    format: int = FORMAT
    vernis: str
    postgresql: int
    schema: str
    made_at: str
    counts: dict[str, int]
    files: dict[str, Member] = field(default_factory=dict)

    @property
    def companies(self) -> int:
        return self.counts.get("companies", 0)


def take(settings: Settings, database_url: str, file: Path, *, now: datetime) -> Manifest:
    """Write a backup, consistent while workers run: all of the database as at one moment.

    Whatever has this name is replaced when the new one is whole. Raises ConfigError where the
    database's user may not read everything or the file cannot be written, UnavailableError where
    pg_dump is missing or fails.
    """
    ours = secret.load(settings, database_url)
    try:
        with tempfile.TemporaryDirectory(prefix=".vernis-backup-", dir=file.parent) as folder:
            dump = Path(folder) / DUMP
            manifest = _dump(database_url, dump, now)
            sessions = dict(_sessions(settings.home / BRIDGE))
            draft = Path(folder) / "draft"
            _write(draft, manifest, ours, dump, sessions)
            draft.replace(file)
            _sync(file.parent)
    except OSError as error:
        raise ConfigError(f"{file} cannot be written: {error.strerror}.") from None
    return read_manifest(file)


def _dump(database_url: str, dump: Path, now: datetime) -> Manifest:
    """The dump and what is in it, both of one snapshot."""
    try:
        with psycopg.connect(database_url) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            _require_sight(connection)
            ((snapshot,),) = connection.execute("SELECT pg_export_snapshot()").fetchall()
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            server = pg_programs.server_version(connection)
            manifest = Manifest(
                vernis=version("vernis"),
                postgresql=server,
                schema=row[0] if row else "",
                made_at=now.isoformat(),
                counts=counts(connection),
            )
            pg_programs.run(
                pg_programs.program("pg_dump", server),
                database_url,
                "--format=custom",
                "--no-owner",
                f"--exclude-schema={JOBS}",
                f"--snapshot={snapshot}",
                f"--file={dump}",
            )
            return manifest
    except psycopg.OperationalError:
        raise UnavailableError("PostgreSQL does not answer: check DATABASE_URL.") from None


def counts(connection: psycopg.Connection) -> dict[str, int]:
    """How many rows each table has, as this connection's user sees them."""
    names = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relkind IN ('r', 'p') ORDER BY relname"
    ).fetchall()
    found: dict[str, int] = {}
    for (name,) in names:
        count = psycopg.sql.SQL("SELECT count(*) FROM {}").format(psycopg.sql.Identifier(name))
        ((found[name],),) = connection.execute(count).fetchall()
    return found


def _require_sight(connection: psycopg.Connection) -> None:
    """Row level security is forced: the tables' own owner sees no row of a company."""
    row = connection.execute(
        "SELECT rolsuper OR rolbypassrls, current_user FROM pg_roles WHERE rolname = current_user"
    ).fetchone()
    if row is None or not row[0]:
        name = row[1] if row else "its user"
        raise ConfigError(
            f"The database user {name} does not see the rows of all companies: set DATABASE_URL to"
            f" a superuser for the backup, or let one run `ALTER ROLE {name} BYPASSRLS`."
        )


def _sessions(folder: Path) -> Iterator[tuple[str, bytes]]:
    """The bridge's sessions, file by file. It may be at work: what goes meanwhile is gone."""
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if path.is_file() and not path.is_symlink():
            try:
                yield f"{BRIDGE}/{path.relative_to(folder).as_posix()}", path.read_bytes()
            except FileNotFoundError:
                continue


def _write(
    path: Path, manifest: Manifest, ours: str, dump: Path, sessions: dict[str, bytes]
) -> None:
    small = {SECRET: ours.encode()} | sessions
    with dump.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    manifest.files[DUMP] = Member(size=dump.stat().st_size, sha256=digest)
    for name, content in small.items():
        manifest.files[name] = Member(size=len(content), sha256=hashlib.sha256(content).hexdigest())
    described = json.dumps(asdict(manifest), indent=1).encode()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for name, content in ({MANIFEST: described} | small).items():
                tar.addfile(_entry(name, len(content)), io.BytesIO(content))
            with dump.open("rb") as opened:
                tar.addfile(_entry(DUMP, dump.stat().st_size), opened)
        file.flush()
        os.fsync(file.fileno())


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    return entry


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# --- reading ----------------------------------------------------------------------------------


def read_manifest(file: Path) -> Manifest:
    """What a backup says of itself.

    Raises DataError where it is none or damaged, ConfigError where it is of a newer Vernis.
    """
    with _readable(file) as tar:
        first = tar.next()
        if first is None or first.name != MANIFEST or first.size > _LONGEST_MANIFEST:
            raise ValueError
        content = tar.extractfile(first)
        found = dict(json.loads(content.read() if content else "null"))
        if int(found["format"]) > FORMAT or str(found["schema"])[:4] > newest():
            raise ConfigError(
                f"{file} was made by a newer Vernis ({found['vernis']}, tables"
                f" {found['schema']}; this one knows {newest()}): upgrade Vernis first."
            )
        found["files"] = {name: Member(**one) for name, one in found["files"].items()}
        return Manifest(**found)


def unpack(file: Path, manifest: Manifest, folder: Path) -> None:
    """Write all files within to a folder, each checked. Raises DataError where one is damaged."""
    left = dict(manifest.files)
    with _readable(file) as tar:
        for entry in tar:
            if entry.name == MANIFEST:
                continue
            expected, content = left.pop(entry.name), tar.extractfile(entry)
            parts = PurePosixPath(entry.name).parts
            if content is None or ".." in parts or PurePosixPath(entry.name).is_absolute():
                raise ValueError
            path = folder.joinpath(*parts)
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if _copied(content, path) != expected:
                raise ValueError
        if left:
            raise ValueError


def _copied(content: IO[bytes], path: Path) -> Member:
    size, digest = 0, hashlib.sha256()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        while block := content.read(_BLOCK):
            file.write(block)
            digest.update(block)
            size += len(block)
    return Member(size=size, sha256=digest.hexdigest())


@contextmanager
def _readable(file: Path) -> Iterator[Any]:
    try:
        with tarfile.open(file, mode="r:") as tar:
            yield tar
    except (tarfile.TarError, ValueError, KeyError, TypeError, EOFError):
        raise DataError(
            f"{file} is no backup of Vernis, or it is damaged: take another copy of it."
        ) from None
    except OSError as error:
        raise DataError(f"{file} cannot be read: {error.strerror}.") from None
