"""PostgreSQL, the truth: transactions that see one company, and one that sees who has work."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from psycopg import OperationalError, Rollback
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from vernis.adapters import arrays
from vernis.errors import UnavailableError
from vernis.ports import Connection

# Part of the connection itself, so that not even RESET ROLE leads out of it.
_AS_APP = "-c role=vernis_app -c timezone=UTC"


class Database:
    """A pool of connections as the application's role. Use as an async context manager."""

    def __init__(self, url: str, *, size: int = 8) -> None:
        self._pool = AsyncConnectionPool[Connection](
            url,
            kwargs={"options": _AS_APP, "autocommit": True},  # transactions are begun by name
            configure=_configure,
            min_size=1,
            max_size=size,
            open=False,
            timeout=15,
        )

    async def __aenter__(self) -> "Database":
        try:
            await self._pool.open(wait=True, timeout=15)
        except (PoolTimeout, OperationalError):
            await self._pool.close()
            raise UnavailableError("PostgreSQL does not answer: check DATABASE_URL.") from None
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._pool.close()

    @asynccontextmanager
    async def tenant(self, company_id: int) -> AsyncIterator[Connection]:
        """One transaction that sees and writes the rows of one company only."""
        begin = b"BEGIN; SET LOCAL vernis.company_id = '%d'" % company_id  # in one round trip
        with suppress(Rollback):
            async with self._pool.connection() as connection:
                await connection.execute(begin, prepare=False)
                yield connection
                await connection.commit()  # the pool, which rolls back, would not miss a lost one

    @asynccontextmanager
    async def installation(self) -> AsyncIterator[Connection]:
        """One transaction that sees what belongs to no company: the people who look at pages."""
        async with self._pool.connection() as connection, connection.transaction():
            yield connection

    @asynccontextmanager
    async def dispatch(self) -> AsyncIterator[Connection]:
        """One transaction that sees which companies have work, and nothing else about them."""
        async with self._pool.connection() as connection, connection.transaction():
            await connection.execute("SET LOCAL ROLE vernis_dispatcher")
            yield connection


async def _configure(connection: Connection) -> None:
    arrays.register(connection)
