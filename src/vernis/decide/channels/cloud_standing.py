"""What Meta tells of a number and its template -> whether the account could send, its limits."""

import re
from collections.abc import Mapping
from typing import Any

from vernis.decide.channels.cloud_errors import meaning
from vernis.decide.channels.cloud_news import digits, new_chats
from vernis.decide.channels.fields import Fields, fields, identity, objects
from vernis.domain import Connected, ConnectionState, PauseReason
from vernis.errors import Refusal

UNREACHABLE = Connected(
    state=ConnectionState.UNREACHABLE,
    says="Meta's API does not answer: check the server's way to graph.facebook.com (HTTPS_PROXY,"
    " VERNIS_CLOUD_BASE_URL).",
)
NO_TOKEN = Connected(
    state=ConnectionState.UNAUTHORISED,
    says="There is no access token that can be read: set VERNIS_CLOUD_TOKEN, or give the account"
    " its own with `vernis account set NAME --token-stdin`.",
)
NO_NUMBER = Connected(
    state=ConnectionState.DISCONNECTED,
    says="The account has no phone number id: copy it from the app's page WhatsApp > API Setup and"
    " set it with `vernis account set NAME address=ID`.",
)
NO_TEMPLATE = (
    "No template is set, so only clients who wrote within 24 hours can be written to: set it with"
    " `vernis account set NAME template=come_back:ru`."
)
NO_BUSINESS = (
    "Whether the template is approved cannot be looked up: set the WhatsApp Business account's id"
    " with `vernis account set NAME business=ID`."
)

_STATE_OF = {
    Refusal.UNAUTHORISED: ConnectionState.UNAUTHORISED,
    Refusal.RESTRICTED: ConnectionState.RESTRICTED,
    Refusal.LOGGED_OUT: ConnectionState.LOGGED_OUT,
    Refusal.NOT_CONNECTED: ConnectionState.UNREACHABLE,
    Refusal.RATE_LIMITED: ConnectionState.UNKNOWN,  # says nothing of messages
}
_MANAGER = "see the number in WhatsApp Manager."
_NUMBER = {
    "CONNECTED": (ConnectionState.CONNECTED, None),
    "FLAGGED": (
        ConnectionState.CONNECTED,
        f"WhatsApp rates the quality of this number low: write to fewer clients, {_MANAGER}",
    ),
    "RATE_LIMITED": (
        ConnectionState.RESTRICTED,
        "The number has reached its limit of new conversations: it opens again within 24 hours.",
    ),
    "RESTRICTED": (
        ConnectionState.RESTRICTED,
        "WhatsApp lets this number open no new conversations until its quality is better:"
        f" {_MANAGER}",
    ),
    "BANNED": (ConnectionState.RESTRICTED, f"WhatsApp has banned this number: {_MANAGER}"),
    "PENDING": (
        ConnectionState.CONNECTING,
        "The number is not set up yet: finish its registration in WhatsApp Manager.",
    ),
    "UNVERIFIED": (
        ConnectionState.LOGGED_OUT,
        "The number is not verified: verify it by code in WhatsApp Manager.",
    ),
}
# It is no sanction: the number has written to as many as it may.
_PAUSES = {"RATE_LIMITED": PauseReason.RATE_LIMITED}
_NOT_THERE = (
    ConnectionState.LOGGED_OUT,
    "The number is not connected to the Cloud API: register it in WhatsApp Manager.",
)
_NUMBER |= dict.fromkeys(("DISCONNECTED", "DELETED", "MIGRATED", "UNLINKED"), _NOT_THERE)

_TEMPLATE = {
    "PENDING": "is not approved yet: WhatsApp usually decides within a day.",
    "IN_APPEAL": "is not approved yet: the appeal is being looked at.",
    "REJECTED": "was rejected: see why in WhatsApp Manager, then edit it or appeal.",
    "PAUSED": "is paused by WhatsApp for low quality: wait until it is lifted, or edit it.",
    "DISABLED": "is disabled by WhatsApp: make a new one with another text.",
    "LIMIT_EXCEEDED": "cannot be approved: there are too many templates, delete some.",
    "ARCHIVED": "is archived: restore it in WhatsApp Manager.",
}
_GONE = ("DELETED", "PENDING_DELETION")
_SENDABLE = ("APPROVED", "FLAGGED")
_VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")


def refused(error: Any) -> Connected | None:
    """What an error of Meta's says of the account; None where it is not known."""
    if (known := meaning(error)) is None or known.doubtful:
        return None
    state = _STATE_OF.get(known.refusal, ConnectionState.DISCONNECTED)
    return Connected(state=state, says=known.says)


def of_number(told: Fields) -> Connected:
    """`told` is the answer of GET /{phone_number_id}.

    `limits`: `new_chats` in 24 hours (None: unlimited; absent: not told), `quality` (GREEN,
    YELLOW, RED; absent: not rated yet), `number` (its digits).
    """
    tier = told.get("whatsapp_business_manager_messaging_limit", told.get("messaging_limit_tier"))
    limits: dict[str, Any] = dict(new_chats(tier))
    quality = identity(told.get("quality_rating"))
    if quality in ("GREEN", "YELLOW", "RED"):
        limits["quality"] = quality
    if number := digits(told.get("display_phone_number")):
        limits["number"] = number
    status = identity(told.get("status")) or "CONNECTED"
    unheard = (ConnectionState.UNKNOWN, f"WhatsApp calls the number {status}: {_MANAGER}")
    state, says = _NUMBER.get(status, unheard)
    return Connected(state=state, says=says, limits=limits, pause=_PAUSES.get(status))


def objection(template: Mapping[str, Any], told: Fields) -> str | None:
    """Why the template cannot be sent, in one sentence; None where it can.

    `told` is the answer of GET /{waba_id}/message_templates, `template` what the account's
    settings name.
    """
    name, language = template["name"], template["language"]
    called = f"The template {name} ({language})"
    namesakes = [one for one in objects(told.get("data")) if one.get("name") == name]
    found = next((one for one in namesakes if one.get("language") == language), None)
    if found is None:
        others = sorted({one for item in namesakes if (one := identity(item.get("language")))})
        if others:
            return f"{called} is not there, but in {', '.join(others)}: set its language to that."
        return f"{called} is not there: create it in WhatsApp Manager, or correct its name."
    status = identity(found.get("status")) or "without a status"
    if status in _GONE:
        return f"{called} was deleted: create it again under another name."
    if status not in _SENDABLE:
        return f"{called} {_TEMPLATE.get(status, f'is {status}: see it in WhatsApp Manager.')}"
    variables = _variables(found)
    if variables is not None and variables != {str(template.get("variable") or "1")}:
        return (
            f"{called} has {len(variables)} variables: its body must have exactly one, the one"
            " that the account's settings name, or 1."
        )
    return None


def _variables(template: Fields) -> set[str] | None:
    """Of the body and the header; None where Meta did not tell the text."""
    texts = [
        part["text"]
        for part in objects(template.get("components"))
        if part.get("type") in ("BODY", "HEADER") and isinstance(part.get("text"), str)
    ]
    return {name for text in texts for name in _VARIABLE.findall(text)} if texts else None


def category(template: Mapping[str, Any], told: Fields) -> str | None:
    """MARKETING, UTILITY or AUTHENTICATION, as Meta tells of the template."""
    for one in map(fields, objects(told.get("data"))):
        if (one.get("name"), one.get("language")) == (template["name"], template["language"]):
            return identity(one.get("category"))
    return None
