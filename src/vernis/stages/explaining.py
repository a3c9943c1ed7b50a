"""Explain: everything known and decided about one client, and why."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from psycopg.rows import dict_row

from vernis.decide.files.phones import e164
from vernis.decide.plan import Verdict
from vernis.decide.timing.words import told
from vernis.domain import Company, Interval, Source
from vernis.errors import NotFoundError, UsageError
from vernis.plain import plain
from vernis.ports import Connection, Database
from vernis.sql import load
from vernis.stages.intervals import LineInterval, line_intervals

sql = load("explaining")

NEWEST_BOOKINGS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientFacts:
    """Who it is. The phone is masked; `opted_out_at` is set where the number said stop.

    `consent_source` is `file` where an import told it, `consent_on` the day since when it is known.
    """

    client_id: int
    external_key: str
    name: str | None
    phone: str | None
    phone_state: str
    consent: str
    consent_source: str | None
    consent_on: date | None
    blacklisted: bool
    declined_at: datetime | None
    opted_out_at: datetime | None
    erased_at: datetime | None


@dataclass(frozen=True, slots=True)
class ServiceVisits:
    title: str
    visits: int
    last_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    """Completed visits up to the day in question; money in minor units."""

    number: int
    first_on: date | None
    last_on: date | None
    spent_minor: int
    services: tuple[ServiceVisits, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """The interval the plan goes by, and what it says about the day in question.

    The window from `opens_on` to `closes_on` holds 80% of the expected returns. `days_late`
    counts from the due date; negative before it. `returning_chance` is the chance that the client
    still comes back unasked, `falling_chance` what the coming week takes of it; None where the
    plan does not look before the next computation. `told` says it in one sentence, by language.
    """

    service_title: str | None
    staff_name: str | None
    last_visit_on: date
    interval_days: int
    source: str
    confidence: float
    evidence: dict[str, Any]
    opens_on: date
    due_on: date
    closes_on: date
    days_late: int
    returning_chance: float | None
    falling_chance: float | None
    told: dict[str, str]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One reactivation, with what came of it.

    `account` and `channel` are those that it leaves by, `tried_at` is the last call, `refusal` an
    errors.Refusal, `relied_on` the consent.Evidence that the call relied on, as its dict.
    """

    id: int
    plan_on: date
    arm: str
    state: str
    reason: str
    attempt: int
    campaign: str
    last_visit_on: date
    interval_days: int
    source: str
    due_on: date
    text: str | None = field(repr=False)
    sent_at: datetime | None
    delivered_at: datetime | None
    read_at: datetime | None
    response_at: datetime | None
    response_type: str | None
    booking_id: int | None
    booking_created_at: datetime | None
    visit_on: date | None
    revenue_minor: int | None
    variant: str | None
    template: str | None
    model: str | None
    fallback: str | None  # why a template stands where a model was asked
    generated: str | None = field(repr=False)  # before a person edited it
    rejected_because: str | None
    account: str | None
    channel: str | None
    tried_at: datetime | None
    refusal: str | None
    relied_on: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Said:
    """One message of the dialog; `direction` is `in` from the client, `out` to the client."""

    at: datetime
    direction: str
    text: str | None = field(repr=False)
    state: str
    intent: str | None


@dataclass(frozen=True, slots=True)
class Booked:
    booking_id: int
    on: date
    starts_at: datetime | None
    service_title: str | None
    staff_name: str | None
    state: str
    amount_minor: int | None
    booked_at: datetime | None
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """All of it, as known at a moment, for a day. `today` is what the plan of that day says."""

    company_id: int
    currency: str
    on: date
    known_at: datetime
    client: ClientFacts
    visits: Visits
    expected: Expected | None
    lines: tuple[LineInterval, ...]
    today: Verdict | None
    attempts: tuple[Attempt, ...]
    said: tuple[Said, ...]
    bookings: tuple[Booked, ...]

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        result: dict[str, Any] = plain(self)
        return result


