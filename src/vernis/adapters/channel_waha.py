"""WhatsApp through WAHA, by its HTTP API (OpenAPI 2024.9): a session is an account's address.

WAHA does not take our key: a repeat would be a second message, and a lost answer is a doubt.
"""

import re
from collections.abc import Sequence
from urllib.parse import quote

from vernis.adapters.channel_http import Answer, Http, judged, not_connected
from vernis.decide.channels import states, waha
from vernis.decide.channels.fields import fields
from vernis.domain import Abilities, Account, Connected, ConnectionState, Outgoing, Receipt
from vernis.errors import ChannelError, OutcomeUnknownError, Refusal, RefusedError
from vernis.ports import Clock

ABILITIES = Abilities(reports_delivery=True, looks_up=True, human_pace=True)
# Faults of its engines come as 500 with WhatsApp's own words (waha#1714, #2094): these are said
# before the message is on its way, or by WhatsApp's server instead of taking it.
_ENGINE = (
    (
        re.compile(r"no lid (?:found )?for|not on whatsapp|wid error", re.IGNORECASE),
        Refusal.NOT_ON_CHANNEL,
    ),
    (re.compile(r"\b463\b"), Refusal.RESTRICTED),
    (re.compile(r"\b429\b|rate-overlimit", re.IGNORECASE), Refusal.RATE_LIMITED),
)


class Waha:
    """One WAHA server."""

    name = "waha"
    abilities = ABILITIES

    def __init__(self, base_url: str, api_key: str, clock: Clock) -> None:
        self._clock = clock
        self._http = Http(base_url, headers={"x-api-key": api_key})

    def message_id(self, account: Account, message: Outgoing) -> str | None:  # noqa: ARG002
        return None

    async def send(self, account: Account, message: Outgoing) -> Receipt:
        chat = f"{message.phone}@c.us" if message.phone else f"{message.lid}@lid"
        letter = {"session": _session(account), "chatId": chat, "text": message.text}
        answer = await self._http.call("POST", "/api/sendText", body=letter)
        if not answer.is_success:
            raise _fault(answer)
        if (message_id := waha.sent_id(answer.fields)) is None:
            raise OutcomeUnknownError("WAHA took the message but did not name it.")
        return Receipt(provider_message_id=message_id, accepted_at=self._clock())

    async def look_up(self, account: Account, phones: Sequence[str]) -> dict[str, bool]:
        told: dict[str, bool] = {}
        for phone in phones:
            asked = {"phone": phone, "session": _session(account)}
            try:
                answer = await self._http.call("GET", "/api/contacts/check-exists", params=asked)
            except ChannelError:
                break
            exists = answer.fields.get("numberExists")
            if not answer.is_success or not isinstance(exists, bool):
                break
            told[phone] = exists
        return told

    async def connection(self, account: Account) -> Connected:
        try:
            answer = await self._http.call(
                "GET", f"/api/sessions/{quote(_session(account), safe='')}"
            )
        except ChannelError:
            return _is(ConnectionState.UNREACHABLE)
        if answer.status in {401, 403}:
            return _is(ConnectionState.UNAUTHORISED)
        if answer.status == 404:
            return _is(ConnectionState.LOGGED_OUT)
        if not answer.is_success or "status" not in answer.fields:
            return _is(ConnectionState.UNREACHABLE)
        return waha.state(answer.fields["status"])

    async def aclose(self) -> None:
        await self._http.aclose()


def _session(account: Account) -> str:
    return account.address or "default"


def _is(state: ConnectionState) -> Connected:
    return states.connected(state, where=waha.WHERE, url=waha.URL, key=waha.KEY)


def _fault(answer: Answer) -> ChannelError:
    said = answer.fields
    if answer.status == 404:  # no such session
        return RefusedError("session_unknown", refusal=Refusal.LOGGED_OUT)
    if answer.status == 422 and "status" in said:  # the session is not at work
        if waha.STATES.get(said["status"]) is ConnectionState.LOGGED_OUT:
            return RefusedError("session_logged_out", refusal=Refusal.LOGGED_OUT)
        return not_connected("session_not_working")
    words = str(fields(said.get("exception")).get("message", ""))
    for pattern, refusal in _ENGINE:
        if answer.status == 500 and pattern.search(words):
            is_rate = refusal is Refusal.RATE_LIMITED
            return RefusedError(refusal.value, refusal=refusal, temporary=is_rate)
    return judged(answer)
