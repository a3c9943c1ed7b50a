"""pg_dump and pg_restore: those in PATH, or those of the embedded PostgreSQL."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from vernis.adapters.embedded.postgres import installed
from vernis.errors import UnavailableError


def program(name: str, server: int) -> Path:
    """The program for a server of this major version: of the same one, else of the next newer.

    Raises UnavailableError where there is none; an older one does not understand the server.
    """
    found: dict[int, Path] = {}
    for path in _candidates(name):
        major = _major(path)
        if major is not None and major >= server:
            found.setdefault(major, path)
    if not found:
        raise UnavailableError(
            f"PostgreSQL is version {server} here and there is no {name} of that version or newer:"
            f" install the package postgresql-client-{server}."
        )
    return found[min(found)]


def run(path: Path, database_url: str, *words: str) -> None:
    """Run one of them on a database. Raises UnavailableError with its own first words.

    The password goes through the environment: command lines can be read by everybody.
    """
    parts = conninfo_to_dict(database_url)
    password = parts.pop("password", None)
    environment = dict(os.environ) | {"PGTZ": "UTC", "PGOPTIONS": ""}
    if password is not None:
        environment["PGPASSWORD"] = str(password)
    command = [str(path), *words, "--no-password", f"--dbname={make_conninfo('', **parts)}"]
    done = subprocess.run(  # noqa: S603
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    if done.returncode:
        raise UnavailableError(f"{path.name} did not succeed: {_first_words(done.stderr)}.")


def server_version(connection: psycopg.Connection) -> int:
    """The major version of the server."""
    return connection.info.server_version // 10000


def named(database_url: str, database: str) -> str:
    """The same server and user, another database."""
    parts = conninfo_to_dict(database_url) | {"dbname": database}
    return make_conninfo("", **parts)


def _candidates(name: str) -> list[Path]:
    found = [Path(path)] if (path := shutil.which(name)) else []
    try:
        return [*found, installed() / name]
    except UnavailableError:
        return found


def _major(path: Path) -> int | None:
    try:
        done = subprocess.run(  # noqa: S603
            [path, "--version"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    version = re.search(r"(\d+)(\.\d+|beta|rc|devel|\s|$)", done.stdout)
    return int(version[1]) if version else None


def _first_words(said: str) -> str:
    """Its first line, without what it may quote of a row: that stands in lines of its own."""
    lines = [line for line in said.strip().splitlines() if "error" in line.lower()] or [said]
    return lines[0].strip().removeprefix("pg_dump: ").removeprefix("pg_restore: ").rstrip(".")[:300]
