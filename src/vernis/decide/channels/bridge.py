"""What the bridge posts, or AI Admin's own Baileys service in its place -> deliveries.

The bridge: `{account, messages?, statuses?, state?}`. AI Admin's: one bare message
`{from, message, timestamp, messageId}`, or `{messages, companyId}`; these are for the channel
`ai_admin`, and for the account whose address is the companyId, or `default`.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from vernis.decide.channels import states
from vernis.decide.channels.fields import Fields, body, fields, identity, moment, objects, words
from vernis.decide.channels.jids import person
from vernis.domain import (
    AccountNews,
    Connected,
    ConnectionState,
    Delivery,
    Event,
    Inbound,
    MessageKind,
    PauseReason,
    Status,
)
from vernis.errors import Refusal

DEFAULT = "default"  # the account of a bridge that has one login
# what it is to people, and the settings that hold its address and its secret
_SERVERS = {
    "baileys": ("the bridge", "VERNIS_BRIDGE_URL", "VERNIS_BRIDGE_SECRET"),
    "ai_admin": ("AI Admin's service", "VERNIS_AI_ADMIN_URL", "VERNIS_AI_ADMIN_SECRET"),
}

# What its words of a fault mean; those that are missing are doubtful.
REFUSALS = {
    "invalid": Refusal.INVALID,
    "too_large": Refusal.INVALID,
    "unauthorized": Refusal.UNAUTHORISED,
    "unknown_account": Refusal.LOGGED_OUT,
    "logged_out": Refusal.LOGGED_OUT,
    "not_on_whatsapp": Refusal.NOT_ON_CHANNEL,
    "not_connected": Refusal.NOT_CONNECTED,
    "restricted": Refusal.RESTRICTED,
    "rate_limited": Refusal.RATE_LIMITED,
}
_STATES = {
    "connected": ConnectionState.CONNECTED,
    "connecting": ConnectionState.CONNECTING,
    "qr": ConnectionState.LOGGED_OUT,
    "pairing": ConnectionState.LOGGED_OUT,
    "logged_out": ConnectionState.LOGGED_OUT,
    "restricted": ConnectionState.RESTRICTED,
    "disconnected": ConnectionState.DISCONNECTED,
}
# WhatsApp's own numbers for why a connection or a message failed
_PAUSES = {
    401: PauseReason.LOGGED_OUT,
    429: PauseReason.RATE_LIMITED,
    463: PauseReason.RESTRICTED,
}
_EVENTS = {
    "accepted": Event.ACCEPTED,
    "delivered": Event.DELIVERED,
    "read": Event.READ,
    "failed": Event.FAILED,
}


def message_id(account: str, key: str) -> str:
    """What the bridge will call the message with our key: it sends a name only once."""
    digest = hashlib.sha256(f"{account}\n{key}".encode()).hexdigest()
    return "3EB0" + digest[:36].upper()


def read(value: Any, *, now: datetime) -> tuple[Delivery, ...]:
    """What one webhook brings. Raises DataError where it is none of the three forms."""
    sent = body(value)
    channel, address = _whose(sent)
    messages = objects(sent.get("messages") if "messages" in sent else sent)
    delivery = Delivery(
        channel=channel,
        address=address,
        messages=tuple(m for item in messages if (m := _message(item, now)) is not None),
        statuses=tuple(
            s for item in objects(sent.get("statuses")) if (s := _status(item, now)) is not None
        ),
        news=tuple(
            n for item in objects(sent.get("state")) if (n := _news(item, channel, now)) is not None
        ),
    )
    return (delivery,) if delivery.messages or delivery.statuses or delivery.news else ()


def connected(
    state: ConnectionState, *, channel: str, limits: dict[str, Any] | None = None
) -> Connected:
    """A state with the sentence that names this channel's server and its settings."""
    where, url, key = _SERVERS[channel]
    return states.connected(state, where=where, url=url, key=key, limits=limits)


def state(said: Fields, *, channel: str = "baileys") -> Connected:
    """What `{state, limits?}` comes to; `connected` alone is how AI Admin's service puts it."""
    name = said.get("state")
    found = _STATES.get(name, ConnectionState.UNKNOWN) if isinstance(name, str) else None
    if found is None:
        is_connected = said.get("connected") is True
        found = ConnectionState.CONNECTED if is_connected else ConnectionState.DISCONNECTED
    limits = {
        key: value
        for key, value in fields(said.get("limits")).items()
        if isinstance(value, str | int | float | bool)
    }
    return connected(found, channel=channel, limits=limits)


def _whose(sent: Fields) -> tuple[str, str]:
    if (account := _login(sent.get("account"))) is not None:
        return "baileys", account
    return "ai_admin", identity(sent.get("companyId")) or DEFAULT


def _login(value: Any) -> str | None:
    """A login's name: people choose it, so it may be in any script."""
    name = words(value)
    return name if name and len(name) <= 100 else None


def _message(item: Fields, now: datetime) -> Inbound | None:
    message_id = identity(item.get("messageId"))
    whose = person(item.get("from"), item.get("phone"), lid=item.get("lid"))
    if message_id is None or whose is None:
        return None
    kind, text = words(item.get("kind")), words(item.get("message"))
    return Inbound(
        account_id=0,
        provider_message_id=message_id,
        received_at=moment(item.get("timestamp"), now=now),
        phone=whose.phone,
        lid=whose.lid,
        text=text,
        kind=kind if kind in _KINDS else MessageKind.OTHER if kind else MessageKind.TEXT,
        quoted_message_id=identity(item.get("quotedMessageId")),
    )


_KINDS = frozenset(MessageKind)


def _status(item: Fields, now: datetime) -> Status | None:
    message_id, said = identity(item.get("messageId")), item.get("status")
    event = _EVENTS.get(said) if isinstance(said, str) else None
    if message_id is None or event is None:
        return None
    fault = item.get("error")
    refusal = REFUSALS.get(fault, Refusal.OTHER) if isinstance(fault, str) else Refusal.OTHER
    return Status(
        event=event,
        at=moment(item.get("timestamp"), now=now),
        provider_message_id=message_id,
        refusal=refusal if event is Event.FAILED else None,
    )


def _news(item: Fields, channel: str, now: datetime) -> AccountNews | None:
    if not isinstance(item.get("state"), str):
        return None
    found = state(item, channel=channel)
    code = item.get("code")
    pause = _PAUSES.get(code) if isinstance(code, int) else None
    if item["state"] not in {"qr", "pairing"}:  # somebody is linking it at this moment
        pause = states.PAUSES.get(found.state) or pause
    at = moment(item.get("timestamp"), now=now)
    if found.state is ConnectionState.CONNECTED:
        pause = None
    return AccountNews(at=at, connected=found, pause=pause)


def retry_after(said: Fields) -> timedelta | None:
    """The bridge's `retryAfter`, in seconds, a day at most."""
    seconds = said.get("retryAfter")
    if not isinstance(seconds, int | float) or isinstance(seconds, bool) or not seconds >= 0:
        return None
    return timedelta(seconds=min(seconds, 86_400))
