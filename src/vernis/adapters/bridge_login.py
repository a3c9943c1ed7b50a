"""Linking a phone to the bridge: by QR code, by pairing code, or on the bridge's own page."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from vernis.adapters.channel_http import Http
from vernis.decide.channels import bridge, bridge_signature
from vernis.decide.channels.fields import words
from vernis.domain import ConnectionState
from vernis.errors import ChannelError, UnavailableError, UsageError
from vernis.ports import Clock

_NOT_THERE = "The bridge does not answer: start it, or correct VERNIS_BRIDGE_URL."


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginState:
    """How far a login is. `qr` is the text of a QR code, `pairing_code` what is typed on the phone;
    both change while it lasts. `over` says in one word why it came to nothing."""

    state: ConnectionState
    qr: str | None = field(default=None, repr=False)
    pairing_code: str | None = field(default=None, repr=False)
    over: str | None = None

    @property
    def is_linked(self) -> bool:
        return self.state in {ConnectionState.CONNECTED, ConnectionState.RESTRICTED}


class BridgeLogin:
    """The logins of one bridge. Every call raises UnavailableError where the bridge is away, and
    UsageError with its own sentence where it says no."""

    def __init__(self, base_url: str, secret: str, clock: Clock) -> None:
        self._http = Http(base_url)
        self._secret = secret
        self._clock = clock

    async def begin(self, login: str, phone: str | None = None) -> LoginState:
        """Begin a login; with a phone (E.164 digits) by pairing code."""
        asked = {"account": login} | ({"phone": phone} if phone else {})
        return _state(await self._call("POST", "/accounts", asked))

    async def look(self, login: str) -> LoginState:
        return _state(await self._call("GET", f"/accounts/{quote(login, safe='')}"))

    async def link(self, login: str) -> str | None:
        """The address of a page with the same codes, for 15 minutes; None where there is none."""
        path = f"/accounts/{quote(login, safe='')}/login-link"
        return words((await self._call("POST", path, {})).get("url"))

    async def forget(self, login: str) -> None:
        """Log out, and forget the session; a login that the bridge does not know is forgotten."""
        await self._call("DELETE", f"/accounts/{quote(login, safe='')}", may_be_unknown=True)

    async def aclose(self) -> None:
        await self._http.aclose()

    async def _call(
        self, method: str, path: str, body: Any = None, *, may_be_unknown: bool = False
    ) -> dict[str, Any]:
        content = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        signed = bridge_signature.of_request(
            self._secret, method=method, path=path, content=content, now=self._clock()
        )
        try:
            answer = await self._http.call(method, path, content=content or None, headers=signed)
        except ChannelError:
            raise UnavailableError(_NOT_THERE) from None
        if answer.status == 401:
            raise UsageError(
                "The bridge does not accept our signature: set VERNIS_BRIDGE_SECRET to the secret"
                " that it was started with, and look whether both clocks are right."
            )
        is_unknown = may_be_unknown and answer.fields.get("error") == "unknown_account"
        if not answer.is_success and not is_unknown:
            said = words(answer.fields.get("message"))
            raise UsageError(said or f"The bridge said no ({answer.status}); its log says why.")
        return dict(answer.fields)


def _state(said: dict[str, Any]) -> LoginState:
    name, reason = words(said.get("state")), words(said.get("reason"))
    linking = name in {"connecting", "qr", "pairing"}
    over = None if linking or name in {"connected", "restricted"} else (reason or name or "unknown")
    if name == "disconnected" and reason != "qr_expired":
        over = None  # it connects again by itself
    return LoginState(
        state=bridge.state(said).state,
        qr=words(said.get("qr")),
        pairing_code=words(said.get("pairingCode")),
        over=over,
    )
