"""Connections to CRMs: whose calendar is kept where, how we get in, when it is read next."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from vernis.crm import CrmCompany
from vernis.decide.settings import company as known
from vernis.domain import Company
from vernis.errors import ConflictError, NotFoundError, UsageError
from vernis.ports import Database
from vernis.sql import load
from vernis.stages import auditing, companies, notices
from vernis.stages.auditing import Who

sql = load("crm_connections")

TURN = timedelta(minutes=2)  # a sync that shows no sign for so long belongs to a process that died
NOT_CONNECTED = (
    "{company} is not connected to a CRM: `vernis connect yclients --salon ID` connects it."
)


class Seal(Protocol):
    """What is stored of a token, as `adapters.sealing.Sealer.seal` makes it."""

    def __call__(self, text: str, *, company_id: int, account_id: int) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmConnection:
    """Where a company's calendar is kept. `external_id` is what the CRM calls the company."""

    company_id: int
    crm: str
    external_id: str
    sealed_token: bytes | None = field(repr=False)
    settings: Mapping[str, Any]
    state: str
    reason: str | None
    connected_at: datetime
    next_sync_at: datetime

    @property
    def is_connected(self) -> bool:
        return self.state == "connected"


async def company_for(db: Database, told: CrmCompany, *, name: str | None) -> Company:
    """The company of this name or id, created from what the CRM tells where there is none.

    Raises UsageError where what is known of it contradicts the CRM.
    """
    try:
        found = await companies.find(db, name) if name else None
    except NotFoundError:
        if name and name.isdecimal():
            raise
        found = None
    if found is not None:
        _require_same(found, told)
        return found
    country = _country(told)
    return await companies.find_or_create(
        db,
        name=name or told.name,
        locale=known.default_locale(country),
        timezone=known.known_timezone(told.timezone or known.default_timezone(country)),
        currency=known.known_currency(told.currency or known.default_currency(country)),
        country=country,
    )


async def connect(
    db: Database,
    company: Company,
    *,
    crm: str,
    external_id: str,
    token: str | None,
    seal: Seal,
    now: datetime,
    settings: Mapping[str, Any] | None = None,
) -> CrmConnection:
    """Connect a company, anew where it was connected before; the first sync is due at once.

    Raises ConflictError where it is connected to another salon, or another company to this one.
    """
    company_id = company.company_id
    async with db.dispatch() as connection:
        await connection.execute(sql.lock_connecting.sql)
        place = {"crm": crm, "external_id": external_id}
        row = await (await connection.execute(sql.connection_at.sql, place)).fetchone()
        if row is not None and row[0] != company_id:
            raise ConflictError(
                f"The salon {external_id} of {crm} belongs to another company here (number"
                f" {row[0]}): disconnect that one, or give its --company."
            )
        await connection.execute("RESET ROLE")  # from the dispatcher back to the application
        await connection.execute(
            "SELECT set_config('vernis.company_id', %s, true)", (str(company_id),)
        )
        cursor = connection.cursor(row_factory=dict_row)
        before = await (await cursor.execute(sql.get.sql, {"company_id": company_id})).fetchone()
        is_other = before and (before["crm"], before["external_id"]) != (crm, external_id)
        if before is not None and is_other and before["state"] == "connected":
            raise ConflictError(
                f"{company.name} is connected to the salon {before['external_id']} of"
                f" {before['crm']}: `vernis disconnect` comes first."
            )
        values: dict[str, Any] = {"company_id": company_id, "now": now, **place}
        sealed = seal(token, company_id=company_id, account_id=0) if token else None
        values |= {"sealed_token": sealed, "settings": Jsonb(dict(settings or {}))}
        await connection.execute(sql.forget_other.sql, values)
        await connection.execute(sql.connect.sql, values)
    return await get(db, company)


async def find(db: Database, company: Company) -> CrmConnection | None:
    """The company's connection, whether it stands or not."""
    async with db.tenant(company.company_id) as connection:
        cursor = connection.cursor(row_factory=dict_row)
        await cursor.execute(sql.get.sql, {"company_id": company.company_id})
        row = await cursor.fetchone()
    return CrmConnection(**row) if row else None


