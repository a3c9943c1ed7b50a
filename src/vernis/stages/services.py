"""A company's services by every name that its files and its CRM have for them."""

from dataclasses import dataclass
from typing import Any

from vernis.decide.files.reading import service_key
from vernis.decide.files.records import ServiceRecord
from vernis.decide.files.values import Memo
from vernis.decide.services.standards import match
from vernis.ports import Connection
from vernis.sql import load

sql = load("services")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What is stored of a service that a CRM lists."""

    service_id: int
    title: str
    category: str | None
    price_minor: int | None
    duration_minutes: int
    is_active: bool

    def says(self, record: ServiceRecord) -> bool:
        """Whether all that a record tells is known. What it does not tell stays as it is."""
        told = (record.category, record.price_minor, record.duration_minutes)
        known = (self.category, self.price_minor, self.duration_minutes)
        same = all(new is None or new == old for new, old in zip(told, known, strict=True))
        return same and (record.title, record.is_active) == (self.title, self.is_active)


class Services:
    """Finds, creates, changes and unites them, in the caller's transaction."""

    def __init__(self, connection: Connection, company_id: int) -> None:
        self._connection = connection
        self._company_id = company_id
        self._by_name: dict[str, int] = {}
        self._listed: dict[str, _Known] = {}  # by the CRM's own key
        self.keys = Memo(service_key)

    async def read(self) -> None:
        values = {"company_id": self._company_id}
        cursor = await self._connection.execute(sql.service_names.sql, values)
        self._by_name = dict(await cursor.fetchall())
        cursor = await self._connection.execute(sql.listed_by_crm.sql, values)
        for key, service_id, title, category, price, minutes, is_active in await cursor.fetchall():
            self._listed[key] = _Known(
                service_id=service_id,
                title=title,
                category=category,
                price_minor=price,
                duration_minutes=minutes,
                is_active=is_active,
            )

    async def listed(self) -> list[str]:
        """All names, where the company gave a list of its services: what is not in it is none."""
        values = {"company_id": self._company_id}
        cursor = await self._connection.execute(sql.has_service_list.sql, values)
        row = await cursor.fetchone()
        return list(self._by_name) if row and row[0] else []

    async def named(self, title: str) -> int:
        """The service of this name, created where a visit is the first to name it."""
        key = self.keys[title]
        if key not in self._by_name:
            record = ServiceRecord(
                code=None,
                title=title,
                category=None,
                price_minor=None,
                duration_minutes=None,
                is_active=True,
                line=0,
            )
            await self.put(record)
        return self._by_name[key]

    async def put(self, record: ServiceRecord) -> None:
        """Create or change a service of a file. Two names that turn out to be one service become
        one, unless a CRM lists both."""
        keys = {self.keys[name] for name in (record.code, record.title) if name} - {""}
        known = {self._by_name[key] for key in keys if key in self._by_name}
        if not known:
            service_id = await self._add(record)
        else:
            of_crm = self._ids_of_crm()
            service_id, *others = sorted(known, key=lambda id_: (id_ not in of_crm, id_))
            await self._change(service_id, record)
            for other in others:
                if other not in of_crm:
                    await self._merge(service_id, other)
        for key in keys:
            if self._by_name.get(key) not in self._ids_of_crm():
                await self._name(key, service_id)

    async def put_listed(self, external_key: str, record: ServiceRecord) -> bool:
        """Create or change a service that the CRM calls `external_key`; whether anything changed.

        One that was known from files by this title is that service. Two that the CRM lists with
        the same title stay two.
        """
        key = self.keys[record.title]
        owner, known = self._by_name.get(key), self._listed.get(external_key)
        from_file = owner is not None and owner not in self._ids_of_crm()
        if known is None:
            if owner is not None and from_file:
                service_id = owner
                await self._change(service_id, record)
            else:
                service_id = await self._add(record)
            values = {"company_id": self._company_id, "service_id": service_id}
            await self._connection.execute(
                sql.set_external_key.sql, values | {"external_key": external_key}
            )
        else:
            service_id = known.service_id
            if not known.says(record):
                await self._change(service_id, record)
            if owner is not None and from_file:
                await self._merge(service_id, owner)
        changed = known is None or not known.says(record) or from_file
        if changed:
            self._listed[external_key] = _known(service_id, record, known)
        if key and (owner is None or from_file or not self._is_called(owner, key)):
            await self._name(key, service_id)
        return changed

    async def retire_others(self, external_keys: set[str]) -> int:
        """What the CRM does not list any more cannot be booked; how many."""
        gone = [
            known.service_id
            for key, known in self._listed.items()
            if known.is_active and key not in external_keys
        ]
        values = {"company_id": self._company_id, "service_ids": gone}
        if gone:
            await self._connection.execute(sql.retire.sql, values)
        return len(gone)

    def ids(self) -> dict[str, int]:
        """Services by the CRM's own key."""
        return {key: known.service_id for key, known in self._listed.items()}

    def _ids_of_crm(self) -> set[int]:
        return {known.service_id for known in self._listed.values()}

    def _is_called(self, service_id: int, key: str) -> bool:
        """Whether this is its title today: a former title is free for another service."""
        return any(
            known.service_id == service_id and self.keys[known.title] == key
            for known in self._listed.values()
        )

    async def _add(self, record: ServiceRecord) -> int:
        cursor = await self._connection.execute(sql.add_service.sql, self._values(record))
        row = await cursor.fetchone()
        assert row is not None
        return int(row[0])

    async def _change(self, service_id: int, record: ServiceRecord) -> None:
        values = self._values(record) | {"service_id": service_id}
        await self._connection.execute(sql.change_service.sql, values)

    def _values(self, record: ServiceRecord) -> dict[str, Any]:
        standard = match(record.title, category=record.category)
        return {
            "company_id": self._company_id,
            "title": record.title,
            "category": record.category,
            "price_minor": record.price_minor,
            "duration_minutes": record.duration_minutes,
            "is_active": record.is_active,
            "standard_key": standard.standard.category_key if standard else None,
            "standard_confidence": standard.confidence if standard else None,
        }

    async def _merge(self, kept: int, merged: int) -> None:
        values = {"company_id": self._company_id, "kept": kept, "merged": merged}
        for key in [key for key, id_ in self._by_name.items() if id_ == merged]:
            await self._name(key, kept)
        steps = (sql.unite_doubled_bookings, sql.move_bookings, sql.move_reactivations)
        for step in (*steps, sql.move_intents, sql.keep_own_interval, sql.drop_service):
            await self._connection.execute(step.sql, values)

    async def _name(self, key: str, service_id: int) -> None:
        if self._by_name.get(key) != service_id:
            values = {"company_id": self._company_id, "folded": key, "service_id": service_id}
            await self._connection.execute(sql.name_service.sql, values)
            self._by_name[key] = service_id


def _known(service_id: int, record: ServiceRecord, before: _Known | None) -> _Known:
    return _Known(
        service_id=service_id,
        title=record.title,
        category=record.category or (before.category if before else None),
        price_minor=record.price_minor
        if record.price_minor is not None or before is None
        else before.price_minor,
        duration_minutes=record.duration_minutes or (before.duration_minutes if before else 60),
        is_active=record.is_active,
    )
