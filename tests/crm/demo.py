"""The demo over a CRM: the simulated salon lives in the simulator of YClients, and Vernis knows
what it reads there. `vernis demo --crm` runs it.

The first sync takes the place of the files. What people do with the salon itself is entered into
the CRM at once and read from there at the next sync; bookings of the chat are made there over HTTP.
"""

import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from pydantic import SecretStr
from tests.crm.yclients_server import YClients
from tests.crm.yclients_world import Category, Company, Line, Record, Service, Staff, World

from vernis import domain
from vernis.app import App, PinnedClock, open_source, source_of
from vernis.config import Settings
from vernis.decide.files.phones import e164
from vernis.domain import BookingState
from vernis.render.money import money
from vernis.simulation import line as lines
from vernis.simulation import world as simulated
from vernis.simulation.driver import AGREED, Tally
from vernis.simulation.events import Booked, Came, Cancelled, NoShow
from vernis.simulation.line import Line as Phones
from vernis.simulation.rehearsal import Policy, Result, rehearse
from vernis.stages import companies, crm_connections, syncing
from vernis.stages.syncing import Outcome

EVERY = timedelta(hours=3)  # of the salon's time; a real one is read each ten minutes
ATTENDANCE = {BookingState.COMPLETED: 1, BookingState.NO_SHOW: -1}
KINDS = (  # how a request without ids begins, and what it is for; the first that fits
    ("GET /company/service", "services"),
    ("GET /company/staff", "staff"),
    ("GET /company", "the company"),
    ("GET /schedule", "schedules"),
    ("GET /book_", "free times"),
    ("GET /client", "clients"),
    ("POST /company/clients/search", "clients"),
    ("GET /record", "records"),
    ("POST /record", "bookings made"),
)


class Turned(World):
    """A salon whose clock is the demo's; while something happens there, the moment of that."""

    clock: Callable[[], datetime]

    def moment(self) -> datetime:
        at = self.now or self.clock()
        return at.astimezone(self.zone).replace(microsecond=0)


@dataclass(kw_only=True)
class Contacted:
    """A message that left, and what Vernis counts as come of it. `client_id` is YClients'."""

    client_id: int
    said_at: datetime
    by_phone: bool  # it booked, but not in the chat
    visit_on: date | None
    revenue_minor: int | None


@dataclass(kw_only=True)
class Kept:
    """What the CRM has when the weeks are over, and what Vernis knows of it.

    `known` are our rows of visits that took place: the record and its paid minor units.
    """

    server: YClients
    company: domain.Company | None = None
    first: list[Outcome] = field(default_factory=list)  # what the first sync read
    syncs: int = 0
    contacted: list[Contacted] = field(default_factory=list)
    ours: list[str] = field(default_factory=list)  # records that our rows say a dialog made
    known: Counter[str] = field(default_factory=Counter)

    @property
    def made(self) -> list[Record]:
        """Every record that came with a key of ours, the deleted ones too."""
        return [one for one in self.server.world.records.values() if one.api_id]

    @property
    def found_once(self) -> int:
        """Bookings of dialogs that the CRM has under one record only, the one that we know."""
        keys = Counter(one.api_id for one in self.made)
        ours = Counter(self.ours)
        return sum(keys[one.api_id] == 1 and ours[str(one.id)] == 1 for one in self.made)

    def truth(self) -> tuple[int, int]:
        """Visits and minor units that the contacted brought, by the CRM's own records."""
        assert self.company is not None
        window = timedelta(days=self.company.attribution_days)
        zone, world = self.company.zone, self.server.world
        visits = revenue = 0
        chosen: dict[int, tuple[Any, ...]] = {}
        for client_id in {one.client_id for one in self.contacted}:
            told = [(n, one) for n, one in enumerate(self.contacted) if one.client_id == client_id]
            for record in world.records_of(client_id):
                made = min(record.created_at, record.starts_at)
                day = record.starts_at.astimezone(zone).date()
                before = [
                    (one.said_at, n)
                    for n, one in told
                    if one.said_at < made <= one.said_at + window
                    and day >= one.said_at.astimezone(zone).date()
                ]
                if not before:
                    continue
                came = self._paid(client_id, day) is not None
                _, n = max(before)
                rank = (bool(record.api_id) and record.attendance >= 0, came)
                rank += (record.attendance >= 0, bool(record.api_id), -made.timestamp(), day)
                chosen[n] = max(rank, chosen.get(n, rank))
        for n, (*_, day) in chosen.items():
            paid = self._paid(self.contacted[n].client_id, day)
            visits += paid is not None
            revenue += paid or 0
        return visits, revenue

    def paid(self) -> Counter[str]:
        """Records that ended in a visit, with the minor units they paid."""
        world = self.server.world
        came = (one for one in world.records.values() if _came(one))
        return Counter({str(one.id): _minor(one) for one in came})

    def _paid(self, client_id: int, day: date) -> int | None:
        assert self.company is not None
        zone = self.company.zone
        same = [
            _minor(one)
            for one in self.server.world.records_of(client_id)
            if _came(one) and one.starts_at.astimezone(zone).date() == day
        ]
        return sum(same) if same else None

    def by_kind(self) -> dict[str, int]:
        kinds: Counter[str] = Counter()
        for name, number in self.server.counts().items():
            kinds[next((kind for begins, kind in KINDS if name.startswith(begins)), name)] += number
        return dict(kinds.most_common())


