"""WAHA at the wire, after its OpenAPI file of 2024.9."""

import hashlib
import hmac
import json
from dataclasses import dataclass
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

API_KEY = "a-key-of-the-fake-waha"
SECRET = "a-secret-of-the-fake-waha"
OURS = "79990009999@c.us"
ENVIRONMENT = {"version": "2024.9.2", "engine": "NOWEB", "tier": "PLUS", "browser": ""}

ENGINE_SAYS = {
    How.NOT_ON_WHATSAPP: "2 UNKNOWN: no LID found for {phone}@s.whatsapp.net from server",
    How.RESTRICTED: "2 UNKNOWN: server returned error 463",
    How.FAULT: "Evaluation failed",
}
ACKS = {
    "failed": (-1, "ERROR"),
    "accepted": (1, "SERVER"),
    "delivered": (2, "DEVICE"),
    "read": (3, "READ"),
}
STATUSES = {
    "connected": "WORKING",
    "connecting": "STARTING",
    "disconnected": "FAILED",
    "logged_out": "SCAN_QR_CODE",
}


@dataclass(kw_only=True)
class FakeWaha(FakeServer):
    """One session, whose status can be set."""

    now: datetime = datetime(2024, 4, 1, 9, tzinfo=UTC)
    login: str = "salon"
    state: str = "connected"
    key: str = API_KEY

    sends = "/api/sendText"

    def reply(self, asked: Asked) -> Reply:
        if asked.headers.get("x-api-key") != self.key:
            return Reply(status=401, body={"message": "Unauthorized", "statusCode": 401})
        match asked.method, asked.path.rsplit("/", 1):
            case "POST", ["/api", "sendText"]:
                return self._send(asked.body)
            case "GET", ["/api/contacts", "check-exists"]:
                return self._exists(asked.query)
            case "GET", ["/api/sessions", session]:
                if session != self.login:
                    return _no_session()
                return Reply(body={"name": session, "status": STATUSES[self.state], "config": {}})
        self.wrong.append(f"{asked.method} {asked.path}")
        return Reply(status=404, body={"message": "Cannot find that", "statusCode": 404})

    def _send(self, sent: dict[str, Any]) -> Reply:
        chat, text = sent.get("chatId"), sent.get("text")
        user, _, server = str(chat).partition("@")
        if set(sent) != {"session", "chatId", "text"} or server not in {"c.us", "lid"} or not text:
            self.wrong.append(f"sendText with {sorted(sent)}")
            return _invalid()
        if sent["session"] != self.login:
            return _no_session()
        how = self.behaviours.get(user)
        if (refusal := self._refusal(how, user)) is not None:
            return refusal
        own = uuid4().hex[:20].upper()
        self.reached.append(
            Delivered(
                message_id=own,
                text=text,
                phone=user if server == "c.us" else None,
                lid=user if server == "lid" else None,
            )
        )
        if how is How.LOST:
            return LOST
        if how is How.UNREADABLE:
            return UNREADABLE
        sent_message = message(chat=chat, own=own, text=text, at=self.now, from_me=True)
        return Reply(status=201, body=sent_message)

    def _refusal(self, how: How | None, phone: str) -> Reply | None:
        match how:
            case How.RATE_LIMITED:
                body = {"message": "Too Many Requests", "statusCode": 429}
                return Reply(status=429, body=body, headers={"retry-after": str(RETRY_AFTER)})
            case How.UNAUTHORISED:
                return Reply(status=401, body={"message": "Unauthorized", "statusCode": 401})
            case How.LOGGED_OUT | How.NOT_CONNECTED:
                status = "SCAN_QR_CODE" if how is How.LOGGED_OUT else "STARTING"
                error = "Session status is not as expected. Try again later or restart the session"
                body = {"error": error, "session": self.login, "status": status}
                return Reply(status=422, body=body | {"expected": ["WORKING"]})
            case How.INVALID:
                return _invalid()
            case How.NOT_ON_WHATSAPP | How.RESTRICTED | How.FAULT:
                said = {"message": ENGINE_SAYS[how].format(phone=phone), "name": "Error"}
                return Reply(status=500, body={"statusCode": 500, "exception": said})
        return None

    def _exists(self, query: dict[str, str]) -> Reply:
        if set(query) != {"phone", "session"} or not query["phone"].isdigit():
            self.wrong.append(f"check-exists with {sorted(query)}")
            return _invalid()
        if query["session"] != self.login:
            return _no_session()
        phone = query["phone"]
        if self.behaviours.get(phone) is How.NOT_ON_WHATSAPP:
            return Reply(body={"numberExists": False})
        return Reply(body={"numberExists": True, "chatId": f"{phone}@c.us"})

    # --- webhooks -----------------------------------------------------------------------------

    def letter(self, event: str, payload: dict[str, Any]) -> Letter:
        body = {
            "session": self.login,
            "engine": "NOWEB",
            "event": event,
            "payload": payload,
            "me": {"id": OURS, "pushName": "Salon"},
            "environment": {
                "version": "2024.9.2",
                "engine": "NOWEB",
                "tier": "PLUS",
                "browser": "",
            },
        }
        content = json.dumps(body, ensure_ascii=False).encode()
        digest = hmac.new(SECRET.encode(), content, hashlib.sha512).hexdigest()
        headers = {
            "content-type": "application/json",
            "x-webhook-request-id": uuid4().hex,
            "x-webhook-timestamp": f"{unix(self.now)}000",
            "x-webhook-hmac": digest,
            "x-webhook-hmac-algorithm": "sha512",
        }
        return Letter(content=content, headers=headers)

    def wrote(self, phone: str, text: str, *, message_id: str = "3AIN1") -> Letter:
        payload = message(
            chat=f"{phone}@c.us", own=message_id, text=text, at=self.now, from_me=False
        )
        return self.letter("message.any", payload)

    def told(self, message_id: str, event: str) -> Letter:
        ack, name = ACKS[event]
        chat = "79990000001@c.us"
        payload = {
            "id": f"true_{chat}_{message_id}",
            "from": OURS,
            "to": chat,
            "participant": "",
            "fromMe": True,
            "ack": ack,
            "ackName": name,
        }
        return self.letter("message.ack", payload)

    def became(self, state: str) -> Letter:
        return self.letter("session.status", {"name": self.login, "status": STATUSES[state]})


def message(*, chat: str, own: str, text: str, at: datetime, from_me: bool) -> dict[str, Any]:
    """A WAMessage."""
    return {
        "id": f"{str(from_me).lower()}_{chat}_{own}",
        "timestamp": unix(at),
        "from": OURS if from_me else chat,
        "fromMe": from_me,
        "to": chat if from_me else OURS,
        "participant": "",
        "body": text,
        "hasMedia": False,
        "mediaUrl": "",
        "ack": 1,
        "ackName": "SERVER",
    }


def _no_session() -> Reply:
    body = {"message": "Session not found", "error": "Not Found", "statusCode": 404}
    return Reply(status=404, body=body)


def _invalid() -> Reply:
    body = {"message": ["chatId must be a string"], "error": "Bad Request", "statusCode": 400}
    return Reply(status=400, body=body)
