"""The bridge at the wire, strict about signatures and fields; or AI Admin's own service, which
knows neither our ids nor anything new."""

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
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

SECRET = "a-secret-of-the-fake-bridge"  # 16 characters at least
NOON = datetime(2024, 4, 1, 9, tzinfo=UTC)

FAULTS = {
    How.NOT_ON_WHATSAPP: (422, "not_on_whatsapp"),
    How.RATE_LIMITED: (429, "rate_limited"),
    How.LOGGED_OUT: (409, "logged_out"),
    How.UNAUTHORISED: (401, "unauthorized"),
    How.RESTRICTED: (403, "restricted"),
    How.NOT_CONNECTED: (503, "not_connected"),
    How.INVALID: (400, "invalid"),
    How.FAULT: (500, "fault"),
}


@dataclass(kw_only=True)
class FakeBridge(FakeServer):
    """Our bridge, with one login whose state can be set."""

    now: datetime = NOON
    secret: str = SECRET
    login: str = "salon"
    state: str = "connected"
    limits: dict[str, Any] = field(default_factory=dict)
    lids: dict[str, str] = field(default_factory=dict)  # of phones
    _sent: dict[str, str] = field(default_factory=dict)

    sends = "/send"
    knows_ids = True

    def reply(self, asked: Asked) -> Reply:
        if not self._is_signed(asked):
            return _fault(401, "unauthorized")
        account = (asked.body or {}).get("account") or asked.query.get("account") or "default"
        match asked.method, asked.path.split("/")[1]:
            case "GET", "accounts":
                account = asked.path.removeprefix("/accounts/")
        if account != self.login:
            return _fault(404, "unknown_account")
        match asked.method, asked.path.split("/")[1]:
            case "POST", "send":
                return self._send(asked.body)
            case "GET", "health":
                connected = self.state == "connected"
                said = {"connected": connected, "state": self.state, "ids": True}
                return Reply(body=said | {"version": "0.1.0"})
            case "POST", "numbers":
                return self._numbers(asked.body)
            case "GET", "accounts":
                said = {"account": account, "state": self.state}
                return Reply(body=said | ({"limits": self.limits} if self.limits else {}))
        return _fault(404, "invalid")

    def _is_signed(self, asked: Asked) -> bool:
        """As the protocol describes it, written apart from what it is to check."""
        timestamp = asked.headers.get("x-timestamp", "")
        text = f"{timestamp}.{asked.method} {asked.target}.".encode() + asked.content
        wanted = "sha256=" + hmac.new(self.secret.encode(), text, hashlib.sha256).hexdigest()
        if asked.headers.get("x-signature") != wanted:
            return False
        return abs(int(timestamp) - unix(self.now)) <= 300

    def _send(self, sent: dict[str, Any]) -> Reply:
        unknown = set(sent) - {"account", "phone", "lid", "message", "id"}
        is_sound = (
            not unknown
            and ("phone" in sent) != ("lid" in sent)
            and isinstance(sent.get("message"), str)
            and sent["message"]
            and len(str(sent.get("id", ""))) <= 100
        )
        if not is_sound:
            self.wrong.append(f"/send with {sorted(sent)}")
            return _fault(400, "invalid")
        how = self.behaviours.get(sent.get("phone") or sent["lid"])
        if how in FAULTS:
            status, code = FAULTS[how]
            after = {"retryAfter": RETRY_AFTER} if how is How.RATE_LIMITED else {}
            return _fault(status, code, **after)
        message_id, repeated = self._deliver(sent)
        if how is How.LOST:
            return LOST
        if how is How.UNREADABLE:
            return UNREADABLE
        return Reply(body={"success": True, "messageId": message_id, "repeated": repeated})

    def _deliver(self, sent: dict[str, Any]) -> tuple[str, bool]:
        message_id = "3EB0" + uuid4().hex[:36].upper()
        if (key := sent.get("id")) is not None:
            seed = f"{sent.get('account', 'default')}\n{key}"
            message_id = "3EB0" + hashlib.sha256(seed.encode()).hexdigest().upper()[:36]
            if key in self._sent:
                return message_id, True
            self._sent[key] = message_id
        self.reached.append(
            Delivered(
                message_id=message_id,
                text=sent["message"],
                phone=sent.get("phone"),
                lid=sent.get("lid"),
            )
        )
        return message_id, False

    def _numbers(self, sent: dict[str, Any]) -> Reply:
        phones = sent.get("phones")
        if not isinstance(phones, list) or not 1 <= len(phones) <= 50:
            self.wrong.append(f"/numbers with {phones!r:.60}")
            return _fault(400, "invalid")
        known = [
            {"phone": phone, "exists": self.behaviours.get(phone) is not How.NOT_ON_WHATSAPP}
            | ({"lid": self.lids[phone]} if phone in self.lids else {})
            for phone in phones
        ]
        return Reply(body={"numbers": known})

    # --- webhooks -----------------------------------------------------------------------------

    def letter(self, body: dict[str, Any], *, timestamp: str | None = None) -> Letter:
        content = json.dumps(body, ensure_ascii=False).encode()
        timestamp = timestamp or str(unix(self.now))
        signed = f"{timestamp}.".encode() + content
        digest = hmac.new(self.secret.encode(), signed, hashlib.sha256).hexdigest()
        headers = {"content-type": "application/json", "x-timestamp": timestamp}
        return Letter(content=content, headers=headers | {"x-signature": f"sha256={digest}"})

    def wrote(self, phone: str, text: str, *, message_id: str = "3AIN1") -> Letter:
        item = {"messageId": message_id, "from": phone, "phone": phone, "message": text}
        item |= {"timestamp": unix(self.now), "kind": "text", "pushName": "Ира"}
        return self.letter({"account": self.login, "messages": [item]})

    def told(self, message_id: str, event: str) -> Letter:
        status = {"messageId": message_id, "status": event, "timestamp": unix(self.now)}
        return self.letter({"account": self.login, "statuses": [status]})

    def became(self, state: str) -> Letter:
        said = {"state": state, "timestamp": unix(self.now)}
        return self.letter({"account": self.login, "state": said})


