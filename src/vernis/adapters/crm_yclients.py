"""YClients (abroad: Altegio) as a source: a company's staff, services, clients, records, hours.

Pages are the largest that the description allows. Each page's `next` is plain JSON that stands for
what is still to be read, not for a place in a list: nothing is skipped by what happens meanwhile.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from vernis.adapters.channel_http import Params
from vernis.adapters.crm_http import CrmHttp, Told
from vernis.crm import (
    CrmClient,
    CrmCompany,
    CrmRecord,
    CrmService,
    CrmShift,
    CrmStaff,
    Page,
    Rejected,
)
from vernis.decide.crm import windows
from vernis.decide.crm.windows import Window
from vernis.decide.crm.yclients import (
    Terms,
    categories_of,
    client_of,
    company_of,
    read,
    service_of,
    shifts_of,
    staff_of,
)
from vernis.decide.crm.yclients_fields import Fields, Unreadable
from vernis.decide.crm.yclients_records import NOBODY, record_of
from vernis.errors import CrmAccessError, DataError, NotFoundError, UnavailableError

T = TypeVar("T")

RECORDS_A_PAGE = 300
CLIENTS_A_PAGE = 200
DAYS_AT_FIRST = 7  # a window of records is tried with
SECONDS_AT_FIRST = 86_400  # a window of changes
_SEARCHED = ["id", "name", "phone"]


class YClientsSource:
    """ports.CrmSource of one company, `external_id` in YClients. Keeps nothing but its terms.

    `zone` and `currency` are the company's; without them they are asked for first (where the CRM
    does not tell them: UTC and RUB).
    """

    def __init__(
        self,
        http: CrmHttp,
        external_id: str,
        *,
        zone: ZoneInfo | None = None,
        currency: str | None = None,
    ) -> None:
        self._http = http
        self._id = external_id
        self._terms = Terms(zone=zone, currency=currency) if zone and currency else None

    async def company(self) -> CrmCompany:
        try:
            return company_of(_object(await self._http.get(f"/company/{self._id}/")))
        except NotFoundError:
            raise CrmAccessError(
                f"The CRM has no company {self._id}, or its user does not see it: connect it again."
            ) from None
        except Unreadable as unreadable:
            raise DataError(f"The CRM's company cannot be read: {unreadable.reason}.") from None

    async def staff(self) -> Page[CrmStaff]:
        return _page(await self._ask("GET", f"/company/{self._id}/staff/"), staff_of)

    async def services(self) -> Page[CrmService]:
        """Two requests: the categories' titles are a list of their own."""
        terms = await self._known_terms()
        told = await self._ask("GET", f"/company/{self._id}/service_categories/")
        categories = categories_of(_list(told))
        told = await self._ask("GET", f"/company/{self._id}/services/")
        return _page(told, lambda data: service_of(data, terms, categories))

    # --- clients ------------------------------------------------------------------------------

    async def clients(
        self, *, changed_after: datetime | None, page: dict[str, Any] | None
    ) -> Page[CrmClient]:
        """Deleted clients are in no list: they are gone from a full read."""
        if changed_after is None:
            return await self._all_clients(page)
        terms = await self._known_terms()
        begins = Window(since=_second(changed_after, lower=terms.zone), usual=SECONDS_AT_FIRST)
        return await self._windowed(
            f"/clients/{self._id}",
            begins if page is None else Window(**page),
            size=CLIENTS_A_PAGE,
            params=lambda window: _changes(window, terms),
            of=lambda data: client_of(data, terms),
        )

    async def count_clients(self) -> int | None:
        """How many there are now: fewer than are known means that some were deleted or merged."""
        return (await self._found(1, size=1)).total

    async def _all_clients(self, page: dict[str, Any] | None) -> Page[CrmClient]:
        """By id and from the last page to the first: new ones come after what is read then, and
        where one is deleted, another that was read already is seen twice."""
        if page is None:
            told = await self._found(1, size=CLIENTS_A_PAGE)
            number, size = 1, len(_list(told))
            total = told.total or 0
            if 0 < size < total:
                number = -(-total // size)
                told = await self._found(number, size=size)
        else:
            number, size = page["page"], page["size"]
            told = await self._found(number, size=size)
        taken, rejected = await self._in_full(_list(told))
        following = {"page": number - 1, "size": size} if number > 1 else None
        return Page(items=taken, rejected=rejected, next=following, total=told.total)

    async def _found(self, number: int, *, size: int) -> Told:
        body = {
            "page": number,
            "page_size": size,
            "fields": _SEARCHED,
            "order_by": "id",
            "order_by_direction": "ASC",
        }
        return await self._ask("POST", f"/company/{self._id}/clients/search", body=body)

    async def _in_full(
        self, found: list[Any]
    ) -> tuple[tuple[CrmClient, ...], tuple[Rejected, ...]]:
        """The search tells neither sex nor who wants no mailings nor when they changed."""
        terms = await self._known_terms()
        glimpses, rejected = read(found, lambda data: client_of(data, terms))
        ids = [one.external_id for one in glimpses]
        if not ids:
            return (), rejected
        told = await self._ask(
            "GET", f"/clients/{self._id}", params={"id[]": ids, "count": CLIENTS_A_PAGE}
        )
        taken, unread = read(_list(told), lambda data: client_of(data, terms))
        known = {one.external_id for one in taken} | {one.external_id for one in unread}
        for missing in (one for one in ids if one not in known):
            if (client := await self.client(missing)) is not None:
                taken = (*taken, client)
        return taken, rejected + unread

    async def client(self, external_id: str) -> CrmClient | None:
        """None where they were deleted, or merged with another. Raises DataError where what is
        told of them cannot be used."""
        terms = await self._known_terms()
        return await self._one(
            f"/client/{self._id}/{external_id}", lambda data: client_of(data, terms)
        )

    # --- records ------------------------------------------------------------------------------

    async def records(
        self, *, since: date, changed_after: datetime | None, page: dict[str, Any] | None
    ) -> Page[CrmRecord]:
        """Deleted ones among them. Of changed ones `since` leaves none out: one that was moved
        to a day before it has changed as well. A walk-in's is rejected with the reason NOBODY."""
        terms = await self._known_terms()
        if changed_after is None:
            begins = Window(since=since.toordinal(), usual=DAYS_AT_FIRST)
        else:
            begins = Window(since=_second(changed_after, lower=terms.zone), usual=SECONDS_AT_FIRST)

        def params(window: Window) -> Params:
            bounds = _days(window) if changed_after is None else _changes(window, terms)
            return {**bounds, "with_deleted": 1}

        return await self._windowed(
            f"/records/{self._id}",
            begins if page is None else Window(**page),
            size=RECORDS_A_PAGE,
            params=params,
            of=lambda data: record_of(data, terms),
        )

    async def record(self, external_id: str) -> CrmRecord | None:
        """None where it is not there any more, or is nobody's. Raises DataError where what is
        told of it cannot be used."""
        terms = await self._known_terms()
        return await self._one(
            f"/record/{self._id}/{external_id}", lambda data: record_of(data, terms)
        )

    # --- schedules ----------------------------------------------------------------------------

    async def schedules(self, *, first_day: date, last_day: date) -> Page[CrmShift]:
        """One request for each who is not fired, and one for who they are."""
        shifts: tuple[CrmShift, ...] = ()
        rejected: tuple[Rejected, ...] = ()
        for person in (await self.staff()).items:
            if not person.is_active:
                continue
            path = f"/schedule/{self._id}/{person.external_id}/{first_day}/{last_day}"
            try:
                days = await self._http.get(path)
            except NotFoundError:  # gone since the list was read
                continue
            theirs, unread = shifts_of(person.external_id, _list(Told(data=days)))
            shifts, rejected = shifts + theirs, rejected + unread
        return Page(items=shifts, rejected=rejected)

    # --- beneath ------------------------------------------------------------------------------

    async def _windowed(
        self,
        path: str,
        window: Window,
        *,
        size: int,
        params: Callable[[Window], Params],
        of: Callable[[Fields], T],
    ) -> Page[T]:
        while True:
            asked = {**params(window), "page": window.page, "count": size}
            told = await self._ask("GET", path, params=asked)
            items = _list(told)
            # Where no total is told, a page that is not full is the whole of it.
            total = len(items) + (len(items) >= size) if told.total is None else told.total
            if (instead := windows.narrower(window, count=len(items), total=total)) is None:
                break
            window = instead
        taken, rejected = read(items, of)
        following = windows.following(window, count=len(items), total=total, size=size)
        return Page(
            items=taken,
            rejected=rejected,
            next=following.as_json() if following else None,
            total=window.total if window.total is not None else total,
        )

    async def _one(self, path: str, of: Callable[[Fields], T]) -> T | None:
        try:
            return of(_object(await self._http.get(path)))
        except NotFoundError:
            return None
        except Unreadable as unreadable:
            if unreadable.reason == NOBODY:
                return None
            raise DataError(f"What the CRM tells cannot be used: {unreadable.reason}.") from None

    async def _ask(
        self, method: str, path: str, *, params: Params | None = None, body: Any = None
    ) -> Told:
        """A list of the company's; where that is not found, the company may be gone."""
        try:
            return await self._http.ask(method, path, params=params, body=body, repeatable=True)
        except NotFoundError:
            await self.company()
            raise UnavailableError("The CRM does not find a list that it should have.") from None

    async def _known_terms(self) -> Terms:
        if self._terms is None:
            company = await self.company()
            self._terms = Terms(
                zone=ZoneInfo(company.timezone or "UTC"), currency=company.currency or "RUB"
            )
        return self._terms

    async def aclose(self) -> None:
        await self._http.aclose()


def _page(told: Told, of: Callable[[Fields], T]) -> Page[T]:
    items, rejected = read(_list(told), of)
    return Page(items=items, rejected=rejected, total=len(items) + len(rejected))


def _list(told: Told) -> list[Any]:
    if not isinstance(told.data, list):
        raise UnavailableError(
            "The CRM tells no list where one should be. It is asked again later."
        )
    return told.data


def _object(data: Any) -> Fields:
    """One thing; some versions of the API tell it as a list of one."""
    if isinstance(data, list) and len(data) == 1:
        data = data[0]
    if not isinstance(data, dict):
        raise UnavailableError("The CRM tells nothing where something should be.")
    return data


def _days(window: Window) -> dict[str, str]:
    """Both ends are included («Дата сеанса начиная с», «по»)."""
    told = {"start_date": date.fromordinal(window.since).isoformat()}
    if window.width is not None:
        last = date.fromordinal(window.since + window.width - 1)
        told["end_date"] = last.isoformat()
    return told


def _changes(window: Window, terms: Terms) -> dict[str, str]:
    """The start is included («начиная с»), and the end may be: the next window begins with it."""
    told = {"changed_after": _local(window.since, terms)}
    if window.width is not None:
        told["changed_before"] = _local(window.since + window.width, terms)
    return told


def _local(second: int, terms: Terms) -> str:
    """As the description writes it, without a zone: the company's."""
    moment = datetime.fromtimestamp(second, UTC).astimezone(terms.zone)
    return moment.replace(tzinfo=None).isoformat(timespec="seconds")


def _second(moment: datetime, *, lower: Any) -> int:
    """In seconds since 1970; an hour earlier where clocks were just turned back, as a local time
    of that hour says two moments."""
    local = moment.astimezone(lower).replace(fold=0)
    is_twice = local.utcoffset() != local.replace(fold=1).utcoffset()
    return int((moment - timedelta(hours=is_twice)).timestamp())
