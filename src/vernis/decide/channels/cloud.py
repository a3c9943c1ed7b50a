"""Webhooks of the WhatsApp Cloud API -> deliveries.

Fields and shapes after Meta's "Webhooks reference" (Graph API v23.0). What is about one number
comes under its phone number id; what is about the whole WhatsApp account (templates, limits,
restrictions) names no number: its address is `waba:` and the account's id.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from vernis.decide.channels.cloud_errors import meaning
from vernis.decide.channels.cloud_messages import echo, inbound, person
from vernis.decide.channels.cloud_news import account_news, template_news
from vernis.decide.channels.fields import Fields, body, fields, identity, moment, objects
from vernis.domain import (
    AccountNews,
    Delivery,
    Event,
    Inbound,
    Preference,
    Status,
    TemplateNews,
)
from vernis.errors import DataError, Refusal

CHANNEL = "cloud"

_EVENT = {
    "sent": Event.ACCEPTED,
    "delivered": Event.DELIVERED,
    "read": Event.READ,
    "played": Event.READ,
    "failed": Event.FAILED,
}
_OF_TEMPLATES = {
    "message_template_status_update",
    "message_template_quality_update",
    "message_template_components_update",
    "template_category_update",
}


def of_account(waba_id: str) -> str:
    """The address of what is told of a whole WhatsApp Business account."""
    return f"waba:{waba_id}"


@dataclass(slots=True)
class _Parts:
    """What came for one address so far."""

    messages: list[Inbound] = field(default_factory=list)
    statuses: list[Status] = field(default_factory=list)
    preferences: list[Preference] = field(default_factory=list)
    templates: list[TemplateNews] = field(default_factory=list)
    news: list[AccountNews] = field(default_factory=list)

    def delivery(self, address: str) -> Delivery:
        return Delivery(
            channel=CHANNEL,
            address=address,
            messages=tuple(self.messages),
            statuses=tuple(self.statuses),
            preferences=tuple(self.preferences),
            templates=tuple(self.templates),
            news=tuple(self.news),
        )


def read(value: Any, *, now: datetime) -> tuple[Delivery, ...]:
    """What one webhook brings, a delivery for each address in the order of their first mention.

    What is unknown, malformed or of no use is left out. Raises DataError where the body is no
    webhook of a WhatsApp Business account.
    """
    sent = body(value)
    if sent.get("object") != "whatsapp_business_account" or not isinstance(sent.get("entry"), list):
        raise DataError("This is no webhook of a WhatsApp Business account.")
    found: dict[str, _Parts] = {}
    for entry in objects(sent["entry"]):
        at = moment(entry.get("time"), now=now)
        for change in objects(entry.get("changes")):
            name, about = change.get("field"), fields(change.get("value"))
            if not isinstance(name, str) or (address := _address(entry, about)) is None:
                continue
            _take(found.setdefault(address, _Parts()), name, about, at=at, now=now)
    deliveries = [parts.delivery(address) for address, parts in found.items()]
    return tuple(one for one in deliveries if one != _Parts().delivery(one.address))


def _address(entry: Fields, about: Fields) -> str | None:
    if number := identity(fields(about.get("metadata")).get("phone_number_id")):
        return number
    told_of = identity(fields(about.get("waba_info")).get("waba_id"))  # not always the receiver
    waba_id = told_of or identity(entry.get("id"))
    return of_account(waba_id) if waba_id else None


def _take(parts: _Parts, name: str, about: Fields, *, at: datetime, now: datetime) -> None:
    people = list(objects(about.get("contacts")))
    match name:
        case "messages":
            wrote = (inbound(one, people, now=now) for one in objects(about.get("messages")))
            parts.messages += [one for one in wrote if one is not None]
            told = (_status(one, now) for one in objects(about.get("statuses")))
            parts.statuses += [one for one in told if one is not None]
        case "smb_message_echoes":
            wrote = (echo(one, people, now=now) for one in objects(about.get("message_echoes")))
            parts.messages += [one for one in wrote if one is not None]
        case "user_preferences":
            wishes = (_preference(one, people, now) for one in objects(about.get(name)))
            parts.preferences += [one for one in wishes if one is not None]
        case _ if name in _OF_TEMPLATES:
            if template := template_news(name, about, at=at):
                parts.templates.append(template)
        case _:
            if news := account_news(name, about, at=at):
                parts.news.append(news)


def _status(status: Fields, now: datetime) -> Status | None:
    id_, said = identity(status.get("id")), status.get("status")
    event = _EVENT.get(said) if isinstance(said, str) else None
    if id_ is None or event is None or status.get("recipient_type") == "group":
        return None
    return Status(
        event=event,
        at=moment(status.get("timestamp"), now=now),
        provider_message_id=id_,
        key=identity(status.get("biz_opaque_callback_data")),
        refusal=_refusal(status) if event is Event.FAILED else None,
    )


def _refusal(status: Fields) -> Refusal:
    known = (meaning(error) for error in objects(status.get("errors")))
    return next((one.refusal for one in known if one is not None), Refusal.OTHER)


def _preference(wish: Fields, people: list[Fields], now: datetime) -> Preference | None:
    """`signup`, by a link of the business's own, is a wish for our messages like `resume`."""
    said, category = wish.get("value"), wish.get("category", "marketing_messages")
    if said not in ("stop", "resume", "signup") or category != "marketing_messages":
        return None
    who = person(wish.get("wa_id"), wish.get("user_id"), people)
    if who is None:
        return None
    return Preference(
        phone=who.phone,
        lid=who.user_id,
        stop=said == "stop",
        at=moment(wish.get("timestamp"), now=now),
    )
