"""Meta's Graph API at the wire, as far as the WhatsApp Cloud API goes, after its OpenAPI file
v23.0; what its words do not say of texts and templates is after Meta's reference of errors."""

import hashlib
import hmac
import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from wire import (
    LOST,
    RETRY_AFTER,
    UNREADABLE,
    Asked,
    Delivered,
    FakeServer,
    How,
    Letter,
    Reply,
    unix,
)

TOKEN = "EAAfake-token-of-the-tests"
APP_SECRET = "an-app-secret-of-the-fake"
VERIFY_TOKEN = "a-word-of-the-tests"
NUMBER, BUSINESS = "106500000000001", "102200000000002"
DISPLAYED = "79990009999"

CODES = {
    How.NOT_ON_WHATSAPP: 131026,
    How.RATE_LIMITED: 130429,
    How.LOGGED_OUT: 133010,
    How.UNAUTHORISED: 190,
    How.RESTRICTED: 131031,
    How.NOT_CONNECTED: 131057,
    How.INVALID: 100,
    How.FAULT: 131000,
}
# Statuses other than 400, by Meta's reference of errors.
STATUS_OF = {0: 401, 190: 401, 104: 401, 10: 403, 200: 403, 368: 403, 131005: 403, 131031: 403}
STATUS_OF |= {3: 500, 131000: 500, 131016: 500, 131045: 500, 131057: 500, 2: 503, 133004: 503}
STATUS_OF |= {132001: 404}

# Field -> example; the first four come unasked.
FIELDS = {
    "id": NUMBER,
    "display_phone_number": "+7 999 000-99-99",
    "verified_name": "Салон",
    "quality_rating": "GREEN",
    "status": "CONNECTED",
    "messaging_limit_tier": "TIER_250",
    "name_status": "APPROVED",
    "code_verification_status": "VERIFIED",
    "account_mode": "LIVE",
}
BODY_RU = "Здравствуйте! {{1}} Чтобы не получать такие сообщения, ответьте «стоп»."
_PARAMETER_KEYS = {"type", "text", "parameter_name"}


@dataclass(frozen=True, kw_only=True)
class Template:
    name: str = "come_back"
    language: str = "ru"
    status: str = "APPROVED"
    category: str = "MARKETING"
    text: str = BODY_RU

    @property
    def variables(self) -> list[str]:
        return re.findall(r"\{\{(\w+)\}\}", self.text)


