"""Webhooks of channels: proved to be theirs over the raw bytes, stored, and only then answered."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from pydantic import SecretStr

from vernis.config import Settings
from vernis.decide.channels import (
    bridge,
    bridge_signature,
    cloud,
    cloud_signature,
    evolution,
    gateway_signature,
    waha,
)
from vernis.domain import Delivery
from vernis.errors import DataError
from vernis.stages import deliveries
from vernis.web.errors import Problem
from vernis.web.keys import vernis_of

router = APIRouter(prefix="/webhooks", include_in_schema=False)

Headers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Sender:
    """How a webhook is proved and read. `setting` names its secret in the settings, `channels`
    are those that it may speak for."""

    channels: tuple[str, ...]
    setting: str
    is_theirs: Callable[[str, Headers, bytes, datetime], bool]
    read: Callable[..., tuple[Delivery, ...]]


def _is_bridge(secret: str, headers: Headers, body: bytes, now: datetime) -> bool:
    return bridge_signature.is_of_webhook(secret, headers, body, now=now)


_SENDERS = {
    "bridge": _Sender(("baileys",), "bridge_secret", _is_bridge, bridge.read),
    "ai_admin": _Sender(("ai_admin",), "ai_admin_secret", _is_bridge, bridge.read),
    "cloud": _Sender(
        ("cloud",),
        "cloud_app_secret",
        lambda secret, headers, body, _: cloud_signature.is_signed(
            body, headers.get(cloud_signature.HEADER.lower()), secret
        ),
        cloud.read,
    ),
    "waha": _Sender(
        ("waha",),
        "waha_secret",
        lambda secret, headers, body, _: gateway_signature.is_waha(secret, headers, body),
        waha.read,
    ),
    "evolution": _Sender(
        ("evolution",),
        "evolution_secret",
        lambda secret, headers, _, __: gateway_signature.is_evolution(secret, headers),
        evolution.read,
    ),
}


@router.post("/{channel}")
async def take(channel: str, request: Request) -> Response:
    """200 once everything in it is stored; 401 where it is not proved to be theirs."""
    app = vernis_of(request)
    sender = _SENDERS.get(channel)
    if sender is None:
        raise Problem(404, "no_such_route", "There is no such channel here.")
    secret = _secret(app.settings, sender.setting)
    if not secret:
        name = f"VERNIS_{sender.setting.upper()}"
        raise Problem(403, "not_configured", f"This channel is not set up: {name} is missing.")
    body, now = await request.body(), app.clock()
    if not sender.is_theirs(secret, request.headers, body, now):
        raise Problem(401, "not_signed", "The signature does not fit the body: check the secret.")
    for delivery in _deliveries(sender, body, now):
        await deliveries.take_in(app.db, delivery, now=now, hash_phone=app.hash_phone)
    return Response(status_code=200)


@router.get("/cloud")
async def subscribe(request: Request) -> Response:
    """Meta asks once, when the webhook is set up."""
    token = _secret(vernis_of(request).settings, "cloud_verify_token")
    answer = cloud_signature.challenge(request.query_params, token)
    if answer is None:
        raise Problem(403, "wrong_token", "The verify token is not VERNIS_CLOUD_VERIFY_TOKEN.")
    return PlainTextResponse(answer)


def _deliveries(sender: _Sender, body: bytes, now: datetime) -> tuple[Delivery, ...]:
    try:
        value: Any = json.loads(body)
        found = sender.read(value, now=now)
    except (ValueError, RecursionError, DataError):
        raise Problem(400, "unreadable", "The body is not what this channel sends.") from None
    return tuple(one for one in found if one.channel in sender.channels)


def _secret(settings: Settings, name: str) -> str:
    value: SecretStr | None = getattr(settings, name)
    return value.get_secret_value() if value else ""
