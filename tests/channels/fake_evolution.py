"""Evolution at the wire, after its OpenAPI file v2."""

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

API_KEY = "a-key-of-the-fake-evolution"
SECRET = "a-secret-of-the-fake-evolution"
OURS = "79990009999@s.whatsapp.net"

STATES = {"connected": "open", "connecting": "connecting", "disconnected": "close"}
STATUSES = {
    "failed": "ERROR",
    "accepted": "SERVER_ACK",
    "delivered": "DELIVERY_ACK",
    "read": "READ",
}


@dataclass(kw_only=True)
class FakeEvolution(FakeServer):
    """One instance, whose state can be set."""

    now: datetime = datetime(2024, 4, 1, 9, tzinfo=UTC)
    login: str = "salon"
    state: str = "connected"
    key: str = API_KEY

    sends = "/message/sendText"

    def reply(self, asked: Asked) -> Reply:
        if asked.headers.get("apikey") != self.key:
            return _fault(401, "Unauthorized", "Unauthorized")
        path, _, instance = asked.path.rpartition("/")
        if instance != self.login:
            message = [f'The "{instance}" instance does not exist']
            return _fault(404, "Not Found", message)
        match asked.method, path:
            case "POST", "/message/sendText":
                return self._send(asked.body)
            case "POST", "/chat/whatsappNumbers":
                return self._numbers(asked.body)
            case "GET", "/instance/connectionState":
                said = {"instanceName": instance, "state": STATES[self.state]}
                return Reply(body={"instance": said})
        self.wrong.append(f"{asked.method} {asked.path}")
        return _fault(404, "Not Found", [f"Cannot {asked.method} {asked.path}"])

    def _send(self, sent: dict[str, Any]) -> Reply:
        number, text = sent.get("number"), sent.get("text")
        user, _, server = str(number).partition("@")
        if set(sent) - {"number", "text", "linkPreview"} or not text or server not in {"", "lid"}:
            self.wrong.append(f"sendText with {sorted(sent)}")
            return _invalid()
        how = self.behaviours.get(user)
        if (refusal := self._refusal(how, user)) is not None:
            return refusal
        own = f"3EB0{uuid4().hex[:18].upper()}"
        phone, lid = (None, user) if server else (user, None)
        self.reached.append(Delivered(message_id=own, text=text, phone=phone, lid=lid))
        if how is How.LOST:
            return LOST
        if how is How.UNREADABLE:
            return UNREADABLE
        chat = number if server else f"{number}@s.whatsapp.net"
        body = {
            "key": {"remoteJid": chat, "fromMe": True, "id": own},
            "message": {"extendedTextMessage": {"text": text}},
            "messageTimestamp": str(unix(self.now)),
            "status": "PENDING",
        }
        return Reply(status=201, body=body)

    def _refusal(self, how: How | None, phone: str) -> Reply | None:
        match how:
            case How.NOT_ON_WHATSAPP:
                return _fault(400, "Bad Request", [self._number(phone)])
            case How.RATE_LIMITED:
                reply = _fault(429, "Too Many Requests", "Too Many Requests")
                after = {"retry-after": str(RETRY_AFTER)}
                return Reply(status=429, body=reply.body, headers=after)
            case How.UNAUTHORISED:
                return _fault(401, "Unauthorized", "Unauthorized")
            case How.NOT_CONNECTED:
                return _fault(400, "Bad Request", ["Error: Connection Closed"])
            case How.INVALID:
                return _invalid()
            case How.FAULT:  # its database failed: the message may have left
                return _fault(400, "Bad Request", ["PrismaClientKnownRequestError: timed out"])
        return None

    def _number(self, phone: str) -> dict[str, Any]:
        exists = self.behaviours.get(phone) is not How.NOT_ON_WHATSAPP
        return {"exists": exists, "jid": f"{phone}@s.whatsapp.net", "number": phone}

    def _numbers(self, sent: dict[str, Any]) -> Reply:
        numbers = sent.get("numbers")
        if set(sent) != {"numbers"} or not all(str(number).isdigit() for number in numbers):
            self.wrong.append(f"whatsappNumbers with {sorted(sent)}")
            return _invalid()
        return Reply(body=[self._number(number) for number in numbers])

    # --- webhooks -----------------------------------------------------------------------------

    def letter(self, event: str, data: Any) -> Letter:
        body = {
            "event": event,
            "instance": self.login,
            "data": data,
            "destination": "http://127.0.0.1/webhooks/evolution",
            "date_time": "2024-04-01T12:00:00.000Z",
            "sender": OURS,
            "server_url": "http://127.0.0.1:8080",
            "apikey": "0000",
        }
        headers = {"content-type": "application/json", "x-webhook-secret": SECRET}
        return Letter(content=json.dumps(body, ensure_ascii=False).encode(), headers=headers)

    def wrote(self, phone: str, text: str, *, message_id: str = "3AIN1") -> Letter:
        data = {
            "key": {"remoteJid": f"{phone}@s.whatsapp.net", "fromMe": False, "id": message_id},
            "pushName": "Ира",
            "status": "DELIVERY_ACK",
            "message": {"conversation": text},
            "messageType": "conversation",
            "messageTimestamp": unix(self.now),
            "instanceId": "7a1c1f0e",
            "source": "android",
        }
        return self.letter("messages.upsert", data)

    def told(self, message_id: str, event: str) -> Letter:
        data = {
            "messageId": "cm0000000000000000000000",
            "keyId": message_id,
            "remoteJid": "79990000001@s.whatsapp.net",
            "fromMe": True,
            "participant": OURS,
            "status": STATUSES[event],
            "instanceId": "7a1c1f0e",
        }
        return self.letter("messages.update", data)

    def became(self, state: str) -> Letter:
        if state == "logged_out":
            data = {"instance": self.login, "state": "close", "statusReason": 401}
        else:
            data = {"instance": self.login, "state": STATES[state], "statusReason": 200}
        return self.letter("connection.update", data)


def _fault(status: int, error: str, message: Any) -> Reply:
    body = {"status": status, "error": error, "response": {"message": message}}
    return Reply(status=status, body=body)


def _invalid() -> Reply:
    return _fault(400, "Bad Request", [['instance requires property "text"']])
