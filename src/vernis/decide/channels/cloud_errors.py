"""What an error code of the WhatsApp Cloud API means for a message, its account and its owner.

Codes, their causes and the waits are those of Meta's reference "WhatsApp Cloud API: error codes"
and of the Graph API's reference "Handling errors".
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from vernis.errors import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """`says` is a sentence for a person: what it is and what to do.

    `temporary`: the same message may be tried again, `wait` is how long to leave it at least.
    `doubtful`: as the answer to a call it does not tell whether the message left.
    """

    refusal: Refusal
    says: str
    temporary: bool = False
    wait: timedelta | None = None
    doubtful: bool = False


_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)

# Whether a call with one of these did something is not told.
_BROKEN = "Meta's API broke off at this message: look whether it arrived."
_UNAVAILABLE = "Meta's API was not available at this message: look whether it arrived."

_NO_ACCESS = (
    "The access token is not valid or has expired: make a new one for a system user in Meta"
    " Business Suite and store it for this account."
)
_PERMISSION = (
    "The access token may not do this: give the system user the number's WhatsApp account and the"
    " permissions whatsapp_business_messaging and whatsapp_business_management, then make a new"
    " token."
)
_NO_SUCH_NUMBER = (
    "Meta knows no such number, or this token may not see it: check the phone number id and that"
    " the number was not deleted."
)
_BAD_MESSAGE = "Meta did not take the message as it is written."
_BAD_VARIABLES = "The template takes other variables: it must have exactly one, in its body."
_REGISTRATION = "The number is not registered with the Cloud API: register it in WhatsApp Manager."

MEANINGS: dict[int, Meaning] = {
    # --- the client -----------------------------------------------------------------------------
    131050: Meaning(
        refusal=Refusal.STOPPED,
        says="The client has told WhatsApp to stop marketing messages of this business.",
    ),
    131049: Meaning(
        refusal=Refusal.CAPPED,
        says="WhatsApp lets no business send this client more marketing for some days.",
    ),
    130472: Meaning(
        refusal=Refusal.CAPPED,
        says="The client is part of an experiment of Meta's in which no marketing is delivered.",
    ),
    131026: Meaning(
        refusal=Refusal.NOT_ON_CHANNEL,
        says="The phone cannot be reached on WhatsApp: it is not there, or its app is too old.",
    ),
    130497: Meaning(
        refusal=Refusal.NOT_ON_CHANNEL,
        says="WhatsApp does not let this business write to clients of that country.",
    ),
    131021: Meaning(
        refusal=Refusal.INVALID, says="The client's phone is the number that would write to it."
    ),
    131030: Meaning(
        refusal=Refusal.INVALID,
        says="A test number writes only to the phones on its list: add this one in the app's"
        " WhatsApp settings, or use a real number.",
    ),
    131062: Meaning(
        refusal=Refusal.INVALID,
        says="This message can only be sent to a phone, and the client's is not known.",
    ),
    # --- the window and the template ------------------------------------------------------------
    131047: Meaning(
        refusal=Refusal.WINDOW,
        says="The client wrote more than 24 hours ago: only an approved template may be sent.",
    ),
    132000: Meaning(refusal=Refusal.TEMPLATE, says=_BAD_VARIABLES),
    132001: Meaning(
        refusal=Refusal.TEMPLATE,
        says="There is no approved template of this name in this language: check both, or wait"
        " for its approval in WhatsApp Manager.",
    ),
    132005: Meaning(
        refusal=Refusal.INVALID,
        says="Template and text together are too long: WhatsApp takes 1,024 characters.",
    ),
    132007: Meaning(
        refusal=Refusal.TEMPLATE,
        says="The template breaks a rule of WhatsApp's: edit it in WhatsApp Manager.",
    ),
    132008: Meaning(refusal=Refusal.INVALID, says=_BAD_MESSAGE),
    132012: Meaning(refusal=Refusal.TEMPLATE, says=_BAD_VARIABLES),
    132015: Meaning(
        refusal=Refusal.TEMPLATE,
        says="WhatsApp has paused the template for low quality: wait until it is lifted, or edit"
        " it in WhatsApp Manager.",
    ),
    132016: Meaning(
        refusal=Refusal.TEMPLATE,
        says="WhatsApp has disabled the template for good: make a new one with another text.",
    ),
    132018: Meaning(refusal=Refusal.TEMPLATE, says=_BAD_VARIABLES),
    132068: Meaning(refusal=Refusal.TEMPLATE, says="The template's flow is blocked by WhatsApp."),
    132069: Meaning(
        refusal=Refusal.TEMPLATE,
        says="The template's flow is throttled by WhatsApp: at most 10 messages an hour.",
        temporary=True,
        wait=_HOUR,
    ),
    # --- too much, too fast ---------------------------------------------------------------------
    4: Meaning(
        refusal=Refusal.RATE_LIMITED,
        says="The app has made too many calls to Meta this hour: it goes on by itself.",
        temporary=True,
        wait=_HOUR,
    ),
    80007: Meaning(
        refusal=Refusal.RATE_LIMITED,
        says="The WhatsApp account has made too many calls this hour: it goes on by itself.",
        temporary=True,
        wait=_HOUR,
    ),
    130429: Meaning(
        refusal=Refusal.RATE_LIMITED,
        says="The number sends faster than WhatsApp allows: it goes on by itself.",
        temporary=True,
        wait=_MINUTE,
    ),
    131048: Meaning(
        refusal=Refusal.RATE_LIMITED,
        says="Too many clients blocked or reported this number: see its quality in WhatsApp"
        " Manager and write to fewer of them.",
        temporary=True,
        wait=24 * _HOUR,
    ),
    131056: Meaning(
        refusal=Refusal.RATE_LIMITED,
        says="Too many messages to one client in a short time: it goes on by itself.",
        temporary=True,
        wait=_MINUTE,
    ),
    133016: Meaning(
        refusal=Refusal.RATE_LIMITED,
        says="The number was registered too often: try again in three days.",
    ),
    # --- the token ------------------------------------------------------------------------------
    0: Meaning(refusal=Refusal.UNAUTHORISED, says=_NO_ACCESS),
    102: Meaning(refusal=Refusal.UNAUTHORISED, says=_NO_ACCESS),
    104: Meaning(refusal=Refusal.UNAUTHORISED, says=_NO_ACCESS),
    190: Meaning(refusal=Refusal.UNAUTHORISED, says=_NO_ACCESS),
    3: Meaning(refusal=Refusal.UNAUTHORISED, says=_PERMISSION),
    10: Meaning(refusal=Refusal.UNAUTHORISED, says=_PERMISSION),
    **{code: Meaning(refusal=Refusal.UNAUTHORISED, says=_PERMISSION) for code in range(200, 300)},
    131005: Meaning(refusal=Refusal.UNAUTHORISED, says=_PERMISSION),
    33: Meaning(refusal=Refusal.UNAUTHORISED, says=_NO_SUCH_NUMBER),
    # --- the account ----------------------------------------------------------------------------
    368: Meaning(
        refusal=Refusal.RESTRICTED,
        says="WhatsApp has blocked the account for a while for breaking its rules: see Account"
        " Quality in Meta Business Suite.",
    ),
    131031: Meaning(
        refusal=Refusal.RESTRICTED,
        says="WhatsApp has locked the account: see Account Quality in Meta Business Suite.",
    ),
    131037: Meaning(
        refusal=Refusal.RESTRICTED,
        says="The number's display name is not approved: choose one in WhatsApp Manager.",
    ),
    131042: Meaning(
        refusal=Refusal.RESTRICTED,
        says="Meta could not charge for messages: check the payment method of the WhatsApp account"
        " in Meta Business Suite.",
    ),
    131057: Meaning(
        refusal=Refusal.NOT_CONNECTED,
        says="Meta is working on this WhatsApp account: it goes on by itself.",
        temporary=True,
        wait=_HOUR,
    ),
    134011: Meaning(
        refusal=Refusal.RESTRICTED,
        says="Meta's terms of payment are not accepted: accept them in WhatsApp Manager.",
    ),
    131045: Meaning(refusal=Refusal.LOGGED_OUT, says=_REGISTRATION),
    133000: Meaning(
        refusal=Refusal.LOGGED_OUT,
        says="The number was taken off the Cloud API only halfway: deregister and register it.",
    ),
    133004: Meaning(
        refusal=Refusal.NOT_CONNECTED,
        says="Meta's registration is not available: it goes on by itself.",
        temporary=True,
        wait=_HOUR,
    ),
    **{
        code: Meaning(refusal=Refusal.LOGGED_OUT, says=_REGISTRATION)
        for code in (133005, 133006, 133008, 133009, 133010, 133015)
    },
    # --- the message ----------------------------------------------------------------------------
    100: Meaning(refusal=Refusal.INVALID, says=_BAD_MESSAGE),
    131008: Meaning(refusal=Refusal.INVALID, says=_BAD_MESSAGE),
    131009: Meaning(refusal=Refusal.INVALID, says=_BAD_MESSAGE),
    131051: Meaning(refusal=Refusal.INVALID, says="WhatsApp does not support this message's type."),
    131052: Meaning(refusal=Refusal.INVALID, says="WhatsApp could not load what the client sent."),
    131053: Meaning(refusal=Refusal.INVALID, says="WhatsApp could not load the file to be sent."),
    131055: Meaning(refusal=Refusal.INVALID, says=_BAD_MESSAGE),
    135000: Meaning(refusal=Refusal.INVALID, says=_BAD_MESSAGE),
    # --- nobody knows ---------------------------------------------------------------------------
    1: Meaning(refusal=Refusal.OTHER, says=_BROKEN, doubtful=True),
    2: Meaning(refusal=Refusal.OTHER, says=_UNAVAILABLE, doubtful=True),
    131000: Meaning(refusal=Refusal.OTHER, says=_BROKEN, doubtful=True),
    131016: Meaning(refusal=Refusal.OTHER, says=_UNAVAILABLE, doubtful=True),
}


def meaning(error: Any) -> Meaning | None:
    """What Meta's error object (`code`, `error_subcode`) means; None where its code is unknown."""
    if not isinstance(error, dict):
        return None
    code, subcode = error.get("code"), error.get("error_subcode")
    if (code, subcode) == (100, 33):  # the object is not there, or this token must not see it
        return MEANINGS[33]
    return MEANINGS.get(code) if isinstance(code, int) and _is_code(code) else None


def code_of(error: Any) -> str | None:
    """Meta's own word for an error: its code, with a subcode where one is told."""
    if not isinstance(error, dict) or not _is_code(error.get("code")):
        return None
    subcode = error.get("error_subcode")
    return f"{error['code']}/{subcode}" if _is_code(subcode) else str(error["code"])


def _is_code(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9
