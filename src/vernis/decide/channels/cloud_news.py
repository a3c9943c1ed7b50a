"""What Meta tells of templates, numbers and accounts -> TemplateNews, AccountNews."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from vernis.decide.channels.fields import Fields, fields, identity, objects, words
from vernis.domain import AccountNews, Connected, ConnectionState, PauseReason, TemplateNews

# New conversations in 24 hours, by Meta's "Messaging limits"; TIER_1K was replaced by TIER_2K.
TIERS: dict[str, int | None] = {
    "TIER_50": 50,
    "TIER_250": 250,
    "TIER_1K": 1_000,
    "TIER_2K": 2_000,
    "TIER_10K": 10_000,
    "TIER_100K": 100_000,
    "TIER_UNLIMITED": None,
    "UNLIMITED": None,
}

# Events that leave a template as it was approved.
_STATUS = {"REINSTATED": "APPROVED", "UNARCHIVED": "APPROVED"}


def new_chats(tier: Any) -> dict[str, int | None]:
    """`{"new_chats": limit}` of a tier's name or its figure, None: unlimited; `{}`: not told."""
    if isinstance(tier, int) and not isinstance(tier, bool):
        return {"new_chats": tier} if tier > 0 else {"new_chats": None} if tier == -1 else {}
    return {"new_chats": TIERS[tier]} if isinstance(tier, str) and tier in TIERS else {}


def digits(displayed: Any) -> str | None:
    """A number as Meta displays it, «+7 999 000-99-99» or 79990009999 -> its digits."""
    shown = str(displayed) if isinstance(displayed, str | int) else ""
    found = "".join(one for one in shown if one in "0123456789")
    return found if 7 <= len(found) <= 15 else None


def template_news(field: str, value: Fields, *, at: datetime) -> TemplateNews | None:
    """A template's new status, quality, category or text (then it holds nothing but its name)."""
    name = identity(value.get("message_template_name"))
    language = identity(value.get("message_template_language"))
    if name is None or language is None:
        return None
    status = category = quality = reason = None
    match field:
        case "message_template_status_update":
            event = identity(value.get("event"))
            status = _STATUS.get(event, event) if event else None
            category = identity(value.get("message_template_category"))
            reason = _reason(value)
        case "message_template_quality_update":
            quality = identity(value.get("new_quality_score"))
        case "template_category_update":
            category = identity(value.get("new_category"))
    return TemplateNews(
        name=name,
        language=language,
        at=at,
        status=status,
        category=category,
        quality=quality,
        reason=reason,
    )


def _reason(value: Fields) -> str | None:
    """Why it was rejected or paused: Meta's sentence, else its code word."""
    for sentence in (
        fields(value.get("rejection_info")).get("reason"),
        fields(value.get("other_info")).get("description"),
    ):
        if said := words(sentence):
            return said
    code = identity(value.get("reason"))
    return None if code == "NONE" else code


def account_news(field: str, value: Fields, *, at: datetime) -> AccountNews | None:
    """What happened to a number or its account; None where sending goes on as before."""
    match field:
        case "phone_number_quality_update":
            return _quality_news(value, at)
        case "business_capability_update":
            per_phone = value.get("max_daily_conversation_per_phone")
            limits = new_chats(value.get("max_daily_conversations_per_business", per_phone))
            return _said(at, ConnectionState.CONNECTED, limits=limits) if limits else None
        case "account_alerts":
            return _alert_news(value, at)
        case "account_update":
            return _update_news(value, at)
    return None


def _said(
    at: datetime,
    state: ConnectionState,
    says: str | None = None,
    *,
    pause: PauseReason | None = None,
    limits: Mapping[str, Any] | None = None,
) -> AccountNews:
    connected = Connected(state=state, says=says, limits=limits or {})
    return AccountNews(at=at, connected=connected, pause=pause)


