"""People who look at the pages: who they are, what opens the door, and where they are logged in.

They belong to the installation; what one may do in a company is a membership (`stages.members`).
Of passwords only argon2 hashes are kept, of sessions and links only SHA-256: those are 256 random
bits.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from psycopg.rows import dict_row

from vernis.domain import Locale
from vernis.errors import ConflictError, NotFoundError, UsageError
from vernis.ports import Database
from vernis.sql import load

sql = load("users")

SESSION_LASTS = timedelta(days=30)  # after it was last seen
LINK_LASTS = timedelta(days=3)
SEEN_EVERY = timedelta(minutes=1)
LONGEST_LOGIN = 120
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._+@-]{1,119}")
FREE_FAILURES = 5  # wrong tries in a row before there is a wait, which doubles with each one more
LONGEST_WAIT = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """`login` is an email address or a short name, in small letters."""

    user_id: int
    login: str
    name: str
    locale: Locale
    password_hash: str | None = field(repr=False)
    totp_sealed: bytes | None = field(repr=False)
    totp_step: int
    failures: int
    failed_at: datetime | None
    opens_companies: bool
    disabled_at: datetime | None

    def wait(self, now: datetime) -> timedelta:
        """How long this login is closed after wrong tries; zero where it is open."""
        if self.failed_at is None or self.failures < FREE_FAILURES:
            return timedelta()
        doubled = timedelta(seconds=2 ** min(self.failures - FREE_FAILURES + 1, 20))
        return max(timedelta(), self.failed_at + min(doubled, LONGEST_WAIT) - now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A browser in which somebody is logged in."""

    session_id: int
    browser: str
    created_at: datetime
    seen_at: datetime  # to the minute


async def create(
    db: Database,
    *,
    login: str,
    name: str = "",
    locale: Locale = Locale.RU,
    opens_companies: bool = False,
    now: datetime,
) -> User:
    """A person without a password yet. Raises UsageError, ConflictError if the login is taken."""
    login = known_login(login)
    values = {"login": login, "name": name.strip()[:120], "locale": locale, "now": now}
    async with db.installation() as connection:
        cursor = await connection.execute(
            sql.create.sql, values | {"opens_companies": opens_companies}
        )
        row = await cursor.fetchone()
    if row is None:
        raise ConflictError(f"There is somebody with the login {login} already.")
    return await get(db, row[0])


def known_login(typed: str) -> str:
    """A login as it is kept. Raises UsageError."""
    login = typed.strip().lower()
    if not _LOGIN.fullmatch(login):
        raise UsageError("A login is an email address, or 2 to 120 Latin letters and digits.")
    return login


async def anybody_has_password(db: Database) -> bool:
    """Whether somebody can log in yet."""
    async with db.installation() as connection:
        row = await (await connection.execute(sql.anybody_has_password.sql)).fetchone()
    return bool(row and row[0])


async def first(db: Database) -> User | None:
    """Whoever may open companies, the first of them."""
    return await _one(db, sql.first.sql, {})


async def listed(db: Database) -> list[User]:
    """Everybody, the first one first."""
    async with db.installation() as connection:
        cursor = connection.cursor(row_factory=dict_row)
        await cursor.execute(sql.all_users.sql)
        return [_user(row) for row in await cursor.fetchall()]


async def get(db: Database, user_id: int) -> User:
    """Raises NotFoundError."""
    user = await _one(db, sql.by_id.sql, {"user_id": user_id})
    if user is None:
        raise NotFoundError("There is no such user.")
    return user


async def by_login(db: Database, login: str) -> User | None:
    return await _one(db, sql.by_login.sql, {"login": login.strip().lower()[:LONGEST_LOGIN]})


async def describe(db: Database, user: User, *, name: str, locale: Locale) -> None:
    """Another name, another language."""
    values = {"user_id": user.user_id, "name": name.strip()[:120], "locale": locale}
    await _do(db, sql.describe.sql, values)


async def rename(db: Database, user: User, login: str) -> None:
    """Another login. Raises UsageError, ConflictError where it is somebody else's."""
    login = known_login(login)
    if not await _do(db, sql.rename.sql, {"user_id": user.user_id, "login": login}):
        raise ConflictError(f"There is somebody with the login {login} already.")


async def disable(db: Database, user: User, *, now: datetime) -> None:
    """Let this person in no more, in no company."""
    values = {"user_id": user.user_id, "now": now}
    async with db.installation() as connection:
        await connection.execute(sql.disable.sql, values)
        await connection.execute(sql.close_all.sql, values)
        await connection.execute(sql.end_links.sql, values)


# --- what opens the door --------------------------------------------------------------------------


async def set_password(db: Database, user: User, password_hash: str, *, now: datetime) -> None:
    """A new password: whoever was logged in with the old one is not any more, links end."""
    values = {"user_id": user.user_id, "password_hash": password_hash, "now": now}
    async with db.installation() as connection:
        await connection.execute(sql.set_password.sql, values)
        await connection.execute(sql.close_all.sql, values)
        await connection.execute(sql.end_links.sql, values)


