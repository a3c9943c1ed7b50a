"""The reactivation that a client answers: as it is told to whoever talks with the client."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from psycopg.rows import dict_row

from vernis.decide.reception.instructions import Occasion
from vernis.decide.reception.offered_times import from_plain
from vernis.decide.writing.names import say_name
from vernis.decide.writing.offers import say_offer
from vernis.decide.writing.titles import say_title
from vernis.domain import Campaign, Company
from vernis.ports import Connection
from vernis.sql import load
from vernis.stages.briefing import standing_offer

sql = load("occasions")


async def reactivation(
    connection: Connection, company: Company, reactivation_id: int | None
) -> dict[str, Any] | None:
    """The row of one that was for contact, with what `occasion_of` needs."""
    if reactivation_id is None:
        return None
    values = {"company_id": company.company_id, "reactivation_id": reactivation_id}
    cursor = connection.cursor(row_factory=dict_row)
    await cursor.execute(sql.reactivation.sql, values)
    return await cursor.fetchone()


def occasion_of(company: Company, row: Mapping[str, Any], now: datetime) -> Occasion:
    """The reactivation as it stood at `now`, company-local."""
    spoken = say_title(row["last_service_name"], company.locale)
    offer, on = standing_offer({"offer": row["offer"], "sent_at": row["said_at"]}, now)
    words = say_offer(offer, company.locale, on)
    booked_at = row["booking_created_at"]
    times = map(from_plain, row["message_times"] or ())
    return Occasion(
        locale=company.locale,
        address=company.address,
        client_name=say_name(row["name"], company.address, company.locale),
        last_visit_on=row["last_visit_date"],
        service=spoken.called if spoken else row["last_service_name"],
        interval_days=row["interval_days"],
        campaign=Campaign(row["campaign"]),
        text=row["message_text"] or "",
        sent_at=row["said_at"].astimezone(company.zone),
        offer=words.called if words else None,
        offer_is_over=bool(row["offer"]) and offer is None,
        times=tuple(time.starts_at.astimezone(company.zone) for time in times),
        booked=booked_at is not None and booked_at < now,
    )