async def explain(
    db: Database,
    company: Company,
    *,
    client: int | str,
    on: date,
    now: datetime,
    today: Verdict | None = None,
    hash_phone: Callable[[str], bytes] | None = None,
) -> Explanation:
    """Everything about one client, named by id, by external key or by phone.

    `today` is what the day's plan says of the client; `hash_phone` the keyed hash under
    which numbers are opted out. Raises NotFoundError, and UsageError where a phone is shared by
    several clients.
    """
    client_id = await find_client(db, company, client)
    values: dict[str, Any] = {
        "company_id": company.company_id,
        "client_id": client_id,
        "on": on,
        "newest": NEWEST_BOOKINGS,
    }
    async with db.tenant(company.company_id) as connection:
        ((*facts,),) = await _rows(connection, "client", values)
        phone: str | None = facts[3]
        values["phone"] = phone
        opted_out = []
        if phone and hash_phone:
            hashed = values | {"phone_hash": hash_phone(phone)}
            opted_out = await _rows(connection, "opted_out", hashed)
        visits = (await _rows(connection, "visits", values))[0]
        services = await _rows(connection, "services", values)
        cursor = connection.cursor(row_factory=dict_row)
        rhythm = await (await cursor.execute(sql.rhythm.sql, values)).fetchone()
        attempts = await _rows(connection, "reactivations", values)
        said = await _rows(connection, "said", values) if phone else []
        bookings = await _rows(connection, "bookings", values)
    return Explanation(
        company_id=company.company_id,
        currency=company.currency,
        on=on,
        known_at=now,
        client=_client(facts, opted_out_at=opted_out[0][0] if opted_out else None),
        visits=_visits(visits, services),
        expected=_expected(rhythm, on=on) if rhythm else None,
        lines=tuple(await line_intervals(db, company, client_id, on=on)),
        today=today,
        attempts=tuple(Attempt(*row) for row in attempts),
        said=tuple(Said(*row) for row in said),
        bookings=tuple(Booked(*row) for row in bookings),
    )


async def find_client(db: Database, company: Company, typed: int | str) -> int:
    """The id of the client that a person means: an id, an external key (`key:17` where it looks
    like an id) or a phone.
    """
    text = str(typed).strip()
    key = text.removeprefix("key:")
    values = {
        "company_id": company.company_id,
        "client_id": int(text) if text.isdecimal() and len(text) < 19 else None,
        "key": key,
        "phone": e164(text, country=company.country),
    }
    async with db.tenant(company.company_id) as connection:
        matching = await _rows(connection, "matching", values)
    if not matching:
        # what was typed may be somebody's phone or name: it is not repeated
        raise NotFoundError(
            f"{company.name} has no such client: give an id, the key from your files or a phone."
        )
    closest = [client_id for client_id, kind in matching if kind == matching[0][1]]
    if len(closest) > 1:
        listed = ", ".join(map(str, closest[:10]))
        raise UsageError(f"Several clients have this phone or key: give one of the ids {listed}.")
    return int(closest[0])


def masked(phone: str) -> str:
    """Enough of a number to recognise it by: +7 900 ***-**-67, +1 416 ***-**-11."""
    code, area = phone[:-10], phone[-10:-7]
    if not code:
        return f"+{phone[:2]} ***-**-{phone[-2:]}"
    return f"+{code} {area} ***-**-{phone[-2:]}"


async def _rows(connection: Connection, query: str, values: dict[str, Any]) -> list[Any]:
    cursor = await connection.execute(getattr(sql, query).sql, values)
    return await cursor.fetchall()


def _client(row: list[Any], *, opted_out_at: datetime | None) -> ClientFacts:
    client_id, external_key, name, phone, phone_state, *consented, blacklisted = row[:9]
    consent, consent_source, consent_on = consented
    declined_at, erased_at = row[9:]
    return ClientFacts(
        client_id=client_id,
        external_key=external_key,
        name=name,
        phone=masked(phone) if phone else None,
        phone_state=phone_state,
        consent=consent,
        consent_source=consent_source,
        consent_on=consent_on,
        blacklisted=blacklisted,
        declined_at=declined_at,
        opted_out_at=opted_out_at,
        erased_at=erased_at,
    )


def _visits(row: tuple[Any, ...], services: list[Any]) -> Visits:
    number, first_on, last_on, spent_minor = row
    return Visits(
        number=number,
        first_on=first_on,
        last_on=last_on,
        spent_minor=spent_minor,
        services=tuple(ServiceVisits(*service) for service in services),
    )


def _expected(row: dict[str, Any], *, on: date) -> Expected:
    evidence = {name: row.pop(name) for name in ("visits", "shortest", "longest", "returns")}
    low, high, source = row.pop("low_days"), row.pop("high_days"), row["source"]
    interval = Interval(
        days=row["interval_days"],
        low=low,
        high=high,
        source=Source(source),
        confidence=row["confidence"],
        evidence={name: number for name, number in evidence.items() if number is not None},
    )
    return Expected(
        **row,
        evidence=interval.evidence,
        opens_on=row["last_visit_on"] + timedelta(days=low),
        closes_on=row["last_visit_on"] + timedelta(days=high),
        days_late=(on - row["due_on"]).days,
        told=told(interval),
    )