class CrmBooks:
    """The salon's people enter everything into the CRM; Vernis reads it there."""

    def __init__(
        self, app: App, company: domain.Company, kept: Kept, clients: dict[int, str]
    ) -> None:
        self._app = app
        self._company = company
        self._kept = kept
        self._clients = clients  # YClients' id -> the simulation's key
        self._ids = {key: id_ for id_, key in clients.items()}
        self._codes: dict[int, str] = {}
        self._records: dict[str, tuple[int, int]] = {}  # event's key -> (record, its line)
        self._services: dict[str, int] = {}

    @property
    def _world(self) -> World:
        return self._kept.server.world

    # --- the past -----------------------------------------------------------------------------

    def enter(self, world: simulated.World) -> None:
        """What happened before Vernis came, at the times when it did."""
        self._services = {one.api_id: one.id for one in self._world.services.values()}
        for one in sorted(world.appointments, key=lambda one: (one.booked_at, one.lines[0].key)):
            for line in one.lines:
                self.note(
                    Booked(
                        at=one.booked_at,
                        key=line.key,
                        client_key=one.client_key,
                        service_code=line.service.code,
                        staff=one.staff,
                        starts_at=line.starts_at,
                        ends_at=line.ends_at,
                    )
                )
            for line in one.lines:
                about = {"at": one.fate_at, "key": line.key, "client_key": one.client_key}
                match one.state:
                    case BookingState.COMPLETED:
                        self.note(Came(amount_minor=line.amount_minor, **about))
                    case BookingState.CANCELLED:
                        self.note(Cancelled(**about))
                    case BookingState.NO_SHOW:
                        self.note(NoShow(**about))

    async def open(self, world: simulated.World) -> None:
        self._kept.first = await self._sync()
        codes = {f"yclients:{id_}": code for code, id_ in self._services.items()}
        async with self._app.db.tenant(self._company.company_id) as connection:
            cursor = await connection.execute(
                "SELECT service_id, external_key FROM services WHERE company_id = %s",
                (self._company.company_id,),
            )
            self._codes = {id_: codes[key] for id_, key in await cursor.fetchall()}

    # --- Books --------------------------------------------------------------------------------

    def client_key(self, external_key: str) -> str:
        return self._clients[_external(external_key)]

    def service_code(self, service_id: int) -> str:
        return self._codes[service_id]

    async def knows(self, key: str, booking_id: int) -> None:
        async with self._app.db.tenant(self._company.company_id) as connection:
            cursor = await connection.execute(
                "SELECT external_key FROM bookings WHERE company_id = %s AND booking_id = %s",
                (self._company.company_id, booking_id),
            )
            row = await cursor.fetchone()
        assert row is not None
        self._records[key] = int(row[0]), 0

    def note(self, event: Booked | Came | Cancelled | NoShow) -> None:
        world = self._world
        world.now = event.at
        try:
            if isinstance(event, Booked):
                self._book(event)
                return
            record_id, place = self._records[event.key]
            record = world.records[record_id]
            match event:
                case Came():
                    paid = list(record.services)
                    cost = event.amount_minor / 100
                    first = paid[place].first_cost
                    off = round(100 - 100 * cost / first, 2)
                    paid[place] = paid[place]._replace(cost=cost, discount=off)
                    world.change_record(record_id, services=tuple(paid), attendance=1)
                case NoShow():
                    world.attend(record_id, -1)
                case Cancelled() if not record.is_deleted:
                    world.delete_record(record_id)
        finally:
            world.now = None

    def _book(self, event: Booked) -> None:
        """The lines of an appointment are the services of one record."""
        world, (appointment, _, number) = self._world, event.key.rpartition("-")
        service_id = self._services[event.service_code]
        price = world.services[service_id].price_min
        line, length = Line(service_id, price, 0, price), event.ends_at - event.starts_at
        before = self._records.get(f"{appointment}-1")
        if number != "1" and before is not None:
            record = world.records[before[0]]
            services = (*record.services, line)
            seconds = record.length + int(length.total_seconds())
            world.change_record(record.id, services=services, length=seconds)
            self._records[event.key] = record.id, len(services) - 1
            return
        record = world.book(
            self._ids[event.client_key],
            staff_id=next(one.id for one in world.staff.values() if one.name == event.staff),
            starts_at=event.starts_at,
            lines=(line,),
            length=int(length.total_seconds()),
        )
        self._records[event.key] = record.id, 0

    async def write(self) -> None:
        await self._sync(only_due=True)

    async def catch_up(self) -> list[int]:
        await self._sync()
        return []  # a sync brings its clients' due dates up to date itself

    async def _sync(self, *, only_due: bool = False) -> list[Outcome]:
        app, of = self._app, self._company
        connection = await crm_connections.connected(app.db, of)
        async with source_of(app, of, connection) as source:
            outcomes = await syncing.sync(
                app.db,
                of,
                source,
                now=app.clock(),
                hash_phone=app.hash_phone,
                every=EVERY,
                only_due=only_due,
            )
        self._kept.syncs += bool(outcomes)
        return outcomes


