"""What a conversation calls its messages. English here, Russian in `locale/ru/dialogs.po`."""

from collections.abc import Mapping

from vernis.domain import MessageKind, State
from vernis.errors import Refusal
from vernis.stages.dialog_list import Said
from vernis.web.pages.catalog import N_

KINDS: Mapping[str, str] = {
    MessageKind.VOICE: N_("Voice message"),
    MessageKind.PHOTO: N_("Photo"),
    MessageKind.STICKER: N_("Sticker"),
    MessageKind.REACTION: N_("Reaction"),
    MessageKind.EDITED: N_("Corrected"),
    MessageKind.DELETED: N_("Took a message back"),
    MessageKind.OTHER: N_("Attachment"),
}
# What became of a message of ours: a sign, and the word for those who do not see it.
TICKS: Mapping[str, tuple[str, str]] = {
    State.WRITTEN: ("◷", N_("waits to be sent")),
    State.CLAIMED: ("◷", N_("being sent")),
    State.ACCEPTED: ("✓", N_("sent")),
    State.DELIVERED: ("✓✓", N_("delivered")),
    State.READ: ("✓✓", N_("read")),
}
REFUSALS: Mapping[str, str] = {
    Refusal.NOT_ON_CHANNEL: N_("this number is not on WhatsApp"),
    Refusal.STOPPED: N_("they have blocked messages"),
    Refusal.WINDOW: N_("a day has passed since their last message"),
    Refusal.RATE_LIMITED: N_("too many messages at once"),
    Refusal.RESTRICTED: N_("WhatsApp restricts the salon's number"),
    Refusal.LOGGED_OUT: N_("the salon's number is logged out"),
    Refusal.UNAUTHORISED: N_("the salon's access to WhatsApp is not accepted"),
    Refusal.NOT_CONNECTED: N_("the salon's number is not connected"),
}


def kind_of(kind: str) -> str | None:
    """What a message is, where it is not simply text."""
    if kind in {MessageKind.TEXT, MessageKind.STAFF}:
        return None
    return KINDS.get(kind, KINDS[MessageKind.OTHER])


def author_of(message: Said) -> str | None:
    """Who wrote what the salon said; None where it is a person's own name, or the client."""
    if message.direction == "in" or message.author:
        return None
    if message.is_campaign:
        return N_("Message from Vernis")
    if message.by_program:
        return N_("Another program")
    return N_("From the salon's phone") if message.kind == MessageKind.STAFF else N_("Assistant")
