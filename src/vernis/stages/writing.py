"""Write: a text for each planned reactivation, and the hours in which it may leave."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from psycopg.rows import dict_row

from vernis.decide import hours
from vernis.decide.policies import WayOut, policy_of
from vernis.decide.reception import offered_times
from vernis.decide.variants import as_told, begun_as, variant_of
from vernis.decide.writing.message import band_for
from vernis.domain import Company, Draft, FreeTime, Gender, MessageFacts, Offer, Variant
from vernis.errors import UsageError, VernisError
from vernis.ports import Connection, Crm, Database, Writer
from vernis.sql import load

sql = load("writing")

BATCH = 500

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What a writer is told about one client, and what is kept beside the text."""

    facts: MessageFacts
    variant: Variant | None
    times: tuple[FreeTime, ...]


async def write(
    db: Database, company: Company, writer: Writer, *, now: datetime, crm: Crm | None = None
) -> int:
    """Write all planned reactivations; how many. No transaction is open while the writer works.

    `crm` is asked for free times where the company offers them. Where a person approves first, the
    texts become drafts: nothing sends them until `drafts.approve`.
    """
    written = 0
    while True:
        async with db.tenant(company.company_id) as connection:
            await _require_account(connection, company)
            planned = await _rows(connection, "planned", company, batch=BATCH)
        if not planned:
            return written
        briefs = await brief(company, planned, crm=crm, now=now)
        drafts = await writer.write(company, [one.facts for one in briefs])
        values: dict[str, Any] = {"company_id": company.company_id, "now": now}
        values |= _columns(company, planned, briefs, drafts)
        async with db.tenant(company.company_id) as connection:
            cursor = await connection.execute(sql.needs_approval.sql, values)
            ((approval, until),) = await cursor.fetchall()
            as_set = replace(company, approval=approval, approval_until=until)
            waits = as_set.wants_approval(now.astimezone(company.zone).date())
            values["send_afters"] = [
                None if waits else opens(company, row["plan_on"], now) for row in planned
            ]
            cursor = await connection.execute(sql.store_texts.sql, values)
        written += cursor.rowcount
        if len(planned) < BATCH:
            return written


async def brief(
    company: Company, rows: Sequence[Row], *, crm: Crm | None, now: datetime
) -> list[Brief]:
    """What a writer is told about each of these rows of `planned`."""
    times = await _free_times(company, rows, crm, now) if crm else {}
    return [_brief(row, company, times.get(row["id"], ())) for row in rows]


async def as_if_planned(
    db: Database, company: Company, clients: Sequence[int], *, on: date
) -> list[Row]:
    """Rows like those of the planned reactivations, for clients as they stand on a day."""
    async with db.tenant(company.company_id) as connection:
        return await _rows(connection, "as_if_planned", company, clients=list(clients), on=on)


async def reachable(db: Database, company: Company, *, on: date) -> list[tuple[int, int]]:
    """Clients who could be written to, the nearest to their due date first, and their days away."""
    values = {"company_id": company.company_id, "on": on}
    values["gone_too_long"] = company.gone_too_long_days
    async with db.tenant(company.company_id) as connection:
        cursor = await connection.execute(sql.reachable.sql, values)
        return [(client_id, days) for client_id, days in await cursor.fetchall()]


def opens(company: Company, day: date, now: datetime) -> datetime:
    """Not before the hours of the planned day, even where the plan was made the evening before."""
    midnight = datetime.combine(day, datetime.min.time(), tzinfo=company.zone)
    return hours.next_opening(company, max(midnight, now)) or midnight + timedelta(days=365)


# --- what the writer is told ------------------------------------------------------------------


