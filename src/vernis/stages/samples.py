"""Samples: what would be written to real clients, without storing or sending any of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain, zip_longest
from typing import Any

from vernis.decide.writing.message import band_for, problems
from vernis.domain import Band, Company, MessageFacts, Offer
from vernis.errors import NotFoundError
from vernis.plain import plain
from vernis.ports import Crm, Database, Writer
from vernis.stages import writing
from vernis.stages.writing import Brief


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One message with the checks that it fails, () where it could go out, and who wrote it."""

    client_id: int
    client_key: str
    client_name: str | None
    band: Band
    inactive_days: int
    variant: str | None
    offer: Offer | None
    text: str = field(repr=False)
    template: str | None
    model: str | None
    fallback: str | None
    problems: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        result: dict[str, Any] = plain(self)
        return result


async def nearest(db: Database, company: Company, *, number: int, on: date) -> list[int]:
    """Clients who are due or next due on a day, from all bands in turn."""
    return spread(await writing.reachable(db, company, on=on), number)


async def sample(
    db: Database,
    company: Company,
    writer: Writer,
    clients: Sequence[int],
    *,
    crm: Crm | None = None,
    on: date,
    now: datetime,
) -> list[Sample]:
    """Write to these clients as if they were planned on a day, the shortest absence first.

    Raises NotFoundError where a single one was asked for that has no visit yet.
    """
    rows, briefs = await _briefs(db, company, clients, crm=crm, on=on, now=now)
    drafts = await writer.write(company, [one.facts for one in briefs])
    return [
        Sample(
            client_id=row["id"],
            client_key=row["external_key"],
            client_name=row["name"],
            band=one.facts.band,
            inactive_days=row["inactive_days"],
            variant=one.variant.name if one.variant else None,
            offer=one.facts.offer,
            text=draft.text,
            template=draft.template,
            model=draft.model,
            fallback=draft.fallback,
            problems=tuple(problems(draft.text, one.facts)),
        )
        for row, one, draft in zip(rows, briefs, drafts, strict=True)
    ]


async def facts_of(
    db: Database,
    company: Company,
    client: int,
    *,
    crm: Crm | None = None,
    on: date,
    now: datetime,
) -> MessageFacts:
    """What a writer would be told about a client. Raises NotFoundError where there is no visit."""
    _, (one,) = await _briefs(db, company, [client], crm=crm, on=on, now=now)
    return one.facts


def spread(reachable: Sequence[tuple[int, int]], number: int) -> list[int]:
    """The first clients of each band in turn, up to a number. Pairs of client and days away."""
    by_band = ([client for client, days in reachable if band_for(days) is band] for band in Band)
    turns = chain.from_iterable(zip_longest(*by_band))
    return [client for client in turns if client is not None][:number]


async def _briefs(
    db: Database,
    company: Company,
    clients: Sequence[int],
    *,
    crm: Crm | None,
    on: date,
    now: datetime,
) -> tuple[list[dict[str, Any]], list[Brief]]:
    rows = await writing.as_if_planned(db, company, clients, on=on)
    if len(clients) == 1 and not rows:
        raise NotFoundError("This client has no visit yet: there is nothing to write about.")
    return rows, await writing.brief(company, rows, crm=crm, now=now)
