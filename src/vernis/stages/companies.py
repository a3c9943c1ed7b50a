"""Companies: find one by what a person typed, create one, read its settings."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from vernis.decide.policies import policy_of
from vernis.decide.settings.company import changed, shown
from vernis.domain import Address, Assistant, Band, Company, Locale, Offer, Tone, Variant
from vernis.errors import NotFoundError, UsageError
from vernis.ports import Connection, Database
from vernis.sql import load
from vernis.stages import auditing
from vernis.stages.auditing import Who

sql = load("companies")


async def get(db: Database, company_id: int) -> Company:
    """Read one company. Raises NotFoundError."""
    async with db.tenant(company_id) as connection:
        return await get_within(connection, company_id)


async def get_within(connection: Connection, company_id: int) -> Company:
    """`get` in the caller's transaction."""
    cursor = connection.cursor(row_factory=dict_row)
    await cursor.execute(sql.company.sql, {"company_id": company_id})
    row = await cursor.fetchone()
    if row is None:
        raise NotFoundError(f"There is no company {company_id}: `vernis companies` lists them.")
    return _company(row)


async def names(db: Database) -> dict[int, str]:
    """Every company's id and name."""
    async with db.dispatch() as connection:
        cursor = await connection.execute(sql.all_companies.sql)
        return {row[0]: row[1] for row in await cursor.fetchall()}


async def among(
    db: Database, ids: Collection[int], *, words: str = "", most: int = 100
) -> dict[int, str]:
    """Ids and names of those companies whose name has these words in it, by name."""
    values = {"ids": list(ids), "words": words.strip(), "most": most}
    async with db.dispatch() as connection:
        cursor = await connection.execute(sql.companies_among.sql, values)
        return dict(await cursor.fetchall())


async def find(db: Database, typed: str | None) -> Company:
    """The company with this id or name; without either, the only one there is."""
    known = await names(db)
    if typed is None:
        if len(known) == 1:
            return await get(db, next(iter(known)))
        if not known:
            raise NotFoundError("There is no company yet: start with `vernis import FILE...`.")
        raise UsageError(f"Which company? Give --company with one of: {_listed(known)}.")
    matching = [id_ for id_, name in known.items() if name.casefold() == typed.casefold()]
    if typed.isdecimal() and int(typed) in known:
        matching = [int(typed)]
    if not matching:
        raise NotFoundError(
            f"There is no company «{typed}»; there are: {_listed(known) or 'none yet'}."
        )
    if len(matching) > 1:
        raise UsageError(f"Several companies are called «{typed}»: give one of the ids {matching}.")
    return await get(db, matching[0])


async def find_or_create(
    db: Database, *, name: str, locale: Locale, timezone: str, currency: str, country: str
) -> Company:
    """The company of this name, created with the default settings, its country's rule of consent
    and a sandbox account where there is none."""
    async with db.dispatch() as connection:
        await connection.execute(sql.lock_creation.sql)
        cursor = await connection.execute(sql.company_named.sql, {"name": name})
        if (row := await cursor.fetchone()) is None:
            await connection.execute("RESET ROLE")  # from the dispatcher back to the application
            cursor = await connection.execute(sql.enter_new_company.sql)
            row = await cursor.fetchone()
            assert row is not None
            values = {"company_id": int(row[0]), "name": name, "locale": locale}
            values |= {"timezone": timezone, "currency": currency, "country": country}
            values["consent_required"] = policy_of(country).consent_required
            await connection.execute(sql.create_company.sql, values)
            await connection.execute(sql.create_account.sql, values)
            await connection.execute(sql.let_in_those_who_open_companies.sql, values)
    return await get(db, int(row[0]))


async def discard(db: Database, company: Company) -> None:
    """Delete a company that has nothing yet but its settings."""
    async with db.tenant(company.company_id) as connection:
        await connection.execute(sql.discard.sql, {"company_id": company.company_id})


