"""Access tokens at rest: sealed with the installation's secret, each for its own account.

A sealed token is a version byte, a nonce of 12 bytes and AES-256-GCM's output. The key comes from
the secret by HKDF-SHA256; company and account are authenticated with it, so that a token copied
into another account's row does not open there.
"""

import os
from functools import cached_property
from typing import TYPE_CHECKING

from vernis.errors import ConfigError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_VERSION = b"\x01"
_NONCE_BYTES = 12


class Sealer:
    """Seals and opens with one installation's secret."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def seal(self, text: str, *, company_id: int, account_id: int) -> bytes:
        """The same text gives other bytes each time."""
        nonce = os.urandom(_NONCE_BYTES)
        whose = _whose(company_id, account_id)
        return _VERSION + nonce + self._cipher.encrypt(nonce, text.encode(), whose)

    def unseal(self, sealed: bytes, *, company_id: int, account_id: int) -> str:
        """The text that `seal` was given.

        Raises ConfigError where it was sealed with another secret, for another account, or is
        damaged.
        """
        from cryptography.exceptions import InvalidTag

        start = len(_VERSION) + _NONCE_BYTES
        nonce, body = bytes(sealed[len(_VERSION) : start]), bytes(sealed[start:])
        try:
            if sealed[: len(_VERSION)] != _VERSION:
                raise InvalidTag
            text = self._cipher.decrypt(nonce, body, _whose(company_id, account_id))
        except (InvalidTag, ValueError):
            raise ConfigError(
                "The access token of this account cannot be opened with this installation's"
                " secret: give it again with `vernis account set NAME --token-stdin`."
            ) from None
        return text.decode()

    @cached_property
    def _cipher(self) -> "AESGCM":
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"vernis account tokens")
        return AESGCM(key.derive(self._secret.encode()))


def _whose(company_id: int, account_id: int) -> bytes:
    return f"company {company_id} account {account_id}".encode()
