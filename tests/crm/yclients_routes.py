"""What each endpoint does with a salon."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from tests.crm import yclients_shapes as shapes
from tests.crm.yclients_requests import (
    APPOINTMENT,
    BAD_FILTER,
    BAD_STATE,
    HOOK_FLAGS,
    MOST_CLIENTS_A_PAGE,
    MOST_RECORDS_A_PAGE,
    RECORD_CLIENT,
    RECORD_SERVICE,
    SEARCH_FIELDS,
    SHIFT,
    Asked,
    RefusedError,
    check_body,
    ids,
    moment,
    page,
    phone,
)
from tests.crm.yclients_search import check, passes
from tests.crm.yclients_world import Client, Line, Record, Staff, World

NO_LICENCE = "Необходимо продлить лицензию в филиале с id: {}"
NO_SUCH_STAFF = "Сотрудник с ID {} не найден в филиале {}."
MONTHS = (
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What goes back under success; `data` None with an empty body where there is nothing."""

    data: Any = None
    meta: Any = field(default_factory=list)
    status: int = 200
    is_empty: bool = False


@dataclass(kw_only=True)
class Salon:
    """One company's side of the API. The switches are about what the description leaves open."""

    world: World
    busy_status: int = 422  # where a record does not fit in: as book_check says it
    gives_api_id: bool = True  # its example of a new record has it empty
    shows_deleted: bool = True  # what GET says of a deleted record: it, or 404
    hooks: dict[str, Any] = field(
        default_factory=lambda: {"urls": [], "active": 0, **dict.fromkeys(HOOK_FLAGS, 0)}
    )
    _lists: dict[str, tuple[tuple[Any, ...], list[Any]]] = field(default_factory=dict)

    def answer(self, asked: Asked) -> Answer:
        return ROUTES[asked.endpoint.name](self, asked)

    # --- the salon ----------------------------------------------------------------------------

    def company(self, asked: Asked) -> Answer:
        return Answer(data=shapes.company(self.world, next_slot=self.next_slot(asked)))

    def next_slot(self, asked: Asked) -> datetime | None:
        if not asked.query.get("forBooking"):
            return None
        times = self._any_times(self.world.doers(()), [], self.world.moment().date())
        return min(times, default=None)

    def categories(self, asked: Asked) -> Answer:
        self._licence(403)
        told = [shapes.category(self.world, one) for one in self.world.categories.values()]
        if (staff_id := asked.query.get("staff_id")) is not None:
            if staff_id not in self.world.staff:
                raise RefusedError(404, "Сотрудник не найден.")
            told = [one for one in told if staff_id in one["staff"]]
        return self._whole(asked, told)

    def services(self, asked: Asked) -> Answer:
        self._licence(403)
        category_id, staff_id = asked.query.get("category_id"), asked.query.get("staff_id")
        if category_id is not None and category_id not in self.world.categories:
            raise RefusedError(404, "Категория не найдена.")
        told = [
            shapes.service(one)
            for one in self.world.services.values()
            if category_id in (None, one.category_id)
            and (staff_id is None or staff_id in one.lengths)
        ]
        return self._whole(asked, told)

    def staff(self, asked: Asked) -> Answer:
        self._licence(403)
        return self._whole(
            asked, [shapes.staff(self.world, one) for one in self.world.staff.values()]
        )

    def staff_as_of_old(self, asked: Asked) -> Answer:
        return Answer(data=[shapes.staff_as_of_old(one) for one in self.world.staff.values()])

    def schedule(self, asked: Asked) -> Answer:
        staff, day, last = self._staff(asked), asked.days["start_date"], asked.days["end_date"]
        if last < day:
            raise RefusedError(400, "Недопустимый период")
        days = (day + timedelta(days=place) for place in range((last - day).days + 1))
        return Answer(data=[shapes.shift(self.world, staff.id, one) for one in days])

    def set_schedule(self, asked: Asked) -> Answer:
        staff = self._staff(asked)
        for given in asked.body:
            check_body(SHIFT, given)
            hours = [
                (time.fromisoformat(slot["from"]), time.fromisoformat(slot["to"]))
                for slot in given["slots"]
            ]
            day = date.fromisoformat(given["date"])
            self.world.set_hours(staff.id, day, tuple(hours) if given["is_working"] else ())
        return Answer(status=201)

    def get_hooks(self, asked: Asked) -> Answer:
        return Answer(data=self.hooks)

    def set_hooks(self, asked: Asked) -> Answer:
        body = asked.body
        if not all(isinstance(one, str) and re.match("https?://", one) for one in body["urls"]):
            raise RefusedError(422, "Недопустимый адрес", errors={"urls": ["Недопустимый адрес"]})
        if any(value not in {0, 1} for name, value in body.items() if name != "urls"):
            raise RefusedError(422, "Ожидается 0 или 1")
        self.hooks |= body
        return Answer(data=self.hooks, status=201)

    # --- clients ------------------------------------------------------------------------------

    def search(self, asked: Asked) -> Answer:
        self._licence(402)
        body = asked.body
        number, size = body.get("page", 1), body.get("page_size", 25)
        fields, order = body.get("fields", ["id"]), body.get("order_by", "id")
        direction, operation = body.get("order_by_direction", "ASC"), body.get("operation", "AND")
        if not (
            isinstance(number, int)
            and number >= 1
            and isinstance(size, int)
            and 1 <= size <= MOST_CLIENTS_A_PAGE
            and all(one in SEARCH_FIELDS for one in fields)
            and order in SEARCH_FIELDS[:-1]
            and direction.upper() in {"ASC", "DESC"}
            and operation in {"AND", "OR"}
        ):
            raise RefusedError(400, BAD_FILTER, errors={"page": ["Недопустимое значение"]})
        key = (order, direction, operation, repr(body.get("filters")))
        found: list[Client] = self._kept(
            "search", key, lambda: self._searched(body, order, direction.upper(), operation)
        )
        part = found[(number - 1) * size : number * size]
        told = [shapes.found_client(self.world, one, fields) for one in part]
        return Answer(data=told, meta={"total_count": len(found)})

    def _searched(
        self, body: dict[str, Any], order: str, direction: str, operation: str
    ) -> list[Client]:
        world, filters = self.world, body.get("filters", [])
        for given in filters:
            check(given)
        together = all if operation == "AND" else any
        found = [
            one
            for one in world.clients.values()
            if not filters or together(passes(world, one, given) for given in filters)
        ]
        if order == "id":
            return sorted(found, key=lambda one: one.id, reverse=direction == "DESC")
        return sorted(
            found,
            key=lambda one: (shapes.found_client(world, one, [order])[order], one.id),
            reverse=direction == "DESC",
        )

    def clients(self, asked: Asked) -> Answer:
        query, world = asked.query, self.world
        number, size = page(query, usual=20, most=MOST_CLIENTS_A_PAGE)
        everyone = world.clients.values()
        found: list[Client] = self._kept(
            "clients", _filters(query), lambda: [one for one in everyone if _is_wanted(one, query)]
        )
        part = found[(number - 1) * size : number * size]
        told = [shapes.listed_client(world, one) for one in part]
        return Answer(data=told, meta={"page": number, "total_count": len(found)})

    def client(self, asked: Asked) -> Answer:
        return Answer(data=shapes.client(self.world, self._client(asked)))

    def add_client(self, asked: Asked) -> Answer:
        given = _client_fields(asked.body)
        if self.world.client_by_phone(given["phone"]) is not None:
            raise RefusedError(422, "Клиент с указанным телефоном уже существует в базе")
        client = self.world.add_client(**given)
        return Answer(data=shapes.listed_client(self.world, client), status=201)

    def change_client(self, asked: Asked) -> Answer:
        client = self.world.change_client(self._client(asked).id, **_client_fields(asked.body))
        return Answer(data=shapes.listed_client(self.world, client))

    def delete_client(self, asked: Asked) -> Answer:
        self.world.delete_client(self._client(asked).id)
        return Answer(status=204, is_empty=True)

    # --- records ------------------------------------------------------------------------------

    def records(self, asked: Asked) -> Answer:
        query = asked.query
        number, size = page(query, usual=50, most=MOST_RECORDS_A_PAGE)
        near = self.world.records_between(query.get("start_date"), query.get("end_date"))
        found: list[Record] = self._kept(
            "records", _filters(query), lambda: [one for one in near if _is_in(one, query)]
        )
        part = found[(number - 1) * size : number * size]
        return Answer(
            data=[self._read(one) for one in part],
            meta={"page": number, "total_count": len(found)},
        )

    def record(self, asked: Asked) -> Answer:
        return Answer(data=self._read(self._record(asked, deleted=self.shows_deleted)))

    def add_record(self, asked: Asked) -> Answer:
        body = asked.body
        fields = self._record_fields(body)
        fields["client_id"] = self._whose(body["client"])
        more = {name: fields.pop(name) for name in ("client_id", "staff_id", "starts_at")}
        api_id, color = str(body.get("api_id", "")), body.get("custom_color", "")
        record = self.world.book(
            **more,
            **fields,
            api_id=api_id,
            custom_color=color,
            custom_fields=body.get("custom_fields", {}),
        )
        return Answer(data=self._written(record), status=201)

    def change_record(self, asked: Asked) -> Answer:
        record, body = self._record(asked), asked.body
        fields = self._record_fields(body, but=record.id)
        fields["services"] = fields.pop("lines")
        fields["client_id"] = self._whose(body["client"])
        if "api_id" in body:
            fields["api_id"] = str(body["api_id"])
        told = self._written(self.world.change_record(record.id, **fields))
        return Answer(data=told | {"clients_count": 1}, status=201)

    def delete_record(self, asked: Asked) -> Answer:
        self.world.delete_record(self._record(asked).id)
        return Answer(status=204, is_empty=True)

    def _record_fields(self, body: dict[str, Any], *, but: int | None = None) -> dict[str, Any]:
        world, staff_id, length = self.world, body["staff_id"], body["seance_length"]
        starts_at = moment("datetime", body["datetime"], world.zone, needs_offset=True)
        if (staff := world.staff.get(staff_id)) is None or staff.is_fired:
            raise RefusedError(422, NO_SUCH_STAFF.format(staff_id, world.company.id))
        if not (isinstance(length, int) and 0 < length <= 86_400):
            raise _bad("seance_length")
        if body.get("attendance", 0) not in {-1, 0, 1, 2}:
            raise _bad("attendance")
        lines = tuple(self._line(staff_id, given) for given in body["services"])
        if not body["save_if_busy"] and not world.is_free(staff_id, starts_at, length, but=but):
            raise RefusedError(self.busy_status, _busy(staff, starts_at.astimezone(world.zone)))
        fields = {"staff_id": staff_id, "starts_at": starts_at, "length": length, "lines": lines}
        kept = {
            "comment": "comment",
            "attendance": "attendance",
            "sms_remain_hours": "sms_before",
            "email_remain_hours": "email_before",
        }
        return fields | {ours: body[name] for name, ours in kept.items() if name in body}

    def _line(self, staff_id: int, given: Any) -> Line:
        check_body(RECORD_SERVICE, given, where="services.")
        service = self.world.services.get(given["id"])
        if service is None or staff_id not in service.lengths:
            raise RefusedError(422, "Услуга не найдена.")
        first = given.get("first_cost", service.price_min)
        discount = given.get("discount", 0)
        return Line(service.id, first, discount, given.get("cost", first * (100 - discount) / 100))

    def _whose(self, given: dict[str, Any]) -> int | None:
        """The client with this phone, a new one where there is none; nobody without a phone."""
        check_body(RECORD_CLIENT, given, where="client.")
        if not given.get("phone"):
            return None
        number = phone("client.phone", given["phone"])
        if (known := self.world.client_by_phone(number)) is not None:
            return known.id
        name, email = given.get("name", ""), given.get("email", "")
        return self.world.add_client(name, number, email=email).id

    # --- online booking -----------------------------------------------------------------------

    def book_dates(self, asked: Asked) -> Answer:
        services, staff = self._bookable(asked.query), asked.query.get("staff_id", 0)
        masters, today = self._masters(staff, services), self.world.moment().date()
        month: date | None = asked.query.get("date")
        first = max(today, month.replace(day=1)) if month else today
        days = [first + timedelta(days=place) for place in range(60)]
        if month:
            days = [day for day in days if (day.year, day.month) == (month.year, month.month)]
        working = [day for day in days if any(self.world.hours(one.id, day) for one in masters)]
        free = [day for day in working if self._any_times(masters, services, day)]
        return Answer(
            data={
                "booking_days": _by_month(free),
                "booking_dates": [day.isoformat() for day in free],
                "working_days": _by_month(working),
                "working_dates": [day.isoformat() for day in working],
            }
        )

    def book_times(self, asked: Asked) -> Answer:
        services = self._bookable(asked.query)
        masters = self._masters(asked.ids["staff_id"], services)
        times = self._any_times(masters, services, asked.days["date"])
        return Answer(data=[shapes.seance(at, length) for at, length in sorted(times.items())])

    def book_check(self, asked: Asked) -> Answer:
        self._seats(asked.body["appointments"])
        return Answer(status=201, is_empty=True)

    def book_record(self, asked: Asked) -> Answer:
        body = asked.body
        if not body["fullname"]:
            raise RefusedError(422, "Не указано имя клиента.")
        number = phone("phone", body["phone"])
        seats = self._seats(body["appointments"])
        client = self.world.client_by_phone(number)
        if client is None:
            client = self.world.add_client(body["fullname"], number, email=body.get("email", ""))
        told = []
        for given, staff, starts_at, length in seats:
            record = self.world.book(
                client.id,
                staff_id=staff.id,
                starts_at=starts_at,
                service_ids=given["services"],
                length=length,
                is_online=True,
                is_any_master=given["staff_id"] == 0,
                comment=body.get("comment", ""),
                api_id=str(body.get("api_id", "")),
                sms_before=body.get("notify_by_sms", 0),
                custom_fields=given.get("custom_fields", {}),
            )
            told.append(
                {"id": given["id"], "record_id": record.id, "record_hash": f"{record.id:032x}"}
            )
        return Answer(data=told, status=201)

    def seances(self, asked: Asked) -> Answer:
        staff, day, told = self._staff(asked), asked.days["date"], []
        for from_, till in self.world.hours(staff.id, day):
            at = datetime.combine(day, from_, self.world.zone)
            while at <= datetime.combine(day, till, self.world.zone):
                free = self.world.in_the_way(staff.id, at, 900) is None
                told.append({"time": f"{at:%H:%M}", "is_free": free})
                at += timedelta(minutes=15)
        return Answer(data=told)

    def _seats(self, given: list[Any]) -> list[tuple[dict[str, Any], Staff, datetime, int]]:
        """Who would do each of these appointments, and when: refused where one cannot be."""
        world = self.world
        seats: list[tuple[dict[str, Any], Staff, datetime, int]] = []
        if not given:
            raise _bad("appointments")
        for one in given:
            check_body(APPOINTMENT, one, where="appointments.")
            services = ids("appointments.services", one["services"])
            self._known(services)
            at = moment("datetime", one["datetime"], world.zone, needs_offset=True)
            masters = self._masters(one["staff_id"], services)
            free = [
                staff
                for staff in masters
                if world.is_free(staff.id, at, world.length_of(staff.id, services))
                and at > world.moment()
                and not any(
                    staff is other
                    and at < starts + timedelta(seconds=length)
                    and starts < at + timedelta(seconds=world.length_of(staff.id, services))
                    for _, other, starts, length in seats
                )
            ]
            if not free and not one["staff_id"]:
                raise RefusedError(422, "Нет сотрудников доступных для записи.")
            if not free:
                raise RefusedError(422, _busy(masters[0], at.astimezone(world.zone)))
            seats.append((one, free[0], at, world.length_of(free[0].id, services)))
        return seats

    def _bookable(self, query: Any) -> list[int]:
        services: list[int] = query.get("service_ids", [])
        self._known(services)
        return services

    def _known(self, services: Iterable[int]) -> None:
        for one in services:
            if one not in self.world.services or not self.world.services[one].is_active:
                raise RefusedError(422, "Нет записи на указанную услугу.")

    def _masters(self, staff_id: int, services: list[int]) -> list[Staff]:
        doers = self.world.doers(services)
        if not staff_id:
            return doers
        if staff_id not in self.world.staff:
            raise RefusedError(404, NO_SUCH_STAFF.format(staff_id, self.world.company.id))
        masters = [one for one in doers if one.id == staff_id]
        if not masters:
            raise RefusedError(422, "Сотрудник не оказывает выбранные услуги.")
        return masters

    def _any_times(
        self, masters: list[Staff], services: list[int], day: date
    ) -> dict[datetime, int]:
        """Free starts with the length they are for: the first master's who can."""
        times: dict[datetime, int] = {}
        for one in masters:
            length = self.world.length_of(one.id, services)
            for at in self.world.times(one.id, day, length):
                times.setdefault(at, length)
        return times

    # --- beneath ------------------------------------------------------------------------------

    def _licence(self, status: int) -> None:
        if not self.world.company.is_licensed:
            raise RefusedError(status, NO_LICENCE.format(self.world.company.id))

    def _whole(self, asked: Asked, told: list[dict[str, Any]]) -> Answer:
        """The new lists tell their length, the old ones do not."""
        is_new = asked.endpoint.path.startswith("/company/")
        return Answer(data=told, meta={"total_count": len(told)} if is_new else [])

    def _staff(self, asked: Asked) -> Staff:
        staff_id = asked.ids["staff_id"]
        if staff_id not in self.world.staff:
            raise RefusedError(404, NO_SUCH_STAFF.format(staff_id, self.world.company.id))
        return self.world.staff[staff_id]

    def _client(self, asked: Asked) -> Client:
        if (client := self.world.clients.get(asked.ids["id"])) is None:
            raise RefusedError(404, "Клиент не найден")
        return client

    def _record(self, asked: Asked, *, deleted: bool = False) -> Record:
        record = self.world.records.get(asked.ids["record_id"])
        if record is None or (record.is_deleted and not deleted):
            raise RefusedError(404, "Запись не найдена")
        return record

    def _read(self, record: Record) -> dict[str, Any]:
        return shapes.record(self.world, record, api_id=self.gives_api_id)

    def _written(self, record: Record) -> dict[str, Any]:
        return shapes.written_record(self.world, record, api_id=self.gives_api_id)

    def _kept(
        self, what: str, filters: tuple[Any, ...], choose: Callable[[], list[Any]]
    ) -> list[Any]:
        """A list as it was chosen for an earlier page, while nothing has changed; by id as a rule:
        ids grow."""
        key = (self.world.version, *filters)
        kept, found = self._lists.get(what, (None, []))
        if kept != key:
            found = choose()
            self._lists[what] = (key, found)
        return found


