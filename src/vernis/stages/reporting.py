"""The report: what was sent, what came of it, and what would have come anyway."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate
from typing import Any

from vernis.decide.attribution import Estimate, Lift, Outcome, earned, lift
from vernis.domain import Arm, Campaign, Company, Source, State
from vernis.plain import plain
from vernis.ports import Connection, Database
from vernis.sql import load
from vernis.stages import model_status, variant_tests
from vernis.stages.variant_tests import VariantTest

sql = load("reporting")

# Where of fewer bookings it is known when they were made, the arms are compared by visits: the
# bookings of our own dialogs are always known, and would make the contact arm look better.
TIMES_KNOWN = 0.95

LATELY = 7  # days in which templates that stand in for the model are worth a sentence

# Days from the due date to the message, both ends included.
_BUCKETS: tuple[tuple[int | None, int | None], ...] = (
    *((None, -8), (-7, -1), (0, 7), (8, 30), (31, 90), (91, None)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The reactivations of one campaign and arm; of all campaigns where `campaign` is None.

    Rates are of the sent ones, 0 to 1; in the holdout, where nothing is sent, of the planned
    ones. None where there are none. `bookings` counts those that were cancelled or not kept too.
    """

    campaign: Campaign | None
    arm: Arm
    planned: int
    sent: int
    delivered: int
    read: int
    replies: int
    positive: int
    bookings: int
    cancelled: int
    no_shows: int
    visits: int
    revenue_minor: int
    response_rate: float | None
    conversion_rate: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSent:
    """Planned contacts that did not go out, or not yet, by how they ended and why."""

    state: State
    reason: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LastPlan:
    """Verdicts of the last planned day of the period: reason and number of clients."""

    on: date
    counts: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """Both arms compared by lapse; see docs/decisions/0003-lift.md.

    `measured_by` names the one of the two to go by. `earned_*` are None until there is enough
    data. `began_on`: the first planned day; `known_until`: the last day whose visits are known;
    `visit_minor`: what a visit of either arm paid on average, 0 without visits.
    """

    measured_by: str  # "bookings" or "visits"
    booked: Lift
    visited: Lift
    known_until: date | None
    earned_bookings: Estimate | None
    earned_visits: Estimate | None
    earned_revenue_minor: Estimate | None
    began_on: date | None = None
    visit_minor: float = 0.0

    @property
    def lift(self) -> Lift:
        return self.booked if self.measured_by == "bookings" else self.visited


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """Messages sent `from_days` to `to_days` after the due date; before it where negative."""

    from_days: int | None
    to_days: int | None
    sent: int
    bookings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Days between message and due date: the middle one, and how they spread."""

    median_days: int | None
    buckets: tuple[Bucket, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """What the messages brought whose interval came from one level."""

    source: Source
    sent: int
    replies: int
    bookings: int
    visits: int
    conversion_rate: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What happened on one company-local day in the contact arm."""

    day: date
    messages: int
    replies: int
    bookings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the reactivations of some days brought. Days are company-local, money minor units.

    `stood_in`: a sentence where templates stood in for the language model in the last LATELY days.
    """

    company_id: int
    company_name: str
    currency: str
    first_day: date | None
    last_day: date | None
    groups: tuple[Group, ...]
    totals: tuple[Group, ...]
    not_sent: tuple[NotSent, ...]
    last_plan: LastPlan | None
    experiment: Experiment
    timing: Timing
    levels: tuple[Level, ...]
    days: tuple[Day, ...]
    test: VariantTest | None
    stood_in: str | None

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        result: dict[str, Any] = plain(self)
        return result


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """What was sent and what came back, of the plans of some days; `days` by when it happened."""

    groups: tuple[Group, ...]
    totals: tuple[Group, ...]
    timing: Timing
    levels: tuple[Level, ...]
    days: tuple[Day, ...]


async def report(
    db: Database,
    company: Company,
    *,
    first_day: date | None = None,
    last_day: date | None = None,
    now: datetime,
) -> Report:
    """The report on the plans of these days, both included; all of them by default.

    Reads what `conversions.attribute` has written: run that first.
    """
    values = _values(company, first_day, last_day, now)
    today = values["today"]
    async with db.tenant(company.company_id) as connection:
        found = await _activity(connection, values)
        not_sent = await _rows(connection, "not_sent", values)
        last_plan = await _rows(connection, "last_plan", values)
        compared = await _experiment(connection, company, values)
        test = await variant_tests.read(connection, company, values)
    stood_in = await model_status.standing_in(
        db, company, first_day=today - timedelta(days=LATELY - 1), last_day=today
    )
    return Report(
        company_id=company.company_id,
        company_name=company.name,
        currency=company.currency,
        first_day=first_day,
        last_day=last_day,
        groups=found.groups,
        totals=found.totals,
        not_sent=tuple(
            NotSent(state=State(state), reason=reason, number=number)
            for state, reason, number in not_sent
        ),
        last_plan=LastPlan(on=last_plan[0][0], counts=last_plan[0][1]) if last_plan else None,
        experiment=compared,
        timing=found.timing,
        levels=found.levels,
        days=found.days,
        test=test,
        stood_in=stood_in,
    )


async def activity(
    connection: Connection, company: Company, *, first_day: date, last_day: date, now: datetime
) -> Activity:
    """The part of the report that is about some days, in the caller's transaction."""
    return await _activity(connection, _values(company, first_day, last_day, now))


async def experiment(connection: Connection, company: Company, *, now: datetime) -> Experiment:
    """The part that compares the arms, over all days, in the caller's transaction."""
    return await _experiment(connection, company, _values(company, None, None, now))


