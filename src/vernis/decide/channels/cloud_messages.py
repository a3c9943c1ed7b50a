"""A message in a webhook of the WhatsApp Cloud API -> Inbound."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vernis.decide.channels.fields import Fields, fields, identity, moment, words
from vernis.domain import Inbound, MessageKind

_PHONE = re.compile(r"\+?([1-9][0-9]{6,14})")
_KIND = {
    "text": MessageKind.TEXT,
    "button": MessageKind.TEXT,
    "interactive": MessageKind.TEXT,
    "image": MessageKind.PHOTO,
    "audio": MessageKind.VOICE,
    "sticker": MessageKind.STICKER,
    "reaction": MessageKind.REACTION,
    "edit": MessageKind.EDITED,
    "revoke": MessageKind.DELETED,
}
# No words of the client's: what WhatsApp itself notes in the chat (a changed number or identity),
# and that the chat was opened.
_NOTES = {"system", "request_welcome"}


@dataclass(frozen=True, slots=True)
class Person:
    """Who a message is from or to: a phone, Meta's id of this person for this business (BSUID),
    or both. Whoever hides the number behind a user name has the id only."""

    phone: str | None
    user_id: str | None


def inbound(message: Fields, contacts: Sequence[Fields], *, now: datetime) -> Inbound | None:
    """What a client wrote; None where it is nothing of theirs, or cannot be taken in."""
    type_ = identity(message.get("type"))
    if type_ is None or type_ in _NOTES:
        return None
    who = person(message.get("from"), message.get("from_user_id"), contacts)
    kind = _KIND.get(type_, MessageKind.OTHER)
    if type_ == "interactive" and _said(message, type_) is None:  # a form, or nothing readable
        kind = MessageKind.OTHER
    return _made(message, type_, who, kind, now)


def echo(message: Fields, contacts: Sequence[Fields], *, now: datetime) -> Inbound | None:
    """What one of the salon wrote to a client in the WhatsApp Business app."""
    type_ = identity(message.get("type"))
    if type_ is None or type_ in _NOTES or type_ == "revoke":
        return None
    who = person(message.get("to"), message.get("to_user_id"), contacts)
    return _made(message, type_, who, MessageKind.STAFF, now)


def person(number: Any, user_id: Any, contacts: Sequence[Fields]) -> Person | None:
    """Who that is; None where it is nobody.

    A contact's user id is taken for this person's only where something of both is the same, or
    where nothing else is known: a wrong one would give somebody else's words to this client.
    """
    digits, id_ = phone(number), identity(user_id)
    for contact in contacts:
        theirs, their_id = phone(contact.get("wa_id")), identity(contact.get("user_id"))
        is_alone = digits is None and id_ is None and len(contacts) == 1
        if is_alone or (digits and digits == theirs) or (id_ and id_ == their_id):
            digits, id_ = digits or theirs, id_ or their_id
            break
    return Person(digits, id_) if digits or id_ else None


def phone(value: Any) -> str | None:
    """E.164 digits without a plus."""
    match = _PHONE.fullmatch(value) if isinstance(value, str) else None
    return match[1] if match else None


def _made(
    message: Fields, type_: str, who: Person | None, kind: MessageKind, now: datetime
) -> Inbound | None:
    id_ = identity(message.get("id"))
    if id_ is None or who is None or "group_id" in message:
        return None
    return Inbound(
        account_id=0,
        provider_message_id=id_,
        received_at=moment(message.get("timestamp"), now=now),
        phone=who.phone,
        lid=who.user_id,
        text=_said(message, type_),
        kind=kind,
        quoted_message_id=_quoted(message, type_),
    )


def _said(message: Fields, type_: str) -> str | None:
    content = fields(message.get(type_))
    match type_:
        case "text":
            said = content.get("body")
        case "button" | "order":
            said = content.get("text")
        case "reaction":
            said = content.get("emoji")
        case "interactive":
            chosen = fields(content.get("button_reply")) or fields(content.get("list_reply"))
            said = chosen.get("title")
        case "edit":
            edited = fields(content.get("message"))
            inner = identity(edited.get("type"))
            return _said(edited, inner) if inner and inner != "edit" else None
        case _:
            said = content.get("caption")
    return words(said) or None


def _quoted(message: Fields, type_: str) -> str | None:
    content = fields(message.get(type_))
    match type_:
        case "reaction":
            return identity(content.get("message_id"))
        case "edit" | "revoke":
            return identity(content.get("original_message_id"))
    return identity(fields(message.get("context")).get("id"))
