"""Conversions: which booking each reactivation earned, and whether the visit took place."""

from datetime import date, datetime, timedelta

from vernis.domain import Company
from vernis.ports import Connection, Database
from vernis.sql import load
from vernis.stages import outgoing_events

sql = load("conversions")

# A booking is made within the window, but its visit may be weeks ahead and may be moved,
# cancelled or learnt of late (the next file); so long a reactivation is looked at again.
FOLLOWED_DAYS = 120


async def attribute(
    db: Database, company: Company, *, now: datetime, since: date | None = None
) -> int:
    """Set booking, visit and revenue of each reactivation planned since `since`.

    Without it, of those whose window ended within FOLLOWED_DAYS. Returns how many
    reactivations changed; a second call in a row changes none. What changed in the bookings
    since the last call (moved, cancelled, not come) corrects what was written then.
    """
    days = company.attribution_days
    today = now.astimezone(company.zone).date()
    since = since or today - timedelta(days=days + FOLLOWED_DAYS)
    values = {
        "company_id": company.company_id,
        "since": since,
        "zone": company.timezone,
        "days": days,
        "now": now,
    }
    async with db.tenant(company.company_id) as connection:
        await connection.execute(sql.expect_memory.sql)
        cursor = await connection.execute(sql.attribute.sql, values)
        row = await cursor.fetchone()
        assert row is not None
        if row[0]:
            await outgoing_events.tell_of_attributed(connection, company, since=since, now=now)
    return int(row[0])


async def record(
    connection: Connection,
    company: Company,
    *,
    reactivation_id: int,
    booking_id: int,
    source: str,
    now: datetime,
) -> None:
    """Note in the caller's transaction that a booking came of a reactivation. The first one counts
    until `attribute` has looked at what became of them.

    `source` is who made it: vernis, or the company's own assistant.
    """
    values = {"company_id": company.company_id, "reactivation_id": reactivation_id}
    known = values | {"booking_id": booking_id, "now": now}
    await connection.execute(sql.record.sql, known)
    await outgoing_events.tell_of_booking(
        connection,
        company,
        booking_id=booking_id,
        reactivation_id=reactivation_id,
        source=source,
        now=now,
    )
