"""A salon as YClients keeps it, and what happens there: the data behind the simulator."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

ALL_DAY = ((time(10), time(22)),)
EVERY_DAY = frozenset(range(7))
FEW_DAYS = 62  # looked up day by day; more are looked through

Hours = tuple[tuple[time, time], ...]


@dataclass(slots=True, kw_only=True)
class Company:
    id: int = 4564
    title: str = "Салон «Лён»"
    timezone: str = "Europe/Moscow"
    city: str = "Москва"
    country: str = "Россия"
    address: str = "ул. Примерная, 1"
    phone: str = "+7 900 000-00-01"
    currency: str = "р"
    is_licensed: bool = True


@dataclass(slots=True, kw_only=True)
class Staff:
    id: int
    name: str
    specialization: str = "мастер"
    works_on: frozenset[int] = EVERY_DAY  # Monday is 0
    hours: Hours = ALL_DAY
    is_hidden: bool = False
    is_fired: bool = False
    weight: int = 0


@dataclass(slots=True, kw_only=True)
class Category:
    id: int
    title: str
    weight: int = 0


@dataclass(slots=True, kw_only=True)
class Service:
    """`lengths` are seconds by the id of who does it."""

    id: int
    title: str
    category_id: int
    price_min: float
    price_max: float
    lengths: dict[int, int] = field(default_factory=dict)
    is_active: bool = True
    comment: str = ""
    api_id: str = ""


@dataclass(slots=True, kw_only=True)
class Client:
    id: int
    name: str
    phone: str
    changed_at: datetime
    email: str = ""
    sex_id: int = 0
    importance_id: int = 0
    discount: int = 0
    card: str = ""
    birth_date: str = ""
    comment: str = ""
    sms_check: int = 0
    sms_not: int = 0
    spent: float = 0
    balance: float = 0
    categories: tuple[tuple[int, str], ...] = ()
    custom_fields: dict[str, object] = field(default_factory=dict)


class Line(NamedTuple):
    """A service of a record; `cost` is what is paid in the end."""

    service_id: int
    first_cost: float
    discount: float
    cost: float


@dataclass(slots=True, kw_only=True)
class Record:
    """`starts_at` is aware; `length` in seconds."""

    id: int
    staff_id: int
    starts_at: datetime
    length: int
    created_at: datetime
    changed_at: datetime
    client_id: int | None = None
    services: tuple[Line, ...] = ()
    attendance: int = 0
    is_deleted: bool = False
    is_online: bool = False
    is_any_master: bool = False
    api_id: str = ""
    comment: str = ""
    custom_color: str = ""
    custom_fields: dict[str, object] = field(default_factory=dict)
    sms_before: int = 0
    email_before: int = 0
    user_id: int = 1_073_232

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(seconds=self.length)


class Happened(NamedTuple):
    """What a webhook tells. `resource`: company, service_category, service, staff, client, record;
    `status`: create, update or delete."""

    resource: str
    entity: Company | Category | Service | Staff | Client | Record
    status: str


@dataclass(kw_only=True)
class World:
    """One company. Its verbs are what people do in the CRM; each moves `last_change_date`."""

    company: Company = field(default_factory=Company)
    staff: dict[int, Staff] = field(default_factory=dict)
    categories: dict[int, Category] = field(default_factory=dict)
    services: dict[int, Service] = field(default_factory=dict)
    clients: dict[int, Client] = field(default_factory=dict)
    records: dict[int, Record] = field(default_factory=dict)
    shifts: dict[tuple[int, date], Hours] = field(default_factory=dict)  # else the staff's week
    now: datetime | None = None  # the wall clock without it
    step_minutes: int = 30  # how far apart bookable times are
    version: int = 0
    listeners: list[Callable[[Happened], None]] = field(default_factory=list)
    _by_client: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    _by_day: dict[tuple[int, date], list[int]] = field(default_factory=lambda: defaultdict(list))
    _masters: set[int] = field(default_factory=set)  # who has records, still there or not
    _next_id: int = 0
    _came: Counter[int | None] = field(default_factory=Counter)
    _failed: Counter[int | None] = field(default_factory=Counter)
    _counted_at: int = -1

    def __post_init__(self) -> None:
        ids = (*self.staff, *self.categories, *self.services, *self.clients, *self.records, 1000)
        self._next_id = max(ids) + 1
        for record in self.records.values():
            self._index(record)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.company.timezone)

    def moment(self) -> datetime:
        """Now, to the second and in the company's time, as YClients keeps moments."""
        return (self.now or datetime.now(UTC)).astimezone(self.zone).replace(microsecond=0)

    # --- reading ------------------------------------------------------------------------------

    def records_of(self, client_id: int) -> list[Record]:
        found = (self.records[one] for one in self._by_client.get(client_id, ()))
        return [record for record in found if not record.is_deleted]

    def records_between(self, first: date | None, last: date | None) -> Iterable[Record]:
        """Those that may begin on these days, in the order of their ids."""
        if first is None or last is None or (last - first).days > FEW_DAYS:
            return self.records.values()
        days = (first + timedelta(days=n) for n in range((last - first).days + 1))
        keys = ((staff_id, day) for day in days for staff_id in self._masters)
        ids = sorted(one for key in keys for one in self._by_day.get(key, ()))
        return [self.records[one] for one in ids]

    def visits_of(self, client_id: int) -> tuple[int, int]:
        """How often they came, and how often they did not."""
        if self._counted_at != self.version:
            came: Counter[int | None] = Counter()
            failed: Counter[int | None] = Counter()
            for record in self.records.values():
                if not record.is_deleted and record.attendance in {1, -1}:
                    (came if record.attendance == 1 else failed)[record.client_id] += 1
            self._came, self._failed, self._counted_at = came, failed, self.version
        return self._came[client_id], self._failed[client_id]

    def hours(self, staff_id: int, day: date) -> Hours:
        """When they work on this day; empty on a day off."""
        if (own := self.shifts.get((staff_id, day))) is not None:
            return own
        staff = self.staff[staff_id]
        return staff.hours if day.weekday() in staff.works_on and not staff.is_fired else ()

    def is_working(self, staff_id: int, starts_at: datetime, length: int) -> bool:
        begins = starts_at.astimezone(self.zone)
        ends = (begins + timedelta(seconds=length)).replace(tzinfo=None)
        opens = begins.replace(tzinfo=None)
        day = begins.date()
        return any(
            datetime.combine(day, from_) <= opens and ends <= datetime.combine(day, till)
            for from_, till in self.hours(staff_id, day)
        )

    def in_the_way(
        self, staff_id: int, starts_at: datetime, length: int, *, but: int | None = None
    ) -> Record | None:
        """A record that takes some of this time."""
        ends_at = starts_at + timedelta(seconds=length)
        for one in self._by_day.get((staff_id, starts_at.astimezone(self.zone).date()), ()):
            record = self.records[one]
            if record.is_deleted or record.id == but:
                continue
            if record.starts_at < ends_at and starts_at < record.ends_at:
                return record
        return None

    def is_free(
        self, staff_id: int, starts_at: datetime, length: int, *, but: int | None = None
    ) -> bool:
        return (
            self.is_working(staff_id, starts_at, length)
            and self.in_the_way(staff_id, starts_at, length, but=but) is None
        )

    def doers(self, service_ids: Iterable[int]) -> list[Staff]:
        """Who can be booked for all of these, heaviest first."""
        wanted = list(service_ids)
        able = [
            one
            for one in self.staff.values()
            if not (one.is_fired or one.is_hidden)
            and all(one.id in self.services[service].lengths for service in wanted)
        ]
        return sorted(able, key=lambda one: (-one.weight, one.id))

    def length_of(self, staff_id: int, service_ids: Iterable[int]) -> int:
        """Seconds that all these take with this master; an hour for none in particular."""
        return sum(self.services[one].lengths[staff_id] for one in service_ids) or 3600

    def times(self, staff_id: int, day: date, length: int) -> list[datetime]:
        """Free starts of this length on a day, from now on."""
        found, now = [], self.moment()
        for from_, till in self.hours(staff_id, day):
            at = datetime.combine(day, from_, self.zone)
            end = datetime.combine(day, till, self.zone)
            while at + timedelta(seconds=length) <= end:
                if at > now and self.in_the_way(staff_id, at, length) is None:
                    found.append(at)
                at += timedelta(minutes=self.step_minutes)
        return found

    def client_by_phone(self, phone: str) -> Client | None:
        digits = _digits(phone)
        return next((one for one in self.clients.values() if _digits(one.phone) == digits), None)

    # --- what happens: clients ----------------------------------------------------------------

    def add_client(self, name: str, phone: str, **more: object) -> Client:
        client = Client(id=self._new_id(), name=name, phone=phone, changed_at=self.moment())
        for what, value in more.items():
            setattr(client, what, value)
        self.clients[client.id] = client
        self._tell("client", client, "create")
        return client

    def change_client(self, client_id: int, **changes: object) -> Client:
        client = self.clients[client_id]
        for what, value in changes.items():
            setattr(client, what, value)
        client.changed_at = self.moment()
        self._tell("client", client, "update")
        return client

    def change_phone(self, client_id: int, phone: str) -> Client:
        return self.change_client(client_id, phone=phone)

    def delete_client(self, client_id: int) -> None:
        """Their records stay, with nobody in them and unchanged otherwise."""
        client = self.clients.pop(client_id)
        for one in self._by_client.pop(client_id, []):
            self.records[one].client_id = None
        self._tell("client", client, "delete")

    def merge_clients(self, kept_id: int, gone_id: int) -> Client:
        """The records of the one that goes become those of the other and count as changed."""
        kept, gone, now = self.clients[kept_id], self.clients.pop(gone_id), self.moment()
        for one in self._by_client.pop(gone_id, []):
            record = self.records[one]
            record.client_id, record.changed_at = kept_id, now
            self._by_client[kept_id].append(one)
            self._tell("record", record, "update")
        kept.spent, kept.changed_at = kept.spent + gone.spent, now
        self._tell("client", gone, "delete")
        self._tell("client", kept, "update")
        return kept

    # --- what happens: records ----------------------------------------------------------------

    def book(
        self,
        client_id: int | None,
        *,
        staff_id: int,
        starts_at: datetime,
        service_ids: Iterable[int] = (),
        length: int | None = None,
        lines: tuple[Line, ...] | None = None,
        **more: object,
    ) -> Record:
        """Written down whoever else is there: whether the time is free was asked before."""
        services, now = list(service_ids), self.moment()
        if lines is None:
            prices = ((one, self.services[one].price_min) for one in services)
            lines = tuple(Line(one, price, 0, price) for one, price in prices)
        record = Record(
            id=self._new_id(),
            client_id=client_id,
            staff_id=staff_id,
            starts_at=starts_at.astimezone(self.zone),
            length=length or self.length_of(staff_id, services),
            services=lines,
            created_at=now,
            changed_at=now,
        )
        for what, value in more.items():
            setattr(record, what, value)
        self.records[record.id] = record
        self._index(record)
        self._tell("record", record, "create")
        return record

    def change_record(self, record_id: int, **changes: object) -> Record:
        record = self.records[record_id]
        self._forget(record)
        for what, value in changes.items():
            setattr(record, what, value)
        record.starts_at = record.starts_at.astimezone(self.zone)
        record.changed_at = self.moment()
        self._index(record)
        self._tell("record", record, "update")
        return record

    def move(self, record_id: int, starts_at: datetime) -> Record:
        return self.change_record(record_id, starts_at=starts_at)

    def attend(self, record_id: int, attendance: int, *, cost: float | None = None) -> Record:
        """-1 did not come, 0 awaited, 1 came, 2 confirmed; `cost` of all its services together."""
        changes: dict[str, object] = {"attendance": attendance}
        if cost is not None:
            first, *rest = self.records[record_id].services
            others = (one._replace(cost=0) for one in rest)
            changes["services"] = (first._replace(cost=cost), *others)
        return self.change_record(record_id, **changes)

    def delete_record(self, record_id: int) -> None:
        record = self.records[record_id]
        record.is_deleted, record.changed_at = True, self.moment()
        self._tell("record", record, "delete")

    # --- what happens: the salon --------------------------------------------------------------

    def rename_service(self, service_id: int, title: str) -> None:
        self.services[service_id].title = title
        self._tell("service", self.services[service_id], "update")

    def change_price(self, service_id: int, price: float) -> None:
        service = self.services[service_id]
        service.price_min = service.price_max = price
        self._tell("service", service, "update")

    def delete_service(self, service_id: int) -> None:
        """Old records keep its id and title is what remains of it."""
        self._tell("service", self.services.pop(service_id), "delete")

    def fire(self, staff_id: int) -> None:
        self.staff[staff_id].is_fired = True
        self._tell("staff", self.staff[staff_id], "update")

    def set_hours(self, staff_id: int, day: date, hours: Hours) -> None:
        """`hours` empty: a day off. A schedule's change has no webhook."""
        self.shifts[staff_id, day] = hours
        self.version += 1

    # --- beneath ------------------------------------------------------------------------------

    def _new_id(self) -> int:
        self._next_id += 1
        return self._next_id - 1

    def _index(self, record: Record) -> None:
        if record.client_id is not None:
            self._by_client[record.client_id].append(record.id)
        self._by_day[record.staff_id, record.starts_at.date()].append(record.id)
        self._masters.add(record.staff_id)

    def _forget(self, record: Record) -> None:
        if record.client_id is not None:
            self._by_client[record.client_id].remove(record.id)
        self._by_day[record.staff_id, record.starts_at.date()].remove(record.id)

    def _tell(
        self,
        resource: str,
        entity: Company | Category | Service | Staff | Client | Record,
        status: str,
    ) -> None:
        self.version += 1
        for listener in self.listeners:
            listener(Happened(resource, entity, status))


def _digits(phone: str) -> str:
    digits = "".join(one for one in phone if one.isdigit())
    return "7" + digits[1:] if len(digits) == 11 and digits[0] == "8" else digits