def _quality_news(value: Fields, at: datetime) -> AccountNews:
    """`limits` has the number that it is about, as the webhook names its account only."""
    tier = value.get("max_daily_conversations_per_business", value.get("current_limit"))
    limits: dict[str, Any] = {}
    if number := digits(value.get("display_phone_number")):
        limits["number"] = number
    event = value.get("event")
    if event != "THROUGHPUT_UPGRADE":  # then the tier is of messages a second
        limits |= new_chats(tier)
    if event in ("FLAGGED", "DOWNGRADE"):
        says = (
            "WhatsApp rates the quality of this number low: see WhatsApp Manager for the reasons"
            " and write to fewer clients."
        )
        return _said(at, ConnectionState.CONNECTED, says, pause=PauseReason.QUALITY, limits=limits)
    return _said(at, ConnectionState.CONNECTED, limits=limits)


def _alert_news(value: Fields, at: datetime) -> AccountNews | None:
    alert = fields(value.get("alert_info"))
    if alert.get("alert_severity") not in ("CRITICAL", "WARNING"):
        return None
    kind = identity(alert.get("alert_type")) or "no type"
    says = f"WhatsApp Manager has an alert for this account ({kind}): read it there."
    return _said(at, ConnectionState.UNKNOWN, says)


_QUALITY = "see Account Quality in Meta Business Suite."
_UNLINKED = "The number was disconnected from the Cloud API: connect it again in WhatsApp Manager."
_REMOVED = (
    "The WhatsApp account has taken the access back: connect it again in Meta Business Suite and"
    " store a new token."
)
_UPDATES = {
    "ACCOUNT_DELETED": (
        ConnectionState.LOGGED_OUT,
        "The WhatsApp account was deleted: connect another one.",
        PauseReason.LOGGED_OUT,
    ),
    "ACCOUNT_OFFBOARDED": (ConnectionState.LOGGED_OUT, _UNLINKED, PauseReason.LOGGED_OUT),
    "ACCOUNT_RECONNECTED": (ConnectionState.CONNECTED, None, None),
    "ACCOUNT_VIOLATION": (
        ConnectionState.UNKNOWN,
        f"WhatsApp reports a violation of its rules by this account: {_QUALITY}",
        None,
    ),
    "PARTNER_REMOVED": (ConnectionState.UNAUTHORISED, _REMOVED, PauseReason.UNAUTHORISED),
    "PARTNER_APP_UNINSTALLED": (ConnectionState.UNAUTHORISED, _REMOVED, PauseReason.UNAUTHORISED),
}
_DISABLED = (
    ConnectionState.RESTRICTED,
    f"WhatsApp has disabled this account: {_QUALITY}",
    PauseReason.RESTRICTED,
)
_BANS = {
    "DISABLE": _DISABLED,
    "REINSTATE": (ConnectionState.CONNECTED, None, None),
    "SCHEDULE_FOR_DISABLE": (
        ConnectionState.CONNECTED,
        f"WhatsApp is going to disable this account: {_QUALITY}",
        None,
    ),
}


def _update_news(value: Fields, at: datetime) -> AccountNews | None:
    event = identity(value.get("event")) or ""
    if event == "ACCOUNT_RESTRICTION":
        return _restricted(value, at)
    if event == "DISABLED_UPDATE":
        ban = identity(fields(value.get("ban_info")).get("waba_ban_state")) or ""
        state, says, pause = _BANS.get(ban, _DISABLED)
    elif event == "PARTNER_REMOVED" and value.get("disconnection_info"):
        state, says, pause = _UPDATES["ACCOUNT_OFFBOARDED"]
    elif event in _UPDATES:
        state, says, pause = _UPDATES[event]
    else:
        return None
    return _said(at, state, says, pause=pause)


def _restricted(value: Fields, at: datetime) -> AccountNews | None:
    """`limits` has `until` (ISO 8601) where Meta tells when the last restriction ends."""
    ends = [
        _end(item.get("expiration"))
        for item in objects(value.get("restriction_info"))
        if str(item.get("restriction_type")).endswith("_MESSAGING")
    ]
    if not ends:
        return None
    limits = {} if None in ends else {"until": max(end for end in ends if end).isoformat()}
    state = ConnectionState.RESTRICTED
    says = f"WhatsApp lets this account open no new conversations for a while: {_QUALITY}"
    return _said(at, state, says, pause=PauseReason.RESTRICTED, limits=limits)


def _end(value: Any) -> datetime | None:
    is_seconds = isinstance(value, int) and 10**9 <= value < 10**10
    return datetime.fromtimestamp(value, UTC) if is_seconds else None
