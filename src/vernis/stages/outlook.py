"""Outlook: what a day's plan says of everybody, and how many become due on the days ahead."""

from array import array
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from vernis.decide import hours
from vernis.decide.plan import CONTACTED, Plan, Verdict
from vernis.domain import Company, Reason
from vernis.ports import Connection, Database
from vernis.sql import load
from vernis.stages import planning

sql = load("outlook")

HashPhone = Callable[[str], bytes]

LATE = "late"  # due, but the day's plan was made without them
DAYS = 14
MOST_OF_A_DAY = 1_000  # of those who become due on one day, looked at for its reasons


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """A day's plan in short. Who is due was looked at: `clients` in the plan's order, and the
    `reasons` beside them. All others are only counted.

    `counts` holds everybody by reason; `contacts` are the clients whom the plan would write to
    now, with the reason.
    """

    on: date
    at: datetime
    counts: Mapping[str, int]
    clients: Sequence[int]
    reasons: Sequence[str]
    contacts: Mapping[int, str]

    @property
    def waiting(self) -> int:
        """How many are due and wait for another day."""
        return self.counts.get(Reason.DAILY_CAP, 0) + self.counts.get(Reason.ACCOUNT_LIMIT, 0)


async def look(
    db: Database,
    company: Company,
    *,
    on: date,
    now: datetime,
    hash_phone: HashPhone,
    is_planned: bool,
    until_full: bool = False,
) -> Outlook:
    """What the plan says, stored decisions first, as `planning.store` counts them.

    Looks at all who are due: about 90 ms for a thousand of them. With `until_full` no further than
    the day's cap, as the plan itself does, so that who waits is counted and not judged. Where the
    day `is_planned` already, contacts beyond it are LATE: nobody plans it again by itself.
    """
    plan = await planning.look(
        db, company, on=on, now=now, hash_phone=hash_phone, until_full=until_full
    )
    values = {"company_id": company.company_id, "on": on}
    async with db.tenant(company.company_id) as connection:
        cursor = await connection.execute(sql.decided.sql, values)
        decided: dict[int, str] = dict(await cursor.fetchall())
    return _shortened(plan, decided, now, is_planned=is_planned)


def _shortened(plan: Plan, decided: dict[int, str], at: datetime, *, is_planned: bool) -> Outlook:
    clients, reasons, contacts = array("q"), list[str](), dict[int, str]()
    for decision in plan.decisions:
        client, reason = decision.candidate.client_id, str(decision.verdict.reason)
        if client in decided:
            reason = decided[client]
        elif reason in CONTACTED and is_planned:
            reason = LATE
        elif reason in CONTACTED:
            contacts[client] = reason
        clients.append(client)
        reasons.append(reason)
    counts = Counter(reasons)
    counts.update({str(reason): number for reason, number in plan.unread.items()})
    return Outlook(
        on=plan.on, at=at, counts=counts, clients=clients, reasons=reasons, contacts=contacts
    )


_COUNTED: Mapping[str, str] = {
    Reason.NOT_DUE: sql.not_due.sql,
    Reason.ATTEMPTS_EXHAUSTED: sql.attempts_exhausted.sql,
    Reason.GONE_TOO_LONG: sql.gone_too_long.sql,
    Reason.NO_VISITS: sql.no_visits.sql,
}


async def of_reason(
    db: Database,
    company: Company,
    found: Outlook,
    reason: str,
    *,
    after: int | None = None,
    most: int,
) -> list[int]:
    """Clients of a reason: those who are due in the plan's order, then those who were only
    counted. `after` is the last client of the page before."""
    is_counted = after is not None and after not in found.clients
    start = 0
    if after is not None:
        start = len(found.clients) if is_counted else found.clients.index(after) + 1
    due = [
        client
        for client, of in zip(found.clients[start:], found.reasons[start:], strict=True)
        if of == reason
    ][:most]
    if len(due) == most or (query := _COUNTED.get(reason)) is None:
        return due
    values = _values(company, found.on) | {"after": after if is_counted else None}
    async with db.tenant(company.company_id) as connection:
        cursor = await connection.execute(query, values | {"most": most - len(due)})
        return due + [client for (client,) in await cursor.fetchall()]


async def mark(db: Database, company: Company, *, on: date) -> tuple[Any, ...]:
    """Changes with most of what changes a day's plan: an outlook of the same mark is as good as a
    new one, for a minute (a booking that was moved, or a name, does not change it)."""
    async with db.tenant(company.company_id) as connection:
        return await _row(connection, sql.mark.sql, _values(company, on))


async def number_due(db: Database, company: Company, *, on: date) -> int:
    """How many `look` would look at."""
    async with db.tenant(company.company_id) as connection:
        (number,) = await _row(connection, sql.number_due.sql, _values(company, on))
        return int(number)


# --- the days ahead ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day to come. `due` are the clients at whom the plan begins to look then; `sends` is at
    most how many messages the queue and the cap make of it, 0 on a day off."""

    on: date
    due: int
    sends: int
    is_open: bool


async def ahead(db: Database, company: Company, *, today: date, waiting: int) -> list[Day]:
    """The coming DAYS days, by the dates as they stand: visits, bookings, refusals and second
    messages until then change them. `waiting` clients are due already and wait.

    An index tells it: the cost follows the number who become due.
    """
    last = today + timedelta(days=DAYS)
    values = {"company_id": company.company_id, "first_day": today, "last_day": last}
    async with db.tenant(company.company_id) as connection:
        cursor = await connection.execute(sql.by_day.sql, values)
        due: dict[date, int] = dict(await cursor.fetchall())
    days: list[Day] = []
    for on in (today + timedelta(days=number) for number in range(1, DAYS + 1)):
        is_open = hours.is_day_open(company, on)
        waiting += due.get(on, 0)
        sends = min(waiting, company.daily_cap) if is_open else 0
        waiting -= sends
        days.append(Day(on=on, due=due.get(on, 0), sends=sends, is_open=is_open))
    return days


async def becoming_due(
    db: Database, company: Company, *, on: date, now: datetime, hash_phone: HashPhone
) -> dict[int, Verdict]:
    """Who becomes due on a day to come, and what the plan would say of each but for the cap, as
    things stand now. Of the first MOST_OF_A_DAY."""
    values = _values(company, on) | {"most": MOST_OF_A_DAY}
    async with db.tenant(company.company_id) as connection:
        cursor = await connection.execute(sql.opening.sql, values)
        ids = [client for (client,) in await cursor.fetchall()]
        verdicts = await planning.verdicts_within(
            connection, company, ids, on=on, now=now, hash_phone=hash_phone
        )
    return {client: verdicts[client] for client in ids if client in verdicts}


def _values(company: Company, on: date) -> dict[str, Any]:
    gone = timedelta(days=company.gone_too_long_days)
    return {"company_id": company.company_id, "on": on, "gone_before": on - gone}


async def _row(connection: Connection, query: str, values: dict[str, Any]) -> tuple[Any, ...]:
    return await (await connection.execute(query, values)).fetchone() or ()