@dataclass(kw_only=True)
class FakeCloud(FakeServer):
    """One number of one WhatsApp Business account."""

    now: datetime = datetime(2024, 4, 1, 9, tzinfo=UTC)
    token: str = TOKEN
    app_secret: str = APP_SECRET
    number: dict[str, Any] = field(default_factory=lambda: dict(FIELDS))
    templates: list[Template] = field(default_factory=lambda: [Template()])
    heard: dict[str, datetime] = field(default_factory=dict)  # when a phone last wrote
    codes: dict[str, int] = field(default_factory=dict)  # what is answered to messages to a phone
    after: str | None = None  # Retry-After of refusals
    hanging: set[str] = field(default_factory=set)  # answers to these phones never come whole
    failing: tuple[str, Reply] | None = None  # GETs whose path ends so, and their answer
    keys: dict[str, str] = field(default_factory=dict)  # our key of each message sent

    sends = f"/v23.0/{NUMBER}/messages"

    @property
    def base_url(self) -> str:
        return f"{self.url}/v23.0"

    def reply(self, asked: Asked) -> Reply:
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            return refusal(190, "Error validating access token", subcode=463)
        if self.failing is not None and asked.path.endswith(self.failing[0]):
            return self.failing[1]
        match asked.method, asked.path.removeprefix("/v23.0").split("/")[1:]:
            case "POST", [number, "messages"] if number == NUMBER:
                return self._send(asked)
            case "GET", [number] if number == NUMBER:
                return self._number(asked.query.get("fields"))
            case "GET", [business, "message_templates"] if business == BUSINESS:
                return self._templates(asked.query)
        return refusal(100, "Unsupported request. Object does not exist", subcode=33)

    # --- messages -----------------------------------------------------------------------------

    def _send(self, asked: Asked) -> Reply:
        sent = asked.body if asked.headers.get("content-type") == "application/json" else None
        if (fault := self._fault(sent)) is not None:
            code, what = fault
            self.wrong.append(what)
            return refusal(code, what)
        phone, words = sent["to"], self._shown(sent)
        if isinstance(words, int):
            return refusal(words, "This message cannot be sent")
        how = self.behaviours.get(phone)
        if (code := self.codes.get(phone, CODES.get(how))) is not None:
            after = self.after or (str(RETRY_AFTER) if how is How.RATE_LIMITED else None)
            return refusal(code, "As the test wants it", after=after)
        message_id = f"wamid.{uuid4().hex.upper()}"
        self.reached.append(Delivered(message_id=message_id, text=words, phone=phone))
        self.keys[message_id] = sent["biz_opaque_callback_data"]
        if how is How.LOST:
            return LOST
        if how is How.UNREADABLE:
            return UNREADABLE
        said = {
            "messaging_product": "whatsapp",
            "contacts": [{"input": phone, "wa_id": phone}],
            "messages": [{"id": message_id, "message_status": "accepted"}],
        }
        headers = {"content-length": "9999"} if phone in self.hanging else {}
        return Reply(body=said, headers=headers)

    def _fault(self, sent: Any) -> tuple[int, str] | None:
        """What Meta would refuse whatever the number, and a code for it."""
        if not isinstance(sent, dict):
            return 100, "no JSON"
        kind = sent.get("type")
        wanted = {"messaging_product", "recipient_type", "to", "type", kind}
        if set(sent) != wanted | {"biz_opaque_callback_data"} or kind not in {"text", "template"}:
            return 100, f"fields {sorted(sent)}"
        if (sent["messaging_product"], sent["recipient_type"]) != ("whatsapp", "individual"):
            return 100, "messaging_product or recipient_type"
        if not re.fullmatch(r"[1-9][0-9]{6,14}", sent["to"]):
            return 131009, "to"
        key = sent["biz_opaque_callback_data"]
        if not isinstance(key, str) or not 0 < len(key) <= 512:
            return 131009, "biz_opaque_callback_data"
        return self._bad_text(sent["text"]) if kind == "text" else _bad_template(sent["template"])

    def _bad_text(self, text: dict[str, Any]) -> tuple[int, str] | None:
        is_sound = set(text) <= {"body", "preview_url"} and 0 < len(text.get("body", "")) <= 4096
        return None if is_sound else (131009, "text")

    def _shown(self, sent: dict[str, Any]) -> str | int:
        """What the client would read, or the code of why not."""
        if sent["type"] == "text":
            heard = self.heard.get(sent["to"])
            is_open = heard is not None and self.now - heard < timedelta(hours=24)
            return sent["text"]["body"] if is_open else 131047
        named = sent["template"]
        called = (named["name"], named["language"]["code"])
        template = next((t for t in self.templates if (t.name, t.language) == called), None)
        if template is None or template.status in {"PENDING", "REJECTED"}:
            return 132001
        if template.status in {"PAUSED", "DISABLED"}:
            return {"PAUSED": 132015, "DISABLED": 132016}[template.status]
        (parameter,) = named["components"][0]["parameters"]
        if template.variables != [parameter.get("parameter_name", "1")]:
            return 132000
        shown = template.text.replace(f"{{{{{template.variables[0]}}}}}", parameter["text"])
        return shown if len(shown) <= 1024 else 132005

    # --- what it tells of itself ----------------------------------------------------------------

    def _number(self, fields: str | None) -> Reply:
        names = fields.split(",") if fields else list(FIELDS)[:4]
        if unknown := set(names) - set(FIELDS):
            self.wrong.append(f"fields {sorted(unknown)}")
            return refusal(100, f"Tried accessing nonexisting field ({unknown.pop()})")
        return Reply(body={n: self.number[n] for n in ("id", *names) if n in self.number})

    def _templates(self, query: dict[str, str]) -> Reply:
        if set(query) != {"name"}:
            self.wrong.append(f"message_templates?{sorted(query)}")
        found = [
            {
                "id": str(920_000_000 + place),
                "name": one.name,
                "language": one.language,
                "status": one.status,
                "category": one.category,
                "components": [{"type": "BODY", "text": one.text}],
            }
            for place, one in enumerate(self.templates)
            if query["name"] in one.name
        ]
        return Reply(body={"data": found, "paging": {"cursors": {"before": "MA", "after": "MQ"}}})

    # --- webhooks -------------------------------------------------------------------------------

    def letter(self, body: dict[str, Any]) -> Letter:
        """As Meta writes JSON: letters and slashes escaped, signed as it stands."""
        content = json.dumps(body).replace("/", "\\/").encode()
        digest = hmac.new(self.app_secret.encode(), content, hashlib.sha256).hexdigest()
        headers = {"content-type": "application/json", "x-hub-signature-256": f"sha256={digest}"}
        return Letter(content=content, headers=headers)

    def wrote(self, phone: str, text: str, *, message_id: str = "wamid.IN1") -> Letter:
        self.heard[phone] = self.now
        message = {"from": phone, "id": message_id, "timestamp": str(unix(self.now))}
        message |= {"type": "text", "text": {"body": text}}
        contact = {"profile": {"name": "Ира"}, "wa_id": phone}
        return self.letter(of_number("messages", contacts=[contact], messages=[message]))

    def told(self, message_id: str, event: str, *, code: int | None = None) -> Letter:
        """`event`: accepted, delivered, read or failed, this one with Meta's code."""
        status: dict[str, Any] = {
            "id": message_id,
            "status": "sent" if event == "accepted" else event,
            "timestamp": str(unix(self.now)),
            "recipient_id": next(
                (one.phone for one in self.reached if one.message_id == message_id), "79990000000"
            ),
        }
        if (key := self.keys.get(message_id)) is not None:
            status["biz_opaque_callback_data"] = key
        if event == "failed":
            error = {"code": code or 131026, "title": "Undeliverable", "message": "Undeliverable"}
            status["errors"] = [error | {"error_data": {"details": "As the test wants it."}}]
        return self.letter(of_number("messages", statuses=[status]))

    def became(self, state: str) -> Letter:
        """`connected`, `restricted`, `logged_out` or `unauthorised`, of the whole account."""
        value: dict[str, Any] = {
            "connected": {"event": "ACCOUNT_RECONNECTED"},
            "restricted": {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "DISABLE"}},
            "logged_out": {"event": "ACCOUNT_OFFBOARDED"},
            "unauthorised": {"event": "PARTNER_APP_UNINSTALLED"},
        }[state]
        return self.letter(of_account("account_update", value, at=self.now))