# --- the whole ----------------------------------------------------------------------------------


async def lived(
    settings: Settings,
    policy: Policy,
    on_day: Callable[[date, Tally], None] = lambda *_: None,
) -> tuple[Result, Kept]:
    """The demo over the simulator, and what each of both knows in the end."""
    random.seed(policy.seed)  # of the pauses between messages: two runs print the same
    clock = PinnedClock()
    salon = Turned(company=Company(title="Лён"))
    salon.clock = clock
    async with YClients(salon) as server:
        kept = Kept(server=server)
        own = settings.model_copy(
            update={
                "yclients_partner_token": SecretStr(server.partner_token),
                "yclients_base_url": server.base_url,
                "yclients_per_second": 0,  # the salon's weeks pass in seconds
                "yclients_per_minute": 0,
            }
        )

        async def opens(
            app: App, world: simulated.World, chosen: Sequence[str]
        ) -> tuple[domain.Company, CrmBooks]:
            clients = _furnish(salon, world)
            kept.company = company = await _connected(app, server, chosen)
            books = CrmBooks(app, company, kept, clients)
            books.enter(world)
            return company, books

        @asynccontextmanager
        async def line(app: App, company: domain.Company) -> AsyncIterator[Phones]:
            async with lines.over_sandbox(app, company) as phones:
                yield phones
            await _look(app, company, kept)

        result = await rehearse(
            own, policy, keep=False, open_line=line, opens=opens, clock=clock, on_day=on_day
        )
    return result, kept


def _furnish(salon: World, world: simulated.World) -> dict[int, str]:
    """Staff, services and clients; the simulation's keys of the clients by YClients' ids."""
    for n, master in enumerate(world.salon.staff, 101):
        salon.staff[n] = Staff(
            id=n,
            name=master.name,
            works_on=frozenset(day - 1 for day in master.weekdays),
            hours=((master.opens, master.closes),),
        )
    titles = list(dict.fromkeys(one.category for one in world.salon.services))
    salon.categories |= {n: Category(id=n, title=title) for n, title in enumerate(titles, 201)}
    for n, one in enumerate(world.salon.services, 301):
        doers = [m.id for m, who in zip(salon.staff.values(), world.salon.staff, strict=True)
                 if one.code in who.does]  # fmt: skip
        salon.services[n] = Service(
            id=n,
            title=one.title,
            category_id=201 + titles.index(one.category),
            price_min=one.price_minor / 100,
            price_max=one.price_minor / 100,
            lengths=dict.fromkeys(doers, one.minutes * 60),
            api_id=one.code,
        )
    keys, phones = dict[int, str](), set[str]()
    salon.now = world.starts_at
    for client in world.clients:
        digits = e164(client.phone, country=world.salon.country)
        phone = f"+{digits}" if digits else client.phone
        if digits in phones:  # YClients has a number once
            phone = ""
        phones.add(digits or "")
        sex = 2 if client.female else 1
        keys[salon.add_client(client.name, phone, sex_id=sex).id] = client.key
    salon.now = None
    return keys