@dataclass(kw_only=True)
class FakeAiAdmin(FakeBridge):
    """AI Admin v2's service: `POST /send` `{phone, message}`, `GET /health`, and no more."""

    login: str = "default"
    knows_ids = False

    def reply(self, asked: Asked) -> Reply:
        match asked.method, asked.target:
            case "POST", "/send":
                return self._send(asked.body)
            case "GET", "/health":
                return Reply(body={"connected": self.state == "connected"})
        self.wrong.append(f"{asked.method} {asked.path}")
        return Reply(status=404, text="Cannot find that")

    def _send(self, sent: dict[str, Any]) -> Reply:
        if set(sent) != {"phone", "message"}:
            self.wrong.append(f"/send with {sorted(sent)}")
            return Reply(status=400, body={"success": False, "error": "phone and message"})
        how = self.behaviours.get(sent["phone"])
        if how is How.FAULT:
            return Reply(status=500, body={"success": False, "error": "Connection Closed"})
        message_id, _ = self._deliver(sent)
        if how is How.LOST:
            return LOST
        if how is How.UNREADABLE:
            return UNREADABLE
        return Reply(body={"success": True, "messageId": message_id})

    def letter(self, body: dict[str, Any], *, timestamp: str | None = None) -> Letter:
        """It signs in milliseconds, and sends the hex alone."""
        letter = super().letter(body, timestamp=timestamp or f"{unix(self.now)}000")
        bare = letter.headers["x-signature"].removeprefix("sha256=")
        return Letter(content=letter.content, headers=letter.headers | {"x-signature": bare})

    def wrote(self, phone: str, text: str, *, message_id: str = "3AIN1") -> Letter:
        item = {"from": phone, "message": text, "timestamp": unix(self.now)}
        return self.letter(item | {"messageId": message_id})


def _fault(status: int, code: str, **more: Any) -> Reply:
    temporary = code in {"not_connected", "rate_limited"}
    said = {"success": False, "error": code, "message": "What to do.", "temporary": temporary}
    return Reply(status=status, body=said | more)
