"""A company of ours whose calendar is in the simulator of YClients."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.crm.yclients_salon import make_world
from tests.crm.yclients_server import YClients
from tests.crm.yclients_world import Record, World

from vernis.adapters.channel_http import Http
from vernis.adapters.crm_http import ACCEPT, CrmHttp
from vernis.adapters.crm_pace import NoPace
from vernis.adapters.crm_yclients_bookings import YClientsCrm
from vernis.domain import Company, FreeTime
from vernis.ports import BookingRequest, ChangeRequest, Clock, Database

MONDAY = datetime(2024, 4, 1, 9, tzinfo=UTC)  # noon in Moscow
TUESDAY = date(2024, 4, 2)
PATIENCE_SECONDS = 0.3

_ROWS = {
    "staff": "INSERT INTO staff (company_id, external_key, name)"
    " VALUES (%(company)s, %(key)s, %(name)s) RETURNING staff_id",
    "services": "INSERT INTO services (company_id, external_key, title)"
    " VALUES (%(company)s, %(key)s, %(name)s) RETURNING service_id",
    "clients": "INSERT INTO clients (company_id, external_key, name, phone, phone_state)"
    " VALUES (%(company)s, %(key)s, %(name)s, %(phone)s, 'valid') RETURNING client_id",
    "doers": "INSERT INTO staff_services (company_id, staff_id, service_id, duration_minutes)"
    " VALUES (%(company)s, %(staff)s, %(service)s, %(minutes)s)",
    "connection": "INSERT INTO crm_connections (company_id, crm, external_id, sealed_token, state,"
    " connected_at, next_sync_at) VALUES (%(company)s, 'yclients', %(salon)s, %(token)s, %(state)s,"
    " now(), now())",
}


@dataclass(kw_only=True)
class Connected:
    """`staff`, `services` and `clients` are our ids by YClients' ones."""

    db: Database
    company: Company
    clock: Clock
    server: YClients
    crm: YClientsCrm
    staff: dict[int, int]
    services: dict[int, int]
    clients: dict[int, int]

    @property
    def world(self) -> World:
        return self.server.world

    @property
    def company_id(self) -> int:
        return self.company.company_id

    @property
    def service(self) -> int:
        """The one that everybody does and that takes everybody's own time."""
        return next(iter(self.services.values()))

    @property
    def client(self) -> int:
        return next(iter(self.clients.values()))

    async def free(self, day: date = TUESDAY, *, days: int = 1) -> list[FreeTime]:
        last = day + timedelta(days=days - 1)
        return await self.crm.free_times(
            self.company_id, service_id=self.service, first_day=day, last_day=last
        )

    def request(self, time: FreeTime, key: str = "d1-1", client: int | None = None, **more: Any):
        values = {"reactivation_id": None} | more
        return BookingRequest(key=key, client_id=client or self.client, time=time, **values)

    async def book(self, time: FreeTime, key: str = "d1-1", **more: Any) -> int:
        return await self.crm.book(self.company_id, self.request(time, key, **more))

    async def find(self, time: FreeTime, key: str = "d1-1", **more: Any) -> int | None:
        return await self.crm.find(self.company_id, self.request(time, key, **more))

    def to_change(self, *booking_ids: int, time: FreeTime | None = None, client: int | None = None):
        client = client or self.client
        return ChangeRequest(client_id=client, booking_ids=booking_ids, time=time)

    def records(self, *, deleted: bool = False) -> list[Record]:
        return [one for one in self.world.records.values() if deleted or not one.is_deleted]

    async def new_client(self, name: str, phone: str, key: str) -> int:
        ((id_,),) = await self.execute(
            _ROWS["clients"], company=self.company_id, key=key, name=name, phone=phone
        )
        return id_

    async def execute(self, statement: str, **values: Any) -> list[Any]:
        async with self.db.tenant(self.company_id) as connection:
            cursor = await connection.execute(statement, values)
            return await cursor.fetchall() if cursor.description else []

    async def bookings(self) -> list[tuple[Any, ...]]:
        """State, record, start of each, in the order in which they were made."""
        return await self.execute(
            "SELECT state, external_key, starts_at FROM bookings ORDER BY booking_id"
        )

    async def is_connected(self, token: bytes, state: str = "connected") -> None:
        salon = str(self.world.company.id)
        await self.execute("DELETE FROM crm_connections")
        values = {"company": self.company_id, "salon": salon, "token": token, "state": state}
        await self.execute(_ROWS["connection"], **values)


@asynccontextmanager
async def connected(
    db: Database,
    company: Company,
    clock: Clock,
    *,
    clients: int = 4,
    tries: int = 3,
    patience: float = PATIENCE_SECONDS,
    opens: type[YClients] = YClients,
    **settings: Any,
) -> AsyncIterator[Connected]:
    """The salon has no records yet, and everything of it is known to us."""
    world = make_world(clients=clients, records=0, now=clock(), **settings)
    async with opens(world) as server:
        slow = Http(server.base_url, headers={"accept": ACCEPT}, seconds=patience)
        http = CrmHttp(
            server.base_url,
            partner_token=server.partner_token,
            user_token=server.user_token,
            pace=NoPace(),
            http=slow,
            tries=tries,
            first_wait=0.001,
        )
        crm = YClientsCrm(
            db, clock, http, company_id=company.company_id, salon_id=str(world.company.id)
        )
        salon = Connected(
            db=db, company=company, clock=clock, server=server, crm=crm, staff={}, services={},
            clients={},
        )  # fmt: skip
        await _fill(salon)
        yield salon
        await slow.aclose()


async def _fill(salon: Connected) -> None:
    world, company_id = salon.world, salon.company_id
    async with salon.db.tenant(company_id) as connection:

        async def row(table: str, **values: Any) -> int:
            cursor = await connection.execute(_ROWS[table], {"company": company_id} | values)
            return (await cursor.fetchone() or (0,))[0]

        for master in world.staff.values():
            salon.staff[master.id] = await row("staff", key=_key(master.id), name=master.name)
        for service in world.services.values():
            id_ = await row("services", key=_key(service.id), name=service.title)
            salon.services[service.id] = id_
        for person in world.clients.values():
            named = {"key": _key(person.id), "name": person.name}
            id_ = await row("clients", phone=person.phone.lstrip("+"), **named)
            salon.clients[person.id] = id_
        await connection.cursor().executemany(
            _ROWS["doers"],
            [
                {
                    "company": company_id,
                    "staff": salon.staff[master_id],
                    "service": salon.services[service.id],
                    "minutes": length // 60,
                }
                for service in world.services.values()
                for master_id, length in service.lengths.items()
            ],
        )


def _key(external_id: int) -> str:
    return f"yclients:{external_id}"
