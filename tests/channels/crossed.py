"""What crossed a wire in a rehearsal: the channel's side beside what Vernis's tables say."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from psycopg.rows import dict_row

from vernis.app import App
from vernis.decide import pacing
from vernis.decide.pacing import Pace
from vernis.domain import Company
from vernis.stages import accounts

CAMPAIGN = """
SELECT h.id, h.client_id, h.last_visit_date, h.attempt, h.phone, h.state, h.account_id,
       h.provider_message_id, h.tried_at, h.message_sent_at, h.delivered_at, h.read_at, h.new_chat,
       h.message_text, h.refusal,
       (SELECT max(m.said_at) FROM dialogs g
        JOIN messages m ON m.company_id = g.company_id AND m.dialog_id = g.dialog_id
        WHERE g.company_id = h.company_id AND g.phone = h.phone AND m.direction = 'in'
          AND m.said_at <= h.tried_at) AS heard_at
FROM client_reactivation_history h
WHERE h.company_id = %(company_id)s AND h.arm = 'contact' AND h.tried_at IS NOT NULL
ORDER BY h.tried_at, h.id
"""
SAID = """
SELECT m.message_id, m.direction, m.state, m.intent, m.body, m.provider_message_id, m.said_at,
       m.reactivation_id, g.phone
FROM messages m JOIN dialogs g ON g.company_id = m.company_id AND g.dialog_id = m.dialog_id
WHERE m.company_id = %(company_id)s ORDER BY m.said_at, m.message_id
"""
SKIPPED = """
SELECT count(*) FROM client_reactivation_history
WHERE company_id = %(company_id)s AND arm = 'contact' AND state = 'skipped'
  AND reason = 'not_on_channel'
"""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What an account did on a company-local day, and what it may have done."""

    on: date
    sent: int
    new_chats: int
    most: int
    most_new_chats: int
    new_chats_24h: int  # the fullest 24 hours that end on this day


@dataclass(kw_only=True)
class Crossed:
    """`arrived`: what the channel's side took, in order (message_id,
    phone, text, type, and our key where it tells that);
    `campaign` and `said`: the rows of the tables."""

    company: Company
    webhooks: Counter[int]
    arrived: Sequence[Row]
    absent: frozenset[str]  # phones that are not on WhatsApp
    skipped: int  # of the campaign, because they are not
    campaign: Sequence[Row]
    said: Sequence[Row]
    pace: Pace
    paused: str | None
    days: Sequence[Day]
    wrong: list[str] = field(default_factory=list)  # what the real server would have refused

    @property
    def answers(self) -> list[Row]:
        return [one for one in self.said if one["direction"] == "out"]

    @property
    def replies(self) -> list[Row]:
        return [one for one in self.said if one["direction"] == "in"]

    def types(self) -> Counter[tuple[str, str]]:
        """(campaign or answer, template or text), by the channel's side, which knows our key."""
        kinds = {"r": "campaign", "m": "answer"}
        return Counter((kinds[one["key"][0]], one["type"]) for one in self.arrived)


async def look_back(
    app: App,
    company: Company,
    webhooks: Counter[int],
    *,
    arrived: Sequence[Row],
    absent: frozenset[str],
) -> Crossed:
    async with app.db.tenant(company.company_id) as connection:
        cursor = connection.cursor(row_factory=dict_row)
        values = {"company_id": company.company_id}
        campaign = await (await cursor.execute(CAMPAIGN, values)).fetchall()
        said = await (await cursor.execute(SAID, values)).fetchall()
        row = await (await cursor.execute(SKIPPED, values)).fetchone()
    assert row
    standings = await accounts.standings(app.db, company, app.channels, now=app.clock())
    standing = next(one for one in standings if one.channel != "sandbox")
    return Crossed(
        company=company,
        webhooks=webhooks,
        arrived=arrived,
        absent=absent,
        skipped=row["count"],
        campaign=campaign,
        said=said,
        pace=standing.pace,
        paused=standing.paused,
        days=list(_days(campaign, company, standing.pace)),
    )


