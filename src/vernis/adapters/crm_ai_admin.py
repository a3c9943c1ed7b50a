"""AI Admin v2's PostgreSQL as a source, over a connection of its own that can only read.

What its bookings keep is what is ahead and a week of what was: older visits come from elsewhere.
Names are by setting (`ai_admin_tables`) and only ever composed as identifiers.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import psycopg
from psycopg import errors
from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from vernis.ai_admin_tables import AiAdminTables, Columns
from vernis.crm import CrmClient, CrmCompany, CrmRecord, CrmService, CrmShift, CrmStaff, Page
from vernis.decide.crm.ai_admin import (
    client_of,
    company_of,
    doers_of,
    record_of,
    service_of,
    staff_of,
)
from vernis.decide.crm.yclients import Terms, read
from vernis.decide.crm.yclients_fields import Fields, Unreadable
from vernis.decide.crm.yclients_records import NOBODY
from vernis.errors import ConfigError, CrmAccessError, DataError, UnavailableError
from vernis.ports import Connection

T = TypeVar("T")

ROWS_A_PAGE = 1000
STATEMENT_SECONDS = 30
CONNECT_SECONDS = 10
SETTING = "VERNIS_AI_ADMIN_TABLES"
URL_SETTING = "VERNIS_AI_ADMIN_DATABASE_URL"
_OPTIONS = (
    "-c default_transaction_read_only=on -c timezone=UTC -c datestyle=ISO"
    f" -c statement_timeout={STATEMENT_SECONDS}s"
)
# libpq tells no code where it is not let in, only the server's words.
_NOT_LET_IN = ("authentication failed", "does not exist", "not permitted", "denied", "pg_hba")
_COLUMNS = """
SELECT attname::text, format_type(atttypid, NULL) FROM pg_attribute
WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped
"""
_ROWS = SQL(
    "SELECT {row}, ({at})::text, {id}::text FROM {table} t WHERE {where} ORDER BY {order} LIMIT {n}"
)
_COUNT = SQL("SELECT count(*) FROM {table} t WHERE {where}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """A table as it is there: its columns by our words, and their types."""

    table: Composable
    columns: Mapping[str, Composable]
    types: Mapping[str, str]

    def row(self) -> Composable:
        pairs = [part for word, of in self.columns.items() for part in (Literal(word), of)]
        return SQL("jsonb_build_object({})").format(SQL(", ").join(pairs))


class AiAdminSource:
    """ports.CrmSource of one company, `external_id` in AI Admin.

    `zone` and `currency` are the company's; without them they are read first (where they are not
    told: UTC and RUB). Raises ConfigError where a table or column is not there.
    """

    def __init__(
        self,
        url: str,
        tables: AiAdminTables,
        external_id: str,
        *,
        zone: ZoneInfo | None = None,
        currency: str | None = None,
    ) -> None:
        self._url = url
        self._tables = tables
        self._id = external_id
        self._terms = Terms(zone=zone, currency=currency) if zone and currency else None
        self._connection: Connection | None = None
        self._known: dict[str, _Table] = {}

    async def company(self) -> CrmCompany:
        row = await self._one(self._tables.companies, self._id)
        if row is None:
            raise _no_company(self._id)
        try:
            return company_of(row)
        except Unreadable as unreadable:
            raise DataError(f"AI Admin's company cannot be read: {unreadable.reason}.") from None

    async def staff(self) -> Page[CrmStaff]:
        items, rejected = read(await self._all(self._tables.staff), staff_of)
        return Page(items=items, rejected=rejected, total=len(items) + len(rejected))

    async def services(self) -> Page[CrmService]:
        terms = await self._known_terms()
        doers = doers_of(await self._all(self._tables.staff))
        rows = await self._all(self._tables.services)
        items, rejected = read(rows, lambda row: service_of(row, terms, doers))
        return Page(items=items, rejected=rejected, total=len(rows))

    async def clients(
        self, *, changed_after: datetime | None, page: dict[str, Any] | None
    ) -> Page[CrmClient]:
        return await self._paged(
            self._tables.clients, changed_after, page, lambda row, _: client_of(row)
        )

    async def records(
        self, *, since: date, changed_after: datetime | None, page: dict[str, Any] | None
    ) -> Page[CrmRecord]:
        """Cancelled ones among them; of changed ones `since` leaves none out."""
        told = await self._paged(self._tables.bookings, changed_after, page, record_of)
        if changed_after is not None:
            return told
        zone = (await self._known_terms()).zone
        wanted = (one for one in told.items if one.starts_at.astimezone(zone).date() >= since)
        return replace(told, items=tuple(wanted))

    async def schedules(self, *, first_day: date, last_day: date) -> Page[CrmShift]:  # noqa: ARG002
        """None: nothing is booked there by us."""
        return Page(items=())

    async def record(self, external_id: str) -> CrmRecord | None:
        terms = await self._known_terms()
        row = await self._one(self._tables.bookings, external_id)
        return None if row is None else _used(lambda row: record_of(row, terms), row)

    async def client(self, external_id: str) -> CrmClient | None:
        row = await self._one(self._tables.clients, external_id)
        found = None if row is None else _used(client_of, row)
        return None if found is None or found.is_deleted else found

    async def aclose(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    # --- rows ---------------------------------------------------------------------------------

    async def _paged(
        self,
        columns: Columns,
        changed_after: datetime | None,
        page: dict[str, Any] | None,
        of: Callable[[Fields, Terms], T],
    ) -> Page[T]:
        """All by id, as nothing moves there meanwhile; changed ones by when and id."""
        terms = await self._known_terms()
        table = await self._table(columns)
        id_, at = table.columns["id"], table.columns["updated_at"]
        where, order = [SQL("{} = %(company)s").format(table.columns["company_id"])], [id_]
        values: dict[str, Any] = {"company": self._id, **(page or {})}
        total = None
        if changed_after is not None:
            order = [at, id_]
            where.append(SQL("{} >= %(since)s").format(at))
            values["since"] = _moment(columns, table.types["updated_at"], changed_after, terms)
            after = SQL("({}, {}) > (%(at)s, %(id)s)").format(at, id_)
        else:
            after = SQL("{} > %(id)s").format(id_)
        if page is None and changed_after is None:
            count = _COUNT.format(table=table.table, where=where[0])
            ((total,),) = await self._fetch(count, values)
        elif page is not None:
            where.append(after)
        rows = await self._fetch(_select(table, where, order, ROWS_A_PAGE + 1), values)
        following = None
        if len(rows) > ROWS_A_PAGE:
            rows = rows[:ROWS_A_PAGE]
            _, last_at, last_id = rows[-1]
            following = {"id": last_id} | ({"at": last_at} if changed_after is not None else {})
        items, rejected = read([row for row, *_ in rows], lambda row: of(row, terms))
        return Page(items=items, rejected=rejected, next=following, total=total)

    async def _all(self, columns: Columns) -> list[Fields]:
        """A table that is small."""
        table = await self._table(columns)
        where = [SQL("{} = %(company)s").format(table.columns["company_id"])]
        query = _select(table, where, [table.columns["id"]], None)
        return [row for row, *_ in await self._fetch(query, {"company": self._id})]

    async def _one(self, columns: Columns, external_id: str) -> Fields | None:
        table = await self._table(columns)
        where = [SQL("{}::text = %(one)s").format(table.columns["id"])]
        if "company_id" in table.columns:
            where.append(SQL("{} = %(company)s").format(table.columns["company_id"]))
        query = _select(table, where, [table.columns["id"]], 1)
        rows = await self._fetch(query, {"one": external_id, "company": self._id})
        return rows[0][0] if rows else None

    async def _known_terms(self) -> Terms:
        if self._terms is None:
            company = await self.company()
            self._terms = Terms(
                zone=ZoneInfo(company.timezone or "UTC"), currency=company.currency or "RUB"
            )
        return self._terms

    # --- the database -------------------------------------------------------------------------

    async def _table(self, columns: Columns) -> _Table:
        if columns.table in self._known:
            return self._known[columns.table]
        table = Identifier(*columns.table.split("."))
        types = dict(await self._fetch(SQL(_COLUMNS), [table.as_string()]))
        if not types:
            raise ConfigError(
                f"AI Admin's database has no table {columns.table}: name the right one in"
                f" {SETTING}."
            )
        there = {word: column for word, column in columns.named.items() if column in types}
        for word, column in columns.named.items():
            if word not in there and columns.must_have(word):
                raise ConfigError(
                    f"AI Admin's table {columns.table} has no column {column}: name the one for"
                    f" `{word}` in {SETTING}."
                )
        found = _Table(
            table=table,
            columns={word: Identifier("t", column) for word, column in there.items()},
            types={word: types[column] for word, column in there.items()},
        )
        self._known[columns.table] = found
        return found

    async def _fetch(self, query: SQL | Composed, values: Any) -> list[tuple[Any, ...]]:
        """Anew once where the connection is gone."""
        is_fresh = self._connection is None
        try:
            return await self._fetched(query, values)
        except psycopg.OperationalError as error:
            await self.aclose()
            if not is_fresh and not isinstance(error, errors.QueryCanceled):
                return await self._fetch(query, values)
            raise _said(error) from None
        except errors.InsufficientPrivilege:
            raise CrmAccessError(
                f"AI Admin's database lets us not read a table: let the user of {URL_SETTING}"
                " SELECT from all five."
            ) from None
        except psycopg.DataError:
            raise _no_company(self._id) from None
        except (errors.UndefinedTable, errors.UndefinedColumn, errors.UndefinedFunction):
            self._known.clear()
            raise ConfigError(
                f"AI Admin's tables are not what {SETTING} says: compare the names and types."
            ) from None

    async def _fetched(self, query: SQL | Composed, values: Any) -> list[tuple[Any, ...]]:
        if self._connection is None:
            self._connection = await _connected(self._url)
        async with self._connection.transaction():
            cursor = await self._connection.execute(query, values)
            return await cursor.fetchall()


async def _connected(url: str) -> Connection:
    try:
        connection = await psycopg.AsyncConnection.connect(
            url,
            autocommit=True,  # each read is a transaction of its own
            options=_OPTIONS,
            connect_timeout=CONNECT_SECONDS,
            application_name="vernis",
            prepare_threshold=None,  # a pooler may stand between
        )
    except psycopg.ProgrammingError:
        raise ConfigError(f"{URL_SETTING} cannot be understood: check how it is written.") from None
    await connection.set_read_only(True)  # whatever a pooler made of the options
    return connection


def _select(
    table: _Table, where: Sequence[Composable], order: Sequence[Composable], limit: int | None
) -> Composed:
    return _ROWS.format(
        row=table.row(),
        at=table.columns.get("updated_at", SQL("NULL")),
        id=table.columns["id"],
        table=table.table,
        where=SQL(" AND ").join(where),
        order=SQL(", ").join(order),
        n=Literal(limit),
    )


def _moment(columns: Columns, kind: str, moment: datetime, terms: Terms) -> str:
    """As the column compares it. Without a zone it should be in UTC, but a server may be set to
    the company's time: the earlier of both, so that some are read twice and none is missed."""
    if kind == "timestamp with time zone":
        return moment.isoformat()
    if kind != "timestamp without time zone":
        column = columns.named["updated_at"]
        raise ConfigError(
            f"The column {column} of AI Admin's table {columns.table} is no timestamp: name another"
            f" one for `updated_at` in {SETTING}."
        )
    told = (moment.astimezone(zone).replace(tzinfo=None) for zone in (UTC, terms.zone))
    return min(told).isoformat()


def _said(error: psycopg.OperationalError) -> CrmAccessError | UnavailableError:
    if isinstance(error, errors.QueryCanceled):
        return UnavailableError(
            f"AI Admin's database took longer than {STATEMENT_SECONDS} s: an index by company and"
            " updated_at helps."
        )
    asked = error.pgconn is not None and (error.pgconn.needs_password or error.pgconn.used_password)
    if asked or any(words in str(error) for words in _NOT_LET_IN):
        return CrmAccessError(
            f"AI Admin's database does not let us in: check user and password in {URL_SETTING}."
        )
    return UnavailableError(f"AI Admin's database does not answer: check {URL_SETTING}.")


def _no_company(external_id: str) -> CrmAccessError:
    return CrmAccessError(f"AI Admin has no company {external_id}: give another --salon.")


def _used(of: Callable[[Fields], T], row: Fields) -> T | None:
    try:
        return of(row)
    except Unreadable as unreadable:
        if unreadable.reason == NOBODY:
            return None
        raise DataError(f"What AI Admin tells cannot be used: {unreadable.reason}.") from None