def _filters(query: Any) -> tuple[Any, ...]:
    return tuple((name, repr(it)) for name, it in query.items() if name not in {"page", "count"})


def _is_wanted(one: Client, query: Any) -> bool:
    return (
        query.get("fullname", "").lower() in one.name.lower()
        and query.get("phone", "").lstrip("+") in one.phone
        and query.get("email", "") in one.email
        and query.get("card", "") in one.card
        and query.get("paid_min", 0) <= one.spent
        and one.spent <= (query.get("paid_max") or one.spent)
        and ("id" not in query or one.id in query["id"])
        and ("changed_after" not in query or query["changed_after"] <= one.changed_at)
        and ("changed_before" not in query or one.changed_at <= query["changed_before"])
    )


def _is_in(one: Record, query: Any) -> bool:
    """All days count in, at both ends."""
    return (
        (not one.is_deleted or query.get("with_deleted", False))
        and one.staff_id == query.get("staff_id", one.staff_id)
        and one.client_id == query.get("client_id", one.client_id)
        and one.user_id == query.get("created_user_id", one.user_id)
        and ("start_date" not in query or query["start_date"] <= one.starts_at.date())
        and ("end_date" not in query or one.starts_at.date() <= query["end_date"])
        and ("c_start_date" not in query or query["c_start_date"] <= one.created_at.date())
        and ("c_end_date" not in query or one.created_at.date() <= query["c_end_date"])
        and ("changed_after" not in query or query["changed_after"] <= one.changed_at)
        and ("changed_before" not in query or one.changed_at <= query["changed_before"])
    )


