"""A bridge in a thread on which a phone is linked at the third look."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

SECRET = "a-secret-of-the-fake-bridge"
LOOKS = 3


@dataclass
class LoginBridge:
    """`asked` holds method, path and body of each request; `state` how the login stands."""

    url: str = ""
    state: str = "logged_out"
    asked: list[tuple[str, str, Any]] = field(default_factory=list)
    looks: int = 0

    def answer(self, method: str, path: str, body: Any) -> tuple[int, dict[str, Any]]:
        self.asked.append((method, path, body))
        if path.endswith("/login-link"):
            return 200, {"url": f"{self.url}/login/desk?key=k", "expiresAt": "2030-01-01T00:00:00Z"}
        if path.startswith("/health"):
            connected = self.state == "connected"
            return 200, {"connected": connected, "state": self.state, "ids": True}
        if method == "POST" and path == "/accounts":
            if body["account"] != "desk":
                return 400, {"success": False, "error": "invalid", "message": "No such name."}
            self.state = "pairing" if "phone" in body else "qr"
            return 200, self._described()
        if method == "DELETE" and path == "/accounts/desk":
            self.state = "logged_out"
            return 200, self._described()
        if path == "/accounts/desk":
            if self.state in {"qr", "pairing"}:
                self.looks += 1
                self.state = "connected" if self.looks >= LOOKS else self.state
            return 200, self._described()
        return 404, {"success": False, "error": "unknown_account", "message": "Not known here."}

    def _described(self) -> dict[str, Any]:
        codes = {"qr": {"qr": "2@not-a-real-code"}, "pairing": {"pairingCode": "ABCD1234"}}
        return {"account": "desk", "state": self.state} | codes.get(self.state, {})


@contextmanager
def login_bridge() -> Iterator[LoginBridge]:
    fake = LoginBridge()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            size = int(self.headers.get("content-length", 0))
            body = json.loads(self.rfile.read(size)) if size else None
            status, said = fake.answer(self.command, self.path, body)
            if not self.headers.get("x-signature", "").startswith("sha256="):
                status, said = 401, {"success": False, "error": "unauthorized"}
            content = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_DELETE = do_GET  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
