"""What Evolution posts -> deliveries: `{event, instance, data, sender, ...}` with Baileys' own
messages inside.

Subscribe it to MESSAGES_UPSERT, MESSAGES_UPDATE, MESSAGES_EDITED, MESSAGES_DELETE and
CONNECTION_UPDATE, one address for all events. What staff write from the phone comes as
`messages.upsert` too, and so may our own messages (evolution#1340): these are still PENDING, while
what comes from another device is not.
"""

import hashlib
from datetime import datetime
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

WHERE, URL, KEY = "Evolution", "VERNIS_EVOLUTION_URL", "VERNIS_EVOLUTION_API_KEY"

_STATES = {
    "open": ConnectionState.CONNECTED,
    "connecting": ConnectionState.CONNECTING,
    "close": ConnectionState.DISCONNECTED,
}
# Baileys' DisconnectReason: the device was unlinked, or the number is banned
_REASONS = {401: ConnectionState.LOGGED_OUT, 403: ConnectionState.RESTRICTED}
_EVENTS = {
    "SERVER_ACK": Event.ACCEPTED,
    "DELIVERY_ACK": Event.DELIVERED,
    "READ": Event.READ,
    "PLAYED": Event.READ,
    "ERROR": Event.FAILED,
}
_KINDS = {
    "conversation": MessageKind.TEXT,
    "extendedTextMessage": MessageKind.TEXT,
    "audioMessage": MessageKind.VOICE,
    "imageMessage": MessageKind.PHOTO,
    "stickerMessage": MessageKind.STICKER,
    "reactionMessage": MessageKind.REACTION,
}
_WRAPPERS = (
    "ephemeralMessage",
    "viewOnceMessage",
    "viewOnceMessageV2",
    "viewOnceMessageV2Extension",
    "documentWithCaptionMessage",
    "deviceSentMessage",
    "editedMessage",
)
_KEYS = "senderKeyDistributionMessage"  # beside what was written, or alone
_REVOKE = (0, "0", "REVOKE")  # proto.Message.ProtocolMessage.Type


def read(value: Any, *, now: datetime) -> tuple[Delivery, ...]:
    """What one webhook brings. Raises DataError where it is no object."""
    sent = body(value)
    instance, data = words(sent.get("instance")), sent.get("data")
    if not instance:
        return ()
    messages: list[Inbound | None] = []
    statuses: list[Status | None] = []
    news: list[AccountNews | None] = []
    event = sent.get("event")
    for item in objects(data):
        match event.lower().replace("_", ".") if isinstance(event, str) else None:
            case "messages.upsert":
                messages.append(_message(item, now))
            case "messages.edited":
                messages.append(_changed(item, sent, now))
            case "messages.delete":
                messages.append(_deleted(item, now))
            case "messages.update":
                statuses.append(_status(item, now))
            case "connection.update":
                news.append(_news(item, now))
    delivery = Delivery(
        channel="evolution",
        address=instance,
        messages=tuple(one for one in messages if one is not None),
        statuses=tuple(one for one in statuses if one is not None),
        news=tuple(one for one in news if one is not None),
    )
    return (delivery,) if delivery.messages or delivery.statuses or delivery.news else ()


def state(name: Any, reason: Any = None) -> Connected:
    """What the state of an instance comes to; `reason` is the number with which it was closed."""
    found = _STATES.get(name, ConnectionState.UNKNOWN) if isinstance(name, str) else None
    if found is ConnectionState.DISCONNECTED and isinstance(reason, int):
        found = _REASONS.get(reason, found)
    return states.connected(found or ConnectionState.UNKNOWN, where=WHERE, url=URL, key=KEY)


def _message(item: Fields, now: datetime) -> Inbound | None:
    key = fields(item.get("key"))
    at = moment(item.get("messageTimestamp"), now=now)
    content, kind = _content(fields(item.get("message")))
    inside = fields(content.get(kind)) if kind else {}
    if content and kind is None:  # nothing that anybody wrote
        return None
    if key.get("fromMe") is True and item.get("status") == "PENDING":
        return None
    if kind == "protocolMessage":
        return _edit(inside, key, at)
    if kind == "reactionMessage":
        text, quoted = inside.get("text"), fields(inside.get("key")).get("id")
    else:
        text = content.get("conversation") or inside.get("text") or inside.get("caption")
        quoted = _quoted(inside) or _quoted(item)
    return _inbound(
        key,
        at,
        message_id=identity(key.get("id")),
        kind=_KINDS.get(kind or "", MessageKind.OTHER),
        text=words(text) or None,
        quoted=identity(quoted),
    )