def _brief(row: Mapping[str, Any], company: Company, times: tuple[FreeTime, ...]) -> Brief:
    if row["has_begun"]:
        variant = begun_as(company, row["variant"], row["variant_since"])
    else:
        key, visit = row["external_key"], row["last_visit_date"]
        variant = variant_of(company, client_key=key, last_visit_on=visit)
    told = as_told(company, variant)
    band = band_for(row["inactive_days"])
    facts = MessageFacts(
        locale=told.locale,
        band=band,
        company_name=told.name,
        client_name=row["name"],
        gender=Gender(row["gender"]) if row["gender"] else None,
        address=told.address,
        service_title=row["last_service_name"],
        staff_name=row["staff_name"],
        inactive_days=row["inactive_days"],
        attempt=row["attempt"],
        offer=told.offers.get(band),
        seed=row["id"],
        used_templates=tuple(row["used_templates"]),
        opt_out_line=row["is_first"] or policy_of(company.country).way_out is WayOut.EVERY,
        tone=told.tone,
        on=row["plan_on"],
        free_times=tuple(free.starts_at.astimezone(company.zone) for free in times),
        recent_texts=tuple(row["recent_texts"]),
        banned_words=told.banned_words,
    )
    return Brief(facts=facts, variant=variant, times=times)


async def _free_times(
    company: Company, rows: Sequence[Row], crm: Crm, now: datetime
) -> dict[int, tuple[FreeTime, ...]]:
    """By row: times with the usual master, where the company offers them and the CRM answers."""
    if not company.free_times_in_messages:
        return {}
    chosen: dict[int, tuple[FreeTime, ...]] = {}
    offered = offered_times.Offered()
    known: dict[tuple[int, date], list[FreeTime]] = {}
    for row in rows:
        service_id, staff_id, day = row["last_service_id"], row["staff_id"], row["plan_on"]
        if service_id is None or staff_id is None or row["times_went"]:
            continue
        if (service_id, day) not in known:
            known[service_id, day] = await _ask(company, crm, service_id, day)
        chosen[row["id"]] = offered_times.choose(
            known[service_id, day],
            staff_id=staff_id,
            zone=company.zone,
            after=now,
            seed=row["id"],
            offered=offered,
        )
    return chosen


async def _ask(company: Company, crm: Crm, service_id: int, day: date) -> list[FreeTime]:
    """A message without times is better than none: a CRM that does not answer stops nothing."""
    try:
        return await crm.free_times(
            company.company_id,
            service_id=service_id,
            first_day=day,
            last_day=day + timedelta(days=offered_times.DAYS - 1),
        )
    except VernisError:
        return []


# --- rows --------------------------------------------------------------------------------------


async def _rows(
    connection: Connection, query: str, company: Company, **values: Any
) -> list[dict[str, Any]]:
    cursor = connection.cursor(row_factory=dict_row)
    values["company_id"] = company.company_id
    await cursor.execute(getattr(sql, query).sql, values)
    return await cursor.fetchall()


async def _require_account(connection: Connection, company: Company) -> None:
    cursor = await connection.execute(sql.has_account.sql, {"company_id": company.company_id})
    if await cursor.fetchone() is None:
        raise UsageError(
            f"{company.name} has no account to send from: add one with `vernis account add`."
        )


def _columns(
    company: Company, planned: Sequence[Row], briefs: Sequence[Brief], drafts: Sequence[Draft]
) -> dict[str, list[Any]]:
    since = company.variants_since
    return {
        "ids": [row["id"] for row in planned],
        "bodies": [draft.text for draft in drafts],
        "templates": [draft.template for draft in drafts],
        "models": [draft.model for draft in drafts],
        "fallbacks": [draft.fallback for draft in drafts],
        "times": [
            times_out(offered_times.stated(draft.text, one.times, company.zone, company.locale))
            for one, draft in zip(briefs, drafts, strict=True)
        ],
        "offers": [_offer_out(one.facts.offer, one.facts.on) for one in briefs],
        "variants": [one.variant.name if one.variant else None for one in briefs],
        "variants_since": [since if one.variant else None for one in briefs],
        "deadlines": [hours.deadline(company, row["plan_on"]) for row in planned],
    }


def times_out(times: Sequence[FreeTime]) -> str | None:
    """The times that a text names, as the table keeps them."""
    return json.dumps([offered_times.to_plain(free) for free in times]) if times else None


def _offer_out(offer: Offer | None, on: date | None) -> str | None:
    """The offer as it was made to this client: with the last day that it holds."""
    if offer is None:
        return None
    until = on + timedelta(days=offer.valid_days) if on and offer.valid_days else None
    return json.dumps(asdict(offer) | {"valid_until": until.isoformat() if until else None})
