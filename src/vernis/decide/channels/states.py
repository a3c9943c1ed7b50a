"""The state of a number that is logged in like a phone, and what to do about it."""

from typing import Any

from vernis.domain import Connected, ConnectionState, PauseReason

_SAYS = {
    ConnectionState.CONNECTED: None,
    ConnectionState.UNKNOWN: "{where} does not say whether this account is connected.",
    ConnectionState.CONNECTING: "{where} is connecting this account: wait a minute.",
    ConnectionState.DISCONNECTED: "{where} has lost its connection to WhatsApp for this account:"
    " look whether the phone and the server are online.",
    ConnectionState.LOGGED_OUT: "This account is logged out: link it again in {where}, by QR code"
    " or pairing code.",
    ConnectionState.RESTRICTED: "WhatsApp restricts this number: let it rest until that is lifted.",
    ConnectionState.UNAUTHORISED: "{where} does not accept our key: set {key} to the one that it"
    " was started with.",
    ConnectionState.UNREACHABLE: "{where} does not answer: start it, or correct {url}.",
}

# What has to stop a run until somebody looks.
PAUSES = {
    ConnectionState.LOGGED_OUT: PauseReason.LOGGED_OUT,
    ConnectionState.RESTRICTED: PauseReason.RESTRICTED,
    ConnectionState.UNAUTHORISED: PauseReason.UNAUTHORISED,
}


def connected(
    state: ConnectionState,
    *,
    where: str,
    url: str = "",
    key: str = "",
    limits: dict[str, Any] | None = None,
) -> Connected:
    """A state and its sentence.

    `where` names the server at the beginning of a sentence; `url` and `key` are the settings that
    hold its address and its secret.
    """
    says = _SAYS.get(state)
    if says is not None:
        said = says.format(where=where, url=url, key=key)
        says = said[:1].upper() + said[1:]
    return Connected(state=state, says=says, limits=limits or {})