async def get(db: Database, company: Company) -> CrmConnection:
    """Raises NotFoundError where the company was never connected."""
    found = await find(db, company)
    if found is None:
        raise NotFoundError(NOT_CONNECTED.format(company=company.name))
    return found


async def connected(db: Database, company: Company) -> CrmConnection:
    """A connection that stands. Raises NotFoundError, and ConflictError with why it does not."""
    found = await get(db, company)
    if not found.is_connected:
        raise ConflictError(
            f"{company.name} is disconnected from {found.crm}: {found.reason}"
            f" Connect it again: `vernis connect {found.crm} --salon {found.external_id}`."
        )
    return found


async def disconnect(db: Database, company: Company, *, who: Who | None = None) -> bool:
    """Leave a CRM and forget its token; what was read stays. False where nothing was connected."""
    values = {"company_id": company.company_id, "reason": "It was disconnected by hand."}
    async with db.tenant(company.company_id) as connection:
        was = bool((await connection.execute(sql.disconnect.sql, values)).rowcount)
        if was:
            await auditing.note_by(connection, company, who, "crm.disconnected")
        return was


async def mark_disconnected(db: Database, company: Company, reason: str, *, now: datetime) -> None:
    """The CRM lets us in no more, for a reason in one sentence: its owner learns of it."""
    values = {"company_id": company.company_id, "reason": reason}
    async with db.tenant(company.company_id) as connection:
        if (await connection.execute(sql.mark_disconnected.sql, values)).rowcount:
            kind = notices.Kind.CRM_DISCONNECTED
            await notices.write(connection, company, None, kind, now=now, reason=reason)


async def connection_at(db: Database, *, crm: str, external_id: str) -> int | None:
    """The id of the company whose salon a CRM calls so."""
    async with db.dispatch() as connection:
        values = {"crm": crm, "external_id": external_id}
        row = await (await connection.execute(sql.connection_at.sql, values)).fetchone()
    return row[0] if row else None


def webhook_key(connection: CrmConnection, hash_text: Callable[[str], bytes]) -> str:
    """What nobody can guess of the address that this salon's webhooks are sent to.

    `hash_text` is keyed with the installation's secret; another salon has another key.
    """
    whose = f"webhooks {connection.crm} {connection.company_id} {connection.external_id}"
    return f"{connection.company_id}-{hash_text(whose).hex()[:40]}"


# --- when it is read ----------------------------------------------------------------------------


async def claim(
    db: Database, company: Company, *, now: datetime, only_due: bool = False
) -> datetime | None:
    """Take the next sync for TURN; until when, None where it is not due or not connected."""
    until = now + TURN
    values: dict[str, Any] = {"company_id": company.company_id, "now": now, "only_due": only_due}
    async with db.tenant(company.company_id) as connection:
        cursor = await connection.execute(sql.claim.sql, values | {"until": until})
    return until if cursor.rowcount else None


async def finish(
    db: Database, company: Company, *, until: datetime, next_sync_at: datetime
) -> None:
    """Give back what was claimed `until` then."""
    values = {"company_id": company.company_id, "until": until, "next": next_sync_at}
    async with db.tenant(company.company_id) as connection:
        await connection.execute(sql.finish.sql, values)


async def ask_for_sync(db: Database, company: Company, *, now: datetime) -> None:
    """Something changed in the CRM: read it at the next opportunity."""
    async with db.tenant(company.company_id) as connection:
        values = {"company_id": company.company_id, "now": now}
        await connection.execute(sql.ask_for_sync.sql, values)


# --- what the CRM says of a company -------------------------------------------------------------


def _country(told: CrmCompany) -> str:
    if told.country is None:
        return "RU"
    return known.known_country(told.country)


def _require_same(company: Company, told: CrmCompany) -> None:
    """Amounts and days are kept in the company's own currency and time zone."""
    for name, ours, theirs in (
        ("time zone", company.timezone, told.timezone),
        ("currency", company.currency, told.currency),
    ):
        if theirs is None or theirs == ours:
            continue
        advice = "give another --company"
        if name == "time zone":
            advice = f"change it with `vernis set timezone={theirs}`, or {advice}"
        raise UsageError(f"The {name} of {company.name} is {ours}, in the CRM {theirs}: {advice}.")
