"""What Vernis asks of the world outside. Each Protocol is owned by the stages that use it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol, TypeAlias

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from vernis.crm import CrmClient, CrmCompany, CrmRecord, CrmService, CrmShift, CrmStaff, Page
from vernis.domain import (
    Abilities,
    Account,
    Appointment,
    Company,
    Connected,
    Draft,
    FreeTime,
    MessageFacts,
    Outgoing,
    Receipt,
)
from vernis.turns import Proposal, TurnFacts


class Clock(Protocol):
    """The current moment, aware, in UTC."""

    def __call__(self) -> datetime: ...


Connection: TypeAlias = AsyncConnection[TupleRow]


class Database(Protocol):
    """PostgreSQL, the truth. Each context is one transaction."""

    def tenant(self, company_id: int) -> AbstractAsyncContextManager[Connection]:
        """See and write the rows of one company only."""
        ...

    def installation(self) -> AbstractAsyncContextManager[Connection]:
        """See and write what belongs to no company, and no row of any."""
        ...

    def dispatch(self) -> AbstractAsyncContextManager[Connection]:
        """See which companies have work, and nothing else about them."""
        ...


class Channel(Protocol):
    """A way to reach a client."""

    name: str
    abilities: Abilities

    def message_id(self, account: Account, message: Outgoing) -> str | None:
        """What the channel will call this message, where that is known before the call."""
        ...

    async def send(self, account: Account, message: Outgoing) -> Receipt:
        """Send once.

        Raises RefusedError where it certainly did not leave, OutcomeUnknownError where it may
        have. Never repeats by itself.
        """
        ...

    async def look_up(self, account: Account, phones: Sequence[str]) -> dict[str, bool]:
        """Which of these phones can be reached, as far as the channel tells; never raises."""
        ...

    async def connection(self, account: Account) -> Connected:
        """Whether the account could send right now; never raises."""
        ...

    async def aclose(self) -> None: ...


class Writer(Protocol):
    """Writes messages. Returns one draft per facts, in order; never raises.

    `company` says whose budget a language model is paid from, and is not told to it.
    """

    async def write(self, company: Company, facts: Sequence[MessageFacts]) -> list[Draft]: ...


# Free times of the service that is talked about, on these days (both included).
LookUp: TypeAlias = Callable[[date, date], Awaitable[Sequence[FreeTime]]]


class Assistant(Protocol):
    """A language model beside the receptionist: it proposes, `decide.proposals` allows.

    `speaks`: it is asked about every turn and writes answers, not only where code is not sure.
    """

    speaks: bool

    async def propose(self, company: Company, facts: TurnFacts, look_up: LookUp) -> Proposal:
        """What it makes of a turn, within its own seconds; never raises.

        `company` says whose budget it is paid from, and is not told to it.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingRequest:
    """An appointment that a client asked for. `key` is ours: the same key is booked once."""

    key: str
    client_id: int
    reactivation_id: int | None
    time: FreeTime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRequest:
    """A booking of the client's that is to be moved to `time`, or cancelled where that is None."""

    client_id: int
    booking_ids: tuple[int, ...]
    time: FreeTime | None


class Crm(Protocol):
    """The salon's calendar."""

    async def free_times(
        self, company_id: int, *, service_id: int, first_day: date, last_day: date
    ) -> list[FreeTime]:
        """Times that can be booked on these days (both included), earliest first."""
        ...

    async def book(self, company_id: int, request: BookingRequest) -> int:
        """Make the booking and return its id.

        Raises TimeTakenError where it is no longer free, BookingUnknownError where the CRM did
        not say.
        """
        ...

    async def find(self, company_id: int, request: BookingRequest) -> int | None:
        """The booking that an earlier, doubtful `book` of the same key made, if any."""
        ...

    async def appointments(
        self, company_id: int, *, client_id: int, first_day: date
    ) -> list[Appointment]:
        """What this client has booked from this company-local day on, earliest first."""
        ...

    async def change(self, company_id: int, request: ChangeRequest) -> None:
        """Move or cancel: whatever else is booked stays. Repeating it changes nothing more.

        Raises TimeTakenError where the new time is no longer free (the old one is kept then),
        BookingGoneError where there is nothing of this client's to change, BookingUnknownError
        where the CRM did not say.
        """
        ...

    async def is_changed(self, company_id: int, request: ChangeRequest) -> bool:
        """Whether an earlier, doubtful `change` has happened."""
        ...


class CrmSource(Protocol):
    """A company's CRM as a source. Opened for one company; every call may take requests.

    All methods raise CrmAccessError where the CRM refuses us for good (a wrong or revoked token,
    missing rights, a company that is gone) and UnavailableError where it does not answer after
    repeats.
    """

    async def company(self) -> CrmCompany: ...

    async def staff(self) -> Page[CrmStaff]: ...

    async def services(self) -> Page[CrmService]: ...

    async def clients(
        self, *, changed_after: datetime | None, page: dict[str, Any] | None
    ) -> Page[CrmClient]:
        """Clients changed since, all of them without it; from `page` on where that is given."""
        ...

    async def records(
        self, *, since: date, changed_after: datetime | None, page: dict[str, Any] | None
    ) -> Page[CrmRecord]:
        """Records from a company-local day on, deleted ones among them where `changed_after`."""
        ...

    async def schedules(self, *, first_day: date, last_day: date) -> Page[CrmShift]: ...

    async def record(self, external_id: str) -> CrmRecord | None:
        """One record as it is now; None where it is not there any more."""
        ...

    async def client(self, external_id: str) -> CrmClient | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactivationContext:
    """What an assistant must know when this phone answers."""

    company_id: int
    phone: str
    client_name: str | None
    pending_action: Mapping[str, Any]  # as the Redis contract names its fields
    text: str
    sent_at: datetime


class DialogStore(Protocol):
    """The context in Redis that other assistants read. Disposable: PostgreSQL has the truth."""

    async def remember(
        self, contexts: Sequence[ReactivationContext], *, only_if_absent: bool = False
    ) -> None:
        """Write pendingAction, state, clientName and the sent text for each phone.

        With `only_if_absent`, for putting back what Redis lost, a pendingAction that is there
        stays, whoever wrote it.
        """
        ...

    async def needs_restoring(self) -> bool:
        """Whether contexts may be missing: Redis was emptied, or hours have passed since."""
        ...

    async def mark_restored(self) -> None: ...

    async def pending_action(self, company_id: int, phone: str) -> dict[str, Any] | None: ...

    async def add_message(
        self, company_id: int, phone: str, *, sender: str, text: str, at: datetime, kind: str
    ) -> None: ...

    async def clear_pending_action(self, company_id: int, phone: str) -> None: ...

    async def forget(self, company_id: int, phone: str) -> None:
        """Delete all keys of this phone (erasure)."""
        ...

    async def aclose(self) -> None: ...