async def set_second_factor(
    db: Database, user: User, sealed: bytes | None, *, step: int = 0
) -> None:
    """Ask this person for codes of this secret from now on, or for none."""
    values = {"user_id": user.user_id, "sealed": sealed, "step": step}
    await _do(db, sql.set_second_factor.sql, values)


async def use_step(db: Database, user: User, step: int) -> bool:
    """Take the code of this time step; False where it was used before."""
    return bool(await _do(db, sql.use_step.sql, {"user_id": user.user_id, "step": step}))


async def failed(db: Database, user: User, *, now: datetime) -> None:
    """A wrong password or code."""
    await _do(db, sql.failed.sql, {"user_id": user.user_id, "now": now})


async def succeeded(db: Database, user: User) -> None:
    await _do(db, sql.succeeded.sql, {"user_id": user.user_id})


async def make_link(
    db: Database, user: User, *, now: datetime, lasts: timedelta = LINK_LASTS
) -> str:
    """The secret of a link that lets this person set a password, once."""
    text = secrets.token_urlsafe(32)
    values = {"token_hash": _hash(text), "user_id": user.user_id, "expires_at": now + lasts}
    await _do(db, sql.make_link.sql, values)
    return text


async def end_links(db: Database, user: User, *, now: datetime) -> None:
    """None of this person's links works any more."""
    await _do(db, sql.end_links.sql, {"user_id": user.user_id, "now": now})


async def user_of_link(db: Database, text: str, *, now: datetime) -> User | None:
    """Whose link this is, as long as it works. It is not used up."""
    async with db.installation() as connection:
        found = {"token_hash": _hash(text), "now": now}
        row = await (await connection.execute(sql.look_at_link.sql, found)).fetchone()
    return await get(db, row[0]) if row else None


async def use_link(db: Database, text: str, *, now: datetime) -> User | None:
    """Whose link this was: nobody can use it again."""
    async with db.installation() as connection:
        found = {"token_hash": _hash(text), "now": now}
        row = await (await connection.execute(sql.use_link.sql, found)).fetchone()
    return await get(db, row[0]) if row else None


# --- where they are logged in ---------------------------------------------------------------------


async def open_session(db: Database, user: User, *, browser: str, now: datetime) -> str:
    """The secret that the browser shows from now on."""
    text = secrets.token_urlsafe(32)
    values = {"token_hash": _hash(text), "user_id": user.user_id, "browser": browser[:80]}
    async with db.installation() as connection:
        await connection.execute(sql.drop_expired.sql, {"now": now})
        await connection.execute(
            sql.open_session.sql, values | {"now": now, "expires_at": now + SESSION_LASTS}
        )
    return text


async def session_of(db: Database, text: str, *, now: datetime) -> tuple[int, User] | None:
    """The session of this secret and whose it is; notes that it was seen."""
    values: dict[str, Any] = {"token_hash": _hash(text), "now": now}
    async with db.installation() as connection:
        cursor = connection.cursor(row_factory=dict_row)
        await cursor.execute(sql.session.sql, values)
        row = await cursor.fetchone()
        if row is None:
            return None
        session_id, seen_at = row.pop("session_id"), row.pop("seen_at")
        if now - seen_at > SEEN_EVERY:
            await connection.execute(sql.seen.sql, values | {"expires_at": now + SESSION_LASTS})
    return session_id, _user(row)


async def sessions(db: Database, user: User, *, now: datetime) -> list[Session]:
    """Where this person is logged in, the last used first."""
    async with db.installation() as connection:
        cursor = connection.cursor(row_factory=dict_row)
        await cursor.execute(sql.sessions.sql, {"user_id": user.user_id, "now": now})
        return [Session(**row) for row in await cursor.fetchall()]


async def close_session(db: Database, user: User, session_id: int) -> None:
    """Log this person out of one browser."""
    await _do(db, sql.close_session.sql, {"user_id": user.user_id, "session_id": session_id})


async def close_others(db: Database, user: User, session_id: int) -> None:
    """Log this person out everywhere but here."""
    await _do(db, sql.close_others.sql, {"user_id": user.user_id, "session_id": session_id})


async def close_everywhere(db: Database, user_id: int, *, now: datetime) -> None:
    """Log this person out everywhere; none of their links works any more."""
    values = {"user_id": user_id, "now": now}
    async with db.installation() as connection:
        await connection.execute(sql.close_all.sql, values)
        await connection.execute(sql.end_links.sql, values)


async def _one(db: Database, query: str, values: dict[str, Any]) -> User | None:
    async with db.installation() as connection:
        cursor = connection.cursor(row_factory=dict_row)
        await cursor.execute(query, values)
        row = await cursor.fetchone()
    return _user(row) if row else None


async def _do(db: Database, query: str, values: dict[str, Any]) -> int:
    async with db.installation() as connection:
        return (await connection.execute(query, values)).rowcount


def _user(row: dict[str, Any]) -> User:
    return User(**row | {"locale": Locale(row["locale"])})


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