async def change(
    db: Database,
    company: Company,
    assignments: Sequence[str],
    *,
    now: datetime | None = None,
    who: Who | None = None,
) -> Company:
    """Change settings, written as `key=value`. Raises UsageError, and then nothing is changed.

    With `who` it is noted that they changed these, from what and to what.

    Variants that differ in anything from before are a new test, which begins at `now` (by default
    the database's), and a `consent_basis` without a day is as of that day. Where messages need an
    approval from now on, those that wait to leave do too.
    """
    new = changed(company, assignments)
    values = asdict(new) | {"send_days": list(new.send_days), "now": now}
    values["days_off"] = list(new.days_off)
    values |= {
        "banned_words": list(new.banned_words),
        "is_new_test": _tested(new) != _tested(company),
    }
    values |= {
        "offers": Jsonb(_offers_out(new.offers)),
        "variants": Jsonb([_variant_out(variant) for variant in new.variants]),
        "facts": Jsonb(new.facts),
    }
    async with db.tenant(company.company_id) as connection:
        cursor = await connection.execute(sql.change.sql, values)
        ((variants_since, basis_on),) = await cursor.fetchall()
        if new.approval and not company.approval:
            await connection.execute(sql.hold_back.sql, values)
        if who is not None and (differs := _differs(company, new)):
            action, at = "settings.changed", now or datetime.now(UTC)
            await auditing.note(
                connection, company, who=who, action=action, details=differs, now=at
            )
    return replace(new, variants_since=variants_since, consent_basis_on=basis_on)


async def without_consent(db: Database, company: Company) -> int:
    """How many clients nothing is known of about their own consent."""
    async with db.tenant(company.company_id) as connection:
        cursor = await connection.execute(
            sql.without_consent.sql, {"company_id": company.company_id}
        )
        row = await cursor.fetchone()
    return int(row[0]) if row else 0


def _differs(before: Company, new: Company) -> dict[str, list[str | None]]:
    """The settings that changed, from what to what."""
    old, now = shown(before), shown(new)
    keys = dict.fromkeys((*old, *now))
    return {key: [old.get(key), now.get(key)] for key in keys if old.get(key) != now.get(key)}


def _tested(company: Company) -> tuple[Any, ...]:
    """What the variants give the clients, with what they leave to the company."""
    if not company.variants:
        return ()
    return company.variants, company.tone, company.offers


# --- to and from the table ---------------------------------------------------------------------


def _company(row: dict[str, Any]) -> Company:
    typed: dict[str, Any] = {
        "locale": Locale(row["locale"]),
        "address": Address(row["address"]),
        "tone": Tone(row["tone"]),
        "assistant": Assistant(row["assistant"]),
        "send_days": tuple(row["send_days"]),
        "banned_words": tuple(row["banned_words"]),
        "days_off": tuple(row["days_off"]),
        "offers": _offers(row["offers"]),
        "variants": tuple(_variant(**variant) for variant in row["variants"]),
    }
    return Company(**row | typed)


def _offers(stored: Mapping[str, Any]) -> dict[Band, Offer]:
    return {Band(band): Offer(**offer) for band, offer in stored.items()}


def _offers_out(offers: Mapping[Band, Offer]) -> dict[str, Any]:
    return {band.value: asdict(offer) for band, offer in offers.items()}


def _variant(name: str, weight: int, tone: str | None, offers: Mapping[str, Any] | None) -> Variant:
    return Variant(
        name=name,
        weight=weight,
        tone=Tone(tone) if tone else None,
        offers=None if offers is None else _offers(offers),
    )


def _variant_out(variant: Variant) -> dict[str, Any]:
    offers = None if variant.offers is None else _offers_out(variant.offers)
    return {
        "name": variant.name,
        "weight": variant.weight,
        "tone": variant.tone,
        "offers": offers,
    }


def _listed(known: dict[int, str]) -> str:
    return ", ".join(f"{name} ({id_})" for id_, name in list(known.items())[:10])