async def _connected(app: App, server: YClients, chosen: Sequence[str]) -> domain.Company:
    place = {"crm": "yclients", "external_id": str(server.world.company.id)}
    token = server.user_token
    async with open_source(app, token=token, **place) as source:
        told = await source.company()
    company = await crm_connections.company_for(app.db, told, name=None)
    company = await companies.change(app.db, company, [*AGREED, *chosen])
    await crm_connections.connect(
        app.db, company, token=token, seal=app.sealer.seal, now=app.clock(), **place
    )
    return company


async def _look(app: App, company: domain.Company, kept: Kept) -> None:
    """What Vernis knows when it is over."""
    async with app.db.tenant(company.company_id) as connection:
        cursor = await connection.execute(
            "SELECT c.external_key, h.message_sent_at,"
            " h.booking_id IS NOT NULL AND b.reactivation_id IS NULL, h.visit_on, h.revenue_minor"
            " FROM client_reactivation_history h JOIN clients c USING (company_id, client_id)"
            " LEFT JOIN bookings b USING (company_id, booking_id)"
            " WHERE h.company_id = %s AND h.state IN ('accepted', 'delivered', 'read')",
            (company.company_id,),
        )
        kept.contacted = [
            Contacted(
                client_id=_external(key),
                said_at=said_at,
                by_phone=by_phone,
                visit_on=visit_on,
                revenue_minor=paid,
            )
            for key, said_at, by_phone, visit_on, paid in await cursor.fetchall()
        ]
        cursor = await connection.execute(
            "SELECT external_key, state, amount_minor, reactivation_id FROM bookings"
            " WHERE company_id = %s",
            (company.company_id,),
        )
        for record, state, paid, reactivation_id in await cursor.fetchall():
            if reactivation_id is not None:
                kept.ours.append(record)
            if state == BookingState.COMPLETED:
                kept.known[record] += paid or 0


def told(result: Result, kept: Kept) -> str:
    """One paragraph: what was read, asked, booked and earned there."""
    seen = ", ".join(f"{one.taken:,} {one.entity}" for one in kept.first if one.taken)
    asked = ", ".join(f"{number:,} {kind}" for kind, number in kept.by_kind().items())
    contact, _ = result.report.totals
    visits, revenue = kept.truth()
    by_phone = sum(one.by_phone for one in kept.contacted)
    server = kept.server
    return (
        f"The first sync read {seen}; {kept.syncs - 1:,} more brought what changed."
        f" Requests: {len(server.seen):,} ({asked}); {len(server.refused):,} were refused."
        f" {len(kept.made):,} bookings were made in YClients from the chat, {kept.found_once:,} of"
        f" them found there again exactly once; {by_phone:,} messages were followed by a booking"
        f" that the client made with the salon itself. The report counts {contact.visits:,} visits"
        f" and {money(contact.revenue_minor, result.company)} after messages; YClients' own"
        f" records say {visits:,} and {money(revenue, result.company)}."
    )


def plain(result: Result, kept: Kept) -> dict[str, Any]:
    visits, revenue = kept.truth()
    return {
        "synced": {str(one.entity): one.taken for one in kept.first},
        "syncs": kept.syncs,
        "requests": kept.by_kind(),
        "refused": len(kept.server.refused),
        "made": len(kept.made),
        "found_once": kept.found_once,
        "by_phone": sum(one.by_phone for one in kept.contacted),
        "visits": visits,
        "revenue_minor": revenue,
    }


def _external(key: str) -> int:
    return int(key.removeprefix("yclients:"))


def _came(record: Record) -> bool:
    return record.attendance == 1 and not record.is_deleted


def _minor(record: Record) -> int:
    return round(sum(line.cost for line in record.services) * 100)
