"""What may be asked of a language model: requests by key, money by company, pauses by model.

All of it is kept in PostgreSQL and told by its clock, so that several processes share one budget
and it is never exceeded over any window: a request counts from when it is allowed until a minute
(a day) after it ended, and in between it reached the provider.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol, TypeVar

from vernis.adapters.model_providers import Answer, ModelError, Provider
from vernis.decide.writing.model_health import Outcome, counts_as_failure, pause_after
from vernis.decide.writing.prompt import Prompt
from vernis.domain import Company
from vernis.ports import Connection, Database
from vernis.sql import load

sql = load("model_budget")

MINUTE, DAY = 60.0, 86_400.0  # seconds
MICRO_USD_PER_CENT = 10_000
# Between a timeout and the moment at which the end of the request is noted.
SLACK = 10.0


class Refused(Exception):  # noqa: N818 (an answer, not a fault)
    """The request must not be made: `budget`, `money`, or `unavailable` for `wait` seconds."""

    def __init__(self, why: str, *, wait: float = 0.0) -> None:
        super().__init__(why)
        self.why = why
        self.wait = wait


@dataclass(frozen=True, slots=True, kw_only=True)
class _Allowed:
    request_id: int
    allowed_at: datetime
    month: date | None  # None: paid by no company
    reserved: int  # millionths of a US dollar


class Paid(Protocol):
    """What a request brought, and its cost in millionths of a US dollar."""

    @property
    def micro_usd(self) -> int: ...


P = TypeVar("P", bound=Paid)


class Budget:
    """Asks models within what is allowed."""

    def __init__(self, db: Database, *, minute: float = MINUTE, day: float = DAY) -> None:
        self._db = db
        self._windows = {"minute_seconds": minute, "day_seconds": day}

    async def ask(self, provider: Provider, prompt: Prompt, count: int, company: Company) -> Answer:
        """One request, paid by the company. Raises Refused before it, ModelError after it."""
        most = provider.most_micro_usd(prompt, count)
        return await self.within(provider, company, most, lambda: provider.ask(prompt, count))

    async def within(
        self, provider: Provider, company: Company, most: int, ask: Callable[[], Awaitable[P]]
    ) -> P:
        """What one request brings that costs so many micro-dollars at most, paid by the company.

        Raises Refused before it, ModelError after it.
        """
        async with self._db.tenant(company.company_id) as connection:
            await self._not_paused(connection, provider)
            month = await _reserved_in(connection, company, most)
            allowed = await self._allowed(connection, provider, month, most)
        return await self._settled(provider, company.company_id, allowed, ask)

    async def check(self, provider: Provider, prompt: Prompt) -> Outcome:
        """What one small request comes to now, whatever pause there is. Raises Refused."""
        async with self._db.tenant(_NOBODY) as connection:
            await connection.execute(sql.lock_status.sql, _names(provider))
            allowed = await self._allowed(connection, provider, None, 0)
        try:
            await self._settled(provider, _NOBODY, allowed, lambda: provider.ask(prompt, 1))
        except ModelError as error:
            return error.outcome
        return Outcome.WORKS

    async def _not_paused(self, connection: Connection, provider: Provider) -> None:
        cursor = await connection.execute(sql.lock_status.sql, _names(provider))
        seconds, is_probe = await _one(cursor)
        if seconds > 0:
            raise Refused("unavailable", wait=seconds)
        if is_probe:  # one goes ahead, the others wait for what came of it
            longest = provider.settings.timeout_seconds + SLACK
            await connection.execute(
                sql.extend_pause.sql, {"model_hash": provider.model_hash, "seconds": longest}
            )

    async def _allowed(
        self, connection: Connection, provider: Provider, month: date | None, reserved: int
    ) -> _Allowed:
        values = {
            "key_hash": provider.key_hash,
            "per_minute": provider.settings.requests_per_minute,
            "per_day": provider.settings.requests_per_day,
            "longest_seconds": provider.settings.timeout_seconds + SLACK,
        }
        await connection.execute(sql.lock_key.sql, values)
        cursor = await connection.execute(sql.allow_request.sql, values | self._windows)
        if (row := await cursor.fetchone()) is None:
            raise Refused("budget")
        return _Allowed(request_id=row[0], allowed_at=row[1], month=month, reserved=reserved)

    async def _settled(
        self,
        provider: Provider,
        company_id: int,
        allowed: _Allowed,
        ask: Callable[[], Awaitable[P]],
    ) -> P:
        """What `ask` returns or raises, once its end, its price and its outcome are noted."""
        try:
            answer = await ask()
        except ModelError as error:
            await self._note(provider, company_id, allowed, error)
            raise
        await self._note(provider, company_id, allowed, answer)
        return answer

    async def _note(
        self, provider: Provider, company_id: int, allowed: _Allowed, came: Paid | ModelError
    ) -> None:
        outcome, retry_after = Outcome.WORKS, None
        if isinstance(came, ModelError):
            outcome, retry_after = came.outcome, came.retry_after
        values: dict[str, Any] = {
            "model_hash": provider.model_hash,
            "key_hash": provider.key_hash,
            "request_id": allowed.request_id,
            "allowed_at": allowed.allowed_at,
            "outcome": outcome,
            "works": outcome is Outcome.WORKS,
            "counts": counts_as_failure(outcome),
        }
        async with self._db.tenant(company_id) as connection:
            (failures,) = await _one(await connection.execute(sql.remember_outcome.sql, values))
            if seconds := pause_after(outcome, failures, retry_after):
                await connection.execute(sql.extend_pause.sql, values | {"seconds": seconds})
            if allowed.month is not None and came.micro_usd is not None:
                difference = came.micro_usd - allowed.reserved
                money = {"company_id": company_id, "month": allowed.month}
                await connection.execute(sql.settle_money.sql, money | {"difference": difference})
            await connection.execute(sql.end_request.sql, values)
            await connection.execute(sql.forget_requests.sql, values | self._windows)


_NOBODY = 0  # no company has this id


def _names(provider: Provider) -> dict[str, Any]:
    return {"model_hash": provider.model_hash, "name": provider.name}


async def _reserved_in(connection: Connection, company: Company, micro_usd: int) -> date:
    """The month in which the money is set aside. Raises Refused where the limit is reached."""
    limit = company.model_limit_minor
    values = {
        "company_id": company.company_id,
        "timezone": company.timezone,
        "micro_usd": micro_usd,
        "limit_micro_usd": None if limit is None else limit * MICRO_USD_PER_CENT,
    }
    row = await (await connection.execute(sql.reserve_money.sql, values)).fetchone()
    if row is None:
        raise Refused("money")
    month: date = row[0]
    return month


async def _one(cursor: Any) -> Any:
    row = await cursor.fetchone()
    assert row is not None
    return row