def _days(campaign: Sequence[Row], company: Company, pace: Pace) -> Iterator[Day]:
    fresh = replace(
        pace, human=False, gap_seconds=0.0, hourly_limit=None,
        sent_today=0, sent_last_hour=0, new_chats_today=0, new_chats_24h=0,
    )  # fmt: skip
    by_day: dict[date, list[Row]] = {}
    for one in campaign:
        by_day.setdefault(one["tried_at"].astimezone(company.zone).date(), []).append(one)
    opened = [one["tried_at"] for one in campaign if one["new_chat"]]
    for on, rows in by_day.items():
        may = pacing.allowance(fresh, on=on)
        new = [one["tried_at"] for one in rows if one["new_chat"]]
        yield Day(
            on=on,
            sent=len(rows),
            new_chats=len(new),
            most=may.messages,
            most_new_chats=may.new_chats,
            new_chats_24h=max((_within_a_day(opened, at) for at in new), default=0),
        )


def _within_a_day(moments: Sequence[datetime], end: datetime) -> int:
    return sum(end - timedelta(days=1) < at <= end for at in moments)


# --- for people -------------------------------------------------------------------------------


def told(crossed: Crossed) -> str:
    """One paragraph."""
    reached = Counter(one["state"] for one in crossed.campaign)
    delivered = sum(one["delivered_at"] is not None for one in crossed.campaign)
    read = sum(one["read_at"] is not None for one in crossed.campaign)
    answered = Counter(one["state"] for one in crossed.answers)
    refused = sum(n for status, n in crossed.webhooks.items() if status != 200)
    messages = len({one["message_id"] for one in crossed.arrived})
    lines = [
        f"{len(crossed.campaign):,} messages of the campaign and {len(crossed.answers):,} answers"
        f" left by HTTP; {len(crossed.arrived):,} reached WhatsApp, {messages:,} different ones.",
        f"{sum(crossed.webhooks.values()):,} signed webhooks came back"
        + (f" ({refused:,} not taken at first, and posted again)" if refused else "")
        + f": {len(crossed.replies):,} replies and what became of the messages.",
        f"By the tables {delivered:,} of the campaign's were delivered and {read:,} read, of the"
        f" answers {answered['read']:,} were read; {reached['unknown'] + answered['unknown']:,}"
        f" unknown, {reached['failed'] + answered['failed']:,} failed and {crossed.skipped:,} were"
        " never sent, because those phones are not on WhatsApp.",
    ]
    if all("key" in one for one in crossed.arrived):
        types = crossed.types()
        lines.append(
            f"Outside the 24-hour window {types['campaign', 'template']:,} went as the template"
            f" with the text in it, inside it {types['answer', 'text']:,} answers and"
            f" {types['campaign', 'text']:,} messages of the campaign as free text."
        )
    lines.append(_limits(crossed))
    return " ".join(lines)


def _limits(crossed: Crossed) -> str:
    days, pace = crossed.days, crossed.pace
    fullest = max((day.new_chats_24h for day in days), default=0)
    if not pace.warm_up:
        most = max((day.new_chats for day in days), default=0)
        return f"At most {most:,} new chats a day ({pace.new_chats_limit:,} are allowed)."
    first = ", ".join(f"{day.new_chats} of {day.most_new_chats}" for day in days[:12])
    rests = f" It rests now: {crossed.paused}." if crossed.paused else ""
    return (
        f"New chats by day in the warm-up: {first}; never more than {fullest} in 24 hours"
        f" ({pace.new_chats_limit} are allowed).{rests} A number that is logged in like a phone"
        " keeps a person's pace, so less is sent than in `make demo`, whose sandbox has no such"
        " limits: who finds no room on one day is planned on another."
    )
