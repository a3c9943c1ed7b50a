"""Erasure: nothing is left of who a client was, and that they are never written to again stays.

Visits and reactivations stay as those of nobody, so that figures and the holdout's counts stay
true. Why so: docs/decisions/0010-erasure.md. There is this one way, for whoever asks for it and for
whom a CRM has deleted.
"""

import re
import shutil
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg.errors import DeadlockDetected

from vernis.domain import Company, Reason
from vernis.errors import ConflictError, NotFoundError, UnavailableError
from vernis.ports import Connection, Database, DialogStore
from vernis.sql import load
from vernis.stages import auditing
from vernis.stages.auditing import Who
from vernis.stages.opt_outs import hash_lid

sql = load("erasure")

HashPhone = Callable[[str], bytes]

SOURCE = "erasure"  # of the opt-out and of the refusal that stay
SHORTEST_NEEDLE = 4  # letters of a surname that are looked for in what others wrote down
_UPLOAD = "A client was erased meanwhile: give the file again."
_KEY = "erased:key:"
_TRIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What was removed, counted. All zero where there was nothing left.

    `crm` names the CRM that still has the client: there nothing is deleted. `shared_with` counts
    other clients who have the same phone: theirs it stays, and it is stopped for them as well.
    """

    client_id: int
    cancelled: int = 0  # reactivations that had not left
    reactivations: int = 0  # made anonymous
    dialogs: int = 0
    messages: int = 0
    other_rows: int = 0  # sandbox, reach, rejects, notices, kept answers, imports
    files: int = 0
    stops: int = 0  # keyed hashes that are kept
    crm: str | None = None
    shared_with: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """Several clients at once. `under_way` are left as they are: a message to them is out."""

    clients: tuple[int, ...]
    under_way: tuple[int, ...]
    phones: tuple[str, ...]
    counts: Erased


async def erase(
    db: Database,
    company: Company,
    client_id: int,
    *,
    store: DialogStore,
    hash_phone: HashPhone,
    now: datetime,
    home: Path | None = None,
    who: Who | None = None,
) -> Erased:
    """Remove everything personal of a client, for good. Repeating it removes what came since.

    `home` is the data folder, where uploaded files are. Raises NotFoundError; ConflictError while
    a message to the client is under way; UnavailableError where Redis does not answer, and then
    nothing was removed.
    """
    for left in reversed(range(_TRIES)):
        try:
            return await _erase(db, company, client_id, store, hash_phone, now, home, who or Who())
        except DeadlockDetected:  # the client writes at this very moment
            if not left:
                raise ConflictError("The client is writing right now: try again.") from None
    raise AssertionError


async def _erase(
    db: Database,
    company: Company,
    client_id: int,
    store: DialogStore,
    hash_phone: HashPhone,
    now: datetime,
    home: Path | None,
    who: Who,
) -> Erased:
    values = {"company_id": company.company_id}
    async with db.tenant(company.company_id) as connection:
        await connection.execute(sql.one_at_a_time.sql, values)
        done = await forget(connection, company, [client_id], hash_phone=hash_phone, now=now)
        if done.under_way:
            raise ConflictError(
                "A message to this client is being sent right now: wait a minute, then try again."
            )
        if not done.clients:
            raise NotFoundError(f"{company.name} has no client {client_id}.")
        folders = await _close_uploads(connection, values | {"fault": _UPLOAD, "now": now})
        row = await (await connection.execute(sql.crm.sql, values)).fetchone()
        found = replace(done.counts, client_id=client_id, crm=row[0] if row else None)
        details = {"messages": found.messages, "reactivations": found.reactivations}
        await auditing.note(
            connection,
            company,
            who=who,
            action="client.erased",
            subject=f"client {client_id}",
            details=details,
            now=now,
        )
        for phone in done.phones:  # while it is still known: a second try would not know it
            await store.forget(company.company_id, phone)
    with suppress(UnavailableError):  # what a worker has put there meanwhile
        for phone in done.phones:
            await store.forget(company.company_id, phone)
    return replace(found, files=_delete(home, folders))


async def forget(
    connection: Connection,
    company: Company,
    clients: Sequence[int],
    *,
    hash_phone: HashPhone | None,
    now: datetime,
    crm_prefix: str = "",
) -> Forgotten:
    """Make these clients nobody, in the caller's transaction, who has the lock of imports.

    With `hash_phone` it is their own wish: the keyed hashes of their numbers are stopped, and
    nothing brings them back. Without it a CRM has deleted them, and may have them again.
    """
    values: dict[str, Any] = {"company_id": company.company_id, "clients": list(clients)}
    rows = await _all(connection, sql.lock_clients.sql, values)
    known = await _all(connection, sql.phones.sql, values)
    values |= {"own": sorted({phone for _, phone, others in known if not others})}
    values |= {"lids": sorted({lid for _, _, _, lid, _ in rows if lid})}
    dialogs = await _all(connection, sql.lock_dialogs.sql, values)
    values |= {"dialogs": [dialog_id for dialog_id, *_ in dialogs]}
    under_way = await _under_way(connection, values, [row[0] for row in rows], dialogs)
    if under_way:
        rest = [one for one in clients if one not in under_way]
        nothing = Forgotten(
            clients=(), under_way=tuple(under_way), phones=(), counts=Erased(client_id=0)
        )
        if hash_phone or not rest:
            return nothing
        done = await forget(
            connection, company, rest, hash_phone=None, now=now, crm_prefix=crm_prefix
        )
        return replace(done, under_way=(*done.under_way, *under_way))
    values |= {"now": now, "today": now.astimezone(company.zone).date()}
    values |= {"wished": hash_phone is not None}
    values |= {"reason": Reason.OPTED_OUT if hash_phone else Reason.NO_PHONE}
    values |= _mentions(rows, values, crm_prefix)
    lids = {*values["lids"], *(lid for _, _, lid in dialogs if lid)}
    counts = await _remove(connection, values)
    if hash_phone is not None:
        keys = [hash_phone(phone) for phone in {phone for _, phone, _ in known}]
        keys += [hash_lid(lid, hash_phone) for lid in lids]
        await connection.execute(sql.keep_stops.sql, values | {"keys": keys})
        counts = replace(counts, stops=len(keys))
    named = {"clients": [row[0] for row in rows]}
    numbers = {phone for _, phone, _ in known}
    named |= {"external_keys": [_nobodys(row[1], numbers, hash_phone) for row in rows]}
    await connection.execute(sql.blank_clients.sql, values | named)
    return Forgotten(
        clients=tuple(row[0] for row in rows),
        under_way=(),
        phones=tuple(sorted({phone for _, phone, _ in known})),
        counts=replace(counts, shared_with=sum(others for *_, others in known)),
    )


async def _under_way(
    connection: Connection,
    values: dict[str, Any],
    clients: Sequence[int],
    dialogs: Sequence[Sequence[Any]],
) -> set[int]:
    """Whose message is out, or in a dialog of theirs; everything that may be claimed is locked."""
    owners = {dialog_id: client_id for dialog_id, client_id, _ in dialogs}
    claimed = [owners[row[0]] for row in await _all(connection, sql.lock_messages.sql, values)]
    claimed += [row[0] for row in await _all(connection, sql.lock_reactivations.sql, values)]
    # a family's number: whoever of them it is, all of those who are asked for wait
    strange = any(one not in clients for one in claimed)
    return set(clients) if strange else {one for one in claimed if one is not None}


async def _remove(connection: Connection, values: dict[str, Any]) -> Erased:
    """Everything but the clients' own rows."""

    async def changed(query: Any) -> int:
        return (await connection.execute(query.sql, values)).rowcount

    cancelled = await changed(sql.cancel_reactivations)
    blanked = await changed(sql.blank_reactivations)
    ((messages,),) = await _all(connection, sql.count_messages.sql, values)
    await changed(sql.delete_intents)
    dialogs = await changed(sql.delete_dialogs)
    others = 0
    for query in (sql.delete_sandbox, sql.delete_reach, sql.delete_rejects, sql.delete_notices):
        others += await changed(query)
    for query in (sql.blank_answers, sql.blank_imports):
        others += await changed(query)
    return Erased(
        client_id=0,
        cancelled=cancelled,
        reactivations=blanked,
        dialogs=dialogs,
        messages=messages,
        other_rows=others,
    )


