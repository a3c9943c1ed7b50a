"""A conversation as a person of the salon looks at it: what was said, and what one should know of
the client beside it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from psycopg.rows import dict_row

from vernis.decide.reception.dialog_state import Dialog, DialogState
from vernis.domain import BookingState, Company, FreeTime, Offer
from vernis.errors import NotFoundError
from vernis.ports import Channel, Database
from vernis.sql import load
from vernis.stages import booking_list, briefing, desk, dialog_list, reactivation_list
from vernis.stages.dialog_list import Listed, Said

sql = load("conversation")

MOST_SAID = 60
MOST_AHEAD, MOST_PAST = 20, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """`said` is in its order, `older` where more was said before it.

    `reactivation` is the campaign message that it is about. `offered` are the times that the
    assistant named last and that are still ahead, `offer` what the message promised, until
    `offer_until`. `obstacle` is a sentence where a person may not write now.
    """

    dialog: Listed
    said: list[Said]
    older: bool
    reactivation: reactivation_list.Listed | None
    ahead: list[booking_list.Listed]
    past: list[booking_list.Listed]
    offered: tuple[FreeTime, ...]
    offer: Offer | None
    offer_until: date | None
    is_stopped: bool
    obstacle: str | None

    @property
    def is_waiting(self) -> bool:
        """A person is to answer."""
        return self.dialog.waiting_since is not None

    @property
    def last_key(self) -> int:
        return self.said[-1].key if self.said else 0


async def look(
    db: Database,
    company: Company,
    dialog_id: int,
    *,
    now: datetime,
    channels: Mapping[str, Channel],
    hash_phone: Callable[[str], bytes],
    most: int = MOST_SAID,
) -> Conversation:
    """Raises NotFoundError."""
    dialog = await dialog_list.one(db, company, dialog_id)
    said = await dialog_list.said(db, company, dialog_id, most=most + 1)
    local = now.astimezone(company.zone)
    reactivation = None
    if dialog.reactivation_id is not None:
        reactivation = await reactivation_list.one(db, company, dialog.reactivation_id, now=now)
    ahead, past = await _bookings(db, company, dialog.client_id, local.date())
    async with db.tenant(company.company_id) as connection:
        cursor = connection.cursor(row_factory=dict_row)
        values = {"company_id": company.company_id, "dialog_id": dialog_id}
        await cursor.execute(sql.standing.sql, values)
        if (row := await cursor.fetchone()) is None:  # erased at this very moment
            raise NotFoundError(f"There is no dialog {dialog_id}.")
        may = await desk.may_write(
            connection, company, row, now=now, channels=channels, hash_phone=hash_phone
        )
    offer, since = briefing.standing_offer(row, local)
    days = offer and offer.valid_days
    return Conversation(
        dialog=dialog,
        said=said[:most][::-1],
        older=len(said) > most,
        reactivation=reactivation,
        ahead=ahead,
        past=past,
        offered=_offered(row, now),
        offer=offer,
        offer_until=since + timedelta(days=days) if since and days else None,
        is_stopped=may.is_stopped,
        obstacle=may.obstacle,
    )


async def _bookings(
    db: Database, company: Company, client_id: int | None, today: date
) -> tuple[list[booking_list.Listed], list[booking_list.Listed]]:
    """What the client has booked, the next one first, and what was before, the last one first."""
    if client_id is None:
        return [], []
    booked = BookingState.BOOKED
    ahead = await booking_list.listed(
        db, company, client_id=client_id, state=booked, first_day=today, most=MOST_AHEAD
    )
    past = await booking_list.listed(
        db, company, client_id=client_id, last_day=today, most=MOST_AHEAD
    )
    past = [one for one in past if one.state != booked or one.on_date < today]
    ahead.sort(key=lambda one: (one.on_date, str(one.starts_at), one.booking_id))
    past.sort(key=lambda one: (one.on_date, str(one.starts_at), one.booking_id), reverse=True)
    return ahead, past[:MOST_PAST]


def _offered(row: Mapping[str, Any], now: datetime) -> tuple[FreeTime, ...]:
    dialog = Dialog.from_dict(row["state"])
    if dialog.state is not DialogState.OFFERED:
        return ()
    return tuple(free for free in dialog.offered if free.starts_at > now)