async def contacted(
    db: Database, company: Company, *, first_day: date, last_day: date, now: datetime
) -> Group:
    """All who were to be written to by the plans of these days, and what came of it."""
    values = _values(company, first_day, last_day, now)
    async with db.tenant(company.company_id) as connection:
        groups = [_group(*row) for row in await _rows(connection, "groups", values)]
    return _total(Arm.CONTACT, groups)


async def began_on(db: Database, company: Company) -> date | None:
    """The first planned day."""
    async with db.tenant(company.company_id) as connection:
        rows = await _rows(connection, "began_on", {"company_id": company.company_id})
    found: date | None = rows[0][0]
    return found


def _values(
    company: Company, first_day: date | None, last_day: date | None, now: datetime
) -> dict[str, Any]:
    return {
        "company_id": company.company_id,
        "first_day": first_day or date.min,
        "last_day": last_day or date.max,
        "zone": company.timezone,
        "days": company.attribution_days,
        "now": now,
        "today": now.astimezone(company.zone).date(),
    }


async def _activity(connection: Connection, values: dict[str, Any]) -> Activity:
    groups = [_group(*row) for row in await _rows(connection, "groups", values)]
    timing = await _rows(connection, "timing", values)
    levels = await _rows(connection, "levels", values)
    days = await _rows(connection, "days", values)
    return Activity(
        groups=tuple(groups),
        totals=tuple(_total(arm, groups) for arm in Arm),
        timing=_timing(timing),
        levels=tuple(_level(*row) for row in levels),
        days=tuple(
            Day(day=day, messages=messages, replies=replies, bookings=bookings)
            for day, messages, replies, bookings in days
        ),
    )


async def _rows(connection: Connection, query: str, values: dict[str, Any]) -> list[Any]:
    cursor = await connection.execute(getattr(sql, query).sql, values)
    return await cursor.fetchall()


async def _experiment(
    connection: Connection, company: Company, values: dict[str, Any]
) -> Experiment:
    await connection.execute(sql.expect_memory.sql)
    ((known_until, times_known, began_on),) = await _rows(connection, "what_is_known", values)
    arms: dict[str, Any] = {}
    if known_until:
        rows = await _rows(connection, "arms", values | {"known_until": known_until})
        arms = {arm: figures for arm, *figures in rows}
    (contacted, contact_booked, contact_visited, contact_revenue) = arms.get("contact", [0] * 4)
    (held_out, holdout_booked, holdout_visited, holdout_revenue) = arms.get("holdout", [0] * 4)
    percent = company.holdout_percent
    booked = lift(
        Outcome(lapses=contacted, converted=contact_booked),
        Outcome(lapses=held_out, converted=holdout_booked),
        holdout_percent=percent,
    )
    visited = lift(
        Outcome(lapses=contacted, converted=contact_visited),
        Outcome(lapses=held_out, converted=holdout_visited),
        holdout_percent=percent,
    )
    visits = contact_visited + holdout_visited
    mean_visit = (contact_revenue + holdout_revenue) / visits if visits else 0.0
    by_bookings = times_known is None or times_known >= TIMES_KNOWN
    return Experiment(
        measured_by="bookings" if by_bookings else "visits",
        booked=booked,
        visited=visited,
        began_on=began_on,
        known_until=known_until,
        visit_minor=mean_visit,
        earned_bookings=earned(booked) if by_bookings else None,
        earned_visits=earned(visited),
        earned_revenue_minor=earned(visited, each=mean_visit),
    )


def _group(campaign: str, arm: str, *figures: int) -> Group:
    return _counted(Campaign(campaign), Arm(arm), figures)


def _total(arm: Arm, groups: Sequence[Group]) -> Group:
    columns = [
        (
            *(group.planned, group.sent, group.delivered, group.read, group.replies),
            *(group.positive, group.bookings, group.cancelled, group.no_shows, group.visits),
            group.revenue_minor,
        )
        for group in groups
        if group.arm is arm
    ]
    return _counted(None, arm, [sum(column) for column in zip(*columns, strict=True)] or [0] * 11)


def _counted(campaign: Campaign | None, arm: Arm, figures: Sequence[int]) -> Group:
    planned, sent, delivered, read, replies, positive, bookings, *came = figures
    cancelled, no_shows, visits, revenue_minor = came
    return Group(
        campaign=campaign,
        arm=arm,
        planned=planned,
        sent=sent,
        delivered=delivered,
        read=read,
        replies=replies,
        positive=positive,
        bookings=bookings,
        cancelled=cancelled,
        no_shows=no_shows,
        visits=visits,
        revenue_minor=revenue_minor,
        response_rate=replies / sent if sent else None,
        conversion_rate=_rate(bookings, planned if arm is Arm.HOLDOUT else sent),
    )


def _rate(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _level(source: str, sent: int, replies: int, bookings: int, visits: int) -> Level:
    return Level(
        source=Source(source),
        sent=sent,
        replies=replies,
        bookings=bookings,
        visits=visits,
        conversion_rate=_rate(bookings, sent),
    )


def _timing(rows: Sequence[tuple[int, int, int]]) -> Timing:
    """From the histogram by day, in order: days after the due date, messages, bookings."""
    reached = list(accumulate(sent for _, sent, _ in rows))
    middle = next((i for i, sent in enumerate(reached) if 2 * sent >= reached[-1]), None)
    buckets = []
    for from_days, to_days in _BUCKETS:
        inside = [
            row
            for row in rows
            if (from_days is None or row[0] >= from_days) and (to_days is None or row[0] <= to_days)
        ]
        sent, bookings = sum(row[1] for row in inside), sum(row[2] for row in inside)
        buckets.append(Bucket(from_days=from_days, to_days=to_days, sent=sent, bookings=bookings))
    return Timing(
        median_days=rows[middle][0] if middle is not None else None, buckets=tuple(buckets)
    )
