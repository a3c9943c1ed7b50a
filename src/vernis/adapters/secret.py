"""The installation's secret: it keys the hashes of numbers that must never be written to again."""

import hashlib
import hmac
import os
import secrets
from collections.abc import Callable

import psycopg

from vernis.config import Settings
from vernis.errors import ConfigError


def load(settings: Settings, database_url: str) -> str:
    """VERNIS_SECRET, or the one in the data folder, made at the first start.

    Raises ConfigError where it is not the one that this database was set up with: with another
    secret no opt-out would be recognised.
    """
    secret = settings.secret or _from_folder(settings)
    fingerprint = hashlib.sha256(b"vernis fingerprint " + secret.encode()).hexdigest()[:16]
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "INSERT INTO installation (secret_fingerprint) VALUES (%s) ON CONFLICT DO NOTHING",
            (fingerprint,),
        )
        row = connection.execute("SELECT secret_fingerprint FROM installation").fetchone()
    if row is None or row[0] != fingerprint:
        raise ConfigError(
            "This database was set up with another secret: set VERNIS_SECRET to the text of"
            " secret.key in the data folder of the machine that set it up."
        )
    return secret


def keyed_hash(secret: str) -> Callable[[str], bytes]:
    """HMAC-SHA256 of a phone: equal for equal phones, useless without the secret."""
    key = secret.encode()
    return lambda phone: hmac.digest(key, phone.encode(), "sha256")


def _from_folder(settings: Settings) -> str:
    path = settings.home / "secret.key"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # created whole under another name, so that nobody ever reads half a secret
        draft = path.with_name(f"secret.{os.getpid()}.tmp")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(32))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
        return path.read_text().strip()
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read or written ({error.strerror}): set VERNIS_HOME to a folder"
            " of yours, or VERNIS_SECRET."
        ) from None
