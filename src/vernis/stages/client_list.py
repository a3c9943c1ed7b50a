"""The clients of a company as a list: who they are, when they are due, and why or why not."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from psycopg.rows import dict_row

from vernis.domain import Company, Reason
from vernis.errors import NotFoundError
from vernis.ports import Connection, Database
from vernis.sql import load
from vernis.stages import opt_outs, planning

sql = load("client_list")

HashPhone = Callable[[str], bytes]

BLOCK = 500  # clients that are read at once where a filter needs a look at each
MOST_LOOKED_AT = 5_000  # for one page: it is shorter then, and the next one goes on


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedClient:
    """A client in a list. `phone` is whole (E.164 digits): who shows it decides how much of it.

    What follows from visits is None for those who never came. `reason` is what the day's plan says,
    but for the day's cap and those who share a phone.
    """

    client_id: int
    external_key: str
    name: str | None
    surname: str | None
    phone: str | None = field(repr=False)
    phone_state: str
    consent: str
    blacklisted: bool
    declined_at: datetime | None
    created_at: datetime
    last_visit_on: date | None
    service_title: str | None
    interval_days: int | None
    interval_source: str | None
    due_on: date | None
    opens_on: date | None
    closes_on: date | None
    visit_count: int
    spent_minor: int
    opted_out: bool
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Some of the clients. `after` is where the next ones begin; None: there are no more."""

    clients: tuple[ListedClient, ...]
    after: int | None


async def listed(
    db: Database,
    company: Company,
    *,
    on: date,
    now: datetime,
    hash_phone: HashPhone,
    text: str | None = None,
    reason: Reason | None = None,
    opted_out: bool | None = None,
    due_before: date | None = None,
    after: int = 0,
    most: int = 50,
) -> Listed:
    """Clients in the order of their ids: those whose name or key has the `text` in it, of whom the
    day's plan says `reason`, who said stop or did not, who are due before a day.

    Looks at MOST_LOOKED_AT of them at most: fewer than `most` need not be the last.
    """
    values: dict[str, Any] = {"company_id": company.company_id, "due_before": due_before}
    values |= {"likes": None if text is None else f"%{literally(text)}%", "after": after}
    is_picky = reason is not None or opted_out is not None
    found: list[ListedClient] = []
    async with db.tenant(company.company_id) as connection:
        for _ in range(MOST_LOOKED_AT // BLOCK if is_picky else 1):
            asked = BLOCK if is_picky else most + 1
            cursor = connection.cursor(row_factory=dict_row)
            await cursor.execute(sql.listed.sql, values | {"most": asked})
            rows = await cursor.fetchall()
            looked = await _looked_at(connection, company, rows, on, now, hash_phone)
            found += [client for client in looked if _is_wanted(client, reason, opted_out)]
            if len(found) > most:
                return Listed(clients=tuple(found[:most]), after=found[most - 1].client_id)
            if len(rows) < asked:
                return Listed(clients=tuple(found), after=None)
            values["after"] = rows[-1]["client_id"]
    return Listed(clients=tuple(found), after=values["after"])


async def one(
    db: Database,
    company: Company,
    client_id: int,
    *,
    on: date,
    now: datetime,
    hash_phone: HashPhone,
) -> ListedClient:
    """One of them. Raises NotFoundError, also for one who was erased."""
    found = await listed(
        db, company, on=on, now=now, hash_phone=hash_phone, after=client_id - 1, most=1
    )
    for client in found.clients:
        if client.client_id == client_id:
            return client
    raise NotFoundError(f"There is no client {client_id}.")


async def _looked_at(
    connection: Connection,
    company: Company,
    rows: Sequence[dict[str, Any]],
    on: date,
    now: datetime,
    hash_phone: HashPhone,
) -> list[ListedClient]:
    phones = [row["phone"] for row in rows if row["phone"]]
    stopped = await opt_outs.among(connection, company, phones, hash_phone)
    ids = [row["client_id"] for row in rows if row["last_visit_on"]]
    verdicts = await planning.verdicts_within(
        connection, company, ids, on=on, now=now, hash_phone=hash_phone
    )
    nobody = Reason.NO_VISITS
    return [
        ListedClient(
            **row,
            opted_out=row["phone"] in stopped,
            reason=verdicts[row["client_id"]].reason if row["client_id"] in verdicts else nobody,
        )
        for row in rows
    ]


def _is_wanted(client: ListedClient, reason: Reason | None, opted_out: bool | None) -> bool:
    return reason in (None, client.reason) and opted_out in (None, client.opted_out)


def literally(text: str) -> str:
    """As LIKE takes it for what it says."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