def _mentions(
    rows: Sequence[Sequence[Any]], values: dict[str, Any], crm_prefix: str
) -> dict[str, Any]:
    """What to look for where others wrote something down: numbers, surnames, ids."""
    surnames = {row[4].lower() for row in rows if row[4] and len(row[4]) >= SHORTEST_NEEDLE}
    needles = {*values["own"], *values["lids"], *surnames}
    ids = {"client_id": values["clients"], "dialog_id": values["dialogs"]}
    patterns = [
        rf'"{name}": ({"|".join(map(str, numbers))})[,}}]'
        for name, numbers in ids.items()
        if numbers
    ]
    prefix = re.compile(rf"^{re.escape(crm_prefix) or '[a-z_]+:'}")
    return {
        "needles": sorted(needles),
        "mentions": "|".join(patterns),
        "external_ids": [prefix.sub("", row[1]) for row in rows],
    }


def _nobodys(key: str, phones: Iterable[str], hash_phone: HashPhone | None) -> str | None:
    """A key that is made of a phone or a name becomes its keyed hash; None: it stays."""
    speaks = key.startswith(("tel:", "name:")) or any(phone[-10:] in key for phone in phones)
    return nobodys_key(key, hash_phone) if speaks and hash_phone is not None else None


def nobodys_key(key: str, hash_phone: HashPhone) -> str:
    """How an import that names somebody by phone, by name or by a telling code knows nobody."""
    phone = key.removeprefix("tel:")
    return f"erased:{hash_phone(phone).hex()}" if phone != key else f"{_KEY}{hash_phone(key).hex()}"


async def among(
    connection: Connection, company: Company, keys: Iterable[str], hash_phone: HashPhone
) -> dict[str, str]:
    """Those of some keys of an import that are people who were erased at their wish, each with the
    key of nobody that is used instead."""
    found = await _all(connection, sql.erased_keys.sql, {"company_id": company.company_id})
    if not (erased := {key for (key,) in found}):
        return {}
    hashed = ((key, nobodys_key(key, hash_phone)) for key in keys)
    return {key: nobody for key, nobody in hashed if nobody in erased}


async def _close_uploads(connection: Connection, values: dict[str, Any]) -> list[str]:
    found = await _all(connection, sql.uploads.sql, values)
    closed = values | {"uploads": [upload_id for upload_id, _ in found]}
    await connection.execute(sql.close_uploads.sql, closed)
    return [folder for _, folder in found]


def _delete(home: Path | None, folders: Iterable[str]) -> int:
    """Delete these folders of the data folder, none outside of it; how many were there."""
    if home is None:
        return 0
    root, deleted = home.resolve(), 0
    for folder in folders:
        path = (root / folder).resolve()
        if path != root and path.is_relative_to(root) and path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
            deleted += 1
    return deleted


async def _all(connection: Connection, query: str, values: dict[str, Any]) -> list[Any]:
    return await (await connection.execute(query, values)).fetchall()
