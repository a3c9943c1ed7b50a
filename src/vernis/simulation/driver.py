"""Vernis on the simulated salon: the real stages, day by day, by a clock that is turned.

    opened = await open_salon(app, world, policy)       the export goes in by the real import
    driver = Driver(app, clock, opened, world, seed, line)
    await driver.live(weeks=12, on_week=...)            plans, messages, replies, bookings, visits

Nothing that the simulation keeps hidden reaches a stage. What a reply truly meant is only
compared, afterwards, with how it was read.
"""

import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from vernis.adapters.tables import open_table
from vernis.app import App, PinnedClock
from vernis.decide import hours
from vernis.decide.plan import Candidate
from vernis.domain import Company, Intent, Locale
from vernis.exports import understood
from vernis.simulation.books import Books
from vernis.simulation.diary import Diary
from vernis.simulation.engine import Simulation
from vernis.simulation.events import Offered, Replied
from vernis.simulation.export import write_export
from vernis.simulation.house import gather_statistics
from vernis.simulation.line import Line
from vernis.simulation.tempo import Tempo
from vernis.simulation.world import World
from vernis.sql import load
from vernis.stages import (
    answering,
    companies,
    conversions,
    dispatching,
    importing,
    intervals,
    pauses,
    planning,
    reception,
    sending,
    writing,
)
from vernis.stages.reception import Turn

sql = load("simulation")

AGREED = (  # as Russia asks for it, before the first message
    "consent_basis=анкета, подписанная при первом визите",
    "consent_basis_on=2024-08-01",
)
ANSWERED_AFTER = timedelta(seconds=20)  # as if a burst of messages had been waited for
SWEPT_AFTER = timedelta(
    minutes=15
)  # what a limit holds back is looked at again; really each minute


@dataclass(slots=True, kw_only=True)
class Tally:
    """Counts so far. `read_as` has (what a reply meant, how it was read)."""

    messages: int = 0
    held_out: int = 0
    replies: int = 0
    recognised: int = 0  # replies that were tied to a reactivation
    answers: int = 0
    handed_over: int = 0
    bookings: int = 0  # made in dialogs
    read_as: Counter[tuple[Intent, Intent]] = field(default_factory=Counter)

    @property
    def read_right(self) -> int:
        return sum(number for (meant, read), number in self.read_as.items() if meant is read)

    def misread(self) -> list[tuple[tuple[Intent, Intent], int]]:
        """(meant, read as) and how often, the most frequent first."""
        wrong = [(pair, number) for pair, number in self.read_as.items() if pair[0] is not pair[1]]
        return sorted(wrong, key=lambda item: (-item[1], item[0]))


async def open_salon(
    app: App,
    world: World,
    *,
    settings: Sequence[str] = (),
    on_row: Callable[[], None] = lambda: None,
) -> Company:
    """The company, its files imported as they were on the day before the world's start."""
    salon = world.salon
    company = await companies.find_or_create(
        app.db,
        name=salon.name,
        locale=Locale.RU,
        timezone=salon.timezone,
        currency=salon.currency,
        country=salon.country,
    )
    company = await companies.change(app.db, company, [*AGREED, *settings])
    with tempfile.TemporaryDirectory(prefix="vernis-export-") as folder, ExitStack() as stack:
        files = write_export(world, Path(folder))
        sources = [understood(stack.enter_context(open_table(path))) for path in files]
        await importing.import_files(
            app.db, company, sources, now=world.starts_at, hash_phone=app.hash_phone, on_row=on_row
        )
    return company


