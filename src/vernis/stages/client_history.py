"""One client's days: what was done, and what is ahead."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from vernis.domain import BookingState, Company
from vernis.ports import Database
from vernis.sql import load

sql = load("client_history")

MOST = 300  # bookings, the newest


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What was booked for one day and became the same; a `completed` one is a visit.

    `amount_minor` is None where nothing is known of what was paid.
    """

    on: date
    starts_at: datetime | None
    services: tuple[str, ...]
    staff: tuple[str, ...]
    state: BookingState
    amount_minor: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """`ahead` are booked days from `on`, the next one first; `past` is all else, the newest first.

    `crm` names the CRM that the company keeps its clients in, `shared_with` counts other clients
    of the same phone.
    """

    ahead: tuple[Day, ...]
    past: tuple[Day, ...]
    dialog_id: int | None
    crm: str | None
    shared_with: int

    @property
    def visits(self) -> list[date]:
        """Days of visits, the oldest first."""
        return [day.on for day in reversed(self.past) if day.state is BookingState.COMPLETED]


async def of_client(
    db: Database, company: Company, client_id: int, *, phone: str | None, on: date
) -> History:
    """The newest MOST bookings of a client, by days."""
    values: dict[str, Any] = {"company_id": company.company_id, "client_id": client_id}
    values |= {"phone": phone, "most": MOST}
    async with db.tenant(company.company_id) as connection:
        rows = await (await connection.execute(sql.bookings.sql, values)).fetchall()
        dialog = await (await connection.execute(sql.dialog.sql, values)).fetchone()
        crm = await (await connection.execute(sql.crm.sql, values)).fetchone()
        others = await (await connection.execute(sql.sharing.sql, values)).fetchone()
    days = _by_day(rows)
    ahead = [day for day in days if day.state is BookingState.BOOKED and day.on >= on]
    return History(
        ahead=tuple(reversed(ahead)),
        past=tuple(day for day in days if day not in ahead),
        dialog_id=dialog[0] if dialog else None,
        crm=crm[0] if crm else None,
        shared_with=others[0] if others else 0,
    )


def _by_day(rows: Sequence[tuple[Any, ...]]) -> list[Day]:
    found = []
    for on, of_day in groupby(rows, key=lambda row: row[0]):
        by_state: dict[str, list[tuple[Any, ...]]] = {}
        for row in of_day:
            by_state.setdefault(row[4], []).append(row)
        for state, several in by_state.items():
            starts = [row[1] for row in several if row[1] is not None]
            amounts = [row[5] for row in several if row[5] is not None]
            found.append(
                Day(
                    on=on,
                    starts_at=min(starts, default=None),
                    services=tuple(dict.fromkeys(row[2] for row in several if row[2])),
                    staff=tuple(dict.fromkeys(row[3] for row in several if row[3])),
                    state=BookingState(state),
                    amount_minor=sum(amounts) if amounts else None,
                )
            )
    return found
