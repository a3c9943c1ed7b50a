"""How an account stands, in one sentence that says what to do."""

from datetime import datetime
from shlex import quote
from zoneinfo import ZoneInfo

from vernis.decide.pausing import CURED_BY_CONNECTION
from vernis.domain import ConnectionState, PauseReason
from vernis.errors import Refusal

# What has to be set for a channel to be there.
NEEDS = {
    "baileys": "VERNIS_BRIDGE_URL and VERNIS_BRIDGE_SECRET",
    "ai_admin": "VERNIS_AI_ADMIN_URL",
    "cloud": "VERNIS_CLOUD_TOKEN or VERNIS_CLOUD_APP_SECRET",
    "waha": "VERNIS_WAHA_URL and VERNIS_WAHA_API_KEY",
    "evolution": "VERNIS_EVOLUTION_URL and VERNIS_EVOLUTION_API_KEY",
}

WHY = {
    PauseReason.BY_HAND: "somebody paused it",
    PauseReason.FEW_REPLIES: "under a tenth of the new clients answer",
    PauseReason.MANY_FAILURES: "more than 30% of its last messages failed",
    PauseReason.NOT_DELIVERED: "more than half of its last messages were not delivered in an hour",
    PauseReason.RATE_LIMITED: "the channel asked it to slow down",
    PauseReason.RESTRICTED: "WhatsApp lets this number open no new chats",
    PauseReason.LOGGED_OUT: "it is logged out",
    PauseReason.UNAUTHORISED: "its access token or key is not accepted",
    PauseReason.QUALITY: "WhatsApp rates the quality of this number low",
    PauseReason.TEMPLATE: "it has no approved template",
}
REFUSED = {
    Refusal.NOT_ON_CHANNEL: "this phone is not there",
    Refusal.STOPPED: "the client has stopped our messages there",
    Refusal.CAPPED: "the client has had enough messages from all senders for some days",
    Refusal.WINDOW: "free text may be sent only within a day after the client wrote",
    Refusal.TEMPLATE: "its template was paused, not approved or not there",
    Refusal.RATE_LIMITED: "it was too fast",
    Refusal.RESTRICTED: "the number may open no new chats",
    Refusal.LOGGED_OUT: "the account was logged out",
    Refusal.UNAUTHORISED: "its access token or key was not accepted",
    Refusal.NOT_CONNECTED: "there was no connection",
    Refusal.INVALID: "it does not take such a message",
    Refusal.OTHER: "for a reason of its own",
}
_CURES = {
    PauseReason.LOGGED_OUT: "link it again (`vernis account login {name}`)",
    PauseReason.UNAUTHORISED: "give another one (`vernis account set {name} --token-stdin`)",
    PauseReason.TEMPLATE: "have it approved or set another (`vernis account set {name} template=`)",
}
_CONNECTIONS = {
    ConnectionState.UNKNOWN: "nobody has asked it yet: `vernis account check {name}` does",
    ConnectionState.CONNECTED: "connected",
    ConnectionState.CONNECTING: "connecting: wait a minute",
    ConnectionState.DISCONNECTED: "not connected to WhatsApp: look whether phone and server are"
    " online",
    ConnectionState.LOGGED_OUT: "logged out: link it with `vernis account login {name}`",
    ConnectionState.RESTRICTED: "restricted by WhatsApp: let it rest",
    ConnectionState.UNAUTHORISED: "not let in: `vernis account set {name} --token-stdin` gives"
    " another token, or correct the channel's key",
    ConnectionState.UNREACHABLE: "away: its bridge, gateway or API does not answer; start it",
    ConnectionState.TEMPLATE_MISSING: "without an approved template: set one with"
    " `vernis account set {name} template=NAME:LANGUAGE`",
}


def connection(name: str, state: ConnectionState) -> str:
    """`name` is what people call the account."""
    return _CONNECTIONS[state].format(name=quote(name))


def pause(
    name: str,
    reason: PauseReason,
    *,
    since: datetime | None,
    until: datetime | None,
    zone: ZoneInfo,
) -> str:
    """Why an account rests and what ends it; moments are told in the company's time."""
    called = quote(name)
    began = f" since {_told(since, zone)}" if since is not None else ""
    why = f"paused{began}: {WHY[reason]}; "
    if until is not None:
        return (
            f"{why}it goes on by itself on {_told(until, zone)},"
            f" or at once with `vernis account resume {called}`"
        )
    if reason in CURED_BY_CONNECTION:
        return f"{why}{_CURES[reason].format(name=called)}, then it goes on by itself"
    return f"{why}resume it with `vernis account resume {called}`"


def not_set_up(channel: str) -> str:
    """What to do where an account's channel is not there."""
    if channel in NEEDS:
        return f"The channel {channel} is not set up: set {NEEDS[channel]}."
    return f"There is no channel «{channel}»; there are: sandbox, {', '.join(NEEDS)}."


def _told(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"
