"""What WAHA posts -> deliveries. Shapes: its OpenAPI file (webhooks) and, for events that came
later, https://waha.devlike.pro/docs/how-to/events/.

Subscribe it to `message.any`, `message.ack`, `message.reaction`, `message.edited`,
`message.revoked` and `session.status`. `message.any` brings what staff write from the phone too,
and our own messages: newer versions call these `source: api`, others are told apart by their ids
where they are taken in.
"""

from datetime import datetime
from typing import Any

from vernis.decide.channels import states
from vernis.decide.channels.fields import Fields, body, fields, identity, moment, words
from vernis.decide.channels.jids import Person, chat_of, own_id, person
from vernis.domain import (
    AccountNews,
    Connected,
    ConnectionState,
    Delivery,
    Event,
    Inbound,
    MessageKind,
    Status,
)
from vernis.errors import Refusal

WHERE, URL, KEY = "WAHA", "VERNIS_WAHA_URL", "VERNIS_WAHA_API_KEY"

STATES = {
    "WORKING": ConnectionState.CONNECTED,
    "STARTING": ConnectionState.CONNECTING,
    "SCAN_QR_CODE": ConnectionState.LOGGED_OUT,
    "STOPPED": ConnectionState.DISCONNECTED,
    "FAILED": ConnectionState.DISCONNECTED,
}
# WAMessageAck: -1 error, 0 pending, 1 server, 2 device, 3 read, 4 played
_ACKS = {-1: Event.FAILED, 1: Event.ACCEPTED, 2: Event.DELIVERED, 3: Event.READ, 4: Event.READ}
_KINDS = {
    "chat": MessageKind.TEXT,
    "ptt": MessageKind.VOICE,
    "audio": MessageKind.VOICE,
    "image": MessageKind.PHOTO,
    "sticker": MessageKind.STICKER,
}
_MEDIA = {
    "audio/": MessageKind.VOICE,
    "image/webp": MessageKind.STICKER,
    "image/": MessageKind.PHOTO,
}


def read(value: Any, *, now: datetime) -> tuple[Delivery, ...]:
    """What one webhook brings: one event. Raises DataError where it is no object."""
    sent = body(value)
    session, payload = words(sent.get("session")), fields(sent.get("payload"))
    if not session:
        return ()
    said_at = moment(sent.get("timestamp"), now=now)
    messages: Inbound | None = None
    status: Status | None = None
    news: AccountNews | None = None
    match sent.get("event"):
        case "message" | "message.any":
            messages = _message(payload, said_at)
        case "message.reaction":
            messages = _reaction(payload, said_at)
        case "message.edited":
            messages = _edited(payload, said_at)
        case "message.revoked":
            messages = _revoked(payload, said_at)
        case "message.ack":
            status = _status(payload, said_at)
        case "session.status":
            news = _news(payload, said_at)
    if messages is None and status is None and news is None:
        return ()
    return (
        Delivery(
            channel="waha",
            address=session,
            messages=(messages,) if messages else (),
            statuses=(status,) if status else (),
            news=(news,) if news else (),
        ),
    )


def state(status: Any) -> Connected:
    """What a session's status comes to."""
    found = STATES.get(status) if isinstance(status, str) else None
    return states.connected(found or ConnectionState.UNKNOWN, where=WHERE, url=URL, key=KEY)


def sent_id(answer: Fields) -> str | None:
    """The id of a message that was sent: of a WAMessage, or of what its engines give as it is."""
    said = answer.get("id")
    if isinstance(said, dict):  # WEBJS: {fromMe, remote, id, _serialized}
        said = said.get("_serialized") or said.get("id")
    return own_id(said) or own_id(fields(answer.get("key")).get("id"))


def _message(payload: Fields, said_at: datetime) -> Inbound | None:
    return _inbound(
        payload,
        said_at,
        kind=_kind(payload),
        text=words(payload.get("body")) or None,
        quoted=own_id(fields(payload.get("replyTo")).get("id")),
    )


