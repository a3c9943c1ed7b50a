"""WhatsApp by Baileys: our bridge (`baileys`), or AI Admin's own service in its place (`ai_admin`).

Both speak `POST /send` and `GET /health`. Our bridge takes our key besides, and delivers a
repeated one once; it reports deliveries, looks numbers up and tells LIDs.
"""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from vernis.adapters.channel_http import Answer, Http, judged, not_connected
from vernis.decide.channels import bridge, bridge_signature
from vernis.decide.channels.fields import fields, identity, objects
from vernis.domain import Abilities, Account, Connected, ConnectionState, Outgoing, Receipt
from vernis.errors import ChannelError, OutcomeUnknownError, Refusal, RefusedError
from vernis.ports import Clock

ABILITIES = {
    "baileys": Abilities(
        repeats_are_safe=True, reports_delivery=True, looks_up=True, human_pace=True
    ),
    "ai_admin": Abilities(human_pace=True),
}
_NUMBERS = 50  # that the bridge looks up at once
_TEMPORARY = {Refusal.NOT_CONNECTED, Refusal.RATE_LIMITED}
_NOT_OURS = (
    "This is not Vernis's bridge: it would send a repeated message again. Make it an account of the"
    " channel ai_admin, or let VERNIS_BRIDGE_URL name the bridge."
)


class Bridge:
    """One bridge; the address of an account is its login there, `default` where it has none."""

    def __init__(self, base_url: str, secret: str, clock: Clock, *, name: str = "baileys") -> None:
        self.name = name
        self.abilities = ABILITIES[name]
        self._secret = secret
        self._clock = clock
        self._http = Http(base_url)
        self._knows_ids = self.abilities.repeats_are_safe

    def message_id(self, account: Account, message: Outgoing) -> str | None:
        return bridge.message_id(_login(account), message.key) if self._knows_ids else None

    async def send(self, account: Account, message: Outgoing) -> Receipt:
        answer = await self._call("POST", "/send", self._letter(account, message))
        said = answer.fields
        if not answer.is_success or said.get("success") is not True:
            raise _fault(answer)
        if (message_id := identity(said.get("messageId"))) is None:
            raise OutcomeUnknownError("The bridge took the message but did not name it.")
        return Receipt(provider_message_id=message_id, accepted_at=self._clock())

    def _letter(self, account: Account, message: Outgoing) -> dict[str, Any]:
        if not self._knows_ids:
            if message.phone is None:
                raise RefusedError("phone_unknown", refusal=Refusal.INVALID)
            return {"phone": message.phone, "message": message.text}
        whose = {"phone": message.phone} if message.phone else {"lid": message.lid}
        letter = {"account": _login(account), "message": message.text, "id": message.key}
        return letter | whose

    async def look_up(self, account: Account, phones: Sequence[str]) -> dict[str, bool]:
        told: dict[str, bool] = {}
        if not self.abilities.looks_up:
            return told
        for start in range(0, len(phones), _NUMBERS):
            asked = list(phones[start : start + _NUMBERS])
            body = {"account": _login(account), "phones": asked}
            try:
                answer = await self._call("POST", "/numbers", body)
            except ChannelError:
                break
            if not answer.is_success:
                break
            for number in objects(answer.fields.get("numbers")):
                phone, exists = number.get("phone"), number.get("exists")
                if phone in asked and isinstance(exists, bool):
                    told[phone] = exists
        return told

    async def connection(self, account: Account) -> Connected:
        login = quote(_login(account), safe="")
        path = f"/health?account={login}" if self._knows_ids else "/health"
        try:
            health = await self._call("GET", path)
        except ChannelError:
            return self._is(ConnectionState.UNREACHABLE)
        if health.fields.get("error") == "unauthorized" or health.status == 401:
            return self._is(ConnectionState.UNAUTHORISED)
        if health.fields.get("error") == "unknown_account":
            return self._is(ConnectionState.LOGGED_OUT)
        if "connected" not in health.fields:
            return self._is(ConnectionState.UNREACHABLE)
        if not self._knows_ids:
            return bridge.state(health.fields, channel=self.name)
        if health.fields.get("ids") is not True:
            return Connected(state=ConnectionState.DISCONNECTED, says=_NOT_OURS)
        said = dict(health.fields) | await self._account(login)
        return bridge.state(said, channel=self.name)

    def _is(self, state: ConnectionState) -> Connected:
        return bridge.connected(state, channel=self.name)

    async def _account(self, login: str) -> dict[str, Any]:
        """State and limits of a login, as far as the bridge tells."""
        try:
            answer = await self._call("GET", f"/accounts/{login}")
        except ChannelError:
            return {}
        return dict(answer.fields) if answer.is_success else {}

    async def _call(self, method: str, path: str, body: Any = None) -> Answer:
        content = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        signed = bridge_signature.of_request(
            self._secret, method=method, path=path, content=content, now=self._clock()
        )
        return await self._http.call(method, path, content=content or None, headers=signed)

    async def aclose(self) -> None:
        await self._http.aclose()


def _login(account: Account) -> str:
    return account.address or bridge.DEFAULT


def _fault(answer: Answer) -> ChannelError:
    """What the bridge's own word for it means; without one it goes by the status alone."""
    said = fields(answer.body)
    code = identity(said.get("error"))
    refusal = bridge.REFUSALS.get(code) if code else None
    if refusal is None:
        if answer.is_success or code in {"outcome_unknown", "fault"}:
            return OutcomeUnknownError("The bridge does not know whether the message left.")
        return judged(answer, code)
    if refusal is Refusal.NOT_CONNECTED:
        return not_connected(code or "")
    temporary = said.get("temporary")
    return RefusedError(
        code or "",
        refusal=refusal,
        temporary=temporary if isinstance(temporary, bool) else refusal in _TEMPORARY,
        retry_after=bridge.retry_after(said) or answer.retry_after,
    )