def _client_fields(body: dict[str, Any]) -> dict[str, Any]:
    given = dict(body)
    if not given["name"]:
        raise _bad("name")
    given["phone"] = phone("phone", given["phone"])
    given["categories"] = tuple((one, "") for one in given.get("categories", ()))
    for name, allowed in (("sex_id", 3), ("importance_id", 4), ("sms_check", 2), ("sms_not", 2)):
        if given.get(name, 0) not in range(allowed):
            raise _bad(name)
    if (birth := given.get("birth_date")) and not re.fullmatch(r"\d{4}-\d\d-\d\d", birth):
        raise _bad("birth_date")
    return given


def _by_month(days: list[date]) -> dict[str, list[str]]:
    months: dict[str, list[str]] = {}
    for day in days:
        months.setdefault(str(day.month), []).append(str(day.day))
    return months


def _busy(staff: Staff, at: datetime) -> str:
    when = f"{at.day} {MONTHS[at.month - 1]} {at.year} в {at:%H:%M}"
    return (
        f"К сотруднику {staff.name}({staff.id}) нельзя записаться на {when}. "
        "Выбранное время уже занято или является нерабочим."
    )


def _bad(name: str) -> RefusedError:
    return RefusedError(422, f"Недопустимое значение: {name}", errors={name: [BAD_STATE]})


