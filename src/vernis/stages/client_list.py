"""The clients of a company as a list: who they are, when they are due, and why or why not."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
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
START = (-1_000_000, 0)  # before the place of anybody
FEWEST_DIGITS = 3  # of a phone that is looked for
FEWEST_ABROAD = 6  # of one that may begin with the 8 of calls within the country


class Order(StrEnum):
    """Whom a person wants to see first."""

    DUE = "due"  # who is expected soonest, then those whose day is past
    LAST = "last"  # who came last


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
    values["ids"] = None
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Some of the clients that a person looks for. `after` is the place where the next ones begin;
    None: there are no more."""

    clients: tuple[ListedClient, ...]
    after: tuple[int, int] | None


async def searched(
    db: Database,
    company: Company,
    *,
    on: date,
    now: datetime,
    hash_phone: HashPhone,
    text: str = "",
    by_phone: bool = False,
    reason: Reason | None = None,
    order: Order = Order.LAST,
    after: tuple[int, int] = START,
    most: int = 50,
) -> Found:
    """Clients as people look for them: by a part of the name, key or, `by_phone`, of the number;
    of whom the day's plan says `reason`. As in `listed`, a page may be short and not the last."""
    values: dict[str, Any] = {"company_id": company.company_id, "on": on, "by": order}
    values |= _wanted(text.strip(), by_phone=by_phone) | {"reason": reason, "stopped": None}
    # without a word about all of them each has to agree, or to have come lately
    values["each_agrees"] = company.consent_basis is None
    values["gone_before"] = on - timedelta(days=company.gone_too_long_days)
    found: list[tuple[ListedClient, int]] = []
    size, looked = most + 1, 0
    async with db.tenant(company.company_id) as connection:
        if reason is Reason.OPTED_OUT:
            cursor = await connection.execute(sql.phones.sql, values)
            phones = [phone for (phone,) in await cursor.fetchall()]
            values["stopped"] = list(await opt_outs.among(connection, company, phones, hash_phone))
        while looked < MOST_LOOKED_AT:
            here = values | {"after_place": after[0], "after": after[1], "most": size}
            # never prepared: a plan for any filter fits none
            rows = await (await connection.execute(sql.ordered.sql, here, prepare=False)).fetchall()
            places: dict[int, int] = dict(rows)
            clients = await _in_order(connection, company, [*places], on, now, hash_phone)
            found += [
                (client, places[client.client_id])
                for client in clients
                if reason in (None, client.reason)
            ]
            if len(found) > most:
                last, place = found[most - 1]
                listed = tuple(client for client, _ in found[:most])
                return Found(clients=listed, after=(place, last.client_id))
            if len(rows) < size:
                return Found(clients=tuple(client for client, _ in found), after=None)
            after, looked = (rows[-1][1], rows[-1][0]), looked + len(rows)
            size = min(size * 4, BLOCK)
    return Found(clients=tuple(client for client, _ in found), after=after)


async def number(db: Database, company: Company) -> int:
    """How many clients the company has."""
    async with db.tenant(company.company_id) as connection:
        cursor = await connection.execute(sql.number.sql, {"company_id": company.company_id})
        row = await cursor.fetchone()
    return int(row[0]) if row else 0


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


async def _in_order(
    connection: Connection,
    company: Company,
    ids: Sequence[int],
    on: date,
    now: datetime,
    hash_phone: HashPhone,
) -> list[ListedClient]:
    values: dict[str, Any] = {"company_id": company.company_id, "likes": None, "due_before": None}
    values |= {"ids": ids, "after": 0, "most": len(ids)}
    cursor = connection.cursor(row_factory=dict_row)
    await cursor.execute(sql.listed.sql, values, prepare=False)
    rows = {row["client_id"]: row for row in await cursor.fetchall()}
    known = [rows[client_id] for client_id in ids if client_id in rows]
    return await _looked_at(connection, company, known, on, now, hash_phone)


def _wanted(text: str, *, by_phone: bool) -> dict[str, Any]:
    """What a typed text is compared with; of a number that begins with 8 also as it is abroad."""
    if not text:
        return {"likes": None, "key_like": None, "phone_likes": []}
    digits = "".join(filter(str.isdecimal, text))
    is_phone = len(digits) >= FEWEST_DIGITS and not any(map(str.isalpha, text))
    forms = {digits, digits.removeprefix("8") if len(digits) > FEWEST_ABROAD else digits}
    folded = literally(text.replace("ё", "е").replace("Ё", "Е"))
    return {
        "likes": f"%{folded}%",
        "key_like": f"%{literally(text)}%",
        "phone_likes": [f"%{form}%" for form in forms] if by_phone and is_phone else [],
    }


def _is_wanted(client: ListedClient, reason: Reason | None, opted_out: bool | None) -> bool:
    return reason in (None, client.reason) and opted_out in (None, client.opted_out)


def literally(text: str) -> str:
    """As LIKE takes it for what it says."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
