"""Clients of a CRM become ours: whom the CRM has added, changed, united or deleted."""

from collections.abc import Iterable, Sequence
from typing import Any

from psycopg.types.json import Jsonb

from vernis.crm import CrmClient, Entity
from vernis.decide.files.phones import e164
from vernis.sql import load
from vernis.stages import crm_rejects, erasure
from vernis.stages.crm_job import Job
from vernis.stages.opt_outs import HashPhone

sql = load("crm_clients")

DELETED = "it is deleted in the CRM"
SUSPECTED = "it may be deleted in the CRM: the next sync asks"
MOST_ASKED = 100  # suspected ones a run


async def merge(job: Job, clients: Sequence[CrmClient], hash_phone: HashPhone) -> int:
    """Take in what a list of clients says; how many are new or changed."""
    gone = [one.external_id for one in clients if one.is_deleted]
    there = [one for one in clients if not one.is_deleted]
    await _stage(job, there)
    await job.connection.execute(sql.adopt.sql, job.values)
    await _carry_stops(job, hash_phone)
    changed = (await job.connection.execute(sql.merge.sql, job.values)).rowcount
    await job.connection.execute(sql.drop.sql)
    await crm_rejects.taken(
        job.connection, job.company, Entity.CLIENTS, [one.external_id for one in there]
    )
    return changed + await suspect(job, gone, reason=DELETED)


async def add(job: Job, clients: Iterable[CrmClient]) -> None:
    """Those that nobody has heard of yet; what is known of the others is newer."""
    await _stage(job, list(clients))
    await job.connection.execute(sql.adopt.sql, job.values)
    await job.connection.execute(sql.add.sql, job.values)
    await job.connection.execute(sql.drop.sql)


async def any_known(job: Job) -> bool:
    """Whether clients of this CRM are here already."""
    row = await (await job.connection.execute(sql.any_of_crm.sql, job.values)).fetchone()
    return row == (True,)


async def suspect_unseen(job: Job, seen: Sequence[str]) -> int:
    """Whoever a whole list did not have may be gone: that is asked one by one."""
    cursor = await job.connection.execute(sql.unseen.sql, job.values | {"seen": list(seen)})
    return await suspect(job, [row[0] for row in await cursor.fetchall()], reason=SUSPECTED)


async def suspect(job: Job, external_ids: Sequence[str], *, reason: str) -> int:
    """Note that these are gone, or may be; how many of them are known here."""
    if not external_ids:
        return 0
    values = job.values | {"ids": list(external_ids), "reason": reason}
    return (await job.connection.execute(sql.suspect.sql, values)).rowcount


async def suspected(job: Job, *, reason: str = SUSPECTED, most: int = MOST_ASKED) -> list[str]:
    cursor = await job.connection.execute(
        sql.suspected.sql, job.values | {"reason": reason, "most": most}
    )
    return [row[0] for row in await cursor.fetchall()]


async def erase_deleted(job: Job) -> int:
    """Forget who the deleted ones were; how many. Opt-outs stay: they are hashes of phones.

    Of those with bookings ahead, or with a message under way, nothing is forgotten yet.
    """
    ids = await suspected(job, reason=DELETED, most=10_000)
    if not ids:
        return 0
    values = job.values | {"keys": [job.key(one) for one in ids]}
    cursor = await job.connection.execute(sql.successors.sql, values)
    if pairs := await cursor.fetchall():
        heirs = values | {"old": [old for old, _ in pairs], "new": [new for _, new in pairs]}
        steps = (sql.inherit_dialogs, sql.inherit_reactivations, sql.inherit_consent)
        for step in steps:
            await job.connection.execute(step.sql, heirs)
    rows = await (await job.connection.execute(sql.gone.sql, values)).fetchall()
    gone: dict[int, str] = dict(rows)
    if not gone:
        return 0
    # a deleted card is no wish to be left alone: no stop is kept, and the CRM may list it again
    done = await erasure.forget(
        job.connection, job.company, [*gone], hash_phone=None, now=job.now, crm_prefix=job.prefix
    )
    told = [external_id for client_id, external_id in gone.items() if client_id in done.clients]
    await crm_rejects.taken(job.connection, job.company, Entity.CLIENTS, told)
    return len(done.clients)


async def _stage(job: Job, clients: Sequence[CrmClient]) -> None:
    rows = [_row(job, client) for client in clients]
    await job.connection.execute(sql.stage.sql, job.values | {"rows": Jsonb(rows)}, prepare=False)


def _row(job: Job, client: CrmClient) -> dict[str, Any]:
    phone, state = None, "missing"
    if client.phone_raw and client.phone_raw.strip():
        phone = e164(client.phone_raw, country=job.company.country)
        state = "valid" if phone else "invalid"
    return {
        "key": job.key(client.external_id),
        "name": _text(client.name),
        "surname": _text(client.surname),
        "phone": phone,
        "phone_state": state,
        "gender": client.gender,
        "consent": {True: "given", False: "refused", None: None}[client.consent],
        "blacklisted": client.blacklisted,
        "whole": client.changed_at is not None,
    }


def _text(said: str | None) -> str | None:
    """PostgreSQL keeps no NUL."""
    return (said or "").replace("\0", "").strip() or None


async def _carry_stops(job: Job, hash_phone: HashPhone) -> None:
    cursor = await job.connection.execute(sql.changed_phones.sql, job.values)
    if pairs := await cursor.fetchall():
        hashes = {"old": [hash_phone(old) for old, _ in pairs]}
        hashes |= {"new": [hash_phone(new) for _, new in pairs]}
        await job.connection.execute(sql.carry_stop.sql, job.values | hashes)
