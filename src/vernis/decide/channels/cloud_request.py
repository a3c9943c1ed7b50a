"""A message of ours -> the body of POST /{phone_number_id}/messages (Graph API v23.0)."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from vernis.domain import Outgoing
from vernis.errors import Refusal, RefusedError

# After the client's last message; later only a template. A call near the end may arrive too late.
WINDOW = timedelta(hours=24)
_MARGIN = timedelta(minutes=1)
LONGEST_TEXT = 4096
LONGEST_VARIABLE = 1024  # of the template's body, its own words included

_PHONE = re.compile(r"[1-9][0-9]{6,14}")
_SPACE = re.compile(r"\s+")
_BREAK = re.compile(r"[\t-\r\x1c-\x1f\x85\u2028\u2029]")


def is_open(last_heard_at: datetime | None, *, now: datetime) -> bool:
    """Whether free text may be sent to a client who was last heard then."""
    return last_heard_at is not None and now - last_heard_at < WINDOW - _MARGIN


def request(
    message: Outgoing, template: Mapping[str, Any] | None, *, now: datetime
) -> dict[str, Any]:
    """Free text while the window is open, else the template with the text as its variable.

    `template`: name, language, and `variable`, the variable's name where it is not {{1}}.
    Raises RefusedError where this cannot be sent: no phone (the API's v23.0 takes no user id),
    no template, or a text that is too long or empty.
    """
    if message.phone is None or not _PHONE.fullmatch(message.phone):
        raise RefusedError("no_phone", refusal=Refusal.INVALID)
    if not (text := message.text.strip()):
        raise RefusedError("no_text", refusal=Refusal.INVALID)
    envelope = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": message.phone,
        "biz_opaque_callback_data": message.key,
    }
    if is_open(message.last_heard_at, now=now):
        if len(text) > LONGEST_TEXT:
            raise RefusedError("text_too_long", refusal=Refusal.INVALID)
        return envelope | {"type": "text", "text": {"body": text, "preview_url": False}}
    if template is None:
        raise RefusedError("no_template", refusal=Refusal.TEMPLATE)
    return envelope | {"type": "template", "template": _filled(template, text)}


def template_of(settings: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The template that an account's settings name; None where they name none that is whole."""
    template = settings.get("template")
    if not isinstance(template, Mapping):
        return None
    name, language = template.get("name"), template.get("language")
    return template if all(isinstance(v, str) and v for v in (name, language)) else None


def _filled(template: Mapping[str, Any], text: str) -> dict[str, Any]:
    parameter = {"type": "text", "text": as_variable(text)}
    if variable := template.get("variable"):
        parameter["parameter_name"] = str(variable)
    return {
        "name": template["name"],
        "language": {"policy": "deterministic", "code": template["language"]},
        "components": [{"type": "body", "parameters": [parameter]}],
    }


def as_variable(text: str) -> str:
    """A text on one line: a variable with a line break, a tab or more than four spaces together
    is refused (132018).

    Raises RefusedError where it is longer than a variable may be: nothing is cut off.
    """
    line = _SPACE.sub(_kept, text.strip())
    if len(line) > LONGEST_VARIABLE:
        raise RefusedError("text_too_long", refusal=Refusal.INVALID)
    return line


def _kept(space: re.Match[str]) -> str:
    is_kept = len(space[0]) < 5 and not _BREAK.search(space[0])
    return space[0] if is_kept else " "
