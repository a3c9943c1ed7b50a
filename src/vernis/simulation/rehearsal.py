"""A rehearsal: a policy, a seed, a salon of its own; what came of it."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from vernis.app import App, PinnedClock, open_app
from vernis.config import Settings
from vernis.domain import BookingState, Company
from vernis.plain import plain
from vernis.simulation.books import Books, OpenSalon
from vernis.simulation.diary import Diary
from vernis.simulation.driver import Driver, Tally, open_salon
from vernis.simulation.engine import Simulation
from vernis.simulation.house import house
from vernis.simulation.line import OpenLine, over_sandbox
from vernis.simulation.story import Story, best_story
from vernis.simulation.world import Appointment, World, make_world
from vernis.stages import reporting
from vernis.stages.reporting import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What is rehearsed, and on which salon."""

    weeks: int = 8
    seed: int = 1
    holdout_percent: int = 20
    daily_cap: int = 20
    clients: int = 1300

    @property
    def settings(self) -> list[str]:
        return [f"holdout_percent={self.holdout_percent}", f"daily_cap={self.daily_cap}"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """The salon as its files showed it."""

    clients: int
    visits: int  # a client on a day
    first_on: date
    last_on: date
    staff: int
    services: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """What the salon had of the weeks: visits and what they paid, in minor units."""

    visits: int
    revenue_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a rehearsal came to. `home` is the data folder, where it was kept.

    `without` are the same weeks of the same people without a message: chance is drawn for each
    client apart, so that the two differ only by what the messages did. No real salon knows it.
    """

    policy: Policy
    company: Company
    before: Before
    tally: Tally
    opted_out: int
    story: Story | None
    report: Report
    with_messages: Lived
    without: Lived
    ended_at: datetime
    home: Path | None

    def figures(self) -> dict[str, Any]:
        """As plain JSON values, without the story."""
        contact, holdout = self.report.totals
        return {
            "policy": plain(self.policy),
            "salon": plain(self.before),
            "dialogs": {
                "messages": self.tally.messages,
                "replies": self.tally.replies,
                "recognised": self.tally.recognised,
                "read_right": self.tally.read_right,
                "answers": self.tally.answers,
                "handed_over": self.tally.handed_over,
                "booked": self.tally.bookings,
                "opted_out": self.opted_out,
            },
            "misread": [
                {"meant": meant, "read_as": read, "replies": number}
                for (meant, read), number in self.tally.misread()
            ],
            "contact": plain(contact),
            "holdout": plain(holdout),
            "experiment": plain(self.report.experiment),
            "with_messages": plain(self.with_messages),
            "without": plain(self.without),
        }

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        story = self.story.to_dict() if self.story else None
        return self.figures() | {"story": story, "report": self.report.to_dict()}


async def from_files(app: App, world: World, settings: Sequence[str]) -> tuple[Company, Books]:
    """The salon's files are imported, and its days written into the tables as they pass."""
    company = await open_salon(app, world, settings=settings)
    return company, Diary(app.db, company)


async def rehearse(
    settings: Settings,
    policy: Policy,
    *,
    keep: bool,
    open_line: OpenLine = over_sandbox,
    opens: OpenSalon = from_files,
    clock: PinnedClock | None = None,
    on_day: Callable[[date, Tally], None] = lambda *_: None,
    afterwards: Callable[[App, Driver, Result], Awaitable[None]] | None = None,
) -> Result:
    """Let Vernis work in a simulated salon, with servers of its own; with `keep` they stay.

    `clock` is turned as the weeks go by, where others have to see the same time. What is done
    `afterwards` still has the servers.
    """
    clock = clock or PinnedClock()
    world = make_world(seed=policy.seed, clients=policy.clients)
    clock.pin(world.starts_at)
    with house(settings, keep=keep) as own:
        async with open_app(own, clock=clock) as app:
            company, books = await opens(app, world, policy.settings)
            async with open_line(app, company) as line:
                driver = Driver(app, clock, company, world, policy.seed, line, books)
                end = await driver.live(weeks=policy.weeks, on_day=on_day)
            undisturbed = Simulation(world, policy.seed)
            undisturbed.advance_to(end)
            result = Result(
                policy=policy,
                company=company,
                before=_before(world),
                tally=driver.tally,
                opted_out=await driver.opted_out(),
                story=await best_story(app.db, company, driver.decided),
                report=await reporting.report(app.db, company, now=end),
                with_messages=_lived(driver.simulation, world),
                without=_lived(undisturbed, world),
                ended_at=end,
                home=own.home if keep else None,
            )
            if afterwards is not None:
                await afterwards(app, driver, result)
            return result


def _visits(appointments: Iterable[Appointment], zone: ZoneInfo) -> set[tuple[str, date]]:
    return {(one.client_key, one.starts_at.astimezone(zone).date()) for one in appointments}


def _lived(simulation: Simulation, world: World) -> Lived:
    came = [
        one
        for one in simulation.appointments
        if one.state is BookingState.COMPLETED and one.starts_at >= world.starts_at
    ]
    return Lived(
        visits=len(_visits(came, world.salon.zone)),
        revenue_minor=sum(line.amount_minor for one in came for line in one.lines),
    )


def _before(world: World) -> Before:
    came = [one for one in world.appointments if one.state is BookingState.COMPLETED]
    visits = _visits(came, world.salon.zone)
    days = sorted(day for _, day in visits)
    return Before(
        clients=len(world.clients),
        visits=len(visits),
        first_on=days[0],
        last_on=days[-1],
        staff=len(world.salon.staff),
        services=len(world.salon.services),
    )
