"""Opt-outs: numbers that are never written to again, kept as keyed hashes that outlive the data."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from vernis.decide.reception.dialog_state import Dialog, DialogState
from vernis.domain import Company
from vernis.ports import Connection, Database
from vernis.sql import load
from vernis.stages import auditing
from vernis.stages.auditing import Who

sql = load("opt_outs")

HashPhone = Callable[[str], bytes]
CHANNEL = "channel"  # the source of a stop that the client gave to the channel itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """How many numbers are stopped now that were not, and how many were already."""

    new: int
    known: int


async def among(
    connection: Connection, company: Company, phones: Iterable[str], hash_phone: HashPhone
) -> frozenset[str]:
    """Those of some phones (E.164 digits) that are never written to."""
    hashes = {hash_phone(phone): phone for phone in phones}
    values = {"company_id": company.company_id, "keys": [*hashes]}
    cursor = await connection.execute(sql.among.sql, values)
    return frozenset(hashes[bytes(key)] for (key,) in await cursor.fetchall())


async def stop(
    connection: Connection,
    company: Company,
    *,
    phone: str | None,
    lid: str | None,
    source: str,
    now: datetime,
    hash_phone: HashPhone,
) -> None:
    """Never write to this person again; what is queued is cancelled in the caller's transaction."""
    keys = [hash_phone(phone)] if phone else []
    keys += [hash_lid(lid, hash_phone)] if lid else []
    phones = [phone] if phone else []
    await _stop(connection, company, keys, phones=phones, lid=lid, source=source, now=now)


async def add(
    db: Database,
    company: Company,
    phones: Collection[str],
    *,
    source: str,
    now: datetime,
    hash_phone: HashPhone,
    who: Who | None = None,
    about: str = "",
) -> Added:
    """Stop these phones (E.164 digits), each once however often it is given. With `who`
    it is noted that they did, `about` whom (`client 12`); as in what follows."""
    unique = list(dict.fromkeys(phones))
    keys = [hash_phone(phone) for phone in unique]
    async with db.tenant(company.company_id) as connection:
        new = await _stop(
            connection, company, keys, phones=unique, lid=None, source=source, now=now
        )
        if who is not None and new:
            await auditing.note(
                connection, company, who=who, action="client.opted_out", subject=about, now=now
            )
    return Added(new=new, known=len(unique) - new)


async def remove(
    db: Database,
    company: Company,
    phone: str,
    *,
    now: datetime,
    hash_phone: HashPhone,
    who: Who | None = None,
    about: str = "",
) -> bool:
    """Let messages to this phone leave again; False where it was not stopped."""
    async with db.tenant(company.company_id) as connection:
        changed = await _take_back(connection, company, phone, None, None, now, hash_phone)
        if who is not None and changed:
            await auditing.note(
                connection, company, who=who, action="client.opted_in", subject=about, now=now
            )
    return changed


async def take_back(
    connection: Connection,
    company: Company,
    phone: str,
    *,
    now: datetime,
    hash_phone: HashPhone,
) -> bool:
    """`remove` as a part of the caller's transaction, who notes it."""
    return await _take_back(connection, company, phone, None, None, now, hash_phone)


async def resume(
    connection: Connection,
    company: Company,
    *,
    phone: str | None,
    lid: str | None,
    now: datetime,
    hash_phone: HashPhone,
) -> bool:
    """A client told the channel to let our advertising through again: that ends the stop that they
    gave there, and no other. In the caller's transaction."""
    return await _take_back(connection, company, phone, lid, CHANNEL, now, hash_phone)


async def _take_back(
    connection: Connection,
    company: Company,
    phone: str | None,
    lid: str | None,
    of_source: str | None,
    now: datetime,
    hash_phone: HashPhone,
) -> bool:
    values: dict[str, Any] = {"company_id": company.company_id, "phone": phone, "now": now}
    values["lid"] = lid
    cursor = await connection.execute(sql.dialogs_of.sql, values)
    dialogs = await cursor.fetchall()
    lids = {lid for _, lid, _ in dialogs} | {lid}
    keys = [hash_phone(phone)] if phone else []
    keys += [hash_lid(known, hash_phone) for known in lids if known]
    stops = values | {"keys": keys, "of_source": of_source}
    if not (await connection.execute(sql.take_back.sql, stops)).rowcount:
        return False
    for dialog_id, _, state in dialogs:
        dialog = Dialog.from_dict(state)
        if dialog.state is DialogState.STOPPED:
            opened = replace(dialog, state=DialogState.IDLE, turns=0)
            changed = values | {"dialog_id": dialog_id, "state": Jsonb(opened.as_dict())}
            await connection.execute(sql.open_dialog.sql, changed)
    return True


async def carry_over(
    connection: Connection, company: Company, *, phone: str, lid: str, hash_phone: HashPhone
) -> None:
    """A LID turned out to be this phone's: what was stopped for the one is for the other."""
    values = {"company_id": company.company_id, "phone_key": hash_phone(phone)}
    await connection.execute(sql.carry_over.sql, values | {"lid_key": hash_lid(lid, hash_phone)})


def hash_lid(lid: str, hash_phone: HashPhone) -> bytes:
    """The key of a person who is known by WhatsApp's own id only."""
    return hash_phone(f"lid:{lid}")


async def _stop(
    connection: Connection,
    company: Company,
    keys: list[bytes],
    *,
    phones: list[str],
    lid: str | None,
    source: str,
    now: datetime,
) -> int:
    values = {"company_id": company.company_id, "phones": phones, "lid": lid, "now": now}
    known = values | {"keys": keys, "source": source}
    cursor = await connection.execute(sql.stop.sql, known)
    for step in (sql.cancel_reactivations, sql.cancel_answers):
        await connection.execute(step.sql, values)
    return cursor.rowcount
