"""The story of one client: why they were written to, what was said, and that they came."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from statistics import median
from typing import Any

from psycopg.rows import dict_row

from vernis.decide.plan import Candidate
from vernis.decide.writing.names import say_name
from vernis.domain import Company, Intent, Reason
from vernis.plain import plain
from vernis.ports import Database
from vernis.sql import load

sql = load("simulation")

_TELLING_VISITS = 6  # from so many on, more say nothing more about a rhythm
_TELLING_REPLIES = 4  # a longer chat is no better story


@dataclass(frozen=True, slots=True)
class Said:
    """One message; `direction` is `in` from the client, `out` to the client."""

    direction: str
    body: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Everything that is told. Money in minor units, days company-local."""

    client_key: str
    name: str
    visits: tuple[date, ...]  # up to the message, the last one included
    service_title: str | None
    plan_on: date
    reason: str
    inactive_days: int
    interval_days: int
    low_days: int
    high_days: int
    source: str
    due_on: date
    said: tuple[Said, ...]
    booked_at: datetime
    starts_at: datetime
    booked_title: str
    staff_name: str
    visit_on: date
    revenue_minor: int | None

    @property
    def usual_gap(self) -> float:
        """The median of days between two visits in a row."""
        pairs = zip(self.visits, self.visits[1:], strict=False)
        return median((after - before).days for before, after in pairs)

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        result: dict[str, Any] = plain(self)
        return result


async def best_story(
    db: Database, company: Company, known: Mapping[tuple[int, date], Candidate]
) -> Story | None:
    """The most telling client by `_telling`; None where nobody booked in a dialog and came.

    `known` holds what the plan knew, by client_id and day.
    """
    values: dict[str, Any] = {"company_id": company.company_id}
    async with db.tenant(company.company_id) as connection:
        cursor = connection.cursor(row_factory=dict_row)
        await cursor.execute(sql.stories.sql, values)
        rows = [
            row
            for row in await cursor.fetchall()
            if len(row["visits"]) > 1 and (row["client_id"], row["plan_on"]) in known
        ]
        if not rows:
            return None
        row = max(rows, key=lambda row: (_telling(row), -row["id"]))
        midnight = datetime.combine(row["plan_on"], time(0), tzinfo=company.zone)
        about = values | {"id": row["id"], "phone": row["phone"], "since": midnight}
        said = await connection.execute(sql.conversation.sql, about)
        messages = tuple(Said(*message) for message in await said.fetchall())
        booked = await (await connection.execute(sql.booked.sql, about)).fetchone()
    assert booked is not None
    starts_at, title, staff_name, booked_at = booked
    candidate = known[row["client_id"], row["plan_on"]]
    return Story(
        client_key=row["client_key"],
        name=say_name(row["name"], company.address, company.locale) or row["name"],
        visits=tuple(row["visits"]),
        service_title=row["last_service_name"],
        plan_on=row["plan_on"],
        reason=row["reason"],
        inactive_days=row["inactive_days"],
        interval_days=row["interval_days"],
        low_days=candidate.low_days,
        high_days=candidate.high_days,
        source=row["interval_source"],
        due_on=row["due_on"],
        said=messages,
        booked_at=booked_at,
        starts_at=starts_at,
        booked_title=title,
        staff_name=staff_name,
        visit_on=row["visit_on"],
        revenue_minor=row["revenue_minor"],
    )


def _telling(row: Mapping[str, Any]) -> tuple[bool | int, ...]:
    """What makes a story worth telling, the most important first."""
    intents = list(row["intents"])
    name = say_name(row["name"])
    return (
        set(intents) <= {Intent.BOOK, Intent.QUESTION, Intent.NEUTRAL},
        name is not None and name in row["message_text"],
        Intent.QUESTION in intents,
        row["reason"] == Reason.LAPSED,
        row["interval_source"] == "personal",
        min(len(row["visits"]), _TELLING_VISITS),
        min(len(intents), _TELLING_REPLIES),
        -len(intents),
    )