def _bad_template(template: dict[str, Any]) -> tuple[int, str] | None:
    match template:
        case {
            "name": str(name),
            "language": {"policy": "deterministic", "code": str()},
            "components": [
                {"type": "body", "parameters": [{"type": "text", "text": str(text)} as p]}
            ],
        } if re.fullmatch(r"[a-z0-9_]{1,512}", name) and set(p) <= _PARAMETER_KEYS:
            if not text or re.search(r"[\n\r\t]| {5}", text):
                return 132018, "the variable's text"
            return None
    return 132012, "template"


def refusal(
    code: int, message: str, *, subcode: int | None = None, after: str | None = None
) -> Reply:
    """An error as the Graph API writes it."""
    error: dict[str, Any] = {
        "message": f"(#{code}) {message}",
        "type": "OAuthException",
        "code": code,
        "error_data": {"messaging_product": "whatsapp", "details": message},
        "fbtrace_id": "AfakeTraceId",
    }
    if subcode is not None:
        error["error_subcode"] = subcode
    headers = {"retry-after": after} if after else {}
    return Reply(status=STATUS_OF.get(code, 400), body={"error": error}, headers=headers)


def of_number(name: str, *, number: str = NUMBER, **value: Any) -> dict[str, Any]:
    """A webhook about one number."""
    metadata = {"display_phone_number": DISPLAYED, "phone_number_id": number}
    told = {"messaging_product": "whatsapp", "metadata": metadata, **value}
    entry = {"id": BUSINESS, "changes": [{"value": told, "field": name}]}
    return {"object": "whatsapp_business_account", "entry": [entry]}


def of_account(name: str, value: dict[str, Any], *, at: datetime) -> dict[str, Any]:
    """A webhook about the whole WhatsApp Business account."""
    entry = {"id": BUSINESS, "time": unix(at), "changes": [{"value": value, "field": name}]}
    return {"object": "whatsapp_business_account", "entry": [entry]}
