"""WhatsApp's names of people and messages.

A chat is `79990000001@s.whatsapp.net` (WAHA: `@c.us`), a person whose phone is hidden
`123456789012345@lid`; groups, channels and statuses end otherwise and are nobody's.
"""

import re
from dataclasses import dataclass
from typing import Any

from vernis.decide.channels.fields import identity

_PHONE = re.compile(r"\+?([1-9][0-9]{6,14})(?:[:_][0-9]+)?(?:@(?:c\.us|s\.whatsapp\.net|hosted))?")
_LID = re.compile(r"([1-9][0-9]{0,19})(?:[:_][0-9]+)?@(?:lid|hosted\.lid)")
_BARE_LID = re.compile(r"[1-9][0-9]{0,19}")
# WAHA: whose, in which chat, the message's own id, and in groups who wrote it
_SERIALISED = re.compile(r"(?:true|false)_([^_]+)_([^_]+)(?:_.*)?")


@dataclass(frozen=True, slots=True)
class Person:
    """Who a chat is with: E.164 digits, WhatsApp's own id, or both."""

    phone: str | None = None
    lid: str | None = None


def person(*names: Any, lid: Any = None) -> Person | None:
    """Whom these names of one chat mean; None where it is nobody, or none of them is readable.

    Digits alone are a phone; `lid` may be given as digits alone.
    """
    texts = [name for name in names if isinstance(name, str)]
    if any(_is_crowd(text) for text in texts[:1]):
        return None
    phone = next((match[1] for text in texts if (match := _PHONE.fullmatch(text))), None)
    found = next((match[1] for text in texts if (match := _LID.fullmatch(text))), None)
    if found is None and isinstance(lid, str):
        bare = lid.partition("@")[0]
        found = bare if _BARE_LID.fullmatch(bare) else None
    return Person(phone, found) if phone or found else None


def _is_crowd(text: str) -> bool:
    return text.endswith(("@g.us", "@broadcast", "@newsletter", "@call", "@bot"))


def own_id(value: Any) -> str | None:
    """A message's own id. WAHA puts the chat before it, and tells of one message under two names
    of its chat (waha#1627): `false_7..@c.us_3EB0A` and `false_1..@lid_3EB0A` are both `3EB0A`."""
    if (found := identity(value)) is None:
        return None
    match = _SERIALISED.fullmatch(found)
    return match[2] if match else found


def chat_of(value: Any) -> str | None:
    """The chat that WAHA names in a message's id."""
    match = _SERIALISED.fullmatch(value) if isinstance(value, str) else None
    return match[1] if match else None