def _reaction(payload: Fields, said_at: datetime) -> Inbound | None:
    reaction = fields(payload.get("reaction"))
    return _inbound(
        payload,
        said_at,
        kind=MessageKind.REACTION,
        text=words(reaction.get("text")) or None,
        quoted=own_id(reaction.get("messageId")),
    )


def _edited(payload: Fields, said_at: datetime) -> Inbound | None:
    return _inbound(
        payload,
        said_at,
        kind=MessageKind.EDITED,
        text=words(payload.get("body")) or None,
        quoted=own_id(payload.get("editedMessageId")),
    )


def _revoked(payload: Fields, said_at: datetime) -> Inbound | None:
    after, before = fields(payload.get("after")), fields(payload.get("before"))
    known = before or after
    gone = own_id(payload.get("revokedMessageId")) or own_id(known.get("id"))
    if gone is None:
        return None
    # it has no id of its own: the revoked one may be told of twice, and is taken back once
    return _inbound(
        known,
        said_at,
        kind=MessageKind.DELETED,
        text=None,
        quoted=gone,
        message_id=f"deleted:{gone}",
    )


def _inbound(
    payload: Fields,
    said_at: datetime,
    *,
    kind: str,
    text: str | None,
    quoted: str | None,
    message_id: str | None = None,
) -> Inbound | None:
    """A message of one chat, whoever wrote it; None where it is a group's or nobody's."""
    found, whose = message_id or own_id(payload.get("id")), _chat(payload)
    if found is None or whose is None:
        return None
    is_ours = payload.get("fromMe") is True
    if is_ours and payload.get("source") == "api":
        return None
    if is_ours and kind in {MessageKind.REACTION, MessageKind.EDITED, MessageKind.DELETED}:
        return None  # what staff do to messages does not answer anybody
    return Inbound(
        account_id=0,
        provider_message_id=found,
        received_at=moment(payload.get("timestamp"), now=said_at),
        phone=whose.phone,
        lid=whose.lid,
        text=text,
        kind=MessageKind.STAFF if is_ours else kind,
        quoted_message_id=quoted,
    )


def _chat(payload: Fields) -> Person | None:
    """The client of the chat. `from` is the chat but for messages from the phone itself, where
    engines differ; a message's id names it always. What an engine knows besides of a LID is in
    `_data`: NOWEB's `key`, GOWS's `Info`."""
    is_ours = payload.get("fromMe") is True
    raw = fields(payload.get("_data"))
    key, info = fields(raw.get("key")), fields(raw.get("Info"))
    return person(
        chat_of(payload.get("id")) or payload.get("to" if is_ours else "from"),
        payload.get("to" if is_ours else "from"),
        key.get("remoteJid"),
        key.get("remoteJidAlt"),
        key.get("senderPn"),
        info.get("Chat"),
        info.get("RecipientAlt" if is_ours else "SenderAlt"),
    )


def _kind(payload: Fields) -> str:
    said = fields(payload.get("_data")).get("type")
    if isinstance(said, str) and said in _KINDS:
        return _KINDS[said]
    media = words(fields(payload.get("media")).get("mimetype")) or ""
    for start, kind in _MEDIA.items():
        if media.startswith(start):
            return kind
    is_text = bool(payload.get("body")) and payload.get("hasMedia") is not True
    return MessageKind.TEXT if is_text else MessageKind.OTHER


def _status(payload: Fields, said_at: datetime) -> Status | None:
    found, ack = own_id(payload.get("id")), payload.get("ack")
    if payload.get("fromMe") is not True or found is None or not isinstance(ack, int | float):
        return None
    if (event := _ACKS.get(int(ack) if ack in _ACKS else 0)) is None:
        return None
    return Status(
        event=event,
        at=said_at,
        provider_message_id=found,
        refusal=Refusal.OTHER if event is Event.FAILED else None,
    )


def _news(payload: Fields, said_at: datetime) -> AccountNews | None:
    if identity(payload.get("status")) is None:
        return None
    connected = state(payload["status"])
    return AccountNews(at=said_at, connected=connected, pause=states.PAUSES.get(connected.state))
