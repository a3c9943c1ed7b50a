"""Deliveries: what a channel's webhook brings is taken in before the webhook is answered.

Everything here may come again, in any order, at the same moment: a message is stored once, a
status moves a message forward or not at all, the rest says how things stand.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from time import monotonic
from weakref import WeakKeyDictionary

from vernis.domain import AccountNews, Company, Delivery, TemplateNews
from vernis.ports import Connection, Database
from vernis.sql import load
from vernis.stages import companies, connections, opt_outs, receiving, settling

sql = load("deliveries")
log = logging.getLogger(__name__)

HashPhone = Callable[[str], bytes]
BUSINESS = "waba:"  # an address that names Meta's business account, and all its numbers
REMEMBERED_SECONDS = 1.0  # webhooks come in floods, and mostly for the same few accounts


@dataclass(frozen=True, slots=True)
class _Owners:
    """Who has an address, as it was at `read_at`."""

    read_at: float
    of: tuple[tuple[Company, int], ...]


_remembered: WeakKeyDictionary[Database, dict[tuple[str, str], _Owners]] = WeakKeyDictionary()


async def take_in(
    db: Database, delivery: Delivery, *, now: datetime, hash_phone: HashPhone
) -> bool:
    """Store what is for us; False where no company has this account.

    When it returns, everything is committed: the webhook may be answered.
    """
    owners = await _owners(db, delivery)
    if not owners:
        log.warning("stage=deliveries channel=%s unknown_account=1", delivery.channel)
        return False
    for company, account_id in owners:
        for message in delivery.messages:
            inbound = replace(message, account_id=account_id)
            await receiving.receive(db, company, inbound, now=now, hash_phone=hash_phone)
        if any((delivery.statuses, delivery.preferences, delivery.templates, delivery.news)):
            async with db.tenant(company.company_id) as connection:
                await _rest(connection, company, account_id, delivery, now, hash_phone)
    return True


async def _rest(
    connection: Connection,
    company: Company,
    account_id: int,
    delivery: Delivery,
    now: datetime,
    hash_phone: HashPhone,
) -> None:
    for status in delivery.statuses:
        await settling.report(
            connection, company, account_id, status, now=now, hash_phone=hash_phone
        )
    for wish in delivery.preferences:
        if wish.stop:
            await opt_outs.stop(
                connection,
                company,
                phone=wish.phone,
                lid=wish.lid,
                source=opt_outs.CHANNEL,
                now=now,
                hash_phone=hash_phone,
            )
        else:
            await opt_outs.resume(
                connection,
                company,
                phone=wish.phone,
                lid=wish.lid,
                now=now,
                hash_phone=hash_phone,
            )
    told: tuple[AccountNews | TemplateNews, ...] = (*delivery.templates, *delivery.news)
    for news in told:
        await connections.apply_news(connection, company, account_id, news, now=now)


async def _owners(db: Database, delivery: Delivery) -> tuple[tuple[Company, int], ...]:
    """The companies with this account and how they call it. What was found is believed for a
    moment, and while one looks it up again: under a flood that would be half of the work."""
    known = _remembered.setdefault(db, {})
    address, now = (delivery.channel, delivery.address), monotonic()
    if found := known.get(address):
        if now - found.read_at < REMEMBERED_SECONDS:
            return found.of
        known[address] = _Owners(now, found.of)
    of = [(await companies.get(db, c), account_id) for c, account_id in await _whose(db, delivery)]
    if of:
        known[address] = _Owners(now, tuple(of))
    else:
        known.pop(address, None)
    return tuple(of)


async def _whose(db: Database, delivery: Delivery) -> list[tuple[int, int]]:
    business = delivery.address.removeprefix(BUSINESS)
    values = {
        "channel": delivery.channel,
        "address": delivery.address,
        "business": business if business != delivery.address else None,
    }
    async with db.dispatch() as connection:
        cursor = await connection.execute(sql.whose.sql, values)
        return [(company_id, account_id) for company_id, account_id in await cursor.fetchall()]
