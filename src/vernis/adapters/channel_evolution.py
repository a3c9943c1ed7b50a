"""WhatsApp through Evolution, by its HTTP API (OpenAPI v2): an instance is an account's address.

Evolution does not take our key: a repeat would be a second message, and a lost answer is a doubt.
It says 400 to whatever fails, even after the message has left (its own database, for one): only
what is certainly said before is a refusal.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from vernis.adapters.channel_http import Answer, Http, judged, not_connected
from vernis.decide.channels import evolution, states
from vernis.decide.channels.fields import fields, identity, objects
from vernis.domain import Abilities, Account, Connected, ConnectionState, Outgoing, Receipt
from vernis.errors import ChannelError, OutcomeUnknownError, Refusal, RefusedError
from vernis.ports import Clock

ABILITIES = Abilities(reports_delivery=True, looks_up=True, human_pace=True)
_NUMBERS = 50  # asked about at once
# Words of its own and of Baileys that are said before a message is on its way.
_BEFORE = (
    (re.compile(r"Connection Closed", re.IGNORECASE), Refusal.NOT_CONNECTED),
    (re.compile(r"rate-overlimit", re.IGNORECASE), Refusal.RATE_LIMITED),
    (re.compile(r"requires property|does not meet|is not of a type|is required"), Refusal.INVALID),
)


class Evolution:
    """One Evolution server."""

    name = "evolution"
    abilities = ABILITIES

    def __init__(self, base_url: str, api_key: str, clock: Clock) -> None:
        self._clock = clock
        self._http = Http(base_url, headers={"apikey": api_key})

    def message_id(self, account: Account, message: Outgoing) -> str | None:  # noqa: ARG002
        return None

    async def send(self, account: Account, message: Outgoing) -> Receipt:
        number = message.phone or f"{message.lid}@lid"
        letter = {"number": number, "text": message.text, "linkPreview": False}
        answer = await self._call(account, "POST", "/message/sendText", letter)
        if not answer.is_success:
            raise _fault(answer)
        message_id = identity(fields(answer.fields.get("key")).get("id"))
        if message_id is None:
            raise OutcomeUnknownError("Evolution took the message but did not name it.")
        return Receipt(provider_message_id=message_id, accepted_at=self._clock())

    async def look_up(self, account: Account, phones: Sequence[str]) -> dict[str, bool]:
        told: dict[str, bool] = {}
        for start in range(0, len(phones), _NUMBERS):
            asked = list(phones[start : start + _NUMBERS])
            try:
                answer = await self._call(
                    account, "POST", "/chat/whatsappNumbers", {"numbers": asked}
                )
            except ChannelError:
                break
            if not answer.is_success:
                break
            for number in objects(answer.body):
                phone, exists = number.get("number"), number.get("exists")
                if phone in asked and isinstance(exists, bool):
                    told[phone] = exists
        return told

    async def connection(self, account: Account) -> Connected:
        try:
            answer = await self._call(account, "GET", "/instance/connectionState")
        except ChannelError:
            return _is(ConnectionState.UNREACHABLE)
        if answer.status in {401, 403}:
            return _is(ConnectionState.UNAUTHORISED)
        if answer.status == 404:
            return _is(ConnectionState.LOGGED_OUT)
        instance = fields(answer.fields.get("instance"))
        if not answer.is_success or "state" not in instance:
            return _is(ConnectionState.UNREACHABLE)
        return evolution.state(instance["state"])

    async def _call(
        self, account: Account, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> Answer:
        instance = quote(account.address or "default", safe="")
        return await self._http.call(method, f"{path}/{instance}", body=body)

    async def aclose(self) -> None:
        await self._http.aclose()


def _is(state: ConnectionState) -> Connected:
    return states.connected(state, where=evolution.WHERE, url=evolution.URL, key=evolution.KEY)


def _fault(answer: Answer) -> ChannelError:
    if answer.status == 404:  # no such instance
        return RefusedError("instance_unknown", refusal=Refusal.LOGGED_OUT)
    said = fields(answer.fields.get("response")).get("message")
    told = said if isinstance(said, list) else [said]
    if any(isinstance(one, dict) and one.get("exists") is False for one in told):
        return RefusedError("not_on_whatsapp", refusal=Refusal.NOT_ON_CHANNEL)
    words = " ".join(str(one) for one in told)
    for pattern, refusal in _BEFORE:
        if pattern.search(words):
            if refusal is Refusal.NOT_CONNECTED:
                return not_connected("connection_closed")
            is_rate = refusal is Refusal.RATE_LIMITED
            return RefusedError(refusal.value, refusal=refusal, temporary=is_rate)
    if answer.status == 400:
        return OutcomeUnknownError("Evolution failed at a moment that it does not name.")
    return judged(answer)
