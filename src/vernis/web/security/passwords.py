"""Passwords: argon2id with the library's defaults (RFC 9106, low memory), away from the event loop.

Two are computed at a time: each takes 64 MiB and some 50 ms of a processor.
"""

import asyncio
from functools import cache
from typing import TYPE_CHECKING

from vernis.errors import UsageError

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST, LONGEST = 10, 200
_at_once = asyncio.Semaphore(2)
# The first of what leaks hold most, that are long enough to be typed here.
_COMMON = frozenset(
    [
        *("1234567890", "12345678910", "0123456789", "1111111111", "0000000000", "1q2w3e4r5t"),
        *("qwertyuiop", "qwerty1234", "qwerty12345", "1qaz2wsx3edc", "1q2w3e4r5t6y", "q1w2e3r4t5"),
        *("password12", "password123", "passw0rd123", "iloveyou123", "administrator"),
        *("йцукенгшщз", "qazwsxedcrfv", "vernis12345"),
    ]
)


def checked(text: str, *, login: str) -> str:
    """A password that may be used. Raises UsageError."""
    if not SHORTEST <= len(text) <= LONGEST:
        raise UsageError(f"A password has {SHORTEST} to {LONGEST} characters.")
    plain = text.casefold()
    if plain in _COMMON or plain == login or len(set(plain)) < 4:
        raise UsageError("This password is too easy to guess: take another.")
    return text


async def hashed(text: str) -> str:
    async with _at_once:
        return await asyncio.to_thread(_hasher().hash, text)


async def fits(password_hash: str | None, text: str) -> bool:
    """Whether this is the password. Takes as long where there is none, so that nobody can tell."""
    from argon2.exceptions import InvalidHashError, VerificationError

    async with _at_once:
        try:
            expected = await asyncio.to_thread(_nobodys) if password_hash is None else password_hash
            found = await asyncio.to_thread(_hasher().verify, expected, text[:LONGEST])
        except (VerificationError, InvalidHashError):
            return False
    return found and password_hash is not None


@cache
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher

    return PasswordHasher()


@cache
def _nobodys() -> str:
    return _hasher().hash("nobody has this password")
