"""A channel that delivers into a table: everything is real but the client's phone.

`vernis sandbox` shows it like a chat. The account's settings make it misbehave, for rehearsals
and tests: `fail` (every n-th message is refused, with `fail_code`), `lose` (every n-th answer is
lost after the delivery) and `slow_ms` (each call takes that long).
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from vernis.domain import Abilities, Account, Connected, ConnectionState, Outgoing, Receipt
from vernis.errors import ChannelError, OutcomeUnknownError, RefusedError
from vernis.ports import Clock, Connection, Database
from vernis.sql import load

sql = load("sandbox")


@dataclass(frozen=True, slots=True)
class _Call:
    message: Outgoing
    answer: "asyncio.Future[Receipt]"


class Sandbox:
    """The sandbox of all companies. Calls that arrive together are stored together.

    With `forgetful` it plays a channel that does not know our ids: a repeat is delivered again.
    """

    name = "sandbox"

    def __init__(self, db: Database, clock: Clock, *, forgetful: bool = False) -> None:
        self._db = db
        self._clock = clock
        self.abilities = Abilities(repeats_are_safe=not forgetful)
        self._arriving: dict[int, list[_Call]] = {}
        self._numbers: dict[int, int] = {}  # calls so far, by account

    def message_id(self, account: Account, message: Outgoing) -> str:  # noqa: ARG002
        return f"sandbox-{message.key}"

    async def look_up(self, account: Account, phones: Sequence[str]) -> dict[str, bool]:  # noqa: ARG002
        return {}

    async def connection(self, account: Account) -> Connected:  # noqa: ARG002
        return Connected(state=ConnectionState.CONNECTED)

    async def aclose(self) -> None:
        return

    async def send(self, account: Account, message: Outgoing) -> Receipt:  # noqa: ARG002
        call = _Call(message, asyncio.get_running_loop().create_future())
        arriving = self._arriving.setdefault(message.company_id, [])
        arriving.append(call)
        if len(arriving) == 1:
            await asyncio.sleep(0)  # let the others that are ready join
            await self._answer(message.company_id, self._arriving.pop(message.company_id))
        return await call.answer

    async def _answer(self, company_id: int, calls: list[_Call]) -> None:
        try:
            async with self._db.tenant(company_id) as connection:
                behaviours = await self._behaviours(connection, company_id)
                answers = [self._decide(call.message, behaviours) for call in calls]
                kept = [
                    call.message
                    for call, answer in zip(calls, answers, strict=True)
                    if not isinstance(answer, RefusedError)
                ]
                await self._deliver(connection, company_id, kept)
            slow = max(behaviour.get("slow_ms", 0) for behaviour in behaviours.values())
            await asyncio.sleep(slow / 1000)
        except Exception as error:
            answers = [OutcomeUnknownError(f"The sandbox broke off: {type(error).__name__}.")]
            answers *= len(calls)
        for call, answer in zip(calls, answers, strict=True):
            if isinstance(answer, Receipt):
                call.answer.set_result(answer)
            else:
                call.answer.set_exception(answer)

    def _decide(
        self, message: Outgoing, behaviours: dict[int, dict[str, Any]]
    ) -> Receipt | ChannelError:
        behaviour = behaviours[message.account_id]
        number = self._numbers[message.account_id] = self._numbers.get(message.account_id, 0) + 1
        if (every := behaviour.get("fail")) and number % every == 0:
            return RefusedError(behaviour.get("fail_code", "sandbox_refused"))
        if (every := behaviour.get("lose")) and number % every == 0:
            return OutcomeUnknownError("The sandbox lost its answer.")
        return Receipt(provider_message_id=f"sandbox-{message.key}", accepted_at=self._clock())

    async def _behaviours(
        self, connection: Connection, company_id: int
    ) -> dict[int, dict[str, Any]]:
        cursor = await connection.execute(sql.behaviours.sql, {"company_id": company_id})
        return {row[0]: row[1] for row in await cursor.fetchall()}

    async def _deliver(
        self, connection: Connection, company_id: int, messages: list[Outgoing]
    ) -> None:
        values: dict[str, Any] = {"company_id": company_id, "now": self._clock()}
        values |= {
            "accounts": [message.account_id for message in messages],
            "phones": [message.phone or f"lid:{message.lid}" for message in messages],
            "bodies": [message.text for message in messages],
            "keys": [message.key for message in messages],
            "again": not self.abilities.repeats_are_safe,
        }
        await connection.execute(sql.deliver.sql, values)