ROUTES: dict[str, Callable[[Salon, Asked], Answer]] = {
    "GET /company/{id}": Salon.company,
    "GET /company/{company_id}/service_categories": Salon.categories,
    "GET /service_categories/{company_id}": Salon.categories,
    "GET /company/{company_id}/services": Salon.services,
    "GET /services/{company_id}": Salon.services,
    "GET /company/{company_id}/staff": Salon.staff,
    "GET /staff/{company_id}": Salon.staff_as_of_old,
    "POST /company/{company_id}/clients/search": Salon.search,
    "GET /clients/{company_id}": Salon.clients,
    "POST /clients/{company_id}": Salon.add_client,
    "GET /client/{company_id}/{id}": Salon.client,
    "PUT /client/{company_id}/{id}": Salon.change_client,
    "DELETE /client/{company_id}/{id}": Salon.delete_client,
    "GET /records/{company_id}": Salon.records,
    "POST /records/{company_id}": Salon.add_record,
    "GET /record/{company_id}/{record_id}": Salon.record,
    "PUT /record/{company_id}/{record_id}": Salon.change_record,
    "DELETE /record/{company_id}/{record_id}": Salon.delete_record,
    "GET /schedule/{company_id}/{staff_id}/{start_date}/{end_date}": Salon.schedule,
    "PUT /schedule/{company_id}/{staff_id}/{start_date}/{end_date}": Salon.set_schedule,
    "GET /timetable/seances/{company_id}/{staff_id}/{date}": Salon.seances,
    "GET /book_dates/{company_id}": Salon.book_dates,
    "GET /book_times/{company_id}/{staff_id}/{date}": Salon.book_times,
    "POST /book_check/{company_id}": Salon.book_check,
    "POST /book_record/{company_id}": Salon.book_record,
    "GET /hooks_settings/{company_id}": Salon.get_hooks,
    "POST /hooks_settings/{company_id}": Salon.set_hooks,
}