class Driver:
    """One simulation with Vernis at work in it."""

    def __init__(
        self,
        app: App,
        clock: PinnedClock,
        company: Company,
        world: World,
        seed: int,
        line: Line,
        books: Books | None = None,
    ) -> None:
        self.tally = Tally()
        self.decided: dict[tuple[int, date], Candidate] = {}  # (client_id, day) -> what was known
        self.simulation = Simulation(world, seed)
        self._app = app
        self._clock = clock
        self._company = company
        self._world = world
        self._line = line
        self._books: Books = books or Diary(app.db, company)
        self._tempo: Tempo | None = None  # as fast as it can

    async def live(
        self, *, weeks: int, on_day: Callable[[date, Tally], None] = lambda *_: None
    ) -> datetime:
        """Let the salon live for some weeks; the moment at which they are over."""
        await self._books.open(self._world)
        for n in range(weeks * 7):
            day = self._world.start + timedelta(days=n)
            if n % 7 == 0:
                gather_statistics(self._app.database_url)
            await self._live_day(day)
            on_day(day, self.tally)
        end = self._moment(self._world.start + timedelta(days=weeks * 7))
        await self._books.catch_up()
        await conversions.attribute(self._app.db, self._company, now=end)
        return end

    async def live_on(self, *, since: datetime, day_seconds: float) -> None:
        """Go on living from the day of `since`, slowly, until the task is cancelled."""
        self._tempo = Tempo(self._clock, day_seconds=day_seconds, keep_up=self._keep_up)
        day = since.astimezone(self._company.zone).date()
        while True:
            await self._live_day(day)
            day += timedelta(days=1)

    async def _keep_up(self) -> None:
        """What somebody wrote or allowed on the pages leaves."""
        app, company = self._app, self._company
        await answering.answer(app.db, company, channels=app.channels, clock=self._clock)
        await self._send_what_may_leave()

    async def opted_out(self) -> int:
        """Numbers that are never written to again."""
        async with self._app.db.tenant(self._company.company_id) as connection:
            values = {"company_id": self._company.company_id}
            cursor = await connection.execute(sql.opted_out.sql, values)
            row = await cursor.fetchone()
        assert row is not None
        return int(row[0])

    async def _live_day(self, day: date) -> None:
        company = self._company
        await self._live_until(self._moment(day, company.plan_at))
        await self._morning(day)
        await self._live_until(hours.opening(company, day))
        await self._books.write()
        await self._send()
        await self._live_until(self._moment(day + timedelta(days=1)))
        await self._books.write()

    async def _live_until(self, moment: datetime) -> None:
        while (at := self.simulation.next_at()) is not None and at <= moment:
            if self._tempo:
                await self._tempo.until(at)
            for event in self.simulation.advance_to(at):
                if isinstance(event, Replied):
                    self._clock.pin(event.at)
                    await self._books.write()
                    await self._reply(event)
                else:
                    self._books.note(event)
        if self._tempo:
            await self._tempo.until(moment)
        self.simulation.advance_to(moment)
        self._clock.pin(moment)

    # --- Vernis writes ----------------------------------------------------------------------

    async def _morning(self, day: date) -> None:
        app, company, now = self._app, self._company, self._clock()
        came = await self._books.catch_up()
        if await intervals.refresh(app.db, company, on=day, now=now) is None and came:
            await intervals.follow(app.db, company, came, on=day, now=now)
        plan = await planning.store(app.db, company, on=day, now=now, hash_phone=app.hash_phone)
        for decision in plan.contacts:
            self.decided[decision.candidate.client_id, day] = decision.candidate
        self.tally.held_out += len(plan.held_out)
        await writing.write(app.db, company, app.writer, now=now, crm=app.crm)

    async def _send(self) -> None:
        """Send what the day has, with the pauses that the account makes between messages."""
        opens, company = self._clock(), self._company
        closes = hours.deadline(company, opens.astimezone(company.zone).date())
        await self._sweep()
        while True:
            await self._send_what_may_leave()
            due = await dispatching.next_delivery(self._app.db, company)
            if due is None:
                return
            is_held_back = due <= self._clock()
            if is_held_back:
                due = self._clock() + SWEPT_AFTER
            if due >= closes:
                return
            await self._live_until(due)
            await self._books.write()
            if is_held_back:
                await self._sweep()

    async def _sweep(self) -> None:
        """What a worker does before it sends: accounts rest or go on, what was taken back is
        written anew."""
        app, company, now = self._app, self._company, self._clock()
        await pauses.resume_due(app.db, company, now=now)
        await pauses.watch(app.db, company, app.channels, now=now)
        await writing.write(app.db, company, app.writer, now=now, crm=app.crm)

    async def _send_what_may_leave(self) -> None:
        app, company, now = self._app, self._company, self._clock()
        await sending.send(
            app.db,
            company,
            channels=app.channels,
            store=app.store,
            clock=self._clock,
            hash_phone=app.hash_phone,
            crm=app.crm,
        )
        await self._line.settle()
        async with app.db.tenant(company.company_id) as connection:
            values: dict[str, Any] = {"company_id": company.company_id, "at": now}
            cursor = await connection.execute(sql.sent.sql, values)
            for _, external_key, text in await cursor.fetchall():
                client_key = self._books.client_key(external_key)
                self.simulation.message_sent(client_key, text, now)
                self.tally.messages += 1

    # --- Vernis answers -----------------------------------------------------------------------

    async def _reply(self, event: Replied) -> None:
        app, company, tally = self._app, self._company, self.tally
        stored = await self._line.say(phone=event.phone, text=event.text, now=event.at)
        tally.replies += 1
        tally.recognised += stored.reactivation_id is not None
        self._clock.pin(event.at + ANSWERED_AFTER)
        turn = await reception.handle(
            app.db,
            company,
            dialog_id=stored.dialog_id,
            crm=app.crm,
            store=app.store,
            clock=self._clock,
            hash_phone=app.hash_phone,
        )
        if turn is not None:
            tally.read_as[event.meaning, turn.intent] += 1
            tally.handed_over += turn.handed_over is not None
            await answering.answer(app.db, company, channels=app.channels, clock=self._clock)
            await self._line.settle()
            await self._tell(event.client_key, turn)

    async def _tell(self, client_key: str, turn: Turn) -> None:
        """The client's phone shows the answer; the salon's diary has the booking."""
        now = self._clock()
        if turn.booked and turn.booking_id is not None:
            key = f"vernis-{turn.booking_id}"
            await self._books.knows(key, turn.booking_id)
            self.tally.bookings += 1
            self.simulation.booking_made(
                client_key,
                key=key,
                service_code=self._books.service_code(turn.booked.service_id),
                staff=turn.booked.staff_name,
                starts_at=turn.booked.starts_at,
                at=now,
            )
        if turn.text is not None:
            self.tally.answers += 1
            offered = [
                Offered(
                    service_code=self._books.service_code(free.service_id),
                    staff=free.staff_name,
                    starts_at=free.starts_at,
                )
                for free in turn.offered
            ]
            self.simulation.answer_sent(client_key, turn.text, offered, now)

    def _moment(self, day: date, at: time = time(0)) -> datetime:
        return self._world.salon.moment(day, at)