def _content(message: Fields) -> tuple[Fields, str | None]:
    """A message without its wrappers, and the name of what it holds."""
    for _ in range(4):
        wrapped = next((name for name in _WRAPPERS if name in message), None)
        if wrapped is None:
            break
        message = fields(fields(message[wrapped]).get("message"))
    named = (
        name
        for name in message
        if (name == "conversation" or name.endswith("Message")) and name != _KEYS
    )
    kinds = sorted(named, key=lambda name: name not in _KINDS and name != "protocolMessage")
    return message, kinds[0] if kinds else None


def _quoted(holder: Fields) -> Any:
    return fields(holder.get("contextInfo")).get("stanzaId")


def _changed(item: Fields, sent: Fields, now: datetime) -> Inbound | None:
    """`messages.edited` is the protocol message alone. Its key is the writer's own: where that
    names us as the chat, nobody can tell whose it is."""
    key = fields(item.get("key"))
    us = person(sent.get("sender"))
    if us is not None and us == person(key.get("remoteJid")):
        return None
    return _edit(item, {**key, "fromMe": False}, now)


def _edit(protocol: Fields, key: Fields, at: datetime) -> Inbound | None:
    """An edited or deleted message: `key` names the chat, the protocol message what is meant."""
    meant = identity(fields(protocol.get("key")).get("id"))
    if meant is None or key.get("fromMe") is True:
        return None
    if protocol.get("type") in _REVOKE and "editedMessage" not in protocol:
        return _deleted({**key, "id": meant}, at)
    content, kind = _content(fields(protocol.get("editedMessage")))
    inside = fields(content.get(kind)) if kind else {}
    text = words(content.get("conversation") or inside.get("text") or inside.get("caption"))
    if not text:
        return None
    mark = hashlib.sha256(text.encode()).hexdigest()[:16]  # a message may be edited many times
    return _inbound(
        key,
        moment(protocol.get("timestampMs"), now=at),
        message_id=f"edited:{meant}:{mark}",
        kind=MessageKind.EDITED,
        text=text,
        quoted=meant,
    )


def _deleted(key: Fields, at: datetime) -> Inbound | None:
    gone = identity(key.get("id"))
    if gone is None or key.get("fromMe") is True:
        return None
    return _inbound(
        key, at, message_id=f"deleted:{gone}", kind=MessageKind.DELETED, text=None, quoted=gone
    )


def _inbound(
    key: Fields,
    at: datetime,
    *,
    message_id: str | None,
    kind: str,
    text: str | None,
    quoted: str | None,
) -> Inbound | None:
    whose = person(
        key.get("remoteJid"),
        key.get("remoteJidAlt"),
        key.get("senderPn"),
        key.get("previousRemoteJid"),
        lid=key.get("senderLid"),
    )
    if message_id is None or whose is None:
        return None
    is_ours = key.get("fromMe") is True
    if is_ours and kind == MessageKind.REACTION:
        return None  # what staff do to messages does not answer anybody
    return Inbound(
        account_id=0,
        provider_message_id=message_id,
        received_at=at,
        phone=whose.phone,
        lid=whose.lid,
        text=text,
        kind=MessageKind.STAFF if is_ours else kind,
        quoted_message_id=quoted,
    )


def _status(item: Fields, now: datetime) -> Status | None:
    found = identity(item.get("keyId")) or identity(fields(item.get("key")).get("id"))
    said = item.get("status") or fields(item.get("update")).get("status")
    event = _EVENTS.get(said) if isinstance(said, str) else None
    is_ours = item.get("fromMe", fields(item.get("key")).get("fromMe")) is True
    if found is None or event is None or not is_ours:
        return None
    return Status(
        event=event,
        at=now,  # it does not say when
        provider_message_id=found,
        refusal=Refusal.OTHER if event is Event.FAILED else None,
    )


def _news(item: Fields, now: datetime) -> AccountNews | None:
    if not isinstance(item.get("state"), str):
        return None
    connected = state(item["state"], item.get("statusReason"))
    pause = states.PAUSES.get(connected.state)
    if item.get("statusReason") == 429 and pause is None:
        pause = PauseReason.RATE_LIMITED
    return AccountNews(at=now, connected=connected, pause=pause)
